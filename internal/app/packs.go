package app

import (
	"context"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
)

// categories gives casework the tree of categories a pack brings.
func categories(ctx context.Context, c *record.Call, p *pack.Pack, _ string) error {
	for _, cat := range p.Categories {
		found, err := record.Find[casework.Category](ctx, c, "case_category", record.Where("key", cat.Key), 1)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			continue
		}
		row := &casework.Category{Key: cat.Key, Title: cat.Title.ZH, TitleEN: cat.Title.EN, Kinds: cat.Kinds}
		if cat.Parent != "" {
			above, err := record.Find[casework.Category](ctx, c, "case_category", record.Where("key", cat.Parent), 1)
			if err != nil {
				return err
			}
			if len(above) > 0 {
				row.ParentID = above[0].ID
			}
		}
		if err := c.Work.Insert(ctx, c, "case_category", row); err != nil {
			return err
		}
	}
	return nil
}

// InstallPacks makes the roles and installs the packs with all they need, their regulations in force, in one
// transaction.
func (a *App) InstallPacks(ctx context.Context, lang string, ids ...string) error {
	list, err := a.Installer.Order(ids...)
	if err != nil {
		return err
	}
	return a.InTx(ctx, "pack.add", "cli", func(c *record.Call) error {
		if err := a.Installer.EnsureRoles(ctx, c, lang); err != nil {
			return err
		}
		for _, p := range list {
			if err := a.Installer.Install(ctx, c, p, lang, true); err != nil {
				return err
			}
		}
		return nil
	})
}
