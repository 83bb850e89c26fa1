// Package dbtest opens throw-away databases for tests: SQLite always, PostgreSQL where DIANKE_TEST_POSTGRES holds the
// address of a server on which databases may be made. Where CI is set and the address is not, tests fail rather than skip.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"dianke/internal/platform/db"
)

var serial atomic.Int64 // names of databases within one test binary

// Each runs fn as a subtest on every database there is.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, Postgres(t))
	})
}

// SQLite returns an empty SQLite database in a folder of the test's own.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	d, err := db.OpenScratch(context.Background(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Postgres returns an empty PostgreSQL database that is dropped with the test. It skips where no server is named,
// except in CI, where that is a failure.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	server := os.Getenv("DIANKE_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("DIANKE_TEST_POSTGRES is not set: CI tests both databases")
		}
		t.Skip("DIANKE_TEST_POSTGRES is not set: PostgreSQL not tested")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	name := fmt.Sprintf("dianke_%d_%d", os.Getpid(), serial.Add(1))
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return open(t, u.String(), "")
}

func open(t testing.TB, dsn, path string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), dsn, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Make creates the tables directly, without migrations.
func Make(t testing.TB, d *db.DB, tables ...db.Table) {
	t.Helper()
	ctx := context.Background()
	err := db.Do(ctx, d, func(tx *db.Tx) error {
		for _, tab := range tables {
			for _, stmt := range tab.Create(d.Dialect()) {
				if _, err := tx.Exec(ctx, stmt); err != nil {
					return fmt.Errorf("%s: %w", stmt, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
