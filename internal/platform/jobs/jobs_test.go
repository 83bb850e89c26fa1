package jobs_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite"

	"dianke/internal/platform/clock"
	"dianke/internal/platform/ids"
	"dianke/internal/platform/jobs"
)

// limit bounds waits; nothing takes that long unless it is broken.
const limit = 30 * time.Second

func quiet() jobs.Options { return jobs.Options{Logger: slog.New(slog.DiscardHandler)} }

func onSQLite(t *testing.T) *jobs.Runner {
	t.Helper()
	dsn := "file:" + filepath.Join(t.TempDir(), "dianke.db") +
		"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	r, err := jobs.NewSQLite(db, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func onPostgres(t *testing.T) *jobs.Runner {
	t.Helper()
	server := os.Getenv("DIANKE_TEST_POSTGRES")
	if server == "" {
		t.Skip("DIANKE_TEST_POSTGRES is not set")
	}
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	test, _, _ := strings.Cut(strings.ToLower(t.Name()), "/") // tests run at the same time need different names
	name := "dianke_" + ids.NewSource(clock.System{}, os.Getpid()).Next().String() + "_" + test
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	r, err := jobs.NewPostgres(ctx, u.String(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		if _, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		_ = admin.Close(ctx)
	})
	return r
}

// onBoth runs a test on each database with a migrated runner that has not started.
func onBoth(t *testing.T, test func(t *testing.T, r *jobs.Runner)) {
	for name, open := range map[string]func(*testing.T) *jobs.Runner{"sqlite": onSQLite, "postgres": onPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			for range 2 {
				if err := r.Migrate(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			test(t, r)
		})
	}
}

func start(t *testing.T, r *jobs.Runner) {
	t.Helper()
	if err := r.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func handle(t *testing.T, r *jobs.Runner, kind string, h jobs.Handler) {
	t.Helper()
	if err := r.Handle(kind, h); err != nil {
		t.Fatal(err)
	}
}

func enqueue(t *testing.T, r *jobs.Runner, kind string, payload any, j jobs.Job) {
	t.Helper()
	if err := r.Enqueue(context.Background(), kind, payload, j); err != nil {
		t.Fatal(err)
	}
}

func receive[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(limit):
		t.Fatal("nothing happened in time")
		panic("unreachable")
	}
}

func TestJobsRunWithTheirPayload(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *jobs.Runner) {
		type letter struct{ To, Text string }
		got := make(chan letter, 1)
		handle(t, r, "letter", func(_ context.Context, payload []byte) error {
			var l letter
			if err := json.Unmarshal(payload, &l); err != nil {
				return err
			}
			got <- l
			return nil
		})
		want := letter{"李四", "“您好” \\ \n"}
		enqueue(t, r, "letter", want, jobs.Job{Urgent: true}) // before the start: it waits
		start(t, r)
		if l := receive(t, got); l != want {
			t.Errorf("payload %+v, want %+v", l, want)
		}
		enqueue(t, r, "letter", want, jobs.Job{})
		receive(t, got)
	})
}

func TestFailedJobsRunAgainAndPermanentOnesDoNot(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *jobs.Runner) {
		runs, hopeless := make(chan int, 10), make(chan bool, 10)
		n := 0
		handle(t, r, "flaky", func(context.Context, []byte) error {
			n++
			runs <- n
			switch n {
			case 1:
				return errors.New("server away")
			case 2:
				panic("broken")
			}
			return nil
		})
		handle(t, r, "hopeless", func(context.Context, []byte) error {
			hopeless <- true
			return fmt.Errorf("read letter: %w", jobs.Permanent(errors.New("no such address")))
		})
		enqueue(t, r, "hopeless", nil, jobs.Job{})
		enqueue(t, r, "flaky", nil, jobs.Job{})
		start(t, r)
		receive(t, runs)
		if second := receive(t, runs); second != 2 {
			t.Errorf("run %d", second)
		}
		if len(hopeless) != 1 {
			t.Errorf("the hopeless job ran %d times", len(hopeless))
		}
	})
}

func TestKeyPreventsASecondJob(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *jobs.Runner) {
		got := make(chan string, 10)
		handle(t, r, "digest", func(_ context.Context, payload []byte) error {
			got <- string(payload)
			return nil
		})
		enqueue(t, r, "digest", 1, jobs.Job{Key: "monday"})
		enqueue(t, r, "digest", 2, jobs.Job{Key: "monday"})
		enqueue(t, r, "digest", 3, jobs.Job{Key: "tuesday"})
		start(t, r)
		seen := receive(t, got) + receive(t, got)
		if seen != "13" && seen != "31" {
			t.Errorf("ran %s, want 1 and 3", seen)
		}
		enqueue(t, r, "digest", 4, jobs.Job{})
		if last := receive(t, got); last != "4" {
			t.Errorf("ran %s, want 4", last)
		}
	})
}

func TestEveryRunsAtTheStart(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, r *jobs.Runner) {
		got := make(chan string, 10)
		handle(t, r, "sweep", func(_ context.Context, payload []byte) error {
			got <- string(payload)
			return nil
		})
		if err := r.Every("sweep", time.Hour); err != nil {
			t.Fatal(err)
		}
		start(t, r)
		if p := receive(t, got); p != "null" {
			t.Errorf("payload %s", p)
		}
	})
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	r, ctx := onSQLite(t), context.Background()
	nothing := func(context.Context, []byte) error { return nil }
	handle(t, r, "a", nothing)
	for name, err := range map[string]error{
		"handled twice":    r.Handle("a", nothing),
		"no name":          r.Handle("", nothing),
		"unknown kind":     r.Enqueue(ctx, "b", nil, jobs.Job{}),
		"no JSON":          r.Enqueue(ctx, "a", func() {}, jobs.Job{}),
		"unknown periodic": r.Every("b", time.Hour),
		"too often":        r.Every("a", time.Millisecond),
		"not migrated":     r.Enqueue(ctx, "a", nil, jobs.Job{}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	wide, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer wide.Close()
	if _, err := jobs.NewSQLite(wide, quiet()); err == nil {
		t.Error("a pool of many connections passes")
	}
}
