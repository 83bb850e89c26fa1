package customer

import (
	"context"
	"slices"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// worksHere tells whether a person's account is active.
func worksHere(ctx context.Context, c *record.Call, args []any) (any, error) {
	id, _ := args[0].(record.ID)
	if id == 0 {
		return false, nil
	}
	u, err := record.Load[org.User](ctx, c, "user", id)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	if err != nil {
		return nil, err
	}
	return u.Status == "active" && !u.Archived(), nil
}

// worksIn tells whether a person holds a post today in the unit of that key or in one below it.
func worksIn(ctx context.Context, c *record.Call, args []any) (any, error) {
	id, _ := args[0].(record.ID)
	key, _ := args[1].(string)
	units, err := record.Find[org.Unit](ctx, c, "unit", record.Where("key", key), 1)
	if err != nil || key == "" || len(units) == 0 {
		return false, err
	}
	list, err := postings(ctx, c, id)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if in, err := within(ctx, c, p.InUnit, units[0].ID); err != nil || in {
			return in, err
		}
	}
	return false, nil
}

// leads tells whether the first person stands above the second: he holds a higher leading role in a unit of the other's,
// or in one above it.
func leads(ctx context.Context, c *record.Call, args []any) (any, error) {
	boss, _ := args[0].(record.ID)
	staff, _ := args[1].(record.ID)
	above, err := postings(ctx, c, boss)
	if err != nil || boss == staff {
		return false, err
	}
	below, err := postings(ctx, c, staff)
	if err != nil {
		return nil, err
	}
	for _, a := range above {
		top, err := rank(ctx, c, a.PostID)
		if err != nil {
			return nil, err
		}
		for _, b := range below {
			low, err := rank(ctx, c, b.PostID)
			if err != nil {
				return nil, err
			}
			in, err := within(ctx, c, b.InUnit, a.InUnit)
			if err != nil {
				return nil, err
			}
			if in && top > low {
				return true, nil
			}
		}
	}
	return false, nil
}

// rank is how high a post stands: 0 for one that leads nobody.
func rank(ctx context.Context, c *record.Call, post record.ID) (int, error) {
	p, err := record.Load[org.Post](ctx, c, "post", post)
	if err != nil {
		return 0, err
	}
	top := 0
	for i, roles := range [][]string{{"team_leader"}, {"manager"}, {"partner", "director"}} {
		if slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(p.Roles, r) }) {
			top = i + 1
		}
	}
	return top, nil
}

// postings lists the posts a person holds today.
func postings(ctx context.Context, c *record.Call, user record.ID) ([]*org.Posting, error) {
	if user == 0 {
		return nil, nil
	}
	list, err := record.Find[org.Posting](ctx, c, "posting", record.Where("user_id", user), page)
	now := day(c.Now)
	return slices.DeleteFunc(list, func(p *org.Posting) bool {
		return p.Archived() || p.StartsOn != nil && p.StartsOn.After(now) || p.EndsOn != nil && p.EndsOn.Before(now)
	}), err
}

// within tells whether a unit is another or stands below it.
func within(ctx context.Context, c *record.Call, unit, top record.ID) (bool, error) {
	for range 50 {
		if unit == 0 || unit == top {
			return unit == top && top != 0, nil
		}
		u, err := record.Load[org.Unit](ctx, c, "unit", unit)
		if err != nil {
			return false, err
		}
		unit = u.ParentID
	}
	return false, nil
}
