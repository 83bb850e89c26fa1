package customer

import (
	"context"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
)

// Daily does the work of the night: customers return to the pool, and what is due becomes tasks. It returns how many
// customers returned and how many tasks were made. The scope is one of the system's for customers. A second run the same
// day changes nothing.
func Daily(ctx context.Context, r *action.Runner, scope record.Scope) (returned, tasks int, err error) {
	if returned, err = ReturnToPool(ctx, r, scope); err != nil {
		return returned, 0, err
	}
	for _, job := range []func(context.Context, *action.Runner, record.Scope) (int, error){
		VerificationsDue, AssessmentsDue, ContactsDue, VisitsDue, NeedsDue, WithoutOwner,
	} {
		n, err := job(ctx, r, scope)
		if tasks += n; err != nil {
			return returned, tasks, err
		}
	}
	return returned, tasks, nil
}

// ReturnToPool takes customers from owners who let them fall silent, as the pool rules say, under the event
// customer.returned. It returns how many.
func ReturnToPool(ctx context.Context, r *action.Runner, scope record.Scope) (int, error) {
	var rules []*PoolRule
	err := r.InTx(ctx, scope, func(c *record.Call) (err error) {
		rules, err = record.Find[PoolRule](ctx, c, "pool_rule", record.Filter{}, page)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("return to pool: %w", err)
	}
	if len(rules) == 0 {
		return 0, nil
	}
	owned := record.Filter{Field: "owner_id", Op: field.Filled}
	n, err := sweep(ctx, r, scope, owned, chore{
		wanted: func(c *record.Call, cust *Customer) (bool, error) {
			return RuleFor(rules, cust.UnitID).Returns(cust, c.Now), nil
		},
		do: func(c *record.Call, cust *Customer) error {
			cust.drop("", c.Now)
			return c.Work.Save(ctx, c, "customer", "returned", cust)
		},
	})
	return n, wrap("return to pool", err)
}

// VerificationsDue makes a task "verification" for each customer whose file is due to be confirmed.
func VerificationsDue(ctx context.Context, r *action.Runner, scope record.Scope) (int, error) {
	return dueTasks(ctx, r, scope, "next_verification", "verification")
}

// ContactsDue makes a task "contact" for each customer that has been silent for the interval of its class.
func ContactsDue(ctx context.Context, r *action.Runner, scope record.Scope) (int, error) {
	return dueTasks(ctx, r, scope, "next_contact", "contact")
}

// VisitsDue makes a task "visit" for each customer whose visit is due.
func VisitsDue(ctx context.Context, r *action.Runner, scope record.Scope) (int, error) {
	return dueTasks(ctx, r, scope, "next_visit", "visit")
}

// dueTasks makes one task a customer whose date has come; the task is due at the end of that day.
func dueTasks(ctx context.Context, r *action.Runner, scope record.Scope, name, kind string) (int, error) {
	own := room{reg: r.Store.Types}
	f := record.Filter{Field: name, Op: field.Le, Value: day(r.Store.Clock.Now())}
	n, err := sweep(ctx, r, scope, record.All(f, in("stage", Lead, Active, Dormant)), chore{
		wanted: func(c *record.Call, cust *Customer) (bool, error) { return own.wants(ctx, c, cust.ID, kind) },
		do: func(c *record.Call, cust *Customer) error {
			due, _ := own.reg.Type("customer").Field(name).Get(cust).(time.Time)
			return own.insert(ctx, c, cust, duty{kind: kind, due: endOf(due)})
		},
	})
	return n, wrap(kind+" due", err)
}

// AssessmentsDue proposes a scale by the turnover of twelve months to each customer whose assessment is due, under the
// event customer.proposed, and makes a task "assessment". The decision stays with a person.
func AssessmentsDue(ctx context.Context, r *action.Runner, scope record.Scope) (int, error) {
	own := room{reg: r.Store.Types}
	f := record.Filter{Field: "next_assessment", Op: field.Le, Value: day(r.Store.Clock.Now())}
	n, err := sweep(ctx, r, scope, record.All(f, in("stage", Lead, Active, Dormant)), chore{
		wanted: func(c *record.Call, cust *Customer) (bool, error) { return own.wants(ctx, c, cust.ID, "assessment") },
		do: func(c *record.Call, cust *Customer) error {
			if err := propose(ctx, c, cust); err != nil {
				return err
			}
			return own.insert(ctx, c, cust, duty{kind: "assessment", due: endOf(*cust.NextAssessment)})
		},
	})
	return n, wrap("assessment due", err)
}

// propose writes the scale that the turnover suggests.
func propose(ctx context.Context, c *record.Call, cust *Customer) error {
	rules, err := record.Find[ScaleRule](ctx, c, "scale_rule", record.Filter{}, page)
	if err != nil {
		return err
	}
	sum, err := turnoverFrom(ctx, c, cust.ID, day(c.Now).AddDate(-1, 0, 0))
	if err != nil {
		return err
	}
	scale := scaleRuleFor(rules, cust.UnitID).ProposeScale(sum)
	if scale == cust.ProposedScale {
		return nil
	}
	cust.ProposedScale = scale
	return c.Work.Save(ctx, c, "customer", "proposed", cust)
}

func scaleRuleFor(rules []*ScaleRule, unit record.ID) *ScaleRule {
	var company *ScaleRule
	for _, r := range rules {
		if r.ForUnit != 0 && r.ForUnit == unit {
			return r
		}
		if r.ForUnit == 0 && company == nil {
			company = r
		}
	}
	return company
}

// NeedsDue makes a task "need" for active customers whose needs are older than their care rule wants.
func NeedsDue(ctx context.Context, r *action.Runner, scope record.Scope) (int, error) {
	var rules []*CareRule
	err := r.InTx(ctx, scope, func(c *record.Call) (err error) {
		rules, err = record.Find[CareRule](ctx, c, "care_rule", record.Filter{}, page)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("needs due: %w", err)
	}
	wanted := false
	for _, p := range rules {
		wanted = wanted || p.NeedDays != nil
	}
	if !wanted {
		return 0, nil
	}
	own := room{reg: r.Store.Types}
	n, err := sweep(ctx, r, scope, record.Where("stage", Active), chore{
		wanted: func(c *record.Call, cust *Customer) (bool, error) {
			p := Plan(rules, cust)
			if p == nil || p.NeedDays == nil || daysSinceNeed(cust, c).(int64) <= *p.NeedDays {
				return false, nil
			}
			return own.wants(ctx, c, cust.ID, "need")
		},
		do: func(c *record.Call, cust *Customer) error {
			return own.insert(ctx, c, cust, duty{kind: "need", due: endOf(day(c.Now))})
		},
	})
	return n, wrap("needs due", err)
}

// WithoutOwner makes a task "reassignment" in the unit of each active customer that has no owner or one whose account
// is disabled.
func WithoutOwner(ctx context.Context, r *action.Runner, scope record.Scope) (int, error) {
	own := room{reg: r.Store.Types}
	n, err := sweep(ctx, r, scope, record.Where("stage", Active), chore{
		wanted: func(c *record.Call, cust *Customer) (bool, error) {
			here, err := ownerWorksHere(ctx, c, []any{cust.ID})
			if err != nil || here.(bool) {
				return false, err
			}
			return own.wants(ctx, c, cust.ID, "reassignment")
		},
		do: func(c *record.Call, cust *Customer) error {
			orphan := *cust
			orphan.OwnerID = 0 // the task goes to the unit, not to who left
			return own.insert(ctx, c, &orphan, duty{kind: "reassignment", due: endOf(day(c.Now))})
		},
	})
	return n, wrap("without owner", err)
}

// chore is what a sweep does: look whether a customer needs it, then do it in a transaction of its own.
type chore struct {
	wanted func(*record.Call, *Customer) (bool, error)
	do     func(*record.Call, *Customer) error
}

// batch is how many customers one transaction of a job looks at, so that people's writes get between.
const batch = 100

// sweep does the chore for every live customer that meets the filter and counts the customers. One that a rule of a room
// or a clause refuses, or that somebody changed meanwhile, waits for the next run; other errors end the sweep.
func sweep(ctx context.Context, r *action.Runner, scope record.Scope, f record.Filter, ch chore) (int, error) {
	var last record.ID
	n := 0
	for {
		var todo []*Customer
		more := false
		err := r.InTx(ctx, scope, func(c *record.Call) error {
			list, err := record.Find[Customer](ctx, c, "customer", beyond(f, last), batch)
			if err != nil {
				return err
			}
			for _, cust := range list {
				last = cust.ID
				wanted, err := ch.wanted(c, cust)
				if err != nil {
					return err
				}
				if wanted {
					todo = append(todo, cust)
				}
			}
			more = len(list) == batch
			return nil
		})
		if err != nil {
			return n, err
		}
		for _, cust := range todo {
			err := r.InTx(ctx, scope, func(c *record.Call) error { return ch.do(c, cust) })
			switch {
			case err == nil:
				n++
			case errs.Is(err, errs.Internal):
				return n, err
			}
		}
		if !more {
			return n, nil
		}
	}
}

// turnoverFrom sums payments less refunds since a date, in fen.
func turnoverFrom(ctx context.Context, c *record.Call, id record.ID, since time.Time) (int64, error) {
	var sum int64
	f := record.All(record.Where("customer_id", id), in("kind", Payment, Refund), record.Filter{Field: "dated_on", Op: field.Ge, Value: since})
	err := each(ctx, c, "transaction", f, func(t *Transaction) bool {
		sum += t.turnover()
		return true
	})
	return sum, err
}

// endOf is the last second of a civil date in China.
func endOf(d time.Time) time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), 23, 59, 59, 0, china()).UTC()
}

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
