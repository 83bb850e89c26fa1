package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
)

// Link is a field by which records of a type point at those of another.
type Link struct {
	Type  *record.Type
	Field *record.Field
	// Of is the field that names the type beside a field that holds the id as text; nil for references proper.
	Of *record.Field
}

// Links lists the fields that point at records of the type, found from the registry.
func (s *Store) Links(t *record.Type) []Link {
	var out []Link
	for _, o := range s.Types.Types() {
		for _, f := range o.Fields {
			if f.Custom || f.Compute != nil {
				continue
			}
			switch kind := f.Kind.Name(); {
			case (kind == "ref" || kind == "refs") && f.Ref == t.Name:
				out = append(out, Link{Type: o, Field: f})
			case kind == "text":
				if base, ok := strings.CutSuffix(f.Name, "_id"); ok {
					if of := o.Field(base + "_type"); of != nil && of.Kind.Name() == "text" {
						out = append(out, Link{Type: o, Field: f, Of: of})
					}
				}
			}
		}
	}
	return out
}

func (l Link) many() bool { return l.Field.Kind.Name() == "refs" }

// where is the condition that a row points at the record, with its values.
func (l Link) where(t *record.Type, id record.ID) (string, []any) {
	switch {
	case l.Of != nil:
		return fmt.Sprintf("%s = ? AND %s = ?", l.Field.Name, l.Of.Name), []any{id.String(), t.Name}
	case l.many():
		return fmt.Sprintf("CAST(%s AS TEXT) LIKE ?", l.Field.Name), []any{`%"` + id.String() + `"%`}
	}
	return l.Field.Name + " = ?", []any{id}
}

// Moved is how many records of a type point at records that are merged.
type Moved struct {
	Type  *record.Type
	Field *record.Field
	Count int
}

// CountLinks tells how many records point at any of the records, by field; fields without any are left out.
func (s *Store) CountLinks(ctx context.Context, tx *db.Tx, t *record.Type, of []record.ID) ([]Moved, error) {
	var out []Moved
	for _, l := range s.Links(t) {
		n := 0
		for _, id := range of {
			where, args := l.where(t, id)
			var some int
			stmt := fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) c", l.Type.Plural, where, record.CountCap+1)
			if err := tx.QueryRow(ctx, stmt, args...).Scan(&some); err != nil {
				return nil, fmt.Errorf("count %s: %w", l.Type.Plural, err)
			}
			n += some
		}
		if n > 0 {
			out = append(out, Moved{Type: l.Type, Field: l.Field, Count: n})
		}
	}
	return out, nil
}

// CountBeside tells how many comments and files of the records follow a merge.
func (s *Store) CountBeside(ctx context.Context, tx *db.Tx, of []record.ID) (comments, files int, err error) {
	for table, n := range map[string]*int{"record_comments": &comments, "record_files": &files} {
		args := make([]any, len(of))
		for i, id := range of {
			args[i] = id
		}
		stmt := fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE removed_at IS NULL AND record_id IN (%s)", table, list(len(of)))
		if err := tx.QueryRow(ctx, stmt, args...).Scan(n); err != nil {
			return 0, 0, fmt.Errorf("count %s: %w", table, err)
		}
	}
	return comments, files, nil
}

// Move lets everything that points at the merged records point at the survivor, each with its history, and takes along
// what is kept beside them. It is for records of the merge's type that exist; the records themselves it leaves alone.
func (s *Store) Move(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, m *Merge) ([]Moved, error) {
	var out []Moved
	for _, l := range s.Links(t) {
		moved := Moved{Type: l.Type, Field: l.Field}
		for _, from := range m.Others {
			n, err := s.moveLink(ctx, tx, t, scope, m, l, from)
			if err != nil {
				return nil, fmt.Errorf("move %s: %w", l.Type.Plural, err)
			}
			moved.Count += n
		}
		if moved.Count == 0 {
			continue
		}
		out = append(out, moved)
		err := s.Log(ctx, tx, scope, l.Type.Name+"."+record.Merge, m.Survivor, map[string]any{"field": l.Field.Name, "records": moved.Count, "merge": m.ID.String()})
		if err != nil {
			return nil, err
		}
	}
	for _, from := range m.Others {
		if err := s.moveBeside(ctx, tx, m, from); err != nil {
			return nil, err
		}
		if err := s.copyRecusals(ctx, tx, t, m, from); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pointing is a row that points at a record.
type pointing struct {
	id      record.ID
	version int64
	list    []record.ID
}

const movePage = 2000

func (s *Store) moveLink(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, m *Merge, l Link, from record.ID) (int, error) {
	if l.Field.Unique {
		if taken, err := s.taken(ctx, tx, t, l, m.Survivor); err != nil || taken {
			return 0, err // the survivor has its own; the other stays with the record it was made for
		}
	}
	total, after := 0, record.ID(0)
	for {
		rows, err := s.pointing(ctx, tx, t, m, l, from, after)
		if err != nil || len(rows) == 0 {
			return total, err
		}
		after = rows[len(rows)-1].id
		if l.Field.Unique {
			rows = rows[:1]
		}
		if err := s.repoint(ctx, tx, scope, m, l, from, rows); err != nil {
			return total, err
		}
		total += len(rows)
		if l.Field.Unique {
			return total, nil
		}
	}
}

func (s *Store) taken(ctx context.Context, tx *db.Tx, t *record.Type, l Link, id record.ID) (bool, error) {
	where, args := l.where(t, id)
	var n int
	err := tx.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE %s AND archived_at IS NULL", l.Type.Plural, where), args...).Scan(&n)
	return n > 0, err
}

// pointing lists the next rows that point at a record, by id; records that take part in the merge are left out.
func (s *Store) pointing(ctx context.Context, tx *db.Tx, t *record.Type, m *Merge, l Link, from, after record.ID) ([]pointing, error) {
	where, args := l.where(t, from)
	args = append(args, int64(after)) // an id of none would be NULL
	if l.Type.Name == t.Name {
		where += " AND id NOT IN (" + list(len(m.Others)+1) + ")"
		args = slices.Insert(args, len(args)-1, any(m.Survivor))
		for _, o := range m.Others {
			args = slices.Insert(args, len(args)-1, any(o))
		}
	}
	var out []pointing
	stmt := fmt.Sprintf("SELECT id, lock_version, %s FROM %s WHERE %s AND id > ? ORDER BY id LIMIT %d", l.Field.Name, l.Type.Plural, where, movePage)
	err := tx.Each(ctx, stmt, args, func(r *sql.Rows) error {
		var p pointing
		var raw any
		if err := r.Scan(&p.id, &p.version, &raw); err != nil {
			return err
		}
		if l.many() {
			v, err := l.Field.Kind.Decode(raw)
			if err != nil {
				return err
			}
			p.list, _ = v.([]record.ID)
		}
		out = append(out, p)
		return nil
	})
	return out, err
}

// repoint writes rows and their history. It leaves alone when and by whom a row was last changed: nobody touched it.
func (s *Store) repoint(ctx context.Context, tx *db.Tx, scope record.Scope, m *Merge, l Link, from record.ID, rows []pointing) error {
	var history [][]any
	for _, p := range rows {
		change := record.Change{Field: l.Field.Name, From: from.String(), To: m.Survivor.String()}
		if l.many() {
			next := replaced(p.list, from, m.Survivor)
			change.From, change.To = l.Field.Kind.Text(p.list), l.Field.Kind.Text(next)
			if err := s.point(ctx, tx, l, l.Field.Kind.Encode(next), []record.ID{p.id}); err != nil {
				return err
			}
		}
		text, err := json.Marshal([]record.Change{change})
		if err != nil {
			return err
		}
		history = append(history, []any{s.IDs.Next(), p.id, l.Type.Name, m.At, scope.Actor.Label(), record.Merge, p.version + 1, string(text), m.ID})
	}
	if !l.many() {
		for part := range portions(rows, 400) {
			list := make([]record.ID, len(part))
			for i, p := range part {
				list[i] = p.id
			}
			if err := s.point(ctx, tx, l, l.value(m.Survivor), list); err != nil {
				return err
			}
		}
	}
	return s.writeHistory(ctx, tx, history)
}

func (l Link) value(id record.ID) any {
	if l.Of != nil {
		return id.String()
	}
	return id
}

func (s *Store) point(ctx context.Context, tx *db.Tx, l Link, value any, of []record.ID) error {
	args := []any{value}
	for _, id := range of {
		args = append(args, id)
	}
	_, err := tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET %s = ?, lock_version = lock_version + 1 WHERE id IN (%s)", l.Type.Plural, l.Field.Name, list(len(of))), args...)
	return s.explain(l.Type, err)
}

func (s *Store) writeHistory(ctx context.Context, tx *db.Tx, rows [][]any) error {
	for part := range portions(rows, 400) {
		if _, err := tx.Exec(ctx, insertHistory+marks(len(part), 9), slices.Concat(part...)...); err != nil {
			return fmt.Errorf("history: %w", err)
		}
	}
	return nil
}

// replaced puts one id in the place of another, once.
func replaced(in []record.ID, from, to record.ID) []record.ID {
	var out []record.ID
	for _, id := range in {
		if id == from {
			id = to
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (s *Store) moveBeside(ctx context.Context, tx *db.Tx, m *Merge, from record.ID) error {
	for _, c := range s.carried() {
		where := "record_id = ?"
		if c.Where != "" {
			where += " AND " + c.Where
		}
		rows := PlanRows{Table: c.Table, From: from}
		err := tx.Each(ctx, "SELECT id FROM "+c.Table+" WHERE "+where+" ORDER BY id", []any{from}, func(r *sql.Rows) error {
			var id record.ID
			err := r.Scan(&id)
			rows.IDs = append(rows.IDs, id)
			return err
		})
		if err != nil {
			return fmt.Errorf("move %s: %w", c.Table, err)
		}
		if len(rows.IDs) == 0 {
			continue
		}
		if err := s.beside(ctx, tx, rows, m.Survivor); err != nil {
			return err
		}
		m.Plan.Rows = append(m.Plan.Rows, rows)
	}
	return nil
}

// beside gives rows beside the records to another record.
func (s *Store) beside(ctx context.Context, tx *db.Tx, rows PlanRows, to record.ID) error {
	for part := range portions(rows.IDs, 400) {
		args := []any{to}
		for _, id := range part {
			args = append(args, id)
		}
		if _, err := tx.Exec(ctx, "UPDATE "+rows.Table+" SET record_id = ? WHERE id IN ("+list(len(part))+")", args...); err != nil {
			return fmt.Errorf("move %s: %w", rows.Table, err)
		}
	}
	return nil
}

// copyRecusals keeps whoever was recused from a merged record from the survivor as well.
func (s *Store) copyRecusals(ctx context.Context, tx *db.Tx, t *record.Type, m *Merge, from record.ID) error {
	type row struct {
		user   record.ID
		reason string
	}
	var rows []row
	err := tx.Each(ctx, "SELECT user_id, reason FROM recusals WHERE record_id = ? AND ended_at IS NULL", []any{from}, func(r *sql.Rows) error {
		var x row
		err := r.Scan(&x.user, &x.reason)
		rows = append(rows, x)
		return err
	})
	if err != nil {
		return fmt.Errorf("move recusals: %w", err)
	}
	for _, x := range rows {
		var ended time.Time
		var reason string
		err := tx.QueryRow(ctx, "SELECT ended_at, reason FROM recusals WHERE record_id = ? AND user_id = ?", m.Survivor, x.user).Scan(db.Time(&ended), &reason)
		switch {
		case db.IsNoRows(err):
			_, err = tx.Exec(ctx, "INSERT INTO recusals (id, record_id, type, user_id, reason, at) VALUES (?, ?, ?, ?, ?, ?)", s.IDs.Next(), m.Survivor, t.Name, x.user, x.reason, m.At)
			m.Plan.Recusals[x.user.String()] = nil
		case err == nil && !ended.IsZero():
			_, err = tx.Exec(ctx, "UPDATE recusals SET ended_at = NULL, reason = ? WHERE record_id = ? AND user_id = ?", x.reason, m.Survivor, x.user)
			m.Plan.Recusals[x.user.String()] = &RowLeft{EndedAt: ended, Reason: reason}
		}
		if err != nil {
			return fmt.Errorf("move recusals: %w", err)
		}
	}
	return nil
}

// list are n places of values.
func list(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func sortIDs(in []record.ID) { slices.Sort(in) }
