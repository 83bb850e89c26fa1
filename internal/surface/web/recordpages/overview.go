package recordpages

import (
	"context"
	"slices"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// Overview fills the first tab of a type's page with what people need of the record before its fields, which then stand
// under a tab of their own. It sees what the reader sees, through [Overlook] alone.
type Overview func(ctx context.Context, o *Overlook) (OverviewView, error)

// OverviewView is the content of the first tab, with buttons that stand before those of the record's actions.
type OverviewView struct {
	Body    templ.Component
	Buttons []webui.LinkButtonView
}

// Overlook is the record on its way to the page and what belongs to it, all as the reader may see it.
type Overlook struct{ s *sheetPage }

// Sheet is the record, masked for the reader.
func (o *Overlook) Sheet() *access.Sheet { return o.s.sheet }

// Path is the address of the record's page.
func (o *Overlook) Path() string { return recordPath(o.s.t, o.s.sheet.Record.ID) }

// Item is a field as the page shows it: in words, with a link, or masked with the way to reveal it. The head's fields
// are items too. Filled reports whether there is a value, seen or masked.
func (o *Overlook) Item(name string) (it webui.DescriptionItem, filled bool) {
	if c, ok := o.s.sheet.Cell(name); ok {
		v := o.s.p.cellText(o.s.ctx, o.s.t, c, o.s.names)
		return o.s.item(c, v), v.text != ""
	}
	v := o.s.p.headText(o.s.ctx, o.s.t, o.s.sheet.Record, name, o.s.names)
	return webui.DescriptionItem{Label: web.FieldLabel(o.s.ctx, o.s.t, o.s.t.Field(name)), Value: v.text, Href: v.href}, v.text != ""
}

// Action is the button of an action the record offers the reader now; nil where it does not.
func (o *Overlook) Action(name string) *webui.LinkButtonView {
	i := slices.IndexFunc(o.s.sheet.Actions, func(a *record.Action) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	a := o.s.sheet.Actions[i]
	return &webui.LinkButtonView{
		Label: web.ActionLabel(o.s.ctx, o.s.t, name), Icon: a.Icon, Small: true, Href: o.Path() + "/do/" + name + "?return=" + queryEscape(o.Path()),
		Attrs: templ.Attributes{"data-dialog-load": true},
	}
}

// Add is the button that enters a record of the type with a field pointing here and leads back; nil where the reader
// may not, or the record was put away.
func (o *Overlook) Add(typ, field string) (*webui.LinkButtonView, error) {
	t := o.s.p.records().Store.Types.Type(typ)
	if t == nil || !o.s.sheet.Record.ArchivedAt.IsZero() {
		return nil, nil
	}
	may, err := o.s.p.can(o.s.ctx, t, record.Create)
	if err != nil || !may[record.Create] {
		return nil, err
	}
	return &webui.LinkButtonView{
		Label: web.TypeLabel(o.s.ctx, t), Icon: "plus", Small: true,
		Href: listPath(t) + "/new?" + field + "=" + o.s.sheet.Record.ID.String() + "&return=" + queryEscape(o.Path()),
	}, nil
}

// Line is one record beside this one: its values in the order asked for.
type Line struct {
	View  mask.View
	Href  string
	Title string
	Cells []webui.Cell
}

// Lines lists records of a type with some fields, as lists show them. A type the reader may not read, or that is not
// there, gives none.
func (o *Overlook) Lines(typ string, q record.Query, fields ...string) (lines []Line, more bool, err error) {
	t := o.s.p.records().Store.Types.Type(typ)
	if t == nil {
		return nil, false, nil
	}
	found, err := o.s.p.records().List(o.s.ctx, web.Actor(o.s.ctx), typ, q)
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	may, err := o.s.p.can(o.s.ctx, t, record.Reveal)
	if err != nil {
		return nil, false, err
	}
	l := &listing{p: o.s.p, ctx: o.s.ctx, t: t, names: newNames(), may: may}
	for _, m := range found.Views {
		l.names.needCells(m)
	}
	if err := o.s.p.find(o.s.ctx, l.names); err != nil {
		return nil, false, err
	}
	for _, m := range found.Views {
		line := Line{View: m, Href: recordPath(t, m.Record.ID), Title: titleOf(o.s.ctx, t, m)}
		for _, name := range fields {
			line.Cells = append(line.Cells, l.cell(m, t.Field(name)))
		}
		lines = append(lines, line)
	}
	return lines, found.Next != "", nil
}

// Clocks are the clocks of the regulation on a record beside this one.
func (o *Overlook) Clocks(typ string, id record.ID) ([]webui.ClockView, error) {
	if o.s.p.deps.Clocks == nil {
		return nil, nil
	}
	return o.s.p.deps.Clocks(o.s.ctx, web.Actor(o.s.ctx), typ, id)
}

// fieldsTab names the tab of the fields where a first tab stands before it.
const fieldsTab = "fields"

// first fills in the first tab: the overview where the type has one, else the fields.
func (s *sheetPage) first(v *sheetView, view *web.View) error {
	fill := s.p.deps.Overviews[s.t.Name]
	if fill == nil {
		v.Groups = s.groups()
		return nil
	}
	o, err := fill(s.ctx, &Overlook{s})
	if err != nil {
		return err
	}
	v.Overview = o.Body
	view.Actions = withButtons(o.Buttons, view.Actions)
	return nil
}

// Offers reports whether the record offers the reader an action now.
func (o *Overlook) Offers(name string) bool { return offers(o.s.sheet, name) }

// Reads reports whether the reader reads any records of the type.
func (o *Overlook) Reads(typ string) (bool, error) {
	t := o.s.p.records().Store.Types.Type(typ)
	if t == nil {
		return false, nil
	}
	may, err := o.s.p.can(o.s.ctx, t, record.Read)
	return may[record.Read], err
}

// Views is one page of records of a type, as the reader sees them, for sums; next is the cursor of the page after.
func (o *Overlook) Views(typ string, q record.Query) (views []mask.View, next string, err error) {
	if yes, err := o.Reads(typ); err != nil || !yes {
		return nil, "", err
	}
	found, err := o.s.p.records().List(o.s.ctx, web.Actor(o.s.ctx), typ, q)
	if err != nil {
		return nil, "", err
	}
	return found.Views, found.Next, nil
}
