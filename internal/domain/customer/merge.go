package customer

import (
	"time"

	"dianke/internal/engine/record"
)

// gathered lets the survivor of a merge take over what no form sets: counters add up, of dates the later one counts, and
// what the survivor lacks altogether comes from the other. Classes, stage and owner stay the survivor's.
func gathered(survivor, other record.Entity) {
	s, o := survivor.(*Customer), other.(*Customer)
	s.NeedsCount += o.NeedsCount
	s.TransactionsCount += o.TransactionsCount
	s.Turnover += o.Turnover
	s.LastNeedOn, s.LastTransactionOn = latest(s.LastNeedOn, o.LastNeedOn), latest(s.LastTransactionOn, o.LastTransactionOn)
	for _, at := range []struct {
		to   *time.Time
		from time.Time
	}{{&s.LastContactAt, o.LastContactAt}, {&s.LastVisitAt, o.LastVisitAt}} {
		if at.from.After(*at.to) {
			*at.to = at.from
		}
	}
	if o.CollectedAt.Before(s.CollectedAt) && !o.CollectedAt.IsZero() {
		s.CollectedAt, s.CollectedBy = o.CollectedAt, o.CollectedBy
	}
}

func latest(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}
