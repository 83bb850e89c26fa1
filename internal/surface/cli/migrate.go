package cli

import (
	"context"
	"errors"

	"dianke/internal/app"
	"dianke/internal/platform/db"
)

type migrateCmd struct {
	Status migrateStatusCmd `cmd:"" help:"Show the version of the database and of the program; changes nothing."`
	Up     migrateUpCmd     `cmd:"" help:"Apply the migrations that are missing, as serve does at its start."`
}

type migrateStatusCmd struct{}

// Run compares the versions; exit code 1 where the database is newer than the program.
func (migrateStatusCmd) Run(ctx context.Context, s *shell) error {
	return s.database(ctx, func(d *db.DB) error {
		have, known, err := d.Version(ctx, app.Migrations())
		if err != nil {
			return err
		}
		s.say("database %s at version %d, program knows %d", d.Dialect(), have, known)
		switch {
		case have > known:
			return &db.NewerError{Database: have, Program: known}
		case have < known:
			s.say("%d to apply: dianke migrate up", known-have)
		default:
			s.say("nothing to apply")
		}
		return nil
	})
}

type migrateUpCmd struct{}

// Run applies the missing migrations.
func (migrateUpCmd) Run(ctx context.Context, s *shell) error {
	return s.database(ctx, func(d *db.DB) error {
		n, err := d.Migrate(ctx, app.Migrations())
		if err != nil {
			return err
		}
		s.say("%d applied", n)
		return nil
	})
}

// database opens the database of the configuration and nothing else.
func (s *shell) database(ctx context.Context, fn func(d *db.DB) error) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, cfg.Database, cfg.DatabaseFile())
	if err != nil {
		return err
	}
	return errors.Join(fn(d), d.Close())
}
