package interaction

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
)

// written lists the channels that carry electronic messages.
func written(channel string) bool { return channel == SMS || channel == Mail || channel == Wechat }

// Advertises reports whether the interaction is advertising sent to the customer.
func (i *Interaction) Advertises() bool {
	return i.Direction == Out && i.Kind == "marketing" && written(i.Channel)
}

// Sends reports whether the company sent a message that the person may have declined. Notices the law demands, such as a
// recall, are sent all the same.
func (i *Interaction) Sends() bool {
	return i.Direction == Out && i.Kind != "notice" && (written(i.Channel) || i.Channel == Call && i.Kind == "marketing")
}

// TwoWay reports whether both sides spoke: it counts as contact.
func (i *Interaction) TwoWay() bool {
	return i.Result == Reached || i.Result == "answered" || i.Result == "refused"
}

// subjectLength is how much of the summary stands for a subject that was not given.
const subjectLength = 40

// title returns the subject, or the beginning of what was said.
func (i *Interaction) title() string {
	for _, s := range []string{i.Subject, i.Summary, i.NeedFound, i.Feedback} {
		if s == "" {
			continue
		}
		r := []rune(s)
		for n, c := range r {
			if c == '\n' || n == subjectLength {
				return string(r[:n])
			}
		}
		return s
	}
	return ""
}

// consistent refuses what cannot have happened.
func (i *Interaction) consistent(now time.Time) error {
	var faults []*errs.Error
	if i.At.After(now) {
		faults = append(faults, errs.Of("at", "interaction.future"))
	}
	if !i.LeftAt.IsZero() && i.LeftAt.Before(i.ArrivedAt) {
		faults = append(faults, errs.Of("left_at", "interaction.left_before"))
	}
	if (i.PromiseText == "") != i.PromiseDue.IsZero() {
		faults = append(faults, errs.Of("promise_due", "interaction.promise_incomplete"))
	}
	if i.PromiseText != "" && i.CustomerID == 0 {
		faults = append(faults, errs.Of("customer_id", "interaction.promise_to_nobody"))
	}
	return errs.Collect(faults)
}

// prepareInteraction fills the defaults of a quick entry and refuses unlawful messages.
func (r room) prepareInteraction(ctx context.Context, c *record.Call) error {
	i := c.Record.(*Interaction)
	if c.Before == nil {
		if i.At.IsZero() {
			i.At = c.Now
		}
		if i.OwnerID == 0 {
			i.OwnerID = c.Actor().UserID
		}
		if _, given := c.Values["result"]; !given && i.Result == Reached && i.Direction == Out && written(i.Channel) {
			i.Result = "sent" // a message is no conversation until it is answered
		}
	}
	i.Subject = i.title()
	if err := i.consistent(c.Now); err != nil {
		return err
	}
	if err := r.ofCustomer(ctx, c, i); err != nil {
		return err
	}
	if before, ok := c.Before.(*Interaction); ok && sameMessage(before, i) {
		return nil
	}
	return r.lawful(ctx, c, i)
}

// sameMessage reports whether nothing changed that lawfulness hangs on.
func sameMessage(a, b *Interaction) bool {
	return a.Channel == b.Channel && a.Direction == b.Direction && a.Kind == b.Kind && a.CustomerID == b.CustomerID && a.ContactID == b.ContactID
}

// ofCustomer refuses a contact of another customer.
func (r room) ofCustomer(ctx context.Context, c *record.Call, i *Interaction) error {
	if i.ContactID == 0 {
		return nil
	}
	list, err := c.Work.Find(ctx, c, "contact", record.All(record.Where("id", i.ContactID), record.Where("customer_id", i.CustomerID)), 1)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.Of("contact_id", "interaction.other_contact")
	}
	return nil
}

// lawful refuses messages by a declined channel, and advertising without consent for this purpose and channel.
func (r room) lawful(ctx context.Context, c *record.Call, i *Interaction) error {
	if i.CustomerID == 0 || !i.Sends() {
		return nil
	}
	declined := []struct {
		typ, field, key string
		id              record.ID
	}{
		{"contact", "opted_out", "interaction.contact_opted_out.", i.ContactID},
		{"customer", "forbidden_channels", "interaction.channel_forbidden.", i.CustomerID},
	}
	for _, d := range declined {
		if d.id == 0 {
			continue
		}
		list, err := c.Work.Find(ctx, c, d.typ, record.All(record.Where("id", d.id), record.Filter{Field: d.field, Op: field.Has, Value: i.Channel}), 1)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			return errs.New(errs.Conflict, d.key+i.Channel)
		}
	}
	if !i.Advertises() {
		return nil
	}
	return consented(ctx, c, i)
}

// consented looks for a valid consent to advertising by the channel, of the customer or of this contact.
func consented(ctx context.Context, c *record.Call, i *Interaction) error {
	today := day(i.At)
	leaf := func(name string, op field.Op, v any) record.Filter {
		return record.Filter{Field: name, Op: op, Value: v}
	}
	f := record.All(
		record.Where("customer_id", i.CustomerID), record.Where("purpose", "marketing"), record.Where("status", "given"),
		leaf("recipient", field.Empty, nil), leaf("given_at", field.Le, i.At),
		record.Filter{Or: []record.Filter{leaf("expires_on", field.Empty, nil), leaf("expires_on", field.Ge, today)}},
		record.Filter{Or: []record.Filter{leaf("channels", field.Empty, nil), leaf("channels", field.Has, i.Channel)}},
		record.Filter{Or: []record.Filter{leaf("contact_id", field.Empty, nil), record.Where("contact_id", i.ContactID)}},
	)
	list, err := c.Work.Find(ctx, c, "consent", f, 1)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.New(errs.Conflict, "interaction.no_consent."+i.Channel)
	}
	return nil
}

// day is the civil date of an instant in China, held as midnight UTC like every date of a record.
func day(at time.Time) time.Time {
	y, m, d := at.In(time.FixedZone("CST", 8*60*60)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
