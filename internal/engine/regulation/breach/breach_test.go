package breach_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation/breach"
	"dianke/internal/engine/regulation/evidence"
)

func TestAPersonIsToldHeardAndCleared(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.suspect(t)
		if got := b.told(t, "chief"); !slices.Equal(got, []string{"breach.notice.suspected"}) {
			t.Errorf("the manager was told %v", got)
		}
		b.must(t, "chief", "breach", "notify", id, map[string]any{"allegation": "三月二日未填写结果", "reply_days": 2})
		x := b.breach(t, id)
		if x.NotifiedBy != b.people["chief"] || !x.NotifiedAt.Equal(monday) || !x.ReplyDueAt.Equal(monday.AddDate(0, 0, 2)) || x.Allegation != "三月二日未填写结果" {
			t.Errorf("notice %+v", x)
		}
		if got := b.told(t, "staff"); !slices.Equal(got, []string{"breach.notice.notified"}) {
			t.Errorf("the person was told %v", got)
		}
		b.must(t, "staff", "breach", "hear", id, map[string]any{"statement": "系统当时无法保存"})
		b.must(t, "chief", "breach", "dismiss", id, map[string]any{"reason": "系统故障属实"})
		if got := b.told(t, "staff"); got[len(got)-1] != "breach.notice.dismissed" {
			t.Errorf("the person was told %v", got)
		}
		if len(b.outcomes) != 1 || b.outcomes[0].Result != evidence.Dismissed || b.outcomes[0].Person != b.people["staff"] {
			t.Errorf("outcomes %+v", b.outcomes)
		}
	})
}

func TestSilenceIsRecordedAndALateReplyIsStillHeard(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.suspect(t)
		b.must(t, "chief", "breach", "notify", id, nil)
		b.clock.Advance(3*24*time.Hour - time.Second)
		if n := b.tick(t); n != 0 || b.breach(t, id).Status != breach.Notified {
			t.Fatalf("%d before the deadline", n)
		}
		if key := b.do(t, "chief", "breach", "confirm", id, map[string]any{"reason": "属实"}); key != "record.wrong_state" {
			t.Errorf("confirmed before the deadline: %q", key)
		}
		b.clock.Advance(time.Second)
		if n := b.tick(t) + b.tick(t); n != 1 || b.breach(t, id).Status != breach.Unanswered {
			t.Fatalf("%d at the deadline, %s", n, b.breach(t, id).Status)
		}
		b.must(t, "staff", "breach", "hear", id, map[string]any{"statement": "出差刚回"})
		b.must(t, "chief", "breach", "confirm", id, map[string]any{"reason": "属实"})
		silent := b.suspect(t)
		b.must(t, "chief", "breach", "notify", silent, nil)
		b.clock.Advance(4 * 24 * time.Hour)
		b.tick(t)
		b.must(t, "chief", "breach", "confirm", silent, map[string]any{"reason": "属实"})
	})
}

// TestEveryOtherOrderIsRefused tries every action in every state; what is not offered there answers so, whoever asks.
func TestEveryOtherOrderIsRefused(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.ladder(t)
		inputs := map[string]map[string]any{
			"notify": nil, "hear": {"statement": "x"}, "confirm": {"reason": "x"}, "dismiss": {"reason": "x"}, "propose": {"grounds": "x"},
			"name_person": {"person_id": b.people["colleague"].String(), "reason": "x"},
		}
		offered := map[string][]string{
			breach.Suspected: {"notify", "hear", "dismiss", "name_person"}, breach.Notified: {"hear", "dismiss"}, breach.Heard: {"confirm", "dismiss"},
			breach.Unanswered: {"hear", "confirm", "dismiss"}, breach.Confirmed: {"propose"}, breach.Dismissed: nil,
		}
		for state, may := range offered {
			id := b.suspect(t, func(x *breach.Breach) { x.AboutID = record.ID(len(state)).String() })
			b.system(t, func(c *record.Call) error {
				x, err := record.Load[breach.Breach](ctx, c, "breach", id)
				if err != nil {
					return err
				}
				x.Status = state
				return c.Work.Save(ctx, c, "breach", "test", x)
			})
			for act, in := range inputs {
				if slices.Contains(may, act) {
					continue
				}
				if key := b.do(t, "chief", "breach", act, id, in); key != "record.wrong_state" {
					t.Errorf("%s in %s: %q", act, state, key)
				}
			}
			for _, who := range []string{"colleague", "auditor", "hr"} {
				for act, in := range inputs {
					if key := b.do(t, who, "breach", act, id, in); key == "" {
						t.Errorf("%s by %s in %s went through", act, who, state)
					}
				}
			}
		}
	})
}

func TestNobodyDecidesInHisOwnMatter(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.suspect(t, func(x *breach.Breach) { x.PersonID = b.people["chief"] })
		for act, in := range map[string]map[string]any{"notify": nil, "dismiss": {"reason": "x"}, "name_person": {"person_id": b.people["staff"].String(), "reason": "x"}} {
			if key := b.do(t, "chief", "breach", act, id, in); key != "breach.own_decision" {
				t.Errorf("%s: %q", act, key)
			}
		}
		b.must(t, "boss", "breach", "notify", id, nil)
		b.must(t, "chief", "breach", "hear", id, map[string]any{"statement": "x"})
		if key := b.do(t, "chief", "breach", "confirm", id, map[string]any{"reason": "x"}); key != "breach.own_decision" {
			t.Errorf("confirmed his own: %q", key)
		}
		b.must(t, "boss", "breach", "dismiss", id, map[string]any{"reason": "x"})
	})
}

func TestRecusedPeopleStayOut(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.suspect(t)
		about := record.ID(77)
		b.system(t, func(c *record.Call) error {
			return recusal.Declare(ctx, c, about, "ticket", b.people["chief"], "亲属")
		})
		if key := b.do(t, "chief", "breach", "dismiss", id, map[string]any{"reason": "x"}); key != "breach.recused" {
			t.Errorf("recused from the record: %q", key)
		}
		b.system(t, func(c *record.Call) error { return recusal.Declare(ctx, c, id, "breach", b.people["boss"], "亲属") })
		if key := b.do(t, "boss", "breach", "dismiss", id, map[string]any{"reason": "x"}); key != "record.not_found" {
			t.Errorf("recused from the breach: %q", key)
		}
		b.must(t, "boss2", "breach", "dismiss", id, map[string]any{"reason": "x"})
	})
}

func TestWhatOthersSayForThePersonNeedsTheNotice(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.suspect(t)
		if key := b.do(t, "chief", "breach", "hear", id, map[string]any{"statement": "他说没有"}); key != "breach.notice_first" {
			t.Errorf("before the notice: %q", key)
		}
		if key := b.do(t, "colleague", "breach", "hear", id, map[string]any{"statement": "x"}); key != "record.not_found" {
			t.Errorf("a colleague: %q", key)
		}
		b.must(t, "chief", "breach", "notify", id, nil)
		b.must(t, "chief", "breach", "hear", id, map[string]any{"statement": "他说没有"})
		if x := b.breach(t, id); x.StatementBy != b.people["chief"] {
			t.Errorf("taken down by %v", x.StatementBy)
		}
		nobody := b.suspect(t, func(x *breach.Breach) { x.PersonID = 0 })
		if key := b.do(t, "chief", "breach", "notify", nobody, nil); key != "breach.nobody" {
			t.Errorf("notice to nobody: %q", key)
		}
		b.must(t, "chief", "breach", "name_person", nobody, map[string]any{"person_id": b.people["staff"].String(), "reason": "排班表"})
		b.must(t, "chief", "breach", "notify", nobody, nil)
	})
}

// TestTwoDecidersAtOnce: of two who decide the same at the same time one succeeds.
func TestTwoDecidersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.suspect(t)
		b.must(t, "chief", "breach", "notify", id, nil)
		b.must(t, "staff", "breach", "hear", id, map[string]any{"statement": "x"})
		v := b.breach(t, id).LockVersion
		keys := make([]string, 2)
		var both sync.WaitGroup
		for i, c := range []struct{ who, act string }{{"chief", "confirm"}, {"boss", "dismiss"}} {
			a, err := b.records.Actor(ctx, b.people[c.who])
			if err != nil {
				t.Fatal(err)
			}
			both.Go(func() {
				_, err := b.records.Do(ctx, a, action.Command{Type: "breach", Action: c.act, ID: id, IfVersion: v, Input: map[string]any{"reason": "x"}})
				keys[i] = keyOf(err)
			})
		}
		both.Wait()
		slices.Sort(keys)
		if keys[0] != "" || keys[1] != "record.stale" && keys[1] != "record.wrong_state" {
			t.Errorf("both decided: %q", keys)
		}
	})
}
