// Package backup makes backups of a whole instance while it works, keeps them by rule, proves them and restores them.
//
// A backup is one file: a tar of the database, the stored files and, where it is encrypted, the secret of the instance;
// compressed with zstd, encrypted with age where a key is given. It begins with head.json and ends with manifest.json,
// which holds the SHA-256 and the number of rows of everything before it, so that a file cut short or changed is found.
// The database is one state throughout: a copy of the SQLite file, or one snapshot of PostgreSQL table by table as JSON
// Lines. Search indexes of PostgreSQL and jobs that wait are not part of it: the first are made anew, the second start
// again by themselves.
//
// Nothing is restored over something: a place must be empty, and a backup is checked whole before anything is written
// where it is to stay. The package knows tables, not records; what the audit log and the declared tables should look like
// it is told in [Instance].
package backup

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"dianke/internal/platform/blobs"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the errors of this package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

// Chain walks the audit log and returns its length and the hash of its last entry; an error where it does not hold.
type Chain func(ctx context.Context, tx *db.Tx) (entries int64, head string, err error)

// Program is what backups need to know of the program, with or without an instance.
type Program struct {
	Version    string // of the program, for people
	Clock      clock.Clock
	Migrations fs.FS
	Tables     []db.Table // as they should be
	Chain      Chain
	// Mark tells secrets apart: equal for equal secrets, and nothing else can be learned from it.
	Mark func(secret []byte) (string, error)
	// Holds are columns, as table.column, that hold the hash of a stored file.
	Holds []string
}

// Instance is what is backed up.
type Instance struct {
	Program
	DB         *db.DB
	Blobs      *blobs.Store
	SecretFile string
}

// Head stands at the beginning of a backup.
type Head struct {
	Format    int       `json:"format"`
	Made      time.Time `json:"made"`
	Program   string    `json:"program"`
	Migration int64     `json:"migration"` // version of the database
	Database  string    `json:"database"`  // sqlite or postgres
	Secret    string    `json:"secret"`    // mark of the secret, see [Program.Mark]
}

// Manifest stands at the end of a backup.
type Manifest struct {
	Head
	Tables  []Table `json:"tables"`
	Entries []Entry `json:"entries"`
	Files   int64   `json:"files"`
	Audit   Audit   `json:"audit"`
}

// Table is one table with its number of rows. Columns are given where the rows are lines.
type Table struct {
	Name    string   `json:"name"`
	Rows    int64    `json:"rows"`
	Columns []Column `json:"columns,omitempty"`
}

// Column is a column of a table that is kept as lines.
type Column struct {
	Name string        `json:"name"`
	Kind db.ColumnKind `json:"kind"`
	Null bool          `json:"null,omitempty"`
	Key  bool          `json:"key,omitempty"`
}

// Entry is one file within the backup.
type Entry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Audit is the audit log as it was. A log that does not hold is backed up all the same, with its fault.
type Audit struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"`
	Fault   string `json:"fault,omitempty"`
}

// Rows is the number of rows of all tables.
func (m *Manifest) Rows() int64 {
	n := int64(0)
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

func (t Table) shape() db.Table {
	out := db.Table{Name: t.Name}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, db.Column{Name: c.Name, Kind: c.Kind, Null: c.Null, Key: c.Key})
	}
	return out
}

const (
	format       = 1
	headName     = "head.json"
	manifestName = "manifest.json"
	sqliteName   = "database.sqlite"
	secretName   = "secret"
	tablePrefix  = "tables/"
	filePrefix   = "files/"
	maxLine      = 256 << 20 // bytes of one row
	maxManifest  = 1 << 30   // some hundred bytes for each stored file
)
