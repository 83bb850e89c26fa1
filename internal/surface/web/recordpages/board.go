package recordpages

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

const (
	laneCards = 20
	monthMax  = 200
	dayItems  = 4
)

// boardFields are the fields by which records can be laid out in columns: the state, then choices of few values.
func boardFields(t *record.Type) []*record.Field {
	var out []*record.Field
	if f := t.State(); f != nil {
		out = append(out, f)
	}
	for _, f := range t.Fields {
		if f.Kind.Name() == "enum" && f.Class <= record.Internal && len(f.Options.Enum) <= 12 {
			out = append(out, f)
		}
	}
	return out
}

// dateFields are those by which records can be laid out in a month.
func dateFields(t *record.Type) []*record.Field {
	var out []*record.Field
	for _, f := range t.Fields {
		if k := f.Kind.Name(); (k == "date" || k == "time") && f.Class <= record.Internal && f.Compute == nil && !f.Custom {
			out = append(out, f)
		}
	}
	return out
}

// byField is the field a board or month is made by: the one the address names, else the first.
func (l *listing) byField(list []*record.Field) (*record.Field, error) {
	if len(list) == 0 {
		return nil, errs.New(errs.NotFound, "web.no_page")
	}
	if l.s.by == "" {
		return list[0], nil
	}
	i := slices.IndexFunc(list, func(f *record.Field) bool { return f.Name == l.s.by })
	if i < 0 {
		return nil, errs.Of(l.s.by, "filter.unknown_field").With("field", l.s.by)
	}
	return list[i], nil
}

// byLinks offer the other fields of a board or month.
func (l *listing) byLinks() []webui.LinkButtonView {
	var list []*record.Field
	switch l.s.view {
	case asKanban:
		list = boardFields(l.t)
	case asCalendar:
		list = dateFields(l.t)
	}
	if len(list) < 2 {
		return nil
	}
	var out []webui.LinkButtonView
	for i, f := range list {
		s := l.s.with(func(s *state) { s.by = f.Name })
		out = append(out, webui.LinkButtonView{
			Label: web.FieldLabel(l.ctx, l.t, f), Href: s.href(l.t), Small: true, Current: l.s.by == f.Name || l.s.by == "" && i == 0,
		})
	}
	return out
}

// kanban is the records by state or choice.
func (p *Pages) kanban(w http.ResponseWriter, r *http.Request, l *listing) error {
	f, err := l.byField(boardFields(l.t))
	if err != nil {
		return err
	}
	a := web.Actor(l.ctx)
	counts, err := p.records().CountBy(l.ctx, a, l.t.Name, l.query(0), f.Name)
	if err != nil {
		return err
	}
	board := webui.KanbanView{ID: "board", Label: web.FieldLabel(l.ctx, l.t, f)}
	lanes := map[string][]mask.View{}
	for _, value := range f.Options.Enum {
		q := l.query(laneCards)
		q.Filter = record.All(l.all, record.Where(f.Name, value))
		found, err := p.records().List(l.ctx, a, l.t.Name, q)
		if err != nil {
			return err
		}
		lanes[value] = found.Views
		for _, v := range found.Views {
			l.names.needCells(v)
		}
	}
	if err := p.find(l.ctx, l.names); err != nil {
		return err
	}
	for _, value := range f.Options.Enum {
		board.Columns = append(board.Columns, l.lane(f, value, counts[value], lanes[value]))
	}
	return p.listPage(w, r, l, nil, listBody(listView{Wrong: l.wrong, Filter: l.filterBar(), Board: &board}))
}

func (l *listing) lane(f *record.Field, value string, total int, cards []mask.View) webui.KanbanColumn {
	col := webui.KanbanColumn{Key: value, Label: web.OptionLabel(l.ctx, l.t, f, value), Total: i18n.Number(int64(total)), Tone: webui.Neutral}
	if b := web.StateBadge(l.ctx, l.t, value); b != nil && f == l.t.State() {
		col.Tone = b.Tone
	}
	for _, v := range cards {
		col.Cards = append(col.Cards, l.card(f, value, v))
	}
	if total > len(cards) {
		col.MoreHref = l.s.with(func(s *state) { s.view, s.by, s.conds = asTable, "", append(s.conds, f.Name+":in:"+value) }).href(l.t)
	}
	return col
}

// card shows a record by its title, the first columns of the list that have a value, and its owner.
func (l *listing) card(by *record.Field, value string, v mask.View) webui.KanbanCard {
	k := webui.KanbanCard{
		ID: v.Record.ID.String(), Title: v.Title, Href: recordPath(l.t, v.Record.ID), Meta: v.Record.Number,
		Person: l.names.title("user", v.Record.OwnerID), MoveTo: l.moves(by, value),
	}
	if len(k.MoveTo) > 0 {
		k.MoveHref = recordPath(l.t, v.Record.ID) + "/move?by=" + by.Name
	}
	for _, name := range l.t.List {
		c, ok := v.Cell(name)
		if !ok || name == l.t.Title || name == by.Name || c.Masked {
			continue
		}
		if s := l.p.cellText(l.ctx, l.t, c, l.names); s.text != "" {
			k.Detail = s.text
			break
		}
	}
	return k
}

// moves are the columns a card may go to: for a state those an action leads to, for a choice all others.
func (l *listing) moves(by *record.Field, from string) []webui.Option {
	var out []webui.Option
	for _, to := range by.Options.Enum {
		if to == from {
			continue
		}
		ok := l.may[record.Update] && !by.ReadOnly && !by.Once
		if by == l.t.State() {
			ok = moveAction(l.t, from, to) != nil
		}
		if ok {
			out = append(out, webui.Option{Value: to, Label: web.OptionLabel(l.ctx, l.t, by, to)})
		}
	}
	return out
}

// moveAction is the action that leads from one state to another; nil where there is none.
func moveAction(t *record.Type, from, to string) *record.Action {
	for _, a := range t.Actions {
		if a.To == to && a.Allowed(from) && !a.General {
			return a
		}
	}
	return nil
}

// move puts a card into another column. Where the action asks for something, its form comes first.
func (p *Pages) move(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	if err := web.Form(r); err != nil {
		return err
	}
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	ctx, to, by := r.Context(), r.PostFormValue("to"), t.Field(r.URL.Query().Get("by"))
	if by == nil || !slices.Contains(by.Options.Enum, to) {
		return errs.Of("to", "field.unknown_option").With("value", "").With("options", "")
	}
	back := listPath(t) + "?view=kanban&by=" + by.Name
	cmd := action.Command{Type: t.Name, Action: record.Update, ID: id, Input: map[string]any{by.Name: to}}
	if by == t.State() {
		sheet, err := p.records().Read(ctx, web.Actor(ctx), t.Name, id)
		if err != nil {
			return err
		}
		act := moveAction(t, sheet.State, to)
		if act == nil {
			return errs.New(errs.Conflict, "record.wrong_state")
		}
		if len(act.Input) > 0 {
			return p.server.Redirect(w, r, recordPath(t, id)+"/do/"+act.Name+"?return="+back, web.Toast{})
		}
		cmd.Action, cmd.Input = act.Name, nil
	}
	if _, err := p.records().Do(ctx, web.Actor(ctx), cmd); err != nil {
		return err
	}
	return p.server.Redirect(w, r, back, web.Toast{Key: "pages.done.moved", Args: map[string]string{"state": web.OptionLabel(ctx, t, by, to)}})
}

// calendar is the records of a month by a date.
func (p *Pages) calendar(w http.ResponseWriter, r *http.Request, l *listing) error {
	f, err := l.byField(dateFields(l.t))
	if err != nil {
		return err
	}
	month := l.s.monthOf(p.deps.Clock.Now(), i18n.ZoneOf(l.ctx))
	first := month.AddDate(0, 0, -(int(month.Weekday())+6)%7)
	last := first.AddDate(0, 0, 42)
	if month.AddDate(0, 1, 0).Before(first.AddDate(0, 0, 36)) {
		last = first.AddDate(0, 0, 35)
	}
	q := l.query(monthMax)
	q.Sort, q.Desc, q.Filter = f.Name, false, record.All(l.all, l.between(f, first, last))
	found, err := p.records().List(l.ctx, web.Actor(l.ctx), l.t.Name, q)
	if err != nil {
		return err
	}
	for _, v := range found.Views {
		l.names.needCells(v)
	}
	if err := p.find(l.ctx, l.names); err != nil {
		return err
	}
	if found.Next != "" {
		l.wrong = append(l.wrong, i18n.T(l.ctx, "pages.calendar.more", "n", monthMax))
	}
	cal := l.month(f, month, first, last, found.Views)
	return p.listPage(w, r, l, nil, listBody(listView{Wrong: l.wrong, Filter: l.filterBar(), Calendar: &cal}))
}

// between is the condition that a date or instant lies in civil days [from, to).
func (l *listing) between(f *record.Field, from, to time.Time) record.Filter {
	if f.Kind.Name() == "time" {
		zone := i18n.ZoneOf(l.ctx)
		civil := func(d time.Time) time.Time { return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone).UTC() }
		from, to = civil(from), civil(to)
	}
	return record.All(record.Filter{Field: f.Name, Op: field.Ge, Value: from}, record.Filter{Field: f.Name, Op: field.Lt, Value: to})
}

func (l *listing) month(f *record.Field, month, first, last time.Time, views []mask.View) webui.CalendarView {
	byDay := map[string][]mask.View{}
	for _, v := range views {
		c, _ := v.Cell(f.Name)
		if at, ok := c.Value.(time.Time); ok {
			byDay[l.dayOf(f, at)] = append(byDay[l.dayOf(f, at)], v)
		}
	}
	at := func(m time.Time) string { return l.s.with(func(s *state) { s.month = m.Format("2006-01") }).href(l.t) }
	cal := webui.CalendarView{
		Title: i18n.T(l.ctx, "pages.calendar.title", "year", month.Year(), "month", int(month.Month())), PrevHref: at(month.AddDate(0, -1, 0)), NextHref: at(month.AddDate(0, 1, 0)),
		TodayHref: l.s.with(func(s *state) { s.month = "" }).href(l.t),
	}
	utc := i18n.WithZone(l.ctx, time.UTC)
	today := l.p.deps.Clock.Now().In(i18n.ZoneOf(l.ctx)).Format(time.DateOnly)
	for d := first; d.Before(last); d = d.AddDate(0, 0, 1) {
		if len(cal.Weekdays) < 7 {
			cal.Weekdays = append(cal.Weekdays, i18n.Weekday(utc, d))
		}
		if d.Weekday() == time.Monday {
			cal.Weeks = append(cal.Weeks, nil)
		}
		key := d.Format(time.DateOnly)
		day := webui.CalendarDay{Number: strconv.Itoa(d.Day()), Label: key + " " + i18n.Weekday(utc, d), Today: key == today, Outside: d.Month() != month.Month()}
		if l.p.deps.Day != nil {
			day.Mark, day.MarkTitle, day.Workday = l.p.deps.Day(d)
		}
		l.fillDay(f, &day, key, byDay[key])
		cal.Weeks[len(cal.Weeks)-1] = append(cal.Weeks[len(cal.Weeks)-1], day)
	}
	return cal
}

func (l *listing) dayOf(f *record.Field, at time.Time) string {
	if f.Kind.Name() == "time" {
		at = at.In(i18n.ZoneOf(l.ctx))
	}
	return at.Format(time.DateOnly)
}

func (l *listing) fillDay(f *record.Field, day *webui.CalendarDay, key string, views []mask.View) {
	for i, v := range views {
		if i == dayItems {
			day.MoreHref = l.s.with(func(s *state) { s.view, s.by, s.month, s.conds = asTable, "", "", append(s.conds, f.Name+":eq:"+key) }).href(l.t)
			day.More = fmt.Sprintf("+%d", len(views)-dayItems)
			return
		}
		item := webui.CalendarItem{Label: v.Title, Href: recordPath(l.t, v.Record.ID), Tone: webui.Neutral}
		if b := web.StateBadge(l.ctx, l.t, v.State); b != nil {
			item.Tone = b.Tone
		}
		if c, _ := v.Cell(f.Name); f.Kind.Name() == "time" {
			if at, ok := c.Value.(time.Time); ok {
				item.Time = i18n.Clock(l.ctx, at)
			}
		}
		day.Items = append(day.Items, item)
	}
}
