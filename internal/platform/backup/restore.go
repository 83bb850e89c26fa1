package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Target is where a backup is restored to. Names are those the configuration gives to the same things.
type Target struct {
	Dir           string // data directory, empty or absent
	DatabaseFile  string // within Dir
	FilesDir      string // within Dir
	SecretFile    string
	Database      string // postgres://…; empty restores a database file into Dir
	Secret        string // file with the secret, for a backup that does not hold it
	WithoutSecret bool   // restore all the same where no secret is at hand
}

// stagingName is the directory within the target in which a backup is laid out. Left from an interrupted restore it does
// not count as content.
const stagingName = ".restoring"

// Restore puts a backup into an empty place: the data directory, or the data directory and an empty PostgreSQL database.
// The backup is checked whole before anything is put where it stays; after a failure or a kill the place is as empty as
// before, or only the hidden directory ".restoring" is left, which the next restore removes. The database is brought to
// the version of this program. The search index of a database restored from lines is empty: the caller makes it anew,
// which the returned flag asks for.
func (p *Program) Restore(ctx context.Context, from io.Reader, key *Key, t Target) (m *Manifest, reindex bool, err error) {
	if err := emptyDir(t.Dir); err != nil {
		return nil, false, err
	}
	dir := filepath.Join(t.Dir, stagingName)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return nil, false, fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := p.lay(ctx, from, key, dir)
	if err != nil {
		return nil, false, err
	}
	if err := p.secret(s, t); err != nil {
		return nil, false, err
	}
	d, err := p.database(ctx, s, t)
	if err != nil {
		return nil, false, err
	}
	if err := d.Close(); err != nil {
		return nil, false, fmt.Errorf("restore: %w", err)
	}
	return &s.Manifest, s.Database == db.Postgres.String(), s.settle(t)
}

func emptyDir(dir string) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, e := range list {
		if e.Name() != stagingName && e.Name() != "lost+found" {
			return errs.New(errs.Conflict, "backup.not_empty").With("place", dir)
		}
	}
	return nil
}

// secret lays the secret of the instance into the stage, from the backup or from the file that was given.
func (p *Program) secret(s *stage, t Target) error {
	path := s.path(secretName)
	if t.Secret == "" && !s.has(secretName) {
		if t.WithoutSecret {
			return nil
		}
		return errs.New(errs.Invalid, "backup.secret_needed")
	}
	if t.Secret != "" {
		data, err := os.ReadFile(t.Secret)
		if err != nil {
			return fmt.Errorf("secret: %w", err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return fmt.Errorf("secret: %w", err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	mark, err := p.Mark(data)
	if err != nil || mark != s.Secret {
		return errs.New(errs.Invalid, "backup.secret_wrong").Because(err)
	}
	return nil
}

// database makes the database of the stage, or fills the one of the target, and migrates it.
func (p *Program) database(ctx context.Context, s *stage, t Target) (*db.DB, error) {
	lines := s.Database == db.Postgres.String()
	if t.Database != "" && !lines {
		return nil, errs.New(errs.Conflict, "backup.other_database")
	}
	d, err := db.Open(ctx, t.Database, s.path(sqliteName))
	if err != nil {
		return nil, err
	}
	if lines {
		err = p.fill(ctx, s, d)
	}
	if err == nil {
		_, err = d.Migrate(ctx, p.Migrations)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// fill writes the lines of a backup into an empty database, in one transaction.
func (p *Program) fill(ctx context.Context, s *stage, d *db.DB) error {
	if err := vacant(ctx, d); err != nil {
		return err
	}
	if err := d.MigrateTo(ctx, p.Migrations, s.Migration); err != nil {
		return err
	}
	if err := vacant(ctx, d); err != nil {
		return err
	}
	return db.Do(ctx, d, func(tx *db.Tx) error {
		for _, t := range s.Tables {
			if err := s.load(ctx, tx, t); err != nil {
				return reading(ctx, err)
			}
		}
		return nil
	})
}

// vacant makes sure that no table of the database has a row.
func vacant(ctx context.Context, d *db.DB) error {
	tables, err := count(ctx, d)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if t.Rows > 0 && Own(t.Name) {
			return errs.New(errs.Conflict, "backup.not_empty").With("place", d.Dialect().String())
		}
	}
	return nil
}

const batch = 500 // rows written by one statement, at most

func (s *stage) load(ctx context.Context, tx *db.Tx, t Table) (err error) {
	f, err := os.Open(s.path(tablePrefix + t.Name + ".jsonl"))
	if err != nil {
		return damaged(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	var rows [][]byte
	n := int64(0)
	for lines.Scan() {
		rows = append(rows, append([]byte(nil), lines.Bytes()...))
		if n++; len(rows) == batch {
			if err := tx.InsertLines(ctx, t.shape(), rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	if err := errors.Join(lines.Err(), tx.InsertLines(ctx, t.shape(), rows)); err != nil {
		return err
	}
	if n != t.Rows {
		return damaged(fmt.Errorf("%s: %d rows, %d told", t.Name, n, t.Rows))
	}
	return nil
}

// settle moves what was laid out to where it stays, the database last: without it the place counts as empty.
func (s *stage) settle(t Target) error {
	type step struct{ from, to string }
	var steps []step
	if _, err := os.Stat(s.path("files")); err == nil {
		steps = append(steps, step{s.path("files"), t.FilesDir})
	}
	if _, err := os.Stat(s.path(secretName)); err == nil {
		steps = append(steps, step{s.path(secretName), t.SecretFile})
	}
	if t.Database == "" {
		steps = append(steps, step{s.path(sqliteName), t.DatabaseFile})
	}
	for _, st := range steps {
		if err := os.MkdirAll(filepath.Dir(st.to), 0o700); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		if err := os.Rename(st.from, st.to); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	return syncDir(t.Dir)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// latest is the highest version the migrations reach.
func latest(files fs.FS) (int64, error) {
	list, err := fs.Glob(files, "sqlite/*.sql")
	if err != nil {
		return 0, err
	}
	most := int64(0)
	for _, name := range list {
		digits, _, _ := strings.Cut(strings.TrimPrefix(name, "sqlite/"), "_")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("migration %s: %w", name, err)
		}
		most = max(most, n)
	}
	return most, nil
}
