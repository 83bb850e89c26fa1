package casework

import (
	"context"
	"slices"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/rule"
)

// Figures returns the numbers clauses may set targets for. All are shares in per cent. Those about customers tell how they
// stand when the figure is computed, which is the night after the period.
func Figures() []rule.Figure {
	return []rule.Figure{
		{Name: "subtasks_on_time", Doc: "figure.subtasks_on_time", Call: subtasksOnTime},
		{Name: "customers_in_use", Doc: "figure.customers_in_use", Call: customersInUse},
		{Name: "healthy_relations", Doc: "figure.healthy_relations", Call: healthyRelations},
	}
}

// subtasksOnTime is the share of the sub-tasks due in the period that were answered by then, for who was asked.
func subtasksOnTime(ctx context.Context, c *record.Call, from, to time.Time, whose string) ([]rule.Reading, error) {
	t := tally{whose: whose}
	err := pages(ctx, c, "case_task", during("due_at", from, to), func(e record.Entity) error {
		k := e.(*Task)
		asked := record.Head{UnitID: k.ToUnitID, OwnerID: k.ToUserID}
		if asked.UnitID == 0 {
			asked.UnitID = k.UnitID
		}
		if asked.OwnerID == 0 {
			asked.OwnerID = k.OwnerID
		}
		t.add(&asked, !k.AnsweredAt.IsZero() && !k.AnsweredAt.After(k.DueAt))
		return nil
	})
	return t.shares(), err
}

// customersInUse is the share of the customers somebody is in charge of that were spoken to since the period began.
func customersInUse(ctx context.Context, c *record.Call, from, _ time.Time, whose string) ([]rule.Reading, error) {
	charged := record.All(record.Filter{Field: "owner_id", Op: field.Filled}, record.Filter{Field: "stage", Op: field.In, Value: []any{"lead", "active"}})
	used := map[record.ID]bool{}
	recent := record.All(charged, record.Filter{Field: "last_contact_at", Op: field.Ge, Value: from})
	err := pages(ctx, c, "customer", recent, func(e record.Entity) error {
		used[e.HeadOf().ID] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ofCustomers(ctx, c, charged, whose, func(id record.ID) bool { return used[id] })
}

// healthyRelations is the share of the active customers without an overdue complaint and without a low score in the period.
func healthyRelations(ctx context.Context, c *record.Call, from, to time.Time, whose string) ([]rule.Reading, error) {
	bad := map[record.ID]bool{}
	low := record.All(during("surveyed_at", from, to), record.Filter{Field: "satisfaction", Op: field.Le, Value: int64(2)})
	err := pages(ctx, c, "case", low, func(e record.Entity) error {
		bad[e.(*Case).CustomerID] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = pages(ctx, c, "case", record.All(record.Where("kind", "complaint"), openStates()), func(e record.Entity) error {
		late, err := runsLate(ctx, c, e.HeadOf().ID)
		if late {
			bad[e.(*Case).CustomerID] = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return ofCustomers(ctx, c, record.Where("stage", "active"), whose, func(id record.ID) bool { return !bad[id] })
}

// ofCustomers is the share of the customers for which good holds.
func ofCustomers(ctx context.Context, c *record.Call, f record.Filter, whose string, good func(record.ID) bool) ([]rule.Reading, error) {
	t := tally{whose: whose}
	err := pages(ctx, c, "customer", f, func(e record.Entity) error {
		t.add(e.HeadOf(), good(e.HeadOf().ID))
		return nil
	})
	return t.shares(), err
}

func during(name string, from, to time.Time) record.Filter {
	return record.All(record.Filter{Field: name, Op: field.Ge, Value: from}, record.Filter{Field: name, Op: field.Lt, Value: to})
}

// pages calls fn for every record of the type that meets the filter.
func pages(ctx context.Context, c *record.Call, typ string, f record.Filter, fn func(record.Entity) error) error {
	for page := f; ; {
		list, err := c.Work.Find(ctx, c, typ, page, factLimit)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := fn(e); err != nil {
				return err
			}
		}
		if len(list) < factLimit {
			return nil
		}
		page = record.All(f, record.Filter{Field: "id", Op: field.Gt, Value: list[len(list)-1].HeadOf().ID})
	}
}

// tally counts, by unit, person or for all, how many there are and how many of them are good.
type tally struct {
	whose string
	list  []rule.Reading
}

func (t *tally) add(h *record.Head, good bool) {
	var key rule.Reading
	switch t.whose {
	case "unit":
		key.Unit = h.UnitID
	case "person":
		key.Person = h.OwnerID
	}
	i := slices.IndexFunc(t.list, func(x rule.Reading) bool { return x.Unit == key.Unit && x.Person == key.Person })
	if i < 0 {
		t.list, i = append(t.list, key), len(t.list)
	}
	t.list[i].Count++
	if good {
		t.list[i].Value++
	}
}

func (t *tally) shares() []rule.Reading {
	for i := range t.list {
		t.list[i].Value = t.list[i].Value * 100 / float64(t.list[i].Count)
	}
	return t.list
}
