package jobs

import (
	"context"
	"database/sql"
	"fmt"

	"dianke/internal/platform/db"
)

// Waiting is a job of a queue that is carried to another database.
type Waiting struct {
	args           string
	most, priority int
}

// Waits reads what the queue of a SQLite database still has to do, but for what starts by itself at intervals. A database
// on which no runner ever was has none.
func Waits(ctx context.Context, tx *db.Tx) ([]Waiting, error) {
	var there int
	if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'river_job'").Scan(&there); err != nil || there == 0 {
		return nil, err
	}
	var out []Waiting
	err := tx.Each(ctx, `SELECT json(args), max_attempts, priority FROM river_job WHERE kind = ?
		AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND COALESCE(args ->> '$.key', '') <> 'every' ORDER BY id`,
		[]any{args{}.Kind()}, func(r *sql.Rows) error {
			var w Waiting
			err := r.Scan(&w.args, &w.most, &w.priority)
			out = append(out, w)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("waiting jobs: %w", err)
	}
	return out, nil
}

// Carry replaces the queue of a migrated PostgreSQL database, on which no runner has started yet, by these jobs. What
// waited for a time runs at once, since handlers bear a run too many.
func Carry(ctx context.Context, tx *db.Tx, list []Waiting) error {
	if _, err := tx.Exec(ctx, "DELETE FROM river_job"); err != nil {
		return fmt.Errorf("carry jobs: %w", err)
	}
	for _, w := range list {
		_, err := tx.Exec(ctx, "INSERT INTO river_job (args, kind, max_attempts, priority) VALUES (?, ?, ?, ?)", w.args, args{}.Kind(), w.most, w.priority)
		if err != nil {
			return fmt.Errorf("carry jobs: %w", err)
		}
	}
	return nil
}
