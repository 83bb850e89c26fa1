package casework

import (
	"slices"
	"time"

	"dianke/internal/platform/errs"
)

// The states of a case.
const (
	Received      = "received"
	Accepted      = "accepted"
	Investigating = "investigating"
	Awaiting      = "awaiting_customer"
	Answered      = "answered"
	Informed      = "informed"
	Closed        = "closed"
	Filed         = "filed"
	Withdrawn     = "withdrawn"
	Merged        = "merged"
)

// OpenStates lists the states in which somebody still has to do something for the customer. A fresh slice is returned.
func OpenStates() []string {
	return []string{Received, Accepted, Investigating, Awaiting, Answered, Informed}
}

// Frozen reports whether a case of the state accepts no change but its return to work.
func Frozen(state string) bool { return slices.Contains([]string{Filed, Withdrawn, Merged}, state) }

// working are the states before an answer was given.
func working() []string { return []string{Received, Accepted, Investigating, Awaiting} }

// done are the states after an answer was given.
func done() []string { return []string{Answered, Informed, Closed} }

// living are the states of every case that is not put away.
func living() []string { return append(OpenStates(), Closed) }

// levels are urgency and severity in rising order.
func levels() []string { return []string{"low", "normal", "high", "critical"} }

// Raise returns the next higher level of urgency; the highest stays.
func Raise(level string) string {
	all := levels()
	i := slices.Index(all, level)
	return all[min(i+1, len(all)-1)]
}

// Zone is the zone in which days and years of cases are counted: China has one.
func Zone() *time.Location { return time.FixedZone("CST", 8*60*60) }

// YearOf returns the calendar year of an instant in China, which decides the volume a case is filed in.
func YearOf(t time.Time) int64 { return int64(t.In(Zone()).Year()) }

// close ends the case at now.
func (k *Case) close(now time.Time) {
	k.ClosedAt, k.VolumeYear = now, YearOf(now)
	if k.ResolvedAt.IsZero() {
		k.ResolvedAt = now
	}
}

// backToWork begins another round: what was decided, agreed and filed stays in the history and has to be done anew.
func (k *Case) backToWork(reason string, now time.Time) {
	k.Round++
	k.ReopenCount++
	k.ReopenReason, k.ReopenedAt = reason, now
	k.ClosedAt, k.ResolvedAt, k.InformedAt, k.DecidedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	k.FiledAt, k.CoAgreedAt, k.ReceiptAt, k.HandbackAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	k.VolumeYear = 0
}

// answered notes an answer; the first one is kept for good.
func (k *Case) answered(now time.Time) {
	k.AnsweredAt = now
	if k.FirstAnswerAt.IsZero() {
		k.FirstAnswerAt = now
	}
}

// unaccepted reports a complaint for which nobody has taken responsibility yet.
func (k *Case) unaccepted() bool { return k.Kind == "complaint" && k.AcceptedAt.IsZero() }

// acceptedFirst refuses what no company can mean: to investigate, answer or close a complaint that nobody accepted.
func (k *Case) acceptedFirst() error {
	if k.unaccepted() {
		return errs.New(errs.Conflict, "case.complaint_not_accepted")
	}
	return nil
}
