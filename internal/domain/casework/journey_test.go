package casework_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

func TestInquiryInTwoSteps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		agent := b.person(t, "王芳", "specialist")
		k := b.create(t, agent, map[string]any{"content": "几点开门？"})
		if k.Number != "CS-2026-000001" || k.State != casework.Received || k.Round != 1 || !k.ReceivedAt.Equal(monday) {
			t.Errorf("new case: %+v", k)
		}
		b.clock.Advance(time.Hour)
		k = b.on(t, agent, k, "answer", map[string]any{"text": "九点。"})
		b.clock.Advance(time.Hour)
		b.on(t, agent, k, "answer", map[string]any{"text": "九点半。"})
		k = b.on(t, agent, k, "close", map[string]any{"result": "explained", "result_text": "已告知营业时间"})
		if !k.FirstAnswerAt.Equal(monday.Add(time.Hour)) || !k.AnsweredAt.Equal(monday.Add(2*time.Hour)) || k.State != casework.Closed {
			t.Errorf("closed case: first answer %s, answer %s, state %s", k.FirstAnswerAt, k.AnsweredAt, k.State)
		}
		if v := fetch[casework.Volume](t, b, "case_volume", record.Where("year", int64(2026))); len(v) != 1 {
			t.Errorf("%d volumes of 2026 after closing", len(v))
		}
		spot := b.create(t, agent, map[string]any{"content": "电话多少？", "answer": "见官网"})
		if spot.State != casework.Answered || !spot.FirstAnswerAt.Equal(spot.ReceivedAt) {
			t.Errorf("answered on the spot: %s, first answer %s", spot.State, spot.FirstAnswerAt)
		}
		b.refused(t, "field.read_only", agent, "case", record.Update, k.ID, map[string]any{"content": "改写"})
	})
}

func TestComplaintFromDeskToArchive(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		desk, officer := b.person(t, "前台", "receptionist"), b.person(t, "专责", "complaint_officer")
		partner, archivist := b.person(t, "合伙人甲", "partner"), b.person(t, "档案员", "archivist")
		lawyer := b.person(t, "律师乙", "specialist")
		area := b.make(t, "practice_area", map[string]any{"title": "劳动", "partner_id": partner.UserID.String()})
		k := b.create(t, desk, map[string]any{
			"kind": "complaint", "channel": "phone", "content": "收费后不办事", "practice_area_id": area.String(), "complained_user_id": lawyer.UserID.String(),
		})
		if _, err := b.do(desk, "case", "accept", k.ID, nil); !errs.Is(err, errs.Forbidden) {
			t.Errorf("the desk accepts: %v", err)
		}
		k = b.on(t, officer, k, "accept", nil)
		if k.AcceptedBy != officer.UserID || k.OfficerID != officer.UserID || k.OwnerID != officer.UserID {
			t.Errorf("accepted by %v, officer %v, owner %v", k.AcceptedBy, k.OfficerID, k.OwnerID)
		}
		b.on(t, officer, k, "notify_arrangement", map[string]any{"text": "三日内调查，五日内答复", "confidential": true})
		b.on(t, officer, k, "investigate", map[string]any{"plan": "查卷、谈话"})
		id := k.ID.String()
		m := b.must(t, officer, "case_material", record.Create, 0, map[string]any{"case_id": id, "title": "收据", "form": "original"})
		a := b.must(t, officer, "case_allegation", record.Create, 0, map[string]any{"case_id": id, "text": "收费未开票"})
		b.must(t, officer, "case_material", "verify", m.HeadOf().ID, map[string]any{"authenticity": "genuine", "check_method": "与财务核对"})
		b.must(t, officer, "case_allegation", "find", a.HeadOf().ID, map[string]any{"finding": "proven", "source": "收据"})
		k = b.on(t, officer, k, "opinion", map[string]any{"facts": "属实", "assessment": "违规", "proposal": "退费并道歉"})
		if k.DeciderID != partner.UserID {
			t.Errorf("the decision went to %v, want the partner of the area", k.DeciderID)
		}
		b.refused(t, "case.opinion_given", officer, "case", "opinion", k.ID, map[string]any{"facts": "再", "assessment": "再", "proposal": "再"})
		b.on(t, officer, k, "supplement_opinion", map[string]any{"text": "补充：已核对"})
		k = b.on(t, partner, k, "decide", map[string]any{"finding": "属实", "conclusion": "upheld", "measure": "退费", "remedy": []any{"refund"}, "remedy_cost": "3000", "reply_text": "见函"})
		b.refused(t, "case.already_decided", partner, "case", "decide", k.ID, nil)
		b.on(t, officer, k, "confirm_receipt", nil)
		w := b.must(t, officer, "case_measure", record.Create, 0, map[string]any{"case_id": id, "title": "退费三千元", "kind": "refund", "owner_id": officer.UserID.String()})
		b.must(t, officer, "case_measure", "complete", w.HeadOf().ID, map[string]any{"outcome": "已退"})
		b.refused(t, "case_measure.verify_own", officer, "case_measure", "verify", w.HeadOf().ID, nil)
		k = b.on(t, officer, k, "reply", map[string]any{"body": "经查属实，已退费并致歉。", "channel": "letter", "proof": "EMS 1"})
		if k.State != casework.Answered {
			t.Errorf("after the reply: %s", k.State)
		}
		b.on(t, officer, k, "inform_customer", map[string]any{"informed_how": "phone", "reaction": "接受"})
		k = b.on(t, officer, k, "close", map[string]any{"result": "upheld", "result_text": "退费道歉", "lesson": "change", "lesson_text": "开票制度"})
		if k.RemedyCost == nil || *k.RemedyCost != 300000 || !slices.Equal(k.Remedy, []string{"refund"}) {
			t.Errorf("remedy of the decision was lost: %v %v", k.Remedy, k.RemedyCost)
		}
		k = b.on(t, archivist, k, "file", map[string]any{"shelf": "2026-投-01"})
		if k.State != casework.Filed || k.ArchivistID != archivist.UserID {
			t.Errorf("filed: %s by %v", k.State, k.ArchivistID)
		}
	})
}

func TestThePersonComplainedOfStaysOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		ctx := context.Background()
		officer, lead := b.person(t, "专责", "complaint_officer"), b.person(t, "组长", "team_leader")
		accused := b.person(t, "赵六", "manager")
		k := b.create(t, lead, map[string]any{"kind": "complaint", "subject": "态度恶劣投诉"})
		b.on(t, officer, k, "accept", nil)
		b.on(t, officer, k, "assign_handler", map[string]any{"user_id": accused.UserID.String()})
		b.on(t, officer, k, "note_contact", map[string]any{"summary": "客户说是赵六"})
		if _, err := b.all.Read(ctx, accused, "case", k.ID); err != nil {
			t.Fatalf("before he is named: %v", err)
		}
		k = b.must(t, officer, "case", record.Update, k.ID, map[string]any{"complained_user_id": accused.UserID.String()}).(*casework.Case)
		if k.HandlerID != 0 {
			t.Error("the person complained of is still the handler")
		}
		for _, typ := range []string{"case", "case_contact", "case_note"} {
			l, err := b.all.List(ctx, accused, typ, record.Query{})
			if err != nil || len(l.Views) != 0 {
				t.Errorf("he sees %d of %s: %v", len(l.Views), typ, err)
			}
		}
		if _, err := b.all.Read(ctx, accused, "case", k.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("he opens the case: %v", err)
		}
		if hits, err := b.all.Search(ctx, accused, "态度恶劣", nil, 10); err != nil || len(hits) != 0 {
			t.Errorf("he finds the case by search: %d, %v", len(hits), err)
		}
		if _, err := b.do(accused, "case", "reopen", k.ID, map[string]any{"reason": "我看看"}); !errs.Is(err, errs.NotFound) {
			t.Errorf("he acts on the case: %v", err)
		}
		b.refused(t, "field.unknown_ref", accused, "case_note", record.Create, 0, map[string]any{"case_id": k.ID.String(), "text": "辩解"})
		for act, in := range map[string]map[string]any{
			"assign_handler": {"user_id": accused.UserID.String()}, "assign_officer": {"user_id": accused.UserID.String()},
			"hand_over": {"user_id": accused.UserID.String()}, "invite": {"user_id": accused.UserID.String()},
			record.Assign: {"owner_id": accused.UserID.String()}, "escalate": {"user_id": accused.UserID.String(), "reason": "请示"},
		} {
			b.refused(t, "recusal.in_charge", officer, "case", act, k.ID, in)
		}
		b.refused(t, "recusal.in_charge", officer, "case_measure", record.Create, 0, map[string]any{
			"case_id": k.ID.String(), "title": "道歉", "owner_id": accused.UserID.String()})
		b.refused(t, "case.still_complained_of", officer, "case", "lift_recusal", k.ID, map[string]any{"user_id": accused.UserID.String(), "reason": "误会"})

		other := b.person(t, "钱七", "manager")
		b.must(t, officer, "case", record.Update, k.ID, map[string]any{"complained_user_id": other.UserID.String()})
		for _, a := range []record.Actor{accused, other} {
			if _, err := b.all.Read(ctx, a, "case", k.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("%s reads the case: %v", a.Name, err)
			}
		}
		b.on(t, officer, k, "lift_recusal", map[string]any{"user_id": accused.UserID.String(), "reason": "客户认错人"})
		if _, err := b.all.Read(ctx, accused, "case", k.ID); err != nil {
			t.Errorf("after the recusal was lifted: %v", err)
		}
	})
}

func TestTheAccusedAnswersOnASheetOfHisOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	officer, accused, other := b.person(t, "专责", "complaint_officer"), b.person(t, "赵六", "specialist"), b.person(t, "钱七", "specialist")
	k := b.create(t, officer, map[string]any{"kind": "complaint", "complained_user_id": accused.UserID.String()})
	s := b.must(t, officer, "case_statement", record.Create, 0, map[string]any{
		"about_id": k.ID.String(), "user_id": accused.UserID.String(), "question": "当日经过？"})
	second := b.person(t, "专责二", "complaint_officer")
	about := b.create(t, officer, map[string]any{"kind": "complaint", "complained_user_id": second.UserID.String()})
	hidden := b.must(t, officer, "case_statement", record.Create, 0, map[string]any{
		"about_id": about.ID.String(), "user_id": other.UserID.String(), "question": "你看到什么？"})
	if _, err := b.all.Read(context.Background(), second, "case_statement", hidden.HeadOf().ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("the officer complained of reads what others say: %v", err)
	}
	b.refused(t, "field.unknown_ref", second, "case_statement", record.Create, 0, map[string]any{
		"about_id": about.ID.String(), "user_id": other.UserID.String(), "question": "为什么？"})
	if _, err := b.do(other, "case_statement", "give", s.HeadOf().ID, map[string]any{"text": "不知道"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("somebody else answers: %v", err)
	}
	got := b.must(t, accused, "case_statement", "give", s.HeadOf().ID, map[string]any{"text": "当日按流程接待"}).(*casework.Statement)
	if got.State != "given" || !got.GivenAt.Equal(monday) {
		t.Errorf("statement: %+v", got)
	}
}

func TestSameNameOnBothSidesIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin, accused := b.person(t, "管理员", "administrator"), b.person(t, "赵六", "specialist")
	_, err := b.do(admin, "case", record.Create, 0, map[string]any{
		"subject": "投诉", "kind": "complaint", "owner_id": accused.UserID.String(), "complained_user_id": accused.UserID.String()})
	if errs.KeyOf(err) != "recusal.in_charge" {
		t.Errorf("a complaint given to the person complained of: %v", err)
	}
	_, err = b.do(admin, "case", record.Create, 0, map[string]any{
		"subject": "投诉", "kind": "complaint", "co_owner_id": accused.UserID.String(), "complained_user_id": accused.UserID.String()})
	if errs.KeyOf(err) != "recusal.in_charge" {
		t.Errorf("co-owned by the person complained of: %v", err)
	}
}

func TestMergeAndSplit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		officer, accused := b.person(t, "专责", "complaint_officer"), b.person(t, "赵六", "specialist")
		cust := b.make(t, "customer", map[string]any{"name": "华信公司"})
		first := b.create(t, officer, map[string]any{"kind": "complaint", "complained_user_id": accused.UserID.String(), "customer_id": cust.String(), "contact_name": "陈女士", "contact_phone": "13800138000"})
		second, third := b.create(t, officer, map[string]any{"kind": "complaint"}), b.create(t, officer, map[string]any{"kind": "complaint"})
		b.refused(t, "case.merge_self", officer, "case", "merge_into", first.ID, map[string]any{"target_id": first.ID.String()})
		b.on(t, officer, first, "merge_into", map[string]any{"target_id": second.ID.String()})
		b.refused(t, "case.merge_state", officer, "case", "merge_into", third.ID, map[string]any{"target_id": first.ID.String()})
		if _, err := b.all.Read(context.Background(), accused, "case", second.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("recusal did not follow the merge: %v", err)
		}
		b.on(t, officer, second, "merge_into", map[string]any{"target_id": third.ID.String()})
		if got := b.load(t, first.ID); got.State != casework.Merged || got.MergedInto != third.ID {
			t.Errorf("the first merged case is %s and points at %v, want %v", got.State, got.MergedInto, third.ID)
		}
		mine := b.create(t, officer, map[string]any{"kind": "complaint", "owner_id": accused.UserID.String()})
		b.refused(t, "case.merge_in_charge", officer, "case", "merge_into", third.ID, map[string]any{"target_id": mine.ID.String()})

		whole := b.create(t, officer, map[string]any{"kind": "complaint", "complained_user_id": accused.UserID.String(), "customer_id": cust.String(), "contact_name": "陈女士", "contact_phone": "13800138000"})
		b.on(t, officer, whole, "split", map[string]any{"subject": "另：收费问题", "content": "多收了钱", "kind": "request"})
		parts := fetch[casework.Case](t, b, "case", record.Where("parent_case_id", whole.ID))
		if len(parts) != 1 {
			t.Fatalf("%d cases were split off", len(parts))
		}
		p := parts[0]
		if p.CustomerID != cust || p.ContactName != "陈女士" || p.Kind != "request" || p.State != casework.Received || p.Number == whole.Number {
			t.Errorf("split off: %+v", p)
		}
		if _, err := b.all.Read(context.Background(), accused, "case", p.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("he reads the part that was split off: %v", err)
		}
	})
}

func TestMergingIntoACaseOneMayNotSee(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	lead, officer := b.person(t, "组长", "team_leader"), b.person(t, "专责", "complaint_officer")
	against := b.create(t, officer, map[string]any{"kind": "complaint", "complained_user_id": lead.UserID.String()})
	mine := b.create(t, lead, map[string]any{"kind": "complaint"})
	b.refused(t, "field.unknown_ref", lead, "case", "merge_into", mine.ID, map[string]any{"target_id": against.ID.String()})
}

func TestSecondRound(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		officer, handler, reviewer := b.person(t, "专责", "complaint_officer"), b.person(t, "甲", "specialist"), b.person(t, "乙", "specialist")
		k := b.create(t, officer, map[string]any{"kind": "complaint"})
		b.on(t, officer, k, "accept", nil)
		b.on(t, officer, k, "assign_handler", map[string]any{"user_id": handler.UserID.String()})
		b.on(t, officer, k, "decide", map[string]any{"conclusion": "rejected"})
		b.on(t, officer, k, "inform_customer", nil)
		b.on(t, officer, k, "close", map[string]any{"result": "rejected"})
		b.refused(t, "case.score_or_refusal", officer, "case", "satisfaction", k.ID, nil)
		b.on(t, officer, k, "satisfaction", map[string]any{"satisfaction": 1, "dissatisfied_why": "没有解决"})
		open := fetch[casework.Objection](t, b, "case_objection", record.Where("case_id", k.ID))
		if len(open) != 1 || open[0].OwnerID != handler.UserID || open[0].State != "open" {
			t.Fatalf("objections after a low score: %+v", open)
		}
		b.must(t, officer, "case_objection", "follow_up", open[0].ID, map[string]any{"follow_up": "external_routes", "outcome": "confirmed"})
		b.refused(t, "case.same_reviewer", officer, "case", "object", k.ID, map[string]any{"reason": "不服", "reviewer_id": handler.UserID.String()})
		k = b.on(t, officer, k, "object", map[string]any{"reason": "不服", "reviewer_id": reviewer.UserID.String()})
		if k.State != casework.Investigating || k.Round != 2 || k.HandlerID != reviewer.UserID || !k.DecidedAt.IsZero() || k.VolumeYear != 0 {
			t.Errorf("second round: %s, round %d, handler %v, decided %s", k.State, k.Round, k.HandlerID, k.DecidedAt)
		}
		b.on(t, officer, k, "opinion", map[string]any{"facts": "复查", "assessment": "成立", "proposal": "退费"})
		if got := b.on(t, officer, k, "decide", map[string]any{"conclusion": "upheld"}); got.Conclusion != "upheld" {
			t.Errorf("second decision: %s", got.Conclusion)
		}
	})
}

func TestNotSolvedComesBackMoreUrgent(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	agent := b.person(t, "王芳", "specialist")
	k := b.create(t, agent, map[string]any{"kind": "problem"})
	b.on(t, agent, k, "answer", map[string]any{"text": "请重启"})
	b.on(t, agent, k, "call_back", map[string]any{"callback_result": "no", "comment": "还是不行"})
	got := b.load(t, k.ID)
	if got.State != casework.Investigating || got.Urgency != "high" || got.ReopenCount != 1 || got.ReopenReason != "还是不行" {
		t.Errorf("after the call-back: %s, %s, reopened %d", got.State, got.Urgency, got.ReopenCount)
	}
	k = b.on(t, agent, got, "answer", map[string]any{"text": "已上门"})
	if k = b.on(t, agent, k, "call_back", map[string]any{"callback_result": "yes"}); k.State != casework.Answered || k.ReopenCount != 1 {
		t.Errorf("confirmed: %s, %d", k.State, k.ReopenCount)
	}
}

func TestHandoverNeedsTheReceiver(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	a, c, d := b.person(t, "甲", "specialist"), b.person(t, "乙", "specialist"), b.person(t, "丙", "specialist")
	k := b.create(t, a, nil)
	b.on(t, a, k, "take", nil)
	b.refused(t, "case.no_handover", a, "case", "confirm_handover", k.ID, nil)
	b.refused(t, "case.handover_to_owner", a, "case", "hand_over", k.ID, map[string]any{"user_id": a.UserID.String()})
	k = b.on(t, a, k, "hand_over", map[string]any{"user_id": c.UserID.String(), "list": "收据一张"})
	if k.OwnerID != a.UserID {
		t.Error("the owner changed before the receiver confirmed")
	}
	b.refused(t, "case.handover_not_yours", d, "case", "confirm_handover", k.ID, nil)
	k = b.on(t, c, k, "confirm_handover", nil)
	if k.OwnerID != c.UserID || k.TransferCount != 1 || k.HandoverTo != 0 {
		t.Errorf("after confirming: owner %v, %d transfers", k.OwnerID, k.TransferCount)
	}
	b.on(t, c, k, "hand_over", map[string]any{"user_id": d.UserID.String()})
	if k = b.on(t, d, k, "return_handover", map[string]any{"reason": "不归我组"}); k.OwnerID != c.UserID || k.HandoverReason != "不归我组" {
		t.Errorf("returned: owner %v, %q", k.OwnerID, k.HandoverReason)
	}
}

func TestTwoOwnersAgree(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	a, co := b.person(t, "甲", "specialist"), b.person(t, "乙", "specialist")
	k := b.create(t, a, map[string]any{"kind": "problem", "co_owner_id": co.UserID.String()})
	b.refused(t, "case.co_owner_only", a, "case", "agree", k.ID, nil)
	b.refused(t, "case.not_resolved", co, "case", "agree", k.ID, nil)
	b.on(t, a, k, "resolve", map[string]any{"solution": "换线"})
	if k = b.on(t, co, k, "disagree", map[string]any{"reason": "客户仍未确认"}); !k.ResolvedAt.IsZero() {
		t.Error("solved against the co-owner")
	}
	b.on(t, a, k, "resolve", map[string]any{"solution": "换线并确认"})
	if k = b.on(t, co, k, "agree", nil); k.CoAgreedAt.IsZero() || k.CoObjection != "" {
		t.Errorf("agreed: %s %q", k.CoAgreedAt, k.CoObjection)
	}
}

func TestRepliesAreHeldApprovedAndFinal(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	officer, agent := b.person(t, "专责", "complaint_officer"), b.person(t, "王芳", "specialist")
	k := b.create(t, officer, map[string]any{"kind": "complaint"})
	b.on(t, officer, k, "accept", nil)
	r := b.must(t, agent, "case_reply", record.Create, 0, map[string]any{"case_id": k.ID.String(), "subject": "答复", "body": "我们承诺退费"}).HeadOf().ID
	b.must(t, agent, "case_reply", "hold", r, map[string]any{"reason": "含承诺"})
	if _, err := b.do(agent, "case_reply", "approve", r, nil); !errs.Is(err, errs.Forbidden) {
		t.Errorf("an agent approves: %v", err)
	}
	b.must(t, officer, "case_reply", "approve", r, nil)
	got := b.must(t, agent, "case_reply", record.Update, r, map[string]any{"body": "我们承诺双倍退费"}).(*casework.Reply)
	if got.State != "draft" || got.ApprovedBy != 0 {
		t.Errorf("a changed text stays approved: %s", got.State)
	}
	b.must(t, agent, "case_reply", "send", r, map[string]any{"proof": "EMS 2"})
	b.refused(t, "case_reply.final", officer, "case_reply", record.Update, r, map[string]any{"body": "改"})
	if k := b.load(t, k.ID); k.State != casework.Answered || k.FirstAnswerAt.IsZero() {
		t.Errorf("the case after the letter went out: %s", k.State)
	}
}

func TestDelegatedPersonsJoinTheCase(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	agent, expert := b.person(t, "王芳", "specialist"), b.person(t, "工程师", "partner")
	k := b.create(t, agent, nil)
	if _, err := b.all.Read(context.Background(), expert, "case", k.ID); !errs.Is(err, errs.NotFound) {
		t.Fatalf("before: %v", err)
	}
	b.refused(t, "case.delegate_to_whom", agent, "case", "delegate", k.ID, map[string]any{"content": "帮忙"})
	b.on(t, agent, k, "delegate", map[string]any{"to_user_id": expert.UserID.String(), "content": "查型号", "kind": "expert"})
	if _, err := b.all.Read(context.Background(), expert, "case", k.ID); err != nil {
		t.Errorf("the expert cannot read what he is asked about: %v", err)
	}
	tasks := fetch[casework.Task](t, b, "case_task", record.Where("case_id", k.ID))
	if len(tasks) != 1 || tasks[0].OwnerID != expert.UserID {
		t.Errorf("sub-tasks: %+v", tasks)
	}
}

func TestProblemsCountAndRecur(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	p := b.make(t, "case_problem", map[string]any{"title": "密封圈老化"})
	k := b.create(t, admin, nil)
	b.on(t, admin, k, "link_problem", map[string]any{"problem_id": p.String()})
	b.on(t, admin, k, "link_problem", map[string]any{"problem_id": p.String()})
	b.must(t, admin, "case_problem", "start_measures", p, map[string]any{"counter_measures": "换供应商"})
	b.must(t, admin, "case_problem", "check_effect", p, map[string]any{"effect_result": "works"})
	b.on(t, admin, b.create(t, admin, nil), "link_problem", map[string]any{"problem_id": p.String()})
	got := fetch[casework.Problem](t, b, "case_problem", record.Where("id", p))[0]
	if got.CaseCount != 2 || got.State != "open" || got.EffectResult != "recurred" || got.RecurrenceCount != 1 {
		t.Errorf("problem: %+v", got)
	}
}

func TestCategoriesRouteAndFormATree(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	logistics := b.make(t, "unit", map[string]any{"name": "物流部", "kind": "department"})
	top := b.make(t, "case_category", map[string]any{"key": "delivery", "title": "配送", "route_unit": logistics.String()})
	sub := b.make(t, "case_category", map[string]any{"key": "late", "title": "迟到", "parent_id": top.String()})
	b.refused(t, "case_category.cycle", admin, "case_category", record.Update, top, map[string]any{"parent_id": sub.String()})
	res, err := b.runner.Do(context.Background(), b.system("case", record.Create), action.Command{
		Type: "case", Action: record.Create, Input: map[string]any{"subject": "没送到", "category_id": sub.String()}})
	if err != nil {
		t.Fatal(err)
	}
	k := res.Record.(*casework.Case)
	if k.UnitID != logistics {
		t.Errorf("routed to %v, want logistics", k.UnitID)
	}
	if !k.ClassifiedAt.IsZero() {
		t.Error("a choice of the sender counts as sorting")
	}
	if got := b.on(t, admin, k, "classify", map[string]any{"category_id": top.String(), "severity": "high"}); got.ClassifiedAt.IsZero() || got.Severity != "high" {
		t.Errorf("classified: %+v", got)
	}
}
