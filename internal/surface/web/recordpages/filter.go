package recordpages

import (
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

const maxEditors = 6

// filterBar is the conditions in force, typed editors for the fields people filter by most, and one for any field.
func (l *listing) filterBar() webui.FilterBarView {
	v := webui.FilterBarView{
		ID: "filter", Action: listPath(l.t), Query: l.s.q, NoQuery: !searchable(l.t),
		QueryPlaceholder: i18n.T(l.ctx, "pages.filter.query", "type", web.PluralLabel(l.ctx, l.t)),
	}
	for name, values := range l.s.with(func(s *state) { s.q = "" }).values() {
		for _, value := range values {
			v.Hidden = append(v.Hidden, webui.Option{Value: name, Label: value})
		}
	}
	slices.SortFunc(v.Hidden, func(a, b webui.Option) int { return strings.Compare(a.Value+"="+a.Label, b.Value+"="+b.Label) })
	for _, c := range l.s.conds {
		v.Chips = append(v.Chips, webui.FilterChip{Label: l.conditionText(c), RemoveHref: l.s.without(c).href(l.t)})
	}
	if len(l.s.conds) > 0 || l.s.q != "" {
		v.ClearHref = l.s.with(func(s *state) { s.conds, s.q = nil, "" }).href(l.t)
	}
	for _, f := range editable(l.t) {
		v.Editors = append(v.Editors, l.editor(f))
	}
	v.Tools = listTools(l.tools())
	return v
}

func searchable(t *record.Type) bool {
	return slices.ContainsFunc(t.Fields, func(f *record.Field) bool { return f.Search })
}

// conditionText is a condition in words: 阶段：进行中、已关闭, or 到期 早于 今天.
func (l *listing) conditionText(cond string) string {
	name, rest, _ := strings.Cut(cond, ":")
	op, value, _ := strings.Cut(rest, ":")
	f := l.t.Field(name)
	label := web.FieldLabel(l.ctx, l.t, f)
	if op == string(field.Empty) || op == string(field.Filled) {
		return label + " " + i18n.T(l.ctx, "op."+op)
	}
	words := []string{value}
	if op == string(field.In) || op == string(field.NotIn) {
		words = strings.Split(value, ",")
	}
	for i, w := range words {
		words[i] = l.valueWord(f, w)
	}
	text := i18n.Listed(l.ctx, words)
	switch field.Op(op) {
	case field.Eq, field.In, field.Has:
		return label + i18n.T(l.ctx, "pages.filter.is") + text
	}
	return label + " " + opLabel(l, f, field.Op(op)) + " " + text
}

func opLabel(l *listing, f *record.Field, op field.Op) string {
	if kind := f.Kind.Name(); kind == "date" || kind == "time" {
		if key := "op.date." + string(op); i18n.Has(l.ctx, key) {
			return i18n.T(l.ctx, key)
		}
	}
	return i18n.T(l.ctx, "op."+string(op))
}

func (l *listing) valueWord(f *record.Field, plain string) string {
	kind := f.Kind.Name()
	switch {
	case kind == "user" && plain == "me":
		return i18n.T(l.ctx, "filter.me")
	case (kind == "date" || kind == "time") && i18n.Has(l.ctx, "date."+plain):
		return i18n.T(l.ctx, "date."+plain)
	case kind == "multienum" || kind == "refs":
		return web.OptionLabel(l.ctx, l.t, f, plain)
	}
	return l.p.plainText(l.ctx, l.t, f, plain, l.names)
}

// editable are the fields that get an editor of their own: the state, choices and owner first, then dates.
func editable(t *record.Type) []*record.Field {
	rank := func(f *record.Field) int {
		switch f.Kind.Name() {
		case "state":
			return 0
		case "enum":
			return 1
		case "user":
			return 2
		case "bool":
			return 4
		case "date":
			return 3
		}
		return -1
	}
	var list []*record.Field
	fields := slices.Clone(t.Fields)
	if t.Action(record.Assign) != nil {
		fields = append(fields, t.Field("owner_id"))
	}
	for _, f := range fields {
		if rank(f) >= 0 && f.Class <= record.Internal && (f.Indexed || f.Kind.Name() == "state" || rank(f) <= 2) {
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b *record.Field) int { return rank(a) - rank(b) })
	return list[:min(len(list), maxEditors)]
}

func (l *listing) editor(f *record.Field) webui.FilterEditor {
	v := webui.FieldView{Name: "e." + f.Name, ID: "e-" + f.Name, Label: web.FieldLabel(l.ctx, l.t, f)}
	switch f.Kind.Name() {
	case "enum", "state":
		v.Options = l.options(f)
		return webui.FilterEditor{Kind: webui.KindMulti, Field: v}
	case "user":
		v.LookupURL, v.Options = "/lookup/user", []webui.Option{{Value: "me", Label: i18n.T(l.ctx, "filter.me")}}
		return webui.FilterEditor{Kind: webui.KindRef, Field: v}
	case "bool":
		v.Options = []webui.Option{{Value: "true", Label: i18n.T(l.ctx, "bool.true")}, {Value: "false", Label: i18n.T(l.ctx, "bool.false")}}
		return webui.FilterEditor{Kind: webui.KindSelect, Field: v}
	}
	for _, period := range []string{"today", "tomorrow", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year", "last_year"} {
		v.Options = append(v.Options, webui.Option{Value: period, Label: i18n.T(l.ctx, "date."+period)})
	}
	return webui.FilterEditor{Kind: webui.KindSelect, Field: v}
}

func (l *listing) options(f *record.Field) []webui.Option {
	out := make([]webui.Option, len(f.Options.Enum))
	for i, o := range f.Options.Enum {
		out[i] = webui.Option{Value: o, Label: web.OptionLabel(l.ctx, l.t, f, o)}
	}
	return out
}

// toolsView is the condition on any field, the chooser of columns and the density.
type toolsView struct {
	Fields, Ops, Columns []webui.Option
	Chosen               []string
	DensityHref, Density string
	Air, Table           bool
	By                   []webui.LinkButtonView
}

func (l *listing) tools() toolsView {
	v := toolsView{Air: l.s.air, Table: l.s.view == asTable, By: l.byLinks()}
	v.DensityHref = l.s.with(func(s *state) { s.air = !s.air }).href(l.t)
	v.Density = i18n.T(l.ctx, "pages.density.air")
	if l.s.air {
		v.Density = i18n.T(l.ctx, "pages.density.dense")
	}
	head := []*record.Field{}
	for _, name := range []string{"number", "owner_id", "unit_id", "created_at", "updated_at", "created_by"} {
		head = append(head, l.t.Field(name))
	}
	seen := map[field.Op]bool{}
	for _, f := range append(slices.Clone(l.t.Fields), head...) {
		o := webui.Option{Value: f.Name, Label: web.FieldLabel(l.ctx, l.t, f)}
		if f.Compute == nil && f.Class < record.Sensitive && len(f.Kind.Ops()) > 2 {
			v.Fields = append(v.Fields, o)
			for _, op := range f.Kind.Ops() {
				if !seen[op] {
					seen[op] = true
					v.Ops = append(v.Ops, webui.Option{Value: string(op), Label: i18n.T(l.ctx, "op."+string(op))})
				}
			}
		}
		if canBeColumn(f) && f.Name != l.t.Title {
			v.Columns = append(v.Columns, o)
		}
	}
	for _, f := range l.columns() {
		v.Chosen = append(v.Chosen, f.Name)
	}
	return v
}
