package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// TestRegulationTextBecomesClauses imports a text in the browser's way; 23 regulations are found in the one file.
func TestRegulationTextBecomesClauses(t *testing.T) {
	raw, err := os.ReadFile("../../shared/mission/seed.txt")
	if err != nil {
		t.Skip("the source text is not beside the project")
	}
	t.Parallel()
	h := open(t)
	p := h.signIn(t, "department_manager")
	before := total(p, "regulations")
	status, body := p.post("/library/import", url.Values{"key": {"seed"}, "text": {string(raw)}})
	if status != http.StatusOK {
		t.Fatalf("import: %d %.300s", status, body)
	}
	if got := total(p, "regulations") - before; got != 23 {
		t.Errorf("%d regulations, want 23", got)
	}
	if status, out := p.api(http.MethodPost, "/regulations/import", map[string]any{"key": "other", "text": string(raw)}); status != http.StatusCreated || len(items(out)) != 23 {
		t.Errorf("import over the interface: %d %.300v", status, out)
	}
	if status, out := p.api(http.MethodPost, "/regulations/import", map[string]any{"key": "other-01", "text": "另一部制度\n第一条 测试。"}); status != http.StatusConflict {
		t.Errorf("a key that is taken: %d %v", status, out)
	}
	for _, in := range []map[string]any{{"key": "x"}, {"key": "x", "text": " "}, {"key": "x", "text": 4}, {"key": "a/b", "text": "第一条 测试。"}, {"key": "x", "text": "第一条 测试。", "colour": 1}} {
		if status, out := p.api(http.MethodPost, "/regulations/import", in); status != http.StatusUnprocessableEntity {
			t.Errorf("import of %v: %d %v", in, status, out)
		}
	}
	if status, body := p.get("/read/seed-01"); status != http.StatusOK || !strings.Contains(body, "第1条") {
		t.Errorf("reader: %d", status)
	}
	if status, _ := h.signIn(t, "receptionist").post("/library/import", url.Values{"key": {"x"}, "text": {"第一条 测试。"}}); status != http.StatusForbidden {
		t.Errorf("import by a receptionist: %d", status)
	}
	if status, _ := h.signIn(t, "receptionist").api(http.MethodPost, "/regulations/import", map[string]any{"key": "x", "text": "第一条 测试。"}); status != http.StatusForbidden {
		t.Errorf("import by a receptionist over the interface: %d", status)
	}
}

// items are the records of a list.
func items(out map[string]any) []map[string]any {
	raw, _ := out["items"].([]any)
	list := make([]map[string]any, len(raw))
	for i, r := range raw {
		list[i], _ = r.(map[string]any)
	}
	return list
}

func total(p *person, plural string) int {
	p.t.Helper()
	status, out := p.api(http.MethodGet, "/"+plural+"?count=true&limit=1", nil)
	n, ok := out["total"].(float64)
	if status != http.StatusOK || !ok {
		p.t.Fatalf("%s: %d %v", plural, status, out)
	}
	return int(n)
}

// TestComplaintAgainstAnEmployee: the public form, and the person complained of neither finds nor opens the case, nor can
// be put in charge of it.
func TestComplaintAgainstAnEmployee(t *testing.T) {
	t.Parallel()
	h := open(t, "lawfirm")
	officer := h.signIn(t, "designated_officer")
	_, me := h.signIn(t, "lawyer").api(http.MethodGet, "/me", nil)
	name, _ := me["name"].(string)
	visitor := &person{t: t, house: h, client: &http.Client{}}
	status, body := visitor.post("/feedback", url.Values{
		"kind": {"complaint"}, "content": {"代理过程中没有告知开庭时间，造成缺席。"}, "complained_name": {name}, "contact_name": {"委托人甲"},
		"contact_phone": {"13800138000"}, "desired_result": {"退还部分费用"}, "consent": {"on"},
	})
	number := regexp.MustCompile(`CS-\d{4}-\d{6}`).FindString(body)
	if status != http.StatusOK || number == "" {
		t.Fatalf("public form: %d %.300s", status, body)
	}
	_, found := officer.api(http.MethodGet, "/cases?f="+url.QueryEscape("number:eq:"+number), nil)
	items, _ := found["items"].([]any)
	if len(items) != 1 {
		t.Fatalf("the officer finds %v", found)
	}
	id, _ := items[0].(map[string]any)["id"].(string)
	lawyer := h.signIn(t, "lawyer")
	if status, _ := lawyer.api(http.MethodGet, "/cases/"+id, nil); status != http.StatusNotFound && status != http.StatusForbidden {
		t.Errorf("the lawyer opens the case: %d", status)
	}
	if status, out := lawyer.api(http.MethodGet, "/search?q="+number, nil); status != http.StatusOK || strings.Contains(fmt.Sprint(out), id) {
		t.Errorf("the lawyer finds the case: %d %v", status, out)
	}
	lawyerID, _ := me["id"].(string)
	if lawyerID == "" {
		lawyerID, _ = me["user_id"].(string)
	}
	status, refused := officer.api(http.MethodPost, "/cases/"+id+"/actions/assign_handler", map[string]any{"user_id": lawyerID})
	if status != http.StatusUnprocessableEntity || !strings.Contains(fmt.Sprint(refused), "user_id") {
		t.Errorf("the lawyer was made handler: %d %v", status, refused)
	}
	toTheDossier(t, h, officer, id, number)
}

// toTheDossier decides, answers, closes and files the complaint over the interface; the volume of the year holds it.
func toTheDossier(t *testing.T, h *house, officer *person, id, number string) {
	t.Helper()
	partner, archivist := h.signIn(t, "managing_partner"), h.signIn(t, "archivist_clerk")
	idOf := func(p *person) string {
		_, me := p.api(http.MethodGet, "/me", nil)
		id, _ := me["id"].(string)
		return id
	}
	act := func(p *person, path, action string, in map[string]any) {
		t.Helper()
		if status, out := p.api(http.MethodPost, path+"/actions/"+action, in); status != http.StatusOK {
			t.Fatalf("%s: %d %v", action, status, out)
		}
	}
	c := "/cases/" + id
	act(officer, c, "accept", map[string]any{})
	act(officer, c, "triage", map[string]any{"serious": false})
	act(officer, c, "notify_arrangement", map[string]any{"text": "三日内书面答复", "expected_on": "2025-09-30", "contact_person_id": idOf(officer), "confidential": true})
	allegation := officer.create("case_allegations", map[string]any{"case_id": id, "text": "没有告知开庭时间"})
	act(officer, "/case_allegations/"+allegation, "find", map[string]any{"finding": "proven", "source": "通话记录"})
	material := officer.create("case_materials", map[string]any{"case_id": id, "title": "委托合同", "form": "original", "place": "档案柜一"})
	act(officer, "/case_materials/"+material, "verify", map[string]any{"authenticity": "genuine", "check_method": "与留存原件核对"})
	officer.create("case_timeline_entries", map[string]any{"case_id": id, "at": "2025-09-22T09:00:00+08:00", "text": "开庭", "source_kind": "document", "source": "开庭传票"})
	act(officer, c, "opinion", map[string]any{"facts": "没有告知", "assessment": "基本属实", "proposal": "致歉"})
	act(officer, c, "substitute", map[string]any{"user_id": idOf(partner), "reason": "业务分管合伙人"})
	act(partner, c, "tick_checklist", map[string]any{"checklist": []string{"allegations", "materials", "both_sides", "timeline"}})
	act(officer, c, "confirm_checklist", map[string]any{})
	act(partner, c, "decide", map[string]any{"finding": "没有告知开庭时间，属实", "conclusion": "partly", "measure": "更换承办律师", "remedy": []string{"apology"}, "reply_text": "已致歉"})
	ending := map[string]any{"result": "partly", "result_text": "已致歉", "lesson": "change", "lesson_text": "开庭前三日须与当事人通话"}
	act(officer, c, "inform_customer", map[string]any{"informed_how": "phone", "informed_text": "已告知"})
	if status, out := officer.api(http.MethodPost, c+"/actions/close", ending); status != http.StatusConflict || !strings.Contains(fmt.Sprint(out), "r19.1.2.7.5") {
		t.Errorf("closed without a written reply: %d %v", status, out)
	}
	act(officer, c, "reply", map[string]any{"body": "经查属实，向您致歉。", "channel": "letter"})
	act(officer, c, "close", ending)
	act(officer, c, "satisfaction", map[string]any{"satisfaction": 5, "correctly_met": "yes"})
	act(archivist, c, "file", map[string]any{"shelf": "2025-甲-03", "file_list": "登记表、合同、意见、答复", "retain_until": "2035-12-31"})
	if status, body := archivist.get("/register/2025/dossier"); status != http.StatusOK || !strings.Contains(body, number) || !strings.Contains(body, "委托合同") {
		t.Errorf("the dossier of the year: %d", status)
	}
}

// TestCloseIsRefusedWithTheArticle: closing without a result is refused by the regulation, then done rightly.
func TestCloseIsRefusedWithTheArticle(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.signIn(t, "complaint_officer")
	id := p.create("cases", map[string]any{"kind": "complaint", "channel": "phone", "subject": "漏水", "content": "厨房漏水", "no_person": true, "desired_result": "维修"})
	if status, out := p.api(http.MethodPost, "/cases/"+id+"/actions/accept", map[string]any{}); status != http.StatusOK {
		t.Fatalf("accept: %d %v", status, out)
	}
	status, out := p.api(http.MethodPost, "/cases/"+id+"/actions/close", map[string]any{})
	if status != http.StatusConflict || !strings.Contains(fmt.Sprint(out), "r01.7.4") {
		t.Errorf("close without a result: %d %v", status, out)
	}
	page, body := p.post("/cases/"+id+"/do/close", url.Values{})
	if page < 400 || !strings.Contains(body, "第7条") || !strings.Contains(body, "/read/r01/r01.7.4") {
		t.Errorf("the page does not name the article: %d", page)
	}
}

// TestMaskedTelephoneIsRevealedWithAReason: who, when and why stand in the audit log, and the quota ends it.
func TestMaskedTelephoneIsRevealedWithAReason(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.signIn(t, "account_manager").create("customers", map[string]any{
		"name": "示范客户", "kind": "organisation", "mobile": "13800138000", "source": "phone", "legal_basis": "consent",
	})
	p := h.signIn(t, "customer_clerk")
	_, out := p.api(http.MethodGet, "/customers/"+id, nil)
	if text := fmt.Sprint(out); !strings.Contains(text, "138****8000") || strings.Contains(text, "13800138000") {
		t.Fatalf("the clerk sees %v", out)
	}
	if status, body := p.get("/customers/" + id); status != http.StatusOK || strings.Contains(body, "13800138000") {
		t.Errorf("the page shows the number: %d", status)
	}
	reveal := func(reason string) (int, map[string]any) {
		return p.api(http.MethodPost, "/customers/"+id+"/reveal", map[string]any{"fields": []string{"mobile"}, "reason": reason})
	}
	if status, _ := reveal("x"); status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", status)
	}
	h.app.Records.Quota = func(record.Actor) int { return 2 }
	for range 2 {
		if status, out := reveal("客户要求回电"); status != http.StatusOK || !strings.Contains(fmt.Sprint(out), "13800138000") {
			t.Fatalf("reveal: %d %v", status, out)
		}
	}
	if status, _ := reveal("客户要求回电"); status != http.StatusTooManyRequests {
		t.Errorf("beyond the quota: %d", status)
	}
	ctx := context.Background()
	n, err := db.View(ctx, h.app.DB, func(tx *db.Tx) (int, error) {
		var n int
		err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM audit_log WHERE verb = 'customer.reveal' AND detail LIKE '%客户要求回电%'").Scan(&n)
		return n, err
	})
	if n != 2 || err != nil {
		t.Errorf("%d audit entries, %v", n, err)
	}
	status, seen := h.signIn(t, "auditor").api(http.MethodGet, "/audit?verb=customer.reveal&limit=5", nil)
	if list := items(seen); status != http.StatusOK || len(list) != 2 || list[0]["record_id"] != id || !strings.Contains(fmt.Sprint(list[0]["detail"]), "客户要求回电") {
		t.Errorf("the auditor sees: %d %v", status, seen)
	}
	for _, bad := range []string{"before=x", "limit=0", "from=yesterday", "colour=red", "record=?"} {
		if status, _ := h.signIn(t, "auditor").api(http.MethodGet, "/audit?"+bad, nil); status != http.StatusUnprocessableEntity {
			t.Errorf("audit?%s: %d", bad, status)
		}
	}
	if status, _ := p.api(http.MethodGet, "/audit", nil); status != http.StatusForbidden {
		t.Errorf("the clerk reads the audit log: %d", status)
	}
}

// TestTwoPeopleEditOneCustomer: the second is told what the first changed.
func TestTwoPeopleEditOneCustomer(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.signIn(t, "account_manager")
	id := p.create("customers", map[string]any{"name": "示范客户", "kind": "organisation", "source": "phone", "legal_basis": "consent"})
	_, out := p.api(http.MethodGet, "/customers/"+id, nil)
	etag := fmt.Sprintf("%q", fmt.Sprint(out["lock_version"]))
	if status, out := p.api(http.MethodPatch, "/customers/"+id, map[string]any{"industry": "制造业"}, "If-Match", etag); status != http.StatusOK {
		t.Fatalf("first: %d %v (%s)", status, out, etag)
	}
	status, out := p.api(http.MethodPatch, "/customers/"+id, map[string]any{"industry": "零售"}, "If-Match", etag)
	if status != http.StatusPreconditionFailed || !strings.Contains(fmt.Sprint(out["changed"]), "制造业") {
		t.Errorf("second: %d %v", status, out)
	}
}

// TestSearchAmongListedCompanies: Kweichow Moutai is the first hit for its name, its initials, its pinyin and its code.
func TestSearchAmongListedCompanies(t *testing.T) {
	raw, err := os.ReadFile("../../shared/data/cn-reference/listed_companies_gbk.csv")
	if err != nil {
		t.Skip("the list of companies is not beside the project")
	}
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	t.Parallel()
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(raw)
	if err != nil {
		t.Fatal(err)
	}
	h := open(t)
	ctx, n := context.Background(), 0
	err = h.app.InTx(ctx, "test", "test", func(c *record.Call) error {
		for _, line := range strings.Split(string(text), "\n")[1:] {
			cells := strings.Split(strings.TrimSpace(line), ",")
			if len(cells) < 4 {
				continue
			}
			e := h.app.Types.Type("customer").New()
			for name, value := range map[string]string{"name": cells[3], "kind": "organisation", "source": "public_register", "legal_basis": "public_info", "remarks": "股票代码 " + cells[2]} {
				f := h.app.Types.Type("customer").Field(name)
				v, bad := f.Parse(value)
				if bad != nil {
					return bad
				}
				f.Set(e, v)
			}
			if err := c.Work.Insert(ctx, c, "customer", e); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil || n < 4000 {
		t.Fatalf("%d companies, %v", n, err)
	}
	p := h.signIn(t, "department_manager")
	for _, q := range []string{"茅台", "gzmt", "maotai", "600519"} {
		status, out := p.api(http.MethodGet, "/search?q="+url.QueryEscape(q), nil)
		items, _ := out["items"].([]any)
		if status != http.StatusOK || len(items) == 0 || !strings.Contains(fmt.Sprint(items[0]), "贵州茅台") {
			t.Errorf("search %s: %d %.300v", q, status, out)
		}
	}
	h.signIn(t, "account_manager").create("customers", map[string]any{
		"name": "白鹭客栈", "kind": "organisation", "mobile": "13971466138", "source": "phone", "legal_basis": "consent",
	})
	for who, found := range map[string]bool{"account_manager": true, "customer_clerk": false} {
		if status, out := h.signIn(t, who).api(http.MethodGet, "/search?q=71466", nil); status != http.StatusOK || strings.Contains(fmt.Sprint(out), "白鹭客栈") != found {
			t.Errorf("%s finds the owner of the number: %d %.300v", who, status, out)
		}
	}
}

// TestPromiseOverAMakeUpWeekend: an inquiry that cannot be answered at once; the clock warns, goes late and escalates.
func TestPromiseOverAMakeUpWeekend(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.signIn(t, "complaint_officer")
	h.clock.Set(time.Date(2025, 9, 26, 8, 0, 0, 0, time.UTC)) // Friday 16:00
	p.create("cases", map[string]any{"kind": "complaint", "severity": "high", "channel": "phone", "subject": "停电", "content": "整栋停电", "no_person": true, "desired_result": "恢复供电"})
	ctx := context.Background()
	h.clock.Set(time.Date(2025, 9, 28, 2, 12, 0, 0, time.UTC)) // Sunday 10:12: 80 % of four working hours
	if err := h.app.Tick(ctx); err != nil {
		t.Fatal(err)
	}
	p = h.signIn(t, "complaint_officer") // the session of Friday has ended
	if status, out := p.api(http.MethodGet, "/notices?f=clause:eq:r01.7.2", nil); status != http.StatusOK || !strings.Contains(fmt.Sprint(out), "regulation.clock.warning") {
		t.Errorf("nobody was warned: %d %v", status, out)
	}
	h.clock.Set(time.Date(2025, 9, 28, 3, 30, 0, 0, time.UTC)) // Sunday 11:30, a make-up workday: four hours are over at 11:00
	if err := h.app.Tick(ctx); err != nil {
		t.Fatal(err)
	}
	status, body := p.get("/read/r01/r01.7.2?result=late")
	if status != http.StatusOK || !strings.Contains(body, "停电") {
		t.Errorf("the page of the clause: %d, names the case: %v", status, strings.Contains(body, "停电"))
	}
	if status, out := h.signIn(t, "department_manager").api(http.MethodGet, "/notices?f=clause:eq:r01.7.2", nil); status != http.StatusOK || !strings.Contains(fmt.Sprint(out), "regulation.clock.late") {
		t.Errorf("the manager was not told: %d %v", status, out)
	}
}

// TestWorkOfAPhone: what is done with one thumb, over the interface: a visit logged, a case answered, a regulation signed.
func TestWorkOfAPhone(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.signIn(t, "account_manager")
	id := p.create("customers", map[string]any{"name": "松风书店", "kind": "organisation", "source": "phone", "legal_basis": "consent"})
	p.create("interactions", map[string]any{"customer_id": id, "channel": "visit", "direction": "out", "kind": "care", "summary": "店长希望下月送样书。", "result": "reached"})
	if _, out := p.api(http.MethodGet, "/customers/"+id, nil); !strings.Contains(fmt.Sprint(out["fields"]), "last_visit_at:2025-09-26") {
		t.Errorf("the visit does not show at the customer: %v", out["fields"])
	}
	officer := h.signIn(t, "complaint_officer")
	matter := officer.create("cases", map[string]any{"kind": "inquiry", "channel": "phone", "subject": "营业时间", "content": "周末几点开门", "desired_result": "答复"})
	if status, out := officer.api(http.MethodPost, "/cases/"+matter+"/actions/answer", map[string]any{"text": "九点。"}); status != http.StatusOK || out["state"] != "answered" {
		t.Errorf("answer: %d %v", status, out)
	}
	chief := h.signIn(t, "department_manager")
	if status, out := chief.api(http.MethodPost, "/regulations/import", map[string]any{"key": "visits", "text": "随访规定\n第一条 随访当日记录。\n"}); status != http.StatusCreated {
		t.Fatalf("import: %d %v", status, out)
	}
	for _, act := range []string{"submit", "approve", "promulgate"} {
		if status, body := chief.post("/read/visits/versions/1/do/"+act, url.Values{}); status != http.StatusOK {
			t.Fatalf("%s: %d %.300s", act, status, body)
		}
	}
	clerk := h.signIn(t, "customer_clerk")
	_, open := clerk.api(http.MethodGet, "/acknowledgements?f=status:eq:outstanding", nil)
	signed := 0
	for _, a := range items(open) {
		if status, out := clerk.api(http.MethodPost, fmt.Sprintf("/acknowledgements/%v/actions/sign", a["id"]), map[string]any{}); status == http.StatusOK && out["state"] == "signed" {
			signed++
		}
	}
	if _, body := clerk.get("/read/visits"); signed == 0 || !strings.Contains(body, `id="signed"`) {
		t.Errorf("%d signed, the reader does not show it", signed)
	}
}
