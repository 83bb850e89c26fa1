// Package replay remembers the answers given to requests that carry an idempotency key.
//
// Whoever sends the same request with the same key again within a day gets the same answer, and nothing is done twice.
// An answer that failed is not kept: nothing was written, and the key may be used again. Answers are sealed, since they
// hold what the actor may see. A request of which no answer was ever kept because the program stopped in the middle
// stays "running" until the day is over: whether it was carried out, only the records can tell. The package knows no HTTP.
package replay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/vault"
)

// Life is how long a key is remembered.
const Life = 24 * time.Hour

// Tables returns the table of the package.
func Tables() []db.Table {
	return []db.Table{{Name: "api_idempotency", Columns: []db.Column{
		{Name: "id", Key: true}, {Name: "request"}, {Name: "created_at", Kind: db.Instant},
		{Name: "done_at", Kind: db.Instant, Null: true}, {Name: "answer"},
	}, Indexes: []db.Index{{Columns: []string{"created_at"}}}}}
}

// Book keeps the answers. Set its fields before first use; it is then safe for concurrent use.
type Book struct {
	DB    *db.DB
	Keys  *vault.Keys
	Clock clock.Clock
}

// Answer is what was answered.
type Answer struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
}

// Ticket names a request that has begun.
type Ticket string

// Begin notes a request of the actor under his key. request is a hash over all that makes it this request. It returns
// the answer if the same was answered before, else the ticket for [Book.Keep] or [Book.Drop]. Errors: Invalid where the
// key stands for another request, Conflict while that request is still running.
func (b *Book) Begin(ctx context.Context, actor, key, request string) (Ticket, *Answer, error) {
	h := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(actor), actor, key))
	t, now := Ticket(hex.EncodeToString(h[:])), b.Clock.Now()
	answer, err := db.InTx(ctx, b.DB, func(tx *db.Tx) (*Answer, error) {
		if _, err := tx.Exec(ctx, "DELETE FROM api_idempotency WHERE id = ? AND created_at <= ?", string(t), now.Add(-Life)); err != nil {
			return nil, err
		}
		n, err := tx.Exec(ctx, "INSERT INTO api_idempotency (id, request, created_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING", string(t), request, now)
		if err != nil || n == 1 {
			return nil, err
		}
		return b.known(ctx, tx, t, request)
	})
	if err != nil && errs.As(err) == nil {
		err = fmt.Errorf("note request: %w", err)
	}
	return t, answer, err
}

func (b *Book) known(ctx context.Context, tx *db.Tx, t Ticket, request string) (*Answer, error) {
	var was, sealed string
	var done time.Time
	err := tx.QueryRow(ctx, "SELECT request, done_at, answer FROM api_idempotency WHERE id = ?", string(t)).Scan(&was, db.Time(&done), &sealed)
	switch {
	case err != nil:
		return nil, err
	case was != request:
		return nil, errs.New(errs.Invalid, "replay.other_request")
	case done.IsZero():
		return nil, errs.New(errs.Conflict, "replay.running")
	}
	plain, err := b.Keys.Open(sealed, place(t))
	if err != nil {
		return nil, err
	}
	out := &Answer{}
	return out, json.Unmarshal([]byte(plain), out)
}

func place(t Ticket) string { return "api_idempotency.answer/" + string(t) }

// Keep remembers the answer of the request.
func (b *Book) Keep(ctx context.Context, t Ticket, a Answer) error {
	plain, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	sealed, err := b.Keys.Seal(string(plain), place(t))
	if err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	err = db.Do(ctx, b.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE api_idempotency SET done_at = ?, answer = ? WHERE id = ?", b.Clock.Now(), sealed, string(t))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep answer: %w", err)
	}
	return nil
}

// Drop forgets a request that failed, so that its key may be used again.
func (b *Book) Drop(ctx context.Context, t Ticket) error {
	err := db.Do(ctx, b.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM api_idempotency WHERE id = ? AND done_at IS NULL", string(t))
		return err
	})
	if err != nil {
		return fmt.Errorf("drop request: %w", err)
	}
	return nil
}

// Purge removes what is older than a day.
func (b *Book) Purge(ctx context.Context) (int64, error) {
	return db.InTx(ctx, b.DB, func(tx *db.Tx) (int64, error) {
		return tx.Exec(ctx, "DELETE FROM api_idempotency WHERE created_at <= ?", b.Clock.Now().Add(-Life))
	})
}
