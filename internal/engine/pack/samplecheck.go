package pack

import (
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/record"
)

// CheckSamples returns what does not fit between the samples of the packs and the record types of the program: types,
// actions and fields that do not exist, values a field does not take, references to records of another type and states
// that a step would write by itself. It returns nil for sound samples.
func CheckSamples(packs []*Pack, types *record.Registry) []Problem {
	c := &checker{}
	for _, p := range packs {
		if p.Sample == nil {
			continue
		}
		own := map[string]bool{}
		for _, f := range p.Forms {
			for _, q := range f.Fields {
				own[q.Name] = true
			}
		}
		known := map[string]string{}
		for _, step := range p.Sample.Steps {
			(&sampleChecker{c, p.Sample, types, own, known}).step(step)
		}
	}
	return c.problems
}

type sampleChecker struct {
	*checker
	sample *Sample
	types  *record.Registry
	own    map[string]bool   // names of the custom fields the pack brings
	known  map[string]string // types of the records, by key
}

func (c *sampleChecker) step(s *SampleStep) {
	at := Place{c.sample.File, s.Line, s.Column}
	name := s.New
	if s.Of != "" {
		if name = c.known[s.Of]; name == "" {
			return // reported by [Check]
		}
	}
	t := c.types.Type(name)
	if t == nil || t.Name != name {
		c.add(at, "unknown_type", name)
		return
	}
	if s.Key != "" {
		c.known[s.Key] = t.Name
	}
	fields := t.Editable(true)
	if s.Do != "" {
		a := t.Action(s.Do)
		if a == nil {
			c.add(at, "unknown_action", name+"."+s.Do)
			return
		}
		fields = a.Input
		if s.Do == record.Update {
			fields = t.Editable(false)
		}
	}
	for _, v := range s.With {
		c.value(v, fields, s.New != "")
	}
	c.missing(at, s, fields)
}

// missing reports fields that must be there and are not.
func (c *sampleChecker) missing(at Place, s *SampleStep, fields []*record.Field) {
	if s.Do == record.Update {
		return
	}
	for _, f := range fields {
		given := slices.ContainsFunc(s.With, func(v SampleValue) bool { return v.Name == f.Name })
		if f.Required && f.Default == "" && !given {
			c.add(at, "missing_value", f.Name)
		}
	}
}

func (c *sampleChecker) value(v SampleValue, fields []*record.Field, isNew bool) {
	at := Place{c.sample.File, v.Line, v.Column}
	i := slices.IndexFunc(fields, func(f *record.Field) bool { return f.Name == v.Name })
	if i < 0 {
		if !c.own[v.Name] && !(isNew && (v.Name == "owner_id" || v.Name == "unit_id")) {
			c.add(at, "unknown_sample_field", v.Name)
		}
		return
	}
	f := fields[i]
	for _, text := range texts(v.Value) {
		if key, ok := strings.CutPrefix(text, "$"); ok && c.known[key] != "" && f.Ref != "" && c.known[key] != f.Ref {
			c.add(at, "bad_value", v.Name+" "+text)
		}
	}
	if named(f) {
		return
	}
	value := v.Value
	if text, ok := value.(string); ok {
		if moment, ok := SampleMoment(f, text, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)); ok {
			value = moment
		}
	}
	if _, err := f.Parse(value); err != nil {
		c.add(at, "bad_value", v.Name)
	}
}

// named reports whether the field holds other records, which a sample names by key.
func named(f *record.Field) bool {
	return slices.Contains([]string{"ref", "refs", "user", "unit", "file", "files"}, f.Kind.Name())
}

// SampleMoment turns a time counted from the loading into the text the field takes; false where the field is none of a
// time or date, or the text says something else.
func SampleMoment(f *record.Field, text string, day time.Time) (string, bool) {
	kind := f.Kind.Name()
	if kind != "time" && kind != "date" {
		return "", false
	}
	t, ok := SampleTime(text, day)
	if !ok {
		return "", false
	}
	if kind == "date" {
		return t.Format(time.DateOnly), true
	}
	return t.Format(time.RFC3339), true
}
