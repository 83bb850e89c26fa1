package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/domain/casework"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
)

// monday is 2026-03-02 09:00 in Shanghai.
var monday = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

type company struct {
	*app.App
	clock *clock.Fake
}

func openCompany(t *testing.T) *company {
	t.Helper()
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	fake := clock.NewFake(monday)
	a, err := app.Open(context.Background(), cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Scratch: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return &company{a, fake}
}

func (c *company) add(t *testing.T, ids ...string) {
	t.Helper()
	if err := c.InstallPacks(context.Background(), "zh", ids...); err != nil {
		t.Fatal(err)
	}
}

func (c *company) remove(t *testing.T, ids ...string) {
	t.Helper()
	if err := c.RemovePacks(context.Background(), ids...); err != nil {
		t.Fatal(err)
	}
}

func (c *company) in(t *testing.T, fn func(ctx context.Context, call *record.Call) error) {
	t.Helper()
	ctx := context.Background()
	if err := c.InTx(ctx, "test", "test", func(call *record.Call) error { return fn(ctx, call) }); err != nil {
		t.Fatal(err)
	}
}

// count counts live records whose field has the value.
func (c *company) count(t *testing.T, typ, field string, value any) int {
	t.Helper()
	n := 0
	c.in(t, func(ctx context.Context, call *record.Call) error {
		list, err := call.Work.Find(ctx, call, typ, record.Where(field, value), 200)
		n = len(list)
		return err
	})
	return n
}

func (c *company) installed(t *testing.T) []string {
	t.Helper()
	list, err := c.Installer.List(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range list {
		if s.Installed {
			out = append(out, s.ID)
		}
	}
	return out
}

func (c *company) state(t *testing.T, key string) string {
	t.Helper()
	read, err := c.Engine.Read(context.Background(), key)
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return read.Version.Status
}

func (c *company) outcomes(t *testing.T, clause string) int {
	t.Helper()
	list, err := db.View(context.Background(), c.DB, func(tx *db.Tx) ([]evidence.Outcome, error) {
		return evidence.List(context.Background(), tx, evidence.Filter{Clause: clause, Limit: 100})
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestAllPacksTogetherInOneCompany(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a company with all packs is left out of short runs")
	}
	c := openCompany(t)
	var all []string
	for _, p := range c.Installer.Packs {
		all = append(all, p.ID)
	}
	c.add(t, all...)
	if got := c.installed(t); !slices.Equal(got, all) {
		t.Errorf("installed %v, want %v", got, all)
	}
	clauses := 0
	for _, p := range c.Installer.Packs {
		for _, r := range p.Regulations {
			read, err := c.Engine.Read(context.Background(), r.ID)
			if err != nil || read.Version.Status != "in_force" {
				t.Fatalf("%s: %v", r.ID, err)
			}
			for _, cl := range read.Clauses {
				if cl.Body == "" {
					continue
				}
				clauses++
				if cl.BodyEn == "" || len(cl.Controls) == 0 || cl.Room == "" || cl.Post == "" {
					t.Errorf("%s lacks a text, its controls, its room or its post", cl.Key)
				}
			}
		}
	}
	if clauses != 1238 {
		t.Errorf("%d clauses in the company, want 1238", clauses)
	}
	for _, cal := range []string{"club_hours", "hotel_hours", "shop_hours"} {
		if c.count(t, "calendar", "key", cal) != 1 {
			t.Errorf("calendar %s is missing", cal)
		}
	}
}

func TestAddingKeepsWhatTheCompanyHasMade(t *testing.T) {
	t.Parallel()
	c := openCompany(t)
	c.add(t, "bar", "onsite")
	if got := c.installed(t); !slices.Equal(got, []string{"bar", "general", "onsite"}) {
		t.Fatalf("installed %v", got)
	}
	c.in(t, func(ctx context.Context, call *record.Call) error {
		list, err := record.Find[org.Unit](ctx, call, "unit", record.Where("key", "bar"), 1)
		if err != nil {
			return err
		}
		list[0].Name = "江边小酒馆"
		return call.Work.Save(ctx, call, "unit", record.Update, list[0])
	})
	c.add(t, "bar", "store")
	if c.count(t, "unit", "name", "江边小酒馆") != 1 || c.count(t, "unit", "key", "bar") != 1 || c.count(t, "unit", "key", "shop") != 1 {
		t.Error("the second run did not leave the unit as the company had made it")
	}
	if c.count(t, "regulation", "key", "r13") != 1 || c.count(t, "case_macro", "title", "订位确认") != 1 {
		t.Error("the second run made something twice")
	}
	if err := c.InstallPacks(context.Background(), "zh", "zoo"); !errs.Is(err, errs.NotFound) {
		t.Errorf("unknown pack: %v", err)
	}
}

func TestRemovingRefusesWhatIsNeeded(t *testing.T) {
	t.Parallel()
	c := openCompany(t)
	c.add(t, "bar")
	ctx := context.Background()
	if err := c.RemovePacks(ctx, "general"); errs.KeyOf(err) != "pack.needed" {
		t.Errorf("general while bar is there: %v", err)
	}
	if err := c.RemovePacks(ctx, "store"); errs.KeyOf(err) != "pack.absent" {
		t.Errorf("a pack that is not there: %v", err)
	}
	if err := c.RemovePacks(ctx, "zoo"); !errs.Is(err, errs.NotFound) {
		t.Errorf("unknown pack: %v", err)
	}
	if got := c.installed(t); !slices.Equal(got, []string{"bar", "general"}) {
		t.Errorf("after refusals: %v", got)
	}
	c.remove(t, "general", "bar")
	if got := c.installed(t); len(got) != 0 {
		t.Errorf("after both: %v", got)
	}
}

// barGuest makes a person at the bar and a case there, which the pack's units, posts and categories then serve.
func (c *company) barGuest(t *testing.T) (id record.ID) {
	t.Helper()
	c.in(t, func(ctx context.Context, call *record.Call) error {
		units, err := record.Find[org.Unit](ctx, call, "unit", record.Where("key", "bar_customers"), 1)
		if err != nil {
			return err
		}
		posts, err := record.Find[org.Post](ctx, call, "post", record.Where("key", "bar_attendant"), 1)
		if err != nil {
			return err
		}
		cats, err := record.Find[casework.Category](ctx, call, "case_category", record.Where("key", "bar_order"), 1)
		if err != nil {
			return err
		}
		who := &org.User{Head: record.Head{UnitID: units[0].ID}, Name: "林晚", Login: "linwan", Status: "active", Language: "zh"}
		if err := call.Work.Insert(ctx, call, "user", who); err != nil {
			return err
		}
		if err := call.Work.Insert(ctx, call, "posting", &org.Posting{UserID: who.ID, PostID: posts[0].ID, InUnit: units[0].ID}); err != nil {
			return err
		}
		k := &casework.Case{Head: record.Head{UnitID: units[0].ID}, Kind: "complaint", Channel: "phone", Subject: "邻桌太吵", CategoryID: cats[0].ID}
		if err := call.Work.Insert(ctx, call, "case", k); err != nil {
			return err
		}
		id = k.ID
		return nil
	})
	return id
}

func TestRemovedPackComesBackWithWhatHappenedBetween(t *testing.T) {
	t.Parallel()
	c := openCompany(t)
	c.add(t, "bar")
	id := c.barGuest(t)
	if c.count(t, "acknowledgement", "status", "outstanding") == 0 {
		t.Fatal("nobody was asked to sign")
	}
	outcomes := c.outcomes(t, "r01.2.1")
	c.clock.Advance(time.Hour)
	c.remove(t, "bar")

	if got := c.state(t, "r13"); got != "retired" {
		t.Errorf("r13 is %s after removing", got)
	}
	if got := c.state(t, "r01"); got != "in_force" {
		t.Errorf("r01 is %s, though its pack stays", got)
	}
	for key, want := range map[string]int{"bar": 1, "bar_customers": 1} {
		if got := c.count(t, "unit", "key", key); got != want {
			t.Errorf("unit %s in use: %d live", key, got)
		}
	}
	for _, unused := range [][2]string{{"post", "bar_manager"}, {"case_category", "bar_menu"}} {
		if c.count(t, unused[0], "key", unused[1]) != 0 {
			t.Errorf("%s %s is unused and still there", unused[0], unused[1])
		}
	}
	if c.count(t, "post", "key", "bar_attendant") != 1 || c.count(t, "case_category", "key", "bar_order") != 1 || c.count(t, "case", "id", id) != 1 {
		t.Error("what is in use went with the pack")
	}

	c.clock.Advance(24 * time.Hour)
	c.add(t, "bar")
	read, err := c.Engine.Read(context.Background(), "r13")
	if err != nil || read.Version.Status != "in_force" || read.Version.VersionNo != 2 {
		t.Fatalf("r13 after adding again: %+v, %v", read.Version, err)
	}
	bodies := 0
	for _, cl := range read.Clauses {
		if cl.Body != "" {
			bodies++
		}
	}
	if bodies != 54 {
		t.Errorf("%d clauses came back", bodies)
	}
	for _, back := range [][2]string{{"post", "bar_manager"}, {"case_category", "bar_menu"}, {"unit", "bar"}} {
		if c.count(t, back[0], "key", back[1]) != 1 {
			t.Errorf("%s %s did not come back once", back[0], back[1])
		}
	}
	if c.count(t, "case_macro", "title", "订位确认") != 1 || c.count(t, "case", "id", id) != 1 {
		t.Error("ready text or case did not survive")
	}
	if got := c.outcomes(t, "r01.2.1"); got < outcomes {
		t.Errorf("%d outcomes of r01.2.1, had %d", got, outcomes)
	}
	if got := c.installed(t); !slices.Equal(got, []string{"bar", "general"}) {
		t.Errorf("installed %v", got)
	}
}

// TestRemovingKeepsTheCompanysText: what the company has changed of a regulation is in force again after adding.
func TestRemovingKeepsTheCompanysText(t *testing.T) {
	t.Parallel()
	c := openCompany(t)
	c.add(t, "onsite")
	const own = "工作时间为8点至17点，全年一致。"
	c.in(t, func(ctx context.Context, call *record.Call) error {
		v, err := c.Engine.Store(ctx, call, &regulation.Draft{Key: "r14", Title: "客户现场规章管理制度", Clauses: []*regulation.Clause{
			{Key: "r14.1.1.1", Level: "article", Printed: "第1条", Body: own, Post: "onsite_supervisor"},
		}})
		if err != nil {
			return err
		}
		return c.Engine.Advance(ctx, call, v)
	})
	c.clock.Advance(time.Hour)
	c.remove(t, "onsite")
	c.clock.Advance(time.Hour)
	c.add(t, "onsite")
	read, err := c.Engine.Read(context.Background(), "r14")
	if err != nil || read.Version.Status != "in_force" || len(read.Clauses) != 1 || read.Clauses[0].Body != own {
		t.Errorf("after adding again: %+v %v", read, err)
	}
	c.clock.Advance(time.Hour)
	c.add(t, "onsite")
	if again, err := c.Engine.Read(context.Background(), "r14"); err != nil || again.Version.ID != read.Version.ID {
		t.Errorf("a further run made a version: %v", err)
	}
}
