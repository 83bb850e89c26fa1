package record

import (
	"fmt"
	"slices"
	"sync"
)

// Registry holds the declared types. Types are added at start; custom fields may be set while it is in use.
// It is safe for concurrent reading.
type Registry struct {
	mu     sync.RWMutex
	types  []*Type
	byName map[string]*Type
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{byName: map[string]*Type{}} }

// Add registers types. A name or plural used twice panics: it is a mistake of the program.
func (r *Registry) Add(types ...*Type) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range types {
		for _, name := range []string{t.Name, t.Plural} {
			if r.byName[name] != nil {
				panic(fmt.Sprintf("type %s registered twice", name))
			}
			r.byName[name] = t
		}
		r.types = append(r.types, t)
	}
}

// Type returns the type of the singular or plural name, or nil.
func (r *Registry) Type(name string) *Type {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.byName[name]
}

// Types lists all types in order of registration.
func (r *Registry) Types() []*Type {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.types)
}

// Extend replaces the custom fields of a type. The old [Type] stays as it was for those who hold it.
func (r *Registry) Extend(name string, custom []*Field) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.byName[name]
	if old == nil {
		return fmt.Errorf("no type %q", name)
	}
	t := *old
	t.Fields, t.byName = nil, map[string]*Field{}
	for _, f := range old.Fields {
		if !f.Custom {
			t.addField(f)
		}
	}
	for _, f := range custom {
		if t.Field(f.Name) != nil {
			return fmt.Errorf("%s has a field %q already", name, f.Name)
		}
		f.Custom = true
		t.addField(f)
	}
	r.byName[t.Name], r.byName[t.Plural] = &t, &t
	r.types[slices.Index(r.types, old)] = &t
	return nil
}

// Check reports what is wrong between types: references to types that do not exist, parents without a type.
func (r *Registry) Check() error {
	for _, t := range r.Types() {
		for _, f := range t.Fields {
			if f.Ref != "" && r.Type(f.Ref) == nil {
				return fmt.Errorf("%s.%s points at unknown type %q", t.Name, f.Name, f.Ref)
			}
			if kind := f.Kind.Name(); (kind == "ref" || kind == "refs") && f.Ref == "" {
				return fmt.Errorf("%s.%s points at no type", t.Name, f.Name)
			}
		}
	}
	return nil
}
