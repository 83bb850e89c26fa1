package casework

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/clock"
)

// Mode says what somebody does with a case he has open.
type Mode string

// The modes. Staying keeps whatever the person did before.
const (
	Viewing  Mode = "viewing"
	Replying Mode = "replying"
	Staying  Mode = ""
)

// Present is one person who has a case open.
type Present struct {
	User  record.ID
	Mode  Mode
	Since time.Time // first touch of this stay, UTC
	seen  time.Time
}

// Presence knows who has which case open, for the notice that two people work on the same one. It lives in memory: each
// server knows its own visitors, and a restart forgets them. It is safe for concurrent use.
type Presence struct {
	clock clock.Clock
	ttl   time.Duration

	mu    sync.Mutex
	cases map[record.ID][]Present
	swept time.Time
}

// maxPresent bounds the memory of a case that everybody opens.
const maxPresent = 100

// NewPresence returns an empty presence; who does not touch a case for the time ttl has left it.
func NewPresence(c clock.Clock, ttl time.Duration) *Presence {
	return &Presence{clock: c, ttl: ttl, cases: map[record.ID][]Present{}}
}

// Touch says that the person still has the case open and returns the others who have, longest there first. The caller
// must have checked that he may see the case.
func (p *Presence) Touch(id, user record.ID, mode Mode) []Present {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if now.Sub(p.swept) > p.ttl {
		p.sweep(now)
	}
	list := p.live(p.cases[id], now)
	i := slices.IndexFunc(list, func(x Present) bool { return x.User == user })
	switch {
	case i >= 0 && mode == Staying:
		list[i].seen = now
	case i >= 0:
		list[i].Mode, list[i].seen = mode, now
	case len(list) < maxPresent:
		list = append(list, Present{User: user, Mode: cmp.Or(mode, Viewing), Since: now, seen: now})
	}
	p.cases[id] = list
	return slices.DeleteFunc(slices.Clone(list), func(x Present) bool { return x.User == user })
}

// Leave says that the person closed the case.
func (p *Presence) Leave(id, user record.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := slices.DeleteFunc(p.live(p.cases[id], p.clock.Now()), func(x Present) bool { return x.User == user })
	if len(list) == 0 {
		delete(p.cases, id)
		return
	}
	p.cases[id] = list
}

// Sweep forgets everybody who has left and returns how many cases are still open. [Presence.Touch] does it by itself
// now and then, so that each server cleans its own memory.
func (p *Presence) Sweep() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sweep(p.clock.Now())
}

func (p *Presence) sweep(now time.Time) int {
	p.swept = now
	for id, list := range p.cases {
		if list = p.live(list, now); len(list) == 0 {
			delete(p.cases, id)
		} else {
			p.cases[id] = list
		}
	}
	return len(p.cases)
}

func (p *Presence) live(list []Present, now time.Time) []Present {
	return slices.DeleteFunc(list, func(x Present) bool { return now.Sub(x.seen) > p.ttl })
}
