package field

import (
	"encoding/json"
	"slices"
	"strings"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
)

// ref names one record of a type, a user, a unit or a stored file. That it exists and may be seen is the caller's check.
type ref struct{ name string }

func (k ref) Name() string        { return k.name }
func (ref) Column() db.ColumnKind { return db.Int }
func (ref) Null() bool            { return true }
func (ref) Ops() []Op             { return []Op{Eq, Ne, In, NotIn, Empty, Filled} }

func (ref) Parse(in any, _ *Options) (any, *errs.Error) {
	switch v := in.(type) {
	case nil:
		return ids.ID(0), nil
	case ids.ID:
		return v, nil
	case string:
		id, err := ids.Parse(strings.TrimSpace(v))
		if err != nil {
			return ids.ID(0), bad("field.want_id")
		}
		return id, nil
	}
	return ids.ID(0), bad("field.want_id")
}

func (ref) Encode(v any) any {
	id, _ := v.(ids.ID)
	return id
}

func (ref) Decode(src any) (any, error) {
	var id ids.ID
	err := id.Scan(src)
	return id, err
}

func (ref) Text(v any) string {
	id, _ := v.(ids.ID)
	return id.String()
}

// refs names several, stored as a JSON list of written ids.
type refs struct{ name string }

func (k refs) Name() string        { return k.name }
func (refs) Column() db.ColumnKind { return db.JSON }
func (refs) Null() bool            { return true }
func (refs) Ops() []Op             { return []Op{Has, Empty, Filled} }

func (refs) Parse(in any, o *Options) (any, *errs.Error) {
	var raw []string
	switch v := in.(type) {
	case []ids.ID:
		if len(v) == 0 {
			return nil, nil
		}
		return v, nil
	default:
		var e *errs.Error
		if raw, e = list(in); e != nil {
			return nil, e
		}
	}
	limit := 200
	if o.Max > 0 {
		limit = o.Max
	}
	if len(raw) > limit {
		return nil, bad("field.too_many_items").With("max", limit)
	}
	var out []ids.ID
	for _, s := range raw {
		id, err := ids.Parse(s)
		if err != nil || id == 0 {
			return nil, bad("field.want_id")
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if out == nil {
		return nil, nil
	}
	return out, nil
}

func (refs) Encode(v any) any {
	list, ok := v.([]ids.ID)
	if !ok || len(list) == 0 {
		return nil
	}
	b, _ := json.Marshal(list) // ids cannot fail
	return string(b)
}

func (refs) Decode(src any) (any, error) {
	var out []ids.ID
	if err := decodeJSON(src, &out); err != nil || out == nil {
		return nil, err
	}
	return out, nil
}

func (refs) Text(v any) string {
	list, _ := v.([]ids.ID)
	s := make([]string, len(list))
	for i, id := range list {
		s[i] = id.String()
	}
	return strings.Join(s, ",")
}
