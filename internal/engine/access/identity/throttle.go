package identity

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

const (
	freeByLogin   = 5  // failures of one name before waiting begins
	freeByAddress = 20 // of one address, behind which a whole office may sit
	longestWait   = 15 * time.Minute
	forget        = 24 * time.Hour // failures older than this no longer count
)

// subject is what attempts are counted for. Only a hash is stored: people type passwords into the wrong box.
type subject struct {
	key  string
	free int
}

// subjects are what an attempt at a sign-in name counts for: the device where it is known to the name, so that others who
// guess cannot keep its owner out; else the name and the address.
func (s *Service) subjects(login string, from Client) []subject {
	if nonce := s.knownDevice(login, from.Device); nonce != "" {
		return []subject{{sum("device\x00" + nonce), freeByLogin}}
	}
	return append([]subject{{nameKey(login), freeByLogin}}, addressOnly(from)...)
}

func nameKey(login string) string { return sum("login\x00" + login) }

func addressOnly(from Client) []subject {
	if net := network(from.Address); net != "" {
		return []subject{{sum("address\x00" + net), freeByAddress}}
	}
	return nil
}

// network is the address itself, or for IPv6 the /64 that one customer of a provider has.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap().WithZone(""); a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}

// wait is how long the next attempt has to wait after n failures: 1 s, 2 s, 4 s … up to a quarter of an hour.
func wait(n int64, free int) time.Duration {
	over := n - int64(free)
	switch {
	case over < 0:
		return 0
	case over >= 10:
		return longestWait
	}
	return min(time.Second<<over, longestWait)
}

// reserve counts an attempt before its password is looked at, so that many at once do not slip through, and returns the
// counts. It returns TooMany with the seconds to wait where one of the subjects is blocked; that attempt is not counted
// and writes nothing, however many come.
func (s *Service) reserve(ctx context.Context, list []subject) ([]int64, error) {
	now := s.now()
	look := func(tx *db.Tx) ([]int64, error) { return free(ctx, tx, list, now) }
	if _, err := db.View(ctx, s.runner.DB, look); err != nil {
		return nil, err
	}
	return db.InTx(ctx, s.runner.DB, func(tx *db.Tx) ([]int64, error) {
		counts, err := look(tx)
		if err != nil {
			return nil, err
		}
		for i, sub := range list {
			if err := setAttempts(ctx, tx, sub.key, counts[i], now, now.Add(wait(counts[i], sub.free))); err != nil {
				return nil, err
			}
		}
		return counts, nil
	})
}

// free returns how many attempts there are with this one, or TooMany.
func free(ctx context.Context, tx *db.Tx, list []subject, now time.Time) ([]int64, error) {
	counts := make([]int64, len(list))
	for i, sub := range list {
		n, until, err := attempts(ctx, tx, sub.key, now)
		if err != nil {
			return nil, err
		}
		if now.Before(until) {
			secs := int64((until.Sub(now) + time.Second - 1) / time.Second)
			return nil, errs.New(errs.TooMany, "identity.wait").With("seconds", secs).With("n", secs)
		}
		counts[i] = n + 1
	}
	return counts, nil
}

// noted reports whether the n-th failure in a row is written to the audit log: the first few, then each time their
// number has doubled, so that guessing does not fill the log.
func noted(n int64) bool { return n <= freeByLogin || n&(n-1) == 0 }

func attempts(ctx context.Context, tx *db.Tx, key string, now time.Time) (n int64, until time.Time, err error) {
	var last time.Time
	err = tx.QueryRow(ctx, "SELECT failures, last_at, blocked_until FROM login_attempts WHERE subject = ?"+tx.ForUpdate(), key).
		Scan(&n, db.Time(&last), db.Time(&until))
	if db.IsNoRows(err) || err == nil && now.Sub(last) > forget {
		return 0, time.Time{}, nil
	}
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count attempts: %w", err)
	}
	return n, until, nil
}

func setAttempts(ctx context.Context, tx *db.Tx, key string, n int64, now, until time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO login_attempts (subject, failures, last_at, blocked_until) VALUES (?, ?, ?, ?)
		ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, blocked_until = excluded.blocked_until`,
		key, n, now, until)
	if err != nil {
		return fmt.Errorf("count attempts: %w", err)
	}
	return nil
}

// release takes back what [Service.reserve] counted for an attempt that succeeded: the name starts afresh, the address
// only loses this one, so that one good account does not open the door for guessing at others.
func (s *Service) release(ctx context.Context, tx *db.Tx, list []subject) error {
	for i, sub := range list {
		stmt := "DELETE FROM login_attempts WHERE subject = ?"
		if i > 0 {
			stmt = "UPDATE login_attempts SET failures = failures - 1, blocked_until = NULL WHERE subject = ? AND failures > 0"
		}
		if _, err := tx.Exec(ctx, stmt, sub.key); err != nil {
			return fmt.Errorf("release attempts: %w", err)
		}
	}
	return nil
}
