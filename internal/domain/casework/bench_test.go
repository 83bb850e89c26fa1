package casework_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
	"dianke/internal/platform/vault"
)

// customer stands for the type of the room next door.
type customer struct {
	record.Head
	Name          string    `rec:"text,required,max=200,name"`
	Stage         string    `rec:"text,max=20"`
	Key           bool      `rec:"bool"`
	LastContactAt time.Time `rec:"time"`
}

func (c *customer) IsKey() bool { return c.Key }

// monday is 2026-03-02 10:00 in China.
var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

type bench struct {
	db     *db.DB
	store  *store.Store
	runner *action.Runner
	guard  *access.Guard
	all    *access.Records
	clock  *clock.Fake
	unit   record.ID
	posts  map[string]record.ID
}

func registry() *record.Registry {
	reg := record.NewRegistry()
	org.Register(reg)
	reg.Add(record.Declare[customer](record.Spec{Name: "customer", Plural: "customers", Prefix: "C", Title: "name"}))
	casework.Register(reg)
	return reg
}

func newBench(t testing.TB, d *db.DB) *bench {
	t.Helper()
	reg := registry()
	if err := reg.Check(); err != nil {
		t.Fatal(err)
	}
	dbtest.Make(t, d, append(schema.Tables(reg), audit.Tables()...)...)
	fake := clock.NewFake(monday)
	keys, err := vault.New(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	st := &store.Store{Types: reg, Audit: audit.New(fake), Keys: keys, Clock: fake, IDs: ids.NewSource(fake, 1)}
	b := &bench{db: d, store: st, guard: access.NewGuard(reg, fake), clock: fake, posts: map[string]record.ID{}}
	b.runner = &action.Runner{DB: d, Store: st, Gates: []record.Gate{recusal.Gate{}}}
	b.all = &access.Records{DB: d, Store: st, Runner: b.runner, Guard: b.guard}
	b.unit = b.make(t, "unit", map[string]any{"name": "客户服务部", "kind": "department"})
	return b
}

// post returns the post of a role; at first use it writes the role with its default grants, as set-up does.
func (b *bench) post(t testing.TB, role string) record.ID {
	t.Helper()
	if id := b.posts[role]; id != 0 {
		return id
	}
	grants := casework.Grants()[role]
	if role == "administrator" {
		grants = []access.Grant{{Type: "*", Action: "*", Reach: access.All, Class: record.Personal}}
	}
	id := b.make(t, "role", map[string]any{"title": role, "key": role})
	for _, g := range grants {
		b.make(t, "grant", map[string]any{"role_id": id.String(), "type": g.Type, "action": g.Action, "reach": string(g.Reach), "class": g.Class.String()})
	}
	b.posts[role] = b.make(t, "post", map[string]any{"title": role, "key": role, "roles": []any{role}})
	return b.posts[role]
}

func (b *bench) make(t testing.TB, typ string, in map[string]any) record.ID {
	t.Helper()
	res, err := b.runner.Do(context.Background(), b.system(typ, record.Create), action.Command{Type: typ, Action: record.Create, Input: in})
	if err != nil {
		t.Fatalf("create %s: %v", typ, err)
	}
	return res.Record.HeadOf().ID
}

func (b *bench) system(typ, act string) record.Scope {
	return b.guard.SystemScope("test", "test", typ, act)
}

// person makes somebody who holds the post of the role in the department.
func (b *bench) person(t testing.TB, name, role string) record.Actor {
	t.Helper()
	id := b.make(t, "user", map[string]any{"name": name, "login": "u" + b.store.IDs.Next().String()})
	b.make(t, "posting", map[string]any{"user_id": id.String(), "post_id": b.post(t, role).String(), "in_unit": b.unit.String(), "main": true})
	b.guard.Forget()
	a, err := b.all.Actor(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	a.Via = "test"
	return a
}

// do runs an action as the person, or as the system where the actor is zero, and returns the error.
func (b *bench) do(a record.Actor, typ, act string, id record.ID, in map[string]any) (record.Entity, error) {
	ctx := context.Background()
	scope := b.system(typ, act)
	if a.IsPerson() {
		var err error
		scope, err = db.View(ctx, b.db, func(tx *db.Tx) (record.Scope, error) { return b.guard.Authorize(ctx, tx, a, typ, act) })
		if err != nil {
			return nil, err
		}
	}
	res, err := b.runner.Do(ctx, scope, action.Command{Type: typ, Action: act, ID: id, Input: in})
	if err != nil {
		return nil, err
	}
	return res.Record, nil
}

func (b *bench) must(t testing.TB, a record.Actor, typ, act string, id record.ID, in map[string]any) record.Entity {
	t.Helper()
	e, err := b.do(a, typ, act, id, in)
	if err != nil {
		t.Fatalf("%s.%s: %v", typ, act, err)
	}
	return e
}

func (b *bench) refused(t testing.TB, key string, a record.Actor, typ, act string, id record.ID, in map[string]any) {
	t.Helper()
	if _, err := b.do(a, typ, act, id, in); errs.KeyOf(err) != key {
		t.Errorf("%s.%s: error %v, want %s", typ, act, err, key)
	}
}

func (b *bench) create(t testing.TB, a record.Actor, in map[string]any) *casework.Case {
	t.Helper()
	full := map[string]any{"subject": "空调漏水", "unit_id": b.unit.String()}
	for k, v := range in {
		full[k] = v
	}
	return b.must(t, a, "case", record.Create, 0, full).(*casework.Case)
}

func (b *bench) on(t testing.TB, a record.Actor, k *casework.Case, act string, in map[string]any) *casework.Case {
	t.Helper()
	return b.must(t, a, "case", act, k.ID, in).(*casework.Case)
}

func (b *bench) load(t testing.TB, id record.ID) *casework.Case {
	t.Helper()
	return fetch[casework.Case](t, b, "case", record.Where("id", id))[0]
}

// fetch reads records of a type as the system.
func fetch[T any](t testing.TB, b *bench, typ string, f record.Filter) []*T {
	t.Helper()
	var out []*T
	err := b.runner.InTx(context.Background(), b.system(typ, record.Read), func(c *record.Call) error {
		var err error
		out, err = record.Find[T](context.Background(), c, typ, f, 200)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// fact asks a fact as a condition would.
func (b *bench) fact(t testing.TB, name string, args ...any) any {
	t.Helper()
	var out any
	err := b.runner.InTx(context.Background(), b.system("case", record.Read), func(c *record.Call) error {
		for _, f := range casework.Facts() {
			if f.Name == name {
				if len(args) != len(f.Args) {
					t.Fatalf("fact %s takes %d arguments", name, len(f.Args))
				}
				var err error
				out, err = f.Call(context.Background(), c, args)
				return err
			}
		}
		t.Fatalf("no fact %s", name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := resultOf(name); !kindMatches(want, out) {
		t.Errorf("fact %s gave %T, declared %v", name, out, want)
	}
	return out
}

func resultOf(name string) rule.Kind {
	for _, f := range casework.Facts() {
		if f.Name == name {
			return f.Result
		}
	}
	return -1
}

func kindMatches(k rule.Kind, v any) bool {
	switch v.(type) {
	case bool:
		return k == rule.Bool
	case int64:
		return k == rule.Int
	case float64:
		return k == rule.Float
	case string:
		return k == rule.Text
	case time.Time:
		return k == rule.Time
	case record.ID:
		return k == rule.ID
	case []string:
		return k == rule.Texts
	}
	return false
}
