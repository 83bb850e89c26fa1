package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/storetest"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

// place writes gadgets in one batch and returns the errors by their place in the list.
func place(b *storetest.Bench, list []*storetest.Gadget, dry bool) ([]error, error) {
	ctx := context.Background()
	scope := b.Scope(b.Gadget, record.Import, storetest.Everything)
	out := make([]error, len(list))
	err := db.Do(ctx, b.DB, func(tx *db.Tx) error {
		batch := b.Store.Batch(tx)
		for i, g := range list {
			err := b.Runner.Place(ctx, tx, scope, action.Placing{Type: b.Gadget, Action: record.Import, After: g, Dry: dry})
			if err != nil && !action.Untouched(err) {
				return err
			}
			out[i] = err
		}
		if dry {
			return nil
		}
		return batch.Flush(ctx)
	})
	return out, err
}

func TestABatchLeavesWhatSingleWritesLeave(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		b := storetest.New(t, d)
		first := b.Create(t, map[string]any{"name": "甲", "code": "first"})
		var list []*storetest.Gadget
		for i := range 1234 {
			g := b.Gadget.New().(*storetest.Gadget)
			g.Name, g.Mobile, g.Code = fmt.Sprintf("茶壶%d", i), "+8613800138000", fmt.Sprintf("c%d", i)
			if i > 0 {
				g.Helper = first.ID
			}
			list = append(list, g)
		}
		list[7].Name = ""      // required
		list[8].Helper = 12345 // refers to nothing
		list[9].CreatedAt = b.Clock.Now().AddDate(-3, 0, 0)
		list[9].CreatedBy, list[9].Number = 99, "OLD-1"
		faults, err := place(b, list, false)
		if err != nil {
			t.Fatal(err)
		}
		for i, err := range faults {
			if (err != nil) != (i == 7 || i == 8) {
				t.Errorf("row %d: %v", i, err)
			}
		}
		after := b.Create(t, map[string]any{"name": "乙"})
		if want := "G-2026-001233"; after.Number != want { // 1 + 1234 - 2 faulty - 1 with its own number, and this one
			t.Errorf("next number %s, want %s", after.Number, want)
		}
		old := list[9]
		_, err = db.View(ctx, d, func(tx *db.Tx) (int, error) {
			scope := b.Scope(b.Gadget, record.Read, storetest.Everything)
			n, _, err := b.Store.Count(ctx, tx, b.Gadget, scope, record.Query{})
			if err != nil || n != 1234 {
				t.Errorf("%d gadgets, %v", n, err)
			}
			e, err := b.Store.Get(ctx, tx, b.Gadget, scope, old.ID)
			if err != nil {
				return 0, err
			}
			if h := e.HeadOf(); h.Number != "OLD-1" || h.CreatedBy != 99 || !h.CreatedAt.Equal(old.CreatedAt) || h.LockVersion != 1 || h.UnitID != 7 {
				t.Errorf("head %+v", h)
			}
			hits, err := b.Store.Search(ctx, tx, []record.Scope{scope}, "茶壶77", 10)
			if err != nil || len(hits) == 0 || hits[0].Record.(*storetest.Gadget).Name != "茶壶77" {
				t.Errorf("search: %v, %v", hits, err)
			}
			h, err := b.Store.History(ctx, tx, old.ID, 10)
			if err != nil || len(h) != 1 || h[0].Action != record.Import || len(h[0].Changes) == 0 {
				t.Errorf("history %+v, %v", h, err)
			}
			entries, _, err := audit.Verify(ctx, tx)
			if entries != 1234 {
				t.Errorf("%d audit entries", entries)
			}
			return 0, err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestADryBatchWritesNothing(t *testing.T) {
	t.Parallel()
	b := storetest.New(t, dbtest.SQLite(t))
	g, bad := b.Gadget.New().(*storetest.Gadget), b.Gadget.New().(*storetest.Gadget)
	g.Name = "ok"
	faults, err := place(b, []*storetest.Gadget{g, bad}, true)
	if err != nil || faults[0] != nil || errs.KeyOf(faults[1]) != "field.required" {
		t.Errorf("faults %v, %v", faults, err)
	}
	if first := b.Create(t, map[string]any{"name": "x"}); first.Number != "G-2026-000001" {
		t.Errorf("number %s", first.Number)
	}
}

func TestABatchWithATakenValueIsUndoneWhole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := storetest.New(t, d)
		b.Create(t, map[string]any{"name": "x", "code": "taken"})
		g, twin := b.Gadget.New().(*storetest.Gadget), b.Gadget.New().(*storetest.Gadget)
		g.Name, twin.Name, twin.Code = "a", "b", "taken"
		if _, err := place(b, []*storetest.Gadget{g, twin}, false); errs.KeyOf(err) != "field.not_unique" || action.Untouched(err) {
			t.Errorf("batch: %v", err)
		}
		n, err := db.View(context.Background(), d, func(tx *db.Tx) (int, error) {
			n, _, err := b.Store.Count(context.Background(), tx, b.Gadget, b.Scope(b.Gadget, record.Read, storetest.Everything), record.Query{})
			return n, err
		})
		if err != nil || n != 1 {
			t.Errorf("%d gadgets, %v", n, err)
		}
	})
}

func TestABatchReadsWhatItHasWritten(t *testing.T) {
	t.Parallel()
	b := storetest.New(t, dbtest.SQLite(t))
	ctx, scope := context.Background(), b.Scope(b.Gadget, record.Create, storetest.Everything)
	read := scope.Consequence("gadget", record.Read)
	stop := errors.New("stop")
	err := db.Do(ctx, b.DB, func(tx *db.Tx) error {
		b.Store.Batch(tx)
		page, err := b.Store.List(ctx, tx, b.Gadget, read, record.Query{})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("before: %v, %v", page.Items, err)
		}
		g := b.Gadget.New().(*storetest.Gadget)
		g.Name = "new"
		if err := b.Runner.Place(ctx, tx, scope, action.Placing{Type: b.Gadget, Action: record.Create, After: g}); err != nil {
			return err
		}
		got, err := b.Store.Get(ctx, tx, b.Gadget, read, g.ID)
		if err != nil {
			return err
		}
		changed := b.Gadget.Clone(got).(*storetest.Gadget)
		changed.Name = "newer"
		up := scope.Consequence("gadget", record.Update)
		if err := b.Runner.Place(ctx, tx, up, action.Placing{Type: b.Gadget, Action: record.Update, Before: got, After: changed}); err != nil {
			return err
		}
		got, err = b.Store.Get(ctx, tx, b.Gadget, read, g.ID)
		if err != nil || got.(*storetest.Gadget).Name != "newer" {
			t.Errorf("after: %v, %v", got, err)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Error(err)
	}
}

func BenchmarkBatch(bm *testing.B) {
	b := storetest.New(bm, dbtest.SQLite(bm))
	for bm.Loop() {
		list := make([]*storetest.Gadget, 1000)
		for i := range list {
			g := b.Gadget.New().(*storetest.Gadget)
			g.Name, g.Notes = fmt.Sprintf("杭州西湖茶叶第%d有限公司", i), "每年三月订货"
			list[i] = g
		}
		if _, err := place(b, list, false); err != nil {
			bm.Fatal(err)
		}
	}
	bm.ReportMetric(1000*float64(bm.N)/bm.Elapsed().Seconds(), "rows/s")
}
