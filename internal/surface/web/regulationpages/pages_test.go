package regulationpages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/world"
)

const own = `客户回访管理规定
第一条 客户资料由客户部统一保管。
第二条 投诉应在24小时内答复。
第三条 每季度回访重要客户一次。
`

const revised = `客户回访管理规定
第一条 客户资料由客户部统一保管。
第二条 投诉应在12小时内书面答复。
第三条 夜间来电由值班人员记录。
第四条 每季度回访重要客户一次。
`

func importText(t *testing.T, b *webtest.Browser, text string) {
	t.Helper()
	b.Post("/library/import", url.Values{"key": {"own"}, "text": {text}}).Want(http.StatusSeeOther)
}

const guard = `on: case.close
refuse_if: record.result_text == ""
say: {zh: 请先写明结果。, en: State the result first.}
except: [department_manager]
`

// TestAVersionFromDraftToRetirement goes the whole way on one page, and looks at what changed between two versions.
func TestAVersionFromDraftToRetirement(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	webtest.CheckKeys(t, h.site.Catalog)
	chief, clerk := h.signIn(t, "department_manager"), h.signIn(t, "customer_clerk")
	importText(t, chief, own)
	const versions = "/read/own/versions"
	step := func(no, act string, form url.Values) *webtest.Page {
		return chief.Post(versions+"/"+no+"/do/"+act, form)
	}
	if p := chief.Get(versions).Want(http.StatusOK); !p.Has("[data-testid=submit]") || p.Has("[data-testid=approve]") {
		t.Errorf("steps of a draft: %s", p.TextOf("main"))
	}
	if p := clerk.Get(versions).Want(http.StatusOK); p.Has("[data-testid]") && p.Has("[data-testid=submit]") {
		t.Error("a clerk is offered the steps")
	}
	clerk.Post(versions+"/1/do/submit", nil).Want(http.StatusForbidden)
	if p := step("1", "approve", nil).Want(http.StatusConflict); !p.Has("main .dk-alert.dk-tone-bad") {
		t.Error("approved before review without a word")
	}
	step("1", "fly", nil).Want(http.StatusNotFound)
	step("9", "submit", nil).Want(http.StatusNotFound)
	chief.Post("/read/own/own.2/bindings/new?v=1", url.Values{"control": {"guard"}, "spec": {guard}}).Want(http.StatusSeeOther)
	step("1", "submit", nil).Want(http.StatusSeeOther)
	if p := chief.Get(versions).Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "反对") {
		t.Errorf("nobody can object on the page: %s", p.TextOf("main"))
	}
	step("1", "approve", nil).Want(http.StatusSeeOther)
	if p := chief.Get(versions).Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "备案") {
		t.Errorf("the filing cannot be entered on the page: %s", p.TextOf("main"))
	}
	if p := step("1", "promulgate", url.Values{"effective_on": {"bald"}}).Want(http.StatusUnprocessableEntity); p.Attr("[name=effective_on]", "value") != "bald" {
		t.Error("what was typed is gone")
	}
	step("1", "promulgate", nil).Want(http.StatusSeeOther)
	if p := chief.Get("/read/own").Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "现行有效") {
		t.Errorf("reader: %s", p.TextOf("main"))
	}
	importText(t, chief, revised)
	p := chief.Get("/read/own/diff?from=1&to=2").Want(http.StatusOK)
	for kind, want := range map[string]string{"changed": "书面", "added": "夜间来电", "renumbered": "第四条"} {
		if !p.Has("[data-change="+kind+"]") || !strings.Contains(p.TextOf("[data-change="+kind+"]"), want) {
			t.Errorf("%s: %s", kind, p.TextOf("main"))
		}
	}
	if p.Has("[data-change=same]") || p.TextOf("[data-change=changed] del") != "24" || !strings.Contains(p.TextOf("#again"), "守卫") {
		t.Errorf("differences: %s", p.TextOf("main"))
	}
	if all := chief.Get("/read/own/diff?from=1&to=2&all=1"); !all.Has("[data-change=same]") {
		t.Error("unchanged clauses are not shown")
	}
	chief.Get("/read/own/diff?from=1&to=7").Want(http.StatusNotFound)
	step("1", "retire", nil).Want(http.StatusSeeOther)
	if got := chief.Get(versions).Text(); !strings.Contains(got, "已废止") {
		t.Errorf("after retirement: %s", got)
	}
	chief.Post(versions, nil).Want(http.StatusSeeOther)
	if p := chief.Get("/read/own/own.2?v=3").Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "守卫") {
		t.Errorf("the copy has lost its control: %s", p.TextOf("main"))
	}
	clerk.Post(versions, nil).Want(http.StatusForbidden)
}

func TestAControlIsShownInWordsAndMistakesInPlace(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	chief, clerk := h.signIn(t, "department_manager"), h.signIn(t, "customer_clerk")
	importText(t, chief, own)
	const page = "/read/own/own.2?v=1"
	clerk.Get("/read/own/own.2/bindings/new?v=1").Want(http.StatusForbidden)
	bad := strings.Replace(guard, "record.result_text", "record.colour", 1)
	p := chief.Post("/read/own/own.2/bindings/new?v=1", url.Values{"control": {"guard"}, "spec": {bad}}).Want(http.StatusUnprocessableEntity)
	if got := p.TextOf("[data-testid=mistake]"); !strings.Contains(got, "第 2 行") || !strings.Contains(got, "record.colour") {
		t.Errorf("mistake: %q", got)
	}
	if got := p.Form("#binding")["spec"]; len(got) != 1 || strings.TrimSpace(got[0]) != strings.TrimSpace(bad) {
		t.Errorf("what was typed: %q", got)
	}
	p = chief.Post("/read/own/own.2/bindings/new?v=1", url.Values{"control": {"guard"}, "spec": {"on: ["}}).Want(http.StatusUnprocessableEntity)
	if !p.Has("[data-testid=mistake]") {
		t.Errorf("broken YAML: %s", p.TextOf("main"))
	}
	chief.Post("/read/own/own.2/bindings/new?v=1", url.Values{"control": {"guard"}, "spec": {guard}}).Want(http.StatusSeeOther)
	main := chief.Get(page).Want(http.StatusOK).TextOf("main")
	for _, want := range []string{"守住", "办结", "请先写明结果。", "部门经理"} {
		if !strings.Contains(main, want) {
			t.Errorf("the clause does not say %q: %s", want, main)
		}
	}
	if p := clerk.Get(page); p.Has("a[href^=/read/own/own.2/bindings]") || strings.Contains(p.Body, "/bindings/") {
		t.Error("a clerk is offered to edit")
	}
	var edit string
	for _, a := range chief.Get(page).All("main a") {
		for _, at := range a.Attr {
			if at.Key == "href" && strings.Contains(at.Val, "/bindings/") && !strings.Contains(at.Val, "/new") {
				edit = at.Val
			}
		}
	}
	form := url.Values(chief.Get(edit).Want(http.StatusOK).Form("#binding"))
	chief.Post(edit, form).Want(http.StatusSeeOther)
	chief.Post(edit, form).Want(http.StatusConflict) // somebody saved in between
	clerk.Post(edit, form).Want(http.StatusForbidden)
}

func TestSignaturesAreSeenByWhoAnswersForThem(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	chief, clerk := h.signIn(t, "department_manager"), h.signIn(t, "customer_clerk")
	importText(t, chief, own)
	for _, act := range []string{"submit", "approve", "promulgate"} {
		chief.Post("/read/own/versions/1/do/"+act, nil).Want(http.StatusSeeOther)
	}
	p := clerk.Get("/read/own").Want(http.StatusOK)
	form := url.Values(p.Form("#sign"))
	if len(form.Get("text_hash")) != 64 || !strings.Contains(p.TextOf("#sign"), form.Get("text_hash")) {
		t.Fatalf("nothing to sign, or the hash is not shown: %v", form)
	}
	before := len(chief.Get("/read/own/signatures").Want(http.StatusOK).All("tbody tr"))
	if before < 2 {
		t.Errorf("the manager sees %d outstanding", before)
	}
	if n := len(clerk.Get("/read/own/signatures").Want(http.StatusOK).All("tbody tr")); n != 1 {
		t.Errorf("a clerk sees %d signatures, want his own", n)
	}
	clerk.Post("/read/own/sign", url.Values{"text_hash": {"0000"}}).Want(http.StatusConflict)
	clerk.Post("/read/own/sign", form).Want(http.StatusSeeOther)
	if p := clerk.Get("/read/own"); p.Has("#sign") || !p.Has("#signed") {
		t.Error("still to sign")
	}
	if after := len(chief.Get("/read/own/signatures").All("tbody tr")); after != before-1 {
		t.Errorf("%d outstanding after %d", after, before)
	}
	if p := chief.Get("/library").Want(http.StatusOK); len(p.All("tbody tr")) < 2 || strings.Contains(p.Body, "⟦") {
		t.Errorf("library: %s", p.TextOf("main"))
	}
}

func TestRegulationsInABrowser(t *testing.T) {
	var policy browsertest.Policy
	h := openHouse(t, policy.Wrap)
	chief := h.signIn(t, "department_manager")
	importText(t, chief, own)
	chief.Post("/read/own/own.2/bindings/new?v=1", url.Values{"control": {"guard"}, "spec": {guard}}).Want(http.StatusSeeOther)
	for _, act := range []string{"submit", "approve", "promulgate"} {
		chief.Post("/read/own/versions/1/do/"+act, nil).Want(http.StatusSeeOther)
	}
	importText(t, chief, revised)
	b := browsertest.Start(t, h.site.URL)
	b.SignIn("department_manager", world.Password)
	b.EachLook("regulation", []browsertest.Shown{
		{Path: "/library", Name: "library"}, {Path: "/read/r01", Name: "reader"}, {Path: "/read/own", Name: "sign"}, {Path: "/read/own/versions", Name: "versions"},
		{Path: "/read/own/diff", Name: "diff"}, {Path: "/read/own/own.2?v=1", Name: "clause"}, {Path: "/read/own/own.2/bindings/new?v=2", Name: "binding"},
		{Path: "/read/own/signatures", Name: "signatures"}, {Path: "/compliance/r01", Name: "compliance"}, {Path: "/library/import", Name: "import"},
	})
	b.Open("/read/own", 390)
	b.Until(`(() => { const r = document.querySelector('#sign button[type=submit], #sign .btn-primary').getBoundingClientRect(); return r.height >= 44 && r.width >= 44; })()`)
	b.Until(`[...document.querySelectorAll('.dk-book a')].every((a) => a.getBoundingClientRect().height >= 44)`)
	b.Eval(`document.querySelector('#sign .btn-primary').click()`)
	b.Until(`document.readyState === 'complete' && document.querySelector('#signed') !== null`)
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}
