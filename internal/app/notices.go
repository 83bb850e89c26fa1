package app

import (
	"context"
	"net/url"
	"time"

	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/noticepages"
)

const noticesEvery = 20 * time.Second

// couriers builds what takes notices out of the house.
func (a *App) couriers() {
	policy := a.outboundPolicy()
	a.Courier = &notice.Courier{
		Runner: a.Runner, Guard: a.Guard, Calendars: a.Calendars, Sender: a.Mail, Policy: policy, Client: policy.Client(),
		Scope:   func(typ, act string) record.Scope { return a.System("notices", "job", typ, act) },
		Say:     a.say,
		BaseURL: a.Config.BaseURL, Zone: a.Config.Zone, Log: a.Log,
		Wake: func() { a.soon("notices") },
	}
}

// say is a text in a language and in the zone of the organisation.
func (a *App) say(lang, key string, args ...any) string {
	ctx := i18n.WithZone(i18n.With(context.Background(), a.Catalog, i18n.Lang(lang)), a.Config.Zone)
	return i18n.T(ctx, key, args...)
}

// noticeEvent takes a new notice on its way, in the transaction that marks its event as done.
func (a *App) noticeEvent(ctx context.Context, c *record.Call, ev store.Event) error {
	if ev.Name != "notice.create" {
		return nil
	}
	return a.Courier.Plan(ctx, c, ev.Record)
}

// Unread counts the notices a person has not read.
func (a *App) Unread(ctx context.Context, user record.ID) (int, error) {
	return db.View(ctx, a.DB, func(tx *db.Tx) (int, error) {
		own := record.All(record.Where("owner_id", user), record.Where("status", "unread"))
		n, _, err := a.Store.Count(ctx, tx, a.Types.Type("notice"), a.System("notices", "web", "notice", record.Read), record.Query{Filter: own})
		return n, err
	})
}

// noticePages are the pages of notices and mail.
func (a *App) noticePages() *noticepages.Pages {
	o := noticepages.Outgoing{From: a.Config.MailFrom, Listen: a.Config.MailListen, Dir: a.Config.Maildir, Most: a.Config.MailMost}
	if u, err := url.Parse(a.Config.SMTP); err == nil {
		o.Server = u.Host
	}
	return &noticepages.Pages{Live: a.Live, Courier: a.Courier, Mailroom: a.Mailroom, Unread: a.Unread, Outgoing: o}
}
