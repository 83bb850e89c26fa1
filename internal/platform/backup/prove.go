package backup

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"dianke/internal/platform/db"
)

// Proof is what restoring a backup aside has shown.
type Proof struct {
	Manifest  *Manifest
	Encrypted bool
	Checks    []Check
}

// Check is one thing looked at. Names: archive, opens, rows, lines, integrity, references, migration, registry, audit, files, secret.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // numbers and names of tables, in no language
}

// OK reports whether all checks held.
func (p *Proof) OK() bool {
	for _, c := range p.Checks {
		if !c.OK {
			return false
		}
	}
	return true
}

func (p *Proof) note(name string, err error, format string, args ...any) {
	c := Check{Name: name, OK: err == nil, Detail: fmt.Sprintf(format, args...)}
	if err != nil {
		c.Detail = err.Error()
	}
	p.Checks = append(p.Checks, c)
}

// Prove restores a backup into a directory for temporary files and compares what is there with what the manifest says:
// checksums, rows of each table, the lines read back, integrity and references of the database, that this program's
// migrations lead to its declared tables, the chain of the audit log, stored files that rows refer to. Everything is
// removed afterwards. A backup that cannot be opened or is not whole is an error; one that opens gives a proof, whose
// checks may have failed.
func (p *Program) Prove(ctx context.Context, from io.Reader, key *Key) (_ *Proof, err error) {
	dir, err := os.MkdirTemp("", "dianke-proof-*")
	if err != nil {
		return nil, fmt.Errorf("directory for temporary files: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := p.lay(ctx, from, key, dir)
	if err != nil {
		return nil, err
	}
	out := &Proof{Manifest: &s.Manifest, Encrypted: s.Encrypted}
	out.note("archive", nil, "%d/%d", len(s.Entries), len(s.Entries))
	if s.has(secretName) {
		out.note("secret", p.secret(s, Target{}), "%s", s.Secret)
	}
	d, err := db.OpenScratch(ctx, s.path(sqliteName))
	if err == nil && s.Database == db.Postgres.String() {
		err = p.fill(ctx, s, d)
	}
	out.note("opens", err, "%s %d", s.Database, s.Migration)
	if d == nil {
		return out, nil
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err == nil {
		p.compare(ctx, s, d, out)
	}
	return out, ctx.Err()
}

func (p *Program) compare(ctx context.Context, s *stage, d *db.DB, out *Proof) {
	rows, err := s.rows(ctx, d)
	out.note("rows", err, "%d", rows)
	if s.Database == db.Postgres.String() {
		out.note("lines", s.readBack(ctx, d), "%d", len(s.Tables))
	}
	out.note("integrity", pragma(ctx, d, "integrity_check", "ok"), "ok")
	out.note("references", pragma(ctx, d, "foreign_key_check", ""), "ok")
	now, err := audited(ctx, d, p.Chain)
	if err == nil && now.Fault != "" {
		err = errors.New(now.Fault)
	}
	if err == nil && now != s.Audit {
		err = fmt.Errorf("%d %s, want %d %s", now.Entries, now.Head, s.Audit.Entries, s.Audit.Head)
	}
	out.note("audit", err, "%d %.12s", now.Entries, now.Head)
	n, err := s.held(ctx, d, p.Holds)
	out.note("files", err, "%d/%d", n, s.Files)
	have, known, err := d.Version(ctx, p.Migrations)
	if err == nil {
		_, err = d.Migrate(ctx, p.Migrations)
	}
	out.note("migration", err, "%d/%d", have, known)
	if err == nil {
		out.note("registry", p.agrees(ctx, d), "%d", len(p.Tables))
	}
}

func (s *stage) rows(ctx context.Context, d *db.DB) (int64, error) {
	have, err := count(ctx, d)
	if err != nil {
		return 0, err
	}
	found, sum := map[string]int64{}, int64(0)
	for _, t := range have {
		found[t.Name] = t.Rows
	}
	for _, t := range s.Tables {
		n, ok := found[t.Name]
		if !ok || n != t.Rows {
			return sum, fmt.Errorf("%s: %d, want %d", t.Name, n, t.Rows)
		}
		sum += n
	}
	return sum, nil
}

// readBack compares the lines of the restored database with those it was filled from.
func (s *stage) readBack(ctx context.Context, d *db.DB) error {
	_, err := db.View(ctx, d, func(tx *db.Tx) (int, error) {
		for _, t := range s.Tables {
			sum := sha256.New()
			err := tx.Lines(ctx, t.shape(), nil, 0, func(_ any, line []byte) error {
				_, err := sum.Write(append(line, '\n'))
				return err
			})
			if err != nil {
				return 0, err
			}
			want := Entry{}
			for _, e := range s.Entries {
				if e.Name == tablePrefix+t.Name+".jsonl" {
					want = e
				}
			}
			if hex.EncodeToString(sum.Sum(nil)) != want.SHA256 {
				return 0, fmt.Errorf("%s differs", t.Name)
			}
		}
		return 0, nil
	})
	return err
}

// pragma runs a check of SQLite, whose rows are faults unless they say want.
func pragma(ctx context.Context, d *db.DB, name, want string) error {
	var faults []string
	_, err := db.View(ctx, d, func(tx *db.Tx) (int, error) {
		return 0, tx.Each(ctx, "SELECT * FROM pragma_"+name+" LIMIT 10", nil, func(r *sql.Rows) error {
			cols, err := r.Columns()
			if err != nil {
				return err
			}
			var first sql.NullString
			dest := []any{&first}
			for range cols[1:] {
				dest = append(dest, new(any))
			}
			if err := r.Scan(dest...); err != nil {
				return err
			}
			if first.String != want {
				faults = append(faults, first.String)
			}
			return nil
		})
	})
	if err == nil && len(faults) > 0 {
		err = errors.New(strings.Join(faults, "; "))
	}
	return err
}

// held looks for the files that rows refer to and returns how many there are.
func (s *stage) held(ctx context.Context, d *db.DB, columns []string) (int, error) {
	n, missing := 0, 0
	for _, c := range columns {
		table, column, _ := strings.Cut(c, ".")
		_, err := db.View(ctx, d, func(tx *db.Tx) (int, error) {
			return 0, tx.Each(ctx, fmt.Sprintf("SELECT DISTINCT %s FROM %s WHERE %s <> ''", column, table, column), nil, func(r *sql.Rows) error {
				var hash string
				if err := r.Scan(&hash); err != nil {
					return err
				}
				if n++; len(hash) < 3 {
					missing++
				} else if _, err := os.Stat(s.path(filePrefix + hash[:2] + "/" + hash[2:])); err != nil {
					missing++
				}
				return nil
			})
		})
		if err != nil {
			return n, err
		}
	}
	if missing > 0 {
		return n, fmt.Errorf("%d of %d are missing", missing, n)
	}
	return n, nil
}

func (p *Program) agrees(ctx context.Context, d *db.DB) error {
	shape, err := d.Inspect(ctx)
	if err != nil {
		return err
	}
	lacking, err := db.Diff(d.Dialect(), shape, p.Tables)
	if err == nil && len(lacking) > 0 {
		err = fmt.Errorf("%d statements are lacking, first: %s", len(lacking), lacking[0])
	}
	return err
}
