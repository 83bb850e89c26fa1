package customerpages_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/domain/customer"
	"dianke/internal/engine/record"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/world"
)

// house is the application with a few days of the sample company.
type house struct {
	app    *app.App
	url    string
	policy browsertest.Policy
	mine   record.ID // a customer of the account manager, with deals of two years
	other  record.ID // a customer of the salesperson
}

func open(t *testing.T) *house {
	t.Helper()
	ctx := context.Background()
	now := time.Date(2026, 3, 6, 2, 0, 0, 0, time.UTC)
	fake := clock.NewFake(now)
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir()})
	must(t, err)
	a, err := app.Open(ctx, cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { _ = a.Close() })
	b := &world.Builder{Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Clock: fake, Now: now, Days: 3}
	_, err = b.Build(ctx)
	must(t, err)
	h := &house{app: a}
	must(t, a.InTx(ctx, "test", "test", func(c *record.Call) error { return h.furnish(ctx, c) }))
	pages, err := a.Handler()
	must(t, err)
	srv := httptest.NewServer(h.policy.Wrap(pages))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

// furnish adds two customers whose owners are known.
func (h *house) furnish(ctx context.Context, c *record.Call) error {
	owner := map[string]record.ID{}
	for _, login := range []string{"account_manager", "salesperson"} {
		list, err := c.Work.Find(ctx, c, "user", record.Where("login", login), 1)
		if err != nil || len(list) == 0 {
			return fmt.Errorf("no %s: %w", login, err)
		}
		owner[login] = list[0].HeadOf().ID
	}
	day := func(y int) *time.Time { d := time.Date(y, 2, 3, 0, 0, 0, 0, time.UTC); return &d }
	fen := func(n int64) *int64 { return &n }
	mine := &customer.Customer{Name: "海棠花园酒店", Kind: customer.Organisation, Mobile: "+8613800138000", Source: "phone", LegalBasis: "contract", Intent: "priority"}
	mine.OwnerID = owner["account_manager"]
	other := &customer.Customer{Name: "北塔快捷酒店", Kind: customer.Organisation, Mobile: "+8613900139000", Source: "phone", LegalBasis: "contract"}
	other.OwnerID = owner["salesperson"]
	for _, r := range []*customer.Customer{mine, other} {
		if err := c.Work.Insert(ctx, c, "customer", r); err != nil {
			return err
		}
	}
	h.mine, h.other = mine.ID, other.ID
	for _, e := range []struct {
		typ string
		e   record.Entity
	}{
		{"contact", &customer.Contact{CustomerID: mine.ID, Name: "陈立", Post: "采购经理", Main: true, Mobile: "+8613700137000"}},
		{"transaction", &customer.Transaction{CustomerID: mine.ID, Kind: "payment", DatedOn: day(2026), Amount: fen(1_200_000)}},
		{"transaction", &customer.Transaction{CustomerID: mine.ID, Kind: "refund", DatedOn: day(2026), Amount: fen(200_000)}},
		{"transaction", &customer.Transaction{CustomerID: mine.ID, Kind: "payment", DatedOn: day(2025), Amount: fen(500_000)}},
		{"transaction", &customer.Transaction{CustomerID: mine.ID, Kind: "order", DatedOn: day(2025), Amount: fen(900_000)}},
		{"consent", &customer.Consent{CustomerID: mine.ID, Purpose: "marketing", Evidence: "签字单", Status: customer.Given}},
	} {
		if err := c.Work.Insert(ctx, c, e.typ, e.e); err != nil {
			return err
		}
	}
	return nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// person is somebody with a session.
type person struct {
	t      *testing.T
	site   string
	client *http.Client
}

func (h *house) signIn(t *testing.T, login string) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	p := &person{t, h.url, &http.Client{Jar: jar}}
	if status, body := p.post("/signin", url.Values{"login": {login}, "password": {world.Password}}); status != http.StatusOK || strings.Contains(body, `name="password"`) {
		t.Fatalf("sign in as %s: %d", login, status)
	}
	return p
}

func (p *person) get(path string) string {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.site+path, nil)
	must(p.t, err)
	status, body := p.send(req)
	if status != http.StatusOK {
		p.t.Fatalf("%s: %d", path, status)
	}
	return body
}

func (p *person) post(path string, form url.Values) (int, string) {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.site+path, strings.NewReader(form.Encode()))
	must(p.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", p.site)
	return p.send(req)
}

func (p *person) send(req *http.Request) (int, string) {
	p.t.Helper()
	res, err := p.client.Do(req)
	must(p.t, err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	must(p.t, err)
	return res.StatusCode, html.UnescapeString(string(b))
}

// words is the text of a page without its markup.
func words(body string) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")), " ")
}

func wants(t *testing.T, text string, list ...string) {
	t.Helper()
	for _, w := range list {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q: %.1500s", w, text)
		}
	}
}

func TestCustomerPages(t *testing.T) {
	t.Parallel()
	h := open(t)
	t.Run("overview", func(t *testing.T) { overview(t, h) })
	t.Run("log", func(t *testing.T) { logging(t, h) })
	t.Run("duplicates", func(t *testing.T) { duplicates(t, h) })
	t.Run("commands", func(t *testing.T) { palette(t, h) })
	t.Run("browser", func(t *testing.T) { look(t, h) })
}

func overview(t *testing.T, h *house) {
	path := "/customers/" + h.mine.String()
	p := h.signIn(t, "account_manager")
	body := p.get(path)
	wants(t, words(body), "海棠花园酒店", "概览", "陈立", "采购经理", "137 0013 7000", "¥10,000.00", "¥5,000.00", "合同、订单 1 份", "优先", "缺少", "没有未结案件", "营销")
	wants(t, body, path+"/edit#f-credit_code", "/log/call?from=", `action="`+path+`/comments"`, "tab=fields", "/needs/new?customer_id="+h.mine.String())
	if strings.Contains(body, "⟦") {
		t.Error("a text is missing")
	}
	wants(t, words(p.get(path+"?tab=fields")), "信息来源", "归属与时间")
	wants(t, words(p.get(path+"?print=1")), "信息来源")
	masked := h.signIn(t, "auditor").get(path)
	wants(t, words(masked), "137****7000", "138****8000")
	if strings.Contains(masked, "13700137000") || strings.Contains(masked, "137 0013 7000") || strings.Contains(masked, "/log/call") {
		t.Error("the auditor sees a number in clear, or may log")
	}
}

func logging(t *testing.T, h *house) {
	p := h.signIn(t, "account_manager")
	from := "/customers/" + h.mine.String()
	body := p.get("/log/call?from=" + url.QueryEscape(from))
	wants(t, body, `name="customer_id" value="`+h.mine.String()+`"`, "海棠花园酒店", "陈立")
	status, body := p.post("/log/call", url.Values{"from": {from}, "customer_id": {h.mine.String()}, "direction": {"in"}, "result": {"reached"}, "summary": {"询问会议室价格"}, "at": {"2099-01-01T10:00"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "询问会议室价格") {
		t.Errorf("a call in the future: %d %.600s", status, words(body))
	}
	status, body = p.post("/log/call", url.Values{"from": {from}, "customer_id": {h.mine.String()}, "direction": {"in"}, "result": {"reached"}, "summary": {"询问会议室价格"}})
	if status != http.StatusOK {
		t.Fatalf("log: %d %.400s", status, words(body))
	}
	wants(t, words(body), "“登记电话”已保存。", "海棠花园酒店", "询问会议室价格")
	status, body = p.post("/log/visit", url.Values{"from": {from}, "customer_id": {h.mine.String()}, "summary": {"看过新客房"}, "next_step": {"送合同"}, "next_at": {"2026-03-09T10:00"}})
	if status != http.StatusOK {
		t.Fatalf("visit: %d %.400s", status, words(body))
	}
	wants(t, words(body), "上门拜访", "送合同", "2026-03-09")
	if body := p.get("/log/call"); strings.Contains(body, `type="hidden" name="customer_id"`) || !strings.Contains(body, `name="caller_number"`) {
		t.Error("from nowhere the form must ask who called")
	}
	if body := p.get("/log/call?from=//elsewhere.example/x"); strings.Contains(body, `name="from" value="/`) || strings.Contains(body, `href="//`) {
		t.Error("the form leads elsewhere")
	}
	wants(t, p.get("/tasks"), `data-keys="l c"`, "/log/visit?from=%2Ftasks")
	wants(t, words(p.get("/me/keys")), "登记电话", "l c", "Ctrl+Enter")
}

func duplicates(t *testing.T, h *house) {
	p := h.signIn(t, "account_manager")
	form := url.Values{"name": {"海棠花园酒店有限公司"}, "kind": {"organisation"}, "source": {"phone"}, "legal_basis": {"contract"}, "mobile": {"139 0013 9000"}}
	status, body := p.post("/customers", form)
	if status != http.StatusOK {
		t.Fatalf("warning: %d", status)
	}
	wants(t, words(body), "海棠花园酒店（C-", "已有客户的手机与此相同，由其他同事负责", "仍然保存")
	warning, _, _ := strings.Cut(body[strings.Index(body, `data-testid="similar"`):], "</form")
	if strings.Contains(words(warning), "北塔") || strings.Contains(warning, h.other.String()) {
		t.Error("the warning tells whose number it is")
	}
	_, field := p.post("/customers/check?field=name", form)
	wants(t, words(field), "可能重复", "海棠花园酒店")
	form.Set("similar_ok", "1")
	if _, body := p.post("/customers", form); !strings.Contains(words(body), "已保存") {
		t.Errorf("the second post does not save: %.300s", words(body))
	}
	_, body = p.post("/contacts", url.Values{"customer_id": {h.mine.String()}, "name": {"陈立"}})
	wants(t, words(body), "该客户已有同名联系人")
}

func palette(t *testing.T, h *house) {
	p := h.signIn(t, "customer_service_specialist")
	for q, want := range map[string]string{
		"新建投诉": "/cases/new?kind=complaint", "xjts": "/cases/new?kind=complaint", "登记来电": "/log/call", "djld": "/log/call",
		"library": "/library", "log a visit": "/log/visit", "complaint": "/cases/new?kind=complaint",
	} {
		if body := p.get("/search?q=" + url.QueryEscape(q)); !strings.Contains(body, `href="`+want) {
			t.Errorf("%q does not find %s", q, want)
		}
	}
}

func look(t *testing.T, h *house) {
	b := browsertest.Start(t, h.url)
	b.SignIn("account_manager", world.Password)
	path := "/customers/" + h.mine.String()
	for _, v := range []struct {
		lang, theme string
		width       int64
	}{{"zh", "light", 1280}, {"zh", "dark", 390}, {"en", "dark", 1280}, {"en", "light", 390}} {
		b.Eval(fmt.Sprintf(`document.cookie = 'dianke_lang=%s; path=/', document.cookie = 'dianke_theme=%s; path=/'`, v.lang, v.theme))
		for name, p := range map[string]string{"overview": path, "visit": "/log/visit?from=" + path, "call": "/log/call", "keys": "/me/keys"} {
			b.Look(p, fmt.Sprintf("customer-%s-%s-%s-%d", name, v.lang, v.theme, v.width), v.width)
		}
	}
	b.Open("/log/visit?from="+path, 390)
	b.Until(`[...document.querySelectorAll('#log .dk-fields:not(details *) :is(input:not([type=hidden]), select, textarea), #log .btn')].every((e) => e.getBoundingClientRect().height >= 44 && e.getBoundingClientRect().bottom <= innerHeight)`)
	b.Open(path, 1280)
	press := func(keys string) {
		for _, k := range keys {
			b.Eval(fmt.Sprintf(`document.body.dispatchEvent(new KeyboardEvent('keydown', {key: %q, bubbles: true}))`, string(k)))
		}
	}
	press("lc")
	b.Until(`document.activeElement.name === 'summary' && document.querySelector('#log-dialog[open]') !== null`)
	b.Examine("customer-log-dialog-en-light-1280", 1280)
	b.Eval(`document.activeElement.value = '两个键记下的电话', document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, bubbles: true}))`)
	b.Until(fmt.Sprintf(`location.pathname === %q && document.querySelector('#dk-toasts [data-toast]') !== null && document.body.innerText.includes('两个键记下的电话')`, path))
	for _, r := range h.policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}
