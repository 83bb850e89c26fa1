package regulationpages_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/world"
)

// wholesale is the regulation of another company.
func wholesale(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../../engine/regulation/proposal/testdata/wholesale.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// attrs lists an attribute of all elements.
func attrs(p *webtest.Page, selector, name string) []string {
	var out []string
	for _, n := range p.All(selector) {
		for _, a := range n.Attr {
			if a.Key == name {
				out = append(out, a.Val)
			}
		}
	}
	return out
}

// TestProposalsOfAnImportAreDecided goes from the text to a draft with its bindings.
func TestProposalsOfAnImportAreDecided(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	chief, clerk := h.signIn(t, "department_manager"), h.signIn(t, "customer_clerk")
	importText(t, chief, wholesale(t))
	const page, do = "/read/own/proposals?v=1", "/read/own/proposals/do/"
	p := chief.Get(page).Want(http.StatusOK)
	if strings.Contains(p.Body, "⟦") || len(p.All(".dk-proposed")) < 15 || !strings.Contains(p.TextOf("main"), "把握") || !strings.Contains(p.TextOf("main"), "相似") {
		t.Fatalf("page: %s", p.TextOf("main"))
	}
	if c := clerk.Get(page).Want(http.StatusOK); c.Has("form#accept-all") || strings.Contains(c.Body, do+"reject") {
		t.Error("a clerk is offered to decide")
	}
	edits := attrs(p, ".dk-proposed a[href]", "href")
	var edit string
	for _, href := range edits {
		if strings.Contains(href, "proposal=") {
			edit = href
			break
		}
	}
	ids := attrs(p, "[data-proposal]", "data-proposal")
	if edit == "" || len(ids) < 30 {
		t.Fatalf("%d proposals, edit %q", len(ids), edit)
	}
	clerk.Post(do+"reject?v=1", url.Values{"id": {ids[5]}}).Want(http.StatusForbidden)
	clerk.Post(do+"all?v=1", url.Values{"from": {"50"}}).Want(http.StatusForbidden)
	chief.Post(do+"fly?v=1", url.Values{"id": {ids[5]}}).Want(http.StatusNotFound)
	chief.Post(do+"accept?v=1", url.Values{"id": {"nobody"}}).Want(http.StatusNotFound)
	chief.Post(do+"all?v=1", url.Values{"from": {"lots"}}).Want(http.StatusUnprocessableEntity)
	chief.Post(do+"reject?v=1", url.Values{"id": {ids[5]}}).Want(http.StatusSeeOther)
	if p := chief.Get(page); !strings.Contains(p.TextOf("main"), "已否决") {
		t.Error("the rejection is not shown")
	}
	chief.Post(do+"reconsider?v=1", url.Values{"id": {ids[5]}}).Want(http.StatusSeeOther)
	bad := chief.Post(edit, url.Values{"control": {"guard"}, "spec": {"on: case.close\nrefuse_if: nonsense.x"}}).Want(http.StatusUnprocessableEntity)
	if got := bad.Form("#binding")["spec"]; len(got) != 1 || !strings.Contains(got[0], "nonsense.x") {
		t.Errorf("what was typed is gone: %q", got)
	}
	chief.Post(edit, url.Values{"control": {"acknowledge"}, "spec": {"within: 3d"}}).Want(http.StatusSeeOther)
	if p := chief.Get(page); len(p.All("[data-settled]")) != 1 || !strings.Contains(p.TextOf("[data-settled]"), "修改后采纳") {
		t.Errorf("after editing: %s", p.TextOf("main"))
	}
	chief.Post(do+"all?v=1", url.Values{"from": {"50"}}).Want(http.StatusSeeOther)
	settled := len(chief.Get(page).All("[data-settled]"))
	if settled < 2 {
		t.Errorf("%d clauses bound after accepting all from 50%%", settled)
	}
	chief.Post("/read/own/versions/1/do/submit", nil).Want(http.StatusSeeOther)
	if p := chief.Get(page); p.Has("form#accept-all") {
		t.Error("proposals of a version in review can still be accepted")
	}
}

// TestProposalsInABrowser imports, accepts two, edits one, rejects one, accepts all above, and finds the bindings in the draft.
func TestProposalsInABrowser(t *testing.T) {
	var policy browsertest.Policy
	h := openHouse(t, policy.Wrap)
	chief := h.signIn(t, "department_manager")
	b := browsertest.Start(t, h.site.URL)
	b.SignIn("department_manager", world.Password)
	importText(t, chief, wholesale(t))
	const page = "/read/own/proposals?v=1"
	b.EachLook("regulation", []browsertest.Shown{{Path: page, Name: "proposals"}})
	b.Open(page, 1280)
	click := func(script, done string) {
		b.Eval(script)
		b.Until(done)
	}
	const settled = `document.readyState === 'complete' && document.querySelectorAll('[data-settled]').length`
	accept := `[...document.querySelectorAll('.dk-proposed:not([data-settled]) form.dk-proposed-do')].find((f) => f.querySelector('button:not([formaction])')).querySelector('button:not([formaction])').click()`
	click(accept, settled+` === 1`)
	click(accept, settled+` === 2`)
	click(`document.querySelector('.dk-proposed:not([data-settled]) button[formaction*="/reject"]').click()`, `document.readyState === 'complete' && document.querySelector('button[formaction*="/reconsider"]') !== null`)
	click(`document.querySelector('.dk-proposed:not([data-settled]) a[href*="proposal="]').click()`, `document.readyState === 'complete' && document.querySelector('#binding textarea[name=spec]') !== null`)
	click(`(() => { document.querySelector('#binding select[name=control]').value = 'acknowledge'; document.querySelector('#binding textarea[name=spec]').value = 'within: 3d'; document.querySelector('#binding .btn-primary').click(); })()`, settled+` === 3`)
	click(`(() => { document.querySelector('#accept-all select').value = '50'; document.querySelector('#accept-all .btn-primary').click(); })()`, settled+` > 3`)
	b.Open(page, 390)
	b.Until(`[...document.querySelectorAll('.dk-proposed-do .btn')].every((a) => a.getBoundingClientRect().height >= 44) && document.documentElement.scrollWidth <= 390`)
	if got := chief.Get("/read/own?v=1").Want(http.StatusOK).TextOf("main"); !strings.Contains(got, "阅读签署") && !strings.Contains(got, "Acknowledgement") {
		t.Errorf("the draft has no bindings: %s", got)
	}
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}
