package conditionpages_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/world"
)

var now = time.Date(2025, 9, 26, 2, 0, 0, 0, time.UTC)

func openHouse(t *testing.T) *webtest.Site {
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
	b := &world.Builder{Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Clock: fake, Now: now, Days: 2}
	if _, err := b.Build(ctx); err != nil {
		t.Fatal(err)
	}
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &webtest.Site{URL: srv.URL, Catalog: a.Catalog}
}

const page = "/read/r01/r01.7.2/condition"

// TestAConditionIsChosenShownAndTried: the whole of it is in the address; what is missing is named beside its field, and
// who may not write controls has no editor.
func TestAConditionIsChosenShownAndTried(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the sample company")
	}
	site := openHouse(t)
	chief := signIn(t, site, "department_manager")
	ask := func(q url.Values) *webtest.Page { return chief.Get(page + "?" + q.Encode()) }
	chief.Get(page).Want(http.StatusOK)
	q := url.Values{"event": {"case.close"}, "what-0": {"field.kind"}, "op-0": {"is"}, "value-0": {"投诉"}, "what-1": {"field.true_cause"}, "op-1": {"empty"}, "try": {"1"}}
	p := ask(q).Want(http.StatusOK)
	if got := p.TextOf("[data-testid=condition]"); got != `record.kind == "complaint" && record.true_cause == ""` {
		t.Errorf("the condition is %q", got)
	}
	if got := p.TextOf("[data-testid=trial]"); got == "" {
		t.Error("it was not tried")
	}
	q.Set("value-0", "")
	if got := ask(q).Want(http.StatusUnprocessableEntity).TextOf("main"); got == "" {
		t.Error("no sentence")
	}
	q.Set("event", "case.fly")
	ask(q).Want(http.StatusOK)
	chief.Get("/read/r01/r01.99/condition").Want(http.StatusNotFound)
	signIn(t, site, "customer_clerk").Get(page).Want(http.StatusForbidden)
}

func signIn(t *testing.T, site *webtest.Site, login string) *webtest.Browser {
	t.Helper()
	b := site.Browser(t)
	b.Post("/signin", url.Values{"login": {login}, "password": {world.Password}}).Want(http.StatusSeeOther)
	return b
}

// TestConditionsInABrowser photographs the editor, empty, chosen and with its answer.
func TestConditionsInABrowser(t *testing.T) {
	site := openHouse(t)
	b := browsertest.Start(t, site.URL)
	b.SignIn("department_manager", world.Password)
	q := url.Values{"event": {"case.close"}, "what-0": {"field.kind"}, "op-0": {"is"}, "value-0": {"complaint"}, "try": {"1"}}
	b.EachLook("condition", []browsertest.Shown{{Path: page, Name: "condition"}, {Path: page + "?" + q.Encode(), Name: "condition-tried"}})
}
