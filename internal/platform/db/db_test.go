package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

var things = db.Table{
	Name: "things",
	Columns: []db.Column{
		{Name: "id", Kind: db.Int, Key: true}, {Name: "name"}, {Name: "seen_at", Kind: db.Instant, Null: true},
		{Name: "born_on", Kind: db.Date, Null: true}, {Name: "done", Kind: db.Bool}, {Name: "extra", Kind: db.JSON},
		{Name: "raw", Kind: db.Bytes},
	},
	Indexes: []db.Index{{Columns: []string{"name"}, Unique: true}},
}

func TestValuesComeBackAlike(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		dbtest.Make(t, d, things)
		at := time.Date(2026, 3, 2, 14, 5, 6, 123456789, time.FixedZone("CST", 8*3600))
		err := db.Do(ctx, d, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO things (id, name, seen_at, born_on, done, extra, raw) VALUES (?, ?, ?, ?, ?, ?, ?)",
				1, "什么'?", at, db.Day(at), true, `{"a": 1}`, []byte{0, 1})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var seen, born time.Time
		var name, extra string
		var done bool
		_, err = db.View(ctx, d, func(tx *db.Tx) (int, error) {
			return 0, tx.QueryRow(ctx, "SELECT name, seen_at, born_on, done, extra FROM things WHERE name = ? AND '?' <> ?", "什么'?", "x").
				Scan(&name, db.Time(&seen), db.Time(&born), &done, &extra)
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := at.UTC().Truncate(time.Microsecond); !seen.Equal(want) || !done || extra == "" {
			t.Errorf("seen %v, want %v; done %v; extra %q", seen, want, done, extra)
		}
		if got := born.Format(time.DateOnly); got != "2026-03-02" {
			t.Errorf("born %s", got)
		}
	})
}

func TestRollbackAndAfterCommit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		dbtest.Make(t, d, things)
		calls := 0
		boom := errors.New("boom")
		err := db.Do(ctx, d, func(tx *db.Tx) error {
			tx.AfterCommit(func() { calls++ })
			if _, err := tx.Exec(ctx, "INSERT INTO things (id, name) VALUES (1, 'a')"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || calls != 0 {
			t.Errorf("err %v, calls %d", err, calls)
		}
		insert := func(id int) error {
			return db.Do(ctx, d, func(tx *db.Tx) error {
				tx.AfterCommit(func() { calls++ })
				_, err := tx.Exec(ctx, "INSERT INTO things (id, name) VALUES (?, 'a')", id)
				return err
			})
		}
		if err := insert(1); err != nil || calls != 1 {
			t.Fatalf("err %v, calls %d", err, calls)
		}
		if err := insert(2); !db.IsUnique(err) {
			t.Errorf("second insert: %v, want a unique violation", err)
		}
	})
}

func TestDiffAddsOnlyWhatIsMissing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		dbtest.Make(t, d, things)
		grown := things
		grown.Columns = append(append([]db.Column{}, things.Columns...), db.Column{Name: "colour"}, db.Column{Name: "weight", Kind: db.Int, Null: true})
		grown.Indexes = append(append([]db.Index{}, things.Indexes...), db.Index{Columns: []string{"colour"}})
		shape, err := d.Inspect(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := db.Diff(d.Dialect(), shape, []db.Table{things}); err != nil || len(got) != 0 {
			t.Fatalf("no change gives %q, %v", got, err)
		}
		stmts, err := db.Diff(d.Dialect(), shape, []db.Table{grown})
		if err != nil || len(stmts) != 3 {
			t.Fatalf("diff = %q, %v", stmts, err)
		}
		if err := db.Do(ctx, d, func(tx *db.Tx) error {
			for _, s := range stmts {
				if _, err := tx.Exec(ctx, s); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		shape, _ = d.Inspect(ctx)
		if got, err := db.Diff(d.Dialect(), shape, []db.Table{grown}); err != nil || len(got) != 0 {
			t.Errorf("after applying: %q, %v", got, err)
		}
		other := things
		other.Columns = []db.Column{{Name: "name", Kind: db.Int}}
		if _, err := db.Diff(d.Dialect(), shape, []db.Table{other}); err == nil {
			t.Error("a changed type was accepted")
		}
	})
}

func TestMigrateRefusesNewerDatabase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		one := "-- +goose Up\nCREATE TABLE a (id INTEGER PRIMARY KEY);\n"
		two := "-- +goose Up\nCREATE TABLE b (id INTEGER PRIMARY KEY);\n"
		both := fstest.MapFS{}
		old := fstest.MapFS{}
		for _, dir := range []string{"sqlite", "postgres"} {
			old[dir+"/0001_a.sql"] = &fstest.MapFile{Data: []byte(one)}
			both[dir+"/0001_a.sql"] = old[dir+"/0001_a.sql"]
			both[dir+"/0002_b.sql"] = &fstest.MapFile{Data: []byte(two)}
		}
		if n, err := d.Migrate(ctx, both); err != nil || n != 2 {
			t.Fatalf("Migrate = %d, %v", n, err)
		}
		if n, err := d.Migrate(ctx, both); err != nil || n != 0 {
			t.Errorf("again = %d, %v", n, err)
		}
		var newer *db.NewerError
		if _, err := d.Migrate(ctx, old); !errors.As(err, &newer) || newer.Database != 2 || newer.Program != 1 {
			t.Errorf("older program: %v", err)
		}
	})
}

func TestOpenRefusesUnknownAddress(t *testing.T) {
	t.Parallel()
	_, err := db.Open(context.Background(), "mysql://root:secret@host/x", "")
	if err == nil {
		t.Fatal("no error")
	}
	if got := err.Error(); got == "" || strings.Contains(got, "secret") {
		t.Errorf("message %q shows the password", got)
	}
}
