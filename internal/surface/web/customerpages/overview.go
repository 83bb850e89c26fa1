package customerpages

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// Overview makes the first tab of a customer's page; give its Fill to [recordpages.Deps].
type Overview struct{ Clock clock.Clock }

// cardView is one card of the tab. Content stands above the lines.
type cardView struct {
	ID, Title, Icon string
	Add             *webui.LinkButtonView
	Actions         []*webui.LinkButtonView
	Items           []webui.DescriptionItem
	Content         templ.Component
	Lines           []lineView
	Empty, MoreHref string
}

// lineView is one record in a card.
type lineView struct {
	Title, Href, Detail, Icon string
	Badge                     *webui.BadgeView
	Values                    []webui.Cell // masked values among them keep their eye
	Clocks                    []webui.ClockView
}

type overviewView struct {
	Stats []webui.StatView
	Cards []cardView
}

// sight is one customer being looked over.
type sight struct {
	ctx context.Context
	o   *recordpages.Overlook
	now time.Time
	id  record.ID
	err error
}

// Fill reads what the tab shows. Lists are short and end in a link to the rest.
func (v Overview) Fill(ctx context.Context, o *recordpages.Overlook) (recordpages.OverviewView, error) {
	s := &sight{ctx: ctx, o: o, now: v.Clock.Now(), id: o.Sheet().Record.ID}
	deals, cases, talks := s.deals(), s.openCases(), s.talks()
	rated := s.rated()
	view := overviewView{Stats: s.stats(deals, cases, talks, rated)}
	for _, c := range []cardView{cases.card, s.tasks(), s.people(), talks, s.class(), s.owner(), deals.card(s), s.needs(), rated.card, s.consents(), s.file(), s.places()} {
		if c.Title != "" {
			view.Cards = append(view.Cards, c)
		}
	}
	out := recordpages.OverviewView{Body: overviewBody(view)}
	for _, kind := range []string{callLog, visitLog} {
		if b := s.logButton(kind); b != nil {
			out.Buttons = append(out.Buttons, *b)
		}
	}
	return out, s.err
}

func (s *sight) t(key string, args ...any) string { return i18n.T(s.ctx, key, args...) }

// lines reads records of a type that belong to the customer; the first failure stays.
func (s *sight) lines(typ string, limit int, f record.Filter, sort string, fields ...string) ([]recordpages.Line, bool) {
	if s.err != nil {
		return nil, false
	}
	q := record.Query{Filter: record.Where("customer_id", s.id), Limit: limit, Sort: sort, Desc: true}
	if !f.Zero() {
		q.Filter = record.All(q.Filter, f)
	}
	list, more, err := s.o.Lines(typ, q, fields...)
	s.err = err
	return list, more
}

func (s *sight) add(typ string) *webui.LinkButtonView {
	if s.err != nil {
		return nil
	}
	b, err := s.o.Add(typ, "customer_id")
	s.err = err
	return b
}

func (s *sight) actions(names ...string) []*webui.LinkButtonView {
	var out []*webui.LinkButtonView
	for _, n := range names {
		if b := s.o.Action(n); b != nil {
			out = append(out, b)
		}
	}
	return out
}

// either is the first name where a field of yes and no says yes, else the second.
func (s *sight) either(field, yes, no string) string {
	if on, _ := s.value(field).(bool); on {
		return yes
	}
	return no
}

// items are the fields that hold something.
func (s *sight) items(names ...string) []webui.DescriptionItem {
	var out []webui.DescriptionItem
	for _, n := range names {
		if it, filled := s.o.Item(n); filled {
			it.Wide = true // one below the other in a narrow card
			out = append(out, it)
		}
	}
	return out
}

func (s *sight) value(name string) any {
	c, _ := s.o.Sheet().Cell(name)
	return c.Value
}

func (s *sight) text(name string) string {
	it, _ := s.o.Item(name)
	return it.Value
}

// tab leads to the list of a type on this page.
func (s *sight) tab(typ string) string { return s.o.Path() + "?tab=" + typ }

// cased is what the open cases come to.
type cased struct {
	card cardView
	n    string
	late bool
}

// openCases are the cases still worked on, the newest first, each with its clocks.
func (s *sight) openCases() cased {
	open := record.Filter{Field: "state", Op: field.NotIn, Value: []any{"closed", "filed", "withdrawn", "merged"}}
	list, more := s.lines("case", 5, open, "", "state", "received_at", "owner_id")
	out := cased{n: strconv.Itoa(len(list))}
	if more {
		out.n += "+"
	}
	for _, l := range list {
		clocks, err := s.o.Clocks("case", l.View.Record.ID)
		if err != nil {
			s.err = err
		}
		clocks = slices.DeleteFunc(clocks, func(c webui.ClockView) bool { return c.State == webui.ClockMet || c.State == webui.ClockStopped })
		out.late = out.late || slices.ContainsFunc(clocks, func(c webui.ClockView) bool { return c.State == webui.ClockLate })
		out.card.Lines = append(out.card.Lines, lineView{
			Title: l.Title, Href: l.Href, Badge: l.Cells[0].Badge, Detail: join(l.View.Record.Number, l.Cells[1].Text, l.Cells[2].Text), Clocks: clocks,
		})
	}
	if !s.reads("case") {
		return cased{}
	}
	out.card.ID, out.card.Title, out.card.Icon, out.card.Empty = "cases", s.t("customerpages.cases"), "headset", s.t("customerpages.cases.none")
	out.card.Add, out.card.MoreHref = s.add("case"), "/cases?f=customer_id%3Aeq%3A"+s.id.String()
	return out
}

// reads reports whether the reader reads the type at all.
func (s *sight) reads(typ string) bool {
	if s.err != nil {
		return false
	}
	yes, err := s.o.Reads(typ)
	s.err = err
	return yes
}

// rating is how closed cases were rated.
type rating struct {
	card    cardView
	average string
	n       int
}

// rated are the answers of the customer after closed cases, oldest first.
func (s *sight) rated() rating {
	list, _ := s.lines("case", 12, record.Filter{Field: "satisfaction", Op: field.Filled}, "", "satisfaction", "closed_at")
	if len(list) == 0 {
		return rating{}
	}
	slices.SortFunc(list, func(a, b recordpages.Line) int { return a.View.Record.CreatedAt.Compare(b.View.Record.CreatedAt) })
	var sum int64
	var row []webui.HeatCellView
	for _, l := range list {
		c, _ := l.View.Cell("satisfaction")
		n, _ := numberOf(c.Value)
		sum += n
		row = append(row, webui.HeatCellView{Status: mood(n), Text: strconv.FormatInt(n, 10), Title: join(l.Title, l.Cells[1].Text), Href: l.Href})
	}
	out := rating{n: len(list), average: strconv.FormatFloat(float64(sum)/float64(len(list)), 'f', 1, 64)}
	out.card = cardView{
		ID: "satisfaction", Title: s.t("customerpages.satisfaction"), Icon: "mood-smile",
		Content: ratingRow(s.t("customerpages.satisfaction.trend", "n", len(list)), row),
	}
	return out
}

func numberOf(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case *int64:
		if n != nil {
			return *n, true
		}
	}
	return 0, false
}

// mood shows a rating from 1 to 5 in the colours of the heat map.
func mood(n int64) webui.HeatStatus {
	switch {
	case n >= 4:
		return webui.HeatKept
	case n == 3:
		return webui.HeatLate
	}
	return webui.HeatBreached
}

// tasks are what is to be done for the customer and what was promised to him, the soonest due first.
func (s *sight) tasks() cardView {
	c := cardView{ID: "tasks", Title: s.t("customerpages.tasks"), Icon: "checklist", Empty: s.t("customerpages.tasks.none"), Add: s.add("task")}
	type dated struct {
		at   time.Time
		line lineView
	}
	var all []dated
	for _, typ := range []string{"task", "promise"} {
		list, more := s.lines(typ, 5, record.Where("status", "open"), "due_at", "due_at", "owner_id")
		for _, l := range list {
			cell, _ := l.View.Cell("due_at")
			at, _ := cell.Value.(time.Time)
			line := lineView{Title: l.Title, Href: l.Href, Detail: join(l.Cells[0].Text, l.Cells[1].Text), Icon: map[string]string{"task": "checkbox", "promise": "heart-handshake"}[typ]}
			if !at.IsZero() && at.Before(s.now) {
				line.Badge = &webui.BadgeView{Label: s.t("customerpages.late"), Tone: webui.Bad}
			}
			all = append(all, dated{at, line})
		}
		if more {
			c.MoreHref = "/" + map[string]string{"task": "tasks", "promise": "promises"}[typ] + "?f=customer_id%3Aeq%3A" + s.id.String()
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return cmp.Or(order(a.at.IsZero(), b.at.IsZero()), a.at.Compare(b.at)) })
	for _, d := range all {
		c.Lines = append(c.Lines, d.line)
	}
	return c
}

// order sorts what is false before what is true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// join sets words beside each other, leaving out what is empty.
func join(words ...string) string {
	out := ""
	for _, w := range words {
		switch {
		case w == "":
		case out == "":
			out = w
		default:
			out += " · " + w
		}
	}
	return out
}
