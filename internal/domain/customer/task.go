package customer

import (
	"context"
	"time"

	"dianke/internal/engine/record"
)

// duty is a task about a customer; its title is the customer's name, its kind says the rest in every language.
type duty struct {
	kind string
	due  time.Time // zero for none: clauses set limits
	note string
}

// open makes a task of the type "task" for the owner, unless one of its kind is open already or no such type is
// registered. A customer of the pool gives a task to its unit.
func (r room) open(ctx context.Context, c *record.Call, cust *Customer, d duty) error {
	wanted, err := r.wants(ctx, c, cust.ID, d.kind)
	if err != nil || !wanted {
		return err
	}
	return r.insert(ctx, c, cust, d)
}

// wants reports whether no task of the kind is open for the customer.
func (r room) wants(ctx context.Context, c *record.Call, id record.ID, kind string) (bool, error) {
	if r.reg.Type("task") == nil {
		return false, nil
	}
	there, err := c.Work.Find(ctx, c, "task", record.All(
		record.Where("customer_id", id), record.Where("kind", kind), record.Where("status", "open")), 1)
	return len(there) == 0, err
}

func (r room) insert(ctx context.Context, c *record.Call, cust *Customer, d duty) error {
	t := r.reg.Type("task")
	e := t.New()
	for name, v := range map[string]any{
		"title": cust.Name, "kind": d.kind, "customer_id": cust.ID, "due_at": d.due, "note": d.note,
		"owner_id": cust.OwnerID, "unit_id": cust.UnitID,
	} {
		t.Field(name).Set(e, v)
	}
	return c.Work.Insert(ctx, c, t.Name, e)
}
