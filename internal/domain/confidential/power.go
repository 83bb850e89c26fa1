package confidential

import (
	"context"
	"time"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Delegation gives the powers of a post to another person for some days.
type Delegation struct {
	record.Head
	Powers   string     `rec:"text,required,max=200,search"`
	PostID   record.ID  `rec:"ref,ref=post,required,once,index"`
	PersonID record.ID  `rec:"user,required,once,own,index"` // who acts for the post
	StartsOn *time.Time `rec:"date,required,once"`
	EndsOn   *time.Time `rec:"date,required,once,index"` // last day
	State    string     `rec:"state,enum=active|ended,default=active"`
	Reason   string     `rec:"text,readonly,max=400"`
}

// DecisionRight says up to which amount a post decides alone. A post without a row decides nothing of the subject.
type DecisionRight struct {
	record.Head
	Subject string    `rec:"enum,required,enum=discount|free_drinks|refund|compensation|room_upgrade|stored_drinks|credit|other,index"`
	PostID  record.ID `rec:"ref,ref=post,required,index"`
	Amount  *int64    `rec:"money,required,min=0"` // in fen
}

// Decision is something granted to a customer, weighed against the right of the person at the time.
type Decision struct {
	record.Head
	Title      string    `rec:"text,required,max=200,name"`
	Subject    string    `rec:"enum,required,once,enum=discount|free_drinks|refund|compensation|room_upgrade|stored_drinks|credit|other,index"`
	Amount     *int64    `rec:"money,required,once,min=0"` // in fen
	CustomerID record.ID `rec:"ref,ref=customer,once,index"`
	Reason     string    `rec:"longtext,once,max=2000"`
	Emergency  bool      `rec:"bool,once,index"` // cannot wait; it is reviewed afterwards
	OwnRight   int64     `rec:"money,readonly"`  // of the person who granted it, then
	Above      bool      `rec:"bool,readonly,index"`
	State      string    `rec:"state,enum=proposed|approved|declined|applied|reviewed,default=proposed"`
	Approver   record.ID `rec:"user,readonly"`
	DecidedAt  time.Time `rec:"time,readonly"`
	Note       string    `rec:"text,readonly,max=400"`
	AppliedAt  time.Time `rec:"time,readonly"`
	Reviewer   record.ID `rec:"user,readonly"`
	Review     string    `rec:"longtext,readonly,max=2000"`
}

// Finding is the input of a review.
type Finding struct {
	Review string `rec:"longtext,required,max=2000"`
}

func powerTypes() []*record.Type {
	proposed := []string{"proposed"}
	return []*record.Type{
		record.Declare[Delegation](record.Spec{
			Name: "delegation", Plural: "delegations", Room: "settings", Prefix: "DG", Icon: "transfer", Title: "powers", Open: true,
			List: []string{"powers", "post_id", "person_id", "starts_on", "ends_on", "state"}, Prepare: prepareDelegation,
			Actions: []*record.Action{
				record.Act("end", record.ActionSpec{From: []string{"active"}, To: Ended, Icon: "clock-stop"},
					func(_ context.Context, _ *record.Call, d *Delegation, in *Why) error {
						d.Reason = in.Reason
						return nil
					}),
			},
		}),
		record.Declare[DecisionRight](record.Spec{
			Name: "decision_right", Plural: "decision_rights", Room: "settings", Prefix: "DR", Icon: "scale", Title: "subject", Open: true,
			List: []string{"subject", "post_id", "amount"},
		}),
		record.Declare[Decision](record.Spec{
			Name: "decision", Plural: "decisions", Room: "workbench", Prefix: "DE", Icon: "gavel", Title: "title",
			List: []string{"title", "subject", "amount", "above", "emergency", "state", "owner_id"}, Prepare: prepareDecision,
			Without: []string{record.Archive, record.Restore},
			Actions: []*record.Action{
				record.Act("approve", record.ActionSpec{From: proposed, To: Approved, Primary: true, Icon: "check"}, approveDecision),
				record.Act("decline", record.ActionSpec{From: proposed, To: Declined, Icon: "x"}, declineDecision),
				record.Act("apply", record.ActionSpec{From: []string{"proposed", Approved}, To: "applied", Icon: "player-play"},
					func(_ context.Context, c *record.Call, d *Decision, _ *record.None) error {
						d.AppliedAt = c.Now
						return nil
					}),
				record.Act("review", record.ActionSpec{From: []string{"applied"}, To: "reviewed", Icon: "clipboard-check"}, reviewDecision),
			},
		}),
	}
}

func prepareDelegation(_ context.Context, c *record.Call) error {
	d := c.Record.(*Delegation)
	if d.OwnerID == 0 {
		d.OwnerID = c.Actor().UserID
	}
	if d.StartsOn != nil && d.EndsOn != nil && d.EndsOn.Before(*d.StartsOn) {
		return errs.Of("ends_on", "delegation.period")
	}
	return nil
}

// prepareDecision weighs a new decision against the table.
func prepareDecision(ctx context.Context, c *record.Call) error {
	d := c.Record.(*Decision)
	if c.Before != nil || d.Amount == nil {
		return nil
	}
	if d.OwnerID == 0 {
		d.OwnerID = c.Actor().UserID
	}
	if d.Emergency && d.Reason == "" {
		return errs.Of("reason", "decision.emergency_reason")
	}
	right, _, err := rightOf(ctx, c, c.Actor().UserID, d.Subject)
	d.OwnRight, d.Above = right, *d.Amount > right
	return err
}

// approveDecision is another's, within his own right where the table gives him one.
func approveDecision(ctx context.Context, c *record.Call, d *Decision, in *Why) error {
	if err := another(c, d.CreatedBy, d.OwnerID); err != nil {
		return err
	}
	right, listed, err := rightOf(ctx, c, c.Actor().UserID, d.Subject)
	if err != nil {
		return err
	}
	if listed && *d.Amount > right {
		return errs.New(errs.Conflict, "decision.above_yours")
	}
	d.Approver, d.DecidedAt, d.Note = c.Actor().UserID, c.Now, in.Reason
	return nil
}

func declineDecision(_ context.Context, c *record.Call, d *Decision, in *Why) error {
	d.Approver, d.DecidedAt, d.Note = c.Actor().UserID, c.Now, in.Reason
	return nil
}

func reviewDecision(_ context.Context, c *record.Call, d *Decision, in *Finding) error {
	if err := another(c, d.CreatedBy, d.OwnerID); err != nil {
		return err
	}
	d.Reviewer, d.Review = c.Actor().UserID, in.Review
	return nil
}

// rightOf is the highest amount any post of the person decides in the subject, in fen, and whether the table names one.
func rightOf(ctx context.Context, c *record.Call, person record.ID, subject string) (int64, bool, error) {
	var best int64
	listed := false
	posts, err := postsOf(ctx, c, person)
	if err != nil {
		return 0, false, err
	}
	rights, err := record.Find[DecisionRight](ctx, c, "decision_right", record.Where("subject", subject), enough)
	for _, r := range rights {
		for _, p := range posts {
			if r.PostID == p.PostID && r.ArchivedAt.IsZero() {
				best, listed = max(best, *r.Amount), true
			}
		}
	}
	return best, listed, err
}

// postsOf lists what the person holds today.
func postsOf(ctx context.Context, c *record.Call, person record.ID) ([]*org.Posting, error) {
	if person == 0 {
		return nil, nil
	}
	list, err := record.Find[org.Posting](ctx, c, "posting", record.Where("user_id", person), enough)
	return current(list, today(c.Now)), err
}

func current(list []*org.Posting, day time.Time) []*org.Posting {
	var out []*org.Posting
	for _, p := range list {
		if p.ArchivedAt.IsZero() && (p.StartsOn == nil || !p.StartsOn.After(day)) && (p.EndsOn == nil || !p.EndsOn.Before(day)) {
			out = append(out, p)
		}
	}
	return out
}
