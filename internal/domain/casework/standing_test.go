package casework_test

import (
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

// figure computes a figure over the days around the bench's Monday.
func (b *bench) figure(t *testing.T, name, whose string) []rule.Reading {
	t.Helper()
	for _, f := range casework.Figures() {
		if f.Name != name {
			continue
		}
		var out []rule.Reading
		err := db.Do(t.Context(), b.db, func(tx *db.Tx) (err error) {
			c := &record.Call{Tx: tx, Scope: b.system("case", record.Read), Now: b.clock.Now(), Work: b.runner}
			out, err = f.Call(t.Context(), c, monday.AddDate(0, 0, -1), monday.AddDate(0, 0, 7), whose)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	t.Fatalf("no figure %s", name)
	return nil
}

func TestSubtasksOnTimeAreCountedForWhoWasAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		admin, finance, stock := b.person(t, "管理员", "administrator"), b.person(t, "财务", "specialist"), b.person(t, "库房", "specialist")
		k := b.create(t, admin, map[string]any{"kind": "request"})
		ask := func(whom record.Actor) record.ID {
			return b.must(t, admin, "case_task", record.Create, 0, map[string]any{
				"case_id": k.ID.String(), "content": "核对", "to_user_id": whom.UserID.String(), "due_at": monday.Add(4 * time.Hour),
			}).HeadOf().ID
		}
		done, late, never := ask(finance), ask(finance), ask(stock)
		b.must(t, admin, "case_task", "answer", done, map[string]any{"answer": "已核对"})
		b.clock.Advance(5 * time.Hour)
		b.must(t, admin, "case_task", "answer", late, map[string]any{"answer": "已核对"})
		if never == 0 {
			t.Fatal("no task")
		}
		want := map[record.ID]float64{finance.UserID: 50, stock.UserID: 0}
		list := b.figure(t, "subtasks_on_time", "person")
		for _, x := range list {
			if x.Value != want[x.Person] {
				t.Errorf("%s: %v %%, want %v", x.Person, x.Value, want[x.Person])
			}
		}
		if all := b.figure(t, "subtasks_on_time", "company"); len(list) != 2 || len(all) != 1 || all[0].Count != 3 {
			t.Errorf("by person %v, in all %v", list, all)
		}
	})
}

func TestAnOverdueComplaintSpoilsTheRelation(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		dbtest.Make(t, d, evidence.Tables()...)
		admin := b.person(t, "管理员", "administrator")
		cust := b.make(t, "customer", map[string]any{"name": "远山商贸", "stage": "active"})
		b.make(t, "customer", map[string]any{"name": "近水商贸", "stage": "active"})
		k := b.create(t, admin, map[string]any{"kind": "complaint", "customer_id": cust.String()})
		expect := func(name string, id record.ID, want int64) {
			t.Helper()
			if got := b.fact(t, name, id); got != want {
				t.Errorf("%s = %v, want %d", name, got, want)
			}
		}
		expect("open_matters", cust, 1)
		expect("overdue_complaints", cust, 0)
		err := db.Do(t.Context(), d, func(tx *db.Tx) error {
			return evidence.Start(t.Context(), tx, &evidence.Clock{ID: 1, Binding: 1, Record: k.ID, Type: "case", State: evidence.ClockLate, StartedAt: monday, DueAt: monday, WarnAt: monday})
		})
		if err != nil {
			t.Fatal(err)
		}
		expect("late_clocks", k.ID, 1)
		expect("overdue_complaints", cust, 1)
		share(t, b.figure(t, "healthy_relations", "company"), 50, 2)
		b.on(t, admin, k, "withdraw", map[string]any{"reason": "已和解"})
		expect("overdue_complaints", cust, 0)
		expect("open_matters", cust, 0)
		share(t, b.figure(t, "healthy_relations", "company"), 100, 2)
	})
}

func share(t *testing.T, list []rule.Reading, value float64, count int) {
	t.Helper()
	if len(list) != 1 || list[0].Value != value || list[0].Count != count {
		t.Errorf("reads %v, want %v %% of %d", list, value, count)
	}
}

func TestCustomersInUseAreThoseSpokenToInThePeriod(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		owner := b.person(t, "李娜", "account_manager").UserID.String()
		for name, at := range map[string]any{"甲": monday.Add(time.Hour), "乙": monday, "丙": monday.AddDate(0, 0, 3), "丁": monday.AddDate(0, 0, -30)} {
			b.make(t, "customer", map[string]any{"name": name, "stage": "active", "owner_id": owner, "last_contact_at": at})
		}
		b.make(t, "customer", map[string]any{"name": "公海", "stage": "lead"})
		share(t, b.figure(t, "customers_in_use", "company"), 75, 4)
		share(t, b.figure(t, "customers_in_use", "person"), 75, 4)
	})
}

func TestACaseOfAKeyAccountStandsWithItsUnit(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	unit := b.make(t, "unit", map[string]any{"name": "大客户部", "kind": "department"})
	for key, want := range map[bool]record.ID{true: unit, false: admin.Unit()} {
		cust := b.make(t, "customer", map[string]any{"name": "远山集团", "key": key, "unit_id": unit.String()})
		k := b.must(t, admin, "case", record.Create, 0, pairs("subject", "加单", "kind", "request", "customer_id", cust.String())).(*casework.Case)
		if k.UnitID != want {
			t.Errorf("key account %v: the case stands with %s, want %s", key, k.UnitID, want)
		}
	}
}
