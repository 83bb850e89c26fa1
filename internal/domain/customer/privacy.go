package customer

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// ByConsent is the legal basis that needs a consent of the person (PIPL art. 13 no. 1).
const ByConsent = "consent"

// Disclosure is data of a customer provided to a third party: requested, approved or refused, then carried out. With
// consent as its basis it stands only while a separate consent covers recipient and purpose (PIPL art. 23); any other
// basis must be documented.
type Disclosure struct {
	record.Head
	CustomerID  record.ID `rec:"ref,ref=customer,parent,required,once"`
	Recipient   string    `rec:"text,required,once,max=120,search"`
	Purpose     string    `rec:"enum,required,once,enum=service|marketing|survey|profiling|recording|delivery|payment|credit_check|publication|cross_border|sensitive"`
	Shared      []string  `rec:"multienum,required,once,enum=name|identity|contact|address|contacts|needs|transactions|documents"`
	Explanation string    `rec:"longtext,once,max=2000"`
	LegalBasis  string    `rec:"enum,required,once,enum=consent|contract|legal_duty|emergency|news|public_info|statute"`
	BasisNote   string    `rec:"longtext,once,max=2000"` // law, contract or order of an authority that is the basis
	ConsentID   record.ID `rec:"ref,ref=consent,readonly"`
	Status      string    `rec:"state,enum=requested|approved|refused|done,default=requested"`
	Approver    record.ID `rec:"user,readonly"`
	DecidedAt   time.Time `rec:"time,readonly"`
	Decision    string    `rec:"text,readonly"`
	DisclosedAt time.Time `rec:"time,readonly"`
	HowSent     string    `rec:"text,readonly"`
}

// RightsRequest is a person's request about his data: to see, copy, correct, delete or restrict it, or to withdraw
// consent (PIPL art. 44 to 47).
type RightsRequest struct {
	record.Head
	CustomerID record.ID `rec:"ref,ref=customer,parent,required,once"`
	Kind       string    `rec:"enum,required,enum=see|copy|correct|delete|restrict|withdraw|explain,index"`
	Channel    string    `rec:"enum,enum=phone|mail|visit|web_form|letter|other"`
	ReceivedAt time.Time `rec:"time,once"`
	Content    string    `rec:"longtext,required,max=4000,search"`
	Identified bool      `rec:"bool"` // the person's identity was checked
	Status     string    `rec:"state,enum=open|answered|refused,default=open"`
	Answer     string    `rec:"longtext,readonly,max=4000"`
	AnsweredAt time.Time `rec:"time,readonly"`
}

// DataRequest is another department's request for customer data, granted for a purpose and a time.
type DataRequest struct {
	record.Head
	ForUnit    record.ID   `rec:"unit,required,once"`
	Purpose    string      `rec:"enum,required,once,enum=service|marketing|survey|profiling|recording|delivery|payment|credit_check|publication|cross_border|sensitive"`
	Wanted     []string    `rec:"multienum,required,once,enum=name|identity|contact|address|contacts|needs|transactions|documents"`
	Customers  []record.ID `rec:"refs,ref=customer,required,once,max=200"`
	Content    string      `rec:"longtext,required,max=2000"`
	DueOn      *time.Time  `rec:"date"`
	Status     string      `rec:"state,enum=open|granted|refused,default=open"`
	Decision   string      `rec:"text,readonly"`
	DecidedBy  record.ID   `rec:"user,readonly"`
	ValidUntil *time.Time  `rec:"date,readonly"`
}

// DataIncident is a leak or loss of customer data with what was done about it (PIPL art. 57).
type DataIncident struct {
	record.Head
	Subject      string      `rec:"text,required,max=200,search"`
	Content      string      `rec:"longtext,required,max=8000,search"`
	FoundAt      time.Time   `rec:"time"`
	Customers    []record.ID `rec:"refs,ref=customer,max=200"`
	Affected     *int64      `rec:"number,min=0"`
	Status       string      `rec:"state,enum=open|contained|closed,default=open"`
	Assessment   string      `rec:"longtext,readonly,max=4000"` // risk for the persons concerned
	AssessedAt   time.Time   `rec:"time,readonly"`
	AssessedBy   record.ID   `rec:"user,readonly"`
	Containment  string      `rec:"longtext,readonly,max=4000"`
	ContainedAt  time.Time   `rec:"time,readonly"`
	Notification string      `rec:"enum,readonly,enum=persons|authority|both|none"`
	NotifyReason string      `rec:"longtext,readonly,max=2000"`
	NotifiedAt   time.Time   `rec:"time,readonly"`
}

// Verdict is the input of decisions on a request.
type Verdict struct {
	Decision string `rec:"text,max=200"`
}

// Refusal is the input of refusing a request.
type Refusal struct {
	Decision string `rec:"text,required,max=200"`
}

// Sending is the input of carrying a disclosure out.
type Sending struct {
	HowSent string `rec:"text,required,max=200"`
}

// Reply is the input of answering a request about data.
type Reply struct {
	Answer string `rec:"longtext,required,max=4000"`
}

// Granting is the input of granting a request of another department.
type Granting struct {
	ValidUntil *time.Time `rec:"date,required"`
	Decision   string     `rec:"text,max=200"`
}

// Containing is the input of containing an incident.
type Containing struct {
	Containment string `rec:"longtext,required,max=4000"`
}

// Assessing is the input of judging the risk of an incident.
type Assessing struct {
	Assessment string `rec:"longtext,required,max=4000"`
	Affected   *int64 `rec:"number,min=0"`
}

// Notifying is the input of closing an incident: whom to tell, and why so.
type Notifying struct {
	Notification string    `rec:"enum,required,enum=persons|authority|both|none"`
	NotifyReason string    `rec:"longtext,required,max=2000"`
	NotifiedAt   time.Time `rec:"time"`
}

func (r room) privacy() []*record.Type {
	requested, open := []string{"requested"}, []string{"open"}
	return []*record.Type{
		record.Declare[Consent](record.Spec{
			Name: "consent", Plural: "consents", Room: "customer", Prefix: "CST", Icon: "shield-check", Title: "purpose",
			List:    []string{"purpose", "customer_id", "recipient", "channels", "given_at", "status"},
			Without: []string{record.Archive, record.Restore, record.Assign},
			Actions: []*record.Action{record.Act("withdraw", record.ActionSpec{From: []string{Given}, To: Withdrawn, Primary: true, Icon: "shield-x"}, withdraw)},
			Prepare: prepareConsent,
		}),
		record.Declare[Disclosure](record.Spec{
			Name: "disclosure", Plural: "disclosures", Room: "customer", Prefix: "DS", Icon: "share", Title: "recipient",
			List: []string{"recipient", "customer_id", "purpose", "legal_basis", "status", "decided_at"},
			Actions: []*record.Action{
				record.Act("approve", record.ActionSpec{From: requested, To: "approved", Primary: true, Icon: "check"}, approveDisclosure),
				record.Act("refuse", record.ActionSpec{From: requested, To: "refused", Icon: "x"}, refuseDisclosure),
				record.Act("carry_out", record.ActionSpec{From: []string{"approved"}, To: "done", Primary: true, Icon: "send"}, carryOut),
			},
			Prepare: prepareDisclosure, Without: []string{record.Archive, record.Restore},
		}),
		record.Declare[RightsRequest](record.Spec{
			Name: "rights_request", Plural: "rights_requests", Room: "customer", Prefix: "RR", Icon: "user-question", Title: "content",
			List: []string{"content", "customer_id", "kind", "received_at", "status"},
			Actions: []*record.Action{
				record.Act("answer", record.ActionSpec{From: open, To: "answered", Primary: true, Icon: "check"}, answerRights),
				record.Act("refuse", record.ActionSpec{From: open, To: "refused", Icon: "x"}, answerRights),
			},
			Prepare: prepareRights,
		}),
		record.Declare[DataRequest](record.Spec{
			Name: "data_request", Plural: "data_requests", Room: "customer", Prefix: "DQ", Icon: "file-search", Title: "content",
			List: []string{"content", "for_unit", "purpose", "due_on", "status"},
			Actions: []*record.Action{
				record.Act("grant", record.ActionSpec{From: open, To: "granted", Primary: true, Icon: "check"}, grantData),
				record.Act("refuse", record.ActionSpec{From: open, To: "refused", Icon: "x"}, refuseData),
			},
		}),
		record.Declare[DataIncident](record.Spec{
			Name: "data_incident", Plural: "data_incidents", Room: "customer", Prefix: "DI", Icon: "alert-triangle", Title: "subject",
			List: []string{"subject", "found_at", "affected", "status", "notification"},
			Actions: []*record.Action{
				record.Act("contain", record.ActionSpec{From: open, To: "contained", Primary: true, Icon: "lock"}, containIncident),
				record.Act("assess", record.ActionSpec{From: []string{"open", "contained"}, Icon: "scale"}, assessIncident),
				record.Act("close", record.ActionSpec{From: []string{"contained"}, To: "closed", Primary: true, Icon: "check"}, closeIncident),
			},
			Prepare: prepareIncident, Without: []string{record.Archive, record.Restore},
		}),
	}
}

// lawful finds what permits the disclosure at the instant: a consent, or a documented other basis. The error names what
// is missing.
func lawful(ctx context.Context, c *record.Call, d *Disclosure) error {
	if d.LegalBasis != ByConsent {
		if d.BasisNote == "" {
			return errs.Of("basis_note", "disclosure.no_basis_note")
		}
		return nil
	}
	if d.CustomerID == 0 || d.Recipient == "" || d.Purpose == "" {
		return nil // validation names the missing field
	}
	consent, err := Permitted(ctx, c, d.CustomerID, Use{Purpose: d.Purpose, Recipient: d.Recipient, At: c.Now})
	if err != nil {
		return err
	}
	if consent == nil {
		return errs.New(errs.Conflict, "disclosure.no_consent."+d.Purpose).With("recipient", d.Recipient)
	}
	d.ConsentID = consent.ID
	return nil
}

// prepareDisclosure refuses a request that nothing permits.
func prepareDisclosure(ctx context.Context, c *record.Call) error {
	if c.Before != nil {
		return nil
	}
	return lawful(ctx, c, c.Record.(*Disclosure))
}

func approveDisclosure(ctx context.Context, c *record.Call, d *Disclosure, in *Verdict) error {
	if err := lawful(ctx, c, d); err != nil {
		return err
	}
	d.Approver, d.DecidedAt, d.Decision = c.Actor().UserID, c.Now, in.Decision
	return nil
}

func refuseDisclosure(_ context.Context, c *record.Call, d *Disclosure, in *Refusal) error {
	d.Approver, d.DecidedAt, d.Decision = c.Actor().UserID, c.Now, in.Decision
	return nil
}

// carryOut looks at the consent once more: it may have been withdrawn since the approval.
func carryOut(ctx context.Context, c *record.Call, d *Disclosure, in *Sending) error {
	if err := lawful(ctx, c, d); err != nil {
		return err
	}
	d.DisclosedAt, d.HowSent = c.Now, in.HowSent
	return nil
}

func prepareRights(_ context.Context, c *record.Call) error {
	if r := c.Record.(*RightsRequest); r.ReceivedAt.IsZero() {
		r.ReceivedAt = c.Now
	}
	return nil
}

func answerRights(_ context.Context, c *record.Call, r *RightsRequest, in *Reply) error {
	r.Answer, r.AnsweredAt = in.Answer, c.Now
	return nil
}

// grantData refuses the use of data for advertising where a customer of the request did not agree to it; use inside the
// company stays within the purpose the customer was told of (PIPL art. 6).
func grantData(ctx context.Context, c *record.Call, r *DataRequest, in *Granting) error {
	if in.ValidUntil.Before(day(c.Now)) {
		return errs.Of("valid_until", "customer.past")
	}
	if has([]string{"marketing", "profiling", "sensitive"}, r.Purpose) {
		for _, id := range r.Customers {
			consent, err := Permitted(ctx, c, id, Use{Purpose: r.Purpose, At: c.Now})
			if err != nil {
				return err
			}
			if consent == nil {
				return withoutConsent(ctx, c, id, r.Purpose)
			}
		}
	}
	r.DecidedBy, r.Decision, r.ValidUntil = c.Actor().UserID, in.Decision, in.ValidUntil
	return nil
}

// withoutConsent names the customer by number, which is no personal data.
func withoutConsent(ctx context.Context, c *record.Call, id record.ID, purpose string) error {
	cust, err := record.Load[Customer](ctx, c, "customer", id)
	if err != nil {
		return err
	}
	return errs.New(errs.Conflict, "data_request.no_consent."+purpose).With("customer", cust.Number)
}

func refuseData(_ context.Context, c *record.Call, r *DataRequest, in *Refusal) error {
	r.DecidedBy, r.Decision = c.Actor().UserID, in.Decision
	return nil
}

func prepareIncident(_ context.Context, c *record.Call) error {
	if r := c.Record.(*DataIncident); r.FoundAt.IsZero() {
		r.FoundAt = c.Now
	}
	return nil
}

func containIncident(_ context.Context, c *record.Call, r *DataIncident, in *Containing) error {
	r.Containment, r.ContainedAt = in.Containment, c.Now
	return nil
}

// assessIncident may be done before or after containing, as the incident allows, and again as more is known.
func assessIncident(_ context.Context, c *record.Call, r *DataIncident, in *Assessing) error {
	r.Assessment, r.AssessedAt, r.AssessedBy = in.Assessment, c.Now, c.Actor().UserID
	if in.Affected != nil {
		r.Affected = in.Affected
	}
	return nil
}

func closeIncident(_ context.Context, c *record.Call, r *DataIncident, in *Notifying) error {
	if in.Notification != "none" && in.NotifiedAt.IsZero() {
		return errs.Of("notified_at", "field.required").With("field", "notified_at")
	}
	r.Notification, r.NotifyReason, r.NotifiedAt = in.Notification, in.NotifyReason, in.NotifiedAt
	return nil
}
