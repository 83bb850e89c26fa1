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
	ifs      map[string]*rule.Program // by event
	refuse   map[string]*rule.Program
	breach   map[string]*rule.Program
	stopIf   map[string]*rule.Program
	who      map[string]*rule.Program
	until    map[string]*rule.Program
	StartsOn string // record type a deadline runs on
}

// scanEvent is the event name under which a nightly scan evaluates its conditions.
func scanEvent(typ string) string { return typ + "." + record.Read }

// Compile checks names of types, events and fields and compiles the conditions. Mistakes come as [Issue], at the place
// of the value in the YAML.
func Compile(s *Spec, c *rule.Compiler, reg *record.Registry) (*Bound, error) {
	b := &Bound{
		Spec: s, ifs: map[string]*rule.Program{}, refuse: map[string]*rule.Program{}, breach: map[string]*rule.Program{},
		stopIf: map[string]*rule.Program{}, who: map[string]*rule.Program{}, until: map[string]*rule.Program{},
	}
	watch := slices.Concat(s.On, s.Start)
	if s.Scan != "" {
		watch = append(watch, scanEvent(s.Scan))
	}
	on := "on"
	if s.Kind == Detector {
		on = "watch"
	}
	for _, part := range []struct {
		key    string
		events Events
	}{{on, s.On}, {"start", s.Start}, {"stop", s.Stop}, {"cancel", s.Cancel}} {
		for _, e := range part.events {
			if err := s.event(reg, part.key, e); err != nil {
				return nil, err
			}
		}
	}
	for _, e := range watch {
		for _, part := range []struct {
			key, src string
			want     rule.Kind
			into     map[string]*rule.Program
		}{
			{"if", s.If, rule.Bool, b.ifs},
			{"refuse_if", s.RefuseIf, rule.Bool, b.refuse},
			{"breach_if", s.BreachIf, rule.Bool, b.breach},
			{"who", s.Who, rule.ID, b.who},
			{"until", s.Until, rule.Time, b.until},
		} {
			if err := s.compile(c, part.key, part.src, e, part.want, part.into); err != nil {
				return nil, err
			}
		}
	}
	for _, e := range s.Stop {
		if err := s.compile(c, "stop_if", s.StopIf, e, rule.Bool, b.stopIf); err != nil {
			return nil, err
		}
	}
	if len(s.Start) > 0 {
		b.StartsOn, _, _ = strings.Cut(s.Start[0], ".")
	}
	return b, nil
}

func (s *Spec) event(reg *record.Registry, key, event string) error {
	typ, act, ok := strings.Cut(event, ".")
	t := reg.Type(typ)
	at := s.lines[key]
	switch {
	case !ok || t == nil || t.Name != typ:
		return &Issue{Line: at[0], Column: at[1], Message: "no record type in the event " + event}
	case t.Action(act) == nil && act != record.Create && act != record.Update:
		return &Issue{Line: at[0], Column: at[1], Message: "no action in the event " + event}
	}
	return nil
}

func (s *Spec) compile(c *rule.Compiler, key, src, event string, want rule.Kind, into map[string]*rule.Program) error {
	if src == "" {
		return nil
	}
	typ, act, _ := strings.Cut(event, ".")
	p, err := c.Compile(src, rule.Subject{Type: typ, Action: act}, want)
	var mistake *rule.Issue
	if errors.As(err, &mistake) {
		at := s.lines[key]
		line, column := at[0]+mistake.Line-1, mistake.Column
		if mistake.Line == 1 {
			column += at[1] - 1
		}
		return &Issue{Line: line, Column: column, Message: key + ": " + mistake.Message}
	}
	if err != nil {
		return err
	}
	into[event] = p
	return nil
}

// Applies returns the condition under which the binding applies to the event, or nil for always.
func (b *Bound) Applies(event string) *rule.Program { return b.ifs[event] }

// Refuses returns the condition of a guard.
func (b *Bound) Refuses(event string) *rule.Program { return b.refuse[event] }

// Breaches returns the condition of a detector.
func (b *Bound) Breaches(event string) *rule.Program { return b.breach[event] }

// Stops returns the further condition of a stop, or nil.
func (b *Bound) Stops(event string) *rule.Program { return b.stopIf[event] }

// Person returns the condition that names the person of a detector, or nil for who acts.
func (b *Bound) Person(event string) *rule.Program { return b.who[event] }

// DueAt returns the condition that gives the instant a deadline is due, or nil where Within does.
func (b *Bound) DueAt(event string) *rule.Program { return b.until[event] }

// ScanEvent returns the event name under which a scanning detector evaluates.
func (b *Bound) ScanEvent() string { return scanEvent(b.Scan) }
