// Package view keeps the views of lists that people save: a name for the address of a list.
//
// A view is the query part of a list's address, so it holds conditions, sort, columns and layout, never records. A
// person sees his own views and those others share; only the owner changes or removes his. The package knows no page.
package view

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
)

// View is one saved view.
type View struct {
	ID     record.ID
	Type   string
	Owner  record.ID
	Name   string
	Query  string // as in an address, without "?"
	Shared bool
}

// Store reads and writes views. It holds no connection and is safe for concurrent use.
type Store struct {
	DB    *db.DB
	Clock clock.Clock
	IDs   *ids.Source
}

const (
	maxName  = 40   // characters
	maxQuery = 4000 // bytes
	maxViews = 50   // of a person and type
)

// List returns the person's own views of a type and those shared with him, in order of making.
func (s *Store) List(ctx context.Context, user record.ID, typ string) ([]View, error) {
	return db.View(ctx, s.DB, func(tx *db.Tx) ([]View, error) {
		var out []View
		err := tx.Each(ctx, "SELECT id, type, owner_id, name, query, shared FROM saved_views WHERE type = ? AND (owner_id = ? OR shared = ?) ORDER BY id LIMIT 100",
			[]any{typ, user, true}, func(r *sql.Rows) error {
				var v View
				err := r.Scan(&v.ID, &v.Type, &v.Owner, &v.Name, &v.Query, &v.Shared)
				out = append(out, v)
				return err
			})
		if err != nil {
			return nil, fmt.Errorf("list views: %w", err)
		}
		return out, nil
	})
}

// Save writes a new view of the person, or replaces his own of the same name. Errors: Invalid on the name or the query,
// Conflict for too many.
func (s *Store) Save(ctx context.Context, v View) (record.ID, error) {
	v.Name = strings.TrimSpace(v.Name)
	switch n := len([]rune(v.Name)); {
	case n == 0:
		return 0, errs.Of("name", "field.required").With("field", "name")
	case n > maxName:
		return 0, errs.Of("name", "field.too_long").With("max", maxName).With("n", n)
	}
	if _, err := url.ParseQuery(v.Query); err != nil || len(v.Query) > maxQuery {
		return 0, errs.New(errs.Invalid, "filter.syntax").Because(err)
	}
	return db.InTx(ctx, s.DB, func(tx *db.Tx) (record.ID, error) { return s.put(ctx, tx, v) })
}

func (s *Store) put(ctx context.Context, tx *db.Tx, v View) (record.ID, error) {
	var old record.ID
	err := tx.QueryRow(ctx, "SELECT id FROM saved_views WHERE type = ? AND owner_id = ? AND name = ?", v.Type, v.Owner, v.Name).Scan(&old)
	if err == nil {
		_, err = tx.Exec(ctx, "UPDATE saved_views SET query = ?, shared = ?, at = ? WHERE id = ?", v.Query, v.Shared, s.Clock.Now(), old)
		return old, wrap(err)
	}
	if !db.IsNoRows(err) {
		return 0, wrap(err)
	}
	var n int
	if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM saved_views WHERE type = ? AND owner_id = ?", v.Type, v.Owner).Scan(&n); err != nil {
		return 0, wrap(err)
	}
	if n >= maxViews {
		return 0, errs.New(errs.Conflict, "view.too_many").With("max", maxViews)
	}
	v.ID = s.IDs.Next()
	_, err = tx.Exec(ctx, "INSERT INTO saved_views (id, type, owner_id, name, query, shared, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		v.ID, v.Type, v.Owner, v.Name, v.Query, v.Shared, s.Clock.Now())
	return v.ID, wrap(err)
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("save view: %w", err)
}

// Remove takes away a view of the person; NotFound where he has none of that id.
func (s *Store) Remove(ctx context.Context, user, id record.ID) error {
	return db.Do(ctx, s.DB, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "DELETE FROM saved_views WHERE id = ? AND owner_id = ?", id, user)
		if err != nil {
			return fmt.Errorf("remove view: %w", err)
		}
		if n == 0 {
			return errs.New(errs.NotFound, "view.none")
		}
		return nil
	})
}
