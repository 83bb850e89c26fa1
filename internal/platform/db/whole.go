package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
)

// What deals with a database as a whole: copies, catalogues, versions of migrations, a database held alone.

// CopyTo writes a copy of a SQLite database into a new file while others go on reading and writing: one state of it
// throughout, without free pages. The copy has no journal beside it. PostgreSQL is an error.
func (d *DB) CopyTo(ctx context.Context, path string) error {
	if d.dialect != SQLite {
		return errors.New("copy database: only SQLite is a file")
	}
	own, err := sql.Open("sqlite", address(d.path)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	_, err = own.ExecContext(ctx, "VACUUM INTO ?", path)
	if err = errors.Join(err, own.Close()); err != nil {
		return fmt.Errorf("copy database: %w", full(err))
	}
	return nil
}

func address(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// OpenAlone opens an existing SQLite file for reading, alone: it fails with [ErrBusy] while another process has it open,
// and others wait or fail as long as it is open. A transaction must end before the next one begins.
func OpenAlone(ctx context.Context, path string) (*DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	pool, err := openCached(address(path) + "?_pragma=busy_timeout(1500)&_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	pool.SetMaxOpenConns(1)
	pool.SetConnMaxIdleTime(0)
	// The lock is taken by a write that changes nothing; only then is the connection kept from writing.
	for _, stmt := range []string{"BEGIN EXCLUSIVE", "COMMIT", "PRAGMA query_only=1"} {
		if _, err := pool.ExecContext(ctx, stmt); err != nil {
			if strings.Contains(err.Error(), "SQLITE_BUSY") {
				err = ErrBusy
			}
			return nil, errors.Join(fmt.Errorf("open sqlite %s: %w", path, err), pool.Close())
		}
	}
	return &DB{dialect: SQLite, write: pool, read: pool, path: path}, nil
}

// ErrBusy says that another process has the database open.
var ErrBusy = errors.New("another process has the database open")

// MigrateTo is [DB.Migrate] up to a version, for filling tables with what an older program wrote. It never goes down.
func (d *DB) MigrateTo(ctx context.Context, files fs.FS, version int64) error {
	p, err := d.provider(files)
	if err != nil {
		return err
	}
	if err := d.checkVersion(ctx, p); err != nil {
		return err
	}
	if _, err := p.UpTo(ctx, version); err != nil && !errors.Is(err, goose.ErrNoNextVersion) {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Names lists the tables that hold data of their own, sorted: not those of migrations, nor those SQLite keeps for full
// text.
func (d *DB) Names(ctx context.Context) ([]string, error) {
	query := `SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.sql NOT LIKE 'CREATE VIRTUAL%'
		AND NOT EXISTS (SELECT 1 FROM sqlite_master v WHERE v.sql LIKE 'CREATE VIRTUAL%' AND m.name LIKE v.name || '\_%' ESCAPE '\')`
	if d.dialect == Postgres {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
	}
	out, err := View(ctx, d, func(tx *Tx) ([]string, error) {
		var out []string
		err := tx.Each(ctx, query, nil, func(r *sql.Rows) error {
			var name string
			if err := r.Scan(&name); err != nil {
				return err
			}
			if name != "goose_db_version" {
				out = append(out, name)
			}
			return nil
		})
		return out, err
	})
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	slices.Sort(out)
	return out, nil
}

// Catalogue reads the tables of a PostgreSQL database with their columns and keys, but not those that skip names. SQLite
// does not tell kinds apart: there it is an error, as is a column of a type that [Table] does not know.
func (d *DB) Catalogue(ctx context.Context, skip func(table string) bool) ([]Table, error) {
	if d.dialect != Postgres {
		return nil, errors.New("catalogue: SQLite does not tell kinds of columns apart")
	}
	names, err := d.Names(ctx)
	if err != nil {
		return nil, err
	}
	byName := map[string]*Table{}
	var out []Table
	for _, name := range names {
		if !skip(name) {
			out = append(out, Table{Name: name})
		}
	}
	for i := range out {
		byName[out[i].Name] = &out[i]
	}
	_, err = View(ctx, d, func(tx *Tx) (int, error) {
		return 0, tx.Each(ctx, catalogue, nil, func(r *sql.Rows) error {
			var table, column, typ string
			var null, key bool
			if err := r.Scan(&table, &column, &typ, &null, &key); err != nil {
				return err
			}
			t := byName[table]
			if t == nil {
				return nil
			}
			kind := kindOf(typ)
			if kind < 0 {
				return fmt.Errorf("column %s.%s is %s", table, column, typ)
			}
			t.Columns = append(t.Columns, Column{Name: column, Kind: kind, Null: null, Key: key})
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return out, nil
}

// catalogue marks as key only a primary key of one column.
const catalogue = `SELECT c.table_name, c.column_name, upper(c.data_type), c.is_nullable = 'YES', EXISTS (
		SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = (quote_ident(c.table_schema) || '.' || quote_ident(c.table_name))::regclass AND i.indisprimary AND i.indnatts = 1 AND a.attname = c.column_name)
	FROM information_schema.columns c WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position`

func kindOf(typ string) ColumnKind {
	if typ == "TIMESTAMP WITH TIME ZONE" {
		return Instant
	}
	return ColumnKind(slices.Index(columnTypes[Postgres], typ))
}

// Key returns the name of the table's key; empty where no column is it alone.
func (t Table) Key() string {
	for _, c := range t.Columns {
		if c.Key {
			return c.Name
		}
	}
	return ""
}

// Lines reads rows in the order of the key and gives each as [Line] writes it, beginning after the key's value; nil
// begins with the first. A limit of 0 is none. The order is the same on both databases. Within fn no other statement of
// the transaction may run. The line is valid until fn returns.
func (t *Tx) Lines(ctx context.Context, table Table, after any, limit int, fn func(key any, line []byte) error) error {
	names := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		names[i] = c.Name
	}
	query, args, at := "SELECT "+strings.Join(names, ", ")+" FROM "+table.Name, []any{}, -1
	if key := table.Key(); key != "" {
		at = slices.Index(names, key)
		order := key
		if table.Columns[at].Kind == Text && t.dialect == Postgres {
			order += ` COLLATE "C"`
		}
		if after != nil {
			query, args = query+" WHERE "+order+" > ?", []any{after}
		}
		query += " ORDER BY " + order
	}
	if limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", limit)
	}
	raw, dest := make([]any, len(names)), make([]any, len(names))
	for i := range raw {
		dest[i] = &raw[i]
	}
	return t.Each(ctx, query, args, func(r *sql.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		var key any
		if at >= 0 {
			key = raw[at]
		}
		line, err := Line(table.Columns, raw)
		if err != nil {
			return fmt.Errorf("%s %v: %w", table.Name, key, err)
		}
		return fn(key, line)
	})
}

// InsertLines writes rows that [Line] wrote.
func (t *Tx) InsertLines(ctx context.Context, table Table, lines [][]byte) error {
	const most = 30_000 // values of one statement; both databases take a little more
	names := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		names[i] = c.Name
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(names)), ", ") + ")"
	for len(lines) > 0 {
		part := lines[:min(len(lines), max(1, most/max(1, len(names))))]
		lines = lines[len(part):]
		args := make([]any, 0, len(part)*len(names))
		for _, line := range part {
			values, err := ParseLine(table.Columns, line)
			if err != nil {
				return fmt.Errorf("%s: %w", table.Name, err)
			}
			args = append(args, values...)
		}
		rows := strings.TrimSuffix(strings.Repeat(row+", ", len(part)), ", ")
		if _, err := t.Exec(ctx, "INSERT INTO "+table.Name+" ("+strings.Join(names, ", ")+") VALUES "+rows, args...); err != nil {
			return fmt.Errorf("write %s: %w", table.Name, err)
		}
	}
	return nil
}
