// Package recusal keeps persons away from records in which they are concerned (回避).
//
// A person complained of, or declared in conflict, neither finds nor opens the record nor what belongs to it (the store
// applies that to every query), and cannot be put in charge of it ([Gate]). A recusal ends only by a decision that the
// audit log holds. The package knows no record type.
package recusal

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Declare recuses a person from the record of the running action. Declaring it again changes nothing but lifts an end.
// The caller's action is what the audit log names.
func Declare(ctx context.Context, c *record.Call, id record.ID, typ string, user record.ID, reason string) error {
	_, err := c.Tx.Exec(ctx, `INSERT INTO recusals (id, record_id, type, user_id, reason, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (record_id, user_id) DO UPDATE SET ended_at = NULL, reason = excluded.reason`,
		rowID(id, user), id, typ, user, reason, c.Now)
	if err != nil {
		return fmt.Errorf("declare recusal: %w", err)
	}
	return nil
}

// rowID is unique for a record and a person, which is all the table needs.
func rowID(id, user record.ID) record.ID { return (id*31 + user) & (1<<62 - 1) }

// End lifts a recusal.
func End(ctx context.Context, c *record.Call, id, user record.ID) error {
	n, err := c.Tx.Exec(ctx, "UPDATE recusals SET ended_at = ? WHERE record_id = ? AND user_id = ? AND ended_at IS NULL", c.Now, id, user)
	if err != nil {
		return fmt.Errorf("end recusal: %w", err)
	}
	if n == 0 {
		return errs.New(errs.NotFound, "recusal.none")
	}
	return nil
}

// Entry is one recusal in force.
type Entry struct {
	User   record.ID
	Reason string
	At     time.Time
}

// List returns who is recused from the record.
func List(ctx context.Context, tx *db.Tx, id record.ID) ([]Entry, error) {
	var out []Entry
	err := tx.Each(ctx, "SELECT user_id, reason, at FROM recusals WHERE record_id = ? AND ended_at IS NULL ORDER BY at", []any{id},
		func(r *sql.Rows) error {
			var e Entry
			if err := r.Scan(&e.User, &e.Reason, db.Time(&e.At)); err != nil {
				return err
			}
			out = append(out, e)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("list recusals: %w", err)
	}
	return out, nil
}

// Has reports whether the person is recused from the record.
func Has(ctx context.Context, tx *db.Tx, id, user record.ID) (bool, error) {
	var one int
	err := tx.QueryRow(ctx, "SELECT 1 FROM recusals WHERE record_id = ? AND user_id = ? AND ended_at IS NULL", id, user).Scan(&one)
	if db.IsNoRows(err) {
		return false, nil
	}
	return err == nil, err
}

// Gate refuses to put a recused person in charge of a record, as owner or in a field that counts as owner.
type Gate struct{}

// Before implements [record.Gate].
func (Gate) Before(ctx context.Context, c *record.Call) error {
	id := c.Record.HeadOf().ID
	if id == 0 || c.Before == c.Record { // new, or nothing of the record changes
		return nil
	}
	list, err := List(ctx, c.Tx, id)
	if err != nil || len(list) == 0 {
		return err
	}
	for _, r := range list {
		if name := names(c.Type, c.Record, r.User); name != "" {
			return errs.Of(Asked(c, name, r.User), "recusal.in_charge").With("field", name)
		}
	}
	return nil
}

// Asked returns the input of the action that named the person, so that the form can say it there; the field of the record
// where the action has no such input.
func Asked(c *record.Call, field string, user record.ID) string {
	for _, f := range c.Action.Input {
		if id, ok := c.Values[f.Name].(record.ID); ok && id == user {
			return f.Name
		}
	}
	return field
}

// names returns the field that puts the person in charge.
func names(t *record.Type, e record.Entity, user record.ID) string {
	if e.HeadOf().OwnerID == user {
		return "owner_id"
	}
	for _, f := range t.Fields {
		if !f.Own {
			continue
		}
		switch v := f.Get(e).(type) {
		case record.ID:
			if v == user {
				return f.Name
			}
		case []record.ID:
			for _, id := range v {
				if id == user {
					return f.Name
				}
			}
		}
	}
	return ""
}

// After implements [record.Gate].
func (Gate) After(context.Context, *record.Call) error { return nil }
