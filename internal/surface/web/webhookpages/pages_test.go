package webhookpages_test

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/record/view"
	"dianke/internal/engine/webhook"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/outbound"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webhookpages"
	"dianke/internal/surface/web/webtest"
)

// site opens the pages over a desk of webhooks.
func site(t *testing.T) (*webtest.Site, *webhook.Desk) {
	t.Helper()
	policy := outbound.Policy{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	desk := &webhook.Desk{Policy: policy, Client: webhook.Client(policy), Log: slog.New(slog.DiscardHandler)}
	s := webtest.New(t, webtest.Options{
		Messages: []fs.FS{recordpages.Messages(), webhook.Messages(), webhookpages.Messages(), outbound.Messages(), notice.Messages()},
		Deps:     func(d *web.Deps) { d.Pages = []web.Page{webhookpages.Link()} },
		Mount: func(b *accesstest.Bench) []func(*web.Server) {
			desk.Runner, desk.Guard = b.Records.Runner, b.Guard
			desk.Scope = func(typ, act string) record.Scope { return b.Guard.SystemScope("webhook", "job", typ, act) }
			desk.Register(b.Store.Types)
			for _, tab := range append(schema.Tables(b.Store.Types), webhook.Tables()...) {
				if strings.HasPrefix(tab.Name, "webhook") {
					dbtest.Make(t, b.DB, tab)
				}
			}
			pages := recordpages.New(recordpages.Deps{Blobs: webtest.Blobs(t), Clock: b.Clock, Views: &view.Store{DB: b.DB, Clock: b.Clock, IDs: b.Store.IDs}})
			return []func(*web.Server){pages.Mount, (&webhookpages.Pages{Desk: desk, Base: "https://crm.example.com"}).Mount}
		},
	})
	return s, desk
}

func TestWebhookFromSetUpToReplay(t *testing.T) {
	t.Parallel()
	got := 0
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		got++
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("<b>no</b>"))
	}))
	t.Cleanup(receiver.Close)
	s, desk := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	s.Person(t, "cara", "guest", s.North)
	amy, cara := s.SignedIn(t, "amy"), s.SignedIn(t, "cara")
	cara.Get("/settings/webhooks").Want(http.StatusForbidden)
	cara.Get("/settings/mcp").Want(http.StatusOK)
	amy.Get("/settings/webhooks").Want(http.StatusOK)
	form := url.Values(amy.Get("/webhooks/new").Want(http.StatusOK).Form("#record"))
	form.Set("title", "仓库系统")
	form.Set("url", "http://10.0.0.1/")
	if p := amy.Post("/webhooks", form).Want(http.StatusUnprocessableEntity); !p.Has("#f-url-error") {
		t.Error("a private address is taken")
	}
	form.Set("url", receiver.URL)
	form.Set("events", "client.*")
	id := strings.TrimPrefix(amy.Post("/webhooks", form).Want(http.StatusSeeOther).Location(), "/webhooks/")
	if p := amy.Get("/settings/webhooks"); !strings.Contains(p.TextOf("main"), "仓库系统") || strings.Contains(p.Body, "⟦") {
		t.Errorf("list %s", p.TextOf("main"))
	}
	path := "/settings/webhooks/" + id
	cara.Get(path).Want(http.StatusForbidden)
	cara.Post(path+"/test", nil).Want(http.StatusForbidden)
	if p := amy.Get(path).Want(http.StatusOK); !strings.Contains(p.Body, "whsec_******") || strings.Contains(p.Body, "⟦") {
		t.Errorf("page %s", p.TextOf("main"))
	}
	amy.Post(path+"/test", nil).Want(http.StatusSeeOther)
	run(t, desk)
	p := amy.Get(path).Want(http.StatusOK)
	if got != 1 || !strings.Contains(p.TextOf("#messages"), "webhook.test") || !strings.Contains(p.TextOf("#messages"), "418") {
		t.Fatalf("%d requests, log %s", got, p.TextOf("#messages"))
	}
	href := p.Attr("#messages tbody a", "href")
	if p := amy.Get(href).Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "<b>no</b>") || strings.Contains(p.Body, "<b>no</b>") || strings.Contains(p.Body, "⟦") {
		t.Errorf("message %s", p.TextOf("main"))
	}
	amy.Post(href+"/again", nil).Want(http.StatusSeeOther)
	run(t, desk)
	if got != 2 {
		t.Errorf("%d requests after it was sent again", got)
	}
	for _, bad := range []string{path + "?state=x", path + "?before=x", path + "/messages/x", path + "/messages/0000000000001", "/settings/webhooks/x"} {
		amy.Get(bad).Want(http.StatusNotFound)
	}
	for _, state := range []string{"waiting", "sent", "failed"} {
		amy.Get(path + "?state=" + state).Want(http.StatusOK)
	}
	if p := amy.Get("/settings/mcp").Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "https://crm.example.com/mcp") {
		t.Errorf("mcp %s", p.TextOf("main"))
	}
}

func run(t *testing.T, desk *webhook.Desk) {
	t.Helper()
	due, err := desk.Due(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range due {
		if err := desk.Deliver(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
}
