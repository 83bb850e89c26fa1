package webhookpages_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webtest"
)

// TestPagesInABrowser looks at the pages in both languages, light and dark, on a desk and on a phone.
func TestPagesInABrowser(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("database is away"))
	}))
	t.Cleanup(receiver.Close)
	s, desk := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	amy := s.SignedIn(t, "amy")
	form := url.Values(amy.Get("/webhooks/new").Form("#record"))
	form.Set("title", "仓库系统")
	form.Set("url", receiver.URL)
	form.Set("events", "client.*\nmemo.create")
	path := "/settings/webhooks/" + strings.TrimPrefix(amy.Post("/webhooks", form).Location(), "/webhooks/")
	amy.Post(path+"/test", nil).Want(http.StatusSeeOther)
	run(t, desk)
	href := amy.Get(path).Attr("#messages tbody a", "href")
	br := browsertest.Start(t, s.URL)
	br.SignIn("amy", webtest.Password)
	br.EachLook("webhooks", []browsertest.Shown{
		{Path: "/settings/webhooks", Name: "list"}, {Path: path, Name: "one"}, {Path: href, Name: "message"}, {Path: "/settings/mcp", Name: "mcp"},
	})
}
