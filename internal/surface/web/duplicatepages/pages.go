package duplicatepages

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/duplicate"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

type mergeView struct {
	Form     webui.FormView
	Moves    string
	Keep     webui.FieldView
	Fields   []webui.FieldView
	Reason   webui.FieldView
	Refusals []webui.RefusalView
}

type pairView struct {
	Title, Why, MergeHref, DifferAction string
	Records                             []webui.Link
}

type pairsView struct {
	Pairs    []pairView
	NextHref string
	Empty    webui.EmptyView
}

func (p *Pages) typ(r *http.Request) (*record.Type, error) {
	t := p.server.Records().Store.Types.Type(r.PathValue("type"))
	if t == nil || !t.Merges {
		return nil, errs.New(errs.NotFound, "web.no_page")
	}
	return t, nil
}

func chosen(list []string) ([]record.ID, error) {
	var out []record.ID
	for _, s := range list {
		id, err := ids.Parse(s)
		if err != nil || id == 0 {
			return nil, errs.Of("id", "field.want_id")
		}
		out = append(out, id)
	}
	return out, nil
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, r.URL.Query(), nil)
}

// show answers with the form, filled with what was chosen.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, in url.Values, fault error) error {
	ctx := r.Context()
	t, err := p.typ(r)
	if err != nil {
		return err
	}
	list, err := chosen(in["id"])
	if err != nil {
		return err
	}
	pre, err := p.server.Records().MergePreview(ctx, web.Actor(ctx), t.Name, list)
	if err != nil {
		return err
	}
	label := i18n.T(ctx, "merge.title", "type", web.TypeLabel(ctx, t))
	v := mergeView{
		Form: webui.FormView{ID: "merge", Action: "/merge/" + t.Name, Submit: i18n.T(ctx, "merge.submit", "n", len(list)), CancelHref: "/" + t.Plural, Danger: true},
		Keep: webui.FieldView{Name: "keep", Label: i18n.T(ctx, "merge.survivor"), Hint: i18n.T(ctx, "merge.survivor.hint"), Required: true, Value: in.Get("keep")},
		Reason: webui.FieldView{
			Name: "reason", Label: i18n.T(ctx, "action.merge.reason"), Value: in.Get("reason"), MaxLength: 200, Wide: true,
		},
	}
	if v.Keep.Value == "" {
		v.Keep.Value = list[0].String()
	}
	for _, m := range pre.Views {
		id := m.Record.ID.String()
		v.Keep.Options = append(v.Keep.Options, webui.Option{Value: id, Label: m.Title + " · " + m.Record.Number})
		v.Form.Hidden = append(v.Form.Hidden, webui.Option{Value: "id", Label: id}, webui.Option{Value: "v_" + id, Label: strconv.FormatInt(m.Record.LockVersion, 10)})
	}
	for _, f := range action.Choosable(t) {
		if c, differs := p.choice(ctx, t, f, pre.Views, in); differs {
			v.Fields = append(v.Fields, c)
		}
	}
	var parts []string
	for _, m := range pre.Moved {
		parts = append(parts, i18n.T(ctx, "merge.moves.part", "type", web.PluralLabel(ctx, m.Type), "n", m.Count))
	}
	if pre.Elsewhere > 0 {
		parts = append(parts, i18n.T(ctx, "merge.moves.part", "type", i18n.T(ctx, "merge.elsewhere"), "n", pre.Elsewhere))
	}
	parts = append(parts, i18n.T(ctx, "merge.beside", "comments", pre.Comments, "files", pre.Files))
	v.Moves = i18n.T(ctx, "merge.moves", "list", i18n.Listed(ctx, parts))
	page := web.View{Title: label, Crumbs: []webui.Link{{Label: web.PluralLabel(ctx, t), Href: "/" + t.Plural}}}
	if fault != nil {
		said := p.server.ErrorView(r, web.WordedFor(ctx, t, fault))
		page.Status, v.Refusals, v.Form.Error = said.Status, said.Refusals, said.Sentence
		for _, f := range said.Fields {
			v.Form.Errors = append(v.Form.Errors, webui.Link{Label: f.Sentence, Href: "#f-take_" + f.Field})
		}
	}
	return p.server.Page(w, r, page, mergePage(v))
}

// choice offers the values of a field in which the records differ; those the reader may not see are not offered.
func (p *Pages) choice(ctx context.Context, t *record.Type, f *record.Field, views []mask.View, in url.Values) (webui.FieldView, bool) {
	v := webui.FieldView{Name: "take_" + f.Name, Label: web.FieldLabel(ctx, t, f), Value: in.Get("take_" + f.Name), Wide: true}
	seen := map[string]bool{}
	for _, m := range views {
		c, ok := m.Cell(f.Name)
		if !ok || c.Masked {
			return v, false
		}
		if seen[c.Text] {
			continue
		}
		seen[c.Text] = true
		text := p.words(ctx, t, f, c)
		if c.Text == "" {
			text = i18n.T(ctx, "merge.empty")
		}
		v.Options = append(v.Options, webui.Option{Value: m.Record.ID.String(), Label: text, Detail: m.Record.Number})
		if v.Value == "" && c.Text != "" {
			v.Value = m.Record.ID.String()
		}
	}
	if action.Joins(f) && len(seen) > 1 {
		v.Options = append(v.Options, webui.Option{Value: "all", Label: i18n.T(ctx, "merge.all")})
	}
	return v, len(seen) > 1
}

// words are a value as people read it.
func (p *Pages) words(ctx context.Context, t *record.Type, f *record.Field, c mask.Cell) string {
	switch f.Kind.Name() {
	case "enum":
		return i18n.T(ctx, t.Name+"."+f.Name+"."+c.Text)
	case "bool":
		return i18n.T(ctx, "merge.bool."+c.Text)
	case "ref", "user", "unit":
		typ := f.Ref
		if typ == "" {
			typ = f.Kind.Name()
		}
		id, _ := c.Value.(record.ID)
		found, err := p.server.Records().Titles(ctx, web.Actor(ctx), typ, []record.ID{id})
		if at, ok := found[id]; err == nil && ok {
			return at.Title
		}
	}
	return c.Text
}

func (p *Pages) merge(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t, err := p.typ(r)
	if err != nil {
		return err
	}
	if err := web.Form(r); err != nil {
		return err
	}
	m, err := asked(t, r.PostForm)
	if err != nil {
		return err
	}
	done, err := p.server.Records().Merge(ctx, web.Actor(ctx), m)
	switch {
	case err == nil:
	case errs.Is(err, errs.Invalid), errs.Is(err, errs.Refused), errs.Is(err, errs.Stale), errs.Is(err, errs.Conflict):
		if gone := p.show(w, r, r.PostForm, err); gone != nil {
			return err
		}
		return nil
	default:
		return err
	}
	to := "/" + t.Plural + "/" + done.Survivor.Record.ID.String()
	return p.server.Redirect(w, r, to, web.Toast{Key: "merge.done", Args: map[string]string{"n": strconv.Itoa(len(m.Others)), "number": done.Survivor.Record.Number}})
}

// asked reads the form.
func asked(t *record.Type, in url.Values) (action.Merge, error) {
	m := action.Merge{Type: t.Name, Reason: in.Get("reason"), Take: map[string]record.ID{}, Versions: map[record.ID]int64{}}
	list, err := chosen(in["id"])
	if err != nil {
		return m, err
	}
	if m.Survivor, err = ids.Parse(in.Get("keep")); err != nil {
		return m, errs.Of("keep", "field.want_id")
	}
	for _, id := range list {
		if n, err := strconv.ParseInt(in.Get("v_"+id.String()), 10, 64); err == nil {
			m.Versions[id] = n
		}
		if id != m.Survivor {
			m.Others = append(m.Others, id)
		}
	}
	for _, f := range action.Choosable(t) {
		switch text := in.Get("take_" + f.Name); text {
		case "":
		case "all":
			m.Take[f.Name] = 0
		default:
			id, err := ids.Parse(text)
			if err != nil || id == 0 {
				return m, errs.Of(f.Name, "field.want_id")
			}
			m.Take[f.Name] = id
		}
	}
	return m, nil
}

func (p *Pages) undo(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	t, err := p.typ(r)
	if err != nil {
		return err
	}
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	survivor, others, err := p.server.Records().Unmerge(ctx, web.Actor(ctx), t.Name, id)
	if err != nil {
		return web.WordedFor(ctx, t, err)
	}
	return p.server.Redirect(w, r, "/"+t.Plural+"/"+survivor.String(), web.Toast{Key: "merge.undone_toast", Args: map[string]string{"n": strconv.Itoa(len(others))}})
}

func (p *Pages) pairs(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rec, a := p.server.Records(), web.Actor(ctx)
	list, err := rec.List(ctx, a, "duplicate", record.Query{Filter: record.Where("status", duplicate.Open), Sort: "score", Desc: true, Limit: 25, After: r.URL.Query().Get("after")})
	if err != nil {
		return err
	}
	v := pairsView{Empty: webui.EmptyView{Icon: "copy", Title: i18n.T(ctx, "merge.pairs.none"), Text: i18n.T(ctx, "merge.pairs.none.text")}}
	for _, m := range list.Views {
		pair, err := p.pair(ctx, m)
		if err != nil {
			return err
		}
		if len(pair.Records) == 2 { // of what the reader may not see nothing is told
			v.Pairs = append(v.Pairs, pair)
		}
	}
	if list.Next != "" {
		v.NextHref = "/pairs?after=" + url.QueryEscape(list.Next)
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "merge.pairs"), Subtitle: i18n.T(ctx, "merge.pairs.text")}, pairsPage(v))
}

func (p *Pages) pair(ctx context.Context, m mask.View) (pairView, error) {
	text := func(name string) string {
		c, _ := m.Cell(name)
		return c.Text
	}
	t := p.server.Records().Store.Types.Type(text("kind"))
	list, err := chosen([]string{text("first_id"), text("second_id")})
	if t == nil || err != nil {
		return pairView{}, nil
	}
	found, err := p.server.Records().Titles(ctx, web.Actor(ctx), t.Name, list)
	if err != nil {
		return pairView{}, err
	}
	v := pairView{
		Title: m.Title, Why: i18n.T(ctx, "merge.why", "score", text("score"), "list", i18n.Listed(ctx, p.reasons(ctx, t, m))),
		DifferAction: "/pairs/" + m.Record.ID.String() + "/differ",
	}
	q := url.Values{}
	for _, id := range list {
		if at, ok := found[id]; ok {
			v.Records = append(v.Records, webui.Link{Label: at.Title + " · " + at.Number, Href: "/" + t.Plural + "/" + id.String()})
			q.Add("id", id.String())
		}
	}
	v.MergeHref = "/merge/" + t.Name + "?" + q.Encode()
	return v, nil
}

func (p *Pages) reasons(ctx context.Context, t *record.Type, m mask.View) []string {
	c, _ := m.Cell("reasons")
	words, _ := c.Value.([]string)
	var out []string
	for _, w := range words {
		if f := t.Field(w); f != nil {
			out = append(out, web.FieldLabel(ctx, t, f))
		} else {
			out = append(out, i18n.T(ctx, "merge.reason."+w))
		}
	}
	return out
}

func (p *Pages) differ(w http.ResponseWriter, r *http.Request) error {
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if _, err := p.server.Records().Do(ctx, web.Actor(ctx), action.Command{Type: "duplicate", Action: "differ", ID: id}); err != nil {
		return err
	}
	return p.server.Redirect(w, r, "/pairs", web.Toast{Key: "merge.differ_toast"})
}
