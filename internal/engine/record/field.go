package record

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
)

// Class says how far a field may be seen.
type Class int

// The classes in rising order. Internal is the default of the tag; Personal is masked, Sensitive is also encrypted at
// rest and found only by equality.
const (
	Public Class = iota
	Internal
	Personal
	Sensitive
)

var classNames = [...]string{"public", "internal", "personal", "sensitive"}

// String returns the word used in tags and grants.
func (c Class) String() string { return classNames[c] }

// ParseClass reads the word.
func ParseClass(s string) (Class, bool) {
	for i, n := range classNames {
		if n == s {
			return Class(i), true
		}
	}
	return 0, false
}

// Field is one field of a type or of an action's input.
type Field struct {
	Name     string // column and JSON name
	Kind     field.Kind
	Options  field.Options
	Class    Class
	Required bool
	Search   bool   // goes into the search index
	Pinyin   bool   // searched by pinyin as well (names and titles)
	Unique   bool   // no two live records share it
	Indexed  bool   // has an index for filters and sorting
	Own      bool   // a person named here counts as owner for the reach "own"
	Parent   bool   // the record is part of the one named here
	Ref      string // type a reference points at
	Default  string
	ReadOnly bool // written by actions, never by create or update
	Once     bool // written by create, not by update
	Group    string
	Custom   bool
	Labels   map[string]string // of custom fields, by language; declared fields have message keys
	Compute  func(Entity) any  // of computed fields
	index    []int
}

// Get returns the canonical value of the field.
func (f *Field) Get(e any) any {
	if f.Compute != nil {
		return f.Compute(e.(Entity))
	}
	if f.Custom {
		v := e.(Entity).HeadOf().Custom[f.Name]
		if v == nil && !f.Kind.Null() {
			v, _ = f.Kind.Decode(nil)
		}
		return v
	}
	return canonical(reflect.ValueOf(e).Elem().FieldByIndex(f.index))
}

// Set puts a canonical value into the field.
func (f *Field) Set(e any, v any) {
	if f.Compute != nil {
		return
	}
	if f.Custom {
		h := e.(Entity).HeadOf()
		if h.Custom == nil {
			h.Custom = map[string]any{}
		}
		if f.IsZero(v) {
			delete(h.Custom, f.Name)
			return
		}
		h.Custom[f.Name] = v
		return
	}
	assign(reflect.ValueOf(e).Elem().FieldByIndex(f.index), v)
}

// IsZero reports whether the canonical value means "absent". A bool is never absent.
func (f *Field) IsZero(v any) bool {
	if v == nil {
		return true
	}
	if _, ok := v.(bool); ok {
		return false
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return rv.Len() == 0
	case reflect.Int64:
		_, isID := v.(ID)
		return isID && rv.Int() == 0
	}
	t, ok := v.(time.Time)
	return ok && t.IsZero()
}

// Parse reads a value from outside and checks it against the field's own rules.
func (f *Field) Parse(in any) (any, *errs.Error) {
	v, e := f.Kind.Parse(in, &f.Options)
	if e != nil {
		e.Field = f.Name
		return nil, e
	}
	return v, nil
}

// canonical reads a struct field into the canonical Go type of its kind.
func canonical(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Time:
		if x.IsZero() {
			return nil
		}
		return x
	case time.Duration:
		return x
	case ID:
		return x
	case []string:
		if x == nil {
			return nil
		}
		return x
	case []ID:
		if x == nil {
			return nil
		}
		return x
	case map[string]any:
		if x == nil {
			return nil
		}
		return x
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int64, reflect.Int32:
		return v.Int()
	case reflect.Float64:
		return v.Float()
	case reflect.Bool:
		return v.Bool()
	}
	return v.Interface()
}

func assign(dst reflect.Value, v any) {
	if v == nil {
		dst.SetZero()
		return
	}
	if dst.Kind() == reflect.Pointer {
		p := reflect.New(dst.Type().Elem())
		p.Elem().Set(reflect.ValueOf(v).Convert(dst.Type().Elem()))
		dst.Set(p)
		return
	}
	dst.Set(reflect.ValueOf(v).Convert(dst.Type()))
}

// parseTag reads `rec:"kind,option,name=value"`.
func parseTag(f *Field, tag string, kinds map[string]field.Kind) error {
	parts := strings.Split(tag, ",")
	kind, ok := kinds[parts[0]]
	if !ok {
		return fmt.Errorf("unknown kind %q", parts[0])
	}
	f.Kind, f.Class = kind, Internal
	for _, p := range parts[1:] {
		name, value, _ := strings.Cut(p, "=")
		if err := f.option(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (f *Field) option(name, value string) error {
	switch name {
	case "required":
		f.Required = true
	case "search":
		f.Search = true
	case "name":
		f.Search, f.Pinyin = true, true
	case "unique":
		f.Unique = true
	case "index":
		f.Indexed = true
	case "own":
		f.Own = true
	case "parent":
		f.Parent, f.Indexed = true, true
	case "readonly":
		f.ReadOnly = true
	case "once":
		f.Once = true
	case "ref":
		f.Ref = value
	case "default":
		f.Default = value
	case "group":
		f.Group = value
	case "enum":
		f.Options.Enum = strings.Split(value, "|")
	case "currency":
		f.Options.Currency = value
	case "class":
		c, ok := ParseClass(value)
		if !ok {
			return fmt.Errorf("unknown class %q", value)
		}
		f.Class = c
	case "max", "min", "top":
		return f.limit(name, value)
	default:
		return fmt.Errorf("unknown option %q", name)
	}
	return nil
}

func (f *Field) limit(name, value string) error {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("%s=%q is no number", name, value)
	}
	switch name {
	case "max":
		f.Options.Max = int(n)
	case "min":
		f.Options.Min = &n
	case "top":
		f.Options.Top = &n
	}
	return nil
}
