package casework

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// ContactNote is the input of note_contact: one attempt to reach the customer.
type ContactNote struct {
	Channel     string    `rec:"enum,required,enum=phone|visit|mail|letter|online|message,default=phone"`
	Result      string    `rec:"enum,required,enum=reached|unreachable|left_message,default=reached"`
	At          time.Time `rec:"time"` // when it was made; empty means now
	Summary     string    `rec:"longtext,max=4000,class=personal"`
	MoodBefore  string    `rec:"enum,enum=calm|worried|upset|angry"`
	MoodAfter   string    `rec:"enum,enum=better|same|worse"`
	CalmingStep string    `rec:"text"`
	NoPromise   bool      `rec:"bool"` // declared: nothing was promised
	Conduct     string    `rec:"text"` // how the talk went, by the one who held it
}

// ArrangementNotice is the input of notify_arrangement: what the customer was told about the handling.
type ArrangementNotice struct {
	Channel         string    `rec:"enum,required,enum=phone|visit|mail|letter|online|message,default=phone"`
	Text            string    `rec:"longtext,required,max=4000"`
	ExpectedOn      time.Time `rec:"date"`
	ContactPersonID record.ID `rec:"user"`
	Confidential    bool      `rec:"bool"` // the customer was told that the matter stays confidential
}

// Deferral is the input of promise: the answer is put off until then, and the customer was told so.
type Deferral struct {
	PromisedAt time.Time `rec:"time,required"`
	Told       string    `rec:"text,max=400"`
}

func workActions() []*record.Action {
	return []*record.Action{
		record.Act("investigate", record.ActionSpec{From: []string{Received, Accepted}, To: Investigating, Primary: true, Icon: "zoom-question"}, investigate),
		record.Act("set_plan", record.ActionSpec{From: OpenStates(), Icon: "map"}, setPlan),
		record.Act("note_contact", record.ActionSpec{From: living(), Primary: true, Icon: "phone"}, noteContact),
		record.Act("notify_arrangement", record.ActionSpec{From: working(), Icon: "calendar-event"}, notifyArrangement),
		record.Act("promise", record.ActionSpec{From: OpenStates(), Icon: "clock-share"}, promise),
		record.Act("ask_customer", record.ActionSpec{From: []string{Received, Accepted, Investigating, Answered}, To: Awaiting, Icon: "message-question"}, askCustomer),
		record.Act("customer_replied", record.ActionSpec{From: []string{Awaiting}, Primary: true, Icon: "message-reply"}, customerReplied),
	}
}

func investigate(ctx context.Context, c *record.Call, k *Case, in *struct {
	Plan string `rec:"longtext,max=4000"`
}) error {
	if err := k.acceptedFirst(); err != nil {
		return err
	}
	k.InvestigatedAt = c.Now
	if in.Plan != "" {
		k.Plan, k.PlannedAt = in.Plan, c.Now
	}
	if k.AcceptedAt.IsZero() {
		return accept(ctx, c, k, &Acceptance{})
	}
	return nil
}

func setPlan(_ context.Context, c *record.Call, k *Case, in *struct {
	Plan          string `rec:"longtext,required,max=4000"`
	ResolutionRef string `rec:"text,max=60"`
}) error {
	k.Plan, k.PlannedAt = in.Plan, c.Now
	if in.ResolutionRef != "" {
		k.ResolutionRef = in.ResolutionRef
	}
	return nil
}

func noteContact(ctx context.Context, c *record.Call, k *Case, in *ContactNote) error {
	at := in.At
	if at.IsZero() {
		at = c.Now
	}
	if at.After(c.Now) {
		return errs.Of("at", "case.in_future")
	}
	return c.Work.Insert(ctx, c, "case_contact", &Contact{
		CaseID: k.ID, Channel: in.Channel, Result: in.Result, At: at, ByUserID: c.Actor().UserID, Summary: in.Summary,
		MoodBefore: in.MoodBefore, MoodAfter: in.MoodAfter, CalmingStep: in.CalmingStep, NoPromise: in.NoPromise, Conduct: in.Conduct,
	})
}

func notifyArrangement(ctx context.Context, c *record.Call, k *Case, in *ArrangementNotice) error {
	k.ArrangementAt, k.Arrangement, k.ExpectedOn = c.Now, in.Text, in.ExpectedOn
	return c.Work.Insert(ctx, c, "case_contact", &Contact{
		CaseID: k.ID, Channel: in.Channel, Result: "reached", At: c.Now, ByUserID: c.Actor().UserID, Summary: in.Text,
		Purpose: "arrangement", ContactPersonID: in.ContactPersonID, Confidential: in.Confidential,
	})
}

func promise(_ context.Context, c *record.Call, k *Case, in *Deferral) error {
	if !in.PromisedAt.After(c.Now) {
		return errs.Of("promised_at", "case.in_past")
	}
	k.PromisedAt, k.PromiseTold = in.PromisedAt, in.Told
	k.DeferralCount++
	return nil
}

// askCustomer stops the company's clocks: the next step is the customer's.
func askCustomer(_ context.Context, c *record.Call, k *Case, in *struct {
	Question string `rec:"longtext,required,max=2000"`
}) error {
	k.PausedFrom, k.PausedAt, k.AskedCustomer = k.State, c.Now, in.Question
	return nil
}

func customerReplied(ctx context.Context, c *record.Call, k *Case, in *struct {
	Text string `rec:"longtext,max=4000,class=personal"`
}) error {
	k.resume()
	if in.Text == "" {
		return nil
	}
	return c.Work.Insert(ctx, c, "case_note", &Note{CaseID: k.ID, Kind: "customer", Text: in.Text, At: c.Now})
}
