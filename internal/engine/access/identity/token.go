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
	return s.log(ctx, tx, "token.create", by, t.ID, map[string]any{"scopes": t.Scopes, "expires": t.Expires.Format(time.RFC3339)})
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
		return out, nil
	})
}

// RevokeToken ends a token of a person; NotFound where he has no live one of that id.
func (s *Service) RevokeToken(ctx context.Context, by record.Actor, user, token record.ID) error {
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.mayManage(ctx, tx, by, user); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at IS NULL", s.now(), token, user)
		if err != nil {
			return fmt.Errorf("revoke token: %w", err)
		}
		if n == 0 {
			return errs.New(errs.NotFound, "identity.token.none")
		}
		return s.log(ctx, tx, "token.revoke", by, token, nil)
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
	var used time.Time
	var id record.ID
	a, err := db.View(ctx, s.runner.DB, func(tx *db.Tx) (record.Actor, error) {
		var user record.ID
		var scopes string
		err := tx.QueryRow(ctx, "SELECT id, user_id, scopes, used_at FROM api_tokens WHERE hash = ? AND revoked_at IS NULL AND expires_at > ?",
			sum(secret), now).Scan(&id, &user, &scopes, db.Time(&used))
		if db.IsNoRows(err) {
			return record.Actor{}, refused
		}
		if err != nil {
			return record.Actor{}, fmt.Errorf("read token: %w", err)
		}
		a, err := s.guard.Actor(ctx, tx, user)
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
	if now.Sub(used) < touchEvery {
		return a, nil
	}
	return a, db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE api_tokens SET used_at = ?, used_from = ? WHERE id = ?", now, from.Address, id)
		return err
	})
}
