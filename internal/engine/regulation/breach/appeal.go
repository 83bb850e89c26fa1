package breach

import (
	"context"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Appeal is the input of appeal.
type Appeal struct {
	AppealGrounds string      `rec:"longtext,required,max=10000"`
	AppealFiles   []record.ID `rec:"files"`
}

// appeal is the person's own objection, once and within the time named in the confirmation.
func (o *Office) appeal(ctx context.Context, c *record.Call, m *Measure, in *Appeal) error {
	switch {
	case m.PersonID != c.Actor().UserID:
		return errs.New(errs.Forbidden, "measure.appeal_own")
	case m.AppealUntil == nil || !c.Now.Before(*m.AppealUntil):
		return errs.New(errs.Conflict, "measure.appeal_late")
	}
	m.AppealedAt, m.AppealGrounds, m.AppealFiles = &c.Now, in.AppealGrounds, in.AppealFiles
	to, err := holders(ctx, c, "director", 0, m.PersonID)
	if err != nil {
		return err
	}
	return o.tellOf(ctx, c, m, "measure.notice.appealed", "warning", append(to, m.ConfirmedBy)...)
}

// Verdict is the input of uphold and lift.
type Verdict struct {
	AppealReason string `rec:"longtext,required,max=4000"`
}

// judge keeps the decision about a measure away from those who had a hand in it, and writes down who takes it and why.
func (m *Measure) judge(ctx context.Context, c *record.Call, reason string) error {
	b, err := record.Load[Breach](ctx, c, "breach", m.BreachID)
	if err != nil {
		return err
	}
	if err := unconcerned(ctx, c, b); err != nil {
		return err
	}
	switch c.Actor().UserID {
	case m.ProposedBy, m.ConfirmedBy, b.DecidedBy:
		return errs.New(errs.Forbidden, "measure.other_hands")
	}
	m.AppealReason, m.AppealDecidedBy, m.AppealDecidedAt = reason, c.Actor().UserID, &c.Now
	return nil
}

func (o *Office) uphold(ctx context.Context, c *record.Call, m *Measure, in *Verdict) error {
	if err := m.judge(ctx, c, in.AppealReason); err != nil {
		return err
	}
	return o.tellOf(ctx, c, m, "measure.notice.upheld", "info", m.PersonID, m.ProposedBy, m.ConfirmedBy)
}

// lift ends the measure as if it had never counted; what was taken of the wage is to be paid back.
func (o *Office) lift(ctx context.Context, c *record.Call, m *Measure, in *Verdict) error {
	if err := m.judge(ctx, c, in.AppealReason); err != nil {
		return err
	}
	return o.tellOf(ctx, c, m, "measure.notice.lifted", "info", m.PersonID, m.ProposedBy, m.ConfirmedBy)
}

// Change is the input of change.
type Change struct {
	StepID       record.ID `rec:"ref,ref=ladder_step,required"`
	AppealReason string    `rec:"longtext,required,max=4000"`
}

// change puts another step of the same ladder in the place of the first, never a heavier one, and none that would take
// more of the wage or count longer.
func (o *Office) change(ctx context.Context, c *record.Call, m *Measure, in *Change) error {
	if err := m.judge(ctx, c, in.AppealReason); err != nil {
		return err
	}
	l, err := record.Load[Ladder](ctx, c, "ladder", m.LadderID)
	if err != nil {
		return err
	}
	steps, err := stepsOf(ctx, c, m.LadderID)
	if err != nil {
		return err
	}
	step, err := record.Load[Step](ctx, c, "ladder_step", in.StepID)
	switch {
	case err != nil:
		return err
	case step.LadderID != m.LadderID:
		return errs.Of("step_id", "measure.not_on_ladder")
	case step.ID == m.StepID:
		return errs.Of("step_id", "measure.same_step")
	case step.Position > positionOf(steps, m.StepID):
		return errs.Of("step_id", "measure.heavier")
	}
	m.FormerStepID, m.StepID, m.Label = m.StepID, step.ID, fmt.Sprintf("%s · %s", l.Title, step.Title)
	m.soften(step, o.Zone)
	return o.tellOf(ctx, c, m, "measure.notice.changed", "info", m.PersonID, m.ProposedBy, m.ConfirmedBy)
}

// soften gives the measure what the lighter step holds.
func (m *Measure) soften(step *Step, zone *time.Location) {
	took := Takes(m.Kind)
	m.Kind, m.Points = step.Kind, step.Points
	months := int64(LongestMonths)
	if step.Months != nil {
		months = *step.Months
	}
	if expiry := ExpiryOf(dayOf(*m.EffectiveOn, zone), months).UTC(); m.ExpiresAt == nil || expiry.Before(*m.ExpiresAt) {
		m.ExpiresAt = &expiry
	}
	switch {
	case !took || !Takes(step.Kind):
		m.Amount, m.Damage, m.MostAllowed, m.MonthWage, m.MinimumWage, m.DeductMonth = nil, nil, nil, nil, nil, ""
	case step.Amount != nil && m.Amount != nil && *step.Amount < *m.Amount:
		m.Amount = step.Amount
	}
}
