package correspondence

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
	"dianke/internal/platform/mail/fetch"
	"dianke/internal/platform/mail/intake"
	"dianke/internal/platform/mail/listen"
	"dianke/internal/platform/outbound"
)

// Cases is what the mail room needs of the room of cases. All of it happens within the running transaction.
type Cases interface {
	// Open makes a case of a letter.
	Open(ctx context.Context, c *record.Call, l Letter) (record.ID, error)
	// Wrote puts the customer's words into a case and returns where they went; none where the case is put away.
	Wrote(ctx context.Context, c *record.Call, id record.ID, text string) (record.ID, error)
	// Reply returns a written reply that is to be sent.
	Reply(ctx context.Context, c *record.Call, id record.ID) (Reply, error)
	// Delivered tells what became of the mail of a reply: sent, failed, bounced or queued again.
	Delivered(ctx context.Context, c *record.Call, reply record.ID, state, why string) error
}

// Letter is what a new case is made of.
type Letter struct {
	Subject, Text, FromName, FromMail string
	ReceivedAt                        time.Time
	CustomerID, CategoryID, UnitID    record.ID
	Kind, SourceRef                   string
}

// Reply is a written reply of a case as far as it is sent.
type Reply struct {
	CaseID                   record.ID
	Subject, Body, Recipient string
	Waits                    bool // it is to be sent and was not yet
	SentBy                   record.ID
}

// Files keeps files by their content; [blobs.Store] is one.
type Files interface {
	Put(ctx context.Context, r io.Reader, limit int64) (blobs.Ref, error)
	Open(ctx context.Context, hash string) (io.ReadCloser, error)
}

// Signer makes tokens nobody can guess; [vault.Keys] is one.
type Signer interface {
	Blind(value, purpose string) string
}

// Desk is the mail room at work. Set its fields before first use; it is then safe for concurrent use.
type Desk struct {
	Runner    *action.Runner
	Files     Files
	Sender    mail.Sender
	Cases     Cases
	Keys      Signer
	Scope     func(typ, act string) record.Scope // of the system
	Policy    outbound.Policy
	From      mail.Address // where no mailbox answers for the case
	Most      int64        // bytes of one message
	NoSubject string       // stands for a subject that was not given
	Log       *slog.Logger
	Wake      func() // asks for the queues to be looked at soon; nil for never
}

// instance marks mails of this installation, so that it knows them when they come round.
func (d *Desk) instance() string { return d.Keys.Blind("instance", "mail.instance")[:16] }

// tx runs fn in one transaction as the mail room.
func (d *Desk) tx(ctx context.Context, fn func(c *record.Call) error) error {
	return d.Runner.InTx(ctx, d.Scope("mail_arrival", record.Create), fn)
}

func (d *Desk) wake() {
	if d.Wake != nil {
		d.Wake()
	}
}

// Takes implements [listen.Keeper]: mail is taken for the addresses of active mailboxes, with and without a plus part.
func (d *Desk) Takes(ctx context.Context, address string) (bool, error) {
	var found bool
	err := d.tx(ctx, func(c *record.Call) error {
		box, err := mailboxOf(ctx, c, address)
		found = box != nil
		return err
	})
	return found, err
}

// Keep implements [listen.Keeper].
func (d *Desk) Keep(ctx context.Context, e listen.Envelope, r io.Reader) error {
	return d.keep(ctx, &Arrival{Via: "listener", Sender: clip(e.From, 320), Recipient: clip(strings.Join(e.To, " "), 8000)}, r)
}

// keep stores the original and then the arrival that points at it. The same bytes for the same mailbox are kept once.
func (d *Desk) keep(ctx context.Context, a *Arrival, r io.Reader) error {
	ref, err := d.Files.Put(ctx, r, d.Most)
	if err != nil {
		return err
	}
	a.RawHash, a.Size = ref.Hash, ref.Size
	if err := d.write(ctx, a); err != nil {
		return err
	}
	d.wake()
	return nil
}

func (d *Desk) write(ctx context.Context, a *Arrival) error {
	return d.tx(ctx, func(c *record.Call) error {
		if a.RawHash != "" {
			same, err := c.Work.Find(ctx, c, "mail_arrival", record.All(record.Where("raw_hash", a.RawHash)), 1)
			if err != nil || len(same) > 0 {
				return err
			}
		}
		box, err := d.boxOf(ctx, c, a)
		if err != nil {
			return err
		}
		if box != nil {
			a.MailboxID, a.UnitID = box.ID, box.UnitID
		}
		a.ArrivedAt = c.Now
		if a.State == "" {
			a.State = Received
		}
		if err := c.Work.Insert(ctx, c, "mail_arrival", a); err != nil {
			return err
		}
		return d.attachOriginal(ctx, c, a)
	})
}

// attachOriginal lets a person open what came, whatever becomes of it.
func (d *Desk) attachOriginal(ctx context.Context, c *record.Call, a *Arrival) error {
	st, scope := d.Runner.Store, c.Scope.Consequence("mail_arrival", record.Attach)
	f := &store.FileEntry{Name: "original.eml", Hash: a.RawHash, Size: a.Size, ContentType: "message/rfc822"}
	return st.AddFile(ctx, c.Tx, st.Types.Type("mail_arrival"), scope, a.ID, f)
}

// boxOf is the mailbox a message came to, by the addresses of the envelope; nil where none is known.
func (d *Desk) boxOf(ctx context.Context, c *record.Call, a *Arrival) (*Mailbox, error) {
	if a.MailboxID != 0 {
		return record.Load[Mailbox](ctx, c, "mailbox", a.MailboxID)
	}
	for _, to := range strings.Fields(a.Recipient) {
		if box, err := mailboxOf(ctx, c, to); err != nil || box != nil {
			return box, err
		}
	}
	return nil, nil
}

// mailboxOf is the active mailbox of an address, with or without a plus part; nil for none.
func mailboxOf(ctx context.Context, c *record.Call, address string) (*Mailbox, error) {
	name, _ := unplus(address)
	list, err := record.Find[Mailbox](ctx, c, "mailbox", record.All(record.Where("address", name), record.Where("active", true)), 1)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// unplus parts name+tag@host into name@host and tag, in lower case.
func unplus(address string) (name, tag string) {
	local, host, _ := strings.Cut(strings.ToLower(strings.Trim(strings.TrimSpace(address), "<>")), "@")
	local, tag, _ = strings.Cut(local, "+")
	return local + "@" + host, tag
}

const numberPurpose = "mail.case"

// tag is the plus part by which answers find the case: its number and a token nobody can guess.
func (d *Desk) tag(number string) string {
	number = strings.ToLower(number)
	return number + "." + d.Keys.Blind(number, numberPurpose)[:16]
}

// numberOf returns the case number of a genuine tag; empty for any other.
func (d *Desk) numberOf(tag string) string {
	number, token, ok := strings.Cut(tag, ".")
	if !ok || len(tag) > 64 || subtle.ConstantTimeCompare([]byte(token), []byte(d.Keys.Blind(number, numberPurpose)[:16])) != 1 {
		return ""
	}
	return strings.ToUpper(number)
}

// caseNumber finds a number of a case in a subject.
func caseNumber(subject string) string {
	return strings.ToUpper(regexp.MustCompile(`(?i)\bCS-20\d\d-\d{6,}\b`).FindString(subject))
}

// Fetch brings mail from the mailboxes that are fetched from, and from the maildir where one is given. A mailbox that
// cannot be reached is noted on it and does not keep the others waiting.
func (d *Desk) Fetch(ctx context.Context, maildir string) error {
	var boxes []*Mailbox
	err := d.tx(ctx, func(c *record.Call) (err error) {
		boxes, err = record.Find[Mailbox](ctx, c, "mailbox", record.All(record.Where("active", true), record.Where("source", "imap")), 100)
		return err
	})
	if err != nil {
		return err
	}
	for _, box := range boxes {
		if err := d.fetch(ctx, box); err != nil {
			return err
		}
	}
	if maildir == "" {
		return nil
	}
	_, err = fetch.Maildir(ctx, maildir, func(ctx context.Context, r io.Reader, size int64) error {
		return d.keepSized(ctx, Arrival{Via: "maildir"}, r, size)
	})
	return err
}

// Try signs in to a mailbox as it stands, without taking anything.
func (d *Desk) Try(ctx context.Context, id record.ID) error {
	var box *Mailbox
	err := d.tx(ctx, func(c *record.Call) (err error) {
		box, err = record.Load[Mailbox](ctx, c, "mailbox", id)
		return err
	})
	if err != nil {
		return err
	}
	source := d.source(box)
	_, _, err = source.Fetch(ctx, fetch.Place{}, func(context.Context, io.Reader, int64) error { return errEnough })
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// errEnough ends a trial at the first message.
var errEnough = errors.New("enough")

func (d *Desk) source(box *Mailbox) fetch.Mailbox {
	return fetch.Mailbox{Address: box.Server, User: box.Account, Password: box.Password, Folder: box.Folder, MoveTo: box.MoveTo, Policy: d.Policy}
}

func (d *Desk) fetch(ctx context.Context, box *Mailbox) error {
	from := fetch.Place{Validity: uint32(box.Validity), Last: uint32(box.LastUID)}
	to, n, err := d.source(box).Fetch(ctx, from, func(ctx context.Context, r io.Reader, size int64) error {
		return d.keepSized(ctx, Arrival{Via: "imap", MailboxID: box.ID}, r, size)
	})
	fault := ""
	if err != nil {
		if fault = errs.KeyOf(err); fault == "" {
			fault = "mail.imap_away"
		}
		d.Log.WarnContext(ctx, "mailbox could not be fetched", "mailbox", box.Number, "error", err)
	}
	if to == from && n == 0 && fault == box.Fault {
		return nil
	}
	return d.tx(ctx, func(c *record.Call) error {
		now, err := record.Load[Mailbox](ctx, c, "mailbox", box.ID)
		if err != nil {
			return err
		}
		now.Validity, now.LastUID = int64(to.Validity), int64(to.Last)
		if n > 0 {
			now.FetchedAt = c.Now
		}
		if fault != now.Fault {
			now.Fault, now.FaultAt = fault, time.Time{}
			if fault != "" {
				now.FaultAt = c.Now
			}
		}
		return c.Work.Save(ctx, c, "mailbox", "fetched", now)
	})
}

// keepSized keeps a message, or a note of one that is larger than what is taken: it stays where it is.
func (d *Desk) keepSized(ctx context.Context, a Arrival, r io.Reader, size int64) error {
	if size <= d.Most {
		return d.keep(ctx, &a, r)
	}
	head, err := io.ReadAll(io.LimitReader(r, headSize))
	if err != nil {
		return fmt.Errorf("read beginning of a large message: %w", err)
	}
	ref, err := d.Files.Put(ctx, bytes.NewReader(head), headSize)
	if err != nil {
		return fmt.Errorf("keep beginning of a large message: %w", err)
	}
	a.RawHash, a.Size, a.State, a.Reason = ref.Hash, size, Held, whyTooLarge
	a.describe(intake.Read(head))
	return d.write(ctx, &a)
}

// headSize is how much of a message that is too large is kept.
const headSize = 64 << 10
