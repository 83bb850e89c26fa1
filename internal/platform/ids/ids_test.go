package ids_test

import (
	"encoding/json"
	"testing"
	"time"

	"dianke/internal/platform/clock"
	"dianke/internal/platform/ids"

	"pgregory.net/rapid"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := ids.ID(rapid.Int64Range(1, 1<<63-1).Draw(t, "id"))
		got, err := ids.Parse(want.String())
		if err != nil || got != want {
			t.Fatalf("Parse(%q) = %d, %v; want %d", want.String(), got, err, want)
		}
		b, _ := json.Marshal(want)
		var back ids.ID
		if err := json.Unmarshal(b, &back); err != nil || back != want {
			t.Fatalf("JSON %s = %d, %v", b, back, err)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1", "0000000000000", "zzzzzzzzzzzzz", "000000000000u", "00000000000000", "中文中文中"} {
		if id, err := ids.Parse(s); err == nil {
			t.Errorf("Parse(%q) = %d, want an error", s, id)
		}
	}
}

func TestNextGrowsWhenTheClockGoesBack(t *testing.T) {
	t.Parallel()
	fake := clock.NewFake(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	src := ids.NewSource(fake, 3)
	last := src.Next()
	if got := last.Time(); !got.Equal(fake.Now()) {
		t.Errorf("Time() = %v, want %v", got, fake.Now())
	}
	for i := range 10_000 {
		if i == 5_000 {
			fake.Advance(-time.Hour)
		}
		id := src.Next()
		if id <= last {
			t.Fatalf("id %d after %d", id, last)
		}
		last = id
	}
}

func TestNoIDTwiceAfterARestartWithTheClockSetBack(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	before := ids.NewSource(clock.NewFake(now), 1)
	seen := map[ids.ID]bool{}
	var last ids.ID
	for range 5000 {
		last = before.Next()
		seen[last] = true
	}
	after := ids.NewSource(clock.NewFake(now.Add(-time.Hour)), 1)
	after.Resume(last)
	for range 5000 {
		id := after.Next()
		if seen[id] || id <= last {
			t.Fatalf("%s was made before", id)
		}
	}
}
