package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"time"
)

// Registry returns all declared types without opening anything.
func Registry() (*record.Registry, error) {
	a := &App{Types: record.NewRegistry(), Clock: clock.System{}, Config: config.Config{Zone: time.UTC}}
	if err := a.engine(); err != nil {
		return nil, err
	}
	return a.Types, nil
}

// Missing returns the statements that a migrated database still lacks against the declared tables; none when registry
// and migrations agree.
func Missing(ctx context.Context, d *db.DB) ([]string, error) {
	reg, err := Registry()
	if err != nil {
		return nil, err
	}
	if _, err := d.Migrate(ctx, Migrations()); err != nil {
		return nil, err
	}
	shape, err := d.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	return db.Diff(d.Dialect(), shape, Tables(reg))
}

var migrationName = regexp.MustCompile(`^[a-z][a-z0-9_]{2,40}$`)

// DraftMigration writes the next numbered file for the database into dir/<dialect>, from the difference between the
// declared tables and what the migrations make, and returns its path; "" where nothing is missing. It is for
// development; the file is read by a person before it is committed and never edited after a release.
func DraftMigration(ctx context.Context, d *db.DB, dir, name string) (string, error) {
	if !migrationName.MatchString(name) {
		return "", fmt.Errorf("migration name %q: want lower-case letters, digits and _", name)
	}
	stmts, err := Missing(ctx, d)
	if err != nil || len(stmts) == 0 {
		return "", err
	}
	version, _, err := d.Version(ctx, Migrations())
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("-- +goose Up\n")
	for _, s := range stmts {
		b.WriteString(s + ";\n")
	}
	path := filepath.Join(dir, d.Dialect().String(), fmt.Sprintf("%04d_%s.sql", version+1, name))
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		return "", fmt.Errorf("write migration: %w", err)
	}
	return path, nil
}
