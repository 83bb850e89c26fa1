package regulation

import (
	"context"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/breach"
	"dianke/internal/engine/regulation/evidence"
)

// breaches is the office that leads suspicions to their end.
func (e *Engine) breaches() *breach.Office {
	return &breach.Office{Outcome: e.outcome, Article: articleOf}
}

// articleOf names a clause of a version to people; a version that is gone leaves the key of the clause.
func articleOf(ctx context.Context, c *record.Call, version record.ID, clause string) (breach.Article, error) {
	out := breach.Article{Printed: clause}
	if version == 0 {
		return out, nil
	}
	v, err := record.Load[Version](ctx, c, "regulation_version", version)
	if err != nil {
		return out, err
	}
	r, err := record.Load[Regulation](ctx, c, "regulation", v.RegulationID)
	if err != nil {
		return out, err
	}
	out.Title, out.Version = [2]string{r.Title, r.Title}, fmt.Sprintf("V%d", v.VersionNo)
	if r.TitleEn != "" {
		out.Title[1] = r.TitleEn
	}
	list, err := record.Find[Clause](ctx, c, "clause", record.All(record.Where("version_id", version), record.Where("key", clause)), 1)
	if err == nil && len(list) == 1 && list[0].Printed != "" {
		out.Printed = list[0].Printed
	}
	return out, err
}

// suspect makes a breach of what a detector has found. It reports whether the suspicion stands already.
func (e *Engine) suspect(ctx context.Context, c *record.Call, n *entry, o evidence.Outcome) (known bool, err error) {
	open := make([]any, 0, len(breach.OpenStates()))
	for _, s := range breach.OpenStates() {
		open = append(open, s)
	}
	list, err := record.Find[breach.Breach](ctx, c, "breach", record.All(record.Where("clause_key", n.Clause), record.Where("about_id", o.Record.String()),
		record.Filter{Field: "status", Op: "in", Value: open}), 1)
	if err != nil || len(list) > 0 {
		return len(list) > 0, err
	}
	return false, e.breaches().Suspect(ctx, c, &breach.Breach{
		Head: record.Head{UnitID: o.Unit}, ClauseKey: n.Clause, Regulation: n.law.regulation, VersionID: n.law.version,
		AboutType: o.Type, AboutID: o.Record.String(), PersonID: o.Person, Allegation: n.Say.ZH, LadderKey: n.Ladder, StepKey: n.Measure,
	})
}
