package e2e_test

import (
	"context"
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/breach"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/world"
)

// charge is what somebody is suspected of, on its way.
type charge struct {
	*seat
	house *house
	t     *testing.T
	id    string // of the breach
	step  string // title of the milder step
}

// TestASuspicionIsAnsweredAndAMeasureAppealedInABrowser: an employee is suspected of a breach, answers with a file, is heard
// and cleared; another breach is confirmed, a measure proposed, confirmed by the personnel office within the law, appealed
// against and changed.
func TestASuspicionIsAnsweredAndAMeasureAppealedInABrowser(t *testing.T) {
	h := open(t)
	c := &charge{seat: &seat{Browser: browsertest.Start(t, h.url), t: t}, house: h, t: t}
	defer c.telling()
	c.ladder()
	c.id = h.suspect(t, "account_manager", "", "")
	for _, step := range []func(){c.notified, c.answered, c.dismissed} {
		step()
	}
	c.id = h.suspect(t, "account_manager", "contact", "pay")
	for _, step := range []func(){c.silent, c.confirmed, c.proposed, c.inEffect, c.appealed, c.changed} {
		step()
	}
}

// suspect writes what the detector of r01.6.2 would find about somebody's customer.
func (h *house) suspect(t *testing.T, login, ladder, step string) string {
	t.Helper()
	ctx, id := context.Background(), record.ID(0)
	err := h.app.InTx(ctx, "test", "job", func(c *record.Call) error {
		people, err := c.Work.Find(ctx, c, "user", record.Where("login", login), 1)
		if err != nil {
			return err
		}
		person := people[0].HeadOf()
		reg, err := record.Find[regulation.Regulation](ctx, c, "regulation", record.Where("key", "r01"), 1)
		if err != nil {
			return err
		}
		customers, err := c.Work.Find(ctx, c, "customer", record.Where("owner_id", person.ID), 1)
		if err != nil {
			return err
		}
		b := &breach.Breach{
			Head: record.Head{UnitID: customers[0].HeadOf().UnitID}, ClauseKey: "r01.6.2", Regulation: "r01", VersionID: reg[0].CurrentID, AboutType: "customer",
			AboutID: customers[0].HeadOf().ID.String(), PersonID: person.ID, Allegation: "超过规定天数没有与客户双向联系。", LadderKey: ladder, StepKey: step, Status: breach.Suspected,
		}
		err = c.Work.Insert(ctx, c, "breach", b)
		id = b.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// ladder is published by the personnel office before anything happens.
func (c *charge) ladder() {
	hr := c.house.signIn(c.t, "hr_officer")
	made := func(path string, in map[string]any) string {
		status, out := hr.api("POST", path, in)
		if status >= 300 {
			c.t.Fatalf("%s: %d %v", path, status, out)
		}
		id, _ := out["id"].(string)
		return id
	}
	c.step = "书面提醒（客户联系）"
	id := made("/ladders", map[string]any{"key": "contact", "title": "客户联系违规处理阶梯"})
	made("/ladder_steps", map[string]any{"ladder_id": id, "position": 1, "key": "reminder", "title": c.step, "kind": "reminder", "months": 3})
	made("/ladder_steps", map[string]any{"ladder_id": id, "position": 2, "key": "pay", "title": "扣减绩效工资（客户联系）", "kind": "pay", "amount": 20000, "months": 6})
	made("/ladders/"+id+"/actions/publish", map[string]any{})
}

func (c *charge) page(login string) {
	c.t.Helper()
	c.change(login)
	c.Open("/breaches/"+c.id, 1280)
}

// both looks at the page in view on a desk and in a hand.
func (c *charge) both(name string) {
	c.t.Helper()
	c.Examine("journey3-"+name, 1280)
	c.Width(390)
	c.Examine("journey3-"+name+"-phone", 390)
	c.Width(1280)
}

func (c *charge) notified() {
	c.SignIn("department_manager", world.Password)
	c.Open("/breaches/"+c.id, 1280)
	c.Sees("尚未告知当事人")
	c.both("manager")
	c.do("notify", "allegation", "八月以来没有与该客户联系", "reply_days", "3")
	c.Sees("已告知当事人")
}

// answered: the notice names regulation, article and version; the person answers with a file.
func (c *charge) answered() {
	c.change("account_manager")
	c.Open("/notices", 1280)
	c.Sees("您涉嫌违反《")
	c.Sees("（V1），请在期限内陈述和申辩")
	c.Open("/breaches/"+c.id, 1280)
	c.Sees("请陈述和申辩")
	c.Sees("八月以来没有与该客户联系")
	c.both("person")
	c.call("hear")
	c.fill("statement", "客户停业装修，双方约定恢复营业后再联系，附聊天记录。")
	c.Upload(`form#action [name=files]`, put(c.t, "聊天记录.pdf", []byte("%PDF-1.7\n1 0 obj\n")))
	c.Examine("journey3-reply", 1280)
	c.send()
	c.Sees("已听取陈述")
	c.Sees("聊天记录.pdf")
}

func (c *charge) dismissed() {
	c.page("department_manager")
	c.Sees("客户停业装修，双方约定恢复营业后再联系")
	c.Sees("聊天记录.pdf")
	c.do("dismiss", "reason", "聊天记录属实，客户停业装修。")
	c.Sees("已排除")
	c.page("account_manager")
	c.Sees("聊天记录属实，客户停业装修。")
	c.both("dismissed")
}

// silent: the deadline of the second notice passes.
func (c *charge) silent() {
	c.page("department_manager")
	c.do("notify", "reply_days", "1")
	c.house.clock.Advance(25 * time.Hour)
	if err := c.house.app.Tick(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	c.page("department_manager")
	c.Sees("逾期未陈述")
}

func (c *charge) confirmed() {
	c.do("confirm", "reason", "逾期未联系且未说明原因。")
	c.Sees("按该阶梯，下一档为“扣减绩效工资（客户联系）”")
	c.both("confirmed")
}

func (c *charge) proposed() {
	c.do("propose", "grounds", "影响客户关系，且未作说明。")
	c.Sees("待人事确认")
	c.Missing("该违规已有处理措施")
}

// inEffect: the personnel office enters the wage; more than the published sum is refused with what is allowed.
func (c *charge) inEffect() {
	c.page("hr_officer")
	c.Click(`#measures a[href^="/measures/"]`)
	c.Sees("扣款限额")
	c.both("measure-hr")
	c.call("confirm")
	c.fill("month_wage", "8000")
	c.fill("minimum_wage", "2420")
	c.fill("amount", "300")
	c.send()
	c.Sees("当月最多可扣 200.00 元")
	c.Examine("journey3-over-limit", 1280)
	c.fill("amount", "")
	c.send()
	c.Sees("已生效")
	c.Sees("当月扣款上限")
	c.both("measure-in-effect")
}

func (c *charge) appealed() {
	c.page("account_manager")
	c.Click(`#measures a[href^="/measures/"]`)
	c.Sees("您可以申诉")
	c.both("measure-person")
	c.do("appeal", "appeal_grounds", "当时在外地出差，不知道有告知，愿意改正。")
	c.Sees("申诉中")
}

func (c *charge) changed() {
	c.page("company_management")
	c.Click(`#measures a[href^="/measures/"]`)
	c.Sees("愿意改正")
	c.both("measure-judge")
	c.do("change", "step_id", c.step, "appeal_reason", "初次违规，态度诚恳。")
	c.Sees("申诉后变更")
	c.page("account_manager")
	c.Click(`#measures a[href^="/measures/"]`)
	c.Sees(c.step)
	c.Sees("初次违规，态度诚恳。")
	c.both("measure-changed")
	c.Open("/notices", 1280)
	c.Sees("申诉结果：变更为客户联系违规处理阶梯 · " + c.step)
}

// TestAnExceptionIsAskedForInABrowser: the request names the clause, the record and who decides; the post the clause names
// approves, and the clause page counts it.
func TestAnExceptionIsAskedForInABrowser(t *testing.T) {
	h := open(t)
	c := &charge{seat: &seat{Browser: browsertest.Start(t, h.url), t: t}, house: h, t: t}
	defer c.telling()
	about := h.guarded(t)
	c.SignIn("account_manager", world.Password)
	c.Open("/exceptions/ask?clause_key=r99.1&about_type=customer&about_id="+about, 1280)
	c.Sees("申请例外")
	c.Sees("部门经理")
	c.Sees("例外测试制度")
	c.both("exception")
	c.fill("reason", "客户要求保留原号码一周")
	c.fill("expires_at", "2025-09-27T10:00")
	c.send()
	c.Sees("已申请")
	c.Sees("客户要求保留原号码一周")
	path := c.Path()
	c.change("department_manager")
	c.Open(path, 1280)
	c.do("approve", "answer", "同意")
	c.Sees("已批准")
	c.both("exception-approved")
	c.Open("/read/r99/r99.1", 1280)
	c.Sees("例外有效")
	c.both("exception-clause")
}

// guarded puts a regulation in force whose clause allows exceptions, and returns a customer of the account manager.
func (h *house) guarded(t *testing.T) string {
	t.Helper()
	ctx, id := context.Background(), ""
	err := h.app.InTx(ctx, "test", "job", func(c *record.Call) error {
		v, err := h.app.Engine.Store(ctx, c, &regulation.Draft{
			Key: "r99", Title: "例外测试制度", TitleEn: "Exceptions", Clauses: []*regulation.Clause{{Key: "r99.1", Printed: "第一条", Level: "article", Body: "客户资料改动须经核实。"}},
			Bindings: []*regulation.Binding{{ClauseKey: "r99.1", Control: "guard", Spec: "on: customer.archive\nrefuse_if: 'true'\nsay: {zh: 不得归档。, en: No.}\nexcept: [department_manager]\nexcept_for: 7d\n"}},
		})
		if err != nil {
			return err
		}
		if err := h.app.Engine.Advance(ctx, c, v); err != nil {
			return err
		}
		people, err := c.Work.Find(ctx, c, "user", record.Where("login", "account_manager"), 1)
		if err != nil {
			return err
		}
		mine, err := c.Work.Find(ctx, c, "customer", record.Where("owner_id", people[0].HeadOf().ID), 1)
		if err == nil {
			id = mine[0].HeadOf().ID.String()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
