package packpages_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webtest"
)

// house is an instance nobody has set up yet.
type house struct {
	*app.App
	url, secret string
}

func open(t *testing.T) *house {
	t.Helper()
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	fake := clock.NewFake(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	a, err := app.Open(context.Background(), cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	secret, err := a.Identity.IssueSetupLink(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return &house{a, srv.URL, secret}
}

func (h *house) browser(t *testing.T) *webtest.Browser {
	t.Helper()
	return (&webtest.Site{URL: h.url, Catalog: h.Catalog}).Browser(t)
}

func (h *house) first() url.Values {
	return url.Values{"step": {"plan"}, "lang": {"zh"}, "company": {"江心洲餐饮"}, "trade": {"bar", "nightclub"}}
}

// setUp goes the whole way of the first start and signs in.
func (h *house) setUp(t *testing.T) *webtest.Browser {
	t.Helper()
	b := h.browser(t)
	way := "/setup/" + h.secret
	form := url.Values(b.Post(way, h.first()).Want(http.StatusOK).Form("#setup"))
	for name, value := range map[string]string{"name": "王芳", "login": "wang.fang", "password": webtest.Password} {
		form.Set(name, value)
	}
	b.Post(way, form).Want(http.StatusSeeOther)
	b.Post("/signin", url.Values{"login": {"wang.fang"}, "password": {webtest.Password}}).Want(http.StatusSeeOther)
	return b
}

func TestFirstStartByTrade(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser(t)
	way := "/setup/" + h.secret
	p := b.Get(way).Want(http.StatusOK)
	if n := len(p.All("[name=trade]")); n != len(h.Installer.Packs)-1 || strings.Contains(p.Body, "⟦") {
		t.Errorf("%d trades to choose: %s", n, p.TextOf("main"))
	}
	if text := p.TextOf("main"); !strings.Contains(text, "夜场与俱乐部") || !strings.Contains(text, "3 部规章 · 231 条 · 5 个岗位") {
		t.Errorf("cards: %s", text)
	}
	lacking := h.first()
	lacking.Del("company")
	if p := b.Post(way, lacking).Want(http.StatusUnprocessableEntity); !p.Has("[value=bar][checked]") || !p.Has("#f-company-error") {
		t.Errorf("without a company: %s", p.TextOf("main"))
	}
	p = b.Post(way, h.first()).Want(http.StatusOK)
	text := p.TextOf("main")
	for _, want := range []string{"将为江心洲餐饮建立", "酒吧客户部规章制度", "值班总监", "夜场营业时间"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %s: %s", want, text)
		}
	}
	back := url.Values(p.Form("#back"))
	back.Set("step", "choose")
	if p := b.Post(way, back).Want(http.StatusOK); p.Attr("[name=company]", "value") != "江心洲餐饮" || !p.Has("[value=nightclub][checked]") {
		t.Error("going back loses the answers")
	}
	form := url.Values(p.Form("#setup"))
	form.Set("login", "wang.fang")
	form.Set("password", "short")
	if p := b.Post(way, form).Want(http.StatusUnprocessableEntity); !strings.Contains(p.TextOf("main"), "酒吧客户部规章制度") || len(p.All("#setup [name=trade]")) != 2 {
		t.Errorf("after a fault: %s", p.TextOf("main"))
	}
	unknown := h.first()
	unknown["trade"] = []string{"zoo"}
	b.Post(way, unknown).Want(http.StatusNotFound)
	english := h.first()
	english.Set("lang", "en")
	if p := b.Post(way, english).Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "What will be made for 江心洲餐饮") {
		t.Errorf("in English: %s", p.TextOf("main"))
	}
}

func TestAllIsReadyAfterTheFirstStart(t *testing.T) {
	t.Parallel()
	b := open(t).setUp(t)
	for path, want := range map[string]string{
		"/units": "夜场客户部", "/posts": "值班总监", "/calendars": "夜场营业时间", "/library": "酒吧客户部规章制度", "/read/r22": "每晚19:30",
	} {
		if p := b.Get(path).Want(http.StatusOK); !strings.Contains(p.TextOf("main"), want) {
			t.Errorf("%s lacks %s: %s", path, want, p.TextOf("main"))
		}
	}
	if p := b.Get("/units").Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "江心洲餐饮") {
		t.Error("the company has lost its name")
	}
}

func TestPacksUnderSettings(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.setUp(t)
	p := b.Get("/settings/packs").Want(http.StatusOK)
	if rows := p.TextOf("#packs"); !strings.Contains(rows, "酒吧") || strings.Contains(rows, "酒店") || p.Has("[href='/settings/packs/general/remove']") {
		t.Errorf("installed: %s", rows)
	}
	b.Get("/settings/packs/add").Want(http.StatusSeeOther)
	b.Get("/settings/packs/add?pack=zoo").Want(http.StatusNotFound)
	p = b.Get("/settings/packs/add?pack=hotel&pack=bar").Want(http.StatusOK)
	if text := p.TextOf("main"); !strings.Contains(text, "礼宾员") || strings.Contains(text, "酒吧领班") {
		t.Errorf("preview shows what is there already, or not what comes: %s", text)
	}
	b.Post("/settings/packs/add", url.Values(p.Form("form.dk-confirm"))).Want(http.StatusSeeOther)
	if p := b.Get("/settings/packs"); !strings.Contains(p.TextOf("#packs"), "酒店") {
		t.Errorf("after adding: %s", p.TextOf("#packs"))
	}
	p = b.Get("/settings/packs/general/remove").Want(http.StatusOK)
	if !strings.Contains(p.TextOf("main"), "不能移除") || p.Has("form.dk-confirm") {
		t.Errorf("the general pack may go: %s", p.TextOf("main"))
	}
	b.Post("/settings/packs/general/remove", nil).Want(http.StatusConflict)
	b.Get("/settings/packs/store/remove").Want(http.StatusNotFound)
	p = b.Get("/settings/packs/bar/remove").Want(http.StatusOK)
	if !strings.Contains(p.TextOf("main"), "再次添加即恢复") {
		t.Errorf("what removing does: %s", p.TextOf("main"))
	}
	b.Post("/settings/packs/bar/remove", nil).Want(http.StatusSeeOther)
	p = b.Get("/settings/packs").Want(http.StatusOK)
	if strings.Contains(p.TextOf("#packs"), "酒吧") || !regexp.MustCompile(`酒吧.*移除，添加即恢复`).MatchString(p.TextOf("#add")) {
		t.Errorf("after removing: %s", p.TextOf("main"))
	}
	if p := b.Get("/read/r13").Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "已废止") && !strings.Contains(p.TextOf("main"), "废止") {
		t.Errorf("the text is gone: %s", p.TextOf("main"))
	}
	h.browser(t).Get("/settings/packs").Want(http.StatusSeeOther)
}

// TestSampleDataUnderSettings: offered while no real record stands, removed with one button.
func TestSampleDataUnderSettings(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.setUp(t)
	p := b.Get("/settings/packs").Want(http.StatusOK)
	if !p.Has("[href='/settings/packs/bar/sample']") {
		t.Fatalf("no sample is offered: %s", p.TextOf("#packs"))
	}
	b.Get("/settings/packs/hotel/sample").Want(http.StatusNotFound)
	if p := b.Get("/settings/packs/bar/sample").Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "没有密码") || strings.Contains(p.Body, "⟦") {
		t.Errorf("what comes: %s", p.TextOf("main"))
	}
	b.Post("/settings/packs/bar/sample", nil).Want(http.StatusSeeOther)
	if p := b.Get("/customers").Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "高听雪") {
		t.Errorf("customers: %s", p.TextOf("main"))
	}
	if p := b.Post("/settings/packs/bar/sample", nil).Want(http.StatusConflict); !strings.Contains(p.TextOf("main"), "已经载入") {
		t.Errorf("twice: %s", p.TextOf("main"))
	}
	b.Post("/settings/packs/bar/sample/remove", nil).Want(http.StatusSeeOther)
	if p := b.Get("/customers").Want(http.StatusOK); strings.Contains(p.TextOf("main"), "高听雪") {
		t.Errorf("after removing: %s", p.TextOf("main"))
	}
	b.Post("/customers", url.Values{"kind": {"person"}, "name": {"真客户"}, "mobile": {"13800138000"}, "source": {"phone"}, "legal_basis": {"consent"}}).Want(http.StatusSeeOther)
	if p := b.Get("/settings/packs/bar/sample").Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "真实的客户") || p.Has("form.dk-confirm") {
		t.Errorf("beside a real customer: %s", p.TextOf("main"))
	}
	b.Post("/settings/packs/bar/sample", nil).Want(http.StatusConflict)
}

func TestFirstStartWithSampleData(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser(t)
	way := "/setup/" + h.secret
	form := url.Values(b.Post(way, h.first()).Want(http.StatusOK).Form("#setup"))
	for name, value := range map[string]string{"name": "王芳", "login": "wang.fang", "password": webtest.Password, "sample": "1"} {
		form.Set(name, value)
	}
	b.Post(way, form).Want(http.StatusSeeOther)
	b.Post("/signin", url.Values{"login": {"wang.fang"}, "password": {webtest.Password}}).Want(http.StatusSeeOther)
	text := b.Get("/customers").Want(http.StatusOK).TextOf("main")
	if !strings.Contains(text, "高听雪") || !strings.Contains(text, "古致远") {
		t.Errorf("samples of both trades: %s", text)
	}
}

// TestTheWayInABrowser goes from the link to the packs under settings, on a phone and on a desk.
func TestTheWayInABrowser(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := browsertest.Start(t, h.url)
	way := "/setup/" + h.secret
	b.Look(way, "setup-trades-phone", 390)
	b.Look(way, "setup-trades", 1280)
	b.Fill("[name=lang][value=zh]", "zh")
	b.Fill("[name=company]", "江心洲餐饮")
	b.Click("[name=trade][value=bar]")
	b.Click("[name=trade][value=nightclub]")
	b.Click("#setup .btn-primary")
	b.Sees("将为江心洲餐饮建立")
	b.Examine("setup-plan", 1280)
	b.Width(390)
	b.Examine("setup-plan-phone", 390)
	b.Fill("[name=name]", "王芳")
	b.Fill("[name=login]", "wang.fang")
	b.Fill("[name=password]", webtest.Password)
	b.Click("#setup .btn-primary")
	b.Sees("设置完成")
	b.SignIn("wang.fang", webtest.Password)
	b.Look("/settings/packs", "packs", 1280)
	b.Look("/settings/packs", "packs-phone", 390)
	b.Look("/settings/packs/bar/sample", "packs-sample", 1280)
	b.Look("/settings/packs/bar/sample", "packs-sample-phone", 390)
	b.Click(".dk-confirm .btn-primary")
	b.Sees("条示例记录")
	b.Look("/settings/packs", "packs-sampled-phone", 390)
	b.Click("[name=pack][value=hotel]")
	b.Click("#add .btn-primary")
	b.Sees("礼宾部")
	b.Examine("packs-add-phone", 390)
	b.Click(".dk-confirm .btn-primary")
	b.Sees("已添加")
	b.Look("/settings/packs/hotel/remove", "packs-remove", 1280)
	b.Click(".dk-confirm button")
	b.Sees("已移除")
}
