package importpages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// startView is the form that takes a file.
type startView struct {
	Types  webui.FieldView
	File   webui.FieldView
	Error  string
	Errors []webui.Link
	Recent webui.TableView
}

// types lists what the reader may import.
func (p *Pages) types(ctx context.Context) ([]webui.Option, error) {
	return db.View(ctx, p.Desk.DB, func(tx *db.Tx) ([]webui.Option, error) {
		var out []webui.Option
		for _, t := range p.Desk.Store.Types.Types() {
			if t.Name != "notice" && p.Desk.May(ctx, tx, web.Actor(ctx), t) {
				out = append(out, webui.Option{Value: t.Name, Label: web.PluralLabel(ctx, t)})
			}
		}
		return out, nil
	})
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	return p.showStart(w, r, r.URL.Query().Get("type"), nil)
}

func (p *Pages) showStart(w http.ResponseWriter, r *http.Request, typ string, fault error) error {
	ctx := r.Context()
	options, err := p.types(ctx)
	if err != nil {
		return err
	}
	if len(options) == 0 {
		return errs.New(errs.Forbidden, "access.denied").With("type", "import").With("action", record.Import)
	}
	v := startView{
		Types: webui.FieldView{Name: "type", Label: i18n.T(ctx, "importing.type"), Options: options, Value: typ, Required: true},
		File: webui.FieldView{
			Name: "file", Label: i18n.T(ctx, "importing.file"), Hint: i18n.T(ctx, "importing.file.hint"), Required: true, Wide: true,
			Accept: strings.Join(transfer.Formats(), ","), Placeholder: i18n.T(ctx, "importing.file.drop"),
		},
	}
	status := http.StatusOK
	if fault != nil {
		status = webui.StatusOf(errs.KindOf(fault))
		v.File.Error = sentence(ctx, fault)
		v.Errors = []webui.Link{{Label: v.File.Error, Href: "#f-file"}}
	}
	if v.Recent, err = p.recent(ctx); err != nil {
		return err
	}
	view := web.View{Title: i18n.T(ctx, "importing.title"), Subtitle: i18n.T(ctx, "importing.text"), Status: status}
	return p.server.Page(w, r, view, startPage(v))
}

// sentence says an error in the reader's words.
func sentence(ctx context.Context, err error) string {
	e := errs.As(web.Worded(ctx, err))
	if e == nil {
		return i18n.T(ctx, "error.internal")
	}
	args := []any{}
	for k, v := range e.Args {
		args = append(args, k, v)
	}
	if _, ok := e.Args["field"]; !ok {
		args = append(args, "field", e.Field)
	}
	return i18n.T(ctx, e.Key, args...)
}

// recent lists the reader's last imports.
func (p *Pages) recent(ctx context.Context) (webui.TableView, error) {
	a := web.Actor(ctx)
	v := webui.TableView{ID: "imports", Caption: i18n.T(ctx, "importing.recent"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "import.title"), Primary: true}, {Label: i18n.T(ctx, "import.target")}, {Label: i18n.T(ctx, "import.status")},
		{Label: i18n.T(ctx, "import.created"), Numeric: true}, {Label: i18n.T(ctx, "import.changed"), Numeric: true}, {Label: i18n.T(ctx, "import.rejected"), Numeric: true},
		{Label: i18n.T(ctx, "head.created_at"), OffPhone: true},
	}}
	t := p.Desk.Store.Types.Type("import")
	list, err := db.View(ctx, p.Desk.DB, func(tx *db.Tx) ([]record.Entity, error) {
		scope, err := p.Desk.Guard.Authorize(ctx, tx, a, "import", record.Read)
		if errs.Is(err, errs.Forbidden) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		page, err := p.Desk.Store.List(ctx, tx, t, scope, record.Query{Filter: record.Where("owner_id", a.UserID), Limit: 10})
		return page.Items, err
	})
	for _, e := range list {
		i := e.(*transfer.Import)
		label := i.Target
		if of := p.Desk.Store.Types.Type(i.Target); of != nil {
			label = web.PluralLabel(ctx, of)
		}
		v.Rows = append(v.Rows, webui.RowView{ID: i.ID.String(), Href: path(i.ID), Label: i.Title, Cells: []webui.Cell{
			{Text: i.Title, Href: path(i.ID)}, {Text: label}, {Badge: web.StateBadge(ctx, t, i.Status)}, {Text: i18n.Number(i.Created)}, {Text: i18n.Number(i.Changed)},
			{Text: i18n.Number(i.Rejected)}, {Text: i18n.DateTime(ctx, i.CreatedAt)},
		}})
	}
	return v, err
}

func path(id record.ID) string { return "/imports/" + id.String() }

// receive takes the file as it comes, without keeping it in memory.
func (p *Pages) receive(w http.ResponseWriter, r *http.Request) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return errs.New(errs.Malformed, "web.no_form").Because(err)
	}
	typ := ""
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return p.showStart(w, r, typ, errs.Of("file", "importing.no_file"))
		}
		if err != nil {
			return broken(err)
		}
		switch part.FormName() {
		case "type":
			raw, err := io.ReadAll(io.LimitReader(part, 100))
			if err != nil {
				return broken(err)
			}
			typ = string(raw)
		case "file":
			return p.file(w, r, typ, part)
		}
	}
}

func broken(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return errs.New(errs.TooLarge, "web.too_large").With("max", fmt.Sprintf("%d MB", large.Limit>>20)).Because(err)
	}
	return errs.New(errs.Malformed, "web.broken_form").Because(err)
}

func (p *Pages) file(w http.ResponseWriter, r *http.Request, typ string, part *multipart.Part) error {
	ctx := r.Context()
	if part.FileName() == "" {
		return p.showStart(w, r, typ, errs.Of("file", "importing.no_file"))
	}
	imp, err := p.Desk.Receive(ctx, web.Actor(ctx), typ, part.FileName(), part, transfer.Layout{})
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return p.showStart(w, r, typ, broken(err))
	case errs.Is(err, errs.Invalid), errs.Is(err, errs.TooLarge):
		return p.showStart(w, r, typ, err)
	case err != nil:
		return err
	}
	return p.server.Redirect(w, r, path(imp.ID), web.Toast{})
}
