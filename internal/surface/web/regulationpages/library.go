package regulationpages

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// library lists the regulations with how they stand.
func (p *Pages) library(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Records.List(ctx, web.Actor(ctx), "regulation", record.Query{Sort: "key", Limit: 200, After: r.URL.Query().Get("after")})
	if err != nil {
		return err
	}
	standing, err := p.Engine.Library(ctx)
	if err != nil {
		return err
	}
	v := webui.TableView{ID: "library", Caption: i18n.T(ctx, "library.title"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "regulation.title"), Primary: true}, {Label: i18n.T(ctx, "regulation.key")},
		{Label: i18n.T(ctx, "library.state")}, {Label: i18n.T(ctx, "library.kept"), Numeric: true}, {Label: i18n.T(ctx, "library.compliance")},
		{Label: i18n.T(ctx, "version.list")},
	}, Empty: webui.EmptyView{Icon: "book-2", Title: i18n.T(ctx, "library.empty"), Text: i18n.T(ctx, "library.empty.text"),
		Action: &webui.LinkButtonView{Label: i18n.T(ctx, "library.import"), Href: "/library/import", Icon: "file-import"}}}
	for _, view := range list.Views {
		v.Rows = append(v.Rows, libraryRow(ctx, view, standing))
	}
	pager := webui.PagerView{}
	if list.Next != "" {
		pager.NextHref = "/library?after=" + list.Next
	}
	view := web.View{Title: i18n.T(ctx, "library.title"), Subtitle: i18n.T(ctx, "library.subtitle"), Wide: true}
	if p.may(ctx) == nil {
		view.Actions = webui.LinkButton(webui.LinkButtonView{Label: i18n.T(ctx, "library.import"), Href: "/library/import", Icon: "file-import", Weight: webui.Primary})
	}
	return p.server.Page(w, r, view, libraryPage(v, pager))
}

func libraryRow(ctx context.Context, view mask.View, standing map[string]*regulation.Standing) webui.RowView {
	text := func(name string) string { c, _ := view.Cell(name); return c.Text }
	key := text("key")
	name := web.InLang(ctx, text("title"), text("title_en"))
	st := standing[key]
	if st == nil {
		return webui.RowView{ID: key, Label: name, Cells: []webui.Cell{{Text: name}, {Text: key}, {}, {}, {}, {}}}
	}
	state := versionBadge(ctx, st.Status)
	versions := fmt.Sprintf("V%d", st.Version)
	if st.Open > 0 {
		versions += " · " + i18n.T(ctx, "version.open", "n", st.Open)
	}
	figures := fmt.Sprintf("%d / %d", st.Kept, st.Bound)
	if st.Broken > 0 {
		figures = i18n.T(ctx, "library.broken", "n", st.Broken) + " · " + figures
	}
	href := "/read/" + key
	return webui.RowView{ID: key, Href: href, Label: name, Cells: []webui.Cell{
		{Text: name, Href: href}, {Text: key}, {Badge: &state}, {Text: figures},
		{Text: i18n.T(ctx, "library.heat"), Href: "/compliance/" + key}, {Text: versions, Href: href + "/versions"},
	}}
}

type importView struct {
	Text, Key string
	Error     string
	Same      bool // a text of another title becomes a version of the regulation with the key
	AskSame   bool
}

// draft is where the browser keeps what is typed; a form that came back holds that itself, newer than the browser's.
func (v importView) draft() string {
	if v.Error != "" {
		return ""
	}
	return "regulation-import"
}

func (p *Pages) importForm(w http.ResponseWriter, r *http.Request) error {
	return p.showImport(w, r, importView{Key: "own"})
}

func (p *Pages) showImport(w http.ResponseWriter, r *http.Request, v importView) error {
	ctx := r.Context()
	view := web.View{Title: i18n.T(ctx, "library.import"), Crumbs: []webui.Link{{Label: i18n.T(ctx, "library.title"), Href: "/library"}}}
	if v.Error != "" {
		view.Status = http.StatusUnprocessableEntity
	}
	return p.server.Page(w, r, view, importPage(v))
}

// importText reads a pasted text or an uploaded file; each regulation found becomes a draft. What cannot be used is told
// on the form, with everything that was typed.
func (p *Pages) importText(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.may(ctx); err != nil {
		return err
	}
	raw, err := posted(r)
	if err != nil {
		return err
	}
	v := importView{Text: r.FormValue("text"), Key: strings.TrimSpace(r.FormValue("key")), Same: r.FormValue("same") != ""}
	var drafts []*regulation.Draft
	switch {
	case raw.both:
		v.Error = i18n.T(ctx, "library.import.both")
	case raw.chosen && len(raw.text) == 0:
		v.Error = i18n.T(ctx, "library.import.empty_file", "name", raw.name)
	case len(bytes.TrimSpace(raw.text)) == 0:
		v.Error = i18n.T(ctx, "library.import.nothing")
	case v.Key == "":
		v.Error = i18n.T(ctx, "library.import.key")
	default:
		drafts, err = p.drafts(ctx, raw, &v)
	}
	if err != nil {
		return err
	}
	if v.Error != "" {
		return p.showImport(w, r, v)
	}
	var sum proposal.Tally
	if err := p.Engine.StoreAll(ctx, web.Actor(ctx), drafts, p.Proposals.Then(proposal.NoAccept, &sum)); err != nil {
		return err
	}
	to, err := p.afterImport(ctx, drafts)
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, to, web.Toast{Key: "library.imported", Args: map[string]string{"n": fmt.Sprint(len(drafts))}, ClearDraft: "regulation-import"})
}

// afterImport is where an import leads: to the proposals of the only regulation, or to the library.
func (p *Pages) afterImport(ctx context.Context, drafts []*regulation.Draft) (string, error) {
	if len(drafts) != 1 {
		return "/library", nil
	}
	_, list, err := p.Engine.Versions(ctx, drafts[0].Key)
	if err != nil || len(list) == 0 {
		return "/library", err
	}
	return proposalsHref(drafts[0].Key, list[0].VersionNo, 0), nil
}

// drafts are the regulations of the text; where there are none, or the key belongs to another regulation, the view says so.
func (p *Pages) drafts(ctx context.Context, raw upload, v *importView) ([]*regulation.Draft, error) {
	drafts, err := exchange.Drafts(raw.text, raw.name, v.Key)
	if e := errs.As(err); e != nil {
		v.Error = webui.Sentence(ctx, e)
		if raw.chosen {
			v.Error = i18n.T(ctx, "library.import.of_file", "name", raw.name, "why", v.Error)
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if v.Same {
		return drafts, nil
	}
	d, title, err := p.Engine.Taken(ctx, drafts)
	if err != nil || d == nil {
		return drafts, err
	}
	v.AskSame = true
	v.Error = i18n.T(ctx, "library.import.taken", "key", d.Key, "title", title, "new", d.Title)
	return nil, nil
}

// may checks that the reader may add regulations before anything is read.
func (p *Pages) may(ctx context.Context) error {
	return p.Engine.MayAdd(ctx, web.Actor(ctx))
}

// upload is what was sent to be read: a chosen file, a pasted text, or by mistake both.
type upload struct {
	text         []byte
	name         string // of the file
	chosen, both bool
}

func posted(r *http.Request) (upload, error) {
	text := r.FormValue("text")
	file, head, err := r.FormFile("file")
	if err != nil {
		return upload{text: []byte(text)}, nil
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, 9<<20))
	if err != nil {
		return upload{}, errs.New(errs.Malformed, "web.broken_form").Because(err)
	}
	return upload{text: raw, name: head.Filename, chosen: true, both: strings.TrimSpace(text) != ""}, nil
}
