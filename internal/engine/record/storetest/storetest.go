// Package storetest opens a store over a small registry of its own, for the conformance suite of record and for
// benchmarks. Its type "gadget" has a field of nearly every kind; "part" belongs to a gadget.
package storetest

import (
	"bytes"
	"context"
	"testing"
	"time"

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

// Gadget is a type with many kinds of fields.
type Gadget struct {
	record.Head
	Name     string        `rec:"text,required,max=60,name"`
	Mobile   string        `rec:"phone,class=personal,search"`
	IDNumber string        `rec:"idcard,class=sensitive,search"`
	Notes    string        `rec:"longtext,search"`
	Stage    string        `rec:"state,enum=open|done,default=open"`
	Size     string        `rec:"enum,enum=large|small,index"`
	Price    *int64        `rec:"money,min=0"`
	Weight   *int64        `rec:"number"`
	Good     bool          `rec:"bool"`
	Due      *time.Time    `rec:"date,index"`
	Seen     time.Time     `rec:"time"`
	Effort   time.Duration `rec:"duration"`
	Tags     []string      `rec:"multienum"`
	Helper   record.ID     `rec:"ref,ref=gadget,own"`
	Code     string        `rec:"text,unique,max=20"`
	Outcome  string        `rec:"text,readonly"`
}

// Part belongs to a gadget.
type Part struct {
	record.Head
	GadgetID record.ID `rec:"ref,ref=gadget,parent,required"`
	Label    string    `rec:"text,required"`

	Also      []record.ID `rec:"refs,ref=gadget"`
	AboutType string      `rec:"text,max=40"`
	AboutID   string      `rec:"text,max=20,index"`
}

// Finish is the input of the action finish.
type Finish struct {
	Outcome string `rec:"text,required"`
	Parts   *int64 `rec:"number"`
}

// Bench is an open store with its parts.
type Bench struct {
	DB     *db.DB
	Store  *store.Store
	Runner *action.Runner
	Clock  *clock.Fake
	Gadget *record.Type
	Part   *record.Type
}

// Start is the instant the clock of a bench begins at: Monday 2026-03-02 10:00 in Shanghai.
var Start = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// New makes a bench on an empty database.
func New(t testing.TB, d *db.DB) *Bench {
	t.Helper()
	gadget := record.Declare[Gadget](record.Spec{
		Name: "gadget", Plural: "gadgets", Prefix: "G", Title: "name", List: []string{"name", "stage"}, Merges: true, Merged: heavier,
		Actions: []*record.Action{record.Act("finish", record.ActionSpec{From: []string{"open"}, To: "done", Bulk: true}, finish)},
	})
	part := record.Declare[Part](record.Spec{Name: "part", Plural: "parts", Prefix: "P", Title: "label"})
	reg := record.NewRegistry()
	reg.Add(gadget, part)
	dbtest.Make(t, d, append(schema.Tables(reg), audit.Tables()...)...)
	fake := clock.NewFake(Start)
	keys, err := vault.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	st := &store.Store{Types: reg, Audit: audit.New(fake), Keys: keys, Clock: fake, IDs: ids.NewSource(fake, 1)}
	return &Bench{DB: d, Store: st, Runner: &action.Runner{DB: d, Store: st}, Clock: fake, Gadget: gadget, Part: part}
}

func finish(ctx context.Context, c *record.Call, g *Gadget, in *Finish) error {
	if in.Outcome == "broken" {
		return errs.Of("outcome", "gadget.broken")
	}
	g.Outcome = in.Outcome
	if in.Parts == nil {
		return nil
	}
	for range *in.Parts {
		if err := c.Work.Insert(ctx, c, "part", &Part{GadgetID: g.ID, Label: "part"}); err != nil {
			return err
		}
	}
	return nil
}

// heavier lets the survivor of a merge carry the weight of both.
func heavier(survivor, other record.Entity) {
	s, o := survivor.(*Gadget), other.(*Gadget)
	if s.Outcome == "" {
		s.Outcome = o.Outcome
	}
}

// Scope returns a scope over the type that reaches the rows for every class.
func (b *Bench) Scope(t *record.Type, act string, rows record.Rows) record.Scope {
	return record.NewScope(record.Scope{
		Actor: record.Actor{UserID: 4711, Name: "tester", Via: "test", Units: []record.ID{7}}, Type: t.Name, Action: act, Visible: rows,
		Clear: map[record.Class]record.Rows{record.Personal: rows, record.Sensitive: rows},
	})
}

// Everything reaches all rows.
var Everything = record.Rows{All: true}

// Create writes a gadget and returns it.
func (b *Bench) Create(t testing.TB, in map[string]any) *Gadget {
	t.Helper()
	res, err := b.Runner.Do(context.Background(), b.Scope(b.Gadget, record.Create, Everything),
		action.Command{Type: "gadget", Action: record.Create, Input: in})
	if err != nil {
		t.Fatalf("create %v: %v", in, err)
	}
	return res.Record.(*Gadget)
}
