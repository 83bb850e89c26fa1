// Package webhook tells other programs of a company what happens to records, by the Standard Webhooks specification.
//
// A [Webhook] is a record: an address, the names of events it wants, a secret. For each event of the outbox that its
// owner may see, the [Desk] keeps a message in the event's own transaction and sends it afterwards, signed, until it is
// taken or given up after about three days. A message holds ids, the names of type and event, the instant, and the
// public and internal fields of the record as it stood when the event was handled; personal and sensitive fields never
// leave this way. Messages come at least once and in no promised order; the id of a message stays the same at every
// attempt and replay. Addresses are judged by package outbound. The package knows no type of the trade.
package webhook

import (
	"context"
	"embed"
	"io/fs"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

// The states of a webhook.
const (
	Active   = "active"
	Paused   = "paused"   // messages are kept and wait
	Disabled = "disabled" // nothing is kept
)

// Webhook is one address that is told of events. Only what its owner (OwnerID) may read is sent, and with ForUnit only
// what belongs to that unit or one below it.
type Webhook struct {
	record.Head
	Title        string    `rec:"text,required,max=80,name"`
	URL          string    `rec:"text,required,max=1000"`
	Events       string    `rec:"longtext,required,max=4000,default=*"` // names with wildcards, one a line
	ForUnit      record.ID `rec:"unit"`
	PerMinute    int64     `rec:"number,required,default=60,min=1,top=600"`
	State        string    `rec:"state,enum=active|paused|disabled,default=active"`
	Fault        string    `rec:"text,readonly,max=100"` // message key of what went wrong last; empty where the last attempt was taken
	FailingSince time.Time `rec:"time,readonly"`
	Secret       string    `rec:"secret,readonly,class=sensitive"`
	OldSecret    string    `rec:"secret,readonly,class=sensitive"` // signs beside Secret until OldUntil
	OldUntil     time.Time `rec:"time,readonly"`
}

// Rotation is the input of rotate.
type Rotation struct {
	Hours *int64 `rec:"number,default=24,min=0,top=168"` // for which the old secret stays valid
}

// Replay is the input of replay: one message by its id, or those of a period.
type Replay struct {
	Message string    `rec:"text,max=40"`
	StartAt time.Time `rec:"time"`
	EndAt   time.Time `rec:"time"`
	Failed  bool      `rec:"bool"` // only what was given up
}

// Register adds the type; its actions work through the desk.
func (d *Desk) Register(reg *record.Registry) {
	reg.Add(record.Declare[Webhook](record.Spec{
		Name: "webhook", Plural: "webhooks", Room: "settings", Prefix: "WH", Icon: "webhook", Title: "title",
		List:    []string{"title", "url", "events", "for_unit", "state", "fault"},
		Without: []string{record.Export, record.Import, record.Attach},
		Prepare: d.prepare,
		Actions: []*record.Action{
			record.Act("send_test", record.ActionSpec{Primary: true, Icon: "send"}, d.sendTest),
			record.Act("replay", record.ActionSpec{Icon: "refresh"}, d.replay),
			record.Act("rotate", record.ActionSpec{Danger: true, Icon: "key"}, rotate),
			record.Act("pause", record.ActionSpec{From: []string{Active}, To: Paused, Icon: "player-pause"}, quietly),
			record.Act("resume", record.ActionSpec{From: []string{Paused, Disabled}, To: Active, Primary: true, Icon: "player-play"}, d.resume),
		},
	}))
}

// Grants are none beside those of the administrator: whoever sets up a webhook sends data out of the house.
func Grants() access.RoleGrants { return access.RoleGrants{} }

// Tables returns what is kept beside the records: messages and the attempts to send them.
func Tables() []db.Table {
	id := db.Column{Name: "id", Kind: db.Int, Key: true}
	return []db.Table{
		{Name: "webhook_messages", Columns: []db.Column{
			id, {Name: "webhook_id", Kind: db.Int}, {Name: "event_id", Kind: db.Int}, {Name: "event"}, {Name: "record_id", Kind: db.Int},
			{Name: "body"}, {Name: "state"}, {Name: "attempts", Kind: db.Int}, {Name: "made_at", Kind: db.Instant},
			{Name: "next_at", Kind: db.Instant, Null: true},
		}, Indexes: []db.Index{
			{Columns: []string{"webhook_id", "event_id"}, Unique: true}, {Columns: []string{"state", "next_at"}}, {Columns: []string{"webhook_id", "id"}},
		}},
		{Name: "webhook_attempts", Columns: []db.Column{
			id, {Name: "webhook_id", Kind: db.Int}, {Name: "message_id", Kind: db.Int}, {Name: "at", Kind: db.Instant}, {Name: "status", Kind: db.Int},
			{Name: "ms", Kind: db.Int}, {Name: "answer"}, {Name: "fault"},
		}, Indexes: []db.Index{{Columns: []string{"webhook_id", "id"}}, {Columns: []string{"message_id", "id"}}}},
	}
}

// prepare fills what follows and refuses addresses and names nobody can send to or wait for.
func (d *Desk) prepare(_ context.Context, c *record.Call) error {
	w := c.Record.(*Webhook)
	if w.OwnerID == 0 && c.Actor().IsPerson() {
		w.OwnerID = c.Actor().UserID
	}
	if w.Secret == "" {
		w.Secret = NewSecret()
	}
	before, _ := c.Before.(*Webhook)
	if w.URL = strings.TrimSpace(w.URL); before == nil || before.URL != w.URL {
		if err := d.Policy.Check(w.URL); err != nil {
			return err
		}
	}
	if before != nil && before.Events == w.Events {
		return nil
	}
	list, err := Patterns(w.Events)
	if err != nil {
		return err
	}
	for _, p := range list {
		if !d.known(p) {
			return errs.Of("events", "webhook.unknown_event").With("name", p)
		}
	}
	w.Events = strings.Join(list, "\n")
	return nil
}

// rotate makes a new secret; the old one signs beside it for a while, so that the receiver can change over.
func rotate(_ context.Context, c *record.Call, w *Webhook, in *Rotation) error {
	w.OldSecret, w.OldUntil = "", time.Time{}
	if in.Hours != nil && *in.Hours > 0 {
		w.OldSecret, w.OldUntil = w.Secret, c.Now.Add(time.Duration(*in.Hours)*time.Hour)
	}
	w.Secret = NewSecret()
	return nil
}

func quietly(context.Context, *record.Call, *Webhook, *record.None) error { return nil }

// resume begins anew: what went wrong before is forgotten, what waits is sent at once.
func (d *Desk) resume(ctx context.Context, c *record.Call, w *Webhook, _ *record.None) error {
	w.Fault, w.FailingSince = "", time.Time{}
	if err := hurry(ctx, c.Tx, w.ID, c.Now); err != nil {
		return err
	}
	d.wakeAfter(c)
	return nil
}

// sendTest makes a message that says nothing but that the address works.
func (d *Desk) sendTest(ctx context.Context, c *record.Call, w *Webhook, _ *record.None) error {
	id := d.Runner.Store.IDs.Next()
	body, err := encode(TestEvent, c.Now, map[string]any{"webhook_id": w.ID})
	if err != nil {
		return err
	}
	d.wakeAfter(c)
	return insert(ctx, c.Tx, Message{ID: id, Webhook: w.ID, Origin: id, Event: TestEvent, Record: w.ID, Body: body, MadeAt: c.Now})
}

// replay sends messages again: the same ids and the same words.
func (d *Desk) replay(ctx context.Context, c *record.Call, w *Webhook, in *Replay) error {
	if w.State == Disabled {
		return errs.New(errs.Conflict, "webhook.disabled")
	}
	var n int64
	var err error
	switch {
	case in.Message != "":
		id, perr := ids.Parse(strings.TrimPrefix(in.Message, idPrefix))
		if perr != nil {
			return errs.Of("message", "webhook.no_message")
		}
		if n, err = again(ctx, c.Tx, w.ID, id, c.Now); err == nil && n == 0 {
			return errs.Of("message", "webhook.no_message")
		}
	case in.StartAt.IsZero():
		return errs.Of("start_at", "webhook.what_again")
	case !in.EndAt.IsZero() && !in.EndAt.After(in.StartAt):
		return errs.Of("end_at", "webhook.period")
	default:
		until := in.EndAt
		if until.IsZero() {
			until = c.Now
		}
		if n, err = againBetween(ctx, c.Tx, w.ID, in, until, c.Now); err == nil && n == 0 {
			return errs.Of("start_at", "webhook.nothing_then")
		}
	}
	d.wakeAfter(c)
	return err
}
