package casework

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Ending is the input of close. Which parts are needed, the regulation in force says.
type Ending struct {
	Result        string   `rec:"enum,enum=upheld|partly|rejected|solved|explained|not_possible|noted"`
	ResultText    string   `rec:"longtext,max=8000"`
	Remedy        []string `rec:"multienum,enum=apology|refund|compensation|repair|replacement|reassignment|explanation|training|discipline|none"`
	RemedyCost    *int64   `rec:"money,min=0"`
	GapReason     string   `rec:"text,max=400"`
	CauseCode     string   `rec:"text,max=40"`
	TrueCause     string   `rec:"longtext,max=4000"`
	Prevention    string   `rec:"longtext,max=4000"`
	Lesson        string   `rec:"enum,enum=change|none"`
	LessonText    string   `rec:"text,max=1000"`
	NoReplyReason string   `rec:"enum,enum=anonymous|unreachable|not_wanted"`
	OralReplyWhy  string   `rec:"text"`
	NoPromise     bool     `rec:"bool"`
}

// Callback is the input of call_back: is the matter really solved?
type Callback struct {
	CallbackResult string `rec:"enum,required,enum=yes|no|unreachable,default=yes"`
	Comment        string `rec:"text,max=500"`
}

// Survey is the input of satisfaction.
type Survey struct {
	Satisfaction    *int64 `rec:"number,min=1,top=5"`
	Refused         bool   `rec:"bool"`
	SurveyComment   string `rec:"longtext,max=2000"`
	CorrectlyMet    string `rec:"enum,enum=yes|no"`
	AnswerClear     string `rec:"enum,enum=yes|no"`
	Dissatisfied    bool   `rec:"bool"`
	DissatisfiedWhy string `rec:"text"`
}

// Protest is the input of object: the customer does not accept the outcome, and another person looks at it again.
type Protest struct {
	Reason     string    `rec:"text,required,max=500"`
	RaisedBy   string    `rec:"enum,required,enum=complainant|complained_of,default=complainant"`
	ReviewerID record.ID `rec:"user"`
}

func closingActions() []*record.Action {
	return []*record.Action{
		record.Act("close", record.ActionSpec{From: OpenStates(), To: Closed, Primary: true, Icon: "lock"}, closeCase),
		record.Act("call_back", record.ActionSpec{From: done(), Primary: true, Icon: "phone-check"}, callBack),
		record.Act("satisfaction", record.ActionSpec{From: append(done(), Filed), Icon: "mood-smile"}, satisfaction),
		record.Act("object", record.ActionSpec{From: append(done(), Filed), To: Investigating, Icon: "hand-stop"}, object),
		record.Act("reopen", record.ActionSpec{From: append(done(), Filed, Withdrawn), To: Investigating, Icon: "lock-open"}, reopen),
		record.Act("withdraw", record.ActionSpec{From: OpenStates(), To: Withdrawn, Danger: true, Icon: "arrow-back"}, withdraw),
	}
}

func closeCase(_ context.Context, c *record.Call, k *Case, in *Ending) error {
	if err := k.acceptedFirst(); err != nil {
		return err
	}
	setIf(&k.Result, in.Result)
	setIf(&k.ResultText, in.ResultText)
	setIf(&k.CauseCode, in.CauseCode)
	setIf(&k.TrueCause, in.TrueCause)
	setIf(&k.Prevention, in.Prevention)
	setIf(&k.Lesson, in.Lesson)
	setIf(&k.LessonText, in.LessonText)
	setIf(&k.NoReplyReason, in.NoReplyReason)
	setIf(&k.OralReplyWhy, in.OralReplyWhy)
	setIf(&k.GapReason, in.GapReason)
	if len(in.Remedy) > 0 {
		k.Remedy = in.Remedy
	}
	if in.RemedyCost != nil {
		k.RemedyCost = in.RemedyCost
	}
	k.NoPromise = k.NoPromise || in.NoPromise
	k.PausedFrom, k.PausedAt = "", time.Time{}
	k.close(c.Now)
	return nil
}

// callBack notes whether the customer finds the matter solved. "No" sends the case back to work one level more urgent;
// that happens in the event case.reopen, written behind this one.
func callBack(_ context.Context, c *record.Call, k *Case, in *Callback) error {
	k.CalledBackAt, k.CallbackResult = c.Now, in.CallbackResult
	setIf(&k.Reaction, in.Comment)
	return nil
}

func notSolved(ctx context.Context, c *record.Call, k *Case) error {
	reason := k.Reaction
	if reason == "" {
		reason = "—"
	}
	k.Urgency = Raise(k.Urgency)
	k.backToWork(reason, c.Now)
	return c.Work.Save(ctx, c, "case", "reopen", k)
}

// satisfaction takes the customer's answer. A low score or a plain "dissatisfied" opens an objection, whose clock the
// regulation sets.
func satisfaction(ctx context.Context, c *record.Call, k *Case, in *Survey) error {
	if in.Satisfaction == nil && !in.Refused {
		return errs.Of("satisfaction", "case.score_or_refusal")
	}
	k.Satisfaction, k.SurveyRefused, k.SurveyComment, k.SurveyedAt = in.Satisfaction, in.Refused, in.SurveyComment, c.Now
	k.CorrectlyMet, k.AnswerClear, k.DissatisfiedWhy = in.CorrectlyMet, in.AnswerClear, in.DissatisfiedWhy
	if !in.Dissatisfied && (in.Satisfaction == nil || *in.Satisfaction > 2) {
		return nil
	}
	return c.Work.Insert(ctx, c, "case_objection", k.objection(in.DissatisfiedWhy, "complainant", c.Now))
}

func (k *Case) objection(reason, by string, now time.Time) *Objection {
	o := &Objection{CaseID: k.ID, Round: max(k.Round, 1), Reason: reason, RaisedBy: by, RaisedAt: now, State: "open"}
	if o.OwnerID = k.HandlerID; o.OwnerID == 0 {
		o.OwnerID = k.OwnerID
	}
	return o
}

// object opens the second round; the reviewer named there becomes the handler.
func object(ctx context.Context, c *record.Call, k *Case, in *Protest) error {
	if in.ReviewerID != 0 && in.ReviewerID == k.HandlerID {
		return errs.Of("reviewer_id", "case.same_reviewer")
	}
	o := k.objection(in.Reason, in.RaisedBy, c.Now)
	k.backToWork(in.Reason, c.Now)
	if in.ReviewerID != 0 {
		k.HandlerID, o.ReviewerID = in.ReviewerID, in.ReviewerID
	}
	return c.Work.Insert(ctx, c, "case_objection", o)
}

func reopen(_ context.Context, c *record.Call, k *Case, in *Reasoned) error {
	k.backToWork(in.Reason, c.Now)
	return nil
}

func withdraw(_ context.Context, c *record.Call, k *Case, in *Reasoned) error {
	k.WithdrawnWhy = in.Reason
	k.close(c.Now)
	return nil
}
