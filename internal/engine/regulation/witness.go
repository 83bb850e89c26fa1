package regulation

import (
	"context"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Reads implements [access.Witness]: the guards on reading a record are asked before it is shown. That somebody read is
// written once a month for each person and record, since the audit log holds every read of personal data already.
func (e *Engine) Reads(ctx context.Context, scope record.Scope, t *record.Type, rec record.Entity) error {
	list, err := e.guarding(ctx, t.Name+"."+record.Read)
	if err != nil || len(list) == 0 {
		return err
	}
	err = db.Do(ctx, e.DB, func(tx *db.Tx) error {
		c := e.reading(tx, scope, t, rec)
		if err := e.Before(ctx, c); err != nil {
			return err
		}
		passed, _ := c.Memo[memoKey{}].([]evidence.Outcome)
		for _, o := range passed {
			known, err := e.knownRead(ctx, c, o)
			if err != nil {
				return err
			}
			if !known {
				if err := e.outcome(ctx, tx, o); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return err
}

// reading is the call by which a read is judged.
func (e *Engine) reading(tx *db.Tx, scope record.Scope, t *record.Type, rec record.Entity) *record.Call {
	return &record.Call{
		Tx: tx, Scope: scope, Type: t, Action: t.Action(record.Read), Record: rec, Before: rec, Now: e.Clock.Now(), Work: e.Runner,
	}
}

func (e *Engine) knownRead(ctx context.Context, c *record.Call, o evidence.Outcome) (bool, error) {
	list, err := evidence.List(ctx, c.Tx, evidence.Filter{
		Clause: o.Clause, Record: o.Record, Event: o.Event, Month: o.At.In(e.Zone).Format("2006-01"), Result: o.Result, Limit: 200,
	})
	if err != nil {
		return false, err
	}
	for _, x := range list {
		if x.Person == o.Person {
			return true, nil
		}
	}
	return false, nil
}

// Denied implements [access.Witness]: a denial by the permissions is a refusal of every clause that names them as its
// guard for the event. What does not exist was not denied.
func (e *Engine) Denied(ctx context.Context, a access.Actor, t *record.Type, action string, id record.ID) error {
	if t.Action(action) == nil {
		return nil
	}
	list, err := e.guarding(ctx, t.Name+"."+action)
	if err != nil || len(list) == 0 {
		return err
	}
	return db.Do(ctx, e.DB, func(tx *db.Tx) error {
		r, err := e.regime(ctx, tx)
		if err != nil {
			return err
		}
		scope := e.Guard.SystemScope("regulation.denied", a.Via, t.Name, action)
		c := &record.Call{Tx: tx, Scope: scope, Type: t, Action: t.Action(action), Record: t.New(), Now: e.Clock.Now(), Work: e.Runner}
		if id != 0 {
			rec, err := e.Runner.Store.Get(ctx, tx, t, scope, id)
			if errs.Is(err, errs.NotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			c.Record, c.Before = rec, rec
		}
		c.Scope.Actor = a
		for _, n := range list {
			if !n.ByAccess {
				continue
			}
			ok, err := e.concerns(ctx, c, r, n, n.Applies(c.Event()))
			if err != nil || !ok {
				if err != nil {
					return err
				}
				continue
			}
			if err := e.outcome(ctx, tx, e.about(c, n, evidence.Refused)); err != nil {
				return err
			}
		}
		return nil
	})
}

// guarding returns the guards on an event. It is asked with every read, so it opens no transaction for what is fresh.
func (e *Engine) guarding(ctx context.Context, event string) ([]*entry, error) {
	e.mu.Lock()
	r := e.fresh()
	e.mu.Unlock()
	if r != nil {
		return r.guards[event], nil
	}
	return db.View(ctx, e.DB, func(tx *db.Tx) ([]*entry, error) {
		r, err := e.regime(ctx, tx)
		if err != nil {
			return nil, err
		}
		return r.guards[event], nil
	})
}
