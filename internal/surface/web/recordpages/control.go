package recordpages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/gb"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// control is one input of a form.
type control struct {
	kind webui.FieldKind
	view webui.FieldView
}

// wording names a field and its values: those of a type or of an action's input.
type wording struct {
	label  func(f *record.Field) string
	hint   func(f *record.Field) string
	option func(f *record.Field, value string) string
}

func typeWords(ctx context.Context, t *record.Type) wording {
	return wording{
		label:  func(f *record.Field) string { return web.FieldLabel(ctx, t, f) },
		hint:   func(f *record.Field) string { return web.FieldHint(ctx, t, f) },
		option: func(f *record.Field, v string) string { return web.OptionLabel(ctx, t, f, v) },
	}
}

func actionWords(ctx context.Context, t *record.Type, a *record.Action) wording {
	return wording{
		label: func(f *record.Field) string { return web.InputLabel(ctx, t, a, f) },
		hint: func(f *record.Field) string {
			if key := t.Name + ".action." + a.Name + "." + f.Name + ".hint"; i18n.Has(ctx, key) {
				return i18n.T(ctx, key)
			}
			return ""
		},
		option: func(f *record.Field, v string) string { return web.InputOption(ctx, t, a, f, v) },
	}
}

// maker builds the controls of one form. Typed are the texts a person sent; they stand before any value.
type maker struct {
	p      *Pages
	ctx    context.Context
	words  wording
	typed  url.Values // nil before anything was typed
	errors map[string]string
	names  *names
	found  map[string][]webui.Option // options a search without script found, by field
}

// controlKind is how a kind of field is typed in.
func controlKind(f *record.Field) webui.FieldKind {
	switch f.Kind.Name() {
	case "longtext", "json":
		return webui.KindLong
	case "secret":
		return webui.KindPassword
	case "number", "decimal":
		return webui.KindNumber
	case "money":
		return webui.KindMoney
	case "percent":
		return webui.KindPercent
	case "bool":
		return webui.KindBool
	case "date":
		return webui.KindDate
	case "time":
		return webui.KindDateTime
	case "duration":
		return webui.KindDuration
	case "enum", "state":
		return webui.KindSelect
	case "multienum":
		if len(f.Options.Enum) > 0 {
			return webui.KindMulti
		}
	case "ref", "user", "unit", "refs":
		return webui.KindRef
	case "phone":
		return webui.KindPhone
	case "email":
		return webui.KindEmail
	case "file":
		return webui.KindFile
	case "files":
		return webui.KindFiles
	}
	return webui.KindText
}

// controls are the inputs for one field with its present value: one, or two for an address and for several references.
func (m *maker) controls(f *record.Field, value any) []control {
	v := webui.FieldView{
		Name: f.Name, Label: m.words.label(f), Hint: m.words.hint(f), Required: f.Required && f.Kind.Name() != "bool", Error: m.errors[f.Name],
		Value: m.text(f, value), MaxLength: maxLength(f),
	}
	kind := controlKind(f)
	switch f.Kind.Name() {
	case "address":
		return m.address(v)
	case "refs":
		return m.several(f, v, value)
	case "ref", "user", "unit":
		m.reference(f, &v)
	case "enum", "state":
		v.Options = m.options(f)
	case "multienum":
		m.multiple(f, &v, value)
	case "duration":
		v.Value, v.Unit = m.duration(f, value)
	case "decimal", "percent":
		v.Step = "any"
	case "longtext", "json":
		v.Wide, v.Rows = true, 4
	}
	if f.Options.Min != nil {
		v.Min = strconv.FormatFloat(*f.Options.Min, 'f', -1, 64)
	}
	if f.Options.Top != nil {
		v.Max = strconv.FormatFloat(*f.Options.Top, 'f', -1, 64)
	}
	return []control{{kind, v}}
}

func maxLength(f *record.Field) int {
	switch f.Kind.Name() {
	case "text":
		if f.Options.Max == 0 {
			return 200
		}
		return f.Options.Max
	case "longtext":
		if f.Options.Max == 0 {
			return 20_000
		}
		return f.Options.Max
	}
	return 0
}

// text is what was typed, else the value as it is typed in.
func (m *maker) text(f *record.Field, value any) string {
	if m.typed != nil {
		if _, sent := m.typed[f.Name]; sent || f.Kind.Name() == "bool" {
			return m.typed.Get(f.Name)
		}
		if m.typed.Has("_fields") {
			return ""
		}
	}
	return inputText(m.ctx, f, value)
}

// inputText writes a value as its control takes it: instants in the reader's zone.
func inputText(ctx context.Context, f *record.Field, value any) string {
	if f.IsZero(value) {
		return ""
	}
	if at, ok := value.(time.Time); ok && f.Kind.Name() == "time" {
		return at.In(i18n.ZoneOf(ctx)).Format("2006-01-02T15:04")
	}
	if f.Kind.Name() == "phone" {
		return i18n.Phone(f.Kind.Text(value))
	}
	return f.Kind.Text(value)
}

func (m *maker) options(f *record.Field) []webui.Option {
	out := make([]webui.Option, len(f.Options.Enum))
	for i, o := range f.Options.Enum {
		out[i] = webui.Option{Value: o, Label: m.words.option(f, o)}
	}
	return out
}

func (m *maker) multiple(f *record.Field, v *webui.FieldView, value any) {
	chosen, _ := value.([]string)
	if m.typed != nil && (m.typed.Has(f.Name) || m.typed.Has("_fields")) {
		chosen = m.typed[f.Name]
	}
	v.Value, v.Wide = "", len(f.Options.Enum) > 4
	if len(f.Options.Enum) == 0 {
		v.Value = i18n.Listed(m.ctx, chosen)
		if v.Hint == "" {
			v.Hint = i18n.T(m.ctx, "pages.form.list")
		}
		return
	}
	v.Options, v.Values = m.options(f), chosen
}

func (m *maker) reference(f *record.Field, v *webui.FieldView) {
	v.LookupURL, v.Options = "/lookup/"+refType(f), m.found[f.Name]
	if id, err := parseID(v.Value); err == nil && id != 0 {
		v.ValueLabel = m.names.title(refType(f), id)
	} else {
		v.Value = ""
		v.ValueLabel = m.typed.Get(f.Name + "_q")
	}
}

// several shows the references there are as boxes to be unticked, and a search that adds one.
func (m *maker) several(f *record.Field, v webui.FieldView, value any) []control {
	list, _ := value.([]record.ID)
	if m.typed != nil {
		list = nil
		for _, s := range m.typed[f.Name] {
			if id, err := parseID(s); err == nil && id != 0 {
				list = append(list, id)
			}
		}
	}
	add := v
	add.Name, add.Hint, add.Value, add.Required = f.Name+"_add", i18n.T(m.ctx, "pages.form.add"), m.typed.Get(f.Name+"_add"), false
	m.reference(f, &add)
	if id, err := parseID(add.Value); err == nil && id != 0 {
		add.ValueLabel = m.names.title(refType(f), id)
	}
	if len(list) == 0 {
		return []control{{webui.KindRef, add}}
	}
	add.Label = i18n.T(m.ctx, "pages.form.add_to", "field", v.Label)
	v.Value, v.Error = "", ""
	for _, id := range list {
		v.Options = append(v.Options, webui.Option{Value: id.String(), Label: m.names.title(refType(f), id)})
		v.Values = append(v.Values, id.String())
	}
	return []control{{webui.KindMulti, v}, {webui.KindRef, add}}
}

// duration splits a length into a number and the greatest unit that fits.
func (m *maker) duration(f *record.Field, value any) (number, unit string) {
	if m.typed != nil && m.typed.Has(f.Name) {
		return m.typed.Get(f.Name), m.typed.Get(f.Name + "_unit")
	}
	d, _ := value.(time.Duration)
	switch {
	case d == 0:
		return "", "h"
	case d%(24*time.Hour) == 0:
		return strconv.Itoa(int(d / (24 * time.Hour))), "d"
	case d%time.Hour == 0:
		return strconv.Itoa(int(d / time.Hour)), "h"
	}
	return strconv.Itoa(int(d / time.Minute)), "min"
}

// address is the division and the words behind it.
func (m *maker) address(v webui.FieldView) []control {
	code, street := field.SplitAddress(v.Value)
	area := v
	area.Name, area.Required, area.Error, area.Hint, area.Wide = v.Name+"_area", false, "", "", true
	area.Label, area.LookupURL = v.Label, "/divisions"
	if m.typed != nil && m.typed.Has(area.Name) {
		code = areaCode(m.typed, area.Name)
		street = m.typed.Get(v.Name)
	}
	area.Value, area.Division = divisions(code)
	v.Value, v.Label, v.Wide = street, i18n.T(m.ctx, "pages.form.street", "field", v.Label), true
	return []control{{webui.KindDivision, area}, {webui.KindText, v}}
}

// areaCode is the nearest level that was chosen.
func areaCode(typed url.Values, name string) string {
	for _, level := range []string{"", "_city", "_province"} {
		if code := typed.Get(name + level); code != "" {
			if above := typed.Get(name + "_province"); level == "" && above != "" && !strings.HasPrefix(code, above[:min(2, len(above))]) {
				continue // a county left over from another province
			}
			return code
		}
	}
	return ""
}

// divisions are the choices down to the level below the code.
func divisions(code string) (county string, d webui.DivisionOptions) {
	tree := gb.Divisions()
	list := func(code string) []webui.Option {
		var out []webui.Option
		for _, c := range tree.Children(code) {
			out = append(out, webui.Option{Value: c.Code, Label: c.Name})
		}
		return out
	}
	d.Provinces = list("")
	for _, part := range tree.Path(code) {
		switch part.Level() {
		case gb.Province:
			d.Province, d.Cities = part.Code, list(part.Code)
		case gb.City:
			d.City, d.Counties = part.Code, list(part.Code)
		default:
			county = part.Code
		}
	}
	return county, d
}

// formErrors are the errors of a form with links to their controls, and a sentence for what belongs to none.
func formErrors(ctx context.Context, t *record.Type, controls []control, err error) ([]webui.Link, string) {
	if err == nil {
		return nil, ""
	}
	said := webui.ErrorViewOf(ctx, web.WordedFor(ctx, t, err))
	byField := webui.FieldErrors(ctx, web.WordedFor(ctx, t, err))
	var links []webui.Link
	seen := map[string]bool{}
	for _, c := range controls {
		name := strings.TrimSuffix(c.view.Name, "_add")
		if text := byField[name]; text != "" && !seen[name] {
			seen[name] = true
			links = append(links, webui.Link{Label: c.view.Label + i18n.T(ctx, "pages.filter.is") + text, Href: "#f-" + c.view.Name})
		}
	}
	var rest []string
	for name, text := range byField {
		if !seen[name] {
			if f := t.Field(name); f != nil {
				name = web.FieldLabel(ctx, t, f)
			}
			rest = append(rest, name+i18n.T(ctx, "pages.filter.is")+text)
		}
	}
	slices.Sort(rest)
	switch {
	case len(byField) == 0:
		return nil, said.Sentence
	case len(rest) > 0:
		return links, strings.Join(rest, " ")
	}
	return links, ""
}

// lookedUp is the name of the field whose search without script was asked for; "" for a form that is to be saved.
func lookedUp(r *http.Request) string {
	for name := range r.PostForm {
		if f, ok := strings.CutSuffix(name, "_find"); ok {
			return f
		}
		if strings.HasSuffix(name, "_area_load") {
			return name
		}
	}
	return ""
}
