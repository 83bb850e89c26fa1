package recordpages

import (
	"fmt"
	"net/http"
	"net/url"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// exportForm asks what a list is taken out for; what is in the list is its own query.
func (p *Pages) exportForm(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	s, _ := readState(t, r.URL.Query())
	may, err := p.can(r.Context(), t, record.Export)
	if err != nil {
		return err
	}
	if !may[record.Export] {
		return errs.New(errs.Forbidden, "access.denied").With("type", t.Name).With("action", record.Export)
	}
	return p.showExport(w, r, t, s, nil)
}

func (p *Pages) showExport(w http.ResponseWriter, r *http.Request, t *record.Type, s state, fault error) error {
	ctx := r.Context()
	f := webui.FormView{
		ID: "export", Action: listPath(t) + "/export", CancelHref: s.href(t), Submit: i18n.T(ctx, "action.export"),
		Hidden: []webui.Option{{Value: "query", Label: s.query()}}, Attrs: map[string]any{"hx-boost": "false"},
	}
	v := webui.FieldView{
		Name: "purpose", Label: i18n.T(ctx, "action.export.purpose"), Hint: i18n.T(ctx, "pages.export.hint"), Required: true, Wide: true, MaxLength: 200,
		Autofocus: true, Value: r.PostFormValue("purpose"), Error: webui.FieldErrors(ctx, fault)["purpose"],
	}
	pg := page{t: t, id: "export-dialog", title: i18n.T(ctx, "pages.export", "type", web.PluralLabel(ctx, t)), crumbs: crumbs(ctx, t)}
	format := webui.FieldView{Name: "format", Label: i18n.T(ctx, "pages.export.format"), Value: r.PostFormValue("format"), Options: []webui.Option{
		{Value: string(access.XLSX), Label: i18n.T(ctx, "pages.export.xlsx")}, {Value: string(access.CSV), Label: i18n.T(ctx, "pages.export.csv")},
	}}
	list := []control{{webui.KindText, v}, {webui.KindSelect, format}}
	if fault != nil {
		pg.status = webui.StatusOf(errs.KindOf(fault))
		f.Errors, f.Error = formErrors(ctx, t, list, fault)
	}
	return p.dialogOrPage(w, r, pg, fieldForm(f, list))
}

// download begins with its first byte, so that what fails before is still answered as a page.
type download struct {
	http.ResponseWriter
	name  string
	kind  string
	begun bool
}

// Write sends the head once and then the bytes.
func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		d.Header().Set("Content-Type", d.kind)
		d.Header().Set("Content-Disposition", disposition(d.name))
		d.Header().Set("X-Content-Type-Options", "nosniff")
	}
	return d.ResponseWriter.Write(b)
}

// export sends the list as a file.
func (p *Pages) export(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	query, err := url.ParseQuery(r.PostFormValue("query"))
	if err != nil {
		return errs.New(errs.Malformed, "filter.syntax").Because(err)
	}
	ctx := r.Context()
	s, _ := readState(t, query)
	l := &listing{p: p, ctx: ctx, t: t, s: s, names: newNames()}
	l.conditions()
	if len(l.wrong) > 0 {
		return errs.New(errs.Malformed, "filter.syntax") // a file of more than was asked for is worse than none
	}
	format := access.CSV
	if r.PostFormValue("format") == string(access.XLSX) {
		format = access.XLSX
	}
	name := fmt.Sprintf("%s-%s.%s", web.PluralLabel(ctx, t), p.deps.Clock.Now().In(i18n.ZoneOf(ctx)).Format("20060102-1504"), format)
	out := &download{ResponseWriter: w, name: name, kind: format.Media()}
	err = p.records().Export(ctx, web.Actor(ctx), access.Extraction{
		Type: t.Name, Query: l.query(0), Purpose: r.PostFormValue("purpose"), Format: format,
		Label: func(f *record.Field) string { return web.FieldLabel(ctx, t, f) },
	}, out)
	if err != nil && !out.begun && (errs.Is(err, errs.Invalid) || errs.KeyOf(err) == "export.needs_approval") {
		return p.showExport(w, r, t, l.s, err)
	}
	if out.begun {
		return nil // the head is sent; a file without its last line shows that it is not whole
	}
	return err
}
