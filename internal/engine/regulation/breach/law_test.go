package breach_test

import (
	"testing"
	"time"

	"dianke/internal/engine/regulation/breach"

	"pgregory.net/rapid"
)

func TestMostThatMayBeTaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		month, minimum, taken, pay, damage, kept int64
	}{
		"a fifth of the wage":                      {800000, 242000, 0, 0, 160000, 558000},
		"odd fen are cut off":                      {800001, 242000, 0, 0, 160000, 558001},
		"the minimum wage remains":                 {260000, 242000, 0, 0, 18000, 18000},
		"what was taken in the month counts":       {800000, 242000, 100000, 0, 60000, 458000},
		"the fifth is used up":                     {800000, 242000, 160000, 0, 0, 398000},
		"performance pay narrows it":               {800000, 242000, 0, 500000, 58000, 58000},
		"a wage at the minimum":                    {242000, 242000, 0, 0, 0, 0},
		"a wage below it, as of a part of a month": {100000, 242000, 0, 0, 0, 0},
		"no wage": {0, 242000, 0, 0, 0, 0},
	} {
		w := breach.Wage{Month: c.month, Minimum: c.minimum}
		if got := breach.MostDamage(w, c.taken, c.pay); got != c.damage {
			t.Errorf("%s: damage %d, want %d", name, got, c.damage)
		}
		if got := breach.MostPay(w, c.taken+c.pay); got != c.kept {
			t.Errorf("%s: pay %d, want %d", name, got, c.kept)
		}
	}
}

// TestDeductionsNeverBreakTheLaw: whatever is taken one after the other in a month, damage stays within a fifth and the
// minimum wage remains.
func TestDeductionsNeverBreakTheLaw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := breach.Wage{Month: rapid.Int64Range(0, 5_000_000).Draw(t, "month"), Minimum: rapid.Int64Range(0, 400_000).Draw(t, "minimum")}
		var damage, pay int64
		for range rapid.IntRange(1, 8).Draw(t, "measures") {
			ask := rapid.Int64Range(0, 3_000_000).Draw(t, "asked")
			if rapid.Bool().Draw(t, "damage") {
				damage += min(ask, breach.MostDamage(w, damage, pay))
			} else {
				pay += min(ask, breach.MostPay(w, damage+pay))
			}
		}
		if damage*5 > w.Month {
			t.Fatalf("%d of %d for damage", damage, w.Month)
		}
		if left := w.Month - damage - pay; damage+pay > 0 && left < w.Minimum {
			t.Fatalf("%d left, the minimum is %d", left, w.Minimum)
		}
	})
}

func TestThereAreNoFines(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"fine", "penalty", "deduction", ""} {
		if breach.CheckKind(kind) == nil {
			t.Errorf("%q passes for a measure", kind)
		}
	}
	for _, kind := range breach.Kinds() {
		if err := breach.CheckKind(kind); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if breach.Takes(kind) != (kind == breach.Pay || kind == breach.Damage) {
			t.Errorf("%s takes money: %v", kind, breach.Takes(kind))
		}
	}
}

func TestNothingCountsLongerThanTheHouseAllows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		begins := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 2000).Draw(t, "day"))
		months := rapid.Int64Range(-5, 100).Draw(t, "months")
		end := breach.ExpiryOf(begins, months)
		if !end.After(begins) || end.After(begins.AddDate(0, breach.LongestMonths, 0)) {
			t.Fatalf("%d months from %v end %v", months, begins, end)
		}
	})
}
