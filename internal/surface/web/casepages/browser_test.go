package casepages_test

import (
	"fmt"
	"net/http"
	"testing"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/world"
)

// furnished is a house with a case that has a history, a volume with papers, a letter.
func furnished(t *testing.T, policy *browsertest.Policy) (h *house, open, reply record.ID) {
	t.Helper()
	h = openHouse(t, policy.Wrap)
	cat := h.set(t, "case_category", map[string]any{"key": "leak", "title": "安装质量", "title_en": "Installation", "kinds": []any{"complaint"}})
	h.set(t, "case_macro", map[string]any{"title": "致歉与更换", "kind": "reply", "body": "{customer}：\n就您反映的{number}，我们深表歉意，现为您安排更换。", "active": true})
	h.set(t, "knowledge_article", map[string]any{"title": "安装后漏水的处理", "body": "先关总阀。", "category_id": cat.String(), "basis": "《消费者权益保护法》第四十八条"})
	h.filedCase(t, cat)
	customer := h.customer(t)
	open = h.complaint(t, map[string]any{"category_id": cat.String(), "customer_id": customer.String()})
	h.complaint(t, map[string]any{"subject": "送货迟到三次，客服态度生硬，要求道歉", "customer_id": customer.String(), "urgency": "critical"})
	h.do(t, officer, "case", "accept", open, nil)
	h.do(t, officer, "case", "note_contact", open, map[string]any{"channel": "phone", "result": "reached", "summary": "已致歉，约定周三上门查看。", "mood_before": "angry", "mood_after": "better"})
	h.do(t, officer, "case", "notify_arrangement", open, map[string]any{"text": "三个工作日内书面答复。", "confidential": true})
	h.do(t, officer, "case_note", record.Create, 0, map[string]any{"case_id": open.String(), "text": "安装师傅称用了旧垫圈，待核实。", "kind": "note"})
	reply = h.do(t, officer, "case_reply", record.Create, 0, map[string]any{
		"case_id": open.String(), "subject": "关于热水器漏水的答复", "channel": "letter",
		"body": "您来电反映的热水器漏水一事，我们已上门查看。\n漏水由安装时使用旧垫圈造成，责任在我方。我们将于三月五日上门更换热水器，并按地板修复费用全额赔偿。",
	})
	return h, open, reply
}

func TestPagesInABrowser(t *testing.T) {
	var policy browsertest.Policy
	h, open, reply := furnished(t, &policy)
	b := browsertest.Start(t, h.site.URL)
	b.SignIn(officer, world.Password)
	path := "/desk/" + open.String()
	manager := h.signIn(t, "department_manager")
	pages := []struct{ path, name string }{
		{"/desk?tab=open", "queue"}, {path + "?tab=open", "case"}, {"/register", "register"}, {"/register/2026/dossier", "dossier"},
		{"/cases/" + open.String() + "/replies/" + reply.String() + "/print", "letter"},
	}
	for _, look := range []struct {
		lang, theme string
		width       int64
	}{{"zh", "light", 1280}, {"zh", "dark", 390}, {"en", "dark", 1280}, {"en", "light", 390}, {"zh", "light", 1440}} {
		b.Eval(fmt.Sprintf(`document.cookie = 'dianke_lang=%s; path=/', document.cookie = 'dianke_theme=%s; path=/'`, look.lang, look.theme))
		for _, p := range pages {
			manager.Get(path + "?mode=note").Want(http.StatusOK) // somebody else is at work on it
			b.Look(p.path, fmt.Sprintf("desk-%s-%s-%s-%d", p.name, look.lang, look.theme, look.width), look.width)
		}
	}
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}

func TestReplyWithOneThumb(t *testing.T) {
	var policy browsertest.Policy
	h, open, _ := furnished(t, &policy)
	b := browsertest.Start(t, h.site.URL)
	b.SignIn(officer, world.Password)
	b.Eval(`document.cookie = 'dianke_theme=light; path=/'`)
	b.Open("/desk?tab=open", 390)
	b.Eval(`[...document.querySelectorAll('.dk-queue-row')].find((r) => r.getAttribute('href').includes('` + open.String() + `')).click()`)
	b.Until(`location.pathname.startsWith('/desk/') && document.readyState === 'complete' && document.querySelector('.dk-thumb') !== null`)
	const big = `[...document.querySelectorAll('.dk-thumb a, .dk-say-form button, .dk-say-form select, .dk-say-form textarea, .dk-say-form input:not([type=hidden], [type=checkbox]), .dk-say-form .form-check, .dk-compose .dk-tabs a')]
		.filter((e) => e.getClientRects().length > 0).every((e) => e.getBoundingClientRect().height >= 44)`
	b.Until(big)
	b.Until(`(() => { const r = document.querySelector('.dk-thumb .btn-primary').getBoundingClientRect(); return r.bottom <= innerHeight && r.top > innerHeight / 2; })()`)
	b.Eval(`document.querySelector('.dk-thumb .btn-primary').click()`)
	b.Until(`document.activeElement.id === 'say-body'`)
	b.Eval(`document.querySelector('#say-body').value = '周四上午上门更换，地板照价赔偿。', document.querySelector('#say-body').dispatchEvent(new Event('input', {bubbles: true}))`)
	b.Examine("desk-thumb-zh-light-390", 390)
	b.Eval(`document.querySelector('.dk-say-form').requestSubmit(document.querySelector('.dk-say-form .btn-primary'))`)
	b.Until(`document.readyState === 'complete' && document.querySelector('#dk-toasts [data-toast]') !== null`)
	if k := h.load(t, open); k.State != casework.Answered {
		t.Errorf("state %s", k.State)
	}
	b.Open("/desk?tab=open", 1280)
	b.Eval(`document.dispatchEvent(new KeyboardEvent('keydown', {key: 'n', bubbles: true}))`)
	b.Until(`location.pathname.startsWith('/desk/') && document.readyState === 'complete'`)
	b.Eval(`window.before = location.href, document.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', bubbles: true}))`)
	b.Until(`location.pathname.startsWith('/desk/') && document.readyState === 'complete' && window.before === undefined`)
	b.Eval(`document.dispatchEvent(new KeyboardEvent('keydown', {key: 'r', bubbles: true}))`)
	b.Until(`document.activeElement.id === 'say-body'`)
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}
