package transfer_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/domain/customer"
	"dianke/internal/domain/interaction"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/gb"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/platform/tabular"
	"dianke/internal/platform/vault"
)

// samples is the folder of public test files beside the checkout; tests that need it skip where it is absent.
func samples(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("DIANKE_SAMPLES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	p := filepath.Join(dir, name)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("no sample data at %s: nothing imported", p)
	}
	return p
}

// house is a desk over the types of the trade, with one person of each kind.
type house struct {
	*transfer.Desk
	clock *clock.Fake
	chief access.Actor // may do everything
	clerk access.Actor // may read
	other access.Actor // may import for his own unit
}

var program = access.Actor{System: "test", Via: "cli"}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	ctx := context.Background()
	reg := record.NewRegistry()
	org.Register(reg)
	notice.Register(reg)
	customer.Register(reg)
	interaction.Register(reg)
	casework.Register(reg)
	transfer.Register(reg)
	dbtest.Make(t, d, append(append(schema.Tables(reg), audit.Tables()...), transfer.Tables()...)...)
	fake := clock.NewFake(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC))
	keys, err := vault.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	st := &store.Store{Types: reg, Audit: audit.New(fake), Keys: keys, Clock: fake, IDs: ids.NewSource(fake, 1)}
	texts, err := i18n.Load(record.Messages(), org.Messages(), notice.Messages(), customer.Messages(), interaction.Messages(), casework.Messages(), transfer.Messages(), tabular.Messages(), gb.Messages())
	if err != nil {
		t.Fatal(err)
	}
	files, err := blobs.OpenDir(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	guard := access.NewGuard(reg, fake)
	h := &house{clock: fake, Desk: &transfer.Desk{
		DB: d, Store: st, Runner: &action.Runner{DB: d, Store: st, Gates: []record.Gate{recusal.Gate{}}}, Guard: guard, Blobs: files, Clock: fake, Texts: texts,
		Same: map[string][]transfer.Identity{
			"customer": {{Fields: []string{"credit_code"}}, {Fields: []string{"mobile"}}, {Fields: []string{"mail"}}, {Fields: []string{"name"}, When: map[string]string{"kind": "organisation"}}},
			"case":     {{Fields: []string{"source_ref"}}},
		},
		Defaults: map[string]map[string]string{"customer": {"source": "import", "legal_basis": "contract"}},
		Past:     func(t *record.Type) bool { return t.Room == "customer" || t.Room == "service" },
	}}
	err = h.Runner.InTx(ctx, guard.SystemScope("test", "test", "unit", record.Create), func(c *record.Call) error {
		unit := &org.Unit{Name: "总公司", Key: "company", Kind: "company"}
		far := &org.Unit{Name: "分公司", Key: "branch", Kind: "department"}
		for _, u := range []*org.Unit{unit, far} {
			if err := c.Work.Insert(ctx, c, "unit", u); err != nil {
				return err
			}
		}
		grants := map[string][]access.Grant{
			"chief": {{Type: "*", Action: "*", Reach: access.All, Class: record.Personal}, {Type: "*", Action: record.Import, Reach: access.All}},
			"clerk": {{Type: "customer", Action: record.Read, Reach: access.All}, {Type: "customer", Action: record.Create, Reach: access.All}},
			"other": {{Type: "customer", Action: "*", Reach: access.Own, Class: record.Personal}, {Type: "customer", Action: record.Import, Reach: access.Own}},
		}
		for _, who := range []struct {
			key  string
			unit *org.Unit
			to   *access.Actor
		}{{"chief", unit, &h.chief}, {"clerk", unit, &h.clerk}, {"other", far, &h.other}} {
			role := &org.Role{Title: who.key, Key: who.key}
			post := &org.Post{Title: who.key, Key: who.key, Roles: []string{who.key}}
			user := &org.User{Name: "员工" + who.key, Login: who.key, Status: "active"}
			for typ, e := range map[string]record.Entity{"role": role, "post": post, "user": user} {
				if err := c.Work.Insert(ctx, c, typ, e); err != nil {
					return err
				}
			}
			if err := c.Work.Insert(ctx, c, "posting", &org.Posting{UserID: user.ID, PostID: post.ID, InUnit: who.unit.ID, Main: true}); err != nil {
				return err
			}
			for _, g := range grants[who.key] {
				row := &org.GrantRow{RoleID: role.ID, Type: g.Type, Action: g.Action, Reach: string(g.Reach), Class: g.Class.String()}
				if err := c.Work.Insert(ctx, c, "grant", row); err != nil {
					return err
				}
			}
			var err error
			if *who.to, err = guard.Actor(ctx, c.Tx, user.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// receive takes a file in and lays changes over what is proposed.
func (h *house) receive(t testing.TB, a access.Actor, typ, name, raw string, change func(*transfer.Plan)) *transfer.Import {
	t.Helper()
	ctx := context.Background()
	imp, err := h.Receive(ctx, a, typ, name, strings.NewReader(raw), transfer.Layout{})
	if err != nil {
		t.Fatalf("receive %s: %v", name, err)
	}
	plan, err := transfer.PlanOf(imp)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Fixed == nil {
		plan.Fixed = map[string]string{}
	}
	if change != nil {
		change(&plan)
	}
	if imp, err = h.Arrange(ctx, a, imp.ID, transfer.Layout{}, plan); err != nil {
		t.Fatalf("arrange %s: %v", name, err)
	}
	return imp
}

// run carries an import out, or tries it, and returns it as it then is.
func (h *house) run(t testing.TB, a access.Actor, id record.ID, dry bool) *transfer.Import {
	t.Helper()
	do := h.Begin
	if dry {
		do = h.Check
	}
	if err := do(context.Background(), a, id); err != nil {
		t.Fatal(err)
	}
	imp, err := h.Load(context.Background(), a, id)
	if err != nil {
		t.Fatal(err)
	}
	return imp
}

// counts are new, changed, same, duplicates, rejected.
func counts(i *transfer.Import) [5]int64 {
	return [5]int64{i.Created, i.Changed, i.Same, i.Duplicates, i.Rejected}
}

func (h *house) why(t testing.TB, imp *transfer.Import) []string {
	t.Helper()
	list, err := h.Rejects(context.Background(), imp, i18n.ZH, 20)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprintf("%d %s %s", r.Line, r.Kind, strings.Join(r.Reasons, "；")))
	}
	return out
}

// find returns the records that meet the condition, up to 200.
func find[T any](t testing.TB, h *house, typ string, f record.Filter) []*T {
	t.Helper()
	out, err := db.View(context.Background(), h.DB, func(tx *db.Tx) ([]*T, error) {
		page, err := h.Store.List(context.Background(), tx, h.Store.Types.Type(typ), h.Guard.SystemScope("test", "test", typ, record.Read), record.Query{Filter: f, Limit: 200, Sort: "id"})
		var out []*T
		for _, e := range page.Items {
			out = append(out, e.(any).(*T))
		}
		return out, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (h *house) verify(t testing.TB) {
	t.Helper()
	_, err := db.View(context.Background(), h.DB, func(tx *db.Tx) (int64, error) {
		n, _, err := audit.Verify(context.Background(), tx)
		return n, err
	})
	if err != nil {
		t.Error(err)
	}
}

func lawful(p *transfer.Plan) { p.Fixed["legal_basis"] = "contract" }

func BenchmarkImport(b *testing.B) {
	var raw strings.Builder
	raw.WriteString("客户名称,统一社会信用代码,手机,邮箱,行业,备注\n")
	const n = 20_000
	for i := range n {
		fmt.Fprintf(&raw, "杭州第%d茶叶有限公司,,138%08d,mail%d@example.com,零售,每年三月订货\n", i, i, i)
	}
	for b.Loop() {
		b.StopTimer()
		h := newHouse(b, dbtest.SQLite(b))
		imp := h.receive(b, program, "customer", "big.csv", raw.String(), lawful)
		b.StartTimer()
		imp = h.run(b, program, imp.ID, false)
		if imp.Created != n {
			b.Fatalf("%v %v", counts(imp), h.why(b, imp))
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkImportPast(b *testing.B) {
	var raw strings.Builder
	raw.WriteString("编号,投诉日期,内容\n")
	const n = 20_000
	for i := range n {
		fmt.Fprintf(&raw, "T-%d,2019-03-%02d,房间比较干净，服务员态度不错，早餐种类太少，希望改进。第%d条\n", i, i%28+1, i)
	}
	for b.Loop() {
		b.StopTimer()
		h := newHouse(b, dbtest.SQLite(b))
		imp := h.receive(b, program, "case", "old.csv", raw.String(), func(p *transfer.Plan) {
			p.Keep, p.Fixed["subject"] = true, "{内容}"
			p.Picks = []transfer.Pick{{Column: 0, Name: "编号", Field: "source_ref"}, {Column: 1, Name: "投诉日期", Field: "created_at"}, {Column: 2, Name: "内容", Field: "content"}}
			p.Keys = []string{"source_ref"}
		})
		b.StartTimer()
		imp = h.run(b, program, imp.ID, false)
		if imp.Created != n {
			b.Fatalf("%v %v", counts(imp), h.why(b, imp))
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
}
