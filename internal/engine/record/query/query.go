// Package query turns filters, scopes and pages into SQL.
//
// Names of columns come from the type, values are bound; nothing a user sends becomes part of a statement. A filter on
// a masked field reaches only the records whose field the actor may see in clear. The package runs nothing.
package query

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/record/schema"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Blinder makes the keyed hash of a sensitive value.
type Blinder interface {
	Blind(value, purpose string) string
}

// Builder makes conditions for one type and scope. It is for one statement.
type Builder struct {
	Type    *record.Type
	Scope   record.Scope
	Dialect db.Dialect
	Keys    Blinder
	Args    []any

	// Recused lists the records nobody may show to the actor, where Known is set: looking them up once costs less than
	// asking at every row.
	Recused []record.ID
	Known   bool
	// Scan keeps SQLite from finding the rows by the filter: for a filter that many rows meet, going along the order and
	// leaving out the others is shorter than collecting and sorting them. SQLite cannot know how many there are.
	Scan bool
}

// Purpose is what a sensitive field's hash is made for.
func Purpose(t *record.Type, f *record.Field) string { return t.Plural + "." + f.Name }

// bind adds a value and returns its place.
func (b *Builder) bind(v any) string {
	b.Args = append(b.Args, v)
	return "?"
}

// Access is the condition that the scope reaches the row, its parents too, and that nobody recused sees it.
func (b *Builder) Access() string {
	parts := []string{b.rows(b.Type, b.Scope.Visible, b.Type.Plural)}
	if b.asksRecusal() {
		parts = append(parts, b.recused(b.Type.Plural+".id"))
	}
	for _, p := range b.Scope.Parents {
		column := b.Type.Plural + "." + p.Field
		if b.asksRecusal() {
			parts = append(parts, b.recused(column))
		}
		if !p.Visible.All {
			parts = append(parts, b.parent(p, column))
		}
	}
	return strings.Join(parts, " AND ")
}

// asksRecusal reports whether rows may be hidden from the actor by name.
func (b *Builder) asksRecusal() bool { return b.Scope.Recuse != 0 && !(b.Known && len(b.Recused) == 0) }

func (b *Builder) recused(column string) string {
	if b.Known {
		marks := make([]string, len(b.Recused))
		for i, id := range b.Recused {
			marks[i] = b.bind(id)
		}
		return fmt.Sprintf("(%s IS NULL OR %s NOT IN (%s))", column, column, strings.Join(marks, ", "))
	}
	return fmt.Sprintf("NOT EXISTS (SELECT 1 FROM recusals rc WHERE rc.record_id = %s AND rc.user_id = %s AND rc.ended_at IS NULL)",
		column, b.bind(b.Scope.Recuse))
}

func (b *Builder) parent(p record.ParentScope, column string) string {
	cond := b.rows(p.Of, p.Visible, p.Of.Plural)
	return fmt.Sprintf("(%s IS NULL OR EXISTS (SELECT 1 FROM %s WHERE %s.id = %s AND %s))", column, p.Of.Plural, p.Of.Plural, column, cond)
}

func (b *Builder) rows(t *record.Type, r record.Rows, table string) string {
	if r.All || r.Public {
		return "TRUE"
	}
	var parts []string
	if r.Owner != 0 {
		parts = append(parts, table+".owner_id = "+b.bind(r.Owner))
		if t.CreatorOwns {
			parts = append(parts, fmt.Sprintf("%s.owner_id IS NULL AND %s.created_by = %s", table, table, b.bind(r.Owner)))
		}
		for _, f := range t.Fields {
			if f.Own && schema.Stored(f) {
				parts = append(parts, b.holds(f, table, r.Owner))
			}
		}
	}
	if len(r.Units) > 0 {
		marks := make([]string, len(r.Units))
		for i, u := range r.Units {
			marks[i] = b.bind(u)
		}
		scan := ""
		if b.Scan {
			scan = "+"
		}
		parts = append(parts, fmt.Sprintf("%s%s.unit_id IN (%s)", scan, table, strings.Join(marks, ", ")))
	}
	if len(parts) == 0 {
		return "FALSE"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (b *Builder) holds(f *record.Field, table string, id record.ID) string {
	if f.Kind.Column() != db.JSON {
		return fmt.Sprintf("%s.%s = %s", table, f.Name, b.bind(id))
	}
	return b.listHas(table+"."+f.Name, id.String())
}

// listHas looks for a text in a JSON list of texts.
func (b *Builder) listHas(column, value string) string {
	quoted, _ := json.Marshal(value) // a string cannot fail
	cast := column
	if b.Dialect == db.Postgres {
		cast = column + "::text"
	}
	return fmt.Sprintf("%s LIKE %s ESCAPE '\\'", cast, b.bind("%"+escapeLike(string(quoted))+"%"))
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s)
}

// Where compiles a filter. A field the actor may not see anywhere is refused.
func (b *Builder) Where(f record.Filter) (string, error) {
	switch {
	case f.Zero():
		return "TRUE", nil
	case f.Not != nil:
		s, err := b.Where(*f.Not)
		return "NOT (" + s + ")", err
	case f.Field != "":
		return b.leaf(f)
	case len(f.And) > 0:
		return b.group(f.And, " AND ")
	}
	return b.group(f.Or, " OR ")
}

func (b *Builder) group(fs []record.Filter, join string) (string, error) {
	parts := make([]string, len(fs))
	for i, f := range fs {
		s, err := b.Where(f)
		if err != nil {
			return "", err
		}
		parts[i] = s
	}
	return "(" + strings.Join(parts, join) + ")", nil
}

func (b *Builder) leaf(f record.Filter) (string, error) {
	fd := b.Type.Field(f.Field)
	if fd == nil || fd.Compute != nil {
		return "", errs.Of(f.Field, "filter.unknown_field").With("field", f.Field)
	}
	if fd.Class < record.Personal {
		return b.compare(fd, f)
	}
	rows := b.Scope.Clear[fd.Class]
	if rows.None() {
		return "", errs.New(errs.Forbidden, "filter.masked_field").With("field", f.Field)
	}
	cond, err := b.compare(fd, f)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("(%s AND %s)", cond, b.rows(b.Type, rows, b.Type.Plural)), nil
}

func (b *Builder) compare(fd *record.Field, f record.Filter) (string, error) {
	column := b.column(fd)
	if fd.Class == record.Sensitive {
		return b.blind(fd, f)
	}
	switch f.Op {
	case field.Empty, field.Filled:
		return b.empty(fd, column, f.Op == field.Empty), nil
	case field.In, field.NotIn:
		list, _ := f.Value.([]any)
		marks := make([]string, len(list))
		for i, v := range list {
			marks[i] = b.bind(value(fd, v))
		}
		cond := fmt.Sprintf("%s IN (%s)", column, strings.Join(marks, ", "))
		if f.Op == field.NotIn && fd.Kind.Name() == "state" {
			return b.otherStates(fd, column, list), nil
		}
		if f.Op == field.NotIn {
			return fmt.Sprintf("(%s IS NULL OR NOT %s)", column, cond), nil
		}
		return cond, nil
	case field.Has:
		return b.listHas(column, fmt.Sprint(f.Value)), nil
	case field.Contains:
		return fmt.Sprintf("LOWER(%s) LIKE %s ESCAPE '\\'", column, b.bind("%"+escapeLike(strings.ToLower(fmt.Sprint(f.Value)))+"%")), nil
	case field.Starts:
		return fmt.Sprintf("%s LIKE %s ESCAPE '\\'", column, b.bind(escapeLike(fmt.Sprint(f.Value))+"%")), nil
	case field.Ne:
		return fmt.Sprintf("(%s IS NULL OR %s <> %s)", column, column, b.bind(value(fd, f.Value))), nil
	}
	sign, ok := map[field.Op]string{field.Eq: "=", field.Lt: "<", field.Le: "<=", field.Gt: ">", field.Ge: ">="}[f.Op]
	if !ok {
		return "", errs.Of(f.Field, "filter.unknown_op").With("field", f.Field).With("op", string(f.Op))
	}
	return fmt.Sprintf("%s %s %s", column, sign, b.bind(value(fd, f.Value))), nil
}

// otherStates says "none of these" as "one of the others", which an index can answer. What was bound for the negative
// form is taken back.
func (b *Builder) otherStates(fd *record.Field, column string, list []any) string {
	b.Args = b.Args[:len(b.Args)-len(list)]
	var marks []string
	for _, s := range append([]string{""}, fd.Options.Enum...) {
		if !slices.Contains(list, any(s)) {
			marks = append(marks, b.bind(s))
		}
	}
	return fmt.Sprintf("%s IN (%s)", column, strings.Join(marks, ", "))
}

// blind compares a sensitive field by its keyed hash: equality only.
func (b *Builder) blind(fd *record.Field, f record.Filter) (string, error) {
	column := b.Type.Plural + "." + fd.Name + schema.BlindSuffix
	switch f.Op {
	case field.Eq:
		return fmt.Sprintf("%s = %s", column, b.bind(b.Keys.Blind(fd.Kind.Text(f.Value), Purpose(b.Type, fd)))), nil
	case field.Empty:
		return column + " = ''", nil
	case field.Filled:
		return column + " <> ''", nil
	}
	return "", errs.Of(f.Field, "filter.sensitive_equality").With("field", f.Field)
}

// value is what a column of the field is compared with; custom fields keep times as text.
func value(fd *record.Field, v any) any {
	if _, isTime := v.(time.Time); isTime && fd.Custom {
		return fd.Kind.Text(v)
	}
	return fd.Kind.Encode(v)
}

func (b *Builder) empty(fd *record.Field, column string, empty bool) string {
	if fd.Kind.Null() || fd.Custom {
		if empty {
			return column + " IS NULL"
		}
		return column + " IS NOT NULL"
	}
	if empty {
		return column + " = ''"
	}
	return column + " <> ''"
}

// column names the field in SQL; custom fields are taken out of the JSON by a name the registry has checked.
func (b *Builder) column(fd *record.Field) string {
	if !fd.Custom && b.Scan {
		return "+" + b.Type.Plural + "." + fd.Name
	}
	if !fd.Custom {
		return b.Type.Plural + "." + fd.Name
	}
	if b.Dialect == db.SQLite {
		return fmt.Sprintf("json_extract(%s.custom, '$.%s')", b.Type.Plural, fd.Name)
	}
	text := fmt.Sprintf("(%s.custom ->> '%s')", b.Type.Plural, fd.Name)
	switch fd.Kind.Column() {
	case db.Int:
		return text + "::bigint"
	case db.Real:
		return text + "::double precision"
	case db.Bool:
		return text + "::boolean"
	}
	return text
}

// Loose names a field in a way that no index is chosen for it.
func (b *Builder) Loose(f *record.Field) string {
	if b.Dialect == db.Postgres {
		return b.column(f)
	}
	return "+" + b.ordered(f)
}

// ordered names a field so that its index gives the order and the place of a cursor in it, whatever Scan says.
func (b *Builder) ordered(f *record.Field) string { return strings.TrimPrefix(b.column(f), "+") }

// Order is how a page is sorted: by one field and the id, or by the id alone.
type Order struct {
	Field *record.Field // nil for the id alone
	Desc  bool
}

// OrderOf reads the sort of a query. Fields the actor sees masked cannot be sorted by.
func (b *Builder) OrderOf(q record.Query) (Order, error) {
	if q.Sort == "" || q.Sort == "id" {
		return Order{Desc: q.Sort == "" || q.Desc}, nil
	}
	f := b.Type.Field(q.Sort)
	if f == nil || f.Compute != nil || f.Class == record.Sensitive || f.Custom || f.Kind.Column() == db.JSON {
		return Order{}, errs.Of(q.Sort, "list.unknown_sort").With("field", q.Sort)
	}
	if f.Class == record.Personal && !b.Scope.Clear[f.Class].All {
		return Order{}, errs.New(errs.Forbidden, "filter.masked_field").With("field", q.Sort)
	}
	return Order{Field: f, Desc: q.Desc}, nil
}

// SQL returns the ORDER BY list.
func (b *Builder) SQL(o Order) string {
	dir := "ASC"
	if o.Desc {
		dir = "DESC"
	}
	id := b.Type.Plural + ".id " + dir
	if o.Field == nil {
		return id
	}
	nulls := ""
	if o.Field.Kind.Null() && (b.Dialect == db.Postgres || !o.Desc) {
		nulls = " NULLS LAST"
	}
	return fmt.Sprintf("%s %s%s, %s", b.ordered(o.Field), dir, nulls, id)
}

type cursor struct {
	Sort string `json:"s,omitempty"`
	Desc bool   `json:"d,omitempty"`
	Null bool   `json:"n,omitempty"`
	Text string `json:"v,omitempty"`
	ID   string `json:"i"`
}

// Cursor writes the place of the record in the order.
func Cursor(o Order, e record.Entity) string {
	c := cursor{Desc: o.Desc, ID: e.HeadOf().ID.String()}
	if o.Field != nil {
		v := o.Field.Get(e)
		c.Sort, c.Text = o.Field.Name, o.Field.Kind.Text(v)
		c.Null = o.Field.Kind.Null() && o.Field.IsZero(v)
	}
	b, _ := json.Marshal(c) // strings and bools cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

// After compiles the condition for what follows the cursor. A cursor of another order is refused.
func (b *Builder) After(o Order, text string) (string, error) {
	refuse := errs.New(errs.Invalid, "list.bad_cursor")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	var c cursor
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return "", refuse
	}
	var id record.ID
	if err := id.UnmarshalText([]byte(c.ID)); err != nil || id == 0 || c.Desc != o.Desc {
		return "", refuse
	}
	sign := ">"
	if o.Desc {
		sign = "<"
	}
	key := b.Type.Plural + ".id"
	if o.Field == nil {
		if c.Sort != "" {
			return "", refuse
		}
		return fmt.Sprintf("%s %s %s", key, sign, b.bind(id)), nil
	}
	if c.Sort != o.Field.Name {
		return "", refuse
	}
	column := b.ordered(o.Field)
	if c.Null {
		return fmt.Sprintf("(%s IS NULL AND %s %s %s)", column, key, sign, b.bind(id)), nil
	}
	v, e := o.Field.Kind.Parse(c.Text, &field.Options{Enum: []string{c.Text}, Max: 1 << 20})
	if e != nil {
		return "", refuse
	}
	cond := fmt.Sprintf("(%s, %s) %s (%s, %s)", column, key, sign, b.bind(o.Field.Kind.Encode(v)), b.bind(id))
	if o.Field.Kind.Null() {
		return fmt.Sprintf("(%s OR %s IS NULL)", cond, column), nil
	}
	return cond, nil
}

// Columns lists what a SELECT of the type reads, in the order [Decode] expects.
func Columns(t *record.Type) []string {
	out := record.HeadColumns()
	for _, f := range t.Fields {
		if schema.Stored(f) {
			out = append(out, f.Name)
		}
	}
	return out
}
