package correspondence

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail/fetch"
	"dianke/internal/platform/mail/intake"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the room.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}

// prepareMailbox refuses what could not be fetched from, and forgets the progress of another folder.
func prepareMailbox(_ context.Context, c *record.Call) error {
	m := c.Record.(*Mailbox)
	m.Address = strings.ToLower(m.Address)
	local, _, _ := strings.Cut(m.Address, "@")
	var faults []*errs.Error
	if m.Plus && strings.Contains(local, "+") {
		faults = append(faults, errs.Of("address", "mailbox.plus_in_address"))
	}
	if before, ok := c.Before.(*Mailbox); ok && (before.Server != m.Server || before.Account != m.Account || before.Folder != m.Folder) {
		m.Validity, m.LastUID, m.Fault = 0, 0, ""
	}
	if m.Source == "imap" {
		if err := (fetch.Mailbox{Address: m.Server}).Check(); err != nil {
			faults = append(faults, errs.Of("server", errs.KeyOf(err)))
		}
		if m.Account == "" {
			faults = append(faults, errs.Of("account", "field.required").With("field", "account"))
		}
		if m.Password == "" {
			faults = append(faults, errs.Of("password", "field.required").With("field", "password"))
		}
	}
	return errs.Collect(faults)
}

// setPassword replaces the password, which nobody reads back.
func setPassword(_ context.Context, _ *record.Call, m *Mailbox, in *struct {
	Password string `rec:"secret,required,class=sensitive"`
}) error {
	m.Password, m.Fault, m.FaultAt = in.Password, "", time.Time{}
	return nil
}

// prepareRule refuses a rule that would fit everything it must not.
func prepareRule(_ context.Context, c *record.Call) error {
	r := c.Record.(*Rule)
	r.Sender = strings.ToLower(strings.TrimSpace(r.Sender))
	switch {
	case r.Sender != "" && !strings.Contains(r.Sender, "@"):
		return errs.Of("sender", "mail_rule.sender_form")
	case r.Treatment != "open" && r.Sender == "" && r.SubjectHas == "":
		return errs.Of("sender", "mail_rule.everything")
	}
	return nil
}

// fits reports whether the rule is for a message.
func (r *Rule) fits(mailbox record.ID, m *intake.Message) bool {
	if !r.Active || r.MailboxID != 0 && r.MailboxID != mailbox {
		return false
	}
	if r.SubjectHas != "" && !strings.Contains(strings.ToLower(m.Subject), strings.ToLower(r.SubjectHas)) {
		return false
	}
	if r.Sender == "" {
		return true
	}
	return slices.ContainsFunc(m.From, func(a intake.Address) bool {
		if strings.HasPrefix(r.Sender, "@") {
			return strings.HasSuffix(a.Mail, r.Sender) || strings.HasSuffix(a.Mail, "."+r.Sender[1:])
		}
		return a.Mail == r.Sender
	})
}

// release lets a held message in, into a case of the reader's choice where he names one.
func release(_ context.Context, _ *record.Call, a *Arrival, in *struct {
	CaseID record.ID `rec:"ref,ref=case"`
}) error {
	if a.Reason == whyTooLarge {
		return errs.New(errs.Conflict, "mail_arrival.not_here")
	}
	a.Released, a.IntoCase, a.Reason, a.Attempts, a.Failure = true, in.CaseID, "", 0, ""
	return nil
}

func discard(_ context.Context, _ *record.Call, a *Arrival, _ *record.None) error {
	a.Released = false
	return nil
}

// sendAgain puts a mail that failed back into the queue.
func sendAgain(_ context.Context, c *record.Call, m *Message, _ *record.None) error {
	if m.Direction != Out {
		return errs.New(errs.Conflict, "mail_message.not_ours")
	}
	m.Attempts, m.Failure, m.NextTryAt = 0, "", c.Now
	return nil
}
