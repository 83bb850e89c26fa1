package casework

import (
	"context"
	"slices"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Appointment is the input of assign_handler, assign_officer and substitute.
type Appointment struct {
	UserID record.ID `rec:"user,required"`
	Reason string    `rec:"text,max=500"`
}

// HandoverSheet is the input of hand_over: who is to take the case, with which materials.
type HandoverSheet struct {
	UserID record.ID `rec:"user,required"`
	List   string    `rec:"longtext,max=4000"`
	Told   string    `rec:"text,max=400"` // what the customer was told about it
	Reason string    `rec:"text,max=500"`
}

// Delegation is the input of delegate: a part of the work for another department.
type Delegation struct {
	ToUnitID record.ID `rec:"unit"`
	ToUserID record.ID `rec:"user"`
	Kind     string    `rec:"enum,required,enum=task|expert|assistance|feedback,default=task"`
	Content  string    `rec:"longtext,required,max=4000"`
	DueAt    time.Time `rec:"time"`
}

func transferActions() []*record.Action {
	open := OpenStates()
	return []*record.Action{
		record.Act("take", record.ActionSpec{From: open, Primary: true, Bulk: true, Icon: "hand-grab"}, take),
		record.Act("assign_handler", record.ActionSpec{From: open, Icon: "user-plus"}, assignHandler),
		record.Act("assign_officer", record.ActionSpec{From: open, Icon: "user-shield"}, assignOfficer),
		record.Act("invite", record.ActionSpec{From: open, Icon: "users-plus"}, invite),
		record.Act("hand_over", record.ActionSpec{From: open, Icon: "transfer"}, handOver),
		record.Act("confirm_handover", record.ActionSpec{From: open, Primary: true, Icon: "transfer-in"}, confirmHandover),
		record.Act("return_handover", record.ActionSpec{From: open, Icon: "arrow-back-up"}, returnHandover),
		record.Act("delegate", record.ActionSpec{From: open, Icon: "subtask"}, delegate),
		record.Act("push", record.ActionSpec{From: open, Icon: "bell-ringing"}, push),
		record.Act("escalate", record.ActionSpec{From: open, Icon: "arrow-up-circle"}, escalate),
		record.Act("settle_escalation", record.ActionSpec{From: open, Icon: "arrow-down-circle"}, settleEscalation),
	}
}

func take(_ context.Context, c *record.Call, k *Case, _ *record.None) error {
	if !c.Actor().IsPerson() {
		return errs.New(errs.Forbidden, "case.person_only")
	}
	k.OwnerID = c.Actor().UserID
	return nil
}

func assignHandler(_ context.Context, _ *record.Call, k *Case, in *Appointment) error {
	k.HandlerID = in.UserID
	if k.OwnerID == 0 {
		k.OwnerID = in.UserID
	}
	return nil
}

func assignOfficer(_ context.Context, _ *record.Call, k *Case, in *Appointment) error {
	k.OfficerID = in.UserID
	return nil
}

func invite(_ context.Context, _ *record.Call, k *Case, in *Appointment) error {
	if !slices.Contains(k.Participants, in.UserID) {
		k.Participants = append(slices.Clone(k.Participants), in.UserID)
	}
	return nil
}

// handOver names the next owner; the present one answers for the case until that person confirms.
func handOver(_ context.Context, c *record.Call, k *Case, in *HandoverSheet) error {
	if in.UserID == k.OwnerID {
		return errs.Of("user_id", "case.handover_to_owner")
	}
	k.HandoverTo, k.HandedAt, k.HandoverList, k.HandoverReason, k.HandoverTold = in.UserID, c.Now, in.List, in.Reason, in.Told
	k.ConfirmedAt = time.Time{}
	return nil
}

func confirmHandover(_ context.Context, c *record.Call, k *Case, _ *record.None) error {
	switch {
	case k.HandoverTo == 0:
		return errs.New(errs.Conflict, "case.no_handover")
	case k.HandoverTo != c.Actor().UserID:
		return errs.New(errs.Forbidden, "case.handover_not_yours")
	}
	k.OwnerID, k.HandoverTo, k.ConfirmedAt = k.HandoverTo, 0, c.Now
	k.TransferCount++
	return nil
}

func returnHandover(_ context.Context, _ *record.Call, k *Case, in *Reasoned) error {
	if k.HandoverTo == 0 {
		return errs.New(errs.Conflict, "case.no_handover")
	}
	k.HandoverTo, k.HandoverReason = 0, in.Reason
	return nil
}

// delegate opens a sub-task; the person named there joins the case, because he must see what it is about.
func delegate(ctx context.Context, c *record.Call, k *Case, in *Delegation) error {
	if in.ToUnitID == 0 && in.ToUserID == 0 {
		return errs.Of("to_unit_id", "case.delegate_to_whom")
	}
	if in.ToUserID != 0 && !slices.Contains(k.Participants, in.ToUserID) {
		k.Participants = append(slices.Clone(k.Participants), in.ToUserID)
	}
	t := &Task{CaseID: k.ID, Kind: in.Kind, Content: in.Content, ToUnitID: in.ToUnitID, ToUserID: in.ToUserID, DueAt: in.DueAt, State: "open"}
	t.OwnerID, t.UnitID = in.ToUserID, in.ToUnitID
	return c.Work.Insert(ctx, c, "case_task", t)
}

func push(ctx context.Context, c *record.Call, k *Case, in *struct {
	Way  string `rec:"enum,required,enum=reminder|meeting|escalation,default=reminder"`
	Text string `rec:"longtext,required,max=2000"`
}) error {
	k.PushCount++
	k.PushedAt = c.Now
	return c.Work.Insert(ctx, c, "case_note", &Note{CaseID: k.ID, Kind: "push", Way: in.Way, Text: in.Text, At: c.Now})
}

func escalate(_ context.Context, c *record.Call, k *Case, in *struct {
	UserID record.ID `rec:"user,required"`
	Reason string    `rec:"text,required,max=500"`
}) error {
	k.EscalatedTo, k.EscalateReason, k.EscalatedAt = in.UserID, in.Reason, c.Now
	k.EscalateAnswer, k.EscalateResult, k.EscalateDoneAt = "", "", time.Time{}
	return nil
}

// settleEscalation takes the superior's answer: means, another way, or that it cannot be done, with the reason.
func settleEscalation(_ context.Context, c *record.Call, k *Case, in *struct {
	Answer         string `rec:"longtext,required,max=2000"`
	EscalateResult string `rec:"enum,enum=means|alternative|refusal"`
}) error {
	switch {
	case k.EscalatedAt.IsZero() || !k.EscalateDoneAt.IsZero():
		return errs.New(errs.Conflict, "case.no_escalation")
	case k.EscalatedTo != c.Actor().UserID:
		return errs.New(errs.Forbidden, "case.escalation_not_yours")
	}
	k.EscalateAnswer, k.EscalateResult, k.EscalateDoneAt = in.Answer, in.EscalateResult, c.Now
	return nil
}
