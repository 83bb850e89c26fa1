package replay_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"dianke/internal/engine/access/identity/replay"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/vault"
)

var ctx = context.Background()

func each(t *testing.T, fn func(t *testing.T, b *replay.Book, c *clock.Fake)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dbtest.Make(t, d, replay.Tables()...)
		keys, err := vault.New(bytes.Repeat([]byte{3}, 32))
		if err != nil {
			t.Fatal(err)
		}
		c := clock.NewFake(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC))
		fn(t, &replay.Book{DB: d, Keys: keys, Clock: c}, c)
	})
}

func TestAnswerIsGivenAgain(t *testing.T) {
	each(t, func(t *testing.T, b *replay.Book, c *clock.Fake) {
		ticket, was, err := b.Begin(ctx, "anna", "k1", "request")
		if err != nil || was != nil {
			t.Fatalf("first: %v, %v", was, err)
		}
		if _, _, err := b.Begin(ctx, "anna", "k1", "request"); errs.KeyOf(err) != "replay.running" {
			t.Errorf("while running: %v", err)
		}
		if err := b.Keep(ctx, ticket, replay.Answer{Status: 201, Header: map[string]string{"ETag": `"1"`}, Body: "secret body"}); err != nil {
			t.Fatal(err)
		}
		_, was, err = b.Begin(ctx, "anna", "k1", "request")
		if err != nil || was == nil || was.Status != 201 || was.Body != "secret body" || was.Header["ETag"] != `"1"` {
			t.Errorf("again: %+v, %v", was, err)
		}
		if _, _, err := b.Begin(ctx, "anna", "k1", "another"); errs.KeyOf(err) != "replay.other_request" {
			t.Errorf("another request: %v", err)
		}
		for _, who := range [][2]string{{"ben", "k1"}, {"ann", "ak1"}, {"anna", "k2"}} {
			if _, was, err := b.Begin(ctx, who[0], who[1], "request"); was != nil || err != nil {
				t.Errorf("%v: %v, %v", who, was, err)
			}
		}
		var stored string
		if _, err := db.View(ctx, b.DB, func(tx *db.Tx) (int, error) {
			return 0, tx.QueryRow(ctx, "SELECT answer FROM api_idempotency WHERE done_at IS NOT NULL").Scan(&stored)
		}); err != nil || strings.Contains(stored, "secret") {
			t.Errorf("stored %q, %v", stored, err)
		}
		c.Advance(replay.Life)
		if _, was, err := b.Begin(ctx, "anna", "k1", "another"); was != nil || err != nil {
			t.Errorf("a day later: %v, %v", was, err)
		}
		if n, err := b.Purge(ctx); n != 3 || err != nil {
			t.Errorf("Purge = %d, %v", n, err)
		}
	})
}

func TestFailedRequestFreesItsKey(t *testing.T) {
	each(t, func(t *testing.T, b *replay.Book, _ *clock.Fake) {
		ticket, _, err := b.Begin(ctx, "anna", "k", "one")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Drop(ctx, ticket); err != nil {
			t.Fatal(err)
		}
		if _, was, err := b.Begin(ctx, "anna", "k", "two"); was != nil || err != nil {
			t.Errorf("afterwards: %v, %v", was, err)
		}
	})
}

func TestOneOfManyBegins(t *testing.T) {
	each(t, func(t *testing.T, b *replay.Book, _ *clock.Fake) {
		var wg sync.WaitGroup
		results := make(chan error, 8)
		for range 8 {
			wg.Go(func() {
				_, _, err := b.Begin(ctx, "anna", "k", "one")
				results <- err
			})
		}
		wg.Wait()
		close(results)
		begun := 0
		for err := range results {
			switch {
			case err == nil:
				begun++
			case errs.KeyOf(err) != "replay.running":
				t.Error(err)
			}
		}
		if begun != 1 {
			t.Errorf("%d began", begun)
		}
	})
}
