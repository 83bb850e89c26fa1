package breach

import (
	"context"
	"strings"
	"time"

	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/errs"
)

func (o *Office) breachType() *record.Type {
	return record.Declare[Breach](record.Spec{
		Name: "breach", Plural: "breaches", Room: "regulation", Prefix: "BR", Icon: "alert-triangle", Title: "label", Prepare: o.label,
		List: []string{"label", "person_id", "status", "reply_due_at", "created_at"}, Groups: []string{"hearing", "decision"},
		Without: []string{record.Update, record.Create, record.Assign},
		Actions: []*record.Action{
			record.Act("notify", record.ActionSpec{From: []string{Suspected}, To: Notified, Primary: true, Icon: "mail"}, o.notify),
			record.Act("hear", record.ActionSpec{From: []string{Suspected, Notified, Unanswered}, To: Heard, Primary: true, Icon: "message"}, o.hear),
			record.Act("confirm", record.ActionSpec{From: []string{Heard, Unanswered}, To: Confirmed, Primary: true, Icon: "gavel"}, o.decide(evidence.Confirmed)),
			record.Act("propose", record.ActionSpec{From: []string{Confirmed}, Primary: true, Icon: "list-numbers"}, o.propose),
			record.Act("dismiss", record.ActionSpec{From: OpenStates(), To: Dismissed, Icon: "x"}, o.decide(evidence.Dismissed)),
			record.Act("name_person", record.ActionSpec{From: []string{Suspected}, Icon: "user"}, namePerson),
		},
	})
}

// Suspect writes a suspicion and tells those who decide about it. It runs in the action that raised it.
func (o *Office) Suspect(ctx context.Context, c *record.Call, b *Breach) error {
	b.Status = Suspected
	if err := c.Work.Insert(ctx, c, "breach", b); err != nil {
		return err
	}
	deciders, err := holders(ctx, c, "manager", b.UnitID, b.PersonID)
	if err != nil {
		return err
	}
	return o.tell(ctx, c, b, "breach.notice.suspected", "info", deciders...)
}

// label names the breach to people by the article it is about.
func (o *Office) label(ctx context.Context, c *record.Call) error {
	b := c.Record.(*Breach)
	if b.Label != "" || b.ClauseKey == "" {
		return nil
	}
	a, err := o.Article(ctx, c, b.VersionID, b.ClauseKey)
	if err == nil {
		b.Label = strings.TrimSpace(a.Title[0] + " " + a.Printed)
	}
	return err
}

// Naming is the input of name_person.
type Naming struct {
	PersonID record.ID `rec:"user,required"`
	Reason   string    `rec:"longtext,required,max=2000"`
}

// namePerson corrects who is suspected, as long as nobody was told yet.
func namePerson(ctx context.Context, c *record.Call, b *Breach, in *Naming) error {
	if err := unconcerned(ctx, c, b); err != nil {
		return err
	}
	if in.PersonID == c.Actor().UserID {
		return errs.Of("person_id", "breach.own_decision")
	}
	b.PersonID = in.PersonID
	return nil
}

// Summons is the input of notify: what is said to have happened, and within how many days the person may answer.
type Summons struct {
	Allegation string `rec:"longtext,max=4000"`
	ReplyDays  int64  `rec:"number,required,min=1,top=30,default=3"`
}

// notify tells the person what he is suspected of, by regulation, article and version, and until when he may answer.
func (o *Office) notify(ctx context.Context, c *record.Call, b *Breach, in *Summons) error {
	if err := unconcerned(ctx, c, b); err != nil {
		return err
	}
	if b.PersonID == 0 {
		return errs.New(errs.Conflict, "breach.nobody")
	}
	due := c.Now.AddDate(0, 0, int(max(in.ReplyDays, ShortestReply)))
	b.NotifiedBy, b.NotifiedAt, b.ReplyDueAt = c.Actor().UserID, &c.Now, &due
	if in.Allegation != "" {
		b.Allegation = in.Allegation
	}
	return o.tell(ctx, c, b, "breach.notice.notified", "warning", b.PersonID)
}

// Statement is the input of hear: what the person suspected says.
type Statement struct {
	Statement string      `rec:"longtext,required,max=10000"`
	Files     []record.ID `rec:"files"`
}

// hear takes the person's own answer, or what he said to somebody who is not concerned; the latter only after the notice.
func (o *Office) hear(ctx context.Context, c *record.Call, b *Breach, in *Statement) error {
	own := b.PersonID != 0 && b.PersonID == c.Actor().UserID
	if !own {
		if err := unconcerned(ctx, c, b); err != nil {
			return err
		}
		if b.Status == Suspected {
			return errs.New(errs.Conflict, "breach.notice_first")
		}
	}
	b.Statement, b.StatementFiles, b.StatementBy, b.StatementAt = in.Statement, in.Files, c.Actor().UserID, &c.Now
	to := b.NotifiedBy
	if to == 0 {
		deciders, err := holders(ctx, c, "manager", b.UnitID, b.PersonID)
		if err != nil {
			return err
		}
		return o.tell(ctx, c, b, "breach.notice.heard", "info", deciders...)
	}
	return o.tell(ctx, c, b, "breach.notice.heard", "info", to)
}

// Decision is the input of confirm and dismiss.
type Decision struct {
	Reason string `rec:"longtext,required,max=4000"`
}

func (o *Office) decide(result evidence.Result) func(context.Context, *record.Call, *Breach, *Decision) error {
	return func(ctx context.Context, c *record.Call, b *Breach, in *Decision) error {
		if err := unconcerned(ctx, c, b); err != nil {
			return err
		}
		b.Reason, b.DecidedBy, b.DecidedAt = in.Reason, c.Actor().UserID, &c.Now
		if err := o.tell(ctx, c, b, "breach.notice."+string(result), "info", b.PersonID); err != nil {
			return err
		}
		return o.Outcome(ctx, c.Tx, evidence.Outcome{
			At: c.Now, Regulation: b.Regulation, Clause: b.ClauseKey, Version: b.VersionID, Control: "detector", Result: result,
			Event: c.Event(), Type: "breach", Record: b.ID, Unit: b.UnitID, Person: b.PersonID,
		})
	}
}

// unconcerned refuses what the person concerned, or somebody recused from the record the breach is about, would do to it.
func unconcerned(ctx context.Context, c *record.Call, b *Breach) error {
	me := c.Actor().UserID
	if b.PersonID != 0 && b.PersonID == me {
		return errs.New(errs.Forbidden, "breach.own_decision")
	}
	var about record.ID
	if b.AboutID == "" || about.UnmarshalText([]byte(b.AboutID)) != nil {
		return nil
	}
	recused, err := recusal.Has(ctx, c.Tx, about, me)
	if err == nil && recused {
		err = errs.New(errs.Forbidden, "breach.recused")
	}
	return err
}

// tell sends a notice about the breach that names regulation, article and version.
func (o *Office) tell(ctx context.Context, c *record.Call, b *Breach, key, urgency string, to ...record.ID) error {
	args, err := o.args(ctx, c, b.VersionID, b.ClauseKey)
	if err != nil {
		return err
	}
	if b.ReplyDueAt != nil {
		args["due"] = b.ReplyDueAt.UTC().Format(time.RFC3339)
	}
	return notice.Send(ctx, c, notice.Message{Key: key, Args: args, AboutType: "breach", AboutID: b.ID, Clause: b.ClauseKey, Urgency: urgency}, to...)
}

func (o *Office) args(ctx context.Context, c *record.Call, version record.ID, clause string) (map[string]any, error) {
	a, err := o.Article(ctx, c, version, clause)
	if err != nil {
		return nil, err
	}
	return map[string]any{"title_zh": a.Title[0], "title_en": a.Title[1], "version": a.Version, "printed": a.Printed, "clause": clause}, nil
}
