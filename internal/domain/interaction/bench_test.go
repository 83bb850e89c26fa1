package interaction_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"dianke/internal/domain/interaction"
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

// The rooms' neighbours, with the fields that interactions meet by name.
type (
	client struct {
		record.Head
		Name              string     `rec:"text,required"`
		Phone             string     `rec:"phone,class=personal"`
		Mobile            string     `rec:"phone,class=personal"`
		Kind              string     `rec:"text"`
		Source            string     `rec:"text"`
		SourceNote        string     `rec:"text"`
		LegalBasis        string     `rec:"text"`
		ForbiddenChannels []string   `rec:"multienum"`
		LastContactAt     time.Time  `rec:"time,readonly"`
		NextContact       *time.Time `rec:"date,readonly"`
		LastVisitAt       time.Time  `rec:"time,readonly"`
		MailDoubtful      bool       `rec:"bool,readonly"`
		PhoneDoubtful     bool       `rec:"bool,readonly"`
		DoubtNote         string     `rec:"text,readonly"`
	}
	person struct {
		record.Head
		CustomerID    record.ID `rec:"ref,ref=customer,parent,required"`
		Name          string    `rec:"text,required"`
		OptedOut      []string  `rec:"multienum"`
		MailDoubtful  bool      `rec:"bool,readonly"`
		PhoneDoubtful bool      `rec:"bool,readonly"`
		DoubtNote     string    `rec:"text,readonly"`
	}
	consent struct {
		record.Head
		CustomerID record.ID  `rec:"ref,ref=customer,parent,required"`
		ContactID  record.ID  `rec:"ref,ref=contact"`
		Purpose    string     `rec:"text,required"`
		Channels   []string   `rec:"multienum"`
		Recipient  string     `rec:"text"`
		GivenAt    time.Time  `rec:"time"`
		ExpiresOn  *time.Time `rec:"date"`
		Status     string     `rec:"enum,enum=given|withdrawn,default=given"`
	}
	want struct {
		record.Head
		CustomerID record.ID  `rec:"ref,ref=customer,parent,required"`
		NotedOn    *time.Time `rec:"date"`
		Product    string     `rec:"text"`
		Content    string     `rec:"longtext,required"`
	}
)

// bench is a company with two people over an empty database.
type bench struct {
	db       *db.DB
	st       *store.Store
	run      *action.Runner
	clock    *clock.Fake
	unit     record.ID
	li, wang record.ID
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
	interaction.Register(reg)
	reg.Add(
		record.Declare[client](record.Spec{Name: "customer", Plural: "customers", Prefix: "C", Title: "name"}),
		record.Declare[person](record.Spec{Name: "contact", Plural: "contacts", Prefix: "CT", Title: "name"}),
		record.Declare[consent](record.Spec{Name: "consent", Plural: "consents", Prefix: "CS", Title: "purpose"}),
		record.Declare[want](record.Spec{Name: "need", Plural: "needs", Prefix: "ND", Title: "content"}),
	)
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

// get reads a record of any type.
func get[T any](t *testing.T, b *bench, typ string, id record.ID) *T {
	t.Helper()
	e, err := db.View(ctx, b.db, func(tx *db.Tx) (record.Entity, error) {
		return b.st.Get(ctx, tx, b.st.Types.Type(typ), b.scope(0, typ, record.Read), id)
	})
	if err != nil {
		t.Fatal(err)
	}
	return e.(any).(*T)
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
	for _, f := range interaction.Facts() {
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
