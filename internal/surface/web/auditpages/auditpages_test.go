package auditpages_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/view"
	"dianke/internal/platform/db"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/auditpages"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webtest"
)

// site is a company in which cara has revealed a telephone number and rose, the auditor, looks into the log.
func site(t *testing.T, around func(http.Handler) http.Handler) (*webtest.Site, *accesstest.Client) {
	t.Helper()
	s := webtest.New(t, webtest.Options{
		Messages: []fs.FS{recordpages.Messages(), auditpages.Messages()}, Handler: around,
		Deps: func(d *web.Deps) { d.Pages = []web.Page{auditpages.Link()} },
		Mount: func(b *accesstest.Bench) []func(*web.Server) {
			pages := recordpages.New(recordpages.Deps{Blobs: webtest.Blobs(t), Clock: b.Clock, Views: &view.Store{DB: b.DB, Clock: b.Clock, IDs: b.Store.IDs}})
			return []func(*web.Server){pages.Mount, auditpages.New().Mount}
		},
	})
	webtest.CheckKeys(t, s.Catalog)
	s.Person(t, "rose", "auditor", s.Company)
	s.Person(t, "amy", "administrator", s.Company)
	cara := s.Person(t, "cara", "leader", s.North)
	c := s.Add(t, &accesstest.Client{Name: "海棠花园酒店", Mobile: "+8613800138000", Head: record.Head{UnitID: s.North}})
	cara.Via, cara.Address = "web", "10.0.0.7"
	s.Clock.Advance(30 * time.Hour)
	if _, err := s.Records.Reveal(context.Background(), cara, "client", c.ID, []string{"mobile"}, "回电核对送货时间"); err != nil {
		t.Fatal(err)
	}
	return s, c
}

func TestTheAuditorSeesWhoRevealedWhatAndWhy(t *testing.T) {
	t.Parallel()
	s, c := site(t, nil)
	rose := s.SignedIn(t, "rose")
	p := rose.Get("/audit?verb=reveal").Want(http.StatusOK)
	rows := p.Texts("tbody tr")
	if len(rows) != 1 {
		t.Fatalf("rows = %q", rows)
	}
	for _, want := range []string{"cara", "显示完整信息", "海棠花园酒店", "回电核对送货时间", "网页 · 10.0.0.7"} {
		if !strings.Contains(rows[0], want) {
			t.Errorf("the row %q does not say %q", rows[0], want)
		}
	}
	if strings.Contains(p.Body, "13800138000") || strings.Contains(p.Body, "⟦") {
		t.Errorf("the page shows a number or a missing text: %s", p.TextOf("main"))
	}
	if got := p.Attr("tbody tr a[href=/clients/"+c.ID.String()+"]", "href"); got == "" {
		t.Error("no way to the record")
	}
	entry := rose.Get(p.Attr("tbody tr a", "href")).Want(http.StatusOK)
	for _, want := range []string{"回电核对送货时间", "client.reveal", "手机"} {
		if !strings.Contains(entry.TextOf("main"), want) {
			t.Errorf("the entry does not say %q: %s", want, entry.TextOf("main"))
		}
	}
	if sheet := rose.Get("/clients/" + c.ID.String()).Want(http.StatusOK); !sheet.Has(`a[href=/audit?record=` + c.ID.String() + `]`) {
		t.Error("the record does not lead to its log")
	}
}

func TestTheLogIsClosedToOthers(t *testing.T) {
	t.Parallel()
	s, c := site(t, nil)
	for _, login := range []string{"amy", "cara"} {
		b := s.SignedIn(t, login)
		for _, path := range []string{"/audit", "/audit/1"} {
			b.Get(path).Want(http.StatusForbidden)
		}
		b.Post("/audit/verify", nil).Want(http.StatusForbidden)
		if p := b.Get("/clients/" + c.ID.String()).Want(http.StatusOK); strings.Contains(p.Body, "/audit") {
			t.Errorf("%s sees a way into the log", login)
		}
	}
	if n := len(s.Audited(t, "audit_log.verify")); n != 0 {
		t.Errorf("%d proofs without the right", n)
	}
}

func TestConditionsNarrowTheLog(t *testing.T) {
	t.Parallel()
	s, c := site(t, nil)
	rose := s.SignedIn(t, "rose")
	day := accesstest.Start.Add(30 * time.Hour).In(time.FixedZone("CST", 8*3600)).Format(time.DateOnly)
	tests := map[string]struct {
		query url.Values
		rows  int
		alert bool
	}{
		"record":           {url.Values{"record": {c.ID.String()}}, 2, false},
		"record by number": {url.Values{"record": {c.Number}}, 2, false},
		"no such record":   {url.Values{"record": {"X-1"}, "verb": {"reveal"}}, 1, true},
		"type and action":  {url.Values{"type": {"client"}, "verb": {"create"}}, 1, false},
		"that day":         {url.Values{"type": {"client"}, "from": {day}, "until": {day}}, 1, false},
		"before that":      {url.Values{"type": {"client"}, "until": {"2020-01-01"}}, 0, false},
		"no date":          {url.Values{"type": {"client"}, "from": {"gestern"}}, 2, true},
		"nobody":           {url.Values{"person": {"' OR 1=1 --"}}, 0, false},
		"unknown action":   {url.Values{"verb": {"<script>"}}, 0, false},
	}
	for name, tt := range tests {
		p := rose.Get("/audit?" + tt.query.Encode()).Want(http.StatusOK)
		if got := len(p.All("tbody tr")); got != tt.rows || strings.Contains(p.Body, "<script>alert") {
			t.Errorf("%s: %d rows, want %d: %s", name, got, tt.rows, p.TextOf("main"))
		}
		if got := p.Has("main .dk-alert.dk-tone-warn"); got != tt.alert {
			t.Errorf("%s: warned is %v", name, got)
		}
	}
	rose.Get("/audit/999999").Want(http.StatusNotFound)
	rose.Get("/audit/x").Want(http.StatusNotFound)
}

func TestPagesOfTheLogMeetWithoutGap(t *testing.T) {
	t.Parallel()
	s, _ := site(t, nil)
	for range 130 {
		s.Add(t, &accesstest.Client{Name: "北塔快捷酒店", Head: record.Head{UnitID: s.North}})
	}
	rose := s.SignedIn(t, "rose")
	seen := map[string]bool{}
	path, pages, back := "/audit?type=client&verb=create", 0, ""
	for path != "" && pages < 5 {
		p := rose.Get(path).Want(http.StatusOK)
		pages++
		for _, row := range p.All("tbody tr") {
			for _, a := range row.Attr {
				if a.Key == "data-id" || a.Key == "id" {
					seen[a.Val] = true
				}
			}
		}
		if path = ""; p.Has("[rel=next]") {
			path = p.Attr("[rel=next]", "href")
		}
		if p.Has("[rel=prev]") {
			back = p.Attr("[rel=prev]", "href")
		}
	}
	if pages != 3 {
		t.Errorf("%d pages of 131 entries", pages)
	}
	if p := rose.Get(back).Want(http.StatusOK); len(p.All("tbody tr")) != 50 || !p.Has("[rel=next]") || !p.Has("[rel=prev]") {
		t.Errorf("the way back: %s", p.TextOf("nav.dk-pager"))
	}
}

func TestVerifyingTheChain(t *testing.T) {
	t.Parallel()
	s, _ := site(t, nil)
	rose := s.SignedIn(t, "rose")
	if got := rose.Get("/audit").TextOf("[data-testid=chain]"); !strings.Contains(got, "尚未验证") {
		t.Errorf("before: %q", got)
	}
	rose.Post("/audit/verify", nil).Want(http.StatusSeeOther)
	if got := rose.Get("/audit").TextOf("[data-testid=chain]"); !strings.Contains(got, "链条完整") || !strings.Contains(got, "rose") {
		t.Errorf("after: %q", got)
	}
	ctx := context.Background()
	err := db.Do(ctx, s.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE audit_log SET detail = '' WHERE verb = 'client.reveal'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rose.Post("/audit/verify", nil).Want(http.StatusSeeOther)
	if got := rose.Get("/audit").TextOf("[data-testid=chain]"); !strings.Contains(got, "断开") || !strings.Contains(got, "内容被改动") {
		t.Errorf("after tampering: %q", got)
	}
	if st, err := s.Records.Chain(ctx, access.Actor{UserID: 1}); err == nil {
		t.Errorf("the state is open to anybody: %+v", st)
	}
}

func TestTheLogInABrowser(t *testing.T) {
	var policy browsertest.Policy
	s, _ := site(t, policy.Wrap)
	rose := s.SignedIn(t, "rose")
	rose.Post("/audit/verify", nil).Want(http.StatusSeeOther)
	entry := rose.Get("/audit?verb=reveal").Attr("tbody tr a", "href")
	b := browsertest.Start(t, s.URL)
	b.SignIn("rose", webtest.Password)
	b.EachLook("audit", []browsertest.Shown{{Path: "/audit", Name: "list"}, {Path: "/audit?verb=reveal&type=client", Name: "found"}, {Path: entry, Name: "entry"}})
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}
