package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"

	"pgregory.net/rapid"
)

func lines(t testing.TB, d *db.DB, table db.Table, after any, limit int) []string {
	t.Helper()
	ctx := context.Background()
	out, err := db.View(ctx, d, func(tx *db.Tx) ([]string, error) {
		var out []string
		err := tx.Lines(ctx, table, after, limit, func(_ any, line []byte) error {
			out = append(out, string(line))
			return nil
		})
		return out, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func insert(t testing.TB, d *db.DB, table db.Table, list ...string) {
	t.Helper()
	ctx := context.Background()
	raw := make([][]byte, len(list))
	for i, l := range list {
		raw[i] = []byte(l)
	}
	if err := db.Do(ctx, d, func(tx *db.Tx) error { return tx.InsertLines(ctx, table, raw) }); err != nil {
		t.Fatal(err)
	}
}

// TestLinesAreAlikeOnBothDatabases: what one database writes the other takes and writes again, to the byte.
func TestLinesAreAlikeOnBothDatabases(t *testing.T) {
	t.Parallel()
	rows := []string{
		`{"id":1,"name":"张伟 \u003cb\u003e ' \" \\","seen_at":"2026-03-02T06:05:06.123456Z","born_on":"1949-12-31","done":true,"extra":{"a":[1,2.5,100],"b":null},"raw":"AAH/"}`,
		`{"id":2,"name":"","done":false,"extra":{},"raw":""}`,
		`{"id":9007199254740993,"name":"𠮷😀","seen_at":"1900-01-01T00:00:00Z","done":false,"extra":"text","raw":"AA=="}`,
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dbtest.Make(t, d, things)
		insert(t, d, things, rows...)
		if got := lines(t, d, things, nil, 0); !slices.Equal(got, rows) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(rows, "\n"))
		}
		if got := lines(t, d, things, int64(1), 1); len(got) != 1 || got[0] != rows[1] {
			t.Errorf("after 1: %v", got)
		}
	})
}

// TestTextKeysHaveOneOrder: capital letters and Chinese stand alike whatever the collation of the server.
func TestTextKeysHaveOneOrder(t *testing.T) {
	t.Parallel()
	series := db.Table{Name: "series", Columns: []db.Column{{Name: "name", Key: true}, {Name: "next", Kind: db.Int}}}
	want := []string{`{"name":"B","next":1}`, `{"name":"_","next":2}`, `{"name":"a","next":3}`, `{"name":"ä","next":4}`, `{"name":"丙","next":5}`}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dbtest.Make(t, d, series)
		insert(t, d, series, want[3], want[0], want[4], want[2], want[1])
		if got := lines(t, d, series, nil, 0); !slices.Equal(got, want) {
			t.Errorf("order %v", got)
		}
		if got := lines(t, d, series, "_", 0); !slices.Equal(got, want[2:]) {
			t.Errorf("after _: %v", got)
		}
	})
}

func TestLineRoundTrip(t *testing.T) {
	t.Parallel()
	cols := things.Columns
	rapid.Check(t, func(r *rapid.T) {
		raw := []any{
			rapid.Int64().Draw(r, "id"), rapid.StringN(0, 20, -1).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) }).Draw(r, "name"),
			nil, nil, rapid.Bool().Draw(r, "done"), fmt.Sprintf(`{"n":%d}`, rapid.Int64().Draw(r, "n")), rapid.SliceOf(rapid.Byte()).Draw(r, "raw"),
		}
		line, err := db.Line(cols, raw)
		if err != nil {
			r.Fatal(err)
		}
		values, err := db.ParseLine(cols, line)
		if err != nil {
			r.Fatal(err)
		}
		again, err := db.Line(cols, values)
		if err != nil || string(again) != string(line) {
			r.Fatalf("%s became %s, %v", line, again, err)
		}
	})
}

func TestLineSaysWhatCannotBeKept(t *testing.T) {
	t.Parallel()
	for want, raw := range map[string]any{
		"name: holds a zero character": "a\x00b", "name: holds bytes that are no UTF-8": "a\xff", "name: holds int64": int64(1),
	} {
		if _, err := db.Line(things.Columns[1:2], []any{raw}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	for _, line := range []string{``, `[]`, `{"id":"x"}`, `{"unknown":1}`, `{"seen_at":"yesterday"}`} {
		if _, err := db.ParseLine(things.Columns, []byte(line)); err == nil {
			t.Errorf("%s was taken", line)
		}
	}
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	d := dbtest.Postgres(t)
	dbtest.Make(t, d, things)
	got, err := d.Catalogue(context.Background(), func(string) bool { return false })
	if err != nil || len(got) != 1 || !slices.Equal(got[0].Columns, things.Columns) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCopyWhileOthersWrite(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := dbtest.SQLite(t)
	dbtest.Make(t, d, things, db.Table{Name: "found", Raw: map[db.Dialect][]string{db.SQLite: {"CREATE VIRTUAL TABLE found USING fts5(tokens)"}}})
	insert(t, d, things, `{"id":1,"name":"a","done":false,"extra":{},"raw":""}`)
	path := filepath.Join(t.TempDir(), "copy ü.db")
	err := db.Do(ctx, d, func(tx *db.Tx) error { // a writer is at work
		if _, err := tx.Exec(ctx, "INSERT INTO things (id, name) VALUES (2, 'b')"); err != nil {
			return err
		}
		return d.CopyTo(ctx, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.CopyTo(ctx, path); err == nil {
		t.Error("a file was overwritten")
	}
	c, err := db.OpenAlone(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if got := lines(t, c, things, nil, 0); len(got) != 1 {
		t.Errorf("copy holds %v", got)
	}
	if names, err := c.Names(ctx); err != nil || !slices.Equal(names, []string{"things"}) {
		t.Errorf("names %v, %v", names, err)
	}
	if err := db.Do(ctx, c, func(tx *db.Tx) error { _, err := tx.Exec(ctx, "DELETE FROM things"); return err }); err == nil {
		t.Error("a database held alone was written")
	}
}

func TestAloneMeansAlone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d, err := db.Open(ctx, "", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Make(t, d, things)
	if _, err := db.OpenAlone(ctx, d.Path()); !errors.Is(err, db.ErrBusy) {
		t.Errorf("beside another: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	alone, err := db.OpenAlone(ctx, d.Path())
	if err != nil {
		t.Fatal(err)
	}
	if other, err := db.OpenAlone(ctx, d.Path()); !errors.Is(err, db.ErrBusy) {
		t.Errorf("second: %v, %v", other, err)
	}
	if err := alone.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.OpenAlone(ctx, filepath.Join(t.TempDir(), "none.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestMigrateToStopsThere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		files := fstest.MapFS{}
		for _, dir := range []string{"sqlite", "postgres"} {
			for i, name := range []string{"a", "b", "c"} {
				files[fmt.Sprintf("%s/000%d_%s.sql", dir, i+1, name)] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE " + name + " (id INTEGER PRIMARY KEY);\n")}
			}
		}
		if err := d.MigrateTo(ctx, files, 2); err != nil {
			t.Fatal(err)
		}
		if names, err := d.Names(ctx); err != nil || !slices.Equal(names, []string{"a", "b"}) {
			t.Errorf("names %v, %v", names, err)
		}
		if err := d.MigrateTo(ctx, files, 2); err != nil {
			t.Errorf("again: %v", err)
		}
	})
}

// TestFullDisk: SQLite says the same of a file that may not grow as of a disk that is full.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := dbtest.SQLite(t)
	dbtest.Make(t, d, things)
	limit := func(n int) {
		if _, err := d.Writer().ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
			t.Fatal(err)
		}
	}
	write := func(id int) error {
		return db.Do(ctx, d, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO things (id, name, raw) VALUES (?, ?, ?)", id, fmt.Sprint(id), make([]byte, 1<<16))
			return err
		})
	}
	if err := write(1); err != nil {
		t.Fatal(err)
	}
	limit(1)
	if err := write(2); errs.KeyOf(err) != "db.full" || !errs.Is(err, errs.Unavailable) {
		t.Errorf("write on a full disk: %v", err)
	}
	if got := lines(t, d, things, nil, 0); len(got) != 1 {
		t.Errorf("%d rows are read", len(got))
	}
	limit(1 << 20)
	if err := write(2); err != nil {
		t.Errorf("after room was made: %v", err)
	}
	if err := d.Ping(ctx); err != nil || errors.Is(err, sql.ErrConnDone) {
		t.Error(err)
	}
}
