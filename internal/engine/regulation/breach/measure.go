package breach

import (
	"context"
	"fmt"

	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

func (o *Office) measureType() *record.Type {
	return record.Declare[Measure](record.Spec{
		Name: "measure", Plural: "measures", Room: "regulation", Prefix: "MS", Icon: "gavel", Title: "label",
		List: []string{"label", "person_id", "kind", "status", "effective_on", "expires_at"}, Groups: []string{"confirmation", "deduction", "appeal"},
		Without: []string{record.Update, record.Create, record.Assign},
		Actions: []*record.Action{
			record.Act("confirm", record.ActionSpec{From: []string{Proposed}, To: InEffect, Primary: true, Icon: "check"}, o.confirm),
			record.Act("decline", record.ActionSpec{From: []string{Proposed}, To: Declined, Primary: true, Icon: "x"}, o.decline),
			record.Act("appeal", record.ActionSpec{From: []string{InEffect}, To: Appealed, Primary: true, Icon: "scale"}, o.appeal),
			record.Act("uphold", record.ActionSpec{From: []string{Appealed}, To: Upheld, Primary: true, Icon: "check"}, o.uphold),
			record.Act("change", record.ActionSpec{From: []string{Appealed}, To: Changed, Primary: true, Icon: "edit"}, o.change),
			record.Act("lift", record.ActionSpec{From: []string{InEffect, Appealed, Upheld, Changed}, To: Lifted, Icon: "arrow-back-up"}, o.lift),
		},
	})
}

// Proposal is the input of propose. Without a ladder that of the clause is taken, without a step the next one for the
// person.
type Proposal struct {
	LadderID record.ID `rec:"ref,ref=ladder"`
	StepID   record.ID `rec:"ref,ref=ladder_step"`
	Grounds  string    `rec:"longtext,required,max=4000"`
}

// propose writes the measure that is to follow from the breach. It does nothing to the person until it is confirmed.
func (o *Office) propose(ctx context.Context, c *record.Call, b *Breach, in *Proposal) error {
	if err := unconcerned(ctx, c, b); err != nil {
		return err
	}
	if err := CheckHeard(b); err != nil {
		return err
	}
	if err := onlyMeasure(ctx, c, b.ID); err != nil {
		return err
	}
	l, err := ladderFor(ctx, c, b, in.LadderID)
	if err != nil {
		return err
	}
	if err := CheckMadeKnown(l, b.CreatedAt); err != nil {
		return err
	}
	step, err := stepFor(ctx, c, b, l, in.StepID)
	if err != nil {
		return err
	}
	m := &Measure{
		Head: record.Head{UnitID: b.UnitID}, BreachID: b.ID, Label: fmt.Sprintf("%s · %s", l.Title, step.Title), PersonID: b.PersonID,
		ClauseKey: b.ClauseKey, LadderID: l.ID, StepID: step.ID, Kind: step.Kind, Points: step.Points, Status: Proposed,
		Grounds: in.Grounds, ProposedBy: c.Actor().UserID,
	}
	if err := c.Work.Insert(ctx, c, "measure", m); err != nil {
		return err
	}
	staff, err := holders(ctx, c, "hr", 0, b.PersonID)
	if err != nil {
		return err
	}
	return o.tellOf(ctx, c, m, "measure.notice.proposed", "info", staff...)
}

// onlyMeasure refuses a second measure for one breach; one that was declined or lifted makes room for another.
func onlyMeasure(ctx context.Context, c *record.Call, breach record.ID) error {
	list, err := record.Find[Measure](ctx, c, "measure", record.Where("breach_id", breach), 50)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.Status != Declined && m.Status != Lifted {
			return errs.New(errs.Conflict, "measure.already")
		}
	}
	return nil
}

// ladderFor returns the ladder chosen; where the clause names one no other may be.
func ladderFor(ctx context.Context, c *record.Call, b *Breach, chosen record.ID) (*Ladder, error) {
	var l *Ladder
	var err error
	switch {
	case b.LadderKey != "":
		if l, err = ladderOf(ctx, c, b.LadderKey); err != nil {
			return nil, err
		}
	case chosen != 0:
		return record.Load[Ladder](ctx, c, "ladder", chosen)
	}
	switch {
	case l == nil:
		return nil, errs.Of("ladder_id", "measure.which_ladder")
	case chosen != 0 && chosen != l.ID:
		return nil, errs.Of("ladder_id", "measure.other_ladder").With("ladder", l.Title)
	}
	return l, nil
}

// stepFor returns the step chosen, or the next one for the person. No heavier step than the next may be chosen.
func stepFor(ctx context.Context, c *record.Call, b *Breach, l *Ladder, chosen record.ID) (*Step, error) {
	next, err := NextStep(ctx, c, l, b.PersonID, b.StepKey)
	if err != nil || chosen == 0 || chosen == next.ID {
		return next, err
	}
	steps, err := stepsOf(ctx, c, l.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range steps {
		switch {
		case s.ID != chosen:
		case s.Position > next.Position:
			return nil, errs.Of("step_id", "measure.too_heavy").With("step", next.Title)
		default:
			return s, nil
		}
	}
	return nil, errs.Of("step_id", "measure.not_on_ladder")
}

// NextStep returns the step of the ladder that follows on the heaviest measure of the same ladder which counts against
// the person now; the first where there is none, the last where there is no next. A step the clause itself names (its key)
// stands before both, unless the person has come further already.
func NextStep(ctx context.Context, c *record.Call, l *Ladder, person record.ID, named string) (*Step, error) {
	steps, err := stepsOf(ctx, c, l.ID)
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return nil, errs.New(errs.Conflict, "ladder.no_steps")
	}
	earlier, err := record.Find[Measure](ctx, c, "measure", record.All(record.Where("person_id", person), record.Where("ladder_id", l.ID)), 200)
	if err != nil {
		return nil, err
	}
	reached := int64(0)
	for _, m := range earlier {
		if m.Counts(c.Now) {
			reached = max(reached, positionOf(steps, m.StepID))
		}
	}
	next := steps[len(steps)-1]
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Position > reached {
			next = steps[i]
		}
	}
	for _, s := range steps {
		if s.Key == named && s.Position > next.Position {
			next = s
		}
	}
	return next, nil
}

func positionOf(steps []*Step, id record.ID) int64 {
	for _, s := range steps {
		if s.ID == id {
			return s.Position
		}
	}
	return 0
}

// tellOf sends a notice about a measure that names regulation, article and version.
func (o *Office) tellOf(ctx context.Context, c *record.Call, m *Measure, key, urgency string, to ...record.ID) error {
	b, err := record.Load[Breach](ctx, c, "breach", m.BreachID)
	if err != nil {
		return err
	}
	args, err := o.args(ctx, c, b.VersionID, b.ClauseKey)
	if err != nil {
		return err
	}
	args["measure"] = m.Label
	return notice.Send(ctx, c, notice.Message{Key: key, Args: args, AboutType: "measure", AboutID: m.ID, Clause: m.ClauseKey, Urgency: urgency}, to...)
}
