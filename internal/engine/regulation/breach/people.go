package breach

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
)

// holders lists the people nearest to the unit who hold a post of the role, without one of them. No unit means the whole
// company.
func holders(ctx context.Context, c *record.Call, role string, unit, without record.ID) ([]record.ID, error) {
	posts, err := postsOf(ctx, c, role)
	if err != nil {
		return nil, err
	}
	var out []record.ID
	for _, post := range posts {
		list, err := org.Holders(ctx, c.Tx, post, unit, c.Now)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(id record.ID) bool { return id == without }), nil
}

// postsOf lists the keys of the posts that carry a role.
func postsOf(ctx context.Context, c *record.Call, role string) ([]string, error) {
	var out []string
	err := c.Tx.Each(ctx, "SELECT key, roles FROM posts WHERE archived_at IS NULL ORDER BY id", nil, func(r *sql.Rows) error {
		var key string
		var text sql.NullString
		if err := r.Scan(&key, &text); err != nil || text.String == "" {
			return err
		}
		var roles []string
		if err := json.Unmarshal([]byte(text.String), &roles); err != nil {
			return err
		}
		if slices.Contains(roles, role) {
			out = append(out, key)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("posts of the role: %w", err)
	}
	return out, nil
}
