package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dianke/internal/platform/backup"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

var tables = []db.Table{
	{Name: "cards", Columns: []db.Column{
		{Name: "id", Kind: db.Int, Key: true}, {Name: "name"}, {Name: "at", Kind: db.Instant}, {Name: "born", Kind: db.Date, Null: true},
		{Name: "vip", Kind: db.Bool}, {Name: "extra", Kind: db.JSON}, {Name: "weight", Kind: db.Real, Null: true},
	}},
	{Name: "papers", Columns: []db.Column{{Name: "id", Kind: db.Int, Key: true}, {Name: "hash"}}},
	{Name: "series", Columns: []db.Column{{Name: "name", Key: true}, {Name: "next", Kind: db.Int}}},
}

// migrations make the tables in n steps.
func migrations(n int) fstest.MapFS {
	out := fstest.MapFS{}
	for _, d := range []db.Dialect{db.SQLite, db.Postgres} {
		for i := range n {
			text := "-- +goose Up\n"
			if i < len(tables) {
				text += strings.Join(tables[i].Create(d), ";\n") + ";\n"
				if i == len(tables)-1 {
					text += strings.Join(backup.RunsTables()[0].Create(d), ";\n") + ";\n"
				}
			} else {
				text += fmt.Sprintf("CREATE TABLE later_%d (id INTEGER PRIMARY KEY);\n", i)
			}
			out[fmt.Sprintf("%s/%04d_step.sql", d, i+1)] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return out
}

// chain stands for the audit log: a count and a sum.
func chain(ctx context.Context, tx *db.Tx) (n int64, head string, err error) {
	var sum int64
	err = tx.QueryRow(ctx, "SELECT COUNT(*), COALESCE(SUM(id), 0) FROM cards").Scan(&n, &sum)
	if sum < 0 {
		err = errors.New("broken chain")
	}
	return n, fmt.Sprint(sum), err
}

func program(steps int) backup.Program {
	return backup.Program{
		Version: "test", Clock: clock.NewFake(time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)), Migrations: migrations(steps), Tables: tables[:min(steps, 3)], Chain: chain,
		Mark: func(secret []byte) (string, error) {
			sum := sha256.Sum256(secret)
			return hex.EncodeToString(sum[:4]), nil
		},
		Holds: []string{"papers.hash"},
	}
}

const steps = 3

// open returns an instance with a few rows and a stored file.
func open(t testing.TB, d *db.DB) *backup.Instance {
	t.Helper()
	ctx := context.Background()
	in := &backup.Instance{Program: program(steps), DB: d, SecretFile: filepath.Join(t.TempDir(), "secret")}
	if _, err := d.Migrate(ctx, in.Migrations); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in.SecretFile, []byte("the secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if in.Blobs, err = blobs.OpenDir(filepath.Join(t.TempDir(), "files")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Blobs.Close() })
	ref, err := in.Blobs.Put(ctx, strings.NewReader("a paper"), 100)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Do(ctx, d, func(tx *db.Tx) error {
		for i := range 1200 {
			_, err := tx.Exec(ctx, "INSERT INTO cards (id, name, at, born, vip, extra, weight) VALUES (?, ?, ?, ?, ?, ?, ?)", i+1, fmt.Sprintf("客户 %d", i),
				time.Date(2026, 1, 1, 0, 0, i, 1000, time.UTC), db.Day(time.Date(1980, 1, 1+i%28, 0, 0, 0, 0, time.UTC)), i%2 == 0, `{"n": [1, 2.50]}`, float64(i)/3)
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "INSERT INTO papers (id, hash) VALUES (1, ?), (2, '')", ref.Hash)
		if err == nil {
			_, err = tx.Exec(ctx, "INSERT INTO series (name, next) VALUES ('b', 2), ('A', 1), ('客', 3)")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func write(t testing.TB, in *backup.Instance, key *backup.Key) []byte {
	t.Helper()
	var b bytes.Buffer
	m, err := in.Write(context.Background(), &b, key)
	if err != nil {
		t.Fatal(err)
	}
	if m.Rows() != 1205 || m.Files != 1 || m.Audit.Entries != 1200 || m.Migration != steps {
		t.Errorf("manifest: %d rows, %d files, %+v", m.Rows(), m.Files, m.Audit)
	}
	return b.Bytes()
}

func key(t testing.TB, text string) *backup.Key {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := backup.ReadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func target(t testing.TB) backup.Target {
	dir := filepath.Join(t.TempDir(), "data")
	return backup.Target{Dir: dir, DatabaseFile: filepath.Join(dir, "dianke.db"), FilesDir: filepath.Join(dir, "files"), SecretFile: filepath.Join(dir, "secret")}
}

// TestBackupProofRestore goes the whole way on both databases: written while open, proven, restored, the same rows.
func TestBackupProofRestore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		in := open(t, d)
		k := key(t, identity(t).String())
		data := write(t, in, k)
		if bytes.Contains(data, []byte("the secret")) || !bytes.HasPrefix(data, []byte("age-encryption.org/v1")) {
			t.Error("the backup is not encrypted")
		}
		p := program(steps)
		proof, err := p.Prove(ctx, bytes.NewReader(data), k)
		if err != nil || !proof.OK() || !proof.Encrypted || len(proof.Checks) < 10 {
			t.Fatalf("proof %+v, %v", proof, err)
		}
		to := target(t)
		_, reindex, err := p.Restore(ctx, bytes.NewReader(data), k, to)
		if err != nil || reindex != (d.Dialect() == db.Postgres) {
			t.Fatalf("restore: %t, %v", reindex, err)
		}
		same(t, d, to)
		if secret, err := os.ReadFile(to.SecretFile); err != nil || string(secret) != "the secret" {
			t.Errorf("secret %q, %v", secret, err)
		}
		if _, err := os.Stat(filepath.Join(to.Dir, ".restoring")); !errors.Is(err, os.ErrNotExist) {
			t.Error("the staging directory is left")
		}
		if _, _, err := p.Restore(ctx, bytes.NewReader(data), k, to); errs.KeyOf(err) != "backup.not_empty" {
			t.Errorf("onto itself: %v", err)
		}
	})
}

// same compares all rows and the stored file of an instance with what was restored.
func same(t *testing.T, d *db.DB, to backup.Target) {
	t.Helper()
	ctx := context.Background()
	r, err := db.Open(ctx, to.Database, to.DatabaseFile)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for _, table := range tables {
		want, got := dump(t, d, table), dump(t, r, table)
		if want != got || want == "" {
			t.Errorf("%s differs", table.Name)
		}
	}
	store, err := blobs.OpenDir(to.FilesDir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	sum := sha256.Sum256([]byte("a paper"))
	if err := store.Verify(ctx, hex.EncodeToString(sum[:])); err != nil {
		t.Errorf("stored file: %v", err)
	}
}

func dump(t *testing.T, d *db.DB, table db.Table) string {
	t.Helper()
	out, err := db.View(context.Background(), d, func(tx *db.Tx) (string, error) {
		var b strings.Builder
		err := tx.Lines(context.Background(), table, nil, 0, func(_ any, line []byte) error { b.Write(append(line, '\n')); return nil })
		return b.String(), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPostgresIntoPostgres restores lines into an empty server, and refuses one that is not.
func TestPostgresIntoPostgres(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d, other := dbtest.Postgres(t), dbtest.Postgres(t)
	in := open(t, d)
	data := write(t, in, nil)
	p, to := program(steps), target(t)
	to.Database, to.Secret = other.URL(), in.SecretFile
	if _, _, err := p.Restore(ctx, bytes.NewReader(data), nil, to); err != nil {
		t.Fatal(err)
	}
	same(t, d, to)
	again := target(t)
	again.Database, again.Secret = other.URL(), in.SecretFile
	if _, _, err := p.Restore(ctx, bytes.NewReader(data), nil, again); errs.KeyOf(err) != "backup.not_empty" {
		t.Errorf("onto rows: %v", err)
	}
	lite := write(t, open(t, dbtest.SQLite(t)), nil)
	again.Database, again.Secret = dbtest.Postgres(t).URL(), in.SecretFile
	if _, _, err := p.Restore(ctx, bytes.NewReader(lite), nil, again); errs.KeyOf(err) != "backup.other_database" {
		t.Errorf("SQLite into PostgreSQL: %v", err)
	}
}

// TestOlderBackup: an older backup is brought up, a newer one is refused.
func TestOlderBackup(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		in := open(t, d)
		data := write(t, in, nil)
		newer, older := program(steps+2), program(steps-1)
		if proof, err := newer.Prove(ctx, bytes.NewReader(data), nil); err != nil || !proof.OK() {
			t.Errorf("proof by a newer program: %+v, %v", proof, err)
		}
		to := target(t)
		to.Secret = in.SecretFile
		if _, _, err := older.Restore(ctx, bytes.NewReader(data), nil, to); errs.KeyOf(err) != "backup.newer" {
			t.Errorf("older program: %v", err)
		}
		if _, _, err := newer.Restore(ctx, bytes.NewReader(data), nil, to); err != nil {
			t.Fatal(err)
		}
		same(t, d, to)
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	in, p := open(t, dbtest.SQLite(t)), program(steps)
	mine, other := identity(t), identity(t)
	data := write(t, in, key(t, "# for the safe\n"+mine.Recipient().String()+"\n"+other.Recipient().String()))
	for name, tt := range map[string]struct {
		key  *backup.Key
		want string
	}{
		"mine": {key(t, mine.String()), ""}, "other": {key(t, other.String()), ""}, "none": {nil, "backup.key_needed"},
		"recipient": {key(t, mine.Recipient().String()), "backup.key_needed"}, "stranger": {key(t, identity(t).String()), "backup.key_wrong"},
		"phrase": {key(t, "correct horse battery"), "backup.key_wrong"},
	} {
		if _, err := p.Prove(ctx, bytes.NewReader(data), tt.key); errs.KeyOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	data = write(t, in, key(t, "correct horse battery\n"))
	if _, err := p.Prove(ctx, bytes.NewReader(data), key(t, "correct horse battery")); err != nil {
		t.Errorf("passphrase: %v", err)
	}
	if _, err := p.Prove(ctx, bytes.NewReader(data), key(t, "correct horse batterY")); errs.KeyOf(err) != "backup.key_wrong" {
		t.Errorf("wrong passphrase: %v", err)
	}
	for name, text := range map[string]string{"empty": "# nothing\n", "short": "abc", "two": "first passphrase\nsecond passphrase", "damaged": "AGE-SECRET-KEY-1QQQ"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.ReadKey(path); err == nil || strings.Contains(err.Error(), "QQQ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDamage: every cut and every changed byte is found, and leaves nothing behind.
func TestDamage(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	in, p := open(t, dbtest.SQLite(t)), program(steps)
	id := identity(t)
	for name, k := range map[string]*backup.Key{"plain": nil, "sealed": key(t, id.String())} {
		data := write(t, in, k)
		try := func(what string, bad []byte) {
			to := target(t)
			to.Secret = in.SecretFile
			_, _, err := p.Restore(ctx, bytes.NewReader(bad), k, to)
			if key := errs.KeyOf(err); key != "backup.damaged" && key != "backup.key_wrong" {
				t.Errorf("%s, %s: %v", name, what, err)
			}
			if list, _ := os.ReadDir(to.Dir); len(list) > 0 {
				t.Errorf("%s, %s: %v is left", name, what, list)
			}
		}
		for i := range 12 {
			n := len(data) * i / 12
			try(fmt.Sprintf("cut at %d", n), data[:n])
			bad := bytes.Clone(data)
			bad[n+len(data)/30] ^= 1
			try(fmt.Sprintf("byte %d", n), bad)
		}
		try("last byte missing", data[:len(data)-1])
		try("something else", []byte("PK\x03\x04 and so on"))
	}
}

// forge packs entries into a backup as an attacker could.
func forge(t *testing.T, headers ...*tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	out := tar.NewWriter(z)
	head, _ := json.Marshal(backup.Head{Format: 1, Migration: 1, Database: "sqlite"})
	put := func(h *tar.Header, data []byte) {
		h.Size = int64(len(data))
		if err := out.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	put(&tar.Header{Name: "head.json", Typeflag: tar.TypeReg}, head)
	for _, h := range headers {
		var data []byte
		if h.Typeflag == tar.TypeReg {
			data = []byte("x")
		}
		put(h, data)
	}
	if err := errors.Join(out.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPathTricks(t *testing.T) {
	t.Parallel()
	p := program(steps)
	for name, h := range map[string]*tar.Header{
		"up": {Name: "../evil", Typeflag: tar.TypeReg}, "root": {Name: "/tmp/evil", Typeflag: tar.TypeReg}, "in files": {Name: "files/../../evil", Typeflag: tar.TypeReg},
		"in tables": {Name: "tables/../x.jsonl", Typeflag: tar.TypeReg}, "link": {Name: "secret", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		"hard link": {Name: "database.sqlite", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}, "twice": {Name: "head.json", Typeflag: tar.TypeReg},
		"short hash": {Name: "files/ab", Typeflag: tar.TypeReg}, "other bytes": {Name: "files/" + strings.Repeat("ab", 32), Typeflag: tar.TypeReg},
		"backslash": {Name: `tables\..\x.jsonl`, Typeflag: tar.TypeReg}, "directory": {Name: "files/", Typeflag: tar.TypeDir},
	} {
		to := target(t)
		_, _, err := p.Restore(context.Background(), bytes.NewReader(forge(t, h)), nil, to)
		if errs.KeyOf(err) != "backup.damaged" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Prove(context.Background(), bytes.NewReader(forge(t)), nil); errs.KeyOf(err) != "backup.damaged" {
		t.Errorf("no manifest: %v", err)
	}
}

func TestSecretOfPlainBackup(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	in, p := open(t, dbtest.SQLite(t)), program(steps)
	data := write(t, in, nil)
	to := target(t)
	if _, _, err := p.Restore(ctx, bytes.NewReader(data), nil, to); errs.KeyOf(err) != "backup.secret_needed" {
		t.Errorf("no secret: %v", err)
	}
	to.Secret = filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(to.Secret, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Restore(ctx, bytes.NewReader(data), nil, to); errs.KeyOf(err) != "backup.secret_wrong" {
		t.Errorf("another secret: %v", err)
	}
	to.Secret, to.WithoutSecret = "", true
	if _, _, err := p.Restore(ctx, bytes.NewReader(data), nil, to); err != nil {
		t.Error(err)
	}
}

// TestProofFindsWhatIsWrongInside: a backup that is whole may hold a database that is not.
func TestProofFindsWhatIsWrongInside(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	in := open(t, dbtest.SQLite(t))
	if err := in.Blobs.Each(ctx, func(hash string, _ int64) error { return in.Blobs.Delete(ctx, hash) }); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := in.Write(ctx, &b, nil); err != nil {
		t.Fatal(err)
	}
	p := program(steps)
	p.Tables = append(p.Tables, db.Table{Name: "unmade", Columns: []db.Column{{Name: "id", Kind: db.Int, Key: true}}})
	proof, err := p.Prove(ctx, io.Reader(&b), nil)
	if err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, c := range proof.Checks {
		if !c.OK {
			failed = append(failed, c.Name)
		}
	}
	if got := strings.Join(failed, " "); got != "files registry" {
		t.Errorf("failed: %s", got)
	}
}

// TestBrokenChainIsBackedUpAndTold: a copy is needed most when something is wrong.
func TestBrokenChainIsBackedUpAndTold(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	in := open(t, dbtest.SQLite(t))
	err := db.Do(ctx, in.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO cards (id, extra) VALUES (-9999999999, '{}')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if m, err := in.Write(ctx, &b, nil); err != nil || m.Audit.Fault != "broken chain" {
		t.Fatalf("%+v, %v", m, err)
	}
	p := program(steps)
	if proof, err := p.Prove(ctx, &b, nil); err != nil || proof.OK() {
		t.Errorf("%+v, %v", proof, err)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(backup.Messages(), db.Messages()); err != nil {
		t.Error(err)
	}
}
