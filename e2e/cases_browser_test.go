package e2e_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dianke/internal/surface/web/browsertest"
	"dianke/internal/world"
)

// seat is somebody at a browser of his own.
type seat struct {
	*browsertest.Browser
	t *testing.T
}

func (h *house) sit(t *testing.T, login string) *seat {
	t.Helper()
	s := &seat{Browser: browsertest.Start(t, h.url), t: t}
	if login != "" {
		s.SignIn(login, world.Password)
	}
	return s
}

// telling prints what is in view where the test failed.
func (s *seat) telling() {
	if s.t.Failed() {
		s.t.Logf("in view: %s\n%.3000s", s.Path(), s.Text())
	}
}

// change lets somebody else sit down.
func (s *seat) change(login string) {
	s.t.Helper()
	s.Leave()
	s.SignIn(login, world.Password)
}

// press presses the button of an action, out of the menu where it stands there, and tells whether the action asks for
// something first.
func (s *seat) press(action string) (asks bool) {
	s.t.Helper()
	button := fmt.Sprintf(`main a[href*="/do/%[1]s"], main form[action$="/do/%[1]s"] button`, action)
	s.Until("document.readyState === 'complete'")
	if s.Read(`[...document.querySelectorAll('`+button+`')].some((e) => e.checkVisibility() && e.getClientRects().length)`) != "true" {
		s.Click("main details.dk-menu > summary.btn-icon")
	}
	asks = s.Read(`document.querySelector('main form[action$="/do/`+action+`"]') === null`) == "true"
	s.old()
	s.Click(button)
	return asks
}

// call opens the form of an action.
func (s *seat) call(action string) {
	s.t.Helper()
	s.press(action)
	s.Until(`document.querySelector('dialog[open] form#action, main form#action') !== null`)
}

// old marks the page in view, next waits for the one that follows it.
func (s *seat) old() { s.Eval(`document.documentElement.setAttribute('data-test-old', '')`) }

func (s *seat) next() {
	s.t.Helper()
	s.Until(`!document.documentElement.hasAttribute('data-test-old') && document.readyState === 'complete'`)
}

// fill types into a field of the form in view; a person is chosen by name from what is proposed.
func (s *seat) fill(field, value string) {
	s.t.Helper()
	at := func(sel string) string { return "form#action " + sel + ", dialog[open] form.dk-form " + sel }
	switch s.Read(fmt.Sprintf(`(() => { const f = document.querySelector('dialog[open] form.dk-form, form#action, main form.dk-form');
		return f.querySelector('[name="%[1]s_q"]') ? 'ref' : f.querySelectorAll('[type=checkbox][name="%[1]s"]').length > 1 ? 'many' : 'one' })()`, field)) {
	case "ref":
		s.Fill(`[name="`+field+`_q"]`, value)
		s.Click(fmt.Sprintf(`.dk-ref:has([name="%s_q"]) .dk-lookup [data-value]`, field))
	case "many":
		for _, v := range strings.Split(value, ",") {
			s.Fill(at(fmt.Sprintf(`[name="%s"][value="%s"]`, field, v)), "")
		}
	default:
		s.Fill(fmt.Sprintf(`form.dk-form [name="%[1]s"]:not([type=hidden])`, field), value)
	}
}

// send presses the button of the form in view and waits for the page that follows.
func (s *seat) send() {
	s.t.Helper()
	s.old()
	s.Click(`dialog[open] .dk-form-actions [type=submit], main .dk-form-actions [type=submit]`)
	s.next()
}

// do does an action, with what is given as name and value in turn filled in; the page must not refuse it.
func (s *seat) do(action string, pairs ...string) {
	s.t.Helper()
	if s.press(action) {
		s.Until(`document.querySelector('dialog[open] form#action, main form#action') !== null`)
		for i := 0; i+1 < len(pairs); i += 2 {
			s.fill(pairs[i], pairs[i+1])
		}
		s.send()
	} else {
		s.next()
	}
	if wrong := s.Read(`[...document.querySelectorAll('[role=alert].dk-tone-bad, .dk-field-error')].map((e) => e.innerText).join(' / ')`); wrong != "" {
		s.t.Fatalf("%s: %s", action, wrong)
	}
}

// put writes a file to be chosen in a form.
func put(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var caseNumber = regexp.MustCompile(`CS-\d{4}-\d{6}`)

// nameOf is the name of somebody who works here.
func (h *house) nameOf(t *testing.T, login string) string {
	t.Helper()
	_, me := h.signIn(t, login).api("GET", "/me", nil)
	name, _ := me["name"].(string)
	if name == "" {
		t.Fatalf("%s has no name: %v", login, me)
	}
	return name
}

// TestComplaintAgainstAnEmployeeInABrowser: from the public form to the dossier of the year, with the person complained of
// kept out of it.
func TestComplaintAgainstAnEmployeeInABrowser(t *testing.T) {
	h := open(t, "lawfirm")
	m := &matter{house: h, seat: h.sit(t, ""), t: t, lawyer: h.nameOf(t, "lawyer"), officer: h.nameOf(t, "designated_officer"), partner: h.nameOf(t, "managing_partner")}
	defer m.telling()
	for _, step := range []func(){m.complain, m.received, m.hidden, m.refusedAsHandler, m.worked, m.decided, m.answered, m.closed, m.filed, m.proven} {
		step()
	}
}

// matter is the complaint on its way.
type matter struct {
	*seat
	house                    *house
	t                        *testing.T
	lawyer, officer, partner string // names
	number, id, status       string
}

// complain fills in the public form and reads the page behind the link.
func (m *matter) complain() {
	m.Open("/feedback?kind=complaint", 1280)
	m.Click(`form[action="/me/language"] button`)
	m.Sees("意见与投诉")
	m.Fill("[name=kind]", "complaint")
	m.Fill("[name=content]", "开庭前两周没有任何沟通，开庭时间也没有告知，造成我方缺席。")
	m.Fill("[name=desired_result]", "更换承办律师，退还部分费用")
	m.Fill("[name=complained_name]", m.lawyer)
	m.Fill("[name=contact_name]", "王女士")
	m.Fill("[name=contact_phone]", "13900137009")
	m.Upload("[name=files]", put(m.t, "委托合同.pdf", []byte("%PDF-1.7\n1 0 obj\n")))
	m.Examine("journey2-form", 1280)
	m.Fill("[name=consent]", "")
	m.Link("提交")
	m.Sees("办理情况")
	m.number, m.status = caseNumber.FindString(m.Text()), m.Path()
	if m.number == "" || !strings.HasPrefix(m.status, "/status/") {
		m.t.Fatalf("after the form: %s %q", m.status, m.number)
	}
	m.Missing(m.lawyer)
	m.Examine("journey2-status", 1280)
}

// received: the officer finds the row of the register, and the originals on the case.
func (m *matter) received() {
	m.SignIn("designated_officer", world.Password)
	m.Open("/register", 1280)
	m.Sees(m.number)
	m.Examine("journey2-register", 1280)
	m.Eval(fmt.Sprintf(`[...document.querySelectorAll("main tr")].find((r) => r.innerText.includes(%q)).querySelector("a").setAttribute("data-test-row", "")`, m.number))
	m.Click("[data-test-row]")
	m.Sees(m.number)
	m.id = strings.Split(strings.Split(m.Path(), "?")[0], "/")[2]
	m.Click(`main a[href$="?tab=case_material"]`)
	m.Sees("委托合同.pdf")
	m.Examine("journey2-originals", 1280)
	m.Click(`main table a[href^="/case_materials/"]`)
	m.Sees("原件")
	m.Click(`main a[href*="/files/"]`)
}

// hidden: whatever the person complained of tries, nothing of the matter is there.
func (m *matter) hidden() {
	m.change("lawyer")
	for _, path := range []string{"/search?q=" + m.number, "/search?q=" + url.QueryEscape("开庭前两周"), "/cases", "/cases?view=kanban", "/desk?tab=all", "/desk", "/register", "/case_materials", "/workbench", "/notices"} {
		m.Open(path, 1280)
		m.Sees("") // whatever it is, it is complete
		text := m.Text()
		if strings.Contains(text, m.number) && !strings.HasPrefix(path, "/search") || strings.Contains(text, "开庭前两周没有任何沟通") || strings.Contains(text, "委托合同.pdf") {
			m.t.Errorf("%s shows the matter to the person complained of:\n%.800s", path, text)
		}
	}
	for _, path := range []string{"/cases/" + m.id, "/desk/" + m.id, "/cases/" + m.id + "/do/accept", "/cases/" + m.id + "/edit"} {
		m.Open(path, 1280)
		m.Sees("")
		if text := m.Text(); strings.Contains(text, m.number) || strings.Contains(text, "王女士") {
			m.t.Errorf("%s shows the matter to the person complained of:\n%.800s", path, text)
		}
	}
	m.Examine("journey2-hidden", 1280)
}

// refusedAsHandler: nobody can put him in charge, and what was typed stays.
func (m *matter) refusedAsHandler() {
	m.change("designated_officer")
	m.Open("/desk/"+m.id, 1280)
	m.call("assign_handler")
	m.fill("user_id", m.lawyer)
	m.fill("reason", "熟悉本案")
	m.send()
	m.Sees("此人须回避这条记录，不能负责处理。请选择其他人。")
	m.Missing("owner_id")
	m.Examine("journey2-refused-handler", 1280)
	if got := m.Read(`document.querySelector('[name=reason]').value`); got != "熟悉本案" {
		m.t.Errorf("the reason typed became %q", got)
	}
	if got := m.Read(`document.querySelector('[name=user_id_q]').value`); !strings.Contains(got, m.lawyer) {
		m.t.Errorf("the person chosen became %q", got)
	}
}

// worked: accepted, sorted, the client told, investigated, the opinion signed.
func (m *matter) worked() {
	m.Open("/desk/"+m.id, 1280)
	m.do("accept")
	m.do("triage")
	m.do("notify_arrangement", "text", "三日内约谈双方并书面答复", "expected_on", "2025-09-30", "contact_person_id", m.officer, "confidential", "true")
	m.do("investigate", "plan", "调取庭审通知和通话记录，约谈承办人")
	m.add("case_allegation", "text", "开庭前没有沟通")
	m.Click(`main table a[href^="/case_allegations/"]`)
	m.do("find", "finding", "proven", "source", "通话记录")
	m.add("case_timeline_entry", "at", "2025-09-22T09:00", "text", "开庭", "source_kind", "document", "source", "开庭传票")
	m.Open("/cases/"+m.id, 1280)
	m.Click(`main a[href$="?tab=case_material"]`)
	m.Click(`main table a[href^="/case_materials/"]`)
	m.do("verify", "authenticity", "genuine", "check_method", "与事务所留存原件核对")
	m.Open("/desk/"+m.id, 1280)
	m.do("opinion", "facts", "开庭前两周无任何沟通记录", "assessment", "投诉基本属实", "proposal", "道歉并更换承办律师")
	m.do("substitute", "user_id", m.partner, "reason", "业务分管合伙人")
	m.Examine("journey2-opinion", 1280)
}

// add makes a part of the case by the tab of its type.
func (m *matter) add(typ string, pairs ...string) {
	m.t.Helper()
	m.Open("/cases/"+m.id+"?tab="+typ, 1280)
	m.Click(fmt.Sprintf(`main a[href*="/new?case_id="]`))
	m.Until(`document.querySelector('dialog[open] form.dk-form, main form.dk-form') !== null`)
	for i := 0; i+1 < len(pairs); i += 2 {
		m.fill(pairs[i], pairs[i+1])
	}
	m.send()
}

// decided: the checklist by two people, then the decision of the partner.
func (m *matter) decided() {
	m.change("managing_partner")
	m.Open("/desk/"+m.id, 1280)
	m.do("tick_checklist", "checklist", "allegations,materials,both_sides,timeline")
	m.change("designated_officer")
	m.Open("/desk/"+m.id, 1280)
	m.do("confirm_checklist")
	m.change("managing_partner")
	m.Open("/desk/"+m.id, 1280)
	m.do("decide", "finding", "开庭前两周未与当事人沟通，属实", "conclusion", "partly", "measure", "更换承办律师", "remedy", "apology", "reply_text", "已为您更换承办律师并致歉")
	m.Examine("journey2-decided", 1280)
}

// answered: the written reply with its sheet, and the client informed.
func (m *matter) answered() {
	m.change("designated_officer")
	m.Open("/desk/"+m.id, 1280)
	m.Link("书面答复")
	m.Fill("#say-body", "经查，您反映的情况基本属实。已为您更换承办律师，并向您致歉。")
	m.Link("发出答复")
	m.Sees("已为您更换承办律师，并向您致歉")
	m.Click(`main a[href*="/replies/"]`)
	m.Sees("王女士")
	m.Examine("journey2-letter", 1280)
	m.Open("/desk/"+m.id, 1280)
	m.do("inform_customer", "informed_how", "phone", "informed_text", "已告知处理意见，书面答复已寄出", "reaction", "接受")
	m.Open(m.status, 1280)
	m.Sees("已为您更换承办律师，并向您致歉")
	m.Missing(m.lawyer)
	m.Examine("journey2-status-answered", 1280)
}

// closed: closed and the client asked whether he is satisfied.
func (m *matter) closed() {
	m.Open("/desk/"+m.id, 1280)
	m.do("close", "result", "partly", "result_text", "已更换承办律师并致歉", "lesson", "change", "lesson_text", "开庭前三日须与当事人通话")
	m.do("satisfaction", "satisfaction", "5", "correctly_met", "yes", "survey_comment", "处理及时")
	m.Examine("journey2-closed", 1280)
}

// filed: the archivist files it; the dossier of the year lists it with its originals.
func (m *matter) filed() {
	m.change("archivist_clerk")
	m.Open("/register", 1280)
	m.Link("年度案卷")
	m.Sees(m.number)
	m.Click(fmt.Sprintf(`main a[href*="/cases/%s/do/file"]`, m.id))
	m.Until(`document.querySelector('dialog[open] form#action, main form#action') !== null`)
	m.fill("shelf", "2025-甲-03")
	m.fill("file_list", "登记表、委托合同、意见、答复")
	m.fill("retain_until", "2035-12-31")
	m.send()
	m.Open("/register/2025/dossier", 1280)
	m.Sees("委托合同.pdf")
	m.Sees(m.number)
	m.Examine("journey2-dossier", 1280)
}

// proven: the clauses that were exercised show the matter.
func (m *matter) proven() {
	m.change("designated_officer")
	for _, clause := range []string{"r19.1.1.4.1.1", "r19.1.2.2.1", "r19.1.2.5.1", "r19.1.2.5.2", "r19.1.2.6.1", "r19.1.2.7.5", "r19.1.3.2"} {
		m.Open("/read/r19/"+clause, 1280)
		m.Sees("开庭前两周没有任何沟通")
		if n := m.Read(fmt.Sprintf(`document.querySelectorAll('main a[href="/cases/%s"]').length`, m.id)); n == "0" {
			m.t.Errorf("%s does not lead to the case", clause)
		}
	}
	m.Examine("journey2-clause", 1280)
}

// TestRefusalsAndClocksInABrowser: a case is not closed before its customer knows the result; a promised answer is warned
// of, late and escalated over a weekend on which one works.
func TestRefusalsAndClocksInABrowser(t *testing.T) {
	h := open(t, "service")
	t.Run("closing is refused with the article, then done rightly", h.closeInABrowser)
	t.Run("a promise over a make-up weekend", h.promiseInABrowser)
}

// enter fills in the form of a new case and returns its id.
func (s *seat) enter(kind string, pairs ...string) string {
	s.t.Helper()
	s.Open("/cases/new?kind="+kind, 1280)
	for i := 0; i+1 < len(pairs); i += 2 {
		s.fill(pairs[i], pairs[i+1])
	}
	s.send()
	s.Until(`/^\/(cases|desk)\/[^/]+$/.test(location.pathname) && location.pathname !== '/cases/new'`)
	return strings.Split(strings.Split(s.Path(), "?")[0], "/")[2]
}

func (h *house) closeInABrowser(t *testing.T) {
	s := h.sit(t, "service_agent")
	defer s.telling()
	id := s.enter("complaint", "channel", "phone", "subject", "送货迟到三天", "content", "约定周一送货，周四才到，没有人通知。", "item", "订单 20250922", "contact_name", "陈女士", "contact_phone", "13900137010", "desired_result", "道歉并说明原因", "read_back", "yes", "customer_view", "一再改期，白等了三天")
	s.Open("/desk/"+id, 1280)
	s.do("accept")
	s.do("investigate", "plan", "核对配送记录")
	s.do("resolve", "solution", "减免运费并致歉", "true_cause", "排班遗漏")
	written := []string{"result", "solved", "result_text", "已向客户致歉并减免运费", "true_cause", "排班遗漏", "prevention", "每日核对未派订单"}
	s.call("close")
	for i := 0; i < len(written); i += 2 {
		s.fill(written[i], written[i+1])
	}
	s.send()
	s.Sees("投诉没有处理方案或者客户答复，不能办结。")
	for i := 0; i < len(written); i += 2 {
		if got := s.Read(fmt.Sprintf(`document.querySelector('form#action [name=%s]').value`, written[i])); got != written[i+1] {
			t.Errorf("%s typed became %q", written[i], got)
		}
	}
	s.Sees("2.1(3)③")
	s.Examine("journey4-refused", 1280)
	s.Width(390)
	s.Examine("journey4-refused-390", 390)
	s.Width(1280)
	s.Click(`main a[href="/read/r11/r11.2.1.3.3"]`)
	s.Sees("投诉处理结果应当告知客户。")
	s.Examine("journey4-clause-refused", 1280)
	s.Open("/desk/"+id, 1280)
	s.do("inform_customer", "informed_how", "phone", "informed_text", "已说明原因并致歉", "reaction", "接受")
	s.call("close")
	for i := 0; i < len(written); i += 2 {
		if got := s.Read(fmt.Sprintf(`document.querySelector('form#action [name=%s]').value`, written[i])); got != written[i+1] {
			t.Errorf("%s typed before the refusal is gone: %q", written[i], got)
		}
	}
	s.send()
	s.Sees("已办结")
	s.Open("/read/r11/r11.2.1.3.3", 1280)
	for _, result := range []string{"refused", "passed"} {
		s.Open("/read/r11/r11.2.1.3.3?result="+result, 1280)
		if n := s.Read(fmt.Sprintf(`document.querySelectorAll('main a[href="/cases/%s"]').length`, id)); n == "0" {
			t.Errorf("the clause shows no outcome %s of the case", result)
		}
	}
	s.Open("/read/r11/r11.2.1.3.3", 1280)
	s.Examine("journey4-clause", 1280)
}

// at moves the clock of the house, lets time act, and signs in anew, for the session may have ended.
func (s *seat) at(h *house, when time.Time, login string) {
	s.t.Helper()
	h.clock.Set(when)
	if err := h.app.Tick(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.change(login)
}

// clock reads the badge of the clock of an article: its class, words and tooltip.
func (s *seat) clock(printed string) string {
	s.t.Helper()
	return s.Read(fmt.Sprintf(`((e) => e ? e.className + ' | ' + e.innerText + ' | ' + e.title : 'no such clock')([...document.querySelectorAll('main .dk-clock')].find((e) => e.innerText.includes(%q)))`, printed))
}

func (h *house) promiseInABrowser(t *testing.T) {
	const printed = "2.1(2)④"
	friday := time.Date(2025, 9, 26, 8, 0, 0, 0, time.UTC) // 16:00 in Shanghai
	h.clock.Set(friday)
	s := h.sit(t, "service_agent")
	defer s.telling()
	id := s.enter("inquiry", "channel", "phone", "subject", "发票抬头能否更改", "content", "上月的发票抬头写错，能不能换开？", "contact_name", "赵先生", "contact_phone", "13900137011")
	s.Open("/desk/"+id, 1280)
	s.do("promise", "promised_at", "2025-09-28T11:00", "told", "需向财务核实，周日上午十一点前回电")
	s.shows(printed, "dk-clock-running", "剩余", "2025-09-28 11:00")
	s.Examine("journey3-promised", 1280)
	s.at(h, time.Date(2025, 9, 28, 2, 11, 0, 0, time.UTC), "service_agent") // a minute before 80 % of four working hours
	s.Open("/desk/"+id, 1280)
	s.shows(printed, "dk-clock-running", "剩余", "2025-09-28 11:00")
	s.at(h, time.Date(2025, 9, 28, 2, 12, 0, 0, time.UTC), "service_agent")
	s.Open("/desk/"+id, 1280)
	s.shows(printed, "dk-clock-warned", "即将到期", "2025-09-28 11:00")
	s.Examine("journey3-warned", 1280)
	s.Open("/notices", 1280)
	s.Sees("即将到期")
	s.Sees(printed)
	s.Examine("journey3-warned-notice", 1280)
	s.at(h, time.Date(2025, 9, 28, 3, 1, 0, 0, time.UTC), "service_agent")
	s.Open("/desk/"+id, 1280)
	s.shows(printed, "dk-clock-late", "已超时", "2025-09-28 11:00")
	s.Examine("journey3-late", 1280)
	s.Width(390)
	s.Examine("journey3-late-390", 390)
	s.change("service_team_leader")
	s.Open("/notices", 1280)
	s.Sees("已超时")
	s.Sees(printed)
	s.Examine("journey3-escalated", 1280)
	s.Open("/read/r11/r11.2.1.2.4?result=late", 1280)
	s.Sees("发票抬头能否更改")
	s.Click(fmt.Sprintf(`main a[href="/cases/%s"]`, id))
	s.Sees("需向财务核实")
	s.Open("/read/r11/r11.2.1.2.4?result=late", 1280)
	s.Examine("journey3-clause", 1280)
}

// shows holds the badge of a clock against what it should say.
func (s *seat) shows(printed string, parts ...string) {
	s.t.Helper()
	badge := s.clock(printed)
	for _, part := range parts {
		if !strings.Contains(badge, part) {
			s.t.Errorf("the clock of %s is %q, want %q in it", printed, badge, part)
		}
	}
}
