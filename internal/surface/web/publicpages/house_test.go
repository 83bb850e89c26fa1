package publicpages_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/world"
)

// now is Monday 2026-03-02 10:00 in Shanghai.
var now = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// house is the whole application with a sample company two days old.
type house struct {
	clock *clock.Fake
	site  *webtest.Site
}

func openHouse(t *testing.T, wrap func(http.Handler) http.Handler, packs ...string) *house {
	t.Helper()
	ctx, fake := context.Background(), clock.NewFake(now)
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(ctx, cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	b := &world.Builder{Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Clock: fake, Now: now, Days: 2, Packs: packs}
	if _, err := b.Build(ctx); err != nil {
		t.Fatal(err)
	}
	handler, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	if wrap != nil {
		handler = wrap(handler)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return &house{clock: fake, site: &webtest.Site{URL: srv.URL, Catalog: a.Catalog}}
}
