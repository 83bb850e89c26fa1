package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// MaxMerge is how many records may be merged into one at once.
const MaxMerge = 20

// Merge asks for records of one type to become one.
type Merge struct {
	Type     string
	Survivor record.ID
	Others   []record.ID
	// Take says by field from which of the records the value comes; none (0) joins the values of all, which lists and
	// long texts can. A field that is not named keeps the survivor's value, or gets the first one where the survivor has
	// none. Fields that the actor may not see keep the survivor's.
	Take     map[string]record.ID
	Versions map[record.ID]int64 // that the person started from; a record not named may be of any
	Reason   string
	Dry      bool // judge everything, gates included, and write nothing
}

// Merged is what became, or in a dry run would become, of a merge.
type Merged struct {
	ID               record.ID // of the merge, by which it is taken back; none in a dry run
	Type             *record.Type
	Before, Survivor record.Entity
	Others           []record.Entity
	Moved            []store.Moved
}

// errDry rolls back what was only tried.
var errDry = errors.New("dry run")

// Choosable lists the fields of which a merge asks whose value shall stay: those that an update may set.
func Choosable(t *record.Type) []*record.Field {
	return slices.DeleteFunc(t.Editable(false), func(f *record.Field) bool {
		switch f.Kind.Name() {
		case "file", "files", "secret":
			return true
		}
		return false
	})
}

// Joins reports whether the values of a field can be joined.
func Joins(f *record.Field) bool {
	switch f.Kind.Name() {
	case "longtext", "multienum", "refs":
		return true
	}
	return false
}

// Merge runs a merge in one transaction: the others are archived and lead to the survivor, what pointed at them points at
// it, and both sides have history and audit. The scope is one for merge and must reach every record. Errors: NotFound for
// what it hides, Stale where a version is not the present one, Conflict for a record that is archived or merged already,
// Refused by a clause on "<type>.merge".
func (r *Runner) Merge(ctx context.Context, scope record.Scope, m Merge) (Merged, error) {
	t := r.Store.Types.Type(m.Type)
	if t == nil {
		return Merged{}, errs.New(errs.NotFound, "record.unknown_type").With("type", m.Type)
	}
	if err := m.check(t, scope); err != nil {
		return Merged{}, err
	}
	var out Merged
	err := db.Do(ctx, r.DB, func(tx *db.Tx) error {
		var err error
		if out, err = r.merge(ctx, tx, scope, t, m); err == nil && m.Dry {
			err = errDry
		}
		return err
	})
	switch {
	case errors.Is(err, errDry):
		out.ID = 0
		return out, nil
	case err != nil && m.Dry:
		return Merged{}, err // what was only tried leaves no evidence
	case err != nil:
		return Merged{}, r.Aftermath(ctx, err)
	}
	if r.Wake != nil {
		r.Wake()
	}
	return out, nil
}

func (m Merge) check(t *record.Type, scope record.Scope) error {
	if !t.Merges {
		return errs.New(errs.NotFound, "record.unknown_action").With("action", record.Merge)
	}
	if scope.Action != record.Merge || scope.Type != t.Name {
		return fmt.Errorf("scope for %s.%s used for merge: %w", scope.Type, scope.Action, store.ErrScope)
	}
	if len(m.Others) == 0 || len(m.Others) > MaxMerge {
		return errs.New(errs.Invalid, "merge.count").With("max", MaxMerge)
	}
	seen := []record.ID{m.Survivor}
	for _, id := range m.Others {
		if slices.Contains(seen, id) {
			return errs.New(errs.Invalid, "merge.twice")
		}
		seen = append(seen, id)
	}
	if len([]rune(m.Reason)) > 200 {
		return errs.Of("reason", "field.too_long").With("max", 200).With("n", len([]rune(m.Reason)))
	}
	return nil
}

func (r *Runner) merge(ctx context.Context, tx *db.Tx, scope record.Scope, t *record.Type, m Merge) (Merged, error) {
	out := Merged{Type: t}
	found, err := r.parties(ctx, tx, scope, t, m)
	if err != nil {
		return out, err
	}
	out.Before = found[m.Survivor]
	for _, id := range m.Others {
		out.Others = append(out.Others, found[id])
	}
	if out.Survivor, err = taken(t, scope, out.Before, out.Others, m.Take); err != nil {
		return out, err
	}
	c := r.mergeCall(tx, scope, t, m, "survivor", out.Before, out.Survivor)
	row := &store.Merge{ID: r.Store.IDs.Next(), Type: t.Name, Survivor: m.Survivor, Others: m.Others, At: c.Now, Actor: scope.Actor.Label(), Reason: m.Reason}
	row.Plan.Versions = map[string]int64{}
	row.Plan.Recusals = map[string]*store.RowLeft{}
	if err := r.Store.WriteMerge(ctx, tx, row); err != nil {
		return out, err
	}
	calls, err := r.putAway(ctx, tx, scope, t, m, row, out.Others)
	if err != nil {
		return out, err
	}
	if out.Moved, err = r.Store.Move(ctx, tx, t, scope, row); err != nil {
		return out, err
	}
	if err := r.survive(ctx, c, row); err != nil {
		return out, err
	}
	for _, c := range append(calls, c) {
		if err := r.after(ctx, c); err != nil {
			return out, err
		}
	}
	out.ID = row.ID
	return out, nil
}

// parties reads and locks the records, in the order of their ids so that two people do not wait for each other.
func (r *Runner) parties(ctx context.Context, tx *db.Tx, scope record.Scope, t *record.Type, m Merge) (map[record.ID]record.Entity, error) {
	all := append([]record.ID{m.Survivor}, m.Others...)
	slices.Sort(all)
	out := map[record.ID]record.Entity{}
	for _, id := range all {
		e, err := r.Store.Get(ctx, tx, t, scope, id)
		if err != nil {
			return nil, err
		}
		h := e.HeadOf()
		if h.Archived() {
			return nil, r.gone(ctx, tx, scope, t, h)
		}
		if v := m.Versions[id]; v != 0 && v != h.LockVersion {
			return nil, errs.New(errs.Stale, "merge.stale").With("number", h.Number).With("version", h.LockVersion)
		}
		out[id] = e
	}
	return out, nil
}

// gone says why a record cannot take part: somebody merged it already, or it is archived.
func (r *Runner) gone(ctx context.Context, tx *db.Tx, scope record.Scope, t *record.Type, h *record.Head) error {
	by, err := r.Store.MergedInto(ctx, tx, h.ID)
	if err != nil {
		return err
	}
	if by == nil {
		return errs.New(errs.Conflict, "merge.archived").With("number", h.Number)
	}
	into, err := r.Store.Get(ctx, tx, t, scope, by.Survivor)
	if errs.Is(err, errs.NotFound) {
		return errs.New(errs.Conflict, "merge.archived").With("number", h.Number)
	}
	if err != nil {
		return err
	}
	return errs.New(errs.Conflict, "merge.already_into").With("number", h.Number).With("into", into.HeadOf().Number)
}

func (r *Runner) mergeCall(tx *db.Tx, scope record.Scope, t *record.Type, m Merge, part string, before, after record.Entity) *record.Call {
	in := &record.Merging{Part: part, Others: int64(len(m.Others)), Reason: m.Reason}
	c := &record.Call{
		Tx: tx, Scope: scope, Type: t, Action: t.Action(record.Merge), Before: before, Record: after, Input: in, Now: r.Store.Clock.Now(), Work: r, Values: map[string]any{},
	}
	for _, f := range c.Action.Input {
		c.Values[f.Name] = f.Get(in)
	}
	return c
}

// putAway archives the others.
func (r *Runner) putAway(ctx context.Context, tx *db.Tx, scope record.Scope, t *record.Type, m Merge, row *store.Merge, others []record.Entity) ([]*record.Call, error) {
	var calls []*record.Call
	for _, e := range others {
		after := t.Clone(e)
		c := r.mergeCall(tx, scope, t, m, "merged", e, after)
		after.HeadOf().ArchivedAt = c.Now
		if err := r.before(ctx, c); err != nil {
			return nil, err
		}
		w := store.Write{Type: t, Scope: scope, Action: record.Merge, Before: e, After: after, Values: payload(c), Batch: row.ID, Checked: true}
		if err := r.Store.Put(ctx, tx, w); err != nil {
			return nil, err
		}
		row.Plan.Versions[e.HeadOf().ID.String()] = after.HeadOf().LockVersion
		calls = append(calls, c)
	}
	return calls, nil
}

// survive writes the survivor once everything points at it.
func (r *Runner) survive(ctx context.Context, c *record.Call, row *store.Merge) error {
	if c.Type.Prepare != nil {
		if err := c.Type.Prepare(ctx, c); err != nil {
			return err
		}
	}
	if err := r.before(ctx, c); err != nil {
		return err
	}
	plan, err := r.Store.NewPlan(c.Type, c.Before, c.Record)
	if err != nil {
		return err
	}
	row.Plan.Fields = plan.Fields
	if err := r.Store.KeepPlan(ctx, c.Tx, row); err != nil {
		return err
	}
	err = r.Store.Put(ctx, c.Tx, store.Write{
		Type: c.Type, Scope: c.Scope, Action: record.Merge, Before: c.Before, After: c.Record, Values: payload(c), Batch: row.ID,
	})
	if err != nil {
		return err
	}
	if c.Type.Settled != nil {
		return c.Type.Settled(ctx, c)
	}
	return nil
}

// taken is the survivor as the choice of fields makes it.
func taken(t *record.Type, scope record.Scope, survivor record.Entity, others []record.Entity, take map[string]record.ID) (record.Entity, error) {
	after := t.Clone(survivor)
	all := append([]record.Entity{survivor}, others...)
	fields := Choosable(t)
	var faults []*errs.Error
	for name := range take {
		if !slices.ContainsFunc(fields, func(f *record.Field) bool { return f.Name == name }) {
			faults = append(faults, unknown(t, name))
		}
	}
	for _, f := range fields {
		from, named := take[f.Name]
		hidden := slices.ContainsFunc(all, func(e record.Entity) bool { return !scope.SeesClear(t, e, f.Class) })
		switch {
		case hidden && named && from != survivor.HeadOf().ID:
			faults = append(faults, errs.Of(f.Name, "field.masked").With("field", f.Name))
		case hidden:
		case named && from == 0:
			if fault := join(f, after, all); fault != nil {
				faults = append(faults, fault)
			}
		case named:
			i := slices.IndexFunc(all, func(e record.Entity) bool { return e.HeadOf().ID == from })
			if i < 0 {
				faults = append(faults, errs.Of(f.Name, "merge.no_part").With("field", f.Name))
				continue
			}
			f.Set(after, f.Get(all[i]))
		default:
			fill(f, after, others)
		}
	}
	if err := errs.Collect(sorted(faults)); err != nil {
		return nil, err
	}
	unself(t, after, all)
	if t.Merged != nil {
		for _, o := range others {
			t.Merged(after, o)
		}
	}
	return after, nil
}

// fill gives the survivor the first value where it has none.
func fill(f *record.Field, after record.Entity, others []record.Entity) {
	for _, o := range others {
		if !f.IsZero(f.Get(after)) {
			return
		}
		f.Set(after, f.Get(o))
	}
}

// join puts the values of all records together, each once.
func join(f *record.Field, after record.Entity, all []record.Entity) *errs.Error {
	if !Joins(f) {
		return errs.Of(f.Name, "merge.no_join").With("field", f.Name)
	}
	var texts []string
	sep := "\n\n"
	if f.Kind.Name() != "longtext" {
		sep = ","
	}
	for _, e := range all {
		text := f.Kind.Text(f.Get(e))
		if text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	v, fault := f.Parse(strings.Join(texts, sep))
	if fault == nil {
		f.Set(after, v)
	}
	return fault
}

// unself clears references of the survivor to what is merged into it.
func unself(t *record.Type, after record.Entity, all []record.Entity) {
	for _, f := range t.Fields {
		if f.Ref != t.Name || f.Compute != nil {
			continue
		}
		part := func(id record.ID) bool {
			return slices.ContainsFunc(all, func(e record.Entity) bool { return e.HeadOf().ID == id })
		}
		switch v := f.Get(after).(type) {
		case record.ID:
			if v != 0 && part(v) {
				f.Set(after, record.ID(0))
			}
		case []record.ID:
			f.Set(after, slices.DeleteFunc(slices.Clone(v), part))
		}
	}
}
