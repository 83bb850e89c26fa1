package casework

import (
	"context"
	"slices"

	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// prepareCase fills what follows from other fields and holds the rules true for every company.
func prepareCase(ctx context.Context, c *record.Call) error {
	k := c.Record.(*Case)
	before, _ := c.Before.(*Case)
	if before == nil {
		if err := begin(ctx, c, k); err != nil {
			return err
		}
	} else if Frozen(before.State) && !slices.Contains(thaws(), c.Action.Name) {
		return errs.New(errs.Conflict, "case.frozen").With("state", before.State)
	}
	if k.CategoryID != 0 && k.ClassifiedAt.IsZero() && c.Actor().IsPerson() {
		k.ClassifiedAt = c.Now
	}
	k.backToReception()
	return keepAway(c, k, before)
}

// backToReception sends a case that turns out to be a complaint, or that came back as one, to where it is accepted.
func (k *Case) backToReception() {
	if !k.unaccepted() {
		return
	}
	if slices.Contains([]string{Investigating, Answered, Informed}, k.State) {
		k.State = Received
	}
	if k.PausedFrom != "" {
		k.PausedFrom = Received
	}
}

// thaws are the events that touch a case which is put away.
func thaws() []string {
	return []string{"reopen", "object", "satisfaction", "link_problem", "follow_merge"}
}

// begin completes a new case.
func begin(ctx context.Context, c *record.Call, k *Case) error {
	if k.ReceivedAt.IsZero() {
		k.ReceivedAt = c.Now
	}
	if k.ReceivedAt.After(c.Now) {
		return errs.Of("received_at", "case.in_future")
	}
	k.Round = 1
	if k.Answer != "" { // answered on the spot, in the same talk
		k.State = Answered
		k.answered(k.ReceivedAt)
	}
	if k.UnitID != 0 {
		return nil
	}
	unit, err := queueOf(ctx, c, k)
	k.UnitID = unit
	return err
}

// account is what a case has to know of its customer.
type account interface{ IsKey() bool }

// queueOf is where a new case stands: with the unit of a key account, else where its category goes.
func queueOf(ctx context.Context, c *record.Call, k *Case) (record.ID, error) {
	if k.CustomerID != 0 {
		e, err := c.Work.Load(ctx, c, "customer", k.CustomerID)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return 0, err
		}
		if a, ok := e.(account); err == nil && ok && a.IsKey() && e.HeadOf().UnitID != 0 {
			return e.HeadOf().UnitID, nil
		}
	}
	if k.CategoryID == 0 {
		return 0, nil
	}
	return routeUnit(ctx, c, k.CategoryID)
}

// keepAway takes the person complained of out of charge when he is named, and refuses to put him there.
func keepAway(c *record.Call, k, before *Case) error {
	user := k.ComplainedUserID
	if user == 0 {
		return nil
	}
	was := &Case{}
	if before != nil {
		was = before
	}
	old := was.charge()
	for name, f := range k.charge() {
		if *f == user && *old[name] != user {
			return errs.Of(recusal.Asked(c, name, user), "recusal.in_charge").With("field", name)
		}
	}
	if slices.Contains(k.Participants, user) && !slices.Contains(was.Participants, user) {
		return errs.Of(recusal.Asked(c, "participants", user), "recusal.in_charge").With("field", "participants")
	}
	k.relieve(user)
	return nil
}

// settleCase does what needs the written row: recusal, the volume of the year, the way back to work.
func settleCase(ctx context.Context, c *record.Call) error {
	k := c.Record.(*Case)
	before, _ := c.Before.(*Case)
	if k.ComplainedUserID != 0 && (before == nil || before.ComplainedUserID != k.ComplainedUserID) {
		if err := recusal.Declare(ctx, c, k.ID, "case", k.ComplainedUserID, "complained_of"); err != nil {
			return err
		}
	}
	switch {
	case c.Action.Name == "call_back" && k.CallbackResult == "no":
		return notSolved(ctx, c, k)
	case k.VolumeYear != 0 && (before == nil || before.VolumeYear != k.VolumeYear):
		return ensureVolume(ctx, c, k.VolumeYear)
	}
	return nil
}

// caseOpen refuses changes to what belongs to a case that is put away or that the actor may not see, and refuses to
// put a recused person in charge of a part of it.
func caseOpen(ctx context.Context, c *record.Call, id record.ID, charged ...record.ID) error {
	if id == 0 {
		return nil // validation names the missing field
	}
	k, err := record.Load[Case](ctx, c, "case", id)
	if err != nil {
		return errs.Of("case_id", "field.unknown_ref").Because(err)
	}
	if err := reaches(ctx, c, k); err != nil {
		return err
	}
	if Frozen(k.State) && c.Action.Name == record.Create && c.Type.Name != "case_objection" {
		return errs.New(errs.Conflict, "case.frozen").With("state", k.State)
	}
	for _, user := range charged {
		if user == 0 {
			continue
		}
		out, err := recusal.Has(ctx, c.Tx, id, user)
		if err != nil {
			return err
		}
		if out {
			return errs.New(errs.Invalid, "recusal.in_charge")
		}
	}
	return nil
}

// reaches reports a case that the actor may not see as unknown. Consequences of an action carry no limits.
func reaches(ctx context.Context, c *record.Call, k *Case) error {
	for _, p := range c.Scope.Parents {
		if p.Field == "case_id" && !p.Visible.Reach(p.Of, k) {
			return errs.Of("case_id", "field.unknown_ref")
		}
	}
	if c.Scope.Recuse == 0 {
		return nil
	}
	out, err := recusal.Has(ctx, c.Tx, k.ID, c.Scope.Recuse)
	if err != nil {
		return err
	}
	if out {
		return errs.Of("case_id", "field.unknown_ref")
	}
	return nil
}
