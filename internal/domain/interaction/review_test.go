package interaction_test

import (
	"testing"

	"dianke/internal/domain/interaction"
	"dianke/internal/engine/record"
)

func TestMissedCallAsksForACallBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c := b.create(t, b.li, "customer", map[string]any{"name": "远山商贸"})
		call := map[string]any{"customer_id": c.String(), "direction": "in", "result": "missed", "caller_number": "13800138000"}
		b.create(t, b.wang, "interaction", call)
		call["result"] = "reached"
		b.create(t, b.wang, "interaction", call)
		got := list[interaction.Task](t, b, "task", c)
		if len(got) != 1 || got[0].Kind != "call_back" || got[0].OwnerID != b.wang || got[0].Title != "+8613800138000" || !got[0].DueAt.IsZero() {
			t.Fatalf("tasks %+v", got)
		}
		back := b.create(t, b.wang, "interaction", map[string]any{"customer_id": c.String(), "direction": "out", "summary": "已回电", "task_id": got[0].ID.String()})
		if task := get[interaction.Task](t, b, "task", got[0].ID); task.Status != "done" || task.InteractionID != back {
			t.Errorf("after the call back %+v", task)
		}
	})
}

func TestCallerGetsAFileOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		call := func(in map[string]any) record.ID {
			in["direction"], in["summary"] = "in", "咨询"
			return b.create(t, b.li, "interaction", in)
		}
		first := call(map[string]any{"caller_number": "13800138000", "caller_name": "林女士"})
		b.do(t, b.li, "interaction", "open_file", first, map[string]any{"legal_basis": "consent"})
		file := get[client](t, b, "customer", get[interaction.Interaction](t, b, "interaction", first).CustomerID)
		if file.Name != "林女士" || file.Mobile != "+8613800138000" || file.Source != "phone" || file.LegalBasis != "consent" || file.OwnerID != b.li {
			t.Errorf("file %+v", file)
		}
		b.refused(t, b.li, "interaction", "open_file", first, map[string]any{"legal_basis": "consent"}, "interaction.has_file")

		again := call(map[string]any{"caller_number": "13800138000", "caller_name": "林女士"})
		b.do(t, b.li, "interaction", "open_file", again, map[string]any{"legal_basis": "contract"})
		if got := get[interaction.Interaction](t, b, "interaction", again).CustomerID; got != file.ID {
			t.Errorf("second call belongs to %v, want %v", got, file.ID)
		}
		b.refused(t, b.li, "interaction", "open_file", call(map[string]any{"caller_name": "陈先生"}), map[string]any{}, "interaction.file_without_number")
		b.refused(t, b.li, "interaction", "open_file", call(map[string]any{"caller_number": "059187654321"}), map[string]any{}, "interaction.file_without_name")
		land := call(map[string]any{"caller_number": "059187654321", "channel": "visit"})
		b.do(t, b.li, "interaction", "open_file", land, map[string]any{"name": "陈先生"})
		if file := get[client](t, b, "customer", get[interaction.Interaction](t, b, "interaction", land).CustomerID); file.Phone == "" || file.Mobile != "" || file.Source != "visit" {
			t.Errorf("file of a land line %+v", file)
		}
	})
}

func TestReviewBelongsToWhoHadTheCall(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		call := b.create(t, b.wang, "interaction", map[string]any{"direction": "in", "kind": "complaint", "summary": "漏水", "caller_number": "13800138000"})
		items := map[string]any{"interaction_id": call.String(), "warmth": "2", "interruptions": "2"}
		b.refused(t, b.wang, "call_review", record.Create, 0, items, "call_review.own_call")
		v := get[interaction.Review](t, b, "call_review", b.create(t, b.li, "call_review", items))
		if v.OwnerID != b.wang || v.ReviewerID != b.li || v.Kind != "complaint" || v.Greeting != "na" || *v.Warmth != 2 {
			t.Errorf("review %+v", v)
		}
	})
}

func TestEachHearingCounts(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		call := b.create(t, b.wang, "interaction", map[string]any{"direction": "in", "summary": "咨询", "caller_number": "13800138000"})
		id := b.create(t, 0, "call_recording", map[string]any{"interaction_id": call.String(), "notice_given": true, "keep_until": "2026-08-29"})
		b.refused(t, b.li, "call_recording", "play", id, nil, "field.required")
		b.do(t, b.li, "call_recording", "play", id, map[string]any{"reason": "抽查质量"})
		b.do(t, b.li, "call_recording", "play", id, map[string]any{"reason": "核对投诉"})
		r := get[interaction.Recording](t, b, "call_recording", id)
		if r.Plays != 2 || r.PlayedFor != "核对投诉" || r.OwnerID != b.wang || !r.RecordedAt.Equal(monday) {
			t.Errorf("recording %+v", r)
		}
	})
}
