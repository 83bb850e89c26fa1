package backup

import (
	"archive/tar"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"github.com/klauspost/compress/zstd"
)

// Write writes a backup while the instance works. Space for a copy of the database is needed in the directory for
// temporary files, or on PostgreSQL for its largest table. A file of the store that nobody refers to is kept as well.
func (in *Instance) Write(ctx context.Context, to io.Writer, key *Key) (*Manifest, error) {
	secret, err := os.ReadFile(in.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	a, err := in.begin(ctx, to, key, secret)
	if err != nil {
		return nil, err
	}
	defer a.abandon()
	if in.DB.Dialect() == db.Postgres {
		err = in.writePostgres(ctx, a)
	} else {
		err = in.writeSQLite(ctx, a)
	}
	if err == nil {
		err = in.writeFiles(ctx, a)
	}
	if err == nil && key != nil {
		err = a.bytes(secretName, secret)
	}
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	return a.manifest, a.finish()
}

// archive is a backup that is being written.
type archive struct {
	manifest *Manifest
	out      *tar.Writer
	packed   *zstd.Encoder
	sealed   io.WriteCloser
	dir      string // for what must be known before it is written
}

func (in *Instance) begin(ctx context.Context, to io.Writer, key *Key, secret []byte) (*archive, error) {
	mark, err := in.Mark(secret)
	if err != nil {
		return nil, err
	}
	version, _, err := in.DB.Version(ctx, in.Migrations)
	if err != nil {
		return nil, err
	}
	a := &archive{manifest: &Manifest{Head: Head{
		Format: format, Made: in.Clock.Now().UTC(), Program: in.Version, Migration: version, Database: in.DB.Dialect().String(), Secret: mark,
	}}}
	if a.dir, err = os.MkdirTemp("", "dianke-backup-*"); err != nil {
		return nil, fmt.Errorf("directory for temporary files: %w", err)
	}
	if a.sealed, err = key.seal(to); err != nil {
		a.abandon()
		return nil, err
	}
	if a.packed, err = zstd.NewWriter(a.sealed, zstd.WithEncoderConcurrency(1)); err != nil {
		a.abandon()
		return nil, fmt.Errorf("compress backup: %w", err)
	}
	a.out = tar.NewWriter(a.packed)
	head, err := json.Marshal(a.manifest.Head)
	if err == nil {
		err = a.bytes(headName, head)
	}
	if err != nil {
		a.abandon()
	}
	return a, err
}

// abandon drops what is only needed while writing.
func (a *archive) abandon() { _ = os.RemoveAll(a.dir) }

func (a *archive) finish() error {
	list, err := json.Marshal(a.manifest)
	if err == nil {
		err = a.put(manifestName, int64(len(list)), strings.NewReader(string(list)), nil)
	}
	if err := errors.Join(err, a.out.Close(), a.packed.Close(), a.sealed.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// put writes one file of a known size.
func (a *archive) put(name string, size int64, from io.Reader, sum hash.Hash) error {
	err := a.out.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: a.manifest.Made, Typeflag: tar.TypeReg, Format: tar.FormatPAX})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	to := io.Writer(a.out)
	if sum != nil {
		to = io.MultiWriter(a.out, sum)
	}
	n, err := io.Copy(to, from)
	if err == nil && n != size {
		err = fmt.Errorf("%d of %d bytes", n, size)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// add is put with an entry of the manifest.
func (a *archive) add(name string, size int64, from io.Reader) error {
	sum := sha256.New()
	if err := a.put(name, size, from, sum); err != nil {
		return err
	}
	a.manifest.Entries = append(a.manifest.Entries, Entry{name, size, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

func (a *archive) bytes(name string, data []byte) error {
	return a.add(name, int64(len(data)), strings.NewReader(string(data)))
}

func (a *archive) file(name, path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(path)) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return a.add(name, info.Size(), f)
}

func (in *Instance) writeSQLite(ctx context.Context, a *archive) error {
	path := filepath.Join(a.dir, "copy.sqlite")
	if err := in.DB.CopyTo(ctx, path); err != nil {
		return err
	}
	if err := in.countCopy(ctx, a, path); err != nil {
		return err
	}
	return a.file(sqliteName, path)
}

// countCopy counts what the copy holds, since the database has gone on.
func (in *Instance) countCopy(ctx context.Context, a *archive, path string) (err error) {
	d, err := db.OpenAlone(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if a.manifest.Tables, err = count(ctx, d); err != nil {
		return err
	}
	a.manifest.Audit, err = audited(ctx, d, in.Chain)
	return err
}

func audited(ctx context.Context, d *db.DB, chain Chain) (Audit, error) {
	return db.View(ctx, d, func(tx *db.Tx) (Audit, error) {
		return log(ctx, tx, chain)
	})
}

func log(ctx context.Context, tx *db.Tx, chain Chain) (Audit, error) {
	n, head, err := chain(ctx, tx)
	a := Audit{Entries: n, Head: head}
	if err != nil {
		a.Fault = err.Error()
	}
	return a, ctx.Err()
}

func count(ctx context.Context, d *db.DB) ([]Table, error) {
	names, err := d.Names(ctx)
	if err != nil {
		return nil, err
	}
	return db.View(ctx, d, func(tx *db.Tx) ([]Table, error) {
		out := make([]Table, len(names))
		for i, name := range names {
			out[i].Name = name
			if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM "+name).Scan(&out[i].Rows); err != nil {
				return nil, fmt.Errorf("count %s: %w", name, err)
			}
		}
		return out, nil
	})
}

// Own reports whether a table is carried from database to database: search indexes are made anew, the tables of jobs
// belong to the queue of the process.
func Own(table string) bool {
	return table != "search_index" && table != "search_entries" && table != "dianke_move" && !strings.HasPrefix(table, "river_")
}

func (in *Instance) writePostgres(ctx context.Context, a *archive) error {
	tables, err := in.DB.Catalogue(ctx, func(name string) bool { return !Own(name) })
	if err != nil {
		return err
	}
	_, err = db.View(ctx, in.DB, func(tx *db.Tx) (int, error) {
		for _, t := range tables {
			if err := a.lines(ctx, tx, t); err != nil {
				return 0, err
			}
		}
		a.manifest.Audit, err = log(ctx, tx, in.Chain)
		return 0, err
	})
	return err
}

// lines goes by a file, since the size stands before the rows.
func (a *archive) lines(ctx context.Context, tx *db.Tx, t db.Table) error {
	path := filepath.Join(a.dir, "table.jsonl")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 256<<10)
	entry := Table{Name: t.Name}
	for _, c := range t.Columns {
		entry.Columns = append(entry.Columns, Column{c.Name, c.Kind, c.Null, c.Key})
	}
	err = tx.Lines(ctx, t, nil, 0, func(_ any, line []byte) error {
		entry.Rows++
		_, err := out.Write(append(line, '\n'))
		return err
	})
	if err := errors.Join(err, out.Flush(), f.Close()); err != nil {
		return err
	}
	a.manifest.Tables = append(a.manifest.Tables, entry)
	return a.file(tablePrefix+t.Name+".jsonl", path)
}

// writeFiles comes after the database: what a row refers to was stored before the row.
func (in *Instance) writeFiles(ctx context.Context, a *archive) error {
	return in.Blobs.Each(ctx, func(hash string, size int64) error {
		r, err := in.Blobs.Open(ctx, hash)
		if errs.Is(err, errs.NotFound) {
			return nil // removed since it was listed
		}
		if err != nil {
			return err
		}
		a.manifest.Files++
		return errors.Join(a.add(filePrefix+hash, size, r), r.Close())
	})
}
