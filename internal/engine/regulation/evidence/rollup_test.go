package evidence_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/ids"
)

// TestCountsAgreeWithTheOutcomes: whatever was folded and whatever was not yet, the counts are those of the outcomes.
func TestCountsAgreeWithTheOutcomes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dbtest.Make(t, d, evidence.Tables()...)
		ctx, fake := context.Background(), clock.NewFake(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
		source, r := ids.NewSource(fake, 1), rand.New(rand.NewPCG(1, 2))
		units, results := []ids.ID{0, 11, 12}, []evidence.Result{evidence.Met, evidence.Late, evidence.Passed}
		want := map[string]int{}
		for i := range 300 {
			o := evidence.Outcome{
				ID: source.Next(), At: fake.Now(), Regulation: "r1", Clause: fmt.Sprintf("r1.%d", r.IntN(3)), Control: "deadline",
				Result: results[r.IntN(3)], Unit: units[r.IntN(3)],
			}
			want[o.Clause+o.At.Format("2006-01")+o.Unit.String()+string(o.Result)]++
			err := db.Do(ctx, d, func(tx *db.Tx) error {
				if err := evidence.Add(ctx, tx, o, time.UTC); err != nil {
					return err
				}
				if i%37 == 0 {
					_, _, err := evidence.Fold(ctx, tx, fake.Now())
					return err
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			fake.Advance(time.Duration(r.IntN(600)) * time.Minute)
			if i%50 == 49 {
				compare(t, d, want)
				whole(t, d, want)
			}
		}
		one, err := db.View(ctx, d, func(tx *db.Tx) ([]evidence.Count, error) {
			return evidence.Counts(ctx, tx, evidence.Scope{Clause: "r1.1", From: "2026-02", To: "2026-02", Units: []ids.ID{11}}, true)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range one {
			if c.Clause != "r1.1" || c.Month != "2026-02" || c.Unit != 11 || c.N != want["r1.12026-02"+ids.ID(11).String()+string(c.Result)] {
				t.Errorf("narrowed: %+v", c)
			}
		}
		if len(one) == 0 {
			t.Error("nothing in the narrow scope")
		}
	})
}

func compare(t *testing.T, d *db.DB, want map[string]int) {
	t.Helper()
	list, err := db.View(context.Background(), d, func(tx *db.Tx) ([]evidence.Count, error) {
		return evidence.Counts(context.Background(), tx, evidence.Scope{From: "2026-01", To: "2027-12"}, true)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(want) {
		t.Errorf("%d counts, want %d", len(list), len(want))
	}
	for _, c := range list {
		if w := want[c.Clause+c.Month+c.Unit.String()+string(c.Result)]; w != c.N {
			t.Errorf("%+v, want %d", c, w)
		}
	}
}

// whole compares the counts over all units.
func whole(t *testing.T, d *db.DB, want map[string]int) {
	t.Helper()
	list, err := db.View(context.Background(), d, func(tx *db.Tx) ([]evidence.Count, error) {
		return evidence.Counts(context.Background(), tx, evidence.Scope{From: "2026-01", To: "2027-12"}, false)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, all := 0, 0
	for _, c := range list {
		got += c.N
	}
	for _, n := range want {
		all += n
	}
	if got != all {
		t.Errorf("%d outcomes over all units, want %d", got, all)
	}
}
