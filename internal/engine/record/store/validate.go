package store

import (
	"context"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Validate checks a record as it will be written: required fields, the rules of each kind, and that what it refers to
// exists. All faults are reported at once, one error a field.
func (s *Store) Validate(ctx context.Context, tx *db.Tx, t *record.Type, e record.Entity) error {
	return s.CheckRefs(ctx, tx, t.Fields, e)
}

// CheckFields checks values against the rules of their fields alone.
func CheckFields(fields []*record.Field, e any) []*errs.Error {
	var faults []*errs.Error
	for _, f := range fields {
		if f.Compute != nil {
			continue
		}
		v := f.Get(e)
		if f.IsZero(v) {
			if f.Required {
				faults = append(faults, errs.Of(f.Name, "field.required").With("field", f.Name))
			}
			continue
		}
		if _, err := f.Parse(v); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}

func referred(f *record.Field, e any) []record.ID {
	if f.Compute != nil {
		return nil
	}
	switch v := f.Get(e).(type) {
	case record.ID:
		if v != 0 {
			return []record.ID{v}
		}
	case []record.ID:
		return v
	}
	return nil
}

// target returns the type a reference points at; files are no records and have none.
func (s *Store) target(f *record.Field) *record.Type {
	switch f.Kind.Name() {
	case "user":
		return s.Types.Type("user")
	case "unit":
		return s.Types.Type("unit")
	case "ref", "refs":
		return s.Types.Type(f.Ref)
	}
	return nil
}

func (s *Store) exists(ctx context.Context, tx *db.Tx, t *record.Type, id record.ID) (bool, error) {
	b := batchOf(tx)
	if b != nil && (b.fresh[id] || b.known[id]) {
		return true, nil
	}
	var one int
	err := tx.QueryRow(ctx, fmt.Sprintf("SELECT 1 FROM %s WHERE id = ?", t.Plural), id).Scan(&one)
	if db.IsNoRows(err) {
		return false, nil
	}
	if b != nil && err == nil {
		b.known[id] = true
	}
	return err == nil, err
}

// CheckRefs checks that what an input refers to exists.
func (s *Store) CheckRefs(ctx context.Context, tx *db.Tx, fields []*record.Field, in any) error {
	faults := CheckFields(fields, in)
	for _, f := range fields {
		target := s.target(f)
		if target == nil {
			continue
		}
		for _, id := range referred(f, in) {
			ok, err := s.exists(ctx, tx, target, id)
			if err != nil {
				return err
			}
			if !ok {
				faults = append(faults, errs.Of(f.Name, "field.unknown_ref").With("field", f.Name))
				break
			}
		}
	}
	return errs.Collect(faults)
}
