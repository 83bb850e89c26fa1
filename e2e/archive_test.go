package e2e_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
	"dianke/internal/world"
)

// instance opens an instance in a directory, on PostgreSQL where a database is named.
func instance(t *testing.T, dir, database string, at time.Time) *app.App {
	t.Helper()
	env := []string{"DIANKE_DATA_DIR=" + dir}
	if database != "" {
		env = append(env, "DIANKE_DATABASE="+database)
	}
	cfg, err := config.Load(env)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(context.Background(), cfg, app.Options{Clock: clock.NewFake(at), Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestAnArchiveBecomesTheSameInstance(t *testing.T) {
	t.Parallel()
	ctx, now := context.Background(), time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	from := t.TempDir()
	a := instance(t, from, "", now)
	b := &world.Builder{Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Clock: a.Clock.(*clock.Fake), Now: now, Days: 20}
	if _, err := b.Build(ctx); err != nil {
		t.Fatal(err)
	}
	program := access.Actor{System: "test", Via: "cli"}
	imp, err := a.Transfers.Receive(ctx, program, "customer", "a.csv", strings.NewReader("客户名称,身份证号\n张三,11010519491231002X\n"), transfer.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	plan := transfer.Plan{Picks: []transfer.Pick{{Column: 0, Name: "客户名称", Field: "name"}, {Column: 1, Name: "身份证号", Field: "id_card"}}, Fixed: map[string]string{"kind": "person", "source": "import", "legal_basis": "contract"}}
	if _, err := a.Transfers.Arrange(ctx, program, imp.ID, transfer.Layout{}, plan); err != nil {
		t.Fatal(err)
	}
	direct := *a.Transfers
	direct.Queue = nil
	if err := direct.Begin(ctx, program, imp.ID); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	sum, err := a.Archive().Write(ctx, &file)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Entries == 0 || sum.Files == 0 || len(sum.Tables) < 50 {
		t.Errorf("archive: %d entries, %d files, %d tables", sum.Entries, sum.Files, len(sum.Tables))
	}
	stranger := instance(t, t.TempDir(), "", now)
	if _, err := stranger.Archive().Read(ctx, bytes.NewReader(file.Bytes()), int64(file.Len())); errs.KeyOf(err) != "transfer.archive_secret" {
		t.Errorf("with another secret: %v", err)
	}
	to := t.TempDir()
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + to})
	if err != nil {
		t.Fatal(err)
	}
	if err := app.AdoptSecret(cfg, a.Config.SecretFile); err != nil {
		t.Fatal(err)
	}
	c := instance(t, to, "", now)
	half := file.Bytes()[:file.Len()/2]
	if _, err := c.Archive().Read(ctx, bytes.NewReader(half), int64(len(half))); errs.KeyOf(err) != "transfer.archive_damaged" {
		t.Errorf("half an archive: %v", err)
	}
	if _, err := c.Archive().Read(ctx, bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	back, err := c.Archive().Write(ctx, &again)
	if err != nil {
		t.Fatal(err)
	}
	if back.Head != sum.Head || back.Entries != sum.Entries || back.Files != sum.Files || len(back.Tables) != len(sum.Tables) {
		t.Errorf("audit %d %s became %d %s", sum.Entries, sum.Head, back.Entries, back.Head)
	}
	for i, p := range sum.Tables {
		if back.Tables[i] != p {
			t.Errorf("%+v became %+v", p, back.Tables[i])
		}
	}
	found, err := db.View(ctx, c.DB, func(tx *db.Tx) (int, error) {
		scope := c.System("test", "test", "customer", record.Read)
		hits, err := c.Store.Search(ctx, tx, []record.Scope{scope}, "11010519491231002X", 5)
		return len(hits), err
	})
	if err != nil || found != 1 {
		t.Errorf("search by a sealed number: %d, %v", found, err)
	}
	if _, err := c.Archive().Read(ctx, bytes.NewReader(file.Bytes()), int64(file.Len())); errs.KeyOf(err) != "transfer.archive_not_empty" {
		t.Errorf("into a full instance: %v", err)
	}
}
