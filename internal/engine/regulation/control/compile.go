package control

import (
	"errors"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/rule"
)

// Bound is a compiled binding.
type Bound struct {
	*Spec
	programs map[string]*rule.Program // by name in the YAML and event
	StartsOn string                   // record type a deadline runs on
}

// scanEvent is the event name under which conditions about a row of a type are evaluated: no action is at work.
func scanEvent(typ string) string { return typ + "." + record.Read }

// part is one condition of a binding: its name, what it must give and the events it is asked at.
type part struct {
	key, src string
	want     rule.Kind
	events   Events
}

// Compile checks names of types, events, fields and figures and compiles the conditions. Mistakes come as [Issue], at
// the place of the value in the YAML.
func Compile(s *Spec, c *rule.Compiler, reg *record.Registry) (*Bound, error) {
	b := &Bound{Spec: s, programs: map[string]*rule.Program{}}
	if err := s.names(c, reg); err != nil {
		return nil, err
	}
	for _, p := range s.parts() {
		for _, e := range p.events {
			if err := b.compile(c, p, e); err != nil {
				return nil, err
			}
		}
	}
	if len(s.Start) > 0 {
		b.StartsOn, _, _ = strings.Cut(s.Start[0], ".")
	}
	return b, nil
}

// parts lists the conditions with the events they are asked at.
func (s *Spec) parts() []part {
	watch, row := slices.Concat(s.On, s.Start), Events{scanEvent(s.Of)}
	if s.Scan != "" {
		watch = append(watch, scanEvent(s.Scan))
	}
	switch s.Kind {
	case Duty:
		if s.Of == "" {
			return []part{{"done_if", s.DoneIf, rule.Bool, s.DoneBy}}
		}
		return []part{
			{"if", s.If, rule.Bool, row}, {"every_by", s.EveryBy, rule.Int, row}, {"since", s.Since, rule.Time, row},
			{"done_if", s.DoneIf, rule.Bool, s.DoneBy},
		}
	case Register:
		return []part{{"if", s.If, rule.Bool, row}, {"complete_if", s.Complete, rule.Bool, row}}
	case Workflow:
		return []part{{"if", s.If, rule.Bool, row}}
	case Metric:
		if s.Of == "" {
			return nil
		}
		return []part{{"if", s.If, rule.Bool, row}, {"good_if", s.GoodIf, rule.Bool, row}, {"value", s.Value, rule.Float, row}}
	case Attest:
		if s.Of != "" {
			watch = append(watch, row...)
		}
		return []part{{"if", s.If, rule.Bool, watch}}
	}
	return []part{
		{"if", s.If, rule.Bool, watch}, {"refuse_if", s.RefuseIf, rule.Bool, watch}, {"breach_if", s.BreachIf, rule.Bool, watch},
		{"who", s.Who, rule.ID, watch}, {"until", s.Until, rule.Time, watch}, {"stop_if", s.StopIf, rule.Bool, s.Stop},
	}
}

// names checks that types, events, fields and figures exist.
func (s *Spec) names(c *rule.Compiler, reg *record.Registry) error {
	on := "on"
	if s.Kind == Detector {
		on = "watch"
	}
	for _, list := range []struct {
		key    string
		events Events
	}{{on, s.On}, {"start", s.Start}, {"stop", s.Stop}, {"cancel", s.Cancel}, {"done_by", s.DoneBy}, {"end", s.End}, {"steps", s.stepEvents()}} {
		for _, e := range list.events {
			if err := s.event(reg, list.key, e); err != nil {
				return err
			}
		}
	}
	for key, typ := range map[string]string{"of": s.Of, "scan": s.Scan} {
		if typ != "" && reg.Type(typ) == nil {
			return s.issue(key, "no record type "+typ)
		}
	}
	if s.At != "" {
		if f := reg.Type(s.Of).Field(s.At); f == nil || f.Kind.Name() != "time" && f.Kind.Name() != "date" {
			return s.issue("at", "no field of a time named "+s.At)
		}
	}
	if s.Figure != "" && c.Figure(s.Figure) == nil {
		return s.issue("figure", "no figure "+s.Figure)
	}
	return s.related(reg)
}

// related checks that what a register, workflow or duty listens to has to do with its type.
func (s *Spec) related(reg *record.Registry) error {
	for key, events := range map[string]Events{"end": s.End, "steps": s.stepEvents()} {
		for _, e := range events {
			typ, _, _ := strings.Cut(e, ".")
			if typ != s.Of && Link(reg.Type(typ), s.Of) == nil {
				return s.issue(key, typ+" does not refer to "+s.Of)
			}
		}
	}
	return nil
}

// Link is the field by which records of the type refer to one of another type, or nil.
func Link(t *record.Type, to string) *record.Field {
	for _, f := range t.Fields {
		if f.Kind.Name() == "ref" && f.Ref == to && !f.Custom {
			return f
		}
	}
	return nil
}

func (s *Spec) stepEvents() Events {
	var out Events
	for _, step := range s.Steps {
		out = append(out, step.On...)
	}
	return out
}

func (s *Spec) issue(key, message string) error {
	at := s.lines[key]
	return &Issue{Line: max(at[0], 1), Column: max(at[1], 1), Message: message}
}

func (s *Spec) event(reg *record.Registry, key, event string) error {
	typ, act, ok := strings.Cut(event, ".")
	t := reg.Type(typ)
	switch {
	case !ok || t == nil || t.Name != typ:
		return s.issue(key, "no record type in the event "+event)
	case t.Action(act) == nil && act != record.Create && act != record.Update:
		return s.issue(key, "no action in the event "+event)
	}
	return nil
}

func (b *Bound) compile(c *rule.Compiler, p part, event string) error {
	if p.src == "" {
		return nil
	}
	typ, act, _ := strings.Cut(event, ".")
	prog, err := c.Compile(p.src, rule.Subject{Type: typ, Action: act}, p.want)
	var mistake *rule.Issue
	if errors.As(err, &mistake) {
		at := b.lines[p.key]
		line, column := at[0]+mistake.Line-1, mistake.Column
		if mistake.Line == 1 {
			column += at[1] - 1
		}
		return &Issue{Line: line, Column: column, Message: p.key + ": " + mistake.Message}
	}
	if err != nil {
		return err
	}
	b.programs[p.key+" "+event] = prog
	return nil
}

func (b *Bound) program(key, event string) *rule.Program { return b.programs[key+" "+event] }

// Applies returns the condition under which the binding applies to the event, or nil for always.
func (b *Bound) Applies(event string) *rule.Program { return b.program("if", event) }

// Refuses returns the condition of a guard; nil where the permissions are the guard.
func (b *Bound) Refuses(event string) *rule.Program { return b.program("refuse_if", event) }

// Breaches returns the condition of a detector.
func (b *Bound) Breaches(event string) *rule.Program { return b.program("breach_if", event) }

// Stops returns the further condition of a stop, or nil.
func (b *Bound) Stops(event string) *rule.Program { return b.program("stop_if", event) }

// Person returns the condition that names the person of a detector, or nil for who acts.
func (b *Bound) Person(event string) *rule.Program { return b.program("who", event) }

// DueAt returns the condition that gives the instant a deadline is due, or nil where Within does.
func (b *Bound) DueAt(event string) *rule.Program { return b.program("until", event) }

// Done returns the further condition of an event that does a duty, or nil.
func (b *Bound) Done(event string) *rule.Program { return b.program("done_if", event) }

// Row returns a condition about a row of the type the binding looks at: if, every_by, since, complete_if, good_if or
// value. It is nil where nothing is written.
func (b *Bound) Row(key string) *rule.Program { return b.program(key, scanEvent(b.Of)) }

// ScanEvent returns the event name under which a scanning detector evaluates.
func (b *Bound) ScanEvent() string { return scanEvent(b.Scan) }
