package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"github.com/alexedwards/scs/v2"
)

// Session is one sign-in of a person, for his list of devices.
type Session struct {
	ID      record.ID
	Created time.Time
	Seen    time.Time // to the minute
	Expires time.Time // in any case; earlier when unused
	Address string
	Agent   string
}

// The values a session holds of its own; others may keep texts and booleans beside them.
const (
	keyUser    = "user"
	keyMust    = "must_change"
	keyAddress = "address"
	keyAgent   = "agent"
	keyFactor  = "factor" // a second factor was shown
	keyEnded   = "ended"  // how many older sessions gave way
)

// Sessions are the sessions of browsers, kept in the database and known to the browser by a cookie. Its LoadAndSave
// goes around every handler that asks for the person.
type Sessions struct {
	*scs.SessionManager
	svc *Service
}

// NewSessions returns the sessions of a service. With secure the cookie is bound to HTTPS and the host (__Host-).
func NewSessions(s *Service, secure bool) *Sessions {
	m := scs.New()
	m.Store, m.Codec, m.Lifetime = &sessionStore{s}, jsonCodec{}, longestLife
	m.Cookie.Name, m.Cookie.Secure, m.Cookie.SameSite, m.Cookie.HttpOnly = "dianke", secure, http.SameSiteLaxMode, true
	if secure {
		m.Cookie.Name = "__Host-dianke"
	}
	return &Sessions{SessionManager: m, svc: s}
}

// Open begins a session for a person whose sign-in was checked, second factor included. The token changes, so that one
// planted before the sign-in is worth nothing. Where the person then has more sessions than the policy allows, those
// begun first end; [Sessions.TakeEnded] tells how many.
func (m *Sessions) Open(ctx context.Context, in SignedIn, from Client) error {
	if err := m.RenewToken(ctx); err != nil {
		return fmt.Errorf("open session: %w", err)
	}
	m.forgetPending(ctx)
	m.Put(ctx, keyUser, in.User.String())
	m.Put(ctx, keyMust, in.MustChange)
	m.Put(ctx, keyFactor, in.Factor)
	m.Put(ctx, keyAddress, from.Address)
	m.Put(ctx, keyAgent, clip(from.Agent, 300))
	m.Prove(ctx)
	p, err := m.svc.Policy(ctx)
	if err != nil {
		return err
	}
	ended, err := db.InTx(ctx, m.svc.runner.DB, func(tx *db.Tx) (int64, error) {
		a, err := m.svc.guard.Actor(ctx, tx, in.User)
		if err != nil {
			return 0, err
		}
		by := actorOf(in.User, from)
		n, err := m.svc.makeRoom(ctx, tx, by, p.SessionsOf(a.Roles))
		if err != nil {
			return 0, err
		}
		detail := map[string]any{"by": in.Method}
		return n, m.svc.log(ctx, tx, "session.open", by, in.User, detail)
	})
	if ended > 0 {
		m.Put(ctx, keyEnded, strconv.FormatInt(ended, 10))
	}
	return err
}

// makeRoom ends the oldest sessions of a person beyond one less than the most he may have; zero is no limit.
func (s *Service) makeRoom(ctx context.Context, tx *db.Tx, by record.Actor, most int) (int64, error) {
	if most < 1 {
		return 0, nil
	}
	now := s.now()
	n, err := tx.Exec(ctx, `UPDATE sessions SET ended_at = ?, ended_why = 'limit' WHERE user_id = ? AND ended_at IS NULL AND id NOT IN (
		SELECT id FROM sessions WHERE user_id = ? AND ended_at IS NULL AND expires_at > ? ORDER BY created_at DESC, id DESC LIMIT ?)`,
		now, by.UserID, by.UserID, now, most-1)
	if err != nil {
		return 0, fmt.Errorf("limit sessions: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	return n, s.log(ctx, tx, "session.revoke", by, by.UserID, map[string]any{"sessions": n, "why": "limit"})
}

// Close ends the session of the request; nothing happens where nobody is signed in.
func (m *Sessions) Close(ctx context.Context, from Client) error {
	user := m.User(ctx)
	if err := m.Destroy(ctx); err != nil {
		return fmt.Errorf("close session: %w", err)
	}
	if user == 0 {
		return nil
	}
	return db.Do(ctx, m.svc.runner.DB, func(tx *db.Tx) error {
		return m.svc.log(ctx, tx, "session.close", actorOf(user, from), user, nil)
	})
}

// User returns who is signed in, or none.
func (m *Sessions) User(ctx context.Context) record.ID {
	var id record.ID
	if err := id.UnmarshalText([]byte(m.GetString(ctx, keyUser))); err != nil {
		return 0
	}
	return id
}

// MustChange reports whether the person has to change his password before anything else.
func (m *Sessions) MustChange(ctx context.Context) bool { return m.GetBool(ctx, keyMust) }

// PasswordChanged notes in the session that this has been done.
func (m *Sessions) PasswordChanged(ctx context.Context) { m.Put(ctx, keyMust, false) }

// Actor returns the person signed in with what he holds now; Unauthenticated where there is none.
func (m *Sessions) Actor(ctx context.Context, from Client) (record.Actor, error) {
	user := m.User(ctx)
	if user == 0 {
		return record.Actor{}, errs.New(errs.Unauthenticated, "access.sign_in")
	}
	a, err := db.View(ctx, m.svc.runner.DB, func(tx *db.Tx) (record.Actor, error) { return m.svc.guard.Actor(ctx, tx, user) })
	a.Via, a.Address = from.Via, from.Address
	return a, err
}

// Current returns the session of the request, none before it was first saved.
func (m *Sessions) Current(ctx context.Context) (record.ID, error) {
	return db.View(ctx, m.svc.runner.DB, func(tx *db.Tx) (record.ID, error) {
		var id record.ID
		err := tx.QueryRow(ctx, "SELECT id FROM sessions WHERE hash = ?", sum(m.Token(ctx))).Scan(&id)
		if db.IsNoRows(err) {
			return 0, nil
		}
		return id, err
	})
}

func clip(s string, n int) string {
	if !utf8.ValidString(s) {
		return ""
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// jsonCodec writes the values of a session as JSON, so that the store can read who it belongs to.
type jsonCodec struct{}

type sessionData struct {
	Until  time.Time      `json:"until"`
	Values map[string]any `json:"values"`
}

// Encode implements [scs.Codec].
func (jsonCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(sessionData{deadline, values})
}

// Decode implements [scs.Codec].
func (jsonCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionData
	err := json.Unmarshal(b, &d)
	if d.Values == nil {
		d.Values = map[string]any{}
	}
	return d.Until, d.Values, err
}

// sessionStore keeps sessions under the hash of their token. It holds the limits itself, by the clock of the service;
// the expiry that scs computes by the system's clock is not used.
type sessionStore struct{ svc *Service }

const touchEvery = time.Minute // how often a session in use writes that it was seen

// FindCtx implements [scs.CtxStore]. The session of a person who is no longer active is not found.
func (st *sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data string
	var created, seen, expires time.Time
	var user record.ID
	var status sql.NullString
	now := st.svc.now()
	p, err := st.svc.Policy(ctx)
	if err != nil {
		return nil, false, err
	}
	_, err = db.View(ctx, st.svc.runner.DB, func(tx *db.Tx) (struct{}, error) {
		return struct{}{}, tx.QueryRow(ctx, `SELECT s.data, s.created_at, s.seen_at, s.expires_at, s.user_id, u.status FROM sessions s
			LEFT JOIN users u ON u.id = s.user_id AND u.archived_at IS NULL WHERE s.hash = ? AND s.ended_at IS NULL`, sum(token)).
			Scan(&data, db.Time(&created), db.Time(&seen), db.Time(&expires), &user, &status)
	})
	if db.IsNoRows(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	if !now.Before(expires) || now.Sub(created) >= p.Life() || now.Sub(seen) >= p.Idle() || user != 0 && status.String != "active" {
		return nil, false, nil
	}
	if now.Sub(seen) < touchEvery {
		return []byte(data), true, nil
	}
	err = db.Do(ctx, st.svc.runner.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE sessions SET seen_at = ? WHERE hash = ?", now, sum(token))
		return err
	})
	return []byte(data), err == nil, err
}

// CommitCtx implements [scs.CtxStore].
func (st *sessionStore) CommitCtx(ctx context.Context, token string, b []byte, _ time.Time) error {
	var d sessionData
	if err := json.Unmarshal(b, &d); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	text := func(name string) string { s, _ := d.Values[name].(string); return s }
	var user record.ID
	if err := user.UnmarshalText([]byte(text(keyUser))); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	now := st.svc.now()
	p, err := st.svc.Policy(ctx)
	if err != nil {
		return err
	}
	return db.Do(ctx, st.svc.runner.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO sessions (id, hash, user_id, created_at, seen_at, expires_at, address, agent, data)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (hash) DO UPDATE SET user_id = excluded.user_id, seen_at = excluded.seen_at, data = excluded.data`,
			st.svc.runner.Store.IDs.Next(), sum(token), user, now, now, now.Add(p.Life()), text(keyAddress), text(keyAgent), string(b))
		if err != nil {
			return fmt.Errorf("save session: %w", err)
		}
		return nil
	})
}

// DeleteCtx implements [scs.CtxStore].
func (st *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return db.Do(ctx, st.svc.runner.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM sessions WHERE hash = ?", sum(token))
		return err
	})
}

// Find implements [scs.Store].
func (st *sessionStore) Find(token string) ([]byte, bool, error) {
	return st.FindCtx(context.Background(), token)
}

// Commit implements [scs.Store].
func (st *sessionStore) Commit(token string, b []byte, expiry time.Time) error {
	return st.CommitCtx(context.Background(), token, b, expiry)
}

// Delete implements [scs.Store].
func (st *sessionStore) Delete(token string) error { return st.DeleteCtx(context.Background(), token) }
