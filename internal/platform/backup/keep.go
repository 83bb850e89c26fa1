package backup

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rule says how many backups are kept: the newest of each of the last so many days, weeks (from Monday) and months that
// have one. The newest backup is always kept.
type Rule struct{ Daily, Weekly, Monthly int }

// ParseRule reads a rule such as "daily=7,weekly=4,monthly=12"; what is not named is 0.
func ParseRule(text string) (Rule, error) {
	var r Rule
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > 1000 {
			return r, fmt.Errorf("%q: want daily=N,weekly=N,monthly=N", part)
		}
		switch name {
		case "daily":
			r.Daily = n
		case "weekly":
			r.Weekly = n
		case "monthly":
			r.Monthly = n
		default:
			return r, fmt.Errorf("%q: want daily, weekly or monthly", name)
		}
	}
	return r, nil
}

// Drop returns those backups that the rule does not keep. Days are those of the zone.
func (r Rule) Drop(list []Stored, zone *time.Location) []Stored {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Stored) int { return b.Made.Compare(a.Made) })
	keep := map[string]bool{}
	for _, by := range []struct {
		most   int
		period func(time.Time) string
	}{{r.Daily, day}, {r.Weekly, week}, {r.Monthly, month}} {
		seen := map[string]bool{}
		for _, s := range list {
			p := by.period(s.Made.In(zone))
			if !seen[p] && len(seen) < by.most {
				seen[p], keep[s.Name] = true, true
			}
		}
	}
	var out []Stored
	for i, s := range list {
		if i > 0 && !keep[s.Name] {
			out = append(out, s)
		}
	}
	return out
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func week(t time.Time) string {
	y, w := t.ISOWeek()
	return fmt.Sprintf("%d-%02d", y, w)
}

func month(t time.Time) string { return t.Format("2006-01") }

// Daily are times of day at which a backup is due, in minutes since midnight.
type Daily []int

// ParseDaily reads times such as "02:30,13:00"; nothing is never.
func ParseDaily(text string) (Daily, error) {
	var out Daily
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		t, err := time.Parse("15:04", part)
		if err != nil {
			return nil, fmt.Errorf("%q: want times such as 02:30, apart by comma", part)
		}
		out = append(out, t.Hour()*60+t.Minute())
	}
	slices.Sort(out)
	return out, nil
}

// Last returns the latest time at or before now at which a backup was due in the zone; zero for never.
func (d Daily) Last(now time.Time, zone *time.Location) time.Time {
	for back := range 3 {
		for _, m := range slices.Backward(d) {
			if at := moment(now.In(zone), -back, m); !at.After(now) {
				return at
			}
		}
	}
	return time.Time{}
}

// Next returns the first time after now at which a backup is due in the zone; zero for never.
func (d Daily) Next(now time.Time, zone *time.Location) time.Time {
	for ahead := range 3 {
		for _, m := range d {
			if at := moment(now.In(zone), ahead, m); at.After(now) {
				return at
			}
		}
	}
	return time.Time{}
}

func moment(day time.Time, days, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()+days, 0, minute, 0, 0, day.Location())
}
