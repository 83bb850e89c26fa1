package record

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
)

// Filter is a condition over the fields of one type: a leaf with Field and Op, or a group. The zero value is true.
type Filter struct {
	And   []Filter
	Or    []Filter
	Not   *Filter
	Field string
	Op    field.Op
	Value any // canonical; []any for In and NotIn
}

// Where is the leaf "field is value".
func Where(name string, value any) Filter { return Filter{Field: name, Op: field.Eq, Value: value} }

// All joins filters by "and".
func All(fs ...Filter) Filter { return Filter{And: fs} }

// Zero reports whether the filter is always true.
func (f Filter) Zero() bool {
	return f.Field == "" && len(f.And) == 0 && len(f.Or) == 0 && f.Not == nil
}

// Fields lists the names of the fields the filter looks at.
func (f Filter) Fields() []string {
	var out []string
	if f.Field != "" {
		out = append(out, f.Field)
	}
	for _, g := range slices.Concat(f.And, f.Or) {
		out = append(out, g.Fields()...)
	}
	if f.Not != nil {
		out = append(out, f.Not.Fields()...)
	}
	return out
}

// FilterContext is what relative values refer to.
type FilterContext struct {
	Now  time.Time
	Zone *time.Location
	Me   ID
}

const (
	maxFilterDepth  = 6
	maxFilterLeaves = 60
	maxFilterBytes  = 16 << 10
)

type rawFilter struct {
	And   []rawFilter     `json:"and"`
	Or    []rawFilter     `json:"or"`
	Not   *rawFilter      `json:"not"`
	Field string          `json:"field"`
	Op    string          `json:"op"`
	Value json.RawMessage `json:"value"`
}

// ParseFilter reads the JSON form: {"field","op","value"}, {"and":[…]}, {"or":[…]}, {"not":…}. Values are checked by
// the field's kind; dates also take today, yesterday, tomorrow, this_week, last_week, this_month, last_month,
// this_year, last_year and offsets such as -7d, +2w, -1m; persons take "me".
func (t *Type) ParseFilter(text string, fc FilterContext) (Filter, error) {
	if strings.TrimSpace(text) == "" {
		return Filter{}, nil
	}
	if len(text) > maxFilterBytes {
		return Filter{}, errs.New(errs.TooLarge, "filter.too_long")
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	var raw rawFilter
	if err := dec.Decode(&raw); err != nil || dec.More() {
		return Filter{}, errs.New(errs.Malformed, "filter.syntax").Because(err)
	}
	leaves := 0
	return t.build(raw, fc, 0, &leaves)
}

func (t *Type) build(raw rawFilter, fc FilterContext, depth int, leaves *int) (Filter, error) {
	if depth > maxFilterDepth {
		return Filter{}, errs.New(errs.Invalid, "filter.too_deep").With("max", maxFilterDepth)
	}
	set := 0
	for _, given := range []bool{len(raw.And) > 0, len(raw.Or) > 0, raw.Not != nil, raw.Field != ""} {
		if given {
			set++
		}
	}
	switch {
	case set == 0:
		return Filter{}, nil
	case set > 1:
		return Filter{}, errs.New(errs.Malformed, "filter.syntax")
	case raw.Not != nil:
		f, err := t.build(*raw.Not, fc, depth+1, leaves)
		return Filter{Not: &f}, err
	case raw.Field != "":
		if *leaves++; *leaves > maxFilterLeaves {
			return Filter{}, errs.New(errs.Invalid, "filter.too_many").With("max", maxFilterLeaves)
		}
		return t.leaf(raw, fc)
	}
	var out []Filter
	for _, r := range slices.Concat(raw.And, raw.Or) {
		f, err := t.build(r, fc, depth+1, leaves)
		if err != nil {
			return Filter{}, err
		}
		if !f.Zero() {
			out = append(out, f)
		}
	}
	if len(raw.And) > 0 {
		return Filter{And: out}, nil
	}
	return Filter{Or: out}, nil
}

func (t *Type) leaf(raw rawFilter, fc FilterContext) (Filter, error) {
	var value any
	if len(raw.Value) > 0 {
		dec := json.NewDecoder(strings.NewReader(string(raw.Value)))
		dec.UseNumber()
		if err := dec.Decode(&value); err != nil {
			return Filter{}, errs.New(errs.Malformed, "filter.syntax").Because(err)
		}
	}
	return t.Condition(raw.Field, field.Op(raw.Op), value, fc)
}

// ParseCondition reads the short form "field:op:value" used in addresses; lists are separated by commas.
func (t *Type) ParseCondition(text string, fc FilterContext) (Filter, error) {
	name, rest, _ := strings.Cut(text, ":")
	op, value, _ := strings.Cut(rest, ":")
	if op == "" {
		return Filter{}, errs.New(errs.Malformed, "filter.syntax")
	}
	if len(text) > maxFilterBytes {
		return Filter{}, errs.New(errs.TooLarge, "filter.too_long")
	}
	var v any = value
	if field.Op(op) == field.In || field.Op(op) == field.NotIn {
		var list []any
		for _, s := range strings.Split(value, ",") {
			list = append(list, s)
		}
		v = list
	}
	return t.Condition(name, field.Op(op), v, fc)
}

// Condition builds one checked leaf from a JSON value or text.
func (t *Type) Condition(name string, op field.Op, value any, fc FilterContext) (Filter, error) {
	f := t.Field(name)
	if f == nil || f.Compute != nil {
		return Filter{}, errs.Of(name, "filter.unknown_field").With("field", name)
	}
	if !slices.Contains(f.Kind.Ops(), op) {
		return Filter{}, errs.Of(name, "filter.unknown_op").With("field", name).With("op", string(op))
	}
	switch op {
	case field.Empty, field.Filled:
		return Filter{Field: name, Op: op}, nil
	case field.In, field.NotIn:
		list, ok := value.([]any)
		if !ok || len(list) == 0 || len(list) > 200 {
			return Filter{}, errs.Of(name, "filter.want_list")
		}
		out := make([]any, len(list))
		for i, x := range list {
			v, err := f.filterValue(x, fc)
			if err != nil {
				return Filter{}, err
			}
			out[i] = v
		}
		return Filter{Field: name, Op: op, Value: out}, nil
	}
	if from, to, ok := period(value, fc); ok && (f.Kind.Name() == "date" || f.Kind.Name() == "time") {
		return span(f, op, from, to), nil
	}
	v, err := f.filterValue(value, fc)
	if err != nil {
		return Filter{}, err
	}
	return Filter{Field: name, Op: op, Value: v}, nil
}

func (f *Field) filterValue(in any, fc FilterContext) (any, error) {
	if s, ok := in.(string); ok && s == "me" && f.Kind.Name() == "user" {
		return fc.Me, nil
	}
	if f.Kind.Name() == "multienum" || f.Kind.Name() == "refs" || f.Kind.Name() == "files" {
		s, ok := in.(string)
		if !ok {
			return nil, errs.Of(f.Name, "field.want_text")
		}
		return s, nil
	}
	v, e := f.Parse(in)
	if e != nil {
		return nil, e
	}
	if f.IsZero(v) {
		return nil, errs.Of(f.Name, "filter.want_value").With("field", f.Name)
	}
	return v, nil
}

// span turns a comparison with a period [from, to) into comparisons with its ends.
func span(f *Field, op field.Op, from, to time.Time) Filter {
	if f.Kind.Name() == "date" {
		from = time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
		to = time.Date(to.Year(), to.Month(), to.Day(), 0, 0, 0, 0, time.UTC)
	} else {
		from, to = from.UTC(), to.UTC()
	}
	leaf := func(op field.Op, v time.Time) Filter { return Filter{Field: f.Name, Op: op, Value: v} }
	switch op {
	case field.Lt:
		return leaf(field.Lt, from)
	case field.Le:
		return leaf(field.Lt, to)
	case field.Gt:
		return leaf(field.Ge, to)
	case field.Ge:
		return leaf(field.Ge, from)
	case field.Ne:
		return Filter{Or: []Filter{leaf(field.Lt, from), leaf(field.Ge, to)}}
	default:
		return Filter{And: []Filter{leaf(field.Ge, from), leaf(field.Lt, to)}}
	}
}

// period reads a relative date as the civil period [from, to) in the zone of fc.
func period(value any, fc FilterContext) (from, to time.Time, ok bool) {
	s, isText := value.(string)
	if !isText || s == "" {
		return from, to, false
	}
	zone := fc.Zone
	if zone == nil {
		zone = time.UTC
	}
	n := fc.Now.In(zone)
	day := time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, zone)
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	month := day.AddDate(0, 0, 1-day.Day())
	year := time.Date(n.Year(), 1, 1, 0, 0, 0, 0, zone)
	switch s {
	case "today":
		return day, day.AddDate(0, 0, 1), true
	case "yesterday":
		return day.AddDate(0, 0, -1), day, true
	case "tomorrow":
		return day.AddDate(0, 0, 1), day.AddDate(0, 0, 2), true
	case "this_week":
		return monday, monday.AddDate(0, 0, 7), true
	case "last_week":
		return monday.AddDate(0, 0, -7), monday, true
	case "this_month":
		return month, month.AddDate(0, 1, 0), true
	case "last_month":
		return month.AddDate(0, -1, 0), month, true
	case "this_year":
		return year, year.AddDate(1, 0, 0), true
	case "last_year":
		return year.AddDate(-1, 0, 0), year, true
	}
	return offset(s, day)
}

// offset reads -7d, +2w, -1m, +1y counted from today.
func offset(s string, day time.Time) (from, to time.Time, ok bool) {
	if len(s) < 3 || len(s) > 7 || (s[0] != '-' && s[0] != '+') {
		return from, to, false
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	if err != nil || n > 36500 || n < -36500 {
		return from, to, false
	}
	switch s[len(s)-1] {
	case 'd':
		from = day.AddDate(0, 0, n)
	case 'w':
		from = day.AddDate(0, 0, 7*n)
	case 'm':
		from = day.AddDate(0, n, 0)
	case 'y':
		from = day.AddDate(n, 0, 0)
	default:
		return from, to, false
	}
	return from, from.AddDate(0, 0, 1), true
}
