package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/outbound"
)

// Desk keeps and sends messages. Set its fields before first use; it is then safe for concurrent use. Scope and Wake may
// be nil until the first event.
type Desk struct {
	Runner *action.Runner
	Guard  *access.Guard
	Policy outbound.Policy
	Client *http.Client                       // of the policy; it must not follow redirects, see [Client]
	Scope  func(typ, act string) record.Scope // of the system
	Log    *slog.Logger
	Wake   func() // asks for messages to be sent soon; nil for never
}

// Client returns a client that keeps to the policy. It follows no redirect: where an answer leads elsewhere, the address
// has to be changed by hand.
func Client(p outbound.Policy) *http.Client {
	c := p.Client()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

func (d *Desk) tx(ctx context.Context, fn func(c *record.Call) error) error {
	return d.Runner.InTx(ctx, d.Scope("webhook", record.Update), fn)
}

func (d *Desk) wakeAfter(c *record.Call) {
	if d.Wake != nil {
		c.Tx.AfterCommit(d.Wake)
	}
}

// Plan keeps messages of an event, in the transaction that marks the event as handled. It may run twice for one event.
func (d *Desk) Plan(ctx context.Context, c *record.Call, ev store.Event) error {
	t := d.Runner.Store.Types.Type(ev.Type)
	if t == nil || ev.Record == 0 || own(ev.Type) {
		return nil
	}
	wanting, err := record.Find[Webhook](ctx, c, "webhook", record.Filter{Field: "state", Op: "ne", Value: Disabled}, 200)
	if err != nil {
		return err
	}
	for _, w := range wanting {
		list, perr := Patterns(w.Events)
		if perr != nil || w.Archived() || !Wants(list, ev.Name) {
			continue
		}
		e, scope, err := d.sees(ctx, c, w, t, ev.Record)
		if err != nil {
			return err
		}
		if e == nil {
			continue
		}
		body, err := encode(ev.Name, ev.At, data(t, scope, e, ev))
		if err != nil {
			return err
		}
		m := Message{ID: d.Runner.Store.IDs.Next(), Webhook: w.ID, Origin: ev.ID, Event: ev.Name, Record: ev.Record, Body: body, MadeAt: c.Now}
		if err := insert(ctx, c.Tx, m); err != nil {
			return err
		}
		d.wakeAfter(c)
	}
	return nil
}

// sees reads the record as the owner of the webhook may, within the unit the webhook is for; nil where he may not.
func (d *Desk) sees(ctx context.Context, c *record.Call, w *Webhook, t *record.Type, id record.ID) (record.Entity, record.Scope, error) {
	none := func(err error) (record.Entity, record.Scope, error) {
		for _, k := range []errs.Kind{errs.Unauthenticated, errs.Forbidden, errs.Refused, errs.NotFound} {
			if errs.Is(err, k) {
				return nil, record.Scope{}, nil
			}
		}
		return nil, record.Scope{}, err
	}
	actor, err := d.Guard.Actor(ctx, c.Tx, w.OwnerID)
	if err != nil {
		return none(err)
	}
	scope, err := d.Guard.Authorize(ctx, c.Tx, actor, t.Name, record.Read)
	if err != nil {
		return none(err)
	}
	e, err := d.Runner.Store.Get(ctx, c.Tx, t, scope, id)
	if err != nil {
		return none(err)
	}
	if w.ForUnit != 0 {
		units, err := d.Guard.Below(ctx, c.Tx, w.ForUnit)
		if err != nil || !slices.Contains(units, e.HeadOf().UnitID) {
			return none(err)
		}
	}
	return e, scope, nil
}

// data is what a message says of a record.
func data(t *record.Type, scope record.Scope, e record.Entity, ev store.Event) map[string]any {
	h := e.HeadOf()
	fields := map[string]any{}
	for _, f := range t.Fields {
		if f.Class > record.Internal || !scope.SeesClear(t, e, f.Class) {
			continue
		}
		switch f.Kind.Name() {
		case "secret", "json", "computed": // may hold anything, whatever their class
			continue
		}
		fields[f.Name] = value(f, f.Get(e))
	}
	out := map[string]any{
		"event_id": ev.ID, "type": t.Name, "id": h.ID, "number": h.Number, "unit_id": h.UnitID, "owner_id": h.OwnerID,
		"lock_version": h.LockVersion, "archived": h.Archived(), "actor": ev.Actor, "fields": fields,
	}
	if st := t.StateOf(e); st != "" {
		out["state"] = st
	}
	return out
}

// value is written as the interface under /api/ writes it: money in minor units, durations in seconds, absence as null.
func value(f *record.Field, v any) any {
	if f.IsZero(v) {
		switch f.Kind.Name() {
		case "multienum", "refs", "files":
			return []string{}
		}
		return nil
	}
	switch x := v.(type) {
	case time.Time:
		return f.Kind.Text(x)
	case time.Duration:
		return int64(x / time.Second)
	}
	return v
}

// encode writes a message as the specification asks: type, timestamp, data.
func encode(event string, at time.Time, data map[string]any) (string, error) {
	b, err := json.Marshal(struct {
		Type      string         `json:"type"`
		Timestamp time.Time      `json:"timestamp"`
		Data      map[string]any `json:"data"`
	}{event, at.UTC(), data})
	if err != nil {
		return "", fmt.Errorf("encode %s: %w", event, err)
	}
	return string(b), nil
}

// Due lists the webhooks that have something to send now.
func (d *Desk) Due(ctx context.Context) ([]record.ID, error) {
	now := d.now()
	return db.View(ctx, d.Runner.DB, func(tx *db.Tx) ([]record.ID, error) { return due(ctx, tx, now) })
}

func (d *Desk) now() time.Time { return d.Runner.Store.Clock.Now() }

// Keep is how long messages and attempts are kept.
const Keep = 30 * 24 * time.Hour

// Purge forgets messages and attempts older than [Keep].
func (d *Desk) Purge(ctx context.Context) error {
	old := d.now().Add(-Keep)
	return db.Do(ctx, d.Runner.DB, func(tx *db.Tx) error {
		_, err := purge(ctx, tx, old)
		return err
	})
}

// LogQuery narrows the log of a webhook. Limit 0 means 50.
type LogQuery struct {
	State  string
	Before record.ID
	Limit  int
}

// Entry is a message with its attempts, newest first.
type Entry struct {
	Message
	Tries []Attempt
}

// Messages lists the messages of a webhook, newest first, each with its last attempt. The caller has read the webhook
// with the reader's scope.
func (d *Desk) Messages(ctx context.Context, webhook record.ID, f LogQuery) ([]Entry, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	return db.View(ctx, d.Runner.DB, func(tx *db.Tx) ([]Entry, error) {
		found, err := list(ctx, tx, webhook, f)
		if err != nil {
			return nil, err
		}
		out := make([]Entry, len(found))
		for i, m := range found {
			out[i].Message = m
			if m.Attempts == 0 && m.State == Waiting {
				continue
			}
			if out[i].Tries, err = attempts(ctx, tx, m.ID, 1); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// Message returns one message with all its attempts (100 at most); NotFound where the webhook has none of the id. The
// caller has read the webhook with the reader's scope.
func (d *Desk) Message(ctx context.Context, webhook, id record.ID) (*Entry, error) {
	return db.View(ctx, d.Runner.DB, func(tx *db.Tx) (*Entry, error) {
		found, err := list(ctx, tx, webhook, LogQuery{Before: id + 1, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(found) == 0 || found[0].ID != id {
			return nil, errs.New(errs.NotFound, "record.not_found")
		}
		e := &Entry{Message: found[0]}
		e.Tries, err = attempts(ctx, tx, id, 100)
		return e, err
	})
}
