package confidential

import (
	"context"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
)

// Expire ends authorisations, approved exports and delegations whose last day has passed, under the event "end" of each.
// It returns how many. The scope is one of the system's; a second run ends nothing twice.
func Expire(ctx context.Context, r *action.Runner, scope record.Scope) (int, error) {
	n := 0
	for typ, state := range map[string]string{"authorisation": Approved, "export_approval": Approved, "delegation": "active"} {
		done, err := expire(ctx, r, scope, typ, state)
		if n += done; err != nil {
			return n, fmt.Errorf("end %s: %w", typ, err)
		}
	}
	return n, nil
}

// batch is how many records one transaction of the job takes.
const batch = 100

func expire(ctx context.Context, r *action.Runner, scope record.Scope, typ, state string) (int, error) {
	total := 0
	for {
		n := 0
		err := r.InTx(ctx, scope, func(c *record.Call) error {
			list, err := c.Work.Find(ctx, c, typ, record.All(record.Where("state", state), record.Filter{Field: "ends_on", Op: field.Lt, Value: today(c.Now)}), batch)
			n = len(list)
			for _, e := range list {
				if err := end(ctx, c, typ, e); err != nil {
					return err
				}
			}
			return err
		})
		if total += n; err != nil || n < batch {
			return total, err
		}
	}
}

func end(ctx context.Context, c *record.Call, typ string, e record.Entity) error {
	if a, ok := e.(*Authorisation); ok {
		if err := admit(ctx, c, a, false); err != nil {
			return err
		}
		a.State = Ended
	}
	if d, ok := e.(*Delegation); ok {
		d.State = Ended
	}
	if x, ok := e.(*ExportApproval); ok {
		x.State = Ended
	}
	return c.Work.Save(ctx, c, typ, "end", e)
}

// Clearance finds the approved export of the person that covers the rows of the type today; none gives 0.
func Clearance(ctx context.Context, c *record.Call, rows int) (record.ID, error) {
	list, err := record.Find[ExportApproval](ctx, c, "export_approval", record.All(record.Where("person_id", c.Actor().UserID), record.Where("subject", c.Type.Name),
		record.Where("state", Approved), record.Filter{Field: "ends_on", Op: field.Ge, Value: today(c.Now)}, record.Filter{Field: "rows", Op: field.Ge, Value: int64(rows)}), 1)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].ID, nil
}
