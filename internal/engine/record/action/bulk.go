package action

import (
	"context"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// MaxBulk is how many records one bulk run takes.
const MaxBulk = 500

// Outcome is what became of one record of a bulk run.
type Outcome struct {
	ID  record.ID
	Err error // nil where done
}

// Bulk runs one action on many records, each in a transaction of its own, and returns the number of the run, by which
// [Runner.Undo] takes it back. A record that fails does not stop the others.
func (r *Runner) Bulk(ctx context.Context, scope record.Scope, cmd Command, list []record.ID) (record.ID, []Outcome, error) {
	if len(list) == 0 || len(list) > MaxBulk {
		return 0, nil, errs.New(errs.Invalid, "bulk.bad_count").With("max", MaxBulk).With("n", len(list))
	}
	cmd.Batch = r.Store.IDs.Next()
	out := make([]Outcome, len(list))
	for i, id := range list {
		cmd.ID = id
		_, err := r.Do(ctx, scope, cmd)
		out[i] = Outcome{ID: id, Err: err}
	}
	if r.Wake != nil {
		r.Wake()
	}
	return cmd.Batch, out, nil
}

// UndoAction is the name under which history and events show what was taken back.
const UndoAction = "undo"

// Undo takes a bulk run back: each record that nobody changed since gets its old values. It returns how many it took
// back and how many it had to leave. The scope is one for update of the type, of the person who ran it.
func (r *Runner) Undo(ctx context.Context, scope record.Scope, batch record.ID) (done, left int, err error) {
	t, err := r.typ(scope.Type)
	if err != nil {
		return 0, 0, err
	}
	entries, err := db.View(ctx, r.DB, func(tx *db.Tx) ([]store.HistoryEntry, error) {
		return r.Store.BatchHistory(ctx, tx, batch)
	})
	if err != nil {
		return 0, 0, err
	}
	for _, h := range entries {
		if h.Type != t.Name || h.Actor != scope.Actor.Label() {
			return done, left, errs.New(errs.NotFound, "bulk.not_yours")
		}
	}
	for _, h := range entries {
		switch err := r.revert(ctx, t, scope, h); {
		case err == nil:
			done++
		case errs.Is(err, errs.Stale), errs.Is(err, errs.NotFound):
			left++
		default:
			return done, left, err
		}
	}
	return done, left, nil
}

func (r *Runner) revert(ctx context.Context, t *record.Type, scope record.Scope, h store.HistoryEntry) error {
	return db.Do(ctx, r.DB, func(tx *db.Tx) error {
		e, err := r.Store.Get(ctx, tx, t, scope, h.Record)
		if err != nil {
			return err
		}
		if e.HeadOf().LockVersion != h.Version {
			return errs.New(errs.Stale, "record.stale")
		}
		after := t.Clone(e)
		for _, c := range h.Changes {
			f := t.Field(c.Field)
			if f == nil || f.Class == record.Sensitive {
				return errs.New(errs.Stale, "record.stale")
			}
			v, perr := f.Parse(c.From)
			if perr != nil {
				return fmt.Errorf("undo: %w", perr)
			}
			f.Set(after, v)
		}
		return r.Store.Put(ctx, tx, store.Write{Type: t, Scope: scope, Action: UndoAction, Before: e, After: after})
	})
}
