package identity

import (
	"context"
	"fmt"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"golang.org/x/text/unicode/norm"
)

// SignedIn is a person whose password was right.
type SignedIn struct {
	User       record.ID
	MustChange bool // the password has to be changed before anything else
}

// SignIn checks name and password. Whatever is wrong, the error is the same (Unauthenticated, identity.wrong) and takes
// as long; after several failures of the name or from the address it is TooMany with the seconds to wait. A hash made
// with older parameters is renewed. It opens no session: see [Sessions.Open].
func (s *Service) SignIn(ctx context.Context, login, password string, from Client) (SignedIn, error) {
	login = strings.ToLower(norm.NFC.String(strings.TrimSpace(login)))
	wrong := errs.New(errs.Unauthenticated, "identity.wrong")
	if login == "" || len(login) > 400 || len(password) > 4*maxPassword {
		return SignedIn{}, wrong
	}
	list := subjects(login, from)
	if err := s.reserve(ctx, list); err != nil {
		return SignedIn{}, err
	}
	acc, err := db.View(ctx, s.runner.DB, func(tx *db.Tx) (account, error) { return s.account(ctx, tx, login) })
	if err != nil {
		return SignedIn{}, err
	}
	ok, stale, err := s.verify(ctx, password, acc.hash)
	if err != nil {
		return SignedIn{}, err
	}
	if !ok || !acc.active {
		if err := s.refused(ctx, acc, ok, from); err != nil {
			return SignedIn{}, err
		}
		return SignedIn{}, wrong
	}
	renewed := ""
	if stale {
		if renewed, err = s.hash(ctx, password); err != nil {
			return SignedIn{}, err
		}
	}
	return SignedIn{User: acc.user, MustChange: acc.mustChange}, s.welcome(ctx, acc, list, renewed)
}

// account is what is known of a sign-in name; the zero user with a decoy hash where there is none.
type account struct {
	user       record.ID
	hash       string
	active     bool
	mustChange bool
}

func (s *Service) account(ctx context.Context, tx *db.Tx, login string) (account, error) {
	acc := account{hash: s.decoy()}
	var hash, status *string
	var must *bool
	err := tx.QueryRow(ctx, `SELECT u.id, u.status, c.hash, c.must_change FROM users u LEFT JOIN credentials c ON c.user_id = u.id
		WHERE LOWER(u.login) = ? AND u.archived_at IS NULL ORDER BY u.id LIMIT 1`, login).Scan(&acc.user, &status, &hash, &must)
	if db.IsNoRows(err) {
		return acc, nil
	}
	if err != nil {
		return account{}, fmt.Errorf("read account: %w", err)
	}
	if hash != nil {
		acc.hash, acc.mustChange = *hash, must != nil && *must
	}
	acc.active = hash != nil && status != nil && *status == "active"
	return acc, nil
}

// refused writes the audit entry of a failed attempt: whom it aimed at, never what was typed.
func (s *Service) refused(ctx context.Context, acc account, passwordRight bool, from Client) error {
	why := "password"
	switch {
	case acc.user == 0:
		why = "unknown"
	case passwordRight:
		why = "disabled"
	}
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		return s.log(ctx, tx, "session.refused", actorOf(0, from), acc.user, map[string]any{"why": why})
	})
}

func (s *Service) welcome(ctx context.Context, acc account, list []subject, renewed string) error {
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if renewed != "" {
			if err := s.storePassword(ctx, tx, acc.user, renewed, acc.mustChange); err != nil {
				return err
			}
		}
		return s.release(ctx, tx, list)
	})
}
