package record

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"dianke/internal/engine/record/field"
)

// Type is a declared record type. It is built by [Declare] at start and, but for custom fields, never changes.
type Type struct {
	Name    string // singular, such as "customer"; also the prefix of its message keys
	Plural  string // "customers": table, path in the API and on the web
	Room    string // the room of the navigation it stands in
	Prefix  string // of its numbers, such as "C"
	Icon    string
	Title   string // field that names a record to people
	Open    bool   // every person signed in may read it (lists of reference)
	Fields  []*Field
	Groups  []string // order of the groups on form and page
	List    []string // columns a list shows first
	Actions []*Action
	Without []string // general actions that this type does not have

	// CreatorOwns says that who entered a record counts as its owner while it has none: a receptionist sees the case he
	// took in until somebody answers for it. Not for types whose records without owner lie in a pool or were made by
	// the program in passing.
	CreatorOwns bool

	// NoUnit says that a new record without unit stays without one instead of belonging to that of who entered it, so
	// that nobody reaches it by his unit.
	NoUnit bool
	// LogReads says that every opening of a record is in the audit log, not only one that shows personal data.
	LogReads bool

	// Merges says that records of the type that turn out to be the same may be merged.
	Merges bool
	// Merged lets the survivor of a merge take over what no form sets, such as counters, from a record merged into it. It
	// may change fields that only actions write.
	Merged func(survivor, other Entity)

	// Prepare fills what follows from other fields, before validation, in the transaction of every write.
	Prepare func(ctx context.Context, c *Call) error
	// Settled runs after the row was written, in the same transaction.
	Settled func(ctx context.Context, c *Call) error

	goType reflect.Type
	byName map[string]*Field
	state  *Field
}

// Spec is what [Declare] needs beside the struct.
type Spec struct {
	Name, Plural, Room, Prefix, Icon, Title string
	Open, CreatorOwns, NoUnit, LogReads     bool
	Merges                                  bool
	Groups, List, Without                   []string
	Actions                                 []*Action
	Prepare, Settled                        func(ctx context.Context, c *Call) error
	Merged                                  func(survivor, other Entity)
	Computed                                map[string]func(Entity) any
}

// Declare reads the tags of T, a struct that embeds [Head], and returns its type. A broken declaration panics: it is a
// mistake of the program that the first test finds.
func Declare[T any, P interface {
	*T
	Entity
}](s Spec) *Type {
	t := &Type{
		Name: s.Name, Plural: s.Plural, Room: s.Room, Prefix: s.Prefix, Icon: s.Icon, Title: s.Title, Open: s.Open, CreatorOwns: s.CreatorOwns,
		NoUnit: s.NoUnit, LogReads: s.LogReads, Merges: s.Merges, Merged: s.Merged,
		Groups: s.Groups, List: s.List, Without: s.Without, Prepare: s.Prepare, Settled: s.Settled,
		goType: reflect.TypeFor[T](), byName: map[string]*Field{},
	}
	fields, err := readFields(t.goType)
	if err != nil {
		panic(fmt.Sprintf("declare %s: %v", s.Name, err))
	}
	for _, f := range fields {
		f.Compute = s.Computed[f.Name]
		t.addField(f)
	}
	t.Actions = append(generalActions(t), s.Actions...)
	if err := t.check(); err != nil {
		panic(fmt.Sprintf("declare %s: %v", s.Name, err))
	}
	return t
}

func (t *Type) addField(f *Field) {
	t.Fields = append(t.Fields, f)
	t.byName[f.Name] = f
	if f.Kind.Name() == "state" {
		t.state = f
	}
}

// readFields lists the tagged fields of a struct, with the columns of the head that people may see.
func readFields(typ reflect.Type) ([]*Field, error) {
	kinds := field.Kinds()
	var out []*Field
	for i := range typ.NumField() {
		sf := typ.Field(i)
		tag, ok := sf.Tag.Lookup("rec")
		if !ok {
			continue
		}
		f := &Field{Name: snake(sf.Name), index: sf.Index}
		if err := parseTag(f, tag, kinds); err != nil {
			return nil, fmt.Errorf("field %s: %w", sf.Name, err)
		}
		out = append(out, f)
	}
	if len(out) == 0 && typ.NumField() > 0 {
		return nil, fmt.Errorf("no field of %s has a rec tag", typ)
	}
	return out, nil
}

// snake turns NextVisitAt and IDNumber into next_visit_at and id_number.
func snake(s string) string {
	var b strings.Builder
	r := []rune(s)
	for i, c := range r {
		upper := c >= 'A' && c <= 'Z'
		if upper && i > 0 {
			prevLower := r[i-1] < 'A' || r[i-1] > 'Z'
			nextLower := i+1 < len(r) && (r[i+1] < 'A' || r[i+1] > 'Z')
			if prevLower || nextLower {
				b.WriteByte('_')
			}
		}
		b.WriteString(strings.ToLower(string(c)))
	}
	return b.String()
}

func (t *Type) check() error {
	for _, name := range append([]string{t.Title}, t.List...) {
		if t.Field(name) == nil {
			return fmt.Errorf("no field %q", name)
		}
	}
	if t.state != nil && t.state.Default == "" {
		return fmt.Errorf("state %s has no default", t.state.Name)
	}
	seen := map[string]bool{}
	for _, a := range t.Actions {
		if seen[a.Name] {
			return fmt.Errorf("action %s twice", a.Name)
		}
		seen[a.Name] = true
		for _, s := range append(slices.Clone(a.From), a.To) {
			if s != "" && (t.state == nil || !slices.Contains(t.state.Options.Enum, s)) {
				return fmt.Errorf("action %s: unknown state %q", a.Name, s)
			}
		}
	}
	for name, f := range t.byName {
		if f.Kind.Name() == "computed" && f.Compute == nil {
			return fmt.Errorf("field %s is computed by nothing", name)
		}
	}
	return nil
}

// New returns an empty record with the defaults of its fields.
func (t *Type) New() Entity {
	e := reflect.New(t.goType).Interface().(Entity)
	for _, f := range t.Fields {
		if f.Default == "" || f.Custom {
			continue
		}
		if v, err := f.Parse(f.Default); err == nil {
			f.Set(e, v)
		}
	}
	return e
}

// Clone returns a copy of the record that shares nothing that is changed in place.
func (t *Type) Clone(e Entity) Entity {
	v := reflect.New(t.goType)
	v.Elem().Set(reflect.ValueOf(e).Elem())
	c := v.Interface().(Entity)
	if m := e.HeadOf().Custom; m != nil {
		h := c.HeadOf()
		h.Custom = make(map[string]any, len(m))
		for k, x := range m {
			h.Custom[k] = x
		}
	}
	return c
}

// Field returns the field of the name, declared, custom or of the head, or nil.
func (t *Type) Field(name string) *Field {
	if f, ok := t.byName[name]; ok {
		return f
	}
	return headFields[name]
}

// State returns the field that holds the state, or nil.
func (t *Type) State() *Field { return t.state }

// StateOf returns the state of the record; "" for a type without states.
func (t *Type) StateOf(e Entity) string {
	if t.state == nil {
		return ""
	}
	s, _ := t.state.Get(e).(string)
	return s
}

// Action returns the action of the name, or nil.
func (t *Type) Action(name string) *Action {
	for _, a := range t.Actions {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// TitleOf returns the text that names the record to people; its number where the title is empty.
func (t *Type) TitleOf(e Entity) string {
	f := t.Field(t.Title)
	if s := f.Kind.Text(f.Get(e)); s != "" {
		return s
	}
	return e.HeadOf().Number
}

// TitleClass returns the class of the field that names records.
func (t *Type) TitleClass() Class { return t.Field(t.Title).Class }

// Editable lists the fields that create (isNew) or update may set.
func (t *Type) Editable(isNew bool) []*Field {
	var out []*Field
	for _, f := range t.Fields {
		if f.ReadOnly || f.Compute != nil || f.Kind.Name() == "state" || f.Once && !isNew {
			continue
		}
		out = append(out, f)
	}
	return out
}

// ParentFields lists the references whose records this one is part of.
func (t *Type) ParentFields() []*Field {
	var out []*Field
	for _, f := range t.Fields {
		if f.Parent {
			out = append(out, f)
		}
	}
	return out
}

// HasClass reports whether some field is of the class.
func (t *Type) HasClass(c Class) bool {
	return slices.ContainsFunc(t.Fields, func(f *Field) bool { return f.Class == c })
}

// headFields are the fields every record has, seen as fields.
var headFields = func() map[string]*Field {
	kinds := field.Kinds()
	out := map[string]*Field{}
	typ := reflect.TypeFor[Head]()
	for name, kind := range map[string]string{
		"ID": "ref", "Number": "text", "UnitID": "unit", "OwnerID": "user", "CreatedAt": "time", "CreatedBy": "user",
		"UpdatedAt": "time", "UpdatedBy": "user", "LockVersion": "number", "ArchivedAt": "time",
	} {
		sf, _ := typ.FieldByName(name)
		f := &Field{Name: snake(name), Kind: kinds[kind], Class: Internal, ReadOnly: true, Indexed: true}
		f.index = append([]int{0}, sf.Index...)
		out[f.Name] = f
	}
	return out
}()

// HeadFields lists the fields every record has, in storage order, without custom.
func HeadFields() []*Field {
	var out []*Field
	for _, name := range headColumns {
		if f := headFields[name]; f != nil {
			out = append(out, f)
		}
	}
	return out
}
