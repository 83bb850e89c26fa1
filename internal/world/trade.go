package world

import (
	"fmt"
	"time"

	"dianke/internal/domain/customer"
	"dianke/internal/domain/interaction"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation/breach"
)

// create plans a record that somebody enters some hours from now.
func (t *teller) create(hours int, who, typ string, in map[string]any, next func(record.ID)) {
	t.later(hours, step{who: who, cmd: action.Command{Type: typ, Action: record.Create, Input: in}, next: next})
}

// act plans an action on a record.
func (t *teller) act(hours int, who, typ, name string, id record.ID, in map[string]any) {
	t.later(hours, step{who: who, cmd: action.Command{Type: typ, Action: name, ID: id, Input: in}})
}

// consents are what a new customer agrees to; one in eight takes a consent back.
func (t *teller) consents(who string, customer record.ID) {
	for _, purpose := range []string{"service", "survey", "marketing"} {
		if t.rnd.IntN(3) == 0 {
			continue
		}
		t.create(1+t.rnd.IntN(48), who, "consent", map[string]any{
			"customer_id": customer.String(), "purpose": purpose, "evidence": pick(t.rnd, evidence()), "evidence_in": []any{pick(t.rnd, []string{"paper", "web", "recording"})},
		}, func(id record.ID) {
			if t.rnd.IntN(8) == 0 {
				t.act(500+t.rnd.IntN(2000), who, "consent", "withdraw", id, map[string]any{"reason": "客户来电要求停止"})
			}
		})
	}
}

// deal is a contract with its orders and payments over the weeks that follow.
func (t *teller) deal() {
	customer, number := pick(t.rnd, t.customers).String(), fmt.Sprintf("HT-%s-%03d", t.Clock.Now().In(shanghai()).Format("200601"), t.rnd.IntN(1000))
	amount := (3 + t.rnd.IntN(60)) * 1000
	enter := func(days int, kind string, yuan int, remarks string) {
		on := t.Clock.Now().AddDate(0, 0, days)
		if on.After(t.Now) {
			return
		}
		t.create(days*24+t.rnd.IntN(6), "account_manager", "transaction", map[string]any{
			"customer_id": customer, "kind": kind, "doc_number": number, "dated_on": on.In(shanghai()).Format(time.DateOnly), "amount": fmt.Sprint(yuan), "remarks": remarks,
		}, nil)
	}
	enter(0, "contract", amount, "年度供货与服务")
	enter(3+t.rnd.IntN(5), "order", amount/2, "首批")
	enter(10+t.rnd.IntN(20), "payment", amount/2, "首批货款")
	enter(40+t.rnd.IntN(30), "payment", amount-amount/2, "尾款")
	if t.rnd.IntN(15) == 0 {
		enter(60, "refund", amount/20, "短少退款")
	}
}

// promise is made to a customer and mostly kept.
func (t *teller) promise() {
	who := pick(t.rnd, []string{"account_manager", "customer_service_specialist"})
	days := 1 + t.rnd.IntN(5)
	t.create(t.rnd.IntN(5), who, "promise", map[string]any{
		"customer_id": pick(t.rnd, t.customers).String(), "content": pick(t.rnd, promises()), "due_at": t.Clock.Now().AddDate(0, 0, days).Format(time.RFC3339),
	}, func(id record.ID) {
		switch t.rnd.IntN(10) {
		case 0: // forgotten
		case 1:
			t.act(days*24+30, who, "promise", "break", id, map[string]any{"outcome": "到货延误，未能按时兑现，已向客户致歉"})
		default:
			t.act(days*24-8, who, "promise", "keep", id, map[string]any{"outcome": "已按约定完成"})
		}
	})
}

// gift is declared by who received it and settled a day or two later.
func (t *teller) gift() {
	who := pick(t.rnd, []string{"account_manager", "customer_service_specialist", "customer_clerk"})
	t.create(t.rnd.IntN(6), who, "gift", map[string]any{
		"title": pick(t.rnd, []string{"茶叶一盒", "台历", "水果礼篮", "纪念杯"}), "giver": pick(t.rnd, places()) + pick(t.rnd, marks()) + "有限公司", "value": fmt.Sprint(20 + t.rnd.IntN(200)),
		"received_on": t.Clock.Now().In(shanghai()).Format(time.DateOnly), "occasion": "上门拜访时赠送",
	}, func(id record.ID) {
		if t.rnd.IntN(3) == 0 {
			t.act(20, who, "gift", "give_back", id, map[string]any{"reason": "当面退还"})
			return
		}
		t.act(20, who, "gift", "keep", id, map[string]any{})
	})
}

// care says how often customers of each class are contacted.
func (t *teller) care() error {
	for _, rule := range []struct {
		title, intent string
		days          int
	}{{"优先合作客户", "priority", 60}, {"普通合作客户", "ordinary", 120}, {"潜在合作客户", "potential", 180}} {
		err := t.do("department_manager", action.Command{Type: "care_rule", Action: record.Create, Input: map[string]any{
			"title": rule.title, "intent": rule.intent, "contact_days": rule.days,
		}}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// look lets the engine go through the records, as it does every night, and the manager decide what it suspects; what is
// found in the last days still waits.
func (t *teller) look() error {
	if err := t.Engine.Scan(t.ctx); err != nil {
		return err
	}
	if t.Now.Sub(t.Clock.Now()) < lastDays {
		return nil
	}
	var open []record.ID
	err := t.system(func(c *record.Call) error {
		list, err := record.Find[breach.Breach](t.ctx, c, "breach", record.Where("status", "suspected"), 50)
		for _, b := range list {
			open = append(open, b.ID)
		}
		return err
	})
	for _, id := range open {
		t.act(20, "department_manager", "breach", "notify", id, map[string]any{"reply_days": 3})
		t.act(24, "department_manager", "breach", "hear", id, map[string]any{"statement": "近期客户较多，已安排补联系。"})
		if t.rnd.IntN(2) == 0 {
			t.act(30, "department_manager", "breach", "dismiss", id, map[string]any{"reason": "客户停业装修，约定恢复后再联系。"})
		} else {
			t.act(30, "department_manager", "breach", "confirm", id, map[string]any{"reason": "超过间隔未联系，属实。"})
		}
	}
	return err
}

// chores are the tasks that have come up this morning: most customers are called or visited, the rest is finished.
func (t *teller) chores() error {
	if _, _, err := customer.Daily(t.ctx, t.Records.Runner, t.Guard.SystemScope("customer.daily", "job", "customer", record.Update)); err != nil {
		return err
	}
	var due []*interaction.Task
	logins := map[record.ID]string{}
	for login, id := range t.people {
		logins[id] = login
	}
	err := t.system(func(c *record.Call) error {
		var err error
		due, err = record.Find[interaction.Task](t.ctx, c, "task", record.All(record.Where("status", interaction.Open),
			record.Filter{Field: "due_at", Op: "le", Value: t.Clock.Now().AddDate(0, 0, 1)}), 100)
		return err
	})
	for _, task := range due {
		who, hours := logins[task.OwnerID], 1+t.rnd.IntN(6)
		switch {
		case who == "" || t.rnd.IntN(8) == 0: // nobody's, or forgotten today
		case task.CustomerID != 0 && (task.Kind == "contact" || task.Kind == "visit" || task.Kind == "follow_up"):
			channel := interaction.Call
			if task.Kind == "visit" {
				channel = interaction.Visit
			}
			t.create(hours, who, "interaction", map[string]any{
				"customer_id": task.CustomerID.String(), "channel": channel, "direction": interaction.Out, "kind": "care", "subject": pick(t.rnd, subjects()),
				"summary": pick(t.rnd, summaries()), "result": interaction.Reached, "task_id": task.ID.String(),
			}, nil)
		default:
			t.act(hours, who, "task", "done", task.ID, map[string]any{"result": "已办理"})
		}
	}
	return err
}

func evidence() []string {
	return []string{"签收单背面勾选并签名", "网站表单勾选", "电话录音，客服主管复核", "合同附件三"}
}

func promises() []string {
	return []string{"周五前给出备件到货时间", "两日内寄出对账单", "三天内安排师傅上门", "月底前给出续签报价", "明天上午回电说明处理进度"}
}
