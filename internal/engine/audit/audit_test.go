package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"dianke/internal/engine/audit"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

func fill(t *testing.T, d *db.DB, n int) {
	t.Helper()
	ctx := context.Background()
	dbtest.Make(t, d, audit.Tables()...)
	fake := clock.NewFake(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	log := audit.New(fake)
	for i := range n {
		fake.Advance(time.Second)
		err := db.Do(ctx, d, func(tx *db.Tx) error {
			return log.Append(ctx, tx, audit.Entry{Actor: "a", Verb: "case.close", Via: "web", Detail: map[string]any{"i": i}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func verify(t *testing.T, d *db.DB) (int64, error) {
	t.Helper()
	ctx := context.Background()
	return db.View(ctx, d, func(tx *db.Tx) (int64, error) {
		n, _, err := audit.Verify(ctx, tx)
		return n, err
	})
}

func TestVerifyFindsEveryKindOfTampering(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sql  string
		want int64
	}{
		"changed verb":   {"UPDATE audit_log SET verb = 'case.open' WHERE seq = 3", 3},
		"changed detail": {"UPDATE audit_log SET detail = '' WHERE seq = 5", 5},
		"removed":        {"DELETE FROM audit_log WHERE seq = 2", 2},
		"tail removed":   {"DELETE FROM audit_log WHERE seq = 5", 5},
		"all removed":    {"DELETE FROM audit_log", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				fill(t, d, 5)
				if n, err := verify(t, d); n != 5 || err != nil {
					t.Fatalf("before: %d, %v", n, err)
				}
				ctx := context.Background()
				if err := db.Do(ctx, d, func(tx *db.Tx) error { _, err := tx.Exec(ctx, tt.sql); return err }); err != nil {
					t.Fatal(err)
				}
				var broken *audit.Broken
				if _, err := verify(t, d); !errors.As(err, &broken) || broken.Seq != tt.want {
					t.Errorf("Verify = %v, want broken at %d", err, tt.want)
				}
			})
		})
	}
}

func TestListNewestFirst(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	fill(t, d, 5)
	ctx := context.Background()
	list, err := db.View(ctx, d, func(tx *db.Tx) ([]audit.Entry, error) {
		return audit.List(ctx, tx, audit.Find{Verb: "case.", Actor: "a", Limit: 2, Before: 5})
	})
	if err != nil || len(list) != 2 || list[0].Seq != 4 || list[0].Detail["i"] != 3.0 {
		t.Errorf("List = %+v, %v", list, err)
	}
}
