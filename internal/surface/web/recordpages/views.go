package recordpages

import (
	"net/http"
	"net/url"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/view"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// tabs are the views of the list: all, mine, those saved, those put away. It returns the reader's own view that is open.
func (l *listing) tabs(saved []view.View) (webui.ViewTabsView, *view.View) {
	var out webui.ViewTabsView
	var open *view.View
	add := func(label, icon string, s state) bool {
		active := l.s.same(s)
		out.Tabs = append(out.Tabs, webui.TabView{Label: label, Icon: icon, Href: s.href(l.t), Active: active})
		return active
	}
	any := add(i18n.T(l.ctx, "pages.views.all"), "", state{view: asTable})
	any = add(i18n.T(l.ctx, "pages.views.mine"), "", state{view: asTable, scope: "mine"}) || any
	for i, v := range saved {
		q, err := url.ParseQuery(v.Query)
		if err != nil {
			continue // it was checked when saved; a view nobody can read is shown to nobody
		}
		icon := ""
		if v.Shared {
			icon = "users"
		}
		s, _ := readState(l.t, q)
		if add(v.Name, icon, s) {
			any = true
			if v.Owner == web.Actor(l.ctx).UserID {
				open = &saved[i]
			}
		}
	}
	any = add(i18n.T(l.ctx, "pages.views.archived"), "archive", state{view: asTable, scope: "archived"}) || any
	if !any {
		out.SaveHref = listPath(l.t) + "/views?" + l.s.query()
	}
	return out, open
}

// pageMenu is what can be done with the list and the open view.
func (l *listing) pageMenu(open *view.View) []webui.MenuItem {
	var out []webui.MenuItem
	if l.may[record.Export] {
		href := listPath(l.t) + "/export"
		if q := l.s.query(); q != "" {
			href += "?" + q
		}
		out = append(out, webui.MenuItem{Label: i18n.T(l.ctx, "action.export"), Icon: "file-export", Href: href})
	}
	if l.may[record.Import] && l.may[record.Create] {
		out = append(out, webui.MenuItem{Label: i18n.T(l.ctx, "action.import"), Icon: "file-import", Href: "/import?type=" + l.t.Name})
	}
	if open == nil {
		return out
	}
	return append(out, webui.MenuItem{
		Label: i18n.T(l.ctx, "pages.views.remove", "name", open.Name), Icon: "trash", Post: true, Danger: true,
		Href: listPath(l.t) + "/" + open.ID.String() + "/remove-view",
	})
}

// viewForm asks for the name of a view; the address it is to keep is its own query.
func (p *Pages) viewForm(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	s, _ := readState(t, r.URL.Query())
	return p.showViewForm(w, r, t, s, nil)
}

func (p *Pages) showViewForm(w http.ResponseWriter, r *http.Request, t *record.Type, s state, err error) error {
	ctx := r.Context()
	f := webui.FormView{
		ID: "view", Action: listPath(t) + "/views", CancelHref: s.href(t), Hidden: []webui.Option{{Value: "query", Label: s.query()}},
	}
	v := webui.FieldView{
		Name: "name", Label: i18n.T(ctx, "pages.views.name"), Required: true, MaxLength: 40, Autofocus: true, Wide: true,
		Value: r.PostFormValue("name"), Error: webui.FieldErrors(ctx, err)["name"],
	}
	status := 0
	if err != nil {
		status = webui.StatusOf(errs.KindOf(err))
		f.Errors = []webui.Link{{Label: v.Error, Href: "#f-name"}}
	}
	share := webui.FieldView{Name: "shared", Label: i18n.T(ctx, "pages.views.shared"), Value: r.PostFormValue("shared"), Wide: true}
	return p.dialogOrPage(w, r, page{
		t: t, id: "view-dialog", title: i18n.T(ctx, "ui.views.save"), status: status, crumbs: crumbs(ctx, t),
	}, fieldForm(f, []control{{webui.KindText, v}, {webui.KindBool, share}}))
}

func (p *Pages) saveView(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	q, err := url.ParseQuery(r.PostFormValue("query"))
	if err != nil {
		return errs.New(errs.Malformed, "filter.syntax").Because(err)
	}
	may, err := p.can(r.Context(), t, record.Read)
	if err != nil {
		return err
	}
	if !may[record.Read] {
		return errs.New(errs.Forbidden, "access.denied").With("type", t.Name).With("action", record.Read)
	}
	s, _ := readState(t, q)
	_, err = p.deps.Views.Save(r.Context(), view.View{
		Type: t.Name, Owner: web.Actor(r.Context()).UserID, Name: r.PostFormValue("name"), Query: s.with(func(*state) {}).query(),
		Shared: r.PostFormValue("shared") == "1",
	})
	if errs.Is(err, errs.Invalid) {
		return p.showViewForm(w, r, t, s, err)
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, s.href(t), web.Toast{Key: "pages.views.saved"})
}

func (p *Pages) removeView(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	if err := p.deps.Views.Remove(r.Context(), web.Actor(r.Context()).UserID, id); err != nil {
		return err
	}
	return p.server.Redirect(w, r, listPath(t), web.Toast{Key: "pages.views.removed"})
}
