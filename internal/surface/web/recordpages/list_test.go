package recordpages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record"
)

func TestNobodySignedInIsSentToSignIn(t *testing.T) {
	t.Parallel()
	s := site(t)
	b := s.Browser(t)
	p := b.Get("/clients?q=王").Want(http.StatusSeeOther)
	if want := "/signin?next=" + url.QueryEscape("/clients?q=王"); p.Location() != want {
		t.Errorf("Location = %q, want %q", p.Location(), want)
	}
	if p := b.Fragment("/clients"); p.Status != http.StatusUnauthorized || p.Header.Get("HX-Redirect") == "" {
		t.Errorf("fragment: %d, HX-Redirect %q", p.Status, p.Header.Get("HX-Redirect"))
	}
}

func TestListShowsWhatItsAddressSays(t *testing.T) {
	t.Parallel()
	s := site(t)
	a := s.Person(t, "amy", "administrator", s.Company)
	due := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	budget := int64(128050)
	s.Add(t, &accesstest.Client{Name: "海棠花园酒店", Size: "large", Due: &due, Budget: &budget, Mobile: "+8613800138000", Head: record.Head{OwnerID: a.UserID}})
	s.Add(t, &accesstest.Client{Name: "北塔快捷酒店", Size: "small"})
	b := s.SignedIn(t, "amy")
	tests := map[string]struct {
		query string
		want  []string
		not   []string
	}{
		"all, newest first": {"", []string{"海棠花园酒店", "北塔快捷酒店", "共 2"}, nil},
		"by choice":         {"?f=size:in:large", []string{"海棠花园酒店", "规模：大型"}, []string{"北塔快捷酒店"}},
		"by relative date":  {"?f=due:eq:this_week", []string{"海棠花园酒店", "下次联系：本周"}, []string{"北塔快捷酒店"}},
		"mine":              {"?scope=mine", []string{"海棠花园酒店"}, []string{"北塔快捷酒店"}},
		"by pinyin":         {"?q=haitang", []string{"海棠花园酒店"}, []string{"北塔快捷酒店"}},
		"columns":           {"?cols=budget,mobile,size", []string{"预算", "¥1,280.50", "138 0013 8000"}, nil},
		"nothing":           {"?q=zzz", []string{"没有符合条件的记录", "查看全部客户"}, []string{"海棠"}},
		"archived":          {"?scope=archived", []string{"没有符合条件的记录"}, []string{"海棠"}},
		"board":             {"?view=kanban&by=size", []string{"大型", "小型", "海棠花园酒店"}, nil},
		"month":             {"?view=calendar&by=due&month=2026-03", []string{"2026 年 3 月", "海棠花园酒店"}, []string{"北塔快捷酒店"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := b.Get("/clients" + tt.query).Want(http.StatusOK)
			main := p.TextOf("main")
			for _, w := range tt.want {
				if !strings.Contains(main, w) {
					t.Errorf("the page does not say %q: %s", w, main)
				}
			}
			for _, w := range tt.not {
				if strings.Contains(main, w) {
					t.Errorf("the page says %q", w)
				}
			}
			if i := strings.Index(p.Body, "⟦"); i >= 0 {
				t.Errorf("missing text: %.60s", p.Body[i:])
			}
		})
	}
}

func TestFilterFormTidiesItsAddress(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	b := s.SignedIn(t, "amy")
	tests := map[string]string{
		"e.stage=open&e.stage=closed&nf=":              "f=stage%3Ain%3Aopen%2Cclosed",
		"nf=budget&no=ge&nv=100":                       "f=budget%3Age%3A100",
		"f=size:in:large&e.due=today":                  "f=size%3Ain%3Alarge&f=due%3Aeq%3Atoday",
		"columns=1&pick=size&pick=due&nf=":             "cols=size%2Cdue",
		"e.owner_id=me&e.owner_id_q=&e.owner_id_find=": "f=owner_id%3Aeq%3Ame",
	}
	for query, want := range tests {
		if got := b.Get("/clients?" + query).Want(http.StatusSeeOther).Location(); got != "/clients?"+want {
			t.Errorf("%s leads to %q, want %q", query, got, want)
		}
	}
}

func TestWrongConditionsAreNamedAndLeftOut(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "cara", "clerk", s.North)
	s.Add(t, &accesstest.Client{Name: "海棠花园酒店", Head: record.Head{UnitID: s.Sales}})
	b := s.SignedIn(t, "cara")
	for query, status := range map[string]int{
		"f=nothing:eq:1": 422, "f=size:lt:large": 422, "f=budget:ge:abc": 422, "f=size": 400, "sort=nothing": 422, "after=broken": 422,
		"sort=mobile": 403, "f=id_number:starts:33": 422,
	} {
		p := b.Get("/clients?" + query)
		if p.Status != status || !p.Has(".dk-alert") || !strings.Contains(p.Text(), "海棠花园酒店") {
			t.Errorf("%s: %d, alert %v: %.300s", query, p.Status, p.Has(".dk-alert"), p.TextOf("main"))
		}
	}
	for _, path := range []string{"/nothings", "/client", "/clients/zzz", "/clients/0000000000001", "/clients?view=kanban&by=name"} {
		if p := b.Get(path); p.Status != 404 && p.Status != 422 {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}

func TestPagesLeadThroughALongList(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	for i := range 120 {
		s.Add(t, &accesstest.Client{Name: fmt.Sprintf("客户 %03d", i)})
	}
	b := s.SignedIn(t, "amy")
	p := b.Get("/clients?sort=name")
	seen := map[string]bool{}
	for n := 1; ; n++ {
		for _, name := range p.Texts("tbody .dk-row-link") {
			seen[name] = true
		}
		if !p.Has(".dk-pager [rel=next]") {
			break
		}
		next := p.Attr(".dk-pager [rel=next]", "href")
		if p = b.Get(next).Want(http.StatusOK); !p.Has(".dk-pager [rel=prev]") || n > 5 {
			t.Fatalf("page %d has no way back", n)
		}
	}
	if len(seen) != 120 || !strings.Contains(p.TextOf(".dk-pager"), "101–120") {
		t.Errorf("%d of 120 seen, pager says %q", len(seen), p.TextOf(".dk-pager"))
	}
}

func TestViewsAreSavedSharedAndRemoved(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	s.Person(t, "cara", "clerk", s.North)
	amy, cara := s.SignedIn(t, "amy"), s.SignedIn(t, "cara")
	p := amy.Get("/clients?f=size:in:large&sort=-due")
	form := amy.Get(p.Attr(".dk-view-save", "href")).Want(http.StatusOK).Form("#view")
	form["name"] = nil
	amy.Post("/clients/views", form).Want(http.StatusUnprocessableEntity)
	form["name"], form["shared"] = []string{"大客户"}, []string{"1"}
	to := amy.Post("/clients/views", form).Want(http.StatusSeeOther).Location()
	if p = amy.Get(to); p.TextOf(".dk-views [aria-current]") != "大客户" || !strings.Contains(p.TextOf("#dk-toasts"), "已保存") {
		t.Errorf("open view %q, toast %q", p.TextOf(".dk-views [aria-current]"), p.TextOf("#dk-toasts"))
	}
	if !strings.Contains(cara.Get("/clients").TextOf(".dk-views"), "大客户") {
		t.Error("the shared view is not offered")
	}
	var remove string
	for _, f := range p.All(".dk-actions form") {
		for _, a := range f.Attr {
			if a.Key == "action" {
				remove = a.Val
			}
		}
	}
	cara.Post(remove, nil).Want(http.StatusNotFound)
	amy.Post(remove, nil).Want(http.StatusSeeOther)
	if strings.Contains(amy.Get("/clients").TextOf(".dk-views"), "大客户") {
		t.Error("the view is still there")
	}
}

func TestBulkCountsAndCanBeUndone(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	one, two := s.Add(t, &accesstest.Client{Name: "甲"}), s.Add(t, &accesstest.Client{Name: "乙"})
	b := s.SignedIn(t, "amy")
	ids := []string{one.ID.String(), two.ID.String()}
	p := b.Post("/clients/bulk", url.Values{"id": ids, "action": {"close"}, "return": {"/clients?sort=name"}}).Want(http.StatusOK)
	form := url.Values(p.Form("#action"))
	b.Post("/clients/bulk", form).Want(http.StatusUnprocessableEntity) // the outcome is required
	form.Set("outcome", "成交")
	to := b.Post("/clients/bulk", form).Want(http.StatusSeeOther).Location()
	p = b.Get(to)
	if to != "/clients?sort=name" || !strings.Contains(p.TextOf("#dk-toasts"), "2 条") {
		t.Fatalf("to %q: %q", to, p.TextOf("#dk-toasts"))
	}
	if load(t, s, one.ID).Stage != "closed" {
		t.Error("not closed")
	}
	undo := p.Attr("#dk-toasts form", "action")
	b.Post(undo, nil).Want(http.StatusSeeOther)
	if got := load(t, s, two.ID).Stage; got != "open" {
		t.Errorf("stage after undo = %q", got)
	}
	b.Post("/clients/bulk", url.Values{"id": {"zz"}, "action": {"close"}}).Want(http.StatusUnprocessableEntity)
	b.Post("/clients/bulk", url.Values{"id": ids, "action": {"reopen"}}).Want(http.StatusNotFound)
	if p := b.Post("/clients/bulk", url.Values{"action": {"archive"}}); p.Location() != "/clients" {
		t.Errorf("nothing chosen: %d", p.Status)
	}
}

func TestBoardMovesByActionOrByField(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	c := s.Add(t, &accesstest.Client{Name: "甲", Size: "small"})
	b := s.SignedIn(t, "amy")
	path := "/clients/" + c.ID.String()
	if to := b.Post(path+"/move?by=stage", url.Values{"to": {"closed"}}).Location(); !strings.HasPrefix(to, path+"/do/close") {
		t.Errorf("an action with input leads to %q", to)
	}
	b.Post(path+"/move?by=size", url.Values{"to": {"large"}}).Want(http.StatusSeeOther)
	if got := load(t, s, c.ID).Size; got != "large" {
		t.Errorf("size = %q", got)
	}
	b.Post(path+"/move?by=size", url.Values{"to": {"huge"}}).Want(http.StatusUnprocessableEntity)
	b.Post(path+"/move?by=name", url.Values{"to": {"x"}}).Want(http.StatusUnprocessableEntity)
}
