package casepages

import (
	"context"
	"net/http"
	"strconv"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

const dossierSize = 50 // cases with their papers on one page of the screen

// dossierView is the volume of a year: cover, contents, papers of each case.
type dossierView struct {
	Print    letterView
	Cover    []webui.DescriptionItem
	Missing  []missingCase
	Entries  []dossierEntry
	Pager    webui.PagerView
	Contents webui.TableView
}

// missingCase was closed in the year and is not filed yet.
type missingCase struct{ Number, Href, FileHref string }

// dossierEntry is one case in the volume with its papers.
type dossierEntry struct {
	ID, Number, Subject, Href string
	Items                     []webui.DescriptionItem
	Originals                 webui.TableView
	Papers                    []webui.Link
	Acts                      []webui.LinkButtonView
}

// dossierPage answers with the volume of a year. It is for those who may read volumes; which cases are in it for them
// follows from what they may read of cases.
func (p *Pages) dossierPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	year, err := p.yearOf(r.PathValue("year"))
	if err != nil {
		return err
	}
	volumes, err := p.Records.List(ctx, web.Actor(ctx), "case_volume", record.Query{Filter: record.Where("year", year), Limit: 1})
	if err != nil {
		return err
	}
	scope, err := p.scope(ctx, "case")
	if err != nil {
		return err
	}
	contents, err := p.ledger.Contents(ctx, scope, year)
	if err != nil {
		return err
	}
	sortEntries(contents.Filed)
	v := dossierView{Print: p.letter(ctx, volumeTitle(ctx, year))}
	d := &dossier{p: p, ctx: ctx, year: year, back: r.URL.RequestURI()}
	actions, err := d.volume(&v, volumes.Views)
	if err != nil {
		return err
	}
	paper := r.URL.Query().Get("print") != ""
	if err := d.fill(&v, contents, r.URL.Query().Get("from"), paper); err != nil {
		return err
	}
	y := strconv.FormatInt(year, 10)
	return p.server.Page(w, r, web.View{
		Title: volumeTitle(ctx, year), Wide: true, Actions: dossierActions(paper, y, actions), Subtitle: i18n.T(ctx, "dossier.count", "n", len(contents.Filed)),
		Crumbs: []webui.Link{{Label: i18n.T(ctx, "register.of", "year", y), Href: address("/register", "year", y)}},
	}, dossierBody(v))
}

// dossier is one volume being shown.
type dossier struct {
	p    *Pages
	ctx  context.Context
	year int64
	back string
	may  map[string]bool
}

// volume is the cover: the record of the volume with what may be done to it.
func (d *dossier) volume(v *dossierView, found []mask.View) ([]webui.LinkButtonView, error) {
	if len(found) == 0 {
		v.Cover = []webui.DescriptionItem{{Label: i18n.T(d.ctx, "case_volume.state"), Value: i18n.T(d.ctx, "dossier.not_opened")}}
		return nil, nil
	}
	sheet, err := d.p.Records.Read(d.ctx, web.Actor(d.ctx), "case_volume", found[0].Record.ID)
	if err != nil {
		return nil, err
	}
	n := newNames(d.p)
	for _, c := range sheet.Cells {
		n.needCell(c)
	}
	if err := n.find(d.ctx); err != nil {
		return nil, err
	}
	for _, c := range sheet.Cells {
		if text := words(d.ctx, sheet.Type, c, n); text != "" {
			v.Cover = append(v.Cover, webui.DescriptionItem{Label: web.FieldLabel(d.ctx, sheet.Type, c.Field), Value: text})
		}
	}
	var out []webui.LinkButtonView
	path := "/case_volumes/" + sheet.Record.ID.String()
	for _, a := range sheet.Actions {
		if !a.General {
			out = append(out, webui.LinkButtonView{
				Label: web.ActionLabel(d.ctx, sheet.Type, a.Name), Icon: a.Icon, Href: address(path+"/do/"+a.Name, "return", d.back), Attrs: map[string]any{"data-dialog-load": true},
			})
		}
	}
	return append(out, webui.LinkButtonView{Label: i18n.T(d.ctx, "desk.record"), Icon: "file-text", Href: path}), nil
}

// fill reads contents and papers; on the screen a page of cases, on paper all of them.
func (d *dossier) fill(v *dossierView, c *casework.Contents, from string, paper bool) error {
	var err error
	if d.may, err = d.p.may(d.ctx, "case", "file"); err != nil {
		return err
	}
	if err := d.missing(v, c.Missing); err != nil {
		return err
	}
	rows := make([]casework.RegisterRow, len(c.Filed))
	for i, e := range c.Filed {
		rows[i] = e.RegisterRow
	}
	if v.Contents, err = d.p.registerTable(d.ctx, rows); err != nil {
		return err
	}
	v.Contents.ID, v.Contents.Caption = "contents", i18n.T(d.ctx, "dossier.contents")
	v.Contents.Empty = webui.EmptyView{Icon: "books", Title: i18n.T(d.ctx, "dossier.empty"), Text: i18n.T(d.ctx, "dossier.empty.text")}
	list, y := c.Filed, strconv.FormatInt(d.year, 10)
	for from != "" && len(list) > 0 && list[0].Number < from {
		list = list[1:]
	}
	if from != "" {
		v.Pager.FirstHref = "/register/" + y + "/dossier"
	}
	if !paper && len(list) > dossierSize {
		v.Pager.NextHref = address("/register/"+y+"/dossier", "from", list[dossierSize].Number)
		list = list[:dossierSize]
	}
	v.Entries, err = d.entries(list)
	return err
}

// missing are the cases that should be in the volume and are not.
func (d *dossier) missing(v *dossierView, numbers []string) error {
	if len(numbers) == 0 {
		return nil
	}
	found, err := d.p.Records.List(d.ctx, web.Actor(d.ctx), "case", record.Query{
		Filter: record.Filter{Field: "number", Op: field.In, Value: anys(numbers[:min(len(numbers), batch)])}, Sort: "number", Limit: batch,
	})
	if err != nil {
		return err
	}
	for _, c := range found.Views {
		m := missingCase{Number: c.Record.Number, Href: "/cases/" + c.Record.ID.String()}
		if d.may["file"] {
			m.FileHref = address(m.Href+"/do/file", "return", d.back)
		}
		v.Missing = append(v.Missing, m)
	}
	return nil
}

// papers are the records of a type that belong to the cases, by case, oldest first; a type the reader may not read
// gives none.
func (d *dossier) papers(typ string, list []casework.Entry) (map[record.ID][]mask.View, error) {
	out := map[record.ID][]mask.View{}
	for len(list) > 0 {
		part := list[:min(len(list), dossierSize)]
		list = list[len(part):]
		ids := make([]any, len(part))
		for i, e := range part {
			ids[i] = e.ID
		}
		q := record.Query{Filter: record.Filter{Field: "case_id", Op: field.In, Value: ids}, Sort: "id", Limit: batch}
		for {
			page, err := d.p.Records.List(d.ctx, web.Actor(d.ctx), typ, q)
			if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
				return out, nil
			}
			if err != nil {
				return nil, err
			}
			for _, v := range page.Views {
				id := idIn(v, "case_id")
				out[id] = append(out[id], v)
			}
			if q.After = page.Next; page.Next == "" {
				break
			}
		}
	}
	return out, nil
}

func (d *dossier) entries(list []casework.Entry) ([]dossierEntry, error) {
	papers := map[string]map[record.ID][]mask.View{}
	for _, typ := range []string{"case_material", "case_reply", "case_opinion"} {
		var err error
		if papers[typ], err = d.papers(typ, list); err != nil {
			return nil, err
		}
	}
	lend, err := d.p.may(d.ctx, "case_material", "hand_out", "take_back")
	if err != nil {
		return nil, err
	}
	n := newNames(d.p)
	for _, e := range list {
		n.need("customer", e.CustomerID)
		for _, m := range papers["case_material"][e.ID] {
			n.need("user", idIn(m, "custodian_id"))
		}
	}
	if err := n.find(d.ctx); err != nil {
		return nil, err
	}
	out := make([]dossierEntry, len(list))
	for i, e := range list {
		out[i] = d.entry(e, n)
		out[i].Originals = d.originals(papers["case_material"][e.ID], lend, n)
		for _, r := range papers["case_reply"][e.ID] {
			out[i].Papers = append(out[i].Papers, webui.Link{
				Label: r.Record.Number + " " + r.Title + " · " + option(d.ctx, r, "state"), Href: "/cases/" + e.ID.String() + "/replies/" + r.Record.ID.String() + "/print",
			})
		}
		for _, o := range papers["case_opinion"][e.ID] {
			out[i].Papers = append(out[i].Papers, webui.Link{Label: o.Record.Number + " " + option(d.ctx, o, "kind"), Href: "/case_opinions/" + o.Record.ID.String()})
		}
	}
	return out, nil
}

func (d *dossier) entry(e casework.Entry, n *names) dossierEntry {
	t := d.p.typeOf("case")
	v := dossierEntry{ID: e.ID.String(), Number: e.Number, Subject: e.Subject, Href: "/cases/" + e.ID.String()}
	add := func(field, value string) {
		if value != "" {
			v.Items = append(v.Items, webui.DescriptionItem{Label: web.FieldLabel(d.ctx, t, t.Field(field)), Value: value})
		}
	}
	add("customer_id", n.title("customer", e.CustomerID))
	if e.Result != "" {
		add("result", web.OptionLabel(d.ctx, t, t.Field("result"), e.Result))
	}
	add("closed_at", date(d.ctx, e.ClosedAt))
	add("filed_at", date(d.ctx, e.FiledAt))
	add("shelf", e.Shelf)
	if !e.RetainUntil.IsZero() {
		add("retain_until", e.RetainUntil.Format("2006-01-02"))
	}
	add("file_list", e.FileList)
	v.Acts = []webui.LinkButtonView{{Label: i18n.T(d.ctx, "dossier.print_case"), Icon: "printer", Small: true, Href: v.Href + "?print=1"}}
	return v
}

// originals is the list of what lies in the volume for a case, with the way to lend it and to take it back.
func (d *dossier) originals(list []mask.View, lend map[string]bool, n *names) webui.TableView {
	t := d.p.typeOf("case_material")
	label := func(name string) string { return web.FieldLabel(d.ctx, t, t.Field(name)) }
	v := webui.TableView{
		Caption: web.PluralLabel(d.ctx, t), Columns: []webui.Column{
			{Label: label("title"), Primary: true}, {Label: label("form")}, {Label: label("pages"), Numeric: true}, {Label: label("place")},
			{Label: label("custodian_id")}, {Label: label("authenticity")}, {Label: i18n.T(d.ctx, "dossier.loan")},
		},
		Empty: webui.EmptyView{Icon: "paperclip", Title: i18n.T(d.ctx, "dossier.no_papers")},
	}
	for _, m := range list {
		href := "/case_materials/" + m.Record.ID.String()
		out := !timeIn(m, "handed_out_at").IsZero() && timeIn(m, "returned_at").IsZero()
		loan := webui.Cell{Text: i18n.T(d.ctx, "dossier.here")}
		act := "hand_out"
		if out {
			act, loan.Text = "take_back", i18n.T(d.ctx, "dossier.out", "who", textIn(m, "handed_out_to"))
		}
		if lend[act] {
			loan.Content = loanCell(loan.Text, webui.LinkButtonView{
				Label: web.ActionLabel(d.ctx, t, act), Small: true, Href: address(href+"/do/"+act, "return", d.back), Attrs: map[string]any{"data-dialog-load": true},
			})
		}
		v.Rows = append(v.Rows, webui.RowView{ID: m.Record.ID.String(), Href: href, Label: m.Title, Cells: []webui.Cell{
			{Text: m.Title}, {Text: option(d.ctx, m, "form")}, {Text: textIn(m, "pages")}, {Text: textIn(m, "place")},
			{Text: n.title("user", idIn(m, "custodian_id"))}, {Text: option(d.ctx, m, "authenticity")}, loan,
		}})
	}
	return v
}
