// Package clock is the only place that asks the system for the time.
//
// Everything else takes a [Clock], so that tests and scenarios set the hour. Instants are UTC, cut to microseconds,
// the finest step both databases keep. The package knows nothing of calendars; see worktime.
package clock

import (
	"sync"
	"time"
)

// Clock tells the present instant in UTC, in whole microseconds. Implementations are safe for concurrent use.
type Clock interface {
	Now() time.Time
}

// System is the real clock.
type System struct{}

// Now returns the system time.
func (System) Now() time.Time { return Trim(time.Now()) }

// Fake is a clock that moves only when told to.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake returns a clock standing at t.
func NewFake(t time.Time) *Fake { return &Fake{now: Trim(t)} }

// Now returns the instant the clock stands at.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Set puts the clock to t, forward or back.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = Trim(t)
}

// Advance moves the clock by d.
func (f *Fake) Advance(d time.Duration) { f.Set(f.Now().Add(d)) }

// Trim returns t in UTC without fractions of a microsecond and without a monotonic reading.
func Trim(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
