package web_test

import (
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/federated"
	"dianke/internal/platform/db"
	"dianke/internal/surface/web/webtest"

	"github.com/pquerna/otp/totp"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/net/html"
)

// provider is a real OpenID Connect provider in this process, with one client of ours.
func provider(t *testing.T) (issuer string, allow func(redirect string)) {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	issuer = strings.Replace("http://"+srv.Listener.Addr().String()+"/", "127.0.0.1", "localhost", 1)
	st := storage.NewStorage(storage.NewUserStore(issuer))
	srv.Config.Handler = exampleop.SetupServer(issuer, st, nil, false, op.WithLogger(slog.New(slog.DiscardHandler)))
	srv.Start()
	t.Cleanup(srv.Close)
	return issuer, func(redirect string) { storage.RegisterClients(storage.WebClient("dianke", "secret", redirect)) }
}

// federatedSite is a site whose people may come from the provider.
func federatedSite(t *testing.T, change func(*federated.Config)) *webtest.Site {
	t.Helper()
	issuer, allow := provider(t)
	c := federated.Config{Key: "staff", Label: "单位账号", Issuer: issuer, ClientID: "dianke", Secret: "secret", Scopes: []string{"profile", "email"}}
	if change != nil {
		change(&c)
	}
	s := webtest.New(t, webtest.Options{Identity: func(o *identity.Options) { o.Providers = []*federated.Provider{federated.New(c)} }})
	allow(s.Named + "/signin/with/staff/back")
	return s
}

// surfer is a browser that follows redirects between both servers.
type surfer struct {
	t    *testing.T
	c    *http.Client
	site *webtest.Site
}

func surf(t *testing.T, s *webtest.Site) *surfer {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &surfer{t, &http.Client{Jar: jar}, s}
}

// visit opens an address, or posts a form to it, and returns where it ended with what it says.
func (b *surfer) visit(address string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.site.Named + address
	}
	var r *http.Request
	var err error
	if form == nil {
		r, err = http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, nil)
	} else {
		r, err = http.NewRequestWithContext(b.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "zh")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.c.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var text strings.Builder
	doc, err := html.Parse(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := html.Render(&text, doc); err != nil {
		b.t.Fatal(err)
	}
	return res, text.String()
}

var authRequest = regexp.MustCompile(`name="id" value="([^"]+)"`)

// atProvider goes there from an address of ours and signs in with name and password of the provider's example.
func (b *surfer) atProvider(from string) (*http.Response, string) {
	b.t.Helper()
	res, page := b.visit(from, nil)
	id := authRequest.FindStringSubmatch(page)
	if id == nil {
		b.t.Fatalf("no form of the provider at %s: %s", res.Request.URL, page)
	}
	return b.visit("http://"+res.Request.URL.Host+"/login/username", url.Values{"id": {id[1]}, "username": {"test-user@localhost"}, "password": {"verysecure"}})
}

func (s *surfer) mail(login, mail string) {
	s.t.Helper()
	if err := db.Do(s.t.Context(), s.site.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(s.t.Context(), "UPDATE users SET mail = ? WHERE login = ?", mail, login)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
}

func TestProviderSignsInWhoIsLinked(t *testing.T) {
	s := federatedSite(t, nil)
	amy := s.Person(t, "amy", "clerk", s.North)
	b := surf(t, s)
	b.mail("amy", "test-user@zitadel.ch")
	if res, page := b.atProvider("/signin/with/staff?next=%2Fme"); res.StatusCode != http.StatusUnauthorized || !strings.Contains(page, "尚未关联") {
		t.Fatalf("unlinked: %d %s", res.StatusCode, page)
	}
	b.visit("/signin", url.Values{"login": {"amy"}, "password": {webtest.Password}})
	if res, page := b.visit("/me/security/link/staff", nil); !strings.HasSuffix(res.Request.URL.Path, "/me/security") {
		// the provider still knows the browser or asks again; both end on the page of security
		if authRequest.FindStringSubmatch(page) == nil {
			t.Fatalf("link: %s", res.Request.URL)
		}
		b.atProvider("/me/security/link/staff")
	}
	f, err := s.Identity.FactorsOf(t.Context(), amy, amy.UserID)
	if err != nil || len(f.Links) != 1 {
		t.Fatalf("links %+v, %v", f.Links, err)
	}
	fresh := surf(t, s)
	if res, _ := fresh.atProvider("/signin/with/staff?next=%2Fme"); res.Request.URL.Path != "/me" {
		t.Errorf("linked: at %s", res.Request.URL)
	}
	if len(s.Audited(t, "link.add")) != 1 {
		t.Error("not audited")
	}
}

func TestProviderLinksByVerifiedMail(t *testing.T) {
	s := federatedSite(t, func(c *federated.Config) { c.LinkByMail = true })
	s.Person(t, "amy", "clerk", s.North)
	b := surf(t, s)
	b.mail("amy", "Test-User@zitadel.ch")
	if res, page := b.atProvider("/signin/with/staff?next=%2Fme"); res.Request.URL.Path != "/me" || !strings.Contains(page, "amy") {
		t.Errorf("at %s", res.Request.URL)
	}
}

func TestProviderMakesAccounts(t *testing.T) {
	s := federatedSite(t, func(c *federated.Config) { c.Create = &federated.Create{Post: "clerk"} })
	s.Person(t, "amy", "clerk", s.North)
	b := surf(t, s)
	if res, page := b.atProvider("/signin/with/staff?next=%2Fme"); res.Request.URL.Path != "/me" || !strings.Contains(page, "Test User") {
		t.Errorf("at %s", res.Request.URL)
	}
	if _, page := b.visit("/me/password", nil); strings.Contains(page, `name="old"`) {
		t.Error("asked for a password that never was")
	}
	first := url.Values{"password": {"a first password of my own"}, "again": {"a first password of my own"}}
	if res, _ := b.visit("/me/password", first); res.Request.URL.Path != "/me" {
		t.Errorf("first password: at %s, %d", res.Request.URL, res.StatusCode)
	}
}

func TestAnswerOfAnotherBrowserIsRefused(t *testing.T) {
	s := federatedSite(t, func(c *federated.Config) { c.Create = &federated.Create{Post: "clerk"} })
	victim, thief := surf(t, s), surf(t, s)
	victim.c.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/back") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	res, _ := victim.atProvider("/signin/with/staff?next=%2Fme")
	answer := res.Header.Get("Location")
	if !strings.Contains(answer, "code=") {
		t.Fatalf("no answer of the provider: %s", answer)
	}
	if res, _ := thief.visit(answer, nil); res.StatusCode != http.StatusUnprocessableEntity && res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a browser that asked nothing: %d", res.StatusCode)
	}
	thief.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	thief.visit("/signin/with/staff", nil)
	if res, _ := thief.visit(answer, nil); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("with a question of its own: %d", res.StatusCode)
	}
	if res, _ := victim.visit(answer, nil); res.Request.URL.Path != "/me" {
		t.Errorf("the right one: %d at %s", res.StatusCode, res.Request.URL)
	}
	if res, _ := victim.visit(answer, nil); res.StatusCode == http.StatusOK {
		t.Errorf("the same answer twice: %d", res.StatusCode)
	}
}

func TestSecondFactorByRoleFromEndToEnd(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, webtest.Options{})
	s.Person(t, "amy", "clerk", s.North)
	chief := s.Hire(t, "chief", "administrator", s.Company)
	p, err := s.Identity.Policy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.FactorRoles = []string{"clerk"}
	if err := s.Identity.SavePolicy(t.Context(), chief, p); err != nil {
		t.Fatal(err)
	}
	b := s.SignedIn(t, "amy")
	for _, path := range []string{"/search", "/me/tokens", "/me"} {
		if to := b.Get(path).Want(http.StatusSeeOther).Location(); to != "/me/security" {
			t.Errorf("%s leads to %s", path, to)
		}
	}
	b.Get("/me/security").Want(http.StatusOK)
	b.Post("/me/security/codes/begin", nil).Want(http.StatusSeeOther)
	page := b.Get("/me/security/codes").Want(http.StatusOK)
	secret := strings.ReplaceAll(page.TextOf("[data-testid=secret]"), " ", "")
	if png := b.Get("/me/security/codes.png").Want(http.StatusOK); png.Header.Get("Content-Type") != "image/png" || !strings.HasPrefix(png.Body, "\x89PNG") {
		t.Error("no picture")
	}
	b.Post("/me/security/codes", url.Values{"code": {"000000"}}).Want(http.StatusUnprocessableEntity)
	code := func() string {
		c, err := totp.GenerateCode(secret, s.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	done := b.Post("/me/security/codes", url.Values{"code": {code()}}).Want(http.StatusOK)
	recovery := regexp.MustCompile(`[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}`).FindAllString(done.Body, -1)
	if len(recovery) != 10 {
		t.Fatalf("recovery codes %v", recovery)
	}
	b.Get("/me").Want(http.StatusOK)
	if len(s.Told) == 0 || s.Told[0].Key != "identity.told.codes" || !s.Told[0].Mail {
		t.Errorf("told %+v", s.Told)
	}

	again := s.Browser(t)
	to := again.Post("/signin", url.Values{"login": {"amy"}, "password": {webtest.Password}, "next": {"/me"}}).Want(http.StatusSeeOther).Location()
	if to != "/signin/second" {
		t.Fatalf("after the password: %s", to)
	}
	if to := again.Get("/me").Want(http.StatusSeeOther).Location(); !strings.HasPrefix(to, "/signin") {
		t.Errorf("half signed in, /me leads to %s", to)
	}
	again.Get("/signin/second").Want(http.StatusOK)
	again.Post("/signin/second", url.Values{"code": {code()}}).Want(http.StatusUnprocessableEntity) // used at the set-up
	s.Clock.Advance(time.Minute)
	if to := again.Post("/signin/second", url.Values{"code": {code()}}).Want(http.StatusSeeOther).Location(); to != "/me" {
		t.Errorf("after the code: %s", to)
	}
	again.Get("/me").Want(http.StatusOK)
	again.Post("/me/security/codes/remove", nil).Want(http.StatusConflict)

	s.Clock.Advance(identity.ProofLife)
	if to := again.Post("/me/security/recovery", nil).Want(http.StatusSeeOther).Location(); !strings.HasPrefix(to, "/me/confirm?next=") {
		t.Errorf("long after: %s", to)
	}
	again.Post("/me/confirm", url.Values{"password": {"wrong password"}, "code": {code()}}).Want(http.StatusUnprocessableEntity)
	if to := again.Post("/me/confirm", url.Values{"password": {webtest.Password}, "code": {recovery[0]}, "next": {"https://evil.example"}}).Want(http.StatusSeeOther).Location(); to != "/me/security" {
		t.Errorf("confirmed: %s", to)
	}
	again.Post("/me/security/recovery", nil).Want(http.StatusOK)
	third := s.Browser(t)
	third.Post("/signin", url.Values{"login": {"amy"}, "password": {webtest.Password}})
	s.Clock.Advance(11 * time.Minute)
	if to := third.Get("/signin/second").Want(http.StatusSeeOther).Location(); to != "/signin" {
		t.Errorf("a sign-in left half done: %s", to)
	}
}

func TestOthersAreSignedOut(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, webtest.Options{})
	s.Person(t, "amy", "clerk", s.North)
	desk, phone := s.SignedIn(t, "amy"), s.SignedIn(t, "amy")
	desk.Post("/me/sessions/others", nil).Want(http.StatusSeeOther)
	desk.Get("/me").Want(http.StatusOK)
	if to := phone.Get("/me").Want(http.StatusSeeOther).Location(); !strings.HasPrefix(to, "/signin") {
		t.Errorf("phone: %s", to)
	}
	if text := phone.Get("/signin").Text(); !strings.Contains(text, "已被退出") {
		t.Errorf("not told: %s", text)
	}
}
