package jobs_test

import (
	"context"
	"path/filepath"
	"testing"

	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/jobs"
)

// TestWaitingJobsAreCarried: what waits on one database runs on the other, once.
func TestWaitingJobsAreCarried(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	target := dbtest.Postgres(t)
	source, err := db.Open(ctx, "", filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	waits := func() []jobs.Waiting {
		list, err := db.View(ctx, source, func(tx *db.Tx) ([]jobs.Waiting, error) { return jobs.Waits(ctx, tx) })
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if n := len(waits()); n != 0 {
		t.Errorf("%d wait where no runner was", n)
	}
	from, err := jobs.NewSQLite(source.Writer(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	to, err := jobs.NewPostgres(ctx, target.URL(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(to.Close)
	got := make(chan string, 5)
	for _, r := range []*jobs.Runner{from, to} {
		if err := r.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		handle(t, r, "letter", func(_ context.Context, payload []byte) error { got <- string(payload); return nil })
	}
	enqueue(t, from, "letter", "您好", jobs.Job{Key: "one", Urgent: true})
	enqueue(t, from, "letter", nil, jobs.Job{Key: "every"}) // as those at intervals are
	for range 2 {                                           // a carry that broke off is made again
		if err := db.Do(ctx, target, func(tx *db.Tx) error { return jobs.Carry(ctx, tx, waits()) }); err != nil {
			t.Fatal(err)
		}
	}
	start(t, to)
	if payload := receive(t, got); payload != `"您好"` || len(got) != 0 {
		t.Errorf("payload %s, %d more", payload, len(got))
	}
}
