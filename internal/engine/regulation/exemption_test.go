package regulation_test

import (
	"errors"
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
)

// exempt runs an action on exceptions as somebody and returns the id, or the key of what is wrong.
func (b *bench) exempt(t *testing.T, who, act string, id record.ID, in map[string]any) (record.ID, string) {
	t.Helper()
	a, err := b.records.Actor(ctx, b.people[who])
	if err != nil {
		t.Fatal(err)
	}
	v, err := b.records.Do(ctx, a, action.Command{Type: "exemption", Action: act, ID: id, Input: in})
	e := errs.As(err)
	switch {
	case err == nil:
		return v.Record.ID, ""
	case e != nil && len(e.Fields) > 0:
		return 0, e.Fields[0].Key
	}
	return 0, errs.KeyOf(err)
}

func TestExemptionsAreAskedForWithinWhatTheGuardAllows(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: guardSpec + "except_for: 3d\n"})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		for name, c := range map[string]struct {
			change map[string]any
			want   string
		}{
			"as long as it may be":  {map[string]any{"expires_at": friday.AddDate(0, 0, 3).Format(time.RFC3339)}, ""},
			"longer than it may be": {map[string]any{"expires_at": friday.AddDate(0, 0, 3).Add(time.Second).Format(time.RFC3339)}, "exemption.too_long"},
			"over already":          {map[string]any{"expires_at": friday.Format(time.RFC3339)}, "exemption.past"},
			"a clause without rule": {map[string]any{"clause_key": "x1.13"}, "exemption.no_guard"},
			"no such type":          {map[string]any{"about_type": "tickets"}, "record.unknown_type"},
			"no such record":        {map[string]any{"about_id": record.ID(7).String()}, "field.unknown_ref"},
			"no id at all":          {map[string]any{"about_id": "漏水"}, "field.unknown_ref"},
			"no reason":             {map[string]any{"reason": ""}, "field.required"},
		} {
			in := map[string]any{"clause_key": "x1.12", "about_type": "ticket", "about_id": id.String(), "reason": "客户失联", "expires_at": friday.Add(time.Hour).Format(time.RFC3339)}
			for k, v := range c.change {
				in[k] = v
			}
			if _, key := b.exempt(t, "clerk", record.Create, 0, in); key != c.want {
				t.Errorf("%s: %q, want %q", name, key, c.want)
			}
		}
	})
}

func TestAGuardWithoutPostsAllowsNoException(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: "on: ticket.close\nrefuse_if: record.result == \"\"\nsay: {zh: 不可, en: No.}\n"})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		in := map[string]any{"clause_key": "x1.12", "about_type": "ticket", "about_id": id.String(), "reason": "x", "expires_at": friday.Add(time.Hour).Format(time.RFC3339)}
		if _, key := b.exempt(t, "clerk", record.Create, 0, in); key != "exemption.none_possible" {
			t.Errorf("asked for: %q", key)
		}
	})
}

// TestExemptionsExpireAndAreCounted follows three requests: one approved and used, one declined, one nobody decided.
func TestExemptionsExpireAndAreCounted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: guardSpec})
		list := make([]record.ID, 3)
		tickets := make([]record.ID, 3)
		for i := range list {
			tickets[i] = b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
			_, err := b.do(t, "clerk", "close", tickets[i], nil)
			var refused *regulation.Refusal
			if !errors.As(err, &refused) || !refused.Citations[0].Exception || refused.Citations[0].AboutType != "ticket" || refused.Citations[0].AboutID != tickets[i] {
				t.Fatalf("the refusal offers no exception for the record: %v", err)
			}
			id, key := b.exempt(t, "clerk", record.Create, 0, map[string]any{
				"clause_key": "x1.12", "about_type": "ticket", "about_id": tickets[i].String(), "reason": "客户失联", "expires_at": friday.Add(time.Hour).Format(time.RFC3339),
			})
			if key != "" {
				t.Fatal(key)
			}
			list[i] = id
		}
		if got := b.notices(t, "manager"); got[len(got)-1] != "exemption.notice.requested" {
			t.Errorf("who may decide was told %v", got)
		}
		if _, key := b.exempt(t, "manager", "decline", list[1], map[string]any{}); key != "field.required" {
			t.Errorf("declined without a word: %q", key)
		}
		b.exempt(t, "manager", "approve", list[0], map[string]any{"answer": "同意"})
		b.exempt(t, "manager", "decline", list[1], map[string]any{"answer": "请先联系"})
		if got := b.notices(t, "clerk"); got[len(got)-1] != "exemption.notice.declined" {
			t.Errorf("who asked was told %v", got)
		}
		b.must(t, "clerk", "close", tickets[0], nil)
		count := func(want regulation.ExceptionCount) {
			t.Helper()
			if got, err := b.engine.Exceptions(ctx, "x1.12"); err != nil || got != want {
				t.Errorf("counted %+v (%v), want %+v", got, err, want)
			}
		}
		count(regulation.ExceptionCount{Requested: 1, Approved: 1, Declined: 1, Used: 1})
		b.clock.Advance(time.Hour)
		if _, key := b.exempt(t, "manager", "approve", list[2], nil); key != "exemption.past" {
			t.Errorf("approved after its time: %q", key)
		}
		b.tick(t)
		b.tick(t)
		count(regulation.ExceptionCount{Declined: 1, Expired: 2, Used: 1})
	})
}
