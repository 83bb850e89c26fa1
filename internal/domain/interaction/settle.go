package interaction

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// settleInteraction brings about what a new interaction means: need, contact dates, doubt, follow-up and promise.
func (r room) settleInteraction(ctx context.Context, c *record.Call) error {
	i := c.Record.(*Interaction)
	if c.Before != nil {
		return nil
	}
	if err := answer(ctx, c, i); err != nil {
		return err
	}
	if err := r.followUp(ctx, c, i); err != nil {
		return err
	}
	if i.CustomerID == 0 {
		return nil
	}
	if i.NeedFound != "" {
		if err := r.noteNeed(ctx, c, i); err != nil {
			return err
		}
	}
	if i.PromiseText != "" {
		p := &Promise{CustomerID: i.CustomerID, Content: i.PromiseText, DueAt: i.PromiseDue, InteractionID: i.ID, AboutType: i.AboutType, AboutID: i.AboutID}
		p.OwnerID = i.OwnerID
		if err := c.Work.Insert(ctx, c, "promise", p); err != nil {
			return err
		}
	}
	if err := r.doubt(ctx, c, i); err != nil {
		return err
	}
	return r.touch(ctx, c, i)
}

// answer ends the task that the interaction was for, when the customer was spoken to.
func answer(ctx context.Context, c *record.Call, i *Interaction) error {
	if i.TaskID == 0 || !i.TwoWay() {
		return nil
	}
	t, err := record.Load[Task](ctx, c, "task", i.TaskID)
	if err != nil {
		return err
	}
	if t.Status != Open {
		return nil
	}
	if t.CustomerID != 0 && t.CustomerID != i.CustomerID {
		return errs.Of("task_id", "task.other_customer")
	}
	t.Result, t.InteractionID = i.Subject, i.ID
	if i.Summary != "" {
		t.Result = i.Summary
	}
	if r := []rune(t.Result); len(r) > resultLength {
		t.Result = string(r[:resultLength])
	}
	t.end(c, "")
	return c.Work.Save(ctx, c, "task", "done", t)
}

// resultLength is the longest result of a task in characters.
const resultLength = 4000

// followUp opens the task for the next step.
func (r room) followUp(ctx context.Context, c *record.Call, i *Interaction) error {
	if i.NextAt.IsZero() {
		return callBack(ctx, c, i)
	}
	title := i.NextStep
	if title == "" {
		title = i.Subject
	}
	if title == "" {
		title = i.Number
	}
	t := &Task{Title: title, Kind: "follow_up", CustomerID: i.CustomerID, AboutType: "interaction", AboutID: i.ID.String(), DueAt: i.NextAt}
	t.OwnerID = i.OwnerID
	return c.Work.Insert(ctx, c, "task", t)
}

// callBack opens the task to call back who rang and was not answered. When it is due, a clause says.
func callBack(ctx context.Context, c *record.Call, i *Interaction) error {
	if i.Channel != Call || i.Direction != In || i.Result != Missed {
		return nil
	}
	title := i.Number
	if i.CallerNumber != "" {
		title = i.CallerNumber
	}
	t := &Task{Title: title, Kind: "call_back", CustomerID: i.CustomerID, AboutType: "interaction", AboutID: i.ID.String()}
	t.OwnerID, t.UnitID = i.OwnerID, i.UnitID
	return c.Work.Insert(ctx, c, "task", t)
}

// noteNeed writes the need that was found into the customer's file.
func (r room) noteNeed(ctx context.Context, c *record.Call, i *Interaction) error {
	t := r.reg.Type("need")
	if t == nil {
		return nil
	}
	e := t.New()
	put(t, e, map[string]any{"customer_id": i.CustomerID, "noted_on": day(i.At), "product": i.NeedKind, "content": i.NeedFound})
	return c.Work.Insert(ctx, c, t.Name, e)
}

// put sets fields by name.
func put(t *record.Type, e record.Entity, values map[string]any) {
	for name, v := range values {
		t.Field(name).Set(e, v)
	}
}

// doubt marks the telephone or mail that failed, of the contact where one is named, under the event <type>.doubted.
func (r room) doubt(ctx context.Context, c *record.Call, i *Interaction) error {
	var name string
	switch {
	case i.Result == WrongNumber:
		name = "phone_doubtful"
	case i.Result == Bounced && i.Channel == Mail:
		name = "mail_doubtful"
	case i.Result == Bounced && i.Channel == SMS:
		name = "phone_doubtful"
	default:
		return nil
	}
	typ, id := "customer", i.CustomerID
	if i.ContactID != 0 {
		typ, id = "contact", i.ContactID
	}
	e, err := c.Work.Load(ctx, c, typ, id)
	if err != nil {
		return err
	}
	put(r.reg.Type(typ), e, map[string]any{name: true, "doubt_note": i.Number})
	return c.Work.Save(ctx, c, typ, "doubted", e)
}

// touch moves the customer's last contact and next contact under the event customer.contacted. Only two-way contact
// counts; an older interaction entered late moves nothing back.
func (r room) touch(ctx context.Context, c *record.Call, i *Interaction) error {
	if !i.TwoWay() && i.NextAt.IsZero() {
		return nil
	}
	t := r.reg.Type("customer")
	e, err := c.Work.Load(ctx, c, "customer", i.CustomerID)
	if err != nil {
		return err
	}
	changed := false
	forward := func(name string, at time.Time) {
		if was, _ := t.Field(name).Get(e).(time.Time); at.After(was) {
			t.Field(name).Set(e, at)
			changed = true
		}
	}
	if i.TwoWay() {
		forward("last_contact_at", i.At)
		if i.Channel == Visit {
			forward("last_visit_at", i.At)
		}
	}
	if !i.NextAt.IsZero() {
		t.Field("next_contact").Set(e, day(i.NextAt))
		changed = true
	}
	if !changed {
		return nil
	}
	return c.Work.Save(ctx, c, "customer", "contacted", e)
}

// preparePromise holds that a promise has a time to come when it is made, and somebody who keeps it.
func preparePromise(_ context.Context, c *record.Call) error {
	p := c.Record.(*Promise)
	if p.Status == "" {
		p.Status = Open // made by a room, not from a form
	}
	if c.Before == nil && !p.DueAt.IsZero() && p.DueAt.Before(c.Now) {
		return errs.Of("due_at", "interaction.past")
	}
	if c.Before == nil && p.OwnerID == 0 {
		p.OwnerID = c.Actor().UserID
	}
	return nil
}
