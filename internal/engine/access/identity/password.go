package identity

import (
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

const (
	minPassword = 10
	maxPassword = 256
)

//go:embed common.txt
var commonPasswords string

// CheckPassword says in words what is wrong with a new password by the rules of the house: as long as the policy says
// and at most 256 characters of any script, not the sign-in name or the person's own or little more, not one character or
// a row of keys repeated, not one of the well-known or published. names are what it may not resemble.
func (s *Service) CheckPassword(ctx context.Context, password string, names ...string) error {
	p, err := s.Policy(ctx)
	if err != nil {
		return err
	}
	if err := checkPassword(password, p.MinPassword, names); err != nil || s.opts.Leaked == nil {
		return err
	}
	known, err := s.opts.Leaked.Has(ctx, norm.NFC.String(password))
	if err != nil {
		return errs.New(errs.Unavailable, "identity.password.list").Because(err)
	}
	if known {
		return errs.Of("password", "identity.password.leaked")
	}
	return nil
}

func checkPassword(password string, least int, names []string) error {
	p := norm.NFKC.String(password)
	n := utf8.RuneCountInString(p)
	switch {
	case !utf8.ValidString(password) || strings.ContainsFunc(p, unicode.IsControl):
		return errs.Of("password", "identity.password.characters")
	case n < least:
		return errs.Of("password", "identity.password.short").With("min", least).With("n", n)
	case n > maxPassword:
		return errs.Of("password", "identity.password.long").With("max", maxPassword)
	case slices.ContainsFunc(names, func(name string) bool { return resembles(strings.ToLower(p), plain(name)) }):
		return errs.Of("password", "identity.password.login")
	case monotonous(p):
		return errs.Of("password", "identity.password.monotonous")
	case common(strings.ToLower(p)):
		return errs.Of("password", "identity.password.common")
	}
	return nil
}

func plain(name string) string { return strings.ToLower(norm.NFKC.String(strings.TrimSpace(name))) }

// resembles reports whether the password is the name with fewer than four characters beside it.
func resembles(password, login string) bool {
	if login == "" || !strings.Contains(password, login) {
		return false
	}
	return utf8.RuneCountInString(password)-utf8.RuneCountInString(login) < 4
}

// monotonous reports whether fewer than four different characters occur, or each follows the one before it.
func monotonous(p string) bool {
	seen, runs, last, count := map[rune]bool{}, 0, rune(0), 0
	for _, r := range p {
		if step := r - last; count > 0 && (step == 1 || step == -1) {
			runs++
		}
		seen[r], last = true, r
		count++
	}
	return len(seen) < 4 || runs >= count-2
}

func common(p string) bool {
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSpace(line) == p {
			return true
		}
	}
	return false
}

// hash makes the stored form of a password. Normal form C first: the same word typed on two systems is the same.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	if err := s.enter(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.hashing }()
	h, err := argon2id.CreateHash(norm.NFC.String(password), &s.opts.Hash)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return h, nil
}

func (s *Service) enter(ctx context.Context) error {
	select {
	case s.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errs.New(errs.Unavailable, "error.unavailable").Because(ctx.Err())
	}
}

// verify compares a password with a stored hash; stale says that the hash was made with other parameters than today's.
func (s *Service) verify(ctx context.Context, password, stored string) (ok, stale bool, err error) {
	if err := s.enter(ctx); err != nil {
		return false, false, err
	}
	defer func() { <-s.hashing }()
	ok, params, err := argon2id.CheckHash(norm.NFC.String(password), stored)
	if err != nil {
		return false, false, fmt.Errorf("stored password hash: %w", err)
	}
	return ok, *params != s.opts.Hash, nil
}

// decoy is a hash no password fits, made with the parameters in use, so that checking it costs the same.
func (s *Service) decoy() string {
	p, enc := s.opts.Hash, base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", p.Memory, p.Iterations, p.Parallelism,
		enc.EncodeToString(make([]byte, p.SaltLength)), enc.EncodeToString(make([]byte, p.KeyLength)))
}

func (s *Service) storePassword(ctx context.Context, tx *db.Tx, user record.ID, hash string, mustChange bool) error {
	_, err := tx.Exec(ctx, `INSERT INTO credentials (user_id, hash, changed_at, must_change) VALUES (?, ?, ?, ?)
		ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at, must_change = excluded.must_change`,
		user, hash, s.now(), mustChange)
	if err != nil {
		return fmt.Errorf("store password: %w", err)
	}
	return nil
}

// SetPassword gives a person a password without asking for the old one: for the command line and for links, whose
// permission the caller has checked. All sessions of the person end. With mustChange he has to choose another one at
// the next sign-in.
func (s *Service) SetPassword(ctx context.Context, by record.Actor, user record.ID, password string, mustChange bool) error {
	names, err := s.names(ctx, user)
	if err != nil {
		return err
	}
	if err := s.CheckPassword(ctx, password, names...); err != nil {
		return err
	}
	h, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error { return s.put(ctx, tx, by, user, h, mustChange) })
}

func (s *Service) put(ctx context.Context, tx *db.Tx, by record.Actor, user record.ID, hash string, mustChange bool) error {
	if err := s.storePassword(ctx, tx, user, hash, mustChange); err != nil {
		return err
	}
	if err := s.log(ctx, tx, "password.change", by, user, nil); err != nil {
		return err
	}
	return s.endSessions(ctx, tx, by, user, 0, "password")
}

// ChangePassword is a person's own change: the old password is checked, throttled like a sign-in (TooMany). All other
// sessions end; keep is the one that goes on, none with zero. Tokens cannot do this (Forbidden). Who has no password yet,
// because a provider signs him in, chooses his first one with old empty.
func (s *Service) ChangePassword(ctx context.Context, by record.Actor, old, password string, keep record.ID) error {
	if by.Scopes != nil {
		return errs.New(errs.Forbidden, "identity.by_token")
	}
	had, err := s.HasPassword(ctx, by.UserID)
	if err != nil {
		return err
	}
	if had {
		if err := s.ownPassword(ctx, by, "old", old); err != nil {
			return err
		}
	}
	names, err := s.names(ctx, by.UserID)
	if err != nil {
		return err
	}
	if err := s.CheckPassword(ctx, password, names...); err != nil {
		return err
	}
	if had && norm.NFC.String(old) == norm.NFC.String(password) {
		return errs.Of("password", "identity.password.same")
	}
	h, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	err = db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		if err := s.storePassword(ctx, tx, by.UserID, h, false); err != nil {
			return err
		}
		if err := s.log(ctx, tx, "password.change", by, by.UserID, nil); err != nil {
			return err
		}
		return s.endSessions(ctx, tx, by, by.UserID, keep, "password")
	})
	if err == nil {
		s.tell(ctx, by.UserID, Told{Key: "identity.told.password", Mail: true})
	}
	return err
}

// HasPassword reports whether the person can sign in with a password at all.
func (s *Service) HasPassword(ctx context.Context, user record.ID) (bool, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) (bool, error) {
		var n int
		err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM credentials WHERE user_id = ?", user).Scan(&n)
		return n > 0, err
	})
}

// ownPassword checks the password of whoever is signed in; a wrong one is Invalid at the field. Attempts are counted for
// the person alone, whom no stranger can block here.
func (s *Service) ownPassword(ctx context.Context, by record.Actor, field, password string) error {
	if by.Scopes != nil {
		return errs.New(errs.Forbidden, "identity.by_token")
	}
	login, err := db.View(ctx, s.runner.DB, func(tx *db.Tx) (string, error) { return loginOf(ctx, tx, by.UserID) })
	if err != nil {
		return err
	}
	list := []subject{{sum("own\x00" + by.UserID.String()), freeByLogin}}
	counts, err := s.reserve(ctx, list)
	if err != nil {
		return err
	}
	acc, err := db.View(ctx, s.runner.DB, func(tx *db.Tx) (account, error) { return s.account(ctx, tx, fold(login)) })
	if err != nil {
		return err
	}
	if len(password) > 4*maxPassword {
		return errs.Of(field, "identity.password.old")
	}
	ok, _, err := s.verify(ctx, password, acc.hash)
	if err != nil {
		return err
	}
	if !ok || !acc.active {
		if err := s.refused(ctx, acc.user, "password", counts[0], Client{Address: by.Address, Via: by.Via}); err != nil {
			return err
		}
		return errs.Of(field, "identity.password.old")
	}
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error { return s.release(ctx, tx, list) })
}

// names are what a password of the person may not resemble.
func (s *Service) names(ctx context.Context, user record.ID) ([]string, error) {
	return db.View(ctx, s.runner.DB, func(tx *db.Tx) ([]string, error) {
		var login, name string
		err := tx.QueryRow(ctx, "SELECT login, name FROM users WHERE id = ? AND archived_at IS NULL", user).Scan(&login, &name)
		if db.IsNoRows(err) {
			return nil, errs.New(errs.NotFound, "access.no_account")
		}
		if err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		return []string{login, name}, nil
	})
}

func loginOf(ctx context.Context, tx *db.Tx, user record.ID) (string, error) {
	var login string
	err := tx.QueryRow(ctx, "SELECT login FROM users WHERE id = ? AND archived_at IS NULL", user).Scan(&login)
	if db.IsNoRows(err) {
		return "", errs.New(errs.NotFound, "access.no_account")
	}
	if err != nil {
		return "", fmt.Errorf("read sign-in name: %w", err)
	}
	return login, nil
}
