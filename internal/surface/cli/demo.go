package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dianke/internal/app"
	"dianke/internal/engine/pack"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/world"
	"dianke/packs"
)

type demoCmd struct {
	Fresh bool     `help:"Throw the present sample company away and make a new one."`
	Pack  []string `help:"Packs of the sample company; counts when it is made." default:"general,service,aftersales,experience,lawfirm" placeholder:"ID"`
	Days  int      `help:"Length of its history in days." default:"365"`
	Trade string   `help:"A company of one trade instead of the general one: the sample of that pack, with its people. See dianke pack list." placeholder:"ID"`
}

// Run makes the sample company where there is none, and serves it.
func (c demoCmd) Run(ctx context.Context, s *shell) error {
	if err := c.check(); err != nil {
		return err
	}
	cfg, dir, err := s.demoConfig(c.place())
	if err != nil {
		return err
	}
	if c.Fresh {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove the old sample company: %w", err)
		}
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		if err := c.build(ctx, s, dir); err != nil {
			return err
		}
	}
	return s.open(ctx, cfg, slog.LevelWarn, func(a *app.App) error {
		s.say("Sign in as %s, administrator or another post.", c.logins(a))
		s.say("The password of everybody is %s", world.Password)
		return s.serve(ctx, a)
	})
}

// place keeps the companies of trades beside the general one.
func (c demoCmd) place() string {
	if c.Trade == "" {
		return ""
	}
	return "-" + c.Trade
}

// check refuses a trade that no pack is for, before anything is thrown away.
func (c demoCmd) check() error {
	if c.Trade == "" {
		return nil
	}
	list, err := pack.Load(packs.FS())
	if err != nil {
		return err
	}
	var ids []string
	for _, p := range list {
		if p.Sample != nil {
			ids = append(ids, p.ID)
		}
	}
	if !slices.Contains(ids, c.Trade) {
		return fmt.Errorf("no sample company of trade %q; there are %s", c.Trade, strings.Join(ids, ", "))
	}
	return nil
}

// logins names a few people to sign in as: those the sample of the trade tells of, or those of the general company.
func (c demoCmd) logins(a *app.App) string {
	if p, err := a.Installer.Pack(c.Trade); err == nil && p.Sample != nil {
		return strings.Join(p.Sample.Posts(), ", ")
	}
	return "department_manager, account_manager, complaint_officer"
}

// demoConfig is the configuration of the environment over a data directory of its own, always SQLite and the loopback.
func (s *shell) demoConfig(suffix string) (config.Config, string, error) {
	cfg, err := s.config()
	if err != nil {
		return cfg, "", err
	}
	dir := filepath.Join(cfg.DataDir, "demo") + suffix
	env := slices.DeleteFunc(slices.Clone(s.Env), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return name == "DIANKE_DATA_DIR" || name == "DIANKE_DATABASE" || name == "DIANKE_SECRET_FILE"
	})
	cfg, err = config.Load(append(env, "DIANKE_DATA_DIR="+dir))
	return cfg, dir, err
}

// build builds beside the final place, so that an interrupted build leaves nothing half made.
func (c demoCmd) build(ctx context.Context, s *shell, dir string) error {
	s.say("Making the sample company; this takes a minute …")
	cfg, building, err := s.demoConfig(c.place() + ".new")
	if err != nil {
		return err
	}
	if err := os.RemoveAll(building); err != nil {
		return fmt.Errorf("remove what an earlier build left: %w", err)
	}
	if err := c.tell(ctx, s, cfg); err != nil {
		return err
	}
	if err := os.Rename(building, dir); err != nil {
		return fmt.Errorf("sample company: %w", err)
	}
	return nil
}

// tell lets the company work through its history on a clock of its own that ends now.
func (c demoCmd) tell(ctx context.Context, s *shell, cfg config.Config) error {
	now := clock.System{}.Now()
	story := clock.NewFake(now)
	a, err := app.Open(ctx, cfg, app.Options{Clock: story, Log: s.logger(cfg, slog.LevelWarn), Messages: app.SurfaceMessages(), Scratch: true})
	if err != nil {
		return s.explain(err)
	}
	b := &world.Builder{
		Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer,
		Samples: a.Samples, Clock: story, Packs: c.Pack, Trade: c.Trade, Now: now, Days: c.Days,
	}
	_, err = b.Build(ctx)
	return errors.Join(err, a.Close())
}
