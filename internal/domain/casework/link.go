package casework

import (
	"context"
	"fmt"
	"slices"

	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Part is the input of split: what becomes a case of its own.
type Part struct {
	Subject          string    `rec:"text,required,max=200"`
	Content          string    `rec:"longtext,max=8000"`
	Kind             string    `rec:"enum,enum=inquiry|complaint|request|suggestion|praise|problem"`
	ComplainedUserID record.ID `rec:"user"` // none means the person complained of here
}

func linkActions() []*record.Action {
	return []*record.Action{
		record.Act("merge_into", record.ActionSpec{From: OpenStates(), To: Merged, Danger: true, Icon: "git-merge"}, mergeInto),
		record.Act("split", record.ActionSpec{From: OpenStates(), Icon: "git-branch"}, split),
		record.Act("link_problem", record.ActionSpec{From: append(living(), Filed), Bulk: true, Icon: "link"}, linkProblem),
	}
}

// mergeInto gives the case up in favour of another: whoever was recused here is recused there, and cases merged into
// this one point at the target from now on.
func mergeInto(ctx context.Context, c *record.Call, k *Case, in *struct {
	TargetID record.ID `rec:"ref,ref=case,required"`
}) error {
	target, err := visibleCase(ctx, c, in.TargetID)
	if err != nil {
		return err
	}
	switch {
	case target.ID == k.ID:
		return errs.Of("target_id", "case.merge_self")
	case target.State != Closed && !slices.Contains(OpenStates(), target.State):
		return errs.Of("target_id", "case.merge_state").With("state", target.State)
	}
	k.MergedInto = target.ID
	k.close(c.Now)
	if err := passRecusals(ctx, c, k.ID, target); err != nil {
		return err
	}
	return repoint(ctx, c, k.ID, target.ID)
}

// visibleCase loads another case as far as the actor may see it: what he may not see does not exist for him.
func visibleCase(ctx context.Context, c *record.Call, id record.ID) (*Case, error) {
	other, err := record.Load[Case](ctx, c, "case", id)
	if err != nil {
		return nil, errs.Of("target_id", "field.unknown_ref").Because(err)
	}
	if !c.Scope.Visible.Reach(c.Type, other) {
		return nil, errs.Of("target_id", "field.unknown_ref")
	}
	if c.Scope.Recuse == 0 {
		return other, nil
	}
	hidden, err := recusal.Has(ctx, c.Tx, id, c.Scope.Recuse)
	if err != nil {
		return nil, err
	}
	if hidden {
		return nil, errs.Of("target_id", "field.unknown_ref")
	}
	return other, nil
}

func passRecusals(ctx context.Context, c *record.Call, from record.ID, target *Case) error {
	list, err := recusal.List(ctx, c.Tx, from)
	if err != nil {
		return err
	}
	for _, r := range list {
		for _, f := range target.charge() {
			if *f == r.User {
				return errs.Of("target_id", "case.merge_in_charge")
			}
		}
		if slices.Contains(target.Participants, r.User) {
			return errs.Of("target_id", "case.merge_in_charge")
		}
		if err := recusal.Declare(ctx, c, target.ID, "case", r.User, r.Reason); err != nil {
			return err
		}
	}
	return nil
}

func repoint(ctx context.Context, c *record.Call, from, to record.ID) error {
	earlier, err := record.Find[Case](ctx, c, "case", record.Where("merged_into", from), 200)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		e.MergedInto = to
		if err := c.Work.Save(ctx, c, "case", "follow_merge", e); err != nil {
			return fmt.Errorf("repoint merged case: %w", err)
		}
	}
	return nil
}

// split opens a second case for the same complainant; both run on their own from then.
func split(ctx context.Context, c *record.Call, k *Case, in *Part) error {
	n := c.Type.New().(*Case)
	n.Subject, n.Content, n.Kind, n.Channel = in.Subject, in.Content, k.Kind, k.Channel
	setIf(&n.Kind, in.Kind)
	n.CustomerID, n.Anonymous, n.ContactName, n.ContactPhone, n.ContactMail = k.CustomerID, k.Anonymous, k.ContactName, k.ContactPhone, k.ContactMail
	n.MatterNumber, n.PracticeAreaID, n.OccurredAt, n.ReceivedAt, n.Item = k.MatterNumber, k.PracticeAreaID, k.OccurredAt, k.ReceivedAt, k.Item
	n.Urgency, n.Severity, n.OwnerID, n.OfficerID, n.ParentCaseID = k.Urgency, k.Severity, k.OwnerID, k.OfficerID, k.ID
	n.ComplainedUserID, n.ComplainedName = k.ComplainedUserID, k.ComplainedName
	if in.ComplainedUserID != 0 {
		n.ComplainedUserID, n.ComplainedName = in.ComplainedUserID, ""
	}
	return c.Work.Insert(ctx, c, "case", n)
}

// linkProblem counts the case under a recurring cause. It is allowed on filed cases, because causes show late.
func linkProblem(ctx context.Context, c *record.Call, k *Case, in *struct {
	ProblemID record.ID `rec:"ref,ref=case_problem,required"`
}) error {
	if k.ProblemID == in.ProblemID {
		return nil
	}
	k.ProblemID = in.ProblemID
	p, err := record.Load[Problem](ctx, c, "case_problem", in.ProblemID)
	if err != nil {
		return errs.Of("problem_id", "field.unknown_ref").Because(err)
	}
	p.CaseCount++
	p.LastSeenAt = c.Now
	if p.State == "solved" { // it came back: the measure did not work
		p.State, p.EffectResult = "open", "recurred"
		p.RecurrenceCount++
	}
	return c.Work.Save(ctx, c, "case_problem", "count", p)
}
