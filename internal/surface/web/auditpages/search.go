package auditpages

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

const (
	pageSize  = 50
	longest   = 120 // characters of a condition in the address
	maxPeople = 1000
)

// search is what the address asks for.
type search struct {
	person, subject, act, record, from, until string
	before, after                             int64
}

func readSearch(q url.Values) search {
	get := func(name string) string {
		s := strings.TrimSpace(q.Get(name))
		if len(s) > longest {
			return ""
		}
		return s
	}
	number := func(name string) int64 { n, _ := strconv.ParseInt(get(name), 10, 64); return max(n, 0) }
	return search{
		person: get("person"), subject: get("type"), act: get("verb"), record: get("record"), from: get("from"), until: get("until"),
		before: number("before"), after: number("after"),
	}
}

// names of the conditions in the order of the bar.
func conditions() []string { return []string{"person", "type", "verb", "record", "from", "until"} }

func (s search) value(name string) string {
	return map[string]string{"person": s.person, "type": s.subject, "verb": s.act, "record": s.record, "from": s.from, "until": s.until}[name]
}

// href is the address of the search without the condition of the name, and with what is added.
func (s search) href(without string, add ...string) string {
	v := url.Values{}
	for _, name := range conditions() {
		if x := s.value(name); x != "" && name != without {
			v.Set(name, x)
		}
	}
	for i := 0; i+1 < len(add); i += 2 {
		v.Set(add[i], add[i+1])
	}
	if len(v) == 0 {
		return "/audit"
	}
	return "/audit?" + v.Encode()
}

// looking is one search being made.
type looking struct {
	p      *Pages
	ctx    context.Context
	actor  access.Actor
	s      search
	verbs  []string // of the log
	people []webui.Option
	wrong  []string // conditions that could not be used, in words
}

// find turns the address into a search of the log. What cannot be used is named and left out.
func (l *looking) find() (audit.Find, error) {
	f := audit.Find{Before: l.s.before, After: l.s.after, Up: l.s.after > 0, Limit: pageSize}
	zone := i18n.ZoneOf(l.ctx)
	f.From = l.day(&l.s.from, zone, 0)
	f.Until = l.day(&l.s.until, zone, 1)
	if l.s.subject != "" {
		f.Verb = l.s.subject + "."
	}
	if l.s.act != "" {
		f.Verbs = slices.DeleteFunc(slices.Clone(l.verbs), func(v string) bool { _, act := cut(v); return act != l.s.act })
		if len(f.Verbs) == 0 {
			f.Verbs = []string{"-"} // a verb nobody wrote meets nothing
		}
	}
	f.Actor = l.s.person
	var err error
	f.Record, err = l.recordOf()
	return f, err
}

func (l *looking) day(text *string, zone *time.Location, add int) time.Time {
	if *text == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(time.DateOnly, *text, zone)
	if err != nil {
		l.wrong = append(l.wrong, i18n.T(l.ctx, "audit.bad_date", "text", *text))
		*text = ""
		return time.Time{}
	}
	return t.AddDate(0, 0, add).UTC()
}

// recordOf reads the condition on a record: its id or its number.
func (l *looking) recordOf() (record.ID, error) {
	if l.s.record == "" {
		return 0, nil
	}
	if id, err := ids.Parse(l.s.record); err == nil {
		return id, nil
	}
	hits, err := l.p.server.Records().Search(l.ctx, l.actor, l.s.record, nil, 20)
	if err != nil {
		return 0, err
	}
	for _, h := range hits {
		if strings.EqualFold(h.Record.Number, l.s.record) {
			return h.Record.ID, nil
		}
	}
	l.wrong = append(l.wrong, i18n.T(l.ctx, "audit.no_record", "text", l.s.record))
	l.s.record = ""
	return 0, nil
}

// readPeople lists who may be asked for.
func (l *looking) readPeople() error {
	q := record.Query{Sort: "name", Limit: 200}
	for len(l.people) < maxPeople {
		page, err := l.p.server.Records().List(l.ctx, l.actor, "user", q)
		if errs.Is(err, errs.Forbidden) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, v := range page.Views {
			l.people = append(l.people, webui.Option{Value: v.Record.ID.String(), Label: v.Title})
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return nil
}

// bar is the filter bar with the conditions in force.
func (l *looking) bar() webui.FilterBarView {
	v := webui.FilterBarView{ID: "audit-filter", Action: "/audit", NoQuery: true}
	subjects, acts := map[string]bool{}, map[string]bool{}
	for _, verb := range l.verbs {
		subject, act := cut(verb)
		subjects[subject], acts[act] = true, true
	}
	options := map[string][]webui.Option{
		"person": l.people, "type": sorted(subjects, func(s string) string { return subjectLabel(l.ctx, l.p.types(), s) }),
		"verb": sorted(acts, func(s string) string { return actLabel(l.ctx, nil, "", s) }),
	}
	kinds := map[string]webui.FieldKind{"record": webui.KindText, "from": webui.KindDate, "until": webui.KindDate}
	for _, name := range conditions() {
		label, value := i18n.T(l.ctx, "audit.filter."+name), l.s.value(name)
		kind := kinds[name]
		if kind == "" {
			kind = webui.KindSelect
		}
		v.Editors = append(v.Editors, webui.FilterEditor{Kind: kind, Field: webui.FieldView{
			Name: name, ID: "audit-" + name, Label: label, Value: value, Options: options[name], MaxLength: longest,
		}})
		if value == "" {
			continue
		}
		word := value
		for _, o := range options[name] {
			if o.Value == value {
				word = o.Label
			}
		}
		v.Chips = append(v.Chips, webui.FilterChip{Label: label + i18n.T(l.ctx, "audit.is") + word, RemoveHref: l.s.href(name)})
	}
	if len(v.Chips) > 0 {
		v.ClearHref = "/audit"
	}
	return v
}

func sorted(set map[string]bool, label func(string) string) []webui.Option {
	var out []webui.Option
	for value := range set {
		out = append(out, webui.Option{Value: value, Label: label(value)})
	}
	slices.SortFunc(out, func(a, b webui.Option) int { return strings.Compare(a.Label+"\x00"+a.Value, b.Label+"\x00"+b.Value) })
	return out
}

// cut divides a verb into what it is about and what was done.
func cut(verb string) (subject, act string) {
	subject, act, _ = strings.Cut(verb, ".")
	return subject, act
}

func subjectLabel(ctx context.Context, reg *record.Registry, subject string) string {
	if t := reg.Type(subject); t != nil && t.Name == subject {
		return web.TypeLabel(ctx, t)
	}
	return first(ctx, subject, "audit.about."+subject)
}

// actLabel is what was done in words: of the type where it is known, of the log otherwise.
func actLabel(ctx context.Context, reg *record.Registry, subject, act string) string {
	keys := []string{"audit.verb." + act, "action." + act}
	if reg != nil {
		keys = append([]string{"audit.verb." + subject + "." + act, subject + ".action." + act}, keys...)
	} else {
		keys = append(keys, "case.action."+act, "customer.action."+act, "regulation_version.action."+act)
		for _, typ := range []string{"acknowledgement", "breach", "task", "case_reply", "user"} {
			keys = append(keys, typ+".action."+act)
		}
	}
	return first(ctx, act, keys...)
}

func first(ctx context.Context, fallback string, keys ...string) string {
	for _, k := range keys {
		if i18n.Has(ctx, k) {
			return i18n.T(ctx, k)
		}
	}
	return fallback
}
