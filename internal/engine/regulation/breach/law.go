package breach

import (
	"slices"
	"time"

	"dianke/internal/platform/errs"
)

// Kinds of measures. There is no kind for a fine: a company has no power to fine. The rules of 1982 that let enterprises
// fine their staff (企业职工奖惩条例) were repealed on 15 January 2008 by order 516 of the State Council.
const (
	Talk           = "talk"
	Reminder       = "reminder"
	Training       = "training"
	Warning        = "warning"
	WrittenWarning = "written_warning"
	Points         = "points" // of the performance rating
	Pay            = "pay"    // performance pay by the published rule
	Damage         = "damage" // compensation for damage done
	Transfer       = "transfer"
	Dismissal      = "dismissal"
)

// Kinds lists the kinds a ladder may hold.
func Kinds() []string {
	return []string{Talk, Reminder, Training, Warning, WrittenWarning, Points, Pay, Damage, Transfer, Dismissal}
}

// LongestMonths is how long a measure counts at most. It is the house's rule, not a law: nobody carries an old warning
// for ever.
const LongestMonths = 12

// ShortestReply is how long a person has at least to answer a suspicion, ShortestAppeal to appeal against a measure, in
// days. They are the house's rules, not laws.
const (
	ShortestReply  = 1
	ShortestAppeal = 3
)

// Takes reports whether measures of the kind take money from a month's wage.
func Takes(kind string) bool { return kind == Pay || kind == Damage }

// CheckKind refuses kinds that are no measures, fines among them; see [Kinds].
func CheckKind(kind string) error {
	if !slices.Contains(Kinds(), kind) {
		return errs.Of("kind", "measure.kind_unknown").With("kind", kind)
	}
	return nil
}

// CheckHeard refuses what is to follow from a breach before the person was heard or let the deadline pass, and before
// somebody confirmed it. Hearing before a measure is a rule of the house that no regulation may waive.
func CheckHeard(b *Breach) error {
	heard := b.StatementAt != nil || b.NotifiedAt != nil && b.ReplyDueAt != nil
	if b.Status != Confirmed || !heard || b.PersonID == 0 {
		return errs.New(errs.Conflict, "breach.not_heard")
	}
	return nil
}

// CheckMadeKnown refuses a ladder that the staff could not know when the breach happened: rules that touch the interests
// of employees must be made public or told to them (劳动合同法 art. 4).
func CheckMadeKnown(l *Ladder, happened time.Time) error {
	if l.Status != Published || l.PublishedAt == nil || l.PublishedAt.After(happened) {
		return errs.New(errs.Conflict, "ladder.not_known").With("ladder", l.Title)
	}
	return nil
}

// Wage is the month's wage of a person and the local minimum wage of that month, in fen.
type Wage struct{ Month, Minimum int64 }

// MostDamage is what may be taken from a month's wage for damage, in fen, where taken was taken for damage in that month
// already and pay was kept back: at most 20 % of the wage, and no more than leaves the local minimum wage (工资支付暂行规定,
// 劳部发〔1994〕489号, art. 16).
func MostDamage(w Wage, taken, pay int64) int64 {
	return max(0, min(w.Month/5-taken, w.Month-w.Minimum-taken-pay))
}

// MostPay is what may be kept back of performance pay in a month, in fen, where taken was taken or kept back already: the
// wage paid may not be less than the local minimum wage (劳动法 art. 48).
func MostPay(w Wage, taken int64) int64 { return max(0, w.Month-w.Minimum-taken) }

// CheckAgreed refuses compensation for damage that the labour contract does not provide for (工资支付暂行规定 art. 16: 按照
// 劳动合同的约定).
func CheckAgreed(kind string, inContract bool) error {
	if kind == Damage && !inContract {
		return errs.Of("in_contract", "measure.not_agreed")
	}
	return nil
}

// CheckUnion refuses a dismissal of whose reasons the trade union was not told beforehand (劳动合同法 art. 43).
func CheckUnion(kind string, told bool) error {
	if kind == Dismissal && !told {
		return errs.Of("union_told", "measure.union")
	}
	return nil
}

// ExpiryOf returns when a measure that begins on a day and counts for some months ends; no or too many months mean
// [LongestMonths].
func ExpiryOf(begins time.Time, months int64) time.Time {
	if months < 1 || months > LongestMonths {
		months = LongestMonths
	}
	return begins.AddDate(0, int(months), 0)
}
