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

// SignedIn is a person whose first proof was right.
type SignedIn struct {
	User       record.ID
	MustChange bool   // the password has to be changed before anything else
	Second     bool   // a second factor has to be shown before a session may open
	Factor     bool   // one has been shown
	Method     string // password, passkey or the key of a provider
}

func fold(login string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(login))) }

// SignIn checks name and password. Whatever is wrong, the error is the same (Unauthenticated, identity.wrong) and takes
// as long; after several failures of the name or from the address it is TooMany with the seconds to wait. A hash made
// with older parameters is renewed. It opens no session: see [Sessions.Open], and [Sessions.Pend] where a second factor
// is to be shown first.
func (s *Service) SignIn(ctx context.Context, login, password string, from Client) (SignedIn, error) {
	login = fold(login)
	wrong := errs.New(errs.Unauthenticated, "identity.wrong")
	if login == "" || len(login) > 400 || len(password) > 4*maxPassword {
		return SignedIn{}, wrong
	}
	list := s.subjects(login, from)
	counts, err := s.reserve(ctx, list)
	if err != nil {
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
		n := counts[0]
		if acc.user == 0 {
			n = counts[len(counts)-1] // names that do not exist are endless; the address is not
		}
		if err := s.refused(ctx, acc.user, acc.why(ok), n, from); err != nil {
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
	if err := s.welcome(ctx, acc, list, renewed); err != nil {
		return SignedIn{}, err
	}
	second, err := s.HasFactor(ctx, acc.user)
	return SignedIn{User: acc.user, MustChange: acc.mustChange, Second: second, Method: "password"}, err
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

func (a account) why(passwordRight bool) string {
	switch {
	case a.user == 0:
		return "unknown"
	case passwordRight:
		return "disabled"
	}
	return "password"
}

// refused writes the audit entry of a failed attempt, the n-th in a row: whom it aimed at, never what was typed.
func (s *Service) refused(ctx context.Context, user record.ID, why string, n int64, from Client) error {
	if !noted(n) {
		return nil
	}
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		return s.log(ctx, tx, "session.refused", actorOf(0, from), user, map[string]any{"why": why, "failures": n})
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
