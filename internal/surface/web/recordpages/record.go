package recordpages

import (
	"context"
	"net/http"
	"slices"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// sheetPage is one record being shown.
type sheetPage struct {
	p     *Pages
	ctx   context.Context
	t     *record.Type
	sheet *access.Sheet
	names *names
	parts []part
}

// part is a type whose records belong to this one, by the field that says so.
type part struct {
	t     *record.Type
	field string
	count string
	many  bool
}

// show answers with the page of a record.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, t *record.Type) error {
	sheet, err := p.sheet(r, t)
	if err != nil {
		return err
	}
	ctx := r.Context()
	s := &sheetPage{p: p, ctx: ctx, t: t, sheet: sheet, names: newNames()}
	if err := s.findParts(); err != nil {
		return err
	}
	s.names.needCells(sheet.View)
	s.needTrail()
	if err := p.find(ctx, s.names); err != nil {
		return err
	}
	v := sheetView{Print: printView{Organisation: p.server.Organisation(ctx), Title: web.TypeLabel(ctx, t) + " · " + sheet.Title, Detail: i18n.DateTime(ctx, p.deps.Clock.Now())}}
	if p.deps.Clocks != nil {
		if v.Clocks, err = p.deps.Clocks(ctx, web.Actor(ctx), t.Name, sheet.Record.ID); err != nil {
			return err
		}
	}
	if v.Merged, err = s.merged(); err != nil {
		return err
	}
	at := r.URL.Query().Get("tab")
	v.Tabs = s.tabs(at)
	view := s.view()
	switch {
	case at == "" && r.URL.Query().Get("print") != "":
		v.Groups = s.groups() // paper has the fields
	case at == "":
		err = s.first(&v, &view)
	default:
		err = s.tab(&v, at)
	}
	if err != nil {
		return err
	}
	if r.URL.Query().Get("print") == "" {
		v.Timeline, v.Composer = s.timeline(), s.composer("", "")
	}
	return p.server.Page(w, r, view, sheetBody(v))
}

// view is the head of the page: number, state, owner, actions.
func (s *sheetPage) view() web.View {
	h := s.sheet.Record
	v := web.View{Title: titleOf(s.ctx, s.t, s.sheet.View), Crumbs: s.crumbs(), Actions: sheetActions(s.buttons(), s.menu()), Wide: true}
	v.Subtitle = h.Number
	if owner := s.names.title("user", h.OwnerID); owner != "" {
		v.Subtitle += " · " + i18n.T(s.ctx, "head.owner_id") + i18n.T(s.ctx, "pages.filter.is") + owner
	}
	if b := web.StateBadge(s.ctx, s.t, s.sheet.State); b != nil {
		v.Badges = append(v.Badges, *b)
	}
	if !h.ArchivedAt.IsZero() {
		v.Badges = append(v.Badges, webui.BadgeView{Label: i18n.T(s.ctx, "pages.archived"), Icon: "archive"})
	}
	return v
}

// crumbs lead from the list over the record this one is part of.
func (s *sheetPage) crumbs() []webui.Link {
	for _, f := range s.t.ParentFields() {
		c, _ := s.sheet.Cell(f.Name)
		id, _ := c.Value.(record.ID)
		above := s.p.records().Store.Types.Type(f.Ref)
		if id == 0 || above == nil {
			continue
		}
		if _, seen := s.names.have[above.Name][id]; seen {
			return crumbs(s.ctx, above, webui.Link{Label: s.names.title(above.Name, id), Href: recordPath(above, id)}, webui.Link{Label: web.PluralLabel(s.ctx, s.t)})
		}
	}
	return crumbs(s.ctx, s.t)
}

// buttonView is one action as a button: a link to its form, or a form of its own that posts at once.
type buttonView struct {
	Label, Icon, Href string
	Post, Primary     bool
	Version           string
	Confirm           string
}

// buttons are the main actions in the order of declaration, then the change of the record.
func (s *sheetPage) buttons() []buttonView {
	var out []buttonView
	for _, a := range s.sheet.Actions {
		if a.Primary {
			b := s.button(a)
			b.Primary = len(out) == 0
			out = append(out, b)
		}
	}
	if offers(s.sheet, record.Update) {
		out = append(out, buttonView{
			Label: web.ActionLabel(s.ctx, s.t, record.Update), Icon: "edit", Href: recordPath(s.t, s.sheet.Record.ID) + "/edit", Primary: len(out) == 0,
		})
	}
	return out
}

func (s *sheetPage) button(a *record.Action) buttonView {
	b := buttonView{Label: web.ActionLabel(s.ctx, s.t, a.Name), Icon: a.Icon, Href: recordPath(s.t, s.sheet.Record.ID) + "/do/" + a.Name}
	b.Post = len(a.Input) == 0 && !a.Danger
	return b
}

// menu is every other action, printing, and the audit log for those it was opened to.
func (s *sheetPage) menu() []buttonView {
	var out []buttonView
	for _, general := range []bool{false, true} {
		for _, a := range s.sheet.Actions {
			if a.General == general && !a.Primary && a.Name != record.Update {
				out = append(out, s.button(a))
			}
		}
	}
	out = append(out, buttonView{Label: i18n.T(s.ctx, "pages.print"), Icon: "printer", Href: recordPath(s.t, s.sheet.Record.ID) + "?print=1"})
	if s.sheet.MayAlso[record.Export] && transfer.HasCard(s.t) {
		out = append(out, buttonView{Label: i18n.T(s.ctx, "pages.card"), Icon: "address-book", Href: recordPath(s.t, s.sheet.Record.ID) + "/card"})
	}
	if s.p.records().MayAudit(s.ctx, web.Actor(s.ctx), record.Read) {
		out = append(out, buttonView{Label: i18n.T(s.ctx, "pages.audit"), Icon: "shield-check", Href: "/audit?record=" + s.sheet.Record.ID.String()})
	}
	return out
}

// findParts lists the types that are part of this record and counts what the reader sees of them.
func (s *sheetPage) findParts() error {
	a := web.Actor(s.ctx)
	for _, t := range s.p.records().Store.Types.Types() {
		name := s.partField(t)
		if name == "" {
			continue
		}
		may, err := s.p.can(s.ctx, t, record.Read)
		if err != nil {
			return err
		}
		if !may[record.Read] {
			continue
		}
		list, err := s.p.records().List(s.ctx, a, t.Name, record.Query{Filter: record.Where(name, s.sheet.Record.ID), Limit: 1, Count: true})
		if err != nil {
			return err
		}
		s.parts = append(s.parts, part{t: t, field: name, count: totalText(list.Total, list.Capped), many: list.Total > 0})
	}
	return nil
}

// partField is the field by which records of a type are part of this one; "" where they are not.
func (s *sheetPage) partField(t *record.Type) string {
	for _, f := range t.ParentFields() {
		if refType(f) == s.t.Name {
			return f.Name
		}
	}
	for _, rel := range s.p.deps.Related {
		if rel.Of == s.t.Name && rel.Type == t.Name {
			return rel.Field
		}
	}
	return ""
}

const maxTabs = 12

func (s *sheetPage) tabs(at string) []webui.TabView {
	base := recordPath(s.t, s.sheet.Record.ID)
	out := []webui.TabView{{Label: i18n.T(s.ctx, "pages.tab.fields"), Href: base, Active: at == ""}}
	if s.p.deps.Overviews[s.t.Name] != nil {
		out[0].Label = i18n.T(s.ctx, "pages.tab.overview")
		out = append(out, webui.TabView{Label: i18n.T(s.ctx, "pages.tab.fields"), Href: base + "?tab=" + fieldsTab, Active: at == fieldsTab})
	}
	for _, part := range s.parts[:min(len(s.parts), maxTabs)] {
		tab := webui.TabView{Label: web.PluralLabel(s.ctx, part.t), Href: base + "?tab=" + part.t.Name, Active: at == part.t.Name}
		if part.many {
			tab.Count = part.count
		}
		out = append(out, tab)
	}
	if len(s.linked()) > 0 {
		out = append(out, webui.TabView{Label: i18n.T(s.ctx, "pages.tab.links"), Href: base + "?tab=links", Active: at == "links"})
	}
	if len(out) == 1 {
		return nil
	}
	return out
}

// tab fills in what the chosen tab shows.
func (s *sheetPage) tab(v *sheetView, at string) error {
	switch at {
	case fieldsTab:
		v.Groups = s.groups()
		return nil
	case "links":
		links, err := s.linkRows()
		v.Links = links
		return err
	}
	i := slices.IndexFunc(s.parts, func(p part) bool { return p.t.Name == at })
	if i < 0 {
		return errs.New(errs.NotFound, "web.no_page")
	}
	table, add, err := s.partTable(s.parts[i])
	v.Part, v.PartAdd = &table, add
	return err
}

// partTable is the list of the records that are part of this one, newest first, with the way to add one.
func (s *sheetPage) partTable(part part) (webui.TableView, *webui.LinkButtonView, error) {
	may, err := s.p.can(s.ctx, part.t, record.Create, record.Reveal)
	if err != nil {
		return webui.TableView{}, nil, err
	}
	l := &listing{p: s.p, ctx: s.ctx, t: part.t, names: newNames(), may: may, s: state{view: asTable}}
	found, err := s.p.records().List(s.ctx, web.Actor(s.ctx), part.t.Name, record.Query{Filter: record.Where(part.field, s.sheet.Record.ID), Limit: pageSize})
	if err != nil {
		return webui.TableView{}, nil, err
	}
	for _, m := range found.Views {
		l.names.needCells(m)
	}
	if err := s.p.find(s.ctx, l.names); err != nil {
		return webui.TableView{}, nil, err
	}
	table := webui.TableView{ID: "part", Caption: web.PluralLabel(s.ctx, part.t), Empty: l.empty()}
	cols := slices.DeleteFunc(l.columns(), func(f *record.Field) bool { return f.Name == part.field })
	for _, f := range cols {
		c := l.column(f)
		c.SortHref = ""
		table.Columns = append(table.Columns, c)
	}
	for _, m := range found.Views {
		table.Rows = append(table.Rows, l.row(m, cols))
	}
	var add *webui.LinkButtonView
	if may[record.Create] && s.sheet.Record.ArchivedAt.IsZero() {
		back := recordPath(s.t, s.sheet.Record.ID) + "?tab=" + part.t.Name
		add = &webui.LinkButtonView{
			Label: i18n.T(s.ctx, "web.new", "type", web.TypeLabel(s.ctx, part.t)), Icon: "plus", Small: true,
			Href: listPath(part.t) + "/new?" + part.field + "=" + s.sheet.Record.ID.String() + "&return=" + queryEscape(back),
		}
	}
	table.Empty.Action = add
	return table, add, nil
}

// linked are other types that refer to this one by a field; what is part of it has a tab of its own.
func (s *sheetPage) linked() []part {
	var out []part
	for _, t := range s.p.records().Store.Types.Types() {
		if s.partField(t) != "" {
			continue
		}
		for _, f := range t.Fields {
			if f.Kind.Name() == "ref" && f.Ref == s.t.Name && f.Class <= record.Internal {
				out = append(out, part{t: t, field: f.Name})
				break
			}
		}
	}
	return out
}

// linkRows are the lists of records that refer to this one, where there are any.
func (s *sheetPage) linkRows() ([]webui.TabView, error) {
	var out []webui.TabView
	for _, l := range s.linked() {
		list, err := s.p.records().List(s.ctx, web.Actor(s.ctx), l.t.Name, record.Query{Filter: record.Where(l.field, s.sheet.Record.ID), Limit: 1, Count: true})
		if errs.Is(err, errs.Forbidden) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if list.Total > 0 {
			out = append(out, webui.TabView{
				Label: web.PluralLabel(s.ctx, l.t), Icon: l.t.Icon, Count: totalText(list.Total, list.Capped),
				Href: listPath(l.t) + "?f=" + queryEscape(l.field+":eq:"+s.sheet.Record.ID.String()),
			})
		}
	}
	return out, nil
}

// fieldGroup is a titled group of fields as read.
type fieldGroup struct {
	Title string
	Items []webui.DescriptionItem
}

// groups are the fields in the order of the type's groups, then who made the record and when. What only actions write
// is left out while it is empty.
func (s *sheetPage) groups() []fieldGroup {
	order := append([]string{""}, s.t.Groups...)
	items := map[string][]webui.DescriptionItem{}
	for _, c := range s.sheet.Cells {
		f := c.Field
		if !slices.Contains(order, f.Group) {
			order = append(order, f.Group)
		}
		shown := s.p.cellText(s.ctx, s.t, c, s.names)
		if shown.text == "" && !shown.masked && (f.ReadOnly || f.Compute != nil || f.Kind.Name() == "json") {
			continue
		}
		items[f.Group] = append(items[f.Group], s.item(c, shown))
	}
	var out []fieldGroup
	for _, g := range order {
		if len(items[g]) > 0 {
			out = append(out, fieldGroup{web.GroupLabel(s.ctx, s.t, g), items[g]})
			items[g] = nil
		}
	}
	return append(out, s.origin())
}

func (s *sheetPage) item(c mask.Cell, v shown) webui.DescriptionItem {
	f := c.Field
	it := webui.DescriptionItem{Label: web.FieldLabel(s.ctx, s.t, f), Value: v.text, Href: v.href, Wide: f.Kind.Name() == "longtext" || f.Kind.Name() == "json"}
	switch {
	case v.masked:
		it.Masked = true
		if s.sheet.MayAlso[record.Reveal] {
			it.RevealHref = recordPath(s.t, s.sheet.Record.ID) + "/reveal?field=" + f.Name
		}
	case v.badge != "":
		it.Content = webui.Badge(*web.StateBadge(s.ctx, s.t, v.badge))
	case f.Kind.Name() == "file":
		it.Content = s.fileLink(c.Value)
	case it.Wide && v.text != "":
		it.Content = longText(v.text)
	}
	return it
}

func (s *sheetPage) origin() fieldGroup {
	g := fieldGroup{Title: i18n.T(s.ctx, "pages.origin")}
	for _, name := range []string{"number", "owner_id", "unit_id", "created_at", "created_by", "updated_at", "updated_by", "archived_at"} {
		v := s.p.headText(s.ctx, s.t, s.sheet.Record, name, s.names)
		if v.text != "" {
			g.Items = append(g.Items, webui.DescriptionItem{Label: web.FieldLabel(s.ctx, s.t, s.t.Field(name)), Value: v.text, Href: v.href})
		}
	}
	return g
}
