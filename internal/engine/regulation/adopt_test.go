package regulation_test

import (
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/errs"
)

// draft stores a version of regulation x1 in draft.
func (b *bench) draft(t *testing.T, clauses ...*regulation.Clause) *regulation.Version {
	t.Helper()
	var v *regulation.Version
	if len(clauses) == 0 {
		clauses = []*regulation.Clause{{Key: "x1.12", Printed: "第十二条", Body: "办结须有结果。", Level: "article"}}
	}
	b.system(t, func(c *record.Call) (err error) {
		v, err = b.engine.Store(ctx, c, &regulation.Draft{Key: "x1", Title: "客户投诉管理制度", Clauses: clauses})
		return err
	})
	return v
}

// set changes fields of the regulation x1.
func (b *bench) set(t *testing.T, fn func(r *regulation.Regulation)) record.ID {
	t.Helper()
	var id record.ID
	b.system(t, func(c *record.Call) error {
		list, err := record.Find[regulation.Regulation](ctx, c, "regulation", record.Where("key", "x1"), 1)
		if err != nil {
			return err
		}
		fn(list[0])
		id = list[0].ID
		return c.Work.Save(ctx, c, "regulation", record.Update, list[0])
	})
	return id
}

func (b *bench) version(t *testing.T, id record.ID) *regulation.Version {
	t.Helper()
	var v *regulation.Version
	b.system(t, func(c *record.Call) (err error) {
		v, err = record.Load[regulation.Version](ctx, c, "regulation_version", id)
		return err
	})
	return v
}

func TestApprovalNeedsTheQuorumAndNamesWhoIsMissing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		v := b.draft(t)
		b.set(t, func(r *regulation.Regulation) { r.Approvers = []string{"manager", "clerk"} })
		step := func(who, act string, in map[string]any) error {
			return b.as(t, who, "regulation_version", act, v.ID, in)
		}
		if err := step("manager", "submit", nil); err != nil {
			t.Fatal(err)
		}
		if err := step("manager", "approve", map[string]any{"reason": "同意"}); err != nil {
			t.Fatal(err)
		}
		if got := b.version(t, v.ID); got.Status != "review" || got.Round != 1 {
			t.Fatalf("after one of two: %s, round %d", got.Status, got.Round)
		}
		if err := step("manager", "approve", nil); !errs.Is(err, errs.Conflict) {
			t.Errorf("twice by one: %v", err)
		}
		err := step("manager", "promulgate", nil)
		if !errs.Is(err, errs.Conflict) || errs.As(err).Args["posts"] != "clerk" {
			t.Errorf("promulgated early: %v", err)
		}
		if err := step("clerk", "object", map[string]any{"reason": "太短"}); err != nil {
			t.Fatal(err)
		}
		if err := step("clerk", "approve", nil); err != nil {
			t.Fatal(err)
		}
		if got := b.version(t, v.ID); got.Status != "approved" || got.TextHash == "" {
			t.Fatalf("after both: %+v", got)
		}
		if err := step("manager", "promulgate", map[string]any{"effective_on": "2025-09-25"}); !errs.Is(err, errs.Invalid) {
			t.Errorf("back-dated: %v", err)
		}
		if err := step("manager", "send_back", nil); err != nil {
			t.Fatal(err)
		}
		if err := step("manager", "submit", nil); err != nil {
			t.Fatal(err)
		}
		if err := step("clerk", "approve", nil); err != nil {
			t.Fatal(err)
		}
		if got := b.version(t, v.ID); got.Status != "review" || got.Round != 2 {
			t.Errorf("votes of the first round count in the second: %s, round %d", got.Status, got.Round)
		}
	})
}

func TestQuorumOfSome(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		v, one := b.draft(t), int64(1)
		b.set(t, func(r *regulation.Regulation) { r.Approvers, r.Quorum = []string{"manager", "clerk"}, &one })
		for _, act := range []string{"submit", "approve", "file", "promulgate"} {
			in := map[string]any{}
			if act == "file" {
				in["filing_no"] = "备2025-7"
			}
			if err := b.as(t, "clerk", "regulation_version", act, v.ID, in); err != nil {
				t.Fatalf("%s: %v", act, err)
			}
		}
		if got := b.version(t, v.ID); got.Status != "in_force" || got.FilingNo != "备2025-7" || got.FiledAt == nil {
			t.Errorf("%+v", got)
		}
	})
}

// newest returns the record of the type that was made last.
func newest[T any](t *testing.T, b *bench, typ string) *T {
	t.Helper()
	var out *T
	b.system(t, func(c *record.Call) error {
		list, err := record.Find[T](ctx, c, typ, record.Filter{}, 200)
		if len(list) > 0 {
			out = list[len(list)-1]
		}
		return err
	})
	if out == nil {
		t.Fatalf("no %s", typ)
	}
	return out
}

func TestProposalIsDecidedByAnotherAndTakenUp(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t)
		reg := b.set(t, func(*regulation.Regulation) {})
		bad := map[string]any{"regulation_id": reg.String(), "clause_key": "x1.99", "kind": "amend", "text": "须有书面结果。", "reason": "口头不清楚"}
		if err := b.as(t, "clerk", "revision_proposal", record.Create, 0, bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("unknown clause: %v", err)
		}
		bad["clause_key"] = "x1.12"
		if err := b.as(t, "clerk", "revision_proposal", record.Create, 0, bad); err != nil {
			t.Fatal(err)
		}
		p := newest[regulation.Proposal](t, b, "revision_proposal")
		if err := b.as(t, "clerk", "revision_proposal", "accept", p.ID, map[string]any{"answer": "好"}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("own proposal: %v", err)
		}
		if err := b.as(t, "manager", "revision_proposal", "accept", p.ID, map[string]any{"answer": "采纳"}); err != nil {
			t.Fatal(err)
		}
		v := b.draft(t, &regulation.Clause{Key: "x1.12", Printed: "第十二条", Body: "办结须有书面结果。", Level: "article"})
		if err := b.as(t, "manager", "revision_proposal", "adopt", p.ID, map[string]any{"version_id": v.ID.String()}); err != nil {
			t.Fatal(err)
		}
		if p = newest[regulation.Proposal](t, b, "revision_proposal"); p.Status != "adopted" || p.VersionID != v.ID {
			t.Errorf("%+v", p)
		}
	})
}

func TestInterpretationBelongsToTheBody(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t)
		reg := b.set(t, func(r *regulation.Regulation) { r.Interpreters, r.FinalBody = []string{"clerk"}, []string{"manager"} })
		in := map[string]any{"regulation_id": reg.String(), "clause_key": "x1.12", "question": "口头结果算吗？"}
		if err := b.as(t, "manager", "interpretation", record.Create, 0, in); err != nil {
			t.Fatal(err)
		}
		i := newest[regulation.Interpretation](t, b, "interpretation")
		if err := b.as(t, "manager", "interpretation", "answer", i.ID, map[string]any{"answer": "不算"}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("answered by another body: %v", err)
		}
		if err := b.as(t, "clerk", "interpretation", "answer", i.ID, map[string]any{"answer": "算"}); err != nil {
			t.Fatal(err)
		}
		if err := b.as(t, "clerk", "interpretation", "overrule", i.ID, map[string]any{"answer": "不算"}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("overruled by the same body: %v", err)
		}
		if err := b.as(t, "manager", "interpretation", "overrule", i.ID, map[string]any{"answer": "不算"}); err != nil {
			t.Fatal(err)
		}
		last := newest[regulation.Interpretation](t, b, "interpretation")
		if !last.Final || last.ReplacesID != i.ID || last.Answer != "不算" {
			t.Errorf("%+v", last)
		}
		if err := b.as(t, "manager", "interpretation", "overrule", last.ID, map[string]any{"answer": "再议"}); !errs.Is(err, errs.Conflict) {
			t.Errorf("a final answer replaced: %v", err)
		}
	})
}

func TestYieldingClauseActsNoMore(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, bind("guard", guardSpec))
		b.set(t, func(r *regulation.Regulation) { r.Rank = "department" })
		b.system(t, func(c *record.Call) error {
			v, err := b.engine.Store(ctx, c, &regulation.Draft{Key: "x2", Title: "公司制度", Clauses: []*regulation.Clause{{Key: "x2.1", Body: "结果可以后补。", Level: "article"}}})
			if err != nil {
				return err
			}
			return b.engine.Advance(ctx, c, v)
		})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		in := map[string]any{"keep_key": "x1.12", "yield_key": "x2.1", "ground": "rank", "reason": "反了"}
		if err := b.as(t, "manager", "rule_conflict", record.Create, 0, in); !errs.Is(err, errs.Invalid) {
			t.Errorf("the lower rank kept: %v", err)
		}
		in = map[string]any{"keep_key": "x2.1", "yield_key": "x1.12", "ground": "rank", "reason": "公司制度优先"}
		if err := b.as(t, "manager", "rule_conflict", record.Create, 0, in); err != nil {
			t.Fatal(err)
		}
		b.must(t, "clerk", "close", id, nil)
		x := newest[regulation.RuleConflict](t, b, "rule_conflict")
		if err := b.as(t, "manager", "rule_conflict", "lift", x.ID, map[string]any{"reason": "公司制度已改"}); err != nil {
			t.Fatal(err)
		}
		again := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		if _, err := b.do(t, "clerk", "close", again, nil); !errs.Is(err, errs.Refused) {
			t.Errorf("after the conflict was lifted: %v", err)
		}
	})
}

func TestReviewNeedsAVerdictOnEveryClause(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		months := int64(6)
		b.draft(t)
		b.set(t, func(r *regulation.Regulation) { r.ReviewEvery, r.Accountable = &months, "manager" })
		b.force(t)
		b.clock.Set(friday.AddDate(0, 6, 1))
		b.night(t)
		b.night(t)
		v := newest[regulation.Review](t, b, "regulation_review")
		if v.OwnerID != b.people["manager"] || v.Status != "open" {
			t.Fatalf("%+v", v)
		}
		if err := b.as(t, "manager", "regulation_review", "close", v.ID, nil); !errs.Is(err, errs.Conflict) {
			t.Errorf("closed without verdicts: %v", err)
		}
		in := map[string]any{"verdicts": map[string]any{"x1.12": "amend"}, "conclusion": "改为书面"}
		if err := b.as(t, "manager", "regulation_review", record.Update, v.ID, in); err != nil {
			t.Fatal(err)
		}
		if err := b.as(t, "manager", "regulation_review", "close", v.ID, nil); err != nil {
			t.Fatal(err)
		}
		if p := newest[regulation.Proposal](t, b, "revision_proposal"); p.Source != "review" || p.ClauseKey != "x1.12" || p.Status != "accepted" {
			t.Errorf("%+v", p)
		}
	})
}

func TestSignatureWithObjectionIsRenewed(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, bind("acknowledge", "within: 7d\nrenew: 365d\n"))
		list := func() (out []*regulation.Acknowledgement) {
			b.system(t, func(c *record.Call) (err error) {
				out, err = record.Find[regulation.Acknowledgement](ctx, c, "acknowledgement", record.Where("owner_id", b.people["clerk"]), 10)
				return err
			})
			return out
		}
		task := list()[0]
		if err := b.as(t, "clerk", "acknowledgement", "sign", task.ID, map[string]any{"objection": "四小时太短"}); err != nil {
			t.Fatal(err)
		}
		if err := b.as(t, "clerk", "acknowledgement", "answer_objection", task.ID, map[string]any{"answer": "是"}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("own objection: %v", err)
		}
		if err := b.as(t, "manager", "acknowledgement", "answer_objection", task.ID, map[string]any{"answer": "试行三个月再看"}); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(366 * 24 * time.Hour)
		b.tick(t)
		if got := list(); len(got) != 1 || got[0].Status != "outstanding" || got[0].DueAt == nil || !got[0].DueAt.After(b.clock.Now()) {
			t.Fatalf("after a year: %+v", got[0])
		}
		b.clock.Advance(8 * 24 * time.Hour)
		b.tick(t)
		b.want(t, "not renewed", map[evidence.Result]int{evidence.Signed: 1})
		if b.results(t)[evidence.Outstanding] == 0 {
			t.Error("nobody is outstanding")
		}
	})
}
