package db

import (
	"container/list"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
)

// maxStatements is how many prepared statements one connection keeps. A statement of ours takes some ten kilobytes.
const maxStatements = 300

// openCached opens a SQLite pool whose connections keep the statements they have prepared: without that a sixth of the
// time of a writing action goes into parsing the same words again (docs/performance.md).
func openCached(dsn string) (*sql.DB, error) {
	plain, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	d := plain.Driver()
	if err := plain.Close(); err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{dsn: dsn, driver: d}), nil
}

type connector struct {
	dsn    string
	driver driver.Driver
}

// Driver implements [driver.Connector].
func (c connector) Driver() driver.Driver { return c.driver }

// Connect implements [driver.Connector].
func (c connector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("sqlite driver lacks a method that is needed"), conn.Close())
	}
	return &cachedConn{sqliteConn: full, kept: map[string]*list.Element{}, recent: list.New()}, nil
}

// sqliteConn is what the connection of the driver offers and keeps offering through the cache.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	NewBackup(uri string) (*sqlite.Backup, error)
}

// cachedConn keeps prepared statements. database/sql uses a connection from one goroutine at a time.
type cachedConn struct {
	sqliteConn
	kept   map[string]*list.Element
	recent *list.List // of *statement, the one used last in front
}

type statement struct {
	query string
	stmt  driver.Stmt
	busy  bool // its rows are still being read
}

// take returns the kept statement of a query, marked busy; nil where it is busy already.
func (c *cachedConn) take(ctx context.Context, query string) (*statement, error) {
	if e, ok := c.kept[query]; ok {
		s := e.Value.(*statement)
		if s.busy {
			return nil, nil
		}
		c.recent.MoveToFront(e)
		s.busy = true
		return s, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{query: query, stmt: stmt, busy: true}
	c.kept[query] = c.recent.PushFront(s)
	return s, c.shrink()
}

// shrink drops the statement not used for longest that nobody reads from.
func (c *cachedConn) shrink() error {
	if c.recent.Len() <= maxStatements {
		return nil
	}
	for e := c.recent.Back(); e != nil; e = e.Prev() {
		if s := e.Value.(*statement); !s.busy {
			c.recent.Remove(e)
			delete(c.kept, s.query)
			return s.stmt.Close()
		}
	}
	return nil
}

// ExecContext implements [driver.ExecerContext].
func (c *cachedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	defer func() { s.busy = false }()
	return s.stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext implements [driver.QueryerContext].
func (c *cachedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		s.busy = false
		return nil, err
	}
	return &cachedRows{Rows: rows, from: s}, nil
}

// Close drops the statements, then the connection.
func (c *cachedConn) Close() error {
	var errs []error
	for e := c.recent.Front(); e != nil; e = e.Next() {
		errs = append(errs, e.Value.(*statement).stmt.Close())
	}
	c.kept, c.recent = map[string]*list.Element{}, list.New()
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// cachedRows gives the statement back when they are closed.
type cachedRows struct {
	driver.Rows
	from *statement
}

// Close implements [driver.Rows].
func (r *cachedRows) Close() error {
	err := r.Rows.Close()
	r.from.busy = false
	return err
}
