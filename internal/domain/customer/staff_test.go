package customer_test

import (
	"testing"
)

func TestWhoWorksWhereAndUnderWhom(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		shop := b.create(t, 0, "unit", map[string]any{"name": "门店", "key": "shop", "kind": "department"})
		counter := b.create(t, 0, "unit", map[string]any{"name": "收银组", "key": "counter", "kind": "team", "parent_id": shop.String()})
		boss := b.create(t, 0, "post", map[string]any{"title": "店长", "key": "boss", "roles": []any{"manager"}})
		staff := b.create(t, 0, "post", map[string]any{"title": "店员", "key": "staff", "roles": []any{"specialist"}})
		hold := func(user, post, unit string, ends any) {
			b.create(t, 0, "posting", map[string]any{"user_id": user, "post_id": post, "in_unit": unit, "ends_on": ends})
		}
		hold(b.li.String(), boss.String(), shop.String(), nil)
		hold(b.wang.String(), staff.String(), counter.String(), nil)
		hold(b.gone.String(), boss.String(), shop.String(), "2026-02-28")
		for _, tt := range []struct {
			name string
			args []any
			want bool
		}{
			{"works_here", []any{b.li}, true},
			{"works_here", []any{b.gone}, false},
			{"works_in", []any{b.wang, "shop"}, true},
			{"works_in", []any{b.li, "counter"}, false},
			{"works_in", []any{b.gone, "shop"}, false},
			{"works_in", []any{b.wang, ""}, false},
			{"leads", []any{b.li, b.wang}, true},
			{"leads", []any{b.wang, b.li}, false},
			{"leads", []any{b.li, b.li}, false},
			{"leads", []any{b.gone, b.wang}, false},
		} {
			if got := b.fact(t, tt.name, tt.args...); got != tt.want {
				t.Errorf("%s%v = %v", tt.name, tt.args, got)
			}
		}
	})
}

func TestProfileOfAnAccountCountsItsFiveParts(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.company(t, b.li, map[string]any{"industry": "酒店"})
		if got := b.fact(t, "account_profile", id); got != int64(20) {
			t.Errorf("with the business alone: %v", got)
		}
		b.create(t, b.li, "need", map[string]any{"customer_id": id.String(), "content": "布草洗涤"})
		b.create(t, b.li, "contact", map[string]any{"customer_id": id.String(), "name": "陈经理", "decision_role": "decider"})
		b.do(t, b.li, "customer", "update", id, map[string]any{"competitors": "同城两家", "finances": "年报盈利"})
		if got := b.fact(t, "account_profile", id); got != int64(100) {
			t.Errorf("with all five: %v", got)
		}
		if got := b.fact(t, "preferences", id); got != int64(0) {
			t.Errorf("preferences: %v", got)
		}
	})
}
