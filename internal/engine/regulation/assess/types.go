package assess

import (
	"context"
	"regexp"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Assessment looks at regulations over a period. Once frozen its rows and their hash never change.
type Assessment struct {
	record.Head
	Title       string         `rec:"text,required,max=200,name"`
	FromMonth   string         `rec:"text,required,max=7"` // 2026-01, inclusive
	ToMonth     string         `rec:"text,required,max=7"`
	Regulations []string       `rec:"multienum"`    // keys; none means all in force
	CoverUnit   record.ID      `rec:"ref,ref=unit"` // with those below; none means the whole company
	Status      string         `rec:"state,enum=draft|frozen|signed,default=draft"`
	Summary     map[string]any `rec:"json,readonly"`         // clauses by status
	Hash        string         `rec:"text,readonly,max=64"`  // SHA-256 over the rows, in hex
	AuditHead   string         `rec:"text,readonly,max=100"` // head of the audit log's chain at the freeze
	FrozenAt    *time.Time     `rec:"time,readonly"`
	FrozenBy    record.ID      `rec:"user,readonly"`
	Opinion     string         `rec:"longtext,readonly,max=10000"`
	SignedAt    *time.Time     `rec:"time,readonly"`
	SignedBy    record.ID      `rec:"user,readonly"`
}

// Finding is something an assessment found, with who has to do something about it.
type Finding struct {
	record.Head
	AssessmentID record.ID  `rec:"ref,ref=assessment,required,once,index"`
	ClauseKey    string     `rec:"text,required,max=60,once,index"`
	Kind         string     `rec:"enum,required,enum=nonconformity|observation|opportunity,default=nonconformity"`
	Body         string     `rec:"longtext,required,max=4000,search"`
	DueOn        *time.Time `rec:"date"`
	Status       string     `rec:"state,enum=open|answered|closed,default=open"`
	Answer       string     `rec:"longtext,readonly,max=4000"` // what was done
	AnsweredAt   *time.Time `rec:"time,readonly"`
	ClosedBy     record.ID  `rec:"user,readonly"`
}

// Exclusion says that a clause does not apply to the company, and why (适用性声明).
type Exclusion struct {
	record.Head
	ClauseKey string     `rec:"text,required,max=60,once,index,class=public"`
	Reason    string     `rec:"longtext,required,max=4000,class=public"`
	EndsOn    *time.Time `rec:"date,class=public"` // last day; empty for as long as it stands
	Status    string     `rec:"state,enum=in_effect|lifted,default=in_effect"`
	LiftedAt  *time.Time `rec:"time,readonly"`
}

// Opinion is the input of sign.
type Opinion struct {
	Opinion string `rec:"longtext,required,max=10000"`
}

// Answer is the input of answer.
type Answer struct {
	Answer string `rec:"longtext,required,max=4000"`
}

// Register adds the types. They refer to units and people of the organisation.
func (b *Book) Register(reg *record.Registry) {
	reg.Add(
		record.Declare[Assessment](record.Spec{
			Name: "assessment", Plural: "assessments", Room: "regulation", Prefix: "AS", Icon: "clipboard-check", Title: "title",
			List:    []string{"title", "from_month", "to_month", "status", "frozen_at", "signed_at"},
			Prepare: checkMonths,
			Actions: []*record.Action{
				record.Act("freeze", record.ActionSpec{From: []string{"draft"}, To: "frozen", Primary: true, Icon: "lock"}, b.freeze),
				record.Act("sign", record.ActionSpec{From: []string{"frozen"}, To: "signed", Primary: true, Icon: "signature"}, sign),
			},
		}),
		record.Declare[Finding](record.Spec{
			Name: "finding", Plural: "findings", Room: "regulation", Prefix: "FI", Icon: "zoom-exclamation", Title: "clause_key",
			List: []string{"clause_key", "kind", "body", "owner_id", "due_on", "status"},
			Actions: []*record.Action{
				record.Act("answer", record.ActionSpec{From: []string{"open"}, To: "answered", Primary: true, Icon: "message"},
					func(_ context.Context, c *record.Call, f *Finding, in *Answer) error {
						f.Answer, f.AnsweredAt = in.Answer, &c.Now
						return nil
					}),
				record.Act("close", record.ActionSpec{From: []string{"answered"}, To: "closed", Primary: true, Icon: "check"},
					func(_ context.Context, c *record.Call, f *Finding, _ *record.None) error {
						if f.OwnerID == c.Actor().UserID {
							return errs.New(errs.Forbidden, "finding.own")
						}
						f.ClosedBy = c.Actor().UserID
						return nil
					}),
				record.Act("reopen", record.ActionSpec{From: []string{"answered"}, To: "open", Icon: "arrow-back-up"},
					func(context.Context, *record.Call, *Finding, *record.None) error { return nil }),
			},
		}),
		record.Declare[Exclusion](record.Spec{
			Name: "exclusion", Plural: "exclusions", Room: "regulation", Prefix: "XC", Icon: "circle-off", Title: "clause_key",
			List: []string{"clause_key", "reason", "ends_on", "status"}, Prepare: onlyOne,
			Actions: []*record.Action{
				record.Act("lift", record.ActionSpec{From: []string{"in_effect"}, To: "lifted", Icon: "arrow-back-up"},
					func(_ context.Context, c *record.Call, x *Exclusion, _ *record.None) error {
						x.LiftedAt = &c.Now
						return nil
					}),
			},
		}),
	)
}

var month = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)

// checkMonths wants a period of months in their order, of five years at most, and leaves a frozen assessment alone.
func checkMonths(_ context.Context, c *record.Call) error {
	a := c.Record.(*Assessment)
	if c.Action.Name == record.Update && c.Before.(*Assessment).Status != "draft" {
		return errs.New(errs.Conflict, "assessment.frozen")
	}
	for name, text := range map[string]string{"from_month": a.FromMonth, "to_month": a.ToMonth} {
		if text != "" && !month.MatchString(text) {
			return errs.Of(name, "assessment.month")
		}
	}
	if a.FromMonth != "" && a.ToMonth != "" && (a.FromMonth > a.ToMonth || len(Months(a.FromMonth, a.ToMonth)) > 60) {
		return errs.Of("to_month", "assessment.period")
	}
	return nil
}

// onlyOne refuses a second exclusion of a clause.
func onlyOne(ctx context.Context, c *record.Call) error {
	x := c.Record.(*Exclusion)
	if c.Before != nil || x.ClauseKey == "" {
		return nil
	}
	list, err := record.Find[Exclusion](ctx, c, "exclusion", record.All(record.Where("clause_key", x.ClauseKey), record.Where("status", "in_effect")), 1)
	if err == nil && len(list) > 0 {
		return errs.Of("clause_key", "exclusion.twice")
	}
	return err
}

// sign puts somebody's name under a frozen assessment who did not freeze it himself.
func sign(_ context.Context, c *record.Call, a *Assessment, in *Opinion) error {
	if a.FrozenBy == c.Actor().UserID {
		return errs.New(errs.Forbidden, "assessment.two_people")
	}
	a.Opinion, a.SignedAt, a.SignedBy = in.Opinion, &c.Now, c.Actor().UserID
	return nil
}

// Months lists the months from the first to the last, both inclusive.
func Months(from, to string) []string {
	at, err := time.Parse("2006-01", from)
	if err != nil {
		return nil
	}
	var out []string
	for m := at.Format("2006-01"); m <= to && len(out) < 1200; m = at.Format("2006-01") {
		out, at = append(out, m), at.AddDate(0, 1, 0)
	}
	return out
}
