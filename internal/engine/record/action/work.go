package action

import (
	"context"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

func (r *Runner) typ(name string) (*record.Type, error) {
	t := r.Store.Types.Type(name)
	if t == nil {
		return nil, fmt.Errorf("no record type %q", name)
	}
	return t, nil
}

// Insert implements [record.Work].
func (r *Runner) Insert(ctx context.Context, c *record.Call, typ string, e record.Entity) error {
	t, err := r.typ(typ)
	if err != nil {
		return err
	}
	if h := e.HeadOf(); h.UnitID == 0 && c.Record != nil {
		h.UnitID = c.Record.HeadOf().UnitID
	}
	return r.run(ctx, &record.Call{
		Tx: c.Tx, Scope: c.Scope.Consequence(typ, record.Create), Type: t, Action: &record.Action{Name: record.Create}, Record: e, Now: c.Now, Work: r,
	}, 0)
}

// Save implements [record.Work].
func (r *Runner) Save(ctx context.Context, c *record.Call, typ, action string, e record.Entity) error {
	t, err := r.typ(typ)
	if err != nil {
		return err
	}
	scope := c.Scope.Consequence(typ, action)
	before, err := r.Store.Get(ctx, c.Tx, t, scope, e.HeadOf().ID)
	if err != nil {
		return err
	}
	a := &record.Action{Name: action}
	if known := t.Action(action); known != nil {
		a.To, a.Input = known.To, known.Input
	}
	return r.run(ctx, &record.Call{Tx: c.Tx, Scope: scope, Type: t, Action: a, Before: before, Record: e, Now: c.Now, Work: r}, 0)
}

// Load implements [record.Work].
func (r *Runner) Load(ctx context.Context, c *record.Call, typ string, id record.ID) (record.Entity, error) {
	t, err := r.typ(typ)
	if err != nil {
		return nil, err
	}
	return r.Store.Get(ctx, c.Tx, t, c.Scope.Consequence(typ, record.Read), id)
}

// Find implements [record.Work].
func (r *Runner) Find(ctx context.Context, c *record.Call, typ string, f record.Filter, limit int) ([]record.Entity, error) {
	t, err := r.typ(typ)
	if err != nil {
		return nil, err
	}
	page, err := r.Store.List(ctx, c.Tx, t, c.Scope.Consequence(typ, record.Read), record.Query{Filter: f, Sort: "id", Limit: limit})
	return page.Items, err
}

// InTx runs fn with a call that stands for a job or a command acting within tx: fn may insert and save records as
// consequences. The scope must be one of the system's.
func (r *Runner) InTx(ctx context.Context, scope record.Scope, fn func(c *record.Call) error) error {
	if !scope.Valid() {
		return errs.New(errs.Internal, "error.scope")
	}
	err := db.Do(ctx, r.DB, func(tx *db.Tx) error {
		return fn(&record.Call{Tx: tx, Scope: scope, Now: r.Store.Clock.Now(), Work: r})
	})
	return r.Aftermath(ctx, err)
}
