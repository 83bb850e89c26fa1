package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Tx is a running transaction. It is not safe for concurrent use and ends with the function it was given to.
type Tx struct {
	tx      *sql.Tx
	dialect Dialect
	after   []func()
	read    bool
	rows    int // running calls of Each
	held    map[any]any
}

// errRowsOpen keeps both databases alike: PostgreSQL runs nothing else on the connection while rows are read.
var errRowsOpen = errors.New("another statement while the rows of Each are read: collect them first")

// InTx runs fn in one writing transaction and commits if it returns no error. On SQLite writers queue for the one
// connection, so fn must not start another transaction. Functions given to [Tx.AfterCommit] run when the commit stood.
func InTx[T any](ctx context.Context, d *DB, fn func(*Tx) (T, error)) (T, error) {
	var zero T
	tx, err := d.begin(ctx, false)
	if err != nil {
		return zero, err
	}
	defer func() { _ = tx.tx.Rollback() }()
	out, err := fn(tx)
	if err != nil {
		return zero, err
	}
	if err := tx.tx.Commit(); err != nil {
		return zero, fmt.Errorf("commit: %w", full(err))
	}
	for _, f := range tx.after {
		f()
	}
	return out, nil
}

// Do is [InTx] for a function without a result.
func Do(ctx context.Context, d *DB, fn func(*Tx) error) error {
	_, err := InTx(ctx, d, func(tx *Tx) (struct{}, error) { return struct{}{}, fn(tx) })
	return err
}

// View runs fn in a transaction that only reads and sees one state of the database throughout.
func View[T any](ctx context.Context, d *DB, fn func(*Tx) (T, error)) (T, error) {
	var zero T
	tx, err := d.begin(ctx, true)
	if err != nil {
		return zero, err
	}
	defer func() { _ = tx.tx.Rollback() }()
	return fn(tx)
}

func (d *DB) begin(ctx context.Context, read bool) (*Tx, error) {
	pool, opts := d.write, &sql.TxOptions{}
	if read {
		pool = d.read
		if d.dialect == Postgres {
			opts = &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
		}
	}
	tx, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", full(err))
	}
	return &Tx{tx: tx, dialect: d.dialect, read: read}, nil
}

// Dialect returns which database the transaction runs on.
func (t *Tx) Dialect() Dialect { return t.dialect }

// ReadOnly reports whether the transaction refuses writes.
func (t *Tx) ReadOnly() bool { return t.read }

// AfterCommit runs f once the transaction has been committed; never after a rollback.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// Exec runs a statement and returns the number of rows it touched. Without space left on the disk it is Unavailable
// (db.full), as is a commit.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.rows > 0 {
		return 0, errRowsOpen
	}
	res, err := t.tx.ExecContext(ctx, t.rebind(query), t.bind(args)...)
	if err != nil {
		return 0, full(err)
	}
	return res.RowsAffected()
}

// Query runs a query; the caller closes the rows and checks their Err.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if t.rows > 0 {
		return nil, errRowsOpen
	}
	return t.tx.QueryContext(ctx, t.rebind(query), t.bind(args)...)
}

// QueryRow runs a query of which one row is wanted.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if t.rows > 0 {
		refused, cancel := context.WithCancelCause(ctx)
		cancel(errRowsOpen) // a row carries no error of ours
		ctx = refused
	}
	return t.tx.QueryRowContext(ctx, t.rebind(query), t.bind(args)...)
}

// Each runs a query and calls scan once a row. Within scan no other statement of the transaction may run.
func (t *Tx) Each(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	t.rows++
	defer func() { t.rows-- }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ForUpdate is the suffix that locks the selected rows: nothing on SQLite, where the writer is alone anyway.
func (t *Tx) ForUpdate() string {
	if t.dialect == Postgres && !t.read {
		return " FOR UPDATE"
	}
	return ""
}

// rebind turns "?" into $1, $2 … for PostgreSQL. A "?" inside a string literal is left alone.
func (t *Tx) rebind(query string) string {
	if t.dialect == SQLite {
		return query
	}
	var b strings.Builder
	n, quoted := 0, false
	for _, c := range query {
		switch {
		case c == '\'':
			quoted = !quoted
			b.WriteRune(c)
		case c == '?' && !quoted:
			n++
			fmt.Fprintf(&b, "$%d", n)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

func (t *Tx) bind(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
		switch v := a.(type) {
		case time.Time:
			out[i] = t.dialect.instant(v)
		case *time.Time:
			out[i] = nil
			if v != nil {
				out[i] = t.dialect.instant(*v)
			}
		case Day:
			out[i] = t.dialect.day(v)
		case bool:
			if t.dialect == SQLite {
				out[i] = 0
				if v {
					out[i] = 1
				}
			}
		}
	}
	return out
}

// instantLayout has a fixed width, so that text order is time order.
const instantLayout = "2006-01-02T15:04:05.000000Z"

func (d Dialect) instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	if d == SQLite {
		return t.Format(instantLayout)
	}
	return t
}

// Day is a civil date bound to a [Date] column; the zero value is NULL. Its hour and zone are not looked at.
type Day time.Time

func (d Dialect) day(v Day) any {
	t := time.Time(v)
	switch {
	case t.IsZero():
		return nil
	case d == SQLite:
		return t.Format(time.DateOnly)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// Time scans an [Instant] or [Date] column of either database into t, in UTC; NULL gives the zero time.
func Time(t *time.Time) sql.Scanner { return (*timeScanner)(t) }

type timeScanner time.Time

// Scan implements [sql.Scanner].
func (s *timeScanner) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s = timeScanner(time.Time{})
	case time.Time:
		*s = timeScanner(v.UTC())
	case string:
		layout := instantLayout
		if len(v) == len(time.DateOnly) {
			layout = time.DateOnly
		}
		t, err := time.Parse(layout, v)
		if err != nil {
			return fmt.Errorf("stored time: %w", err)
		}
		*s = timeScanner(t)
	default:
		return fmt.Errorf("stored time: cannot read %T", src)
	}
	return nil
}

// IsNoRows reports whether err says that a single row was not found.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// IsUnique reports whether err is the violation of a unique index.
func IsUnique(err error) bool {
	if err == nil {
		return false
	}
	msg := err.Error()
	return strings.Contains(msg, "UNIQUE constraint failed") || strings.Contains(msg, "SQLSTATE 23505")
}
