package confidential

import (
	"context"
	"slices"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// The classes of secrecy, from the lowest.
const (
	Open         = "open"
	Internal     = "internal"
	Confidential = "confidential"
	Secret       = "secret"
)

// Document is a paper or file of the company. Files are attached to it; the original on paper has a place.
type Document struct {
	record.Head
	Title      string      `rec:"text,required,max=200,name"`
	Kind       string      `rec:"enum,required,enum=plan|contract|quote|report|finance|rule|price_list|customer_file|org_chart|minutes|other,default=other,index"`
	Secrecy    string      `rec:"enum,required,enum=open|internal|confidential|secret,default=internal,index"`
	HomeID     record.ID   `rec:"unit"` // department it belongs to, whatever its class
	CustomerID record.ID   `rec:"ref,ref=customer,index"`
	Site       string      `rec:"text,max=120"` // customer's site it is about
	Content    string      `rec:"longtext,max=8000"`
	Place      string      `rec:"text,max=120"` // where the paper is kept
	KeepUntil  *time.Time  `rec:"date"`
	Readers    []record.ID `rec:"refs,ref=user,readonly,own,max=500"` // people with an authorisation in force
	State      string      `rec:"state,enum=filed|lent|withdrawn,default=filed"`
	Borrower   record.ID   `rec:"user,readonly,own"`
	LentAt     time.Time   `rec:"time,readonly"`
	DueOn      *time.Time  `rec:"date,readonly,index"`
	Downloads  int64       `rec:"number,readonly"`
	SharedWith string      `rec:"text,readonly,max=200"` // last recipient
	Withdrawal string      `rec:"text,readonly,max=400"`
}

// Classed reports whether only those who need to know may see the document.
func (d *Document) Classed() bool { return d.Secrecy == Confidential || d.Secrecy == Secret }

// Purpose is the input of what needs a purpose.
type Purpose struct {
	Purpose string `rec:"text,required,max=200"`
}

// Sharing is the input of handing a document on.
type Sharing struct {
	Recipient string `rec:"text,required,max=120"`
	Purpose   string `rec:"text,required,max=200"`
	Outside   bool   `rec:"bool"` // the recipient is not of the company
}

// Lending is the input of taking paper out.
type Lending struct {
	DueOn *time.Time `rec:"date,required"`
}

// Why is the input of actions that need a reason.
type Why struct {
	Reason string `rec:"text,required,max=400"`
}

func documentType() *record.Type {
	present := []string{"filed", "lent"}
	return record.Declare[Document](record.Spec{
		Name: "document", Plural: "documents", Room: "workbench", Prefix: "DOC", Icon: "file-text", Title: "title", NoUnit: true, LogReads: true,
		List: []string{"title", "kind", "secrecy", "home_id", "state", "due_on", "owner_id"}, Prepare: prepareDocument,
		Actions: []*record.Action{
			record.Act("download", record.ActionSpec{From: present, Primary: true, Icon: "download"},
				func(_ context.Context, _ *record.Call, d *Document, _ *Purpose) error { d.Downloads++; return nil }),
			record.Act("share", record.ActionSpec{From: present, Icon: "share"},
				func(_ context.Context, _ *record.Call, d *Document, in *Sharing) error {
					d.SharedWith = in.Recipient
					return nil
				}),
			record.Act("borrow", record.ActionSpec{From: []string{"filed"}, To: "lent", Icon: "hand-grab"}, borrow),
			record.Act("give_back", record.ActionSpec{From: []string{"lent"}, To: "filed", Icon: "arrow-back-up"}, giveBack),
			record.Act("withdraw", record.ActionSpec{From: []string{"filed"}, To: "withdrawn", Danger: true, Icon: "archive"},
				func(_ context.Context, _ *record.Call, d *Document, in *Why) error {
					d.Withdrawal = in.Reason
					return nil
				}),
		},
	})
}

// prepareDocument keeps a classed document out of every unit's reach.
func prepareDocument(_ context.Context, c *record.Call) error {
	d := c.Record.(*Document)
	if d.OwnerID == 0 {
		d.OwnerID = c.Actor().UserID
	}
	if d.HomeID == 0 {
		d.HomeID = c.Actor().Unit()
	}
	d.UnitID = d.HomeID
	if d.Classed() {
		d.UnitID = 0
	}
	return nil
}

func borrow(_ context.Context, c *record.Call, d *Document, in *Lending) error {
	if in.DueOn.Before(today(c.Now)) {
		return errs.Of("due_on", "document.past")
	}
	d.Borrower, d.LentAt, d.DueOn = c.Actor().UserID, c.Now, in.DueOn
	return nil
}

func giveBack(_ context.Context, _ *record.Call, d *Document, _ *record.None) error {
	d.Borrower, d.LentAt, d.DueOn = 0, time.Time{}, nil
	return nil
}

// admit lets a person see the document, or no more.
func (d *Document) admit(person record.ID, in bool) {
	d.Readers = slices.DeleteFunc(slices.Clone(d.Readers), func(id record.ID) bool { return id == person })
	if in {
		d.Readers = append(d.Readers, person)
	}
}

// today is the civil date in China, as dates are kept: midnight UTC.
func today(now time.Time) time.Time {
	y, m, d := now.In(time.FixedZone("CST", 8*60*60)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
