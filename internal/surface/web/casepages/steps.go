package casepages

import (
	"slices"

	"dianke/internal/domain/casework"
	"dianke/internal/surface/web"
)

// standing is what of a case decides which step comes next.
type standing struct {
	State                                           string
	Complaint, Accepted, Classified, Owned          bool
	HandedToMe, EscalatedToMe, Opined, Decided      bool
	Arranged, Informed, CalledBack, Asked, Resolved bool
}

func (d *desk) standing() standing {
	v := d.sheet.View
	me := web.Actor(d.ctx).UserID
	set := func(name string) bool { return !timeIn(v, name).IsZero() }
	return standing{
		State: d.sheet.State, Complaint: textIn(v, "kind") == "complaint", Accepted: set("accepted_at"), Classified: idIn(v, "category_id") != 0,
		Owned: d.sheet.Record.OwnerID != 0, HandedToMe: me != 0 && idIn(v, "handover_to") == me,
		EscalatedToMe: me != 0 && idIn(v, "escalated_to") == me && !set("escalate_done_at"), Opined: set("opinion_at"), Decided: set("decided_at"),
		Arranged: set("arrangement_at"), Informed: set("informed_at"), CalledBack: set("called_back_at"), Asked: set("surveyed_at"), Resolved: set("resolved_at"),
	}
}

// steps names the actions of a case in the order in which people need them. Answers and contacts are not among them:
// they are written on the page itself. What the case does not offer the caller leaves out.
func steps(s standing) []string {
	var out []string
	add := func(when bool, names ...string) {
		for _, n := range names {
			if when && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	add(s.HandedToMe, "confirm_handover", "return_handover")
	add(s.EscalatedToMe, "settle_escalation")
	add(!s.Owned, "take")
	switch s.State {
	case casework.Received:
		add(s.Complaint && !s.Accepted, "accept")
		add(!s.Classified, "classify")
		add(true, "investigate", "promise", "accept", "ask_customer", "hand_over")
	case casework.Accepted, casework.Investigating:
		add(s.Complaint && !s.Arranged, "notify_arrangement")
		add(s.State == casework.Accepted, "investigate")
		add(s.Complaint && !s.Opined, "opinion")
		add(s.Complaint && !s.Decided, "decide")
		add(!s.Resolved, "resolve")
		add(!s.Classified, "classify")
		add(true, "ask_customer", "promise", "inform_customer", "hand_over")
	case casework.Awaiting:
		add(true, "customer_replied", "push", "hand_over")
	case casework.Answered:
		add(!s.Informed, "inform_customer")
		add(true, "close", "call_back", "resolve", "correct_answer")
	case casework.Informed:
		add(true, "close", "call_back", "satisfaction", "object")
	case casework.Closed:
		add(!s.CalledBack, "call_back")
		add(!s.Asked, "satisfaction")
		add(true, "file", "reopen")
	default:
		add(!s.Asked, "satisfaction")
		add(true, "reopen", "object")
	}
	return out
}
