package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

// TestEachKeepsOthersOut: what PostgreSQL could not do is refused on both.
func TestEachKeepsOthersOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for name, within := range map[string]func(tx *db.Tx) error{
			"exec":      func(tx *db.Tx) error { _, err := tx.Exec(ctx, "SELECT 1"); return err },
			"each":      func(tx *db.Tx) error { return tx.Each(ctx, "SELECT 1", nil, func(*sql.Rows) error { return nil }) },
			"query row": func(tx *db.Tx) error { var n int; return tx.QueryRow(ctx, "SELECT 1").Scan(&n) },
		} {
			_, err := db.View(ctx, d, func(tx *db.Tx) (int, error) {
				return 0, tx.Each(ctx, "SELECT 1", nil, func(*sql.Rows) error { return within(tx) })
			})
			if err == nil {
				t.Errorf("%s within the rows of another was let through", name)
			}
		}
	})
}

func openFile(t *testing.T) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), "", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// TestKeptStatements: the same words may be asked again while their rows are still read, more statements may be used
// than are kept, and a change of the schema is seen by a statement that was prepared before it.
func TestKeptStatements(t *testing.T) {
	t.Parallel()
	ctx, d := context.Background(), openFile(t)
	err := db.Do(ctx, d, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TABLE a (n INTEGER)"); err != nil {
			return err
		}
		for i := range 700 {
			if _, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO a (n) VALUES (?) /* %d */", i), i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const q = "SELECT n FROM a WHERE n < 3 ORDER BY n"
	pairs := 0
	_, err = db.View(ctx, d, func(tx *db.Tx) (int, error) {
		outer, err := tx.Query(ctx, q)
		if err != nil {
			return 0, err
		}
		defer outer.Close()
		for outer.Next() {
			inner, err := tx.Query(ctx, q)
			if err != nil {
				return 0, err
			}
			for inner.Next() {
				pairs++
			}
			if err := inner.Close(); err != nil {
				return 0, err
			}
		}
		return 0, outer.Err()
	})
	if err != nil || pairs != 9 {
		t.Fatalf("rows within rows: %d pairs, %v", pairs, err)
	}
	all := func() (cols []string) {
		t.Helper()
		err := db.Do(ctx, d, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, "SELECT * FROM a LIMIT 1")
			if err != nil {
				return err
			}
			defer rows.Close()
			cols, err = rows.Columns()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return cols
	}
	if got := all(); len(got) != 1 {
		t.Errorf("columns %v", got)
	}
	if err := db.Do(ctx, d, func(tx *db.Tx) error { _, err := tx.Exec(ctx, "ALTER TABLE a ADD COLUMN m TEXT"); return err }); err != nil {
		t.Fatal(err)
	}
	if got := all(); len(got) != 2 {
		t.Errorf("columns after the change %v", got)
	}
}
