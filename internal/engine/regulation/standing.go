package regulation

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
)

// Rule is a clause that has something to say on an action of a record: a guard that is asked before it, or a clock that
// it starts.
type Rule struct {
	Citation
	Control string
	Actions []string // of the record's type
}

// Rules lists the clauses whose guards stand before the actions named and whose condition holds for the record as it
// stands, in the order of clauses. A condition that needs the input of the action counts as holding. It asks for no
// permission: the caller has checked that the reader may see the record.
func (e *Engine) Rules(ctx context.Context, typ string, id record.ID, actions []string) ([]Rule, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) ([]Rule, error) {
		r, err := e.regime(ctx, tx)
		if err != nil {
			return nil, err
		}
		t := e.Types.Type(typ)
		c := &record.Call{Tx: tx, Scope: e.Guard.SystemScope("regulation.read", "web", typ, record.Read), Type: t, Now: e.Clock.Now(), Work: e.Runner}
		if c.Record, err = c.Work.Load(ctx, c, typ, id); err != nil {
			return nil, err
		}
		c.Before = c.Record
		byClause := map[string]*Rule{}
		for _, name := range actions {
			if c.Action = t.Action(name); c.Action == nil {
				continue
			}
			for _, n := range r.guards[c.Event()] {
				if e.speaks(ctx, c, r, n) {
					note(byClause, n, name)
				}
			}
		}
		return sortedRules(byClause), nil
	})
}

// speaks reports whether a guard has a say on the record as it stands.
func (e *Engine) speaks(ctx context.Context, c *record.Call, r *regime, n *entry) bool {
	one := *c
	one.Input = c.Action.NewInput()
	ok, err := e.concerns(ctx, &one, r, n, n.Applies(c.Event()))
	return ok || err != nil
}

func note(byClause map[string]*Rule, n *entry, act string) {
	have := byClause[n.Clause]
	if have == nil {
		have = &Rule{Citation: n.cite(), Control: string(control.Guard)}
		byClause[n.Clause] = have
	}
	if !slices.Contains(have.Actions, act) {
		have.Actions = append(have.Actions, act)
	}
}

func sortedRules(byClause map[string]*Rule) []Rule {
	out := make([]Rule, 0, len(byClause))
	for _, r := range byClause {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Rule) int {
		return cmp.Or(strings.Compare(a.Regulation, b.Regulation), strings.Compare(a.Clause, b.Clause))
	})
	return out
}

// Cite names the clauses of clocks to people, by clause; clauses no longer bound are left out.
func (e *Engine) Cite(ctx context.Context, clocks []*evidence.Clock) (map[string]Citation, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) (map[string]Citation, error) {
		r, err := e.regime(ctx, tx)
		out := map[string]Citation{}
		if err != nil {
			return out, err
		}
		for _, k := range clocks {
			if n := r.byID[k.Binding]; n != nil {
				out[k.Clause] = n.cite()
			}
		}
		return out, nil
	})
}

// BySoonest returns records of a type in the order in which their clocks are due; see [evidence.BySoonest].
func (e *Engine) BySoonest(ctx context.Context, typ string, after evidence.Soonest, limit int) ([]evidence.Soonest, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) ([]evidence.Soonest, error) { return evidence.BySoonest(ctx, tx, typ, after, limit) })
}

// OpenClocks returns the open clocks of several records; see [evidence.OpenOf].
func (e *Engine) OpenClocks(ctx context.Context, list []record.ID) (map[record.ID][]*evidence.Clock, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) (map[record.ID][]*evidence.Clock, error) { return evidence.OpenOf(ctx, tx, list) })
}
