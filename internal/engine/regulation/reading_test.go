package regulation_test

import (
	"testing"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

func TestVersionsAndTheLibrary(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: guardSpec})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "a"})
		if _, err := b.do(t, "clerk", "close", id, nil); !errs.Is(err, errs.Refused) {
			t.Fatalf("close: %v", err)
		}
		b.system(t, func(c *record.Call) error {
			_, err := b.engine.Store(ctx, c, &regulation.Draft{Key: "x1", Title: "客户投诉管理制度", Clauses: []*regulation.Clause{
				{Key: "x1.12", Printed: "第十二条", Body: "办结须有结果和原因。", Level: "article"},
			}})
			return err
		})
		reg, list, err := b.engine.Versions(ctx, "x1")
		if err != nil || reg.Key != "x1" || len(list) != 2 || list[0].VersionNo != 2 || list[0].Status != "draft" || list[1].Status != "in_force" {
			t.Fatalf("Versions = %+v, %v", list, err)
		}
		if read, err := b.engine.Read(ctx, "x1"); err != nil || read.Version.VersionNo != 1 {
			t.Errorf("Read gives another version than the one in force: %v", err)
		}
		if read, err := b.engine.ReadVersion(ctx, "x1", 2); err != nil || read.Clauses[0].Body != "办结须有结果和原因。" || len(read.Bindings) != 0 {
			t.Errorf("ReadVersion: %v", err)
		}
		for key, no := range map[string]int64{"x1": 3, "none": 1} {
			if _, err := b.engine.ReadVersion(ctx, key, no); !errs.Is(err, errs.NotFound) {
				t.Errorf("%s V%d: %v", key, no, err)
			}
		}
		lib, err := b.engine.Library(ctx)
		if err != nil || lib["x1"] == nil {
			t.Fatalf("Library = %v, %v", lib, err)
		}
		if want := (regulation.Standing{Key: "x1", Status: "in_force", Version: 1, Open: 1, Bound: 1, Kept: 1}); *lib["x1"] != want {
			t.Errorf("Library = %+v, want %+v", *lib["x1"], want)
		}
	})
}

func TestTasksToSignBelongToTheUnitOfThePerson(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t)
		b.system(t, func(c *record.Call) error {
			list, err := record.Find[regulation.Acknowledgement](ctx, c, "acknowledgement", record.Where("owner_id", b.people["clerk"]), 5)
			if err == nil && (len(list) != 1 || list[0].UnitID != b.company) {
				t.Errorf("tasks: %+v", list)
			}
			return err
		})
	})
}

const slow = `start: ticket.create
stop: ticket.answer
within: 4h work
warn_at: 50%
`

func TestClocksAreCountedByUnit(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "deadline", Spec: slow})
		for range 3 {
			b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "a"})
		}
		count := func(units []record.ID, all bool) evidence.Health {
			h, err := db.View(ctx, b.db, func(tx *db.Tx) (map[record.ID]evidence.Health, error) {
				return evidence.HealthOf(ctx, tx, "ticket", units, all)
			})
			if err != nil {
				t.Fatal(err)
			}
			return h[b.company]
		}
		if got := count([]record.ID{b.company}, false); got != (evidence.Health{Fine: 3}) {
			t.Errorf("fresh: %+v", got)
		}
		if got := count(nil, false); got.Open() != 0 {
			t.Errorf("for no unit: %+v", got)
		}
		b.clock.Advance(10 * 24 * 3600e9)
		b.tick(t)
		b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "b"})
		if got := count(nil, true); got.Late != 3 || got.Open() != 4 {
			t.Errorf("later: %+v", got)
		}
	})
}

// TestReadingHoldsEveryControl however many a version has.
func TestReadingHoldsEveryControl(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var many []*regulation.Binding
		for range 450 {
			many = append(many, bind("acknowledge", "within: 7d\n"))
		}
		b.force(t, many...)
		read, err := b.engine.Read(ctx, "x1")
		if err != nil || len(read.Bindings["x1.12"]) != 450 {
			t.Errorf("%d controls, %v", len(read.Bindings["x1.12"]), err)
		}
	})
}
