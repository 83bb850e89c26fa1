package regulation

import (
	"context"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/breach"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// breaches is the office that leads suspicions to their end.
func (e *Engine) breaches() *breach.Office {
	return &breach.Office{Zone: e.Zone, Outcome: e.outcome, Article: articleOf}
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

// CitationOf names a clause of a version, whatever its state, with the number of the version. A version that is gone
// leaves the key of the clause. Regulations are open to everybody signed in.
func (e *Engine) CitationOf(ctx context.Context, version record.ID, clause string) (Citation, int64, error) {
	out, no := Citation{Clause: clause, Printed: clause, Version: version}, int64(0)
	if version == 0 {
		return out, 0, nil
	}
	_, err := db.View(ctx, e.DB, func(tx *db.Tx) (int, error) {
		c := e.reader(tx, "clause")
		v, err := record.Load[Version](ctx, c, "regulation_version", version)
		if err != nil {
			return 0, err
		}
		r, err := record.Load[Regulation](ctx, c, "regulation", v.RegulationID)
		if err != nil {
			return 0, err
		}
		no, out.Regulation, out.Title = v.VersionNo, r.Key, [2]string{r.Title, r.TitleEn}
		list, err := record.Find[Clause](ctx, c, "clause", record.All(record.Where("version_id", version), record.Where("key", clause)), 1)
		if err == nil && len(list) == 1 {
			out.Body = [2]string{list[0].Body, list[0].BodyEn}
			if list[0].Printed != "" {
				out.Printed = list[0].Printed
			}
		}
		return 0, err
	})
	if errs.Is(err, errs.NotFound) {
		return out, 0, nil
	}
	return out, no, err
}

// NextMeasure names ladder and step of the measure that would be next for the person of a breach; none where its clause
// names no ladder. The caller has read the breach with its scope.
func (e *Engine) NextMeasure(ctx context.Context, id record.ID) (ladder, step string, err error) {
	_, err = db.View(ctx, e.DB, func(tx *db.Tx) (int, error) {
		c := e.reader(tx, "breach")
		b, err := record.Load[breach.Breach](ctx, c, "breach", id)
		if err != nil || b.LadderKey == "" {
			return 0, err
		}
		list, err := record.Find[breach.Ladder](ctx, c, "ladder", record.Where("key", b.LadderKey), 1)
		if err != nil || len(list) == 0 {
			return 0, err
		}
		next, err := breach.NextStep(ctx, c, list[0], b.PersonID, b.StepKey)
		if err == nil {
			ladder, step = list[0].Title, next.Title
		}
		return 0, err
	})
	return ladder, step, err
}
