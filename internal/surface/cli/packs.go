package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"dianke/internal/app"
	"dianke/internal/engine/pack"
	"dianke/packs"
)

type packCmd struct {
	List  packListCmd  `cmd:"" help:"List the packs this program brings."`
	Check packCheckCmd `cmd:"" help:"Check packs: what is unknown, missing or doubled."`
	Add   packAddCmd   `cmd:"" help:"Install packs with all they need; what the company has changed stays."`
}

type packListCmd struct{}

// Run lists the packs; no database is needed.
func (packListCmd) Run(s *shell) error {
	list, err := pack.Load(packs.FS())
	if err != nil {
		return err
	}
	t := newTable("id", "version", "regulations", "clauses", "needs", "title")
	for _, p := range list {
		n := 0
		for _, r := range p.Regulations {
			n += len(r.Clauses())
		}
		title := p.Title.EN
		if s.lang() == "zh" {
			title = p.Title.ZH
		}
		t.row(p.ID, p.Version, strconv.Itoa(len(p.Regulations)), strconv.Itoa(n), strings.Join(p.Needs, ","), title)
	}
	return t.print(s.Out)
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
	problems := pack.Check(list)
	for _, p := range problems {
		s.say("%s", p)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s: %d problems", where, len(problems))
	}
	s.say("%s: %d packs are in order", where, len(list))
	return nil
}

type packAddCmd struct {
	Pack []string `arg:"" help:"Ids of packs."`
	Lang string   `help:"Language of titles made by the packs." enum:"zh,en" default:"zh"`
}

// Run installs in one transaction.
func (c packAddCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error { return s.install(ctx, a, c.Lang, c.Pack) })
}
