package casepages

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

const (
	registerSize = 100
	printSize    = 200
	printPages   = 50 // 10,000 lines on paper are a book
)

// registerView is the register of a year.
type registerView struct {
	Print letterView
	Years []webui.TabView
	Gaps  string
	Table webui.TableView
	Pager webui.PagerView
}

// letterView heads a printed sheet.
type letterView struct{ Organisation, Title, Detail string }

// yearOf reads a year; the present one in China where none is named.
func (p *Pages) yearOf(text string) (int64, error) {
	if text == "" {
		return casework.YearOf(p.Clock.Now()), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1990 || n > 2200 {
		return 0, errs.New(errs.NotFound, "web.no_page")
	}
	return n, nil
}

// registerPage answers with a page of the register, or with all of it for paper.
func (p *Pages) registerPage(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	year, err := p.yearOf(q.Get("year"))
	if err != nil {
		return err
	}
	scope, err := p.scope(ctx, "case")
	if err != nil {
		return err
	}
	paper := q.Get("print") != ""
	page, err := p.registerLines(ctx, scope, year, q.Get("after"), paper)
	if err != nil {
		return err
	}
	v := registerView{Gaps: joined(ctx, page.Gaps, 20), Print: p.letter(ctx, i18n.T(ctx, "register.of", "year", strconv.FormatInt(year, 10)))}
	if v.Years, err = p.years(ctx, scope, year); err != nil {
		return err
	}
	if v.Table, err = p.registerTable(ctx, page.Rows); err != nil {
		return err
	}
	v.Pager = registerPager(ctx, page, q.Get("after"), paper)
	y := strconv.FormatInt(year, 10)
	view := web.View{
		Title: i18n.T(ctx, "register.of", "year", y), Wide: true, Subtitle: i18n.T(ctx, "register.lines", "n", i18n.Number(int64(page.Total))),
		Crumbs: []webui.Link{{Label: i18n.T(ctx, "desk.title"), Href: "/desk"}}, Actions: registerActions(paper, y),
	}
	return p.server.Page(w, r, view, registerBody(v))
}

// registerLines reads one page, or every line where it is for paper.
func (p *Pages) registerLines(ctx context.Context, scope record.Scope, year int64, after string, paper bool) (*casework.RegisterPage, error) {
	if !paper {
		return p.ledger.RegisterPage(ctx, scope, year, after, registerSize)
	}
	all, err := p.ledger.RegisterPage(ctx, scope, year, "", printSize)
	for n := 1; err == nil && all.Next != "" && n < printPages; n++ {
		var more *casework.RegisterPage
		if more, err = p.ledger.RegisterPage(ctx, scope, year, all.Next, printSize); err == nil {
			all.Rows, all.Next = append(all.Rows, more.Rows...), more.Next
		}
	}
	return all, err
}

func registerPager(ctx context.Context, page *casework.RegisterPage, after string, paper bool) webui.PagerView {
	v := webui.PagerView{Total: i18n.Number(int64(page.Total))}
	if page.Capped {
		v.Total += "+"
	}
	if len(page.Rows) > 0 {
		v.Range = page.Rows[0].Number + " – " + page.Rows[len(page.Rows)-1].Number
	}
	y := strconv.FormatInt(page.Year, 10)
	if page.Next != "" && !paper {
		v.NextHref = address("/register", "year", y, "after", page.Next)
	}
	if after != "" {
		v.FirstHref = address("/register", "year", y)
	}
	return v
}

// letter is the head of a printed sheet, with the moment it was made.
func (p *Pages) letter(ctx context.Context, title string) letterView {
	return letterView{Organisation: p.head(ctx).Company, Title: title, Detail: i18n.T(ctx, "register.printed", "at", i18n.DateTime(ctx, p.Clock.Now()))}
}

func (p *Pages) head(ctx context.Context) casework.Letterhead {
	if p.Letterhead != nil {
		return p.Letterhead(ctx)
	}
	return casework.Letterhead{Company: p.server.Organisation(ctx)}
}

// years are the years there is a register of, the newest first, at most twelve.
func (p *Pages) years(ctx context.Context, scope record.Scope, at int64) ([]webui.TabView, error) {
	from, err := p.ledger.FirstYear(ctx, scope)
	if err != nil {
		return nil, err
	}
	last := casework.YearOf(p.Clock.Now())
	if from == 0 {
		from = last
	}
	var out []webui.TabView
	for y := last; y >= from && len(out) < 12; y-- {
		text := strconv.FormatInt(y, 10)
		out = append(out, webui.TabView{Label: text, Href: address("/register", "year", text), Active: y == at})
	}
	return out, nil
}

// joined lists texts, the first n of them.
func joined(ctx context.Context, list []string, n int) string {
	out := i18n.Listed(ctx, list[:min(n, len(list))])
	if len(list) > n {
		out += " …"
	}
	return out
}

// registerTable is the lines as a table; names are those the reader may see.
func (p *Pages) registerTable(ctx context.Context, rows []casework.RegisterRow) (webui.TableView, error) {
	n := newNames(p)
	for _, r := range rows {
		n.need("customer", r.CustomerID)
		n.need("user", r.HandlerID)
		n.need("case", r.MergedInto)
	}
	if err := n.find(ctx); err != nil {
		return webui.TableView{}, err
	}
	t := p.typeOf("case")
	label := func(name string) string { return web.FieldLabel(ctx, t, t.Field(name)) }
	v := webui.TableView{
		ID: "register", Caption: i18n.T(ctx, "register.title"),
		Columns: []webui.Column{
			{Label: label("number"), Primary: true}, {Label: label("received_at")}, {Label: i18n.T(ctx, "register.kind")}, {Label: label("subject")},
			{Label: label("customer_id")}, {Label: label("handler_id")}, {Label: label("state")}, {Label: label("result")}, {Label: label("closed_at")}, {Label: label("filed_at")},
		},
		Empty: webui.EmptyView{Icon: "clipboard-list", Title: i18n.T(ctx, "register.empty"), Text: i18n.T(ctx, "register.empty.text")},
	}
	for _, r := range rows {
		v.Rows = append(v.Rows, p.registerRow(ctx, r, n))
	}
	return v, nil
}

func (p *Pages) registerRow(ctx context.Context, r casework.RegisterRow, n *names) webui.RowView {
	t := p.typeOf("case")
	named := func(field, value string) string {
		if value == "" {
			return ""
		}
		return web.OptionLabel(ctx, t, t.Field(field), value)
	}
	state := webui.Cell{Badge: web.StateBadge(ctx, t, r.State)}
	if into := n.have["case"][r.MergedInto]; into.Number != "" {
		state.Text = into.Number
	}
	return webui.RowView{
		ID: r.ID.String(), Href: "/cases/" + r.ID.String(), Label: r.Number, Muted: r.State == casework.Withdrawn || r.State == casework.Merged,
		Cells: []webui.Cell{
			{Text: r.Number}, {Text: dateTime(ctx, r.ReceivedAt)}, {Text: named("kind", r.Kind) + " · " + named("channel", r.Channel)}, {Text: r.Subject},
			{Text: n.title("customer", r.CustomerID)}, {Text: n.title("user", r.HandlerID)}, state, {Text: named("result", r.Result)},
			{Text: date(ctx, r.ClosedAt)}, {Text: date(ctx, r.FiledAt)},
		},
	}
}

func date(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return i18n.Date(ctx, t)
}

func dateTime(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return i18n.DateTime(ctx, t)
}

// volumeTitle names the volume of a year.
func volumeTitle(ctx context.Context, year int64) string {
	return i18n.T(ctx, "dossier.of", "year", strconv.FormatInt(year, 10))
}

// sortEntries puts the contents in the order of numbers, as they lie in the volume.
func sortEntries(list []casework.Entry) {
	slices.SortFunc(list, func(a, b casework.Entry) int { return cmp.Compare(a.Number, b.Number) })
}
