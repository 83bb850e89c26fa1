package identity

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"golang.org/x/text/unicode/norm"
)

// Factors is how a person can sign in.
type Factors struct {
	Password   time.Time // when it was chosen; zero for none
	MustChange bool
	Codes      time.Time // since when one-time codes are asked of an app; zero for none
	Passkeys   []Passkey
	Recovery   int // recovery codes not used yet
	Links      []Link
}

// Second reports whether there is a second factor.
func (f Factors) Second() bool { return !f.Codes.IsZero() || len(f.Passkeys) > 0 }

// HasFactor reports whether the person has a second factor.
func (s *Service) HasFactor(ctx context.Context, user record.ID) (bool, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) (bool, error) { return hasFactor(ctx, tx, user) })
}

func hasFactor(ctx context.Context, tx *db.Tx, user record.ID) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM one_time_codes WHERE user_id = ? AND since IS NOT NULL)
		+ (SELECT COUNT(*) FROM passkeys WHERE user_id = ?)`, user, user).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for second factor: %w", err)
	}
	return n > 0, nil
}

// FactorsOf returns how a person can sign in. See [Service.SessionsOf] for who may ask.
func (s *Service) FactorsOf(ctx context.Context, by record.Actor, user record.ID) (Factors, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) (Factors, error) {
		var f Factors
		if err := s.mayManage(ctx, tx, by, user); err != nil {
			return f, err
		}
		var must sql.NullBool
		err := tx.QueryRow(ctx, "SELECT changed_at, must_change FROM credentials WHERE user_id = ?", user).Scan(db.Time(&f.Password), &must)
		if err != nil && !db.IsNoRows(err) {
			return f, fmt.Errorf("read password: %w", err)
		}
		f.MustChange = must.Bool
		err = tx.QueryRow(ctx, "SELECT since FROM one_time_codes WHERE user_id = ?", user).Scan(db.Time(&f.Codes))
		if err != nil && !db.IsNoRows(err) {
			return f, fmt.Errorf("read one-time codes: %w", err)
		}
		err = tx.QueryRow(ctx, "SELECT COUNT(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL", user).Scan(&f.Recovery)
		if err != nil {
			return f, fmt.Errorf("count recovery codes: %w", err)
		}
		if f.Passkeys, err = passkeysOf(ctx, tx, user); err != nil {
			return f, err
		}
		f.Links, err = linksOf(ctx, tx, user)
		return f, err
	})
}

// CheckCode checks a second factor that is typed: the six digits of an app, or a recovery code, which is used up. A code
// is good once. Wrong ones are counted for the person (TooMany) and Invalid at the field code.
func (s *Service) CheckCode(ctx context.Context, user record.ID, code string, from Client) error {
	code = tidyCode(code)
	list := []subject{{sum("factor\x00" + user.String()), freeByLogin}}
	counts, err := s.reserve(ctx, list)
	if err != nil {
		return err
	}
	check, how := s.useRecovery, "recovery"
	if len(code) == codeDigits && strings.Trim(code, "0123456789") == "" {
		check, how = s.useOneTime, "code"
	}
	ok, err := db.InTx(ctx, s.runner.DB, func(tx *db.Tx) (bool, error) {
		ok, err := check(ctx, tx, user, code)
		if err != nil || !ok {
			return false, err
		}
		if how == "recovery" {
			if err := s.log(ctx, tx, "recovery.use", actorOf(user, from), user, nil); err != nil {
				return false, err
			}
		}
		return true, s.release(ctx, tx, list)
	})
	if err != nil {
		return err
	}
	if !ok {
		if err := s.refused(ctx, user, how, counts[0], from); err != nil {
			return err
		}
		return errs.Of("code", "identity.factor.wrong")
	}
	if how == "recovery" {
		left, err := s.recoveryLeft(ctx, user)
		if err != nil {
			return err
		}
		s.tell(ctx, user, Told{Key: "identity.told.recovery", Args: map[string]any{"n": left}, Mail: true})
	}
	return nil
}

// tidyCode drops what people put between the groups of a code, and full-width digits.
func tidyCode(code string) string {
	if len(code) > 200 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '—' || r == '–' {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(code))
}

// Confirm proves again that whoever is signed in is there: by his password, where he has one, and by a code where he uses
// an app for codes. A wrong one is Invalid at its field; a token cannot do this.
func (s *Service) Confirm(ctx context.Context, by record.Actor, password, code string) error {
	f, err := s.FactorsOf(ctx, by, by.UserID)
	if err != nil {
		return err
	}
	if f.Password.IsZero() && f.Codes.IsZero() {
		return errs.New(errs.Invalid, "identity.confirm.other")
	}
	if !f.Password.IsZero() {
		if err := s.ownPassword(ctx, by, "password", password); err != nil {
			return err
		}
	}
	if f.Codes.IsZero() {
		return nil
	}
	return s.CheckCode(ctx, by.UserID, code, Client{Address: by.Address, Via: by.Via})
}

// mayLose refuses to take the last second factor from somebody whose role must have one.
func (s *Service) mayLose(ctx context.Context, tx *db.Tx, by record.Actor, p Policy) error {
	has, err := hasFactor(ctx, tx, by.UserID)
	if err != nil || has || !p.NeedsFactor(by.Roles) {
		return err
	}
	return errs.New(errs.Conflict, "identity.factor.needed")
}

// ResetFactors takes all second factors and recovery codes from a person who has lost them; all his sessions end, and he
// is told by mail. It needs the permission to update all employees.
func (s *Service) ResetFactors(ctx context.Context, by record.Actor, user record.ID) error {
	err := db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.mayOversee(ctx, tx, by); err != nil {
			return err
		}
		if _, err := loginOf(ctx, tx, user); err != nil {
			return err
		}
		for _, table := range []string{"one_time_codes", "passkeys", "recovery_codes"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE user_id = ?", user); err != nil {
				return fmt.Errorf("reset second factor: %w", err)
			}
		}
		if _, err := tx.Exec(ctx, "DELETE FROM login_attempts WHERE subject = ?", sum("factor\x00"+user.String())); err != nil {
			return fmt.Errorf("reset second factor: %w", err)
		}
		if err := s.log(ctx, tx, "factor.reset", by, user, nil); err != nil {
			return err
		}
		return s.endSessions(ctx, tx, by, user, 0, "factor")
	})
	if err == nil {
		s.tell(ctx, user, Told{Key: "identity.told.reset", Mail: true})
	}
	return err
}
