package casework_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/platform/clock"

	"pgregory.net/rapid"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	values := map[string]string{"customer": "陈女士", "number": "CS-2026-000001", "handler": "{number}"}
	tests := map[string]struct {
		body, want string
		missing    []string
	}{
		"plain":       {"您好。", "您好。", nil},
		"names":       {"{customer}您好，编号{number}。", "陈女士您好，编号CS-2026-000001。", nil},
		"not twice":   {"{handler}", "{number}", nil},
		"unknown":     {"{phone} {phone} {x}", "{phone} {phone} {x}", []string{"phone", "x"}},
		"no name":     {"{ } {1} {客户} {}", "{ } {1} {客户} {}", nil},
		"open":        {"{customer} {number", "陈女士 {number", nil},
		"brace first": {"{{customer}}", "{陈女士}", nil},
		"empty":       {"", "", nil},
	}
	for name, tt := range tests {
		got, missing := casework.Expand(tt.body, values)
		if got != tt.want || !slices.Equal(missing, tt.missing) {
			t.Errorf("%s: %q %v, want %q %v", name, got, missing, tt.want, tt.missing)
		}
	}
}

func TestExpandLeavesOtherTextAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		body := rapid.StringOf(rapid.RuneFrom([]rune("ab{}_ 客户\n"))).Draw(r, "body")
		got, missing := casework.Expand(body, nil)
		if got != body {
			r.Fatalf("Expand(%q) without values = %q", body, got)
		}
		for _, m := range missing {
			if !strings.Contains(body, "{"+m+"}") {
				r.Fatalf("%q is not in %q", m, body)
			}
		}
	})
}

func TestPresence(t *testing.T) {
	t.Parallel()
	fake := clock.NewFake(monday)
	p := casework.NewPresence(fake, time.Minute)
	users := func(list []casework.Present) []record.ID {
		var out []record.ID
		for _, x := range list {
			out = append(out, x.User)
		}
		return out
	}
	if got := p.Touch(1, 10, casework.Viewing); len(got) != 0 {
		t.Errorf("alone: %v", got)
	}
	fake.Advance(40 * time.Second)
	got := p.Touch(1, 20, casework.Viewing)
	if !slices.Equal(users(got), []record.ID{10}) || got[0].Mode != casework.Viewing || !got[0].Since.Equal(monday) {
		t.Errorf("the second sees %v", got)
	}
	p.Touch(1, 10, casework.Replying)
	fake.Advance(50 * time.Second)
	if got = p.Touch(1, 20, casework.Viewing); len(got) != 1 || got[0].Mode != casework.Replying {
		t.Errorf("the second sees %v", got)
	}
	if got = p.Touch(2, 20, casework.Viewing); len(got) != 0 {
		t.Errorf("in another case: %v", got)
	}
	fake.Advance(30 * time.Second)
	if got = p.Touch(1, 20, casework.Viewing); len(got) != 0 {
		t.Errorf("who went quiet is still there: %v", got)
	}
	p.Leave(1, 20)
	if n := p.Sweep(); n != 1 {
		t.Errorf("%d cases open, want the other one", n)
	}
	fake.Advance(2 * time.Minute)
	if n := p.Sweep(); n != 0 {
		t.Errorf("%d cases open after everybody left", n)
	}
}

func TestAHeartbeatKeepsWhatSomebodyDoes(t *testing.T) {
	t.Parallel()
	fake := clock.NewFake(monday)
	p := casework.NewPresence(fake, time.Minute)
	p.Touch(1, 10, casework.Staying)
	if got := p.Touch(1, 20, casework.Replying); len(got) != 1 || got[0].Mode != casework.Viewing {
		t.Errorf("a first heartbeat is a look: %v", got)
	}
	fake.Advance(40 * time.Second)
	p.Touch(1, 20, casework.Staying)
	fake.Advance(40 * time.Second)
	got := p.Touch(1, 10, casework.Viewing)
	if len(got) != 1 || got[0].Mode != casework.Replying || !got[0].Since.Equal(monday) {
		t.Errorf("after a heartbeat: %v", got)
	}
	p.Touch(2, 10, casework.Viewing)
	fake.Advance(2 * time.Minute)
	p.Touch(3, 10, casework.Viewing) // cleans up behind those who left
	if n := p.Sweep(); n != 1 {
		t.Errorf("%d cases open, want one", n)
	}
}

func TestPresenceIsSafeForManyAtOnce(t *testing.T) {
	t.Parallel()
	p := casework.NewPresence(clock.NewFake(monday), time.Minute)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			p.Touch(1, record.ID(i+1), casework.Viewing)
			p.Sweep()
		})
	}
	wg.Wait()
	if got := p.Touch(1, 1, casework.Viewing); len(got) != 49 {
		t.Errorf("%d others, want 49", len(got))
	}
}
