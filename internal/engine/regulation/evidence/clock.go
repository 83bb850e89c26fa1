package evidence

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/ids"
)

// ClockState is where a clock stands.
type ClockState string

// The states. A late clock is still stopped by its event, but its outcome stays late.
const (
	Running    ClockState = "running"
	Paused     ClockState = "paused"
	ClockLate  ClockState = "late"
	ClockMet   ClockState = "met"
	ClockEnded ClockState = "ended" // stopped after it was late
	Void       ClockState = "cancelled"
)

// Clock is a deadline on a record. All instants are UTC.
type Clock struct {
	ID         ids.ID
	Regulation string
	Clause     string
	Version    ids.ID
	Binding    ids.ID
	Type       string
	Record     ids.ID
	Unit       ids.ID
	Owner      ids.ID // who answers for it
	Calendar   string
	Work       bool // counts working time
	State      ClockState
	StartedAt  time.Time
	DueAt      time.Time
	WarnAt     time.Time
	WarnedAt   time.Time
	PausedAt   time.Time
	Left       time.Duration // time left when paused, working time where Work
	WarnLeft   time.Duration // of it, until the warning
	StoppedAt  time.Time
}

// next is the instant at which something happens to the clock by itself; zero for never.
func (c *Clock) next() time.Time {
	switch {
	case c.State != Running:
		return time.Time{}
	case c.WarnedAt.IsZero() && c.WarnAt.Before(c.DueAt):
		return c.WarnAt
	}
	return c.DueAt
}

const clockColumns = `id, regulation, clause, version_id, binding_id, type, record_id, unit_id, owner_id, calendar, work, state,
	started_at, due_at, warn_at, warned_at, paused_at, left_seconds, warn_seconds, stopped_at`

func scanClock(r interface{ Scan(...any) error }) (*Clock, error) {
	var c Clock
	var left, warn int64
	err := r.Scan(&c.ID, &c.Regulation, &c.Clause, &c.Version, &c.Binding, &c.Type, &c.Record, &c.Unit, &c.Owner, &c.Calendar, &c.Work,
		&c.State, db.Time(&c.StartedAt), db.Time(&c.DueAt), db.Time(&c.WarnAt), db.Time(&c.WarnedAt), db.Time(&c.PausedAt), &left, &warn,
		db.Time(&c.StoppedAt))
	c.Left, c.WarnLeft = time.Duration(left)*time.Second, time.Duration(warn)*time.Second
	return &c, err
}

// Start writes a new clock.
func Start(ctx context.Context, tx *db.Tx, c *Clock) error {
	_, err := tx.Exec(ctx, "INSERT INTO control_clocks ("+clockColumns+", next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		c.ID, c.Regulation, c.Clause, c.Version, c.Binding, c.Type, c.Record, c.Unit, c.Owner, c.Calendar, c.Work, string(c.State),
		c.StartedAt, c.DueAt, c.WarnAt, c.WarnedAt, c.PausedAt, int64(c.Left/time.Second), int64(c.WarnLeft/time.Second), c.StoppedAt, c.next())
	if err != nil {
		return fmt.Errorf("start clock of %s: %w", c.Clause, err)
	}
	return nil
}

// Update writes what may change of a clock.
func Update(ctx context.Context, tx *db.Tx, c *Clock) error {
	_, err := tx.Exec(ctx, `UPDATE control_clocks SET owner_id = ?, state = ?, due_at = ?, warn_at = ?, warned_at = ?, paused_at = ?,
		left_seconds = ?, warn_seconds = ?, stopped_at = ?, next_at = ? WHERE id = ?`,
		c.Owner, string(c.State), c.DueAt, c.WarnAt, c.WarnedAt, c.PausedAt, int64(c.Left/time.Second), int64(c.WarnLeft/time.Second),
		c.StoppedAt, c.next(), c.ID)
	if err != nil {
		return fmt.Errorf("update clock of %s: %w", c.Clause, err)
	}
	return nil
}

func clocks(ctx context.Context, tx *db.Tx, where string, args ...any) ([]*Clock, error) {
	var out []*Clock
	err := tx.Each(ctx, "SELECT "+clockColumns+" FROM control_clocks WHERE "+where, args, func(r *sql.Rows) error {
		c, err := scanClock(r)
		out = append(out, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read clocks: %w", err)
	}
	return out, nil
}

// OfRecord returns all clocks of a record, the soonest due first.
func OfRecord(ctx context.Context, tx *db.Tx, id ids.ID) ([]*Clock, error) {
	return clocks(ctx, tx, "record_id = ? ORDER BY due_at, id LIMIT 100", id)
}

// Open returns the clocks of a record that no event has stopped yet.
func Open(ctx context.Context, tx *db.Tx, id ids.ID) ([]*Clock, error) {
	return clocks(ctx, tx, "record_id = ? AND stopped_at IS NULL ORDER BY id LIMIT 100", id)
}

// Due returns clocks to which something happens by now, the oldest first.
func Due(ctx context.Context, tx *db.Tx, now time.Time, limit int) ([]*Clock, error) {
	return clocks(ctx, tx, fmt.Sprintf("next_at IS NOT NULL AND next_at <= ? ORDER BY next_at LIMIT %d", limit), now)
}

// OfOwner returns the open clocks a person answers for, the soonest due first.
func OfOwner(ctx context.Context, tx *db.Tx, owner ids.ID, limit int) ([]*Clock, error) {
	return clocks(ctx, tx, fmt.Sprintf("owner_id = ? AND stopped_at IS NULL ORDER BY due_at LIMIT %d", limit), owner)
}
