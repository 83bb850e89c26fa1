// Package jobs runs work outside requests: now, later, again after a failure, or at intervals.
//
// Jobs are rows in the application's own database, kept by River on SQLite and on PostgreSQL alike; with several
// processes on one database each job runs on one of them, and periodic jobs are started by an elected leader. A job runs
// at least once: handlers must bear a second run. Times of runs follow the system clock and River's retry policy (1 s,
// 16 s, 81 s … for attempts 1, 2, 3 …). The package knows no kind of job; rooms name theirs.
package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// Handler does one job. Its error leads to another attempt, unless it is [Permanent] or the attempts are used up. ctx
// ends when the runner is stopped hard or the job takes longer than [Options.Timeout].
type Handler func(ctx context.Context, payload []byte) error

// Options are the settings of a runner; zero values stand for the defaults.
type Options struct {
	Workers     int           // jobs run at the same time in this process; default 4
	MaxAttempts int           // attempts of a job before it is given up; default 25, about three weeks
	Timeout     time.Duration // longest run of one job; default 5 minutes
	Logger      *slog.Logger  // default slog.Default()
}

// Job says how a job is to be run; the zero value is at once.
type Job struct {
	At          time.Time // not before; zero is now
	Key         string    // while a job of the kind with this key waits or runs, no second one is made
	MaxAttempts int       // instead of that of the runner
	Urgent      bool      // before all jobs that are not
}

// client is what a runner needs of River's client, whichever database is below.
type client interface {
	Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	PeriodicJobs() *river.PeriodicJobBundle
}

// Runner keeps and runs jobs. It is safe for concurrent use.
type Runner struct {
	client   client
	migrate  func(context.Context) error
	close    func()
	mu       sync.RWMutex
	handlers map[string]Handler
	limits   map[string]time.Duration // of kinds that may take longer
}

// NewSQLite returns a runner on the application's database. db must be the pool of one writing connection
// (SetMaxOpenConns(1)): River writes from several goroutines and does not bear SQLITE_BUSY. A handler must not wait for
// the runner while it holds that connection. The pool stays the caller's.
func NewSQLite(db *sql.DB, o Options) (*Runner, error) {
	if n := db.Stats().MaxOpenConnections; n != 1 {
		return nil, fmt.Errorf("set up jobs: SQLite pool has a limit of %d connections, not 1", n)
	}
	return newRunner(riversqlite.New(db), func() {}, o)
}

// NewPostgres returns a runner with a pool of its own on the server at url; close it by [Runner.Close]. Errors show no
// password.
func NewPostgres(ctx context.Context, url string, o Options) (*Runner, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("set up jobs: %w", err)
	}
	r, err := newRunner(riverpgxv5.New(pool), pool.Close, o)
	if err != nil {
		pool.Close()
	}
	return r, err
}

func newRunner[Tx any](driver riverdriver.Driver[Tx], closePool func(), o Options) (*Runner, error) {
	r := &Runner{handlers: map[string]Handler{}, limits: map[string]time.Duration{}, close: closePool}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker{runner: r}); err != nil {
		return nil, fmt.Errorf("set up jobs: %w", err)
	}
	c, err := river.NewClient(driver, o.config(workers))
	if err != nil {
		return nil, fmt.Errorf("set up jobs: %w", err)
	}
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: o.Logger})
	if err != nil {
		return nil, fmt.Errorf("set up migration of jobs: %w", err)
	}
	r.client = c
	r.migrate = func(ctx context.Context) error {
		_, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	}
	return r, nil
}

func (o Options) config(workers *river.Workers) *river.Config {
	c := &river.Config{
		Workers: workers, MaxAttempts: o.MaxAttempts, JobTimeout: o.Timeout, Logger: o.Logger,
		Queues:          map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
		SoftStopTimeout: 10 * time.Second,
	}
	if o.Workers > 0 {
		c.Queues[river.QueueDefault] = river.QueueConfig{MaxWorkers: o.Workers}
	}
	if c.JobTimeout == 0 {
		c.JobTimeout = 5 * time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// args is the one kind of job River sees; uniqueness is by kind and key.
type args struct {
	Name    string          `json:"kind" river:"unique"`
	Key     string          `json:"key,omitempty" river:"unique"`
	Payload json.RawMessage `json:"payload"`
}

// Kind names the job to River.
func (args) Kind() string { return "dianke" }

// Migrate makes or brings up to date the tables of River. It may be called at each start.
func (r *Runner) Migrate(ctx context.Context) error {
	if err := r.migrate(ctx); err != nil {
		return fmt.Errorf("migrate jobs: %w", err)
	}
	return nil
}

// Handle sets the handler of a kind. It fails where the kind has one already. Call it before [Runner.Start], on every
// process of an installation alike.
func (r *Runner) Handle(kind string, h Handler) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, twice := r.handlers[kind]; twice || kind == "" {
		return fmt.Errorf("jobs of kind %q are handled already", kind)
	}
	r.handlers[kind] = h
	return nil
}

// HandleLong is [Runner.Handle] for jobs that may take longer than [Options.Timeout].
func (r *Runner) HandleLong(kind string, limit time.Duration, h Handler) error {
	if err := r.Handle(kind, h); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limits[kind] = limit
	return nil
}

// worker is the runner as River sees it.
type worker struct {
	river.WorkerDefaults[args]
	runner *Runner
}

// Work implements [river.Worker].
func (w *worker) Work(ctx context.Context, job *river.Job[args]) error {
	return w.runner.work(ctx, job)
}

// Timeout implements [river.Worker]; zero is that of the options.
func (w *worker) Timeout(job *river.Job[args]) time.Duration {
	w.runner.mu.RLock()
	defer w.runner.mu.RUnlock()
	return w.runner.limits[job.Args.Name]
}

func (r *Runner) handler(kind string) (Handler, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	h, ok := r.handlers[kind]
	if !ok {
		return nil, fmt.Errorf("jobs of kind %q have no handler", kind)
	}
	return h, nil
}

func (r *Runner) work(ctx context.Context, job *river.Job[args]) error {
	h, err := r.handler(job.Args.Name)
	if err != nil {
		return err // a newer process may know the kind: another attempt will meet it
	}
	err = h(ctx, job.Args.Payload)
	if p := (*permanent)(nil); errors.As(err, &p) {
		return river.JobCancel(err)
	}
	return err
}

// Enqueue makes a job with payload as JSON. The kind must have a handler. Where [Job.Key] is taken, nothing is made and
// there is no error.
func (r *Runner) Enqueue(ctx context.Context, kind string, payload any, j Job) error {
	if _, err := r.handler(kind); err != nil {
		return err
	}
	data, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("encode payload of %s: %w", kind, err)
	}
	if _, err := r.client.Insert(ctx, args{kind, j.Key, data}, j.insert()); err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	return nil
}

func (j Job) insert() *river.InsertOpts {
	opts := &river.InsertOpts{ScheduledAt: j.At, MaxAttempts: j.MaxAttempts, Priority: 2}
	if j.Urgent {
		opts.Priority = 1
	}
	if j.Key != "" {
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}}
	}
	return opts
}

// Every makes a job of the kind with payload null at each interval, the first one when the runner starts. A job still
// waiting or running is not doubled.
func (r *Runner) Every(kind string, interval time.Duration) error {
	if _, err := r.handler(kind); err != nil {
		return err
	}
	if interval < time.Second {
		return fmt.Errorf("interval of %s is below a second", kind)
	}
	periodic := river.NewPeriodicJob(river.PeriodicInterval(interval), func() (river.JobArgs, *river.InsertOpts) {
		return args{kind, "every", json.RawMessage("null")}, Job{Key: "every"}.insert()
	}, &river.PeriodicJobOpts{ID: kind, RunOnStart: true})
	if _, err := r.client.PeriodicJobs().AddSafely(periodic); err != nil {
		return fmt.Errorf("set interval of %s: %w", kind, err)
	}
	return nil
}

// Start begins to run jobs and returns. When ctx ends, running jobs have ten seconds to finish.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.client.Start(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	return nil
}

// Stop takes no more jobs and waits for those running, ten seconds at most before their contexts end. It returns early
// with the error of ctx when that ends.
func (r *Runner) Stop(ctx context.Context) error {
	if err := r.client.Stop(ctx); err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// Close releases the pool a runner on PostgreSQL has made; stop it first.
func (r *Runner) Close() { r.close() }

// permanent marks an error that another attempt cannot mend.
type permanent struct{ err error }

func (p *permanent) Error() string { return p.err.Error() }

func (p *permanent) Unwrap() error { return p.err }

// Permanent marks err so that the job is given up at once.
func Permanent(err error) error { return &permanent{err} }
