package interaction

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/rule"
)

// Facts returns what conditions may ask about interactions, tasks and promises. Counts stop at 200.
func Facts() []rule.Fact {
	one, days := []rule.Kind{rule.ID}, []rule.Kind{rule.ID, rule.Int}
	twoWay := record.Filter{Field: "result", Op: field.In, Value: []any{Reached, "answered", "refused"}}
	return []rule.Fact{
		{Name: "interactions_since", Args: days, Result: rule.Int, Doc: "fact.interactions_since", Call: since(record.Filter{})},
		{Name: "contacts_since", Args: days, Result: rule.Int, Doc: "fact.contacts_since", Call: since(twoWay)},
		{Name: "visits_since", Args: days, Result: rule.Int, Doc: "fact.visits_since", Call: since(record.All(record.Where("channel", Visit), twoWay))},
		{Name: "contacts_of_unit", Args: days, Result: rule.Int, Doc: "fact.contacts_of_unit", Call: contactsOfUnit},
		{Name: "last_contact", Args: one, Result: rule.Time, Doc: "fact.last_contact", Call: lastContact},
		{Name: "open_tasks", Args: one, Result: rule.Int, Doc: "fact.open_tasks", Call: count("task", "status", Open)},
		{Name: "open_tasks_of_kind", Args: []rule.Kind{rule.ID, rule.Text}, Result: rule.Int, Doc: "fact.open_tasks_of_kind", Call: openOfKind},
		{Name: "open_promises", Args: one, Result: rule.Int, Doc: "fact.open_promises", Call: count("promise", "status", Open)},
		{Name: "broken_promises", Args: one, Result: rule.Int, Doc: "fact.broken_promises", Call: count("promise", "status", "broken")},
		{Name: "promises_unkept_about", Args: []rule.Kind{rule.Text, rule.ID}, Result: rule.Int, Doc: "fact.promises_unkept_about", Call: unkeptAbout},
		{Name: "tasks_overdue_of", Args: one, Result: rule.Int, Doc: "fact.tasks_overdue_of", Call: overdueOf},
		{Name: "contacts_about", Args: []rule.Kind{rule.Text, rule.ID}, Result: rule.Int, Doc: "fact.contacts_about", Call: contactsAbout},
	}
}

// enough is where counting stops.
const enough = 200

func number(ctx context.Context, c *record.Call, typ string, f record.Filter) (any, error) {
	list, err := c.Work.Find(ctx, c, typ, f, enough)
	return int64(len(list)), err
}

// since counts interactions of a customer in the last days that meet the filter.
func since(f record.Filter) func(context.Context, *record.Call, []any) (any, error) {
	return func(ctx context.Context, c *record.Call, args []any) (any, error) {
		id, _ := args[0].(record.ID)
		days, _ := args[1].(int64)
		if id == 0 {
			return int64(0), nil
		}
		from := c.Now.Add(-time.Duration(min(max(days, 0), 36500)) * 24 * time.Hour)
		return number(ctx, c, "interaction", record.All(record.Where("customer_id", id), record.Filter{Field: "at", Op: field.Ge, Value: from}, f))
	}
}

// lastContact finds the last two-way contact, looking near first, for most customers were seen lately; the zero time
// for none.
func lastContact(ctx context.Context, c *record.Call, args []any) (any, error) {
	var last time.Time
	id, _ := args[0].(record.ID)
	if id == 0 {
		return last, nil
	}
	for _, days := range []int{7, 90, 36500} {
		var after record.ID
		for {
			f := record.All(record.Where("customer_id", id), record.Filter{Field: "at", Op: field.Ge, Value: c.Now.AddDate(0, 0, -days)})
			list, err := record.Find[Interaction](ctx, c, "interaction", beyond(f, after), enough)
			if err != nil {
				return last, err
			}
			for _, i := range list {
				after = i.ID
				if i.TwoWay() && i.At.After(last) {
					last = i.At
				}
			}
			if len(list) < enough {
				break
			}
		}
		if !last.IsZero() {
			break
		}
	}
	return last, nil
}

// count counts records of the customer in a state.
func count(typ, name, value string) func(context.Context, *record.Call, []any) (any, error) {
	return func(ctx context.Context, c *record.Call, args []any) (any, error) {
		id, _ := args[0].(record.ID)
		if id == 0 {
			return int64(0), nil
		}
		return number(ctx, c, typ, record.All(record.Where("customer_id", id), record.Where(name, value)))
	}
}

func openOfKind(ctx context.Context, c *record.Call, args []any) (any, error) {
	id, _ := args[0].(record.ID)
	kind, _ := args[1].(string)
	if id == 0 {
		return int64(0), nil
	}
	return number(ctx, c, "task", record.All(record.Where("customer_id", id), record.Where("kind", kind), record.Where("status", Open)))
}

func overdueOf(ctx context.Context, c *record.Call, args []any) (any, error) {
	id, _ := args[0].(record.ID)
	if id == 0 {
		return int64(0), nil
	}
	return number(ctx, c, "task", record.All(record.Where("owner_id", id), record.Where("status", Open), record.Filter{Field: "due_at", Op: field.Lt, Value: c.Now}))
}

// unkeptAbout counts what was promised about a record and is open or broken.
func unkeptAbout(ctx context.Context, c *record.Call, args []any) (any, error) {
	typ, _ := args[0].(string)
	id, _ := args[1].(record.ID)
	if id == 0 {
		return int64(0), nil
	}
	return number(ctx, c, "promise", record.All(record.Where("about_id", id.String()), record.Where("about_type", typ),
		record.Filter{Field: "status", Op: field.In, Value: []any{Open, "broken"}}))
}

// contactsAbout counts interactions about a record of another room, such as the call-back after a case.
func contactsAbout(ctx context.Context, c *record.Call, args []any) (any, error) {
	typ, _ := args[0].(string)
	id, _ := args[1].(record.ID)
	if id == 0 {
		return int64(0), nil
	}
	return number(ctx, c, "interaction", record.All(record.Where("about_id", id.String()), record.Where("about_type", typ)))
}

// contactsOfUnit counts the contacts of a unit in the days up to now.
func contactsOfUnit(ctx context.Context, c *record.Call, args []any) (any, error) {
	id, _ := args[0].(record.ID)
	days, _ := args[1].(int64)
	if id == 0 {
		return int64(0), nil
	}
	from := c.Now.Add(-time.Duration(min(max(days, 0), 36500)) * 24 * time.Hour)
	return number(ctx, c, "interaction", record.All(record.Where("unit_id", id), record.Filter{Field: "at", Op: field.Ge, Value: from}))
}
