package interaction

import (
	"context"
	"slices"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Finish is the input of ending a task. A task to contact somebody names the interaction, or says why there is none.
type Finish struct {
	Result        string    `rec:"longtext,required,max=4000"`
	InteractionID record.ID `rec:"ref,ref=interaction"`
	Reason        string    `rec:"text,max=200"`
}

// Why is the input of actions that ask for a reason.
type Why struct {
	Reason string `rec:"text,required,max=200"`
}

// Postpone is the input of moving a task to a later time.
type Postpone struct {
	DueAt  time.Time `rec:"time,required"`
	Reason string    `rec:"text,required,max=200"`
}

// Keeping is the input of ending a promise.
type Keeping struct {
	Outcome string `rec:"text,max=200"`
}

// Breaking is the input of saying that a promise was not kept, or that the customer released the company from it.
type Breaking struct {
	Outcome string `rec:"text,required,max=200"`
}

// Contacts reports whether the task is done by talking to the customer.
func (t *Task) Contacts() bool {
	return slices.Contains([]string{"follow_up", "contact", "visit", "call_back"}, t.Kind)
}

// Overdue reports whether the task is open after its time.
func (t *Task) Overdue(now time.Time) bool {
	return t.Status == Open && !t.DueAt.IsZero() && now.After(t.DueAt)
}

func taskActions() []*record.Action {
	open := []string{Open}
	return []*record.Action{
		record.Act("done", record.ActionSpec{From: open, To: Done, Primary: true, Icon: "check"}, finish),
		record.Act("postpone", record.ActionSpec{From: open, Icon: "clock-pause"}, postpone),
		record.Act("cancel", record.ActionSpec{From: open, To: Cancelled, Bulk: true, Icon: "x"}, cancel),
		record.Act("take", record.ActionSpec{From: open, Bulk: true, Icon: "hand-grab"}, take),
	}
}

// finish ends a task. The interaction named must be with the customer of the task and must have taken place after the
// task was made.
func finish(ctx context.Context, c *record.Call, t *Task, in *Finish) error {
	if t.Contacts() && in.InteractionID == 0 && in.Reason == "" {
		return errs.Of("interaction_id", "task.no_interaction")
	}
	if in.InteractionID != 0 {
		i, err := record.Load[Interaction](ctx, c, "interaction", in.InteractionID)
		if err != nil {
			return err
		}
		if t.CustomerID != 0 && i.CustomerID != t.CustomerID {
			return errs.Of("interaction_id", "task.other_customer")
		}
		if day(i.At).Before(day(t.CreatedAt)) {
			return errs.Of("interaction_id", "task.too_early")
		}
	}
	t.Result, t.InteractionID = in.Result, in.InteractionID
	t.end(c, in.Reason)
	return nil
}

func cancel(_ context.Context, c *record.Call, t *Task, in *Why) error {
	t.end(c, in.Reason)
	return nil
}

func (t *Task) end(c *record.Call, reason string) {
	t.Late = t.Overdue(c.Now)
	t.Reason, t.EndedAt, t.EndedBy = reason, c.Now, c.Actor().UserID
}

// postpone moves the time and counts; the first time stays known.
func postpone(_ context.Context, c *record.Call, t *Task, in *Postpone) error {
	if !in.DueAt.After(c.Now) {
		return errs.Of("due_at", "interaction.past")
	}
	if !t.DueAt.IsZero() && !in.DueAt.After(t.DueAt) {
		return errs.Of("due_at", "task.not_later")
	}
	t.DueAt, t.Reason, t.Late = in.DueAt, in.Reason, false
	t.Postponed++
	return nil
}

// take gives a task of the unit to the person who takes it.
func take(_ context.Context, c *record.Call, t *Task, _ *record.None) error {
	user := c.Actor().UserID
	switch {
	case user == 0:
		return errs.New(errs.Forbidden, "task.take_person")
	case t.OwnerID != 0:
		return errs.New(errs.Conflict, "task.taken")
	}
	t.OwnerID = user
	return nil
}

// prepareTask remembers the first time. A task a person enters without owner is his own; one that a room makes without
// owner is its unit's.
func prepareTask(_ context.Context, c *record.Call) error {
	t := c.Record.(*Task)
	if c.Before != nil {
		return nil
	}
	if t.Status == "" {
		t.Status = Open // made by a room, not from a form
	}
	if t.Urgency == "" {
		t.Urgency = "normal"
	}
	_, given := c.Values["owner_id"]
	if entered := c.Values != nil; t.OwnerID == 0 && entered && !given {
		t.OwnerID = c.Actor().UserID
	}
	t.FirstDueAt = t.DueAt
	return nil
}

func promiseActions() []*record.Action {
	open := []string{Open}
	ended := func(c *record.Call, p *Promise, words string) {
		p.Late, p.EndedAt, p.Outcome = c.Now.After(p.DueAt), c.Now, words
	}
	keep := func(_ context.Context, c *record.Call, p *Promise, in *Keeping) error {
		ended(c, p, in.Outcome)
		return nil
	}
	end := func(_ context.Context, c *record.Call, p *Promise, in *Breaking) error {
		ended(c, p, in.Outcome)
		return nil
	}
	return []*record.Action{
		record.Act("keep", record.ActionSpec{From: open, To: "kept", Primary: true, Icon: "check"}, keep),
		record.Act("break", record.ActionSpec{From: open, To: "broken", Danger: true, Icon: "heart-broken"}, end),
		record.Act("release", record.ActionSpec{From: open, To: "released", Icon: "x"}, end),
	}
}
