package action

import (
	"context"
	"fmt"
	"strconv"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Unmerge takes a merge back: the survivor gets the values it had, the others come back, and what was moved points where
// it did. What came to the survivor since stays with it. Where something the merge wrote was changed since, nothing
// happens and the error (Conflict) names each such field or record. The scope is one for merge.
func (r *Runner) Unmerge(ctx context.Context, scope record.Scope, id record.ID) (Merged, error) {
	t, err := r.typ(scope.Type)
	if err != nil {
		return Merged{}, err
	}
	if scope.Action != record.Merge {
		return Merged{}, fmt.Errorf("scope for %s.%s used to take a merge back: %w", scope.Type, scope.Action, store.ErrScope)
	}
	out, err := db.InTx(ctx, r.DB, func(tx *db.Tx) (Merged, error) { return r.unmerge(ctx, tx, scope, t, id) })
	if err != nil {
		return Merged{}, r.Aftermath(ctx, err)
	}
	if r.Wake != nil {
		r.Wake()
	}
	return out, nil
}

func (r *Runner) unmerge(ctx context.Context, tx *db.Tx, scope record.Scope, t *record.Type, id record.ID) (Merged, error) {
	out := Merged{ID: id, Type: t}
	m, err := r.Store.MergeOf(ctx, tx, id)
	if err != nil {
		return out, err
	}
	if m.Type != t.Name {
		return out, errs.New(errs.NotFound, "merge.none")
	}
	if !m.UndoneAt.IsZero() {
		return out, errs.New(errs.Conflict, "merge.undone")
	}
	if out.Before, out.Others, err = r.unmergeable(ctx, tx, scope, t, m); err != nil {
		return out, err
	}
	if out.Survivor, err = r.asBefore(t, out.Before, m); err != nil {
		return out, err
	}
	if err := r.Store.EndMerge(ctx, tx, m, scope.Actor.Label()); err != nil {
		return out, err
	}
	batch := r.Store.IDs.Next()
	if err := r.Store.MoveBack(ctx, tx, t, scope, m, batch); err != nil {
		return out, err
	}
	if err := r.Store.BesideBack(ctx, tx, m); err != nil {
		return out, err
	}
	if err := r.putBack(ctx, tx, scope, t, out.Before, out.Survivor, batch); err != nil {
		return out, err
	}
	for _, e := range out.Others {
		after := t.Clone(e)
		after.HeadOf().ArchivedAt = record.Head{}.ArchivedAt
		if err := r.putBack(ctx, tx, scope, t, e, after, batch); err != nil {
			return out, err
		}
	}
	return out, nil
}

// unmergeable reads the records of a merge and tells what changed since.
func (r *Runner) unmergeable(ctx context.Context, tx *db.Tx, scope record.Scope, t *record.Type, m *store.Merge) (record.Entity, []record.Entity, error) {
	survivor, err := r.Store.Get(ctx, tx, t, scope, m.Survivor)
	if err != nil {
		return nil, nil, err
	}
	h := survivor.HeadOf()
	if h.Archived() {
		return nil, nil, errs.New(errs.Conflict, "merge.undo_later").With("number", h.Number)
	}
	var others []record.Entity
	for _, id := range m.Others {
		e, err := r.Store.Get(ctx, tx, t, scope, id)
		if err != nil {
			return nil, nil, err
		}
		if e.HeadOf().LockVersion != m.Plan.Versions[id.String()] {
			return nil, nil, errs.New(errs.Conflict, "merge.changed_other").With("number", e.HeadOf().Number)
		}
		others = append(others, e)
	}
	return survivor, others, nil
}

// asBefore is the survivor with what it had before the merge. Counters lose what they gained by it; other derived fields
// that moved on since stay.
func (r *Runner) asBefore(t *record.Type, now record.Entity, m *store.Merge) (record.Entity, error) {
	after := t.Clone(now)
	var faults []*errs.Error
	for _, p := range m.Plan.Fields {
		f := t.Field(p.Name)
		if f == nil {
			continue // a custom field that was taken away
		}
		was, err := r.Store.Noted(t, f, m.Survivor, p.Before)
		if err != nil {
			return nil, err
		}
		is, err := r.Store.Noted(t, f, m.Survivor, p.After)
		if err != nil {
			return nil, err
		}
		present := f.Kind.Text(f.Get(now))
		if present != is {
			if !p.Derived {
				faults = append(faults, &errs.Error{Kind: errs.Conflict, Key: "merge.changed_field", Field: f.Name, Args: map[string]any{"field": f.Name}})
				continue
			}
			var counted bool
			if was, counted = without(f, present, was, is); !counted {
				continue
			}
		}
		v, fault := f.Kind.Parse(was, &f.Options)
		if fault != nil {
			return nil, fmt.Errorf("take merge back: %w", fault)
		}
		f.Set(after, v)
	}
	return after, changed(faults)
}

// changed is one refusal with all fields at fault.
func changed(faults []*errs.Error) error {
	switch len(faults) {
	case 0:
		return nil
	case 1:
		return faults[0]
	}
	return &errs.Error{Kind: errs.Conflict, Key: "merge.changed_fields", Fields: faults, Args: map[string]any{"n": len(faults)}}
}

// without takes from a counter what it gained between was and is.
func without(f *record.Field, present, was, is string) (string, bool) {
	if f.Kind.Name() != "number" && f.Kind.Name() != "money" {
		return "", false
	}
	nums := [3]int64{}
	for i, text := range []string{present, was, is} {
		v, fault := f.Kind.Parse(text, &f.Options)
		if fault != nil {
			return "", false
		}
		nums[i], _ = v.(int64)
	}
	left := nums[0] - (nums[2] - nums[1])
	if f.Kind.Name() == "money" {
		return f.Kind.Text(left), true
	}
	return strconv.FormatInt(max(left, 0), 10), true
}

// putBack writes a record as it was. It was valid then; a rule that became stricter since does not keep it away.
func (r *Runner) putBack(ctx context.Context, tx *db.Tx, scope record.Scope, t *record.Type, before, after record.Entity, batch record.ID) error {
	c := &record.Call{
		Tx: tx, Scope: scope, Type: t, Action: &record.Action{Name: record.Unmerge}, Before: before, Record: after, Now: r.Store.Clock.Now(), Work: r,
	}
	if err := r.before(ctx, c); err != nil {
		return err
	}
	w := store.Write{Type: t, Scope: scope, Action: record.Unmerge, Before: before, After: after, Batch: batch, Checked: true}
	if err := r.Store.Put(ctx, tx, w); err != nil {
		return err
	}
	return r.after(ctx, c)
}
