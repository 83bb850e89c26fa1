package confidential_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"dianke/internal/domain/confidential"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
	"dianke/internal/platform/vault"
)

var ctx = context.Background()

// monday is 2026-03-02 10:00 in China.
var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

type client struct {
	record.Head
	Name  string `rec:"text,required,name"`
	Phone string `rec:"phone,class=personal"`
}

// bench is a department with a team over an empty database: a head, a clerk and another department's clerk.
type bench struct {
	db      *db.DB
	st      *store.Store
	run     *action.Runner
	records *access.Records
	clock   *clock.Fake
	ids     map[string]record.ID
}

func each(t *testing.T, fn func(t *testing.T, b *bench)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, newBench(t, d)) })
}

func newBench(t *testing.T, d *db.DB) *bench {
	t.Helper()
	reg := record.NewRegistry()
	org.Register(reg)
	confidential.Register(reg)
	reg.Add(record.Declare[client](record.Spec{Name: "customer", Plural: "customers", Prefix: "C", Title: "name", LogReads: true}))
	if err := reg.Check(); err != nil {
		t.Fatal(err)
	}
	dbtest.Make(t, d, append(schema.Tables(reg), audit.Tables()...)...)
	keys, err := vault.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	fake := clock.NewFake(monday)
	st := &store.Store{Types: reg, Audit: audit.New(fake), Keys: keys, Clock: fake, IDs: ids.NewSource(fake, 1)}
	b := &bench{db: d, st: st, clock: fake, run: &action.Runner{DB: d, Store: st, Gates: []record.Gate{recusal.Gate{}}}, ids: map[string]record.ID{}}
	b.records = &access.Records{DB: d, Store: st, Runner: b.run, Guard: access.NewGuard(reg, fake), Clearance: confidential.Clearance, Free: 3}
	b.people(t)
	return b
}

func (b *bench) people(t *testing.T) {
	t.Helper()
	dep := b.make(t, "dep", "unit", map[string]any{"name": "客户部", "key": "dep", "kind": "department"})
	team := b.make(t, "team", "unit", map[string]any{"name": "一组", "key": "team", "kind": "team", "parent_id": dep.String()})
	other := b.make(t, "other", "unit", map[string]any{"name": "市场部", "key": "other", "kind": "department"})
	for role, list := range access.Merge(confidential.Grants(), access.RoleGrants{
		"clerk":   {{Type: "customer", Action: "*", Reach: access.All}},
		"manager": {{Type: "customer", Action: "*", Reach: access.All}, {Type: "customer", Action: record.Export, Reach: access.All}},
	}) {
		id := b.make(t, "", "role", map[string]any{"title": role, "key": role})
		for _, g := range list {
			b.make(t, "", "grant", map[string]any{"role_id": id.String(), "type": g.Type, "action": g.Action, "reach": string(g.Reach), "class": g.Class.String()})
		}
	}
	for post, role := range map[string]string{"head": "manager", "clerk": "clerk"} {
		b.make(t, "post "+post, "post", map[string]any{"title": post, "key": post, "roles": []any{role}})
	}
	for login, at := range map[string]struct {
		post string
		unit record.ID
	}{"zhang": {"head", dep}, "li": {"clerk", team}, "wang": {"clerk", team}, "zhao": {"clerk", other}} {
		b.make(t, login, "user", map[string]any{"name": login, "login": login})
		b.make(t, login+" posting", "posting", map[string]any{"user_id": b.ids[login].String(), "post_id": b.ids["post "+at.post].String(), "in_unit": at.unit.String()})
	}
}

// make writes a record as the program and names it.
func (b *bench) make(t *testing.T, name, typ string, in map[string]any) record.ID {
	t.Helper()
	res, err := b.run.Do(ctx, b.records.Guard.SystemScope("test", "test", typ, record.Create), action.Command{Type: typ, Action: record.Create, Input: in})
	if err != nil {
		t.Fatalf("make %s: %v", typ, err)
	}
	b.records.Guard.Forget()
	b.ids[name] = res.Record.HeadOf().ID
	return b.ids[name]
}

func (b *bench) actor(t *testing.T, login string) record.Actor {
	t.Helper()
	a, err := b.records.Actor(ctx, b.ids[login])
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (b *bench) try(t *testing.T, login, typ, act string, id record.ID, in map[string]any) (record.ID, error) {
	t.Helper()
	v, err := b.records.Do(ctx, b.actor(t, login), action.Command{Type: typ, Action: act, ID: id, Input: in})
	if err != nil || v == nil {
		return id, err
	}
	return v.Record.ID, nil
}

func (b *bench) do(t *testing.T, login, typ, act string, id record.ID, in map[string]any) record.ID {
	t.Helper()
	got, err := b.try(t, login, typ, act, id, in)
	if err != nil {
		t.Fatalf("%s: %s.%s: %v", login, typ, act, err)
	}
	return got
}

// fails runs what must fail with the kind and, where one is named, the key.
func (b *bench) fails(t *testing.T, login, typ, act string, id record.ID, in map[string]any, kind errs.Kind, key string) {
	t.Helper()
	_, err := b.try(t, login, typ, act, id, in)
	if !errs.Is(err, kind) || key != "" && errs.KeyOf(err) != key {
		t.Errorf("%s: %s.%s: %v, want %v %s", login, typ, act, err, kind, key)
	}
}

func (b *bench) sees(t *testing.T, login string, id record.ID) bool {
	t.Helper()
	_, err := b.records.Read(ctx, b.actor(t, login), "document", id)
	if err != nil && !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// fact asks one fact in a transaction.
func (b *bench) fact(t *testing.T, name string, args ...any) any {
	t.Helper()
	var out any
	for _, f := range confidential.Facts() {
		if f.Name != name {
			continue
		}
		if len(f.Args) != len(args) {
			t.Fatalf("fact %s has %d arguments", name, len(f.Args))
		}
		err := b.run.InTx(ctx, b.records.Guard.SystemScope("test", "test", "customer", record.Read), func(c *record.Call) (err error) {
			out, err = f.Call(ctx, c, args)
			return err
		})
		if err != nil {
			t.Fatalf("fact %s: %v", name, err)
		}
		return out
	}
	t.Fatalf("no fact %s", name)
	return nil
}

// system runs an action as the program.
func (b *bench) system(typ, act string, id record.ID, in map[string]any) (action.Result, error) {
	return b.run.Do(ctx, b.records.Guard.SystemScope("test", "test", typ, act), action.Command{Type: typ, Action: act, ID: id, Input: in})
}
