package api

import (
	"math"
	"sync"
	"time"

	"dianke/internal/platform/clock"
	"dianke/internal/platform/errs"
)

// limiter is a token bucket for each person or address.
type limiter struct {
	clock clock.Clock
	rate  float64 // tokens a second
	burst float64

	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

const maxBuckets = 10_000 // beyond which those that are full again are dropped

func newLimiter(c clock.Clock, rate float64, burst int) *limiter {
	return &limiter{clock: c, rate: rate, burst: float64(burst), buckets: map[string]bucket{}}
}

// take takes one token of the subject, or returns TooMany with the seconds to wait.
func (l *limiter) take(subject string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	b, ok := l.buckets[subject]
	if !ok {
		l.sweep(now)
		b = bucket{left: l.burst, at: now}
	}
	b.left, b.at = l.refilled(b, now), now
	if b.left < 1 {
		l.buckets[subject] = b
		secs := int64(math.Ceil((1 - b.left) / l.rate))
		return errs.New(errs.TooMany, "api.rate").With("seconds", secs).With("n", secs)
	}
	b.left--
	l.buckets[subject] = b
	return nil
}

func (l *limiter) refilled(b bucket, now time.Time) float64 {
	return min(l.burst, b.left+max(0, now.Sub(b.at).Seconds())*l.rate)
}

func (l *limiter) sweep(now time.Time) {
	if len(l.buckets) < maxBuckets {
		return
	}
	for subject, b := range l.buckets {
		if l.refilled(b, now) >= l.burst {
			delete(l.buckets, subject)
		}
	}
}
