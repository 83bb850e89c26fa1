package casework

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
)

// Letter is a mail as far as a case keeps it. Texts are bounded here; the whole mail is kept by the mail room.
type Letter struct {
	Subject, Text      string
	FromName, FromMail string
	ReceivedAt         time.Time
	CustomerID         record.ID // none where the sender is not known
	Kind               string    // of the new case; empty means inquiry
	CategoryID, UnitID record.ID // none for the usual way
	SourceRef          string    // number of the case it goes on with
}

// caseText and noteText are the longest texts a case and a note take, in characters.
const (
	caseText    = 8000
	noteText    = 8000
	caseSubject = 200
)

// OpenByMail makes a case of a letter, as a consequence of the call.
func OpenByMail(ctx context.Context, c *record.Call, l Letter) (*Case, error) {
	k := &Case{
		State: Received, Kind: l.Kind, Channel: "mail", Urgency: "normal", Severity: "normal", OurFault: "unknown",
		Subject: short(l.Subject, caseSubject), Content: short(l.Text, caseText), ReceivedAt: l.ReceivedAt, ContactName: short(l.FromName, 80),
		CustomerID: l.CustomerID, ContactMail: mailAddress(l.FromMail), CategoryID: l.CategoryID, SourceRef: short(l.SourceRef, 80), Head: record.Head{UnitID: l.UnitID},
	}
	if k.Kind == "" {
		k.Kind = "inquiry"
	}
	if err := c.Work.Insert(ctx, c, "case", k); err != nil {
		return nil, err
	}
	return k, nil
}

// mailAddress is the address as the field keeps it; empty for what is none, since a sender may write anything.
func mailAddress(s string) string {
	v, err := field.Kinds()["email"].Parse(s, &field.Options{})
	if err != nil {
		return ""
	}
	out, _ := v.(string)
	return out
}

func short(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// CustomerWrote puts what the customer wrote into the diary of a case; one that waited for him goes on. It returns the
// case the words went to, which is another one where cases were merged, and none where the case is put away for good.
func CustomerWrote(ctx context.Context, c *record.Call, id record.ID, text string) (*Case, error) {
	var k *Case
	for range 10 { // merged into one that was merged
		found, err := record.Load[Case](ctx, c, "case", id)
		if errs.Is(err, errs.NotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if k = found; k.State != Merged || k.MergedInto == 0 {
			break
		}
		id = k.MergedInto
	}
	if Frozen(k.State) {
		return nil, nil
	}
	if text = strings.TrimSpace(text); text != "" {
		n := &Note{CaseID: k.ID, Kind: "customer", Text: short(text, noteText), At: c.Now}
		if err := c.Work.Insert(ctx, c, "case_note", n); err != nil {
			return nil, err
		}
	}
	if k.State != Awaiting {
		return k, nil
	}
	k.resume()
	return k, c.Work.Save(ctx, c, "case", "customer_replied", k)
}

// resume takes up the work where it was left when the customer was asked.
func (k *Case) resume() {
	if k.State = k.PausedFrom; k.State == "" {
		k.State = Investigating
	}
	k.PausedFrom, k.PausedAt = "", time.Time{}
}

// deliveries are the events of a reply that tell what became of its mail.
func deliveries() map[string]bool {
	return map[string]bool{"delivered": true, "delivery_failed": true, "bounced": true, "delivery_again": true}
}

// ReplyDelivery notes what became of the mail of a reply: sent, failed, bounced or queued again. Clauses may listen to
// case_reply.delivered, delivery_failed, bounced and delivery_again.
func ReplyDelivery(ctx context.Context, c *record.Call, id record.ID, state, why string) error {
	r, err := record.Load[Reply](ctx, c, "case_reply", id)
	if err != nil {
		return err
	}
	event := map[string]string{"sent": "delivered", "failed": "delivery_failed", "bounced": "bounced", "queued": "delivery_again"}[state]
	if r.Delivery == state && r.DeliveryWhy == short(why, 400) {
		return nil
	}
	r.Delivery, r.DeliveryWhy = state, short(why, 400)
	return c.Work.Save(ctx, c, "case_reply", event, r)
}

// addressed finds out where the reply is sent to: the address given, that of the case, that of its customer. Invalid
// (case_reply.no_recipient, case_reply.deliver_by_mail) where there is none or the channel is another.
func (r *Reply) addressed(ctx context.Context, c *record.Call, k *Case) error {
	if r.Channel != "mail" {
		return errs.Of("channel", "case_reply.deliver_by_mail")
	}
	if r.Recipient == "" {
		r.Recipient = k.ContactMail
	}
	if r.Recipient == "" && k.CustomerID != 0 {
		e, err := c.Work.Load(ctx, c, "customer", k.CustomerID)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if reach, ok := e.(reachable); err == nil && ok {
			r.Recipient = reach.MailAddress()
		}
	}
	if r.Recipient == "" {
		return errs.Of("recipient", "case_reply.no_recipient")
	}
	return nil
}

// reachable is what a reply has to know of a customer.
type reachable interface{ MailAddress() string }
