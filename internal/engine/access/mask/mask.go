// Package mask shows a record as one actor may see it.
//
// A [View] holds a cell for every field: its value, or, where the field's class is above what the actor sees of this
// record, only its mask such as 138****8000. Sensitive values show no character unless they are revealed. Surfaces
// render views, never records. The package knows no language; values are canonical.
package mask

import (
	"dianke/internal/engine/record"
	"dianke/internal/platform/gb"
)

// Cell is one field of a view.
type Cell struct {
	Field  *record.Field
	Value  any    // canonical; nil where Masked
	Text   string // plain text of the value, or the mask
	Masked bool   // the value is hidden; Text is its mask, "" if there is no value
}

// View is a record as one actor sees it.
type View struct {
	Type   *record.Type
	Record *record.Head
	Title  string
	State  string
	Cells  []Cell
	byName map[string]int
}

// Of makes the view of the record in the scope. The record itself must not leave the caller.
func Of(t *record.Type, scope record.Scope, e record.Entity) View {
	v := View{Type: t, Record: e.HeadOf(), State: t.StateOf(e), byName: make(map[string]int, len(t.Fields))}
	for _, f := range t.Fields {
		v.byName[f.Name] = len(v.Cells)
		v.Cells = append(v.Cells, cell(t, f, scope, e))
	}
	v.Title = e.HeadOf().Number
	if c, ok := v.Cell(t.Title); ok && c.Text != "" {
		v.Title = c.Text
	}
	return v
}

func cell(t *record.Type, f *record.Field, scope record.Scope, e record.Entity) Cell {
	value := f.Get(e)
	if scope.SeesClear(t, e, f.Class) {
		return Cell{Field: f, Value: value, Text: f.Kind.Text(value)}
	}
	return Cell{Field: f, Text: Text(f, f.Kind.Text(value)), Masked: true}
}

// Cell returns the cell of the field.
func (v View) Cell(name string) (Cell, bool) {
	i, ok := v.byName[name]
	if !ok {
		return Cell{}, false
	}
	return v.Cells[i], true
}

// Text masks a plain text by the field's kind and class. Empty stays empty, so that one sees whether there is a value.
func Text(f *record.Field, plain string) string {
	if plain == "" {
		return ""
	}
	if f.Class == record.Sensitive {
		if f.Kind.Name() == "idcard" {
			return gb.MaskIDNumber(plain)
		}
		return "******"
	}
	switch f.Kind.Name() {
	case "phone":
		return gb.MaskPhone(plain)
	case "email":
		return gb.MaskEmail(plain)
	case "idcard":
		return gb.MaskIDNumber(plain)
	case "address":
		return gb.MaskAddress(plain)
	case "text":
		if f.Pinyin {
			return gb.MaskName(plain)
		}
	case "bool":
		return "***"
	}
	return gb.MaskText(plain)
}
