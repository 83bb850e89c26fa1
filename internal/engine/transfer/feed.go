package transfer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

// Dated is a date of a type that a person has in his calendar, where the record is his.
type Dated struct{ Type, Field string }

const (
	feedPast  = 60 * 24 * time.Hour
	feedLimit = 1000 // records of one kind of date
)

// Subscription is what a person knows of his calendar address; the address itself is shown once.
type Subscription struct {
	Made, Seen time.Time // Seen is when it was last read; zero for never
	Live       bool
}

func secretHash(s string) string {
	sum := sha256.Sum256([]byte("calendar\x00" + s))
	return hex.EncodeToString(sum[:])
}

// Subscribe makes a new secret for the person's calendar address; one he had before ends. Whoever has the address sees
// the titles of what is dated as the person sees them, and nothing else.
func (d *Desk) Subscribe(ctx context.Context, a access.Actor) (string, error) {
	if !a.IsPerson() {
		return "", errs.New(errs.Unauthenticated, "access.sign_in")
	}
	raw := make([]byte, 24)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("calendar address: %w", err)
	}
	secret := base64.RawURLEncoding.EncodeToString(raw)
	err := db.Do(ctx, d.DB, func(tx *db.Tx) error {
		if err := d.endFeed(ctx, tx, a); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO calendar_feeds (id, user_id, secret, made_at) VALUES (?, ?, ?, ?)", d.Store.IDs.Next(), a.UserID, secretHash(secret), d.Clock.Now())
		if err != nil {
			return err
		}
		return d.Store.Log(ctx, tx, record.Scope{Actor: a}, "calendar.subscribe", a.UserID, nil)
	})
	if err != nil {
		return "", fmt.Errorf("calendar address: %w", err)
	}
	return secret, nil
}

// Unsubscribe ends the person's calendar address.
func (d *Desk) Unsubscribe(ctx context.Context, a access.Actor) error {
	return db.Do(ctx, d.DB, func(tx *db.Tx) error {
		if err := d.endFeed(ctx, tx, a); err != nil {
			return err
		}
		return d.Store.Log(ctx, tx, record.Scope{Actor: a}, "calendar.unsubscribe", a.UserID, nil)
	})
}

func (d *Desk) endFeed(ctx context.Context, tx *db.Tx, a access.Actor) error {
	_, err := tx.Exec(ctx, "UPDATE calendar_feeds SET ended_at = ? WHERE user_id = ? AND ended_at IS NULL", d.Clock.Now(), a.UserID)
	return err
}

// Subscribed tells about the person's calendar address.
func (d *Desk) Subscribed(ctx context.Context, a access.Actor) (Subscription, error) {
	return db.View(ctx, d.DB, func(tx *db.Tx) (Subscription, error) {
		var s Subscription
		err := tx.QueryRow(ctx, "SELECT made_at, seen_at FROM calendar_feeds WHERE user_id = ? AND ended_at IS NULL", a.UserID).Scan(db.Time(&s.Made), db.Time(&s.Seen))
		if db.IsNoRows(err) {
			return s, nil
		}
		s.Live = err == nil
		return s, err
	})
}

// Feed returns the calendar behind a secret as iCalendar (RFC 5545): the dates of the person's own records, from two
// months ago on. NotFound for a secret that never was or has ended, and for a person who may no longer sign in.
func (d *Desk) Feed(ctx context.Context, secret, base string, lang i18n.Lang) ([]byte, error) {
	gone := errs.New(errs.NotFound, "transfer.no_feed")
	var user record.ID
	err := db.Do(ctx, d.DB, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, "SELECT user_id FROM calendar_feeds WHERE secret = ? AND ended_at IS NULL", secretHash(secret)).Scan(&user)
		if db.IsNoRows(err) {
			return gone
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE calendar_feeds SET seen_at = ? WHERE secret = ?", d.Clock.Now(), secretHash(secret))
		return err
	})
	if err != nil {
		return nil, err
	}
	return db.View(ctx, d.DB, func(tx *db.Tx) ([]byte, error) {
		a, err := d.Guard.Actor(ctx, tx, user)
		if errs.Is(err, errs.Unauthenticated) {
			return nil, gone
		}
		if err != nil {
			return nil, err
		}
		var w lines
		for _, l := range []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Dianke//Calendar//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH", "X-WR-CALNAME:" + escapeText(d.Texts.Text(lang, "transfer.calendar", "name", a.Name)), "REFRESH-INTERVAL;VALUE=DURATION:PT1H"} {
			w.line(l)
		}
		for _, x := range d.Dates {
			if err := d.dates(ctx, tx, a, x, base, lang, &w); err != nil {
				return nil, err
			}
		}
		w.line("END:VCALENDAR")
		return w.b, nil
	})
}

// dates writes one event for each of the person's records with the date.
func (d *Desk) dates(ctx context.Context, tx *db.Tx, a access.Actor, x Dated, base string, lang i18n.Lang, w *lines) error {
	t := d.Store.Types.Type(x.Type)
	scope, err := d.Guard.Authorize(ctx, tx, a, t.Name, record.Read)
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return nil
	}
	if err != nil {
		return err
	}
	f := t.Field(x.Field)
	since := d.Clock.Now().Add(-feedPast)
	q := record.Query{Limit: 200, Sort: x.Field, Filter: record.All(record.Where("owner_id", a.UserID), record.Filter{Field: x.Field, Op: field.Ge, Value: since})}
	for n := 0; n < feedLimit; {
		page, err := d.Store.List(ctx, tx, t, scope, q)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			if at, ok := f.Get(e).(time.Time); ok {
				v := mask.Of(t, scope, e)
				event(w, v, f, at, d.Label(lang, t, x.Field), base+"/"+t.Plural+"/"+e.HeadOf().ID.String())
			}
			n++
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
	return nil
}

func event(w *lines, v mask.View, f *record.Field, at time.Time, label, link string) {
	w.line("BEGIN:VEVENT")
	w.line("UID:" + v.Record.ID.String() + "-" + strings.ReplaceAll(f.Name, "_", "-") + "@dianke")
	w.line("DTSTAMP:" + v.Record.UpdatedAt.UTC().Format("20060102T150405Z"))
	if f.Kind.Name() == "date" {
		w.line("DTSTART;VALUE=DATE:" + at.Format("20060102"))
		w.line("DTEND;VALUE=DATE:" + at.AddDate(0, 0, 1).Format("20060102"))
	} else {
		w.line("DTSTART:" + at.UTC().Format("20060102T150405Z"))
		w.line("DTEND:" + at.UTC().Add(30*time.Minute).Format("20060102T150405Z"))
	}
	w.line("SUMMARY:" + escapeText(v.Title+" · "+label))
	w.line("URL:" + link)
	w.line("TRANSP:TRANSPARENT")
	w.line("END:VEVENT")
}
