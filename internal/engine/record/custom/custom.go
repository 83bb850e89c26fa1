// Package custom keeps the fields an administrator adds to a type.
//
// A custom field uses the same kinds as a declared one, lives in the record's column custom and appears wherever fields
// do. [Fields.Load] puts what is stored into the registry at start; [Fields.Add] and [Fields.Remove] change both. A
// field taken away loses its place on pages; the values stay in the records. Sensitive and referring kinds cannot be
// added: they need columns and checks of their own. The package decides no permission.
package custom

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Spec is a custom field as it is stored.
type Spec struct {
	ID       record.ID         `json:"-"`
	Type     string            `json:"-"`
	Name     string            `json:"-"`
	Kind     string            `json:"-"`
	Labels   map[string]string `json:"labels"` // by language, zh and en
	Class    string            `json:"class"`
	Options  []string          `json:"options,omitempty"` // of enum and multienum
	Required bool              `json:"required,omitempty"`
	Group    string            `json:"group,omitempty"`
}

// Log writes to the audit log that fields were changed; see store.Store.Log.
type Log func(ctx context.Context, tx *db.Tx, scope record.Scope, verb string, id record.ID, detail map[string]any) error

// Fields keeps custom fields. Set its fields before first use; it is then safe for concurrent use.
type Fields struct {
	DB    *db.DB
	Types *record.Registry
	Next  func() record.ID
	Log   Log
}

// Kinds lists the kinds a custom field may have.
func Kinds() []string {
	return []string{"text", "longtext", "number", "decimal", "money", "percent", "bool", "date", "time", "duration", "enum", "multienum", "phone", "email"}
}

const maxFields = 60 // of a type

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// List returns the custom fields of a type in their order; of all types where typ is empty.
func (s *Fields) List(ctx context.Context, typ string) ([]Spec, error) {
	return db.View(ctx, s.DB, func(tx *db.Tx) ([]Spec, error) { return s.list(ctx, tx, typ) })
}

func (s *Fields) list(ctx context.Context, tx *db.Tx, typ string) ([]Spec, error) {
	var out []Spec
	stmt, args := "SELECT id, type, name, kind, spec FROM custom_fields", []any{}
	if typ != "" {
		stmt, args = stmt+" WHERE type = ?", []any{typ}
	}
	err := tx.Each(ctx, stmt+" ORDER BY type, position, id", args, func(r *sql.Rows) error {
		var f Spec
		var spec string
		if err := r.Scan(&f.ID, &f.Type, &f.Name, &f.Kind, &spec); err != nil {
			return err
		}
		out = append(out, f)
		return json.Unmarshal([]byte(spec), &out[len(out)-1])
	})
	if err != nil {
		return nil, fmt.Errorf("list custom fields: %w", err)
	}
	return out, nil
}

// Load puts all stored fields into the registry. Fields of types that are gone, or of a name a newer program has
// declared itself, are passed over.
func (s *Fields) Load(ctx context.Context) error {
	all, err := s.List(ctx, "")
	if err != nil {
		return err
	}
	byType := map[string][]Spec{}
	for _, f := range all {
		byType[f.Type] = append(byType[f.Type], f)
	}
	for typ, list := range byType {
		if s.Types.Type(typ) == nil {
			continue
		}
		if err := s.extend(typ, list); err != nil {
			return err
		}
	}
	return nil
}

func (s *Fields) extend(typ string, list []Spec) error {
	kinds, t := field.Kinds(), s.Types.Type(typ)
	var fields []*record.Field
	for _, f := range list {
		if old := t.Field(f.Name); old != nil && !old.Custom {
			continue
		}
		class, _ := record.ParseClass(f.Class)
		fields = append(fields, &record.Field{
			Name: f.Name, Kind: kinds[f.Kind], Class: class, Labels: f.Labels, Required: f.Required, Group: f.Group,
			Options: field.Options{Enum: f.Options},
		})
	}
	if err := s.Types.Extend(typ, fields); err != nil {
		return fmt.Errorf("custom fields of %s: %w", typ, err)
	}
	return nil
}

// Add checks and writes a field and shows it at once. The scope is one for update of the type that reaches all rows;
// the caller got it from access. Errors: Invalid with one entry a fault.
func (s *Fields) Add(ctx context.Context, scope record.Scope, f Spec) error {
	if !scope.Valid() || scope.Type != f.Type || !scope.Visible.All {
		return errs.New(errs.Forbidden, "access.denied").With("type", f.Type).With("action", record.Update)
	}
	t := s.Types.Type(f.Type)
	if t == nil {
		return errs.New(errs.NotFound, "record.unknown_type").With("type", f.Type)
	}
	if err := errs.Collect(check(t, &f)); err != nil {
		return err
	}
	list, err := db.InTx(ctx, s.DB, func(tx *db.Tx) ([]Spec, error) { return s.insert(ctx, tx, scope, f) })
	if err != nil {
		return err
	}
	return s.extend(f.Type, list)
}

// AddIn is [Fields.Add] within a transaction of the caller: the field is shown once that is committed. A field of the
// name that is there already stays as it is; Conflict where it is of another kind.
func (s *Fields) AddIn(ctx context.Context, tx *db.Tx, scope record.Scope, f Spec) error {
	if !scope.Valid() || scope.Type != f.Type || !scope.Visible.All {
		return errs.New(errs.Forbidden, "access.denied").With("type", f.Type).With("action", record.Update)
	}
	list, err := s.list(ctx, tx, f.Type)
	if err != nil {
		return err
	}
	for _, old := range list {
		if old.Name == f.Name && old.Kind == f.Kind {
			return nil
		}
	}
	if err := errs.Collect(check(s.Types.Type(f.Type), &f)); err != nil {
		return err
	}
	if list, err = s.insert(ctx, tx, scope, f); err != nil {
		return err
	}
	tx.AfterCommit(func() { _ = s.extend(f.Type, list) }) // checked above: the name is free
	return nil
}

func (s *Fields) insert(ctx context.Context, tx *db.Tx, scope record.Scope, f Spec) ([]Spec, error) {
	list, err := s.list(ctx, tx, f.Type)
	if err != nil {
		return nil, err
	}
	if len(list) >= maxFields {
		return nil, errs.New(errs.Conflict, "custom.too_many").With("max", maxFields)
	}
	spec, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("custom field: %w", err)
	}
	f.ID = s.Next()
	_, err = tx.Exec(ctx, "INSERT INTO custom_fields (id, type, name, kind, spec, position, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		f.ID, f.Type, f.Name, f.Kind, string(spec), len(list)+1, f.ID.Time())
	if db.IsUnique(err) {
		return nil, errs.Of("name", "field.not_unique").Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("add custom field: %w", err)
	}
	return append(list, f), s.Log(ctx, tx, scope, "custom_field.create", f.ID, map[string]any{"type": f.Type, "name": f.Name, "kind": f.Kind})
}

// Remove takes a field away from pages and forms. The values stay in the records.
func (s *Fields) Remove(ctx context.Context, scope record.Scope, typ string, id record.ID) error {
	if !scope.Valid() || scope.Type != typ || !scope.Visible.All {
		return errs.New(errs.Forbidden, "access.denied").With("type", typ).With("action", record.Update)
	}
	list, err := db.InTx(ctx, s.DB, func(tx *db.Tx) ([]Spec, error) {
		n, err := tx.Exec(ctx, "DELETE FROM custom_fields WHERE id = ? AND type = ?", id, typ)
		if err != nil {
			return nil, fmt.Errorf("remove custom field: %w", err)
		}
		if n == 0 {
			return nil, errs.New(errs.NotFound, "custom.none")
		}
		if err := s.Log(ctx, tx, scope, "custom_field.remove", id, map[string]any{"type": typ}); err != nil {
			return nil, err
		}
		return s.list(ctx, tx, typ)
	})
	if err != nil {
		return err
	}
	return s.extend(typ, list)
}

// check tidies the field and returns what is wrong with it.
func check(t *record.Type, f *Spec) []*errs.Error {
	var faults []*errs.Error
	f.Name = strings.TrimSpace(f.Name)
	old := t.Field(f.Name)
	switch {
	case !fieldName.MatchString(f.Name):
		faults = append(faults, errs.Of("name", "custom.name"))
	case old != nil:
		faults = append(faults, errs.Of("name", "field.not_unique"))
	}
	if !slices.Contains(Kinds(), f.Kind) {
		faults = append(faults, errs.Of("kind", "custom.kind"))
	}
	if c, ok := record.ParseClass(f.Class); !ok || c == record.Sensitive {
		faults = append(faults, errs.Of("class", "custom.class"))
	}
	for _, lang := range []string{"zh", "en"} {
		switch n := len([]rune(strings.TrimSpace(f.Labels[lang]))); {
		case n == 0:
			faults = append(faults, errs.Of("label_"+lang, "field.required"))
		case n > 40:
			faults = append(faults, errs.Of("label_"+lang, "field.too_long").With("max", 40).With("n", n))
		}
	}
	if choice := f.Kind == "enum" || f.Kind == "multienum"; choice {
		f.Options = tidy(f.Options)
		if len(f.Options) == 0 || len(f.Options) > 100 {
			faults = append(faults, errs.Of("options", "custom.options").With("max", 100))
		}
	} else {
		f.Options = nil
	}
	return faults
}

func tidy(list []string) []string {
	var out []string
	for _, o := range list {
		if o = strings.TrimSpace(o); o != "" && len([]rune(o)) <= 60 && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}
