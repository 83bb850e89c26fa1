package confidential

import (
	"context"
	"slices"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
)

// holders counts the people who hold the post today and are active.
func holders(ctx context.Context, c *record.Call, args []any) (any, error) {
	post, err := postByKey(ctx, c, args[0])
	if err != nil || post == 0 {
		return int64(0), err
	}
	list, err := record.Find[org.Posting](ctx, c, "posting", record.Where("post_id", post), enough)
	if err != nil {
		return nil, err
	}
	return people(ctx, c, list)
}

// unitHolders counts the active people who hold the post in the unit today, both by key; 0 where there is no such unit.
func unitHolders(ctx context.Context, c *record.Call, args []any) (any, error) {
	key, _ := args[0].(string)
	units, err := record.Find[org.Unit](ctx, c, "unit", record.Where("key", key), 1)
	if err != nil || len(units) == 0 || !units[0].ArchivedAt.IsZero() {
		return int64(0), err
	}
	post, err := postByKey(ctx, c, args[1])
	if err != nil || post == 0 {
		return int64(0), err
	}
	list, err := record.Find[org.Posting](ctx, c, "posting", record.All(record.Where("in_unit", units[0].ID), record.Where("post_id", post)), enough)
	if err != nil {
		return nil, err
	}
	return people(ctx, c, list)
}

// members counts the active people with a post in the unit itself today.
func members(ctx context.Context, c *record.Call, args []any) (any, error) {
	unit, _ := args[0].(record.ID)
	if unit == 0 {
		return int64(0), nil
	}
	list, err := record.Find[org.Posting](ctx, c, "posting", record.Where("in_unit", unit), enough)
	if err != nil {
		return nil, err
	}
	return people(ctx, c, list)
}

func people(ctx context.Context, c *record.Call, list []*org.Posting) (any, error) {
	var seen []record.ID
	for _, p := range current(list, today(c.Now)) {
		if slices.Contains(seen, p.UserID) {
			continue
		}
		u, err := record.Load[org.User](ctx, c, "user", p.UserID)
		if err != nil {
			return nil, err
		}
		if u.Status == "active" && u.ArchivedAt.IsZero() {
			seen = append(seen, p.UserID)
		}
	}
	return int64(len(seen)), nil
}

// teamsOf lists the keys of the teams in which the person holds a post today; the number stands for a missing key. A
// team is a unit of that kind, or any part of a department.
func teamsOf(ctx context.Context, c *record.Call, args []any) (any, error) {
	person, _ := args[0].(record.ID)
	posts, err := postsOf(ctx, c, person)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, p := range posts {
		u, err := record.Load[org.Unit](ctx, c, "unit", p.InUnit)
		if err != nil {
			return nil, err
		}
		name := u.Key
		if name == "" {
			name = u.Number
		}
		team, err := isTeam(ctx, c, u)
		if err != nil {
			return nil, err
		}
		if team && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

func isTeam(ctx context.Context, c *record.Call, u *org.Unit) (bool, error) {
	if u.Kind == "team" || u.ParentID == 0 {
		return u.Kind == "team", nil
	}
	above, err := record.Load[org.Unit](ctx, c, "unit", u.ParentID)
	return err == nil && above.Kind != "company", err
}
