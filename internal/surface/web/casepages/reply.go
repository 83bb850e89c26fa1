package casepages

import (
	"context"
	"net/http"
	"strings"

	"dianke/internal/domain/casework"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// sheetView is a written reply as it is printed.
type sheetView struct {
	Head                     casework.Letterhead
	Number, Case, Date       string
	Salutation, Subject      string
	Body                     []string // paragraphs
	Finding, Decision        []string
	Grounds                  []string
	Signatory, Draft, Record string
}

// replySheet answers with the print sheet of one reply of the case. A reply of another case, or of a case the reader may
// not see, is not there.
func (p *Pages) replySheet(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	reply, err := ids.Parse(r.PathValue("reply"))
	if err != nil {
		return errs.New(errs.NotFound, "record.not_found").Because(err)
	}
	replies, err := p.scope(ctx, "case_reply")
	if err != nil {
		return err
	}
	cases, err := p.scope(ctx, "case")
	if err != nil {
		return err
	}
	sheet, err := p.ledger.ReplySheet(ctx, replies, cases, reply)
	if err != nil {
		return err
	}
	if sheet.CaseID != id {
		return errs.New(errs.NotFound, "record.not_found")
	}
	grounds, err := p.grounds(ctx, sheet)
	if err != nil {
		return err
	}
	v := p.sheetView(ctx, sheet, grounds)
	return p.server.Page(w, r, web.View{
		Title: i18n.T(ctx, "letter.title"), Subtitle: sheet.CaseNumber + " · " + sheet.Number, Actions: letterActions(v.Record, "/case_replies/"+reply.String()),
		Crumbs: []webui.Link{{Label: i18n.T(ctx, "desk.title"), Href: "/desk"}, {Label: sheet.CaseNumber, Href: "/desk/" + id.String()}},
	}, letterPage(v))
}

func (p *Pages) sheetView(ctx context.Context, s *casework.ReplySheet, grounds []string) sheetView {
	v := sheetView{
		Head: p.head(ctx), Number: s.Number, Case: s.CaseNumber, Date: letterDate(ctx, s), Subject: s.Subject, Body: paragraphs(s.Body),
		Signatory: s.Signatory, Grounds: grounds, Record: "/desk/" + s.CaseID.String(), Salutation: i18n.T(ctx, "letter.dear_customer"),
	}
	if s.Addressee != "" {
		v.Salutation = i18n.T(ctx, "letter.dear", "name", s.Addressee)
	}
	if s.Draft {
		v.Draft = i18n.T(ctx, "letter.draft")
	}
	v.Finding = paragraphs(s.Finding)
	t := p.typeOf("case")
	if s.Conclusion != "" {
		v.Decision = append(v.Decision, i18n.T(ctx, "letter.conclusion", "what", web.OptionLabel(ctx, t, t.Field("conclusion"), s.Conclusion)))
	}
	v.Decision = append(v.Decision, paragraphs(s.Measure)...)
	if len(s.Remedy) > 0 {
		list := make([]string, len(s.Remedy))
		for i, o := range s.Remedy {
			list[i] = web.OptionLabel(ctx, t, t.Field("remedy"), o)
		}
		v.Decision = append(v.Decision, i18n.T(ctx, "letter.remedy", "what", i18n.Listed(ctx, list)))
	}
	return v
}

// letterDate writes the day as letters do: 2026年3月2日.
func letterDate(ctx context.Context, s *casework.ReplySheet) string {
	day := s.Date.In(i18n.ZoneOf(ctx))
	return i18n.T(ctx, "letter.date", "y", day.Year(), "m", int(day.Month()), "d", day.Day(), "month", day.Month().String())
}

func paragraphs(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

const maxGrounds = 4

// grounds are what the reply rests on: the basis of the knowledge cited, the resolution, the articles under which the
// matter is decided and answered.
func (p *Pages) grounds(ctx context.Context, s *casework.ReplySheet) ([]string, error) {
	out := append([]string(nil), s.Basis...)
	if s.Resolution != "" {
		out = append(out, i18n.T(ctx, "letter.resolution", "number", s.Resolution))
	}
	rules, err := p.Engine.Rules(ctx, "case", s.CaseID, []string{"decide", "reply"})
	if err != nil {
		return nil, err
	}
	byTitle := map[string][]string{}
	var titles []string
	for _, r := range rules {
		v := ruleOf(ctx, r.Citation, "", "")
		if byTitle[v.Regulation] == nil {
			titles = append(titles, v.Regulation)
		}
		byTitle[v.Regulation] = append(byTitle[v.Regulation], v.Number)
	}
	for _, title := range titles[:min(len(titles), maxGrounds)] {
		numbers := byTitle[title]
		out = append(out, i18n.T(ctx, "letter.article", "title", title, "numbers", i18n.Listed(ctx, numbers[:min(len(numbers), maxGrounds)])))
	}
	return out, nil
}
