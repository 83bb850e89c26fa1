package regulation_test

import (
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/errs"
)

func bind(control, spec string) *regulation.Binding {
	return &regulation.Binding{ClauseKey: "x1.12", Control: control, Spec: spec}
}

func (b *bench) as(t *testing.T, who, typ, act string, id record.ID, in map[string]any) error {
	t.Helper()
	a, err := b.records.Actor(ctx, b.people[who])
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.records.Do(ctx, a, action.Command{Type: typ, Action: act, ID: id, Input: in})
	return err
}

func (b *bench) night(t *testing.T) {
	t.Helper()
	if err := b.engine.Scan(ctx); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) duties(t *testing.T) []*regulation.Duty {
	t.Helper()
	var out []*regulation.Duty
	b.system(t, func(c *record.Call) (err error) {
		out, err = record.Find[regulation.Duty](ctx, c, "duty", record.Filter{}, 100)
		return err
	})
	return out
}

// want compares the outcomes of the clause.
func (b *bench) want(t *testing.T, when string, want map[evidence.Result]int) {
	t.Helper()
	got := b.results(t)
	for r, n := range want {
		if got[r] != n {
			t.Errorf("%s: %d outcomes %s, want %d (all: %v)", when, got[r], r, n, got)
		}
	}
}

const weekly = `every: FREQ=WEEKLY;BYDAY=MO
for: manager
task: {zh: 写周报, en: Write the weekly report}
within: 2d
grace: 2d
escalate: [clerk]
`

func TestDutyByRuleIsGivenDoneAndMissed(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, bind("duty", weekly))
		b.tick(t)
		if n := len(b.duties(t)); n != 0 {
			t.Fatalf("%d duties before the first Monday", n)
		}
		b.clock.Advance(3 * 24 * time.Hour) // Monday 16:00
		b.tick(t)
		b.tick(t)
		list := b.duties(t)
		if len(list) != 1 || list[0].OwnerID != b.people["manager"] || list[0].Label != "写周报" {
			t.Fatalf("duties on Monday: %+v", list)
		}
		if got := list[0].OccursAt.In(b.engine.Zone).Format("Mon 15:04"); got != "Mon 09:00" {
			t.Errorf("falls on %s", got)
		}
		if err := b.as(t, "clerk", "duty", "complete", list[0].ID, map[string]any{"note": "已写"}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("another's duty: %v", err)
		}
		if err := b.as(t, "manager", "duty", "complete", list[0].ID, map[string]any{"note": "已写"}); err != nil {
			t.Fatal(err)
		}
		b.want(t, "done in time", map[evidence.Result]int{evidence.Done: 1, evidence.Late: 0})
		b.clock.Advance(10 * 24 * time.Hour) // Thursday of the next week: overdue since Wednesday
		b.tick(t)
		list = b.duties(t)
		if len(list) != 2 || list[1].Status != "overdue" {
			t.Fatalf("overdue: %+v", list)
		}
		if got := b.notices(t, "clerk"); len(got) == 0 || got[len(got)-1] != "regulation.duty.overdue" {
			t.Errorf("the clerk was told %v", got)
		}
		if err := b.as(t, "manager", "duty", "complete", list[1].ID, map[string]any{"note": "晚了"}); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(14 * 24 * time.Hour)
		b.tick(t)
		b.want(t, "late, then missed", map[evidence.Result]int{evidence.Done: 1, evidence.Late: 1, evidence.Missed: 1})
	})
}

const byRecord = `every_by: 'record.urgent ? 7 : 30'
of: ticket
if: record.state != "closed"
for: [owner, manager]
task: {zh: 回访, en: Call back}
within: 1d
done_by: reply.create
`

func TestDutyByRecordCountsFromWhatWasDone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, bind("duty", byRecord))
		urgent := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "急件", "urgent": true, "owner_id": b.people["clerk"].String()})
		b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "普通"})
		b.clock.Advance(6 * 24 * time.Hour)
		b.night(t)
		if n := len(b.duties(t)); n != 0 {
			t.Fatalf("%d duties after six days", n)
		}
		b.clock.Advance(25 * time.Hour)
		b.night(t)
		b.night(t)
		list := b.duties(t)
		if len(list) != 1 || list[0].AboutID != urgent.String() || list[0].OwnerID != b.people["clerk"] {
			t.Fatalf("after seven days: %+v", list)
		}
		if err := b.as(t, "clerk", "duty", "complete", list[0].ID, map[string]any{"note": "手工"}); !errs.Is(err, errs.Conflict) {
			t.Errorf("ticked off by hand: %v", err)
		}
		b.must(t, "clerk", "reply", 0, map[string]any{"ticket_id": urgent.String(), "body": "回访"})
		b.want(t, "done by the reply", map[evidence.Result]int{evidence.Done: 1})
		if d := b.duties(t)[0]; d.EvidenceType != "reply" || d.Status != "done" {
			t.Errorf("evidence of %+v", d)
		}
		b.clock.Advance(6 * 24 * time.Hour)
		b.must(t, "clerk", "reply", 0, map[string]any{"ticket_id": urgent.String(), "body": "提前回访"})
		b.clock.Advance(3 * 24 * time.Hour)
		b.night(t)
		for _, d := range b.duties(t) {
			if d.Status == "open" {
				t.Errorf("asked again three days after it was done ahead: %+v", d)
			}
		}
		b.clock.Advance(5 * 24 * time.Hour)
		b.night(t)
		b.clock.Advance(50 * time.Hour)
		b.tick(t)
		b.want(t, "not done", map[evidence.Result]int{evidence.Done: 2, evidence.Missed: 1})
	})
}

func TestRegisterWritesOnlyWhatChanged(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, bind("register", "of: ticket\ncomplete_if: record.result != \"\"\n"))
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		b.must(t, "clerk", record.Update, id, map[string]any{"subject": "厨房漏水"})
		b.want(t, "incomplete", map[evidence.Result]int{evidence.Incomplete: 1, evidence.Complete: 0})
		b.must(t, "clerk", record.Update, id, map[string]any{"result": "已修"})
		b.must(t, "clerk", "close", id, nil)
		b.want(t, "complete", map[evidence.Result]int{evidence.Incomplete: 1, evidence.Complete: 1})
	})
}

const order = `of: ticket
end: ticket.close
steps:
  - {on: ticket.create}
  - {on: reply.create, by: [manager]}
  - {on: ticket.answer}
`

func TestWorkflowComparesTheTrail(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, bind("workflow", order))
		walk := func(who string) {
			id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
			b.must(t, who, "reply", 0, map[string]any{"ticket_id": id.String(), "body": "已派人"})
			b.must(t, "clerk", "answer", id, nil)
			b.must(t, "clerk", "close", id, nil)
		}
		walk("manager")
		b.want(t, "as demanded", map[evidence.Result]int{evidence.Followed: 1, evidence.Deviated: 0})
		walk("clerk")
		b.want(t, "replied by another post", map[evidence.Result]int{evidence.Followed: 1, evidence.Deviated: 1})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		b.must(t, "clerk", "answer", id, nil)
		b.must(t, "manager", "reply", 0, map[string]any{"ticket_id": id.String(), "body": "事后"})
		b.must(t, "clerk", "close", id, nil)
		b.want(t, "in another order", map[evidence.Result]int{evidence.Followed: 1, evidence.Deviated: 2})
	})
}

func TestMetricIsMeasuredOnceAPeriod(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.clock.Set(time.Date(2025, 9, 1, 1, 0, 0, 0, time.UTC))
		b.force(t, bind("metric", "of: ticket\ngood_if: record.state == \"closed\"\nat_least: 60\nper: month\n"),
			bind("metric", "of: ticket\nat_most: 2\nper: month\n"))
		for i := range 3 {
			id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
			if i < 2 {
				b.must(t, "clerk", "close", id, nil)
			}
		}
		b.night(t)
		b.want(t, "before the month ends", map[evidence.Result]int{evidence.Reached: 0, evidence.Missed: 0})
		b.clock.Set(time.Date(2025, 10, 1, 1, 0, 0, 0, time.UTC))
		b.night(t)
		b.night(t)
		b.want(t, "two of three closed, three of at most two", map[evidence.Result]int{evidence.Reached: 1, evidence.Missed: 1})
		b.clock.Set(time.Date(2025, 11, 1, 1, 0, 0, 0, time.UTC))
		b.night(t)
		b.want(t, "none says nothing of a share, and is within the most", map[evidence.Result]int{evidence.Reached: 2, evidence.Missed: 1})
	})
}

const sampled = `every: FREQ=MONTHLY;BYMONTHDAY=1
by: manager
of: ticket
sample: 2
checklist:
  - {key: tone, zh: 用语得体, en: The tone is right}
  - {key: fact, zh: 事实清楚, en: The facts are clear}
task: {zh: 抽查工单, en: Look at tickets}
within: 3d
`

func TestAttestationDrawsASampleAndIsSealed(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, bind("attest", sampled))
		for range 5 {
			b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		}
		b.clock.Set(time.Date(2025, 10, 1, 2, 0, 0, 0, time.UTC))
		b.tick(t)
		var task *regulation.Attestation
		b.system(t, func(c *record.Call) error {
			list, err := record.Find[regulation.Attestation](ctx, c, "attestation", record.Filter{}, 10)
			if len(list) == 1 {
				task = list[0]
			}
			return err
		})
		if task == nil || len(task.Sample) != 2 || len(task.Items) != 2 {
			t.Fatalf("attestation %+v", task)
		}
		sign := func(in map[string]any) error { return b.as(t, "manager", "attestation", "sign", task.ID, in) }
		for name, in := range map[string]map[string]any{
			"half":       {"answers": map[string]any{"tone": "good"}, "declared": true},
			"undeclared": {"answers": map[string]any{"tone": "good", "fact": "good"}},
			"unknown":    {"answers": map[string]any{"tone": "good", "fact": "good", "x": "good"}, "declared": true},
			"no word":    {"answers": map[string]any{"tone": "good", "fact": "bad"}, "declared": true},
		} {
			if err := sign(in); !errs.Is(err, errs.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := sign(map[string]any{"answers": map[string]any{"tone": "good", "fact": "bad"}, "note": "缺地址", "declared": true}); err != nil {
			t.Fatal(err)
		}
		b.want(t, "bad found", map[evidence.Result]int{evidence.BadFound: 1})
		b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		b.clock.Set(time.Date(2025, 11, 10, 2, 0, 0, 0, time.UTC))
		b.tick(t)
		b.want(t, "not signed in time", map[evidence.Result]int{evidence.BadFound: 1, evidence.Missed: 1})
	})
}

func TestPermissionsAsGuardLeaveOutcomes(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.records.Watch = b.engine
		b.force(t, bind("guard", "on: ticket.read\nby_access: true\nsay: {zh: 只有客服可看。, en: For the service only.}\n"))
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		outsider := &org.User{Name: "outsider", Login: "outsider", Status: "active", Language: "zh"}
		b.system(t, func(c *record.Call) error { return c.Work.Insert(ctx, c, "user", outsider) })
		b.people["outsider"] = outsider.ID
		for _, who := range []string{"outsider", "clerk", "clerk"} {
			a, err := b.records.Actor(ctx, b.people[who])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.records.Read(ctx, a, "ticket", id); (err == nil) != (who == "clerk") {
				t.Errorf("%s reads: %v", who, err)
			}
		}
		b.want(t, "one denied, one passed a month", map[evidence.Result]int{evidence.Refused: 1, evidence.Passed: 1})
	})
}

func TestBindingMistakesNameTheirPlace(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for _, x := range []struct{ control, spec, want string }{
			{"duty", "every: FREQ=SOMETIMES\nfor: manager\ntask: {zh: 甲, en: a}\n", "1:8"},
			{"duty", "every: FREQ=DAILY\nevery_by: \"7\"\nof: ticket\nfor: manager\ntask: {zh: 甲, en: a}\n", "either every or every_by"},
			{"duty", "every_by: '\"x\"'\nof: ticket\nfor: owner\ntask: {zh: 甲, en: a}\n", "want int"},
			{"register", "of: nothing\ncomplete_if: \"true\"\n", "1:5: no record type nothing"},
			{"register", "of: ticket\ncomplete_if: record.resul != \"\"\n", "2:20"},
			{"workflow", "of: ticket\nend: ticket.close\nsteps:\n  - {on: unit.create}\n", "unit does not refer to ticket"},
			{"metric", "figure: none\nat_least: 5\n", "1:9: no figure none"},
			{"metric", "of: ticket\nat_least: many\n", "2:11"},
			{"attest", "every: FREQ=DAILY\nby: manager\ntask: {zh: 甲, en: a}\n", "checklist"},
		} {
			err := func() (err error) {
				_ = b.records.Runner.InTx(ctx, b.engine.Guard.SystemScope("test", "job", "unit", record.Create), func(c *record.Call) error {
					_, err = b.engine.Store(ctx, c, &regulation.Draft{Key: "m1", Title: "制度", Clauses: []*regulation.Clause{{Key: "x1.12", Body: "正文"}},
						Bindings: []*regulation.Binding{bind(x.control, x.spec)}})
					return err
				})
				return err
			}()
			if err == nil || !strings.Contains(err.Error(), x.want) && !strings.Contains(errDetail(err), x.want) {
				t.Errorf("%s %q: %v, want %q", x.control, x.spec, err, x.want)
			}
		}
	})
}

func errDetail(err error) string {
	var all []string
	for e := errs.As(err); e != nil; e = errs.As(e.Unwrap()) {
		all = append(all, e.Error())
		for _, f := range e.Fields {
			all = append(all, f.Error())
		}
		if e.Unwrap() == nil {
			break
		}
		all = append(all, e.Unwrap().Error())
	}
	return strings.Join(all, " ")
}
