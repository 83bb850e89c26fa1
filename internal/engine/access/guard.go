package access

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Guard makes scopes. It keeps what it has read of the organisation for a few seconds and forgets it when told to
// ([Guard.Forget]). It is safe for concurrent use.
type Guard struct {
	// Doors are asked once the grants permit the action; each may still refuse it. Set them before first use.
	Doors []Door

	types *record.Registry
	clock clock.Clock

	mu    sync.Mutex
	org   *organisation
	until time.Time
}

// Door is a further check of whether the actor may enter the type at all. A refusal may be a [record.Aftermath].
type Door func(ctx context.Context, tx *db.Tx, a Actor, t *record.Type, action string) error

// NewGuard returns a guard over the types.
func NewGuard(types *record.Registry, c clock.Clock) *Guard { return &Guard{types: types, clock: c} }

const keep = 5 * time.Second

// organisation is one reading of units, posts and grants.
type organisation struct {
	parent   map[record.ID]record.ID
	kind     map[record.ID]string
	calendar map[record.ID]string
	children map[record.ID][]record.ID
	grants   map[string][]Grant // by role key
}

// Forget drops what the guard has read, so that a change of the organisation counts at once.
func (g *Guard) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.org = nil
}

func (g *Guard) organisation(ctx context.Context, tx *db.Tx) (*organisation, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	if g.org != nil && now.Before(g.until) {
		return g.org, nil
	}
	o, err := readOrganisation(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read organisation: %w", err)
	}
	g.org, g.until = o, now.Add(keep)
	return o, nil
}

func readOrganisation(ctx context.Context, tx *db.Tx) (*organisation, error) {
	o := &organisation{
		parent: map[record.ID]record.ID{}, kind: map[record.ID]string{}, calendar: map[record.ID]string{},
		children: map[record.ID][]record.ID{}, grants: map[string][]Grant{},
	}
	err := tx.Each(ctx, "SELECT id, kind, parent_id, calendar FROM units WHERE archived_at IS NULL", nil, func(r *sql.Rows) error {
		var id, parent record.ID
		var kind, calendar string
		if err := r.Scan(&id, &kind, &parent, &calendar); err != nil {
			return err
		}
		o.parent[id], o.kind[id], o.calendar[id] = parent, kind, calendar
		o.children[parent] = append(o.children[parent], id)
		return nil
	})
	if err != nil {
		return nil, err
	}
	const grants = `SELECT r.key, g.type, g.action, g.reach, g.class FROM grants g JOIN roles r ON r.id = g.role_id
		WHERE g.archived_at IS NULL AND r.archived_at IS NULL`
	err = tx.Each(ctx, grants, nil, func(r *sql.Rows) error {
		var role, class string
		var gr Grant
		if err := r.Scan(&role, &gr.Type, &gr.Action, &gr.Reach, &class); err != nil {
			return err
		}
		gr.Class, _ = record.ParseClass(class)
		o.grants[role] = append(o.grants[role], gr)
		return nil
	})
	return o, err
}

// department is the nearest unit at or above u that is no team.
func (o *organisation) department(u record.ID) record.ID {
	for range 50 {
		if o.kind[u] != "team" || o.parent[u] == 0 {
			return u
		}
		u = o.parent[u]
	}
	return u
}

// below lists u and all units under it.
func (o *organisation) below(u record.ID) []record.ID {
	out := []record.ID{u}
	for i := 0; i < len(out) && len(out) < 5000; i++ {
		out = append(out, o.children[out[i]]...)
	}
	return out
}

// Actor reads who the person is now: posts, roles, units. A disabled or unknown person gives Unauthenticated.
func (g *Guard) Actor(ctx context.Context, tx *db.Tx, user record.ID) (Actor, error) {
	a := Actor{UserID: user}
	var status string
	err := tx.QueryRow(ctx, "SELECT name, status, since FROM users WHERE id = ? AND archived_at IS NULL", user).Scan(&a.Name, &status, db.Time(&a.Since))
	if db.IsNoRows(err) || err == nil && status != "active" {
		return Actor{}, errs.New(errs.Unauthenticated, "access.no_account")
	}
	if err != nil {
		return Actor{}, fmt.Errorf("read person: %w", err)
	}
	today := db.Day(g.clock.Now())
	const postings = `SELECT p.key, p.roles, s.in_unit FROM postings s JOIN posts p ON p.id = s.post_id
		WHERE s.user_id = ? AND s.archived_at IS NULL AND p.archived_at IS NULL
		AND (s.starts_on IS NULL OR s.starts_on <= ?) AND (s.ends_on IS NULL OR s.ends_on >= ?) ORDER BY s.main DESC, s.id`
	err = tx.Each(ctx, postings, []any{user, today, today}, func(r *sql.Rows) error {
		var key string
		var roles sql.NullString
		var unit record.ID
		if err := r.Scan(&key, &roles, &unit); err != nil {
			return err
		}
		var list []string
		if err := json.Unmarshal([]byte(roles.String), &list); err != nil {
			return err
		}
		a.Posts, a.Roles = addNew(a.Posts, key), addNew(a.Roles, list...)
		if !slices.Contains(a.Units, unit) {
			a.Units = append(a.Units, unit)
		}
		return nil
	})
	if err != nil {
		return Actor{}, fmt.Errorf("read posts: %w", err)
	}
	return a, nil
}

func addNew(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// Authorize returns the scope in which the actor may take the action on the type, or Forbidden. Whether a certain
// record lies within it, the store decides when it reads the record.
func (g *Guard) Authorize(ctx context.Context, tx *db.Tx, a Actor, typ, action string) (record.Scope, error) {
	t := g.types.Type(typ)
	if t == nil {
		return record.Scope{}, errs.New(errs.NotFound, "record.unknown_type").With("type", typ)
	}
	if !a.IsPerson() {
		return record.Scope{}, errs.New(errs.Unauthenticated, "access.sign_in")
	}
	o, err := g.organisation(ctx, tx)
	if err != nil {
		return record.Scope{}, err
	}
	denied := errs.New(errs.Forbidden, "access.denied").With("type", t.Name).With("action", action)
	if !tokenAllows(a.Scopes, t.Name, action) {
		return record.Scope{}, denied
	}
	s := record.Scope{Actor: a, Type: t.Name, Action: action, Recuse: a.UserID, Visible: g.visible(o, t, a, action), Clear: g.clear(o, t, a)}
	if s.Visible.None() {
		return record.Scope{}, denied
	}
	for _, door := range g.Doors {
		if err := door(ctx, tx, a, t, action); err != nil {
			return record.Scope{}, err
		}
	}
	for _, f := range t.ParentFields() {
		of := g.types.Type(f.Ref)
		s.Parents = append(s.Parents, record.ParentScope{Field: f.Name, Of: of, Visible: g.visible(o, of, a, record.Read)})
	}
	return record.NewScope(s), nil
}

// visible joins the reaches of all grants that cover the action.
func (g *Guard) visible(o *organisation, t *record.Type, a Actor, action string) record.Rows {
	rows := record.Rows{Public: t.Open && action == record.Read}
	for _, role := range a.Roles {
		for _, gr := range o.grants[role] {
			if gr.covers(t.Name, action) {
				rows = rows.Or(o.rows(gr.Reach, a))
			}
		}
	}
	return rows
}

// clear says for each masked class on which records it is shown.
func (g *Guard) clear(o *organisation, t *record.Type, a Actor) map[record.Class]record.Rows {
	out := map[record.Class]record.Rows{}
	for _, role := range a.Roles {
		for _, gr := range o.grants[role] {
			if !gr.covers(t.Name, record.Read) {
				continue
			}
			for c := record.Personal; c <= gr.Class; c++ {
				out[c] = out[c].Or(o.rows(gr.Reach, a))
			}
		}
	}
	return out
}

func (o *organisation) rows(reach Reach, a Actor) record.Rows {
	var rows record.Rows
	switch reach {
	case All:
		return record.Rows{All: true}
	case Own:
		return record.Rows{Owner: a.UserID}
	case Team:
		rows.Units = slices.Clone(a.Units)
	case InDep:
		for _, u := range a.Units {
			rows.Units = append(rows.Units, o.department(u))
			if d := o.department(u); d != u {
				rows.Units = append(rows.Units, u)
			}
		}
	case Below:
		for _, u := range a.Units {
			rows.Units = append(rows.Units, o.below(o.department(u))...)
		}
	}
	rows.Owner = a.UserID // what is one's own is within every reach
	return rows
}

// tokenAllows checks the limits of an API token: "type:action", "type:*", "*:read".
func tokenAllows(scopes []string, typ, action string) bool {
	if scopes == nil {
		return true
	}
	for _, want := range []string{typ + ":" + action, typ + ":*", "*:" + action, "*:*"} {
		if slices.Contains(scopes, want) {
			return true
		}
	}
	return false
}

// SystemScope returns the scope of a named part of the program: a job, a command, a public page. It reaches all rows
// in clear. Each use is listed in a test of app.
func (g *Guard) SystemScope(name, via, typ, action string) record.Scope {
	all := record.Rows{All: true}
	return record.NewScope(record.Scope{
		Actor: Actor{System: name, Via: via}, Type: typ, Action: action, Visible: all,
		Clear: map[record.Class]record.Rows{record.Personal: all, record.Sensitive: all},
	})
}

// Calendar returns the key of the working calendar that holds for a unit: its own or the nearest above; "" for none.
func (g *Guard) Calendar(ctx context.Context, tx *db.Tx, unit record.ID) (string, error) {
	o, err := g.organisation(ctx, tx)
	if err != nil {
		return "", err
	}
	for range 50 {
		if unit == 0 {
			return "", nil
		}
		if c := o.calendar[unit]; c != "" {
			return c, nil
		}
		unit = o.parent[unit]
	}
	return "", nil
}

// Above returns the unit and all units above it, nearest first.
func (g *Guard) Above(ctx context.Context, tx *db.Tx, unit record.ID) ([]record.ID, error) {
	o, err := g.organisation(ctx, tx)
	if err != nil {
		return nil, err
	}
	var out []record.ID
	for unit != 0 && len(out) < 50 {
		out = append(out, unit)
		unit = o.parent[unit]
	}
	return out, nil
}

// Below lists a unit and all units under it.
func (g *Guard) Below(ctx context.Context, tx *db.Tx, unit record.ID) ([]record.ID, error) {
	o, err := g.organisation(ctx, tx)
	if err != nil {
		return nil, err
	}
	return o.below(unit), nil
}
