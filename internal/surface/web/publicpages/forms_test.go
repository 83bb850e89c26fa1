package publicpages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/world"
)

// TestAFormOfTheTrade: its own questions are asked and stored with the case, what must be answered is asked for with the
// rest kept, and it can be switched off.
func TestAFormOfTheTrade(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil, "hotel", "service", "aftersales")
	b := h.site.Browser(t)
	if p := b.Get("/f").Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "住客意见") || !strings.Contains(p.TextOf("main"), "报修") {
		t.Errorf("the forms: %s", p.TextOf("main"))
	}
	b.Get("/f/none-such").Want(http.StatusNotFound)
	p := b.Get("/f/repair").Want(http.StatusOK)
	if text := p.TextOf("main"); !strings.Contains(text, "设备型号") || !strings.Contains(text, "异响") || p.Has("[name=kind]") {
		t.Errorf("the questions: %s", text)
	}
	form := url.Values{
		"content": {"封口机通电没有反应。"}, "item": {"封口机"}, "device_model": {"FK-20"}, "contact_name": {"陈女士"}, "contact_phone": {"13900137001"},
		"consent": {"1"}, "proof": {solve(p.Attr("[data-proof]", "value"))},
	}
	p = b.Post("/f/repair", form).Want(http.StatusUnprocessableEntity)
	if !p.Has("#f-fault_kind-error") || p.Form("#feedback")["device_model"][0] != "FK-20" {
		t.Errorf("without an answer that is needed: %s", p.TextOf("main"))
	}
	form.Set("fault_kind", "爆炸了")
	form.Set("proof", solve(p.Attr("[data-proof]", "value")))
	p = b.Post("/f/repair", form).Want(http.StatusUnprocessableEntity)
	form.Set("fault_kind", "不能启动")
	form.Set("proof", solve(p.Attr("[data-proof]", "value")))
	p = b.Get(b.Post("/f/repair", form).Want(http.StatusSeeOther).Location()).Want(http.StatusOK)
	if text := p.TextOf("main"); !strings.Contains(text, "工程师会尽快联系您") {
		t.Errorf("thanks: %s", text)
	}
	desk := h.site.Browser(t)
	desk.Post("/signin", url.Values{"login": {"relations_manager"}, "password": {world.Password}}).Want(http.StatusSeeOther)
	if p := desk.Get("/cases?q=" + url.QueryEscape("封口机")).Want(http.StatusOK); !strings.Contains(p.TextOf("main"), "封口机通电没有反应") {
		t.Errorf("the desk: %s", p.TextOf("main"))
	}
	p = desk.Get("/settings/forms").Want(http.StatusOK)
	if !strings.Contains(p.TextOf("main"), "/f/repair") {
		t.Fatalf("the settings: %s", p.TextOf("main"))
	}
	turn := ""
	for i, text := range p.Texts("[data-testid=form]") {
		if strings.Contains(text, "/f/repair") {
			turn = formAction(p, i)
		}
	}
	desk.Post(turn, url.Values{"off": {"1"}}).Want(http.StatusSeeOther)
	b.Get("/f/repair").Want(http.StatusNotFound)
	b.Get("/feedback").Want(http.StatusOK)
	desk.Post(turn, nil).Want(http.StatusSeeOther)
	b.Get("/f/repair").Want(http.StatusOK)
}

// formAction is where the switch of the row is posted; the first row, of the general form, has none.
func formAction(p *webtest.Page, row int) string {
	parts := strings.Split(p.Body, `data-testid="form"`)
	_, rest, _ := strings.Cut(parts[row+1], `action="`)
	action, _, _ := strings.Cut(rest, `"`)
	return action
}

func TestFormsInABrowser(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil, "hotel", "service", "aftersales")
	b := browsertest.Start(t, h.site.URL)
	for name, path := range map[string]string{"forms": "/f", "form-repair": "/f/repair", "form-guest": "/f/guest-opinion"} {
		b.Look(path, name, 1280)
		b.Look(path, name+"-phone", 390)
	}
	b.SignIn("relations_manager", world.Password)
	b.Look("/settings/forms", "forms-settings", 1280)
	b.Look("/settings/forms", "forms-settings-phone", 390)
}
