package worktime

import (
	"embed"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"time"

	"dianke/internal/platform/errs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the errors of this package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

// ErrNeverOpen says that a week has no opening hours at all.
var ErrNeverOpen = errs.Of("week", "worktime.never_open")

// Exception replaces the hours of one date, above week and holidays. Without spans the day is free.
type Exception struct {
	Date  Date
	Spans []Span
}

// Off returns exceptions that free all days from first to last, both included.
func Off(first, last Date) []Exception {
	var out []Exception
	for d := first; d <= last; d++ {
		out = append(out, Exception{Date: d})
	}
	return out
}

// On returns the exception that sets the hours of a date.
func On(d Date, spans ...Span) Exception { return Exception{d, spans} }

// Calendar tells working time from free time.
type Calendar struct {
	loc        *time.Location
	week       Week
	makeUp     []Span // hours of a make-up workday; nil: those of its weekday
	holidays   *Holidays
	exceptions map[Date][]Span
	always     bool
}

// New returns the calendar of a week in loc. On statutory holidays it is closed, on make-up workdays it has the hours of
// the first open day from Monday on; nil holidays stand for an enterprise that keeps its week all year. A span out of
// order is Invalid (worktime.span); a week without hours gives [ErrNeverOpen].
func New(loc *time.Location, week Week, holidays *Holidays) (*Calendar, error) {
	c := &Calendar{loc: loc, holidays: holidays}
	open := false
	for d, spans := range week {
		sorted, err := ordered(spans)
		if err != nil {
			return nil, err
		}
		c.week[d], open = sorted, open || len(sorted) > 0
	}
	if !open {
		return nil, ErrNeverOpen
	}
	for d := time.Monday; d <= time.Friday && c.makeUp == nil; d++ {
		if len(c.week[d]) > 0 {
			c.makeUp = c.week[d]
		}
	}
	return c, nil
}

// Always returns the calendar on which all time counts, around the clock.
func Always(loc *time.Location) *Calendar {
	full := EveryDay(Span{0, day})
	return &Calendar{loc: loc, week: full, makeUp: full[time.Monday], always: true}
}

// With returns the calendar with exceptions added, such as the leave of a person; the last one on a date decides.
func (c *Calendar) With(exceptions ...Exception) (*Calendar, error) {
	out := *c
	out.exceptions = maps.Clone(c.exceptions)
	if out.exceptions == nil {
		out.exceptions = map[Date][]Span{}
	}
	for _, e := range exceptions {
		spans, err := ordered(e.Spans)
		if err != nil {
			return nil, err
		}
		out.exceptions[e.Date] = spans
	}
	out.always = c.always && len(out.exceptions) == 0
	return &out, nil
}

// Location returns the zone whose wall clock the hours are in.
func (c *Calendar) Location() *time.Location { return c.loc }

// Known reports whether the calendar has the statutory holidays of the year, or needs none.
func (c *Calendar) Known(year int) bool { return c.holidays == nil || c.holidays.Known(year) }

// Spans returns the hours of a date, sorted; none on a free day.
func (c *Calendar) Spans(d Date) []Span { return slices.Clone(c.spans(d)) }

func (c *Calendar) spans(d Date) []Span {
	if spans, ok := c.exceptions[d]; ok {
		return spans
	}
	if h, ok := c.holidays.On(d); ok {
		if h.Off {
			return nil
		}
		if c.makeUp != nil {
			return c.makeUp
		}
	}
	return c.week[d.Weekday()]
}

// IsWorkday reports whether the date has any hours.
func (c *Calendar) IsWorkday(d Date) bool { return len(c.spans(d)) > 0 }

// AddWorkdays returns the nth workday after d, before it for negative n; d itself for 0, be it a workday or not.
func (c *Calendar) AddWorkdays(d Date, n int) Date {
	step := Date(1)
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		if d += step; c.IsWorkday(d) {
			n--
		}
	}
	return d
}

// Workdays counts the workdays after a up to and including b; 0 where b is not after a.
func (c *Calendar) Workdays(a, b Date) int {
	n := 0
	for d := a + 1; d <= b; d++ {
		if c.IsWorkday(d) {
			n++
		}
	}
	return n
}

// opening is a stretch of working time in Unix seconds.
type opening struct{ from, to int64 }

// openings yields the working time from second on, in order and without overlap. It does not end by itself.
func (c *Calendar) openings(second int64) iter.Seq[opening] {
	return func(yield func(opening) bool) {
		z := zone{loc: c.loc}
		cursor := second
		for d := DateOf(time.Unix(second, 0).In(c.loc)) - 2; ; d++ { // a span may reach into the day after the next
			for _, s := range c.spans(d) {
				from, to := max(z.unix(d, s.From), cursor), z.unix(d, s.To)
				if to <= from {
					continue
				}
				if !yield(opening{from, to}) {
					return
				}
				cursor = to
			}
		}
	}
}
