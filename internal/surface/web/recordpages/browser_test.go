package recordpages_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/surface/web/webui"
)

// furnished is a site with a few dozen clients, one of them with a history.
func furnished(t *testing.T, p *browsertest.Policy) (*webtest.Site, record.ID) {
	t.Helper()
	o := options(t, func(d *recordpages.Deps) {
		d.Clocks = func(context.Context, access.Actor, string, record.ID) ([]webui.ClockView, error) {
			return []webui.ClockView{
				{State: webui.ClockRunning, Label: "首次回访", Remaining: "3 小时", Due: "2026-03-02 16:30", DueISO: "2026-03-02T16:30:00+08:00"},
				{State: webui.ClockMet, Label: "建档", Remaining: "", Due: "2026-03-02 12:00"},
			}, nil
		}
	})
	o.Handler = p.Wrap
	s := webtest.New(t, o)
	amy := s.Person(t, "amy", "administrator", s.Company)
	s.Person(t, "cara", "clerk", s.North)
	names := []string{"海棠花园酒店", "北塔快捷酒店", "杭州锦程贸易有限公司", "苏州云栖茶业", "宁波港务服务中心", "绍兴黄酒集团", "Riverside Trading Co.", "嘉兴纺织科技股份有限公司"}
	var first *accesstest.Client
	for i := range 56 {
		due := time.Date(2026, 3, 1+i%28, 0, 0, 0, 0, time.UTC)
		budget := int64(12_800_00 + 317_00*i)
		c := s.Add(t, &accesstest.Client{
			Name: names[i%len(names)] + []string{"", "（二部）", "（三部）"}[i/8%3], Size: []string{"large", "small"}[i%2], Due: &due, Budget: &budget,
			Mobile: fmt.Sprintf("+861380013%04d", 8000+i), Notes: "长期合作，每季度走访一次。\n偏好电话联系，节假日前一周不打扰。", Tags: []string{"old", "loud"},
			Wanted: i%3 == 0, Effort: 90 * time.Minute, Met: accesstest.Start.Add(-time.Duration(i) * time.Hour), Helper: amy.UserID,
			Head: record.Head{OwnerID: amy.UserID, UnitID: s.Sales},
		})
		first = c
	}
	change(t, s, first.ID, func(c *accesstest.Client) { c.Size, c.Notes = "large", "负责人换成了陈经理。" })
	b := s.SignedIn(t, "amy")
	path := "/clients/" + first.ID.String()
	s.Clock.Advance(2 * time.Hour)
	b.Upload(path+"/comments", url.Values{"body": {"下周二带样品上门，@cara 请先确认车辆。"}}, "files", "报价单 2026-03.pdf", []byte("%PDF-1.7"))
	b.Post("/memos", url.Values{"client_id": {first.ID.String()}, "label": {"对方要求增值税专用发票"}})
	b.Post("/clients/views", url.Values{"name": {"大客户本周"}, "query": {"f=size:in:large&f=due:eq:this_week"}})
	return s, first.ID
}

func TestPagesInABrowser(t *testing.T) {
	var policy browsertest.Policy
	s, id := furnished(t, &policy)
	b := browsertest.Start(t, s.URL)
	b.SignIn("amy", webtest.Password)
	path := "/clients/" + id.String()
	pages := []struct{ path, name string }{
		{"/clients?f=size:in:large", "list"}, {"/clients?view=kanban", "board"}, {"/clients?view=calendar&by=due", "month"}, {path, "record"},
		{path + "?tab=memo", "part"}, {path + "/edit", "form"}, {path + "/do/close", "action"}, {"/search?q=" + url.QueryEscape("海棠"), "search"},
		{"/me/sessions", "sessions"}, {"/memos?q=zzz", "empty"}, {"/nothing", "missing"},
	}
	for _, look := range []struct {
		lang, theme string
		width       int64
		all         bool
	}{{"zh", "light", 1280, true}, {"zh", "dark", 390, false}, {"en", "dark", 1280, false}, {"en", "light", 390, false}} {
		b.Eval(fmt.Sprintf(`document.cookie = 'dianke_lang=%s; path=/', document.cookie = 'dianke_theme=%s; path=/'`, look.lang, look.theme))
		for i, p := range pages {
			if look.all || i < 6 {
				b.Look(p.path, fmt.Sprintf("records-%s-%s-%s-%d", p.name, look.lang, look.theme, look.width), look.width)
			}
		}
	}
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}

func TestDialogsAndBulkInABrowser(t *testing.T) {
	var policy browsertest.Policy
	s, id := furnished(t, &policy)
	b := browsertest.Start(t, s.URL)
	b.SignIn("amy", webtest.Password)
	path := "/clients/" + id.String()
	b.Open(path, 1280)
	b.Eval(fmt.Sprintf(`document.querySelector('a[href="%s/do/close"]').click()`, path))
	b.Until(`document.querySelector('#action-dialog[open] [name=outcome]') !== null`)
	b.Examine("records-dialog-zh-light-1280", 1280)
	b.Eval(`document.querySelector('#action-dialog [name=outcome]').value = '成交', document.querySelector('#action-dialog form.dk-form').requestSubmit()`)
	b.Until(`document.readyState === 'complete' && document.querySelector('#dk-toasts [data-toast]') !== null`)
	if got := load(t, s, id).Stage; got != "closed" {
		t.Errorf("stage = %q", got)
	}
	b.Open("/clients", 1280)
	b.Eval(`document.querySelectorAll('tbody .dk-check input')[1].click()`)
	b.Examine("records-bulk-zh-light-1280", 1280)
	b.Eval(`document.querySelector('.dk-filter details summary').click()`)
	b.Examine("records-filter-zh-light-1280", 1280)
	b.Open("/clients/new", 1280)
	b.Eval(`(() => { const f = document.querySelector('[name=mobile]'); f.value = '12'; f.dispatchEvent(new Event('change', {bubbles: true})); })()`)
	b.Until(`document.querySelector('.dk-field-error') !== null`)
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}
