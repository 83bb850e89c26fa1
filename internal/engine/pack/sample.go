package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Sample is a made-up company of the trade at work: what people of its posts do, step by step, in the days before it is
// loaded. States are reached by actions alone; no step writes one.
type Sample struct {
	People map[string]string `yaml:"people"` // by post: the name of who holds it
	Steps  []*SampleStep     `yaml:"steps"`  // in the order of time
	File   string            `yaml:"-"`

	places places
}

// SampleStep is one thing done: a record made (New, named Key) or an action (Do) on a record named before (Of).
type SampleStep struct {
	At      string        `yaml:"at"`  // "-3d 10:20": so many days before the loading, at that time of the organisation's zone
	By      string        `yaml:"by"`  // the post that does it
	New     string        `yaml:"new"` // type of record
	Key     string        `yaml:"key"`
	Do      string        `yaml:"do"`
	Of      string        `yaml:"of"`
	Refused string        `yaml:"refused"` // clause that refuses the step; empty where it succeeds
	With    []SampleValue `yaml:"-"`

	Line, Column int `yaml:"-"`
}

// SampleValue is one field of a step. A text "$key" is the record named so, "@post" the person who holds the post,
// "#key" the record of the field's type with that key, "+3d 18:00" or "-2d" a time counted from the loading, in fields of
// a time or date.
type SampleValue struct {
	Name         string
	Value        any // string, bool or []any of strings
	Line, Column int
}

// UnmarshalYAML keeps the place of the step and of its values.
func (s *SampleStep) UnmarshalYAML(n *yaml.Node) error {
	type plain SampleStep
	s.Line, s.Column = n.Line, n.Column
	if err := n.Decode((*plain)(s)); err != nil {
		return err
	}
	with := valueOf(n, "with")
	if with == nil {
		return nil
	}
	if with.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: with: want names and values", with.Line)
	}
	for i := 0; i+1 < len(with.Content); i += 2 {
		v, err := sampleValue(with.Content[i+1])
		if err != nil {
			return err
		}
		s.With = append(s.With, SampleValue{with.Content[i].Value, v, with.Content[i].Line, with.Content[i].Column})
	}
	return nil
}

func sampleValue(n *yaml.Node) (any, error) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!bool":
		return n.Value == "true", nil
	case n.Kind == yaml.ScalarNode:
		return n.Value, nil
	case n.Kind == yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("line %d: want a single value", item.Line)
			}
			out = append(out, item.Value)
		}
		return out, nil
	}
	return nil, fmt.Errorf("line %d: want a value or a list of values", n.Line)
}

func (p *Pack) loadSample(fsys fs.FS, dir string) error {
	file := dir + "/samples.yaml"
	if _, err := fs.Stat(fsys, file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s := &Sample{File: file}
	var err error
	if s.places, err = decodeFile(fsys, file, sampleShape(), s); err != nil {
		return err
	}
	p.Sample = s
	return nil
}

var sampleTime = regexp.MustCompile(`^([+-]\d{1,3})d(?: ([01]\d|2[0-3]):([0-5]\d))?$`)

// SampleTime reads a time counted from the day of loading, such as "-3d 10:20" or "+2d", in the zone of that day. Without
// an hour it is nine in the morning.
func SampleTime(text string, day time.Time) (time.Time, bool) {
	m := sampleTime.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, false
	}
	days, _ := strconv.Atoi(m[1])
	hour, minute := 9, 0
	if m[2] != "" {
		hour, _ = strconv.Atoi(m[2])
		minute, _ = strconv.Atoi(m[3])
	}
	y, mo, d := day.Date()
	return time.Date(y, mo, d+days, hour, minute, 0, 0, day.Location()), true
}

// sample checks what can be seen without the record types; see [CheckSamples].
func (c *checker) sample(p *Pack, n names) {
	s := p.Sample
	if s == nil {
		return
	}
	top := Place{s.File, 1, 1}
	for post, name := range s.People {
		if !n.posts[post] {
			c.add(s.places.find(s.File, "people", ""), "unknown_post", post)
		}
		if strings.TrimSpace(name) == "" {
			c.add(s.places.find(s.File, "people", ""), "missing_text", post)
		}
	}
	if len(s.Steps) == 0 {
		c.add(top, "no_sample_steps", p.ID)
	}
	day, last, known := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), time.Time{}, map[string]bool{}
	for _, step := range s.Steps {
		at := Place{s.File, step.Line, step.Column}
		t, ok := SampleTime(step.At, day)
		if !ok || !t.Before(day) || t.Before(last) {
			c.add(at, "bad_sample_time", step.At)
		}
		last = t
		c.sampleStep(at, s, step, known, n)
	}
}

func (c *checker) sampleStep(at Place, s *Sample, step *SampleStep, known map[string]bool, n names) {
	if s.People[step.By] == "" {
		c.add(at, "no_sample_person", step.By)
	}
	if (step.New == "") == (step.Do == "") || (step.Do == "") != (step.Of == "") {
		c.add(at, "bad_sample_step", step.New+step.Do)
	}
	if step.Of != "" && !known[step.Of] {
		c.add(at, "unknown_sample_key", step.Of)
	}
	if step.Refused != "" && !n.clauses[step.Refused] {
		c.add(at, "unknown_clause", step.Refused)
	}
	for _, v := range step.With {
		for _, text := range texts(v.Value) {
			place := Place{s.File, v.Line, v.Column}
			if key, ok := strings.CutPrefix(text, "$"); ok && !known[key] {
				c.add(place, "unknown_sample_key", key)
			}
			if post, ok := strings.CutPrefix(text, "@"); ok && s.People[post] == "" {
				c.add(place, "no_sample_person", post)
			}
		}
	}
	if step.Key != "" {
		if known[step.Key] {
			c.add(at, "duplicate", "sample "+step.Key)
		}
		known[step.Key] = step.Refused == ""
	}
}

// texts are the texts in the value of a sample.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		out := make([]string, 0, len(v))
		for _, item := range v {
			out = append(out, fmt.Sprint(item))
		}
		return out
	}
	return nil
}

// Posts lists the posts of the sample's people, in order of the alphabet.
func (s *Sample) Posts() []string {
	out := make([]string, 0, len(s.People))
	for post := range s.People {
		out = append(out, post)
	}
	slices.Sort(out)
	return out
}
