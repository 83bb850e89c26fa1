package importpages

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// resultView is what a trial found, or what an import brought.
type resultView struct {
	Path    string
	Steps   []webui.StepView
	Alert   *webui.AlertView
	Figures []webui.StatView
	Table   webui.TableView
	More    string // that there are more faults than shown
	File    string // address of the rows that were not taken
	Begin   bool   // it was tried and can be carried out
	Again   bool   // columns can be mapped anew
	List    *webui.LinkButtonView
}

// runView is an import at work.
type runView struct {
	Path     string
	Steps    []webui.StepView
	Progress webui.ProgressView
}

const shownRejects = 50

func steps(ctx context.Context, at int) []webui.StepView {
	names := []string{"file", "map", "check", "run"}
	out := make([]webui.StepView, len(names))
	for i, n := range names {
		out[i] = webui.StepView{Label: i18n.T(ctx, "importing.step."+n)}
		switch {
		case i < at:
			out[i].State = "done"
		case i == at:
			out[i].State = "current"
		}
	}
	return out
}

func (p *Pages) frame(ctx context.Context, i *transfer.Import, t *record.Type) web.View {
	return web.View{
		Title: i.Title, Subtitle: i18n.T(ctx, "importing.into", "type", web.PluralLabel(ctx, t)), Crumbs: []webui.Link{{Label: i18n.T(ctx, "importing.title"), Href: "/import"}},
		Badges: []webui.BadgeView{*web.StateBadge(ctx, p.Desk.Store.Types.Type("import"), i.Status)},
	}
}

// show is the page of an import, by its state.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	imp, err := p.Desk.Load(ctx, web.Actor(ctx), id)
	if err != nil {
		return err
	}
	t := p.Desk.Store.Types.Type(imp.Target)
	again := r.URL.Query().Get("map") != "" && imp.Status != transfer.Done
	switch {
	case imp.Status == transfer.Checking || imp.Status == transfer.Running:
		v, err := p.runView(ctx, imp)
		if err != nil {
			return err
		}
		return p.server.Page(w, r, p.frame(ctx, imp, t), runPage(v))
	case imp.Status == transfer.Mapping || again:
		s, err := p.Desk.Look(ctx, web.Actor(ctx), id)
		if err != nil {
			return err
		}
		return p.showMapping(w, r, s, s.Plan, nil)
	}
	v, err := p.result(ctx, imp, t)
	if err != nil {
		return err
	}
	return p.server.Page(w, r, p.frame(ctx, imp, t), resultPage(v))
}

func (p *Pages) runView(ctx context.Context, imp *transfer.Import) (runView, error) {
	at, err := p.Desk.Progress(ctx, imp.ID)
	if err != nil {
		return runView{}, err
	}
	v := runView{Path: path(imp.ID), Steps: steps(ctx, 3)}
	key := "importing.running"
	if at.Dry {
		v.Steps, key = steps(ctx, 2), "importing.checking"
	}
	v.Progress = webui.ProgressView{
		ID: "progress", Label: i18n.T(ctx, key), Done: int(at.Cursor), Total: int(at.Total), PollURL: path(imp.ID) + "/progress",
		Detail: i18n.T(ctx, "importing.so_far", "n", i18n.Number(at.Cursor), "created", i18n.Number(at.Created), "changed", i18n.Number(at.Changed), "rejected", i18n.Number(at.Rejected+at.Duplicate)),
	}
	if at.Total < at.Cursor {
		v.Progress.Total = 0
	}
	return v, nil
}

// progress is what a page asks for every two seconds; when the run has ended it sends the reader to the page anew.
func (p *Pages) progress(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	imp, err := p.Desk.Load(ctx, web.Actor(ctx), id)
	if err != nil {
		return err
	}
	if imp.Status != transfer.Checking && imp.Status != transfer.Running {
		return p.server.Redirect(w, r, path(id), web.Toast{})
	}
	v, err := p.runView(ctx, imp)
	if err != nil {
		return err
	}
	return p.server.Fragment(w, r, http.StatusOK, webui.Progress(v.Progress))
}

func (p *Pages) result(ctx context.Context, imp *transfer.Import, t *record.Type) (resultView, error) {
	tried := imp.Status == transfer.Checked
	v := resultView{Path: path(imp.ID), Steps: steps(ctx, 4), Begin: tried, Again: imp.Status != transfer.Done}
	stat := func(key string, n int64, icon string) webui.StatView {
		return webui.StatView{Label: i18n.T(ctx, key), Value: i18n.Number(n), Icon: icon}
	}
	v.Figures = []webui.StatView{
		stat("import.created", imp.Created, "plus"), stat("import.changed", imp.Changed, "edit"), stat("import.same", imp.Same, "check"),
		stat("import.duplicates", imp.Duplicates, "users"), stat("import.rejected", imp.Rejected, "alert-triangle"),
	}
	switch {
	case tried:
		v.Steps = steps(ctx, 2)
		v.Alert = &webui.AlertView{Tone: webui.Info, Text: i18n.T(ctx, "importing.tried", "n", i18n.Number(imp.Lines))}
	case imp.Status == transfer.Done:
		v.Alert = &webui.AlertView{Tone: webui.Good, Text: i18n.T(ctx, "importing.done", "n", i18n.Number(imp.Lines))}
		v.List = &webui.LinkButtonView{Label: i18n.T(ctx, "importing.to_list", "type", web.PluralLabel(ctx, t)), Href: "/" + t.Plural, Icon: t.Icon}
	case imp.Status == transfer.Cancelled:
		v.Alert = &webui.AlertView{Tone: webui.Warn, Text: i18n.T(ctx, "importing.cancelled")}
	default:
		v.Alert = &webui.AlertView{Tone: webui.Bad, Title: i18n.T(ctx, "importing.failed"), Text: i18n.T(ctx, imp.Fault, "type", web.TypeLabel(ctx, t), "action", i18n.T(ctx, "action.import"))}
	}
	return v, p.faults(ctx, imp, t, &v)
}

// faults lists the first rows that were not taken, in words.
func (p *Pages) faults(ctx context.Context, imp *transfer.Import, t *record.Type, v *resultView) error {
	list, err := p.Desk.Rejects(ctx, imp, i18n.LangOf(ctx), shownRejects)
	if err != nil || len(list) == 0 {
		return err
	}
	v.File = path(imp.ID) + "/rejects"
	if n := imp.Rejected + imp.Duplicates; n > shownRejects {
		v.More = i18n.T(ctx, "importing.more_faults", "n", i18n.Number(n))
	}
	v.Table = webui.TableView{ID: "rejects", Caption: i18n.T(ctx, "importing.rejects"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "importing.line"), Numeric: true}, {Label: i18n.T(ctx, "importing.reason"), Primary: true}, {Label: i18n.T(ctx, "importing.row")}, {Label: i18n.T(ctx, "importing.there")},
	}}
	for _, r := range list {
		cells := strings.Join(r.Cells, " | ")
		row := webui.RowView{ID: strconv.Itoa(r.Line), Cells: []webui.Cell{{Text: strconv.Itoa(r.Line)}, {Text: strings.Join(r.Reasons, "；")}, {Text: clip(cells), Title: cells}}}
		there := webui.Cell{}
		if r.Against != 0 {
			there = webui.Cell{Text: i18n.T(ctx, "importing.open"), Href: "/" + t.Plural + "/" + r.Against.String()}
		}
		row.Cells = append(row.Cells, there)
		v.Table.Rows = append(v.Table.Rows, row)
	}
	return nil
}

func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, p.Desk.Begin)
}

func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, p.Desk.Cancel)
}

func (p *Pages) act(w http.ResponseWriter, r *http.Request, do func(context.Context, record.Actor, record.ID) error) error {
	if err := web.Form(r); err != nil {
		return err
	}
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	if err := do(r.Context(), web.Actor(r.Context()), id); err != nil {
		return err
	}
	return p.server.Redirect(w, r, path(id), web.Toast{})
}

// rejects sends the rows that were not taken as a file.
func (p *Pages) rejects(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	if _, err := p.Desk.Load(ctx, web.Actor(ctx), id); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="rejected-%s.csv"`, id))
	h.Set("X-Content-Type-Options", "nosniff")
	return p.Desk.WriteRejects(ctx, web.Actor(ctx), id, i18n.LangOf(ctx), w)
}
