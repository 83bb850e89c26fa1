package signinpages_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/federated"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/signinpages"
	"dianke/internal/surface/web/webtest"
)

// open is a site with the pages, an administrator and a clerk.
func open(t *testing.T, policy *browsertest.Policy) *webtest.Site {
	t.Helper()
	pages := &signinpages.Pages{}
	o := webtest.Options{
		Messages: []fs.FS{signinpages.Messages()},
		Mount:    func(*accesstest.Bench) []func(*web.Server) { return []func(*web.Server){pages.Mount} },
		Deps:     func(d *web.Deps) { pages.Identity = d.Identity; d.Pages = []web.Page{signinpages.Link()} },
		Identity: func(o *identity.Options) {
			o.Providers = []*federated.Provider{federated.New(federated.Config{Key: "staff", Label: "单位账号", Issuer: "https://sso.example.cn", ClientID: "x"})}
		},
	}
	if policy != nil {
		o.Handler = policy.Wrap
	}
	s := webtest.New(t, o)
	s.Person(t, "chief", "administrator", s.Company)
	return s
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	s.Person(t, "amy", "clerk", s.North)
	s.SignedIn(t, "amy").Get("/settings/sign-in").Want(http.StatusForbidden)
	s.SignedIn(t, "amy").Get("/settings/sign-in/rules").Want(http.StatusForbidden)
	b := s.SignedIn(t, "chief")
	b.Get("/settings/sign-in/rules").Want(http.StatusOK)
	typed := url.Values{"min_password": {"viel"}, "idle_minutes": {"1"}, "life_hours": {"24"}, "max_sessions": {"3"}, "factor_roles": {"clerk"}, "sessions_clerk": {"1"}}
	p := b.Post("/settings/sign-in/rules", typed).Want(http.StatusUnprocessableEntity)
	if p.Attr("[name=min_password]", "value") != "viel" || p.Attr("[name=sessions_clerk]", "value") != "1" {
		t.Error("what was typed is lost")
	}
	typed.Set("min_password", "12")
	b.Post("/settings/sign-in/rules", typed).Want(http.StatusUnprocessableEntity)
	typed.Set("idle_minutes", "60")
	b.Post("/settings/sign-in/rules", typed).Want(http.StatusSeeOther)
	pol, err := s.Identity.Policy(t.Context())
	if err != nil || pol.MinPassword != 12 || pol.SessionsOf([]string{"clerk"}) != 1 || !pol.NeedsFactor([]string{"clerk"}) || pol.NeedsFactor([]string{"manager"}) {
		t.Errorf("%+v, %v", pol, err)
	}
	s.Clock.Advance(identity.ProofLife)
	if to := b.Post("/settings/sign-in/rules", typed).Want(http.StatusSeeOther).Location(); !strings.HasPrefix(to, "/me/confirm") {
		t.Errorf("without a fresh proof: %s", to)
	}
}

func TestStolenTokenIsRevokedByTheAdministrator(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	amy := s.Person(t, "amy", "clerk", s.North)
	_, secret, err := s.Identity.CreateToken(t.Context(), amy, identity.TokenSpec{Name: "订单同步", Scopes: []string{"client:read"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Identity.TokenActor(t.Context(), secret, identity.Client{Address: "203.0.113.66", Via: "api"}); err != nil {
		t.Fatal(err)
	}
	b := s.SignedIn(t, "chief")
	at := "/settings/sign-in/people/" + amy.UserID.String()
	p := b.Get(at).Want(http.StatusOK)
	if text := p.Text(); !strings.Contains(text, "订单同步") || !strings.Contains(text, "203.0.113.66") {
		t.Errorf("page: %s", text)
	}
	b.Post(at+"/token", url.Values{"it": {p.Attr("[data-testid=token] [name=it]", "value")}}).Want(http.StatusSeeOther)
	if _, err := s.Identity.TokenActor(t.Context(), secret, identity.Client{Address: "203.0.113.66"}); err == nil {
		t.Error("the token still opens")
	}
	b.Post(at+"/token", url.Values{"it": {"nonsense"}}).Want(http.StatusNotFound)
}

func TestHelpForAPerson(t *testing.T) {
	t.Parallel()
	s := open(t, nil)
	amy := s.Person(t, "amy", "clerk", s.North)
	her := s.SignedIn(t, "amy")
	b := s.SignedIn(t, "chief")
	at := "/settings/sign-in/people/" + amy.UserID.String()
	if p := b.Get("/settings/sign-in?without=1&q=AM").Want(http.StatusOK); !strings.Contains(p.Text(), "amy") || strings.Contains(p.TextOf("tbody"), "chief") {
		t.Errorf("list: %s", p.TextOf("tbody"))
	}
	b.Get("/settings/sign-in?after=nonsense").Want(http.StatusNotFound)
	b.Post(at+"/sessions", nil).Want(http.StatusSeeOther)
	her.Get("/me").Want(http.StatusSeeOther)
	b.Post(at+"/lock", nil).Want(http.StatusSeeOther)
	her.Post("/signin", url.Values{"login": {"amy"}, "password": {webtest.Password}}).Want(http.StatusUnauthorized)
	b.Post(at+"/unlock", nil).Want(http.StatusSeeOther)
	her.Post("/signin", url.Values{"login": {"amy"}, "password": {webtest.Password}}).Want(http.StatusSeeOther)
	b.Post(at+"/link", url.Values{"provider": {"staff"}, "subject": {" "}}).Want(http.StatusUnprocessableEntity)
	b.Post(at+"/link", url.Values{"provider": {"staff"}, "subject": {"u-17"}}).Want(http.StatusSeeOther)
	b.Post(at+"/link", url.Values{"provider": {"staff"}, "subject": {"u-17"}}).Want(http.StatusConflict)
	b.Post(at+"/unlink", url.Values{"it": {b.Get(at).Attr("[data-testid=unlink] [name=it]", "value")}}).Want(http.StatusSeeOther)
	for range 8 {
		s.Browser(t).Post("/signin", url.Values{"login": {"amy"}, "password": {"wrong password"}})
	}
	if p := b.Get(at); !strings.Contains(p.Text(), "登录等待中") {
		t.Errorf("not seen as waiting: %s", p.Text())
	}
	b.Post(at+"/unblock", nil).Want(http.StatusSeeOther)
	for _, verb := range []string{"session.unblock", "link.add", "link.remove", "user.disable", "user.enable"} {
		if len(s.Audited(t, verb)) != 1 {
			t.Errorf("%s is not audited once", verb)
		}
	}
	var own string
	for _, e := range s.Audited(t, "session.unblock") {
		own = e.Actor
	}
	b.Post("/settings/sign-in/people/"+own+"/lock", nil).Want(http.StatusConflict)
}

// TestPasskeys is in a real browser with a virtual authenticator: added, signed in with, as a second factor, removed.
func TestPasskeys(t *testing.T) {
	policy := &browsertest.Policy{}
	s := open(t, policy)
	b := browsertest.Start(t, s.Named)
	b.Authenticator()
	b.SignIn("chief", webtest.Password)
	b.Open("/me/security", 1280)
	b.Fill("[name=name]", "办公室电脑")
	b.Click("[data-passkey=create] button")
	b.Sees("您的恢复码")
	b.Examine("security-recovery-zh-light-1280", 1280)
	b.Open("/me/security", 1280)
	b.Until(`document.querySelector('[data-testid=passkey] [name=name]').value === '办公室电脑'`)
	b.Leave()

	b.Open("/signin?next=%2Fme", 1280)
	b.Click("[data-passkey=get] button")
	b.Until(`location.pathname === '/me'`)
	b.Leave()

	b.Open("/signin?next=%2Fme", 1280)
	b.Fill("[name=login]", "chief")
	b.Fill("[name=password]", webtest.Password)
	b.Click("#signin button.btn-primary")
	b.Until(`location.pathname === '/signin/second'`)
	b.Examine("security-second-zh-light-1280", 1280)
	b.Click("[data-passkey=get] button")
	b.Until(`location.pathname === '/me'`)

	b.Open("/me/confirm?next=%2Fme%2Fsecurity", 390)
	b.Examine("security-confirm-zh-light-390", 390)
	b.Click("[data-passkey=get] button")
	b.Until(`location.pathname === '/me/security'`)
	b.Open("/me/security", 1280)
	b.Eval(`document.querySelector('[data-passkey=create] [name=name]').value = '同一台'`)
	b.Click("[data-passkey=create] button")
	b.Until(`!document.querySelector('[data-passkey=create] [data-passkey-error]').hidden`)
	chief := s.Audited(t, "factor.add")
	if len(chief) != 1 {
		t.Fatalf("the same device was added twice: %+v", chief)
	}
	b.Eval(`document.querySelector("form[action$=begin]").submit()`)
	b.Until(`location.pathname === '/me/security/codes' && document.readyState === 'complete' && document.querySelector('.dk-qr').naturalWidth > 100`)
	b.EachLook("security", []browsertest.Shown{
		{Path: "/me/security", Name: "own"}, {Path: "/me/security/codes", Name: "codes"}, {Path: "/me/sessions", Name: "sessions"},
		{Path: "/settings/sign-in", Name: "people"}, {Path: "/settings/sign-in/rules", Name: "rules"}, {Path: "/settings/sign-in/people/" + chief[0].Actor, Name: "person"},
	})
	b.Open("/me/security", 1280)
	b.Eval(`document.querySelector('[data-testid=passkey] form[action$=remove]').submit()`)
	b.Until(`location.pathname === '/me/security' && document.readyState === 'complete' && !document.querySelector('[data-testid=passkey]')`)
	b.Leave()
	b.Open("/signin", 390)
	b.Examine("security-signin-zh-light-390", 390)
	for _, r := range policy.Refused() {
		t.Errorf("refused by the content policy: %s", r)
	}
}
