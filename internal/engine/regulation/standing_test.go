package regulation_test

import (
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
)

func TestRecordsInTheOrderOfTheirClocks(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "deadline", Spec: deadlineSpec})
		var made []record.ID
		for range 5 {
			made = append(made, b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "咨询"}))
			b.clock.Advance(10 * time.Minute)
		}
		b.must(t, "clerk", "answer", made[1], nil)
		var got []record.ID
		var after evidence.Soonest
		for {
			page, err := b.engine.BySoonest(ctx, "ticket", after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, s := range page {
				if s.DueAt.Before(after.DueAt) {
					t.Errorf("%v comes after %v", s.DueAt, after.DueAt)
				}
				after = s
				got = append(got, s.Record)
			}
		}
		if len(got) != 4 || got[0] != made[0] || got[1] != made[2] || got[3] != made[4] {
			t.Errorf("order %v of %v", got, made)
		}
		if other, err := b.engine.BySoonest(ctx, "reply", evidence.Soonest{}, 10); err != nil || len(other) != 0 {
			t.Errorf("of another type: %v, %v", other, err)
		}
		open, err := b.engine.OpenClocks(ctx, made)
		if err != nil || len(open) != 4 || len(open[made[0]]) != 1 || len(open[made[1]]) != 0 {
			t.Errorf("open clocks: %v, %v", open, err)
		}
		cited, err := b.engine.Cite(ctx, open[made[0]])
		if err != nil || cited["x1.12"].Printed != "第十二条" {
			t.Errorf("cited: %v, %v", cited, err)
		}
		if none, err := b.engine.OpenClocks(ctx, nil); err != nil || len(none) != 0 {
			t.Errorf("of nothing: %v, %v", none, err)
		}
	})
}

func TestRulesThatStandBeforeARecord(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t,
			&regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: guardSpec},
			&regulation.Binding{ClauseKey: "x1.12", Control: "deadline", Spec: deadlineSpec})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "咨询"})
		rules, err := b.engine.Rules(ctx, "ticket", id, []string{"answer", "close", "close", "unknown"})
		if err != nil || len(rules) != 1 {
			t.Fatalf("rules %v, %v", rules, err)
		}
		if r := rules[0]; r.Clause != "x1.12" || r.Control != "guard" || len(r.Actions) != 1 || r.Actions[0] != "close" || !r.Exception || r.Say[0] == "" {
			t.Errorf("rule %+v", r)
		}
		if rules, err = b.engine.Rules(ctx, "ticket", id, []string{"answer"}); err != nil || len(rules) != 0 {
			t.Errorf("before an answer: %v, %v", rules, err)
		}
		if _, err := b.engine.Rules(ctx, "ticket", 7, []string{"close"}); err == nil {
			t.Error("rules of nothing")
		}
	})
}
