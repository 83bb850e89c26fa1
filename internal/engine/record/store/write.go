package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Write is one write of a record.
type Write struct {
	Type   *record.Type
	Scope  record.Scope
	Action string
	Before record.Entity // nil for a new record
	After  record.Entity
	Values map[string]any // input of the action, for the event; must hold no personal value
	Batch  record.ID      // bulk run it belongs to

	Checked bool // the caller has validated After in this transaction
}

// Put validates and writes a record with its history, audit entry, search tokens and event. A new record gets its id,
// number and head. For a changed record LockVersion of After must be that of the stored row, else the error is Stale.
func (s *Store) Put(ctx context.Context, tx *db.Tx, w Write) error {
	if err := check(w.Type, w.Scope); err != nil {
		return err
	}
	now := s.Clock.Now()
	h := w.After.HeadOf()
	h.UpdatedAt, h.UpdatedBy = now, w.Scope.Actor.UserID
	if w.Before == nil {
		if err := s.begin(ctx, tx, w, now); err != nil {
			return err
		}
	}
	if !w.Checked {
		if err := s.Validate(ctx, tx, w.Type, w.After); err != nil {
			return err
		}
	}
	if err := s.writeRow(ctx, tx, w); err != nil {
		return err
	}
	if err := s.index(ctx, tx, w.Type, w.After); err != nil {
		return err
	}
	return s.trail(ctx, tx, w, now)
}

// begin fills the head of a new record. Callers may have set id, times and number already (imports keep the originals).
func (s *Store) begin(ctx context.Context, tx *db.Tx, w Write, now time.Time) error {
	h := w.After.HeadOf()
	if h.ID == 0 {
		h.ID = s.IDs.Next()
	}
	if h.CreatedAt.IsZero() {
		h.CreatedAt, h.CreatedBy = now, w.Scope.Actor.UserID
	}
	if h.UnitID == 0 && !w.Type.NoUnit {
		h.UnitID = w.Scope.Actor.Unit()
	}
	h.LockVersion = 0
	if h.Number != "" {
		return nil
	}
	series := fmt.Sprintf("%s/%d", w.Type.Name, now.Year())
	n, err := batchOf(tx).number(ctx, series, func() (int64, error) { return s.NextNumber(ctx, tx, series) })
	h.Number = fmt.Sprintf("%s-%d-%06d", w.Type.Prefix, now.Year(), n)
	return err
}

// NextNumber returns the next number of a series, from 1, without gaps among committed transactions.
func (s *Store) NextNumber(ctx context.Context, tx *db.Tx, series string) (int64, error) {
	var n int64
	err := tx.QueryRow(ctx, `INSERT INTO number_series (name, next) VALUES (?, 2)
		ON CONFLICT (name) DO UPDATE SET next = number_series.next + 1 RETURNING next - 1`, series).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("number series %s: %w", series, err)
	}
	return n, nil
}

func (s *Store) writeRow(ctx context.Context, tx *db.Tx, w Write) error {
	h := w.After.HeadOf()
	from := h.LockVersion
	h.LockVersion++
	cols, vals, err := s.values(w.Type, w.After)
	if err != nil {
		return err
	}
	if b := batchOf(tx); b != nil {
		if w.Before == nil {
			b.queue(w.Type, h.ID, cols, vals)
			return b.full(ctx)
		}
		if err := b.changes(ctx, w.Type); err != nil {
			return err
		}
	}
	if w.Before == nil {
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(cols)), ", ")
		_, err = tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", w.Type.Plural, strings.Join(cols, ", "), marks), vals...)
		return s.explain(w.Type, err)
	}
	sets := make([]string, len(cols))
	for i, c := range cols {
		sets[i] = c + " = ?"
	}
	n, err := tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET %s WHERE id = ? AND lock_version = ?", w.Type.Plural, strings.Join(sets, ", ")),
		append(vals, h.ID, from)...)
	if err != nil {
		return s.explain(w.Type, err)
	}
	if n == 0 {
		h.LockVersion = from
		return errs.New(errs.Stale, "record.stale")
	}
	return nil
}

// explain turns the violation of a unique index into an error on the field.
func (s *Store) explain(t *record.Type, err error) error {
	if err == nil {
		return nil
	}
	if db.IsUnique(err) {
		for _, f := range t.Fields {
			if f.Unique && strings.Contains(err.Error(), f.Name) {
				return errs.Of(f.Name, "field.not_unique").Because(err)
			}
		}
		return errs.New(errs.Conflict, "record.not_unique").Because(err)
	}
	return fmt.Errorf("write %s: %w", t.Name, err)
}

const insertHistory = "INSERT INTO record_history (id, record_id, type, at, actor, action, version, changes, batch_id) VALUES"

// trail writes history, audit entry and event.
func (s *Store) trail(ctx context.Context, tx *db.Tx, w Write, now time.Time) error {
	h, actor := w.After.HeadOf(), w.Scope.Actor
	changes := w.Type.Diff(w.Before, w.After)
	text, err := json.Marshal(changes)
	if err != nil {
		return fmt.Errorf("history of %s: %w", w.Type.Name, err)
	}
	fields := make([]string, len(changes))
	for i, c := range changes {
		fields[i] = c.Field
	}
	verb := w.Type.Name + "." + w.Action
	row := []any{s.IDs.Next(), h.ID, w.Type.Name, now, actor.Label(), w.Action, h.LockVersion, string(text), w.Batch}
	entry := audit.Entry{
		Actor: actor.Label(), Via: actor.Via, Address: actor.Address, Verb: verb, Record: h.ID,
		Detail: map[string]any{"fields": fields, "version": h.LockVersion},
	}
	if b := batchOf(tx); b != nil {
		b.history, b.audits = append(b.history, row), append(b.audits, entry)
		return nil
	}
	_, err = tx.Exec(ctx, insertHistory+" (?, ?, ?, ?, ?, ?, ?, ?, ?)", row...)
	if err != nil {
		return fmt.Errorf("history of %s: %w", w.Type.Name, err)
	}
	if err := s.Audit.Append(ctx, tx, entry); err != nil {
		return err
	}
	return s.Emit(ctx, tx, Event{Name: verb, Type: w.Type.Name, Record: h.ID, Actor: actor.Label(), Payload: w.Values})
}

// Event is a row of the outbox.
type Event struct {
	ID      record.ID
	At      time.Time
	Name    string // "<type>.<action>"
	Type    string
	Record  record.ID
	Actor   string
	Payload map[string]any
}

// Emit writes an event in the transaction; jobs handle it after the commit, at least once.
func (s *Store) Emit(ctx context.Context, tx *db.Tx, e Event) error {
	var payload any
	if len(e.Payload) > 0 {
		b, err := json.Marshal(e.Payload)
		if err != nil {
			return fmt.Errorf("event %s: %w", e.Name, err)
		}
		payload = string(b)
	}
	_, err := tx.Exec(ctx, "INSERT INTO events (id, at, name, type, record_id, actor, payload) VALUES (?, ?, ?, ?, ?, ?, ?)",
		s.IDs.Next(), s.Clock.Now(), e.Name, e.Type, e.Record, e.Actor, payload)
	if err != nil {
		return fmt.Errorf("event %s: %w", e.Name, err)
	}
	return nil
}

// Log appends to the audit log what the scope's actor did.
func (s *Store) Log(ctx context.Context, tx *db.Tx, scope record.Scope, verb string, id record.ID, detail map[string]any) error {
	return s.Audit.Append(ctx, tx, audit.Entry{
		Actor: scope.Actor.Label(), Via: scope.Actor.Via, Address: scope.Actor.Address, Verb: verb, Record: id, Detail: detail,
	})
}
