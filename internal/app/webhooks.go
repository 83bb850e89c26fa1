package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/webhook"
	"dianke/internal/platform/jobs"
)

const (
	webhookJob   = "webhook.deliver"
	webhookEvery = 15 * time.Second
)

// webhooks builds the desk of webhooks and declares their type.
func (a *App) webhooks() {
	policy := a.outboundPolicy()
	a.Webhooks = &webhook.Desk{
		Runner: a.Runner, Guard: a.Guard, Policy: policy, Client: webhook.Client(policy), Log: a.Log,
		Scope: func(typ, act string) record.Scope { return a.System("webhook", "job", typ, act) },
		Wake:  func() { a.soon("webhook") },
	}
	a.Webhooks.Register(a.Types)
}

// sendWebhooks makes a job for each webhook that has something to send, so that a slow receiver holds up nobody else's.
func (a *App) sendWebhooks(ctx context.Context) error {
	due, err := a.Webhooks.Due(ctx)
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := a.Jobs.Enqueue(ctx, webhookJob, id, jobs.Job{Key: id.String()}); err != nil {
			return err
		}
	}
	return nil
}

// sendOneWebhook sends what waits for one webhook. Its key keeps it from running twice at a time.
func (a *App) sendOneWebhook(ctx context.Context, payload []byte) error {
	var id record.ID
	if err := json.Unmarshal(payload, &id); err != nil {
		return fmt.Errorf("webhook job: %w", jobs.Permanent(err))
	}
	return a.Webhooks.Deliver(ctx, id)
}
