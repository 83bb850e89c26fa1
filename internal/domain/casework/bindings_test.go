package casework_test

import (
	"context"
	"os"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"

	"go.yaml.in/yaml/v3"
)

// bindings reads testdata/bindings.yaml and compiles every condition against the types and facts of the room.
func bindings(t testing.TB) map[string][]*control.Bound {
	t.Helper()
	src, err := os.ReadFile("testdata/bindings.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]yaml.Node
	if err := yaml.Unmarshal(src, &list); err != nil {
		t.Fatal(err)
	}
	reg := registry()
	compiler := rule.NewCompiler(reg, casework.Facts())
	out := map[string][]*control.Bound{}
	for _, b := range list {
		node := b["clause"]
		clause := node.Value
		for kind, n := range b {
			if kind == "clause" {
				continue
			}
			spec, err := control.Parse(clause, control.Kind(kind), &n)
			if err != nil {
				t.Errorf("%s %s: %v", clause, kind, err)
				continue
			}
			bound, err := control.Compile(spec, compiler, reg)
			if err != nil {
				t.Errorf("%s %s: %v", clause, kind, err)
				continue
			}
			out[clause] = append(out[clause], bound)
		}
	}
	return out
}

// lawGate enforces the guards of the chosen clauses as the regulation engine does.
type lawGate struct {
	bounds map[string][]*control.Bound
	on     []string
}

func (g *lawGate) Before(ctx context.Context, c *record.Call) error {
	in := rule.Input{Call: c,
		Work: func(a, b time.Time) (time.Duration, error) { return b.Sub(a), nil },
		Load: func(ctx context.Context, typ string, id record.ID) (record.Entity, error) {
			return c.Work.Load(ctx, c, typ, id)
		},
	}
	for _, clause := range g.on {
		for _, b := range g.bounds[clause] {
			refuse := b.Refuses(c.Event())
			if refuse == nil {
				continue
			}
			if applies := b.Applies(c.Event()); applies != nil {
				if ok, err := applies.Bool(ctx, in); err != nil || !ok {
					if err != nil {
						return err
					}
					continue
				}
			}
			no, err := refuse.Bool(ctx, in)
			if err != nil {
				return err
			}
			if no {
				return errs.New(errs.Refused, clause)
			}
		}
	}
	return nil
}

func (*lawGate) After(context.Context, *record.Call) error { return nil }

func TestBindingsCompile(t *testing.T) {
	t.Parallel()
	if got := len(bindings(t)); got < 70 {
		t.Errorf("%d clauses are bound", got)
	}
}

// TestALawFirmsComplaint walks through a complaint under the clauses of a law firm: each step is refused until what its
// clause asks for was done.
func TestALawFirmsComplaint(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		desk, officer, director := b.person(t, "前台", "receptionist"), b.person(t, "专责", "complaint_officer"), b.person(t, "主任", "director")
		partner, archivist, lawyer := b.person(t, "合伙人", "partner"), b.person(t, "档案", "archivist"), b.person(t, "律师", "specialist")
		area := b.make(t, "practice_area", map[string]any{"title": "劳动", "partner_id": partner.UserID.String()})
		gate := &lawGate{bounds: bindings(t)}
		b.runner.Gates = append(b.runner.Gates, gate)
		try := func(clause string, a record.Actor, typ, act string, id record.ID, bad, good map[string]any) {
			t.Helper()
			gate.on = []string{clause}
			b.refused(t, clause, a, typ, act, id, bad)
			if good != nil {
				b.must(t, a, typ, act, id, good)
			}
			gate.on = nil
		}
		k := b.create(t, desk, map[string]any{"kind": "complaint", "channel": "phone", "content": "不办事", "practice_area_id": area.String()})
		id := k.ID.String()
		try("r19.1.1.4.1.1", officer, "case", "accept", k.ID, nil, nil)
		b.must(t, officer, "case", record.Update, k.ID, map[string]any{"contact_name": "陈女士", "complained_user_id": lawyer.UserID.String()})
		try("r19.1.0.2", officer, "case", "accept", k.ID, nil, nil)
		b.must(t, officer, "case", record.Update, k.ID, map[string]any{"not_stated": true})
		b.must(t, officer, "case", "accept", k.ID, nil)
		try("r19.1.2.5.2", officer, "case", "investigate", k.ID, nil, nil)
		b.on(t, officer, k, "notify_arrangement", map[string]any{"text": "五日内答复"})
		gate.on = []string{"r19.1.2.5.2"}
		b.on(t, officer, k, "investigate", nil)
		try("r19.1.2.7.3.2", officer, "case", "note_contact", k.ID, map[string]any{"result": "reached"}, map[string]any{"result": "reached", "no_promise": true})
		try("r19.1.2.7.3.2", officer, "case", "reply", k.ID, map[string]any{"body": "我们承\n诺退费"}, nil)
		if drafts := fetch[casework.Reply](t, b, "case_reply", record.Where("case_id", k.ID)); len(drafts) != 0 {
			t.Errorf("%d replies stayed behind a refusal", len(drafts))
		}
		m := b.must(t, officer, "case_material", record.Create, 0, map[string]any{"case_id": id, "title": "合同"}).HeadOf().ID
		try("r19.1.1.4.2", officer, "case_material", "hand_out", m, nil, map[string]any{"handed_out_to": "合伙人", "return_on": "2026-03-05"})
		whole := map[string]any{"finding": "属实", "conclusion": "upheld", "measure": "退费", "remedy": []any{"refund"}, "reply_text": "见函"}
		for _, clause := range []string{"r19.1.2.2.1", "r19.1.2.2.2", "r19.1.2.3.1", "r19.1.2.3.2", "r19.1.2.7.2.1", "r19.1.2.7.2.2"} {
			try(clause, officer, "case", "decide", k.ID, whole, nil)
		}
		a := b.must(t, officer, "case_allegation", record.Create, 0, map[string]any{"case_id": id, "text": "未出庭"}).HeadOf().ID
		b.must(t, officer, "case_allegation", "find", a, map[string]any{"finding": "proven"})
		b.must(t, officer, "case_material", "verify", m, map[string]any{"authenticity": "genuine", "check_method": "原件比对"})
		b.must(t, officer, "case_timeline_entry", record.Create, 0, map[string]any{"case_id": id, "at": "2026-02-01T10:00:00+08:00", "text": "签约", "source_kind": "document", "source": "合同"})
		b.on(t, officer, k, "tick_checklist", map[string]any{"checklist": []any{"allegations", "materials", "both_sides", "timeline"}})
		b.on(t, director, k, "confirm_checklist", nil)
		b.on(t, officer, k, "opinion", map[string]any{"facts": "属实", "assessment": "违约", "proposal": "退费"})
		try("r19.1.2.2.3", officer, "case", "substitute", k.ID, map[string]any{"user_id": director.UserID.String(), "reason": "代行"}, nil)
		try("r19.1.2.6.1", partner, "case", "decide", k.ID, map[string]any{"finding": "属实"}, nil)
		gate.on = []string{"r19.1.2.2.1", "r19.1.2.2.2", "r19.1.2.3.1", "r19.1.2.3.2", "r19.1.2.6.1", "r19.1.2.7.2.1", "r19.1.2.7.2.2"}
		b.on(t, partner, k, "decide", whole)
		try("r19.1.2.6.2", officer, "case", "complete_handback", k.ID, nil, nil)
		b.must(t, officer, "case_material", "confirm_handback", m, nil)
		b.on(t, officer, k, "complete_handback", nil)
		w := b.must(t, officer, "case_measure", record.Create, 0, map[string]any{"case_id": id, "title": "退费"}).HeadOf().ID
		try("r19.1.2.6.3", officer, "case", "close", k.ID, nil, nil)
		b.must(t, officer, "case_measure", "drop", w, map[string]any{"reason": "另案处理"})
		try("r19.1.2.7.5", officer, "case", "close", k.ID, nil, nil)
		gate.on = []string{"r19.1.2.7.3.2"}
		b.on(t, officer, k, "reply", map[string]any{"body": "承诺三日内退费", "channel": "letter"})
		try("r19.1.0.3", officer, "case", "close", k.ID, nil, nil)
		gate.on = []string{"r19.1.2.6.2", "r19.1.2.6.3", "r19.1.2.7.5", "r19.1.0.3"}
		b.on(t, officer, k, "close", map[string]any{"lesson": "none", "lesson_text": "个案"})
		v := fetch[casework.Volume](t, b, "case_volume", record.Where("year", int64(2026)))[0].ID
		try("r19.1.3.1.2", archivist, "case_volume", "close", v, nil, nil)
		slip := map[string]any{"shelf": "A1", "file_list": "合同一份", "retain_until": "2031-12-31"}
		try("r19.1.3.1.1", officer, "case", "file", k.ID, slip, nil)
		gate.on = []string{"r19.1.3.1.1"}
		b.must(t, archivist, "case", "file", k.ID, slip)
		b.on(t, officer, k, "satisfaction", map[string]any{"satisfaction": 2})
		try("r19.1.3.3.2", archivist, "case_volume", "close", v, nil, nil)
		o := fetch[casework.Objection](t, b, "case_objection", record.Where("case_id", k.ID))[0].ID
		b.must(t, officer, "case_objection", "follow_up", o, map[string]any{"follow_up": "talk", "outcome": "withdrawn", "follow_up_text": "已说明"})
		gate.on = []string{"r19.1.3.1.2", "r19.1.3.3.2"}
		b.must(t, archivist, "case_volume", "close", v, nil)
	})
}

func TestServiceClausesRefuseAndPass(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	other := b.make(t, "unit", map[string]any{"name": "财务部", "kind": "department"})
	cat := b.make(t, "case_category", map[string]any{"key": "delivery", "title": "配送", "route_unit": b.unit.String()})
	article := b.make(t, "knowledge_article", map[string]any{"title": "退货规定", "body": "七日内可退。"})
	gate := &lawGate{bounds: bindings(t)}
	b.runner.Gates = append(b.runner.Gates, gate)
	tests := map[string]struct {
		act  string
		bad  map[string]any
		mend func(k *casework.Case)
		good map[string]any
	}{
		"r17.3.1.2.2": {act: record.Assign, bad: map[string]any{"unit_id": other.String()},
			mend: func(k *casework.Case) { b.on(t, admin, k, "classify", map[string]any{"category_id": cat.String()}) }, good: map[string]any{"unit_id": other.String()}},
		"r17.3.2.2.1": {act: record.Assign, bad: map[string]any{"unit_id": other.String()},
			good: map[string]any{"unit_id": other.String(), "reason": "涉及付款"}},
		"r17.3.3.1.2": {act: "close", mend: func(k *casework.Case) { b.on(t, admin, k, "inform_customer", nil) }},
		"r17.3.3.2.1": {act: record.Update, bad: map[string]any{"item": "箱"}, good: map[string]any{"next_step_on": "2026-03-04"}},
		"r15.4.3.2": {act: "close", mend: func(k *casework.Case) {
			for _, x := range fetch[casework.Task](t, b, "case_task", record.Where("case_id", k.ID)) {
				b.must(t, admin, "case_task", "answer", x.ID, map[string]any{"answer": "已办"})
			}
		}},
		"r15.3.3.4":   {act: "close", good: map[string]any{"result": "solved", "result_text": "已补发"}},
		"r01.7.4":     {act: "close", bad: map[string]any{"result": "solved"}, mend: func(k *casework.Case) { b.on(t, admin, k, "inform_customer", nil) }, good: map[string]any{"result": "solved", "result_text": "补发", "remedy": []any{"apology"}}},
		"r04.3.7.2":   {act: "close", good: map[string]any{"true_cause": "漏发", "prevention": "复核"}},
		"r11.2.1.2.3": {act: "promise", bad: map[string]any{"promised_at": "2026-03-02T18:00:00+08:00"}, good: map[string]any{"promised_at": "2026-03-02T18:00:00+08:00", "told": "今日答复"}},
		"r11.2.1.2.4": {act: "promise", bad: map[string]any{"promised_at": "2026-03-06T18:00:00+08:00"}, good: map[string]any{"promised_at": "2026-03-02T17:00:00+08:00"}},
		"r11.2.1.2.2": {act: "answer", bad: map[string]any{"text": "可退", "articles": []any{article.String()}},
			mend: func(*casework.Case) { b.must(t, admin, "knowledge_article", "approve", article, nil) },
			good: map[string]any{"text": "可退", "articles": []any{article.String()}}},
	}
	for clause, tt := range tests {
		gate.on = nil
		k := b.create(t, admin, map[string]any{"kind": "complaint", "content": "少发一件"})
		if clause == "r17.3.2.2.1" {
			b.on(t, admin, k, "classify", map[string]any{"category_id": cat.String()})
		}
		if clause == "r15.4.3.2" {
			b.on(t, admin, k, "delegate", map[string]any{"to_unit_id": other.String(), "content": "查付款"})
		}
		b.on(t, admin, k, "accept", nil)
		gate.on = []string{clause}
		b.refused(t, clause, admin, "case", tt.act, k.ID, tt.bad)
		if tt.mend != nil {
			gate.on = nil
			tt.mend(k)
			gate.on = []string{clause}
		}
		b.must(t, admin, "case", tt.act, k.ID, tt.good)
	}
}
