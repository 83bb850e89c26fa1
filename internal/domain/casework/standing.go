package casework

import (
	"context"
	"slices"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/rule"
)

// standingFacts tell how cases, customers and staff stand: what ran late, what is open, what was complained of.
func standingFacts() []rule.Fact {
	return []rule.Fact{
		about("late_clocks", rule.Int, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
			if id == 0 {
				return int64(0), nil
			}
			list, err := evidence.OfRecord(ctx, c.Tx, id)
			n := int64(0)
			for _, x := range list {
				if x.State == evidence.ClockLate || x.State == evidence.ClockEnded {
					n++
				}
			}
			return n, err
		}),
		about("open_matters", rule.Int, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
			list, err := openOf(ctx, c, id)
			return int64(len(list)), err
		}),
		about("overdue_complaints", rule.Int, func(ctx context.Context, c *record.Call, id record.ID) (any, error) {
			list, err := openOf(ctx, c, id, record.Where("kind", "complaint"))
			n := int64(0)
			for _, k := range list {
				late, err := runsLate(ctx, c, k.ID)
				if err != nil {
					return n, err
				}
				if late {
					n++
				}
			}
			return n, err
		}),
		over("complaints_against", func(k *Case) []record.Filter {
			if k.ComplainedUserID == 0 || k.CategoryID == 0 {
				return nil
			}
			return []record.Filter{record.Where("complained_user_id", k.ComplainedUserID), record.Where("category_id", k.CategoryID)}
		}),
	}
}

// openOf returns the open cases of a customer.
func openOf(ctx context.Context, c *record.Call, customer record.ID, more ...record.Filter) ([]*Case, error) {
	if customer == 0 {
		return nil, nil
	}
	all := append([]record.Filter{record.Where("customer_id", customer), openStates()}, more...)
	return record.Find[Case](ctx, c, "case", record.All(all...), factLimit)
}

func openStates() record.Filter {
	var states []any
	for _, s := range OpenStates() {
		states = append(states, s)
	}
	return record.Filter{Field: "state", Op: field.In, Value: states}
}

// runsLate tells whether a deadline of the case has passed that no event has stopped yet.
func runsLate(ctx context.Context, c *record.Call, id record.ID) (bool, error) {
	clocks, err := evidence.Open(ctx, c.Tx, id)
	return slices.ContainsFunc(clocks, func(x *evidence.Clock) bool { return x.State == evidence.ClockLate }), err
}
