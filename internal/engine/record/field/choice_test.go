package field_test

import (
	"encoding/json"
	"strings"
	"testing"

	"dianke/internal/engine/record/field"
)

// TestObjects: what is taken can be stored by both databases and read back.
func TestObjects(t *testing.T) {
	t.Parallel()
	kind := field.Kinds()["json"]
	for name, tt := range map[string]struct {
		in   any
		want string // key of the error
	}{
		"object":              {map[string]any{"a": json.Number("1.5"), "b": []any{"x", nil, true}}, ""},
		"text":                {`{"a": {"b": [1, "x\ny"]}}`, ""},
		"blank":               {" ", ""},
		"a list":              {`[1]`, "field.want_object"},
		"number":              {7, "field.want_object"},
		"number beyond all":   {map[string]any{"a": json.Number("1e400")}, "field.want_object"},
		"NUL":                 {map[string]any{"a": "x\x00"}, "field.control_character"},
		"NUL in a name":       {map[string]any{"a\x00": 1}, "field.control_character"},
		"NUL far below":       {`{"a": [{"b": ["\u0000"]}]}`, "field.control_character"},
		"other encoding":      {"{\"a\": \"\xff\"}", "field.want_object"},
		"too large":           {map[string]any{"a": strings.Repeat("x", 64<<10)}, "field.want_object"},
		"what JSON cannot be": {map[string]any{"a": func() {}}, "field.want_object"},
	} {
		v, err := kind.Parse(tt.in, &field.Options{})
		got := ""
		if err != nil {
			got = err.Key
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
			continue
		}
		if err != nil || v == nil {
			continue
		}
		back, derr := kind.Decode(kind.Encode(v))
		if derr != nil || kind.Text(back) != kind.Text(v) {
			t.Errorf("%s: read back as %v, %v", name, back, derr)
		}
	}
}
