package worktime

import (
	"time"

	"dianke/internal/platform/errs"
)

const secondsPerDay = 24 * 60 * 60

// Date is a day of the civil calendar without time and zone, counted from 1970-01-01.
type Date int

// DateOf returns the day on which t falls in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Day(y, m, d)
}

// Day returns a date by year, month and day; days beyond the month run over as in time.Date.
func Day(y int, m time.Month, d int) Date {
	seconds := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()
	days := seconds / secondsPerDay
	if seconds%secondsPerDay < 0 {
		days--
	}
	return Date(days)
}

// ParseDate reads 2026-03-02. Errors are Malformed with key worktime.date.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, errs.New(errs.Malformed, "worktime.date").With("value", s).Because(err)
	}
	return DateOf(t), nil
}

// utc is the midnight that opens the date in UTC.
func (d Date) utc() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// String returns the date as 2026-03-02.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// Year returns the year of the date.
func (d Date) Year() int { return d.utc().Year() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) }

// At returns the instant at which the wall clock in loc shows offset after midnight of the date; an offset of 26 hours
// is two o'clock of the next day.
func (d Date) At(offset time.Duration, loc *time.Location) time.Time {
	y, m, day := d.utc().Date()
	return time.Date(y, m, day, 0, 0, int(offset/time.Second), 0, loc)
}
