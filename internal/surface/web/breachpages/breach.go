package breachpages

import (
	"context"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/breach"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webui"
)

// breach is the first tab of a suspected breach.
func (p *Pages) breach(ctx context.Context, o *recordpages.Overlook) (recordpages.OverviewView, error) {
	s := p.sight(ctx, o)
	v := tabView{Way: s.t("breachpages.way"), Steps: s.breachWay(), Alert: s.call()}
	v.Cards = []cardView{s.alleged(), s.article(s.id2("version_id"), s.text("clause_key")), s.hearing(), s.decision()}
	if card, shown := s.measures(); shown {
		v.Cards = append(v.Cards, card)
	}
	return recordpages.OverviewView{Body: tab(v)}, s.err
}

// breachWay says how far the breach has come.
func (s *sight) breachWay() []webui.StepView {
	state := s.o.Sheet().State
	at := map[string]int{breach.Suspected: 0, breach.Notified: 1, breach.Heard: 2, breach.Unanswered: 2, breach.Confirmed: 3, breach.Dismissed: 3}[state]
	reply := s.when("statement_at")
	if state == breach.Unanswered || reply == "" && at > 2 {
		reply = s.t("breach.status.unanswered")
	}
	if at < 2 {
		reply = ""
	}
	steps := []webui.StepView{
		{Label: s.t("breachpages.way.notice"), Detail: s.when("notified_at")}, {Label: s.t("breachpages.way.reply"), Detail: reply},
		{Label: s.t("breachpages.way.decision"), Detail: s.when("decided_at")},
	}
	if state != breach.Dismissed {
		steps = append(steps, webui.StepView{Label: s.t("breachpages.way.measure")})
	}
	return way(at, steps...)
}

// call asks the person concerned to answer, and tells him until when.
func (s *sight) call() *webui.AlertView {
	if !s.mine() {
		return nil
	}
	switch s.o.Sheet().State {
	case breach.Notified:
		return &webui.AlertView{Tone: webui.Warn, Title: s.t("breachpages.call"), Text: s.t("breachpages.call.text", "due", s.when("reply_due_at")), Actions: s.actions("hear")}
	case breach.Suspected, breach.Unanswered:
		return &webui.AlertView{Tone: webui.Info, Title: s.t("breachpages.may"), Text: s.t("breachpages.may.text"), Actions: s.actions("hear")}
	}
	return nil
}

// alleged is what is said to have happened, and the record it shows by, named only to those who may see it.
func (s *sight) alleged() cardView {
	card := cardView{ID: "alleged", Title: s.t("breachpages.alleged"), Icon: "alert-triangle", Items: s.items("allegation", "person_id")}
	card.Actions = s.actions("name_person")
	card.Items = append(card.Items, s.record()...)
	card.Items = append(card.Items, s.items("created_at")...)
	return card
}

// record names the record it is about to those who may see it; to others only its type.
func (s *sight) record() []webui.DescriptionItem {
	t, label := s.p.Engine.Types.Type(s.text("about_type")), s.t("breach.about_id")
	if t == nil {
		return nil
	}
	it := webui.DescriptionItem{Label: label, Value: web.TypeLabel(s.ctx, t) + " " + s.t("breachpages.hidden")}
	if id := s.about(); id != 0 {
		lines, _, err := s.o.Lines(t.Name, record.Query{Filter: record.Where("id", id), Limit: 1})
		s.keep(err)
		if len(lines) == 1 {
			it.Value, it.Href = web.TypeLabel(s.ctx, t)+" "+lines[0].View.Record.Number+" "+lines[0].Title, lines[0].Href
		}
	}
	return []webui.DescriptionItem{it}
}

func (s *sight) about() record.ID {
	var id record.ID
	if id.UnmarshalText([]byte(s.text("about_id"))) != nil {
		return 0
	}
	return id
}

func (s *sight) keep(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *sight) hearing() cardView {
	card := cardView{ID: "hearing", Title: s.t("breach.group.hearing"), Icon: "message", Actions: s.actions("notify")}
	if !s.mine() {
		card.Actions = append(card.Actions, s.actions("hear")...)
	}
	card.Items = s.items("notified_at", "notified_by", "reply_due_at", "statement", "statement_at", "statement_by")
	card.Items = append(card.Items, s.files("statement_files")...)
	switch {
	case len(card.Items) == 0:
		card.Note = s.t("breachpages.not_told")
	case s.o.Sheet().State == breach.Unanswered:
		card.Note = s.t("breachpages.silent")
	}
	return card
}

func (s *sight) decision() cardView {
	card := cardView{ID: "decision", Title: s.t("breach.group.decision"), Icon: "gavel", Items: s.items("status", "reason", "decided_by", "decided_at")}
	card.Actions = s.actions("confirm", "dismiss")
	if s.o.Sheet().State != breach.Confirmed && s.o.Sheet().State != breach.Dismissed {
		card.Note = s.t("breachpages.undecided")
	}
	return card
}

// measures are what followed, and for who may propose one the step that would be next.
func (s *sight) measures() (cardView, bool) {
	card := cardView{ID: "measures", Title: s.t("measure._plural"), Icon: "list-numbers", Actions: s.actions("propose")}
	if s.o.Sheet().State != breach.Confirmed {
		return card, false
	}
	lines, _, err := s.o.Lines("measure", record.Query{Filter: record.Where("breach_id", s.id), Limit: 10, Sort: "id", Desc: true})
	s.keep(err)
	for _, l := range lines {
		card.Lines = append(card.Lines, webui.Link{Label: l.Title + " · " + s.t("measure.status."+l.View.State), Href: l.Href})
	}
	if s.err == nil && s.o.Offers("propose") && len(lines) == 0 {
		ladder, step, err := s.p.Engine.NextMeasure(s.ctx, s.id)
		s.keep(err)
		card.Note = s.t("breachpages.no_ladder")
		if step != "" {
			card.Note = s.t("breachpages.next", "ladder", ladder, "step", step)
		}
	} else if len(lines) == 0 {
		card.Note = s.t("breachpages.no_measure")
	}
	return card, true
}
