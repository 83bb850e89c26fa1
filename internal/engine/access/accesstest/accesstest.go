// Package accesstest opens a small company with records of its own, for the tests of access, sign-in and the surfaces.
//
// The company has two departments, sales with two teams and service; its type "client" has a field of nearly every
// kind and "memo" belongs to a client. The package is for tests alone and knows no room of the trade.
package accesstest

import (
	"bytes"
	"context"
	"testing"
	"time"

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

// Client is a type with many kinds of fields.
type Client struct {
	record.Head
	Name     string         `rec:"text,required,max=60,name"`
	Mobile   string         `rec:"phone,class=personal,search"`
	IDNumber string         `rec:"idcard,class=sensitive,search"`
	Notes    string         `rec:"longtext,search"`
	Stage    string         `rec:"state,enum=open|closed,default=open"`
	Size     string         `rec:"enum,enum=large|small,index"`
	Budget   *int64         `rec:"money,min=0"`
	Rate     *float64       `rec:"percent,min=0,top=100"`
	Staff    *int64         `rec:"number,min=0"`
	Wanted   bool           `rec:"bool"`
	Due      *time.Time     `rec:"date,index"`
	Met      time.Time      `rec:"time"`
	Effort   time.Duration  `rec:"duration"`
	Tags     []string       `rec:"multienum,enum=old|new|loud"`
	Helper   record.ID      `rec:"user,own"`
	Friends  []record.ID    `rec:"refs,ref=client"`
	Extra    map[string]any `rec:"json"`
	Code     string         `rec:"text,unique,max=20"`
	Outcome  string         `rec:"text,readonly"`
	Initial  string         `rec:"computed"`
}

// Memo belongs to a client.
type Memo struct {
	record.Head
	ClientID record.ID `rec:"ref,ref=client,parent,required"`
	Label    string    `rec:"text,required"`
}

// Closing is the input of the action close.
type Closing struct {
	Outcome string `rec:"text,required,max=40"`
	Memos   *int64 `rec:"number,min=0,top=9"`
}

// Bench is the open company.
type Bench struct {
	DB      *db.DB
	Clock   *clock.Fake
	Store   *store.Store
	Guard   *access.Guard
	Records *access.Records
	Client  *record.Type
	Memo    *record.Type

	Company, Sales, North, South, Service record.ID // units; North and South are teams of Sales

	posts map[string]record.ID
}

// Start is the instant the clock begins at: Monday 2026-03-02 10:00 in Shanghai.
var Start = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// New makes the company on an empty database, with the roles of [Grants] and further tables as given.
func New(t testing.TB, d *db.DB, tables ...db.Table) *Bench {
	t.Helper()
	reg := record.NewRegistry()
	org.Register(reg)
	b := &Bench{DB: d, Clock: clock.NewFake(Start), Client: clientType(), Memo: memoType(), posts: map[string]record.ID{}}
	reg.Add(b.Client, b.Memo)
	if err := reg.Check(); err != nil {
		t.Fatal(err)
	}
	dbtest.Make(t, d, append(append(schema.Tables(reg), audit.Tables()...), tables...)...)
	keys, err := vault.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	b.Store = &store.Store{Types: reg, Audit: audit.New(b.Clock), Keys: keys, Clock: b.Clock, IDs: ids.NewSource(b.Clock, 1)}
	b.Guard = access.NewGuard(reg, b.Clock)
	runner := &action.Runner{DB: d, Store: b.Store, Gates: []record.Gate{recusal.Gate{}}}
	b.Records = &access.Records{DB: d, Store: b.Store, Runner: runner, Guard: b.Guard}
	b.units(t)
	b.Grant(t, Grants())
	return b
}

func clientType() *record.Type {
	return record.Declare[Client](record.Spec{
		Name: "client", Plural: "clients", Room: "trade", Prefix: "C", Icon: "user", Title: "name", List: []string{"name", "stage"}, Merges: true,
		CreatorOwns: true,
		Actions: []*record.Action{
			record.Act("close", record.ActionSpec{From: []string{"open"}, To: "closed", Bulk: true, Primary: true}, closeClient),
			record.Act("reopen", record.ActionSpec{From: []string{"closed"}, To: "open"}, func(context.Context, *record.Call, *Client, *record.None) error { return nil }),
		},
		Computed: map[string]func(record.Entity) any{"initial": initial},
	})
}

func memoType() *record.Type {
	return record.Declare[Memo](record.Spec{
		Name: "memo", Plural: "memos", Room: "trade", Prefix: "M", Icon: "note", Title: "label", Without: []string{record.Export},
	})
}

func initial(e record.Entity) any {
	for _, r := range e.(*Client).Name {
		return string(r)
	}
	return nil
}

func closeClient(ctx context.Context, c *record.Call, rec *Client, in *Closing) error {
	if in.Outcome == "broken" {
		return errs.Of("outcome", "client.broken")
	}
	rec.Outcome = in.Outcome
	if in.Memos == nil {
		return nil
	}
	for range *in.Memos {
		if err := c.Work.Insert(ctx, c, "memo", &Memo{ClientID: rec.ID, Label: in.Outcome}); err != nil {
			return err
		}
	}
	return nil
}

// Grants are the roles of the company: clerk, leader, manager, auditor, administrator, guest.
func Grants() access.RoleGrants {
	all := func(act string, reach access.Reach, class record.Class) access.Grant {
		return access.Grant{Type: "*", Action: act, Reach: reach, Class: class}
	}
	return access.RoleGrants{
		"clerk": {
			all("read", access.InDep, record.Internal), all("read", access.Own, record.Personal), all("create", access.Own, record.Internal),
			all("update", access.Own, record.Internal), all("comment", access.InDep, record.Internal), all("attach", access.Own, record.Internal),
			all("close", access.Own, record.Internal), all("archive", access.Own, record.Internal),
		},
		"leader": {
			all("read", access.Team, record.Personal), all("update", access.Team, record.Internal), all("assign", access.Team, record.Internal),
			all("reveal", access.Team, record.Internal),
		},
		"manager":       {all("*", access.Below, record.Personal), all("reveal", access.Below, record.Internal)},
		"auditor":       append(access.BaseGrants()["auditor"], all("read", access.All, record.Internal)),
		"administrator": {all("*", access.All, record.Sensitive), all("reveal", access.All, record.Internal), all("export", access.All, record.Internal)},
		"guest":         {},
	}
}

// As runs fn as the program itself; fn inserts and saves through c.Work.
func (b *Bench) As(t testing.TB, fn func(ctx context.Context, c *record.Call) error) {
	t.Helper()
	ctx := context.Background()
	scope := b.Guard.SystemScope("test", "job", "user", record.Create)
	if err := b.Records.Runner.InTx(ctx, scope, func(c *record.Call) error { return fn(ctx, c) }); err != nil {
		t.Fatal(err)
	}
	b.Guard.Forget()
}

func (b *Bench) units(t testing.TB) {
	t.Helper()
	b.As(t, func(ctx context.Context, c *record.Call) error {
		for _, u := range []struct {
			into       *record.ID
			name, kind string
			parent     *record.ID
		}{
			{&b.Company, "典客公司", "company", new(record.ID)}, {&b.Sales, "销售部", "department", &b.Company},
			{&b.North, "北区组", "team", &b.Sales}, {&b.South, "南区组", "team", &b.Sales}, {&b.Service, "服务部", "department", &b.Company},
		} {
			unit := &org.Unit{Name: u.name, Kind: u.kind, ParentID: *u.parent}
			if err := c.Work.Insert(ctx, c, "unit", unit); err != nil {
				return err
			}
			*u.into = unit.ID
		}
		return nil
	})
}

// Grant adds roles with their grants and a post of the same key for each.
func (b *Bench) Grant(t testing.TB, grants access.RoleGrants) {
	t.Helper()
	b.As(t, func(ctx context.Context, c *record.Call) error {
		for key, list := range grants {
			role, post := &org.Role{Title: key, Key: key}, &org.Post{Title: key, Key: key, Roles: []string{key}}
			if err := c.Work.Insert(ctx, c, "role", role); err != nil {
				return err
			}
			if err := c.Work.Insert(ctx, c, "post", post); err != nil {
				return err
			}
			b.posts[key] = post.ID
			for _, g := range list {
				row := &org.GrantRow{RoleID: role.ID, Type: g.Type, Action: g.Action, Reach: string(g.Reach), Class: g.Class.String()}
				if err := c.Work.Insert(ctx, c, "grant", row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Hire adds a person who holds the post of a role in a unit, and returns him as he acts.
func (b *Bench) Hire(t testing.TB, login, role string, unit record.ID) access.Actor {
	t.Helper()
	u := &org.User{Name: login, Login: login, Status: "active", Language: "zh"}
	b.As(t, func(ctx context.Context, c *record.Call) error {
		if err := c.Work.Insert(ctx, c, "user", u); err != nil {
			return err
		}
		return c.Work.Insert(ctx, c, "posting", &org.Posting{UserID: u.ID, PostID: b.posts[role], InUnit: unit, Main: true})
	})
	return b.Actor(t, u.ID)
}

// Actor reads who the person is now.
func (b *Bench) Actor(t testing.TB, user record.ID) access.Actor {
	t.Helper()
	a, err := b.Records.Actor(context.Background(), user)
	if err != nil {
		t.Fatal(err)
	}
	a.Via = "test"
	return a
}

// Add writes a client as it is.
func (b *Bench) Add(t testing.TB, c *Client) *Client {
	t.Helper()
	c.Stage = "open"
	b.As(t, func(ctx context.Context, call *record.Call) error { return call.Work.Insert(ctx, call, "client", c) })
	return c
}

// Recuse keeps a person from a record.
func (b *Bench) Recuse(t testing.TB, id, user record.ID) {
	t.Helper()
	b.As(t, func(ctx context.Context, c *record.Call) error {
		return recusal.Declare(ctx, c, id, "client", user, "conflict")
	})
}

// Audited lists the entries of the audit log with a verb, newest first.
func (b *Bench) Audited(t testing.TB, verb string) []audit.Entry {
	t.Helper()
	ctx := context.Background()
	list, err := db.View(ctx, b.DB, func(tx *db.Tx) ([]audit.Entry, error) {
		return audit.List(ctx, tx, audit.Find{Verb: verb})
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
