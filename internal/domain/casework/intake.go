package casework

import (
	"context"

	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Acceptance is the input of accept.
type Acceptance struct {
	OfficerID record.ID `rec:"user"` // officer in charge; none means the one who accepts, if he holds that post
	Note      string    `rec:"text,class=personal"`
}

// Classification is the input of classify.
type Classification struct {
	CategoryID record.ID `rec:"ref,ref=case_category,required"`
	Kind       string    `rec:"enum,enum=inquiry|complaint|request|suggestion|praise|problem"`
	Severity   string    `rec:"enum,enum=low|normal|high|critical"`
	Urgency    string    `rec:"enum,enum=low|normal|high|critical"`
	Subject    string    `rec:"text"`
}

// TriageAnswers is the input of triage: the question whether the matter is one of principle.
type TriageAnswers struct {
	Triage  []string `rec:"multienum,enum=fraud|conflict_of_interest|client_money|confidentiality|discipline"`
	Serious bool     `rec:"bool"`
	Reason  string   `rec:"text"`
}

// Reasoned is the input of actions that ask for a reason.
type Reasoned struct {
	Reason string `rec:"text,required,max=500"`
}

// Amendment is the input of amend.
type Amendment struct {
	Text string `rec:"longtext,required,max=8000,class=personal"`
}

// Conflict is the input of recuse.
type Conflict struct {
	UserID   record.ID `rec:"user,required"`
	Relation string    `rec:"enum,required,enum=complained_of|relative|interest|other,default=other"`
	Reason   string    `rec:"text,required,max=500"`
}

func intakeActions() []*record.Action {
	return []*record.Action{
		record.Act("accept", record.ActionSpec{From: []string{Received}, To: Accepted, Primary: true, Icon: "check"}, accept),
		record.Act("classify", record.ActionSpec{From: OpenStates(), Primary: true, Icon: "tags"}, classify),
		record.Act("triage", record.ActionSpec{From: OpenStates(), Icon: "list-check"}, triage),
		record.Act("mark_major", record.ActionSpec{From: OpenStates(), Icon: "alert-triangle"}, markMajor),
		record.Act("amend", record.ActionSpec{From: living(), Icon: "text-plus"}, amend),
		record.Act("recuse", record.ActionSpec{From: living(), Icon: "user-x"}, recuse),
		record.Act("lift_recusal", record.ActionSpec{From: living(), Icon: "user-check", Danger: true}, liftRecusal),
	}
}

func accept(_ context.Context, c *record.Call, k *Case, in *Acceptance) error {
	me := c.Actor()
	k.AcceptedAt, k.AcceptedBy = c.Now, me.UserID
	switch {
	case in.OfficerID != 0:
		k.OfficerID = in.OfficerID
	case k.OfficerID == 0 && me.Holds("complaint_officer"):
		k.OfficerID = me.UserID
	}
	if k.OwnerID == 0 {
		k.OwnerID = me.UserID
	}
	return nil
}

func classify(_ context.Context, c *record.Call, k *Case, in *Classification) error {
	k.CategoryID, k.ClassifiedAt = in.CategoryID, c.Now
	for _, set := range []struct {
		field *string
		value string
	}{{&k.Kind, in.Kind}, {&k.Severity, in.Severity}, {&k.Urgency, in.Urgency}, {&k.Subject, in.Subject}} {
		if set.value != "" {
			*set.field = set.value
		}
	}
	return nil
}

func triage(_ context.Context, c *record.Call, k *Case, in *TriageAnswers) error {
	k.Triage, k.TriagedAt = in.Triage, c.Now
	k.Major = in.Serious || len(in.Triage) > 0
	k.MajorReason = in.Reason
	return nil
}

func markMajor(_ context.Context, _ *record.Call, k *Case, in *Reasoned) error {
	k.Major, k.MajorReason = true, in.Reason
	return nil
}

func amend(ctx context.Context, c *record.Call, k *Case, in *Amendment) error {
	return c.Work.Insert(ctx, c, "case_note", &Note{CaseID: k.ID, Kind: "amendment", Text: in.Text, At: c.Now})
}

// recuse keeps a person in conflict away; whoever was in charge until now is not any more.
func recuse(ctx context.Context, c *record.Call, k *Case, in *Conflict) error {
	k.relieve(in.UserID)
	return recusal.Declare(ctx, c, k.ID, "case", in.UserID, in.Relation+": "+in.Reason)
}

func liftRecusal(ctx context.Context, c *record.Call, k *Case, in *struct {
	UserID record.ID `rec:"user,required"`
	Reason string    `rec:"text,required,max=500"`
}) error {
	if in.UserID == k.ComplainedUserID {
		return errs.Of("user_id", "case.still_complained_of")
	}
	return recusal.End(ctx, c, k.ID, in.UserID)
}

// charge lists the fields that put somebody in charge of the case.
func (k *Case) charge() map[string]*record.ID {
	return map[string]*record.ID{
		"owner_id": &k.OwnerID, "handler_id": &k.HandlerID, "officer_id": &k.OfficerID, "decider_id": &k.DeciderID,
		"co_owner_id": &k.CoOwnerID, "handover_to": &k.HandoverTo, "escalated_to": &k.EscalatedTo,
	}
}

// relieve takes the person out of every field that puts him in charge.
func (k *Case) relieve(user record.ID) {
	for _, f := range k.charge() {
		if *f == user {
			*f = 0
		}
	}
	k.Participants = without(k.Participants, user)
}

func without(list []record.ID, gone record.ID) []record.ID {
	var out []record.ID
	for _, id := range list {
		if id != gone {
			out = append(out, id)
		}
	}
	return out
}
