package regulationpages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"

	"time"
)

// clausePageView is a clause with its controls in words, its figures and what it did.
type clausePageView struct {
	Clause        clauseView
	Bindings      []bindingView
	AddHref       string
	ConditionHref string
	Scenario      string // script that proves the clause
	Around        aroundView
	Figures       []webui.StatView
	Table         webui.TableView
}

// bindingView is one control in words. EditHref is empty for those who may not change it.
type bindingView struct {
	Control, Fault, Source, EditHref string
	Items                            []webui.DescriptionItem
}

// when is an instant of a record in words; "" where there is none.
func when(ctx context.Context, m mask.View, name string) string {
	c, ok := m.Cell(name)
	if !ok {
		return ""
	}
	switch t := c.Value.(type) {
	case time.Time:
		if !t.IsZero() {
			return i18n.DateTime(ctx, t)
		}
	case *time.Time:
		if t != nil {
			return i18n.DateTime(ctx, *t)
		}
	}
	return ""
}

// can reports whether the reader has any grant for the action on the type.
func (p *Pages) can(ctx context.Context, typ, act string) bool {
	ok, err := db.View(ctx, p.Records.DB, func(tx *db.Tx) (bool, error) { return p.Records.Can(ctx, tx, web.Actor(ctx), typ, act), nil })
	return ok && err == nil
}

// clauseOfPath reads the regulation and the clause the address names.
func (p *Pages) clauseOfPath(r *http.Request) (*regulation.Reading, *regulation.Clause, error) {
	read, err := p.reading(r)
	if err != nil {
		return nil, nil, err
	}
	c := read.Clause(r.PathValue("clause"))
	if c == nil {
		return nil, nil, errs.New(errs.NotFound, "record.not_found")
	}
	return read, c, nil
}

func (p *Pages) clause(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	read, c, err := p.clauseOfPath(r)
	if err != nil {
		return err
	}
	posts, err := p.posts(ctx)
	if err != nil {
		return err
	}
	v := clausePageView{Clause: clauseOf(ctx, read, c, posts), Figures: figures(ctx, read.Tally(c.Key))}
	waived, err := p.exceptions(ctx, c.Key)
	if err != nil {
		return err
	}
	v.Figures = append(v.Figures, waived...)
	if v.Around, err = p.around(ctx, read.Regulation, c); err != nil {
		return err
	}
	if p.Scenario != nil {
		v.Scenario = p.Scenario(c.Key)
	}
	base := "/read/" + read.Regulation.Key + "/" + c.Key + "/bindings/"
	version := fmt.Sprintf("?v=%d", read.Version.VersionNo)
	edit := p.can(ctx, "binding", record.Update)
	for _, b := range read.Bindings[c.Key] {
		one := p.bindingWords(ctx, b, posts)
		if edit {
			one.EditHref = base + b.ID.String() + version
		}
		v.Bindings = append(v.Bindings, one)
	}
	if p.can(ctx, "binding", record.Create) {
		v.AddHref = base + "new" + version
		v.ConditionHref = "/read/" + read.Regulation.Key + "/" + c.Key + "/condition"
	}
	list, err := p.Engine.Outcomes(ctx, evidence.Filter{Clause: c.Key, Result: evidence.Result(r.URL.Query().Get("result")), Month: r.URL.Query().Get("month")})
	if err != nil {
		return err
	}
	if v.Table, err = p.outcomes(ctx, list); err != nil {
		return err
	}
	return p.server.Page(w, r, web.View{
		Title: orKey(c.Printed+" "+v.Clause.Heading, c.Key), Badges: []webui.BadgeView{v.Clause.Status}, Crumbs: crumbs(ctx, read.Regulation),
		Actions: readerActions(p.rewriting(ctx, read, c)),
	}, clausePage(v))
}

// rewriting leads to the form for the text of a clause, as long as its version is a draft.
func (p *Pages) rewriting(ctx context.Context, read *regulation.Reading, c *regulation.Clause) []webui.LinkButtonView {
	if read.Version.Status != "draft" || !p.can(ctx, "clause", record.Update) {
		return nil
	}
	back := fmt.Sprintf("/read/%s/%s?v=%d", read.Regulation.Key, c.Key, read.Version.VersionNo)
	return []webui.LinkButtonView{{
		Label: i18n.T(ctx, "version.clause.edit"), Icon: "edit", Href: "/clauses/" + c.ID.String() + "/edit?return=" + url.QueryEscape(back),
	}}
}

func orKey(s, key string) string {
	if s == " " {
		return key
	}
	return s
}

// figures are the outcomes of the last twelve months by result.
func figures(ctx context.Context, tally evidence.Tally) []webui.StatView {
	var out []webui.StatView
	for _, res := range []evidence.Result{
		evidence.Passed, evidence.Refused, evidence.Excepted, evidence.Met, evidence.Late, evidence.Cancelled, evidence.Clean,
		evidence.Suspected, evidence.Confirmed, evidence.Dismissed, evidence.Signed, evidence.Outstanding, evidence.Done, evidence.Missed,
		evidence.Complete, evidence.Incomplete, evidence.Followed, evidence.Deviated, evidence.Reached, evidence.GoodFound, evidence.BadFound,
	} {
		if n := tally[res]; n > 0 {
			out = append(out, webui.StatView{Label: i18n.T(ctx, "outcome."+string(res)), Value: fmt.Sprint(n), Href: "?result=" + string(res)})
		}
	}
	return out
}

// outcomes shows the records outcomes are about by the titles the reader may see; others stay without name.
func (p *Pages) outcomes(ctx context.Context, list []evidence.Outcome) (webui.TableView, error) {
	ids := map[string][]record.ID{}
	for _, o := range list {
		ids[o.Type] = append(ids[o.Type], o.Record)
	}
	titles, err := p.Records.TitlesOf(ctx, web.Actor(ctx), ids)
	if err != nil {
		return webui.TableView{}, err
	}
	v := webui.TableView{ID: "outcomes", Caption: i18n.T(ctx, "outcome._plural"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "outcome.at"), Primary: true}, {Label: i18n.T(ctx, "outcome.result")}, {Label: i18n.T(ctx, "outcome.record")},
	}, Empty: webui.EmptyView{Icon: "circle", Title: i18n.T(ctx, "outcome.none"), Text: i18n.T(ctx, "outcome.none.text")}}
	for _, o := range list {
		about := webui.Cell{Text: "—"}
		if t, ok := titles[o.Record]; ok {
			about = webui.Cell{Text: t.Number + " " + t.Title}
			if typ := p.Engine.Types.Type(o.Type); typ != nil {
				about.Href = "/" + typ.Plural + "/" + o.Record.String()
			}
		}
		badge := webui.BadgeView{Label: i18n.T(ctx, "outcome."+string(o.Result)), Tone: toneOf(o.Result)}
		v.Rows = append(v.Rows, webui.RowView{ID: o.ID.String(), Cells: []webui.Cell{{Text: i18n.DateTime(ctx, o.At)}, {Badge: &badge}, about}})
	}
	return v, nil
}

func toneOf(r evidence.Result) webui.Tone {
	switch {
	case r.Good():
		return webui.Good
	case r.Bad():
		return webui.Bad
	}
	return webui.Warn
}

func (p *Pages) compliance(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	read, err := p.Engine.Read(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	reg := read.Regulation
	heat := webui.HeatMapView{Caption: web.InLang(ctx, reg.Title, reg.TitleEn), Corner: i18n.T(ctx, "clause"), Columns: read.Months}
	for _, c := range read.Clauses {
		if len(read.Bindings[c.Key]) == 0 {
			continue
		}
		row := webui.HeatRowView{Label: c.Key + " " + c.Printed, Href: "/read/" + reg.Key + "/" + c.Key}
		for _, m := range read.Months {
			row.Cells = append(row.Cells, heatCell(ctx, row.Href+"?month="+m, read.Cells[c.Key][m]))
		}
		heat.Rows = append(heat.Rows, row)
	}
	unbound := 0
	for _, c := range read.Clauses {
		if c.Body != "" && len(read.Bindings[c.Key]) == 0 {
			unbound++
		}
	}
	return p.server.Page(w, r, web.View{
		Title: i18n.T(ctx, "compliance.title"), Subtitle: i18n.T(ctx, "compliance.unbound", "n", unbound), Wide: true, Crumbs: []webui.Link{
			{Label: i18n.T(ctx, "library.title"), Href: "/library"}, {Label: heat.Caption, Href: "/read/" + reg.Key},
		},
	}, compliancePage(heat))
}

func heatCell(ctx context.Context, href string, t evidence.Tally) webui.HeatCellView {
	s := evidence.StatusOf(true, t)
	n := 0
	for _, v := range t {
		n += v
	}
	cell := webui.HeatCellView{Title: i18n.T(ctx, "clause.status."+string(s)), Status: map[evidence.Status]webui.HeatStatus{
		evidence.NotExercised: webui.HeatUnused, evidence.Kept: webui.HeatKept, evidence.KeptLate: webui.HeatLate,
		evidence.Breached: webui.HeatBreached, evidence.OnlyExcepted: webui.HeatExcepted,
	}[s]}
	if n > 0 {
		cell.Text, cell.Href = fmt.Sprint(n), href
	}
	return cell
}
