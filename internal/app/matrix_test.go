package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
)

// The places a row of the matrix can be in, seen from the person who looks. He holds a post in the team.
const (
	mine       = "owned by him, in a far unit"
	inTeam     = "in his team, owned by a colleague"
	inDep      = "in his department, beside the team"
	inSister   = "in another team of the department"
	far        = "in another department"
	enteredBy  = "entered by him, without owner, in a far unit"
	recusedOff = "owned by him, from which he is recused"
)

// nearest is the nearest reach that takes in the place; recused rows are within none.
var nearest = map[string]access.Reach{mine: access.Own, inTeam: access.Team, inDep: access.InDep, inSister: access.Below, far: access.All}

var reaches = []access.Reach{access.Own, access.Team, access.InDep, access.Below, access.All}

// expects is the naive answer to "is the row within the reach": the table above and nothing of the engine.
func expects(t *record.Type, place string, reach access.Reach) bool {
	if place == recusedOff {
		return false
	}
	need, ok := nearest[place]
	if place == enteredBy {
		if need, ok = access.All, true; t.CreatorOwns {
			need = access.Own
		}
	}
	return ok && slices.Index(reaches, reach) >= slices.Index(reaches, need)
}

// matrix is the application with a row of every type in every place, stored by the engine without the rooms' rules.
type matrix struct {
	*testing.T
	ctx    context.Context
	app    *app.App
	units  map[string]record.ID
	me     access.Actor
	other  record.ID
	rows   map[string]map[record.ID]string // by type: place of each row
	parent map[string]record.ID            // by type: the row that others name as theirs; it is in the team
	n      int64
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	ctx := context.Background()
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(ctx, cfg, app.Options{Clock: clock.NewFake(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)), Mail: &mail.Fake{}, Scratch: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	m := &matrix{T: t, ctx: ctx, app: a, units: map[string]record.ID{}, rows: map[string]map[record.ID]string{}, parent: map[string]record.ID{}}
	m.write(func(c *record.Call) error {
		for _, u := range []struct{ name, kind, above string }{
			{"company", "company", ""}, {"department", "department", "company"}, {"team", "team", "department"}, {"sister", "team", "department"}, {"far", "department", "company"},
		} {
			unit := &org.Unit{Name: u.name, Kind: u.kind, ParentID: m.units[u.above]}
			if err := c.Work.Insert(ctx, c, "unit", unit); err != nil {
				return err
			}
			m.units[u.name] = unit.ID
		}
		me, other := &org.User{Name: "甲", Login: "me", Status: "active", Language: "zh"}, &org.User{Name: "乙", Login: "other", Status: "active", Language: "zh"}
		for _, u := range []*org.User{me, other} {
			if err := c.Work.Insert(ctx, c, "user", u); err != nil {
				return err
			}
		}
		m.me, m.other = access.Actor{UserID: me.ID, Name: "甲", Units: []record.ID{m.units["team"]}}, other.ID
		return nil
	})
	m.write(func(c *record.Call) error {
		for _, typ := range a.Types.Types() {
			if err := m.plant(c, typ); err != nil {
				return fmt.Errorf("rows of %s: %w", typ.Name, err)
			}
		}
		return nil
	})
	return m
}

func (m *matrix) write(fn func(c *record.Call) error) {
	m.Helper()
	if err := m.app.InTx(m.ctx, "test", "test", fn); err != nil {
		m.Fatal(err)
	}
	m.app.Guard.Forget()
}

// plant stores a row of the type in every place.
func (m *matrix) plant(c *record.Call, typ *record.Type) error {
	m.rows[typ.Name] = map[record.ID]string{}
	for _, row := range []struct {
		place, unit    string
		owner, creator record.ID
	}{
		{mine, "far", m.me.UserID, m.other}, {inTeam, "team", m.other, m.other}, {inDep, "department", m.other, m.other}, {inSister, "sister", m.other, m.other},
		{far, "far", m.other, m.other}, {enteredBy, "far", 0, m.me.UserID}, {recusedOff, "team", m.me.UserID, m.me.UserID},
	} {
		id, err := m.put(c, typ, record.Head{UnitID: m.units[row.unit], OwnerID: row.owner, CreatedBy: row.creator, CreatedAt: c.Now})
		if err != nil {
			return fmt.Errorf("%s: %w", row.place, err)
		}
		m.rows[typ.Name][id] = row.place
		if row.place == recusedOff {
			if err := recusal.Declare(m.ctx, c, id, typ.Name, m.me.UserID, "本人被投诉"); err != nil {
				return err
			}
		}
	}
	return nil
}

// put stores a row in which every field that needs no other record has a value.
func (m *matrix) put(c *record.Call, typ *record.Type, h record.Head) (record.ID, error) {
	e := typ.New()
	*e.HeadOf() = h
	for _, f := range typ.Fields {
		if f.Compute != nil {
			continue
		}
		raw, err := m.value(c, f)
		if err != nil {
			return 0, err
		}
		if raw == nil {
			continue
		}
		v, fault := f.Parse(raw)
		if fault != nil {
			return 0, fmt.Errorf("value %v for %s: %w", raw, f.Name, fault)
		}
		f.Set(e, v)
	}
	err := m.app.Store.Put(m.ctx, c.Tx, store.Write{Type: typ, Scope: m.app.System("test", "test", typ.Name, record.Create), Action: record.Create, After: e})
	return e.HeadOf().ID, err
}

// value is something a field takes, as it would come from outside; nil leaves it empty.
func (m *matrix) value(c *record.Call, f *record.Field) (any, error) {
	m.n++
	switch f.Kind.Name() {
	case "text", "longtext":
		return fmt.Sprintf("v%d", m.n), nil
	case "number", "money", "percent", "decimal", "duration":
		least := int64(1)
		if f.Options.Min != nil {
			least = int64(*f.Options.Min)
		}
		if f.Unique {
			least += m.n % 50 // years stay years
		}
		return fmt.Sprint(least), nil
	case "bool":
		return "true", nil
	case "date":
		return "2026-03-01", nil
	case "time":
		return "2026-03-01T09:00:00+08:00", nil
	case "enum", "state":
		if f.Default != "" {
			return f.Default, nil
		}
		return f.Options.Enum[0], nil
	case "multienum":
		if len(f.Options.Enum) == 0 {
			return []any{"one"}, nil
		}
		return []any{f.Options.Enum[0]}, nil
	case "phone":
		return fmt.Sprintf("138%08d", m.n), nil
	case "secret":
		return fmt.Sprintf("https://example.cn/hook/%d", m.n), nil
	case "email":
		return fmt.Sprintf("v%d@example.cn", m.n), nil
	case "idcard":
		return "11010519491231002X", nil
	case "user":
		return m.other.String(), nil
	case "unit":
		return m.units["far"].String(), nil
	case "ref", "refs":
		if !f.Required && !f.Parent {
			return nil, nil
		}
		id, err := m.root(c, m.app.Types.Type(f.Ref))
		if f.Kind.Name() == "refs" {
			return []any{id.String()}, err
		}
		return id.String(), err
	}
	if f.Required {
		return nil, fmt.Errorf("the matrix has no value for a required %s", f.Kind.Name())
	}
	return nil, nil
}

func (m *matrix) root(c *record.Call, typ *record.Type) (record.ID, error) {
	if id := m.parent[typ.Name]; id != 0 {
		return id, nil
	}
	id, err := m.put(c, typ, record.Head{UnitID: m.units["team"], OwnerID: m.other, CreatedBy: m.other, CreatedAt: c.Now})
	m.parent[typ.Name] = id
	return id, err
}

// grant gives the one role of the matrix these grants and nothing else.
func (m *matrix) grant(list ...access.Grant) {
	m.Helper()
	m.me.Roles = []string{"matrix"}
	err := db.Do(m.ctx, m.app.DB, func(tx *db.Tx) error {
		if _, err := tx.Exec(m.ctx, "DELETE FROM grants WHERE role_id IN (SELECT id FROM roles WHERE key = 'matrix')"); err != nil {
			return err
		}
		if _, err := tx.Exec(m.ctx, "DELETE FROM roles WHERE key = 'matrix'"); err != nil {
			return err
		}
		role := m.app.Store.IDs.Next()
		const head = "id, number, unit_id, owner_id, created_at, created_by, updated_at, updated_by, lock_version"
		if _, err := tx.Exec(m.ctx, "INSERT INTO roles ("+head+", title, key) VALUES (?, 'R', 0, 0, ?, 0, ?, 0, 1, 'matrix', 'matrix')", role, m.app.Clock.Now(), m.app.Clock.Now()); err != nil {
			return err
		}
		for i, g := range list {
			_, err := tx.Exec(m.ctx, "INSERT INTO grants ("+head+", role_id, type, action, reach, class) VALUES (?, ?, 0, 0, ?, 0, ?, 0, 1, ?, ?, ?, ?, ?)",
				m.app.Store.IDs.Next(), fmt.Sprint("G", i), m.app.Clock.Now(), m.app.Clock.Now(), role, g.Type, g.Action, string(g.Reach), g.Class.String())
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		m.Fatal(err)
	}
	m.app.Guard.Forget()
}

// seen are the rows of the type that the person's scope for the action takes in, by id, as stored and found by a query.
func (m *matrix) seen(typ *record.Type, action string) (map[record.ID]mask.View, error) {
	return db.View(m.ctx, m.app.DB, func(tx *db.Tx) (map[record.ID]mask.View, error) {
		scope, err := m.app.Guard.Authorize(m.ctx, tx, m.me, typ.Name, action)
		if err != nil {
			return nil, err
		}
		page, err := m.app.Store.List(m.ctx, tx, typ, scope, record.Query{Sort: "id", Limit: 200})
		if err != nil {
			return nil, err
		}
		out := map[record.ID]mask.View{}
		for _, e := range page.Items {
			if _, ours := m.rows[typ.Name][e.HeadOf().ID]; ours {
				out[e.HeadOf().ID] = mask.Of(typ, scope, e)
			}
		}
		return out, nil
	})
}

// compare holds what is seen against what the table expects.
func (m *matrix) compare(label string, typ *record.Type, action string, want func(place string) bool) map[record.ID]mask.View {
	m.Helper()
	got, err := m.seen(typ, action)
	any := false
	for id, place := range m.rows[typ.Name] {
		_, ok := got[id]
		any = any || want(place)
		if ok != want(place) {
			m.Errorf("%s: the row %s is seen: %v", label, place, ok)
		}
	}
	if err != nil && (any || !errs.Is(err, errs.Forbidden)) {
		m.Errorf("%s: %v", label, err)
	}
	return got
}

// masks holds what is shown of each field against the class that the grant shows in clear.
func (m *matrix) masks(label string, typ *record.Type, views map[record.ID]mask.View, clear func(place string, c record.Class) bool) {
	m.Helper()
	for id, v := range views {
		for _, c := range v.Cells {
			if c.Field.Class < record.Personal {
				if c.Masked {
					m.Errorf("%s: %s is masked", label, c.Field.Name)
				}
				continue
			}
			if want := clear(m.rows[typ.Name][id], c.Field.Class); want == c.Masked {
				m.Errorf("%s: %s (%s) of the row %s is masked: %v", label, c.Field.Name, c.Field.Class, m.rows[typ.Name][id], c.Masked)
			}
			if c.Masked && c.Value != nil {
				m.Errorf("%s: %s carries its value under the mask", label, c.Field.Name)
			}
		}
	}
}

// TestMatrixOfSingleGrants goes through every registered type × action × reach × class over stored rows: a single grant
// opens just that action on just that type, as far as its reach says, shows just the fields its class says, and nothing
// else. New types are in it by themselves.
func TestMatrixOfSingleGrants(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	for _, typ := range m.app.Types.Types() {
		m.grant()
		for _, action := range typ.Actions {
			m.compare(typ.Name+"."+action.Name+" without a grant", typ, action.Name, func(place string) bool {
				return typ.Open && action.Name == record.Read && place != recusedOff
			})
		}
		var parents []access.Grant
		for _, f := range typ.ParentFields() {
			parents = append(parents, access.Grant{Type: f.Ref, Action: record.Read, Reach: access.All})
		}
		for _, reach := range reaches {
			for class := record.Public; class <= record.Sensitive; class++ {
				label := fmt.Sprintf("%s.read %s %s", typ.Name, reach, class)
				m.grant(append(parents, access.Grant{Type: typ.Name, Action: record.Read, Reach: reach, Class: class})...)
				views := m.compare(label, typ, record.Read, func(place string) bool {
					return expects(typ, place, reach) || typ.Open && place != recusedOff
				})
				m.masks(label, typ, views, func(place string, c record.Class) bool { return c <= class && expects(typ, place, reach) })
			}
			m.actions(typ, reach, parents)
		}
		if len(parents) > 0 && !typ.Open {
			m.grant(access.Grant{Type: typ.Name, Action: record.Read, Reach: access.All, Class: record.Sensitive})
			m.compare(typ.Name+".read without sight of what it belongs to", typ, record.Read, func(string) bool { return m.openParents(typ) })
		}
	}
}

// openParents reports whether everybody sees what the type belongs to.
func (m *matrix) openParents(typ *record.Type) bool {
	for _, f := range typ.ParentFields() {
		if !m.app.Types.Type(f.Ref).Open {
			return false
		}
	}
	return true
}

// actions gives each action of the type alone: it reaches what it should, and opens no other action.
func (m *matrix) actions(typ *record.Type, reach access.Reach, parents []access.Grant) {
	m.Helper()
	for _, action := range typ.Actions {
		if action.Name == record.Read {
			continue
		}
		label := fmt.Sprintf("%s.%s %s", typ.Name, action.Name, reach)
		m.grant(append(parents, access.Grant{Type: typ.Name, Action: action.Name, Reach: reach})...)
		views := m.compare(label, typ, action.Name, func(place string) bool { return expects(typ, place, reach) })
		m.masks(label, typ, views, func(string, record.Class) bool { return false })
		for _, other := range typ.Actions {
			if other == action || typ.Open && other.Name == record.Read {
				continue
			}
			if _, err := m.seen(typ, other.Name); !errs.Is(err, errs.Forbidden) {
				m.Errorf("%s opens %s: %v", label, other.Name, err)
			}
		}
	}
}

// TestMatrixOfDefaultRoles goes through every role × type × action over stored rows and holds what the engine gives the
// role against a naive reading of the grants its rooms declare.
func TestMatrixOfDefaultRoles(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	for role, grants := range m.app.Installer.Roles {
		m.grant(grants...)
		for _, typ := range m.app.Types.Types() {
			for _, action := range typ.Actions {
				label := fmt.Sprintf("%s: %s.%s", role, typ.Name, action.Name)
				views := m.compare(label, typ, action.Name, func(place string) bool { return m.permits(grants, typ, action.Name, place) })
				if action.Name != record.Read {
					continue
				}
				m.masks(label, typ, views, func(place string, c record.Class) bool {
					return slices.ContainsFunc(grants, func(g access.Grant) bool {
						return speaks(g, typ.Name, record.Read) && c <= g.Class && expects(typ, place, g.Reach)
					})
				})
			}
		}
	}
}

// permits is the naive reading: some grant speaks of the action and reaches the place, and the parent is in sight.
func (m *matrix) permits(grants []access.Grant, typ *record.Type, action, place string) bool {
	if place == recusedOff {
		return false
	}
	ok := typ.Open && action == record.Read || slices.ContainsFunc(grants, func(g access.Grant) bool {
		return speaks(g, typ.Name, action) && expects(typ, place, g.Reach)
	})
	for _, f := range typ.ParentFields() {
		of := m.app.Types.Type(f.Ref)
		ok = ok && (of.Open || slices.ContainsFunc(grants, func(g access.Grant) bool {
			return speaks(g, of.Name, record.Read) && expects(of, inTeam, g.Reach)
		}))
	}
	return ok
}

func speaks(g access.Grant, typ, action string) bool {
	if g.Type != typ && g.Type != "*" {
		return false
	}
	return g.Action == action || g.Action == "*" && action != record.Reveal && action != record.Export && action != record.Import
}
