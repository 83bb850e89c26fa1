package confidential

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// The states of what is requested and approved for a time.
const (
	Requested = "requested"
	Approved  = "approved"
	Declined  = "declined"
	Ended     = "ended"
)

// Authorisation lets a person see a document, or a recipient outside get it, for a purpose until a day. It ends by
// itself after that day.
type Authorisation struct {
	record.Head
	DocumentID record.ID  `rec:"ref,ref=document,required,once,index"`
	PersonID   record.ID  `rec:"user,once,own,index"`
	Recipient  string     `rec:"text,once,max=120,search"` // outside of the company, instead of a person
	Purpose    string     `rec:"text,required,once,max=200,search"`
	EndsOn     *time.Time `rec:"date,required,once,index"` // last day
	State      string     `rec:"state,enum=requested|approved|declined|ended,default=requested"`
	Approver   record.ID  `rec:"user,readonly"`
	DecidedAt  time.Time  `rec:"time,readonly"`
	Decision   string     `rec:"text,readonly,max=200"`
}

// ExportApproval lets a person export rows of a type for a purpose until a day.
type ExportApproval struct {
	record.Head
	Subject   string     `rec:"text,required,once,max=40,index"` // name of the record type
	PersonID  record.ID  `rec:"user,once,own,index"`             // who exports; the one who asks where empty
	Purpose   string     `rec:"text,required,once,max=200,search"`
	Rows      int64      `rec:"number,required,once,min=1,top=1000000"`
	EndsOn    *time.Time `rec:"date,required,once,index"` // last day
	State     string     `rec:"state,enum=requested|approved|declined|ended,default=requested"`
	Approver  record.ID  `rec:"user,readonly"`
	DecidedAt time.Time  `rec:"time,readonly"`
	Decision  string     `rec:"text,readonly,max=200"`
}

// Verdict is the input of a decision on a request.
type Verdict struct {
	Decision string `rec:"text,required,max=200"`
}

func permitTypes() []*record.Type {
	requested := []string{Requested}
	return []*record.Type{
		record.Declare[Authorisation](record.Spec{
			Name: "authorisation", Plural: "authorisations", Room: "workbench", Prefix: "AU", Icon: "key", Title: "purpose",
			List: []string{"purpose", "document_id", "person_id", "recipient", "ends_on", "state"}, Prepare: prepareAuthorisation,
			Without: []string{record.Archive, record.Restore},
			Actions: []*record.Action{
				record.Act("approve", record.ActionSpec{From: requested, To: Approved, Primary: true, Icon: "check"}, approveAuthorisation),
				record.Act("decline", record.ActionSpec{From: requested, To: Declined, Icon: "x"}, declineAuthorisation),
				record.Act("end", record.ActionSpec{From: []string{Approved}, To: Ended, Icon: "key-off"}, endAuthorisation),
			},
		}),
		record.Declare[ExportApproval](record.Spec{
			Name: "export_approval", Plural: "export_approvals", Room: "workbench", Prefix: "EX", Icon: "file-export", Title: "purpose",
			List: []string{"purpose", "subject", "rows", "person_id", "ends_on", "state"}, Prepare: prepareExport,
			Without: []string{record.Archive, record.Restore},
			Actions: []*record.Action{
				record.Act("approve", record.ActionSpec{From: requested, To: Approved, Primary: true, Icon: "check"}, decideExport),
				record.Act("decline", record.ActionSpec{From: requested, To: Declined, Icon: "x"}, decideExport),
				record.Act("end", record.ActionSpec{From: []string{Approved}, To: Ended, Icon: "lock"},
					func(context.Context, *record.Call, *ExportApproval, *record.None) error { return nil }),
			},
		}),
	}
}

func prepareAuthorisation(_ context.Context, c *record.Call) error {
	a := c.Record.(*Authorisation)
	if a.OwnerID == 0 {
		a.OwnerID = c.Actor().UserID
	}
	if c.Before != nil {
		return nil
	}
	if (a.PersonID == 0) == (a.Recipient == "") {
		return errs.Of("person_id", "authorisation.one_of")
	}
	return ahead(a.EndsOn, c.Now)
}

func prepareExport(_ context.Context, c *record.Call) error {
	e := c.Record.(*ExportApproval)
	if e.OwnerID == 0 {
		e.OwnerID = c.Actor().UserID
	}
	if e.PersonID == 0 {
		e.PersonID = c.Actor().UserID
	}
	if c.Before != nil {
		return nil
	}
	return ahead(e.EndsOn, c.Now)
}

// ahead refuses a last day that has passed.
func ahead(day *time.Time, now time.Time) error {
	if day != nil && day.Before(today(now)) {
		return errs.Of("ends_on", "document.past")
	}
	return nil
}

// approveAuthorisation is for whoever answers for the document, or stands above; never for the one who asked.
func approveAuthorisation(ctx context.Context, c *record.Call, a *Authorisation, in *Verdict) error {
	if err := another(c, a.CreatedBy, a.PersonID); err != nil {
		return err
	}
	if err := ahead(a.EndsOn, c.Now); err != nil {
		return err
	}
	a.Approver, a.DecidedAt, a.Decision = c.Actor().UserID, c.Now, in.Decision
	return admit(ctx, c, a, true)
}

func declineAuthorisation(_ context.Context, c *record.Call, a *Authorisation, in *Verdict) error {
	a.Approver, a.DecidedAt, a.Decision = c.Actor().UserID, c.Now, in.Decision
	return nil
}

func endAuthorisation(ctx context.Context, c *record.Call, a *Authorisation, _ *record.None) error {
	return admit(ctx, c, a, false)
}

// admit writes into the document who may see it. Another authorisation in force keeps the person in.
func admit(ctx context.Context, c *record.Call, a *Authorisation, in bool) error {
	if a.PersonID == 0 {
		return nil
	}
	if !in {
		more, err := record.Find[Authorisation](ctx, c, "authorisation", record.All(record.Where("document_id", a.DocumentID),
			record.Where("person_id", a.PersonID), record.Where("state", Approved)), 2)
		if err != nil || len(more) > 1 || len(more) == 1 && more[0].ID != a.ID {
			return err
		}
	}
	d, err := record.Load[Document](ctx, c, "document", a.DocumentID)
	if err != nil {
		return err
	}
	d.admit(a.PersonID, in)
	return c.Work.Save(ctx, c, "document", record.Update, d)
}

func decideExport(_ context.Context, c *record.Call, e *ExportApproval, in *Verdict) error {
	if err := another(c, e.CreatedBy, e.PersonID); err != nil {
		return err
	}
	e.Approver, e.DecidedAt, e.Decision = c.Actor().UserID, c.Now, in.Decision
	return nil
}

// another refuses a decision on one's own request.
func another(c *record.Call, people ...record.ID) error {
	for _, p := range people {
		if p != 0 && p == c.Actor().UserID {
			return errs.New(errs.Conflict, "permit.own")
		}
	}
	return nil
}
