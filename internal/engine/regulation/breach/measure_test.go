package breach_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/breach"
)

func TestTheNextStepFollowsFromWhatStillCounts(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, steps := b.ladder(t)
		for i, want := range []string{"talk", "warning", "pay"} {
			m := b.proposed(t, 0, func(x *breach.Breach) { x.AboutID = record.ID(100 + i).String() })
			if got := b.measure(t, m); got.StepID != steps[want] || got.Status != breach.Proposed || got.ExpiresAt != nil {
				t.Fatalf("step %d: %s (%s), want %s", i, got.Label, got.Status, want)
			}
			if want != "pay" {
				b.must(t, "hr", "measure", "confirm", m, nil)
			} else {
				b.must(t, "hr", "measure", "decline", m, map[string]any{"confirm_note": "金额不当"})
			}
		}
		b.clock.Set(monday.AddDate(0, 4, 0)) // the talk has expired, the warning of six months counts
		if n := b.tick(t); n != 1 {
			t.Errorf("%d expired", n)
		}
		if got := b.measure(t, b.proposed(t, 0)); got.StepID != steps["pay"] {
			t.Errorf("after the talk expired: %s", got.Label)
		}
		b.clock.Set(monday.AddDate(0, 7, 0))
		b.tick(t)
		if got := b.measure(t, b.proposed(t, 0, func(x *breach.Breach) { x.AboutID = record.ID(300).String() })); got.StepID != steps["talk"] {
			t.Errorf("after all expired: %s", got.Label)
		}
	})
}

func TestNoStepIsSkippedAndNoOtherLadderTaken(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		l, steps := b.ladder(t)
		other := &breach.Ladder{Key: "other", Title: "另一阶梯"}
		only := &breach.Step{Key: "talk", Title: "谈话", Kind: breach.Talk}
		b.system(t, func(c *record.Call) error { return breach.Install(ctx, c, other, []*breach.Step{only}) })
		id := b.confirmed(t)
		for name, c := range map[string]struct {
			in   map[string]any
			want string
		}{
			"a heavier step":    {map[string]any{"step_id": steps["pay"].String(), "grounds": "x"}, "measure.too_heavy"},
			"a step of another": {map[string]any{"step_id": only.ID.String(), "grounds": "x"}, "measure.not_on_ladder"},
			"another ladder":    {map[string]any{"ladder_id": other.ID.String(), "grounds": "x"}, "measure.other_ladder"},
			"no grounds":        {map[string]any{}, "field.required"},
		} {
			if key := b.do(t, "chief", "breach", "propose", id, c.in); key != c.want {
				t.Errorf("%s: %q, want %q", name, key, c.want)
			}
		}
		b.must(t, "chief", "breach", "propose", id, map[string]any{"ladder_id": l.ID.String(), "grounds": "x"})
		if key := b.do(t, "chief", "breach", "propose", id, map[string]any{"grounds": "x"}); key != "measure.already" {
			t.Errorf("a second measure: %q", key)
		}
		named := b.proposed(t, 0, func(x *breach.Breach) { x.AboutID, x.StepKey = record.ID(5).String(), "pay" })
		if got := b.measure(t, named); got.StepID != steps["pay"] {
			t.Errorf("the step the clause names: %s", got.Label)
		}
		free := b.confirmed(t, func(x *breach.Breach) { x.AboutID, x.LadderKey = record.ID(6).String(), "" })
		if key := b.do(t, "chief", "breach", "propose", free, map[string]any{"grounds": "x"}); key != "measure.which_ladder" {
			t.Errorf("no ladder: %q", key)
		}
		b.must(t, "chief", "breach", "propose", free, map[string]any{"ladder_id": other.ID.String(), "grounds": "x"})
	})
}

// TestALadderMustHaveBeenKnown: what was published after the fact is no ground for a measure.
func TestALadderMustHaveBeenKnown(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.confirmed(t)
		b.clock.Advance(time.Minute)
		l, _ := b.ladder(t)
		if key := b.do(t, "chief", "breach", "propose", id, map[string]any{"grounds": "x"}); key != "ladder.not_known" {
			t.Errorf("published later: %q", key)
		}
		later := b.confirmed(t, func(x *breach.Breach) { x.AboutID = record.ID(5).String() })
		b.must(t, "hr", "ladder", "withdraw", l.ID, nil)
		if key := b.do(t, "chief", "breach", "propose", later, map[string]any{"grounds": "x"}); key != "ladder.not_known" {
			t.Errorf("withdrawn: %q", key)
		}
	})
}

func TestLaddersChangeOnlyAsDrafts(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		l, _ := b.ladder(t)
		if key := b.do(t, "hr", "ladder", record.Update, l.ID, map[string]any{"title": "x"}); key != "ladder.not_draft" {
			t.Errorf("a published ladder was changed: %q", key)
		}
		step := map[string]any{"ladder_id": l.ID.String(), "position": 9, "key": "k", "title": "x", "kind": "talk"}
		if key := b.do(t, "hr", "ladder_step", record.Create, 0, step); key != "ladder.not_draft" {
			t.Errorf("a step was added: %q", key)
		}
		if key := b.do(t, "staff", "ladder", record.Create, 0, map[string]any{"key": "s", "title": "s"}); key != "access.denied" {
			t.Errorf("made by staff: %q", key)
		}
		b.must(t, "hr", "ladder", record.Create, 0, map[string]any{"key": "new", "title": "新阶梯"})
		var id record.ID
		b.system(t, func(c *record.Call) error {
			list, err := record.Find[breach.Ladder](ctx, c, "ladder", record.Where("key", "new"), 1)
			id = list[0].ID
			return err
		})
		if key := b.do(t, "hr", "ladder", "publish", id, nil); key != "ladder.no_steps" {
			t.Errorf("published without steps: %q", key)
		}
		step["ladder_id"] = id.String()
		for _, c := range []struct {
			change map[string]any
			want   string
		}{
			{map[string]any{"kind": "fine"}, "field.unknown_option"}, {map[string]any{"months": 13}, "field.too_great"}, {nil, ""},
			{map[string]any{"key": "k2"}, "ladder.position_taken"}, {map[string]any{"position": 10}, "ladder.key_taken"},
		} {
			in := map[string]any{}
			for k, v := range step {
				in[k] = v
			}
			for k, v := range c.change {
				in[k] = v
			}
			if key := b.do(t, "hr", "ladder_step", record.Create, 0, in); key != c.want {
				t.Errorf("step %v: %q, want %q", c.change, key, c.want)
			}
		}
		b.must(t, "hr", "ladder", "publish", id, nil)
	})
}

func TestOnlyThePersonnelOfficePutsAMeasureInEffect(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.ladder(t)
		m := b.proposed(t, 0)
		for who, want := range map[string]string{"staff": "access.denied", "chief": "access.denied", "boss": "access.denied", "auditor": "access.denied"} {
			if key := b.do(t, who, "measure", "confirm", m, nil); key != want {
				t.Errorf("%s: %q", who, key)
			}
		}
		b.system(t, func(c *record.Call) error { // the personnel officer proposed it himself
			x, err := record.Load[breach.Measure](ctx, c, "measure", m)
			if err != nil {
				return err
			}
			x.ProposedBy = b.people["hr"]
			return c.Work.Save(ctx, c, "measure", "test", x)
		})
		if key := b.do(t, "hr", "measure", "confirm", m, nil); key != "measure.own_proposal" {
			t.Errorf("his own proposal: %q", key)
		}
		b.must(t, "hr2", "measure", "confirm", m, map[string]any{"months": 2, "appeal_days": 5})
		x := b.measure(t, m)
		if x.Status != breach.InEffect || !x.ExpiresAt.Equal(time.Date(2026, 5, 1, 16, 0, 0, 0, time.UTC)) || !x.AppealUntil.Equal(monday.AddDate(0, 0, 5)) {
			t.Errorf("in effect: %+v", x)
		}
		if got := b.told(t, "staff"); got[len(got)-1] != "measure.notice.in_effect" {
			t.Errorf("the person was told %v", got)
		}
		for _, act := range []string{"confirm", "decline", "uphold", "change"} {
			in := map[string]any{"confirm_note": "x"}
			if key := b.do(t, "hr2", "measure", act, m, in); key == "" {
				t.Errorf("%s in effect went through", act)
			}
		}
	})
}

// money is the input of a confirmation that takes money.
func money(more map[string]any) map[string]any {
	in := map[string]any{"month_wage": "8000", "minimum_wage": "2420"}
	for k, v := range more {
		in[k] = v
	}
	return in
}

func TestDeductionsStayWithinTheLaw(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, steps := b.ladder(t)
		at := func(step string, about int) record.ID {
			return b.proposed(t, steps[step], func(x *breach.Breach) { x.AboutID, x.StepKey = record.ID(about).String(), step })
		}
		pay, damage := at("pay", 1), at("damage", 2)
		for name, c := range map[string]struct {
			id   record.ID
			in   map[string]any
			want string
		}{
			"no wage named":             {pay, map[string]any{}, "field.required"},
			"no minimum wage named":     {pay, map[string]any{"month_wage": "8000"}, "field.required"},
			"more than the step":        {pay, money(map[string]any{"amount": "200.01"}), "measure.over_limit.pay"},
			"a wage at the minimum":     {pay, map[string]any{"month_wage": "2420", "minimum_wage": "2420", "amount": "1"}, "measure.over_limit.pay"},
			"not in the contract":       {damage, money(map[string]any{"damage": "3000"}), "measure.not_agreed"},
			"no damage named":           {damage, money(map[string]any{"in_contract": true}), "field.required"},
			"more than a fifth":         {damage, money(map[string]any{"in_contract": true, "damage": "3000", "amount": "1600.01"}), "measure.over_limit.damage"},
			"more than the damage done": {damage, money(map[string]any{"in_contract": true, "damage": "500", "amount": "501"}), "measure.over_limit.damage"},
		} {
			if key := b.do(t, "hr", "measure", "confirm", c.id, c.in); key != c.want {
				t.Errorf("%s: %q, want %q", name, key, c.want)
			}
		}
		b.must(t, "hr", "measure", "confirm", damage, money(map[string]any{"in_contract": true, "damage": "3000"}))
		x := b.measure(t, damage)
		if *x.Amount != 160000 || *x.MostAllowed != 160000 || *x.MonthWage != 800000 || x.DeductMonth != "2026-03" {
			t.Errorf("taken: %d of at most %d in %s", *x.Amount, *x.MostAllowed, x.DeductMonth)
		}
		again := at("damage", 3)
		if key := b.do(t, "hr", "measure", "confirm", again, money(map[string]any{"in_contract": true, "damage": "3000", "amount": "0.01"})); key != "measure.over_limit.damage" {
			t.Errorf("a second time in the month: %q", key)
		}
		b.must(t, "hr", "measure", "confirm", again, money(map[string]any{"in_contract": true, "damage": "3000", "amount": "100", "effective_on": "2026-04-01"}))
	})
}

// TestTwoDeductionsAtOnceDoNotBothTakeTheWholeLimit confirms two measures of one month at the same time.
func TestTwoDeductionsAtOnceDoNotBothTakeTheWholeLimit(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.ladder(t)
		var both sync.WaitGroup
		list := make([]record.ID, 2)
		for i := range list {
			list[i] = b.proposed(t, 0, func(x *breach.Breach) { x.AboutID, x.StepKey = record.ID(i+1).String(), "damage" })
		}
		for i, who := range []string{"hr", "hr2"} {
			both.Go(func() {
				b.do(t, who, "measure", "confirm", list[i], money(map[string]any{"in_contract": true, "damage": "9000"}))
			})
		}
		both.Wait()
		sum := int64(0)
		for _, id := range list {
			if m := b.measure(t, id); m.Amount != nil {
				sum += *m.Amount
			}
		}
		if sum != 160000 {
			t.Errorf("%d fen taken in one month", sum)
		}
	})
}

func TestDismissalNeedsTheUnion(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.ladder(t)
		m := b.proposed(t, 0, func(x *breach.Breach) { x.StepKey = "dismissal" })
		if key := b.do(t, "hr", "measure", "confirm", m, nil); key != "measure.union" {
			t.Errorf("the union was not told: %q", key)
		}
		b.must(t, "hr", "measure", "confirm", m, map[string]any{"union_told": true})
	})
}

func TestAnAppealIsDecidedByOthersAndNeverMakesItHeavier(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, steps := b.ladder(t)
		m := b.proposed(t, 0, func(x *breach.Breach) { x.StepKey = "pay" })
		b.must(t, "hr", "measure", "confirm", m, money(nil))
		for who, want := range map[string]string{"colleague": "record.not_found", "chief": "access.denied", "hr": "measure.appeal_own"} {
			key := b.do(t, who, "measure", "appeal", m, map[string]any{"appeal_grounds": "x"})
			if key == "" || who == "colleague" && key != want {
				t.Errorf("appeal by %s: %q", who, key)
			}
		}
		b.must(t, "staff", "measure", "appeal", m, map[string]any{"appeal_grounds": "处理过重"})
		if got := b.told(t, "boss"); !slices.Contains(got, "measure.notice.appealed") {
			t.Errorf("the director was told %v", got)
		}
		b.clock.Set(monday.AddDate(2, 0, 0))
		if n := b.tick(t); n != 0 || b.measure(t, m).Status != breach.Appealed {
			t.Errorf("%d expired under appeal", n)
		}
		b.clock.Set(monday.Add(time.Hour))
		change := func(step string) map[string]any {
			return map[string]any{"step_id": steps[step].String(), "appeal_reason": "初次且已改正"}
		}
		for step, want := range map[string]string{"damage": "measure.heavier", "pay": "measure.same_step"} {
			if key := b.do(t, "boss", "measure", "change", m, change(step)); key != want {
				t.Errorf("changed to %s: %q", step, key)
			}
		}
		b.must(t, "boss", "measure", "change", m, change("warning"))
		x := b.measure(t, m)
		if x.Status != breach.Changed || x.StepID != steps["warning"] || x.FormerStepID != steps["pay"] || x.Amount != nil || x.MonthWage != nil {
			t.Errorf("changed: %+v", x)
		}
		if !x.ExpiresAt.Equal(time.Date(2026, 9, 1, 16, 0, 0, 0, time.UTC)) {
			t.Errorf("expires %v", x.ExpiresAt)
		}
		b.clock.Set(monday.AddDate(0, 7, 0))
		if n := b.tick(t) + b.tick(t); n != 1 || b.measure(t, m).Status != breach.Expired {
			t.Errorf("%d expired", n)
		}
	})
}

func TestAppealsEndAndHandsStayApart(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.ladder(t)
		late := b.proposed(t, 0)
		b.must(t, "hr", "measure", "confirm", late, map[string]any{"appeal_days": 3})
		b.clock.Advance(3 * 24 * time.Hour)
		if key := b.do(t, "staff", "measure", "appeal", late, map[string]any{"appeal_grounds": "x"}); key != "measure.appeal_late" {
			t.Errorf("after the time: %q", key)
		}
		id := b.suspect(t, func(x *breach.Breach) { x.AboutID = record.ID(9).String() })
		b.must(t, "boss", "breach", "notify", id, nil)
		b.must(t, "staff", "breach", "hear", id, map[string]any{"statement": "x"})
		b.must(t, "boss", "breach", "confirm", id, map[string]any{"reason": "x"})
		b.must(t, "chief", "breach", "propose", id, map[string]any{"grounds": "x"})
		m := b.measureOf(t, id).ID
		b.must(t, "hr", "measure", "confirm", m, nil)
		b.must(t, "staff", "measure", "appeal", m, map[string]any{"appeal_grounds": "x"})
		if key := b.do(t, "boss", "measure", "uphold", m, map[string]any{"appeal_reason": "x"}); key != "measure.other_hands" {
			t.Errorf("by who confirmed the breach: %q", key)
		}
		b.must(t, "boss2", "measure", "uphold", m, map[string]any{"appeal_reason": "事实清楚"})
		if key := b.do(t, "staff", "measure", "appeal", m, map[string]any{"appeal_grounds": "x"}); key != "record.wrong_state" {
			t.Errorf("a second appeal: %q", key)
		}
		b.must(t, "boss2", "measure", "lift", m, map[string]any{"appeal_reason": "新证据"})
		b.must(t, "chief", "breach", "propose", id, map[string]any{"grounds": "另行处理"})
	})
}

// TestWhoSeesTheWage: the person and the personnel office see wage and sums, the manager the sums, the auditor neither.
func TestWhoSeesTheWage(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.ladder(t)
		m := b.proposed(t, 0, func(x *breach.Breach) { x.StepKey = "pay" })
		b.must(t, "hr", "measure", "confirm", m, money(nil))
		for who, sees := range map[string][2]bool{"staff": {true, true}, "hr": {true, true}, "chief": {false, true}, "boss": {false, true}, "auditor": {false, false}} {
			a, err := b.records.Actor(ctx, b.people[who])
			if err != nil {
				t.Fatal(err)
			}
			sheet, err := b.records.Read(ctx, a, "measure", m)
			if err != nil {
				t.Errorf("%s: %v", who, err)
				continue
			}
			for i, name := range []string{"month_wage", "amount"} {
				if c, _ := sheet.Cell(name); c.Masked == sees[i] {
					t.Errorf("%s sees %s: %v", who, name, !c.Masked)
				}
			}
		}
		if key := b.do(t, "colleague", "measure", "appeal", m, map[string]any{"appeal_grounds": "x"}); key != "record.not_found" {
			t.Errorf("a colleague: %q", key)
		}
	})
}
