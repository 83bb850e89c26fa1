package correspondence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail/intake"
)

const (
	handleBatch = 50
	giveUpAfter = 5  // attempts at one arrival before a person has to look
	mostHops    = 40 // carriers a message goes through before it is taken to go round
	floodCases  = 10 // new cases one sender opens within an hour
	bodyLength  = 100_000
	mostFiles   = 200
)

// Handle reads what arrived and files it, holds it or passes it over. It may run any number of times: an arrival is
// changed together with everything that follows from it. What fails is tried again with the next run, and held for a
// person after five times; it keeps nothing else waiting.
func (d *Desk) Handle(ctx context.Context) error {
	for {
		var list []*Arrival
		err := d.tx(ctx, func(c *record.Call) (err error) {
			f := record.All(record.Where("state", Received))
			list, err = record.Find[Arrival](ctx, c, "mail_arrival", f, handleBatch)
			return err
		})
		if err != nil {
			return err
		}
		failed := 0
		for _, a := range list {
			if err := d.one(ctx, a.ID); err != nil {
				failed++
				if err := d.failed(ctx, a.ID, err); err != nil {
					return err
				}
			}
		}
		if len(list) < handleBatch || failed == len(list) {
			return nil
		}
	}
}

// failed notes an attempt. What a rule or clause forbids will be forbidden the next time too.
func (d *Desk) failed(ctx context.Context, id record.ID, cause error) error {
	d.Log.ErrorContext(ctx, "arrival could not be handled", "arrival", id.String(), "error", cause)
	return d.tx(ctx, func(c *record.Call) error {
		a, err := record.Load[Arrival](ctx, c, "mail_arrival", id)
		if err != nil || a.State != Received {
			return err
		}
		a.Attempts++
		a.Failure = errs.KeyOf(cause)
		switch {
		case errs.Is(cause, errs.Refused), errs.Is(cause, errs.Conflict), errs.Is(cause, errs.Invalid):
			a.State, a.Reason = Held, whyRefused
		case a.Attempts >= giveUpAfter:
			a.State, a.Reason = Held, whyFailed
		}
		return c.Work.Save(ctx, c, "mail_arrival", "failed", a)
	})
}

// parcel is one arrival with all that was read of it.
type parcel struct {
	*Desk
	arrival *Arrival
	mail    *intake.Message
	files   []*store.FileEntry
	inline  []bool
}

// one handles one arrival. Files are stored first: what is stored twice is stored once.
func (d *Desk) one(ctx context.Context, id record.ID) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("reading a message panicked: %v", r) // one message must not stop the others
		}
	}()
	p := &parcel{Desk: d}
	err = d.tx(ctx, func(c *record.Call) (err error) {
		p.arrival, err = record.Load[Arrival](ctx, c, "mail_arrival", id)
		return err
	})
	if err != nil || p.arrival.State != Received {
		return err
	}
	if err := p.read(ctx); err != nil {
		return err
	}
	return d.tx(ctx, func(c *record.Call) error {
		now, err := record.Load[Arrival](ctx, c, "mail_arrival", id)
		if err != nil || now.State != Received || now.LockVersion != p.arrival.LockVersion {
			return err // somebody else was faster
		}
		p.arrival = now
		return p.decide(ctx, c)
	})
}

func (p *parcel) read(ctx context.Context) (err error) {
	r, err := p.Files.Open(ctx, p.arrival.RawHash)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(r, p.Most+1))
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("read original: %w", err)
	}
	p.mail = intake.Read(raw)
	p.files = append(p.files, &store.FileEntry{Name: "original.eml", Hash: p.arrival.RawHash, Size: int64(len(raw)), ContentType: "message/rfc822"})
	p.inline = []bool{true}
	for _, f := range p.mail.Files[:min(len(p.mail.Files), mostFiles)] {
		ref, err := p.Files.Put(ctx, f.Open(), p.Most)
		if err != nil {
			return err
		}
		if ref.Size == 0 {
			continue
		}
		p.files = append(p.files, &store.FileEntry{Name: f.Name, Hash: ref.Hash, Size: ref.Size, ContentType: ref.ContentType})
		p.inline = append(p.inline, f.Inline && strings.HasPrefix(ref.ContentType, "image/"))
	}
	return nil
}

// describe notes on an arrival what its message says of itself; files are the hashes of its attachments.
func (a *Arrival) describe(m *intake.Message, files ...string) {
	a.Subject, a.MessageID, a.Nature, a.Marks = clip(m.Subject, 1000), clip(m.MessageID, 250), string(m.Nature.Kind), m.Marks
	if a.Subject == "" {
		a.Subject = clip(firstLine(m.Text), 80)
	}
	if len(m.From) > 0 {
		a.FromName, a.FromMail = clip(m.From[0].Name, 200), clip(m.From[0].Mail, 320)
	}
	a.Excerpt = clip(m.Text, 4000)
	sum := sha256.New()
	for _, s := range []string{m.MessageID, a.FromMail, m.Subject, m.Text} {
		fmt.Fprintf(sum, "%d:%s", len(s), s)
	}
	for _, hash := range files {
		fmt.Fprint(sum, hash)
	}
	a.Digest = hex.EncodeToString(sum.Sum(nil))
}

// decide says what becomes of the arrival and does it.
func (p *parcel) decide(ctx context.Context, c *record.Call) error {
	a, m := p.arrival, p.mail
	var hashes []string
	for _, f := range p.files[1:] {
		hashes = append(hashes, f.Hash)
	}
	a.describe(m, hashes...)
	if a.MailboxID == 0 {
		if err := p.findMailbox(ctx, c); err != nil {
			return err
		}
	}
	if again, err := p.seenBefore(ctx, c); err != nil || again {
		return p.end(ctx, c, Ignored, whyDuplicate, err)
	}
	if m.Nature.Kind == intake.Bounce {
		id, err := p.bounced(ctx, c)
		a.CaseID = id
		return p.end(ctx, c, Ignored, whyBounce, err)
	}
	if why := p.suspicious(); why != "" && !a.Released {
		return p.end(ctx, c, Held, why, nil)
	}
	rule, err := p.rule(ctx, c)
	if err != nil {
		return err
	}
	if rule.Treatment != "open" && !a.Released {
		return p.end(ctx, c, map[string]string{"hold": Held, "ignore": Ignored}[rule.Treatment], whyRule, nil)
	}
	found, err := p.thread(ctx, c)
	if err != nil {
		return err
	}
	return p.place(ctx, c, found, rule)
}

// place files the message with the case it belongs to, or opens one.
func (p *parcel) place(ctx context.Context, c *record.Call, found matched, rule *Rule) error {
	kind := p.mail.Nature.Kind
	switch {
	case found.id != 0 && !found.known && !p.arrival.Released:
		p.arrival.CaseID = found.id
		return p.end(ctx, c, Held, whyStranger, nil)
	case found.id != 0 && kind != intake.Personal && !p.arrival.Released:
		return p.file(ctx, c, found.id, false)
	case found.id != 0:
		return p.answer(ctx, c, found.id, rule)
	case kind == intake.AutoReply || kind == intake.Receipt:
		if !p.arrival.Released {
			return p.end(ctx, c, Ignored, map[intake.Kind]string{intake.AutoReply: whyAuto, intake.Receipt: whyReceipt}[kind], nil)
		}
	case kind == intake.Bulk && !p.arrival.Released:
		return p.end(ctx, c, Held, whyBulk, nil)
	}
	return p.open(ctx, c, rule, "")
}

// suspicious says why a message is not let in at all; empty where it is.
func (p *parcel) suspicious() string {
	n := p.mail.Nature
	switch {
	case slices.Contains(n.Instances, p.instance()) || n.Hops > mostHops:
		return whyLoop
	case n.Spam:
		return whySpam
	}
	return ""
}

// end notes what became of the arrival, unless something went wrong before.
func (p *parcel) end(ctx context.Context, c *record.Call, state, why string, err error) error {
	if err != nil {
		return err
	}
	p.arrival.State, p.arrival.Reason = state, why
	return c.Work.Save(ctx, c, "mail_arrival", "handled", p.arrival)
}

// findMailbox looks for the address of the house among those the message was written to.
func (p *parcel) findMailbox(ctx context.Context, c *record.Call) error {
	for _, to := range p.recipients() {
		box, err := mailboxOf(ctx, c, to)
		if err != nil {
			return err
		}
		if box != nil {
			p.arrival.MailboxID, p.arrival.UnitID = box.ID, box.UnitID
			return nil
		}
	}
	return nil
}

// recipients are all addresses the message was sent to: those of the envelope, of the carriers, of the header.
func (p *parcel) recipients() []string {
	out := append(strings.Fields(p.arrival.Recipient), p.mail.Delivered...)
	for _, a := range slices.Concat(p.mail.To, p.mail.Cc) {
		out = append(out, a.Mail)
	}
	return out[:min(len(out), 100)]
}

// seenBefore reports whether a copy of the message was handled already, as it comes to two mailboxes.
func (p *parcel) seenBefore(ctx context.Context, c *record.Call) (bool, error) {
	if p.arrival.MessageID == "" || p.arrival.Released {
		return false, nil
	}
	f := record.All(record.Where("message_id", p.arrival.MessageID), record.Where("digest", p.arrival.Digest),
		record.Filter{Field: "id", Op: field.Ne, Value: p.arrival.ID}, record.Filter{Field: "state", Op: field.Ne, Value: Received})
	list, err := c.Work.Find(ctx, c, "mail_arrival", f, 1)
	return len(list) > 0, err
}

// rule is the first rule that fits, or one that says nothing.
func (p *parcel) rule(ctx context.Context, c *record.Call) (*Rule, error) {
	list, err := record.Find[Rule](ctx, c, "mail_rule", record.Where("active", true), 200)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b *Rule) int { return int(a.Position - b.Position) })
	for _, r := range list {
		if r.fits(p.arrival.MailboxID, p.mail) {
			return r, nil
		}
	}
	return &Rule{Treatment: "open"}, nil
}

// open makes a case of the message. From is the number of a case that was put away, of which this is the continuation.
func (p *parcel) open(ctx context.Context, c *record.Call, rule *Rule, from string) error {
	if !p.arrival.Released {
		if many, err := p.floods(ctx, c); err != nil || many {
			return p.end(ctx, c, Held, whyFlood, err)
		}
	}
	l := Letter{
		Subject: p.subject(), Text: p.mail.Text, FromName: p.arrival.FromName, FromMail: p.arrival.FromMail, ReceivedAt: p.arrival.ArrivedAt,
		Kind: rule.Kind, CategoryID: rule.CategoryID, UnitID: rule.ToUnitID, SourceRef: from,
	}
	if p.arrival.MailboxID != 0 {
		box, err := record.Load[Mailbox](ctx, c, "mailbox", p.arrival.MailboxID)
		if err != nil {
			return err
		}
		l.sortedBy(box)
	}
	var err error
	if l.CustomerID, _, err = p.sender(ctx, c); err != nil {
		return err
	}
	id, err := p.Cases.Open(ctx, c, l)
	if err != nil {
		return err
	}
	return p.file(ctx, c, id, true)
}

// sortedBy fills what no rule has said from the mailbox.
func (l *Letter) sortedBy(box *Mailbox) {
	if l.Kind == "" {
		l.Kind = box.Kind
	}
	if l.CategoryID == 0 && l.UnitID == 0 {
		l.CategoryID = box.CategoryID
	}
	if l.CategoryID == 0 && l.UnitID == 0 {
		l.UnitID = box.UnitID
	}
}

// floods reports whether the sender opened many cases within the hour: a program that has gone wild, or somebody who
// means harm.
func (p *parcel) floods(ctx context.Context, c *record.Call) (bool, error) {
	f := record.All(record.Where("from_mail", p.arrival.FromMail), record.Where("state", Filed),
		record.Filter{Field: "arrived_at", Op: field.Gt, Value: c.Now.Add(-time.Hour)})
	list, err := record.Find[Arrival](ctx, c, "mail_arrival", f, 200)
	if err != nil || p.arrival.FromMail == "" {
		return false, err
	}
	cases := map[record.ID]bool{}
	for _, a := range list {
		cases[a.CaseID] = true
	}
	return len(cases) >= floodCases, nil
}

// subject is never empty: a case needs a name.
func (p *parcel) subject() string {
	if s := bareSubject(p.mail.Subject); s != "" {
		return s
	}
	if s := firstLine(p.mail.Text); s != "" {
		return clip(s, 60)
	}
	return p.NoSubject
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}

func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
