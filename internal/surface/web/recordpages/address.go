package recordpages

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
)

// The layouts of a list.
const (
	asTable    = "list"
	asKanban   = "kanban"
	asCalendar = "calendar"
)

// state is what the address of a list says.
type state struct {
	view  string
	by    string // field of kanban and calendar
	month string // 2026-03
	q     string
	scope string // "", mine or archived
	conds []string
	sort  string
	desc  bool
	cols  []string
	air   bool // comfortable rows
	after []string
}

const (
	maxConds = 20
	maxBack  = 30 // pages one can go back to
)

// readState reads the address. What the filter form posts in single controls becomes conditions of the short form;
// loose tells whether there was any, so that the address can be tidied.
func readState(t *record.Type, q url.Values) (s state, loose bool) {
	s = state{
		view: q.Get("view"), by: q.Get("by"), month: q.Get("month"), q: strings.TrimSpace(q.Get("q")), scope: q.Get("scope"),
		conds: clean(q["f"]), air: q.Get("density") == "air", after: clean(q["after"]),
	}
	if len([]rune(s.q)) > 100 {
		s.q = string([]rune(s.q)[:100])
	}
	s.sort, s.desc = strings.TrimPrefix(q.Get("sort"), "-"), strings.HasPrefix(q.Get("sort"), "-")
	if list := q.Get("cols"); list != "" {
		s.cols = strings.Split(list, ",")
	}
	if chosen := clean(q["pick"]); q.Has("columns") && len(chosen) > 0 {
		s.cols, loose = chosen, true
	}
	more, ok := editorConditions(t, q)
	s.conds, loose = append(s.conds, more...), loose || ok
	s.conds = slices.Compact(s.conds[:min(len(s.conds), maxConds)])
	if !slices.Contains([]string{asKanban, asCalendar}, s.view) {
		s.view = asTable
	}
	return s, loose
}

func clean(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// editorConditions reads the controls of the filter bar: e.<field> from a typed editor, and nf, no, nv from the one
// that takes any field.
func editorConditions(t *record.Type, q url.Values) (conds []string, any bool) {
	for name, values := range q {
		fieldName, ok := strings.CutPrefix(name, "e.")
		if !ok {
			continue
		}
		any = true
		f := t.Field(fieldName)
		if values = clean(values); f == nil || len(values) == 0 {
			continue
		}
		conds = append(conds, fieldName+":"+string(editorOp(f))+":"+strings.Join(values, ","))
	}
	slices.Sort(conds)
	if q.Has("nf") {
		any = true
		if name := q.Get("nf"); name != "" {
			conds = append(conds, name+":"+q.Get("no")+":"+strings.TrimSpace(q.Get("nv")))
		}
	}
	return conds, any
}

// editorOp is the comparison a typed editor means.
func editorOp(f *record.Field) field.Op {
	switch f.Kind.Name() {
	case "enum", "state":
		return field.In
	case "multienum", "refs":
		return field.Has
	case "text", "longtext":
		return field.Contains
	}
	return field.Eq
}

// values is the state as the query of an address.
func (s state) values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	if s.view != asTable {
		set("view", s.view)
	}
	set("by", s.by)
	set("month", s.month)
	set("q", s.q)
	set("scope", s.scope)
	set("cols", strings.Join(s.cols, ","))
	if s.sort != "" && s.desc {
		set("sort", "-"+s.sort)
	} else {
		set("sort", s.sort)
	}
	if s.air {
		set("density", "air")
	}
	for _, c := range s.conds {
		q.Add("f", c)
	}
	for _, c := range s.after {
		q.Add("after", c)
	}
	return q
}

func (s state) query() string { return s.values().Encode() }

// href is the address of the list in this state.
func (s state) href(t *record.Type) string {
	if q := s.query(); q != "" {
		return listPath(t) + "?" + q
	}
	return listPath(t)
}

// with returns a changed copy that begins at the first page.
func (s state) with(change func(*state)) state {
	s.conds, s.cols, s.after = slices.Clone(s.conds), slices.Clone(s.cols), nil
	change(&s)
	return s
}

// without drops one condition.
func (s state) without(cond string) state {
	return s.with(func(c *state) { c.conds = slices.DeleteFunc(c.conds, func(x string) bool { return x == cond }) })
}

// same reports whether two states show the same records in the same way, whatever page they stand on.
func (s state) same(o state) bool {
	s.after, o.after = nil, nil
	return s.query() == o.query()
}

// monthOf reads the month of the calendar; the present one where none or a wrong one is named.
func (s state) monthOf(now time.Time, zone *time.Location) time.Time {
	m, err := time.Parse("2006-01", s.month)
	if err != nil || m.Year() < 1900 || m.Year() > 2199 {
		n := now.In(zone)
		m = time.Date(n.Year(), n.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return m
}
