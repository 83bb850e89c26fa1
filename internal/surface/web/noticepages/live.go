package noticepages

import (
	"context"
	"sync"
	"time"

	"dianke/internal/engine/record"
)

// Live tells open pages that something may have changed. It holds one small channel for each connection; a signal that
// was not picked up yet covers the next one. It is safe for concurrent use.
type Live struct {
	mu     sync.Mutex
	subs   map[chan struct{}]record.ID
	closed bool
	done   chan struct{}
}

// NewLive returns a hub without connections.
func NewLive() *Live { return &Live{subs: map[chan struct{}]record.ID{}, done: make(chan struct{})} }

// Wake signals all connections. It does not wait for anybody.
func (l *Live) Wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ch := range l.subs {
		select {
		case ch <- struct{}{}:
		default: // one signal waits there already
		}
	}
}

// Close ends all connections, so that the server can stop; there are no new ones afterwards.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		close(l.done)
	}
}

// mostOfOne is how many connections one person has; a browser with many windows shares one.
const mostOfOne = 12

// subscribe returns the signals for a person and the function that ends them; false where he has too many, or the hub
// was closed.
func (l *Live) subscribe(user record.ID) (<-chan struct{}, func(), bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, u := range l.subs {
		if u == user {
			n++
		}
	}
	if l.closed || n >= mostOfOne {
		return nil, nil, false
	}
	ch := make(chan struct{}, 1)
	l.subs[ch] = user
	return ch, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.subs, ch)
	}, true
}

const (
	calm   = 500 * time.Millisecond // signals within it are answered together
	pulse  = 20 * time.Second       // looked at anyway: another process may have written
	oneRun = 10 * time.Minute       // then the page connects again, and who is signed out does not
)

// Follow calls show now, and after each signal and pulse, until the connection ends. show returns false to end it.
func (l *Live) Follow(ctx context.Context, user record.ID, show func() bool) bool {
	signals, leave, ok := l.subscribe(user)
	if !ok {
		return false
	}
	defer leave()
	end, tick := time.NewTimer(oneRun), time.NewTicker(pulse)
	defer end.Stop()
	defer tick.Stop()
	for show() {
		select {
		case <-ctx.Done():
			return true
		case <-l.done:
			return true
		case <-end.C:
			return true
		case <-tick.C:
		case <-signals:
			rest := time.NewTimer(calm)
			select {
			case <-rest.C:
			case <-ctx.Done():
				rest.Stop()
				return true
			}
		}
	}
	return true
}
