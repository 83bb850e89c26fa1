package interaction

import (
	"context"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
)

// batch is how many records one transaction of a job takes.
const batch = 100

// MarkLate marks open promises and tasks whose time has passed, under the events promise.overdue and task.overdue, on which
// clauses escalate. It returns how many. The scope is one of the system's; a second run marks nothing twice.
func MarkLate(ctx context.Context, r *action.Runner, scope record.Scope) (int, error) {
	total := 0
	for _, typ := range []string{"promise", "task"} {
		n, err := markLate(ctx, r, scope, typ)
		if total += n; err != nil {
			return total, fmt.Errorf("mark late %s: %w", typ, err)
		}
	}
	return total, nil
}

func markLate(ctx context.Context, r *action.Runner, scope record.Scope, typ string) (int, error) {
	var last record.ID
	n := 0
	for {
		var list []record.Entity
		err := r.InTx(ctx, scope, func(c *record.Call) (err error) {
			f := record.All(record.Where("status", Open), record.Where("late", false), record.Filter{Field: "due_at", Op: field.Lt, Value: c.Now})
			list, err = c.Work.Find(ctx, c, typ, beyond(f, last), batch)
			return err
		})
		if err != nil {
			return n, err
		}
		for _, e := range list {
			last = e.HeadOf().ID
			err := r.InTx(ctx, scope, func(c *record.Call) error {
				r.Store.Types.Type(typ).Field("late").Set(e, true)
				return c.Work.Save(ctx, c, typ, "overdue", e)
			})
			switch {
			case err == nil:
				n++
			case errs.Is(err, errs.Internal):
				return n, err
			}
		}
		if len(list) < batch {
			return n, nil
		}
	}
}

// beyond is the filter for what follows a record in order of ids; none is before all.
func beyond(f record.Filter, last record.ID) record.Filter {
	if last == 0 {
		return f
	}
	return record.All(f, record.Filter{Field: "id", Op: field.Gt, Value: last})
}
