package correspondence

import (
	"context"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
)

const (
	sendBatch    = 20
	sendAttempts = 9 // the last one a little more than a day after the first
	sendTime     = time.Minute
)

// backoff is how long a mail waits after so many failures.
func backoff(attempts int64) time.Duration {
	return min(time.Minute<<min(2*attempts, 20), 8*time.Hour)
}

// Queue makes the mail of a written reply, within the transaction of the event that sent it. Nothing happens where the
// reply is not to be delivered, or has its mail already.
func (d *Desk) Queue(ctx context.Context, c *record.Call, reply record.ID) error {
	r, err := d.Cases.Reply(ctx, c, reply)
	if errs.Is(err, errs.NotFound) || err == nil && !r.Waits {
		return nil
	}
	if err != nil {
		return err
	}
	made, err := c.Work.Find(ctx, c, "mail_message", record.Where("reply_id", reply), 1)
	if err != nil || len(made) > 0 {
		return err
	}
	k, err := c.Work.Load(ctx, c, "case", r.CaseID)
	if err != nil {
		return err
	}
	m, err := d.compose(ctx, c, k, r)
	if err != nil {
		return err
	}
	m.ReplyID = reply
	if err := c.Work.Insert(ctx, c, "mail_message", m); err != nil {
		return err
	}
	m.MessageID = d.tag(k.HeadOf().Number) + "." + m.ID.String() + "@" + domain(m.FromMail)
	if err := c.Work.Save(ctx, c, "mail_message", "queued", m); err != nil {
		return err
	}
	c.Tx.AfterCommit(d.wake)
	return nil
}

// compose writes the mail of a reply: who it comes from, what it answers.
func (d *Desk) compose(ctx context.Context, c *record.Call, k record.Entity, r Reply) (*Message, error) {
	h := k.HeadOf()
	m := &Message{
		CaseID: h.ID, Subject: titled(r.Subject, h.Number), Direction: Out, State: Queued, Nature: "message", Recipients: strings.ToLower(r.Recipient),
		At: c.Now, Body: clip(r.Body, bodyLength), FromName: d.From.Name, FromMail: d.From.Mail, NextTryAt: c.Now,
		Head: record.Head{UnitID: h.UnitID, OwnerID: r.SentBy},
	}
	before, err := record.Find[Message](ctx, c, "mail_message", record.Where("case_id", h.ID), 200)
	if err != nil {
		return nil, err
	}
	var thread []string
	for _, b := range before {
		if b.MessageID == "" {
			continue
		}
		thread = append(thread, b.MessageID)
		if b.Direction == In {
			m.InReplyTo, m.MailboxID = b.MessageID, b.MailboxID
		}
	}
	m.Thread = strings.Join(thread[max(0, len(thread)-20):], " ")
	if m.InReplyTo == "" && len(thread) > 0 {
		m.InReplyTo = thread[len(thread)-1]
	}
	box, err := d.answering(ctx, c, m.MailboxID)
	if err == nil && box != nil {
		m.MailboxID, m.FromMail, m.FromName = box.ID, box.Address, box.Title
	}
	return m, err
}

// answering is the mailbox answers come back to: the one the customer wrote to, else the only one there is.
func (d *Desk) answering(ctx context.Context, c *record.Call, id record.ID) (*Mailbox, error) {
	list, err := record.Find[Mailbox](ctx, c, "mailbox", record.Where("active", true), 100)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(list, func(b *Mailbox) bool { return b.ID == id }); i >= 0 {
		return list[i], nil
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return nil, nil
}

// titled puts the number of the case into the subject, for programs that drop everything else.
func titled(subject, number string) string {
	if strings.Contains(subject, number) {
		return subject
	}
	return clip(subject, 900) + " [" + number + "]"
}

func domain(address string) string {
	_, host, ok := strings.Cut(address, "@")
	if !ok || host == "" {
		return "localhost"
	}
	return host
}

// Send sends what waits. A mail is sent again after a failure that may pass; after nine, or one that will not pass, its
// sender is told. A process that ends between sending and noting it sends the same message once more, with the same id.
func (d *Desk) Send(ctx context.Context) error {
	var list []*Message
	err := d.tx(ctx, func(c *record.Call) (err error) {
		due := record.Filter{Or: []record.Filter{{Field: "next_try_at", Op: field.Le, Value: c.Now}, {Field: "next_try_at", Op: field.Empty}}}
		list, err = record.Find[Message](ctx, c, "mail_message", record.All(record.Where("state", Queued), due), sendBatch)
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range list {
		if err := d.sendOne(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) sendOne(ctx context.Context, m *Message) error {
	out, err := d.wire(ctx, m)
	if err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	return d.sent(ctx, m.ID, d.Sender.Send(within, out))
}

// wire is the mail as the sender takes it.
func (d *Desk) wire(ctx context.Context, m *Message) (mail.Message, error) {
	out := mail.Message{
		From: mail.Address{Name: m.FromName, Mail: m.FromMail}, To: []mail.Address{{Mail: m.Recipients}}, Subject: m.Subject, Text: m.Body,
		MessageID: m.MessageID, InReplyTo: m.InReplyTo, References: strings.Fields(m.Thread), Instance: d.instance(),
	}
	if m.MailboxID == 0 {
		return out, nil
	}
	err := d.tx(ctx, func(c *record.Call) error {
		box, err := record.Load[Mailbox](ctx, c, "mailbox", m.MailboxID)
		if err != nil || !box.Plus {
			return err
		}
		k, err := c.Work.Load(ctx, c, "case", m.CaseID)
		if err != nil {
			return err
		}
		local, host, _ := strings.Cut(box.Address, "@")
		out.ReplyTo = mail.Address{Name: box.Title, Mail: local + "+" + d.tag(k.HeadOf().Number) + "@" + host}
		return nil
	})
	return out, err
}

// sent notes how the sending ended.
func (d *Desk) sent(ctx context.Context, id record.ID, failure error) error {
	return d.tx(ctx, func(c *record.Call) error {
		m, err := record.Load[Message](ctx, c, "mail_message", id)
		if err != nil || m.State != Queued {
			return err
		}
		if failure == nil {
			m.State, m.At, m.Failure = Sent, c.Now, ""
			if err := c.Work.Save(ctx, c, "mail_message", "sent", m); err != nil {
				return err
			}
			return d.report(ctx, c, m, Sent)
		}
		m.Attempts++
		m.Failure = clip(failure.Error(), 400)
		if !mail.Final(failure) && m.Attempts < sendAttempts {
			m.NextTryAt = c.Now.Add(backoff(m.Attempts))
			return c.Work.Save(ctx, c, "mail_message", "put_off", m)
		}
		m.State = Failed
		if err := c.Work.Save(ctx, c, "mail_message", "failed", m); err != nil {
			return err
		}
		return d.report(ctx, c, m, Failed)
	})
}

// report tells the reply what became of its mail, and whoever sent it where it did not arrive.
func (d *Desk) report(ctx context.Context, c *record.Call, m *Message, state string) error {
	if m.ReplyID != 0 {
		if err := d.Cases.Delivered(ctx, c, m.ReplyID, state, m.Failure); err != nil {
			return err
		}
	}
	if state == Sent {
		return nil
	}
	k, err := c.Work.Load(ctx, c, "case", m.CaseID)
	if err != nil {
		return err
	}
	h := k.HeadOf()
	return notice.Send(ctx, c, notice.Message{
		Key: "mail.notice." + state, Args: map[string]any{"number": h.Number}, AboutType: "case", AboutID: h.ID, Urgency: "warning",
	}, m.OwnerID, h.OwnerID)
}

// Again tells the reply that its mail waits once more, after somebody took the action send_again.
func (d *Desk) Again(ctx context.Context, c *record.Call, id record.ID) error {
	m, err := record.Load[Message](ctx, c, "mail_message", id)
	if err != nil || m.State != Queued || m.ReplyID == 0 {
		return err
	}
	c.Tx.AfterCommit(d.wake)
	return d.Cases.Delivered(ctx, c, m.ReplyID, Queued, "")
}
