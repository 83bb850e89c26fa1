package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// Shape is what a database holds: columns and indexes by table, as far as this package compares them.
type Shape map[string]TableShape

// TableShape lists a table's columns with their type in the database's words, and the names of its indexes.
type TableShape struct {
	Columns map[string]string
	Indexes map[string]bool
}

// Inspect reads the shape of the open database.
func (d *DB) Inspect(ctx context.Context) (Shape, error) {
	columns, indexes := sqliteColumns, sqliteIndexes
	if d.dialect == Postgres {
		columns, indexes = postgresColumns, postgresIndexes
	}
	return View(ctx, d, func(tx *Tx) (Shape, error) {
		shape := Shape{}
		err := tx.Each(ctx, columns, nil, func(r *sql.Rows) error {
			var table, column, typ string
			if err := r.Scan(&table, &column, &typ); err != nil {
				return err
			}
			if _, ok := shape[table]; !ok {
				shape[table] = TableShape{Columns: map[string]string{}, Indexes: map[string]bool{}}
			}
			shape[table].Columns[column] = strings.ToUpper(typ)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("inspect columns: %w", err)
		}
		err = tx.Each(ctx, indexes, nil, func(r *sql.Rows) error {
			var table, name string
			if err := r.Scan(&table, &name); err != nil {
				return err
			}
			if s, ok := shape[table]; ok {
				s.Indexes[name] = true
			}
			return nil
		})
		return shape, err
	})
}

const (
	sqliteColumns = `SELECT m.name, c.name, c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
	sqliteIndexes   = `SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`
	postgresColumns = `SELECT table_name, column_name, data_type FROM information_schema.columns
		WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`
	postgresIndexes = `SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema()`
)

// Diff returns the statements that bring the database from have to want, only by adding: tables first, then columns,
// then indexes (an index beside a new column would make SQLite rebuild the table). What is there beyond want is left
// alone; a column whose type differs is an error, since only a hand-written migration can say what becomes of its data.
func Diff(d Dialect, have Shape, want []Table) ([]string, error) {
	var tables, columns, indexes []string
	for _, t := range want {
		shape, ok := have[t.Name]
		if !ok {
			tables = append(tables, t.Create(d)...)
			continue
		}
		if t.Raw[d] != nil {
			continue
		}
		for _, c := range t.Columns {
			switch typ, ok := shape.Columns[c.Name]; {
			case !ok:
				columns = append(columns, fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", t.Name, c.ddl(d)))
			case !sameType(d, typ, c.Kind):
				return nil, fmt.Errorf("%s.%s is %s, declared %s: write this change by hand", t.Name, c.Name, typ, columnTypes[d][c.Kind])
			}
		}
		for _, ix := range t.Indexes {
			if !shape.Indexes[t.IndexName(ix)] {
				indexes = append(indexes, t.CreateIndex(ix))
			}
		}
	}
	return slices.Concat(tables, columns, indexes), nil
}

func sameType(d Dialect, typ string, kind ColumnKind) bool {
	want := columnTypes[d][kind]
	if d == Postgres && kind == Instant {
		want = "TIMESTAMP WITH TIME ZONE"
	}
	return typ == want
}
