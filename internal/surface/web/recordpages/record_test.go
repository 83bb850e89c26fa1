package recordpages_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/surface/web/webui"
)

const (
	mobile   = "+8613800138000"
	idNumber = "11010519491231002X"
	evil     = `<script>alert("x")</script>`
)

func TestMaskedValuesStandNowhereInThePages(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "cara", "clerk", s.North)
	s.Person(t, "amy", "administrator", s.Company)
	c := s.Add(t, &accesstest.Client{Name: "海棠花园酒店", Mobile: mobile, IDNumber: idNumber, Head: record.Head{UnitID: s.Sales}})
	change(t, s, c.ID, func(c *accesstest.Client) { c.Mobile, c.IDNumber = "+8613800138001", "440524188001010014" })
	b, path := s.SignedIn(t, "cara"), "/clients/"+c.ID.String()
	for _, p := range []string{path, path + "?print=1", "/clients?cols=mobile,id_number", "/clients?view=kanban", "/search?q=" + url.QueryEscape("海棠"), "/lookup/client?q=" + url.QueryEscape("海棠")} {
		body := b.Get(p).Want(http.StatusOK).Body
		for _, secret := range []string{"13800138000", "138 0013 8000", "13800138001", "138 0013 8001", idNumber, "440524188001010014"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s shows %s", p, secret)
			}
		}
	}
	if !strings.Contains(b.Get(path).Text(), "138****8001") {
		t.Error("the mask is not shown")
	}
	b.Get(path + "/edit").Want(http.StatusForbidden)
	amy := s.SignedIn(t, "amy").Get(path)
	if strings.Contains(amy.Body, "440524188001010014") && !strings.Contains(amy.Body, "138 0013 8001") {
		t.Error("the administrator sees the sensitive value and not the personal one")
	}
	if !strings.Contains(amy.TextOf("#timeline"), "138 0013 8000") {
		t.Errorf("the change is not told to the administrator: %s", amy.TextOf("#timeline"))
	}
}

func TestRevealAsksWhyAndShowsOnce(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "mia", "auditor", s.Company)
	s.Grant(t, access.RoleGrants{"revealer": {{Type: "client", Action: "read", Reach: access.All}, {Type: "client", Action: "reveal", Reach: access.All}}})
	s.Person(t, "rita", "revealer", s.Company)
	c := s.Add(t, &accesstest.Client{Name: "甲", Mobile: mobile})
	b, path := s.SignedIn(t, "rita"), "/clients/"+c.ID.String()
	if href := b.Get(path).Attr(".dk-eye", "href"); href != path+"/reveal?field=mobile" {
		t.Fatalf("eye leads to %q", href)
	}
	if p := b.Fragment(path + "/reveal?field=mobile").Want(http.StatusOK); !p.Has("dialog form") {
		t.Error("a script does not get a dialog")
	}
	p := b.Post(path+"/reveal", url.Values{"field": {"mobile"}, "reason": {"x"}}).Want(http.StatusUnprocessableEntity)
	if strings.Contains(p.Body, "8000") {
		t.Error("shown without a reason")
	}
	p = b.Post(path+"/reveal", url.Values{"field": {"mobile"}, "reason": {"回访确认到店时间"}}).Want(http.StatusOK)
	if !strings.Contains(p.TextOf("[data-testid=revealed]"), "138 0013 8000") || len(s.Audited(t, "client.reveal")) != 1 {
		t.Errorf("shown %q, audited %d times", p.TextOf("main"), len(s.Audited(t, "client.reveal")))
	}
	b.Post(path+"/reveal", url.Values{"field": {"name"}, "reason": {"回访确认到店时间"}}).Want(http.StatusNotFound)
	s.SignedIn(t, "mia").Get(path + "/reveal?field=mobile").Want(http.StatusForbidden)
}

func TestFormKeepsWhatWasTypedAndSaves(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	b := s.SignedIn(t, "amy")
	if p := b.Get("/clients/new?return=https://elsewhere.example/"); p.Has("#record [name=return]") || p.Attr("#record .dk-form-actions a", "href") != "/clients" {
		t.Error("the form leads elsewhere")
	}
	form := url.Values(b.Get("/clients/new?size=large").Want(http.StatusOK).Form("#record"))
	if form.Get("size") != "large" {
		t.Errorf("default from the address: %q", form.Get("size"))
	}
	set := func(pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
	}
	set("name", "", "mobile", "123", "notes", evil, "budget", "abc")
	p := b.Post("/clients", form).Want(http.StatusUnprocessableEntity)
	if n := len(p.All(".dk-field-bad")); n != 2 || !strings.Contains(p.TextOf(".dk-alert"), "手机") {
		t.Errorf("%d fields at fault: %q", n, p.TextOf(".dk-alert"))
	}
	if got := url.Values(p.Form("#record")).Get("notes"); got != evil || strings.Contains(p.Body, evil) {
		t.Errorf("typed text came back as %q, raw %v", got, strings.Contains(p.Body, evil))
	}
	set("name", evil, "mobile", "138 0013 8000", "budget", "1,280.50", "effort", "90", "effort_unit", "min", "wanted", "1", "met", "2026-03-02T14:05", "due", "2026-03-09")
	form["tags"] = []string{"new", "loud"}
	to := b.Post("/clients", form).Want(http.StatusSeeOther).Location()
	p = b.Get(to).Want(http.StatusOK)
	for _, want := range []string{"138 0013 8000", "¥1,280.50", "1 小时 30 分钟", "2026-03-02 14:05", "2026-03-09", "新客户、急性子", "大型", "C-2026-000001"} {
		if !strings.Contains(p.Text(), want) {
			t.Errorf("the record does not show %q", want)
		}
	}
	if strings.Contains(p.Body, evil) || !p.Has("[data-clear-draft=client-new]") {
		t.Error("script in the name is not escaped, or the draft is not ended")
	}
	id := strings.TrimPrefix(to, "/clients/")
	edit := url.Values(b.Get("/clients/" + id + "/edit").Want(http.StatusOK).Form("#record"))
	if edit.Get("effort") != "90" || edit.Get("met") != "2026-03-02T14:05" || len(edit["tags"]) != 2 || edit.Get("budget") != "1280.50" {
		t.Errorf("form of the record: %v", edit)
	}
	edit.Set("size", "small")
	delete(edit, "wanted")
	delete(edit, "tags")
	b.Post("/clients/"+id, edit).Want(http.StatusSeeOther)
	p = b.Get("/clients/" + id)
	if !strings.Contains(p.TextOf("#timeline"), "规模 大型 改为 小型") || !strings.Contains(p.TextOf("#timeline"), "重点 是 改为 否") {
		t.Errorf("timeline: %s", p.TextOf("#timeline"))
	}
}

func TestStaleSaveIsMergedFieldByField(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	c := s.Add(t, &accesstest.Client{Name: "甲", Size: "small", Notes: "旧", Code: "K1"})
	b, path := s.SignedIn(t, "amy"), "/clients/"+c.ID.String()
	form := url.Values(b.Get(path + "/edit").Form("#record"))
	change(t, s, c.ID, func(c *accesstest.Client) { c.Size, c.Notes = "large", "他们写的" })
	form.Set("notes", "我写的")
	form.Set("code", "K2")
	p := b.Post(path, form).Want(http.StatusConflict)
	if rows := len(p.All(".dk-diff tbody tr")); rows != 3 {
		t.Fatalf("%d rows: %s", rows, p.TextOf("main"))
	}
	if p.Has("[name=merge_notes][checked]") || p.Attr("[name=merge_code][checked]", "value") != "yours" || p.Attr("[name=merge_size][checked]", "value") != "theirs" {
		t.Error("choices offered are wrong")
	}
	merge := url.Values(p.Form(".dk-diff"))
	b.Post(path+"/merge", merge).Want(http.StatusConflict) // the conflict is not settled
	merge.Set("merge_notes", "yours")
	change(t, s, c.ID, func(c *accesstest.Client) { c.Name = "乙" })
	p = b.Post(path+"/merge", merge).Want(http.StatusConflict) // once more somebody was quicker
	merge = url.Values(p.Form(".dk-diff"))
	if merge.Get("merge_notes") != "yours" {
		t.Error("the choice was lost")
	}
	b.Post(path+"/merge", merge).Want(http.StatusSeeOther)
	got := load(t, s, c.ID)
	if got.Notes != "我写的" || got.Code != "K2" || got.Size != "large" || got.Name != "乙" {
		t.Errorf("merged into %q %q %q %q", got.Notes, got.Code, got.Size, got.Name)
	}
}

func TestActionsAskAndAct(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	c := s.Add(t, &accesstest.Client{Name: "甲"})
	b, path := s.SignedIn(t, "amy"), "/clients/"+c.ID.String()
	p := b.Get(path)
	if p.TextOf(".dk-actions .btn-primary") != "关闭" || p.Attr(".dk-actions .btn-primary", "href") != path+"/do/close" {
		t.Errorf("main action is %q", p.TextOf(".dk-actions .btn-primary"))
	}
	if d := b.Fragment(path + "/do/close"); !d.Has("dialog [name=outcome]") {
		t.Error("a script does not get the form as a dialog")
	}
	form := url.Values(b.Get(path + "/do/close").Form("#action"))
	form.Set("outcome", "broken")
	form.Set("memos", "3")
	p = b.Post(path+"/do/close", form).Want(http.StatusUnprocessableEntity)
	if !strings.Contains(p.TextOf(".dk-field-error"), "不能用") || url.Values(p.Form("#action")).Get("memos") != "3" {
		t.Errorf("form after a fault: %s", p.TextOf("main"))
	}
	form.Set("outcome", "成交")
	b.Post(path+"/do/close", form).Want(http.StatusSeeOther)
	b.Post(path+"/do/close", form).Want(http.StatusConflict)
	b.Get(path + "/do/close").Want(http.StatusConflict)
	for _, name := range []string{"create", "update", "export", "nothing"} {
		b.Post(path+"/do/"+name, nil).Want(http.StatusNotFound)
	}
	p = b.Get(path + "?tab=memo").Want(http.StatusOK)
	if len(p.All("#part tbody tr")) != 3 || !strings.Contains(p.TextOf(".dk-tabs"), "便签 3") {
		t.Errorf("memos: %s", p.TextOf("main"))
	}
	b.Get(path + "?tab=nothing").Want(http.StatusNotFound)
	p = b.Get(path + "/do/archive").Want(http.StatusOK)
	if !strings.Contains(p.TextOf("main"), "确定对“甲”执行“归档”") {
		t.Errorf("question: %s", p.TextOf("main"))
	}
	if to := b.Post(path+"/do/archive", url.Values(p.Form("#action"))).Location(); to != "/clients" {
		t.Errorf("after archiving to %q", to)
	}
	b.Post(b.Get("/clients").Attr("#dk-toasts form", "action"), nil).Want(http.StatusSeeOther)
	if load(t, s, c.ID).Archived() {
		t.Error("not restored")
	}
}

func TestRefusalNamesTheArticleOnTheForm(t *testing.T) {
	t.Parallel()
	refused := errs.New(errs.Refused, "client.broken")
	o := options(t)
	o.Deps = func(d *web.Deps) {
		d.Records.Runner.Gates = append(d.Records.Runner.Gates, refuse{refused})
		d.Citations = func(_ context.Context, err error) []web.Citation {
			if !errs.Is(err, errs.Refused) {
				return nil
			}
			return []web.Citation{{Regulation: "《客户部管理规定》", Number: "第十二条", Text: "结束前应回访。", Say: "还没有回访，不能关闭。", Href: "/regulations/1#12", ExceptionHref: "/exemptions/new"}}
		}
	}
	s := webtest.New(t, o)
	s.Person(t, "amy", "administrator", s.Company)
	c := s.Add(t, &accesstest.Client{Name: "甲"})
	b := s.SignedIn(t, "amy")
	p := b.Post("/clients/"+c.ID.String()+"/do/close", url.Values{"outcome": {"成交"}}).Want(http.StatusUnprocessableEntity)
	for _, want := range []string{"还没有回访，不能关闭。", "《客户部管理规定》 第十二条", "结束前应回访。", "申请例外"} {
		if !strings.Contains(p.TextOf("main"), want) {
			t.Errorf("the page does not say %q: %s", want, p.TextOf("main"))
		}
	}
	if url.Values(p.Form("#action")).Get("outcome") != "成交" {
		t.Error("what was typed is lost")
	}
}

// refuse is a gate that lets nothing be closed.
type refuse struct{ err error }

func (g refuse) Before(_ context.Context, c *record.Call) error {
	if c.Event() == "client.close" {
		return g.err
	}
	return nil
}

func (refuse) After(context.Context, *record.Call) error { return nil }

func TestCommentsMentionPeopleAndFilesAreSentAsAttachments(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	wang := s.Person(t, "王芳", "clerk", s.North)
	s.Person(t, "cara", "clerk", s.South)
	c := s.Add(t, &accesstest.Client{Name: "甲", Head: record.Head{UnitID: s.Service}})
	b, path := s.SignedIn(t, "amy"), "/clients/"+c.ID.String()
	b.Upload(path+"/comments", url.Values{"body": {evil + " @王芳请看 @nobody"}}, "files", `..\..\报价"单.html`, []byte("<html>"+evil)).Want(http.StatusSeeOther)
	p := b.Get(path)
	if strings.Contains(p.Body, evil) || !strings.Contains(p.TextOf("#timeline"), "@王芳请看") {
		t.Errorf("timeline: %s", p.TextOf("#timeline"))
	}
	sheet, err := s.Records.Read(context.Background(), wang, "client", c.ID)
	if err == nil {
		t.Errorf("the clerk of another department reads %s", sheet.Title)
	}
	full, err := s.Records.Read(context.Background(), s.Actor(t, s.Hire(t, "boss", "administrator", s.Company).UserID), "client", c.ID)
	if err != nil || len(full.Comments) != 1 || len(full.Comments[0].Mentions) != 1 || full.Comments[0].Mentions[0] != wang.UserID {
		t.Fatalf("comments %+v, %v", full, err)
	}
	href := p.Attr(".dk-files a", "href")
	f := b.Get(href).Want(http.StatusOK)
	for name, want := range map[string]string{
		"Content-Disposition": "attachment; filename*=utf-8''%E6%8A%A5%E4%BB%B7%22%E5%8D%95.html", "Content-Security-Policy": "default-src 'none'; sandbox",
		"X-Content-Type-Options": "nosniff",
	} {
		if got := f.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	s.SignedIn(t, "cara").Get(href).Want(http.StatusNotFound)
	b.Post(path+"/comments", url.Values{"body": {" "}}).Want(http.StatusUnprocessableEntity)
}

func TestLikelyDuplicatesAreWarnedOfOnce(t *testing.T) {
	t.Parallel()
	s := site(t, func(d *recordpages.Deps) {
		d.Similar = map[string]recordpages.Similar{"client": func(_ context.Context, _ access.Actor, v map[string]string) ([]webui.Link, error) {
			if v["name"] == "海棠" {
				return []webui.Link{{Label: "海棠花园酒店", Href: "/clients/1"}}, nil
			}
			return nil, nil
		}}
	})
	s.Person(t, "amy", "administrator", s.Company)
	b := s.SignedIn(t, "amy")
	p := b.Post("/clients/check?field=name", url.Values{"name": {"海棠"}}, "HX-Request", "true").Want(http.StatusOK)
	if !strings.Contains(p.TextOf(".dk-hint"), "海棠花园酒店") {
		t.Errorf("check says %q", p.Text())
	}
	p = b.Post("/clients/check?field=mobile", url.Values{"mobile": {"12"}}, "HX-Request", "true")
	if !p.Has(".dk-field-error") {
		t.Error("a wrong number is not told")
	}
	b.Post("/clients/check?field=outcome", url.Values{}).Want(http.StatusNotFound)
	form := url.Values(b.Get("/clients/new").Form("#record"))
	form.Set("name", "海棠")
	p = b.Post("/clients", form).Want(http.StatusOK)
	if p.Attr("[data-testid=similar] a", "href") != "/clients/1" {
		t.Error("the like record is not linked")
	}
	b.Post("/clients", url.Values(p.Form("#record"))).Want(http.StatusSeeOther)
}

func TestReferencesAreFoundWithAndWithoutScript(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	c := s.Add(t, &accesstest.Client{Name: "海棠花园酒店"})
	b := s.SignedIn(t, "amy")
	if p := b.Fragment("/lookup/client?q=hthyjd"); p.Attr("[role=option]", "data-value") != c.ID.String() {
		t.Errorf("lookup by initials: %s", p.Body)
	}
	b.Get("/lookup/nothing?q=a").Want(http.StatusNotFound)
	if p := b.Fragment("/divisions?parent=330000"); !strings.Contains(p.Body, "杭州市") || p.Has("select") {
		t.Errorf("divisions: %.80s", p.Body)
	}
	form := url.Values(b.Get("/memos/new").Form("#record"))
	form.Set("label", "回电")
	form.Set("client_id_q", "海棠")
	form.Set("client_id_find", "1")
	p := b.Post("/memos", form).Want(http.StatusOK)
	if p.TextOf("[name=client_id] [value="+c.ID.String()+"]") != "海棠花园酒店" || url.Values(p.Form("#record")).Get("label") != "回电" {
		t.Errorf("form after the search: %s", p.TextOf("main"))
	}
	form.Del("client_id_find")
	to := b.Post("/memos", form).Want(http.StatusSeeOther).Location() // one hit is taken
	if p = b.Get(to); !strings.Contains(p.TextOf(".dk-crumbs"), "海棠花园酒店") {
		t.Errorf("crumbs: %s", p.TextOf(".dk-crumbs"))
	}
	form.Set("client_id_q", "无此客户")
	b.Post("/memos", form).Want(http.StatusUnprocessableEntity)
}

func TestBothLanguagesAndNoMissingTexts(t *testing.T) {
	t.Parallel()
	s := site(t, func(d *recordpages.Deps) {
		d.Clocks = func(context.Context, access.Actor, string, record.ID) ([]webui.ClockView, error) {
			return []webui.ClockView{{State: webui.ClockRunning, Label: "x", Remaining: "1 h", DueISO: "2026-03-02T16:30:00+08:00"}}, nil
		}
	})
	amy := s.Person(t, "amy", "administrator", s.Company)
	c := s.Add(t, &accesstest.Client{Name: "甲", Mobile: mobile})
	change(t, s, c.ID, func(c *accesstest.Client) { c.Size = "large" })
	path := "/clients/" + c.ID.String()
	for lang, want := range map[string]string{"zh": "客户", "en": "Client"} {
		b := s.SignedIn(t, "amy")
		b.Post("/me/language", url.Values{"lang": {lang}, "return": {"/clients"}}).Want(http.StatusSeeOther)
		for _, p := range []string{"/clients", "/clients?view=kanban", "/clients?view=calendar&by=met", path, path + "?tab=memo", path + "?tab=links", path + "/edit", path + "/do/close", path + "/do/assign",
			path + "/reveal?field=mobile", "/clients/new", "/clients/views?q=1", "/users/" + amy.UserID.String() + "?tab=posting", "/memos", "/units", "/roles", "/grants", "/search?q=a"} {
			page := b.Get(p).Want(http.StatusOK)
			if i := strings.Index(page.Body, "⟦"); i >= 0 {
				t.Errorf("%s %s: missing text %.80s", lang, p, page.Body[i:])
			}
			if !strings.Contains(page.Text(), want) {
				t.Errorf("%s %s does not say %q", lang, p, want)
			}
		}
	}
}

func TestBadPostsAreRefused(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Person(t, "amy", "administrator", s.Company)
	c := s.Add(t, &accesstest.Client{Name: "甲"})
	b, path := s.SignedIn(t, "amy"), "/clients/"+c.ID.String()
	b.Do(http.MethodPost, path, "application/json", strings.NewReader(`{"name":"x"}`)).Want(http.StatusBadRequest)
	b.Do(http.MethodPost, path, "multipart/form-data; boundary=x", strings.NewReader("broken")).Want(http.StatusBadRequest)
	b.Post(path, url.Values{"name": {strings.Repeat("x", 2<<20)}}).Want(http.StatusRequestEntityTooLarge)
	b.Post(path, url.Values{"name": {"乙"}}, "Origin", "https://elsewhere.example", "Sec-Fetch-Site", "cross-site").Want(http.StatusForbidden)
	b.Post(path, url.Values{"name": {strings.Repeat("长", 61)}}).Want(http.StatusUnprocessableEntity)
	b.Post(path, url.Values{"name": {"\xff\xfe"}}).Want(http.StatusUnprocessableEntity)
	b.Post("/clients", url.Values{"_fields": {"name,outcome,id"}, "name": {"乙"}, "outcome": {"x"}}).Want(http.StatusSeeOther)
	if got := load(t, s, c.ID); got.Name != "甲" {
		t.Errorf("name = %q", got.Name)
	}
}
