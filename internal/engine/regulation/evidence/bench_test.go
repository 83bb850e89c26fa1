package evidence_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/ids"
)

// BenchmarkOutcomes asks what the heat map and the page of a clause ask, over DIANKE_BENCH_OUTCOMES outcomes (200,000
// where not set) of 1,238 clauses in a year, and prints the slowest of a hundred.
func BenchmarkOutcomes(b *testing.B) {
	n := 200_000
	if v, err := strconv.Atoi(os.Getenv("DIANKE_BENCH_OUTCOMES")); err == nil {
		n = v
	}
	ctx, d := context.Background(), dbtest.SQLite(b)
	dbtest.Make(b, d, evidence.Tables()...)
	fill(b, d, n)
	for name, ask := range map[string]func(tx *db.Tx) error{
		"heat map": func(tx *db.Tx) error {
			_, err := evidence.Sums(ctx, tx, evidence.Scope{From: "2025-01", To: "2025-12"}, false)
			return err
		},
		"regulation": func(tx *db.Tx) error {
			_, err := evidence.Sums(ctx, tx, evidence.Scope{Regulation: "r07", From: "2025-01", To: "2025-12"}, false)
			return err
		},
		"by unit": func(tx *db.Tx) error {
			_, err := evidence.Sums(ctx, tx, evidence.Scope{From: "2025-01", To: "2025-12"}, true)
			return err
		},
		"clause page": func(tx *db.Tx) error {
			_, err := evidence.List(ctx, tx, evidence.Filter{Clause: "r07.11"})
			return err
		},
		"counted anew": func(tx *db.Tx) error { // what the totals save
			var k int64
			return tx.QueryRow(ctx, "SELECT COUNT(*) FROM control_outcomes WHERE regulation = 'r07' AND month >= '2025-01'").Scan(&k)
		},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for range b.N {
				start := time.Now()
				if err := db.Do(ctx, d, ask); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

func fill(b *testing.B, d *db.DB, n int) {
	b.Helper()
	ctx, fake := context.Background(), clock.NewFake(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	source, step := ids.NewSource(fake, 1), 365*24*time.Hour/time.Duration(n)
	const batch = 20_000
	for from := 0; from < n; from += batch {
		err := db.Do(ctx, d, func(tx *db.Tx) error {
			for i := from; i < min(from+batch, n); i++ {
				result := evidence.Passed
				if i%17 == 0 {
					result = evidence.Refused
				}
				fake.Advance(step)
				r := i * 7919 % 1238
				o := evidence.Outcome{
					ID: source.Next(), At: fake.Now(), Regulation: fmt.Sprintf("r%02d", r%23+1), Clause: fmt.Sprintf("r%02d.%d", r%23+1, r/23), Control: "guard",
					Result: result, Event: "case.close", Type: "case", Record: ids.ID(i), Unit: ids.ID(i%20 + 1), Person: ids.ID(i%500 + 1),
				}
				if err := evidence.Add(ctx, tx, o, time.UTC); err != nil {
					return err
				}
			}
			return nil
		})
		for more := true; err == nil && more; {
			err = db.Do(ctx, d, func(tx *db.Tx) (ferr error) {
				_, more, ferr = evidence.Fold(ctx, tx, fake.Now())
				return ferr
			})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
