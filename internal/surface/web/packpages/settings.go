package packpages

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/pack/install"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// listView is what is installed and what may be added.
type listView struct {
	Table  webui.TableView
	Others []webui.Option
}

// list needs the right to add packs, since nobody else can do anything here.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Installer.May(ctx, web.Actor(ctx)); err != nil {
		return err
	}
	states, err := p.Installer.List(ctx)
	if err != nil {
		return err
	}
	v := listView{Table: webui.TableView{ID: "packs", Caption: i18n.T(ctx, "packs.installed"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "packs.name"), Primary: true}, {Label: i18n.T(ctx, "packs.regulations"), Numeric: true}, {Label: i18n.T(ctx, "packs.clauses"), Numeric: true},
		{Label: i18n.T(ctx, "packs.since")}, {Label: i18n.T(ctx, "packs.needed_by")}, {Label: i18n.T(ctx, "packs.sample")}, {Label: i18n.T(ctx, "packs.remove")},
	}, Empty: webui.EmptyView{Icon: "package", Title: i18n.T(ctx, "packs.none"), Text: i18n.T(ctx, "packs.none.text")}}}
	for _, s := range states {
		if s.Installed {
			v.Table.Rows = append(v.Table.Rows, row(ctx, s, states))
			continue
		}
		o := option(ctx, s.Pack)
		if s.Removed {
			o.Detail += " · " + i18n.T(ctx, "packs.removed_on", "on", i18n.Date(ctx, s.Since))
		}
		v.Others = append(v.Others, o)
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "packs.title"), Subtitle: i18n.T(ctx, "packs.text")}, listPage(v))
}

func row(ctx context.Context, s *install.State, all []*install.State) webui.RowView {
	since := ""
	if !s.Since.IsZero() {
		since = i18n.Date(ctx, s.Since)
	}
	out := webui.RowView{ID: s.ID, Label: say(ctx, s.Title), Cells: []webui.Cell{
		{Text: say(ctx, s.Title)}, {Text: strconv.Itoa(len(s.Regulations))}, {Text: strconv.Itoa(s.Clauses())}, {Text: since}, {Text: titles(ctx, all, s.NeededBy)}, sampleCell(ctx, s),
	}}
	last := webui.Cell{}
	if len(s.NeededBy) == 0 {
		last = webui.Cell{Text: i18n.T(ctx, "packs.remove"), Href: "/settings/packs/" + s.ID + "/remove"}
	}
	out.Cells = append(out.Cells, last)
	return out
}

func titles(ctx context.Context, all []*install.State, ids []string) string {
	var out []string
	for _, s := range all {
		if slices.Contains(ids, s.ID) {
			out = append(out, say(ctx, s.Title))
		}
	}
	return strings.Join(out, i18n.T(ctx, "packs.and"))
}

func crumbs(ctx context.Context) []webui.Link {
	return []webui.Link{{Label: i18n.T(ctx, "packs.title"), Href: "/settings/packs"}}
}

// chosen are the packs named, and with them what they need and the company lacks.
func (p *Pages) chosen(ctx context.Context, ids []string) (planView, []webui.Option, error) {
	list, err := p.Installer.Order(ids...)
	if err != nil {
		return planView{}, nil, err
	}
	states, err := p.Installer.List(ctx)
	if err != nil {
		return planView{}, nil, err
	}
	var hidden []webui.Option
	fresh := list[:0]
	for _, q := range list {
		have := slices.ContainsFunc(states, func(s *install.State) bool { return s.ID == q.ID && s.Installed })
		if !have {
			fresh = append(fresh, q)
			hidden = append(hidden, webui.Option{Value: "pack", Label: q.ID})
		}
	}
	return planOf(ctx, fresh), hidden, nil
}

// preview shows what adding brings. Without a choice it leads back to the list.
func (p *Pages) preview(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Installer.May(ctx, web.Actor(ctx)); err != nil {
		return err
	}
	v, hidden, err := p.chosen(ctx, r.URL.Query()["pack"])
	if err != nil {
		return err
	}
	if len(hidden) == 0 {
		return p.server.Redirect(w, r, "/settings/packs", web.Toast{Key: "packs.choose_one"})
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "packs.add.title"), Subtitle: i18n.T(ctx, "packs.add.text"), Crumbs: crumbs(ctx)},
		confirmPage(v, webui.ConfirmView{Action: "/settings/packs/add", Confirm: i18n.T(ctx, "packs.add.confirm"), CancelHref: "/settings/packs", Hidden: hidden}))
}

func (p *Pages) add(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	scope, err := p.Installer.May(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	ids := r.PostForm["pack"]
	if len(ids) == 0 {
		return p.server.Redirect(w, r, "/settings/packs", web.Toast{Key: "packs.choose_one"})
	}
	if err := p.Installer.Add(ctx, scope, string(i18n.LangOf(ctx)), ids...); err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/settings/packs", web.Toast{Key: "packs.added"})
}

// farewell says what removing does before it is done.
func (p *Pages) farewell(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Installer.May(ctx, web.Actor(ctx)); err != nil {
		return err
	}
	q, err := p.Installer.Pack(r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.askToRemove(w, r, q.ID, nil)
}

func (p *Pages) askToRemove(w http.ResponseWriter, r *http.Request, id string, fault error) error {
	ctx := r.Context()
	states, err := p.Installer.List(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(states, func(s *install.State) bool { return s.ID == id && s.Installed })
	if i < 0 {
		return errs.New(errs.NotFound, "web.no_page")
	}
	s := states[i]
	view := web.View{Title: i18n.T(ctx, "packs.remove.title", "pack", say(ctx, s.Title)), Crumbs: crumbs(ctx)}
	v := removeView{Part: partOf(ctx, s.Pack), Confirm: webui.ConfirmView{
		Action: "/settings/packs/" + id + "/remove", Confirm: i18n.T(ctx, "packs.remove.confirm"), CancelHref: "/settings/packs", Danger: true,
		Text: i18n.T(ctx, "packs.remove.text"),
	}}
	if len(s.NeededBy) > 0 {
		v.Needed = i18n.T(ctx, "packs.remove.needed", "by", titles(ctx, states, s.NeededBy))
	}
	if fault != nil {
		view.Status = webui.StatusOf(errs.KindOf(fault))
	}
	return p.server.Page(w, r, view, removePage(v))
}

// removeView is what goes. Needed is the reason why it cannot.
type removeView struct {
	Part    partView
	Needed  string
	Confirm webui.ConfirmView
}

func (p *Pages) remove(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	scope, err := p.Installer.May(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = p.Installer.Remove(ctx, scope, id)
	if errs.Is(err, errs.Conflict) {
		return p.askToRemove(w, r, id, err)
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/settings/packs", web.Toast{Key: "packs.gone"})
}
