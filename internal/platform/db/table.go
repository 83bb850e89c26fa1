package db

import (
	"fmt"
	"slices"
	"strings"
)

// ColumnKind is the storage class of a column.
type ColumnKind int

// The storage classes. Instants are UTC to the microsecond, dates have no zone, JSON is text that holds JSON.
const (
	Text ColumnKind = iota
	Int
	Real
	Bool
	Instant
	Date
	JSON
	Bytes
)

var columnTypes = [2][]string{
	SQLite:   {"TEXT", "INTEGER", "REAL", "INTEGER", "TEXT", "TEXT", "TEXT", "BLOB"},
	Postgres: {"TEXT", "BIGINT", "DOUBLE PRECISION", "BOOLEAN", "TIMESTAMPTZ", "DATE", "JSONB", "BYTEA"},
}

// Column describes one column. Columns that are not Null get an empty default of their kind, so that they can be added
// to a table that has rows.
type Column struct {
	Name string
	Kind ColumnKind
	Null bool
	Key  bool // the primary key, always alone
}

// Index describes an index; Where is an optional partial condition understood by both databases.
type Index struct {
	Columns []string
	Unique  bool
	Where   string
}

// Table describes a table as it should be. Raw replaces it where a database needs words of its own (full text).
type Table struct {
	Name    string
	Columns []Column
	Indexes []Index
	Raw     map[Dialect][]string
}

// Column returns the column of the name.
func (t Table) Column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// IndexName returns the name an index gets, at most 63 bytes as PostgreSQL demands.
func (t Table) IndexName(ix Index) string {
	name := t.Name + "_" + strings.Join(ix.Columns, "_")
	name = strings.NewReplacer(" ", "_", "(", "", ")", "").Replace(name)
	if len(name) > 59 {
		name = name[:50] + fmt.Sprintf("_%08x", fnv32(name))
	}
	if ix.Unique {
		return name + "_key"
	}
	return name + "_ix"
}

func fnv32(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

func (c Column) ddl(d Dialect) string {
	typ := columnTypes[d][c.Kind]
	switch {
	case c.Key:
		return fmt.Sprintf("%s %s PRIMARY KEY", c.Name, typ)
	case c.Null:
		return fmt.Sprintf("%s %s", c.Name, typ)
	}
	return fmt.Sprintf("%s %s NOT NULL DEFAULT %s", c.Name, typ, c.empty(d))
}

func (c Column) empty(d Dialect) string {
	switch c.Kind {
	case Int, Real:
		return "0"
	case Bool:
		if d == Postgres {
			return "FALSE"
		}
		return "0"
	case JSON:
		return "'{}'"
	case Instant:
		if d == Postgres {
			return "'epoch'"
		}
		return "'1970-01-01T00:00:00.000000Z'"
	case Date:
		return "'1970-01-01'"
	case Bytes:
		if d == Postgres {
			return `'\x'`
		}
		return "x''"
	default:
		return "''"
	}
}

// Create returns the statements that make the table with its indexes.
func (t Table) Create(d Dialect) []string {
	if raw := t.Raw[d]; raw != nil {
		return raw
	}
	lines := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		lines[i] = "  " + c.ddl(d)
	}
	out := []string{fmt.Sprintf("CREATE TABLE %s (\n%s\n)", t.Name, strings.Join(lines, ",\n"))}
	for _, ix := range t.Indexes {
		out = append(out, t.CreateIndex(ix))
	}
	return out
}

// CreateIndex returns the statement that makes one index.
func (t Table) CreateIndex(ix Index) string {
	unique, where := "", ""
	if ix.Unique {
		unique = "UNIQUE "
	}
	if ix.Where != "" {
		where = " WHERE " + ix.Where
	}
	return fmt.Sprintf("CREATE %sINDEX %s ON %s (%s)%s", unique, t.IndexName(ix), t.Name, strings.Join(ix.Columns, ", "), where)
}
