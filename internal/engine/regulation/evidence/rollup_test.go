package evidence_test

import (
	"context"
	"fmt"
	"maps"
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
		narrow := evidence.Scope{Regulation: "r1", From: "2026-02", To: "2026-02", Units: []ids.ID{11}}
		one := sums(t, d, narrow, true)
		if len(one) != 1 || one[0].Unit != 11 || one[0].Month != "2026-02" || len(one[0].Clauses) == 0 {
			t.Fatalf("narrowed: %+v", one)
		}
		for clause, tally := range one[0].Clauses {
			for r, n := range tally {
				if n != want[clause+"2026-02"+ids.ID(11).String()+string(r)] {
					t.Errorf("narrowed: %s %s %d", clause, r, n)
				}
			}
		}
	})
}

func sums(t *testing.T, d *db.DB, s evidence.Scope, byUnit bool) []*evidence.Sum {
	t.Helper()
	list, err := db.View(context.Background(), d, func(tx *db.Tx) ([]*evidence.Sum, error) {
		return evidence.Sums(context.Background(), tx, s, byUnit)
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func compare(t *testing.T, d *db.DB, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, s := range sums(t, d, evidence.Scope{From: "2026-01", To: "2027-12"}, true) {
		for clause, tally := range s.Clauses {
			for r, n := range tally {
				got[clause+s.Month+s.Unit.String()+string(r)] += n
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("sums %v, want %v", got, want)
	}
}

// whole compares the sums over all units.
func whole(t *testing.T, d *db.DB, want map[string]int) {
	t.Helper()
	got, all := 0, 0
	for _, s := range sums(t, d, evidence.Scope{From: "2026-01", To: "2027-12"}, false) {
		for _, tally := range s.Clauses {
			for _, n := range tally {
				got += n
			}
		}
	}
	for _, n := range want {
		all += n
	}
	if got != all {
		t.Errorf("%d outcomes over all units, want %d", got, all)
	}
}
