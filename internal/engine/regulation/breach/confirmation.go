package breach

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Counts reports whether the measure counts against the person at the instant.
func (m *Measure) Counts(now time.Time) bool {
	return slices.Contains(Standing(), m.Status) && (m.ExpiresAt == nil || m.ExpiresAt.After(now))
}

// Confirmation is the input of confirm. Sums are in fen; wage and minimum wage are needed only where money is taken.
type Confirmation struct {
	EffectiveOn *time.Time `rec:"date"` // empty means today
	Months      *int64     `rec:"number,min=1,top=12"`
	AppealDays  int64      `rec:"number,required,min=3,top=60,default=15"`
	MonthWage   *int64     `rec:"money,min=0,class=sensitive"`
	MinimumWage *int64     `rec:"money,min=0,class=sensitive"`
	Damage      *int64     `rec:"money,min=0,class=personal"`
	Amount      *int64     `rec:"money,min=0,class=personal"` // empty means the most that is lawful
	InContract  bool       `rec:"bool"`                       // the labour contract provides for compensation
	UnionTold   bool       `rec:"bool"`                       // the trade union was told the reasons of a dismissal
	ConfirmNote string     `rec:"longtext,max=4000"`
}

// confirm puts a proposed measure in effect: by the personnel office, by somebody without a hand in it, within the law.
func (o *Office) confirm(ctx context.Context, c *record.Call, m *Measure, in *Confirmation) error {
	b, err := record.Load[Breach](ctx, c, "breach", m.BreachID)
	if err != nil {
		return err
	}
	if err := mayConfirm(ctx, c, m, b); err != nil {
		return err
	}
	step, err := record.Load[Step](ctx, c, "ladder_step", m.StepID)
	if err != nil {
		return err
	}
	for _, err := range []error{CheckHeard(b), CheckAgreed(m.Kind, in.InContract), CheckUnion(m.Kind, in.UnionTold)} {
		if err != nil {
			return err
		}
	}
	m.begin(c, step, in, o.Zone)
	if Takes(m.Kind) {
		if err := deduct(ctx, c, m, step, in); err != nil {
			return err
		}
	}
	return o.tellOf(ctx, c, m, "measure.notice.in_effect", "warning", m.PersonID, m.ProposedBy)
}

// mayConfirm keeps the confirmation to the personnel office, and away from the person and from who proposed the measure.
func mayConfirm(ctx context.Context, c *record.Call, m *Measure, b *Breach) error {
	switch {
	case !c.Actor().Holds("hr"):
		return errs.New(errs.Forbidden, "measure.hr_only")
	case m.ProposedBy == c.Actor().UserID:
		return errs.New(errs.Forbidden, "measure.own_proposal")
	}
	return unconcerned(ctx, c, b)
}

// begin sets when the measure takes effect, how long it counts and until when it may be appealed against.
func (m *Measure) begin(c *record.Call, step *Step, in *Confirmation, zone *time.Location) {
	on := dayOf(c.Now.In(zone), time.UTC)
	if in.EffectiveOn != nil && in.EffectiveOn.After(on) {
		on = *in.EffectiveOn
	}
	months := int64(LongestMonths)
	if step.Months != nil {
		months = *step.Months
	}
	if in.Months != nil {
		months = min(months, *in.Months)
	}
	expiry := ExpiryOf(dayOf(on, zone), months).UTC()
	until := c.Now.AddDate(0, 0, int(max(in.AppealDays, ShortestAppeal)))
	m.ConfirmedBy, m.ConfirmedAt, m.ConfirmNote = c.Actor().UserID, &c.Now, in.ConfirmNote
	m.EffectiveOn, m.ExpiresAt, m.AppealUntil = &on, &expiry, &until
}

// dayOf is the beginning of a day in a zone; a date of a record is the beginning of the day in UTC.
func dayOf(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// deduct computes what may be taken from the month's wage and takes no more.
func deduct(ctx context.Context, c *record.Call, m *Measure, step *Step, in *Confirmation) error {
	switch {
	case in.MonthWage == nil:
		return errs.Of("month_wage", "field.required").With("field", "month_wage")
	case in.MinimumWage == nil:
		return errs.Of("minimum_wage", "field.required").With("field", "minimum_wage")
	case m.Kind == Damage && in.Damage == nil:
		return errs.Of("damage", "field.required").With("field", "damage")
	}
	m.DeductMonth = m.EffectiveOn.Format("2006-01")
	damage, pay, err := takenIn(ctx, c, m)
	if err != nil {
		return err
	}
	w := Wage{Month: *in.MonthWage, Minimum: *in.MinimumWage}
	most := MostPay(w, damage+pay)
	if m.Kind == Damage {
		most, m.Damage = min(MostDamage(w, damage, pay), *in.Damage), in.Damage
	}
	if step.Amount != nil {
		most = min(most, *step.Amount)
	} else if m.Kind == Pay {
		return errs.New(errs.Conflict, "measure.no_amount") // performance pay is kept back by the published rule only
	}
	amount := most
	if in.Amount != nil {
		amount = *in.Amount
	}
	if amount > most {
		return errs.Of("amount", "measure.over_limit."+m.Kind).With("max", yuan(most))
	}
	m.MonthWage, m.MinimumWage, m.Amount, m.MostAllowed = in.MonthWage, in.MinimumWage, &amount, &most
	return nil
}

// yuan writes fen as yuan.
func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// takenIn sums what other measures take from the person's wage of the same month. The person's row is locked, so that two
// measures confirmed at once do not both see the whole wage.
func takenIn(ctx context.Context, c *record.Call, m *Measure) (damage, pay int64, err error) {
	var id record.ID
	if err := c.Tx.QueryRow(ctx, "SELECT id FROM users WHERE id = ?"+c.Tx.ForUpdate(), m.PersonID).Scan(&id); err != nil {
		return 0, 0, fmt.Errorf("person of the measure: %w", err)
	}
	list, err := record.Find[Measure](ctx, c, "measure", record.All(record.Where("person_id", m.PersonID), record.Where("deduct_month", m.DeductMonth)), 200)
	if err != nil {
		return 0, 0, err
	}
	for _, other := range list {
		if other.ID == m.ID || other.Amount == nil || !slices.Contains(Standing(), other.Status) && other.Status != Expired {
			continue
		}
		if other.Kind == Damage {
			damage += *other.Amount
		} else {
			pay += *other.Amount
		}
	}
	return damage, pay, nil
}

// Refusal is the input of decline.
type Refusal struct {
	ConfirmNote string `rec:"longtext,required,max=4000"`
}

func (o *Office) decline(ctx context.Context, c *record.Call, m *Measure, in *Refusal) error {
	b, err := record.Load[Breach](ctx, c, "breach", m.BreachID)
	if err != nil {
		return err
	}
	if err := mayConfirm(ctx, c, m, b); err != nil {
		return err
	}
	m.ConfirmedBy, m.ConfirmedAt, m.ConfirmNote = c.Actor().UserID, &c.Now, in.ConfirmNote
	return o.tellOf(ctx, c, m, "measure.notice.declined", "info", m.ProposedBy)
}
