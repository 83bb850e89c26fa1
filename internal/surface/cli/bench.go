package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/app"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
	"dianke/internal/surface/cli/measure"
	"dianke/internal/world"
)

type benchCmd struct {
	Customers int           `help:"Customers to fill an empty database with; twice as many cases and ten times as many contacts come with them." default:"100000"`
	Dir       string        `help:"Data directory of the measurement. Kept, and measured again without filling where it is filled already." default:"bench-data" type:"path"`
	Database  string        `help:"Address of an empty PostgreSQL database; SQLite in the data directory where left out." placeholder:"postgres://…"`
	Times     int           `help:"How often each question is asked." default:"300"`
	Clients   int           `help:"Clients that ask at once for the rate." default:"16"`
	For       time.Duration `help:"How long they ask." default:"10s"`
}

// Run fills a database where it is empty, serves it on a free port and prints a table of what takes how long.
func (c benchCmd) Run(ctx context.Context, s *shell) error {
	if c.Customers < 1 || c.Times < 1 || c.Clients < 1 {
		return usage("customers, times and clients are at least 1")
	}
	env := slices.DeleteFunc(slices.Clone(s.Env), func(e string) bool { return strings.HasPrefix(e, "DIANKE_") })
	env = append(env, "DIANKE_DATA_DIR="+c.Dir, "DIANKE_LISTEN=127.0.0.1:0", "DIANKE_API_RATE=1000000")
	if c.Database != "" {
		env = append(env, "DIANKE_DATABASE="+c.Database)
	}
	cfg, err := config.Load(env)
	if err != nil {
		return err
	}
	if err := c.fill(ctx, s, cfg); err != nil {
		return err
	}
	return c.measure(ctx, s, cfg)
}

// fill builds the company for measuring, unless somebody can sign in already.
func (c benchCmd) fill(ctx context.Context, s *shell, cfg config.Config) error {
	now := clock.System{}.Now()
	story := clock.NewFake(now)
	a, err := app.Open(ctx, cfg, app.Options{Clock: story, Log: s.logger(cfg, slog.LevelWarn), Messages: app.SurfaceMessages()})
	if err != nil {
		return s.explain(err)
	}
	empty, err := a.Identity.NeedsSetup(ctx)
	if err != nil || !empty {
		return errors.Join(err, a.Close())
	}
	b := &world.Builder{
		Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Samples: a.Samples, Clock: story, Now: now,
		Packs: []string{"general", "service", "aftersales", "experience"}, Bare: true,
	}
	if _, err = b.Build(ctx); err == nil {
		start, last := clock.System{}.Now(), -1
		err = b.Fill(ctx, world.Crowd{Customers: c.Customers, Told: func(done, all int) {
			if percent := done * 100 / all; percent/10 > last/10 || last < 0 {
				last = percent
				s.say("Filling: %d %% of %d records", percent, all)
			}
		}})
		took := clock.System{}.Now().Sub(start)
		if err == nil {
			s.say("Filled %d records in %s, %.0f a second", 13*c.Customers, took.Round(time.Second), float64(13*c.Customers)/took.Seconds())
		}
	}
	return errors.Join(err, a.Close())
}

func (c benchCmd) measure(ctx context.Context, s *shell, cfg config.Config) error {
	system := clock.System{}
	start := system.Now()
	return s.open(ctx, cfg, slog.LevelWarn, func(a *app.App) error {
		handler, err := a.Handler()
		if err != nil {
			return err
		}
		ln, err := net.Listen("tcp", cfg.Listen)
		if err != nil {
			return err
		}
		srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
		go func() { _ = srv.Serve(ln) }()
		defer srv.Close()
		began := system.Now().Sub(start)
		reader, err := measure.SignIn(ctx, "http://"+ln.Addr().String(), "department_manager", world.Password)
		if err != nil {
			return err
		}
		writer, err := measure.SignIn(ctx, "http://"+ln.Addr().String(), "administrator", world.Password) // sees what he changes wherever it belongs
		if err != nil {
			return err
		}
		reads, writes, err := measure.Questions(ctx, reader, writer)
		if err != nil {
			return err
		}
		if err := c.table(ctx, s, a.DB, slices.Concat(reads, writes)); err != nil {
			return err
		}
		rate, err := measure.Rate(ctx, system, reads, c.Clients, c.For)
		if err != nil {
			return err
		}
		s.say("")
		s.say("Requests per second with %d clients, all reading questions in turn: %.0f", c.Clients, rate)
		s.say("Ready to answer after %d ms; resident memory %s", began.Milliseconds(), resident())
		return c.size(ctx, s, a.DB, cfg.DataDir)
	})
}

// table prints what each question took, in milliseconds, as a table for documents.
func (c benchCmd) table(ctx context.Context, s *shell, d *db.DB, list []measure.Question) error {
	s.say("\n| %s, asked %d times | p50 ms | p99 ms | bare SQL p50 | ratio |\n|---|--:|--:|--:|--:|", d.Dialect(), c.Times)
	ms := func(d time.Duration) string {
		return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 2, 64)
	}
	for _, q := range list {
		a, err := measure.Run(ctx, clock.System{}, d, q, c.Times)
		if err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
		bare, ratio := "", ""
		if q.Bare != nil {
			bare, ratio = ms(a.BareP50), strconv.FormatFloat(a.Ratio(), 'f', 1, 64)
		}
		s.say("| %s | %s | %s | %s | %s |", a.Name, ms(a.P50), ms(a.P99), bare, ratio)
	}
	return nil
}

// size prints how much of the disk the database takes.
func (c benchCmd) size(ctx context.Context, s *shell, d *db.DB, dir string) error {
	if d.Dialect() == db.Postgres {
		n, err := db.View(ctx, d, func(tx *db.Tx) (n int64, err error) {
			return n, tx.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
		})
		s.say("The database takes %d MB", n>>20)
		return err
	}
	var n int64
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	s.say("The data directory takes %d MB", n>>20)
	return err
}

// resident is the memory the process holds, as Linux tells it.
func resident() string {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown on this system"
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strings.TrimSpace(v)
		}
	}
	return "unknown on this system"
}
