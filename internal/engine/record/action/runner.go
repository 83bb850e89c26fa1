// Package action runs actions on records.
//
// One action is one transaction: load and lock the record, check version and state, read the input, let the action's
// function change the record, ask the gates (the regulation), validate and write, and let the gates start and stop
// clocks. The scope proves the permission; it was made by access for this very action. The package knows no room.
package action

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Runner runs actions. Set its fields before first use; it is then safe for concurrent use.
type Runner struct {
	DB    *db.DB
	Store *store.Store
	Gates []record.Gate
	Wake  func() // called after each commit that wrote events; may be nil
}

// Command asks for one action.
type Command struct {
	Type      string
	Action    string
	ID        record.ID      // none for create
	Input     map[string]any // JSON values or texts of a form, by field
	IfVersion int64          // version the user started from; 0 for "whatever it is"
	Batch     record.ID
}

// Result is the record as written.
type Result struct {
	Type   *record.Type
	Record record.Entity
}

// Do runs the command. Errors: NotFound for what the scope hides, Stale where IfVersion is not the present version,
// Conflict for a state in which the action is not offered, Invalid with one entry a field, Refused by a clause.
func (r *Runner) Do(ctx context.Context, scope record.Scope, cmd Command) (Result, error) {
	return r.DoAnd(ctx, scope, cmd, nil)
}

// DoAnd is Do, with more to be written in the same transaction once the action is done; an error of it undoes the action
// too. The call given to then is that of the action. No then is Do.
func (r *Runner) DoAnd(ctx context.Context, scope record.Scope, cmd Command, then func(context.Context, *record.Call) error) (Result, error) {
	t := r.Store.Types.Type(cmd.Type)
	if t == nil {
		return Result{}, errs.New(errs.NotFound, "record.unknown_type").With("type", cmd.Type)
	}
	a := t.Action(cmd.Action)
	if a == nil || a.Name == record.Read || a.Name == record.Comment || a.Name == record.Attach || a.Name == record.Reveal || a.Name == record.Export ||
		a.Name == record.Import || a.Name == record.Merge {
		return Result{}, errs.New(errs.NotFound, "record.unknown_action").With("action", cmd.Action)
	}
	if scope.Action != cmd.Action {
		return Result{}, fmt.Errorf("scope for %s.%s used for %s: %w", scope.Type, scope.Action, cmd.Action, store.ErrScope)
	}
	res, err := db.InTx(ctx, r.DB, func(tx *db.Tx) (Result, error) {
		c := &record.Call{Tx: tx, Scope: scope, Type: t, Action: a, Now: r.Store.Clock.Now(), Work: r}
		if err := r.prepare(ctx, c, cmd); err != nil {
			return Result{}, err
		}
		if err := r.run(ctx, c, cmd.Batch); err != nil {
			return Result{}, err
		}
		if then != nil {
			if err := then(ctx, c); err != nil {
				return Result{}, err
			}
		}
		return Result{Type: t, Record: c.Record}, nil
	})
	return res, r.Aftermath(ctx, err)
}

// Aftermath keeps what a gate or a door has to keep although its transaction was rolled back, and returns err.
func (r *Runner) Aftermath(ctx context.Context, err error) error {
	var keep record.Aftermath
	if errors.As(err, &keep) {
		if kerr := keep.Keep(ctx); kerr != nil {
			return errors.Join(err, kerr)
		}
	}
	return err
}

// prepare loads the record and reads the input.
func (r *Runner) prepare(ctx context.Context, c *record.Call, cmd Command) error {
	if c.Action.Name == record.Create {
		c.Record = c.Type.New()
		return r.fill(c, cmd.Input, c.Type.Editable(true))
	}
	e, err := r.Store.Get(ctx, c.Tx, c.Type, c.Scope, cmd.ID)
	if err != nil {
		return err
	}
	c.Before, c.Record = e, c.Type.Clone(e)
	if v := e.HeadOf().LockVersion; cmd.IfVersion != 0 && cmd.IfVersion != v {
		return errs.New(errs.Stale, "record.stale").With("version", v)
	}
	if c.Before.HeadOf().Archived() && c.Action.Name != record.Restore && c.Action.Name != record.Archive {
		return errs.New(errs.Conflict, "record.archived")
	}
	if c.Action.Name == record.Restore && c.Type.Merges {
		if by, err := r.Store.MergedInto(ctx, c.Tx, cmd.ID); err != nil || by != nil {
			return errs.New(errs.Conflict, "merge.undo_instead").Because(err)
		}
	}
	if state := c.Type.StateOf(e); !c.Action.Allowed(state) {
		return errs.New(errs.Conflict, "record.wrong_state").With("state", state).With("action", c.Action.Name)
	}
	if c.Action.Name == record.Update {
		return r.fill(c, cmd.Input, c.Type.Editable(false))
	}
	return r.input(ctx, c, cmd.Input)
}

// fill sets the fields named in the input; others keep their value. Fields that are masked for the actor cannot be
// overwritten blindly.
func (r *Runner) fill(c *record.Call, in map[string]any, allowed []*record.Field) error {
	var faults []*errs.Error
	c.Values = map[string]any{}
	for name, raw := range in {
		i := slices.IndexFunc(allowed, func(f *record.Field) bool { return f.Name == name })
		if i < 0 {
			if c.Action.Name == record.Create && (name == "owner_id" || name == "unit_id") {
				i = -2
			} else {
				faults = append(faults, unknown(c.Type, name))
				continue
			}
		}
		f := c.Type.Field(name)
		if c.Before != nil && !c.Scope.SeesClear(c.Type, c.Before, f.Class) {
			faults = append(faults, errs.Of(name, "field.masked").With("field", name))
			continue
		}
		v, e := f.Parse(raw)
		if e != nil {
			faults = append(faults, e)
			continue
		}
		f.Set(c.Record, v)
		c.Values[name] = v
	}
	return errs.Collect(sorted(faults))
}

func unknown(t *record.Type, name string) *errs.Error {
	if t.Field(name) != nil {
		return errs.Of(name, "field.read_only").With("field", name)
	}
	return errs.Of(name, "field.unknown").With("field", name)
}

// input reads the typed input of a named action.
func (r *Runner) input(ctx context.Context, c *record.Call, in map[string]any) error {
	c.Input, c.Values = c.Action.NewInput(), map[string]any{}
	var faults []*errs.Error
	for name := range in {
		if !slices.ContainsFunc(c.Action.Input, func(f *record.Field) bool { return f.Name == name }) {
			faults = append(faults, errs.Of(name, "field.unknown").With("field", name))
		}
	}
	for _, f := range c.Action.Input {
		if raw, ok := in[f.Name]; ok {
			v, e := f.Parse(raw)
			if e != nil {
				faults = append(faults, e)
				continue
			}
			f.Set(c.Input, v)
		}
		v := f.Get(c.Input)
		c.Values[f.Name] = v
		if f.Required && f.IsZero(v) {
			faults = append(faults, errs.Of(f.Name, "field.required").With("field", f.Name))
		}
	}
	if err := errs.Collect(sorted(faults)); err != nil {
		return err
	}
	return r.Store.CheckRefs(ctx, c.Tx, c.Action.Input, c.Input)
}

func sorted(faults []*errs.Error) []*errs.Error {
	slices.SortFunc(faults, func(a, b *errs.Error) int {
		switch {
		case a.Field < b.Field:
			return -1
		case a.Field > b.Field:
			return 1
		}
		return 0
	})
	return faults
}

// Beside runs what is done beside a record without changing its fields: a comment, a file, a reveal. The gates see it
// like any action. The call names type, action, record and, of the action's kind, input; do writes what is to be written.
func (r *Runner) Beside(ctx context.Context, c *record.Call, do func() error) error {
	c.Now, c.Work, c.Before, c.Values = r.Store.Clock.Now(), r, c.Record, map[string]any{}
	for _, f := range c.Action.Input {
		c.Values[f.Name] = f.Get(c.Input)
	}
	if err := r.before(ctx, c); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return r.after(ctx, c)
}

func (r *Runner) before(ctx context.Context, c *record.Call) error {
	for _, g := range r.Gates {
		if err := g.Before(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) after(ctx context.Context, c *record.Call) error {
	for _, g := range r.Gates {
		if err := g.After(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// settle lets the room change and check the record.
func (r *Runner) settle(ctx context.Context, c *record.Call) error {
	if err := c.Action.Run(ctx, c); err != nil {
		return err
	}
	if c.Action.To != "" {
		c.Type.State().Set(c.Record, c.Action.To)
	}
	if c.Type.Prepare != nil {
		return c.Type.Prepare(ctx, c)
	}
	return nil
}

// decide lets room and gates speak. Where both are against the action the clause is the answer, so that it is cited
// and its outcome kept; a gate that cannot judge the half-made record leaves the word to the room.
func (r *Runner) decide(ctx context.Context, c *record.Call) error {
	ruled := r.settle(ctx, c)
	if ruled != nil && !errs.Is(ruled, errs.Invalid) && !errs.Is(ruled, errs.Conflict) {
		return ruled
	}
	err := r.before(ctx, c)
	if ruled != nil && !errs.Is(err, errs.Refused) {
		return ruled
	}
	return err
}

// run does everything behind the input; consequences come in here as well.
func (r *Runner) run(ctx context.Context, c *record.Call, batch record.ID) error {
	if err := r.decide(ctx, c); err != nil {
		return err
	}
	err := r.Store.Put(ctx, c.Tx, store.Write{
		Type: c.Type, Scope: c.Scope, Action: c.Action.Name, Before: c.Before, After: c.Record, Values: payload(c), Batch: batch,
	})
	if err != nil {
		return err
	}
	if c.Type.Settled != nil {
		if err := c.Type.Settled(ctx, c); err != nil {
			return err
		}
	}
	if err := r.after(ctx, c); err != nil {
		return err
	}
	if r.Wake != nil && batch == 0 {
		c.Tx.AfterCommit(r.Wake)
	}
	return nil
}

// payload is what the event may carry of the input: no personal values, no long texts.
func payload(c *record.Call) map[string]any {
	out := map[string]any{}
	fields := c.Action.Input
	if c.Action.Name == record.Create || c.Action.Name == record.Update {
		fields = c.Type.Fields
	}
	for _, f := range fields {
		if v, ok := c.Values[f.Name]; ok && f.Class <= record.Internal && !f.IsZero(v) {
			if text := f.Kind.Text(v); len(text) <= 200 {
				out[f.Name] = text
			}
		}
	}
	if c.Type.State() != nil {
		out["state_to"] = c.Type.StateOf(c.Record)
	}
	return out
}
