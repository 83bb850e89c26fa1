package action

import (
	"context"
	"errors"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Placing is one record that the caller has read and wants written as part of his own transaction.
type Placing struct {
	Type   *record.Type
	Action string         // create, update or import
	Before record.Entity  // nil for a new record
	After  record.Entity  // as read; new ones may carry number, times and author of their own
	Values map[string]any // canonical, by field, of what was given
	Batch  record.ID
	Dry    bool // judge, and write nothing
}

// Place runs rules, gates and the write of one record within tx. The scope is one for the action; that the record lies
// within it is the caller's care for changes, as is that each value was read by its field. An error leaves traces in the
// transaction where the record was already written: the caller then rolls back. [Untouched] tells the two apart.
func (r *Runner) Place(ctx context.Context, tx *db.Tx, scope record.Scope, p Placing) error {
	a := p.Type.Action(p.Action)
	if a == nil {
		return errs.New(errs.NotFound, "record.unknown_action").With("action", p.Action)
	}
	if scope.Action != p.Action || scope.Type != p.Type.Name {
		return fmt.Errorf("scope for %s.%s used for %s: %w", scope.Type, scope.Action, p.Action, store.ErrScope)
	}
	c := &record.Call{
		Tx: tx, Scope: scope, Type: p.Type, Action: a, Before: p.Before, Record: p.After, Values: p.Values, Now: r.Store.Clock.Now(), Work: r,
	}
	if err := r.decide(ctx, c); err != nil {
		return &unplaced{err}
	}
	if err := r.Store.CheckRefs(ctx, tx, unread(p), p.After); err != nil {
		return &unplaced{err}
	}
	if p.Dry {
		return nil
	}
	err := r.Store.Put(ctx, tx, store.Write{
		Type: c.Type, Scope: scope, Action: p.Action, Before: p.Before, After: p.After, Values: payload(c), Batch: p.Batch, Checked: true,
	})
	if err != nil {
		return err
	}
	if c.Type.Settled != nil {
		if err := c.Type.Settled(ctx, c); err != nil {
			return err
		}
	}
	return r.after(ctx, c)
}

// unread lists the fields that are still to be checked: all but texts that stand as their field has read them.
func unread(p Placing) []*record.Field {
	out := make([]*record.Field, 0, len(p.Type.Fields))
	for _, f := range p.Type.Fields {
		if v, ok := p.Values[f.Name].(string); ok && v != "" && f.Get(p.After) == any(v) {
			continue
		}
		out = append(out, f)
	}
	return out
}

// unplaced is an error before anything was written.
type unplaced struct{ error }

// Unwrap gives the error itself.
func (u *unplaced) Unwrap() error { return u.error }

// Untouched reports whether the error of [Runner.Place] came before anything of the record was written.
func Untouched(err error) bool {
	var u *unplaced
	return errors.As(err, &u)
}
