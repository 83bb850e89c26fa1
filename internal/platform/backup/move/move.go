// Package move carries an instance from SQLite to PostgreSQL.
//
// Tables are copied in the order of their keys, in batches; each batch is one transaction of the target together with how
// far it went, so that a move that was killed goes on where it stopped. The source is held alone and only read. Once all
// is copied, every row of both sides is compared in its canonical form ([db.Line]); a table that differs, because the
// source was worked with between two attempts, is copied once more. Stored files stay where they are. The package knows
// tables alone; the search index, the check of the audit log and waiting jobs are the caller's.
package move

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"dianke/internal/platform/backup"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// progressTable exists in a target as long as its move is not finished.
const progressTable = "dianke_move"

// Move is one move.
type Move struct {
	Source     *db.DB // opened by [db.OpenAlone]
	Target     *db.DB
	Migrations fs.FS
	Origin     string                          // names the instance; a target begun for another one is refused
	Batch      int                             // rows a transaction; 1000 where not set
	Say        func(table string, rows int64)  // told after each table; may be nil
	Index      func(ctx context.Context) error // makes the search index of the target anew
	// After is called between the comparison and the end, for what must hold of the target as a whole; nil for nothing.
	After func(ctx context.Context) error
}

// Counts is how many rows were carried and compared.
type Counts struct {
	Tables, Again int
	Rows, Resumed int64 // Resumed were there already
}

// Run moves everything. It may be called again after an error or a kill, and goes on.
func (m *Move) Run(ctx context.Context) (Counts, error) {
	var n Counts
	if m.Batch <= 0 {
		m.Batch = 1000
	}
	if err := m.prepare(ctx); err != nil {
		return n, err
	}
	tables, err := m.Target.Catalogue(ctx, func(name string) bool { return !backup.Own(name) })
	if err != nil {
		return n, err
	}
	for _, t := range tables {
		if err := m.table(ctx, t, &n); err != nil {
			return n, err
		}
	}
	n.Tables = len(tables)
	for _, after := range []func(context.Context) error{m.Index, m.After} {
		if after == nil {
			continue
		}
		if err := after(ctx); err != nil {
			return n, err
		}
	}
	return n, m.finish(ctx)
}

// prepare refuses what is not empty and not its own, and brings the target to the version of the source.
func (m *Move) prepare(ctx context.Context) error {
	if m.Source.Dialect() != db.SQLite || m.Target.Dialect() != db.Postgres {
		return errors.New("move: want SQLite as source and PostgreSQL as target")
	}
	have, want, err := m.Source.Version(ctx, m.Migrations)
	if err != nil {
		return err
	}
	if have != want {
		return errs.New(errs.Conflict, "backup.move.behind").With("have", have).With("want", want)
	}
	names, err := m.Target.Names(ctx)
	if err != nil {
		return err
	}
	begun := false
	for _, name := range names {
		begun = begun || name == progressTable
	}
	if begun {
		err = m.resume(ctx)
	} else {
		err = m.begin(ctx, names)
	}
	if err != nil {
		return err
	}
	_, err = m.Target.Migrate(ctx, m.Migrations)
	return err
}

func (m *Move) begin(ctx context.Context, names []string) error {
	return db.Do(ctx, m.Target, func(tx *db.Tx) error {
		for _, name := range names {
			var one int
			err := tx.QueryRow(ctx, "SELECT 1 FROM "+quote(name)+" LIMIT 1").Scan(&one)
			if err == nil {
				return errs.New(errs.Conflict, "backup.move.not_empty")
			}
			if !db.IsNoRows(err) {
				return fmt.Errorf("look at the target: %w", err)
			}
		}
		for _, stmt := range []string{
			"CREATE TABLE " + progressTable + " (name TEXT PRIMARY KEY, last TEXT, rows BIGINT NOT NULL DEFAULT 0, done BOOLEAN NOT NULL DEFAULT FALSE)",
		} {
			if _, err := tx.Exec(ctx, stmt); err != nil {
				return fmt.Errorf("begin move: %w", err)
			}
		}
		_, err := tx.Exec(ctx, "INSERT INTO "+progressTable+" (name, last) VALUES ('', ?)", m.Origin)
		return err
	})
}

// quote is for names of tables that are not ours.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (m *Move) resume(ctx context.Context) error {
	p, err := m.progress(ctx, "")
	if err == nil && p.last != m.Origin {
		err = errs.New(errs.Conflict, "backup.move.not_empty")
	}
	return err
}

// progress is how far a table has come.
type progress struct {
	last string // key of the last row copied, as text
	rows int64
	done bool
}

func (m *Move) progress(ctx context.Context, table string) (progress, error) {
	return db.View(ctx, m.Target, func(tx *db.Tx) (progress, error) {
		var p progress
		err := tx.QueryRow(ctx, "SELECT COALESCE(last, ''), rows, done FROM "+progressTable+" WHERE name = ?", table).Scan(&p.last, &p.rows, &p.done)
		if db.IsNoRows(err) {
			return progress{}, nil
		}
		if err != nil {
			return p, fmt.Errorf("progress of the move: %w", err)
		}
		return p, nil
	})
}

func (p progress) save(ctx context.Context, tx *db.Tx, table string) error {
	_, err := tx.Exec(ctx, "INSERT INTO "+progressTable+" (name, last, rows, done) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last, rows = excluded.rows, done = excluded.done",
		table, p.last, p.rows, p.done)
	if err != nil {
		return fmt.Errorf("progress of the move: %w", err)
	}
	return nil
}

// table copies what is missing and compares all of it; where that differs it begins anew, once.
func (m *Move) table(ctx context.Context, t db.Table, n *Counts) error {
	p, err := m.progress(ctx, t.Name)
	if err != nil {
		return err
	}
	n.Resumed += p.rows
	resumed := p.rows > 0
	for {
		if !p.done {
			if err := m.copy(ctx, t, &p); err != nil {
				return err
			}
		}
		row, err := m.compare(ctx, t)
		if err != nil {
			return err
		}
		if row == "" {
			break
		}
		if !resumed {
			return errs.New(errs.Conflict, "backup.move.differs").With("table", t.Name).With("row", row)
		}
		n.Again++
		resumed = false
		if err := m.empty(ctx, t); err != nil {
			return err
		}
		p = progress{}
	}
	n.Rows += p.rows
	if m.Say != nil {
		m.Say(t.Name, p.rows)
	}
	return nil
}

func (m *Move) empty(ctx context.Context, t db.Table) error {
	return db.Do(ctx, m.Target, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM "+t.Name); err != nil {
			return fmt.Errorf("begin %s anew: %w", t.Name, err)
		}
		return progress{}.save(ctx, tx, t.Name)
	})
}

// copy goes batch by batch. A table without a key of one column is one batch.
func (m *Move) copy(ctx context.Context, t db.Table, p *progress) error {
	limit := m.Batch
	if t.Key() == "" {
		limit = 0
	}
	for !p.done {
		lines, last, err := m.next(ctx, t, p, limit)
		if err != nil {
			return err
		}
		step := progress{last: p.last, rows: p.rows + int64(len(lines)), done: limit == 0 || len(lines) < limit}
		if len(lines) > 0 {
			step.last = last
		}
		err = db.Do(ctx, m.Target, func(tx *db.Tx) error {
			if err := tx.InsertLines(ctx, t, lines); err != nil {
				return err
			}
			return step.save(ctx, tx, t.Name)
		})
		if err != nil {
			return err
		}
		*p = step
	}
	return nil
}

func (m *Move) next(ctx context.Context, t db.Table, p *progress, limit int) (lines [][]byte, last string, err error) {
	var after any
	if p.rows > 0 {
		if after, err = keyOf(t, p.last); err != nil {
			return nil, "", err
		}
	}
	_, err = db.View(ctx, m.Source, func(tx *db.Tx) (int, error) {
		return 0, tx.Lines(ctx, t, after, limit, func(key any, line []byte) error {
			lines, last = append(lines, line), fmt.Sprint(key)
			return nil
		})
	})
	if err != nil && ctx.Err() == nil {
		err = errs.New(errs.Invalid, "backup.move.value").With("reason", err.Error()).Because(err)
	}
	return lines, last, err
}

func keyOf(t db.Table, text string) (any, error) {
	for _, c := range t.Columns {
		if c.Key && c.Kind == db.Int {
			var n int64
			_, err := fmt.Sscan(text, &n)
			return n, err
		}
	}
	return text, nil
}

// row is one row as it is compared.
type row struct {
	key string
	sum [sha256.Size]byte
}

// compare reads both sides in the same order and returns the key of the first row that differs; empty for none.
func (m *Move) compare(ctx context.Context, t db.Table) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	theirs, failed := make(chan row, 256), make(chan error, 1)
	go func() {
		defer close(theirs)
		failed <- rows(ctx, m.Target, t, func(r row) error {
			select {
			case theirs <- r:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	differs := errors.New("differs")
	at := ""
	err := rows(ctx, m.Source, t, func(ours row) error {
		if other, ok := <-theirs; !ok || other != ours {
			at = ours.key
			return differs
		}
		return nil
	})
	if err == nil {
		if extra, ok := <-theirs; ok {
			return extra.key, nil
		}
		err = <-failed
	}
	if errors.Is(err, differs) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("compare %s: %w", t.Name, err)
	}
	return at, err
}

func rows(ctx context.Context, d *db.DB, t db.Table, fn func(row) error) error {
	_, err := db.View(ctx, d, func(tx *db.Tx) (int, error) {
		return 0, tx.Lines(ctx, t, nil, 0, func(key any, line []byte) error {
			return fn(row{fmt.Sprint(key), sha256.Sum256(line)})
		})
	})
	return err
}

func (m *Move) finish(ctx context.Context) error {
	return db.Do(ctx, m.Target, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, "DROP TABLE "+progressTable); err != nil {
			return fmt.Errorf("end move: %w", err)
		}
		return nil
	})
}

// Unfinished reports whether a database is the target of a move that was interrupted, and so not to be worked with.
func Unfinished(ctx context.Context, d *db.DB) (bool, error) {
	if d.Dialect() != db.Postgres {
		return false, nil
	}
	return db.View(ctx, d, func(tx *db.Tx) (bool, error) {
		var there bool
		err := tx.QueryRow(ctx, "SELECT to_regclass('"+progressTable+"') IS NOT NULL").Scan(&there)
		return there, err
	})
}
