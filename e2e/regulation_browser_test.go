package e2e_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dianke/internal/surface/web/browsertest"
	"dianke/internal/world"
)

// limits is a regulation with one clock, which nobody keeps.
const limits = "答复时限规定\n第一条 客户来件应当在一小时内首次答复。\n第二条 本规定由客户部解释。\n"

// enact imports a text, binds its clauses and takes it into force.
func (h *house) enact(t *testing.T, key, text string, bindings ...[3]string) {
	t.Helper()
	chief := h.signIn(t, "department_manager")
	if status, out := chief.api(http.MethodPost, "/regulations/import", map[string]any{"key": key, "text": text}); status != http.StatusCreated {
		t.Fatalf("import: %d %v", status, out)
	}
	h.bind(t, key, 1, bindings...)
	for _, act := range []string{"submit", "approve", "promulgate"} {
		if status, body := chief.post("/read/"+key+"/versions/1/do/"+act, url.Values{}); status != http.StatusOK {
			t.Fatalf("%s: %d %.300s", act, status, body)
		}
	}
}

// bind adds controls to a draft: clause, control, rule.
func (h *house) bind(t *testing.T, key string, no int, bindings ...[3]string) {
	t.Helper()
	chief := h.signIn(t, "department_manager")
	for _, b := range bindings {
		path := fmt.Sprintf("/read/%s/%s/bindings/new?v=%d", key, b[0], no)
		if status, body := chief.post(path, url.Values{"control": {b[1]}, "spec": {b[2]}}); status != http.StatusOK || strings.Contains(body, `data-testid="mistake"`) {
			t.Fatalf("bind %s: %d %.400s", b[0], status, body)
		}
	}
}

// TestAnAuditorGoesFromTheMapToTheRecordAndHandsOutProof: from the heat map to the late case in three clicks, a quarter
// frozen and signed by another, the archive read by somebody without an account.
func TestAnAuditorGoesFromTheMapToTheRecordAndHandsOutProof(t *testing.T) {
	h := open(t)
	h.enact(t, "limits", limits, [3]string{"limits.1", "deadline", "start: case.create\nstop: case.answer\nwithin: 1h\n"})
	officer := h.signIn(t, "complaint_officer")
	late := officer.create("cases", map[string]any{"kind": "inquiry", "channel": "phone", "subject": "发票抬头", "content": "能否改抬头", "desired_result": "答复"})
	h.clock.Advance(5 * time.Hour)
	if err := h.app.Tick(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := h.sit(t, "auditor")
	defer s.telling()
	s.Open("/compliance", 1280)
	s.Sees("答复时限规定")
	s.Examine("journey2-map", 1280)
	s.Click(`a[href="/compliance/limits?month=2025-09"]`) // one
	s.Sees("答复时限规定")
	s.Click(`a[href="/read/limits/limits.1?month=2025-09"]`) // two
	s.Sees("客户来件应当在一小时内首次答复")
	s.Examine("journey2-clause", 1280)
	s.Click(`main a[href="/cases/` + late + `"]`) // three
	s.Sees("发票抬头")
	s.Open("/compliance", 390)
	s.Examine("journey2-map-phone", 390)
	id := h.frozen(t, s)
	h.handedOut(t, id)
}

// frozen freezes a quarter in the browser; somebody else signs it.
func (h *house) frozen(t *testing.T, s *seat) string {
	t.Helper()
	s.Open("/compliance/statement?status=breached", 1280)
	s.Sees("违反")
	s.Examine("journey2-statement", 1280)
	s.Link("合规评估")
	s.Open("/assessments/new", 1280)
	s.Fill("[name=title]", "三季度评估")
	s.Fill("[name=from_month]", "2025-07")
	s.Fill("[name=to_month]", "2025-09")
	s.Link("保存")
	s.Sees("三季度评估")
	s.press("freeze")
	s.Sees("检查档案")
	s.Examine("journey2-frozen", 1280)
	id := strings.TrimPrefix(strings.Split(s.Path(), "?")[0], "/assessments/")
	director := h.signIn(t, "company_management")
	if status, out := director.api(http.MethodPost, "/assessments/"+id+"/actions/sign", map[string]any{"opinion": "按期整改。"}); status != http.StatusOK {
		t.Fatalf("sign: %d %v", status, out)
	}
	return id
}

// handedOut unpacks the archive beside the house and reads it there, without an account and without the program.
func (h *house) handedOut(t *testing.T, id string) {
	t.Helper()
	status, body := h.signIn(t, "auditor").get("/compliance/assessments/" + id + "/archive.zip")
	if status != http.StatusOK {
		t.Fatalf("archive: %d %.300s", status, body)
	}
	dir := t.TempDir()
	unzip(t, []byte(body), dir)
	b := browsertest.Start(t, "file://"+dir)
	b.Visit("/index.html", 1280)
	b.Sees("三季度评估")
	b.Sees("按期整改。")
	b.Sees("客户来件应当在一小时内首次答复")
	b.Sees("违反")
	if n := b.Read("document.querySelectorAll('script, link[rel=stylesheet], img').length"); n != "0" {
		t.Errorf("the page asks for %s things outside itself", n)
	}
	b.Examine("journey2-archive", 1280)
	b.Visit("/regulations/limits.txt", 1280)
	b.Sees("答复时限规定")
}

func unzip(t *testing.T, raw []byte, dir string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestARevisedRegulationLeavesOldCasesToTheOldText: a new version from the page, its difference with two controls to look
// at again, both reviewed; an old case is judged by the old text, a new one by the new.
func TestARevisedRegulationLeavesOldCasesToTheOldText(t *testing.T) {
	h := open(t)
	guard := func(field, say string) string {
		return "on: case.close\nrefuse_if: record." + field + " == \"\"\nsay: {zh: " + say + ", en: Fill it in first.}\n"
	}
	h.enact(t, "closing", "办结规定\n第一条 办结前写明根本原因。\n第二条 办结前写明防范措施。\n",
		[3]string{"closing.1", "detector", "watch: case.close\nbreach_if: record.true_cause == \"\"\n"}, [3]string{"closing.2", "guard", guard("lesson_text", "旧条文要求写明防范措施。")})
	officer := h.signIn(t, "complaint_officer")
	matter := map[string]any{"kind": "inquiry", "channel": "phone", "subject": "旧案", "content": "问营业时间", "desired_result": "答复"}
	old := officer.create("cases", matter)
	h.clock.Advance(time.Hour)
	s := h.sit(t, "department_manager")
	defer s.telling()
	s.Open("/read/closing/versions", 1280)
	s.Link("起草新版本")
	s.Sees("V2")
	chief := h.signIn(t, "department_manager")
	h.reword(t, chief, "closing", map[string]string{"closing.1": "办结前写明根本原因，并说明如何查明。", "closing.2": "办结前写明经验教训。"})
	s.Open("/read/closing/diff?from=1&to=2", 1280)
	s.Sees("需要重新确认的管控")
	s.Sees("并说明如何查明")
	s.Examine("journey4-diff", 1280)
	s.Width(390)
	s.Examine("journey4-diff-phone", 390)
	s.Width(1280)
	h.rebind(t, s, "closing.2", guard("lesson", "新条文要求写明经验教训。"))
	h.rebind(t, s, "closing.1", "watch: case.close\nbreach_if: record.lesson == \"\"\n")
	for _, act := range []string{"submit", "approve", "promulgate"} {
		if status, body := chief.post("/read/closing/versions/2/do/"+act, url.Values{}); status != http.StatusOK {
			t.Fatalf("%s: %d %.300s", act, status, body)
		}
	}
	h.clock.Advance(time.Minute)
	matter["subject"] = "新案"
	fresh := officer.create("cases", matter)
	for id, want := range map[string]string{old: "旧条文要求写明防范措施。", fresh: "新条文要求写明经验教训。"} {
		if status, out := officer.api(http.MethodPost, "/cases/"+id+"/actions/answer", map[string]any{"text": "九点。"}); status != http.StatusOK {
			t.Fatalf("answer: %d %v", status, out)
		}
		_, out := officer.api(http.MethodPost, "/cases/"+id+"/actions/close", map[string]any{})
		if text := fmt.Sprint(out); !strings.Contains(text, want) {
			t.Errorf("close %s says %v, want %q", id, out, want)
		}
	}
	s.change("complaint_officer")
	s.Open("/cases/"+old, 1280)
	s.Examine("journey4-old-case", 1280)
}

// reword changes the words of clauses of the draft.
func (h *house) reword(t *testing.T, chief *person, key string, words map[string]string) {
	t.Helper()
	done := 0
	for clause, text := range words {
		_, list := chief.api(http.MethodGet, "/clauses?f=key:eq:"+clause, nil)
		for _, c := range items(list) { // of both versions; only the draft takes a change
			if status, _ := chief.api(http.MethodPatch, fmt.Sprintf("/clauses/%v", c["id"]), map[string]any{"body": text}, "If-Match", "*"); status == http.StatusOK {
				done++
			}
		}
	}
	if done != len(words) {
		t.Fatalf("%d clauses of %s reworded of %d", done, key, len(words))
	}
}

// rebind looks at a control of the new version again, on its page.
func (h *house) rebind(t *testing.T, s *seat, clause, spec string) {
	t.Helper()
	s.Open("/read/closing/"+clause+"?v=2", 1280)
	s.Click(`main a[href*="/bindings/"]:not([href*="/new"])`)
	s.Fill("[name=spec]", spec)
	s.Link("保存")
	s.Missing("规则有误")
}

// TestATextOfAnotherCompanyBecomesLaw: imported with proposals, two edited, approved by two people, in force next Monday,
// signed; on Tuesday a clerk is refused by one of its articles and reads why.
func TestATextOfAnotherCompanyBecomesLaw(t *testing.T) {
	text, err := os.ReadFile("../internal/engine/regulation/proposal/testdata/wholesale.txt")
	if err != nil {
		t.Fatal(err)
	}
	h := open(t)
	s := h.sit(t, "department_manager")
	defer s.telling()
	s.Open("/library/import", 1280)
	s.Fill("[name=key]", "trade")
	s.Eval(fmt.Sprintf(`((e) => { e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('[name=text]'))`, string(text)))
	s.Link("拆分并存为草案")
	s.Sees("已存入 1 部制度草案")
	s.Open("/read/trade/proposals?v=1", 1280)
	s.Examine("journey1-proposals", 1280)
	s.Eval(`(() => { document.querySelector('#accept-all select').value = '50'; document.querySelector('#accept-all .btn-primary').click(); })()`)
	s.Until(`document.readyState === 'complete' && document.querySelectorAll('[data-settled]').length > 0`)
	h.edited(t, s, 0, "acknowledge", "within: 3d\n")
	h.edited(t, s, 1, "guard", "on: customer.create\nrefuse_if: record.source == \"referral\" && record.remarks == \"\"\nsay: {zh: 转介绍的商户请写明介绍人。, en: Say who referred the customer.}\n")
	h.twoApprove(t, s)
	h.tuesday(t, s)
}

// edited opens the next proposal that waits and writes another control for its clause.
func (h *house) edited(t *testing.T, s *seat, nth int, control, spec string) {
	t.Helper()
	s.Open("/read/trade/proposals?v=1", 1280)
	s.Eval(fmt.Sprintf(`document.querySelectorAll('.dk-proposed:not([data-settled])')[%d].querySelector('a[href*="proposal="]').click()`, nth))
	s.Until(`document.readyState === 'complete' && document.querySelector('#binding textarea[name=spec]') !== null`)
	s.Eval(fmt.Sprintf(`(() => { document.querySelector('#binding select[name=control]').value = %q; document.querySelector('#binding textarea[name=spec]').value = %q; document.querySelector('#binding .btn-primary').click(); })()`, control, spec))
	s.Until(`document.readyState === 'complete' && document.querySelector('.dk-proposed') !== null`)
	s.Missing("规则有误")
}

// twoApprove names the posts that approve, submits, and lets both vote; the day is next Monday.
func (h *house) twoApprove(t *testing.T, s *seat) {
	t.Helper()
	chief := h.signIn(t, "department_manager")
	_, list := chief.api(http.MethodGet, "/regulations?f=key:eq:trade", nil)
	id := fmt.Sprint(items(list)[0]["id"])
	if status, out := chief.api(http.MethodPatch, "/regulations/"+id, map[string]any{"approvers": []string{"department_manager", "company_management"}}, "If-Match", "*"); status != http.StatusOK {
		t.Fatalf("approvers: %d %v", status, out)
	}
	s.Open("/read/trade/versions", 1280)
	s.Link("提交审议")
	s.Sees("已提交审议")
	s.Link("批准")
	s.Sees("审议中")
	s.change("company_management")
	s.Open("/read/trade/versions", 1280)
	s.Link("批准")
	s.Sees("已批准")
	s.Fill("[name=effective_on]", "2025-09-29")
	s.Link("公布施行")
	s.Examine("journey1-promulgated", 1280)
}

// tuesday lets the day come, everybody sign, and a clerk be refused.
func (h *house) tuesday(t *testing.T, s *seat) {
	t.Helper()
	ctx := context.Background()
	h.clock.Set(time.Date(2025, 9, 29, 1, 0, 0, 0, time.UTC))
	if err := h.app.Tick(ctx); err != nil {
		t.Fatal(err)
	}
	s.change("customer_clerk")
	s.Open("/read/trade", 390)
	s.Click("#sign .btn-primary")
	s.Sees("签署本版本")
	h.clock.Set(time.Date(2025, 9, 30, 2, 0, 0, 0, time.UTC))
	if err := h.app.Tick(ctx); err != nil {
		t.Fatal(err)
	}
	s.Leave()
	s.SignIn("customer_clerk", world.Password)
	s.Open("/customers/new", 1280)
	s.Fill("[name=name]", "兴隆批发商行")
	s.Eval(`(() => { document.querySelector('[name=kind]').value = 'organisation'; document.querySelector('[name=source]').value = 'referral'; document.querySelector('[name=legal_basis]').value = 'contract'; })()`)
	s.Link("保存")
	s.Sees("转介绍的商户请写明介绍人。")
	s.Sees("恒达批发有限公司客户服务管理规定")
	s.Examine("journey1-refused", 1280)
	if name := s.Read("document.querySelector('[name=name]').value"); name != "兴隆批发商行" {
		t.Errorf("what was typed is gone: %q", name)
	}
}
