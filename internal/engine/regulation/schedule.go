package regulation

import (
	"context"
	"fmt"
	"sync"
	"time"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/platform/db"
	"dianke/internal/platform/worktime"
)

// plan remembers when a recurring control occurs next, so that a tick need not ask the database.
type plan struct {
	mu   sync.Mutex
	last time.Time // occurrence handled last
	next time.Time // zero for not yet known, farOff for never
}

// farOff is an instant no tick reaches.
var farOff = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// occurrence is one time of a recurring control, and the one before it.
type occurrence struct{ at, before time.Time }

// maxCatchUp is how many occurrences are made up for after the program stood still.
const maxCatchUp = 12

// occurrences returns the instants at which a recurring control has occurred since it was asked last, the oldest first,
// each with the one before it (at first the day the version came into force). Table is where its rows are kept.
func (e *Engine) occurrences(ctx context.Context, tx *db.Tx, n *entry, table string, now time.Time) ([]occurrence, error) {
	if !n.law.in(now) {
		return nil, nil
	}
	n.plan.mu.Lock()
	defer n.plan.mu.Unlock()
	if now.Before(n.plan.next) {
		return nil, nil
	}
	if n.plan.last.IsZero() {
		n.plan.last = n.law.from
		var last time.Time
		if err := tx.QueryRow(ctx, "SELECT MAX(occurs_at) FROM "+table+" WHERE binding_id = ?", n.id).Scan(db.Time(&last)); err != nil {
			return nil, fmt.Errorf("last occurrence of %s: %w", n.Clause, err)
		}
		if last.After(n.plan.last) {
			n.plan.last = last
		}
	}
	rule, err := control.ParseEvery(n.Every, n.law.from.In(e.Zone))
	if err != nil {
		return nil, err
	}
	var out []occurrence
	for {
		at, err := e.shifted(ctx, tx, n, rule.After(n.plan.last, false))
		if err != nil {
			return nil, err
		}
		n.plan.next = at
		if at.IsZero() {
			n.plan.next = farOff
		}
		if n.plan.next.After(now) {
			return out[max(0, len(out)-maxCatchUp):], nil
		}
		n.plan.last, out = at, append(out, occurrence{at.UTC(), n.plan.last})
	}
}

// shifted moves an occurrence on a free day to the opening of the next working day, where the binding says so.
func (e *Engine) shifted(ctx context.Context, tx *db.Tx, n *entry, at time.Time) (time.Time, error) {
	if at.IsZero() || !n.Shift {
		return at, nil
	}
	var unit record.ID
	if len(n.law.units) > 0 {
		unit = n.law.units[0]
	}
	cal, _, err := e.calendar(ctx, tx, unit)
	if err != nil || cal.IsWorkday(worktime.DateOf(at.In(cal.Location()))) {
		return at, err
	}
	return cal.NextOpen(at), nil
}

// tasked is one person who gets a recurring task, with the unit it belongs to.
type tasked struct{ user, unit record.ID }

// tasked lists the holders of the posts whom the law covers.
func (e *Engine) tasked(ctx context.Context, tx *db.Tx, n *entry, now time.Time) ([]tasked, error) {
	var out []tasked
	seen := map[record.ID]bool{}
	for _, post := range n.For {
		list, err := org.Holders(ctx, tx, post, 0, now)
		if err != nil {
			return nil, err
		}
		for _, user := range list {
			unit, err := unitOf(ctx, tx, user)
			if err != nil {
				return nil, err
			}
			in, err := e.covers(ctx, tx, n.law, unit)
			if err != nil {
				return nil, err
			}
			if in && !seen[user] {
				seen[user], out = true, append(out, tasked{user, unit})
			}
		}
	}
	return out, nil
}

// responsible is who gets a task about a record: its owner where the binding says so and there is one, else the first
// holder of the posts, looked for upward from the record's unit.
func (e *Engine) responsible(ctx context.Context, c *record.Call, n *entry) (tasked, error) {
	h := c.Record.HeadOf()
	for _, post := range n.For {
		if post == "owner" {
			if h.OwnerID != 0 {
				return tasked{h.OwnerID, h.UnitID}, nil
			}
			continue
		}
		list, err := org.Holders(ctx, c.Tx, post, h.UnitID, c.Now)
		if err != nil {
			return tasked{}, err
		}
		if len(list) > 0 {
			return tasked{list[0], h.UnitID}, nil
		}
	}
	return tasked{unit: h.UnitID}, nil
}

// dueOn is when a task that falls on the instant has to be done, on the calendar of the unit.
func (e *Engine) dueOn(ctx context.Context, tx *db.Tx, unit record.ID, from time.Time, span string) (time.Time, error) {
	s, err := control.ParseSpan(span)
	if err != nil {
		return time.Time{}, err
	}
	cal, _, err := e.calendar(ctx, tx, unit)
	if err != nil {
		return time.Time{}, err
	}
	return dueAfter(cal, from, s), nil
}

// pages goes through a type in the order of ids, a transaction a page, and shows each record to fn as a call of its own.
func (e *Engine) pages(ctx context.Context, typ string, fn func(c *record.Call, r *regime) error) error {
	t := e.Types.Type(typ)
	scope := e.Guard.SystemScope("regulation.scan", "job", typ, record.Read)
	for after := ""; ; {
		err := e.Runner.InTx(ctx, scope, func(c *record.Call) error {
			r, err := e.regime(ctx, c.Tx)
			if err != nil {
				return err
			}
			page, err := e.Runner.Store.List(ctx, c.Tx, t, scope, record.Query{Sort: "id", After: after, Limit: tickBatch})
			if err != nil {
				return err
			}
			after = page.Next
			for _, rec := range page.Items {
				one := *c
				one.Type, one.Action, one.Record, one.Before, one.Scope = t, t.Action(record.Read), rec, rec, scope
				if err := fn(&one, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || after == "" {
			return err
		}
	}
}

// row evaluates a condition about the record of the call; nil where the binding has none of that name.
func (e *Engine) row(ctx context.Context, c *record.Call, n *entry, key string) (any, error) {
	p := n.Row(key)
	if p == nil {
		return nil, nil
	}
	v, err := p.Eval(ctx, e.input(c, n))
	if err != nil {
		return nil, fmt.Errorf("clause %s: %s: %w", n.Clause, key, err)
	}
	return v, nil
}

// rowIs is [Engine.row] for conditions that hold or not; one that is not written holds.
func (e *Engine) rowIs(ctx context.Context, c *record.Call, n *entry, key string) (bool, error) {
	v, err := e.row(ctx, c, n, key)
	if err != nil || v == nil {
		return err == nil, err
	}
	ok, _ := v.(bool)
	return ok, nil
}
