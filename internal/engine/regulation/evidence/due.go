package evidence

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/ids"
)

// Soonest is a record with the instant at which the first of its running clocks is due, or was due where it is late.
type Soonest struct {
	Record ids.ID
	DueAt  time.Time
}

// BySoonest returns the records of a type that have running or late clocks, the soonest due first, beginning after the
// place named; the zero place is the beginning. It asks for no permission: whoever shows the records must.
func BySoonest(ctx context.Context, tx *db.Tx, typ string, after Soonest, limit int) ([]Soonest, error) {
	query := `SELECT record_id, MIN(due_at) FROM control_clocks WHERE type = ? AND stopped_at IS NULL AND state IN ('running', 'late')
		GROUP BY record_id`
	args := []any{typ}
	if after.Record != 0 {
		query += " HAVING MIN(due_at) > ? OR MIN(due_at) = ? AND record_id > ?"
		args = append(args, after.DueAt, after.DueAt, after.Record)
	}
	var out []Soonest
	err := tx.Each(ctx, query+fmt.Sprintf(" ORDER BY MIN(due_at), record_id LIMIT %d", limit), args, func(r *sql.Rows) error {
		var s Soonest
		err := r.Scan(&s.Record, db.Time(&s.DueAt))
		out = append(out, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("records by clock: %w", err)
	}
	return out, nil
}

// OpenOf returns the clocks of several records that no event has stopped yet, by record, the soonest due first.
func OpenOf(ctx context.Context, tx *db.Tx, list []ids.ID) (map[ids.ID][]*Clock, error) {
	out := map[ids.ID][]*Clock{}
	if len(list) == 0 {
		return out, nil
	}
	args := make([]any, len(list))
	for i, id := range list {
		args[i] = id
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(list)), ", ")
	found, err := clocks(ctx, tx, "record_id IN ("+marks+") AND stopped_at IS NULL ORDER BY due_at, id LIMIT 2000", args...)
	for _, c := range found {
		out[c.Record] = append(out[c.Record], c)
	}
	return out, err
}
