package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/domain/correspondence"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/jobs"
	"dianke/internal/platform/mail"
	"dianke/internal/platform/mail/listen"
	"dianke/internal/platform/outbound"
)

const (
	mailEvery  = 15 * time.Second
	fetchEvery = 30 * time.Second
)

// outboundPolicy is where requests may go that people of the house have an address typed for.
func (a *App) outboundPolicy() outbound.Policy {
	return outbound.Policy{Allowed: slices.Clone[[]netip.Prefix](a.Config.Outbound)}
}

// mailroom builds the mail room over what is open already.
func (a *App) mailroom() {
	a.Mailroom = &correspondence.Desk{
		Runner: a.Runner, Files: a.Blobs, Sender: a.Mail, Cases: caseDesk{}, Keys: a.Keys, Policy: a.outboundPolicy(), Log: a.Log,
		Scope:     func(typ, act string) record.Scope { return a.System("mailroom", "mail", typ, act) },
		From:      mail.Address{Mail: a.Config.MailFrom},
		Most:      a.Config.MailMost,
		NoSubject: a.Catalog.Text(i18n.ZH, "mail.no_subject"),
		Wake:      func() { a.soon("mail") },
	}
}

// soon asks for a kind of job to be run now. It is called after commits and must not wait for the database.
func (a *App) soon(kind string) {
	if a.Jobs == nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		// Without jobs running (tests, commands) the kind is unknown; the next start finds what waits.
		_ = a.Jobs.Enqueue(ctx, kind, nil, jobs.Job{Key: kind})
	}()
}

// Post handles what arrived and sends what waits. Running it more often changes nothing.
func (a *App) Post(ctx context.Context) error {
	return errors.Join(a.Mailroom.Handle(ctx), a.Mailroom.Send(ctx))
}

// mailDomain is the name the house greets other carriers with.
func mailDomain(address string) string {
	_, host, _ := strings.Cut(address, "@")
	return host
}

// listenForMail opens the addresses mail is taken in on.
func (a *App) listenForMail() error {
	for _, address := range a.Config.MailListen {
		s, err := listen.Start(address, a.Mailroom, listen.Options{Domain: mailDomain(a.Config.MailFrom), Most: a.Config.MailMost, Log: a.Log})
		if err != nil {
			return err
		}
		a.listeners = append(a.listeners, s)
	}
	return nil
}

func (a *App) stopListening(ctx context.Context) error {
	var faults []error
	for _, s := range a.listeners {
		faults = append(faults, s.Stop(ctx))
	}
	a.listeners = nil
	return errors.Join(faults...)
}

// mailEvent does what follows from an event for the mail room, in the transaction that marks the event as done.
func (a *App) mailEvent(ctx context.Context, c *record.Call, ev store.Event) error {
	switch ev.Name {
	case "case_reply.send":
		return a.Mailroom.Queue(ctx, c, ev.Record)
	case "mail_message.send_again":
		return a.Mailroom.Again(ctx, c, ev.Record)
	case "mail_arrival.release":
		c.Tx.AfterCommit(func() { a.soon("mail") })
	}
	return nil
}

// caseDesk is the room of cases as the mail room knows it.
type caseDesk struct{}

// Open implements [correspondence.Cases].
func (caseDesk) Open(ctx context.Context, c *record.Call, l correspondence.Letter) (record.ID, error) {
	k, err := casework.OpenByMail(ctx, c, casework.Letter{
		Subject: l.Subject, Text: l.Text, FromName: l.FromName, FromMail: l.FromMail, ReceivedAt: l.ReceivedAt, CustomerID: l.CustomerID, Kind: l.Kind,
		CategoryID: l.CategoryID, UnitID: l.UnitID, SourceRef: l.SourceRef,
	})
	if err != nil {
		return 0, err
	}
	return k.ID, nil
}

// Wrote implements [correspondence.Cases].
func (caseDesk) Wrote(ctx context.Context, c *record.Call, id record.ID, text string) (record.ID, error) {
	k, err := casework.CustomerWrote(ctx, c, id, text)
	if err != nil || k == nil {
		return 0, err
	}
	return k.ID, nil
}

// Reply implements [correspondence.Cases].
func (caseDesk) Reply(ctx context.Context, c *record.Call, id record.ID) (correspondence.Reply, error) {
	r, err := record.Load[casework.Reply](ctx, c, "case_reply", id)
	if err != nil {
		return correspondence.Reply{}, fmt.Errorf("reply to be sent: %w", err)
	}
	return correspondence.Reply{
		CaseID: r.CaseID, Subject: r.Subject, Body: r.Body, Recipient: r.Recipient, Waits: r.Deliver && r.Delivery == "queued", SentBy: r.SentBy,
	}, nil
}

// Delivered implements [correspondence.Cases].
func (caseDesk) Delivered(ctx context.Context, c *record.Call, reply record.ID, state, why string) error {
	return casework.ReplyDelivery(ctx, c, reply, state, why)
}
