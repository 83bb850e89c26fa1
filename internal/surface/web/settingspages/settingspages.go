// Package settingspages holds the pages of the settings room that no record type gives: the custom fields of types.
//
// They are for those who manage roles: a field is seen by everybody who sees the record. The package decides nothing
// itself; it asks access for a scope and hands it on.
package settingspages

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/custom"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the pages.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}

// Pages are the pages of custom fields.
type Pages struct {
	fields *custom.Fields
	server *web.Server
}

// New returns the pages; [Pages.Mount] puts them into a server.
func New(f *custom.Fields) *Pages { return &Pages{fields: f} }

// Link is the entry of the navigation.
func Link() web.Page {
	return web.Page{Room: "settings", Href: "/settings/fields", LabelKey: "settings.fields", Icon: "adjustments", Needs: "role"}
}

// Mount adds the pages to a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /settings/fields", p.types)
	s.Handle("GET /settings/fields/{type}", p.list)
	s.Handle("POST /settings/fields/{type}", p.add)
	s.Handle("POST /settings/fields/{type}/{id}/remove", p.remove)
}

// scope proves that the reader may change all records of the type and manages roles as well.
func (p *Pages) scope(ctx context.Context, typ string) (record.Scope, error) {
	rec, a := p.server.Records(), web.Actor(ctx)
	return db.View(ctx, rec.DB, func(tx *db.Tx) (record.Scope, error) {
		roles, err := rec.Guard.Authorize(ctx, tx, a, "role", record.Update)
		if err != nil {
			return record.Scope{}, err
		}
		scope, err := rec.Guard.Authorize(ctx, tx, a, typ, record.Update)
		if err == nil && (!roles.Visible.All || !scope.Visible.All) {
			err = errs.New(errs.Forbidden, "access.denied").With("type", typ).With("action", record.Update)
		}
		return scope, err
	})
}

// types lists the types with how many fields were added to each.
func (p *Pages) types(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.scope(ctx, "role"); err != nil {
		return err
	}
	all, err := p.fields.List(ctx, "")
	if err != nil {
		return err
	}
	count := map[string]int64{}
	for _, f := range all {
		count[f.Type]++
	}
	table := webui.TableView{ID: "types", Caption: i18n.T(ctx, "settings.fields"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "settings.fields.type"), Primary: true}, {Label: i18n.T(ctx, "settings.fields.room")}, {Label: i18n.T(ctx, "settings.fields.count"), Numeric: true},
	}}
	for _, t := range p.server.Records().Store.Types.Types() {
		if t.Action(record.Update) == nil {
			continue
		}
		room := t.Room
		if key := "room." + t.Room; i18n.Has(ctx, key) {
			room = i18n.T(ctx, key)
		}
		table.Rows = append(table.Rows, webui.RowView{ID: t.Name, Href: "/settings/fields/" + t.Name, Cells: []webui.Cell{
			{Text: web.TypeLabel(ctx, t)}, {Text: room}, {Text: i18n.Number(count[t.Name])},
		}})
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "settings.fields"), Subtitle: i18n.T(ctx, "settings.fields.text")}, typeTable(table))
}

func (p *Pages) typ(r *http.Request) (*record.Type, error) {
	t := p.server.Records().Store.Types.Type(r.PathValue("type"))
	if t == nil || t.Name != r.PathValue("type") || t.Action(record.Update) == nil {
		return nil, errs.New(errs.NotFound, "web.no_page")
	}
	return t, nil
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	t, err := p.typ(r)
	if err != nil {
		return err
	}
	if _, err := p.scope(r.Context(), t.Name); err != nil {
		return err
	}
	return p.show(w, r, t, url.Values{"kind": {"text"}, "class": {"internal"}}, nil)
}

// fieldRow is one custom field as shown.
type fieldRow struct{ Label, Name, Kind, Class, Options, Remove, Confirm string }

func (p *Pages) show(w http.ResponseWriter, r *http.Request, t *record.Type, typed url.Values, fault error) error {
	ctx := r.Context()
	list, err := p.fields.List(ctx, t.Name)
	if err != nil {
		return err
	}
	v := fieldsView{Action: r.URL.Path, Typed: typed, Errors: webui.FieldErrors(ctx, fault), Kinds: p.options(ctx, "kind.", custom.Kinds())}
	v.Classes = p.options(ctx, "class.", []string{"public", "internal", "personal"})
	for _, g := range t.Groups {
		v.Groups = append(v.Groups, webui.Option{Value: g, Label: web.GroupLabel(ctx, t, g)})
	}
	for _, f := range list {
		label := f.Labels[string(i18n.LangOf(ctx))]
		v.Rows = append(v.Rows, fieldRow{
			Label: label, Name: f.Name, Kind: i18n.T(ctx, "kind."+f.Kind), Class: i18n.T(ctx, "class."+f.Class), Options: strings.Join(f.Options, ", "),
			Remove: r.URL.Path + "/" + f.ID.String() + "/remove", Confirm: i18n.T(ctx, "settings.fields.confirm", "field", label),
		})
	}
	view := web.View{
		Title: i18n.T(ctx, "settings.fields.of", "type", web.TypeLabel(ctx, t)), Crumbs: []webui.Link{{Label: i18n.T(ctx, "settings.fields"), Href: "/settings/fields"}},
	}
	if fault != nil {
		view.Status = webui.StatusOf(errs.KindOf(fault))
		if len(v.Errors) == 0 {
			v.Error = webui.ErrorViewOf(ctx, fault).Sentence
		}
	}
	return p.server.Page(w, r, view, fieldsPage(v))
}

func (p *Pages) options(ctx context.Context, prefix string, values []string) []webui.Option {
	out := make([]webui.Option, len(values))
	for i, value := range values {
		out[i] = webui.Option{Value: value, Label: i18n.T(ctx, prefix+value)}
	}
	return out
}

func (p *Pages) add(w http.ResponseWriter, r *http.Request) error {
	t, err := p.typ(r)
	if err != nil {
		return err
	}
	if err := web.Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	scope, err := p.scope(ctx, t.Name)
	if err != nil {
		return err
	}
	err = p.fields.Add(ctx, scope, custom.Spec{
		Type: t.Name, Name: r.PostFormValue("name"), Kind: r.PostFormValue("kind"), Class: r.PostFormValue("class"), Group: group(t, r.PostFormValue("group")),
		Required: r.PostFormValue("required") == "1", Options: strings.Split(r.PostFormValue("options"), "\n"),
		Labels: map[string]string{"zh": strings.TrimSpace(r.PostFormValue("label_zh")), "en": strings.TrimSpace(r.PostFormValue("label_en"))},
	})
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict) {
		return p.show(w, r, t, r.PostForm, err)
	}
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, r.URL.Path, web.Toast{Key: "settings.fields.added"})
}

// group is a group the type knows, or none.
func group(t *record.Type, name string) string {
	if slices.Contains(t.Groups, name) {
		return name
	}
	return ""
}

func (p *Pages) remove(w http.ResponseWriter, r *http.Request) error {
	t, err := p.typ(r)
	if err != nil {
		return err
	}
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	scope, err := p.scope(r.Context(), t.Name)
	if err != nil {
		return err
	}
	if err := p.fields.Remove(r.Context(), scope, t.Name, id); err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/settings/fields/"+t.Name, web.Toast{Key: "settings.fields.removed"})
}
