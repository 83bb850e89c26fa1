package breachpages

import (
	"context"
	"slices"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/breach"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webui"
)

// measure is the first tab of a measure.
func (p *Pages) measure(ctx context.Context, o *recordpages.Overlook) (recordpages.OverviewView, error) {
	s := p.sight(ctx, o)
	v := tabView{Way: s.t("breachpages.measure_way"), Steps: s.measureWay(), Alert: s.told()}
	v.Cards = []cardView{s.what(), s.basis(), s.confirmation()}
	if breach.Takes(s.text("kind")) || s.text("amount") != "" {
		v.Cards = append(v.Cards, s.deduction())
	}
	v.Cards = append(v.Cards, s.appeals())
	return recordpages.OverviewView{Body: tab(v)}, s.err
}

func (s *sight) measureWay() []webui.StepView {
	state := s.o.Sheet().State
	at := map[string]int{
		breach.Proposed: 1, breach.Declined: 1, breach.InEffect: 2, breach.Appealed: 3, breach.Upheld: 4, breach.Changed: 4, breach.Lifted: 4, breach.Expired: 5,
	}[state]
	confirmed := webui.StepView{Label: s.t("measure.group.confirmation"), Detail: s.when("confirmed_at")}
	if state == breach.Declined {
		return way(at, webui.StepView{Label: s.t("measure.status.proposed")}, webui.StepView{Label: s.t("measure.status.declined"), Detail: s.when("confirmed_at")})
	}
	end := webui.StepView{Label: s.t("breachpages.way.end"), Detail: s.when("expires_at")}
	if state == breach.Lifted {
		end = webui.StepView{Label: s.t("measure.status.lifted"), Detail: s.when("appeal_decided_at")}
	}
	appeal := webui.StepView{Label: s.t("measure.group.appeal"), Detail: s.when("appealed_at")}
	return way(at, webui.StepView{Label: s.t("breachpages.way.measure"), Detail: s.when("created_at")}, confirmed,
		webui.StepView{Label: s.t("measure.status.in_effect")}, appeal, end)
}

// told says to the person concerned what he may do, and to others what waits for them.
func (s *sight) told() *webui.AlertView {
	state := s.o.Sheet().State
	switch {
	case state == breach.InEffect && s.mine():
		return &webui.AlertView{
			Tone: webui.Warn, Title: s.t("breachpages.appeal"), Text: s.t("breachpages.appeal.text", "due", s.when("appeal_until")), Actions: s.actions("appeal"),
		}
	case state == breach.Proposed && s.o.Offers("confirm") && breach.Takes(s.text("kind")):
		return &webui.AlertView{Tone: webui.Info, Title: s.t("breachpages.limit"), Text: s.t("breachpages.limit." + s.text("kind")), Actions: s.actions("confirm", "decline")}
	case state == breach.Proposed:
		return &webui.AlertView{Tone: webui.Info, Title: s.t("breachpages.pending"), Text: s.t("breachpages.pending.text"), Actions: s.actions("confirm", "decline")}
	case state == breach.Appealed && s.o.Offers("uphold"):
		return &webui.AlertView{Tone: webui.Info, Title: s.t("breachpages.judge"), Text: s.t("breachpages.judge.text"), Actions: s.actions("uphold", "change", "lift")}
	}
	return nil
}

func (s *sight) what() cardView {
	return cardView{
		ID: "what", Title: s.t("measure"), Icon: "gavel",
		Items: s.items("label", "kind", "points", "person_id", "breach_id", "ladder_id", "step_id", "former_step_id", "grounds", "proposed_by"),
	}
}

// basis names the article the measure follows from.
func (s *sight) basis() cardView {
	views, _, err := s.o.Views("breach", record.Query{Filter: record.Where("id", s.id2("breach_id")), Limit: 1})
	s.keep(err)
	if len(views) == 0 {
		return s.article(0, s.text("clause_key"))
	}
	c, _ := views[0].Cell("version_id")
	version, _ := c.Value.(record.ID)
	return s.article(version, s.text("clause_key"))
}

func (s *sight) confirmation() cardView {
	card := cardView{
		ID: "confirmation", Title: s.t("measure.group.confirmation"), Icon: "check", Items: s.items("confirmed_by", "confirmed_at", "effective_on", "expires_at", "confirm_note"),
	}
	if len(card.Items) == 0 {
		card.Note = s.t("breachpages.pending.text")
	}
	return card
}

// deduction shows how what is taken was computed, and by which rule.
func (s *sight) deduction() cardView {
	card := cardView{
		ID: "deduction", Title: s.t("measure.group.deduction"), Icon: "coin",
		Items: s.items("deduct_month", "month_wage", "minimum_wage", "damage", "most_allowed", "amount"), Note: s.t("breachpages.limit." + breach.Pay),
	}
	if s.text("kind") == breach.Damage {
		card.Note = s.t("breachpages.limit." + breach.Damage)
	}
	return card
}

func (s *sight) appeals() cardView {
	card := cardView{ID: "appeal", Title: s.t("measure.group.appeal"), Icon: "scale"}
	card.Items = s.items("appeal_until", "appealed_at", "appeal_grounds")
	card.Items = append(card.Items, s.files("appeal_files")...)
	card.Items = append(card.Items, s.items("appeal_reason", "appeal_decided_by", "appeal_decided_at")...)
	if s.text("appealed_at") == "" && slices.Contains(breach.Standing(), s.o.Sheet().State) {
		card.Note = s.t("breachpages.no_appeal")
	}
	if len(card.Items) == 0 {
		card.Note = s.t("breachpages.appeal_later")
	}
	return card
}
