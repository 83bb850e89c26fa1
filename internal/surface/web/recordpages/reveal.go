package recordpages

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/gb"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// revealForm asks why a masked value is to be seen.
func (p *Pages) revealForm(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	return p.showReveal(w, r, t, r.URL.Query().Get("field"), nil)
}

func (p *Pages) showReveal(w http.ResponseWriter, r *http.Request, t *record.Type, name string, fault error) error {
	sheet, err := p.sheet(r, t)
	if err != nil {
		return err
	}
	if !sheet.MayAlso[record.Reveal] {
		return errs.New(errs.Forbidden, "access.denied").With("type", t.Name).With("action", record.Reveal)
	}
	f := t.Field(name)
	if f == nil || f.Class < record.Personal {
		return errs.New(errs.NotFound, "reveal.nothing")
	}
	ctx := r.Context()
	label := web.FieldLabel(ctx, t, f)
	path := recordPath(t, sheet.Record.ID)
	form := webui.FormView{
		ID: "reveal", Action: path + "/reveal", CancelHref: path, Submit: i18n.T(ctx, "action.reveal"), Hidden: []webui.Option{{Value: "field", Label: name}},
		Attrs: map[string]any{"hx-post": path + "/reveal", "hx-target": "closest .dk-reveal", "hx-swap": "outerHTML"},
	}
	reason := webui.FieldView{
		Name: "reason", Label: i18n.T(ctx, "action.reveal.reason"), Hint: i18n.T(ctx, "pages.reveal.hint"), Required: true, Wide: true, Rows: 2,
		MaxLength: 500, Autofocus: true, Value: r.PostFormValue("reason"), Error: webui.FieldErrors(ctx, fault)["reason"],
	}
	pg := page{
		t: t, id: "reveal-dialog", title: i18n.T(ctx, "pages.reveal", "field", label), subtitle: sheet.Title,
		crumbs: crumbs(ctx, t, webui.Link{Label: sheet.Title, Href: path}),
	}
	if fault != nil {
		pg.status = webui.StatusOf(errs.KindOf(fault))
		form.Errors, form.Error = formErrors(ctx, t, []control{{webui.KindLong, reason}}, fault)
	}
	body := revealBody(form, []control{{webui.KindLong, reason}})
	if web.IsFragment(r) && r.Method == http.MethodPost {
		return p.server.Fragment(w, r, pg.status, body)
	}
	return p.dialogOrPage(w, r, pg, body)
}

// reveal shows the value once; who, why and when stand in the audit log.
func (p *Pages) reveal(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	ctx, name := r.Context(), r.PostFormValue("field")
	f := t.Field(name)
	if f == nil || f.Class < record.Personal {
		return errs.New(errs.NotFound, "reveal.nothing")
	}
	clear, err := p.records().Reveal(ctx, web.Actor(ctx), t.Name, id, []string{name}, r.PostFormValue("reason"))
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooMany) {
		return p.showReveal(w, r, t, name, err)
	}
	if err != nil {
		return err
	}
	item := webui.DescriptionItem{Label: web.FieldLabel(ctx, t, f), Value: p.plainText(ctx, t, f, clear[name], newNames()), Wide: true}
	body := revealed(item, recordPath(t, id))
	if web.IsFragment(r) {
		return p.server.Fragment(w, r, 0, body)
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "pages.reveal", "field", item.Label), Crumbs: crumbs(ctx, t)}, narrow(body))
}

// download sends a file of a record the reader may read; browsers keep it and never show it inside this site.
func (p *Pages) download(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	sheet, err := p.sheet(r, t)
	if err != nil {
		return err
	}
	id, err := ids.Parse(r.PathValue("file"))
	if err != nil {
		return errs.New(errs.NotFound, "blobs.not_found").Because(err)
	}
	for _, f := range sheet.Files {
		if f.ID != id || id == 0 {
			continue
		}
		file, err := p.deps.Blobs.Open(r.Context(), f.Hash)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // it was only read
		h := w.Header()
		h.Set("Content-Type", f.ContentType)
		h.Set("Content-Length", fmt.Sprint(f.Size))
		h.Set("Content-Disposition", disposition(f.Name))
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = io.Copy(w, file) // the head is sent; a reader that went away is no failure of ours
		return nil
	}
	return errs.New(errs.NotFound, "blobs.not_found")
}

func disposition(name string) string {
	if v := mime.FormatMediaType("attachment", map[string]string{"filename": name}); v != "" {
		return v
	}
	return "attachment"
}

// lookup completes a reference: the records of a type that a word finds; without a word the newest ones.
func (p *Pages) lookup(w http.ResponseWriter, r *http.Request) error {
	t := p.records().Store.Types.Type(r.PathValue("type"))
	if t == nil {
		return errs.New(errs.NotFound, "record.unknown_type").With("type", clip(r.PathValue("type")))
	}
	list, err := p.hits(r, t.Name, r.URL.Query().Get("q"))
	if err != nil {
		return err
	}
	return p.server.Fragment(w, r, 0, webui.LookupOptions(list))
}

// divisions lists the units below a Chinese division, as bare options.
func (p *Pages) divisions(w http.ResponseWriter, r *http.Request) error {
	parent := r.URL.Query().Get("parent")
	var list []webui.Option
	for _, d := range gb.Divisions().Children(parent) {
		if strings.TrimSpace(parent) != "" {
			list = append(list, webui.Option{Value: d.Code, Label: d.Name})
		}
	}
	return p.server.Fragment(w, r, 0, bareOptions(list))
}

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
