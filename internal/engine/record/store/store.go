// Package store keeps records.
//
// Every read and write takes a [record.Scope] and applies it inside the statement. A write validates, checks the
// version, writes history, audit entry, search tokens and the event, all in the caller's transaction. What the scope
// hides is reported as not found. Sensitive fields are sealed before they reach the database. The package decides no
// permission and runs no action.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/query"
	"dianke/internal/engine/record/schema"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
	"dianke/internal/platform/vault"
)

// Store reads and writes the records of one registry. It holds no connection and is safe for concurrent use.
type Store struct {
	Types *record.Registry
	Audit *audit.Log
	Keys  *vault.Keys
	Clock clock.Clock
	IDs   *ids.Source

	Carries []Carried // tables of other rooms that follow a merge
}

// ErrScope is returned for a scope that access did not make, or made for another type. It is a mistake of the program.
var ErrScope = errs.New(errs.Internal, "error.scope")

func (s *Store) builder(tx *db.Tx, t *record.Type, scope record.Scope) *query.Builder {
	return &query.Builder{Type: t, Scope: scope, Dialect: tx.Dialect(), Keys: s.Keys}
}

func check(t *record.Type, scope record.Scope) error {
	if !scope.Valid() || scope.Type != t.Name {
		return fmt.Errorf("scope for %q used on %s: %w", scope.Type, t.Name, ErrScope)
	}
	return nil
}

// NotFound is the error for a record that is absent or hidden.
func NotFound(t *record.Type, id record.ID) error {
	return errs.New(errs.NotFound, "record.not_found").With("type", t.Name).With("id", id.String())
}

// Get returns one record the scope reaches, archived or not; NotFound otherwise. In a writing transaction the row is
// locked.
func (s *Store) Get(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, id record.ID) (record.Entity, error) {
	if err := check(t, scope); err != nil {
		return nil, err
	}
	b := s.builder(tx, t, scope)
	b.Args = append(b.Args, id)
	stmt := fmt.Sprintf("SELECT %s FROM %s WHERE %s.id = ? AND %s%s", columns(t), t.Plural, t.Plural, b.Access(), tx.ForUpdate())
	list, err := s.read(ctx, tx, t, stmt, b.Args)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", t.Name, err)
	}
	if len(list) == 0 {
		return nil, NotFound(t, id)
	}
	return list[0], nil
}

// GetMany returns those of the records that the scope reaches, by id.
func (s *Store) GetMany(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, list []record.ID) (map[record.ID]record.Entity, error) {
	out := map[record.ID]record.Entity{}
	if len(list) == 0 {
		return out, nil
	}
	if err := check(t, scope); err != nil {
		return nil, err
	}
	b := s.builder(tx, t, scope)
	marks := make([]string, len(list))
	for i, id := range list {
		marks[i] = "?"
		b.Args = append(b.Args, id)
	}
	stmt := fmt.Sprintf("SELECT %s FROM %s WHERE %s.id IN (%s) AND %s", columns(t), t.Plural, t.Plural, strings.Join(marks, ", "), b.Access())
	rows, err := s.read(ctx, tx, t, stmt, b.Args)
	if err != nil {
		return nil, fmt.Errorf("get many of %s: %w", t.Name, err)
	}
	for _, e := range rows {
		out[e.HeadOf().ID] = e
	}
	return out, nil
}

// List returns one page.
func (s *Store) List(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, q record.Query) (record.Page, error) {
	page := record.Page{Total: -1}
	if err := check(t, scope); err != nil {
		return page, err
	}
	limit := q.Limit
	if limit == 0 {
		limit = 50
	}
	if limit < 1 || limit > 200 {
		return page, errs.Of("limit", "list.bad_limit").With("max", 200)
	}
	b, where, err := s.find(ctx, tx, t, scope, q)
	if err != nil {
		return page, err
	}
	order, err := b.OrderOf(q)
	if err != nil {
		return page, err
	}
	if q.Count {
		if page.Total, page.Capped, err = s.count(ctx, tx, t, where, q, b.Args); err != nil {
			return page, err
		}
	}
	if where, err = s.along(ctx, tx, b, where, q, &page); err != nil {
		return page, err
	}
	if q.After != "" {
		after, err := b.After(order, q.After)
		if err != nil {
			return page, err
		}
		where += " AND " + after
	}
	stmt := fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT %d", columns(t), t.Plural, where, b.SQL(order), limit+1)
	if page.Items, err = s.read(ctx, tx, t, stmt, b.Args); err != nil {
		return page, fmt.Errorf("list %s: %w", t.Plural, err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = query.Cursor(order, page.Items[limit-1])
	}
	return page, nil
}

// Count returns how many records meet the query, up to [record.CountCap].
func (s *Store) Count(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, q record.Query) (int, bool, error) {
	if err := check(t, scope); err != nil {
		return 0, false, err
	}
	b, where, err := s.find(ctx, tx, t, scope, q)
	if err != nil {
		return 0, false, err
	}
	return s.count(ctx, tx, t, where, q, b.Args)
}

// CountBy returns how many records meet the query for each value of an enum, state, ref or user field, at most 200.
func (s *Store) CountBy(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, q record.Query, by string) (map[string]int, error) {
	if err := check(t, scope); err != nil {
		return nil, err
	}
	f := t.Field(by)
	if f == nil || !schema.Stored(f) || f.Class > record.Internal {
		return nil, errs.Of(by, "filter.unknown_field").With("field", by)
	}
	b, where, err := s.find(ctx, tx, t, scope, q)
	if err != nil {
		return nil, err
	}
	stmt := fmt.Sprintf("SELECT %s, COUNT(*) FROM %s WHERE %s GROUP BY 1 ORDER BY 2 DESC LIMIT 200", b.Loose(f), t.Plural, where)
	out := map[string]int{}
	err = tx.Each(ctx, stmt, b.Args, func(r *sql.Rows) error {
		var raw any
		var n int
		if err := r.Scan(&raw, &n); err != nil {
			return err
		}
		v, err := f.Kind.Decode(raw)
		out[f.Kind.Text(v)] = n
		return err
	})
	return out, err
}

// find begins a statement over the records of a query.
func (s *Store) find(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, q record.Query) (*query.Builder, string, error) {
	b := s.builder(tx, t, scope)
	if err := s.recusals(ctx, tx, b); err != nil {
		return nil, "", err
	}
	where, err := s.where(b, q)
	return b, where, err
}

// maxRecused is how many recusals of one person are named in a statement.
const maxRecused = 50

// recusals learns from which records the actor is recused, where they are few.
func (s *Store) recusals(ctx context.Context, tx *db.Tx, b *query.Builder) error {
	if b.Scope.Recuse == 0 {
		return nil
	}
	err := tx.Each(ctx, fmt.Sprintf("SELECT record_id FROM recusals WHERE user_id = ? AND ended_at IS NULL LIMIT %d", maxRecused+1),
		[]any{b.Scope.Recuse}, func(r *sql.Rows) error {
			var id record.ID
			err := r.Scan(&id)
			b.Recused = append(b.Recused, id)
			return err
		})
	if err != nil {
		return fmt.Errorf("recusals: %w", err)
	}
	b.Known = len(b.Recused) <= maxRecused
	return nil
}

// many is from how many matches on a list is read along its order instead of by its filter.
const many = 2_000

// along makes the condition anew for reading along the order, where SQLite would otherwise collect too many rows. What
// the page knows of the total is used; else the matches are counted up to the bound.
func (s *Store) along(ctx context.Context, tx *db.Tx, b *query.Builder, where string, q record.Query, page *record.Page) (string, error) {
	if tx.Dialect() != db.SQLite || q.Text != "" || q.Filter.Zero() && b.Scope.Visible.All {
		return where, nil
	}
	total := page.Total
	if total < 0 {
		var err error
		if total, err = s.upTo(ctx, tx, b.Type, where, many, b.Args); err != nil {
			return "", err
		}
	}
	if total <= many && !page.Capped {
		return where, nil
	}
	b.Scan, b.Args = true, nil
	return s.where(b, q)
}

func (s *Store) where(b *query.Builder, q record.Query) (string, error) {
	parts := []string{b.Access()}
	archived := b.Type.Plural + ".archived_at IS NULL"
	if q.Archived {
		archived = b.Type.Plural + ".archived_at IS NOT NULL"
	}
	parts = append(parts, archived)
	cond, err := b.Where(q.Filter)
	if err != nil {
		return "", err
	}
	parts = append(parts, cond)
	if strings.TrimSpace(q.Text) != "" {
		parts = append(parts, b.Matches(q.Text))
	}
	return strings.Join(parts, " AND "), nil
}

func (s *Store) count(ctx context.Context, tx *db.Tx, t *record.Type, where string, q record.Query, args []any) (int, bool, error) {
	most := record.CountCap
	if strings.TrimSpace(q.Text) != "" {
		most = record.FoundCap
	}
	n, err := s.upTo(ctx, tx, t, where, most, args)
	return min(n, most), n > most, err
}

// upTo counts the rows, up to one more than most.
func (s *Store) upTo(ctx context.Context, tx *db.Tx, t *record.Type, where string, most int, args []any) (int, error) {
	if err := batchOf(tx).settleAll(ctx); err != nil {
		return 0, err
	}
	var n int
	stmt := fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) c", t.Plural, where, most+1)
	if err := tx.QueryRow(ctx, stmt, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count %s: %w", t.Plural, err)
	}
	return n, nil
}

func columns(t *record.Type) string {
	list := query.Columns(t)
	for i, c := range list {
		list[i] = t.Plural + "." + c
	}
	return strings.Join(list, ", ")
}

// Resume lets new ids follow those already stored, whatever the clock says. Call it once when the tables are there.
func (s *Store) Resume(ctx context.Context, d *db.DB) error {
	last, err := db.View(ctx, d, func(tx *db.Tx) (record.ID, error) {
		var last record.ID
		return last, tx.QueryRow(ctx, "SELECT MAX(id) FROM record_history").Scan(&last)
	})
	if err != nil {
		return fmt.Errorf("newest id: %w", err)
	}
	if last != 0 {
		s.IDs.Resume(last)
	}
	return nil
}
