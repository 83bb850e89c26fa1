package casework

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/rule"
)

// byYear builds a fact over the cases of a volume year.
func byYear(name string, result rule.Kind, call func(context.Context, *record.Call, int64) (any, error)) rule.Fact {
	return rule.Fact{
		Name: name, Args: []rule.Kind{rule.Int}, Result: result, Doc: "fact." + name,
		Call: func(ctx context.Context, c *record.Call, args []any) (any, error) {
			year, _ := args[0].(int64)
			return call(ctx, c, year)
		},
	}
}

func unfiled(ctx context.Context, c *record.Call, year int64) ([]*Case, error) {
	return record.Find[Case](ctx, c, "case", record.All(record.Where("volume_year", year), record.Where("state", Closed)), factLimit)
}

func yearFacts() []rule.Fact {
	return []rule.Fact{
		byYear("unfiled_cases", rule.Int, func(ctx context.Context, c *record.Call, year int64) (any, error) {
			list, err := unfiled(ctx, c, year)
			return int64(len(list)), err
		}),
		byYear("unfiled_numbers", rule.Texts, func(ctx context.Context, c *record.Call, year int64) (any, error) {
			list, err := unfiled(ctx, c, year)
			out := make([]string, len(list))
			for i, k := range list {
				out[i] = k.Number
			}
			return out, err
		}),
		byYear("open_objections_of_year", rule.Int, func(ctx context.Context, c *record.Call, year int64) (any, error) {
			open, err := record.Find[Objection](ctx, c, "case_objection", record.Where("state", "open"), factLimit)
			if err != nil {
				return int64(0), err
			}
			n := int64(0)
			for _, o := range open {
				k, err := caseOf(ctx, c, o.CaseID)
				if err != nil {
					return n, err
				}
				// a case reopened by the objection has left its volume; it belongs to the year the objection was raised in
				if k != nil && (k.VolumeYear == year || k.VolumeYear == 0 && YearOf(o.RaisedAt) == year) {
					n++
				}
			}
			return n, nil
		}),
		{Name: "active_channel_kinds", Result: rule.Int, Doc: "fact.active_channel_kinds",
			Call: func(ctx context.Context, c *record.Call, _ []any) (any, error) {
				list, err := record.Find[Channel](ctx, c, "case_channel", record.Where("active", true), factLimit)
				kinds := map[string]bool{}
				for _, h := range list {
					kinds[h.Kind] = true
				}
				return int64(len(kinds)), err
			}},
	}
}

func historyFacts() []rule.Fact {
	return []rule.Fact{
		about("distinct_contact_days", rule.Int, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
			list, err := parts[Contact](ctx, c, "case_contact", id)
			days := map[string]bool{}
			for _, x := range list {
				days[x.At.In(Zone()).Format(time.DateOnly)] = true
			}
			return int64(len(days)), err
		}),
		about("contact_reached", rule.Bool, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
			list, err := parts[Contact](ctx, c, "case_contact", id, record.Where("result", "reached"))
			return len(list) > 0, err
		}),
		ofCase("last_activity", rule.Time, time.Time{}, lastActivity),
		{Name: "category_share", Args: []rule.Kind{rule.ID, rule.Int}, Result: rule.Float, Doc: "fact.category_share", Call: categoryShare},
		over("repeats", func(k *Case) []record.Filter {
			if k.CategoryID == 0 {
				return nil
			}
			return withItem(k, record.Where("category_id", k.CategoryID))
		}),
		over("recurrences", func(k *Case) []record.Filter {
			if k.CauseCode == "" {
				return nil
			}
			return withItem(k, record.Where("cause_code", k.CauseCode))
		}),
		over("customer_cases", func(k *Case) []record.Filter {
			if k.CustomerID == 0 {
				return nil
			}
			return []record.Filter{record.Where("customer_id", k.CustomerID), record.Where("kind", k.Kind)}
		}),
	}
}

// categoryShare is the share of a category, in per cent, among the inquiries received in the last days that have one.
func categoryShare(ctx context.Context, c *record.Call, args []any) (any, error) {
	id, _ := args[0].(record.ID)
	days, _ := args[1].(int64)
	f := record.All(record.Where("kind", "inquiry"), record.Filter{Field: "category_id", Op: field.Filled},
		record.Filter{Field: "received_at", Op: field.Ge, Value: c.Now.AddDate(0, 0, -int(min(max(days, 0), 36500)))})
	of, all, page := 0, 0, f
	for {
		list, err := record.Find[Case](ctx, c, "case", page, factLimit)
		if err != nil {
			return 0.0, err
		}
		for _, k := range list {
			if k.CategoryID == id {
				of++
			}
		}
		if all += len(list); len(list) < factLimit {
			break
		}
		page = record.All(f, record.Filter{Field: "id", Op: field.Gt, Value: list[len(list)-1].ID})
	}
	return float64(of) * 100 / float64(max(all, 1)), nil
}

func withItem(k *Case, f record.Filter) []record.Filter {
	if k.Item == "" {
		return []record.Filter{f}
	}
	return []record.Filter{f, record.Where("item", k.Item)}
}

// over builds a fact that counts other cases like this one received within a number of days before it.
func over(name string, like func(*Case) []record.Filter) rule.Fact {
	return rule.Fact{
		Name: name, Args: []rule.Kind{rule.ID, rule.Int}, Result: rule.Int, Doc: "fact." + name,
		Call: func(ctx context.Context, c *record.Call, args []any) (any, error) {
			id, _ := args[0].(record.ID)
			days, _ := args[1].(int64)
			k, ok := c.Record.(*Case)
			if !ok || k.ID != id {
				var err error
				if k, err = caseOf(ctx, c, id); err != nil || k == nil {
					return int64(0), err
				}
			}
			filters := like(k)
			if filters == nil {
				return int64(0), nil
			}
			from := k.ReceivedAt.Add(-time.Duration(days) * 24 * time.Hour)
			filters = append(filters, not("state", Merged, Withdrawn),
				record.Filter{Field: "received_at", Op: field.Ge, Value: from},
				record.Filter{Field: "received_at", Op: field.Le, Value: k.ReceivedAt})
			list, err := record.Find[Case](ctx, c, "case", record.All(filters...), factLimit)
			n := int64(0)
			for _, other := range list {
				if other.ID != k.ID {
					n++
				}
			}
			return n, err
		},
	}
}

// lastActivity is when somebody last did something in the case: a write, a note, a contact, a reply or a task.
func lastActivity(ctx context.Context, c *record.Call, k *Case) (any, error) {
	at := k.UpdatedAt
	for _, typ := range []string{"case_note", "case_contact", "case_reply", "case_task"} {
		list, err := c.Work.Find(ctx, c, typ, record.All(record.Where("case_id", k.ID),
			record.Filter{Field: "updated_at", Op: field.Gt, Value: at}), factLimit)
		if err != nil {
			return at, err
		}
		for _, e := range list {
			at = latest(at, e.HeadOf().UpdatedAt)
		}
	}
	return at, nil
}
