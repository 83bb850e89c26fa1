package app

import (
	"context"
	"fmt"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/pack/install"
	"dianke/internal/engine/pack/sample"
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

// messages gives casework the ready texts a pack brings; one whose title is there stays as the company has made it.
func messages(ctx context.Context, c *record.Call, p *pack.Pack, lang string) error {
	for _, m := range p.Messages {
		found, err := record.Find[casework.Macro](ctx, c, "case_macro", record.Where("title", inLang(m.Title, lang)), 1)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			continue
		}
		row := &casework.Macro{Title: inLang(m.Title, lang), Kind: m.Kind, Body: inLang(m.Text, lang), Active: true}
		if m.Category != "" {
			of, err := record.Find[casework.Category](ctx, c, "case_category", record.Where("key", m.Category), 1)
			if err != nil {
				return err
			}
			if len(of) > 0 {
				row.CategoryID = of[0].ID
			}
		}
		if err := c.Work.Insert(ctx, c, "case_macro", row); err != nil {
			return fmt.Errorf("ready text %s: %w", m.Key, err)
		}
	}
	return nil
}

// owned says what casework has of a pack, so that removing it can put that away. Ladders stay: measures in effect stand
// on them.
func owned() []install.Owned {
	return []install.Owned{
		{Type: "case_macro", Field: "title", Always: true, Values: func(p *pack.Pack, lang string) []string {
			var out []string
			for _, m := range p.Messages {
				out = append(out, inLang(m.Title, lang))
			}
			return out
		}},
		{Type: "intake_form", Field: "key", Always: true, Values: func(p *pack.Pack, _ string) []string {
			var out []string
			for _, f := range p.Forms {
				out = append(out, f.Key)
			}
			return out
		}},
		{Type: "case_category", Field: "key", Values: func(p *pack.Pack, _ string) []string {
			var out []string
			for _, cat := range p.Categories {
				out = append(out, cat.Key)
			}
			return out
		}},
	}
}

// LoadSample fills the company with the sample of an installed pack; see [sample.Loader.Load].
func (a *App) LoadSample(ctx context.Context, id string) (sample.Report, error) {
	return a.Samples.Load(ctx, a.System("pack.sample", "cli", "pack", record.Update), id, nil)
}

// RemoveSample takes the sample of a pack away; see [sample.Loader.Remove].
func (a *App) RemoveSample(ctx context.Context, id string) (gone, kept int, err error) {
	return a.Samples.Remove(ctx, a.System("pack.sample", "cli", "pack", record.Update), id)
}

// InstallPacks makes the roles and installs the packs with all they need, their regulations in force, in one
// transaction.
func (a *App) InstallPacks(ctx context.Context, lang string, ids ...string) error {
	return a.Installer.Add(ctx, a.System("pack.add", "cli", "unit", record.Create), lang, ids...)
}

// RemovePacks retires the regulations of the packs and puts away what they brought and nobody uses, in one transaction;
// see [install.Installer.Remove].
func (a *App) RemovePacks(ctx context.Context, ids ...string) error {
	return a.Installer.Remove(ctx, a.System("pack.remove", "cli", "pack", record.Update), ids...)
}
