package breachpages

import (
	"context"
	"net/http"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/regulationpages"
	"dianke/internal/surface/web/webui"
)

// Request is the form by which somebody whom a clause has refused asks for an exception for that very record.
type Request struct {
	Forms  *recordpages.Pages
	Engine *regulation.Engine
	server *web.Server
}

// Mount puts the form into a server.
func (q *Request) Mount(s *web.Server) {
	q.server = s
	s.Handle("GET /exceptions/ask", q.form)
	s.Handle("POST /exceptions/ask", q.save)
}

// asked are the fields the form asks for; the others follow from the refusal.
func asked() []string { return []string{"reason", "expires_at"} }

// plea is a request on its way: the clause that refused, and the record it refused.
type plea struct {
	waiver regulation.ExceptionRule
	typ    *record.Type
	id     record.ID
	title  string
}

// requestView is the form with what it is about.
type requestView struct {
	About    []webui.DescriptionItem
	Form     webui.FormView
	Controls []recordpages.Control
}

// plea reads what the address or the form names. A record the reader may not see is not there.
func (q *Request) plea(r *http.Request) (plea, error) {
	ctx := r.Context()
	missing := errs.New(errs.NotFound, "record.not_found")
	p := plea{typ: q.server.Records().Store.Types.Type(r.FormValue("about_type"))}
	var err error
	if p.id, err = ids.Parse(r.FormValue("about_id")); err != nil || p.typ == nil {
		return p, missing
	}
	titles, err := q.server.Records().Titles(ctx, web.Actor(ctx), p.typ.Name, []record.ID{p.id})
	if err != nil {
		return p, err
	}
	t, seen := titles[p.id]
	if !seen {
		return p, missing
	}
	p.title = strings.TrimSpace(t.Number + " " + t.Title)
	p.waiver, err = q.Engine.ExceptionRuleOf(ctx, r.FormValue("clause_key"))
	return p, err
}

func (q *Request) form(w http.ResponseWriter, r *http.Request) error {
	p, err := q.plea(r)
	if err != nil {
		return err
	}
	return q.show(w, r, p, nil)
}

func (q *Request) show(w http.ResponseWriter, r *http.Request, p plea, fault error) error {
	ctx, t := r.Context(), q.server.Records().Store.Types.Type("exemption")
	controls, err := q.Forms.Controls(r, recordpages.Ask{Type: t, Fields: asked(), Fault: fault})
	if err != nil {
		return err
	}
	back := "/" + p.typ.Plural + "/" + p.id.String()
	v := requestView{Controls: controls, About: q.about(ctx, p, back)}
	v.Form = webui.FormView{
		ID: "exception", Action: "/exceptions/ask", Submit: i18n.T(ctx, "breachpages.exception.ask"), CancelHref: back, Hidden: []webui.Option{
			{Value: "clause_key", Label: p.waiver.Clause.Clause}, {Value: "about_type", Label: p.typ.Name}, {Value: "about_id", Label: p.id.String()},
		},
	}
	status := http.StatusOK
	if fault != nil {
		status = webui.StatusOf(errs.KindOf(fault))
		v.Form.Errors, v.Form.Error = recordpages.Faults(ctx, t, controls, fault)
	}
	return q.Forms.Answer(w, r, recordpages.Sheet{
		ID: "exception-dialog", Title: i18n.T(ctx, "breachpages.exception"), Subtitle: p.title, Status: status,
		Crumbs: []webui.Link{{Label: web.PluralLabel(ctx, t), Href: "/exemptions"}},
	}, requestForm(v))
}

// about says from which article, for which record, who decides and for how long at most.
func (q *Request) about(ctx context.Context, p plea, back string) []webui.DescriptionItem {
	c, at := p.waiver.Clause, 0
	if i18n.LangOf(ctx) == i18n.EN && c.Title[1] != "" {
		at = 1
	}
	out := []webui.DescriptionItem{
		{Label: i18n.T(ctx, "breachpages.article"), Value: strings.TrimSpace(c.Title[at] + " " + c.Printed), Href: "/read/" + c.Regulation + "/" + c.Clause},
		{Label: i18n.T(ctx, "exemption.about_id"), Value: web.TypeLabel(ctx, p.typ) + " " + p.title, Href: back},
		{Label: i18n.T(ctx, "breachpages.exception.who"), Value: strings.Join(q.posts(ctx, p.waiver.Posts), i18n.T(ctx, "breachpages.comma"))},
	}
	if p.waiver.Longest != "" {
		out = append(out, webui.DescriptionItem{Label: i18n.T(ctx, "breachpages.exception.longest"), Value: regulationpages.Span(ctx, p.waiver.Longest)})
	}
	return out
}

// posts are the posts by name, by key where the reader may not read them.
func (q *Request) posts(ctx context.Context, keys []string) []string {
	out := append([]string(nil), keys...)
	list, err := q.server.Records().List(ctx, web.Actor(ctx), "post", record.Query{Limit: 200})
	if err != nil {
		return out
	}
	for _, v := range list.Views {
		for i, key := range keys {
			if c, ok := v.Cell("key"); ok && c.Text == key {
				out[i] = v.Title
			}
		}
	}
	return out
}

func (q *Request) save(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	p, err := q.plea(r)
	if err != nil {
		return err
	}
	ctx, t := r.Context(), q.server.Records().Store.Types.Type("exemption")
	in, err := q.Forms.Input(r, t, asked())
	if err != nil {
		return q.show(w, r, p, err)
	}
	in["clause_key"], in["about_type"], in["about_id"] = p.waiver.Clause.Clause, p.typ.Name, p.id.String()
	made, err := q.server.Records().Do(ctx, web.Actor(ctx), action.Command{Type: t.Name, Action: record.Create, Input: in})
	switch {
	case err != nil && recordpages.Correctable(err):
		return q.show(w, r, p, err)
	case err != nil:
		return web.WordedFor(ctx, t, err)
	}
	to := "/" + p.typ.Plural + "/" + p.id.String()
	if made != nil {
		to = "/exemptions/" + made.Record.ID.String()
	}
	return q.server.Redirect(w, r, to, web.Toast{Key: "breachpages.exception.asked"})
}

// exemption is the first tab of an exception.
func (p *Pages) exemption(ctx context.Context, o *recordpages.Overlook) (recordpages.OverviewView, error) {
	s := p.sight(ctx, o)
	why := cardView{ID: "why", Title: s.t("exemption"), Icon: "door-exit", Items: append(s.record(), s.items("reason", "expires_at", "created_by", "created_at")...)}
	decided := cardView{ID: "decision", Title: s.t("breachpages.exception.decision"), Icon: "gavel", Actions: s.actions("approve", "decline")}
	decided.Items = s.items("status", "answer", "decided_by", "decided_at")
	article := cardView{ID: "article", Title: s.t("breachpages.article"), Icon: "book-2", Items: s.items("clause_key")}
	w, err := p.Engine.ExceptionRuleOf(ctx, s.text("clause_key"))
	switch {
	case err == nil:
		article = s.article(w.Clause.Version, s.text("clause_key"))
	case !errs.Is(err, errs.NotFound):
		return recordpages.OverviewView{}, err
	}
	return recordpages.OverviewView{Body: cards([]cardView{why, article, decided})}, s.err
}
