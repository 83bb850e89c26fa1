package importpages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/tabular"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// mapView is the page on which columns become fields.
type mapView struct {
	Path    string
	Steps   []webui.StepView
	Known   string // what layout was recognised
	Layout  []webui.FieldView
	Found   []webui.DescriptionItem
	Columns []columnView
	Values  []valueView
	Fixed   []fieldControl
	More    []moreView
	Keys    webui.FieldView
	Rules   []webui.FieldView
	Keep    webui.FieldView
	Clear   webui.FieldView
	Error   string
	Errors  []webui.Link
}

// columnView is one column of the file.
type columnView struct {
	Name    string
	Samples []string
	Field   webui.FieldView
}

// valueView is a cell that no choice of a field is known by.
type valueView struct {
	Cell   string
	Hidden string // name of the input that carries the cell
	Field  webui.FieldView
}

// fieldControl is a text for all rows.
type fieldControl struct {
	Choice bool
	Field  webui.FieldView
}

// moreView is a further text for all rows, for a field that can be chosen.
type moreView struct{ Field, Text webui.FieldView }

const (
	shownSamples = 3
	shownValues  = 15
	moreFixed    = 2
)

// mapper fills the page.
type mapper struct {
	p    *Pages
	ctx  context.Context
	s    *transfer.Sight
	plan transfer.Plan
}

func (m *mapper) label(name string) string {
	return m.p.Desk.Label(i18n.LangOf(m.ctx), m.s.Type, name)
}

// options are all fields a column may become.
func (m *mapper) options(first string) []webui.Option {
	out := []webui.Option{{Value: "", Label: first}}
	for _, f := range m.s.Fields {
		o := webui.Option{Value: f.Name, Label: m.label(f.Name)}
		if f.Required {
			o.Label += " *"
		}
		out = append(out, o)
	}
	return out
}

func (m *mapper) view(fault error) mapView {
	ctx := m.ctx
	v := mapView{Path: path(m.s.Import.ID), Steps: steps(ctx, 1), Layout: m.layout(), Found: m.found()}
	if m.plan.Preset != "" {
		v.Known = i18n.T(ctx, "importing.preset."+m.plan.Preset)
	}
	options := m.options(i18n.T(ctx, "importing.leave_out"))
	for i, name := range m.s.Table.Columns {
		c := columnView{Name: name, Samples: m.samples(i), Field: webui.FieldView{
			Name: "c" + strconv.Itoa(i), Label: name, HideLabel: true, Options: options,
		}}
		for _, k := range m.plan.Picks {
			if k.Column == i {
				c.Field.Value = k.Field
			}
		}
		v.Columns = append(v.Columns, c)
	}
	m.values(&v)
	m.fixed(&v)
	m.rules(&v)
	if fault != nil {
		e := errs.As(fault)
		v.Error = sentence(ctx, m.worded(fault))
		if e != nil && slices.ContainsFunc(v.Fixed, func(c fieldControl) bool { return c.Field.Name == "fix_"+e.Field }) {
			v.Errors = []webui.Link{{Label: v.Error, Href: "#f-fix_" + e.Field}}
			v.Error = ""
		}
	}
	return v
}

// worded names fields as people do.
func (m *mapper) worded(err error) error {
	e := errs.As(err)
	if e == nil {
		return err
	}
	if name, ok := e.Args["field"].(string); ok {
		e = e.With("field", m.label(name))
	}
	return e
}

func (m *mapper) samples(column int) []string {
	var out []string
	for _, row := range m.s.Samples {
		if column < len(row) && row[column] != "" && !slices.Contains(out, row[column]) {
			if out = append(out, clip(row[column])); len(out) == shownSamples {
				break
			}
		}
	}
	return out
}

func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// layout asks how the file is to be read, where it was found out wrongly.
func (m *mapper) layout() []webui.FieldView {
	ctx, t, l := m.ctx, m.s.Table, m.s.Layout
	auto := webui.Option{Value: "", Label: i18n.T(ctx, "importing.auto")}
	header := webui.FieldView{Name: "header", Label: i18n.T(ctx, "importing.header"), Hint: i18n.T(ctx, "importing.header.hint"), Min: "-1", Max: "40"}
	if l.Header != 0 {
		header.Value = strconv.Itoa(l.Header)
	}
	switch t.Format {
	case tabular.XLSX:
		f := webui.FieldView{Name: "sheet", Label: i18n.T(ctx, "importing.sheet"), Value: t.Sheet}
		for _, s := range t.Sheets {
			o := webui.Option{Value: s.Name, Label: s.Name}
			if s.Hidden {
				o.Label += " " + i18n.T(ctx, "importing.hidden")
			}
			f.Options = append(f.Options, o)
		}
		return []webui.FieldView{f, header}
	case tabular.CSV:
		enc := webui.FieldView{Name: "encoding", Label: i18n.T(ctx, "importing.encoding"), Value: l.Encoding, Options: []webui.Option{auto}}
		for _, e := range tabular.Encodings() {
			enc.Options = append(enc.Options, webui.Option{Value: e, Label: strings.ToUpper(e)})
		}
		sep := webui.FieldView{Name: "separator", Label: i18n.T(ctx, "importing.separator"), Value: l.Separator, Options: []webui.Option{
			auto, {Value: ",", Label: i18n.T(ctx, "importing.comma")}, {Value: ";", Label: i18n.T(ctx, "importing.semicolon")},
			{Value: "\t", Label: i18n.T(ctx, "importing.tab")}, {Value: "|", Label: i18n.T(ctx, "importing.bar")},
		}}
		return []webui.FieldView{enc, sep, header}
	}
	return nil
}

// found says how the file was read.
func (m *mapper) found() []webui.DescriptionItem {
	ctx, t := m.ctx, m.s.Table
	out := []webui.DescriptionItem{
		{Label: i18n.T(ctx, "import.title"), Value: m.s.Import.Title}, {Label: i18n.T(ctx, "import.target"), Value: web.PluralLabel(ctx, m.s.Type)},
	}
	switch t.Format {
	case tabular.CSV:
		out = append(out, webui.DescriptionItem{Label: i18n.T(ctx, "importing.encoding"), Value: strings.ToUpper(t.Encoding)})
	case tabular.XLSX:
		out = append(out, webui.DescriptionItem{Label: i18n.T(ctx, "importing.sheet"), Value: t.Sheet})
	}
	if t.Header > 0 {
		out = append(out, webui.DescriptionItem{Label: i18n.T(ctx, "importing.header"), Value: strconv.Itoa(t.Header)})
	}
	if t.Damaged > 0 {
		out = append(out, webui.DescriptionItem{Label: i18n.T(ctx, "importing.damaged"), Value: i18n.T(ctx, "importing.damaged.text", "n", t.Damaged)})
	}
	return out
}

// values asks what cells mean that are no choice of their field.
func (m *mapper) values(v *mapView) {
	for _, k := range m.plan.Picks {
		f := m.s.Type.Field(k.Field)
		if f == nil || len(f.Options.Enum) == 0 || f.Kind.Name() == "multienum" {
			continue
		}
		options := []webui.Option{{Value: "", Label: i18n.T(m.ctx, "importing.value.none")}}
		for _, o := range f.Options.Enum {
			options = append(options, webui.Option{Value: o, Label: web.OptionLabel(m.ctx, m.s.Type, f, o)})
		}
		for i, cell := range m.p.Desk.Unknown(m.s.Type, f, m.plan, k.Column, m.s.Samples, shownValues) {
			name := fmt.Sprintf("%s_%d", f.Name, i)
			v.Values = append(v.Values, valueView{Cell: cell, Hidden: "cell_" + name, Field: webui.FieldView{
				Name: "val_" + name, Label: m.label(f.Name) + "：" + clip(cell), Options: options, Value: m.plan.Values[f.Name][cell],
			}})
		}
	}
}

// fixed asks for what new records need and no column says.
func (m *mapper) fixed(v *mapView) {
	mapped := func(name string) bool {
		return slices.ContainsFunc(m.plan.Picks, func(k transfer.Pick) bool { return k.Field == name })
	}
	shown := map[string]bool{}
	for _, f := range transfer.Required(m.s.Type) {
		if !mapped(f.Name) || m.plan.Fixed[f.Name] != "" {
			shown[f.Name] = true
			v.Fixed = append(v.Fixed, m.control(f))
		}
	}
	rest := []string{}
	for _, f := range m.s.Fields {
		if m.plan.Fixed[f.Name] != "" && !shown[f.Name] {
			rest = append(rest, f.Name)
		}
	}
	for i := range max(moreFixed, len(rest)+1) {
		n := strconv.Itoa(i)
		row := moreView{
			Field: webui.FieldView{Name: "more_field_" + n, Label: i18n.T(m.ctx, "importing.more.field"), Options: m.options("–")},
			Text:  webui.FieldView{Name: "more_text_" + n, Label: i18n.T(m.ctx, "importing.more.text"), MaxLength: 200},
		}
		if i < len(rest) {
			row.Field.Value, row.Text.Value = rest[i], m.plan.Fixed[rest[i]]
		}
		v.More = append(v.More, row)
	}
}

func (m *mapper) control(f *record.Field) fieldControl {
	c := fieldControl{Field: webui.FieldView{Name: "fix_" + f.Name, Label: m.label(f.Name), Required: true, Value: m.plan.Fixed[f.Name], MaxLength: 200}}
	if len(f.Options.Enum) > 0 {
		c.Choice = true
		c.Field.Options = []webui.Option{{Value: "", Label: i18n.T(m.ctx, "importing.choose")}}
		for _, o := range f.Options.Enum {
			c.Field.Options = append(c.Field.Options, webui.Option{Value: o, Label: web.OptionLabel(m.ctx, m.s.Type, f, o)})
		}
		return c
	}
	c.Field.Hint = i18n.T(m.ctx, "importing.fixed.hint")
	return c
}

// rules asks how rows find their records and what becomes of those that are there.
func (m *mapper) rules(v *mapView) {
	ctx := m.ctx
	v.Keys = webui.FieldView{Name: "keys", Label: i18n.T(ctx, "importing.keys"), Hint: i18n.T(ctx, "importing.keys.hint"), Values: m.plan.Keys, Wide: true}
	for _, k := range m.plan.Picks {
		f := m.s.Type.Field(k.Field)
		if f != nil && f.Kind.Name() != "longtext" && !slices.ContainsFunc(v.Keys.Options, func(o webui.Option) bool { return o.Value == k.Field }) {
			v.Keys.Options = append(v.Keys.Options, webui.Option{Value: k.Field, Label: m.label(k.Field)})
		}
	}
	choice := func(name, value string, of ...string) webui.FieldView {
		f := webui.FieldView{Name: name, Label: i18n.T(ctx, "importing."+name), Value: value}
		if name == "duplicates" {
			f.Hint = i18n.T(ctx, "importing.duplicates.hint")
		}
		for _, o := range of {
			f.Options = append(f.Options, webui.Option{Value: o, Label: i18n.T(ctx, "importing."+name+"."+o)})
		}
		return f
	}
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	v.Rules = append(v.Rules,
		choice("on_match", or(m.plan.OnMatch, transfer.Update), transfer.Update, transfer.Skip),
		choice("duplicates", or(m.plan.Duplicates, transfer.Aside), transfer.Aside, transfer.Skip, transfer.Update, transfer.Anyway),
		choice("dates", or(m.plan.Dates, "ymd"), "ymd", "mdy", "dmy"))
	for _, k := range m.plan.Picks {
		f := fieldNamed(m.s.Fields, k.Field)
		if f == nil || !slices.Contains([]string{"ref", "refs", "user", "unit"}, f.Kind.Name()) {
			continue
		}
		list := []string{"reject", "empty"}
		if f.Kind.Name() == "ref" || f.Kind.Name() == "refs" {
			list = append(list, transfer.Anyway)
		}
		row := choice("missing", or(m.plan.Missing[k.Field], "reject"), list...)
		row.Name, row.Label = "missing_"+k.Field, i18n.T(ctx, "importing.missing", "field", m.label(k.Field))
		v.Rules = append(v.Rules, row)
	}
	v.Keep = webui.FieldView{Name: "keep", Label: i18n.T(ctx, "importing.keep"), Hint: i18n.T(ctx, "importing.keep.hint"), Wide: true}
	v.Clear = webui.FieldView{Name: "clear", Label: i18n.T(ctx, "importing.clear"), Hint: i18n.T(ctx, "importing.clear.hint"), Wide: true}
	if m.plan.Keep {
		v.Keep.Value = "true"
	}
	if m.plan.Clear {
		v.Clear.Value = "true"
	}
}

func fieldNamed(list []*record.Field, name string) *record.Field {
	for _, f := range list {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// planOf reads what was sent into a plan.
func planOf(s *transfer.Sight, form url.Values) transfer.Plan {
	p := transfer.Plan{
		Fixed: map[string]string{}, Missing: map[string]string{}, Values: map[string]map[string]string{}, Keys: form["keys"], OnMatch: form.Get("on_match"),
		Duplicates: form.Get("duplicates"), Dates: form.Get("dates"), Keep: form.Get("keep") == "true", Clear: form.Get("clear") == "true", Preset: s.Plan.Preset,
	}
	for i, name := range s.Table.Columns {
		if f := form.Get("c" + strconv.Itoa(i)); f != "" {
			p.Picks = append(p.Picks, transfer.Pick{Column: i, Name: name, Field: f})
		}
	}
	for _, f := range s.Fields {
		if v := strings.TrimSpace(form.Get("fix_" + f.Name)); v != "" {
			p.Fixed[f.Name] = v
		}
		if v := form.Get("missing_" + f.Name); v != "" {
			p.Missing[f.Name] = v
		}
		for i := range shownValues {
			name := fmt.Sprintf("%s_%d", f.Name, i)
			cell, v := form.Get("cell_"+name), form.Get("val_"+name)
			if cell != "" && v != "" {
				if p.Values[f.Name] == nil {
					p.Values[f.Name] = map[string]string{}
				}
				p.Values[f.Name][cell] = v
			}
		}
	}
	for i := range 50 {
		n := strconv.Itoa(i)
		if f, v := form.Get("more_field_"+n), strings.TrimSpace(form.Get("more_text_"+n)); f != "" && v != "" {
			p.Fixed[f] = v
		}
	}
	// a key whose column was taken away is none any more
	p.Keys = slices.DeleteFunc(p.Keys, func(k string) bool {
		return !slices.ContainsFunc(p.Picks, func(x transfer.Pick) bool { return x.Field == k })
	})
	return p
}

func (p *Pages) showMapping(w http.ResponseWriter, r *http.Request, s *transfer.Sight, plan transfer.Plan, fault error) error {
	m := &mapper{p: p, ctx: r.Context(), s: s, plan: plan}
	view := p.frame(r.Context(), s.Import, s.Type)
	if fault != nil {
		view.Status = webui.StatusOf(errs.KindOf(fault))
	}
	return p.server.Page(w, r, view, mapPage(m.view(fault)))
}

// mapping keeps what was chosen and tries the file.
func (p *Pages) mapping(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	s, err := p.sight(r)
	if err != nil {
		return err
	}
	plan := planOf(s, r.PostForm)
	_, err = p.Desk.Arrange(ctx, web.Actor(ctx), s.Import.ID, s.Layout, plan)
	if err == nil {
		err = p.Desk.Check(ctx, web.Actor(ctx), s.Import.ID)
	}
	if errs.Is(err, errs.Invalid) {
		return p.showMapping(w, r, s, plan, err)
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, path(s.Import.ID), web.Toast{})
}

// sight reads the form and looks at the import of the path.
func (p *Pages) sight(r *http.Request) (*transfer.Sight, error) {
	if err := web.Form(r); err != nil {
		return nil, err
	}
	id, err := web.PathID(r)
	if err != nil {
		return nil, err
	}
	return p.Desk.Look(r.Context(), web.Actor(r.Context()), id)
}

// layout reads the file another way.
func (p *Pages) layout(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	s, err := p.sight(r)
	if err != nil {
		return err
	}
	header, err := strconv.Atoi(r.PostFormValue("header"))
	if err != nil {
		header = 0
	}
	l := transfer.Layout{Encoding: r.PostFormValue("encoding"), Separator: r.PostFormValue("separator"), Sheet: r.PostFormValue("sheet"), Header: header}
	_, err = p.Desk.Arrange(ctx, web.Actor(ctx), s.Import.ID, l, s.Plan)
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge) {
		return p.showMapping(w, r, s, s.Plan, err)
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, path(s.Import.ID), web.Toast{})
}
