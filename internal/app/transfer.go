package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/config"
	"dianke/internal/platform/jobs"
)

const (
	importJob   = "import.run"
	resumeJob   = "import.resume"
	resumeEvery = 30 * time.Second
)

// transfers builds the desk of imports and exports.
func (a *App) transfers() {
	a.Transfers = &transfer.Desk{
		DB: a.DB, Store: a.Store, Runner: a.Runner, Guard: a.Guard, Blobs: a.Blobs, Clock: a.Clock, Texts: a.Catalog, Zone: a.Config.Zone,
		Same: map[string][]transfer.Identity{
			"customer": {
				{Fields: []string{"credit_code"}}, {Fields: []string{"id_card"}}, {Fields: []string{"mobile"}}, {Fields: []string{"mail"}},
				{Fields: []string{"name"}, When: map[string]string{"kind": "organisation"}},
			},
			"contact": {{Fields: []string{"customer_id", "mobile"}}, {Fields: []string{"customer_id", "mail"}}, {Fields: []string{"customer_id", "name"}}},
			"case":    {{Fields: []string{"source_ref"}}},
		},
		Defaults: map[string]map[string]string{"customer": {"source": "import", "legal_basis": "contract"}},
		Dates: []transfer.Dated{
			{Type: "task", Field: "due_at"}, {Type: "promise", Field: "due_at"}, {Type: "customer", Field: "next_contact"}, {Type: "customer", Field: "next_visit"},
			{Type: "interaction", Field: "next_at"}, {Type: "case", Field: "next_step_on"}, {Type: "case", Field: "promised_at"},
		},
		Past: func(t *record.Type) bool {
			return slices.Contains([]string{"workbench", "customer", "service"}, t.Room)
		},
		Queue: func(ctx context.Context, id record.ID) error {
			return a.Jobs.Enqueue(ctx, importJob, id, jobs.Job{Key: id.String()})
		},
	}
}

// importJobs lets imports run in the background, and those go on whose process was stopped.
func (a *App) importJobs() error {
	err := a.Jobs.Handle(importJob, func(ctx context.Context, payload []byte) error {
		var id record.ID
		if err := json.Unmarshal(payload, &id); err != nil {
			return fmt.Errorf("import job: %w", jobs.Permanent(err))
		}
		return a.Transfers.Work(ctx, id)
	})
	if err == nil {
		err = a.Jobs.Handle(resumeJob, func(ctx context.Context, _ []byte) error { return a.Transfers.Resume(ctx) })
	}
	if err == nil {
		err = a.Jobs.Every(resumeJob, resumeEvery)
	}
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// Archive carries a whole instance out and in.
func (a *App) Archive() *transfer.Archive {
	return &transfer.Archive{DB: a.DB, Store: a.Store, Blobs: a.Blobs, Keys: a.Keys, Tables: Tables(a.Types), Migrations: Migrations()}
}

// AdoptSecret gives an instance that has none yet the secret of another, so that what was sealed there opens here. An
// instance that has a secret of its own keeps it: that is an error, unless both are the same.
func AdoptSecret(cfg config.Config, from string) error {
	secret, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	own, err := os.ReadFile(cfg.SecretFile)
	switch {
	case err == nil && bytes.Equal(own, secret):
		return nil
	case err == nil:
		return fmt.Errorf("%s holds another secret: start from an empty data directory", cfg.SecretFile)
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("secret: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(cfg.SecretFile), 0o700); err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	if err := os.WriteFile(cfg.SecretFile, secret, 0o600); err != nil {
		return fmt.Errorf("secret: %w", err)
	}
	return nil
}
