package app

import (
	"context"
	"fmt"

	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/breach"
)

// ladders publishes the ladders of measures a pack brings; those the company has already stay as they are.
func ladders(ctx context.Context, c *record.Call, p *pack.Pack, lang string) error {
	for _, l := range p.Ladders {
		row := &breach.Ladder{Key: l.Key, Title: inLang(l.Title, lang), TitleEn: l.Title.EN, Origin: "pack:" + p.ID}
		steps := make([]*breach.Step, len(l.Steps))
		for i, s := range l.Steps {
			steps[i] = &breach.Step{
				Key: s.Key, Title: inLang(s.Title, lang), TitleEn: s.Title.EN, Kind: kindOf(s), Points: positive(s.Points), Amount: positive(s.Amount),
				Months: positive(min(s.Months, breach.LongestMonths)),
			}
		}
		if err := breach.Install(ctx, c, row, steps); err != nil {
			return fmt.Errorf("ladder %s: %w", l.Key, err)
		}
	}
	return nil
}

// kindOf is the kind of a step. What a pack calls a deduction is one of the three the law knows: performance pay up to a
// sum, performance points, or compensation for damage done.
func kindOf(s pack.Step) string {
	switch {
	case s.Kind != "deduction":
		return s.Kind
	case s.Amount > 0:
		return breach.Pay
	case s.Points > 0:
		return breach.Points
	}
	return breach.Damage
}

func positive(n int) *int64 {
	if n <= 0 {
		return nil
	}
	v := int64(n)
	return &v
}

func inLang(t pack.Text, lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.ZH
}
