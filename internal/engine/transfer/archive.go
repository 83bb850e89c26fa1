package transfer

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/vault"
)

// Archive writes a whole instance into one file and reads it back into an empty one, on either database.
//
// The file is a ZIP with one file of JSON Lines a table, the stored files under their hashes, and manifest.json with the
// number of rows and the SHA-256 of each. Sensitive values are as they lie in the database, sealed; whoever reads the
// archive in needs the secret of the instance it comes from. Search indexes are made anew. Jobs that wait are not part of
// it.
type Archive struct {
	DB         *db.DB
	Store      *store.Store
	Blobs      *blobs.Store
	Keys       *vault.Keys
	Tables     []db.Table
	Migrations fs.FS
}

// Part is one table of an archive.
type Part struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of the lines
}

// Summary is the manifest of an archive.
type Summary struct {
	Format  int       `json:"format"`
	Made    time.Time `json:"made"`
	Version int64     `json:"database_version"`
	Key     string    `json:"key"` // tells whether the secret is the same, and nothing else
	Tables  []Part    `json:"tables"`
	Files   int64     `json:"files"`
	Entries int64     `json:"audit_entries"`
	Head    string    `json:"audit_head"`
}

const (
	archiveFormat = 1
	maxLine       = 64 << 20 // bytes of one row
	manifestName  = "manifest.json"
)

// tables are those that are carried: all but the index of search.
func (a *Archive) tables() []db.Table {
	return slices.DeleteFunc(slices.Clone(a.Tables), func(t db.Table) bool { return t.Raw != nil })
}

func (a *Archive) key() string { return a.Keys.Blind("instance", "archive")[:16] }

// Write writes the archive. It is one state of the database throughout.
func (a *Archive) Write(ctx context.Context, to io.Writer) (Summary, error) {
	version, _, err := a.DB.Version(ctx, a.Migrations)
	if err != nil {
		return Summary{}, err
	}
	z := zip.NewWriter(to)
	sum := Summary{Format: archiveFormat, Made: a.Store.Clock.Now(), Version: version, Key: a.key()}
	files := map[string]bool{}
	_, err = db.View(ctx, a.DB, func(tx *db.Tx) (int, error) {
		if sum.Entries, sum.Head, err = audit.Verify(ctx, tx); err != nil {
			return 0, err
		}
		for _, t := range a.tables() {
			part, err := writeTable(ctx, tx, z, t, files)
			if err != nil {
				return 0, fmt.Errorf("archive %s: %w", t.Name, err)
			}
			sum.Tables = append(sum.Tables, part)
		}
		return 0, nil
	})
	if err != nil {
		return sum, err
	}
	if sum.Files, err = a.writeFiles(ctx, z, files); err != nil {
		return sum, err
	}
	w, err := z.Create(manifestName)
	if err != nil {
		return sum, fmt.Errorf("archive: %w", err)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return sum, errors.Join(enc.Encode(sum), z.Close())
}

// blobHash finds the names of stored files in whatever column they stand.
var blobHash = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

func writeTable(ctx context.Context, tx *db.Tx, z *zip.Writer, t db.Table, files map[string]bool) (Part, error) {
	w, err := z.Create("tables/" + t.Name + ".jsonl")
	if err != nil {
		return Part{}, err
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 256<<10)
	part := Part{Name: t.Name}
	cols, key := make([]string, len(t.Columns)), ""
	for i, c := range t.Columns {
		cols[i] = c.Name
		if c.Key {
			key = " ORDER BY " + c.Name
		}
	}
	raw, dest := make([]any, len(cols)), make([]any, len(cols))
	for i := range raw {
		dest[i] = &raw[i]
	}
	err = tx.Each(ctx, fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(cols, ", "), t.Name, key), nil, func(r *sql.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		line, err := rowJSON(t.Columns, raw)
		if err != nil {
			return err
		}
		for _, h := range blobHash.FindAll(line, -1) {
			files[string(h)] = true
		}
		part.Rows++
		_, err = out.Write(append(line, '\n'))
		return err
	})
	if err := errors.Join(err, out.Flush()); err != nil {
		return part, err
	}
	part.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return part, nil
}

// rowJSON writes a row in one form for both databases: names in the order of columns, JSON with sorted names.
func rowJSON(cols []db.Column, raw []any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range cols {
		v, err := neutral(c, raw[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		if v == nil {
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", c.Name, text)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func neutral(c db.Column, raw any) (any, error) {
	if raw == nil {
		return nil, nil
	}
	switch c.Kind {
	case db.Bool:
		if n, ok := raw.(int64); ok {
			return n != 0, nil
		}
		return raw, nil
	case db.Instant, db.Date:
		var t time.Time
		if err := db.Time(&t).Scan(raw); err != nil || t.IsZero() {
			return nil, err
		}
		if c.Kind == db.Date {
			return t.Format(time.DateOnly), nil
		}
		return t.UTC().Format(time.RFC3339Nano), nil
	case db.JSON:
		return canonicalJSON(raw)
	case db.Bytes:
		b, _ := raw.([]byte)
		return base64.StdEncoding.EncodeToString(b), nil
	case db.Real:
		if n, ok := raw.(int64); ok {
			return float64(n), nil
		}
	case db.Text:
		if b, ok := raw.([]byte); ok {
			return string(b), nil
		}
	}
	return raw, nil
}

func canonicalJSON(raw any) (any, error) {
	var text []byte
	switch v := raw.(type) {
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return nil, fmt.Errorf("stored JSON is %T", raw)
	}
	if len(text) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out any
	err := d.Decode(&out)
	return out, err
}

func (a *Archive) writeFiles(ctx context.Context, z *zip.Writer, files map[string]bool) (int64, error) {
	names := make([]string, 0, len(files))
	for h := range files {
		names = append(names, h)
	}
	slices.Sort(names)
	n := int64(0)
	for _, h := range names {
		r, err := a.Blobs.Open(ctx, h)
		if errs.Is(err, errs.NotFound) {
			continue // sixty-four digits that name no file
		}
		if err != nil {
			return n, err
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: "files/" + h, Method: zip.Store})
		if err == nil {
			_, err = io.Copy(w, r)
		}
		if err := errors.Join(err, r.Close()); err != nil {
			return n, fmt.Errorf("archive file: %w", err)
		}
		n++
	}
	return n, nil
}

// Read fills an empty instance from an archive, in one transaction, checks each table against its checksum and the audit
// log against its head, and makes the search indexes. Conflict where the instance is not empty or has another secret.
func (a *Archive) Read(ctx context.Context, f io.ReaderAt, size int64) (Summary, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return Summary{}, errs.New(errs.Malformed, "transfer.archive_damaged").Because(err)
	}
	sum, err := manifest(z)
	if err != nil {
		return sum, err
	}
	version, _, err := a.DB.Version(ctx, a.Migrations)
	if err != nil {
		return sum, err
	}
	switch {
	case sum.Format != archiveFormat || sum.Version != version:
		return sum, errs.New(errs.Conflict, "transfer.archive_version").With("theirs", sum.Version).With("ours", version)
	case sum.Key != a.key():
		return sum, errs.New(errs.Conflict, "transfer.archive_secret")
	}
	if err := a.readFiles(ctx, z); err != nil {
		return sum, err
	}
	err = db.Do(ctx, a.DB, func(tx *db.Tx) error {
		if err := a.empty(ctx, tx); err != nil {
			return err
		}
		for _, part := range sum.Tables {
			if err := a.readTable(ctx, tx, z, part); err != nil {
				return fmt.Errorf("read %s: %w", part.Name, err)
			}
		}
		n, head, err := audit.Verify(ctx, tx)
		if err != nil {
			return err
		}
		if n != sum.Entries || head != sum.Head {
			return errs.New(errs.Malformed, "transfer.archive_damaged")
		}
		return nil
	})
	if err != nil {
		return sum, err
	}
	return sum, a.index(ctx)
}

func manifest(z *zip.Reader) (Summary, error) {
	var sum Summary
	r, err := z.Open(manifestName)
	if err != nil {
		return sum, errs.New(errs.Malformed, "transfer.archive_damaged").Because(err)
	}
	defer func() { _ = r.Close() }()
	if err := json.NewDecoder(io.LimitReader(r, 8<<20)).Decode(&sum); err != nil {
		return sum, errs.New(errs.Malformed, "transfer.archive_damaged").Because(err)
	}
	return sum, nil
}

// empty makes sure that nothing is overwritten. What a fresh instance has written by itself does not count.
func (a *Archive) empty(ctx context.Context, tx *db.Tx) error {
	for _, name := range []string{"users", "customers", "cases", "regulations", "units"} {
		var one int
		err := tx.QueryRow(ctx, "SELECT 1 FROM "+name+" LIMIT 1").Scan(&one)
		if err == nil {
			return errs.New(errs.Conflict, "transfer.archive_not_empty")
		}
		if !db.IsNoRows(err) {
			return err
		}
	}
	for _, t := range a.tables() {
		if _, err := tx.Exec(ctx, "DELETE FROM "+t.Name); err != nil {
			return err
		}
	}
	return nil
}

func (a *Archive) readTable(ctx context.Context, tx *db.Tx, z *zip.Reader, part Part) (err error) {
	i := slices.IndexFunc(a.tables(), func(t db.Table) bool { return t.Name == part.Name })
	if i < 0 {
		return errs.New(errs.Malformed, "transfer.archive_damaged")
	}
	t := a.tables()[i]
	r, err := z.Open("tables/" + part.Name + ".jsonl")
	if err != nil {
		return errs.New(errs.Malformed, "transfer.archive_damaged").Because(err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	sum := sha256.New()
	lines := bufio.NewScanner(io.TeeReader(r, sum))
	lines.Buffer(make([]byte, 64<<10), maxLine)
	n := int64(0)
	for lines.Scan() {
		if err := insertLine(ctx, tx, t, lines.Bytes()); err != nil {
			return err
		}
		n++
	}
	if err := lines.Err(); err != nil {
		return errs.New(errs.Malformed, "transfer.archive_damaged").Because(err)
	}
	if n != part.Rows || hexSum(sum) != part.SHA256 {
		return errs.New(errs.Malformed, "transfer.archive_damaged")
	}
	return nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

func insertLine(ctx context.Context, tx *db.Tx, t db.Table, line []byte) error {
	var row map[string]json.RawMessage
	if err := json.Unmarshal(line, &row); err != nil {
		return errs.New(errs.Malformed, "transfer.archive_damaged").Because(err)
	}
	cols, args := make([]string, len(t.Columns)), make([]any, len(t.Columns))
	for i, c := range t.Columns {
		v, err := stored(c, row[c.Name])
		if err != nil {
			return errs.New(errs.Malformed, "transfer.archive_damaged").Because(err)
		}
		cols[i], args[i] = c.Name, v
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(cols)), ", ")
	_, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.Name, strings.Join(cols, ", "), marks), args...)
	return err
}

// stored turns a value of the archive into what a statement takes.
func stored(c db.Column, raw json.RawMessage) (any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var err error
	switch c.Kind {
	case db.JSON:
		return string(raw), nil
	case db.Int:
		var n int64
		err = json.Unmarshal(raw, &n)
		return n, err
	case db.Real:
		var n float64
		err = json.Unmarshal(raw, &n)
		return n, err
	case db.Bool:
		var b bool
		err = json.Unmarshal(raw, &b)
		return b, err
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, err
	}
	switch c.Kind {
	case db.Bytes:
		return base64.StdEncoding.DecodeString(s)
	case db.Instant:
		return time.Parse(time.RFC3339Nano, s)
	case db.Date:
		t, err := time.Parse(time.DateOnly, s)
		return db.Day(t), err
	}
	return s, nil
}

func (a *Archive) readFiles(ctx context.Context, z *zip.Reader) error {
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, "files/")
		if !ok {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return errs.New(errs.Malformed, "transfer.archive_damaged").Because(err)
		}
		ref, err := a.Blobs.Put(ctx, r, int64(min(f.UncompressedSize64, 1<<40)))
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
		if ref.Hash != name {
			return errs.New(errs.Malformed, "transfer.archive_damaged")
		}
	}
	return nil
}

// index makes the search tokens of all records.
func (a *Archive) index(ctx context.Context) error {
	for _, t := range a.Store.Types.Types() {
		for after := record.ID(0); ; {
			next, err := db.InTx(ctx, a.DB, func(tx *db.Tx) (record.ID, error) { return a.Store.Reindex(ctx, tx, t, after, 500) })
			if err != nil {
				return fmt.Errorf("search index: %w", err)
			}
			if next == 0 {
				break
			}
			after = next
		}
	}
	return nil
}
