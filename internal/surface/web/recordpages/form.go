package recordpages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// page is what a page that may stand in a dialog needs beside its content.
type page struct {
	t               *record.Type
	id              string // of the dialog
	title, subtitle string
	crumbs          []webui.Link
	status          int
	wide            bool
}

func crumbs(ctx context.Context, t *record.Type, more ...webui.Link) []webui.Link {
	return append([]webui.Link{{Label: web.PluralLabel(ctx, t), Href: listPath(t)}}, more...)
}

// dialogOrPage answers a script with a dialog and everybody else with a page.
func (p *Pages) dialogOrPage(w http.ResponseWriter, r *http.Request, pg page, body templ.Component) error {
	if web.IsFragment(r) {
		return p.server.Fragment(w, r, pg.status, dialog(webui.DialogView{ID: pg.id, Title: pg.title, Open: true, Wide: pg.wide}, body))
	}
	return p.server.Page(w, r, web.View{Title: pg.title, Subtitle: pg.subtitle, Crumbs: pg.crumbs, Status: pg.status}, narrow(body))
}

// draft is a record form on its way: what was typed, what is wrong with it, what stands against it.
type draft struct {
	t        *record.Type
	sheet    *access.Sheet // nil for a new record
	typed    url.Values    // nil at the first look
	err      error
	similar  []webui.Link
	found    map[string][]webui.Option
	returnTo string
	version  int64
}

func (d draft) key() string {
	if d.sheet == nil {
		return d.t.Name + "-new"
	}
	return d.t.Name + "-" + d.sheet.Record.ID.String()
}

// newForm shows an empty form; what the address names is filled in.
func (p *Pages) newForm(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	may, err := p.can(r.Context(), t, record.Create)
	if err != nil {
		return err
	}
	if !may[record.Create] {
		return errs.New(errs.Forbidden, "access.denied").With("type", t.Name).With("action", record.Create)
	}
	return p.showForm(w, r, draft{t: t, returnTo: web.Local(r.URL.Query().Get("return"), "")})
}

// editForm shows the form of a record the reader may change.
func (p *Pages) editForm(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	sheet, err := p.sheet(r, t)
	if err != nil {
		return err
	}
	if !offers(sheet, record.Update) {
		return errs.New(errs.Forbidden, "access.denied").With("type", t.Name).With("action", record.Update)
	}
	return p.showForm(w, r, draft{t: t, sheet: sheet, version: sheet.Record.LockVersion, returnTo: web.Local(r.URL.Query().Get("return"), "")})
}

func (p *Pages) sheet(r *http.Request, t *record.Type) (*access.Sheet, error) {
	id, err := web.PathID(r)
	if err != nil {
		return nil, err
	}
	return p.records().Read(r.Context(), web.Actor(r.Context()), t.Name, id)
}

func offers(s *access.Sheet, name string) bool {
	return slices.ContainsFunc(s.Actions, func(a *record.Action) bool { return a.Name == name })
}

// formGroup is a group of inputs under its title.
type formGroup struct {
	view     webui.GroupView
	controls []control
}

func (p *Pages) showForm(w http.ResponseWriter, r *http.Request, d draft) error {
	ctx := r.Context()
	groups, shown, err := p.formGroups(r, d)
	if err != nil {
		return err
	}
	f := webui.FormView{
		ID: "record", Action: listPath(d.t), CancelHref: listPath(d.t), DraftKey: d.key(), Multipart: hasFiles(d.t),
		Hidden: []webui.Option{{Value: "_fields", Label: strings.Join(shown, ",")}},
	}
	pg := page{t: d.t, id: "record-dialog", title: i18n.T(ctx, "web.new", "type", web.TypeLabel(ctx, d.t)), crumbs: crumbs(ctx, d.t), wide: true}
	if d.sheet != nil {
		f.Action = recordPath(d.t, d.sheet.Record.ID)
		f.CancelHref = f.Action
		f.Hidden = append(f.Hidden, webui.Option{Value: "version", Label: strconv.FormatInt(d.version, 10)})
		pg.title = i18n.T(ctx, "pages.edit", "title", d.sheet.Title)
		pg.crumbs = crumbs(ctx, d.t, webui.Link{Label: d.sheet.Title, Href: f.Action})
	}
	if d.returnTo != "" {
		f.CancelHref = d.returnTo
		f.Hidden = append(f.Hidden, webui.Option{Value: "return", Label: d.returnTo})
	}
	if len(d.similar) > 0 {
		f.Hidden = append(f.Hidden, webui.Option{Value: "similar_ok", Label: "1"})
		f.Submit = i18n.T(ctx, "pages.similar.save")
	}
	var refused *webui.ErrorView
	if d.err != nil {
		pg.status = webui.StatusOf(errs.KindOf(d.err))
		if v := p.server.ErrorView(r, web.WordedFor(ctx, d.t, d.err)); len(v.Refusals) > 0 {
			refused = &v
		} else {
			f.Errors, f.Error = formErrors(ctx, d.t, flat(groups), d.err)
		}
	}
	return p.dialogOrPage(w, r, pg, recordForm(f, groups, refused, d.similar))
}

func flat(groups []formGroup) []control {
	var out []control
	for _, g := range groups {
		out = append(out, g.controls...)
	}
	return out
}

func hasFiles(t *record.Type) bool {
	return slices.ContainsFunc(t.Fields, func(f *record.Field) bool { k := f.Kind.Name(); return k == "file" || k == "files" })
}

// formGroups are the fields of the form in the order of the type's groups, and the names of those that can be posted.
func (p *Pages) formGroups(r *http.Request, d draft) ([]formGroup, []string, error) {
	ctx := r.Context()
	m := &maker{p: p, ctx: ctx, words: typeWords(ctx, d.t), typed: d.typed, names: newNames(), found: d.found}
	m.errors = webui.FieldErrors(ctx, web.WordedFor(ctx, d.t, d.err))
	fields := d.t.Editable(d.sheet == nil)
	values := map[string]any{}
	fresh := d.t.New()
	for _, f := range fields {
		switch {
		case d.sheet != nil:
			c, _ := d.sheet.Cell(f.Name)
			values[f.Name] = c.Value
		default:
			values[f.Name] = f.Get(fresh)
			if given := r.URL.Query().Get(f.Name); given != "" && d.typed == nil {
				if v, err := f.Parse(given); err == nil {
					values[f.Name] = v
				}
			}
		}
		m.names.needValue(f, values[f.Name])
		m.needTyped(f)
	}
	if err := p.find(ctx, m.names); err != nil {
		return nil, nil, err
	}
	order := append([]string{""}, d.t.Groups...)
	for _, f := range fields {
		if !slices.Contains(order, f.Group) {
			order = append(order, f.Group)
		}
	}
	byGroup := map[string][]control{}
	var shown []string
	for _, f := range fields {
		list, posted := p.fieldControls(m, d, f, values[f.Name])
		byGroup[f.Group] = append(byGroup[f.Group], list...)
		if posted {
			shown = append(shown, f.Name)
		}
	}
	var out []formGroup
	for _, g := range order {
		if len(byGroup[g]) > 0 {
			out = append(out, formGroup{webui.GroupView{Label: web.GroupLabel(ctx, d.t, g)}, byGroup[g]})
			byGroup[g] = nil
		}
	}
	return out, shown, nil
}

func (m *maker) needTyped(f *record.Field) {
	for _, name := range []string{f.Name, f.Name + "_add"} {
		for _, s := range m.typed[name] {
			if id, err := parseID(s); err == nil {
				m.names.need(refType(f), id)
			}
		}
	}
}

// fieldControls are the inputs of one field; a value the reader sees masked is shown as such and not posted.
func (p *Pages) fieldControls(m *maker, d draft, f *record.Field, value any) ([]control, bool) {
	if d.sheet != nil {
		if c, _ := d.sheet.Cell(f.Name); c.Masked {
			v := webui.FieldView{Name: f.Name, Label: m.words.label(f), Value: c.Text, Masked: true, Hint: i18n.T(m.ctx, "pages.form.masked")}
			if d.sheet.MayAlso[record.Reveal] && c.Text != "" {
				v.RevealHref = recordPath(d.t, d.sheet.Record.ID) + "/reveal?field=" + f.Name
			}
			return []control{{webui.KindText, v}}, false
		}
	}
	list := m.controls(f, value)
	if checked(f) || p.deps.Similar[d.t.Name] != nil && (f.Name == d.t.Title || f.Kind.Name() == "phone") {
		list[0].view.CheckURL = listPath(d.t) + "/check?field=" + f.Name
	}
	return list, true
}

// checked are the kinds whose form can be wrong and is told on leaving the field.
func checked(f *record.Field) bool {
	switch f.Kind.Name() {
	case "phone", "email", "idcard", "creditcode":
		return true
	}
	return false
}

// create writes a new record, after a warning where it may be there already.
func (p *Pages) create(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	d := draft{t: t, typed: r.PostForm, returnTo: web.Local(r.PostFormValue("return"), "")}
	if again, err := p.lookedUpAgain(w, r, d); again {
		return err
	}
	ctx := r.Context()
	fields := t.Editable(true)
	input, err := p.readInput(r, fields)
	if err == nil && r.PostFormValue("similar_ok") == "" {
		if d.similar, err = p.similar(ctx, t, r.PostForm); len(d.similar) > 0 {
			return p.showForm(w, r, d)
		}
	}
	if err == nil {
		err = p.write(w, r, d, action.Command{Type: t.Name, Action: record.Create, Input: input}, fields)
	}
	return p.again(w, r, d, err)
}

// write runs create or update, keeps the files of the form and leads to the record.
func (p *Pages) write(w http.ResponseWriter, r *http.Request, d draft, cmd action.Command, fields []*record.Field) error {
	ctx := r.Context()
	if cmd.Action == record.Update {
		if err := p.uploads(r, d.t, cmd.ID, fields, cmd.Input); err != nil {
			return err
		}
	}
	v, err := p.records().Do(ctx, web.Actor(ctx), cmd)
	if err != nil {
		return err
	}
	to, toast := listPath(d.t), web.Toast{Key: "pages.done.saved", Args: map[string]string{"type": web.TypeLabel(ctx, d.t)}, ClearDraft: d.key()}
	if v != nil {
		if cmd.Action == record.Create {
			if err := p.fileFields(r, d.t, v.Record.ID, fields); err != nil {
				return err
			}
		}
		to = recordPath(d.t, v.Record.ID)
		toast.Args["number"] = v.Record.Number
		toast.Key = "pages.done.saved_as"
	}
	if d.returnTo != "" {
		to = d.returnTo
	}
	return p.server.Redirect(w, r, to, toast)
}

// fileFields puts the files of a new record into its fields: they need the record to be attached to.
func (p *Pages) fileFields(r *http.Request, t *record.Type, id record.ID, fields []*record.Field) error {
	input := map[string]any{}
	if err := p.uploads(r, t, id, fields, input); err != nil || len(input) == 0 {
		return err
	}
	_, err := p.records().Do(r.Context(), web.Actor(r.Context()), action.Command{Type: t.Name, Action: record.Update, ID: id, Input: input})
	return err
}

// again shows the form with what was typed where the reader can put it right; other errors are the server's.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, d draft, err error) error {
	switch {
	case err == nil:
		return nil
	case errs.Is(err, errs.Invalid), errs.Is(err, errs.Refused), errs.Is(err, errs.Conflict), errs.Is(err, errs.TooLarge):
		d.err = err
		return p.showForm(w, r, d)
	}
	return err
}

// lookedUpAgain answers the buttons of fields that search or load without script: the form again, with what was found.
func (p *Pages) lookedUpAgain(w http.ResponseWriter, r *http.Request, d draft) (bool, error) {
	name := lookedUp(r)
	if name == "" {
		return false, nil
	}
	f := d.t.Field(strings.TrimSuffix(name, "_add"))
	if f != nil {
		found, err := p.hits(r, refType(f), r.PostFormValue(name+"_q"))
		if err != nil {
			return true, err
		}
		d.found = map[string][]webui.Option{f.Name: found}
	}
	return true, p.showForm(w, r, d)
}

// similar asks the room whether the record may be there already.
func (p *Pages) similar(ctx context.Context, t *record.Type, typed url.Values) ([]webui.Link, error) {
	ask := p.deps.Similar[t.Name]
	if ask == nil {
		return nil, nil
	}
	values := map[string]string{}
	for _, f := range t.Fields {
		if v := strings.TrimSpace(typed.Get(f.Name)); v != "" {
			values[f.Name] = v
		}
	}
	return ask(ctx, web.Actor(ctx), values)
}

// check answers with one field again: what is wrong with it, or what may be the same already.
func (p *Pages) check(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx := r.Context()
	f := t.Field(r.URL.Query().Get("field"))
	if f == nil || f.ReadOnly || f.Compute != nil {
		return errs.New(errs.NotFound, "record.unknown_type").With("type", t.Name)
	}
	m := &maker{p: p, ctx: ctx, words: typeWords(ctx, t), typed: r.PostForm, names: newNames()}
	if _, fault := f.Parse(r.PostFormValue(f.Name)); fault != nil {
		m.errors = webui.FieldErrors(ctx, fault)
	}
	c := m.controls(f, nil)[0]
	c.view.CheckURL = listPath(t) + "/check?field=" + f.Name
	if len(m.errors) == 0 && r.PostFormValue("version") == "" {
		same, err := p.similar(ctx, t, r.PostForm)
		if err != nil {
			return err
		}
		if len(same) > 0 {
			words := make([]string, len(same))
			for i, l := range same {
				words[i] = l.Label
			}
			c.view.Hint = i18n.T(ctx, "pages.similar.hint", "list", i18n.Listed(ctx, words))
		}
	}
	return p.server.Fragment(w, r, 0, webui.Input(c.kind, c.view))
}
