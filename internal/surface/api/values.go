package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// toJSON turns a canonical value into what the interface shows.
func toJSON(f *record.Field, v any) any {
	if f.IsZero(v) {
		return empty(f)
	}
	switch x := v.(type) {
	case time.Time:
		return f.Kind.Text(x)
	case time.Duration:
		return int64(x / time.Second)
	}
	return v // texts, numbers, booleans, ids and lists write themselves; money is in minor units already
}

// empty is how absence is written: lists are empty, all else is null.
func empty(f *record.Field) any {
	switch f.Kind.Name() {
	case "multienum", "refs", "files":
		return []string{}
	}
	return nil
}

// fromJSON checks that a JSON value is of the type its kind is written in, and brings it into the form the kind reads.
// Forms may send "是" for true or "1,200.50" for money; this interface takes neither.
func fromJSON(f *record.Field, v any) (any, *errs.Error) {
	if v == nil {
		return nil, nil
	}
	key, ok := "field.want_text", false
	switch f.Kind.Name() {
	case "number", "decimal", "percent", "duration":
		key = map[string]string{"number": "field.want_whole_number", "duration": "api.want_seconds"}[f.Kind.Name()]
		if key == "" {
			key = "field.want_number"
		}
		_, ok = v.(json.Number)
	case "money":
		return minorUnits(f, v)
	case "bool":
		key = "api.want_bool"
		_, ok = v.(bool)
	case "multienum", "refs", "files":
		key = "api.want_list"
		_, ok = v.([]any)
	case "json":
		key = "field.want_object"
		_, ok = v.(map[string]any)
	default:
		_, ok = v.(string)
	}
	if !ok {
		return nil, errs.Of(f.Name, key)
	}
	return v, nil
}

// minorUnits reads money: a whole number of fen, never a fraction of yuan.
func minorUnits(f *record.Field, v any) (any, *errs.Error) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, errs.Of(f.Name, "api.want_minor_units")
	}
	i, err := n.Int64()
	if err != nil || i > 1<<53 || i < -(1<<53) {
		return nil, errs.Of(f.Name, "api.want_minor_units")
	}
	return i, nil
}

// inputOf turns a body into the input of a command. Names that are no field pass, for the engine refuses them by itself.
func inputOf(body map[string]any, field func(name string) *record.Field) (map[string]any, error) {
	var faults []*errs.Error
	out := make(map[string]any, len(body))
	for name, v := range body {
		out[name] = v
		f := field(name)
		if f == nil || f.Compute != nil {
			continue
		}
		in, e := fromJSON(f, v)
		if e != nil {
			faults = append(faults, e)
			continue
		}
		out[name] = in
	}
	return out, errs.Collect(sortFaults(faults))
}

func sortFaults(faults []*errs.Error) []*errs.Error {
	slices.SortFunc(faults, func(a, b *errs.Error) int { return strings.Compare(a.Field, b.Field) })
	return faults
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// recordJSON is a record as the reader sees it.
type recordJSON struct {
	ID          record.ID         `json:"id"`
	Type        string            `json:"type"`
	Number      string            `json:"number"`
	Title       string            `json:"title"`
	State       string            `json:"state,omitempty"`
	UnitID      record.ID         `json:"unit_id"`
	OwnerID     record.ID         `json:"owner_id"`
	CreatedAt   *time.Time        `json:"created_at"`
	CreatedBy   record.ID         `json:"created_by"`
	UpdatedAt   *time.Time        `json:"updated_at"`
	UpdatedBy   record.ID         `json:"updated_by"`
	LockVersion int64             `json:"lock_version"`
	ArchivedAt  *time.Time        `json:"archived_at"`
	Fields      map[string]any    `json:"fields"`
	Masked      map[string]string `json:"masked"`
}

func toRecord(v mask.View) recordJSON {
	h := v.Record
	out := recordJSON{
		ID: h.ID, Type: v.Type.Name, Number: h.Number, Title: v.Title, State: v.State, UnitID: h.UnitID, OwnerID: h.OwnerID,
		CreatedAt: at(h.CreatedAt), CreatedBy: h.CreatedBy, UpdatedAt: at(h.UpdatedAt), UpdatedBy: h.UpdatedBy,
		LockVersion: h.LockVersion, ArchivedAt: at(h.ArchivedAt), Fields: map[string]any{}, Masked: map[string]string{},
	}
	for _, c := range v.Cells {
		if c.Masked {
			out.Masked[c.Field.Name] = c.Text
			continue
		}
		out.Fields[c.Field.Name] = toJSON(c.Field, c.Value)
	}
	return out
}

func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func etag(version int64) string { return fmt.Sprintf(`"%d"`, version) }
