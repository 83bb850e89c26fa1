package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// NewerError says that the database was written by a newer program. Nothing was changed.
type NewerError struct {
	Database int64 // version found
	Program  int64 // highest version this program knows
}

// Error names both versions.
func (e *NewerError) Error() string {
	return fmt.Sprintf("the database is at version %d, this program knows only up to %d: install the newer program", e.Database, e.Program)
}

// Migrate applies the numbered files of migrations/<dialect> that are missing and returns how many it applied.
// It refuses a database of a higher version with [NewerError]. Each file runs in a transaction of its own.
func (d *DB) Migrate(ctx context.Context, files fs.FS) (int, error) {
	provider, err := d.provider(files)
	if errors.Is(err, goose.ErrNoMigrations) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if err := d.checkVersion(ctx, provider); err != nil {
		return 0, err
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// Version returns the version of the database and the highest the program knows.
func (d *DB) Version(ctx context.Context, files fs.FS) (database, program int64, err error) {
	provider, err := d.provider(files)
	if errors.Is(err, goose.ErrNoMigrations) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	database, err = provider.GetDBVersion(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("read version: %w", err)
	}
	if list := provider.ListSources(); len(list) > 0 {
		program = list[len(list)-1].Version
	}
	return database, program, nil
}

func (d *DB) provider(files fs.FS) (*goose.Provider, error) {
	sub, err := fs.Sub(files, d.dialect.String())
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	if d.dialect == Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, d.write, sub)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return p, nil
}

func (d *DB) checkVersion(ctx context.Context, p *goose.Provider) error {
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read version: %w", err)
	}
	var known int64
	if list := p.ListSources(); len(list) > 0 {
		known = list[len(list)-1].Version
	}
	if version > known {
		return &NewerError{Database: version, Program: known}
	}
	return nil
}
