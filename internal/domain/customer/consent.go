package customer

import (
	"context"
	"strings"
	"time"
	"unicode"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"

	"golang.org/x/text/unicode/norm"
)

// The states of a consent.
const (
	Given     = "given"
	Withdrawn = "withdrawn"
)

// Consent is what a customer agreed to: a purpose, through certain channels or any, for the company itself or, with a
// recipient, for providing data to that third party (PIPL art. 13, 14, 23). Its terms cannot be changed afterwards; it
// ends by withdrawal (art. 15) or at its date.
type Consent struct {
	record.Head
	CustomerID  record.ID  `rec:"ref,ref=customer,parent,required,once"`
	ContactID   record.ID  `rec:"ref,ref=contact,once"`
	Purpose     string     `rec:"enum,required,once,enum=service|marketing|survey|profiling|recording|delivery|payment|credit_check|publication|cross_border|sensitive,index"`
	Channels    []string   `rec:"multienum,once,enum=call|mail|sms|wechat|visit|letter"` // none means any
	Recipient   string     `rec:"text,once,max=120,search"`                              // third party; none means the company itself
	Separate    bool       `rec:"bool,once"`                                             // asked for on its own, not among other terms
	GivenAt     time.Time  `rec:"time,once"`
	ExpiresOn   *time.Time `rec:"date,once"` // last day
	Evidence    string     `rec:"longtext,required,once,max=2000"`
	EvidenceIn  []string   `rec:"multienum,once,enum=paper|recording|web|chat|mail,max=5"`
	Status      string     `rec:"state,enum=given|withdrawn,default=given"`
	WithdrawnAt time.Time  `rec:"time,readonly"`
	Reason      string     `rec:"text,readonly"`
}

// Use is what personal data is to be used for at an instant.
type Use struct {
	Purpose   string
	Channel   string // "" where no message is sent
	Recipient string // third party; "" for the company itself
	At        time.Time
}

// Covers reports whether the consent permits the use: given before it, not yet withdrawn or expired at it, for the same
// purpose and recipient, and for its channel. Names of recipients are compared without width, case and blanks.
func (r *Consent) Covers(u Use) bool {
	switch {
	case r.Archived(), r.Purpose != u.Purpose, r.GivenAt.After(u.At):
		return false
	case !r.WithdrawnAt.IsZero() && !u.At.Before(r.WithdrawnAt):
		return false
	case r.ExpiresOn != nil && day(u.At).After(*r.ExpiresOn):
		return false
	case fold(r.Recipient) != fold(u.Recipient):
		return false
	}
	return len(r.Channels) == 0 || u.Channel == "" || has(r.Channels, u.Channel)
}

// needsSeparate reports whether PIPL asks for separate consent: provision to others (art. 23), publication (25),
// sensitive data (29), abroad (39).
func (r *Consent) needsSeparate() bool {
	return r.Recipient != "" || has([]string{"publication", "sensitive", "cross_border"}, r.Purpose)
}

// fold makes names comparable.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(s))
}

// Withdrawal is the input of withdraw.
type Withdrawal struct {
	WithdrawnAt time.Time `rec:"time"` // now where empty
	Reason      string    `rec:"text,max=200"`
}

// withdraw ends the consent; PIPL art. 15 allows no condition, so none is asked.
func withdraw(_ context.Context, c *record.Call, r *Consent, in *Withdrawal) error {
	at := in.WithdrawnAt
	if at.IsZero() {
		at = c.Now
	}
	if at.After(c.Now) {
		return errs.Of("withdrawn_at", "customer.future")
	}
	if at.Before(r.GivenAt) {
		return errs.Of("withdrawn_at", "consent.withdrawn_before")
	}
	r.WithdrawnAt, r.Reason = at, in.Reason
	return nil
}

// prepareConsent holds what the law asks of a consent.
func prepareConsent(ctx context.Context, c *record.Call) error {
	r := c.Record.(*Consent)
	if c.Before != nil {
		return nil
	}
	if r.GivenAt.IsZero() {
		r.GivenAt = c.Now
	}
	switch {
	case r.GivenAt.After(c.Now):
		return errs.Of("given_at", "customer.future")
	case r.ExpiresOn != nil && r.ExpiresOn.Before(day(r.GivenAt)):
		return errs.Of("expires_on", "consent.expired_before")
	case r.needsSeparate() && !r.Separate:
		return errs.Of("separate", "consent.not_separate")
	}
	return ofSameCustomer(ctx, c, r.ContactID, r.CustomerID)
}

// ofSameCustomer refuses a contact of another customer.
func ofSameCustomer(ctx context.Context, c *record.Call, contact, customer record.ID) error {
	if contact == 0 {
		return nil
	}
	p, err := record.Load[Contact](ctx, c, "contact", contact)
	if errs.Is(err, errs.NotFound) {
		return errs.Of("contact_id", "field.unknown_ref").With("field", "contact_id").Because(err)
	}
	if err != nil {
		return err
	}
	if p.CustomerID != customer {
		return errs.Of("contact_id", "customer.other_contact")
	}
	return nil
}

// Permitted returns the consent of the customer that covers the use, or nil where there is none.
func Permitted(ctx context.Context, c *record.Call, customer record.ID, u Use) (*Consent, error) {
	var found *Consent
	err := each(ctx, c, "consent", record.All(record.Where("customer_id", customer), record.Where("purpose", u.Purpose)),
		func(r *Consent) bool {
			if r.Covers(u) {
				found = r
			}
			return found == nil
		})
	return found, err
}
