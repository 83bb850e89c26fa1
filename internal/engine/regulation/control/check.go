package control

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
	"go.yaml.in/yaml/v3"
)

// demand is something a control cannot do without.
type demand struct {
	ok   bool
	what string
}

func (s *Spec) check(n *yaml.Node) error {
	for _, d := range s.demands() {
		if !d.ok {
			return issue(n, "a %s needs %s", s.Kind, d.what)
		}
	}
	if s.Kind == Deadline && s.WarnAt == 0 {
		s.WarnAt = 80
	}
	s.preset()
	for _, part := range []struct{ key, text string }{{"within", s.Within}, {"within", s.SignWithin}, {"within", s.Time}, {"grace", s.Grace}, {"renew", s.Renew}, {"except_for", s.ExceptFor}} {
		if part.text != "" {
			if _, err := ParseSpan(part.text); err != nil {
				return s.at(n, part.key, err)
			}
		}
	}
	if s.Every != "" {
		if _, err := ParseEvery(s.Every, time.Time{}); err != nil {
			return s.at(n, "every", err)
		}
	}
	return s.limits(n)
}

// at puts an error at the place of the name, or of the whole where it was not written.
func (s *Spec) at(n *yaml.Node, key string, err error) error {
	at := s.lines[key]
	if at[0] == 0 {
		at = [2]int{n.Line, n.Column}
	}
	return &Issue{Line: at[0], Column: at[1], Message: err.Error()}
}

// demands lists what the control needs.
func (s *Spec) demands() []demand {
	said := s.Title.ZH != "" && s.Title.EN != ""
	switch s.Kind {
	case Guard:
		return []demand{
			{len(s.On) > 0, "on"}, {s.RefuseIf != "" || s.ByAccess, "refuse_if"}, {s.Say.ZH != "" && s.Say.EN != "", "say in zh and en"},
			{s.ExceptFor == "" || len(s.Except) > 0, "except beside except_for"},
		}
	case Deadline:
		return []demand{
			{len(s.Start) > 0 && len(s.Stop) > 0, "start and stop"}, {(s.Within == "") != (s.Until == ""), "either within or until"},
		}
	case Detector:
		return []demand{
			{(len(s.On) > 0) != (s.Scan != ""), "either watch or scan"}, {s.BreachIf != "", "breach_if"},
			{s.Measure == "" || s.Ladder != "", "ladder beside measure"},
		}
	case Duty:
		return []demand{
			{(s.Every == "") != (s.EveryBy == ""), "either every or every_by"}, {(s.EveryBy == "") == (s.Of == ""), "of together with every_by"},
			{len(s.For) > 0, "for"}, {s.Every == "" || !slices.Contains(s.For, "owner"), "posts under for"}, {said, "task in zh and en"},
		}
	case Register:
		return []demand{{s.Of != "", "of"}, {s.Complete != "", "complete_if"}}
	case Workflow:
		return []demand{{s.Of != "", "of"}, {len(s.End) > 0, "end"}, {len(s.Steps) > 0, "steps"}, {stepsNamed(s.Steps), "on in each step"}}
	case Metric:
		return []demand{
			{(s.Figure == "") != (s.Of == ""), "either figure or of"}, {s.AtLeast != "" || s.AtMost != "", "at_least or at_most"},
			{s.GoodIf == "" || s.Value == "", "either good_if or value"},
		}
	case Attest:
		return []demand{
			{(s.Every == "") != (len(s.On) == 0), "either every or on"}, {len(s.For) > 0, "by"}, {itemsNamed(s.Checklist), "a checklist of items with key, zh and en"},
			{said, "task in zh and en"}, {s.Sample == 0 || s.Of != "" && s.Every != "", "of and every together with sample"},
			{s.Sample >= 0 && s.Sample <= 50, "a sample of 50 at most"},
		}
	}
	return nil
}

func stepsNamed(list []Step) bool {
	return !slices.ContainsFunc(list, func(s Step) bool { return len(s.On) == 0 })
}

func itemsNamed(list []Item) bool {
	keys := map[string]bool{}
	for _, i := range list {
		if i.Key == "" || i.ZH == "" || i.EN == "" || keys[i.Key] {
			return false
		}
		keys[i.Key] = true
	}
	return len(list) > 0
}

// preset fills in what is meant where nothing is written.
func (s *Spec) preset() {
	if s.Kind == Duty || s.Kind == Attest {
		if s.Time == "" {
			s.Time = "7d"
		}
		if s.Grace == "" {
			s.Grace = s.Time
		}
	}
	if s.Kind == Metric {
		if s.Per == "" {
			s.Per = "month"
		}
		if s.Whose == "" {
			s.Whose = "company"
		}
	}
}

// limits checks the numbers and words of a metric.
func (s *Spec) limits(n *yaml.Node) error {
	if s.Kind != Metric {
		return nil
	}
	if !slices.Contains([]string{"week", "month", "quarter", "year"}, s.Per) {
		return s.at(n, "per", fmt.Errorf("want week, month, quarter or year"))
	}
	if !slices.Contains([]string{"company", "unit", "person"}, s.Whose) {
		return s.at(n, "for", fmt.Errorf("want company, unit or person"))
	}
	for _, part := range []struct{ key, text string }{{"at_least", s.AtLeast}, {"at_most", s.AtMost}} {
		if part.text == "" {
			continue
		}
		if _, err := Limit(part.text, nil); err != nil && !strings.HasPrefix(part.text, "param.") {
			return s.at(n, part.key, err)
		}
	}
	return nil
}

// Limit reads the limit of a metric: a number, or param.<name> for a figure of the clause.
func Limit(text string, params map[string]any) (float64, error) {
	if name, ok := strings.CutPrefix(text, "param."); ok {
		switch v := params[name].(type) {
		case float64:
			return v, nil
		case int:
			return float64(v), nil
		case int64:
			return float64(v), nil
		}
		return 0, fmt.Errorf("the clause has no figure %q", name)
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number and no param.<name>", text)
	}
	return v, nil
}

// ParseEvery reads a recurrence rule of RFC 5545 such as FREQ=MONTHLY;BYMONTHDAY=5 that begins on the day of start, in
// the zone of start. Where it names no hour the occurrences are at nine.
func ParseEvery(text string, start time.Time) (*rrule.RRule, error) {
	o, err := rrule.StrToROption(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("%q is no recurrence rule such as FREQ=MONTHLY;BYMONTHDAY=5: %w", text, err)
	}
	if o.Freq > rrule.DAILY {
		return nil, fmt.Errorf("a duty recurs once a day at most")
	}
	if len(o.Byhour) == 0 {
		o.Byhour = []int{9}
	}
	y, m, d := start.Date()
	o.Dtstart = time.Date(y, m, d, 0, 0, 0, 0, start.Location())
	o.Byminute, o.Bysecond = orZero(o.Byminute), []int{0}
	return rrule.NewRRule(*o)
}

func orZero(list []int) []int {
	if len(list) == 0 {
		return []int{0}
	}
	return list
}

// Span is a length of time: days or a duration, on the working calendar or around the clock.
type Span struct {
	Days     int
	Duration time.Duration
	Work     bool
}

// ParseSpan reads "30m", "4h", "4h work", "3d" (civil days, around the clock) or "2d work" (to the end of the second
// working day after the day it starts on).
func ParseSpan(text string) (Span, error) {
	s, work := strings.CutSuffix(strings.TrimSpace(text), " work")
	fault := fmt.Errorf("%q is no length of time such as 30m, 4h work, 3d or 2d work", text)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > 3660 {
			return Span{}, fault
		}
		return Span{Days: n, Work: work}, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > 3660*24*time.Hour {
		return Span{}, fault
	}
	return Span{Duration: d, Work: work}, nil
}
