package casework

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// AnswerGiven is the input of answer.
type AnswerGiven struct {
	Text     string      `rec:"longtext,required,max=8000"`
	Channel  string      `rec:"enum,enum=phone|visit|mail|letter|online|message"`
	Articles []record.ID `rec:"refs,ref=knowledge_article,max=20"` // what the answer rests on
}

// Resolution is the input of resolve.
type Resolution struct {
	Solution    string `rec:"longtext,required,max=8000"`
	CauseCode   string `rec:"text,max=40"`
	TrueCause   string `rec:"longtext,max=4000"`
	CauseMethod string `rec:"text"`
}

// WrittenReply is the input of reply: a reply written and sent in one step.
type WrittenReply struct {
	Subject     string    `rec:"text,max=200"`
	Body        string    `rec:"longtext,required,max=8000"`
	Channel     string    `rec:"enum,required,enum=letter|mail|online|message|phone|visit,default=letter"`
	SignatoryID record.ID `rec:"user"`
	Proof       string    `rec:"text,max=200"` // number of the registered letter, id of the mail
	Deliver     bool      `rec:"bool"`         // the program sends it by mail
	Recipient   string    `rec:"email,class=personal"`
}

// Information is the input of inform_customer: the result reached the customer.
type Information struct {
	InformedHow  string    `rec:"enum,required,enum=phone|visit|mail|letter|online|message,default=phone"`
	InformedAt   time.Time `rec:"time"`
	InformedText string    `rec:"longtext,max=2000"`
	Reaction     string    `rec:"text"`
	OralReplyWhy string    `rec:"text"` // why no written reply
}

func answerActions() []*record.Action {
	return []*record.Action{
		record.Act("answer", record.ActionSpec{From: []string{Received, Accepted, Investigating, Answered}, To: Answered, Primary: true, Icon: "message-check"}, answer),
		record.Act("correct_answer", record.ActionSpec{From: done(), Icon: "eraser"}, correctAnswer),
		record.Act("resolve", record.ActionSpec{From: []string{Received, Accepted, Investigating, Answered, Informed}, Primary: true, Icon: "circle-check"}, resolve),
		record.Act("reply", record.ActionSpec{From: []string{Received, Accepted, Investigating, Answered, Informed}, To: Answered, Primary: true, Icon: "mail-forward"}, reply),
		record.Act("inform_customer", record.ActionSpec{From: []string{Received, Accepted, Investigating, Answered}, To: Informed, Primary: true, Icon: "speakerphone"}, informCustomer),
		record.Act("agree", record.ActionSpec{From: OpenStates(), Icon: "thumb-up"}, agree),
		record.Act("disagree", record.ActionSpec{From: OpenStates(), Icon: "thumb-down"}, disagree),
	}
}

func answer(_ context.Context, c *record.Call, k *Case, in *AnswerGiven) error {
	if err := k.acceptedFirst(); err != nil {
		return err
	}
	k.Answer, k.Articles = in.Text, in.Articles
	k.answered(c.Now)
	return nil
}

// correctAnswer keeps the wrong answer where it was: what the customer was told remains to be seen.
func correctAnswer(_ context.Context, _ *record.Call, k *Case, in *struct {
	Text   string `rec:"longtext,required,max=8000"`
	Reason string `rec:"text,required,max=500"`
}) error {
	k.Correction = in.Text
	k.CorrectionCount++
	return nil
}

func resolve(_ context.Context, c *record.Call, k *Case, in *Resolution) error {
	k.Solution, k.ResolvedAt = in.Solution, c.Now
	k.CoAgreedAt, k.CoObjection = time.Time{}, ""
	setIf(&k.CauseCode, in.CauseCode)
	setIf(&k.TrueCause, in.TrueCause)
	setIf(&k.CauseMethod, in.CauseMethod)
	return nil
}

func setIf(field *string, value string) {
	if value != "" {
		*field = value
	}
}

// reply writes the letter as a record of its own and sends it, so that the same clauses judge it as a drafted one.
func reply(ctx context.Context, c *record.Call, k *Case, in *WrittenReply) error {
	if err := k.acceptedFirst(); err != nil {
		return err
	}
	r := &Reply{
		CaseID: k.ID, Subject: in.Subject, Body: in.Body, Channel: in.Channel, SignatoryID: in.SignatoryID, Proof: in.Proof,
		State: "draft", Round: k.Round, Deliver: in.Deliver, Recipient: in.Recipient, direct: true,
	}
	if r.Subject == "" {
		r.Subject = k.Subject
	}
	if err := c.Work.Insert(ctx, c, "case_reply", r); err != nil {
		return err
	}
	if err := r.markSent(ctx, c, k); err != nil {
		return err
	}
	if err := c.Work.Save(ctx, c, "case_reply", "send", r); err != nil {
		return err
	}
	k.answered(c.Now)
	return nil
}

func informCustomer(ctx context.Context, c *record.Call, k *Case, in *Information) error {
	if err := k.acceptedFirst(); err != nil {
		return err
	}
	at := in.InformedAt
	if at.IsZero() {
		at = c.Now
	}
	if at.After(c.Now) {
		return errs.Of("informed_at", "case.in_future")
	}
	k.InformedAt, k.InformedHow, k.InformedText, k.Reaction = at, in.InformedHow, in.InformedText, in.Reaction
	setIf(&k.OralReplyWhy, in.OralReplyWhy)
	k.answered(c.Now)
	return c.Work.Insert(ctx, c, "case_contact", &Contact{
		CaseID: k.ID, Channel: in.InformedHow, Result: "reached", At: at, ByUserID: c.Actor().UserID, Summary: in.InformedText, Purpose: "result",
	})
}

func (k *Case) coOwnerOnly(c *record.Call) error {
	switch {
	case k.CoOwnerID != c.Actor().UserID || k.CoOwnerID == 0:
		return errs.New(errs.Forbidden, "case.co_owner_only")
	case k.ResolvedAt.IsZero():
		return errs.New(errs.Conflict, "case.not_resolved")
	}
	return nil
}

func agree(_ context.Context, c *record.Call, k *Case, _ *record.None) error {
	if err := k.coOwnerOnly(c); err != nil {
		return err
	}
	k.CoAgreedAt, k.CoObjection = c.Now, ""
	return nil
}

func disagree(_ context.Context, c *record.Call, k *Case, in *Reasoned) error {
	if err := k.coOwnerOnly(c); err != nil {
		return err
	}
	k.CoObjection, k.CoAgreedAt, k.ResolvedAt = in.Reason, time.Time{}, time.Time{}
	return nil
}
