package backup

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"dianke/internal/platform/db"
)

// The kinds of a run.
const (
	KindBackup = "backup"
	KindProof  = "proof"
)

// Run is one backup or proof that was tried.
type Run struct {
	ID       int64
	Kind     string
	Name     string // of the backup; for a file that lies elsewhere, its base name
	Reason   string // schedule, page or command
	Begun    time.Time
	Ended    time.Time // zero while it runs, or where the process was stopped
	OK       bool
	Detail   Detail
	Overtime bool // begun long ago and not ended: the process was stopped
}

// Detail is what came of a run.
type Detail struct {
	Place     string  `json:"place,omitempty"`
	Size      int64   `json:"size,omitempty"`
	Rows      int64   `json:"rows,omitempty"`
	Files     int64   `json:"files,omitempty"`
	Audit     int64   `json:"audit,omitempty"`
	Head      string  `json:"head,omitempty"`
	Encrypted bool    `json:"encrypted,omitempty"`
	Dropped   int     `json:"dropped,omitempty"` // older backups removed by the rule
	Fault     string  `json:"fault,omitempty"`   // cause in English
	FaultKey  string  `json:"fault_key,omitempty"`
	Checks    []Check `json:"checks,omitempty"`
}

// tooLong is when a run that has not ended counts as stopped.
const tooLong = 12 * time.Hour

// RunsTables are the tables of the package.
func RunsTables() []db.Table {
	return []db.Table{{Name: "backup_runs", Columns: []db.Column{
		{Name: "id", Kind: db.Int, Key: true}, {Name: "kind"}, {Name: "name"}, {Name: "reason"}, {Name: "begun_at", Kind: db.Instant},
		{Name: "ended_at", Kind: db.Instant, Null: true}, {Name: "ok", Kind: db.Bool}, {Name: "detail", Kind: db.JSON},
	}, Indexes: []db.Index{{Columns: []string{"kind", "id"}}}}}
}

func begin(ctx context.Context, tx *db.Tx, r Run) error {
	_, err := tx.Exec(ctx, "INSERT INTO backup_runs (id, kind, name, reason, begun_at, ok, detail) VALUES (?, ?, ?, ?, ?, ?, '{}')",
		r.ID, r.Kind, r.Name, r.Reason, r.Begun, false)
	if err != nil {
		return fmt.Errorf("book of backups: %w", err)
	}
	return nil
}

func end(ctx context.Context, tx *db.Tx, r Run) error {
	detail, err := json.Marshal(r.Detail)
	if err != nil {
		return fmt.Errorf("book of backups: %w", err)
	}
	if _, err := tx.Exec(ctx, "UPDATE backup_runs SET name = ?, ended_at = ?, ok = ?, detail = ? WHERE id = ?", r.Name, r.Ended, r.OK, string(detail), r.ID); err != nil {
		return fmt.Errorf("book of backups: %w", err)
	}
	return nil
}

// runs returns the newest runs that meet a condition.
func runs(ctx context.Context, tx *db.Tx, now time.Time, limit int, where string, args ...any) ([]Run, error) {
	var out []Run
	query := fmt.Sprintf("SELECT id, kind, name, reason, begun_at, ended_at, ok, detail FROM backup_runs WHERE %s ORDER BY id DESC LIMIT %d", where, limit)
	err := tx.Each(ctx, query, args, func(rows *sql.Rows) error {
		var r Run
		var detail string
		if err := rows.Scan(&r.ID, &r.Kind, &r.Name, &r.Reason, db.Time(&r.Begun), db.Time(&r.Ended), &r.OK, &detail); err != nil {
			return err
		}
		r.Overtime = r.Ended.IsZero() && now.Sub(r.Begun) > tooLong
		out = append(out, r)
		return json.Unmarshal([]byte(detail), &out[len(out)-1].Detail)
	})
	if err != nil {
		return nil, fmt.Errorf("book of backups: %w", err)
	}
	return out, nil
}
