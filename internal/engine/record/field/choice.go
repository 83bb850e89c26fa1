package field

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// enum is one of a few words; a state is an enum that only actions change.
type enum struct{ name string }

func (k enum) Name() string        { return k.name }
func (enum) Column() db.ColumnKind { return db.Text }
func (enum) Null() bool            { return false }
func (enum) Ops() []Op             { return []Op{Eq, Ne, In, NotIn, Empty, Filled} }

func (enum) Parse(in any, o *Options) (any, *errs.Error) {
	s, e := plain(in, false)
	if e != nil || s == "" {
		return "", e
	}
	if !slices.Contains(o.Enum, s) {
		return "", bad("field.unknown_option").With("value", clip(s)).With("options", strings.Join(o.Enum, ", "))
	}
	return s, nil
}

func (enum) Encode(v any) any            { return asString(v) }
func (enum) Decode(src any) (any, error) { return decodeString(src) }
func (enum) Text(v any) string           { return asString(v) }

// clip shortens what a user typed for use in a message.
func clip(s string) string {
	r := []rune(s)
	if len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// multi is several of a few words, stored as a JSON list in the order of the declaration.
type multi struct{}

func (multi) Name() string          { return "multienum" }
func (multi) Column() db.ColumnKind { return db.JSON }
func (multi) Null() bool            { return true }
func (multi) Ops() []Op             { return []Op{Has, Empty, Filled} }

func (multi) Parse(in any, o *Options) (any, *errs.Error) {
	items, e := list(in)
	if e != nil || len(items) == 0 {
		return nil, e
	}
	var out []string
	for _, s := range items {
		if len(o.Enum) > 0 && !slices.Contains(o.Enum, s) {
			return nil, bad("field.unknown_option").With("value", clip(s)).With("options", strings.Join(o.Enum, ", "))
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	limit := 50
	if o.Max > 0 {
		limit = o.Max
	}
	if len(out) > limit {
		return nil, bad("field.too_many_items").With("max", limit)
	}
	return out, nil
}

// list reads a JSON list of texts, or text separated by commas (half or full width, or the Chinese pause mark).
func list(in any) ([]string, *errs.Error) {
	var raw []string
	switch v := in.(type) {
	case nil:
	case string:
		raw = strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(",\uff0c、\n", r) })
	case []string:
		raw = v
	case []any:
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return nil, bad("field.want_list")
			}
			raw = append(raw, s)
		}
	default:
		return nil, bad("field.want_list")
	}
	var out []string
	for _, s := range raw {
		s, e := plain(s, false)
		if e != nil {
			return nil, e
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

func (multi) Encode(v any) any {
	s, ok := v.([]string)
	if !ok || len(s) == 0 {
		return nil
	}
	b, _ := json.Marshal(s) // strings cannot fail
	return string(b)
}

func (multi) Decode(src any) (any, error) {
	var out []string
	if err := decodeJSON(src, &out); err != nil || out == nil {
		return nil, err
	}
	return out, nil
}

func decodeJSON(src, into any) error {
	var b []byte
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		b = []byte(v)
	case []byte:
		b = v
	default:
		return fmt.Errorf("stored JSON: cannot read %T", src)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("stored JSON: %w", err)
	}
	return nil
}

func (multi) Text(v any) string {
	s, _ := v.([]string)
	return strings.Join(s, ",")
}

// object is a JSON object of at most 64 KiB, for settings and snapshots; it has no form of its own.
type object struct{}

func (object) Name() string          { return "json" }
func (object) Column() db.ColumnKind { return db.JSON }
func (object) Null() bool            { return true }
func (object) Ops() []Op             { return []Op{Empty, Filled} }

func (object) Parse(in any, _ *Options) (any, *errs.Error) {
	var b []byte
	switch v := in.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		var err error
		if b, err = json.Marshal(v); err != nil {
			return nil, bad("field.want_object").Because(err)
		}
	case string:
		if strings.TrimSpace(v) == "" {
			return nil, nil
		}
		b = []byte(v)
	default:
		return nil, bad("field.want_object")
	}
	var m map[string]any
	if len(b) > 64<<10 || !utf8.Valid(b) || json.Unmarshal(b, &m) != nil { // what cannot be read back now never could be
		return nil, bad("field.want_object")
	}
	return m, storable(m)
}

// storable refuses texts with control characters anywhere in a JSON value: databases cannot keep a NUL.
func storable(v any) *errs.Error {
	switch x := v.(type) {
	case string:
		_, e := plain(x, true)
		return e
	case []any:
		for _, item := range x {
			if e := storable(item); e != nil {
				return e
			}
		}
	case map[string]any:
		for name, item := range x {
			if e := cmp.Or(storable(name), storable(item)); e != nil {
				return e
			}
		}
	}
	return nil
}

func (object) Encode(v any) any {
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		return nil
	}
	b, err := json.Marshal(m)
	if err != nil {
		return nil // Parse let only JSON in
	}
	return string(b)
}

func (object) Decode(src any) (any, error) {
	var m map[string]any
	if err := decodeJSON(src, &m); err != nil || m == nil {
		return nil, err
	}
	return m, nil
}

func (object) Text(v any) string {
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		return ""
	}
	b, err := json.Marshal(m)
	if err != nil {
		return ""
	}
	return string(b)
}

// computed is worked out from other fields when shown; it is never stored or read from outside.
type computed struct{ text }

func (computed) Name() string { return "computed" }
func (computed) Ops() []Op    { return nil }

func (computed) Parse(any, *Options) (any, *errs.Error) { return nil, bad("field.read_only") }
func (computed) Text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
