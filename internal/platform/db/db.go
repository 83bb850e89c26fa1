// Package db opens SQLite or PostgreSQL and runs transactions on it.
//
// One [DB] stands before both. SQLite has one writer connection (immediate transactions, synchronous=FULL) beside many
// readers; PostgreSQL has one pool. All statements are written with "?" and bound values; [Tx] translates for the
// driver. Instants are stored in UTC to the microsecond on both. The package knows tables only as [Table] values that
// others declare; it knows no record and no word of the business.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"
)

// Dialect tells the two databases apart where SQL differs.
type Dialect int

// The dialects.
const (
	SQLite Dialect = iota
	Postgres
)

// String returns the name used for folders of migrations and in logs.
func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// DB is an open database. It is safe for concurrent use; Close it once.
type DB struct {
	dialect Dialect
	write   *sql.DB
	read    *sql.DB
	path    string
	url     string
}

// Open opens PostgreSQL where url begins with "postgres://" or "postgresql://", otherwise the SQLite file at path,
// whose folder is made if absent (mode 0700). Nothing is migrated.
func Open(ctx context.Context, dsn, path string) (*DB, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openPostgres(ctx, dsn)
	}
	if dsn != "" {
		return nil, fmt.Errorf("database address %q: want postgres://… or nothing for SQLite", redact(dsn))
	}
	return openSQLite(ctx, path, "FULL")
}

// OpenScratch opens the SQLite file at path without waiting for the disk: a crash of the machine may lose everything.
// It is for tests and for building a database that is thrown away when that fails.
func OpenScratch(ctx context.Context, path string) (*DB, error) { return openSQLite(ctx, path, "OFF") }

func openSQLite(ctx context.Context, path, synchronous string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	base := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)"
	write, err := openCached(base + "&_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(" + synchronous + ")&_pragma=cache_size(-32000)")
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open sqlite %s: %w", path, err), write.Close())
	}
	read, err := openCached(base + "&_pragma=query_only(1)&_pragma=cache_size(-16000)&_pragma=mmap_size(268435456)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open sqlite readers: %w", err), write.Close())
	}
	n := max(4, 2*runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(n)
	read.SetMaxIdleConns(n)
	return &DB{dialect: SQLite, write: write, read: read, path: path}, nil
}

func openPostgres(ctx context.Context, dsn string) (*DB, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	q := u.Query()
	if q.Get("default_query_exec_mode") == "" {
		q.Set("default_query_exec_mode", "cache_describe")
	}
	q.Set("timezone", "UTC")
	u.RawQuery = q.Encode()
	pool, err := sql.Open("pgx", u.String())
	if err != nil {
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(16)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach postgres at %s: %w", redact(dsn), err), pool.Close())
	}
	return &DB{dialect: Postgres, write: pool, read: pool, url: dsn}, nil
}

// redact drops the password of an address, for messages and logs.
func redact(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return "(unreadable address)"
	}
	return u.Redacted()
}

// Dialect returns which database this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Path returns the SQLite file; empty on PostgreSQL.
func (d *DB) Path() string { return d.path }

// URL returns the PostgreSQL address with its password; empty on SQLite. Never log it.
func (d *DB) URL() string { return d.url }

// Writer returns the pool that may write, for libraries that keep their own tables (jobs). On SQLite it has one
// connection: never use it inside a transaction of this package.
func (d *DB) Writer() *sql.DB { return d.write }

// Ping checks that the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.read.PingContext(ctx) }

// Close closes all connections.
func (d *DB) Close() error {
	if d.read == d.write {
		return d.write.Close()
	}
	return errors.Join(d.read.Close(), d.write.Close())
}
