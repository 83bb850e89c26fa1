package worktime

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/platform/errs"
)

const day = 24 * time.Hour

// Span is an opening on one day, From inclusive, To exclusive, on the wall clock after midnight of the day it starts.
// To beyond 24 hours is after midnight: 19:30–02:00 is 19h30m to 26h.
type Span struct{ From, To time.Duration }

// Week holds the spans of each day of the week, by time.Weekday (Sunday is 0). A day without spans is free.
type Week [7][]Span

// Weekdays returns a week with the same spans from Monday to Friday.
func Weekdays(spans ...Span) Week {
	var w Week
	for d := time.Monday; d <= time.Friday; d++ {
		w[d] = spans
	}
	return w
}

// EveryDay returns a week with the same spans on all seven days.
func EveryDay(spans ...Span) Week {
	w := Weekdays(spans...)
	w[time.Saturday], w[time.Sunday] = spans, spans
	return w
}

// ParseSpan reads 09:00-12:00, 19:30-02:00 (ends on the next day) or 00:00-24:00; an en dash serves as well. Errors are
// Invalid with key worktime.span.
func ParseSpan(s string) (Span, error) {
	from, to, ok := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	a, okA := clockTime(from)
	b, okB := clockTime(to)
	if b <= a {
		b += day
	}
	span := Span{a, b}
	if !ok || !okA || !okB || span.check() != nil {
		return Span{}, errs.New(errs.Invalid, "worktime.span").With("value", s)
	}
	return span, nil
}

// ParseSpans reads the spans of a day apart by comma: 09:00-12:00,13:00-18:00. Empty text is a free day.
func ParseSpans(s string) ([]Span, error) {
	var out []Span
	for part := range strings.SplitSeq(strings.ReplaceAll(s, "，", ","), ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		span, err := ParseSpan(part)
		if err != nil {
			return nil, err
		}
		out = append(out, span)
	}
	return out, nil
}

func clockTime(s string) (time.Duration, bool) {
	hour, minute, ok := strings.Cut(strings.TrimSpace(s), ":")
	h, errH := strconv.Atoi(hour)
	m, errM := strconv.Atoi(minute)
	if !ok || errH != nil || errM != nil || h < 0 || h > 24 || m < 0 || m > 59 || len(minute) != 2 || h == 24 && m > 0 {
		return 0, false
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, true
}

func (s Span) check() error {
	whole := s.From%time.Second == 0 && s.To%time.Second == 0
	if !whole || s.From < 0 || s.From >= day || s.To <= s.From || s.To > s.From+day {
		return errs.New(errs.Invalid, "worktime.span").With("value", s.String())
	}
	return nil
}

// String returns the span as 19:30-02:00, seconds cut.
func (s Span) String() string {
	to := s.To
	if to > day {
		to -= day
	}
	return hhmm(s.From) + "-" + hhmm(to)
}

func hhmm(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", d/time.Hour, d%time.Hour/time.Minute)
}

// MarshalText writes the form [ParseSpan] reads.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the form of [ParseSpan].
func (s *Span) UnmarshalText(text []byte) error {
	span, err := ParseSpan(string(text))
	if err != nil {
		return err
	}
	*s = span
	return nil
}

// ordered checks the spans of one day and returns a sorted copy.
func ordered(spans []Span) ([]Span, error) {
	out := slices.Clone(spans)
	slices.SortFunc(out, func(a, b Span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	for _, s := range out {
		if err := s.check(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
