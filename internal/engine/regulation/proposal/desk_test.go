package proposal_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
	"dianke/internal/world"
)

// house is the whole application with a sample company, and its department manager.
func house(t testing.TB) (*app.App, access.Actor) {
	t.Helper()
	ctx, fake := context.Background(), clock.NewFake(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC))
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(ctx, cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	b := &world.Builder{Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Clock: fake, Now: fake.Now(), Days: 1}
	if _, err := b.Build(ctx); err != nil {
		t.Fatal(err)
	}
	return a, personOf(t, a, "department_manager")
}

func personOf(t testing.TB, a *app.App, login string) access.Actor {
	t.Helper()
	var id record.ID
	err := a.InTx(context.Background(), "test", "cli", func(c *record.Call) error {
		list, err := c.Work.Find(context.Background(), c, "user", record.Where("login", login), 1)
		if err == nil && len(list) == 1 {
			id = list[0].HeadOf().ID
		}
		return err
	})
	if err != nil || id == 0 {
		t.Fatalf("no %s: %v", login, err)
	}
	who, err := a.Records.Actor(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func imported(t testing.TB, a *app.App, who access.Actor, key, text string, from float64) (*regulation.Version, proposal.Tally) {
	t.Helper()
	ctx := context.Background()
	drafts, err := regulation.FromText([]byte(text), key)
	if err != nil {
		t.Fatal(err)
	}
	var sum proposal.Tally
	if err := a.Engine.StoreAll(ctx, who, drafts, a.Proposals.Then(from, &sum)); err != nil {
		t.Fatal(err)
	}
	_, list, err := a.Engine.Versions(ctx, key)
	if err != nil || len(list) == 0 {
		t.Fatalf("no version: %v", err)
	}
	return list[0], sum
}

func TestProposalsAreKeptAndDecided(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	a, who := house(t)
	raw, err := os.ReadFile("testdata/wholesale.txt")
	if err != nil {
		t.Fatal(err)
	}
	v, sum := imported(t, a, who, "ws", string(raw), proposal.NoAccept)
	list, err := a.Proposals.Of(ctx, who, v.ID, 0, 100)
	if err != nil || sum.Clauses != 40 || sum.Accepted != 0 || len(list) < 100 {
		t.Fatalf("%+v, %d proposals, %v", sum, len(list), err)
	}
	var ready []*proposal.Proposal
	var byHand *proposal.Proposal
	for _, p := range list {
		if p.Spec == "" {
			byHand = p
		} else if len(ready) == 0 || ready[len(ready)-1].ClauseKey != p.ClauseKey {
			ready = append(ready, p)
		}
	}
	if len(ready) < 10 || byHand == nil {
		t.Fatalf("%d ready to take over", len(ready))
	}
	do := func(p *proposal.Proposal, act string, in map[string]any) error {
		_, err := a.Records.Do(ctx, who, action.Command{Type: "proposal", Action: act, ID: p.ID, Input: in})
		return err
	}
	if err := do(byHand, "accept", nil); errs.KeyOf(err) != "proposal.no_spec" {
		t.Errorf("accepted without a binding: %v", err)
	}
	if err := do(ready[0], "accept", nil); err != nil {
		t.Errorf("accept: %v", err)
	}
	if err := do(byHand, "edit", map[string]any{"control": "guard", "spec": "on: case.close\nrefuse_if: record.colour == 1\nsay: {zh: 一, en: one}"}); !errs.Is(err, errs.Invalid) {
		t.Errorf("edited into what does not compile: %v", err)
	}
	if err := do(byHand, "edit", map[string]any{"control": "acknowledge", "spec": "within: 3d"}); err != nil {
		t.Errorf("edit: %v", err)
	}
	if err := do(ready[1], "reject", nil); err != nil {
		t.Errorf("reject: %v", err)
	}
	read, err := a.Engine.ReadVersion(ctx, "ws", v.VersionNo)
	if err != nil || len(read.Bindings[ready[0].ClauseKey]) != 1 || len(read.Bindings[byHand.ClauseKey]) == 0 || len(read.Bindings[ready[1].ClauseKey]) != 0 {
		t.Errorf("bindings of the draft: %v, %v", read.Bindings, err)
	}
	got, err := a.Proposals.Get(ctx, who, ready[0].ID)
	if err != nil || got.Status != "accepted" || got.BindingID == 0 || got.DecidedBy != who.UserID || got.DecidedAt == nil {
		t.Errorf("after accepting: %+v, %v", got, err)
	}
	if err := do(ready[1], "reconsider", nil); err != nil {
		t.Errorf("reconsider: %v", err)
	}
	if _, err := a.Records.Do(ctx, personOf(t, a, "customer_clerk"), action.Command{Type: "proposal", Action: "accept", ID: ready[1].ID}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("a clerk accepts: %v", err)
	}
	if _, err := a.Records.Do(ctx, who, action.Command{Type: "regulation_version", Action: "submit", ID: v.ID}); err != nil {
		t.Fatal(err)
	}
	if err := do(ready[1], "accept", nil); errs.KeyOf(err) != "regulation.not_draft" {
		t.Errorf("accepted into a version in review: %v", err)
	}
}

func TestSureOnesAreAcceptedAtOnce(t *testing.T) {
	t.Parallel()
	a, who := house(t)
	v, sum := imported(t, a, who, "sure", "客户服务规定\n第一条 为规范客户服务工作，提高服务质量，制定本制度。\n第二条 本制度适用于客户服务部全体员工。\n第三条 商户年会另行通知。\n", 0.3)
	read, err := a.Engine.ReadVersion(context.Background(), "sure", v.VersionNo)
	if err != nil || sum.Accepted == 0 || len(read.Bindings) != sum.Accepted {
		t.Errorf("%+v, bindings %v, %v", sum, read.Bindings, err)
	}
}

// BenchmarkImport imports a text of two hundred articles with proposals. The first run learns as well.
func BenchmarkImport(b *testing.B) {
	raw, err := os.ReadFile("testdata/wholesale.txt")
	if err != nil {
		b.Fatal(err)
	}
	var articles []string
	for line := range strings.Lines(string(raw)) {
		if _, says, ok := strings.Cut(strings.TrimSpace(line), "条 "); ok {
			articles = append(articles, says)
		}
	}
	var text strings.Builder
	text.WriteString("客户服务管理规定\n")
	for i := range 200 {
		fmt.Fprintf(&text, "第%d条 %s\n", i+1, articles[i%len(articles)])
	}
	a, who := house(b)
	before := spent(b)
	for i := 0; b.Loop(); i++ {
		if _, sum := imported(b, a, who, fmt.Sprintf("bench-%d", i), text.String(), proposal.NoAccept); sum.Clauses != 200 {
			b.Fatalf("%+v", sum)
		}
	}
	b.ReportMetric(float64((spent(b)-before).Milliseconds())/float64(b.N), "cpu-ms/op")
}

// spent is the processor time of the process so far: on a machine that others use, the clock on the wall says little.
func spent(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
