package app_test

import (
	"context"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/domain/customer"
	"dianke/internal/domain/interaction"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/packs"
)

// TestSamplesFitTheRecordTypes: every value of every step, with line and column of what does not fit.
func TestSamplesFitTheRecordTypes(t *testing.T) {
	t.Parallel()
	list, err := pack.Load(packs.FS())
	if err != nil {
		t.Fatal(err)
	}
	types, err := app.Registry()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pack.CheckSamples(list, types) {
		t.Error(p)
	}
	for _, p := range list {
		if p.Sample == nil {
			t.Errorf("%s has no sample", p.ID)
		}
	}
}

// TestTheSampleOfEveryPackLoads: on a fresh company each step succeeds as the post that takes it, records of the trade
// stand in several states, and the pack's own clauses have acted on them.
func TestTheSampleOfEveryPackLoads(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fifteen companies are left out of short runs")
	}
	list, err := pack.Load(packs.FS())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		t.Run(p.ID, func(t *testing.T) { loadOne(t, p) })
	}
}

func loadOne(t *testing.T, p *pack.Pack) {
	c := openCompany(t)
	c.add(t, p.ID)
	ctx := context.Background()
	report, err := c.LoadSample(ctx, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Skipped {
		t.Errorf("%s:%d: %v", p.Sample.File, s.Line, s.Why)
	}
	if report.Records < 12 {
		t.Errorf("%d records", report.Records)
	}
	states := map[string]int{}
	c.in(t, func(ctx context.Context, call *record.Call) error {
		cases, err := call.Work.Find(ctx, call, "case", record.Filter{}, 200)
		for _, k := range cases {
			states[c.Types.Type("case").StateOf(k)]++
		}
		return err
	})
	if len(states) < 3 {
		t.Errorf("cases in %v, want three states", states)
	}
	own := c.ownOutcomes(t, p)
	if len(own) < 2 {
		t.Errorf("clauses of the pack with outcomes: %v", own)
	}
	t.Logf("%d records, cases %v, %d clauses acted", report.Records, states, len(own))
}

// ownOutcomes counts outcomes on records of the sample by clause of the pack, without signatures.
func (c *company) ownOutcomes(t *testing.T, p *pack.Pack) map[string]int {
	t.Helper()
	ctx, out := context.Background(), map[string]int{}
	list, err := db.View(ctx, c.DB, func(tx *db.Tx) ([]evidence.Outcome, error) {
		return evidence.List(ctx, tx, evidence.Filter{Limit: 2000})
	})
	if err != nil {
		t.Fatal(err)
	}
	clauses := map[string]bool{}
	for _, r := range p.Regulations {
		for _, n := range r.Clauses() {
			clauses[n.ID] = true
		}
	}
	for _, o := range list {
		if clauses[o.Clause] && o.Control != "acknowledge" && o.Type != "acknowledgement" {
			out[o.Clause]++
		}
	}
	return out
}

func TestASampleNeverMixesWithRealRecords(t *testing.T) {
	t.Parallel()
	c := openCompany(t)
	ctx := context.Background()
	if _, err := c.LoadSample(ctx, "bar"); errs.KeyOf(err) != "pack.absent" {
		t.Errorf("without the pack: %v", err)
	}
	c.add(t, "bar")
	if _, err := c.LoadSample(ctx, "bar"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.LoadSample(ctx, "bar"); errs.KeyOf(err) != "pack.sample.there" {
		t.Errorf("twice: %v", err)
	}
	if _, err := c.LoadSample(ctx, "general"); err != nil {
		t.Errorf("a second sample beside the first: %v", err)
	}
	if _, _, err := c.RemoveSample(ctx, "general"); err != nil {
		t.Fatal(err)
	}
}

// TestASampleGoesAsItCame: what nobody touched is archived, what somebody works on stays, clocks stop, regulations are in
// force from their own day, and the company may begin for real.
func TestASampleGoesAsItCame(t *testing.T) {
	t.Parallel()
	c := openCompany(t)
	ctx := context.Background()
	c.add(t, "hotel")
	since := c.inForce(t, "r18")
	if _, err := c.LoadSample(ctx, "hotel"); err != nil {
		t.Fatal(err)
	}
	if !c.inForce(t, "r18").Before(since) {
		t.Error("the rules do not count from the first day of the sample")
	}
	var touched record.ID
	c.in(t, func(ctx context.Context, call *record.Call) error {
		list, err := record.Find[customer.Customer](ctx, call, "customer", record.Where("name", "陈望舒"), 1)
		if err != nil || len(list) == 0 {
			t.Fatalf("the guest is missing: %v", err)
		}
		touched = list[0].ID
		person := &org.User{Name: "王芳", Login: "wang.fang", Status: "active", Language: "zh"}
		if err := call.Work.Insert(ctx, call, "user", person); err != nil {
			return err
		}
		return call.Work.Insert(ctx, call, "task", &interaction.Task{Head: record.Head{OwnerID: person.ID}, Title: "回访陈女士", Kind: "contact", CustomerID: touched})
	})
	gone, kept, err := c.RemoveSample(ctx, "hotel")
	if err != nil || gone < 30 || kept == 0 {
		t.Fatalf("%d gone, %d kept, %v", gone, kept, err)
	}
	if n := c.count(t, "customer", "id", touched); n != 1 {
		t.Error("a customer somebody works on is gone")
	}
	if n := c.count(t, "customer", "name", "唐一诺"); n != 0 {
		t.Error("an untouched customer stays")
	}
	if n := c.count(t, "user", "login", "hotel_manager.sample"); n != 0 {
		t.Error("the people of the sample stay")
	}
	if got := c.inForce(t, "r18"); !got.Equal(since) {
		t.Errorf("in force since %v, want %v", got, since)
	}
	if _, err := c.LoadSample(ctx, "hotel"); errs.KeyOf(err) != "pack.sample.real" {
		t.Errorf("beside a customer that is worked on: %v", err)
	}
}

func (c *company) inForce(t *testing.T, key string) time.Time {
	t.Helper()
	read, err := c.Engine.Read(context.Background(), key)
	if err != nil || read.Version.InForceAt == nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return *read.Version.InForceAt
}
