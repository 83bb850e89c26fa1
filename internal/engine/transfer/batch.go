package transfer

import (
	"context"
	"errors"
	"slices"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// batch is one transaction of an import.
type batch struct {
	run      *run
	tx       *db.Tx
	broken   map[int]error // rows that failed before, by their place
	tally    Tally
	refusals []error
	scopes   map[string]record.Scope
}

// scope asks for the permission once a batch, so that one taken away ends the import.
func (b *batch) scope(ctx context.Context, typ, act string) (record.Scope, error) {
	key := typ + "." + act
	if s, ok := b.scopes[key]; ok {
		return s, nil
	}
	s, err := b.run.desk.authorize(ctx, b.tx, b.run.actor, typ, act)
	if err == nil {
		b.scopes[key] = s
	}
	return s, err
}

// all decides about the rows of the batch and writes what is to be written.
func (b *batch) all(ctx context.Context, rows []*entry) error {
	b.tally, b.refusals, b.scopes = Tally{}, nil, map[string]record.Scope{}
	d := b.run.desk
	if b.run.actor.UserID == 0 && b.run.actor.System == "" {
		a := record.Actor{System: "import"} // begun by the command, not by a person
		if b.run.imp.OwnerID != 0 {
			var err error
			if a, err = d.Guard.Actor(ctx, b.tx, b.run.imp.OwnerID); err != nil {
				return err
			}
		}
		a.Via = "import"
		b.run.actor = a
	}
	if _, err := b.scope(ctx, b.run.t.Name, record.Import); err != nil {
		return err
	}
	for i, e := range rows {
		e.kind, e.found, e.against = "", nil, 0
		if err := b.broken[i]; err != nil {
			e.fail(errs.As(err))
		}
	}
	writes := d.Store.Batch(b.tx)
	if err := b.resolve(ctx, rows); err != nil {
		return err
	}
	if err := b.match(ctx, rows); err != nil {
		return err
	}
	for i, e := range rows {
		if err := b.one(ctx, e); err != nil {
			return &fault{i, err}
		}
	}
	if b.run.dry {
		return nil
	}
	return writes.Flush(ctx)
}

// match finds the record of each row by its keys, and what is probably there already.
func (b *batch) match(ctx context.Context, rows []*entry) error {
	d, t := b.run.desk, b.run.t
	f := &finder{st: d.Store, tx: b.tx, t: t, scope: d.Guard.SystemScope("import.match", "web", t.Name, record.Read)}
	var open []*entry
	for _, e := range rows {
		if len(e.faults) == 0 {
			open = append(open, e)
		}
	}
	if len(b.run.plan.Keys) > 0 {
		found, err := f.by(ctx, b.run.plan.Keys, open)
		if err != nil {
			return err
		}
		rest := open[:0:0]
		for _, e := range open {
			list := found[keyText(t, e.values, b.run.plan.Keys)]
			switch {
			case len(list) == 1:
				e.found = list[0]
			case len(list) > 1:
				e.against = list[0].HeadOf().ID
				e.fail(errs.Of(b.run.plan.Keys[0], "transfer.key_ambiguous").With("n", len(list)).With("number", list[0].HeadOf().Number))
			default:
				rest = append(rest, e)
			}
		}
		open = rest
	}
	if b.run.plan.Duplicates == Anyway {
		return nil
	}
	for _, s := range b.run.same {
		found, err := f.by(ctx, s.Fields, open)
		if err != nil {
			return err
		}
		for _, e := range open {
			if list := found[keyText(t, e.values, s.Fields)]; len(list) > 0 && e.against == 0 && s.holds(t, e.values) && s.alike(t, list[0]) {
				b.duplicate(e, list[0], s)
			}
		}
	}
	return nil
}

// alike reports whether the identity speaks of such a record.
func (s Identity) alike(t *record.Type, e record.Entity) bool {
	for name, want := range s.When {
		f := t.Field(name)
		if plainText(f, f.Get(e)) != want {
			return false
		}
	}
	return true
}

// duplicate decides by rule about a row that looks like a record.
func (b *batch) duplicate(e *entry, there record.Entity, s Identity) {
	e.against = there.HeadOf().ID
	if b.run.plan.Duplicates == Update {
		e.found = there
		return
	}
	e.kind = "duplicate"
	e.fail(errs.Of(s.Fields[0], "transfer.duplicate").With("number", there.HeadOf().Number).With("field", s.Fields[0]))
}

// one brings one row in, or says why not.
func (b *batch) one(ctx context.Context, e *entry) error {
	if e.kind == "" && len(e.faults) == 0 {
		if p, ok := b.run.earlier(e); ok {
			if b.repeats(e, p) {
				return nil
			}
		}
	}
	switch {
	case e.kind == "duplicate":
		b.tally.Duplicate++
		return nil
	case len(e.faults) > 0:
		b.reject(e)
		return nil
	case e.found != nil:
		return b.update(ctx, e)
	}
	return b.create(ctx, e)
}

// repeats decides about a row whose key the file has had before. It reports whether the row is done with.
func (b *batch) repeats(e *entry, p place) bool {
	if p.sum == e.sum {
		b.tally.Same++
		return true
	}
	switch b.run.plan.Duplicates {
	case Anyway:
		e.found = nil
		return false
	case Update:
		if b.run.dry && e.found == nil {
			b.tally.Changed++
			return true
		}
		return false
	}
	e.kind = "duplicate"
	e.fail(errs.New(errs.Invalid, "transfer.repeats").With("line", p.line))
	b.tally.Duplicate++
	return true
}

func (b *batch) reject(e *entry) {
	e.kind = "wrong"
	b.tally.Rejected++
}

// refuse keeps why a row could not be taken, where that is the row's own fault; other errors end the batch.
func (b *batch) refuse(e *entry, err error) error {
	if !action.Untouched(err) {
		return err
	}
	var aftermath record.Aftermath
	if errors.As(err, &aftermath) {
		b.refusals = append(b.refusals, err)
	}
	problem := errs.As(err)
	if problem == nil || problem.Kind == errs.Internal || problem.Kind == errs.Unavailable {
		return err
	}
	if len(problem.Fields) > 0 {
		for _, f := range problem.Fields {
			e.fail(f)
		}
	} else {
		e.fail(problem)
	}
	b.reject(e)
	return nil
}

func (b *batch) create(ctx context.Context, e *entry) error {
	act := record.Create
	if b.run.plan.Keep {
		act = record.Import
	}
	scope, err := b.scope(ctx, b.run.t.Name, act)
	if err != nil {
		return err
	}
	rec := b.run.t.New()
	for name, v := range e.values {
		b.run.t.Field(name).Set(rec, v)
	}
	h := rec.HeadOf()
	if b.run.plan.Keep && !h.CreatedAt.IsZero() && h.CreatedBy == 0 {
		h.CreatedBy = b.run.actor.UserID
	}
	if b.run.plan.Keep && h.CreatedAt.IsZero() && h.CreatedBy != 0 {
		h.CreatedAt = b.run.desk.Clock.Now()
	}
	if h.CreatedAt.After(b.run.desk.Clock.Now()) {
		e.fail(errs.Of("created_at", "transfer.in_future"))
		b.reject(e)
		return nil
	}
	err = b.run.desk.Runner.Place(ctx, b.tx, scope, action.Placing{
		Type: b.run.t, Action: act, After: rec, Values: e.values, Batch: b.run.imp.ID, Dry: b.run.dry,
	})
	if err != nil {
		return b.refuse(e, err)
	}
	b.tally.Created++
	return nil
}

// update changes the record a row has found, as far as the row says something else.
func (b *batch) update(ctx context.Context, e *entry) error {
	t, before := b.run.t, e.found
	e.against = before.HeadOf().ID
	after := t.Clone(before)
	editable := t.Editable(false)
	for _, f := range b.run.fields {
		v, given := e.values[f.Name]
		if b.run.picks[f.Name] == nil || e.fixed[f.Name] && !b.run.plan.Clear || !given && !b.run.plan.Clear || !slices.Contains(editable, f) {
			continue
		}
		if e.fixed[f.Name] {
			v = nil
		}
		f.Set(after, v)
	}
	changes := t.Diff(before, after)
	if len(changes) == 0 || b.run.plan.OnMatch == Skip {
		b.tally.Same++
		return nil
	}
	scope, err := b.scope(ctx, t.Name, record.Update)
	if err != nil {
		return b.foreign(e, err)
	}
	if !scope.Visible.Reach(t, before) {
		return b.foreign(e, nil)
	}
	values := map[string]any{}
	for _, c := range changes {
		f := t.Field(c.Field)
		if !scope.SeesClear(t, before, f.Class) {
			e.fail(errs.Of(f.Name, "field.masked").With("field", f.Name))
			b.reject(e)
			return nil
		}
		values[c.Field] = f.Get(after)
	}
	err = b.run.desk.Runner.Place(ctx, b.tx, scope, action.Placing{
		Type: t, Action: record.Update, Before: before, After: after, Values: values, Batch: b.run.imp.ID, Dry: b.run.dry,
	})
	if err != nil {
		return b.refuse(e, err)
	}
	b.tally.Changed++
	return nil
}

// foreign rejects a row whose record the actor may not change.
func (b *batch) foreign(e *entry, err error) error {
	if err != nil && !errs.Is(err, errs.Forbidden) {
		return err
	}
	e.fail(errs.New(errs.Forbidden, "transfer.not_yours").With("number", e.found.HeadOf().Number))
	b.reject(e)
	return nil
}

// make writes a record that a row names and that is not there.
func (b *batch) make(ctx context.Context, e *entry, f *record.Field, t *record.Type, name string) (record.ID, error) {
	title := t.Field(t.Title)
	rec := t.New()
	v, bad := title.Parse(name)
	if bad == nil {
		title.Set(rec, v)
	}
	for n, text := range b.run.desk.Defaults[t.Name] {
		if v, e := t.Field(n).Parse(text); e == nil {
			t.Field(n).Set(rec, v)
		}
	}
	scope, err := b.scope(ctx, t.Name, record.Create)
	if errs.Is(err, errs.Forbidden) {
		e.fail(errs.Of(f.Name, "transfer.ref_unknown").With("value", clip(name)).With("field", f.Name))
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !b.run.dry {
		err = b.run.desk.Runner.Place(ctx, b.tx, scope, action.Placing{Type: t, Action: record.Create, After: rec, Values: map[string]any{t.Title: v}, Batch: b.run.imp.ID})
		if err != nil && action.Untouched(err) {
			e.fail(errs.Of(f.Name, "transfer.ref_not_made").With("value", clip(name)).With("field", f.Name))
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		b.run.made = append(b.run.made, made{t.Name, name})
		b.run.resolver.of(t.Name)[name] = rec.HeadOf().ID
		return rec.HeadOf().ID, nil
	}
	return 0, nil
}
