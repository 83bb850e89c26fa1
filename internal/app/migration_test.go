package app_test

import (
	"context"
	"flag"
	"testing"

	"dianke/internal/app"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

var draft = flag.String("draft", "", "write the next migration of this name instead of comparing")

func TestMigrationsAgreeWithTheRegistry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if *draft != "" {
			path, err := app.DraftMigration(context.Background(), d, "migrations", *draft)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("wrote %q", path)
			return
		}
		missing, err := app.Missing(context.Background(), d)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range missing {
			t.Errorf("no migration for: %s", s)
		}
	})
}
