package webhook

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/ids"
)

// The states of a message.
const (
	Waiting = "waiting"
	Sent    = "sent"
	Failed  = "failed"
)

// Message is one event on its way to one webhook.
type Message struct {
	ID       record.ID
	Webhook  record.ID
	Origin   record.ID // the event it tells of; its own id for a test
	Event    string
	Record   record.ID
	Body     string
	State    string
	Attempts int64
	MadeAt   time.Time
	NextAt   time.Time // of the next attempt; zero where none follows
}

// Name is the id of the message as receivers see it.
func (m Message) Name() string { return idPrefix + m.ID.String() }

// Attempt is one sending. Status is 0 where there was no answer; Fault is the message key of what went wrong.
type Attempt struct {
	ID, Message record.ID
	At          time.Time
	Status      int64
	Millis      int64
	Answer      string // at most 2 KB
	Fault       string
}

const messageColumns = "id, webhook_id, event_id, event, record_id, body, state, attempts, made_at, next_at"

func scanMessage(r interface{ Scan(...any) error }, m *Message) error {
	return r.Scan(&m.ID, &m.Webhook, &m.Origin, &m.Event, &m.Record, &m.Body, &m.State, &m.Attempts, db.Time(&m.MadeAt), db.Time(&m.NextAt))
}

// insert keeps a message to be sent at once. One event makes one message for a webhook, however often it is handled.
func insert(ctx context.Context, tx *db.Tx, m Message) error {
	_, err := tx.Exec(ctx, "INSERT INTO webhook_messages ("+messageColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (webhook_id, event_id) DO NOTHING",
		m.ID, m.Webhook, m.Origin, m.Event, m.Record, m.Body, Waiting, 0, m.MadeAt, m.MadeAt)
	if err != nil {
		return fmt.Errorf("keep webhook message: %w", err)
	}
	return nil
}

// due lists the webhooks that have something to send now.
func due(ctx context.Context, tx *db.Tx, now time.Time) ([]record.ID, error) {
	var out []record.ID
	err := tx.Each(ctx, `SELECT DISTINCT m.webhook_id FROM webhook_messages m JOIN webhooks w ON w.id = m.webhook_id
		WHERE m.state = ? AND m.next_at <= ? AND w.archived_at IS NULL AND (w.state = ? OR m.event = ?) ORDER BY m.webhook_id LIMIT 500`,
		[]any{Waiting, now, Active, TestEvent}, func(r *sql.Rows) error {
			var id record.ID
			err := r.Scan(&id)
			out = append(out, id)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("due webhooks: %w", err)
	}
	return out, nil
}

// next returns the message of the webhook that has waited longest, nil for none. A webhook that is not active sends
// tests alone.
func next(ctx context.Context, tx *db.Tx, w *Webhook, now time.Time) (*Message, error) {
	only := ""
	if w.State == Active {
		only = "%"
	}
	var m Message
	err := scanMessage(tx.QueryRow(ctx, "SELECT "+messageColumns+` FROM webhook_messages WHERE webhook_id = ? AND state = ? AND next_at <= ?
		AND (event = ? OR event LIKE ?) ORDER BY next_at, id LIMIT 1`, w.ID, Waiting, now, TestEvent, only), &m)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("next webhook message: %w", err)
	}
	return &m, nil
}

// recent returns the last attempt of the webhook and how many it made since an instant.
func recent(ctx context.Context, tx *db.Tx, webhook record.ID, since time.Time) (last Attempt, n int64, err error) {
	err = tx.QueryRow(ctx, "SELECT at, fault FROM webhook_attempts WHERE webhook_id = ? ORDER BY id DESC LIMIT 1", webhook).Scan(db.Time(&last.At), &last.Fault)
	if db.IsNoRows(err) {
		return last, 0, nil
	}
	if err == nil {
		err = tx.QueryRow(ctx, "SELECT COUNT(*) FROM webhook_attempts WHERE webhook_id = ? AND at > ? AND id > ?", webhook, since, ids.Before(since)).Scan(&n)
	}
	if err != nil {
		err = fmt.Errorf("webhook attempts: %w", err)
	}
	return last, n, err
}

// settle keeps an attempt and what becomes of the message.
func settle(ctx context.Context, tx *db.Tx, m Message, a Attempt) error {
	_, err := tx.Exec(ctx, "INSERT INTO webhook_attempts (id, webhook_id, message_id, at, status, ms, answer, fault) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		a.ID, m.Webhook, m.ID, a.At, a.Status, a.Millis, a.Answer, a.Fault)
	if err != nil {
		return fmt.Errorf("keep webhook attempt: %w", err)
	}
	var at any
	if m.State == Waiting {
		at = m.NextAt
	}
	if _, err = tx.Exec(ctx, "UPDATE webhook_messages SET state = ?, attempts = ?, next_at = ? WHERE id = ?", m.State, m.Attempts, at, m.ID); err != nil {
		return fmt.Errorf("keep webhook attempt: %w", err)
	}
	return nil
}

// hurry lets everything that waits be tried at once.
func hurry(ctx context.Context, tx *db.Tx, webhook record.ID, now time.Time) error {
	if _, err := tx.Exec(ctx, "UPDATE webhook_messages SET next_at = ? WHERE webhook_id = ? AND state = ?", now, webhook, Waiting); err != nil {
		return fmt.Errorf("hurry webhook: %w", err)
	}
	return nil
}

const setAgain = "UPDATE webhook_messages SET state = 'waiting', attempts = 0, next_at = ? WHERE webhook_id = ?"

// again sends one message again, and reports whether there is one of the id.
func again(ctx context.Context, tx *db.Tx, webhook, id record.ID, now time.Time) (int64, error) {
	n, err := tx.Exec(ctx, setAgain+" AND id = ?", now, webhook, id)
	if err != nil {
		return 0, fmt.Errorf("replay webhook message: %w", err)
	}
	return n, nil
}

// againBetween sends the messages made from the start of the period to before its end again.
func againBetween(ctx context.Context, tx *db.Tx, webhook record.ID, in *Replay, until, now time.Time) (int64, error) {
	state := "%"
	if in.Failed {
		state = Failed
	}
	n, err := tx.Exec(ctx, setAgain+" AND made_at >= ? AND made_at < ? AND state LIKE ? AND event <> ?", now, webhook, in.StartAt, until, state, TestEvent)
	if err != nil {
		return 0, fmt.Errorf("replay webhook messages: %w", err)
	}
	return n, nil
}

// purge forgets what is older than the instant. It returns how many messages went.
func purge(ctx context.Context, tx *db.Tx, old time.Time) (int64, error) {
	n, err := tx.Exec(ctx, "DELETE FROM webhook_messages WHERE made_at < ?", old)
	if err == nil {
		_, err = tx.Exec(ctx, "DELETE FROM webhook_attempts WHERE at < ?", old)
	}
	if err != nil {
		return 0, fmt.Errorf("purge webhook messages: %w", err)
	}
	return n, nil
}

// list returns messages of the webhook, newest first, before an id.
func list(ctx context.Context, tx *db.Tx, webhook record.ID, f LogQuery) ([]Message, error) {
	where, args := "webhook_id = ?", []any{webhook}
	if f.State != "" {
		where, args = where+" AND state = ?", append(args, f.State)
	}
	if f.Before != 0 {
		where, args = where+" AND id < ?", append(args, f.Before)
	}
	var out []Message
	err := tx.Each(ctx, fmt.Sprintf("SELECT "+messageColumns+" FROM webhook_messages WHERE %s ORDER BY id DESC LIMIT %d", where, f.Limit), args,
		func(r *sql.Rows) error {
			var m Message
			err := scanMessage(r, &m)
			out = append(out, m)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("webhook log: %w", err)
	}
	return out, nil
}

// attempts returns the attempts of messages, newest first.
func attempts(ctx context.Context, tx *db.Tx, message record.ID, limit int) ([]Attempt, error) {
	var out []Attempt
	err := tx.Each(ctx, fmt.Sprintf("SELECT id, message_id, at, status, ms, answer, fault FROM webhook_attempts WHERE message_id = ? ORDER BY id DESC LIMIT %d", limit),
		[]any{message}, func(r *sql.Rows) error {
			var a Attempt
			err := r.Scan(&a.ID, &a.Message, db.Time(&a.At), &a.Status, &a.Millis, &a.Answer, &a.Fault)
			out = append(out, a)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("webhook log: %w", err)
	}
	return out, nil
}
