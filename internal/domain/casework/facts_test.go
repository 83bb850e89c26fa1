package casework_test

import (
	"slices"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

func TestPromisePhrases(t *testing.T) {
	t.Parallel()
	list := []string{"保证", "承诺", "refund", " "}
	for text, want := range map[string][]string{
		"我们承诺退费，并保证不再发生": {"保证", "承诺"}, "我们承\n 诺退费": {"承诺"}, "A full REFUND": {"refund"}, "正在调查": {}, "": {},
	} {
		if got := casework.PromisePhrases(text, list); !slices.Equal(got, want) {
			t.Errorf("PromisePhrases(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestFactsOfAnUnknownCase(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	for _, f := range casework.Facts() {
		args := make([]any, len(f.Args))
		for i, k := range f.Args {
			switch k {
			case rule.ID:
				args[i] = record.ID(0)
			case rule.Int:
				args[i] = int64(30)
			case rule.Text:
				args[i] = ""
			case rule.Texts:
				args[i] = []string{}
			}
		}
		switch v := b.fact(t, f.Name, args...).(type) {
		case bool:
			if v {
				t.Errorf("%s is true of no case", f.Name)
			}
		case int64:
			if v != 0 {
				t.Errorf("%s counts %d of no case", f.Name, v)
			}
		}
	}
}

func TestFactsFollowTheCase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		admin, accused := b.person(t, "管理员", "administrator"), b.person(t, "赵六", "specialist")
		k := b.create(t, admin, map[string]any{"kind": "complaint", "complained_user_id": accused.UserID.String()})
		id := k.ID.String()
		expect := func(want any, name string, more ...any) {
			t.Helper()
			if got := b.fact(t, name, append([]any{k.ID}, more...)...); got != want {
				t.Errorf("%s = %v, want %v", name, got, want)
			}
		}
		m := b.must(t, admin, "case_material", record.Create, 0, map[string]any{"case_id": id, "title": "录音", "form": "original"}).HeadOf().ID
		b.must(t, admin, "case_allegation", record.Create, 0, map[string]any{"case_id": id, "text": "推诿"})
		w := b.must(t, admin, "case_measure", record.Create, 0, map[string]any{"case_id": id, "title": "培训", "kind": "preventive"}).HeadOf().ID
		b.must(t, admin, "case_timeline_entry", record.Create, 0, map[string]any{"case_id": id, "at": "2026-03-01T09:00:00+08:00", "text": "来电"})
		expect(int64(1), "materials")
		expect(int64(1), "originals")
		expect(int64(0), "scanned_materials")
		expect(int64(1), "unverified_materials")
		expect(int64(1), "unreturned_materials")
		expect(int64(1), "open_allegations")
		expect(int64(1), "open_measures")
		expect(int64(1), "preventive_measures")
		expect(int64(1), "unverified_entries")
		if got := b.fact(t, "unverified_material_titles", k.ID); !slices.Equal(got.([]string), []string{"录音"}) {
			t.Errorf("unverified titles: %v", got)
		}
		b.must(t, admin, "case_material", "verify", m, map[string]any{"authenticity": "doubtful", "check_method": "听"})
		b.must(t, admin, "case_material", "hand_out", m, map[string]any{"handed_out_to": "王", "return_on": "2026-03-03"})
		b.refused(t, "case_material.is_out", admin, "case_material", "hand_out", m, nil)
		expect(int64(0), "unverified_materials")
		expect(int64(1), "lent_materials")
		b.must(t, admin, "case_material", "take_back", m, nil)
		b.refused(t, "case_material.is_here", admin, "case_material", "take_back", m, nil)
		expect(int64(0), "lent_materials")
		b.must(t, admin, "case_measure", "complete", w, map[string]any{"outcome": "完成"})
		expect(int64(1), "open_measures")
		expect(true, "complained_of", accused.UserID)
		expect(true, "recused", accused.UserID)
		expect(false, "recused", admin.UserID)
		expect(true, "is_open")
		expect(false, "has_reply")

		for _, at := range []string{"2026-03-01T23:30:00+08:00", "2026-03-02T00:30:00+08:00", "2026-03-02T09:00:00+08:00"} {
			b.on(t, admin, k, "note_contact", map[string]any{"result": "unreachable", "at": at})
		}
		b.refused(t, "case.in_future", admin, "case", "note_contact", k.ID, map[string]any{"at": "2026-03-02T11:00:00+08:00"})
		expect(int64(3), "contact_attempts")
		expect(int64(2), "distinct_contact_days")
		expect(false, "contact_reached")
		b.clock.Advance(time.Hour)
		b.must(t, admin, "case_note", record.Create, 0, map[string]any{"case_id": id, "text": "已约见"})
		expect(monday.Add(time.Hour), "last_activity")
		b.on(t, admin, k, "accept", nil)
		b.on(t, admin, k, "reply", pairs("body", "已处理", "channel", "message"))
		expect(true, "has_reply")
		expect(false, "has_written_reply")
		b.on(t, admin, k, "reply", pairs("body", "书面答复", "channel", "letter"))
		expect(true, "has_written_reply")
	})
}

func pairs(list ...string) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(list); i += 2 {
		out[list[i]] = list[i+1]
	}
	return out
}

func TestRepeatsLookBackInTime(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	cat := b.make(t, "case_category", map[string]any{"key": "late", "title": "迟到"}).String()
	older := b.create(t, admin, map[string]any{"category_id": cat, "item": "快递", "cause_code": "route"})
	b.clock.Advance(40 * 24 * time.Hour)
	for range 2 {
		b.create(t, admin, map[string]any{"category_id": cat, "item": "快递"})
	}
	b.create(t, admin, map[string]any{"category_id": cat, "item": "大件"})
	newest := b.create(t, admin, map[string]any{"category_id": cat, "item": "快递", "cause_code": "route"})
	for days, want := range map[int64]int64{30: 2, 60: 3} {
		if got := b.fact(t, "repeats", newest.ID, days); got != want {
			t.Errorf("repeats within %d days = %v, want %d", days, got, want)
		}
	}
	if got := b.fact(t, "recurrences", newest.ID, int64(90)); got != int64(1) {
		t.Errorf("recurrences = %v, want 1", got)
	}
	if got := b.fact(t, "recurrences", older.ID, int64(90)); got != int64(0) {
		t.Errorf("what came later counts as earlier: %v", got)
	}
}

func TestShareOfACategoryAmongInquiries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		admin := b.person(t, "管理员", "administrator")
		other, late := b.make(t, "case_category", map[string]any{"key": "other", "title": "其他"}), b.make(t, "case_category", map[string]any{"key": "late", "title": "迟到"})
		b.create(t, admin, map[string]any{"kind": "inquiry", "category_id": other.String()})
		b.clock.Advance(40 * 24 * time.Hour)
		if got := b.fact(t, "category_share", other, int64(30)); got != 0.0 {
			t.Errorf("share of what is too old: %v", got)
		}
		for i := range 8 {
			cat := late
			if i == 0 {
				cat = other
			}
			b.create(t, admin, map[string]any{"kind": "inquiry", "category_id": cat.String()})
		}
		b.create(t, admin, map[string]any{"kind": "complaint", "category_id": other.String()})
		b.create(t, admin, map[string]any{"kind": "inquiry"})
		for days, want := range map[int64]float64{30: 12.5, 60: 200.0 / 9} {
			if got := b.fact(t, "category_share", other, days); got != want {
				t.Errorf("share within %d days = %v, want %v", days, got, want)
			}
		}
	})
}

func TestWhatIsSaidWhenACaseMovesOnIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin, boss := b.person(t, "管理员", "administrator"), b.person(t, "主管", "administrator")
	k := b.create(t, admin, map[string]any{"kind": "inquiry", "received_at": "2026-03-01T22:00:00+08:00"})
	if got := b.fact(t, "case_received", k.ID); got != time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC) {
		t.Errorf("received at %v", got)
	}
	if got := b.on(t, admin, k, "hand_over", map[string]any{"user_id": boss.UserID.String(), "told": "两小时内回复"}); got.HandoverTold != "两小时内回复" {
		t.Errorf("told %q", got.HandoverTold)
	}
	b.on(t, admin, k, "delegate", pairs("kind", "task", "content", "查库存", "to_user_id", boss.UserID.String()))
	b.on(t, admin, k, "delegate", pairs("kind", "expert", "content", "查税率", "to_user_id", boss.UserID.String()))
	if got := b.fact(t, "experts_asked", k.ID); got != int64(1) {
		t.Errorf("experts asked: %v", got)
	}
	b.on(t, admin, k, "escalate", pairs("user_id", boss.UserID.String(), "reason", "无配件"))
	b.refused(t, "field.required", boss, "case", "settle_escalation", k.ID, pairs("escalate_result", "refusal"))
	if got := b.on(t, boss, k, "settle_escalation", pairs("answer", "改用其他型号", "escalate_result", "alternative")); got.EscalateResult != "alternative" {
		t.Errorf("settled with %q", got.EscalateResult)
	}
	if got := b.on(t, admin, k, "escalate", pairs("user_id", boss.UserID.String(), "reason", "客户不接受")); got.EscalateResult != "" || !got.EscalateDoneAt.IsZero() {
		t.Errorf("an earlier answer stands for a new question: %+v", got)
	}
	b.on(t, boss, k, "settle_escalation", pairs("answer", "无法满足"))
	b.on(t, admin, k, "answer", pairs("text", "只有其他型号"))
	if got := b.on(t, admin, k, "satisfaction", pairs("satisfaction", "4", "answer_clear", "no")); got.AnswerClear != "no" {
		t.Errorf("clear: %q", got.AnswerClear)
	}
}
