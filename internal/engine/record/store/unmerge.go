package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// step is one record that a merge let point elsewhere.
type step struct {
	seq, id record.ID
	typ     string
	change  record.Change
}

// MoveBack lets everything that a merge moved point where it did before, each with its history under the batch. Records
// that point elsewhere by now are an error (merge.changed_link) that names the first of them; those deleted are passed over.
func (s *Store) MoveBack(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, m *Merge, batch record.ID) error {
	parts := map[record.ID]bool{m.Survivor: true}
	for _, id := range m.Others {
		parts[id] = true
	}
	links := map[string]Link{}
	for _, l := range s.Links(t) {
		links[l.Type.Name+"."+l.Field.Name] = l
	}
	// Newest first: a list of references in which two merged records stood was changed twice.
	before := record.ID(1<<63 - 1)
	for {
		steps, err := s.steps(ctx, tx, m.ID, before)
		if err != nil || len(steps) == 0 {
			return err
		}
		var history [][]any
		for _, st := range steps {
			before = st.seq
			l, ok := links[st.typ+"."+st.change.Field]
			if !ok || parts[st.id] {
				continue
			}
			row, err := s.stepBack(ctx, tx, scope, l, st, batch)
			if err != nil {
				return err
			}
			if row != nil {
				history = append(history, row)
			}
		}
		if err := s.writeHistory(ctx, tx, history); err != nil {
			return err
		}
	}
}

func (s *Store) steps(ctx context.Context, tx *db.Tx, merge, before record.ID) ([]step, error) {
	var out []step
	stmt := fmt.Sprintf("SELECT id, record_id, type, changes FROM record_history WHERE batch_id = ? AND id < ? ORDER BY id DESC LIMIT %d", movePage)
	err := tx.Each(ctx, stmt, []any{merge, int64(before)}, func(r *sql.Rows) error {
		var st step
		var text sql.NullString
		if err := r.Scan(&st.seq, &st.id, &st.typ, &text); err != nil {
			return err
		}
		var changes []record.Change
		if text.String != "" {
			if err := json.Unmarshal([]byte(text.String), &changes); err != nil {
				return err
			}
		}
		if len(changes) > 0 {
			st.change = changes[0] // a record that was moved changed in one field
		}
		out = append(out, st)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what was merged: %w", err)
	}
	return out, nil
}

func (s *Store) stepBack(ctx context.Context, tx *db.Tx, scope record.Scope, l Link, st step, batch record.ID) ([]any, error) {
	var raw any
	var number string
	var version int64
	err := tx.QueryRow(ctx, fmt.Sprintf("SELECT %s, number, lock_version FROM %s WHERE id = ?%s", l.Field.Name, l.Type.Plural, tx.ForUpdate()), st.id).Scan(&raw, &number, &version)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("move back %s: %w", l.Type.Plural, err)
	}
	v, err := l.Field.Kind.Decode(raw)
	if err != nil {
		return nil, fmt.Errorf("move back %s: %w", l.Type.Plural, err)
	}
	if l.Field.Kind.Text(v) != st.change.To {
		return nil, errs.New(errs.Conflict, "merge.changed_link").With("type", l.Type.Name).With("number", number).With("field", l.Field.Name)
	}
	old, perr := l.Field.Kind.Parse(st.change.From, &l.Field.Options)
	if perr != nil {
		return nil, fmt.Errorf("move back %s: %w", l.Type.Plural, perr)
	}
	if err := s.point(ctx, tx, l, l.Field.Kind.Encode(old), []record.ID{st.id}); err != nil {
		return nil, err
	}
	text, err := json.Marshal([]record.Change{{Field: l.Field.Name, From: st.change.To, To: st.change.From}})
	if err != nil {
		return nil, err
	}
	return []any{s.IDs.Next(), st.id, l.Type.Name, s.Clock.Now(), scope.Actor.Label(), record.Unmerge, version + 1, string(text), batch}, nil
}

// BesideBack gives back what was kept beside the merged records, and ends the recusals that came from them.
func (s *Store) BesideBack(ctx context.Context, tx *db.Tx, m *Merge) error {
	for _, rows := range m.Plan.Rows {
		if err := s.beside(ctx, tx, rows, rows.From); err != nil {
			return err
		}
	}
	for text, left := range m.Plan.Recusals {
		var user record.ID
		err := user.UnmarshalText([]byte(text))
		switch {
		case err != nil:
		case left == nil:
			_, err = tx.Exec(ctx, "DELETE FROM recusals WHERE record_id = ? AND user_id = ?", m.Survivor, user)
		default:
			_, err = tx.Exec(ctx, "UPDATE recusals SET ended_at = ?, reason = ? WHERE record_id = ? AND user_id = ?", left.EndedAt, left.Reason, m.Survivor, user)
		}
		if err != nil {
			return fmt.Errorf("move back recusals: %w", err)
		}
	}
	return nil
}
