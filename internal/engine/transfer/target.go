package transfer

import (
	"slices"

	"dianke/internal/engine/record"
)

// Fields lists what the columns of a file may become: what a person may enter for a new record, and with keep also the
// number, author, time and state a record of the past brings along. What actions write goes in only where past allows
// it (see [Desk.Past]).
func Fields(t *record.Type, keep, past bool) []*record.Field {
	var out []*record.Field
	for _, f := range t.Fields {
		switch {
		case f.Compute != nil, slices.Contains([]string{"file", "files", "json", "secret"}, f.Kind.Name()):
		case f.Kind.Name() == "state":
			if keep {
				out = append(out, f)
			}
		case f.ReadOnly && !(keep && past):
		default:
			out = append(out, f)
		}
	}
	head := []string{"owner_id", "unit_id"}
	if keep {
		head = append(head, "number", "created_at", "created_by")
	}
	for _, name := range head {
		out = append(out, t.Field(name))
	}
	return out
}

func fieldOf(list []*record.Field, name string) *record.Field {
	for _, f := range list {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Required lists the fields a new record cannot do without and that no default fills.
func Required(t *record.Type) []*record.Field {
	var out []*record.Field
	fresh := t.New()
	for _, f := range t.Editable(true) {
		if f.Required && f.IsZero(f.Get(fresh)) {
			out = append(out, f)
		}
	}
	return out
}
