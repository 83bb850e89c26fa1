package compliancepages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// asked is what the address asks for.
type asked struct {
	assess.Period
	status string
	wrong  string // a sentence on what was not understood
}

// read reads the period of the address; the last twelve months where it names none or a wrong one.
func (p *Pages) read(ctx context.Context, q url.Values) asked {
	now := p.Clock.Now().In(p.Book.Engine.Zone)
	a := asked{Period: assess.Period{From: q.Get("from"), To: q.Get("to")}, status: q.Get("status")}
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	if a.To == "" {
		a.To = first.Format("2006-01")
	}
	if a.From == "" {
		a.From = first.AddDate(0, -11, 0).Format("2006-01")
	}
	if n := len(assess.Months(a.From, a.To)); n == 0 || n > 60 {
		a.wrong = i18n.T(ctx, "assessment.period")
		a.From, a.To = first.AddDate(0, -11, 0).Format("2006-01"), first.Format("2006-01")
	}
	if key := q.Get("regulation"); key != "" {
		a.Regulations = []string{key}
	}
	if text := q.Get("unit"); text != "" {
		if err := a.Unit.UnmarshalText([]byte(text)); err != nil {
			a.wrong = i18n.T(ctx, "compliance.no_unit")
		}
	}
	return a
}

// query writes the period back into an address.
func (a asked) query(more ...string) string {
	q := url.Values{"from": {a.From}, "to": {a.To}}
	if a.Unit != 0 {
		q.Set("unit", a.Unit.String())
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return "?" + q.Encode()
}

// heatView is the map with its figures.
type heatView struct {
	Bar   barView
	Tabs  []webui.TabView
	Stats []webui.StatView
	Map   webui.HeatMapView
	Trend webui.HeatMapView
}

// barView is the form above each view.
type barView struct {
	Action, From, To, Unit, Wrong string
	Units                         []webui.Option
	Buttons                       []webui.LinkButtonView
}

func (p *Pages) bar(ctx context.Context, a asked, action string) (barView, error) {
	v := barView{Action: action, From: a.From, To: a.To, Wrong: a.wrong}
	if a.Unit != 0 {
		v.Unit = a.Unit.String()
	}
	units, err := p.unitNames(ctx)
	if err != nil {
		return v, err
	}
	for id, name := range units {
		v.Units = append(v.Units, webui.Option{Value: id.String(), Label: name})
	}
	slices.SortFunc(v.Units, func(a, b webui.Option) int { return strings.Compare(a.Label, b.Label) })
	v.Buttons = []webui.LinkButtonView{
		{Label: i18n.T(ctx, "statement.title"), Icon: "download", Href: "/compliance/statement.xlsx" + a.query()},
		{Label: i18n.T(ctx, "assessment._plural"), Icon: "clipboard-check", Href: "/assessments"},
		{Label: i18n.T(ctx, "finding._plural"), Icon: "zoom-exclamation", Href: "/findings"},
		{Label: i18n.T(ctx, "exclusion._plural"), Icon: "circle-off", Href: "/exclusions"},
	}
	return v, nil
}

func (p *Pages) unitNames(ctx context.Context) (map[record.ID]string, error) {
	page, err := p.server.Records().List(ctx, web.Actor(ctx), "unit", record.Query{Limit: 200, Sort: "id"})
	if errs.Is(err, errs.Forbidden) {
		return map[record.ID]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[record.ID]string{}
	for _, v := range page.Views {
		out[v.Record.ID] = v.Title
	}
	return out, nil
}

func tabs(ctx context.Context, a asked, current string) []webui.TabView {
	var out []webui.TabView
	for _, t := range []struct{ name, href string }{
		{"map", "/compliance"}, {"by_unit", "/compliance/units"}, {"by_post", "/compliance/posts"}, {"statement", "/compliance/statement"},
	} {
		out = append(out, webui.TabView{Label: i18n.T(ctx, "compliance."+t.name), Href: t.href + a.query(), Active: t.name == current})
	}
	return out
}

func (p *Pages) heat(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := p.read(ctx, r.URL.Query())
	h, err := p.Book.HeatOf(ctx, web.Actor(ctx), a.Period)
	if err != nil {
		return err
	}
	v := heatView{Tabs: tabs(ctx, a, "map"), Map: webui.HeatMapView{Caption: i18n.T(ctx, "compliance.map"), Corner: i18n.T(ctx, "regulation"), Columns: h.Months}}
	if v.Bar, err = p.bar(ctx, a, "/compliance"); err != nil {
		return err
	}
	sum := map[string]int{}
	for _, l := range h.Lines {
		row := webui.HeatRowView{Label: web.InLang(ctx, l.Title[0], l.Title[1]), Href: "/compliance/" + l.Key}
		for _, m := range h.Months {
			row.Cells = append(row.Cells, heatCell(ctx, l.Cells[m], fmt.Sprintf("/compliance/%s?month=%s", l.Key, m)))
		}
		v.Map.Rows = append(v.Map.Rows, row)
		sum["clauses"] += l.Clauses
		sum["bound"] += l.Bound
		sum["excluded"] += l.Excluded
		sum["unexercised"] += l.Unexercised
	}
	unbound := sum["clauses"] - sum["bound"] - sum["excluded"]
	v.Stats = []webui.StatView{
		{Label: i18n.T(ctx, "compliance.clauses"), Value: i18n.Number(int64(sum["clauses"])), Href: "/compliance/statement" + a.query()},
		{Label: i18n.T(ctx, "clause.status.not_bound"), Value: i18n.Number(int64(unbound)), Href: "/compliance/statement" + a.query("status", "not_bound")},
		{Label: i18n.T(ctx, "clause.status.not_exercised"), Value: i18n.Number(int64(sum["unexercised"])), Href: "/compliance/statement" + a.query("status", "not_exercised")},
		{Label: i18n.T(ctx, "clause.status.breached"), Value: "", Href: "/compliance/statement" + a.query("status", "breached")},
	}
	late, broken := p.counted(h)
	v.Stats[3].Value = i18n.Number(int64(broken))
	v.Stats = append(v.Stats, webui.StatView{Label: i18n.T(ctx, "clause.status.kept_late"), Value: i18n.Number(int64(late)), Href: "/compliance/statement" + a.query("status", "kept_late")})
	trend, err := p.Book.Trend(ctx, web.Actor(ctx), a.Period)
	if err != nil {
		return err
	}
	v.Trend = trendView(ctx, h.Months, trend)
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "compliance.map"), Subtitle: i18n.T(ctx, "compliance.subtitle"), Wide: true}, heatPage(v))
}

// counted is how many cells of the map's last month are late and breached.
func (p *Pages) counted(h *assess.Heat) (late, broken int) {
	last := h.Months[len(h.Months)-1]
	for _, l := range h.Lines {
		if c := l.Cells[last]; c != nil {
			late, broken = late+c.Clauses[evidence.KeptLate], broken+c.Clauses[evidence.Breached]
		}
	}
	return late, broken
}

func heatCell(ctx context.Context, c *assess.Cell, href string) webui.HeatCellView {
	s := c.Worst()
	out := webui.HeatCellView{Status: heatStatus(s), Title: i18n.T(ctx, "clause.status."+string(s))}
	if c == nil {
		return out
	}
	n := 0
	for _, k := range c.Clauses {
		n += k
	}
	out.Text, out.Href = fmt.Sprint(n), href
	if bad := c.Clauses[s]; s == evidence.Breached || s == evidence.KeptLate {
		out.Text = fmt.Sprintf("%d/%d", bad, n)
	}
	return out
}

func heatStatus(s evidence.Status) webui.HeatStatus {
	switch s {
	case evidence.Kept:
		return webui.HeatKept
	case evidence.KeptLate:
		return webui.HeatLate
	case evidence.Breached:
		return webui.HeatBreached
	case evidence.OnlyExcepted:
		return webui.HeatExcepted
	case evidence.NotBound:
		return webui.HeatUnbound
	}
	return webui.HeatUnused
}

// trendView is the share of good outcomes by month as one line of cells.
func trendView(ctx context.Context, months []string, trend []int) webui.HeatMapView {
	v := webui.HeatMapView{Caption: i18n.T(ctx, "compliance.trend"), Corner: i18n.T(ctx, "compliance.trend"), Columns: months}
	if len(trend) == 0 {
		return v
	}
	row := webui.HeatRowView{Label: i18n.T(ctx, "compliance.share")}
	for _, n := range trend {
		row.Cells = append(row.Cells, shareCell(ctx, n))
	}
	v.Rows = []webui.HeatRowView{row}
	return v
}

// shareCell colours a share of good outcomes: below 80 of a hundred it is bad, below 95 late.
func shareCell(ctx context.Context, n int) webui.HeatCellView {
	switch {
	case n < 0:
		return webui.HeatCellView{Status: webui.HeatUnused, Title: i18n.T(ctx, "clause.status.not_exercised")}
	case n < 80:
		return webui.HeatCellView{Status: webui.HeatBreached, Text: fmt.Sprintf("%d%%", n)}
	case n < 95:
		return webui.HeatCellView{Status: webui.HeatLate, Text: fmt.Sprintf("%d%%", n)}
	}
	return webui.HeatCellView{Status: webui.HeatKept, Text: fmt.Sprintf("%d%%", n)}
}

func (p *Pages) units(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	names, err := p.unitNames(ctx)
	if err != nil {
		return err
	}
	return p.shares(w, r, "by_unit", "/compliance/units", p.Book.ByUnit, func(s *assess.Share) string {
		if name := names[s.Unit]; name != "" {
			return name
		}
		return i18n.T(ctx, "compliance.no_unit_name")
	})
}

func (p *Pages) posts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	names, err := p.Book.PostTitles(ctx)
	if err != nil {
		return err
	}
	return p.shares(w, r, "by_post", "/compliance/posts", p.Book.ByPost, func(s *assess.Share) string {
		switch name := names[s.Post]; {
		case name != "":
			return name
		case s.Post != "":
			return s.Post
		}
		return i18n.T(ctx, "compliance.no_post")
	})
}

type sharesOf func(context.Context, record.Actor, assess.Period) ([]*assess.Share, error)

// shares shows the clauses by unit or by post, the worst first, each with its trend.
func (p *Pages) shares(w http.ResponseWriter, r *http.Request, tab, path string, of sharesOf, name func(*assess.Share) string) error {
	ctx := r.Context()
	a := p.read(ctx, r.URL.Query())
	list, err := of(ctx, web.Actor(ctx), a.Period)
	if err != nil {
		return err
	}
	v := heatView{Tabs: tabs(ctx, a, tab), Map: webui.HeatMapView{
		Caption: i18n.T(ctx, "compliance."+tab), Corner: i18n.T(ctx, "compliance."+tab), Columns: append([]string{
			i18n.T(ctx, "clause.status.breached"), i18n.T(ctx, "clause.status.kept_late"), i18n.T(ctx, "clause.status.kept"),
		}, assess.Months(a.From, a.To)...),
	}}
	if v.Bar, err = p.bar(ctx, a, path); err != nil {
		return err
	}
	for _, s := range list {
		row := webui.HeatRowView{Label: name(s)}
		for _, st := range []evidence.Status{evidence.Breached, evidence.KeptLate, evidence.Kept} {
			c := webui.HeatCellView{Status: webui.HeatUnused, Title: i18n.T(ctx, "clause.status."+string(st))}
			if n := s.Clauses[st]; n > 0 {
				c.Status, c.Text = heatStatus(st), fmt.Sprint(n)
			}
			row.Cells = append(row.Cells, c)
		}
		for _, n := range s.Trend {
			row.Cells = append(row.Cells, shareCell(ctx, n))
		}
		v.Map.Rows = append(v.Map.Rows, row)
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "compliance."+tab), Subtitle: i18n.T(ctx, "compliance.subtitle"), Wide: true}, heatPage(v))
}

// statementView is the statement of applicability as a list.
type statementView struct {
	Bar     barView
	Tabs    []webui.TabView
	Filters []webui.TabView
	Table   webui.TableView
}

func (p *Pages) statement(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a := p.read(ctx, r.URL.Query())
	sheets, err := p.Book.Statement(ctx, web.Actor(ctx), a.Period)
	if err != nil {
		return err
	}
	v := statementView{Tabs: tabs(ctx, a, "statement")}
	if v.Bar, err = p.bar(ctx, a, "/compliance/statement"); err != nil {
		return err
	}
	posts, err := p.Book.PostTitles(ctx)
	if err != nil {
		return err
	}
	counts := map[evidence.Status]int{}
	v.Table = webui.TableView{Caption: i18n.T(ctx, "statement.title"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "statement.printed"), Primary: true}, {Label: i18n.T(ctx, "statement.text")}, {Label: i18n.T(ctx, "statement.post"), OffPhone: true},
		{Label: i18n.T(ctx, "statement.controls"), OffPhone: true}, {Label: i18n.T(ctx, "statement.status")}, {Label: i18n.T(ctx, "statement.bad"), Numeric: true, OffPhone: true},
	}, Empty: webui.EmptyView{Icon: "circle-check", Title: i18n.T(ctx, "compliance.nothing"), Text: i18n.T(ctx, "compliance.nothing.text")}}
	for _, s := range sheets {
		for status, n := range s.Count() {
			counts[status] += n
		}
		for _, row := range s.Rows {
			if row.Status == "" || a.status != "" && string(row.Status) != a.status {
				continue
			}
			v.Table.Rows = append(v.Table.Rows, statementRow(ctx, s, row, posts))
		}
	}
	v.Filters = statuses(ctx, a, counts)
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "statement.title"), Subtitle: i18n.T(ctx, "compliance.subtitle"), Wide: true}, statementPage(v))
}

func statementRow(ctx context.Context, s *assess.Sheet, row assess.Row, posts map[string]string) webui.RowView {
	kinds := make([]string, len(row.Bound))
	for i, k := range row.Bound {
		kinds[i] = i18n.T(ctx, "binding.control."+k)
	}
	_, bad := row.Tally.Sides()
	status := webui.BadgeView{Label: i18n.T(ctx, "clause.status."+string(row.Status)), Tone: map[evidence.Status]webui.Tone{
		evidence.Kept: webui.Good, evidence.KeptLate: webui.Warn, evidence.Breached: webui.Bad, evidence.OnlyExcepted: webui.Info,
	}[row.Status]}
	text := web.InLang(ctx, row.Body[0], row.Body[1])
	if row.Why != "" {
		text += " — " + i18n.T(ctx, "statement.why") + ": " + row.Why
	}
	href := "/read/" + s.Key + "/" + row.Clause
	number := ""
	if bad > 0 {
		number = i18n.Number(int64(bad))
	}
	return webui.RowView{Href: href, Label: row.Clause, Cells: []webui.Cell{
		{Text: strings.TrimSpace(row.Printed + " " + row.Clause), Title: web.InLang(ctx, s.Title[0], s.Title[1]), Href: href}, {Text: text}, {Text: orKey(posts[row.Post], row.Post)},
		{Text: i18n.Listed(ctx, kinds)}, {Badge: &status}, {Text: number},
	}}
}

func orKey(name, key string) string {
	if name != "" {
		return name
	}
	return key
}

// statuses are the filters of the statement, each with its count.
func statuses(ctx context.Context, a asked, counts map[evidence.Status]int) []webui.TabView {
	all := 0
	for _, n := range counts {
		all += n
	}
	out := []webui.TabView{{Label: fmt.Sprintf("%s %d", i18n.T(ctx, "compliance.all"), all), Href: "/compliance/statement" + a.query(), Active: a.status == ""}}
	for _, s := range []evidence.Status{
		evidence.Breached, evidence.KeptLate, evidence.Kept, evidence.OnlyExcepted, evidence.NotExercised, evidence.NotBound, assess.Excluded,
	} {
		out = append(out, webui.TabView{
			Label: fmt.Sprintf("%s %d", i18n.T(ctx, "clause.status."+string(s)), counts[s]), Href: "/compliance/statement" + a.query("status", string(s)),
			Active: a.status == string(s),
		})
	}
	return out
}

// sheet hands out the statement as a spreadsheet.
func (p *Pages) sheet(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sheets, err := p.Book.Statement(ctx, web.Actor(ctx), p.read(ctx, r.URL.Query()).Period)
	if err != nil {
		return err
	}
	attach(w, "statement.xlsx")
	return exchange.Statement(w, sheets, string(i18n.LangOf(ctx)), func(key string, args ...any) string { return i18n.T(ctx, key, args...) })
}
