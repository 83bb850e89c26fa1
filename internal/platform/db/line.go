package db

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

var kindNames = []string{"text", "int", "real", "bool", "instant", "date", "json", "bytes"}

// MarshalText writes the kind by its name.
func (k ColumnKind) MarshalText() ([]byte, error) {
	if int(k) < 0 || int(k) >= len(kindNames) {
		return nil, fmt.Errorf("column kind %d is unknown", int(k))
	}
	return []byte(kindNames[k]), nil
}

// UnmarshalText reads what MarshalText writes.
func (k *ColumnKind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames, string(text))
	if i < 0 {
		return fmt.Errorf("column kind %q is unknown", text)
	}
	*k = ColumnKind(i)
	return nil
}

// Line writes a row in one form for both databases, so that equal rows are equal bytes: a JSON object with the names in
// the order of columns, JSON columns with sorted names and plain numbers. NULL is left out. raw holds what the driver
// scanned into values of type any. A value that the kind of its column does not allow is an error.
func Line(columns []Column, raw []any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range columns {
		v, err := neutral(c, raw[i])
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		if v == nil {
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(c.Name))
		b.WriteByte(':')
		b.Write(text)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func neutral(c Column, raw any) (any, error) {
	if raw == nil {
		return nil, nil
	}
	switch c.Kind {
	case Bool:
		switch v := raw.(type) {
		case int64:
			return v != 0, nil
		case bool:
			return v, nil
		}
	case Instant, Date:
		return neutralTime(c.Kind, raw)
	case JSON:
		return canonicalJSON(raw)
	case Bytes:
		if v, ok := raw.([]byte); ok {
			return base64.StdEncoding.EncodeToString(v), nil
		}
	case Real:
		switch v := raw.(type) {
		case int64:
			return float64(v), nil
		case float64:
			return v, nil
		}
	case Int:
		if v, ok := raw.(int64); ok {
			return v, nil
		}
	case Text:
		return neutralText(raw)
	}
	return nil, fmt.Errorf("holds %T, which is no %s", raw, kindNames[c.Kind])
}

func neutralTime(kind ColumnKind, raw any) (any, error) {
	var t time.Time
	if err := Time(&t).Scan(raw); err != nil || t.IsZero() {
		return nil, err
	}
	if kind == Date {
		return t.Format(time.DateOnly), nil
	}
	return t.UTC().Format(time.RFC3339Nano), nil
}

// neutralText refuses what PostgreSQL cannot keep, before it is half copied.
func neutralText(raw any) (any, error) {
	var s string
	switch v := raw.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	default:
		return nil, fmt.Errorf("holds %T, which is no text", raw)
	}
	if !utf8.ValidString(s) {
		return nil, errors.New("holds bytes that are no UTF-8")
	}
	if strings.ContainsRune(s, 0) {
		return nil, errors.New("holds a zero character, which PostgreSQL does not keep")
	}
	return s, nil
}

func canonicalJSON(raw any) (any, error) {
	var text []byte
	switch v := raw.(type) {
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return nil, fmt.Errorf("holds %T, which is no JSON", raw)
	}
	if len(text) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("holds broken JSON: %w", err)
	}
	return plainNumbers(out), nil
}

// plainNumbers writes equal fractions alike: one database keeps 1e2 and 1.50 as they were typed, the other does not.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = plainNumbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = plainNumbers(e)
		}
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			return v
		}
		if f, err := v.Float64(); err == nil {
			return json.Number(strconv.FormatFloat(f, 'f', -1, 64))
		}
	}
	return v
}

// ParseLine turns what [Line] wrote into the values a statement takes, in the order of columns. An absent value is NULL,
// but for a JSON column that does not allow it, which gets the JSON null.
func ParseLine(columns []Column, line []byte) ([]any, error) {
	var row map[string]json.RawMessage
	if err := json.Unmarshal(line, &row); err != nil {
		return nil, fmt.Errorf("row: %w", err)
	}
	out := make([]any, len(columns))
	for i, c := range columns {
		v, err := stored(c, row[c.Name])
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		out[i] = v
		delete(row, c.Name)
	}
	for name := range row {
		return nil, fmt.Errorf("column %q is unknown", name)
	}
	return out, nil
}

func stored(c Column, raw json.RawMessage) (any, error) {
	if len(raw) == 0 {
		if c.Kind == JSON && !c.Null {
			return "null", nil
		}
		return nil, nil
	}
	switch c.Kind {
	case JSON:
		return string(raw), nil
	case Int:
		return decode[int64](raw)
	case Real:
		return decode[float64](raw)
	case Bool:
		return decode[bool](raw)
	}
	s, err := decode[string](raw)
	if err != nil {
		return nil, err
	}
	switch c.Kind {
	case Bytes:
		return base64.StdEncoding.DecodeString(s)
	case Instant:
		return time.Parse(time.RFC3339Nano, s)
	case Date:
		t, err := time.Parse(time.DateOnly, s)
		return Day(t), err
	}
	return s, nil
}

func decode[T any](raw json.RawMessage) (T, error) {
	var v T
	err := json.Unmarshal(raw, &v)
	return v, err
}
