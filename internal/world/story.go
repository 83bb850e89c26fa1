package world

import (
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
)

// firstCustomers are those the company had before the year began.
func (t *teller) firstCustomers() error {
	if err := t.care(); err != nil {
		return err
	}
	for range 40 {
		if err := t.customer(); err != nil {
			return err
		}
	}
	return nil
}

// customer is met by an account manager or a salesperson.
func (t *teller) customer() error {
	owner := pick(t.rnd, []string{"account_manager", "salesperson", "sales_team_leader"})
	if t.people[owner] == 0 {
		owner = "account_manager"
	}
	in := map[string]any{
		"kind": "organisation", "name": pick(t.rnd, places()) + pick(t.rnd, marks()) + pick(t.rnd, trades()) + "有限公司",
		"phone": fmt.Sprintf("0571-8800%04d", t.rnd.IntN(10000)), "mail": fmt.Sprintf("office%d@sample-customer.example", len(t.customers)),
		"industry": pick(t.rnd, industries()), "source": pick(t.rnd, []string{"phone", "visit", "event", "referral", "web_form"}),
		"legal_basis": pick(t.rnd, []string{"consent", "contract"}), "address": pick(t.rnd, []string{"330106", "330102", "310115", "320102"}) + " 示范路" + fmt.Sprint(1+t.rnd.IntN(300)) + "号",
		"intent": pick(t.rnd, []string{"priority", "ordinary", "ordinary", "potential"}), "scale": pick(t.rnd, []string{"large", "medium", "small", "small"}),
		"owner_id": t.people[owner].String(),
	}
	if t.rnd.IntN(5) == 0 {
		in["kind"], in["name"] = "person", t.name()
		in["mobile"] = fmt.Sprintf("13900139%03d", t.rnd.IntN(1000))
		delete(in, "industry")
	}
	return t.do(owner, action.Command{Type: "customer", Action: record.Create, Input: in}, func(id record.ID) {
		t.customers = append(t.customers, id)
		t.later(2, step{who: owner, cmd: action.Command{Type: "contact", Action: record.Create, Input: map[string]any{
			"customer_id": id.String(), "name": t.name(), "mobile": fmt.Sprintf("13900138%03d", t.rnd.IntN(1000)),
		}}})
		t.consents(owner, id)
		for months := 5; months < 12 && t.rnd.IntN(8) > 0; months += 5 {
			t.act(months*30*24, owner, "customer", "verify", id, map[string]any{"note": "电话核对联系人、地址和开票资料，无变化。"})
		}
		t.later(30+t.rnd.IntN(200), step{who: owner, cmd: action.Command{Type: "need", Action: record.Create, Input: map[string]any{
			"customer_id": id.String(), "content": pick(t.rnd, needs()),
		}}})
		if t.rnd.IntN(3) > 0 {
			t.later(300+t.rnd.IntN(400), step{who: owner, cmd: action.Command{Type: "customer", Action: "activate", ID: id, Input: map[string]any{}}})
		}
	})
}

// year lets the company work day by day.
func (t *teller) year() error {
	for day := t.Clock.Now(); day.Before(t.Now); day = day.AddDate(0, 0, 1) {
		local := day.In(shanghai())
		if local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
			continue
		}
		morning := time.Date(local.Year(), local.Month(), local.Day(), 9, t.rnd.IntN(50), 0, 0, shanghai())
		if err := t.until(morning); err != nil {
			return err
		}
		if err := t.day(); err != nil {
			return err
		}
	}
	return t.until(t.Now)
}

// until does what was planned up to the instant, in order, with the clocks running between.
func (t *teller) until(end time.Time) error {
	for {
		slices.SortStableFunc(t.steps, func(a, b step) int { return a.at.Compare(b.at) })
		if len(t.steps) == 0 || t.steps[0].at.After(end) {
			break
		}
		s := t.steps[0]
		t.steps = t.steps[1:]
		if s.at.After(t.Clock.Now()) {
			t.Clock.Set(s.at)
		}
		if err := t.do(s.who, s.cmd, s.next); err != nil {
			return err
		}
	}
	if end.After(t.Clock.Now()) {
		t.Clock.Set(end)
	}
	_, err := t.Engine.Tick(t.ctx)
	return err
}

func (t *teller) day() error {
	if t.rnd.IntN(4) == 0 {
		if err := t.customer(); err != nil {
			return err
		}
	}
	for range 1 + t.rnd.IntN(2) {
		t.contact()
	}
	if t.rnd.IntN(10) < 7 {
		t.matter()
	}
	for _, chance := range []struct {
		of int
		do func()
	}{{5, t.deal}, {6, t.promise}, {20, t.gift}} {
		if t.rnd.IntN(chance.of) == 0 {
			chance.do()
		}
	}
	if err := t.chores(); err != nil {
		return err
	}
	if t.Clock.Now().In(shanghai()).Weekday() == time.Monday {
		if err := t.look(); err != nil {
			return err
		}
	}
	if t.Now.Sub(t.Clock.Now()) < lastDays {
		for range 2 {
			t.matter()
			t.duty()
			t.duty()
		}
	}
	return nil
}

// lastDays are the days before the story ends; what begins in them is still on the desks.
const lastDays = 6 * 24 * time.Hour

// duty is a task somebody sets himself.
func (t *teller) duty() {
	who := pick(t.rnd, []string{"account_manager", "customer_service_specialist", "complaint_officer", "department_manager"})
	due := t.Clock.Now().AddDate(0, 0, 1+t.rnd.IntN(6))
	t.later(t.rnd.IntN(4), step{who: who, cmd: action.Command{Type: "task", Action: record.Create, Input: map[string]any{
		"title": pick(t.rnd, duties()), "kind": "follow_up", "due_at": due.Format(time.RFC3339), "customer_id": pick(t.rnd, t.customers).String(), "owner_id": t.people[who].String(),
	}}})
}

// renew starts the next version of the general regulation and hands it in for approval.
func (t *teller) renew() error {
	read, err := t.Engine.Read(t.ctx, "r01")
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	d := &regulation.Draft{Key: "r01", Title: read.Regulation.Title, CoverUnits: read.Version.CoverUnits, CoverPosts: read.Version.CoverPosts, Clauses: read.Clauses}
	for _, c := range read.Clauses {
		d.Bindings = append(d.Bindings, read.Bindings[c.Key]...)
	}
	var v *regulation.Version
	err = t.system(func(c *record.Call) error {
		var err error
		v, err = t.Engine.Store(t.ctx, c, d)
		return err
	})
	if err != nil {
		return err
	}
	return t.do("department_manager", action.Command{Type: "regulation_version", Action: "submit", ID: v.ID}, nil)
}

// contact is a call or a visit.
func (t *teller) contact() {
	who := pick(t.rnd, []string{"account_manager", "salesperson", "customer_service_specialist"})
	in := map[string]any{
		"customer_id": pick(t.rnd, t.customers).String(), "channel": pick(t.rnd, []string{"call", "call", "visit", "wechat"}),
		"direction": pick(t.rnd, []string{"in", "out"}), "kind": pick(t.rnd, []string{"service", "care", "inquiry"}),
		"subject": pick(t.rnd, subjects()), "summary": pick(t.rnd, summaries()), "result": "reached",
	}
	t.later(t.rnd.IntN(6), step{who: who, cmd: action.Command{Type: "interaction", Action: record.Create, Input: in}})
}

// matter is a case from its first word to its end; some are late, some wait, a few are never finished.
func (t *teller) matter() {
	kind := pick(t.rnd, []string{"inquiry", "inquiry", "complaint", "complaint", "request", "suggestion", "praise"})
	text := pick(t.rnd, matters()[kind])
	who := "customer_service_specialist"
	if kind == "complaint" {
		who = "complaint_officer"
	}
	in := map[string]any{
		"kind": kind, "channel": pick(t.rnd, []string{"phone", "phone", "mail", "web_form", "visit"}), "subject": text[0], "content": text[1],
		"customer_id": pick(t.rnd, t.customers).String(), "urgency": pick(t.rnd, []string{"normal", "normal", "high"}),
		"contact_name": t.name(), "contact_phone": fmt.Sprintf("13900137%03d", t.rnd.IntN(1000)),
	}
	if kind == "complaint" {
		in["severity"], in["desired_result"], in["no_person"] = pick(t.rnd, []string{"normal", "normal", "high"}), "希望尽快解决并说明原因", true
	}
	t.later(t.rnd.IntN(5), step{who: who, cmd: action.Command{Type: "case", Action: record.Create, Input: in}, next: func(id record.ID) {
		t.work(who, kind, id)
	}})
}

// work plans the steps of a case.
func (t *teller) work(who, kind string, id record.ID) {
	at := 0
	plan := func(hours int, act string, in map[string]any) {
		at += hours
		t.later(at, step{who: who, cmd: action.Command{Type: "case", Action: act, ID: id, Input: in}})
	}
	if kind == "complaint" {
		plan(0, "accept", map[string]any{})
		plan(pick(t.rnd, []int{1, 1, 2, 5}), "note_contact", map[string]any{"channel": "phone", "result": "reached", "summary": "已与客户取得联系，说明处理安排。"})
		plan(3, "notify_arrangement", map[string]any{"text": "核实情况，三个工作日内书面答复。", "confidential": true})
		plan(10, "investigate", map[string]any{})
		plan(20+t.rnd.IntN(30), "reply", map[string]any{"subject": "关于您所反映问题的答复", "body": "经核实，您反映的情况属实。我们已安排更换并向您致歉。", "channel": "letter"})
	} else {
		plan(pick(t.rnd, []int{0, 0, 0, 1, 1, 2, 6}), "answer", map[string]any{"text": pick(t.rnd, answers())})
	}
	if t.rnd.IntN(12) == 0 {
		return // still open
	}
	result := "explained"
	if kind == "complaint" {
		result = "upheld"
	}
	plan(8+t.rnd.IntN(16), "inform_customer", map[string]any{"informed_how": "phone"})
	plan(4, "close", map[string]any{
		"result": result, "result_text": "已按答复办理完毕。",
		"remedy": []any{"explanation"}, "lesson": "none", "lesson_text": "现有流程适用，无需调整。", "true_cause": "配送环节登记有误", "prevention": "增加出库复核",
	})
	if kind == "complaint" {
		plan(24, "call_back", map[string]any{"callback_result": pick(t.rnd, []string{"yes", "yes", "yes", "yes", "yes", "yes", "yes", "no", "unreachable"})})
	}
	plan(30, "satisfaction", map[string]any{"satisfaction": 3 + t.rnd.IntN(3)})
}
