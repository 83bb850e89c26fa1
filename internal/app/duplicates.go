package app

import (
	"context"
	"fmt"
	"time"

	"dianke/internal/domain/customer"
	"dianke/internal/engine/duplicate"
	"dianke/internal/engine/record"
)

const (
	duplicateJob   = "duplicates"
	duplicateEvery = time.Hour
)

// Duplicates finds likely duplicates of the types that have a profile.
func (a *App) Duplicates() *duplicate.Finder {
	return &duplicate.Finder{Store: a.Store, Runner: a.Runner, Profiles: []duplicate.Profile{customer.Likeness()}}
}

// LookForDuplicates compares what changed since the last look with everything.
func (a *App) LookForDuplicates(ctx context.Context) (duplicate.Summary, error) {
	return a.Duplicates().Look(ctx, func(typ, action string) record.Scope { return a.System("duplicates", "job", typ, action) })
}

// duplicateJobs lets the look run every hour; the first one, through everything, goes on where it was stopped.
func (a *App) duplicateJobs() error {
	err := a.Jobs.Handle(duplicateJob, func(ctx context.Context, _ []byte) error {
		_, err := a.LookForDuplicates(ctx)
		return err
	})
	if err == nil {
		err = a.Jobs.Every(duplicateJob, duplicateEvery)
	}
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}
