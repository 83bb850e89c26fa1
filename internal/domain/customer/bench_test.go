package customer_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"dianke/internal/domain/customer"
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

// job stands in for the tasks another room keeps, with the fields this room writes by name.
type job struct {
	record.Head
	Title      string    `rec:"text,required"`
	Kind       string    `rec:"text"`
	CustomerID record.ID `rec:"ref,ref=customer"`
	DueAt      time.Time `rec:"time"`
	Note       string    `rec:"longtext"`
	Status     string    `rec:"state,enum=open|done,default=open"`
}

// bench is a company with three people over an empty database.
type bench struct {
	db             *db.DB
	st             *store.Store
	run            *action.Runner
	clock          *clock.Fake
	unit           record.ID
	li, wang, gone record.ID
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
	customer.Register(reg)
	reg.Add(record.Declare[job](record.Spec{Name: "task", Plural: "tasks", Prefix: "T", Title: "title"}))
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
	b := &bench{db: d, st: st, clock: fake, run: &action.Runner{DB: d, Store: st, Gates: []record.Gate{recusal.Gate{}}}}
	b.unit = b.create(t, 0, "unit", map[string]any{"name": "客户部", "kind": "department"})
	b.li = b.create(t, 0, "user", map[string]any{"name": "李娜", "login": "lina"})
	b.wang = b.create(t, 0, "user", map[string]any{"name": "王强", "login": "wangqiang"})
	b.gone = b.create(t, 0, "user", map[string]any{"name": "赵敏", "login": "zhaomin"})
	b.do(t, 0, "user", "disable", b.gone, nil)
	return b
}

// scope reaches everything for a person of the unit, or for the system where user is none.
func (b *bench) scope(user record.ID, typ, act string) record.Scope {
	if user == 0 {
		return access.NewGuard(b.st.Types, b.clock).SystemScope("test", "test", typ, act)
	}
	all := record.Rows{All: true}
	return record.NewScope(record.Scope{
		Actor: record.Actor{UserID: user, Via: "test", Units: []record.ID{b.unit}}, Type: typ, Action: act, Visible: all,
		Clear: map[record.Class]record.Rows{record.Personal: all, record.Sensitive: all},
	})
}

func (b *bench) try(user record.ID, typ, act string, id record.ID, in map[string]any) (record.ID, error) {
	res, err := b.run.Do(ctx, b.scope(user, typ, act), action.Command{Type: typ, Action: act, ID: id, Input: in})
	if err != nil {
		return 0, err
	}
	return res.Record.HeadOf().ID, nil
}

func (b *bench) do(t *testing.T, user record.ID, typ, act string, id record.ID, in map[string]any) record.ID {
	t.Helper()
	got, err := b.try(user, typ, act, id, in)
	if err != nil {
		t.Fatalf("%s.%s: %v", typ, act, err)
	}
	return got
}

func (b *bench) create(t *testing.T, user record.ID, typ string, in map[string]any) record.ID {
	t.Helper()
	return b.do(t, user, typ, record.Create, 0, in)
}

// refused runs an action that must fail with the key.
func (b *bench) refused(t *testing.T, user record.ID, typ, act string, id record.ID, in map[string]any, key string) {
	t.Helper()
	_, err := b.try(user, typ, act, id, in)
	if errs.KeyOf(err) != key {
		t.Errorf("%s.%s %v: error %v, want key %s", typ, act, in, err, key)
	}
}

// company enters a customer that is an organisation, with changes to its fields.
func (b *bench) company(t *testing.T, user record.ID, changes map[string]any) record.ID {
	t.Helper()
	in := map[string]any{"name": "杭州西湖茶叶有限公司", "source": "visit", "legal_basis": "contract", "phone": "0571-87654321", "address": "330106 文三路 1 号"}
	for k, v := range changes {
		in[k] = v
	}
	return b.create(t, user, "customer", in)
}

func (b *bench) customer(t *testing.T, id record.ID) *customer.Customer {
	t.Helper()
	e, err := db.View(ctx, b.db, func(tx *db.Tx) (record.Entity, error) {
		return b.st.Get(ctx, tx, b.st.Types.Type("customer"), b.scope(0, "customer", record.Read), id)
	})
	if err != nil {
		t.Fatal(err)
	}
	return e.(*customer.Customer)
}

// list returns what of a type belongs to the customer, oldest first.
func list[T any](t *testing.T, b *bench, typ string, id record.ID) []*T {
	t.Helper()
	page, err := db.View(ctx, b.db, func(tx *db.Tx) (record.Page, error) {
		return b.st.List(ctx, tx, b.st.Types.Type(typ), b.scope(0, typ, record.Read), record.Query{Filter: record.Where("customer_id", id), Sort: "id"})
	})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]*T, len(page.Items))
	for i, e := range page.Items {
		out[i] = e.(any).(*T)
	}
	return out
}

// fact asks one fact in a transaction.
func (b *bench) fact(t *testing.T, name string, args ...any) any {
	t.Helper()
	var out any
	for _, f := range customer.Facts() {
		if f.Name != name {
			continue
		}
		err := b.run.InTx(ctx, b.scope(0, "customer", record.Read), func(c *record.Call) (err error) {
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

func text(d *time.Time) string {
	if d == nil {
		return ""
	}
	return d.Format(time.DateOnly)
}
