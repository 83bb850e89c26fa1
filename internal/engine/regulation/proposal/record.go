package proposal

import (
	"context"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
)

// Proposal is one control proposed for one clause of a draft. It is kept until somebody decides, and afterwards as the
// memory of what was decided by whom.
type Proposal struct {
	record.Head
	VersionID  record.ID  `rec:"ref,ref=regulation_version,parent,required,once"`
	ClauseKey  string     `rec:"text,required,max=60,index,once"`
	Position   int64      `rec:"number,once"` // of the clause within its version
	Rank       int64      `rec:"number,once,min=1,top=3"`
	Control    string     `rec:"enum,required,enum=guard|deadline|duty|detector|register|workflow|metric|attest|acknowledge"`
	Room       string     `rec:"text,max=40,once"`           // whose records can prove the clause
	Point      string     `rec:"text,max=80,once"`           // event or record type the binding takes hold of
	Spec       string     `rec:"longtext,max=20000"`         // YAML; empty where it is to be bound by hand
	Confidence float64    `rec:"percent,once,min=0,top=100"` // how often such a proposal is right
	LikeKey    string     `rec:"text,max=60,once"`           // the known clause it follows
	LikeTitle  string     `rec:"text,max=200,once"`          // of that clause's regulation
	LikeNo     string     `rec:"text,max=60,once"`           // number of that clause as printed
	Likeness   float64    `rec:"percent,once,min=0,top=100"`
	Figures    string     `rec:"text,max=500,once"` // figures of the text that were found, as printed
	Status     string     `rec:"state,enum=proposed|accepted|edited|rejected,default=proposed"`
	BindingID  record.ID  `rec:"ref,ref=binding,readonly"` // what came of it
	DecidedBy  record.ID  `rec:"user,readonly"`
	DecidedAt  *time.Time `rec:"time,readonly"`
}

// Edited is the input of edit: the binding as a person wrote it.
type Edited struct {
	Control string `rec:"enum,required,enum=guard|deadline|duty|detector|register|workflow|metric|attest|acknowledge"`
	Spec    string `rec:"longtext,required,max=20000"`
}

// Register adds the type of proposals to the registry.
func Register(reg *record.Registry) {
	none := func(context.Context, *record.Call, *Proposal, *record.None) error { return nil }
	reg.Add(record.Declare[Proposal](record.Spec{
		Name: "proposal", Plural: "proposals", Room: "regulation", Prefix: "PP", Icon: "bulb", Title: "clause_key", Open: true,
		List:    []string{"clause_key", "rank", "control", "point", "confidence", "status"},
		Without: []string{record.Create, record.Update, record.Assign, record.Archive, record.Restore}, Prepare: decided,
		Actions: []*record.Action{
			record.Act("accept", record.ActionSpec{From: []string{"proposed"}, To: "accepted", Primary: true, Bulk: true, Icon: "check"},
				func(ctx context.Context, c *record.Call, p *Proposal, _ *record.None) error {
					if p.Spec == "" {
						return errs.New(errs.Conflict, "proposal.no_spec")
					}
					return bind(ctx, c, p)
				}),
			record.Act("edit", record.ActionSpec{From: []string{"proposed"}, To: "edited", Primary: true, Icon: "pencil"},
				func(ctx context.Context, c *record.Call, p *Proposal, in *Edited) error {
					p.Control, p.Spec = in.Control, in.Spec
					return bind(ctx, c, p)
				}),
			record.Act("reject", record.ActionSpec{From: []string{"proposed"}, To: "rejected", Bulk: true, Icon: "x"}, none),
			record.Act("reconsider", record.ActionSpec{From: []string{"rejected"}, To: "proposed", Icon: "arrow-back-up"}, none),
		},
	}))
}

// decided notes who decided when, and forgets it where the decision is taken back.
func decided(_ context.Context, c *record.Call) error {
	p := c.Record.(*Proposal)
	if c.Before == nil || c.Before.(*Proposal).Status == p.Status {
		return nil
	}
	p.DecidedBy, p.DecidedAt = c.Actor().UserID, &c.Now
	if p.Status == "proposed" {
		p.DecidedBy, p.DecidedAt = 0, nil
	}
	return nil
}

// bind writes the binding of a proposal into its version, which must still be a draft.
func bind(ctx context.Context, c *record.Call, p *Proposal) error {
	v, err := record.Load[regulation.Version](ctx, c, "regulation_version", p.VersionID)
	if err != nil {
		return err
	}
	if v.Status != "draft" {
		return errs.New(errs.Conflict, "regulation.not_draft")
	}
	b := &regulation.Binding{VersionID: p.VersionID, ClauseKey: p.ClauseKey, Control: p.Control, Spec: p.Spec}
	if err := c.Work.Insert(ctx, c, "binding", b); err != nil {
		return err
	}
	p.BindingID = b.ID
	return nil
}

// Grants open proposals to those who may bind clauses.
func Grants() access.RoleGrants {
	list := []access.Grant{{Type: "proposal", Action: "*", Reach: access.All, Class: record.Internal}}
	return access.RoleGrants{"manager": list, "director": list, "partner": list}
}
