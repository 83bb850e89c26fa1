package duplicatepages_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/view"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/duplicatepages"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webtest"
)

func site(t *testing.T, around func(http.Handler) http.Handler) (s *webtest.Site, one, two *accesstest.Client) {
	t.Helper()
	s = webtest.New(t, webtest.Options{
		Messages: []fs.FS{recordpages.Messages(), duplicatepages.Messages()}, Handler: around,
		Mount: func(b *accesstest.Bench) []func(*web.Server) {
			pages := recordpages.New(recordpages.Deps{Blobs: webtest.Blobs(t), Clock: b.Clock, Views: &view.Store{DB: b.DB, Clock: b.Clock, IDs: b.Store.IDs}})
			return []func(*web.Server){pages.Mount, (&duplicatepages.Pages{}).Mount}
		},
	})
	s.Person(t, "amy", "administrator", s.Company)
	s.Person(t, "cara", "clerk", s.North)
	one = s.Add(t, &accesstest.Client{Name: "海棠花园酒店", Notes: "甲", Head: record.Head{UnitID: s.North}})
	two = s.Add(t, &accesstest.Client{Name: "海棠花园大酒店", Mobile: "+8613800138000", Notes: "乙", Size: "large", Head: record.Head{UnitID: s.North}})
	return s, one, two
}

func TestMergingByFormAndBack(t *testing.T) {
	t.Parallel()
	s, one, two := site(t, nil)
	amy := s.SignedIn(t, "amy")
	ask := "/merge/client?id=" + one.ID.String() + "&id=" + two.ID.String()
	p := amy.Get(ask).Want(http.StatusOK)
	if text := p.TextOf("main"); strings.Contains(text, "⟦") || !strings.Contains(text, "海棠花园大酒店") || !p.Has("input[name=take_name]") || p.Has("input[name=take_code]") {
		t.Errorf("the form: %s", text)
	}
	form := url.Values{
		"id": {one.ID.String(), two.ID.String()}, "keep": {one.ID.String()}, "take_name": {two.ID.String()}, "take_notes": {"all"},
		"v_" + one.ID.String(): {"1"}, "v_" + two.ID.String(): {"1"},
	}
	amy.Post("/merge/client", form).Want(http.StatusSeeOther)
	sheet := amy.Get("/clients/" + one.ID.String()).Want(http.StatusOK)
	if text := sheet.TextOf("main"); !strings.Contains(text, "海棠花园大酒店") || !strings.Contains(text, two.Number) || strings.Contains(text, "⟦") {
		t.Errorf("the survivor: %s", text)
	}
	if text := amy.Get("/clients/" + two.ID.String()).Want(http.StatusOK).TextOf("main"); !strings.Contains(text, one.Number) {
		t.Errorf("the other does not lead on: %s", text)
	}
	if again := amy.Post("/merge/client", form).Want(http.StatusConflict); !strings.Contains(again.Body, two.Number) {
		t.Errorf("the second of two people: %s", again.TextOf("main"))
	}
	amy.Post(sheet.Attr("[data-testid=unmerge]", "action"), nil).Want(http.StatusSeeOther)
	if text := amy.Get("/clients/" + one.ID.String()).TextOf("h1"); !strings.Contains(text, "海棠花园酒店") {
		t.Errorf("after the undo: %s", text)
	}
}

func TestMergingNeedsTheRight(t *testing.T) {
	t.Parallel()
	s, one, two := site(t, nil)
	cara := s.SignedIn(t, "cara")
	ids := "id=" + one.ID.String() + "&id=" + two.ID.String()
	cara.Get("/merge/client?" + ids).Want(http.StatusForbidden)
	cara.Post("/merge/client", url.Values{"id": {one.ID.String(), two.ID.String()}, "keep": {one.ID.String()}}).Want(http.StatusForbidden)
	amy := s.SignedIn(t, "amy")
	for _, path := range []string{"/merge/client?id=" + one.ID.String(), "/merge/client", "/merge/client?id=x&id=y"} {
		amy.Get(path).Want(http.StatusUnprocessableEntity)
	}
	amy.Get("/merge/memo?" + ids).Want(http.StatusNotFound)
}

func TestTheFormInABrowser(t *testing.T) {
	var policy browsertest.Policy
	s, one, two := site(t, policy.Wrap)
	b := browsertest.Start(t, s.URL)
	b.SignIn("amy", webtest.Password)
	b.EachLook("merge", []browsertest.Shown{{Path: "/merge/client?id=" + one.ID.String() + "&id=" + two.ID.String(), Name: "form"}})
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}
