package identity

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

const (
	keyPending = "pending"   // a sign-in that waits for its second factor
	keyProved  = "proved_at" // when the person last proved who he is
	keyWaiting = "ceremony:" // what a passkey or provider has to answer to, by purpose

	pendingLife = 10 * time.Minute
	// ProofLife is how long a proof of identity opens changes to sign-in.
	ProofLife = 10 * time.Minute
)

// kept is a text in a session with the time it was put there.
type kept struct {
	At   time.Time `json:"at"`
	In   SignedIn  `json:"in"`
	Text string    `json:"text,omitempty"`
}

func (m *Sessions) keep(ctx context.Context, key string, k kept) {
	k.At = m.svc.now()
	if b, err := json.Marshal(k); err == nil {
		m.Put(ctx, key, string(b))
	}
}

func (m *Sessions) kept(ctx context.Context, key string) (kept, bool) {
	var k kept
	if err := json.Unmarshal([]byte(m.GetString(ctx, key)), &k); err != nil {
		return kept{}, false
	}
	return k, m.svc.now().Sub(k.At) < pendingLife
}

// Pend remembers a sign-in whose second factor is still to be shown, and where to go afterwards. It opens nothing and is
// forgotten after ten minutes.
func (m *Sessions) Pend(ctx context.Context, in SignedIn, next string) error {
	if err := m.RenewToken(ctx); err != nil {
		return err
	}
	m.keep(ctx, keyPending, kept{In: in, Text: next})
	return nil
}

// Pending returns the sign-in that waits for its second factor; Unauthenticated where there is none.
func (m *Sessions) Pending(ctx context.Context) (in SignedIn, next string, err error) {
	k, ok := m.kept(ctx, keyPending)
	if !ok || k.In.User == 0 {
		return SignedIn{}, "", errs.New(errs.Unauthenticated, "identity.pending.none")
	}
	return k.In, k.Text, nil
}

func (m *Sessions) forgetPending(ctx context.Context) { m.Remove(ctx, keyPending) }

// Await remembers what the browser has to answer to; Answer takes it away again. Each can be answered once, within ten
// minutes, by the same browser.
func (m *Sessions) Await(ctx context.Context, purpose, state string) {
	m.keep(ctx, keyWaiting+purpose, kept{Text: state})
}

// Answer returns what Await remembered; Invalid where there is nothing.
func (m *Sessions) Answer(ctx context.Context, purpose string) (string, error) {
	k, ok := m.kept(ctx, keyWaiting+purpose)
	m.Remove(ctx, keyWaiting+purpose)
	if !ok {
		return "", errs.New(errs.Invalid, "identity.ceremony.over")
	}
	return k.Text, nil
}

// Prove notes that the person has just proved who he is.
func (m *Sessions) Prove(ctx context.Context) {
	m.Put(ctx, keyProved, strconv.FormatInt(m.svc.now().Unix(), 10))
}

// Proved reports whether that is less than [ProofLife] ago.
func (m *Sessions) Proved(ctx context.Context) bool {
	at, err := strconv.ParseInt(m.GetString(ctx, keyProved), 10, 64)
	return err == nil && m.svc.now().Sub(time.Unix(at, 0)) < ProofLife
}

// TakeEnded returns, once, how many older sessions gave way to this one.
func (m *Sessions) TakeEnded(ctx context.Context) int {
	n, err := strconv.Atoi(m.GetString(ctx, keyEnded))
	if err != nil {
		return 0
	}
	m.Remove(ctx, keyEnded)
	return n
}

// FactorAdded notes that the person has a second factor now, so that nothing more is asked of him.
func (m *Sessions) FactorAdded(ctx context.Context) { m.Put(ctx, keyFactor, true) }

// Held says what the person has to do before anything else: Forbidden with identity.held.password or
// identity.held.factor; nil where nothing is held back.
func (m *Sessions) Held(ctx context.Context, a record.Actor) error {
	if m.MustChange(ctx) {
		return errs.New(errs.Forbidden, "identity.held.password")
	}
	if m.GetBool(ctx, keyFactor) {
		return nil
	}
	p, err := m.svc.Policy(ctx)
	if err != nil || !p.NeedsFactor(a.Roles) {
		return err
	}
	has, err := m.svc.HasFactor(ctx, a.UserID)
	if err != nil || has {
		return err
	}
	return errs.New(errs.Forbidden, "identity.held.factor")
}

// EndedWhy says why the session of a browser ended: limit, revoked, password, factor, disabled; empty where it is not
// known. cookie is the value the browser still sends.
func (m *Sessions) EndedWhy(ctx context.Context, cookie string) (string, error) {
	if cookie == "" {
		return "", nil
	}
	return db.View(ctx, m.svc.runner.DB, func(tx *db.Tx) (string, error) {
		var why *string
		err := tx.QueryRow(ctx, "SELECT ended_why FROM sessions WHERE hash = ?", sum(cookie)).Scan(&why)
		if db.IsNoRows(err) || err == nil && why == nil {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return *why, nil
	})
}
