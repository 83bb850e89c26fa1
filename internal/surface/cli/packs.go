package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"dianke/internal/app"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/pack/install"
	"dianke/internal/platform/i18n"
	"dianke/packs"
)

type packCmd struct {
	List   packListCmd   `cmd:"" help:"List the packs this program brings, and which of them are installed."`
	Check  packCheckCmd  `cmd:"" help:"Check packs: what is unknown, missing or doubled, with file, line and column."`
	Add    packAddCmd    `cmd:"" help:"Install packs with all they need; what the company has changed stays."`
	Sample packSampleCmd `cmd:"" help:"Load the sample data of an installed pack, or take them away again."`
	Remove packRemoveCmd `cmd:"" help:"Retire the regulations of packs and archive what they brought and nobody uses. Nothing is deleted."`
}

type packListCmd struct{}

// Run lists the packs. The database is looked at where there is one already.
func (packListCmd) Run(ctx context.Context, s *shell) error {
	states, err := s.packStates(ctx)
	if err != nil {
		return err
	}
	t := newTable("id", "version", "state", "regulations", "clauses", "needs", "title")
	for _, p := range states {
		title := p.Title.EN
		if s.lang() == i18n.ZH {
			title = p.Title.ZH
		}
		t.row(p.ID, p.Version, stateOf(p), strconv.Itoa(len(p.Regulations)), strconv.Itoa(p.Clauses()), strings.Join(p.Needs, ","), title)
	}
	return t.print(s.Out)
}

func stateOf(p *install.State) string {
	switch {
	case p.Installed:
		return "installed"
	case p.Removed:
		return "removed"
	}
	return "-"
}

// packStates reads the packs of the program, with what the company has of them where a company is there.
func (s *shell) packStates(ctx context.Context) (out []*install.State, err error) {
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(cfg.DatabaseFile()); err != nil && !cfg.IsPostgres() {
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("look at the database: %w", err)
		}
		list, err := pack.Load(packs.FS())
		for _, p := range list {
			out = append(out, &install.State{Pack: p})
		}
		return out, err
	}
	err = s.with(ctx, func(a *app.App) error {
		out, err = a.Installer.List(ctx)
		return err
	})
	return out, err
}

type packCheckCmd struct {
	Dir string `arg:"" optional:"" type:"existingdir" help:"A folder of packs; those of the program where left out."`
}

// Run prints one line a problem.
func (c packCheckCmd) Run(s *shell) error {
	files, where := packs.FS(), "packs of this program"
	if c.Dir != "" {
		files, where = os.DirFS(c.Dir), c.Dir
	}
	return s.checkPacks(files, where)
}

func (s *shell) checkPacks(files fs.FS, where string) error {
	list, err := pack.Load(files)
	if err != nil {
		return err
	}
	texts, err := i18n.Load(pack.Messages())
	if err != nil {
		return err
	}
	types, err := app.Registry()
	if err != nil {
		return err
	}
	problems := append(pack.Check(list), pack.CheckSamples(list, types)...)
	for _, p := range problems {
		s.say("%s:%d:%d: %s", p.File, p.Line, p.Column, texts.Text(s.lang(), p.Key, "subject", p.Subject))
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s: %d problems", where, len(problems))
	}
	s.say("%s: %d packs are in order", where, len(list))
	return nil
}

type packAddCmd struct {
	Pack   []string `arg:"" help:"Ids of packs."`
	Lang   string   `help:"Language of titles made by the packs." enum:"zh,en" default:"zh"`
	Sample bool     `help:"Load their sample data too; refused where real customers or cases stand."`
}

// Run installs in one transaction, then loads the samples.
func (c packAddCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		if err := s.install(ctx, a, c.Lang, c.Pack); err != nil || !c.Sample {
			return err
		}
		for _, id := range c.Pack {
			if err := s.loadSample(ctx, a, id); err != nil {
				return err
			}
		}
		return nil
	})
}

type packSampleCmd struct {
	Pack   string `arg:"" help:"Id of the pack."`
	Remove bool   `help:"Take the sample data away; what somebody has worked on since stays."`
}

// Run loads or removes the sample of a pack.
func (c packSampleCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		if !c.Remove {
			return s.loadSample(ctx, a, c.Pack)
		}
		gone, kept, err := a.RemoveSample(ctx, c.Pack)
		if err != nil {
			return err
		}
		s.say("Sample data of %s: %d records archived, %d kept because somebody has worked on them.", c.Pack, gone, kept)
		return nil
	})
}

func (s *shell) loadSample(ctx context.Context, a *app.App, id string) error {
	report, err := a.LoadSample(ctx, id)
	if err != nil {
		return err
	}
	s.say("Sample data of %s: %d records. dianke pack sample %s --remove takes them away.", id, report.Records, id)
	for _, skip := range report.Skipped {
		s.say("Line %d of the sample was left out: %v", skip.Line, skip.Why)
	}
	return nil
}

type packRemoveCmd struct {
	Pack []string `arg:"" help:"Ids of packs."`
}

// Run removes in one transaction.
func (c packRemoveCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		if err := a.RemovePacks(ctx, c.Pack...); err != nil {
			return err
		}
		s.say("Removed: %s. Their regulations are retired; nothing was deleted, and dianke pack add brings them back.", strings.Join(c.Pack, ", "))
		return nil
	})
}
