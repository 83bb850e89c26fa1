package identity

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/url"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

const (
	codeDigits  = 6
	codePeriod  = 30 // seconds
	codeSkew    = 1  // periods by which a telephone's clock may be wrong either way
	enrolWithin = 30 * time.Minute
	qrSide      = 232 // pixels
	qrMargin    = 16
)

func sealedAt(user record.ID) string { return "one_time_codes.sealed/" + user.String() }

// BeginCodes makes a secret for an app that shows one-time codes (RFC 6238) and keeps it sealed until it is confirmed; an
// earlier one goes on to hold until then.
func (s *Service) BeginCodes(ctx context.Context, by record.Actor) error {
	if by.Scopes != nil {
		return errs.New(errs.Forbidden, "identity.by_token")
	}
	var b [20]byte
	if _, err := rand.Read(b[:]); err != nil {
		return fmt.Errorf("make secret: %w", err)
	}
	sealed, err := s.runner.Store.Keys.Seal(base32.StdEncoding.EncodeToString(b[:]), sealedAt(by.UserID))
	if err != nil {
		return err
	}
	return db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO one_time_codes (user_id, sealed, pending, last_step, pending_at) VALUES (?, '', ?, 0, ?)
			ON CONFLICT (user_id) DO UPDATE SET pending = excluded.pending, pending_at = excluded.pending_at`, by.UserID, sealed, s.now())
		if err != nil {
			return fmt.Errorf("begin one-time codes: %w", err)
		}
		return nil
	})
}

// CodesToConfirm returns the secret that waits to be confirmed, for who cannot take the picture, and the address that the
// picture holds. issuer is the name of the organisation. NotFound where none waits.
func (s *Service) CodesToConfirm(ctx context.Context, by record.Actor, issuer string) (secret, address string, err error) {
	var login string
	secret, err = db.View(ctx, s.runner.DB, func(tx *db.Tx) (string, error) {
		var err error
		if login, err = loginOf(ctx, tx, by.UserID); err != nil {
			return "", err
		}
		return s.pendingSecret(ctx, tx, by.UserID)
	})
	if err != nil {
		return "", "", err
	}
	if issuer == "" {
		issuer = "Dianke"
	}
	q := url.Values{"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + login, RawQuery: q.Encode()}
	return secret, u.String(), nil
}

func (s *Service) pendingSecret(ctx context.Context, tx *db.Tx, user record.ID) (string, error) {
	var sealed string
	var at time.Time
	err := tx.QueryRow(ctx, "SELECT pending, pending_at FROM one_time_codes WHERE user_id = ?", user).Scan(&sealed, db.Time(&at))
	if err != nil && !db.IsNoRows(err) {
		return "", fmt.Errorf("read one-time codes: %w", err)
	}
	if sealed == "" || s.now().Sub(at) > enrolWithin {
		return "", errs.New(errs.NotFound, "identity.codes.none")
	}
	return s.runner.Store.Keys.Open(sealed, sealedAt(user))
}

// CodesPicture is the QR code of an address as PNG, black on white with the quiet zone readers need.
func CodesPicture(address string) ([]byte, error) {
	key, err := otp.NewKeyFromURL(address)
	if err != nil {
		return nil, fmt.Errorf("address of one-time codes: %w", err)
	}
	code, err := key.Image(qrSide, qrSide)
	if err != nil {
		return nil, fmt.Errorf("draw code: %w", err)
	}
	img := image.NewGray(image.Rect(0, 0, qrSide+2*qrMargin, qrSide+2*qrMargin))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(img, code.Bounds().Add(image.Pt(qrMargin, qrMargin)), code, code.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("draw code: %w", err)
	}
	return b.Bytes(), nil
}

// ConfirmCodes takes the secret into use once a code of it is right, and returns the recovery codes where the person had
// none: they can be shown only now. A wrong code is Invalid at the field code and counted (TooMany).
func (s *Service) ConfirmCodes(ctx context.Context, by record.Actor, code string) ([]string, error) {
	list := []subject{{sum("enrol\x00" + by.UserID.String()), freeByLogin}}
	if _, err := s.reserve(ctx, list); err != nil {
		return nil, err
	}
	var codes []string
	err := db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		secret, err := s.pendingSecret(ctx, tx, by.UserID)
		if err != nil {
			return err
		}
		step, ok := s.stepOf(secret, tidyCode(code), 0)
		if !ok {
			return errs.Of("code", "identity.codes.wrong")
		}
		_, err = tx.Exec(ctx, "UPDATE one_time_codes SET sealed = pending, pending = '', pending_at = NULL, last_step = ?, since = ? WHERE user_id = ?",
			step, s.now(), by.UserID)
		if err != nil {
			return fmt.Errorf("confirm one-time codes: %w", err)
		}
		if codes, err = s.firstCodes(ctx, tx, by); err != nil {
			return err
		}
		if err := s.log(ctx, tx, "factor.add", by, by.UserID, map[string]any{"kind": "codes"}); err != nil {
			return err
		}
		return s.release(ctx, tx, list)
	})
	if err != nil {
		return nil, err
	}
	s.tell(ctx, by.UserID, Told{Key: "identity.told.codes", Mail: true})
	return codes, nil
}

// stepOf finds the period whose code it is, one either way of now, later than the last one used.
func (s *Service) stepOf(secret, code string, last int64) (int64, bool) {
	now := s.now().Unix() / codePeriod
	for _, step := range []int64{now, now - codeSkew, now + codeSkew} {
		want, err := totp.GenerateCode(secret, time.Unix(step*codePeriod, 0))
		if err == nil && step > last && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// useOneTime takes a code of the app; one that was used, or is older than that, is wrong.
func (s *Service) useOneTime(ctx context.Context, tx *db.Tx, user record.ID, code string) (bool, error) {
	var sealed string
	var last int64
	err := tx.QueryRow(ctx, "SELECT sealed, last_step FROM one_time_codes WHERE user_id = ? AND since IS NOT NULL"+tx.ForUpdate(), user).Scan(&sealed, &last)
	if db.IsNoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read one-time codes: %w", err)
	}
	secret, err := s.runner.Store.Keys.Open(sealed, sealedAt(user))
	if err != nil {
		return false, fmt.Errorf("open secret of one-time codes: %w", err)
	}
	step, ok := s.stepOf(secret, code, last)
	if !ok {
		return false, nil
	}
	n, err := tx.Exec(ctx, "UPDATE one_time_codes SET last_step = ? WHERE user_id = ? AND last_step < ?", step, user, step)
	return n == 1, err
}

// RemoveCodes ends one-time codes; Conflict where the person's role needs a second factor and this is the last.
func (s *Service) RemoveCodes(ctx context.Context, by record.Actor) error {
	return s.loseFactor(ctx, by, "codes", func(tx *db.Tx) (int64, error) {
		return tx.Exec(ctx, "DELETE FROM one_time_codes WHERE user_id = ?", by.UserID)
	})
}

// loseFactor removes a second factor of one's own, and with the last one the recovery codes.
func (s *Service) loseFactor(ctx context.Context, by record.Actor, kind string, remove func(tx *db.Tx) (int64, error)) error {
	if by.Scopes != nil {
		return errs.New(errs.Forbidden, "identity.by_token")
	}
	p, err := s.Policy(ctx)
	if err != nil {
		return err
	}
	err = db.Do(ctx, s.runner.DB, func(tx *db.Tx) error {
		n, err := remove(tx)
		if err != nil {
			return fmt.Errorf("remove second factor: %w", err)
		}
		if n == 0 {
			return errs.New(errs.NotFound, "identity.factor.none")
		}
		if err := s.mayLose(ctx, tx, by, p); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ? AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = ?)
			AND NOT EXISTS (SELECT 1 FROM one_time_codes WHERE user_id = ? AND since IS NOT NULL)`, by.UserID, by.UserID, by.UserID)
		if err != nil {
			return fmt.Errorf("remove recovery codes: %w", err)
		}
		return s.log(ctx, tx, "factor.remove", by, by.UserID, map[string]any{"kind": kind})
	})
	if err == nil {
		s.tell(ctx, by.UserID, Told{Key: "identity.told.removed", Mail: true})
	}
	return err
}
