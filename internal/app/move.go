package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"dianke/internal/engine/audit"
	"dianke/internal/platform/backup/move"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/jobs"
)

// Move copies the SQLite database of a configuration into an empty PostgreSQL database, or goes on with a move that broke
// off. The source is held alone and not changed; a server that has it open is a Conflict (backup.move.busy). Waiting jobs
// are taken along, the search index is made anew, the audit log walked.
func Move(ctx context.Context, cfg config.Config, to string, say func(table string, rows int64)) (n move.Counts, err error) {
	secret, err := os.ReadFile(cfg.SecretFile)
	if err != nil {
		return n, fmt.Errorf("secret: %w", err)
	}
	origin, err := markOf(secret)
	if err != nil {
		return n, err
	}
	source, err := db.OpenAlone(ctx, cfg.DatabaseFile())
	if errors.Is(err, db.ErrBusy) {
		return n, errs.New(errs.Conflict, "backup.move.busy").Because(err)
	}
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := db.Open(ctx, to, "")
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	moved := cfg
	moved.Database = to
	m := &move.Move{Source: source, Target: target, Migrations: Migrations(), Origin: origin, Say: say}
	m.Index = func(ctx context.Context) error { return settle(ctx, moved, source) }
	return m.Run(ctx)
}

// settle does what must hold of the target as a whole.
func settle(ctx context.Context, cfg config.Config, source *db.DB) (err error) {
	a, err := Open(ctx, cfg, Options{Arriving: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Reindex(ctx); err != nil {
		return err
	}
	if err := a.Jobs.Migrate(ctx); err != nil {
		return err
	}
	waiting, err := db.View(ctx, source, func(tx *db.Tx) ([]jobs.Waiting, error) { return jobs.Waits(ctx, tx) })
	if err != nil {
		return err
	}
	return db.Do(ctx, a.DB, func(tx *db.Tx) error {
		entries, head, err := audit.Verify(ctx, tx)
		if err != nil {
			return fmt.Errorf("audit log: %w", err)
		}
		if err := jobs.Carry(ctx, tx, waiting); err != nil {
			return err
		}
		return a.Store.Audit.Append(ctx, tx, audit.Entry{Actor: "system:move", Via: "cli", Verb: "instance.move", Detail: map[string]any{"entries": entries, "head": head}})
	})
}
