package cli

import (
	"context"
	"strings"

	"dianke/internal/app"
)

type setupCmd struct {
	Pack []string `help:"Packs to install first, with all they need." placeholder:"ID"`
	Lang string   `help:"Language of titles made by the packs." enum:"zh,en" default:"zh"`
}

// Run prints the link. An earlier link is void afterwards.
func (c setupCmd) Run(ctx context.Context, s *shell) error {
	return s.with(ctx, func(a *app.App) error {
		if err := s.install(ctx, a, c.Lang, c.Pack); err != nil {
			return err
		}
		return s.printSetupLink(ctx, a, a.Config.BaseURL)
	})
}

// install installs the packs, if any, and says so.
func (s *shell) install(ctx context.Context, a *app.App, lang string, packs []string) error {
	if len(packs) == 0 {
		return nil
	}
	list, err := a.Installer.Order(packs...)
	if err != nil {
		return err
	}
	if err := a.InstallPacks(ctx, lang, packs...); err != nil {
		return err
	}
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.ID
	}
	s.say("Installed: %s", strings.Join(names, ", "))
	return nil
}
