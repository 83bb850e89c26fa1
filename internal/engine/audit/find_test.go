package audit_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"dianke/internal/engine/audit"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// diary is a log of six days: a case is opened, answered and closed by turns, a telephone is revealed on even days.
func diary(t *testing.T, d *db.DB) {
	t.Helper()
	ctx := context.Background()
	dbtest.Make(t, d, audit.Tables()...)
	fake := clock.NewFake(start)
	log := audit.New(fake)
	for day := range 6 {
		verbs := []string{"case.create", "case.close", "customer.reveal"}
		if day%2 == 0 {
			verbs = append(verbs, "contact.reveal")
		}
		for i, v := range verbs {
			fake.Set(start.AddDate(0, 0, day).Add(time.Duration(i) * time.Hour))
			err := db.Do(ctx, d, func(tx *db.Tx) error {
				return log.Append(ctx, tx, audit.Entry{Actor: fmt.Sprint("p", i%2), Verb: v, Record: 7})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestFindAndCount(t *testing.T) {
	t.Parallel()
	reveals := []string{"contact.reveal", "customer.reveal"}
	tests := map[string]struct {
		find  audit.Find
		seqs  []int64
		total int
	}{
		"newest":              {audit.Find{Limit: 2}, []int64{21, 20}, 21},
		"verbs together":      {audit.Find{Verbs: reveals, Limit: 3}, []int64{21, 18, 17}, 9},
		"verbs of one type":   {audit.Find{Verbs: reveals, Verb: "contact.", Limit: 3}, []int64{18, 11, 4}, 3},
		"a verb of no kind":   {audit.Find{Verbs: reveals, Verb: "case.close"}, nil, 0},
		"person and verbs":    {audit.Find{Verbs: reveals, Actor: "p1"}, []int64{18, 11, 4}, 3},
		"a day":               {audit.Find{From: start.AddDate(0, 0, 1), Until: start.AddDate(0, 0, 2)}, []int64{7, 6, 5}, 3},
		"before the log":      {audit.Find{Until: start}, nil, 0},
		"after the log":       {audit.Find{From: start.AddDate(1, 0, 0)}, nil, 0},
		"from the last day":   {audit.Find{From: start.AddDate(0, 0, 5)}, []int64{21, 20, 19}, 3},
		"the page above":      {audit.Find{After: 5, Up: true, Limit: 2}, []int64{7, 6}, 16},
		"a page below":        {audit.Find{Before: 5, Limit: 2}, []int64{4, 3}, 4},
		"the page above, two": {audit.Find{After: 4, Up: true, Limit: 2, Verbs: reveals}, []int64{10, 7}, 7},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		diary(t, d)
		ctx := context.Background()
		for name, tt := range tests {
			_, err := db.View(ctx, d, func(tx *db.Tx) (int, error) {
				list, err := audit.List(ctx, tx, tt.find)
				if err != nil {
					return 0, err
				}
				var got []int64
				for _, e := range list {
					got = append(got, e.Seq)
				}
				if !slices.Equal(got, tt.seqs) {
					t.Errorf("%s: List = %v, want %v", name, got, tt.seqs)
				}
				n, err := audit.Count(ctx, tx, tt.find)
				if n != tt.total {
					t.Errorf("%s: Count = %d, want %d", name, n, tt.total)
				}
				return n, err
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestVerbsLastAndGet(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		diary(t, d)
		ctx := context.Background()
		_, err := db.View(ctx, d, func(tx *db.Tx) (int, error) {
			verbs, err := audit.Verbs(ctx, tx)
			if want := []string{"case.close", "case.create", "contact.reveal", "customer.reveal"}; err != nil || !slices.Equal(verbs, want) {
				t.Errorf("Verbs = %v, %v", verbs, err)
			}
			seq, hash, err := audit.Last(ctx, tx)
			if err != nil || seq != 21 {
				t.Errorf("Last = %d, %v", seq, err)
			}
			e, err := audit.Get(ctx, tx, 21)
			if err != nil || e == nil || e.Hash != hash || e.Verb != "customer.reveal" {
				t.Errorf("Get = %+v, %v", e, err)
			}
			for _, absent := range []int64{0, 22, -4} {
				if e, err := audit.Get(ctx, tx, absent); e != nil || err != nil {
					t.Errorf("Get(%d) = %+v, %v", absent, e, err)
				}
			}
			return 0, nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
