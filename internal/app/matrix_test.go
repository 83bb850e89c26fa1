package app_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
)

// TestEveryTypeIsClosedUnlessGranted goes through every registered type × action × reach × class: a single grant opens
// just that action on just that type, as far as its reach and class say, and nothing else. New types are in it by
// themselves.
func TestEveryTypeIsClosedUnlessGranted(t *testing.T) {
	t.Parallel()
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
	company, team := &org.Unit{Name: "公司", Kind: "company"}, &org.Unit{Name: "小组", Kind: "team"}
	role, row := &org.Role{Title: "单项", Key: "single"}, &org.GrantRow{Type: "none", Action: "none", Reach: "own", Class: "internal"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(a.InTx(ctx, "test", "test", func(c *record.Call) error {
		if err := c.Work.Insert(ctx, c, "unit", company); err != nil {
			return err
		}
		team.ParentID = company.ID
		if err := c.Work.Insert(ctx, c, "unit", team); err != nil {
			return err
		}
		if err := c.Work.Insert(ctx, c, "role", role); err != nil {
			return err
		}
		row.RoleID = role.ID
		return c.Work.Insert(ctx, c, "grant", row)
	}))
	actor := access.Actor{UserID: 4711, Roles: []string{"single"}, Units: []record.ID{team.ID}}
	authorize := func(typ, action string) (record.Scope, error) {
		return db.View(ctx, a.DB, func(tx *db.Tx) (record.Scope, error) { return a.Guard.Authorize(ctx, tx, actor, typ, action) })
	}
	for _, typ := range a.Types.Types() {
		for _, action := range typ.Actions {
			if _, err := authorize(typ.Name, action.Name); !errs.Is(err, errs.Forbidden) && !(typ.Open && action.Name == record.Read) {
				t.Errorf("%s.%s without a grant: %v", typ.Name, action.Name, err)
			}
		}
		for reach, want := range map[access.Reach]func(record.Rows) bool{
			access.Own:   func(r record.Rows) bool { return !r.All && r.Owner == actor.UserID && len(r.Units) == 0 },
			access.Team:  func(r record.Rows) bool { return !r.All && len(r.Units) == 1 && r.Units[0] == team.ID },
			access.InDep: func(r record.Rows) bool { return !r.All && len(r.Units) == 2 },
			access.Below: func(r record.Rows) bool { return !r.All && len(r.Units) == 2 },
			access.All:   func(r record.Rows) bool { return r.All },
		} {
			for class := record.Public; class <= record.Sensitive; class++ {
				must(grant(ctx, a, row.ID, typ.Name, string(reach), class))
				label := fmt.Sprintf("%s.read %s %s", typ.Name, reach, class)
				scope, err := authorize(typ.Name, record.Read)
				if err != nil || !want(scope.Visible) {
					t.Errorf("%s: %+v, %v", label, scope.Visible, err)
					continue
				}
				for c := record.Personal; c <= record.Sensitive; c++ {
					if shown := !scope.Clear[c].None(); shown != (c <= class) {
						t.Errorf("%s: class %s in clear is %v", label, c, shown)
					}
				}
				if scope.Recuse != actor.UserID || len(scope.Parents) != len(typ.ParentFields()) {
					t.Errorf("%s: recusal or parents are not applied", label)
				}
				for _, action := range typ.Actions {
					if action.Name == record.Read {
						continue
					}
					if _, err := authorize(typ.Name, action.Name); !errs.Is(err, errs.Forbidden) {
						t.Errorf("%s opens %s: %v", label, action.Name, err)
					}
				}
			}
		}
	}
}

// grant makes the one grant of the matrix say something else.
func grant(ctx context.Context, a *app.App, id record.ID, typ, reach string, class record.Class) error {
	err := db.Do(ctx, a.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE grants SET type = ?, action = 'read', reach = ?, class = ? WHERE id = ?", typ, reach, class.String(), id)
		return err
	})
	a.Guard.Forget()
	return err
}
