package control

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Step is one thing a workflow demands: an event of the record, or of one that refers to it, by whom.
type Step struct {
	On Events   `yaml:"on"`
	By []string `yaml:"by"` // posts, or "owner"; none means anybody
}

// Item is one line of a checklist.
type Item struct {
	Key string `yaml:"key"`
	ZH  string `yaml:"zh"`
	EN  string `yaml:"en"`
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

// words reads a word or a list of words.
type words []string

// UnmarshalYAML reads a word or a list of words.
func (w *words) UnmarshalYAML(n *yaml.Node) error { return (*Events)(w).UnmarshalYAML(n) }

// targets says which names each control has and where their values go.
func (s *Spec) targets() map[Kind]map[string]any {
	return map[Kind]map[string]any{
		Guard: {
			"on": &s.On, "if": &s.If, "refuse_if": &s.RefuseIf, "say": &s.Say, "except": &s.Except, "except_for": &s.ExceptFor,
			"by_access": &s.ByAccess,
		},
		Deadline: {
			"start": &s.Start, "stop": &s.Stop, "cancel": &s.Cancel, "if": &s.If, "stop_if": &s.StopIf, "within": &s.Within,
			"until": &s.Until, "pause_in": &s.PauseIn, "warn_at": (*percent)(&s.WarnAt), "escalate": &s.Escalate, "say": &s.Say,
		},
		Detector: {
			"watch": &s.On, "scan": &s.Scan, "if": &s.If, "breach_if": &s.BreachIf, "who": &s.Who, "say": &s.Say,
			"ladder": &s.Ladder, "measure": &s.Measure,
		},
		Acknowledge: {"posts": &s.Posts, "within": &s.SignWithin, "renew": &s.Renew, "until_signed": &s.UntilSigned},
		Duty: {
			"every": &s.Every, "every_by": &s.EveryBy, "since": &s.Since, "of": &s.Of, "if": &s.If, "for": (*words)(&s.For), "task": &s.Title,
			"within": &s.Time, "grace": &s.Grace, "workday": &s.Shift, "done_by": &s.DoneBy, "done_if": &s.DoneIf, "escalate": &s.Escalate,
		},
		Register: {"of": &s.Of, "on": &s.On, "if": &s.If, "complete_if": &s.Complete, "nightly": &s.Nightly, "say": &s.Say},
		Workflow: {"of": &s.Of, "end": &s.End, "if": &s.If, "steps": &s.Steps, "say": &s.Say},
		Metric: {
			"figure": &s.Figure, "of": &s.Of, "at": &s.At, "if": &s.If, "good_if": &s.GoodIf, "value": &s.Value, "at_least": &s.AtLeast,
			"at_most": &s.AtMost, "per": &s.Per, "for": &s.Whose, "say": &s.Say,
		},
		Attest: {
			"checklist": &s.Checklist, "by": (*words)(&s.For), "every": &s.Every, "on": &s.On, "of": &s.Of, "sample": &s.Sample, "if": &s.If,
			"task": &s.Title, "within": &s.Time, "workday": &s.Shift, "escalate": &s.Escalate,
		},
	}
}

// wanted says in words what the value of a name is written as.
func wanted(target any) string {
	switch target.(type) {
	case *string:
		return "a text"
	case *bool:
		return "true or false"
	case *int:
		return "a whole number"
	case *Events:
		return "an event <type>.<action> or a list of them"
	case *[]string:
		return "a list of words"
	case *words:
		return "a word or a list of words"
	case *Text:
		return "sentences under zh and en"
	case *[]Step:
		return "a list of steps with on and by"
	case *[]Item:
		return "a list of items with key, zh and en"
	}
	return "1% to 99%"
}
