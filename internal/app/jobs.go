package app

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/domain/confidential"
	"dianke/internal/domain/customer"
	"dianke/internal/domain/interaction"
	"dianke/internal/engine/access/identity/replay"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/jobs"
)

func (a *App) openJobs(ctx context.Context) error {
	var err error
	o := jobs.Options{Logger: a.Log}
	if a.Config.IsPostgres() {
		a.Jobs, err = jobs.NewPostgres(ctx, a.Config.Database, o)
	} else {
		a.Jobs, err = jobs.NewSQLite(a.DB.Writer(), o)
	}
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// Start begins what the program does by itself: clocks, outbox, the work of the night. Stop it with [App.Stop].
func (a *App) Start(ctx context.Context) error {
	if err := a.Jobs.Migrate(ctx); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	for _, j := range []struct {
		kind  string
		every time.Duration
		do    func(context.Context) error
	}{
		{"regulation.tick", tickEvery, a.Tick},
		{"outbox", outboxEvery, a.outbox.drain},
		{"mail", mailEvery, a.Post},
		{"mail.fetch", fetchEvery, func(ctx context.Context) error { return a.Mailroom.Fetch(ctx, a.Config.Maildir) }},
		{"notices", noticesEvery, a.Courier.Deliver},
		{"webhook", webhookEvery, a.sendWebhooks},
		{"night", sweepEvery, a.Night},
	} {
		if err := a.Jobs.Handle(j.kind, func(ctx context.Context, _ []byte) error { return j.do(ctx) }); err != nil {
			return fmt.Errorf("jobs: %w", err)
		}
		if err := a.Jobs.Every(j.kind, j.every); err != nil {
			return fmt.Errorf("jobs: %w", err)
		}
	}
	if err := errors.Join(a.importJobs(), a.backupJobs(), a.duplicateJobs()); err != nil {
		return err
	}
	if err := a.Jobs.Handle(webhookJob, a.sendOneWebhook); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if err := a.Jobs.Handle(securityMail, a.securityMailJob); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if err := a.Jobs.Start(ctx); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return a.listenForMail()
}

// Stop takes no more mail and lets running jobs finish.
func (a *App) Stop(ctx context.Context) error {
	return errors.Join(a.stopListening(ctx), a.Jobs.Stop(ctx))
}

// Tick lets clocks and dates act; see [regulation.Engine.Tick].
func (a *App) Tick(ctx context.Context) error {
	_, err := a.Engine.Tick(ctx)
	return err
}

// Night does what is looked through once a day. Running it more often changes nothing.
func (a *App) Night(ctx context.Context) error {
	if _, _, err := customer.Daily(ctx, a.Runner, a.System("customer.daily", "job", "customer", record.Update)); err != nil {
		return fmt.Errorf("customers: %w", err)
	}
	if _, err := interaction.MarkLate(ctx, a.Runner, a.System("interaction.late", "job", "task", record.Update)); err != nil {
		return fmt.Errorf("tasks: %w", err)
	}
	if _, err := confidential.Expire(ctx, a.Runner, a.System("confidential.expire", "job", "authorisation", record.Update)); err != nil {
		return fmt.Errorf("permits: %w", err)
	}
	volume := a.System("casework.volume", "job", "case_volume", record.Create)
	if err := casework.EnsureVolume(ctx, a.Runner, volume, casework.YearOf(a.Clock.Now())); err != nil {
		return fmt.Errorf("yearly volume: %w", err)
	}
	if err := a.Engine.Scan(ctx); err != nil {
		return err
	}
	if _, err := a.Identity.Purge(ctx); err != nil {
		return err
	}
	if err := a.Webhooks.Purge(ctx); err != nil {
		return err
	}
	_, err := (&replay.Book{DB: a.DB, Clock: a.Clock}).Purge(ctx)
	return err
}

// Drain handles the events that wait; tests and scenarios call it instead of running jobs.
func (a *App) Drain(ctx context.Context) error { return a.outbox.drain(ctx) }

// outbox handles events in the order they were written. Handlers may run twice and must bear it.
type outbox struct{ app *App }

// wake asks for the outbox to be looked at now. It is called after commits and must not wait for the database.
func (o *outbox) wake() {
	if o.app.Jobs == nil {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		// Without jobs running (tests, commands) the kind is unknown; the next start finds the events.
		_ = o.app.Jobs.Enqueue(ctx, "outbox", nil, jobs.Job{Key: "outbox"})
	}()
}

const outboxBatch = 200

func (o *outbox) drain(ctx context.Context) error {
	for {
		list, err := db.View(ctx, o.app.DB, func(tx *db.Tx) ([]store.Event, error) { return waiting(ctx, tx) })
		if err != nil {
			return err
		}
		for _, ev := range list {
			if err := o.handle(ctx, ev); err != nil {
				return fmt.Errorf("event %s %s: %w", ev.Name, ev.ID, err)
			}
		}
		if len(list) < outboxBatch {
			return nil
		}
	}
}

func waiting(ctx context.Context, tx *db.Tx) ([]store.Event, error) {
	var out []store.Event
	err := tx.Each(ctx, fmt.Sprintf("SELECT id, at, name, type, record_id, actor, payload FROM events WHERE done_at IS NULL ORDER BY id LIMIT %d", outboxBatch), nil,
		func(r *sql.Rows) error {
			var e store.Event
			var payload sql.NullString
			if err := r.Scan(&e.ID, db.Time(&e.At), &e.Name, &e.Type, &e.Record, &e.Actor, &payload); err != nil {
				return err
			}
			if payload.String != "" {
				if err := json.Unmarshal([]byte(payload.String), &e.Payload); err != nil {
					return err
				}
			}
			out = append(out, e)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return out, nil
}

// handle does what follows from an event and marks it done, both in one transaction.
func (o *outbox) handle(ctx context.Context, ev store.Event) error {
	return o.app.InTx(ctx, "outbox", "job", func(c *record.Call) error {
		if ev.Name == ev.Type+"."+record.Comment {
			if err := mention(ctx, c, ev); err != nil {
				return err
			}
		}
		if err := o.app.mailEvent(ctx, c, ev); err != nil {
			return err
		}
		if err := o.app.Webhooks.Plan(ctx, c, ev); err != nil {
			return err
		}
		if err := o.app.noticeEvent(ctx, c, ev); err != nil {
			return err
		}
		_, err := c.Tx.Exec(ctx, "UPDATE events SET done_at = ? WHERE id = ?", c.Now, ev.ID)
		return err
	})
}

// mention tells the people a comment names.
func mention(ctx context.Context, c *record.Call, ev store.Event) error {
	list, _ := ev.Payload["mentions"].([]any)
	for _, raw := range list {
		var id record.ID
		text, _ := raw.(string)
		if err := id.UnmarshalText([]byte(text)); err != nil || id == 0 {
			continue
		}
		err := notice.Send(ctx, c, notice.Message{Key: "notice.mentioned", AboutType: ev.Type, AboutID: ev.Record}, id)
		if err != nil {
			return err
		}
	}
	return nil
}
