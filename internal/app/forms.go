package app

import (
	"context"
	"fmt"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/custom"
)

// forms gives casework the public forms a pack brings, and cases the questions they ask; a form that is there stays as the
// company has made it.
func (a *App) forms(ctx context.Context, c *record.Call, p *pack.Pack, lang string) error {
	for _, f := range p.Forms {
		for _, q := range f.Fields {
			if err := a.Fields.AddIn(ctx, c.Tx, a.System("pack.add", "cli", "case", record.Update), questionOf(q, lang)); err != nil {
				return fmt.Errorf("question %s: %w", q.Name, err)
			}
		}
		found, err := record.Find[casework.IntakeForm](ctx, c, "intake_form", record.Where("key", f.Key), 1)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			continue
		}
		row, err := formOf(ctx, c, f)
		if err != nil {
			return err
		}
		if err := c.Work.Insert(ctx, c, "intake_form", row); err != nil {
			return fmt.Errorf("form %s: %w", f.Key, err)
		}
	}
	return nil
}

// formOf is the record of a form; its page is shown in both languages whatever the installation's is.
func formOf(ctx context.Context, c *record.Call, f pack.Form) (*casework.IntakeForm, error) {
	row := &casework.IntakeForm{
		Key: f.Key, Title: f.Title.ZH, TitleEN: f.Title.EN, Intro: f.Lead.ZH, IntroEN: f.Lead.EN, Thanks: f.Thanks.ZH, ThanksEN: f.Thanks.EN, Kind: f.Kind,
		Asks: f.Ask, Musts: f.Must, Active: true,
	}
	for _, q := range f.Fields {
		row.Extra = append(row.Extra, q.Name)
		if q.Required {
			row.ExtraMusts = append(row.ExtraMusts, q.Name)
		}
	}
	var err error
	if row.CategoryID, err = keyed(ctx, c, "case_category", f.Category); err != nil {
		return nil, err
	}
	row.DeskID, err = keyed(ctx, c, "unit", f.Unit)
	row.UnitID = row.DeskID
	return row, err
}

// keyed is the record of a key; none for an empty key or one the company has put away.
func keyed(ctx context.Context, c *record.Call, typ, key string) (record.ID, error) {
	if key == "" {
		return 0, nil
	}
	list, err := c.Work.Find(ctx, c, typ, record.Where("key", key), 1)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].HeadOf().ID, nil
}

func questionOf(q pack.FormField, lang string) custom.Spec {
	s := custom.Spec{
		Type: "case", Name: q.Name, Kind: q.Kind, Class: record.Internal.String(), Group: "concern",
		Labels: map[string]string{"zh": q.Label.ZH, "en": q.Label.EN},
	}
	if q.Personal {
		s.Class = record.Personal.String()
	}
	for _, o := range q.Options {
		s.Options = append(s.Options, inLang(o, lang))
	}
	return s
}
