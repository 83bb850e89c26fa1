package dutypages

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webui"
)

// tabView is the first tab of a duty or an attestation.
type tabView struct {
	Alert   *webui.AlertView
	Asked   []webui.DescriptionItem
	Answers []answerView
	Note    string
	Sample  []webui.Link
}

// answerView is one line of a checklist as it was answered.
type answerView struct {
	Text  string
	State webui.BadgeView
}

func text(s *access.Sheet, name string) string {
	c, _ := s.Cell(name)
	return c.Text
}

func value[T any](s *access.Sheet, name string) T {
	c, _ := s.Cell(name)
	v, _ := c.Value.(T)
	return v
}

func (p *Pages) duty(ctx context.Context, o *recordpages.Overlook) (recordpages.OverviewView, error) {
	s := o.Sheet()
	asked, err := p.asked(ctx, s, "duty")
	if err != nil {
		return recordpages.OverviewView{}, err
	}
	v := tabView{Asked: asked, Note: text(s, "note")}
	if s.State == "overdue" {
		v.Alert = &webui.AlertView{Tone: webui.Warn, Text: i18n.T(ctx, "dutypages.overdue", "until", text(s, "grace_ends"))}
	}
	if id := text(s, "evidence_id"); id != "" {
		if t := p.Engine.Types.Type(text(s, "evidence_type")); t != nil {
			v.Asked = append(v.Asked, webui.DescriptionItem{Label: i18n.T(ctx, "duty.evidence_id"), Value: web.TypeLabel(ctx, t), Href: "/" + t.Plural + "/" + id})
		}
	}
	return recordpages.OverviewView{Body: tab(v)}, nil
}

// asked says what is asked, by which article of which version, until when, and about which record.
func (p *Pages) asked(ctx context.Context, s *access.Sheet, typ string) ([]webui.DescriptionItem, error) {
	items := []webui.DescriptionItem{{Label: i18n.T(ctx, typ+".label"), Value: web.InLang(ctx, text(s, "label"), text(s, "label_en"))}}
	cite, no, err := p.Engine.CitationOf(ctx, value[record.ID](s, "version_id"), text(s, "clause_key"))
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	if err == nil && no > 0 {
		items = append(items, webui.DescriptionItem{
			Label: i18n.T(ctx, "dutypages.by"), Href: "/read/" + cite.Regulation + "/" + cite.Clause,
			Value: i18n.T(ctx, "dutypages.article", "title", web.InLang(ctx, cite.Title[0], cite.Title[1]), "printed", cite.Printed, "version", fmt.Sprintf("V%d", no)),
		})
	}
	items = append(items, webui.DescriptionItem{Label: i18n.T(ctx, typ+".due_at"), Value: text(s, "due_at")})
	if t := p.Engine.Types.Type(text(s, "about_type")); t != nil && text(s, "about_id") != "" {
		items = append(items, webui.DescriptionItem{Label: i18n.T(ctx, typ+".about_id"), Value: web.TypeLabel(ctx, t), Href: "/" + t.Plural + "/" + text(s, "about_id")})
	}
	return items, nil
}

func (p *Pages) attestation(ctx context.Context, o *recordpages.Overlook) (recordpages.OverviewView, error) {
	s := o.Sheet()
	asked, err := p.asked(ctx, s, "attestation")
	if err != nil {
		return recordpages.OverviewView{}, err
	}
	v := tabView{Asked: asked, Note: text(s, "note"), Sample: p.sample(s)}
	answers := value[map[string]any](s, "answers")
	for _, i := range items(ctx, s) {
		a, _ := answers[i.key].(string)
		v.Answers = append(v.Answers, answerView{Text: i.text, State: badge(ctx, a)})
	}
	out := recordpages.OverviewView{}
	if s.State == "open" || s.State == "missed" {
		v.Alert = &webui.AlertView{Tone: webui.Info, Text: i18n.T(ctx, "dutypages.weak")}
		if owner := value[record.ID](s, "owner_id"); owner == web.Actor(ctx).UserID {
			out.Buttons = []webui.LinkButtonView{{Label: i18n.T(ctx, "attestation.action.sign"), Icon: "clipboard-check", Href: "/check/" + s.Record.ID.String(), Weight: webui.Primary}}
		}
	}
	out.Body = tab(v)
	return out, nil
}

func badge(ctx context.Context, answer string) webui.BadgeView {
	tone := map[string]webui.Tone{"good": webui.Good, "bad": webui.Bad}[answer]
	if answer == "" {
		answer = "open"
	}
	return webui.BadgeView{Label: i18n.T(ctx, "dutypages.answer."+answer), Tone: tone}
}

// sample are the records that were drawn to be looked at.
func (p *Pages) sample(s *access.Sheet) []webui.Link {
	t := p.Engine.Types.Type(text(s, "about_type"))
	var out []webui.Link
	for i, id := range value[[]string](s, "sample") {
		if t != nil {
			out = append(out, webui.Link{Label: fmt.Sprintf("%d. %s", i+1, id), Href: "/" + t.Plural + "/" + id})
		}
	}
	return out
}

// item is one line of the checklist.
type item struct {
	key, text string
	place     float64
}

// items reads the checklist in its order.
func items(ctx context.Context, s *access.Sheet) []item {
	var out []item
	for key, raw := range value[map[string]any](s, "items") {
		m, _ := raw.(map[string]any)
		zh, _ := m["zh"].(string)
		en, _ := m["en"].(string)
		place, _ := m["place"].(float64)
		out = append(out, item{key, web.InLang(ctx, zh, en), place})
	}
	slices.SortFunc(out, func(a, b item) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.key, b.key)) })
	return out
}

// checklistView is the form of an attestation.
type checklistView struct {
	Asked    []webui.DescriptionItem
	Sample   []webui.Link
	Form     webui.FormView
	Items    []webui.FieldView
	Note     webui.FieldView
	Declared webui.FieldView
}

func (p *Pages) checklist(w http.ResponseWriter, r *http.Request) error {
	s, err := p.task(r)
	if err != nil {
		return err
	}
	return p.showChecklist(w, r, s, nil)
}

// task reads the attestation the address names.
func (p *Pages) task(r *http.Request) (*access.Sheet, error) {
	var id record.ID
	if id.UnmarshalText([]byte(r.PathValue("id"))) != nil {
		return nil, errs.New(errs.NotFound, "web.no_page")
	}
	return p.Records.Read(r.Context(), web.Actor(r.Context()), "attestation", id)
}

func (p *Pages) showChecklist(w http.ResponseWriter, r *http.Request, s *access.Sheet, fault error) error {
	ctx := r.Context()
	asked, err := p.asked(ctx, s, "attestation")
	if err != nil {
		return err
	}
	back := "/attestations/" + s.Record.ID.String()
	v := checklistView{Asked: asked, Sample: p.sample(s), Form: webui.FormView{
		ID: "check", Action: "/check/" + s.Record.ID.String(), Submit: i18n.T(ctx, "attestation.action.sign"), CancelHref: back, DraftKey: "check-" + s.Record.ID.String(),
	}}
	for _, i := range items(ctx, s) {
		f := webui.FieldView{Name: "item-" + i.key, Label: i.text, Value: r.PostFormValue("item-" + i.key), Required: true, Wide: true}
		for _, a := range []string{"good", "bad", "na"} {
			f.Options = append(f.Options, webui.Option{Value: a, Label: i18n.T(ctx, "dutypages.answer."+a)})
		}
		v.Items = append(v.Items, f)
	}
	v.Note = webui.FieldView{Name: "note", Label: i18n.T(ctx, "attestation.action.sign.note"), Hint: i18n.T(ctx, "dutypages.note.hint"), Value: r.PostFormValue("note"), MaxLength: 10000, Rows: 4, Wide: true}
	v.Declared = webui.FieldView{Name: "declared", Label: i18n.T(ctx, "attestation.action.sign.declared"), Value: r.PostFormValue("declared"), Wide: true}
	view := web.View{Title: i18n.T(ctx, "attestation.action.sign"), Subtitle: web.InLang(ctx, text(s, "label"), text(s, "label_en")), Crumbs: []webui.Link{
		{Label: i18n.T(ctx, "attestation._plural"), Href: "/attestations"}, {Label: s.Title, Href: back},
	}}
	if fault != nil {
		said := webui.FieldErrors(ctx, fault)
		v.Note.Error, v.Declared.Error = said["note"], said["declared"]
		e := p.server.ErrorView(r, fault)
		view.Status, v.Form.Error = e.Status, e.Sentence
		if said["answers"] != "" {
			v.Form.Error = said["answers"]
		}
	}
	return p.server.Page(w, r, view, checklistPage(v))
}

// sign hands the answers to the declared action; what was typed stays where it is refused.
func (p *Pages) sign(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	s, err := p.task(r)
	if err != nil {
		return err
	}
	answers := map[string]any{}
	for _, i := range items(ctx, s) {
		if a := r.PostFormValue("item-" + i.key); a != "" {
			answers[i.key] = a
		}
	}
	_, err = p.Records.Do(ctx, web.Actor(ctx), action.Command{Type: "attestation", Action: "sign", ID: s.Record.ID, Input: map[string]any{
		"answers": answers, "note": r.PostFormValue("note"), "declared": r.PostFormValue("declared") != "",
	}})
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict) || errs.Is(err, errs.Refused) || errs.Is(err, errs.Forbidden) {
		return p.showChecklist(w, r, s, err)
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/attestations/"+s.Record.ID.String(), web.Toast{Key: "dutypages.signed"})
}
