package customer

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Classify is the input of a dated decision about the classes; a class left empty stays as it is.
type Classify struct {
	Intent     string     `rec:"enum,enum=priority|ordinary|potential"`
	Scale      string     `rec:"enum,enum=large|medium|small"`
	Grade      string     `rec:"enum,enum=a|b|c|d"`
	Reason     string     `rec:"longtext,required,max=1000"` // criteria and evidence
	NextReview *time.Time `rec:"date"`                       // by the care rule where empty
}

// Appointment is the input of making a customer a key account.
type Appointment struct {
	ResourcePlan string `rec:"longtext,max=4000"`
	PlanHours    *int64 `rec:"number,min=0"`
	PlanBudget   *int64 `rec:"money,min=0"`
	Reason       string `rec:"text,required,max=200"`
}

// Verification is the input of confirming the file; what was wrong is corrected before.
type Verification struct {
	Note        string `rec:"longtext,max=1000"`
	ClearDoubts bool   `rec:"bool"` // mail and telephone were tried and are right
}

// Doubt is the input of marking mail or telephone as doubtful, and of taking the mark away.
type Doubt struct {
	What string `rec:"enum,required,enum=mail|phone"`
	Note string `rec:"text,max=200"`
}

// Arrival is the input of one more channel through which the customer came in.
type Arrival struct {
	Channel string `rec:"enum,required,enum=phone|mail|visit|web_form|event|survey|import|referral|social|order|public_register|other"`
	Note    string `rec:"text,max=200"`
}

// stageActions move a customer through its stages. What must be complete before is for clauses to say.
func stageActions() []*record.Action {
	move := func(_ context.Context, c *record.Call, r *Customer, in *Why) error {
		r.StageReason, r.StageAt = in.Reason, c.Now
		return nil
	}
	activate := func(_ context.Context, c *record.Call, r *Customer, _ *record.None) error {
		r.StageReason, r.StageAt = "", c.Now
		return nil
	}
	return []*record.Action{
		record.Act("activate", record.ActionSpec{From: []string{Lead}, To: Active, Primary: true, Icon: "player-play"}, activate),
		record.Act("dormant", record.ActionSpec{From: []string{Active}, To: Dormant, Icon: "moon"}, move),
		record.Act("lose", record.ActionSpec{From: []string{Lead, Active, Dormant}, To: Lost, Danger: true, Icon: "user-minus"}, move),
		record.Act("reactivate", record.ActionSpec{From: []string{Dormant, Lost}, To: Active, Primary: true, Icon: "player-play"}, move),
	}
}

// fileActions keep the file of a customer.
func fileActions() []*record.Action {
	return []*record.Action{
		record.Act("verify", record.ActionSpec{Primary: true, Icon: "clipboard-check"}, verify),
		record.Act("classify", record.ActionSpec{Icon: "category"}, classify),
		record.Act("appoint_key", record.ActionSpec{Icon: "key"}, appointKey),
		record.Act("dismiss_key", record.ActionSpec{Icon: "key-off"}, dismissKey),
		record.Act("flag", flagSpec(), flagCustomer),
		record.Act("clear_flag", clearSpec(), clearCustomer),
		record.Act("add_source", record.ActionSpec{Icon: "door-enter"}, addSource),
	}
}

func flagSpec() record.ActionSpec  { return record.ActionSpec{Icon: "flag"} }
func clearSpec() record.ActionSpec { return record.ActionSpec{Icon: "flag-off"} }

func verify(_ context.Context, c *record.Call, r *Customer, in *Verification) error {
	r.LastVerified, r.VerifiedBy, r.VerifyNote = today(c.Now), c.Actor().UserID, in.Note
	if in.ClearDoubts {
		r.MailDoubtful, r.PhoneDoubtful, r.DoubtNote = false, false, ""
	}
	return nil
}

// classify confirms or changes the classes; settling writes the history.
func classify(_ context.Context, c *record.Call, r *Customer, in *Classify) error {
	if in.Intent == "" && in.Scale == "" && in.Grade == "" && r.Intent == "" && r.Scale == "" && r.Grade == "" {
		return errs.Of("intent", "customer.no_class")
	}
	for _, p := range []struct{ to, from *string }{{&r.Intent, &in.Intent}, {&r.Scale, &in.Scale}, {&r.Grade, &in.Grade}} {
		if *p.from != "" {
			*p.to = *p.from
		}
	}
	r.ClassReason, r.ClassifiedBy, r.AssessedOn = in.Reason, c.Actor().UserID, today(c.Now)
	if in.NextReview != nil {
		if !in.NextReview.After(*r.AssessedOn) {
			return errs.Of("next_review", "customer.past")
		}
		r.NextAssessment = in.NextReview
	}
	return nil
}

func appointKey(_ context.Context, c *record.Call, r *Customer, in *Appointment) error {
	if !r.KeyAccount {
		r.KeyAccount, r.KeySince = true, today(c.Now)
	}
	r.ResourcePlan, r.PlanHours, r.PlanBudget = in.ResourcePlan, in.PlanHours, in.PlanBudget
	return nil
}

func dismissKey(_ context.Context, _ *record.Call, r *Customer, _ *Why) error {
	if !r.KeyAccount {
		return errs.New(errs.Conflict, "customer.no_key")
	}
	r.KeyAccount, r.KeySince = false, nil
	return nil
}

// doubts are the marks of a customer or a contact.
type doubts struct {
	mail, phone       *bool
	note              *string
	hasMail, hasPhone bool
}

func (r *Customer) doubts() doubts {
	return doubts{&r.MailDoubtful, &r.PhoneDoubtful, &r.DoubtNote, r.Mail != "", r.Mobile != "" || r.Phone != ""}
}

func (r *Contact) doubts() doubts {
	return doubts{&r.MailDoubtful, &r.PhoneDoubtful, &r.DoubtNote, r.Mail != "", r.Mobile != "" || r.Phone != ""}
}

func (d doubts) set(in *Doubt) error {
	switch {
	case in.What == "mail" && !d.hasMail, in.What == "phone" && !d.hasPhone:
		return errs.Of("what", "customer.nothing_to_doubt")
	case in.What == "mail":
		*d.mail = true
	default:
		*d.phone = true
	}
	*d.note = in.Note
	return nil
}

func (d doubts) clear(in *Doubt) {
	if in.What == "mail" {
		*d.mail = false
	} else {
		*d.phone = false
	}
	*d.note = in.Note
}

func flagCustomer(_ context.Context, _ *record.Call, r *Customer, in *Doubt) error {
	return r.doubts().set(in)
}
func flagContact(_ context.Context, _ *record.Call, r *Contact, in *Doubt) error {
	return r.doubts().set(in)
}

func clearCustomer(_ context.Context, _ *record.Call, r *Customer, in *Doubt) error {
	r.doubts().clear(in)
	return nil
}

func clearContact(_ context.Context, _ *record.Call, r *Contact, in *Doubt) error {
	r.doubts().clear(in)
	return nil
}

func addSource(ctx context.Context, c *record.Call, r *Customer, in *Arrival) error {
	return c.Work.Insert(ctx, c, "source_entry", &SourceEntry{
		CustomerID: r.ID, Channel: in.Channel, EnteredAt: c.Now, EnteredBy: c.Actor().UserID, Remarks: in.Note,
	})
}
