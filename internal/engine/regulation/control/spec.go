// Package control reads, checks and compiles the bindings of clauses.
//
// A binding binds one control to one clause, written in YAML: [Parse] refuses unknown words with line and column,
// [Compile] type-checks the conditions against the record types. A [Bound] binding is what the engine enforces. The
// package enforces nothing and stores nothing.
package control

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Text is a sentence in both languages; where English is missing the Chinese stands.
type Text struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// In returns the sentence in the language.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

// Events is one event "<type>.<action>" or a list of them.
type Events []string

// UnmarshalYAML reads a word or a list of words.
func (e *Events) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*e = Events{n.Value}
		return nil
	}
	var list []string
	if err := n.Decode(&list); err != nil {
		return err
	}
	*e = list
	return nil
}

// Kind names a control.
type Kind string

// The controls of this engine.
const (
	Guard       Kind = "guard"
	Deadline    Kind = "deadline"
	Detector    Kind = "detector"
	Acknowledge Kind = "acknowledge"
)

// Spec is one binding as written.
type Spec struct {
	Clause string
	Kind   Kind

	// guard, detector: the events it watches
	On Events
	// guard, deadline, detector: applies only where true
	If string
	// guard
	RefuseIf  string
	Say       Text
	Except    []string // posts that may approve an exception; empty means none is possible
	ExceptFor string   // longest time an exception may last, such as 30d; empty sets no limit

	// deadline
	Start, Stop, Cancel Events
	StopIf              string
	Within              string   // "30m", "4h work", "3d", "2d work"
	Until               string   // condition that gives the instant it is due, instead of Within
	PauseIn             []string // states in which the clock stands still
	WarnAt              int      // per cent of the time after which it warns; 0 means 80
	Escalate            []string // posts told when it is late; "owner" is the record's owner

	// detector
	Scan     string // record type looked through every night, instead of On
	BreachIf string
	Who      string // condition that gives the person's id; empty means who acts
	Ladder   string // key of the ladder from which a measure may follow; empty leaves it to who proposes one
	Measure  string // key of the ladder's step that the clause itself names

	// acknowledge
	Posts       []string // posts that must sign; empty means everybody covered
	SignWithin  string
	UntilSigned []string // record types closed to those who have not signed

	Source string // the YAML of the control
	lines  map[string][2]int
}

// Issue is a mistake in a binding, with its place in the YAML.
type Issue struct {
	Line, Column int
	Message      string
}

// Error gives position and message.
func (i *Issue) Error() string { return fmt.Sprintf("%d:%d: %s", i.Line, i.Column, i.Message) }

func issue(n *yaml.Node, format string, args ...any) error {
	return &Issue{Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...)}
}

// Parse reads the YAML of one control of a clause.
func Parse(clause string, kind Kind, n *yaml.Node) (*Spec, error) {
	s := &Spec{Clause: clause, Kind: kind, lines: map[string][2]int{}}
	targets, ok := s.targets()[kind]
	if !ok {
		return nil, issue(n, "the control %q is not known", kind)
	}
	if n.Kind != yaml.MappingNode {
		return nil, issue(n, "want names and values")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		target, ok := targets[key.Value]
		if !ok {
			return nil, issue(key, "a %s has no %q", kind, key.Value)
		}
		if err := value.Decode(target); err != nil {
			return nil, issue(value, "%s: want %s", key.Value, wanted(target))
		}
		s.lines[key.Value] = [2]int{value.Line, value.Column}
	}
	src, err := yaml.Marshal(n)
	if err != nil {
		return nil, issue(n, "%v", err)
	}
	s.Source = string(src)
	return s, s.check(n)
}

// wanted says in words what the value of a name is written as.
func wanted(target any) string {
	switch target.(type) {
	case *string:
		return "a text"
	case *Events:
		return "an event <type>.<action> or a list of them"
	case *[]string:
		return "a list of words"
	case *Text:
		return "sentences under zh and en"
	}
	return "1% to 99%"
}

// ParseText reads the YAML of one control from a text, as it is stored.
func ParseText(clause string, kind Kind, src string) (*Spec, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(src), &doc); err != nil {
		return nil, &Issue{Line: 1, Column: 1, Message: err.Error()}
	}
	if len(doc.Content) != 1 {
		return nil, &Issue{Line: 1, Column: 1, Message: "want names and values"}
	}
	return Parse(clause, kind, doc.Content[0])
}

func (s *Spec) targets() map[Kind]map[string]any {
	return map[Kind]map[string]any{
		Guard: {"on": &s.On, "if": &s.If, "refuse_if": &s.RefuseIf, "say": &s.Say, "except": &s.Except, "except_for": &s.ExceptFor},
		Deadline: {
			"start": &s.Start, "stop": &s.Stop, "cancel": &s.Cancel, "if": &s.If, "stop_if": &s.StopIf, "within": &s.Within,
			"until": &s.Until, "pause_in": &s.PauseIn, "warn_at": (*percent)(&s.WarnAt), "escalate": &s.Escalate, "say": &s.Say,
		},
		Detector:    {"watch": &s.On, "scan": &s.Scan, "if": &s.If, "breach_if": &s.BreachIf, "who": &s.Who, "say": &s.Say, "ladder": &s.Ladder, "measure": &s.Measure},
		Acknowledge: {"posts": &s.Posts, "within": &s.SignWithin, "until_signed": &s.UntilSigned},
	}
}

// percent reads "80%" or 80.
type percent int

// UnmarshalYAML reads the number with or without its sign.
func (p *percent) UnmarshalYAML(n *yaml.Node) error {
	v, err := strconv.Atoi(strings.TrimSuffix(n.Value, "%"))
	if err != nil || v < 1 || v > 99 {
		return fmt.Errorf("want 1%% to 99%%")
	}
	*p = percent(v)
	return nil
}

func (s *Spec) check(n *yaml.Node) error {
	need := func(ok bool, what string) error {
		if ok {
			return nil
		}
		return issue(n, "a %s needs %s", s.Kind, what)
	}
	switch s.Kind {
	case Guard:
		if err := need(len(s.On) > 0, "on"); err != nil {
			return err
		}
		if err := need(s.RefuseIf != "", "refuse_if"); err != nil {
			return err
		}
		if err := need(s.Say.ZH != "" && s.Say.EN != "", "say in zh and en"); err != nil {
			return err
		}
		if err := need(s.ExceptFor == "" || len(s.Except) > 0, "except beside except_for"); err != nil {
			return err
		}
		return s.span(n, "except_for", s.ExceptFor)
	case Deadline:
		if err := need(len(s.Start) > 0 && len(s.Stop) > 0, "start and stop"); err != nil {
			return err
		}
		if err := need((s.Within == "") != (s.Until == ""), "either within or until"); err != nil {
			return err
		}
		if s.WarnAt == 0 {
			s.WarnAt = 80
		}
		return s.span(n, "within", s.Within)
	case Detector:
		if err := need((len(s.On) > 0) != (s.Scan != ""), "either watch or scan"); err != nil {
			return err
		}
		if err := need(s.Measure == "" || s.Ladder != "", "ladder beside measure"); err != nil {
			return err
		}
		return need(s.BreachIf != "", "breach_if")
	}
	return s.span(n, "within", s.SignWithin)
}

func (s *Spec) span(n *yaml.Node, key, text string) error {
	if text == "" {
		return nil
	}
	if _, err := ParseSpan(text); err != nil {
		at := s.lines[key]
		if at[0] == 0 {
			at = [2]int{n.Line, n.Column}
		}
		return &Issue{Line: at[0], Column: at[1], Message: err.Error()}
	}
	return nil
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

// Types lists the record types the binding touches.
func (s *Spec) Types() []string {
	var out []string
	for _, e := range slices.Concat(s.On, s.Start, s.Stop, s.Cancel) {
		typ, _, _ := strings.Cut(e, ".")
		if !slices.Contains(out, typ) {
			out = append(out, typ)
		}
	}
	if s.Scan != "" {
		out = append(out, s.Scan)
	}
	return out
}
