package customer_test

import (
	"slices"
	"testing"

	"dianke/internal/domain/customer"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

func sqlite(t *testing.T) *db.DB { return dbtest.SQLite(t) }

func TestNightlyWork(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.create(t, 0, "care_rule", map[string]any{"title": "全部", "contact_days": 20, "visit_days": 25, "verify_days": 30, "need_days": 10, "assess_months": 1})
		b.create(t, 0, "pool_rule", map[string]any{"title": "公海", "silent_days": 60})
		b.create(t, 0, "scale_rule", map[string]any{"title": "规模", "large_from": "1000000", "medium_from": "100000"})
		id := b.company(t, b.li, nil)
		b.do(t, b.li, "customer", "activate", id, nil)
		b.create(t, b.li, "transaction", map[string]any{"customer_id": id.String(), "kind": "payment", "dated_on": "2026-02-01", "amount": "1200000"})
		orphan := b.company(t, b.li, map[string]any{"name": "无人负责", "owner_id": b.gone.String()})
		b.do(t, b.li, "customer", "activate", orphan, nil)

		night := func(wantReturned, wantTasks int) {
			t.Helper()
			returned, tasks, err := customer.Daily(ctx, b.run, b.scope(0, "customer", record.Update))
			if err != nil || returned != wantReturned || tasks != wantTasks {
				t.Fatalf("returned %d, tasks %d, %v; want %d, %d", returned, tasks, err, wantReturned, wantTasks)
			}
		}
		night(0, 1) // the owner of one customer is no longer here
		b.clock.Advance(31 * day)
		night(0, 10) // contact, visit, verification, assessment and need of both
		night(0, 0)
		var kinds []string
		for _, j := range list[job](t, b, "task", id) {
			kinds = append(kinds, j.Kind)
			if j.OwnerID != b.li {
				t.Errorf("task %s of %v", j.Kind, j.OwnerID)
			}
			if j.Kind == "verification" && !j.DueAt.Equal(at("2026-04-01 23:59").Add(59*second)) {
				t.Errorf("verification due %v", j.DueAt)
			}
		}
		slices.Sort(kinds)
		if !slices.Equal(kinds, []string{"assessment", "contact", "need", "verification", "visit"}) {
			t.Errorf("tasks %v", kinds)
		}
		if c := b.customer(t, id); c.ProposedScale != "large" || c.Scale != "" {
			t.Errorf("proposed %q, scale %q", c.ProposedScale, c.Scale)
		}
		b.clock.Advance(30 * day)
		night(2, 1) // both return to the pool; the first now has no owner either
		if c := b.customer(t, id); c.OwnerID != 0 || c.LastOwner != b.li || c.PooledAt.IsZero() {
			t.Errorf("not returned: %+v", c)
		}
	})
}

func TestFacts(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqlite(t))
	b.create(t, 0, "care_rule", map[string]any{"title": "A 级", "grade": "a", "contact_days": 30, "visit_days": 60, "verify_days": 180})
	id := b.company(t, b.li, map[string]any{"grade": "a", "collected_at": "2026-02-01T10:00"})
	b.create(t, b.li, "consent", map[string]any{"customer_id": id.String(), "purpose": "marketing", "channels": []any{"mail"}, "evidence": "勾选"})
	b.create(t, b.li, "rights_request", map[string]any{"customer_id": id.String(), "kind": "delete", "content": "请删除"})
	tests := []struct {
		name string
		args []any
		want any
	}{
		{"has_consent", []any{id, "marketing", "mail"}, true},
		{"has_consent", []any{id, "marketing", "sms"}, false},
		{"has_consent", []any{record.ID(0), "marketing", "sms"}, false},
		{"customer_completeness", []any{id}, int64(31)},
		{"needs_count", []any{id}, int64(0)},
		{"transactions_count", []any{id}, int64(0)},
		{"days_since_contact", []any{id}, int64(29)},
		{"days_since_visit", []any{id}, int64(29)},
		{"days_since_verified", []any{id}, int64(29)},
		{"days_since_need", []any{id}, int64(29)},
		{"days_since_contact", []any{record.ID(12345)}, int64(0)},
		{"contact_interval", []any{id}, int64(30)},
		{"visit_interval", []any{id}, int64(60)},
		{"verify_interval", []any{id}, int64(180)},
		{"need_interval", []any{id}, int64(0)},
		{"has_care_plan", []any{id}, true},
		{"has_care_plan", []any{record.ID(0)}, false},
		{"owner_works_here", []any{id}, true},
		{"open_rights_requests", []any{id}, int64(1)},
	}
	for _, tt := range tests {
		if got := b.fact(t, tt.name, tt.args...); got != tt.want {
			t.Errorf("%s%v = %v, want %v", tt.name, tt.args, got, tt.want)
		}
	}
}
