// Package regulationpages shows regulations: the reader with what each clause did, the page of a clause with its
// outcomes, the compliance of one regulation by month, and the import of a text.
//
// Texts of regulations are open to everybody who signed in. Outcomes show the records they are about only by the titles
// the reader may see. The package decides nothing; it renders what package regulation tells.
package regulationpages

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Pages are the pages of regulations.
type Pages struct {
	Engine  *regulation.Engine
	Records *access.Records
	server  *web.Server
}

// Mount puts the pages into a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /read/{key}", p.reader)
	s.Handle("GET /read/{key}/{clause}", p.clause)
	s.Handle("POST /read/{key}/sign", p.sign)
	s.Handle("GET /compliance/{key}", p.compliance)
	s.Handle("GET /library", p.library)
	s.Handle("GET /library/import", p.importForm)
	s.Handle("POST /library/import", p.importText)
}

// inLang picks Chinese or English; Chinese where there is no English.
func inLang(ctx context.Context, zh, en string) string {
	if i18n.LangOf(ctx) == i18n.EN && en != "" {
		return en
	}
	return zh
}

func statusBadge(ctx context.Context, s evidence.Status) webui.BadgeView {
	tone := map[evidence.Status]webui.Tone{
		evidence.Kept: webui.Good, evidence.KeptLate: webui.Warn, evidence.Breached: webui.Bad, evidence.OnlyExcepted: webui.Info,
	}[s]
	return webui.BadgeView{Label: i18n.T(ctx, "clause.status."+string(s)), Tone: tone}
}

// library lists the regulations with their state.
func (p *Pages) library(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Records.List(ctx, web.Actor(ctx), "regulation", record.Query{Sort: "key", Limit: 200})
	if err != nil {
		return err
	}
	v := webui.TableView{ID: "library", Caption: i18n.T(ctx, "library.title"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "regulation.title"), Primary: true}, {Label: i18n.T(ctx, "regulation.key")},
		{Label: i18n.T(ctx, "library.state")}, {Label: i18n.T(ctx, "library.kept"), Numeric: true}, {Label: i18n.T(ctx, "library.compliance")},
	}, Empty: webui.EmptyView{Icon: "book-2", Title: i18n.T(ctx, "library.empty"), Text: i18n.T(ctx, "library.empty.text"),
		Action: &webui.LinkButtonView{Label: i18n.T(ctx, "library.import"), Href: "/library/import", Icon: "file-import"}}}
	for _, view := range list.Views {
		row, err := p.libraryRow(ctx, view.Cells[0].Text)
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	actions := webui.LinkButton(webui.LinkButtonView{Label: i18n.T(ctx, "library.import"), Href: "/library/import", Icon: "file-import", Weight: webui.Primary})
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "library.title"), Actions: actions, Wide: true}, webui.Table(v))
}

func (p *Pages) libraryRow(ctx context.Context, key string) (webui.RowView, error) {
	read, err := p.Engine.Read(ctx, key)
	if errs.Is(err, errs.NotFound) {
		return webui.RowView{ID: key, Cells: []webui.Cell{{Text: key}, {Text: key}, {}, {}, {}}}, nil
	}
	if err != nil {
		return webui.RowView{}, err
	}
	bound, kept := 0, 0
	for c := range read.Bindings {
		bound++
		if s := read.Status(c); s == evidence.Kept || s == evidence.KeptLate {
			kept++
		}
	}
	state := webui.BadgeView{Label: i18n.T(ctx, "regulation_version.status."+read.Version.Status)}
	if read.Version.Status == "in_force" {
		state.Tone = webui.Good
	}
	href := "/read/" + key
	return webui.RowView{ID: key, Href: href, Label: read.Regulation.Title, Cells: []webui.Cell{
		{Text: inLang(ctx, read.Regulation.Title, read.Regulation.TitleEn), Href: href}, {Text: key}, {Badge: &state},
		{Text: fmt.Sprintf("%d / %d", kept, bound)}, {Text: i18n.T(ctx, "library.heat"), Href: "/compliance/" + key},
	}}, nil
}

// clauseView is one unit of the text on the reader.
type clauseView struct {
	ID, Level, Number, Heading, Text, Note, Href string
	Bound                                        bool
	Status                                       webui.BadgeView
	Controls                                     []string
	Post                                         string
}

type readerView struct {
	Summary, Body, Compliance string
	State                     webui.BadgeView
	Clauses                   []clauseView
	SignAction, Hash          string // empty where there is nothing to sign
	SignedAt                  string
}

func (p *Pages) reader(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	read, err := p.Engine.Read(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	reg := read.Regulation
	v := readerView{
		Summary: inLang(ctx, reg.Summary, reg.SummaryEn), Body: inLang(ctx, reg.Body, reg.BodyEn), Compliance: "/compliance/" + reg.Key,
		State: webui.BadgeView{Label: i18n.T(ctx, "regulation_version.status."+read.Version.Status), Tone: webui.Info},
	}
	for _, c := range read.Clauses {
		v.Clauses = append(v.Clauses, clauseOf(ctx, read, c))
	}
	if err := p.signature(ctx, read, &v); err != nil {
		return err
	}
	return p.server.Page(w, r, web.View{
		Title: inLang(ctx, reg.Title, reg.TitleEn), Subtitle: v.Body, Badges: []webui.BadgeView{v.State},
		Crumbs: []webui.Link{{Label: i18n.T(ctx, "library.title"), Href: "/library"}},
	}, readerPage(v))
}

func clauseOf(ctx context.Context, read *regulation.Reading, c *regulation.Clause) clauseView {
	v := clauseView{
		ID: c.Key, Level: c.Level, Number: c.Printed, Heading: inLang(ctx, c.Heading, c.HeadingEn), Text: inLang(ctx, c.Body, c.BodyEn),
		Note: inLang(ctx, c.Note, c.NoteEn), Href: "/read/" + read.Regulation.Key + "/" + c.Key, Post: c.Post,
	}
	v.Bound = len(read.Bindings[c.Key]) > 0
	v.Status = statusBadge(ctx, read.Status(c.Key))
	for _, b := range read.Bindings[c.Key] {
		v.Controls = append(v.Controls, i18n.T(ctx, "binding.control."+b.Control))
	}
	return v
}

// signature finds what the reader has to sign of this version.
func (p *Pages) signature(ctx context.Context, read *regulation.Reading, v *readerView) error {
	task, err := p.task(ctx, read)
	if err != nil || task == nil {
		return err
	}
	if task.Status == "outstanding" {
		v.SignAction, v.Hash = "/read/"+read.Regulation.Key+"/sign", read.Version.TextHash
	}
	if task.SignedAt != nil {
		v.SignedAt = i18n.DateTime(ctx, *task.SignedAt)
	}
	return nil
}

func (p *Pages) task(ctx context.Context, read *regulation.Reading) (*regulation.Acknowledgement, error) {
	return p.Engine.TaskOf(ctx, web.Actor(ctx).UserID, read.Version.ID)
}

func (p *Pages) sign(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	read, err := p.Engine.Read(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	task, err := p.task(ctx, read)
	if err != nil {
		return err
	}
	if task == nil {
		return errs.New(errs.NotFound, "record.not_found")
	}
	_, err = p.Records.Do(ctx, web.Actor(ctx), action.Command{
		Type: "acknowledgement", Action: "sign", ID: task.ID, Input: map[string]any{"text_hash": r.FormValue("text_hash")},
	})
	if err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/read/"+read.Regulation.Key, web.Toast{Key: "reader.signed"})
}

// clausePageView is a clause with its rules, its figures and what it did.
type clausePageView struct {
	Clause  clauseView
	Specs   []specView
	Figures []webui.StatView
	Table   webui.TableView
}

type specView struct{ Control, Source string }

func (p *Pages) clause(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	read, err := p.Engine.Read(ctx, r.PathValue("key"))
	if err != nil {
		return err
	}
	c := read.Clause(r.PathValue("clause"))
	if c == nil {
		return errs.New(errs.NotFound, "record.not_found")
	}
	v := clausePageView{Clause: clauseOf(ctx, read, c)}
	for _, b := range read.Bindings[c.Key] {
		v.Specs = append(v.Specs, specView{Control: i18n.T(ctx, "binding.control."+b.Control), Source: strings.TrimSpace(b.Spec)})
	}
	tally := read.Tally(c.Key)
	for _, res := range []evidence.Result{
		evidence.Passed, evidence.Refused, evidence.Excepted, evidence.Met, evidence.Late, evidence.Cancelled, evidence.Clean,
		evidence.Suspected, evidence.Confirmed, evidence.Dismissed, evidence.Signed, evidence.Outstanding,
	} {
		if n := tally[res]; n > 0 {
			v.Figures = append(v.Figures, webui.StatView{Label: i18n.T(ctx, "outcome."+string(res)), Value: fmt.Sprint(n),
				Href: "?result=" + string(res)})
		}
	}
	list, err := p.Engine.Outcomes(ctx, evidence.Filter{Clause: c.Key, Result: evidence.Result(r.URL.Query().Get("result")), Month: r.URL.Query().Get("month")})
	if err != nil {
		return err
	}
	if v.Table, err = p.outcomes(ctx, list); err != nil {
		return err
	}
	reg := read.Regulation
	return p.server.Page(w, r, web.View{
		Title: c.Printed + " " + v.Clause.Heading, Badges: []webui.BadgeView{v.Clause.Status}, Crumbs: []webui.Link{
			{Label: i18n.T(ctx, "library.title"), Href: "/library"}, {Label: inLang(ctx, reg.Title, reg.TitleEn), Href: "/read/" + reg.Key},
		},
	}, clausePage(v))
}

// outcomes shows the records outcomes are about by the titles the reader may see; others stay without name.
func (p *Pages) outcomes(ctx context.Context, list []evidence.Outcome) (webui.TableView, error) {
	ids := map[string][]record.ID{}
	for _, o := range list {
		ids[o.Type] = append(ids[o.Type], o.Record)
	}
	titles := map[record.ID]access.Titled{}
	for typ, of := range ids {
		found, err := p.Records.Titles(ctx, web.Actor(ctx), typ, of)
		if err != nil {
			return webui.TableView{}, err
		}
		for id, t := range found {
			titles[id] = t
		}
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
	heat := webui.HeatMapView{Caption: inLang(ctx, reg.Title, reg.TitleEn), Corner: i18n.T(ctx, "clause"), Columns: read.Months}
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

type importView struct {
	Text, Key string
	Errors    map[string]string
	Error     string
}

func (p *Pages) importForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "library.import"), Crumbs: []webui.Link{{Label: i18n.T(ctx, "library.title"), Href: "/library"}}},
		importPage(importView{Key: "own"}))
}

// importText reads a pasted text or an uploaded file; each regulation found becomes a draft.
func (p *Pages) importText(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.may(ctx); err != nil {
		return err
	}
	raw, err := posted(r)
	if err != nil {
		return err
	}
	key := strings.TrimSpace(r.FormValue("key"))
	drafts, err := regulation.FromText(raw, key)
	if err != nil || key == "" {
		v := importView{Text: r.FormValue("text"), Key: key, Error: i18n.T(ctx, "library.import.key")}
		if e := errs.As(err); e != nil {
			v.Error = webui.Sentence(ctx, e)
		}
		return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "library.import"), Status: http.StatusUnprocessableEntity}, importPage(v))
	}
	if err := p.Engine.StoreAll(ctx, web.Actor(ctx), drafts); err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/library", web.Toast{Key: "library.imported", Args: map[string]string{"n": fmt.Sprint(len(drafts))}, ClearDraft: "regulation-import"})
}

// may checks that the reader may add regulations before anything is read.
func (p *Pages) may(ctx context.Context) error {
	return p.Engine.MayAdd(ctx, web.Actor(ctx))
}

func posted(r *http.Request) ([]byte, error) {
	file, _, err := r.FormFile("file")
	if err != nil {
		return []byte(r.FormValue("text")), nil
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, 9<<20))
	if err != nil {
		return nil, errs.New(errs.Malformed, "web.broken_form").Because(err)
	}
	if len(raw) == 0 {
		return []byte(r.FormValue("text")), nil
	}
	return raw, nil
}
