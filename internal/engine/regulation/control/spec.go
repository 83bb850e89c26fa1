// Package control reads, checks and compiles the bindings of clauses.
//
// A binding binds one control to one clause, written in YAML: [Parse] refuses unknown words with line and column,
// [Compile] type-checks the conditions against the record types. A [Bound] binding is what the engine enforces. The
// package enforces nothing and stores nothing.
package control

import (
	"fmt"
	"slices"
	"strings"

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
	Duty        Kind = "duty"
	Register    Kind = "register"
	Workflow    Kind = "workflow"
	Metric      Kind = "metric"
	Attest      Kind = "attest"
)

// Kinds lists the controls in the order people choose them.
func Kinds() []Kind {
	return []Kind{Guard, Deadline, Duty, Detector, Register, Workflow, Metric, Attest, Acknowledge}
}

// Spec is one binding as written.
type Spec struct {
	Clause string
	Kind   Kind

	// guard, detector, register, attest: the events it watches
	On Events
	// all but acknowledge: applies only where true
	If string
	// guard
	RefuseIf  string
	ByAccess  bool // the permissions are the guard: a denial by them is a refusal of the clause
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
	Renew       string   // how long a signature stands before it is asked for again; empty means for the version's life
	UntilSigned []string // record types closed to those who have not signed

	// duty, attest
	Every    string   // recurrence rule of RFC 5545, in the organisation's zone
	For      []string // posts that have the duty or attest; "owner" is the record's owner
	Title    Text     // what is asked
	Time     string   // to do it, from the day it falls on: "3d", "2d work"
	Shift    bool     // an occurrence on a free day moves to the next working day
	EveryBy  string   // condition that gives the days between two times, for each record of a type
	Since    string   // condition that gives the instant the days count from; empty means the last time it was done
	Of       string   // duty, register, workflow, metric, attest: record type it looks at
	Grace    string   // after the due day in which it may still be done, late
	DoneBy   Events   // events that do it; none means the person says so himself
	DoneIf   string
	Nightly  bool // register: looked through every night as well
	Complete string

	// workflow
	End   Events // event at which the trail is compared
	Steps []Step

	// metric
	Figure  string // figure a room offers, instead of rows of a type
	At      string // field that puts a row into the period; empty means when it was made
	GoodIf  string // the figure is the share of rows for which it holds, in per cent
	Value   string // the figure is the mean of this number
	AtLeast string // a number or param.<name>
	AtMost  string
	Per     string // week, month, quarter, year
	Whose   string // company, unit, person

	// attest
	Checklist []Item
	Sample    int // rows of Of drawn from the time since the last occurrence

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

// Types lists the record types the binding touches.
func (s *Spec) Types() []string {
	var out []string
	for _, e := range slices.Concat(s.On, s.Start, s.Stop, s.Cancel, s.DoneBy, s.End) {
		typ, _, _ := strings.Cut(e, ".")
		if !slices.Contains(out, typ) {
			out = append(out, typ)
		}
	}
	for _, typ := range []string{s.Scan, s.Of} {
		if typ != "" && !slices.Contains(out, typ) {
			out = append(out, typ)
		}
	}
	return out
}
