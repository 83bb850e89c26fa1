package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Prefix begins every API token, so that scanners of secrets recognise one that leaked.
const Prefix = "dk_"

const (
	maxTokens      = 20 // live ones of a person
	maxTokenScopes = 50
	defaultToken   = 90 * 24 * time.Hour
)

// Token is an API token as its owner sees it; the secret itself is shown once, when it is made.
type Token struct {
	ID       record.ID
	Name     string
	Scopes   []string // "type:action", with "*" for either
	Created  time.Time
	Expires  time.Time
	Used     time.Time // to the minute; zero if never
	UsedFrom string
	Revoked  time.Time
	Places   []TokenPlace // addresses it was used from, the latest first; at most ten
}

// TokenPlace is an address a token was used from.
type TokenPlace struct {
	Address     string
	First, Last time.Time // to the minute
}

// TokenSpec is what a person asks for. Expires zero means 90 days from now.
type TokenSpec struct {
	Name    string
	Scopes  []string
	Expires time.Time
}

// CreateToken makes a token for the person who acts and returns it with its secret. A token never gives more than its
// person has; a request that itself came with a token is Forbidden.
func (s *Service) CreateToken(ctx context.Context, by record.Actor, spec TokenSpec) (Token, string, error) {
	if !by.IsPerson() {
		return Token{}, "", errs.New(errs.Unauthenticated, "access.sign_in")
	}
	if by.Scopes != nil {
		return Token{}, "", errs.New(errs.Forbidden, "identity.by_token")
	}
	t := Token{Name: strings.TrimSpace(spec.Name), Scopes: slices.Clone(spec.Scopes), Created: s.now(), Expires: spec.Expires.UTC().Truncate(time.Microsecond)}
	if spec.Expires.IsZero() {
		t.Expires = t.Created.Add(defaultToken)
	}
	if err := s.checkToken(t); err != nil {
		return Token{}, "", err
	}
	secret, err := newSecret()
	if err != nil {
		return Token{}, "", err
	}
	secret, t.ID = Prefix+secret, s.runner.Store.IDs.Next()
	if err := db.Do(ctx, s.runner.DB, func(tx *db.Tx) error { return s.insertToken(ctx, tx, by, t, secret) }); err != nil {
		return Token{}, "", err
	}
	return t, secret, nil
}

func (s *Service) insertToken(ctx context.Context, tx *db.Tx, by record.Actor, t Token, secret string) error {
	var live int
	err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM api_tokens WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ?", by.UserID, t.Created).Scan(&live)
	if err != nil {
		return fmt.Errorf("count tokens: %w", err)
	}
	if live >= maxTokens {
		return errs.New(errs.Conflict, "identity.token.too_many").With("max", maxTokens)
	}
	scopes, err := json.Marshal(t.Scopes)
	if err != nil {
		return fmt.Errorf("create token: %w", err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO api_tokens (id, hash, user_id, name, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		t.ID, sum(secret), by.UserID, t.Name, string(scopes), t.Created, t.Expires)
	if err != nil {
		return fmt.Errorf("create token: %w", err)
	}
	return s.log(ctx, tx, "token.create", by, by.UserID, map[string]any{"token": t.Name, "token_id": t.ID.String(), "scopes": t.Scopes, "expires": t.Expires.Format(time.RFC3339)})
}

func (s *Service) checkToken(t Token) error {
	var faults []*errs.Error
	switch n := utf8.RuneCountInString(t.Name); {
	case n == 0:
		faults = append(faults, errs.Of("name", "identity.token.name"))
	case n > 80 || !utf8.ValidString(t.Name):
		faults = append(faults, errs.Of("name", "field.too_long").With("max", 80).With("n", n))
	}
	if len(t.Scopes) == 0 || len(t.Scopes) > maxTokenScopes {
		faults = append(faults, errs.Of("scopes", "identity.token.scopes").With("max", maxTokenScopes))
	}
	for _, sc := range t.Scopes {
		if !s.knows(sc) {
			faults = append(faults, errs.Of("scopes", "identity.token.scope").With("scope", clip(sc, 80)))
			break
		}
	}
	if !t.Expires.After(t.Created) || t.Expires.Sub(t.Created) > s.opts.TokenTTL {
		faults = append(faults, errs.Of("expires", "identity.token.expires").With("days", int(s.opts.TokenTTL/(24*time.Hour))))
	}
	return errs.Collect(faults)
}

// knows reports whether a scope names a type and an action that exist.
func (s *Service) knows(scope string) bool {
	typ, act, ok := strings.Cut(scope, ":")
	if !ok || typ == "" || act == "" {
		return false
	}
	types := s.runner.Store.Types.Types()
	if typ != "*" {
		types = slices.DeleteFunc(types, func(t *record.Type) bool { return t.Name != typ })
	}
	return slices.ContainsFunc(types, func(t *record.Type) bool { return act == "*" || t.Action(act) != nil })
}

// Tokens lists the tokens of a person, newest first, ended ones included. See [Service.SessionsOf] for who may ask.
func (s *Service) Tokens(ctx context.Context, by record.Actor, user record.ID) ([]Token, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) ([]Token, error) {
		if err := s.mayManage(ctx, tx, by, user); err != nil {
			return nil, err
		}
		var out []Token
		err := tx.Each(ctx, `SELECT id, name, scopes, created_at, expires_at, used_at, used_from, revoked_at FROM api_tokens
			WHERE user_id = ? ORDER BY id DESC LIMIT 200`, []any{user}, func(r *sql.Rows) error {
			var t Token
			var scopes string
			err := r.Scan(&t.ID, &t.Name, &scopes, db.Time(&t.Created), db.Time(&t.Expires), db.Time(&t.Used), &t.UsedFrom, db.Time(&t.Revoked))
			if err != nil {
				return err
			}
			out = append(out, t)
			return json.Unmarshal([]byte(scopes), &out[len(out)-1].Scopes)
		})
		if err != nil {
			return nil, fmt.Errorf("list tokens: %w", err)
		}
		for i := range out {
			if out[i].Places, err = places(ctx, tx, out[i].ID); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

func places(ctx context.Context, tx *db.Tx, token record.ID) ([]TokenPlace, error) {
	var out []TokenPlace
	err := tx.Each(ctx, "SELECT address, first_at, last_at FROM token_uses WHERE token_id = ? ORDER BY last_at DESC LIMIT 10", []any{token}, func(r *sql.Rows) error {
		var p TokenPlace
		err := r.Scan(&p.Address, db.Time(&p.First), db.Time(&p.Last))
		out = append(out, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list uses of token: %w", err)
	}
	return out, nil
}

// RevokeToken ends a token of a person; NotFound where he has no live one of that id.
func (s *Service) RevokeToken(ctx context.Context, by record.Actor, user, token record.ID) error {
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.mayManage(ctx, tx, by, user); err != nil {
			return err
		}
		var name string
		err := tx.QueryRow(ctx, "UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at IS NULL RETURNING name", s.now(), token, user).Scan(&name)
		if db.IsNoRows(err) {
			return errs.New(errs.NotFound, "identity.token.none")
		}
		if err != nil {
			return fmt.Errorf("revoke token: %w", err)
		}
		return s.log(ctx, tx, "token.revoke", by, user, map[string]any{"token": name, "token_id": token.String()})
	})
}

// TokenActor returns the person a token speaks for, limited to its scopes. Unknown, expired and revoked tokens are all
// Unauthenticated with the same key.
func (s *Service) TokenActor(ctx context.Context, secret string, from Client) (record.Actor, error) {
	refused := errs.New(errs.Unauthenticated, "identity.token.refused")
	if !strings.HasPrefix(secret, Prefix) || len(secret) != len(Prefix)+secretLength {
		return record.Actor{}, refused
	}
	now := s.now()
	u := tokenUse{from: from}
	a, err := db.View(ctx, s.runner.DB, func(tx *db.Tx) (record.Actor, error) {
		var scopes string
		err := tx.QueryRow(ctx, `SELECT t.id, t.user_id, t.name, t.scopes, u.last_at FROM api_tokens t
			LEFT JOIN token_uses u ON u.token_id = t.id AND u.address = ? WHERE t.hash = ? AND t.revoked_at IS NULL AND t.expires_at > ?`,
			from.Address, sum(secret), now).Scan(&u.id, &u.user, &u.name, &scopes, db.Time(&u.last))
		if db.IsNoRows(err) {
			return record.Actor{}, refused
		}
		if err != nil {
			return record.Actor{}, fmt.Errorf("read token: %w", err)
		}
		a, err := s.guard.Actor(ctx, tx, u.user)
		if err != nil {
			return record.Actor{}, err
		}
		a.Scopes = []string{} // never nil, which would mean "no limit"
		return a, json.Unmarshal([]byte(scopes), &a.Scopes)
	})
	if err != nil {
		return record.Actor{}, err
	}
	a.Via, a.Address = from.Via, from.Address
	if now.Sub(u.last) < touchEvery {
		return a, nil
	}
	return a, db.Do(ctx, s.runner.DB, func(tx *db.Tx) error { return s.noteUse(ctx, tx, a, u) })
}

// tokenUse is a token at work from an address; last is when it was there before.
type tokenUse struct {
	id, user record.ID
	name     string
	from     Client
	last     time.Time
}

const (
	useNoted      = 24 * time.Hour // how often the use of a token from one address is written to the audit log
	mostAddresses = 200            // of one token that are told apart; the others are counted as one
)

// noteUse remembers where a token is used. The first use from an address, and the first of each day, stand in the audit
// log with the token's name: that is how a stolen one shows.
func (s *Service) noteUse(ctx context.Context, tx *db.Tx, by record.Actor, u tokenUse) error {
	now, address := s.now(), u.from.Address
	if u.last.IsZero() {
		var n int
		if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM token_uses WHERE token_id = ?", u.id).Scan(&n); err != nil {
			return fmt.Errorf("count uses of token: %w", err)
		}
		if n >= mostAddresses {
			address = "…"
		}
	}
	var first, last time.Time
	err := tx.QueryRow(ctx, "SELECT first_at, last_at FROM token_uses WHERE token_id = ? AND address = ?", u.id, address).Scan(db.Time(&first), db.Time(&last))
	if err != nil && !db.IsNoRows(err) {
		return fmt.Errorf("look for use of token: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO token_uses (id, token_id, address, first_at, last_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (token_id, address) DO UPDATE SET last_at = excluded.last_at`, s.runner.Store.IDs.Next(), u.id, address, now, now)
	if err == nil {
		_, err = tx.Exec(ctx, "UPDATE api_tokens SET used_at = ?, used_from = ? WHERE id = ?", now, u.from.Address, u.id)
	}
	if err != nil {
		return fmt.Errorf("note use of token: %w", err)
	}
	if days := func(t time.Time) int64 { return int64(t.Sub(first) / useNoted) }; !first.IsZero() && days(now) == days(last) {
		return nil
	}
	return s.log(ctx, tx, "token.use", by, u.user, map[string]any{"token": u.name, "token_id": u.id.String()})
}
