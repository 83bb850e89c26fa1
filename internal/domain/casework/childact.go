package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

func prepareNote(ctx context.Context, c *record.Call) error {
	n := c.Record.(*Note)
	if n.At.IsZero() {
		n.At = c.Now
	}
	if before, ok := c.Before.(*Note); ok && before.Kind == "amendment" && n.Text != before.Text {
		return errs.New(errs.Conflict, "case_note.amendment_stays")
	}
	return caseOpen(ctx, c, n.CaseID)
}

func prepareTimeline(ctx context.Context, c *record.Call) error {
	e := c.Record.(*TimelineEntry)
	e.Verified = e.SourceKind != "" && strings.TrimSpace(e.Source) != ""
	return caseOpen(ctx, c, e.CaseID)
}

// Authentication is the input of verify: how a material was checked.
type Authentication struct {
	Authenticity string `rec:"enum,required,enum=genuine|doubtful|not_checkable"`
	CheckMethod  string `rec:"text,required"`
}

// Loan is the input of hand_out.
type Loan struct {
	HandedOutTo string    `rec:"text,max=80"`
	ReturnOn    time.Time `rec:"date"`
}

func materialActions() []*record.Action {
	return []*record.Action{
		record.Act("verify", record.ActionSpec{Primary: true, Icon: "certificate"}, func(_ context.Context, c *record.Call, m *Material, in *Authentication) error {
			m.Authenticity, m.CheckMethod, m.CheckedBy, m.CheckedAt = in.Authenticity, in.CheckMethod, c.Actor().UserID, c.Now
			return nil
		}),
		record.Act("hand_out", record.ActionSpec{Icon: "logout"}, func(_ context.Context, c *record.Call, m *Material, in *Loan) error {
			if !m.HandedOutAt.IsZero() && m.ReturnedAt.IsZero() {
				return errs.New(errs.Conflict, "case_material.is_out")
			}
			m.HandedOutTo, m.ReturnOn, m.HandedOutAt, m.ReturnedAt = in.HandedOutTo, in.ReturnOn, c.Now, time.Time{}
			return nil
		}),
		record.Act("take_back", record.ActionSpec{Icon: "login"}, func(_ context.Context, c *record.Call, m *Material, _ *record.None) error {
			if m.HandedOutAt.IsZero() || !m.ReturnedAt.IsZero() {
				return errs.New(errs.Conflict, "case_material.is_here")
			}
			m.ReturnedAt = c.Now
			return nil
		}),
		record.Act("confirm_handback", record.ActionSpec{Bulk: true, Icon: "package-import"}, func(_ context.Context, c *record.Call, m *Material, in *struct {
			Note string `rec:"text"`
		}) error {
			m.HandedBackAt, m.HandedBackBy, m.HandedBackNote = c.Now, c.Actor().UserID, in.Note
			return nil
		}),
	}
}

func allegationActions() []*record.Action {
	return []*record.Action{
		record.Act("find", record.ActionSpec{Primary: true, Icon: "gavel"}, func(_ context.Context, c *record.Call, a *Allegation, in *struct {
			Finding string `rec:"enum,required,enum=proven|unproven|refuted|answered"`
			Reason  string `rec:"longtext,max=4000"`
			Source  string `rec:"text,max=200"`
		}) error {
			a.Finding, a.Reason, a.Source, a.FoundBy, a.FoundAt = in.Finding, in.Reason, in.Source, c.Actor().UserID, c.Now
			return nil
		}),
	}
}

func measureActions() []*record.Action {
	return []*record.Action{
		record.Act("complete", record.ActionSpec{From: []string{"open"}, To: "done", Primary: true, Icon: "check"}, func(_ context.Context, c *record.Call, m *Measure, in *struct {
			Outcome string `rec:"longtext,required,max=2000"`
		}) error {
			m.Outcome, m.DoneAt, m.DoneBy = in.Outcome, c.Now, c.Actor().UserID
			return nil
		}),
		record.Act("verify", record.ActionSpec{From: []string{"done"}, To: "verified", Primary: true, Icon: "checks"}, func(_ context.Context, c *record.Call, m *Measure, _ *record.None) error {
			if m.DoneBy != 0 && m.DoneBy == c.Actor().UserID {
				return errs.New(errs.Forbidden, "case_measure.verify_own")
			}
			m.VerifiedAt, m.VerifiedBy = c.Now, c.Actor().UserID
			return nil
		}),
		record.Act("check_effect", record.ActionSpec{From: []string{"done", "verified"}, Icon: "target"}, func(_ context.Context, c *record.Call, m *Measure, in *struct {
			Effect string `rec:"enum,required,enum=works|partly|fails"`
		}) error {
			m.Effect, m.EffectSeen = in.Effect, c.Now
			return nil
		}),
		record.Act("reopen", record.ActionSpec{From: []string{"done", "verified", "dropped"}, To: "open", Icon: "lock-open"}, func(_ context.Context, _ *record.Call, m *Measure, _ *Reasoned) error {
			m.DoneAt, m.DoneBy, m.VerifiedAt, m.VerifiedBy = time.Time{}, 0, time.Time{}, 0
			m.ReopenCount++
			return nil
		}),
		record.Act("drop", record.ActionSpec{From: []string{"open"}, To: "dropped", Danger: true, Icon: "x"}, func(_ context.Context, _ *record.Call, m *Measure, in *Reasoned) error {
			m.DroppedWhy = in.Reason
			return nil
		}),
	}
}

func objectionActions() []*record.Action {
	return []*record.Action{
		record.Act("follow_up", record.ActionSpec{From: []string{"open"}, To: "settled", Primary: true, Icon: "check"}, func(_ context.Context, c *record.Call, o *Objection, in *struct {
			FollowUp     string `rec:"enum,required,enum=reexamination|talk|external_routes|other"`
			FollowUpText string `rec:"longtext,max=4000"`
			RoutesTold   bool   `rec:"bool"`
			Outcome      string `rec:"enum,required,enum=confirmed|changed|withdrawn"`
		}) error {
			o.FollowUp, o.FollowUpText, o.Outcome, o.SettledAt = in.FollowUp, in.FollowUpText, in.Outcome, c.Now
			o.RoutesTold = in.RoutesTold || in.FollowUp == "external_routes"
			return nil
		}),
	}
}

func taskActions() []*record.Action {
	return []*record.Action{
		record.Act("accept", record.ActionSpec{From: []string{"open"}, To: "accepted", Primary: true, Icon: "check"}, func(_ context.Context, c *record.Call, t *Task, _ *record.None) error {
			t.AcceptedAt = c.Now
			if t.OwnerID == 0 {
				t.OwnerID = c.Actor().UserID
			}
			return nil
		}),
		record.Act("answer", record.ActionSpec{From: []string{"open", "accepted"}, To: "answered", Primary: true, Icon: "message-check"}, func(_ context.Context, c *record.Call, t *Task, in *struct {
			Answer  string `rec:"longtext,required,max=8000"`
			Verdict string `rec:"enum,enum=done|plan|rejected,default=done"`
		}) error {
			t.Answer, t.Verdict, t.AnsweredAt, t.AnsweredBy = in.Answer, in.Verdict, c.Now, c.Actor().UserID
			return nil
		}),
		record.Act("give_back", record.ActionSpec{From: []string{"open", "accepted"}, To: "returned", Icon: "arrow-back-up"}, func(_ context.Context, _ *record.Call, t *Task, in *Reasoned) error {
			t.ReturnWhy = in.Reason
			return nil
		}),
		record.Act("confirm", record.ActionSpec{From: []string{"answered"}, To: "confirmed", Icon: "checks"}, func(context.Context, *record.Call, *Task, *record.None) error { return nil }),
		record.Act("send_again", record.ActionSpec{From: []string{"answered", "returned"}, To: "open", Icon: "refresh"}, func(_ context.Context, _ *record.Call, t *Task, in *Reasoned) error {
			t.ReturnWhy, t.AcceptedAt = in.Reason, time.Time{}
			return nil
		}),
	}
}

// settleStatement keeps whoever is recused from the case away from what others say about it.
func settleStatement(ctx context.Context, c *record.Call) error {
	s := c.Record.(*Statement)
	if c.Action.Name != record.Create || s.AboutID == 0 {
		return nil
	}
	list, err := recusal.List(ctx, c.Tx, s.AboutID)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.User == s.UserID {
			continue
		}
		if err := recusal.Declare(ctx, c, s.ID, "case_statement", r.User, r.Reason); err != nil {
			return err
		}
	}
	return nil
}

func statementActions() []*record.Action {
	return []*record.Action{
		record.Act("give", record.ActionSpec{From: []string{"asked"}, To: "given", Primary: true, Icon: "pencil"}, func(_ context.Context, c *record.Call, s *Statement, in *struct {
			Text string `rec:"longtext,required,max=8000"`
		}) error {
			if s.UserID != c.Actor().UserID {
				return errs.New(errs.Forbidden, "case_statement.own_only")
			}
			s.Text, s.GivenAt = in.Text, c.Now
			return nil
		}),
	}
}

func replyActions() []*record.Action {
	ready := []string{"draft", "approved"}
	return []*record.Action{
		record.Act("send", record.ActionSpec{From: ready, To: "sent", Primary: true, Icon: "send"}, func(ctx context.Context, c *record.Call, r *Reply, in *struct {
			Proof string `rec:"text,max=200"`
		}) error {
			setIf(&r.Proof, in.Proof)
			k, err := record.Load[Case](ctx, c, "case", r.CaseID)
			if err != nil {
				return err
			}
			return r.markSent(ctx, c, k)
		}),
		record.Act("hold", record.ActionSpec{From: []string{"draft"}, To: "held", Icon: "hand-stop"}, func(_ context.Context, _ *record.Call, r *Reply, in *Reasoned) error {
			r.HoldReason = in.Reason
			return nil
		}),
		record.Act("approve", record.ActionSpec{From: []string{"draft", "held"}, To: "approved", Primary: true, Icon: "check"}, func(_ context.Context, c *record.Call, r *Reply, _ *record.None) error {
			r.ApprovedBy, r.ApprovedAt = c.Actor().UserID, c.Now
			return nil
		}),
		record.Act("reject", record.ActionSpec{From: []string{"held", "approved"}, To: "draft", Icon: "arrow-back-up"}, func(_ context.Context, _ *record.Call, r *Reply, in *Reasoned) error {
			r.HoldReason, r.ApprovedBy, r.ApprovedAt = in.Reason, 0, time.Time{}
			return nil
		}),
		record.Act("discard", record.ActionSpec{From: []string{"draft", "held", "approved"}, To: "discarded", Icon: "trash"}, func(context.Context, *record.Call, *Reply, *record.None) error { return nil }),
	}
}

// markSent notes who sent the reply. What the program is to deliver waits for the mail room from now on.
func (r *Reply) markSent(ctx context.Context, c *record.Call, k *Case) error {
	r.State, r.SentAt, r.SentBy = "sent", c.Now, c.Actor().UserID
	if r.SignatoryID == 0 {
		r.SignatoryID = c.Actor().UserID
	}
	if !r.Deliver {
		return nil
	}
	r.Delivery = "queued"
	return r.addressed(ctx, c, k)
}

// prepareReply keeps what was sent or approved as it was read: a changed text has to be approved again.
func prepareReply(ctx context.Context, c *record.Call) error {
	r := c.Record.(*Reply)
	if deliveries()[c.Action.Name] {
		return nil // what became of the mail is no change of the letter, and comes when the case may be put away
	}
	if before, ok := c.Before.(*Reply); ok {
		changed := before.Body != r.Body || before.Subject != r.Subject || before.Channel != r.Channel
		switch {
		case before.State == "sent" || before.State == "discarded":
			return errs.New(errs.Conflict, "case_reply.final")
		case changed && before.State == "approved":
			r.State, r.ApprovedBy, r.ApprovedAt = "draft", 0, time.Time{}
		}
	}
	return caseOpen(ctx, c, r.CaseID)
}

// settleReply tells the case that an answer went out, unless the case sent it itself.
func settleReply(ctx context.Context, c *record.Call) error {
	r := c.Record.(*Reply)
	if c.Action.Name != "send" || r.direct {
		return nil
	}
	k, err := record.Load[Case](ctx, c, "case", r.CaseID)
	if err != nil {
		return err
	}
	if !slices.Contains(append(working(), Answered, Informed), k.State) {
		return nil // a letter after the end changes nothing in the case
	}
	if err := k.acceptedFirst(); err != nil {
		return err
	}
	k.State = Answered
	k.PausedFrom, k.PausedAt = "", time.Time{}
	k.answered(c.Now)
	return c.Work.Save(ctx, c, "case", "reply", k)
}
