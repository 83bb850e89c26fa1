package identity

import (
	"context"
	"crypto/rand"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

const (
	recoveryCodes  = 10
	recoveryLength = 12                                 // characters of 5 bits
	recoveryChars  = "abcdefghijkmnpqrstuvwxyz23456789" // without l, o, 0 and 1
)

// NewRecoveryCodes makes ten recovery codes, each good once in place of a second factor, and voids the earlier ones. They
// are stored as keyed hashes: this is the only time they can be shown. Conflict where there is no second factor.
func (s *Service) NewRecoveryCodes(ctx context.Context, by record.Actor) ([]string, error) {
	if by.Scopes != nil {
		return nil, errs.New(errs.Forbidden, "identity.by_token")
	}
	return db.InTx(ctx, s.runner.DB, func(tx *db.Tx) ([]string, error) {
		has, err := hasFactor(ctx, tx, by.UserID)
		if err != nil {
			return nil, err
		}
		if !has {
			return nil, errs.New(errs.Conflict, "identity.recovery.first")
		}
		return s.writeCodes(ctx, tx, by)
	})
}

// firstCodes makes recovery codes for who has none; nil for the others.
func (s *Service) firstCodes(ctx context.Context, tx *db.Tx, by record.Actor) ([]string, error) {
	var n int
	if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL", by.UserID).Scan(&n); err != nil {
		return nil, fmt.Errorf("count recovery codes: %w", err)
	}
	if n > 0 {
		return nil, nil
	}
	return s.writeCodes(ctx, tx, by)
}

func (s *Service) writeCodes(ctx context.Context, tx *db.Tx, by record.Actor) ([]string, error) {
	if _, err := tx.Exec(ctx, "DELETE FROM recovery_codes WHERE user_id = ?", by.UserID); err != nil {
		return nil, fmt.Errorf("void recovery codes: %w", err)
	}
	out := make([]string, recoveryCodes)
	for i := range out {
		code, err := newRecoveryCode()
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, "INSERT INTO recovery_codes (id, user_id, hash, created_at) VALUES (?, ?, ?, ?)",
			s.runner.Store.IDs.Next(), by.UserID, s.recoveryHash(by.UserID, code), s.now())
		if err != nil {
			return nil, fmt.Errorf("store recovery code: %w", err)
		}
		out[i] = code[:4] + "-" + code[4:8] + "-" + code[8:]
	}
	return out, s.log(ctx, tx, "recovery.create", by, by.UserID, map[string]any{"codes": recoveryCodes})
}

func newRecoveryCode() (string, error) {
	var b [recoveryLength]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("make recovery code: %w", err)
	}
	for i := range b {
		b[i] = recoveryChars[int(b[i])%len(recoveryChars)] // 256 is a multiple of 32: no bias
	}
	return string(b[:]), nil
}

// recoveryHash is keyed by the secret of the instance: who has only the database cannot try codes against it.
func (s *Service) recoveryHash(user record.ID, code string) string {
	return s.runner.Store.Keys.Blind(code, "recovery/"+user.String())
}

func (s *Service) useRecovery(ctx context.Context, tx *db.Tx, user record.ID, code string) (bool, error) {
	if len(code) != recoveryLength {
		return false, nil
	}
	n, err := tx.Exec(ctx, "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at IS NULL", s.now(), user, s.recoveryHash(user, code))
	if err != nil {
		return false, fmt.Errorf("use recovery code: %w", err)
	}
	return n == 1, nil
}

func (s *Service) recoveryLeft(ctx context.Context, user record.ID) (int, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) (int, error) {
		var n int
		err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL", user).Scan(&n)
		return n, err
	})
}
