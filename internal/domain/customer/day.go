package customer

import "time"

// china is the zone in which civil dates of the room are meant.
func china() *time.Location { return time.FixedZone("CST", 8*60*60) }

// day is the civil date of an instant in China, held as midnight UTC like every date of a record.
func day(at time.Time) time.Time {
	y, m, d := at.In(china()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func today(now time.Time) *time.Time {
	d := day(now)
	return &d
}

// later returns the later of two dates; nil counts as never.
func later(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}

func sameDay(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// daysBetween counts civil days in China from a to b; negative where b is earlier.
func daysBetween(a, b time.Time) int64 { return int64(day(b).Sub(day(a)) / (24 * time.Hour)) }
