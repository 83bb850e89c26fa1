package customer

import (
	"time"

	"dianke/internal/engine/record"
)

// CareRule says how often customers of a class are contacted, visited, verified and assessed. The rule that names most
// of a customer's traits holds; zero or absent intervals mean none is set.
type CareRule struct {
	record.Head
	Title         string    `rec:"text,required,max=80"`
	ForUnit       record.ID `rec:"unit"` // none: the whole company
	Intent        string    `rec:"enum,enum=priority|ordinary|potential"`
	Scale         string    `rec:"enum,enum=large|medium|small"`
	Grade         string    `rec:"enum,enum=a|b|c|d"`
	KeyOnly       bool      `rec:"bool"`
	ContactDays   *int64    `rec:"number,min=1,top=3650"` // longest silence
	VisitDays     *int64    `rec:"number,min=1,top=3650"`
	VerifyDays    *int64    `rec:"number,min=1,top=3650"`
	NeedDays      *int64    `rec:"number,min=1,top=3650"` // age at which needs are asked for again
	AssessMonths  *int64    `rec:"number,min=1,top=120"`
	Care          string    `rec:"longtext,max=2000"` // what the care consists of
	ResourceShare *int64    `rec:"number,min=0,top=100"`
}

// fit counts how well the rule fits the customer: -1 not at all, else the more the closer.
func (r *CareRule) fit(c *Customer) int {
	score := 0
	for _, t := range []struct {
		weight   int
		set, met bool
	}{
		{16, r.ForUnit != 0, r.ForUnit == c.UnitID},
		{8, r.KeyOnly, c.KeyAccount},
		{4, r.Grade != "", r.Grade == c.Grade},
		{2, r.Intent != "", r.Intent == c.Intent},
		{1, r.Scale != "", r.Scale == c.Scale},
	} {
		switch {
		case t.set && !t.met:
			return -1
		case t.set:
			score += t.weight
		}
	}
	return score
}

// Plan returns the rule that holds for the customer, or nil. Among rules that fit alike the oldest holds.
func Plan(rules []*CareRule, c *Customer) *CareRule {
	var best *CareRule
	top := -1
	for _, r := range rules {
		if n := r.fit(c); n > top {
			best, top = r, n
		}
	}
	return best
}

// afterDays is the date that many days after a civil date; nil where no interval is set.
func afterDays(from time.Time, days *int64) *time.Time {
	if days == nil {
		return nil
	}
	d := from.AddDate(0, 0, int(*days))
	return &d
}

// afterMonths is the date that many months later, at the latest the last day of that month.
func afterMonths(from time.Time, months *int64) *time.Time {
	if months == nil {
		return nil
	}
	first := time.Date(from.Year(), from.Month()+time.Month(*months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	d := first.AddDate(0, 0, min(from.Day(), last)-1)
	return &d
}

// schedule works out the next dates after a change: each from the day the thing was last done, or the customer was
// entered. A date set by the caller in the same change stays.
func (r *Customer) schedule(before *Customer, plan *CareRule) {
	if plan == nil {
		plan = &CareRule{}
	}
	entered := day(r.CollectedAt)
	fresh := before == nil
	if fresh {
		before = &Customer{}
	}
	moved := fresh || r.classes() != before.classes()
	since := func(at time.Time) time.Time {
		if at.IsZero() {
			return entered
		}
		return day(at)
	}
	on := func(d *time.Time) time.Time {
		if d == nil {
			return entered
		}
		return *d
	}
	next := func(to **time.Time, was *time.Time, changed bool, due *time.Time) {
		if (moved || changed) && sameDay(*to, was) {
			*to = due
		}
	}
	next(&r.NextContact, before.NextContact, !r.LastContactAt.Equal(before.LastContactAt), afterDays(since(r.LastContactAt), plan.ContactDays))
	next(&r.NextVisit, before.NextVisit, !r.LastVisitAt.Equal(before.LastVisitAt), afterDays(since(r.LastVisitAt), plan.VisitDays))
	next(&r.NextVerification, before.NextVerification, !sameDay(r.LastVerified, before.LastVerified), afterDays(on(r.LastVerified), plan.VerifyDays))
	next(&r.NextAssessment, before.NextAssessment, !sameDay(r.AssessedOn, before.AssessedOn), afterMonths(on(r.AssessedOn), plan.AssessMonths))
}

// traits are what care rules look at.
type traits struct {
	intent, scale, grade string
	key                  bool
	unit                 record.ID
}

func (r *Customer) classes() traits {
	return traits{r.Intent, r.Scale, r.Grade, r.KeyAccount, r.UnitID}
}

// ScaleRule holds the turnover of twelve months from which customers count as large or medium, in fen.
type ScaleRule struct {
	record.Head
	Title      string    `rec:"text,required,max=80"`
	ForUnit    record.ID `rec:"unit"`
	LargeFrom  *int64    `rec:"money,required,min=0"`
	MediumFrom *int64    `rec:"money,required,min=0"`
}

// ProposeScale returns the scale a turnover of twelve months suggests; "" without a rule.
func (r *ScaleRule) ProposeScale(turnover int64) string {
	switch {
	case r == nil || r.LargeFrom == nil || r.MediumFrom == nil:
		return ""
	case turnover >= *r.LargeFrom:
		return "large"
	case turnover >= *r.MediumFrom:
		return "medium"
	}
	return "small"
}
