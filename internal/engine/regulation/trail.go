package regulation

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
)

// keepRegisters looks whether the row that was written is complete, for each clause that asks for the ledger. An outcome
// is written when what it says has changed.
func (e *Engine) keepRegisters(ctx context.Context, c *record.Call, r *regime) error {
	for _, n := range r.ledgers[c.Type.Name] {
		if len(n.On) > 0 && !slices.Contains(n.On, c.Event()) {
			continue
		}
		if err := e.keepRegister(ctx, c, r, n); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) keepRegister(ctx context.Context, c *record.Call, r *regime, n *entry) error {
	ok, err := e.concerns(ctx, c, r, n, n.Row("if"))
	if err != nil || !ok {
		return err
	}
	complete, err := e.rowIs(ctx, c, n, "complete_if")
	if err != nil {
		return err
	}
	o := e.about(c, n, evidence.Incomplete)
	if complete {
		o.Result = evidence.Complete
	}
	if h := c.Record.HeadOf(); h.OwnerID != 0 {
		o.Person = h.OwnerID
	}
	last, err := evidence.List(ctx, c.Tx, evidence.Filter{Clause: o.Clause, Record: o.Record, Control: o.Control, Limit: 1})
	if err != nil || len(last) > 0 && last[0].Result == o.Result && last[0].Version == o.Version {
		return err
	}
	return e.outcome(ctx, c.Tx, o)
}

// compareTrails compares the trail of the record that came to its end with what each workflow demands.
func (e *Engine) compareTrails(ctx context.Context, c *record.Call, r *regime) error {
	for _, n := range r.ends[c.Event()] {
		one := *c
		if c.Type.Name != n.Of {
			id, _ := control.Link(c.Type, n.Of).Get(c.Record).(record.ID)
			if id == 0 {
				continue
			}
			rec, err := c.Work.Load(ctx, c, n.Of, id)
			if err != nil {
				return err
			}
			t := e.Types.Type(n.Of)
			one.Type, one.Action, one.Record, one.Before = t, t.Action(record.Read), rec, rec
		}
		ok, err := e.concerns(ctx, &one, r, n, n.Row("if"))
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		missing, err := e.missing(ctx, &one, n)
		if err != nil {
			return err
		}
		o := e.about(&one, n, evidence.Followed)
		o.Event = c.Event()
		if len(missing) > 0 {
			o.Result, o.Detail = evidence.Deviated, map[string]any{"missing": missing}
		}
		if err := e.outcome(ctx, c.Tx, o); err != nil {
			return err
		}
	}
	return nil
}

// missing lists the steps the trail does not show in their order, as the events that were wanted.
func (e *Engine) missing(ctx context.Context, c *record.Call, n *entry) ([]string, error) {
	trail, err := e.trail(ctx, c, n)
	if err != nil {
		return nil, err
	}
	var out []string
	from := 0
	for _, s := range n.Steps {
		found := -1
		for i := from; i < len(trail) && found < 0; i++ {
			if !slices.Contains(s.On, trail[i].Type+"."+trail[i].Action) {
				continue
			}
			ok, err := e.stepBy(ctx, c, s, trail[i])
			if err != nil {
				return nil, err
			}
			if ok {
				found = i
			}
		}
		if found < 0 {
			out = append(out, strings.Join(s.On, "|"))
			continue
		}
		from = found + 1
	}
	return out, nil
}

// trail is what happened to the record and to those that refer to it in the workflow's steps, the oldest first.
func (e *Engine) trail(ctx context.Context, c *record.Call, n *entry) ([]store.HistoryEntry, error) {
	id := c.Record.HeadOf().ID
	out, err := e.Runner.Store.History(ctx, c.Tx, id, 1000)
	if err != nil {
		return nil, err
	}
	var types []string
	for _, s := range n.Steps {
		for _, event := range s.On {
			typ, _, _ := strings.Cut(event, ".")
			if typ != n.Of && !slices.Contains(types, typ) {
				types = append(types, typ)
			}
		}
	}
	for _, typ := range types {
		list, err := c.Work.Find(ctx, c, typ, record.Where(control.Link(e.Types.Type(typ), n.Of).Name, id), 200)
		if err != nil {
			return nil, err
		}
		for _, rec := range list {
			more, err := e.Runner.Store.History(ctx, c.Tx, rec.HeadOf().ID, 200)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
	}
	slices.SortFunc(out, func(a, b store.HistoryEntry) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// stepBy reports whether the step was taken by one of the posts it demands. The posts are those held now.
func (e *Engine) stepBy(ctx context.Context, c *record.Call, s control.Step, h store.HistoryEntry) (bool, error) {
	if len(s.By) == 0 {
		return true, nil
	}
	var who ids.ID
	if who.UnmarshalText([]byte(h.Actor)) != nil {
		return false, nil // the program itself holds no post
	}
	if slices.Contains(s.By, "owner") && c.Record.HeadOf().OwnerID == who {
		return true, nil
	}
	a, err := e.Guard.Actor(ctx, c.Tx, who)
	if errs.Is(err, errs.Unauthenticated) {
		return false, nil // whoever has left holds no post
	}
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(s.By, a.Holds), nil
}
