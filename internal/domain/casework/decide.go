package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Assessment is the input of opinion: what the officer found, thinks and proposes. It is signed by being given.
type Assessment struct {
	Facts      string `rec:"longtext,required,max=8000"`
	Assessment string `rec:"longtext,required,max=8000"`
	Proposal   string `rec:"longtext,required,max=4000"`
}

// Decision is the input of decide. A clause says which parts may not be missing.
type Decision struct {
	Finding       string   `rec:"longtext,max=8000"`
	Conclusion    string   `rec:"enum,enum=upheld|partly|rejected"`
	Measure       string   `rec:"longtext,max=4000"`
	Remedy        []string `rec:"multienum,enum=apology|refund|compensation|repair|replacement|reassignment|explanation|training|discipline|none"`
	RemedyCost    *int64   `rec:"money,min=0"`
	ReplyText     string   `rec:"longtext,max=8000"`
	ResolutionRef string   `rec:"text,max=60"`
}

// Checked is the input of tick_checklist.
type Checked struct {
	Checklist []string `rec:"multienum,required,enum=allegations|materials|both_sides|timeline"`
	Exception string   `rec:"text,max=500"` // why an item is missing
}

func decisionActions() []*record.Action {
	handling := []string{Accepted, Investigating}
	return []*record.Action{
		record.Act("opinion", record.ActionSpec{From: handling, Primary: true, Icon: "writing-sign"}, opinion),
		record.Act("supplement_opinion", record.ActionSpec{From: living(), Icon: "file-plus"}, supplementOpinion),
		record.Act("tick_checklist", record.ActionSpec{From: handling, Icon: "checklist"}, tickChecklist),
		record.Act("confirm_checklist", record.ActionSpec{From: handling, Icon: "checks"}, confirmChecklist),
		record.Act("substitute", record.ActionSpec{From: handling, Icon: "replace-user"}, substitute),
		record.Act("decide", record.ActionSpec{From: handling, Primary: true, Icon: "gavel"}, decide),
		record.Act("confirm_receipt", record.ActionSpec{From: living(), Icon: "inbox"}, confirmReceipt),
		record.Act("complete_handback", record.ActionSpec{From: living(), Icon: "package-import"}, completeHandback),
	}
}

// opinion records the officer's opinion and passes the decision to the partner who supervises the practice, unless he is
// recused.
func opinion(ctx context.Context, c *record.Call, k *Case, in *Assessment) error {
	given, err := record.Find[Opinion](ctx, c, "case_opinion", record.All(
		record.Where("case_id", k.ID), record.Where("kind", "opinion"), record.Where("round", max(k.Round, 1))), 1)
	if err != nil {
		return err
	}
	if len(given) > 0 {
		return errs.New(errs.Conflict, "case.opinion_given")
	}
	k.OpinionAt = c.Now
	if k.OfficerID == 0 {
		k.OfficerID = c.Actor().UserID
	}
	if err := routeToPartner(ctx, c, k); err != nil {
		return err
	}
	return c.Work.Insert(ctx, c, "case_opinion", &Opinion{
		CaseID: k.ID, Kind: "opinion", Round: max(k.Round, 1), Facts: in.Facts, Assessment: in.Assessment, Proposal: in.Proposal,
		SignedBy: c.Actor().UserID, SignedAt: c.Now,
	})
}

// routeToPartner names who decides; a recused partner is passed over, so that a substitute has to be named.
func routeToPartner(ctx context.Context, c *record.Call, k *Case) error {
	if k.PracticeAreaID == 0 || k.DeciderID != 0 {
		return nil
	}
	area, err := record.Load[PracticeArea](ctx, c, "practice_area", k.PracticeAreaID)
	if err != nil {
		return fmt.Errorf("practice area of case: %w", err)
	}
	out, err := recusal.Has(ctx, c.Tx, k.ID, area.PartnerID)
	if err != nil || out {
		return err
	}
	k.DeciderID = area.PartnerID
	return nil
}

func supplementOpinion(ctx context.Context, c *record.Call, k *Case, in *struct {
	Text string `rec:"longtext,required,max=8000"`
}) error {
	if k.OpinionAt.IsZero() {
		return errs.New(errs.Conflict, "case.no_opinion")
	}
	return c.Work.Insert(ctx, c, "case_opinion", &Opinion{
		CaseID: k.ID, Kind: "supplement", Round: max(k.Round, 1), Assessment: in.Text, SignedBy: c.Actor().UserID, SignedAt: c.Now,
	})
}

func tickChecklist(_ context.Context, c *record.Call, k *Case, in *Checked) error {
	k.Checklist, k.ChecklistNote, k.ChecklistBy, k.ChecklistSeenBy = in.Checklist, in.Exception, c.Actor().UserID, 0
	return nil
}

// confirmChecklist is a second look: nobody confirms what he ticked himself.
func confirmChecklist(_ context.Context, c *record.Call, k *Case, _ *record.None) error {
	switch {
	case len(k.Checklist) == 0:
		return errs.New(errs.Conflict, "case.checklist_empty")
	case k.ChecklistBy == c.Actor().UserID:
		return errs.New(errs.Forbidden, "case.checklist_own")
	}
	k.ChecklistSeenBy = c.Actor().UserID
	return nil
}

func substitute(_ context.Context, _ *record.Call, k *Case, in *Appointment) error {
	k.DeciderID, k.SubstituteWhy = in.UserID, in.Reason
	return nil
}

func decide(_ context.Context, c *record.Call, k *Case, in *Decision) error {
	if !k.DecidedAt.IsZero() {
		return errs.New(errs.Conflict, "case.already_decided")
	}
	k.Finding, k.Conclusion, k.Measure, k.ReplyText = in.Finding, in.Conclusion, in.Measure, in.ReplyText
	k.Remedy, k.RemedyCost = in.Remedy, in.RemedyCost
	setIf(&k.ResolutionRef, in.ResolutionRef)
	k.DecidedAt, k.DecidedBy = c.Now, c.Actor().UserID
	k.ReceiptAt = time.Time{}
	return nil
}

func confirmReceipt(_ context.Context, c *record.Call, k *Case, _ *record.None) error {
	k.ReceiptAt = c.Now
	return nil
}

func completeHandback(_ context.Context, c *record.Call, k *Case, _ *record.None) error {
	if k.DecidedAt.IsZero() {
		return errs.New(errs.Conflict, "case.not_decided")
	}
	k.HandbackAt = c.Now
	return nil
}

// missing lists the items of the checklist that were not ticked.
func (k *Case) missing() []string {
	var out []string
	for _, item := range []string{"allegations", "materials", "both_sides", "timeline"} {
		if !slices.Contains(k.Checklist, item) {
			out = append(out, item)
		}
	}
	return out
}
