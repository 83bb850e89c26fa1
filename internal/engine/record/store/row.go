package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/query"
	"dianke/internal/engine/record/schema"
	"dianke/internal/platform/db"
)

// read runs a SELECT over [query.Columns] and decodes the rows. In a batch, what waits to be written comes first, and what
// was read before and not written since is answered from memory.
func (s *Store) read(ctx context.Context, tx *db.Tx, t *record.Type, stmt string, args []any) ([]record.Entity, error) {
	b := batchOf(tx)
	if b == nil {
		return s.readRows(ctx, tx, t, stmt, args)
	}
	return b.read(ctx, t, stmt, args)
}

func (s *Store) readRows(ctx context.Context, tx *db.Tx, t *record.Type, stmt string, args []any) ([]record.Entity, error) {
	var out []record.Entity
	raw := make([]any, len(query.Columns(t)))
	dest := make([]any, len(raw))
	for i := range raw {
		dest[i] = &raw[i]
	}
	err := tx.Each(ctx, stmt, args, func(r *sql.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		e, err := s.decode(t, raw)
		out = append(out, e)
		return err
	})
	return out, err
}

func (s *Store) decode(t *record.Type, raw []any) (record.Entity, error) {
	e := t.New()
	h := e.HeadOf()
	i := 0
	for _, f := range record.HeadFields() {
		v, err := f.Kind.Decode(raw[i])
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t.Plural, f.Name, err)
		}
		f.Set(e, v)
		i++
	}
	var err error
	if h.Custom, err = decodeCustom(t, raw[i]); err != nil {
		return nil, err
	}
	i++
	for _, f := range t.Fields {
		if !schema.Stored(f) {
			continue
		}
		v, err := s.decodeField(t, f, h.ID, raw[i])
		if err != nil {
			return nil, fmt.Errorf("%s.%s of %s: %w", t.Plural, f.Name, h.ID, err)
		}
		f.Set(e, v)
		i++
	}
	return e, nil
}

func (s *Store) decodeField(t *record.Type, f *record.Field, id record.ID, raw any) (any, error) {
	if f.Class != record.Sensitive {
		return f.Kind.Decode(raw)
	}
	sealed, _ := raw.(string)
	plain, err := s.Keys.Open(sealed, place(t, f, id))
	if err != nil {
		return nil, err
	}
	v, e := f.Kind.Parse(plain, &f.Options)
	if e != nil {
		return plain, nil // a rule that became stricter does not hide what is stored
	}
	return v, nil
}

// place binds a sealed value to its field and record.
func place(t *record.Type, f *record.Field, id record.ID) string {
	return fmt.Sprintf("%s.%s/%d", t.Plural, f.Name, int64(id))
}

// values lists what a write stores, by column.
func (s *Store) values(t *record.Type, e record.Entity) ([]string, []any, error) {
	var cols []string
	var vals []any
	for _, f := range record.HeadFields() {
		cols, vals = append(cols, f.Name), append(vals, f.Kind.Encode(f.Get(e)))
	}
	custom, err := encodeCustom(t, e)
	if err != nil {
		return nil, nil, err
	}
	cols, vals = append(cols, "custom"), append(vals, custom)
	for _, f := range t.Fields {
		if !schema.Stored(f) {
			continue
		}
		if f.Class != record.Sensitive {
			cols, vals = append(cols, f.Name), append(vals, f.Kind.Encode(f.Get(e)))
			continue
		}
		plain := f.Kind.Text(f.Get(e))
		sealed, err := s.Keys.Seal(plain, place(t, f, e.HeadOf().ID))
		if err != nil {
			return nil, nil, err
		}
		blind := ""
		if plain != "" {
			blind = s.Keys.Blind(plain, query.Purpose(t, f))
		}
		cols, vals = append(cols, f.Name, f.Name+schema.BlindSuffix), append(vals, sealed, blind)
	}
	return cols, vals, nil
}

// encodeCustom writes custom values as JSON; values of fields that no longer exist stay as they are.
func encodeCustom(t *record.Type, e record.Entity) (any, error) {
	in := e.HeadOf().Custom
	if len(in) == 0 {
		return nil, nil
	}
	out := make(map[string]any, len(in))
	for name, v := range in {
		out[name] = v
		f := t.Field(name)
		if f == nil || !f.Custom {
			continue
		}
		switch v.(type) {
		case time.Time:
			out[name] = f.Kind.Text(v)
		case time.Duration:
			out[name] = f.Kind.Encode(v)
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("custom fields of %s: %w", t.Name, err)
	}
	return string(b), nil
}

func decodeCustom(t *record.Type, raw any) (map[string]any, error) {
	var text []byte
	switch v := raw.(type) {
	case nil:
		return nil, nil
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return nil, fmt.Errorf("custom fields of %s: cannot read %T", t.Name, raw)
	}
	var in map[string]any
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, fmt.Errorf("custom fields of %s: %w", t.Name, err)
	}
	for name, v := range in {
		f := t.Field(name)
		if f == nil || !f.Custom {
			continue
		}
		if parsed, e := f.Kind.Parse(v, &f.Options); e == nil {
			in[name] = parsed
		}
	}
	return in, nil
}
