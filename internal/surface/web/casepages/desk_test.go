package casepages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/surface/web/casepages"
)

func TestStepsInTheOrderPeopleNeedThem(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at   casepages.Standing
		want string
	}{
		"new complaint":      {casepages.Standing{State: casework.Received, Complaint: true}, "take accept classify investigate"},
		"new inquiry, owned": {casepages.Standing{State: casework.Received, Owned: true, Classified: true}, "investigate promise"},
		"handed to me":       {casepages.Standing{State: casework.Investigating, Owned: true, HandedToMe: true}, "confirm_handover return_handover"},
		"escalated to me":    {casepages.Standing{State: casework.Answered, Owned: true, EscalatedToMe: true}, "settle_escalation inform_customer close"},
		"complaint accepted": {casepages.Standing{State: casework.Accepted, Complaint: true, Owned: true, Accepted: true}, "notify_arrangement investigate opinion decide"},
		"decided":            {casepages.Standing{State: casework.Investigating, Complaint: true, Owned: true, Arranged: true, Opined: true, Decided: true, Classified: true}, "resolve ask_customer"},
		"customer's turn":    {casepages.Standing{State: casework.Awaiting, Owned: true}, "customer_replied push"},
		"informed":           {casepages.Standing{State: casework.Informed, Owned: true}, "close call_back"},
		"closed":             {casepages.Standing{State: casework.Closed, Owned: true, CalledBack: true, Asked: true}, "file reopen"},
		"filed":              {casepages.Standing{State: casework.Filed, Owned: true}, "satisfaction reopen"},
	}
	for name, tt := range tests {
		if got := strings.Join(casepages.Steps(tt.at), " "); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s, want %s first", name, got, tt.want)
		}
	}
}

func TestTheQueueIsInTheOrderOfClocks(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	var made []string
	for i := range 45 {
		h.clock.Advance(time.Minute)
		id := h.do(t, specialist, "case", record.Create, 0, map[string]any{"kind": "inquiry", "subject": fmt.Sprintf("咨询%02d", i), "content": "请问何时送货？"})
		if i%5 == 0 {
			h.do(t, specialist, "case", "take", id, nil)
		}
		made = append(made, id.String())
	}
	b := h.signIn(t, specialist)
	var got []string
	pages := 0
	for path := "/desk?tab=open"; path != ""; pages++ {
		p := b.Get(path).Want(http.StatusOK)
		if strings.Contains(p.Body, "⟦") {
			t.Fatalf("words are missing: %s", p.Text())
		}
		for _, row := range p.All(".dk-queue-row") {
			for _, a := range row.Attr {
				if a.Key == "href" {
					id, _, _ := strings.Cut(strings.TrimPrefix(a.Val, "/desk/"), "?")
					got = append(got, id)
				}
			}
		}
		path = ""
		if list := p.All(".dk-queue .dk-more a"); len(list) > 0 {
			for _, a := range list[len(list)-1].Attr {
				if a.Key == "href" && strings.Contains(a.Val, "from=") {
					path = a.Val
				}
			}
		}
		if pages > 20 {
			t.Fatal("the queue has no end")
		}
	}
	if pages < 2 {
		t.Errorf("%d pages", pages)
	}
	seen := map[string]bool{}
	for _, id := range got {
		if seen[id] {
			t.Errorf("%s stands in the queue twice", id)
		}
		seen[id] = true
	}
	last := -1
	for _, id := range made {
		i := slices.Index(got, id)
		if i < 0 {
			t.Errorf("%s is not in the queue", id)
		}
		if i < last {
			t.Errorf("%s, due later, stands before an earlier one", id)
		}
		last = i
	}
	first := b.Get("/desk").Want(http.StatusOK)
	if n := len(first.All(".dk-queue-row")); n < 9 {
		t.Errorf("%d of my cases", n)
	}
	if !first.Has(".dk-queue-row .dk-clock") {
		t.Error("no clock in the queue")
	}
	free := b.Get("/desk?tab=unassigned").Want(http.StatusOK)
	for _, row := range free.Texts(".dk-queue-subject") {
		if row == "咨询00" {
			t.Error("a case that was taken is still unassigned")
		}
	}
	for _, bad := range []string{"x.1", "c.1", "c.x.y", "r.nonsense"} {
		if p := b.Get("/desk?from=" + bad); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("place %q: %d", bad, p.Status)
		}
	}
	open := b.Get("/desk/" + got[0] + "?tab=open").Want(http.StatusOK)
	if next := open.Attr("[rel=next]", "href"); next != "/desk/"+got[1]+"?tab=open" || open.Has("[rel=prev]") {
		t.Errorf("next of the first is %s", next)
	}
	if prev := b.Get("/desk/"+got[1]+"?tab=open").Attr("[rel=prev]", "href"); prev != "/desk/"+got[0]+"?tab=open" {
		t.Errorf("previous of the second is %s", prev)
	}
}

func TestAnsweringOnTheDesk(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	id := h.do(t, specialist, "case", record.Create, 0, map[string]any{
		"kind": "inquiry", "subject": "发票抬头", "content": "发票抬头能改吗？<script>alert(1)</script>", "contact_name": "王先生", "contact_phone": "13900137001",
	})
	macro := h.set(t, "case_macro", map[string]any{"title": "开场", "kind": "answer", "body": "{customer}您好，关于{number}：{amount}", "active": true})
	h.set(t, "case_macro", map[string]any{"title": "停用", "kind": "answer", "body": "旧", "active": false})
	b := h.signIn(t, specialist)
	path := "/desk/" + id.String()
	p := b.Get(path).Want(http.StatusOK)
	if strings.Contains(p.Body, "⟦") || strings.Contains(p.Body, "<script>alert") {
		t.Errorf("page: %s", p.Text())
	}
	number := h.load(t, id).Number
	for _, want := range []string{number, "发票抬头能改吗？", "王先生", "适用条款"} {
		if !strings.Contains(p.Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if p.Has("[data-testid=aside] option") || strings.Contains(p.TextOf("#say"), "停用") {
		t.Error("a text that was switched off is offered")
	}
	if p := b.Get(path + "?mode=answer&macro=" + macro.String()).Want(http.StatusOK); !strings.Contains(p.TextOf("#say-body"), "王先生您好，关于"+number+"：{amount}") {
		t.Errorf("macro by a link: %s", p.TextOf("#say"))
	}
	form := url.Values(p.Form(".dk-say-form"))
	form.Set("body", "已写好的话")
	form.Set("macro", macro.String())
	p = b.Post(path+"/macro", form).Want(http.StatusOK)
	if text := p.TextOf("#say-body"); !strings.HasPrefix(text, "已写好的话") || !strings.Contains(text, "王先生您好") || !strings.Contains(p.TextOf("#say"), "amount") {
		t.Errorf("macro put in: %s", p.TextOf("#say"))
	}
	form = url.Values(b.Get(path + "?mode=answer").Form(".dk-say-form"))
	form.Set("body", " ")
	if p = b.Post(path+"/say", form); p.Status != http.StatusUnprocessableEntity || !p.Has("#say-body-error") {
		t.Errorf("an empty answer: %d %s", p.Status, p.TextOf("#say"))
	}
	h.clock.Advance(time.Minute)
	h.do(t, specialist, "case", "note_contact", id, map[string]any{"channel": "phone", "result": "unreachable"})
	form.Set("body", "可以改，请提供税号。")
	p = b.Post(path+"/say", form)
	if p.Status != http.StatusConflict || p.TextOf("#say-body") != "可以改，请提供税号。" || !strings.Contains(p.TextOf("#say"), "有人改动") {
		t.Errorf("somebody was faster: %d %s", p.Status, p.TextOf("#say"))
	}
	form = url.Values(p.Form(".dk-say-form"))
	to := b.Post(path+"/say", form).Want(http.StatusSeeOther).Location()
	if k := h.load(t, id); k.State != casework.Answered || k.Answer != "可以改，请提供税号。" || to != path {
		t.Errorf("answered: %s %q, then %s", k.State, k.Answer, to)
	}
	p = b.Get(path).Want(http.StatusOK)
	if !p.Has("[data-clear-draft]") || !p.Has(".dk-say-out") || !strings.Contains(p.TextOf(".dk-talk"), "可以改，请提供税号。") {
		t.Errorf("conversation: %s", p.TextOf(".dk-talk"))
	}
	note := url.Values{"mode": {"note"}, "body": {"税号已登记"}, "then": {"next"}, "next": {"//elsewhere.example"}}
	if to := b.Post(path+"/say", note).Want(http.StatusSeeOther).Location(); to != "/desk" {
		t.Errorf("next leads to %s", to)
	}
	contact := url.Values{"mode": {"contact"}, "body": {"电话确认收到"}, "channel": {"phone"}, "result": {"reached"}}
	b.Post(path+"/say", contact).Want(http.StatusSeeOther)
	p = b.Get(path)
	if !strings.Contains(p.TextOf(".dk-say-note"), "税号已登记") || !strings.Contains(p.TextOf(".dk-talk"), "电话确认收到") {
		t.Errorf("conversation: %s", p.TextOf(".dk-talk"))
	}
	for _, bad := range []string{"", "shout"} {
		b.Post(path+"/say", url.Values{"mode": {bad}, "body": {"x"}}).Want(http.StatusUnprocessableEntity)
	}
}

func TestARefusalOnTheDeskNamesTheArticle(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	id := h.complaint(t, nil)
	b := h.signIn(t, officer)
	path := "/desk/" + id.String()
	form := url.Values(b.Get(path + "?mode=reply").Want(http.StatusOK).Form(".dk-say-form"))
	form.Set("body", "我们为您更换。")
	p := b.Post(path+"/say", form)
	if p.Status != http.StatusConflict && p.Status != http.StatusUnprocessableEntity || p.TextOf("#say-body") != "我们为您更换。" || !p.Has("#say [role=alert]") {
		t.Fatalf("a reply before acceptance: %d %s", p.Status, p.TextOf("#say"))
	}
	h.do(t, officer, "case", "accept", id, nil)
	p = b.Get(path)
	if len(p.All(".dk-rules li")) == 0 || !strings.HasPrefix(p.Attr(".dk-rules a", "href"), "/read/") {
		t.Errorf("no clause is named: %s", p.TextOf("[data-testid=aside]"))
	}
	if b.Get(p.Attr(".dk-rules a", "href")).Status != http.StatusOK {
		t.Error("the clause leads nowhere")
	}
	if !p.Has("[data-testid=clocks] .dk-clock") {
		t.Error("no clock on a complaint that was accepted")
	}
	step := p.Attr(".dk-actions a", "href")
	if !strings.Contains(step, "/cases/"+id.String()+"/do/") || !strings.Contains(step, "return=") {
		t.Errorf("next step %s", step)
	}
	b.Get(step).Want(http.StatusOK)
}

func TestTwoPeopleOnOneCase(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	id := h.complaint(t, nil)
	path := "/desk/" + id.String()
	first, second := h.signIn(t, officer), h.signIn(t, "department_manager")
	if p := first.Get(path).Want(http.StatusOK); p.Has(".dk-present") {
		t.Errorf("alone: %s", p.TextOf("#presence"))
	}
	first.Get(path + "?mode=reply").Want(http.StatusOK)
	h.clock.Advance(30 * time.Second)
	p := second.Get(path).Want(http.StatusOK)
	if !strings.Contains(p.TextOf("#presence"), "正在答复") || !strings.Contains(p.TextOf("#presence"), "10:00") {
		t.Errorf("the second sees %q", p.TextOf("#presence"))
	}
	if p = first.Fragment(path + "/presence?doing=replying").Want(http.StatusOK); !strings.Contains(p.Text(), "也在查看") || !p.Has("[hx-trigger]") {
		t.Errorf("the first sees %q", p.Text())
	}
	h.clock.Advance(10 * time.Minute)
	if p = first.Fragment(path + "/presence"); p.Has(".dk-present") {
		t.Errorf("who left is still there: %s", p.Text())
	}
	h.hire(t, "far", "customer_clerk")
	far := h.signIn(t, "far")
	far.Fragment(path + "/presence").Want(http.StatusNotFound)
	far.Fragment("/desk/nonsense/presence").Want(http.StatusNotFound)
	if p = first.Fragment(path + "/presence"); p.Has(".dk-present") {
		t.Error("somebody who may not see the case counts as present")
	}
}
