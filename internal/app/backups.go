package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/platform/backup"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/platform/jobs"
	"dianke/internal/platform/vault"
)

const (
	backupDueJob   = "backup.due"
	backupJob      = "backup.make"
	proofJob       = "backup.prove"
	backupDueEvery = time.Minute
	backupLimit    = 6 * time.Hour
)

// BackupProgram is what backups need to know of this program, without any instance.
func BackupProgram() (backup.Program, error) {
	types, err := Registry()
	if err != nil {
		return backup.Program{}, err
	}
	return backup.Program{
		Version: Version, Clock: clock.System{}, Migrations: Migrations(), Tables: Tables(types), Chain: audit.Verify, Mark: markOf,
		Holds: []string{"record_files.hash"},
	}, nil
}

// markOf tells secrets apart by a keyed hash of a constant.
func markOf(secret []byte) (string, error) {
	raw, err := hex.DecodeString(strings.TrimSpace(string(secret)))
	if err != nil {
		return "", fmt.Errorf("the secret does not hold hexadecimal digits: %w", err)
	}
	keys, err := vault.New(raw)
	if err != nil {
		return "", err
	}
	return keys.Blind("instance", "backup")[:16], nil
}

// backups builds the keeper of backups.
func (a *App) backups() {
	a.Backups = &backup.Keeper{
		Instance: backup.Instance{
			Program: backup.Program{
				Version: Version, Clock: a.Clock, Migrations: Migrations(), Tables: Tables(a.Types), Chain: audit.Verify, Mark: markOf, Holds: []string{"record_files.hash"},
			},
			DB: a.DB, Blobs: a.Blobs, SecretFile: a.Config.SecretFile,
		},
		Plan: backup.Plan{
			To: a.Config.BackupPlace(), KeyFile: a.Config.BackupKeyFile, At: a.Config.BackupAt, Keep: a.Config.BackupKeep, Zone: a.Config.Zone,
		},
		NextID: func() int64 { return int64(a.Store.IDs.Next()) },
		Failed: a.backupFailed,
	}
}

// backupFailed tells the administrators.
func (a *App) backupFailed(ctx context.Context, r backup.Run) error {
	a.Log.ErrorContext(ctx, "backup or proof failed", "kind", r.Kind, "name", r.Name, "error", r.Detail.Fault)
	return a.InTx(ctx, "backup", "job", func(c *record.Call) error {
		to, err := org.Holders(ctx, c.Tx, identity.AdministratorKey, 0, c.Now)
		if err != nil {
			return err
		}
		return notice.Send(ctx, c, notice.Message{Key: "backup.notice." + r.Kind, Args: map[string]any{"name": r.Name}, Urgency: "urgent"}, to...)
	})
}

// backupJobs lets backups be made by schedule and asked for by the page.
func (a *App) backupJobs() error {
	err := a.Jobs.HandleLong(backupDueJob, backupLimit, func(ctx context.Context, _ []byte) error { return a.onceTold(a.Backups.Due(ctx)) })
	if err == nil {
		err = a.Jobs.Every(backupDueJob, backupDueEvery)
	}
	if err == nil {
		err = a.Jobs.HandleLong(backupJob, backupLimit, func(ctx context.Context, _ []byte) error {
			_, err := a.Backups.Back(ctx, "page")
			return a.onceTold(err)
		})
	}
	if err == nil {
		err = a.Jobs.HandleLong(proofJob, backupLimit, func(ctx context.Context, payload []byte) error {
			var name string
			if err := json.Unmarshal(payload, &name); err != nil {
				return jobs.Permanent(fmt.Errorf("proof job: %w", err))
			}
			_, err := a.Backups.Prove(ctx, name, "page")
			return a.onceTold(err)
		})
	}
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// onceTold keeps a run that failed from being tried again and again: it is booked and told, the next one is by schedule
// or by a person.
func (a *App) onceTold(err error) error {
	if err == nil {
		return nil
	}
	return jobs.Permanent(err)
}

// AskBackup enqueues a backup of the place of the plan, or the proof of the one that is named; who asked stands in the
// audit log.
func (a *App) AskBackup(ctx context.Context, by access.Actor, proof string) error {
	kind, verb, detail := backupJob, "instance.backup", map[string]any(nil)
	if proof != "" {
		kind, verb, detail = proofJob, "instance.prove", map[string]any{"name": proof}
	}
	err := db.Do(ctx, a.DB, func(tx *db.Tx) error {
		return a.Store.Audit.Append(ctx, tx, audit.Entry{Actor: by.Label(), Via: by.Via, Address: by.Address, Verb: verb, Detail: detail})
	})
	if err != nil {
		return err
	}
	if err := a.Jobs.Enqueue(ctx, kind, proof, jobs.Job{Key: "page", MaxAttempts: 1}); err == nil {
		return nil
	}
	// Where no jobs run the reader waits for it.
	if proof != "" {
		_, err = a.Backups.Prove(ctx, proof, "page")
	} else {
		_, err = a.Backups.Back(ctx, "page")
	}
	return err
}

// BackupTarget is where a backup is restored to: a data directory as a default configuration would use it.
func BackupTarget(dir string) backup.Target {
	c := config.Config{DataDir: dir}
	return backup.Target{Dir: dir, DatabaseFile: c.DatabaseFile(), FilesDir: c.BlobDir(), SecretFile: c.DataDir + "/secret"}
}

// Reindex makes the search tokens of all records anew. It may be repeated, and begun again after it broke off.
func (a *App) Reindex(ctx context.Context) error {
	for _, t := range a.Types.Types() {
		for after := record.ID(0); ; {
			next, err := db.InTx(ctx, a.DB, func(tx *db.Tx) (record.ID, error) { return a.Store.Reindex(ctx, tx, t, after, 500) })
			if err != nil {
				return fmt.Errorf("search index: %w", err)
			}
			if next == 0 {
				break
			}
			after = next
		}
	}
	return nil
}
