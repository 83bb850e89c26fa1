package recordpages

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

const pageSize = 50

// listing is one list being made: its type, state and what came of it.
type listing struct {
	p     *Pages
	ctx   context.Context
	t     *record.Type
	s     state
	names *names
	may   map[string]bool
	wrong []string // conditions that could not be used, in words
	code  int
	all   record.Filter
}

// list answers with the table, board or month of a type.
func (p *Pages) list(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	s, loose := readState(t, r.URL.Query())
	if loose {
		http.Redirect(w, r, s.href(t), http.StatusSeeOther)
		return nil
	}
	ctx := r.Context()
	may, err := p.can(ctx, t, append(bulkNames(t), record.Create, record.Reveal, record.Update, record.Export, record.Import)...)
	if err != nil {
		return err
	}
	l := &listing{p: p, ctx: ctx, t: t, s: s, names: newNames(), may: may}
	l.conditions()
	switch s.view {
	case asKanban:
		return p.kanban(w, r, l)
	case asCalendar:
		return p.calendar(w, r, l)
	}
	return p.table(w, r, l)
}

// filterContext is what relative conditions refer to.
func (p *Pages) filterContext(ctx context.Context) record.FilterContext {
	return record.FilterContext{Now: p.deps.Clock.Now(), Zone: i18n.ZoneOf(ctx), Me: web.Actor(ctx).UserID}
}

// conditions reads what the address asks for. A condition that cannot be used is left out and named.
func (l *listing) conditions() {
	var list []record.Filter
	fc := l.p.filterContext(l.ctx)
	kept := l.s.conds[:0:0]
	for _, c := range l.s.conds {
		f, err := l.t.ParseCondition(c, fc)
		if err != nil {
			l.blame(err)
			continue
		}
		kept = append(kept, c)
		list = append(list, f)
		l.needCondition(f)
	}
	l.s.conds = kept
	if l.s.scope == "mine" {
		list = append(list, record.Where("owner_id", fc.Me))
	}
	l.all = record.Filter{And: list}
}

func (l *listing) blame(err error) {
	v := webui.ErrorViewOf(l.ctx, web.WordedFor(l.ctx, l.t, err))
	l.wrong, l.code = append(l.wrong, v.Sentence), max(l.code, v.Status)
}

func (l *listing) needCondition(f record.Filter) {
	fd := l.t.Field(f.Field)
	if fd == nil {
		return
	}
	values, ok := f.Value.([]any)
	if !ok {
		values = []any{f.Value}
	}
	for _, v := range values {
		if id, ok := v.(record.ID); ok {
			l.names.need(refType(fd), id)
		}
	}
}

// query is what the store is asked for; a board or month adds to it.
func (l *listing) query(limit int) record.Query {
	return record.Query{
		Filter: l.all, Text: l.s.q, Sort: l.s.sort, Desc: l.s.desc, Limit: limit, Archived: l.s.scope == "archived",
	}
}

// table is the list proper.
func (p *Pages) table(w http.ResponseWriter, r *http.Request, l *listing) error {
	q := l.query(pageSize)
	q.Count = true
	if n := len(l.s.after); n > 0 {
		q.After = l.s.after[n-1]
	}
	found, err := p.records().List(l.ctx, web.Actor(l.ctx), l.t.Name, q)
	if userMade(err) {
		// the conditions came from the address: say what is wrong with them and show the list without
		l.blame(err)
		l.s = state{view: asTable, scope: l.s.scope}
		l.all = record.Filter{}
		l.conditions()
		found, err = p.records().List(l.ctx, web.Actor(l.ctx), l.t.Name, l.query(pageSize))
	}
	if err != nil {
		return err
	}
	for _, v := range found.Views {
		l.names.needCells(v)
	}
	if err := p.find(l.ctx, l.names); err != nil {
		return err
	}
	body := listBody(listView{
		Tabs: webui.ViewTabsView{}, Wrong: l.wrong, Filter: l.filterBar(), Table: l.tableView(found), Pager: l.pager(found),
	})
	return p.listPage(w, r, l, found, body)
}

// userMade reports whether the error lies in what the address asks for.
func userMade(err error) bool {
	switch errs.KeyOf(err) {
	case "list.bad_cursor", "list.unknown_sort", "filter.masked_field", "filter.sensitive_equality", "filter.unknown_field", "filter.unknown_op":
		return true
	}
	return false
}

func (l *listing) tableView(found *access.Listing) webui.TableView {
	cols := l.columns()
	v := webui.TableView{
		ID: "list", Caption: web.PluralLabel(l.ctx, l.t), Comfortable: l.s.air, BulkAction: listPath(l.t) + "/bulk",
		BulkHidden: []webui.Option{{Value: "return", Label: l.s.href(l.t)}}, Empty: l.empty(),
	}
	for _, f := range cols {
		v.Columns = append(v.Columns, l.column(f))
	}
	for _, m := range found.Views {
		v.Rows = append(v.Rows, l.row(m, cols))
	}
	for _, name := range bulkNames(l.t) {
		if l.may[name] && l.s.scope != "archived" {
			v.Bulk = append(v.Bulk, l.bulkButton(l.t.Action(name)))
		}
	}
	return v
}

// bulkNames are the actions on a selection, those of the type itself first.
func bulkNames(t *record.Type) []string {
	var own, general []string
	for _, a := range t.Actions {
		switch {
		case a.Bulk && a.General:
			general = append(general, a.Name)
		case a.Bulk:
			own = append(own, a.Name)
		}
	}
	return append(own, general...)
}

func (l *listing) bulkButton(a *record.Action) webui.ButtonView {
	b := webui.ButtonView{Label: web.ActionLabel(l.ctx, l.t, a.Name), Icon: a.Icon, Name: "action", Value: a.Name, Small: true}
	if a.Danger {
		b.Weight = webui.Danger
		b.Confirm = i18n.T(l.ctx, "pages.bulk.confirm", "action", b.Label, "type", web.PluralLabel(l.ctx, l.t))
	}
	return b
}

// columns are those the address chooses, else those the type shows first; the title is always among them and first.
func (l *listing) columns() []*record.Field {
	chosen := l.s.cols
	if len(chosen) == 0 {
		chosen = defaultColumns(l.t)
	}
	title := l.t.Field(l.t.Title)
	out := []*record.Field{title}
	for _, name := range chosen {
		if f := l.t.Field(name); f != nil && f != title && canBeColumn(f) && len(out) < 20 {
			out = append(out, f)
		}
	}
	return out
}

// defaultColumns are the type's own with its number; a type that names none shows its first fields.
func defaultColumns(t *record.Type) []string {
	out := slices.Clone(t.List)
	if len(out) == 0 {
		for _, f := range t.Fields {
			if f.Class <= record.Internal && canBeColumn(f) && len(out) < 6 {
				out = append(out, f.Name)
			}
		}
	}
	if !slices.Contains(out, "number") {
		out = append([]string{"number"}, out...)
	}
	if t.Action(record.Assign) != nil && !slices.Contains(out, "owner_id") && len(out) < 8 {
		out = append(out, "owner_id")
	}
	return out
}

func canBeColumn(f *record.Field) bool {
	switch f.Kind.Name() {
	case "json", "longtext", "secret", "file", "files":
		return false
	}
	return f.Name != "id" && f.Name != "lock_version"
}

func (l *listing) column(f *record.Field) webui.Column {
	c := webui.Column{
		Key: f.Name, Label: web.FieldLabel(l.ctx, l.t, f), Numeric: numeric(f), Primary: f.Name == l.t.Title, OffPhone: f.Name == "number",
	}
	if !sortable(f) {
		return c
	}
	down := false
	if l.s.sort == f.Name {
		c.Sorted, down = "asc", true
		if l.s.desc {
			c.Sorted, down = "desc", false
		}
	}
	c.SortHref = l.s.with(func(s *state) { s.sort, s.desc = f.Name, down }).href(l.t)
	return c
}

// sortable fields have an index, so that a long list is no slower; titles are sorted all the same.
func sortable(f *record.Field) bool {
	if f.Compute != nil || f.Custom || f.Class > record.Internal {
		return false
	}
	switch f.Kind.Name() {
	case "multienum", "refs", "files", "json", "longtext":
		return false
	}
	return true
}

func (l *listing) row(m mask.View, cols []*record.Field) webui.RowView {
	row := webui.RowView{ID: m.Record.ID.String(), Href: recordPath(l.t, m.Record.ID), Label: titleOf(l.ctx, l.t, m), Muted: !m.Record.ArchivedAt.IsZero()}
	for _, f := range cols {
		row.Cells = append(row.Cells, l.cell(m, f))
	}
	return row
}

// titleOf is what the record is called; one called by a choice has the word for it.
func titleOf(ctx context.Context, t *record.Type, m mask.View) string {
	if f := t.Field(t.Title); f.Kind.Name() == "enum" {
		if c, ok := m.Cell(f.Name); ok && c.Text != "" && !c.Masked {
			return web.OptionLabel(ctx, t, f, c.Text)
		}
	}
	return m.Title
}

func (l *listing) cell(m mask.View, f *record.Field) webui.Cell {
	c, declared := m.Cell(f.Name)
	if !declared {
		s := l.p.headText(l.ctx, l.t, m.Record, f.Name, l.names)
		return webui.Cell{Text: s.text, Title: s.title, Href: s.href}
	}
	s := l.p.cellText(l.ctx, l.t, c, l.names)
	switch {
	case f.Name == l.t.Title:
		return webui.Cell{Text: titleOf(l.ctx, l.t, m), Title: s.title}
	case s.masked:
		return webui.Cell{Content: webui.MaskedValue(web.FieldLabel(l.ctx, l.t, f), s.text, l.revealHref(m.Record.ID, f))}
	case s.badge != "":
		return webui.Cell{Badge: web.StateBadge(l.ctx, l.t, s.badge)}
	}
	return webui.Cell{Text: s.text, Title: s.title, Href: s.href}
}

func (l *listing) revealHref(id record.ID, f *record.Field) string {
	if !l.may[record.Reveal] {
		return ""
	}
	return recordPath(l.t, id) + "/reveal?field=" + f.Name
}

// empty says what belongs here and offers the first step, or the way out of conditions that nothing meets.
func (l *listing) empty() webui.EmptyView {
	plural := web.PluralLabel(l.ctx, l.t)
	if len(l.s.conds) > 0 || l.s.q != "" || l.s.scope != "" {
		return webui.EmptyView{
			Icon: "search", Title: i18n.T(l.ctx, "pages.none.found"), Text: i18n.T(l.ctx, "pages.none.found.text", "type", plural),
			Action: &webui.LinkButtonView{Label: i18n.T(l.ctx, "pages.none.all", "type", plural), Href: listPath(l.t)},
		}
	}
	v := webui.EmptyView{Icon: l.t.Icon, Title: i18n.T(l.ctx, "pages.none", "type", plural), Text: l.purpose()}
	if l.may[record.Create] {
		v.Action = &webui.LinkButtonView{Label: i18n.T(l.ctx, "web.new", "type", web.TypeLabel(l.ctx, l.t)), Href: listPath(l.t) + "/new", Icon: "plus", Weight: webui.Primary}
	}
	return v
}

// purpose is what the catalogue says about the type, else a sentence made of its name.
func (l *listing) purpose() string {
	if key := l.t.Name + "._about"; i18n.Has(l.ctx, key) {
		return i18n.T(l.ctx, key)
	}
	if l.may[record.Create] {
		return i18n.T(l.ctx, "pages.none.text", "type", web.TypeLabel(l.ctx, l.t))
	}
	return i18n.T(l.ctx, "pages.none.later", "type", web.PluralLabel(l.ctx, l.t))
}

func (l *listing) pager(found *access.Listing) webui.PagerView {
	v := webui.PagerView{}
	n := len(l.s.after)
	if found.Total >= 0 {
		v.Total = totalText(found.Total, found.Capped)
	}
	if len(found.Views) > 0 && n < maxBack {
		v.Range = fmt.Sprintf("%d–%d", n*pageSize+1, n*pageSize+len(found.Views))
	}
	at := func(after []string) string {
		s := l.s
		s.after = after
		return s.href(l.t)
	}
	if n > 0 {
		v.FirstHref, v.PrevHref = at(nil), at(l.s.after[:n-1])
	}
	if found.Next != "" {
		stack := append(slices.Clone(l.s.after), found.Next)
		v.NextHref = at(stack[max(0, len(stack)-maxBack):])
	}
	return v
}

func totalText(n int, capped bool) string {
	s := i18n.Number(int64(n))
	if capped {
		return s + "+"
	}
	return s
}

// listPage puts the list into its page: tabs of views, switch of layouts, the button "new".
func (p *Pages) listPage(w http.ResponseWriter, r *http.Request, l *listing, found *access.Listing, body listContent) error {
	saved, err := p.deps.Views.List(l.ctx, web.Actor(l.ctx).UserID, l.t.Name)
	if err != nil {
		return err
	}
	tabs, mine := l.tabs(saved)
	v := web.View{
		Title: web.PluralLabel(l.ctx, l.t), Wide: l.s.view != asTable, Status: l.code,
		Actions: listActions(l.layouts(), l.pageMenu(mine), l.newButton()),
	}
	if found != nil && found.Total >= 0 {
		v.Subtitle = i18n.T(l.ctx, "ui.pager.total", "n", totalText(found.Total, found.Capped))
	}
	body.Tabs = tabs
	return p.server.Page(w, r, v, body.component())
}

func (l *listing) newButton() *webui.LinkButtonView {
	if !l.may[record.Create] {
		return nil
	}
	return &webui.LinkButtonView{
		Label: i18n.T(l.ctx, "web.new", "type", web.TypeLabel(l.ctx, l.t)), Href: listPath(l.t) + "/new", Icon: "plus", Weight: webui.Primary,
	}
}

// layouts are the ways to see the list that the type has fields for.
func (l *listing) layouts() []webui.LinkButtonView {
	add := func(view, icon string) webui.LinkButtonView {
		s := l.s.with(func(s *state) {
			if s.view != view {
				s.view, s.by, s.month = view, "", ""
			}
		})
		return webui.LinkButtonView{Label: i18n.T(l.ctx, "pages.view."+view), Icon: icon, Href: s.href(l.t), IconOnly: true, Current: l.s.view == view}
	}
	out := []webui.LinkButtonView{add(asTable, "list")}
	if len(boardFields(l.t)) > 0 {
		out = append(out, add(asKanban, "layout-kanban"))
	}
	if len(dateFields(l.t)) > 0 {
		out = append(out, add(asCalendar, "calendar"))
	}
	if len(out) == 1 {
		return nil
	}
	return out
}
