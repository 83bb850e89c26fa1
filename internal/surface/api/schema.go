package api

import (
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"

	"github.com/danielgtaylor/huma/v2"
)

// writer makes the document of one language.
type writer struct {
	words   *wording
	schemas map[string]*huma.Schema
	doc     *huma.OpenAPI
}

func (d *writer) text(key string, args ...any) string {
	return d.words.texts.Text(d.words.lang, key, args...)
}

// label is the text of the first key there is; the last is shown as it is written.
func (d *writer) label(keys ...string) string {
	for _, key := range keys[:len(keys)-1] {
		if d.words.texts.Has(key) {
			return d.text(key)
		}
	}
	return keys[len(keys)-1]
}

func (d *writer) typeName(t *record.Type) string { return d.label(t.Name, t.Name) }

func ref(name string) *huma.Schema { return &huma.Schema{Ref: "#/components/schemas/" + name} }

func ptr[T any](v T) *T { return &v }

const idPattern = "^[0-7][0-9a-hjkmnp-tv-z]{12}$"

func idSchema(nullable bool) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: idPattern, Nullable: nullable}
}

func textSchema(format string, nullable bool) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: format, Nullable: nullable}
}

func list(items *huma.Schema) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: items}
}

// object is an object of exactly these members, all required but those whose name ends in "?".
func object(members map[string]*huma.Schema) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	for _, name := range sortedKeys(members) {
		plain, optional := strings.CutSuffix(name, "?")
		s.Properties[plain] = members[name]
		if !optional {
			s.Required = append(s.Required, plain)
		}
	}
	return s
}

// valueSchema describes the values of a field as this interface writes them.
func valueSchema(f *record.Field) *huma.Schema {
	o := f.Options
	switch f.Kind.Name() {
	case "bool":
		return &huma.Schema{Type: huma.TypeBoolean}
	case "number", "decimal", "percent", "money", "duration":
		return numberSchema(f)
	case "date":
		return textSchema("date", true)
	case "time":
		return textSchema("date-time", true)
	case "ref", "user", "unit", "file":
		return idSchema(true)
	case "refs", "files":
		return &huma.Schema{Type: huma.TypeArray, Items: idSchema(false), UniqueItems: true, MaxItems: ptr(orElse(o.Max, 200))}
	case "enum", "state":
		return &huma.Schema{Type: huma.TypeString, Nullable: true, Enum: append(options(o.Enum), nil)}
	case "multienum":
		items := &huma.Schema{Type: huma.TypeString, Enum: options(o.Enum)}
		return &huma.Schema{Type: huma.TypeArray, Items: items, UniqueItems: true, MaxItems: ptr(orElse(o.Max, 50))}
	case "json":
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Nullable: true}
	case "computed":
		return &huma.Schema{ReadOnly: true}
	}
	return stringSchema(f)
}

func options(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func orElse(n, other int) int {
	if n > 0 {
		return n
	}
	return other
}

// numberSchema has the limits of the field; those of money, which are declared in yuan, in minor units.
func numberSchema(f *record.Field) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeInteger, Format: "int64", Nullable: true, Minimum: f.Options.Min, Maximum: f.Options.Top}
	switch f.Kind.Name() {
	case "decimal", "percent":
		s.Type, s.Format = huma.TypeNumber, "double"
	case "money":
		for _, limit := range []**float64{&s.Minimum, &s.Maximum} {
			if *limit != nil {
				*limit = ptr(**limit * 100)
			}
		}
	case "duration":
		if s.Minimum == nil {
			s.Minimum = ptr(0.0)
		}
	}
	return s
}

func stringSchema(f *record.Field) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Nullable: true}
	switch f.Kind.Name() {
	case "text", "secret":
		s.MaxLength = ptr(orElse(f.Options.Max, 200))
	case "longtext":
		s.MaxLength = ptr(orElse(f.Options.Max, 20_000))
	case "email":
		s.Format, s.MaxLength = "email", ptr(254)
	case "address":
		s.MaxLength = ptr(200)
	case "idcard", "creditcode":
		s.MaxLength = ptr(18)
	}
	return s
}

// field describes a field with its label, kind, class and what it points at.
func (d *writer) field(f *record.Field, keys ...string) *huma.Schema {
	s := valueSchema(f)
	s.Title = f.Labels[string(d.words.lang)]
	if s.Title == "" {
		s.Title = d.label(append(keys, "head."+f.Name, f.Name)...)
	}
	s.ReadOnly = s.ReadOnly || f.ReadOnly || f.Kind.Name() == "state"
	s.Extensions = map[string]any{"x-kind": f.Kind.Name(), "x-class": f.Class.String()}
	if f.Ref != "" {
		s.Extensions["x-ref"] = f.Ref
	}
	if f.Kind.Name() == "money" {
		s.Extensions["x-currency"] = "CNY"
		if f.Options.Currency != "" {
			s.Extensions["x-currency"] = f.Options.Currency
		}
		s.Description = d.text("api.doc.minor_units")
	}
	if f.Kind.Name() == "duration" {
		s.Description = d.text("api.doc.seconds")
	}
	return s
}

// recordSchema is what is read of a type.
func (d *writer) recordSchema(t *record.Type) *huma.Schema {
	fields := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	masked := false
	for _, f := range t.Fields {
		fields.Properties[f.Name] = d.field(f, t.Name+"."+f.Name)
		masked = masked || f.Class >= record.Personal
	}
	members := map[string]*huma.Schema{"fields": fields, "title": textSchema("", false), "number": textSchema("", false)}
	members["type"] = &huma.Schema{Type: huma.TypeString, Enum: []any{t.Name}}
	members["masked"] = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: textSchema("", false), Description: d.text("api.doc.masked")}
	if !masked {
		members["masked"].MaxProperties = ptr(0)
	}
	if st := t.State(); st != nil {
		members["state"] = &huma.Schema{Type: huma.TypeString, Enum: options(st.Options.Enum)}
	}
	for _, f := range record.HeadFields() {
		if f.Name == "number" {
			continue
		}
		s := valueSchema(f)
		s.Title = d.label("head."+f.Name, f.Name)
		members[f.Name] = s
	}
	for _, name := range []string{"id", "lock_version", "created_at", "updated_at"} {
		members[name].Nullable = false
	}
	out := object(members)
	out.Title = d.typeName(t)
	return out
}

// bodySchema is what create or update takes.
func (d *writer) bodySchema(t *record.Type, isNew bool) *huma.Schema {
	members := map[string]*huma.Schema{}
	for _, f := range t.Editable(isNew) {
		name := f.Name + "?"
		if isNew && f.Required && f.Default == "" {
			name = f.Name
		}
		s := d.field(f, t.Name+"."+f.Name)
		if f.Default != "" && isNew && s.Type == huma.TypeString {
			s.Default = f.Default
		}
		s.Nullable = s.Nullable && !f.Required
		if f.Required && len(s.Enum) > 0 && s.Type == huma.TypeString {
			s.Enum = options(f.Options.Enum)
		}
		members[name] = s
	}
	if isNew {
		for _, name := range []string{"owner_id", "unit_id"} {
			if t.Field(name) != nil {
				members[name+"?"] = d.field(writable(t.Field(name)))
			}
		}
	}
	return object(members)
}

// writable is a field of the head as create takes it.
func writable(f *record.Field) *record.Field {
	c := *f
	c.ReadOnly = false
	return &c
}

func (d *writer) inputSchema(t *record.Type, act *record.Action) *huma.Schema {
	members := map[string]*huma.Schema{}
	for _, f := range act.Input {
		name := f.Name + "?"
		if f.Required && f.Default == "" {
			name = f.Name
		}
		s := d.field(f, t.Name+".action."+act.Name+"."+f.Name, "action."+act.Name+"."+f.Name, t.Name+"."+f.Name)
		s.Nullable = s.Nullable && !f.Required
		if f.Required && len(s.Enum) > 0 && s.Type == huma.TypeString {
			s.Enum = options(f.Options.Enum)
		}
		members[name] = s
	}
	return object(members)
}

// camel turns "key_account" into "KeyAccount".
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

func newWriter(texts *i18n.Catalog, lang i18n.Lang) *writer {
	return &writer{words: &wording{texts: texts, lang: lang}, schemas: map[string]*huma.Schema{}}
}
