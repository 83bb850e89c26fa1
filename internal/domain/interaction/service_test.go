package interaction_test

import (
	"strings"
	"testing"
	"time"

	"dianke/internal/domain/interaction"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db/dbtest"
)

// client enters a customer of the neighbour.
func (b *bench) client(t *testing.T, changes map[string]any) record.ID {
	t.Helper()
	in := map[string]any{"name": "杭州西湖茶叶", "phone": "0571-87654321"}
	for k, v := range changes {
		in[k] = v
	}
	return b.create(t, b.li, "customer", in)
}

func TestQuickCallNeedsThreeWords(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c := b.client(t, nil)
		id := b.create(t, b.li, "interaction", map[string]any{"channel": "call", "customer_id": c.String(), "summary": "询问春茶价格\n要求报价"})
		i := get[interaction.Interaction](t, b, "interaction", id)
		if i.Direction != "in" || !i.At.Equal(monday) || i.OwnerID != b.li || i.Result != "reached" || i.Subject != "询问春茶价格" {
			t.Errorf("interaction %+v", i)
		}
		cl := get[client](t, b, "customer", c)
		if !cl.LastContactAt.Equal(monday) || !cl.LastVisitAt.IsZero() || cl.NextContact != nil {
			t.Errorf("customer %+v", cl)
		}
		long := b.create(t, b.li, "interaction", map[string]any{"customer_id": c.String(), "summary": strings.Repeat("长", 100)})
		if got := get[interaction.Interaction](t, b, "interaction", long).Subject; got != strings.Repeat("长", 40) {
			t.Errorf("subject of %d characters", len([]rune(got)))
		}
		unknown := b.create(t, b.li, "interaction", map[string]any{"summary": "陌生来电", "caller_number": "13800138000"})
		if get[interaction.Interaction](t, b, "interaction", unknown).CustomerID != 0 {
			t.Error("an unknown caller got a customer")
		}
	})
}

func TestVisitMovesDatesAndOpensWhatFollows(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c := b.client(t, nil)
		id := b.create(t, b.li, "interaction", map[string]any{
			"channel": "visit", "direction": "out", "customer_id": c.String(), "summary": "拜访采购部", "at": "2026-03-01T15:00",
			"need_found": "需要有机认证茶", "need_kind": "有机茶", "opinion": "交货偏慢", "intent_rating": "priority",
			"next_step": "送样", "next_at": "2026-03-05T10:00", "promise_text": "3 月 5 日前送样", "promise_due": "2026-03-05T18:00",
		})
		tasks := list[interaction.Task](t, b, "task", c)
		if len(tasks) != 1 || tasks[0].Title != "送样" || tasks[0].Status != "open" || tasks[0].Kind != "follow_up" || tasks[0].OwnerID != b.li || tasks[0].AboutID != id.String() || !tasks[0].FirstDueAt.Equal(tasks[0].DueAt) {
			t.Errorf("tasks %+v", tasks)
		}
		if p := list[interaction.Promise](t, b, "promise", c); len(p) != 1 || p[0].OwnerID != b.li || p[0].Status != "open" || p[0].InteractionID != id {
			t.Errorf("promises %+v", p)
		}
		if n := list[want](t, b, "need", c); len(n) != 1 || n[0].Product != "有机茶" || n[0].NotedOn.Format(time.DateOnly) != "2026-03-01" {
			t.Errorf("needs %+v", n)
		}
		cl := get[client](t, b, "customer", c)
		if !cl.LastVisitAt.Equal(cl.LastContactAt) || cl.LastVisitAt.IsZero() || cl.NextContact.Format(time.DateOnly) != "2026-03-05" {
			t.Errorf("customer %+v", cl)
		}
		b.create(t, b.li, "interaction", map[string]any{"customer_id": c.String(), "summary": "补录", "at": "2026-02-01T10:00"})
		if later := get[client](t, b, "customer", c); !later.LastContactAt.Equal(cl.LastContactAt) {
			t.Error("an older interaction moved the last contact back")
		}
		b.do(t, b.li, "interaction", record.Update, id, map[string]any{"summary": "拜访采购部和质检部"})
		if len(list[interaction.Task](t, b, "task", c)) != 1 {
			t.Error("a correction of the text opened another task")
		}
	})
}

func TestDeclinedChannelsAndAdvertising(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c := b.client(t, map[string]any{"forbidden_channels": []any{"wechat"}})
		p := b.create(t, b.li, "contact", map[string]any{"customer_id": c.String(), "name": "陈经理", "opted_out": []any{"sms"}})
		other := b.create(t, b.li, "contact", map[string]any{"customer_id": b.client(t, nil).String(), "name": "别家"})
		in := func(channel, kind string, contact record.ID) map[string]any {
			return map[string]any{"customer_id": c.String(), "contact_id": contact.String(), "direction": "out", "channel": channel, "kind": kind, "summary": "s"}
		}
		b.refused(t, b.li, "interaction", record.Create, 0, in("sms", "service", p), "interaction.contact_opted_out.sms")
		b.refused(t, b.li, "interaction", record.Create, 0, in("wechat", "care", p), "interaction.channel_forbidden.wechat")
		b.refused(t, b.li, "interaction", record.Create, 0, in("call", "service", other), "interaction.other_contact")
		b.create(t, b.li, "interaction", in("call", "service", p))
		b.create(t, b.li, "interaction", in("sms", "notice", p))
		sent := b.create(t, b.li, "interaction", in("mail", "service", p))
		if got := get[interaction.Interaction](t, b, "interaction", sent).Result; got != "sent" {
			t.Errorf("a mail just sent counts as %q", got)
		}
		b.refused(t, b.li, "interaction", record.Update, sent, map[string]any{"kind": "marketing"}, "interaction.no_consent.mail")

		ad := in("mail", "marketing", p)
		b.refused(t, b.li, "interaction", record.Create, 0, ad, "interaction.no_consent.mail")
		for _, useless := range []map[string]any{
			{"channels": []any{"sms"}}, {"purpose": "survey"}, {"status": "withdrawn"}, {"expires_on": "2026-03-01"},
			{"recipient": "别的公司"}, {"given_at": "2026-03-03T10:00"},
		} {
			row := map[string]any{"customer_id": c.String(), "purpose": "marketing", "given_at": "2026-01-01T10:00"}
			for k, v := range useless {
				row[k] = v
			}
			b.create(t, b.li, "consent", row)
			b.refused(t, b.li, "interaction", record.Create, 0, ad, "interaction.no_consent.mail")
		}
		b.create(t, b.li, "consent", map[string]any{"customer_id": c.String(), "purpose": "marketing", "given_at": "2026-01-01T10:00", "channels": []any{"mail"}, "expires_on": "2026-03-02", "contact_id": p.String()})
		b.create(t, b.li, "interaction", ad)
	})
}

func TestFailuresRaiseDoubt(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c := b.client(t, nil)
		p := b.create(t, b.li, "contact", map[string]any{"customer_id": c.String(), "name": "陈经理"})
		b.create(t, b.li, "interaction", map[string]any{"customer_id": c.String(), "direction": "out", "result": "wrong_number"})
		cl := get[client](t, b, "customer", c)
		if !cl.PhoneDoubtful || cl.MailDoubtful || !cl.LastContactAt.IsZero() {
			t.Errorf("customer %+v", cl)
		}
		b.create(t, b.li, "interaction", map[string]any{"customer_id": c.String(), "contact_id": p.String(), "channel": "mail", "direction": "out", "result": "bounced"})
		if pe := get[person](t, b, "contact", p); !pe.MailDoubtful || pe.PhoneDoubtful {
			t.Errorf("contact %+v", pe)
		}
		if get[client](t, b, "customer", c).MailDoubtful {
			t.Error("the mail of a contact raised doubt about that of the customer")
		}
	})
}

func TestBadInteractions(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	c := b.client(t, nil).String()
	tests := map[string]struct {
		in  map[string]any
		key string
	}{
		"in the future":        {map[string]any{"at": "2026-03-02T10:01"}, "interaction.future"},
		"left before arriving": {map[string]any{"arrived_at": "2026-03-02T09:00", "left_at": "2026-03-02T08:00"}, "interaction.left_before"},
		"promise without time": {map[string]any{"customer_id": c, "promise_text": "回电"}, "interaction.promise_incomplete"},
		"promise to nobody":    {map[string]any{"promise_text": "回电", "promise_due": "2026-03-02T15:00"}, "interaction.promise_to_nobody"},
		"promise of the past":  {map[string]any{"customer_id": c, "promise_text": "回电", "promise_due": "2026-03-02T08:00"}, "interaction.past"},
		"unknown channel":      {map[string]any{"channel": "pigeon"}, "field.unknown_option"},
		"unknown customer":     {map[string]any{"customer_id": record.ID(12345).String()}, "field.unknown_ref"},
		"satisfaction of six":  {map[string]any{"satisfaction": 6}, "field.too_great"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { b.refused(t, b.li, "interaction", record.Create, 0, tt.in, tt.key) })
	}
}

func TestTaskToContactNeedsAnInteraction(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c, other := b.client(t, nil), b.client(t, nil)
		early := b.create(t, b.li, "interaction", map[string]any{"customer_id": c.String(), "summary": "早先", "at": "2026-02-20T10:00"})
		foreign := b.create(t, b.li, "interaction", map[string]any{"customer_id": other.String(), "summary": "别家"})
		task := func(kind string) record.ID {
			return b.create(t, b.li, "task", map[string]any{"title": "回访", "kind": kind, "customer_id": c.String(), "due_at": "2026-03-02T12:00"})
		}
		id := task("follow_up")
		b.refused(t, b.li, "task", "done", id, map[string]any{}, "field.required")
		b.refused(t, b.li, "task", "done", id, map[string]any{"result": "已联系"}, "task.no_interaction")
		b.refused(t, b.li, "task", "done", id, map[string]any{"result": "已联系", "interaction_id": foreign.String()}, "task.other_customer")
		b.refused(t, b.li, "task", "done", id, map[string]any{"result": "已联系", "interaction_id": early.String()}, "task.too_early")
		b.clock.Advance(3 * time.Hour)
		call := b.create(t, b.li, "interaction", map[string]any{"customer_id": c.String(), "direction": "out", "kind": "care", "summary": "满意"})
		b.do(t, b.li, "task", "done", id, map[string]any{"result": "客户满意", "interaction_id": call.String()})
		if got := get[interaction.Task](t, b, "task", id); got.Status != "done" || !got.Late || got.InteractionID != call || got.EndedBy != b.li {
			t.Errorf("task %+v", got)
		}
		b.refused(t, b.li, "task", "cancel", id, map[string]any{"reason": "x"}, "record.wrong_state")
		b.do(t, b.li, "task", "done", task("call_back"), map[string]any{"result": "未联系", "reason": "客户已撤销电话"})
		b.do(t, b.li, "task", "done", task("approval"), map[string]any{"result": "同意"})

		direct := task("visit")
		b.create(t, b.li, "interaction", map[string]any{"customer_id": c.String(), "channel": "visit", "summary": "已上门", "task_id": direct.String()})
		if got := get[interaction.Task](t, b, "task", direct); got.Status != "done" || got.Result != "已上门" {
			t.Errorf("task answered by a visit %+v", got)
		}
		b.refused(t, b.li, "interaction", record.Create, 0, map[string]any{"customer_id": other.String(), "task_id": task("visit").String()}, "task.other_customer")
	})
}

func TestTasksMoveAndAreTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	id := b.create(t, b.li, "task", map[string]any{"title": "整理", "due_at": "2026-03-03T10:00", "owner_id": ""})
	b.refused(t, 0, "task", "take", id, nil, "task.take_person")
	b.do(t, b.wang, "task", "take", id, nil)
	b.refused(t, b.li, "task", "take", id, nil, "task.taken")
	b.refused(t, b.wang, "task", "postpone", id, map[string]any{"due_at": "2026-03-01T10:00", "reason": "r"}, "interaction.past")
	b.refused(t, b.wang, "task", "postpone", id, map[string]any{"due_at": "2026-03-03T09:00", "reason": "r"}, "task.not_later")
	b.do(t, b.wang, "task", "postpone", id, map[string]any{"due_at": "2026-03-04T10:00", "reason": "等资料"})
	got := get[interaction.Task](t, b, "task", id)
	if got.Postponed != 1 || got.OwnerID != b.wang || !got.DueAt.Equal(got.FirstDueAt.Add(24*time.Hour)) {
		t.Errorf("task %+v", got)
	}
	if own := b.create(t, b.li, "task", map[string]any{"title": "自己的"}); get[interaction.Task](t, b, "task", own).OwnerID != b.li {
		t.Error("a task entered without owner is nobody's")
	}
}

func TestLatePromisesAndTasksAreMarkedOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c := b.client(t, nil)
		in := map[string]any{"customer_id": c.String(), "content": "送样", "due_at": "2026-03-05T18:00"}
		p, kept := b.create(t, b.li, "promise", in), b.create(t, b.li, "promise", in)
		b.create(t, b.li, "task", map[string]any{"title": "备样", "due_at": "2026-03-05T12:00"})
		b.create(t, b.li, "task", map[string]any{"title": "没有期限"})
		b.do(t, b.li, "promise", "keep", kept, nil)
		mark := func(want int) {
			t.Helper()
			if n, err := interaction.MarkLate(ctx, b.run, b.scope(0, "task", record.Update)); err != nil || n != want {
				t.Errorf("marked %d, %v; want %d", n, err, want)
			}
		}
		mark(0)
		b.clock.Advance(4 * 24 * time.Hour)
		mark(2)
		mark(0)
		b.do(t, b.li, "promise", "keep", p, map[string]any{"outcome": "晚一天送到"})
		if got := get[interaction.Promise](t, b, "promise", p); got.Status != "kept" || !got.Late {
			t.Errorf("promise %+v", got)
		}
		if got := get[interaction.Promise](t, b, "promise", kept); got.Late {
			t.Error("a promise kept in time is late")
		}
	})
}

func TestFacts(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c := b.client(t, nil)
		about := b.create(t, b.li, "task", map[string]any{"title": "回访", "kind": "call_back", "customer_id": c.String(), "due_at": "2026-03-02T09:00"})
		b.create(t, b.li, "interaction", map[string]any{"customer_id": c.String(), "channel": "visit", "at": "2026-02-20T10:00"})
		b.create(t, b.li, "interaction", map[string]any{"customer_id": c.String(), "at": "2026-03-01T10:00", "result": "no_answer", "about_type": "task", "about_id": about.String()})
		b.create(t, b.li, "promise", map[string]any{"customer_id": c.String(), "content": "回电", "due_at": "2026-03-02T12:00"})
		visited := time.Date(2026, 2, 20, 2, 0, 0, 0, time.UTC)
		tests := []struct {
			name string
			args []any
			want any
		}{
			{"interactions_since", []any{c, int64(30)}, int64(2)},
			{"interactions_since", []any{c, int64(5)}, int64(1)},
			{"contacts_since", []any{c, int64(30)}, int64(1)},
			{"visits_since", []any{c, int64(30)}, int64(1)},
			{"visits_since", []any{c, int64(5)}, int64(0)},
			{"last_contact", []any{c}, visited},
			{"last_contact", []any{record.ID(0)}, time.Time{}},
			{"open_tasks", []any{c}, int64(1)},
			{"open_tasks_of_kind", []any{c, "visit"}, int64(0)},
			{"open_tasks_of_kind", []any{c, "call_back"}, int64(1)},
			{"open_promises", []any{c}, int64(1)},
			{"broken_promises", []any{c}, int64(0)},
			{"tasks_overdue_of", []any{b.li}, int64(1)},
			{"contacts_about", []any{"task", about}, int64(1)},
			{"contacts_about", []any{"case", about}, int64(0)},
		}
		for _, tt := range tests {
			if got := b.fact(t, tt.name, tt.args...); got != tt.want {
				t.Errorf("%s%v = %v, want %v", tt.name, tt.args[1:], got, tt.want)
			}
		}
	})
}

func TestNobodyApprovesHisOwnGift(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.create(t, b.wang, "gift", map[string]any{"title": "茶叶礼盒", "giver": "远山商贸", "value": "260", "received_on": "2026-03-02"})
		g := get[interaction.Gift](t, b, "gift", id)
		if g.State != "declared" || g.OwnerID != b.wang || g.Value == nil || *g.Value != 26000 {
			t.Errorf("declared: %+v", g)
		}
		b.refused(t, b.wang, "gift", "approve", id, map[string]any{"reason": "自己批准"}, "gift.approve_own")
		b.do(t, b.li, "gift", "approve", id, map[string]any{"reason": "部门接待用"})
		b.do(t, b.wang, "gift", "keep", id, nil)
		if g = get[interaction.Gift](t, b, "gift", id); g.State != "kept" || g.ApprovedBy != b.li || g.Note != "部门接待用" {
			t.Errorf("kept: %+v", g)
		}
		b.refused(t, b.wang, "gift", "give_back", id, map[string]any{"reason": "晚了"}, "record.wrong_state")
	})
}

func TestPhoneCostShowsTheExcess(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.create(t, b.li, "phone_cost", map[string]any{"line": "客服热线", "month": "2026-02-01", "cost": "620", "budget": "500"})
		if p := get[interaction.PhoneCost](t, b, "phone_cost", id); p.Excess != 12000 || p.State != "entered" {
			t.Errorf("entered: %+v", p)
		}
		b.do(t, b.li, "phone_cost", "update", id, map[string]any{"cost": "480"})
		if p := get[interaction.PhoneCost](t, b, "phone_cost", id); p.Excess != 0 {
			t.Errorf("within the budget: %+v", p)
		}
		b.do(t, b.li, "phone_cost", "review", id, map[string]any{"review": "改用网络电话"})
		if p := get[interaction.PhoneCost](t, b, "phone_cost", id); p.State != "reviewed" || p.Review != "改用网络电话" || p.ReviewedBy != b.li {
			t.Errorf("reviewed: %+v", p)
		}
	})
}

func TestContactsOfAUnit(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.create(t, b.li, "interaction", map[string]any{"customer_id": b.client(t, nil).String(), "summary": "询价"})
		unit := get[interaction.Interaction](t, b, "interaction", id).UnitID
		if got := b.fact(t, "contacts_of_unit", unit, int64(30)); got != int64(1) {
			t.Errorf("contacts of the unit: %v", got)
		}
		if got := b.fact(t, "contacts_of_unit", record.ID(0), int64(30)); got != int64(0) {
			t.Errorf("contacts of no unit: %v", got)
		}
	})
}
