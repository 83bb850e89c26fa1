package regulation

import (
	"context"
	"strings"
	"time"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Proposal asks for a change of a regulation, by anybody it covers.
type Proposal struct {
	record.Head
	RegulationID record.ID  `rec:"ref,ref=regulation,required,once,index"`
	ClauseKey    string     `rec:"text,max=60,once,index"` // empty for a new clause
	Kind         string     `rec:"enum,required,enum=amend|delete|add|figure,default=amend"`
	Text         string     `rec:"longtext,max=10000,search"` // as it should read
	Reason       string     `rec:"longtext,required,max=4000,search"`
	Source       string     `rec:"enum,required,enum=practice|need|feedback|review|law|conflict,default=practice"`
	DueOn        *time.Time `rec:"date"` // until when it should be decided
	Status       string     `rec:"state,enum=proposed|accepted|adopted|declined,default=proposed"`
	Answer       string     `rec:"longtext,readonly,max=4000"`
	DecidedBy    record.ID  `rec:"user,readonly"`
	DecidedAt    *time.Time `rec:"time,readonly"`
	VersionID    record.ID  `rec:"ref,ref=regulation_version,readonly"` // version that took it up
}

// Reply is the input of actions that need words.
type Reply struct {
	Answer string `rec:"longtext,required,max=10000"`
}

// Adoption is the input of adopt.
type Adoption struct {
	VersionID record.ID `rec:"ref,ref=regulation_version,required"`
}

func proposalType() *record.Type {
	decide := func(_ context.Context, c *record.Call, p *Proposal, in *Reply) error {
		if p.CreatedBy == c.Actor().UserID {
			return errs.New(errs.Forbidden, "revision.own")
		}
		p.Answer, p.DecidedBy, p.DecidedAt = in.Answer, c.Actor().UserID, &c.Now
		return nil
	}
	return record.Declare[Proposal](record.Spec{
		Name: "revision_proposal", Plural: "revision_proposals", Room: "regulation", Prefix: "RP", Icon: "edit", Title: "clause_key",
		List: []string{"regulation_id", "clause_key", "kind", "reason", "status", "created_at"},
		Actions: []*record.Action{
			record.Act("accept", record.ActionSpec{From: []string{"proposed"}, To: "accepted", Primary: true, Icon: "check"}, decide),
			record.Act("decline", record.ActionSpec{From: []string{"proposed", "accepted"}, To: "declined", Icon: "x"}, decide),
			record.Act("adopt", record.ActionSpec{From: []string{"accepted"}, To: "adopted", Primary: true, Icon: "versions"},
				func(ctx context.Context, c *record.Call, p *Proposal, in *Adoption) error {
					v, err := record.Load[Version](ctx, c, "regulation_version", in.VersionID)
					if err != nil {
						return errs.Of("version_id", "field.unknown_ref").Because(err)
					}
					if v.RegulationID != p.RegulationID {
						return errs.Of("version_id", "revision.other_regulation")
					}
					p.VersionID = v.ID
					return nil
				}),
		},
		Prepare: func(ctx context.Context, c *record.Call) error {
			p := c.Record.(*Proposal)
			if (p.Kind == "amend" || p.Kind == "add" || p.Kind == "figure") && p.Text == "" {
				return errs.Of("text", "revision.text")
			}
			return clauseOfRegulation(ctx, c, p.RegulationID, p.ClauseKey, p.Kind == "add")
		},
	})
}

// clauseOfRegulation checks that the version in force has the clause.
func clauseOfRegulation(ctx context.Context, c *record.Call, regulation record.ID, key string, none bool) error {
	if key == "" && none || regulation == 0 || c.Before != nil {
		return nil
	}
	r, err := record.Load[Regulation](ctx, c, "regulation", regulation)
	if err != nil {
		return errs.Of("regulation_id", "field.unknown_ref").Because(err)
	}
	found, err := record.Find[Clause](ctx, c, "clause", record.All(record.Where("version_id", r.CurrentID), record.Where("key", key)), 1)
	if err == nil && len(found) == 0 {
		return errs.Of("clause_key", "regulation.no_clause").With("clause", key)
	}
	return err
}

// Interpretation is a question on a clause and its answer by the body that may interpret it. The answer stands under the
// clause for all to read.
type Interpretation struct {
	record.Head
	RegulationID record.ID  `rec:"ref,ref=regulation,required,once,index"`
	ClauseKey    string     `rec:"text,required,max=60,once,index,class=public"`
	Question     string     `rec:"longtext,required,max=4000,search,class=public"`
	Status       string     `rec:"state,enum=asked|answered|replaced|withdrawn,default=asked"`
	Answer       string     `rec:"longtext,readonly,max=10000,search,class=public"`
	AnsweredBy   record.ID  `rec:"user,readonly"`
	AnsweredAt   *time.Time `rec:"time,readonly,class=public"`
	Final        bool       `rec:"bool,readonly,class=public"` // by the body above, no further appeal
	ReplacesID   record.ID  `rec:"ref,ref=interpretation,readonly"`
}

func (e *Engine) interpretationType() *record.Type {
	return record.Declare[Interpretation](record.Spec{
		Name: "interpretation", Plural: "interpretations", Room: "regulation", Prefix: "IN", Icon: "help-circle", Title: "clause_key",
		List: []string{"regulation_id", "clause_key", "question", "status", "answered_at"},
		Actions: []*record.Action{
			record.Act("answer", record.ActionSpec{From: []string{"asked"}, To: "answered", Primary: true, Icon: "message"}, e.interpret),
			record.Act("overrule", record.ActionSpec{From: []string{"answered"}, To: "replaced", Icon: "gavel"}, e.overrule),
			record.Act("withdraw", record.ActionSpec{From: []string{"asked"}, To: "withdrawn", Icon: "x"},
				func(_ context.Context, c *record.Call, i *Interpretation, _ *record.None) error {
					if i.CreatedBy != c.Actor().UserID {
						return errs.New(errs.Forbidden, "interpretation.not_yours")
					}
					return nil
				}),
		},
		Prepare: func(ctx context.Context, c *record.Call) error {
			i := c.Record.(*Interpretation)
			return clauseOfRegulation(ctx, c, i.RegulationID, i.ClauseKey, false)
		},
	})
}

// interpret answers. Where the regulation names the posts that interpret it, only they may.
func (e *Engine) interpret(ctx context.Context, c *record.Call, i *Interpretation, in *Reply) error {
	r, err := record.Load[Regulation](ctx, c, "regulation", i.RegulationID)
	if err != nil {
		return err
	}
	if len(r.Interpreters) > 0 && !holdsAny(c.Actor(), r.Interpreters) {
		return errs.New(errs.Forbidden, "interpretation.not_body").With("posts", strings.Join(r.Interpreters, ", "))
	}
	i.Answer, i.AnsweredBy, i.AnsweredAt = in.Answer, c.Actor().UserID, &c.Now
	return notice.Send(ctx, c, notice.Message{
		Key: "regulation.interpretation.answered", Args: map[string]any{"title_zh": r.Title, "title_en": orText(r.TitleEn, r.Title), "clause": i.ClauseKey},
		AboutType: "interpretation", AboutID: i.ID, Clause: i.ClauseKey, Urgency: "info",
	}, i.CreatedBy)
}

// overrule replaces an answer by that of the body above, which is final.
func (e *Engine) overrule(ctx context.Context, c *record.Call, i *Interpretation, in *Reply) error {
	if i.Final {
		return errs.New(errs.Conflict, "interpretation.final_already")
	}
	r, err := record.Load[Regulation](ctx, c, "regulation", i.RegulationID)
	if err != nil {
		return err
	}
	if len(r.FinalBody) > 0 && !holdsAny(c.Actor(), r.FinalBody) {
		return errs.New(errs.Forbidden, "interpretation.not_body").With("posts", strings.Join(r.FinalBody, ", "))
	}
	return c.Work.Insert(ctx, c, "interpretation", &Interpretation{
		Head: record.Head{UnitID: i.UnitID, OwnerID: i.OwnerID}, RegulationID: i.RegulationID, ClauseKey: i.ClauseKey, Question: i.Question,
		Status: "answered", Answer: in.Answer, AnsweredBy: c.Actor().UserID, AnsweredAt: &c.Now, Final: true, ReplacesID: i.ID,
	})
}

func holdsAny(a record.Actor, posts []string) bool {
	for _, p := range posts {
		if a.Holds(p) {
			return true
		}
	}
	return false
}

func orText(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// RuleConflict records that two clauses cannot both be kept, and which of them prevails: that of the higher rank, the
// stricter one for a duty of employees, or the more favourable one where the law asks for it. While it is in effect the
// yielding clause acts no more.
type RuleConflict struct {
	record.Head
	KeepKey   string     `rec:"text,required,max=60,once,index,class=public"`
	YieldKey  string     `rec:"text,required,max=60,once,index,class=public"`
	Ground    string     `rec:"enum,required,enum=rank|stricter|favourable,class=public,default=rank"`
	Reason    string     `rec:"longtext,required,max=4000,class=public"`
	Status    string     `rec:"state,enum=in_effect|lifted,default=in_effect"`
	LiftedAt  *time.Time `rec:"time,readonly"`
	LiftedFor string     `rec:"longtext,readonly,max=4000"`
}

func (e *Engine) conflictType() *record.Type {
	return record.Declare[RuleConflict](record.Spec{
		Name: "rule_conflict", Plural: "rule_conflicts", Room: "regulation", Prefix: "RC", Icon: "arrows-split-2", Title: "yield_key", Open: true,
		List: []string{"keep_key", "yield_key", "ground", "status", "created_at"}, Without: []string{record.Update},
		Actions: []*record.Action{
			record.Act("lift", record.ActionSpec{From: []string{"in_effect"}, To: "lifted", Icon: "arrow-back-up"},
				func(_ context.Context, c *record.Call, x *RuleConflict, in *Waiver) error {
					x.LiftedAt, x.LiftedFor = &c.Now, in.Reason
					return nil
				}),
		},
		Prepare: e.checkConflict, Settled: e.bindingSettled,
	})
}

// ranks orders the ranks of regulations, the highest first.
func ranks() []string { return []string{"law", "company", "department", "team"} }

// checkConflict refuses a conflict with itself, with an unknown clause, or on the ground of rank where the clause to
// keep does not rank above the other.
func (e *Engine) checkConflict(ctx context.Context, c *record.Call) error {
	x := c.Record.(*RuleConflict)
	if c.Before != nil || x.KeepKey == "" || x.YieldKey == "" {
		return nil
	}
	if x.KeepKey == x.YieldKey {
		return errs.Of("yield_key", "conflict.same")
	}
	place := map[string]int{}
	for i, key := range []string{x.KeepKey, x.YieldKey} {
		r, err := e.regulationOfClause(ctx, c, key)
		if err != nil {
			return err
		}
		if r == nil {
			return errs.Of([]string{"keep_key", "yield_key"}[i], "regulation.no_clause").With("clause", key)
		}
		for j, rank := range ranks() {
			if r.Rank == rank {
				place[key] = j
			}
		}
	}
	if x.Ground == "rank" && place[x.KeepKey] >= place[x.YieldKey] {
		return errs.Of("ground", "conflict.rank")
	}
	return nil
}

// regulationOfClause finds the regulation in force that has the clause, or nil.
func (e *Engine) regulationOfClause(ctx context.Context, c *record.Call, key string) (*Regulation, error) {
	list, err := record.Find[Clause](ctx, c, "clause", record.Where("key", key), 50)
	if err != nil {
		return nil, err
	}
	for _, cl := range list {
		v, err := record.Load[Version](ctx, c, "regulation_version", cl.VersionID)
		if err != nil {
			return nil, err
		}
		if v.Status == "in_force" {
			return record.Load[Regulation](ctx, c, "regulation", v.RegulationID)
		}
	}
	return nil, nil
}

// Review is one regular look at a regulation: each clause gets a verdict.
type Review struct {
	record.Head
	RegulationID record.ID      `rec:"ref,ref=regulation,required,once,index"`
	Label        string         `rec:"text,readonly,max=240,name"`
	DueAt        *time.Time     `rec:"time,index"`
	Status       string         `rec:"state,enum=open|closed,default=open"`
	Verdicts     map[string]any `rec:"json"` // keep, amend or delete by clause
	Conclusion   string         `rec:"longtext,max=10000"`
	ClosedAt     *time.Time     `rec:"time,readonly"`
	ClosedBy     record.ID      `rec:"user,readonly"`
}

func (e *Engine) reviewType() *record.Type {
	return record.Declare[Review](record.Spec{
		Name: "regulation_review", Plural: "regulation_reviews", Room: "regulation", Prefix: "RV", Icon: "eye-check", Title: "label",
		List: []string{"label", "due_at", "status", "owner_id", "closed_at"},
		Actions: []*record.Action{
			record.Act("close", record.ActionSpec{From: []string{"open"}, To: "closed", Primary: true, Icon: "check"}, e.closeReview),
		},
		Prepare: func(ctx context.Context, c *record.Call) error {
			v := c.Record.(*Review)
			if c.Before != nil || v.RegulationID == 0 {
				return nil
			}
			r, err := record.Load[Regulation](ctx, c, "regulation", v.RegulationID)
			if err != nil {
				return errs.Of("regulation_id", "field.unknown_ref").Because(err)
			}
			v.Label = r.Title + " " + c.Now.In(e.Zone).Format("2006-01")
			return nil
		},
	})
}

// closeReview needs a verdict on every clause; what is to be amended or deleted becomes a proposal.
func (e *Engine) closeReview(ctx context.Context, c *record.Call, v *Review, _ *record.None) error {
	r, err := record.Load[Regulation](ctx, c, "regulation", v.RegulationID)
	if err != nil {
		return err
	}
	list, err := clausesOf(ctx, c, r.CurrentID)
	if err != nil {
		return err
	}
	open := 0
	for _, cl := range list {
		if cl.Body == "" {
			continue
		}
		switch verdict, _ := v.Verdicts[cl.Key].(string); verdict {
		case "keep":
		case "amend", "delete":
			err := c.Work.Insert(ctx, c, "revision_proposal", &Proposal{
				Head: record.Head{OwnerID: v.OwnerID, UnitID: v.UnitID}, RegulationID: r.ID, ClauseKey: cl.Key, Kind: verdict, Text: cl.Body,
				Reason: v.Conclusion + " (" + v.Label + ")", Source: "review", Status: "accepted", DecidedBy: c.Actor().UserID, DecidedAt: &c.Now,
			})
			if err != nil {
				return err
			}
		default:
			open++
		}
	}
	if open > 0 {
		return errs.New(errs.Conflict, "review.open_clauses").With("n", open)
	}
	v.ClosedAt, v.ClosedBy = &c.Now, c.Actor().UserID
	return nil
}

// askReviews opens the review of each regulation whose day has come, once, for the post that answers for it.
func (e *Engine) askReviews(ctx context.Context, c *record.Call) error {
	today := c.Now.In(e.Zone)
	day := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
	list, err := record.Find[Regulation](ctx, c, "regulation", record.Filter{Field: "review_on", Op: "le", Value: day}, tickBatch)
	if err != nil {
		return err
	}
	for _, r := range list {
		open, err := record.Find[Review](ctx, c, "regulation_review", record.All(record.Where("regulation_id", r.ID), record.Where("status", "open")), 1)
		if err != nil {
			return err
		}
		if len(open) > 0 || r.CurrentID == 0 {
			continue
		}
		if err := e.askReview(ctx, c, r); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) askReview(ctx context.Context, c *record.Call, r *Regulation) error {
	due := c.Now.AddDate(0, 0, 15)
	v := &Review{Head: record.Head{UnitID: r.UnitID}, RegulationID: r.ID, Label: r.Title + " " + c.Now.In(e.Zone).Format("2006-01"), DueAt: &due, Status: "open"}
	if r.Accountable != "" {
		people, err := org.Holders(ctx, c.Tx, r.Accountable, r.UnitID, c.Now)
		if err != nil {
			return err
		}
		if len(people) > 0 {
			v.OwnerID = people[0]
		}
	}
	if err := c.Work.Insert(ctx, c, "regulation_review", v); err != nil {
		return err
	}
	if r.ReviewEvery != nil {
		next := r.ReviewOn.AddDate(0, int(*r.ReviewEvery), 0)
		r.ReviewOn = &next
		if err := c.Work.Save(ctx, c, "regulation", "reviewed", r); err != nil {
			return err
		}
	}
	if v.OwnerID == 0 {
		return nil
	}
	return notice.Send(ctx, c, notice.Message{
		Key: "regulation.review.due", Args: map[string]any{"title_zh": r.Title, "title_en": orText(r.TitleEn, r.Title), "due": due.Format(time.RFC3339)},
		AboutType: "regulation_review", AboutID: v.ID, Urgency: "info",
	}, v.OwnerID)
}

// Responsibility is one thing a unit has to do: a duty, a field of work, a process, a topic that needs a rule, with the
// post that answers for it and the regulation that governs it.
type Responsibility struct {
	record.Head
	Title        string    `rec:"text,required,max=200,name,class=public"`
	Kind         string    `rec:"enum,required,enum=duty|area|process|topic,default=duty,index"`
	Accountable  []string  `rec:"multienum,class=public"` // posts that answer for it; there should be one
	Helpers      []string  `rec:"multienum,class=public"` // posts that take part
	RegulationID record.ID `rec:"ref,ref=regulation"`     // that governs it
	OfType       string    `rec:"text,max=40"`            // record type whose states are the process
	States       []string  `rec:"multienum"`              // as the process is published
	Note         string    `rec:"longtext,max=4000,class=public"`
	Status       string    `rec:"state,enum=draft|published|withdrawn,default=draft"`
}

func responsibilityType() *record.Type {
	none := func(context.Context, *record.Call, *Responsibility, *record.None) error { return nil }
	return record.Declare[Responsibility](record.Spec{
		Name: "responsibility", Plural: "responsibilities", Room: "regulation", Prefix: "RS", Icon: "user-check", Title: "title", Open: true,
		List: []string{"title", "kind", "accountable", "unit_id", "regulation_id", "status"},
		Actions: []*record.Action{
			record.Act("publish", record.ActionSpec{From: []string{"draft"}, To: "published", Primary: true, Icon: "speakerphone"}, none),
			record.Act("withdraw", record.ActionSpec{From: []string{"published"}, To: "withdrawn", Icon: "x"}, none),
		},
	})
}
