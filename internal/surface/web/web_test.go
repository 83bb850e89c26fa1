package web_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/access/identity"
	"dianke/internal/platform/errs"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webtest"
)

// mounted is a site with pages that fail in several ways.
func mounted(t *testing.T, change func(*web.Deps)) *webtest.Site {
	t.Helper()
	return webtest.New(t, webtest.Options{Deps: change, Mount: func(*accesstest.Bench) []func(*web.Server) {
		return []func(*web.Server){func(s *web.Server) {
			s.Handle("GET /boom", func(http.ResponseWriter, *http.Request) error { panic("secret of the program") })
			s.Handle("GET /broken", func(http.ResponseWriter, *http.Request) error { return errors.New("secret of the database") })
			s.Handle("GET /busy", func(http.ResponseWriter, *http.Request) error { return errs.New(errs.Unavailable, "error.unavailable") })
			s.Handle("POST /echo", func(w http.ResponseWriter, r *http.Request) error {
				if err := web.Form(r); err != nil {
					return err
				}
				return s.Redirect(w, r, r.PostFormValue("to"), web.Toast{Key: "web.sessions.revoked"})
			})
		}}
	}})
}

func TestSignInSaysTheSameWhateverIsWrong(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	s.Person(t, "amy", "administrator", s.Company)
	b := s.Browser(t)
	post := func(login, password, next string) *webtest.Page {
		return b.Post("/signin", url.Values{"login": {login}, "password": {password}, "next": {next}})
	}
	wrong := post("amy", "not this", "/clients").Want(http.StatusUnauthorized)
	unknown := post("nobody", "not this", "/clients").Want(http.StatusUnauthorized)
	if wrong.TextOf("[role=alert]") != unknown.TextOf("[role=alert]") || wrong.Attr("[name=login]", "value") != "amy" || strings.Contains(wrong.Body, "not this") {
		t.Errorf("wrong password: %q, unknown name: %q", wrong.TextOf("[role=alert]"), unknown.TextOf("[role=alert]"))
	}
	if wrong.Attr("[name=next]", "value") != "/clients" {
		t.Error("the way back is lost")
	}
	for _, next := range []string{"https://elsewhere.example", "//elsewhere.example", `/\elsewhere.example`, "javascript:alert(1)"} {
		if to := post("amy", webtest.Password, next).Want(http.StatusSeeOther).Location(); to != "/" {
			t.Errorf("next=%s leads to %q", next, to)
		}
	}
	b.Get("/me").Want(http.StatusOK)
	b.Post("/me/signout", nil).Want(http.StatusSeeOther)
	if to := b.Get("/me").Want(http.StatusSeeOther).Location(); to != "/signin?next=%2Fme" {
		t.Errorf("after signing out /me leads to %q", to)
	}
}

func TestManyFailuresAreSlowedDown(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	s.Person(t, "amy", "administrator", s.Company)
	b := s.Browser(t)
	for range 8 {
		p := b.Post("/signin", url.Values{"login": {"amy"}, "password": {"x"}})
		if p.Status == http.StatusTooManyRequests {
			if !strings.Contains(p.TextOf("[role=alert]"), "秒") {
				t.Errorf("throttled without a time: %s", p.Text())
			}
			return
		}
	}
	t.Error("never throttled")
}

func TestSessionCookieIsBoundToTheHost(t *testing.T) {
	t.Parallel()
	s := mounted(t, func(d *web.Deps) { d.Secure = true })
	s.Person(t, "amy", "administrator", s.Company)
	p := s.Browser(t).Post("/signin", url.Values{"login": {"amy"}, "password": {webtest.Password}}).Want(http.StatusSeeOther)
	all := p.Header.Values("Set-Cookie")
	c := all[slices.IndexFunc(all, func(c string) bool { return strings.HasPrefix(c, "__Host-") })]
	for _, want := range []string{"__Host-dianke=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(c, want) {
			t.Errorf("cookie %q lacks %s", regexp.MustCompile(`=[^;]{20,}`).ReplaceAllString(c, "=…"), want)
		}
	}
	if p.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS")
	}
}

func TestFailuresShowAReferenceAndNoSecret(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := mounted(t, func(d *web.Deps) { d.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	a := s.Person(t, "amy", "administrator", s.Company)
	b := s.SignedIn(t, "amy")
	for _, path := range []string{"/boom", "/broken"} {
		p := b.Get(path + "?q=13800138000").Want(http.StatusInternalServerError)
		ref := p.Header.Get("X-Request-Id")
		if strings.Contains(p.Body, "secret") || ref == "" || !strings.Contains(p.Text(), "参考编号 "+ref) || !strings.Contains(log.String(), ref) {
			t.Errorf("%s: %s", path, p.Text())
		}
	}
	for _, bad := range []string{"13800138000", webtest.Password, `"amy"`} {
		if strings.Contains(log.String(), bad) {
			t.Errorf("the log holds %q", bad)
		}
	}
	for _, want := range []string{`"route":"GET /broken"`, `"status":500`, a.UserID.String(), "secret of the database"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	b.Get("/busy").Want(http.StatusServiceUnavailable)
	if p := b.Fragment("/busy").Want(http.StatusServiceUnavailable); p.Has("html body nav") || p.Header.Get("Vary") == "" {
		t.Error("a fragment is a whole page, or does not vary")
	}
	b.Get("/nothing/here/at/all").Want(http.StatusNotFound)
}

func TestHeadersProtectEveryAnswer(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	for _, path := range []string{"/signin", "/me", "/healthz", "/nothing", "/assets/none.js"} {
		h := s.Browser(t).Get(path).Header
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy %q lacks %s", path, csp, want)
			}
		}
		for _, name := range []string{"Referrer-Policy", "X-Content-Type-Options", "Permissions-Policy", "Cross-Origin-Opener-Policy"} {
			if h.Get(name) == "" {
				t.Errorf("%s: no %s", path, name)
			}
		}
	}
}

func TestPostsFromElsewhereAndRedirectsToElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	s.Person(t, "amy", "administrator", s.Company)
	b := s.SignedIn(t, "amy")
	for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://elsewhere.example"}} {
		if p := b.Post("/echo", url.Values{"to": {"/me"}}, h...).Want(http.StatusForbidden); !strings.Contains(p.Text(), "别的网站") {
			t.Errorf("%v: %s", h, p.Text())
		}
	}
	if to := b.Post("/echo", url.Values{"to": {"https://elsewhere.example/"}}).Location(); to != "/" {
		t.Errorf("redirected to %q", to)
	}
	if p := b.Post("/echo", url.Values{"to": {"/me"}}, "HX-Request", "true"); p.Status != http.StatusNoContent || p.Header.Get("HX-Redirect") != "/me" {
		t.Errorf("script: %d %q", p.Status, p.Header.Get("HX-Redirect"))
	}
	if p := b.Get("/me"); !strings.Contains(p.TextOf("#dk-toasts"), "已退出该设备") {
		t.Errorf("toast: %q", p.TextOf("#dk-toasts"))
	}
	if p := b.Get("/me"); p.TextOf("#dk-toasts") != "" {
		t.Error("the toast comes again")
	}
}

func TestLanguageFollowsChoiceThenPersonThenBrowser(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	s.Person(t, "amy", "administrator", s.Company)
	lang := func(b *webtest.Browser, path string) string { return b.Get(path).Attr("html", "lang") }
	guest := s.Browser(t)
	guest.Lang = "fr-FR, en-GB;q=0.8, zh;q=0.5"
	if got := lang(guest, "/signin"); got != "en" {
		t.Errorf("by browser: %q", got)
	}
	b := s.SignedIn(t, "amy") // the person's own language is Chinese
	b.Lang = "en"
	if got := lang(b, "/me"); got != "zh-CN" {
		t.Errorf("by person: %q", got)
	}
	b.Post("/me/language", url.Values{"lang": {"en"}, "return": {"/me"}}).Want(http.StatusSeeOther)
	if got := lang(b, "/me"); got != "en" {
		t.Errorf("by choice: %q", got)
	}
	b.Post("/me/language", url.Values{"lang": {"xx"}}).Want(http.StatusUnprocessableEntity)
	b.Post("/me/theme", url.Values{"theme": {"dark"}, "return": {"/me"}}).Want(http.StatusSeeOther)
	if got := b.Get("/me").Attr("html", "data-theme"); got != "dark" {
		t.Errorf("theme %q", got)
	}
}

func TestOwnPages(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	s.Person(t, "amy", "administrator", s.Company)
	s.Person(t, "cara", "clerk", s.North)
	b, other := s.SignedIn(t, "amy"), s.SignedIn(t, "amy")
	if p := b.Get("/me"); !strings.Contains(p.TextOf("main"), "典客公司") {
		t.Errorf("profile: %s", p.TextOf("main"))
	}
	p := b.Get("/me/sessions").Want(http.StatusOK)
	if rows := p.All("[data-testid=session]"); len(rows) != 2 || len(p.Texts("[data-testid=session] .badge")) > 1 {
		t.Fatalf("sessions: %s", p.TextOf("main"))
	}
	cara := s.SignedIn(t, "cara")
	cara.Post(p.Attr("main [data-testid=session] form", "action"), nil).Want(http.StatusNotFound)
	b.Post("/me/password", url.Values{"old": {"wrong"}, "password": {"another long sentence"}, "again": {"another long sentence"}}).Want(http.StatusUnprocessableEntity)
	b.Post("/me/password", url.Values{"old": {webtest.Password}, "password": {"another long sentence"}, "again": {"different"}}).Want(http.StatusUnprocessableEntity)
	b.Post("/me/password", url.Values{"old": {webtest.Password}, "password": {"another long sentence"}, "again": {"another long sentence"}}).Want(http.StatusSeeOther)
	b.Get("/me").Want(http.StatusOK)
	other.Get("/me").Want(http.StatusSeeOther) // the other device was signed out
	b.Post("/me/tokens", url.Values{"name": {""}, "expires": {"x"}}).Want(http.StatusUnprocessableEntity)
	p = b.Post("/me/tokens", url.Values{"name": {"同步"}, "scopes": {"client:read，memo:*"}, "expires": {"30"}}).Want(http.StatusOK)
	secret := p.TextOf(".dk-tone-good")
	if !strings.Contains(secret, identity.Prefix) || strings.Contains(b.Get("/me/tokens").Body, identity.Prefix) {
		t.Errorf("the secret is shown as %q and not only once", secret)
	}
	revoke := b.Get("/me/tokens").Attr("main table form", "action")
	cara.Post(revoke, nil).Want(http.StatusNotFound)
	b.Post(revoke, nil).Want(http.StatusSeeOther)
	svg := b.Get(b.Get("/me").Attr("image", "href"))
	if svg.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(svg.Body, "amy 2026-03-02 10:00") || !strings.HasPrefix(svg.Header.Get("Cache-Control"), "private") {
		t.Errorf("watermark %q: %s", svg.Header, svg.Body)
	}
}

func TestWhoMustChangeHisPasswordDoesNothingElse(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	boss := s.Person(t, "boss", "administrator", s.Company)
	a := s.Person(t, "amy", "clerk", s.North)
	if err := s.Identity.SetPassword(context.Background(), boss, a.UserID, "given by the boss", true); err != nil {
		t.Fatal(err)
	}
	b := s.Browser(t)
	b.Post("/signin", url.Values{"login": {"amy"}, "password": {"given by the boss"}, "next": {"/search"}}).Want(http.StatusSeeOther)
	if to := b.Get("/search").Want(http.StatusSeeOther).Location(); to != "/me/password" {
		t.Errorf("led to %q", to)
	}
	b.Get("/me/password").Want(http.StatusOK)
	b.Post("/me/password", url.Values{"old": {"given by the boss"}, "password": {"my very own words"}, "again": {"my very own words"}}).Want(http.StatusSeeOther)
	b.Get("/search").Want(http.StatusOK)
}

func TestPasswordLinkWorksOnce(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	boss := s.Person(t, "boss", "administrator", s.Company)
	a := s.Hire(t, "amy", "clerk", s.North)
	secret, err := s.Identity.IssuePasswordLink(context.Background(), boss, a.UserID)
	if err != nil {
		t.Fatal(err)
	}
	b, form := s.Browser(t), url.Values{"password": {webtest.Password}, "again": {webtest.Password}}
	b.Get("/password/" + secret).Want(http.StatusOK)
	b.Post("/password/"+secret, url.Values{"password": {"short"}, "again": {"short"}}).Want(http.StatusUnprocessableEntity)
	b.Post("/password/"+secret, form).Want(http.StatusSeeOther)
	b.Post("/password/"+secret, form).Want(http.StatusNotFound)
	s.SignedIn(t, "amy").Get("/me").Want(http.StatusOK)
	b.Get("/setup/anything").Want(http.StatusNotFound) // somebody has a password: nothing to set up
}

func TestFirstStartMakesTheAdministrator(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	secret, err := s.Identity.IssueSetupLink(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b := s.Browser(t)
	b.Get("/setup/" + secret).Want(http.StatusOK)
	form := url.Values{"company": {"海棠集团"}, "name": {"王芳"}, "login": {"wang.fang"}, "password": {"short"}}
	p := b.Post("/setup/"+secret, form).Want(http.StatusUnprocessableEntity)
	if p.Attr("[name=name]", "value") != "王芳" || strings.Contains(p.Body, "short") {
		t.Errorf("form after a fault: %s", p.Text())
	}
	form.Set("password", webtest.Password)
	b.Post("/setup/wrong", form).Want(http.StatusNotFound)
	b.Post("/setup/"+secret, form).Want(http.StatusSeeOther)
	s.SignedIn(t, "wang.fang").Get("/me").Want(http.StatusOK)
}

func TestSearchFindsRecordsPagesAndCommands(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	s.Person(t, "amy", "administrator", s.Company)
	s.Person(t, "gus", "guest", s.Company)
	s.Add(t, &accesstest.Client{Name: "海棠花园酒店"})
	amy, guest := s.SignedIn(t, "amy"), s.SignedIn(t, "gus")
	tests := map[string]string{"海棠": "海棠花园酒店", "haitang": "海棠花园酒店", "xjkh": "新建客户", "C-2026-000001": "海棠花园酒店", "便签": "新建便签"}
	for q, want := range tests {
		if p := amy.Fragment("/search?q=" + url.QueryEscape(q)).Want(http.StatusOK); !strings.Contains(p.Text(), want) || p.Has("nav") {
			t.Errorf("%s finds %s", q, p.Text())
		}
		if p := guest.Fragment("/search?q=" + url.QueryEscape(q)); strings.Contains(p.Text(), want) {
			t.Errorf("the guest finds %s by %s", want, q)
		}
	}
	amy.Get("/search?q=" + strings.Repeat("长", 101)).Want(http.StatusUnprocessableEntity)
	if p := amy.Get("/search?q=<b>"); strings.Contains(p.Body, "<b>") {
		t.Error("the query is not escaped")
	}
}

func TestNavigationShowsWhatTheReaderMayEnter(t *testing.T) {
	t.Parallel()
	s := mounted(t, func(d *web.Deps) {
		d.Pages = []web.Page{{Room: "trade", Href: "/board", LabelKey: "web.search.title", Icon: "layout-grid", Needs: "client", First: true}}
	})
	s.Person(t, "amy", "administrator", s.Company)
	s.Person(t, "gus", "guest", s.Company)
	amy := s.SignedIn(t, "amy")
	nav := amy.Get("/search").Texts(".dk-room")
	if want := "行业 设置"; !strings.Contains(strings.Join(nav, " "), want) {
		t.Errorf("rooms %v, want %q", nav, want)
	}
	if guest := s.SignedIn(t, "gus").Get("/search").Texts(".dk-room"); strings.Contains(strings.Join(guest, " "), "行业") {
		t.Errorf("the guest is offered %v", guest)
	}
	if to := amy.Get("/").Want(http.StatusSeeOther).Location(); to != "/board" {
		t.Errorf("home leads to %q", to)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	t.Parallel()
	down := false
	s := mounted(t, func(d *web.Deps) {
		d.MetricsToken, d.Proxies = "scrape", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		d.Ready = func(context.Context) error {
			if down {
				return errors.New("down")
			}
			return nil
		}
	})
	b := s.Browser(t)
	b.Get("/healthz").Want(http.StatusOK)
	b.Get("/readyz").Want(http.StatusOK)
	down = true
	b.Get("/readyz").Want(http.StatusServiceUnavailable)
	if p := b.Get("/metrics").Want(http.StatusOK); !strings.Contains(p.Body, `route="GET /readyz",status="503"`) {
		t.Errorf("metrics: %.200s", p.Body)
	}
	b.Get("/metrics", "X-Forwarded-For", "203.0.113.9").Want(http.StatusNotFound)
	b.Get("/metrics", "X-Forwarded-For", "203.0.113.9", "Authorization", "Bearer wrong").Want(http.StatusNotFound)
	b.Get("/metrics", "X-Forwarded-For", "203.0.113.9", "Authorization", "Bearer scrape").Want(http.StatusOK)
}

func TestSessionsEndByTheClock(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	s.Person(t, "amy", "administrator", s.Company)
	b := s.SignedIn(t, "amy")
	s.Clock.Advance(9 * time.Hour)
	b.Get("/me").Want(http.StatusSeeOther)
}

func TestWordsOfErrors(t *testing.T) {
	t.Parallel()
	s := mounted(t, nil)
	s.Person(t, "cara", "clerk", s.North)
	ctx := context.Background()
	err := errs.New(errs.Forbidden, "access.denied").With("type", "client").With("action", "close")
	if got := errs.As(web.Worded(ctx, err)).Args["type"]; got != "client" {
		t.Errorf("without a catalogue the word stays: %v", got)
	}
	if plain := errors.New("x"); web.Worded(ctx, plain) != plain {
		t.Error("another error was changed")
	}
	whole := web.WordedFor(ctx, s.Client, refused{err})
	var back refused
	if !errors.As(whole, &back) || errs.KindOf(whole) != errs.Forbidden {
		t.Errorf("the chain is lost: %v", whole)
	}
}

// refused is an error that holds more than its message, as a refusal of the regulation does.
type refused struct{ error }

func (r refused) Unwrap() error { return r.error }

func TestEveryKeyHasItsText(t *testing.T) {
	t.Parallel()
	webtest.CheckKeys(t, mounted(t, nil).Catalog)
}
