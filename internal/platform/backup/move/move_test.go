package move_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"dianke/internal/platform/backup/move"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

var tables = []db.Table{
	{Name: "cards", Columns: []db.Column{{Name: "id", Kind: db.Int, Key: true}, {Name: "name"}, {Name: "at", Kind: db.Instant, Null: true}, {Name: "vip", Kind: db.Bool}, {Name: "extra", Kind: db.JSON}, {Name: "w", Kind: db.Real, Null: true}}},
	{Name: "pairs", Columns: []db.Column{{Name: "a", Kind: db.Int}, {Name: "b"}}},
	{Name: "series", Columns: []db.Column{{Name: "name", Key: true}, {Name: "next", Kind: db.Int}}},
}

func migrations() fstest.MapFS {
	out := fstest.MapFS{}
	for _, d := range []db.Dialect{db.SQLite, db.Postgres} {
		text := "-- +goose Up\n"
		for _, t := range tables {
			text += strings.Join(t.Create(d), ";\n") + ";\n"
		}
		out[d.String()+"/0001_x.sql"] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// source returns the path of a filled SQLite database that nobody has open.
func source(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.db")
	change(t, path, func(ctx context.Context, tx *db.Tx) error {
		for i := range 2500 {
			if _, err := tx.Exec(ctx, "INSERT INTO cards (id, name, at, vip, extra, w) VALUES (?, ?, ?, ?, ?, ?)", (i+1)*7, fmt.Sprintf("客户 %d", i), "2026-01-02T03:04:05.000006Z", i%2, `{"b": 1e2, "a": [1.50, null]}`, i); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "INSERT INTO pairs (a, b) VALUES (1, 'x')")
		if err == nil {
			_, err = tx.Exec(ctx, "INSERT INTO series (name, next) VALUES ('b', 1), ('A', 2), ('_', 3)")
		}
		return err
	})
	return path
}

func change(t *testing.T, path string, fn func(context.Context, *db.Tx) error) {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, "", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrate(ctx, migrations()); err != nil {
		t.Fatal(err)
	}
	err = db.Do(ctx, d, func(tx *db.Tx) error { return fn(ctx, tx) })
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, path string, target *db.DB, set func(*move.Move)) (move.Counts, error) {
	t.Helper()
	ctx := context.Background()
	s, err := db.OpenAlone(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	m := &move.Move{Source: s, Target: target, Migrations: migrations(), Origin: "one", Batch: 100}
	if set != nil {
		set(m)
	}
	return m.Run(ctx)
}

func TestMove(t *testing.T) {
	t.Parallel()
	path, target := source(t), dbtest.Postgres(t)
	indexed := false
	n, err := run(t, path, target, func(m *move.Move) { m.Index = func(context.Context) error { indexed = true; return nil } })
	if err != nil || n.Rows != 2504 || n.Tables != 3 || n.Resumed != 0 || !indexed {
		t.Fatalf("%+v, %v", n, err)
	}
	if left, err := move.Unfinished(context.Background(), target); left || err != nil {
		t.Errorf("unfinished %t, %v", left, err)
	}
	if _, err := run(t, path, target, nil); errs.KeyOf(err) != "backup.move.not_empty" {
		t.Errorf("again: %v", err)
	}
}

// TestMoveGoesOn: killed after any batch it goes on; what the source has changed meanwhile is carried too.
func TestMoveGoesOn(t *testing.T) {
	t.Parallel()
	path, target := source(t), dbtest.Postgres(t)
	killed := errors.New("killed")
	first, err := run(t, path, target, func(m *move.Move) { m.After = func(context.Context) error { return killed } })
	if !errors.Is(err, killed) || first.Rows != 2504 {
		t.Fatalf("%+v, %v", first, err)
	}
	if left, err := move.Unfinished(context.Background(), target); !left || err != nil {
		t.Errorf("unfinished %t, %v", left, err)
	}
	if _, err := run(t, path, target, func(m *move.Move) { m.Origin = "another" }); errs.KeyOf(err) != "backup.move.not_empty" {
		t.Errorf("of another instance: %v", err)
	}
	change(t, path, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE cards SET name = 'changed' WHERE id = 7")
		return err
	})
	n, err := run(t, path, target, nil)
	if err != nil || n.Resumed != 2504 || n.Again != 1 || n.Rows != 2504 {
		t.Errorf("%+v, %v", n, err)
	}
}

// TestMoveStoppedWithinATable goes on behind the last batch.
func TestMoveStoppedWithinATable(t *testing.T) {
	t.Parallel()
	path, target := source(t), dbtest.Postgres(t)
	change(t, path, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE cards SET name = 'a' || char(0) || 'b' WHERE id = 14000")
		return err
	})
	_, err := run(t, path, target, nil)
	if errs.KeyOf(err) != "backup.move.value" || !strings.Contains(fmt.Sprint(errs.As(err).Args["reason"]), "cards 14000: column name: holds a zero character") {
		t.Fatalf("a zero character: %v", err)
	}
	change(t, path, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE cards SET name = 'ab' WHERE id = 14000")
		return err
	})
	if n, err := run(t, path, target, nil); err != nil || n.Resumed != 1900 || n.Again != 0 || n.Rows != 2504 {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestMoveFindsADifference(t *testing.T) {
	t.Parallel()
	path, target := source(t), dbtest.Postgres(t)
	ctx := context.Background()
	if _, err := target.Migrate(ctx, migrations()); err != nil {
		t.Fatal(err)
	}
	// A server that alters what is written to it.
	err := db.Do(ctx, target, func(tx *db.Tx) error {
		for _, s := range []string{
			"CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 700 THEN NEW.w = 0.5; END IF; RETURN NEW; END $$",
			"CREATE TRIGGER spoil BEFORE INSERT ON cards FOR EACH ROW EXECUTE FUNCTION spoil()", "DELETE FROM goose_db_version WHERE version_id < 0",
		} {
			if _, err := tx.Exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, path, target, nil); errs.KeyOf(err) != "backup.move.differs" || errs.As(err).Args["row"] != "700" {
		t.Errorf("err %v", err)
	}
}
