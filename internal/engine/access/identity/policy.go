package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Policy is what the organisation asks of sign-in. It is kept in the database and holds for all nodes within seconds.
type Policy struct {
	MinPassword  int            `json:"min_password"`            // characters, 8 to 64
	IdleMinutes  int            `json:"idle_minutes"`            // a session unused for so long ends, 5 minutes to 7 days
	LifeHours    int            `json:"life_hours"`              // a session ends after so long in any case, 1 hour to 30 days
	MaxSessions  int            `json:"max_sessions"`            // of one person at a time; 0 is no limit
	RoleSessions map[string]int `json:"role_sessions,omitempty"` // by role, before MaxSessions; of several the smallest
	FactorRoles  []string       `json:"factor_roles,omitempty"`  // roles that must have a second factor; "*" is everybody
}

// Everybody in [Policy.FactorRoles] asks a second factor of all.
const Everybody = "*"

const (
	shortestIdle = 5 * time.Minute
	longestIdle  = 7 * 24 * time.Hour
	longestLife  = 30 * 24 * time.Hour
	mostSessions = 1000
)

// Idle is how long a session may be unused.
func (p Policy) Idle() time.Duration { return time.Duration(p.IdleMinutes) * time.Minute }

// Life is how long a session may last.
func (p Policy) Life() time.Duration { return time.Duration(p.LifeHours) * time.Hour }

// SessionsOf is how many sessions a person of the roles may have at a time; zero is no limit.
func (p Policy) SessionsOf(roles []string) int {
	most := 0
	for _, r := range roles {
		if n := p.RoleSessions[r]; n > 0 && (most == 0 || n < most) {
			most = n
		}
	}
	if most == 0 {
		return p.MaxSessions
	}
	return most
}

// NeedsFactor reports whether a person of the roles must have a second factor.
func (p Policy) NeedsFactor(roles []string) bool {
	return slices.ContainsFunc(p.FactorRoles, func(r string) bool { return r == Everybody || slices.Contains(roles, r) })
}

func (s *Service) standard() Policy {
	return Policy{MinPassword: minPassword, IdleMinutes: int(s.opts.Idle / time.Minute), LifeHours: int(s.opts.Absolute / time.Hour), MaxSessions: 30}
}

// policyCache saves reading the policy on every request.
type policyCache struct {
	mu    sync.Mutex
	at    time.Time
	value Policy
}

const policyFresh = 10 * time.Second // how long another node's change may go unseen

// Policy returns what holds now. It must not be called within a transaction.
func (s *Service) Policy(ctx context.Context) (Policy, error) {
	c, now := &s.policy, s.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.IsZero() && now.Sub(c.at) < policyFresh && !now.Before(c.at) {
		return c.value, nil
	}
	p, err := db.View(ctx, s.runner.DB, func(tx *db.Tx) (Policy, error) { return s.readPolicy(ctx, tx) })
	if err == nil {
		c.value, c.at = p, now
	}
	return p, err
}

func (s *Service) readPolicy(ctx context.Context, tx *db.Tx) (Policy, error) {
	p := s.standard()
	var text string
	err := tx.QueryRow(ctx, "SELECT value FROM sign_in_policy WHERE id = 1").Scan(&text)
	if db.IsNoRows(err) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &p)
	}
	if err != nil {
		return p, fmt.Errorf("read sign-in policy: %w", err)
	}
	return p, nil
}

// SavePolicy changes what holds. It needs the permission to update all employees; what cannot be is Invalid at its
// field. Sessions that are older than the new limits end at their next request.
func (s *Service) SavePolicy(ctx context.Context, by record.Actor, p Policy) error {
	if err := p.check(); err != nil {
		return err
	}
	err := db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.mayManage(ctx, tx, by, 0); err != nil {
			return err
		}
		was, err := s.readPolicy(ctx, tx)
		if err != nil {
			return err
		}
		text, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("save sign-in policy: %w", err)
		}
		_, err = tx.Exec(ctx, `INSERT INTO sign_in_policy (id, value, changed_at) VALUES (1, ?, ?)
			ON CONFLICT (id) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at`, string(text), s.now())
		if err != nil {
			return fmt.Errorf("save sign-in policy: %w", err)
		}
		return s.log(ctx, tx, "sign_in.policy", by, 0, map[string]any{"before": was, "after": p})
	})
	s.policy.mu.Lock()
	s.policy.at = time.Time{}
	s.policy.mu.Unlock()
	return err
}

func (p Policy) check() error {
	var faults []*errs.Error
	within := func(field string, n, least, most int) {
		if n < least || n > most {
			faults = append(faults, errs.Of(field, "identity.policy.range").With("min", least).With("max", most))
		}
	}
	within("min_password", p.MinPassword, 8, 64)
	within("idle_minutes", p.IdleMinutes, int(shortestIdle/time.Minute), int(longestIdle/time.Minute))
	within("life_hours", p.LifeHours, 1, int(longestLife/time.Hour))
	within("max_sessions", p.MaxSessions, 0, mostSessions)
	for _, n := range p.RoleSessions {
		if n < 0 || n > mostSessions {
			within("role_sessions", n, 0, mostSessions)
			break
		}
	}
	return errs.Collect(faults)
}
