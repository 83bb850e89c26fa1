package casepages

import (
	"context"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
)

// names are the titles of records a page refers to, as the reader sees them, read type by type.
type names struct {
	p    *Pages
	want map[string][]record.ID
	have map[string]map[record.ID]access.Titled
}

func newNames(p *Pages) *names {
	return &names{p: p, want: map[string][]record.ID{}, have: map[string]map[record.ID]access.Titled{}}
}

func (n *names) need(typ string, list ...record.ID) {
	for _, id := range list {
		if id != 0 && typ != "" {
			n.want[typ] = append(n.want[typ], id)
		}
	}
}

// needCell notes what a field refers to.
func (n *names) needCell(c mask.Cell) {
	switch v := c.Value.(type) {
	case record.ID:
		n.need(refType(c.Field), v)
	case []record.ID:
		n.need(refType(c.Field), v...)
	}
}

func refType(f *record.Field) string {
	switch f.Kind.Name() {
	case "user", "unit":
		return f.Kind.Name()
	case "ref", "refs":
		return f.Ref
	}
	return ""
}

func (n *names) find(ctx context.Context) error {
	for typ, list := range n.want {
		found, err := n.p.Records.Titles(ctx, web.Actor(ctx), typ, list)
		if err != nil {
			return err
		}
		if n.have[typ] == nil {
			n.have[typ] = map[record.ID]access.Titled{}
		}
		for id, t := range found {
			n.have[typ][id] = t
		}
	}
	n.want = map[string][]record.ID{}
	return nil
}

// title is what a record is called; "" for one the reader does not see.
func (n *names) title(typ string, id record.ID) string { return n.have[typ][id].Title }

// idIn is the record a field refers to; 0 where it is empty or hidden.
func idIn(v mask.View, name string) record.ID {
	c, _ := v.Cell(name)
	id, _ := c.Value.(record.ID)
	return id
}

// timeIn is the instant in a field.
func timeIn(v mask.View, name string) time.Time {
	c, _ := v.Cell(name)
	switch t := c.Value.(type) {
	case time.Time:
		return t
	case *time.Time:
		if t != nil {
			return *t
		}
	}
	return time.Time{}
}

// textIn is the plain text of a field, or its mask.
func textIn(v mask.View, name string) string {
	c, _ := v.Cell(name)
	return c.Text
}

// option is the word for the value of an enum or state; the empty value has none.
func option(ctx context.Context, v mask.View, name string) string {
	c, ok := v.Cell(name)
	if !ok || c.Text == "" {
		return ""
	}
	return web.OptionLabel(ctx, v.Type, c.Field, c.Text)
}

// words writes the value of a field for the reader; a mask stays a mask.
func words(ctx context.Context, t *record.Type, c mask.Cell, n *names) string {
	if c.Masked || c.Text == "" {
		return c.Text
	}
	switch v := c.Value.(type) {
	case time.Time:
		if v.IsZero() {
			return ""
		}
		if c.Field.Kind.Name() == "date" {
			return v.Format(time.DateOnly)
		}
		return i18n.DateTime(ctx, v)
	case bool:
		if !v {
			return ""
		}
		return i18n.T(ctx, "bool.true")
	case record.ID:
		return n.title(refType(c.Field), v)
	case []record.ID:
		list := make([]string, len(v))
		for i, id := range v {
			list[i] = n.title(refType(c.Field), id)
		}
		return i18n.Listed(ctx, list)
	case []string:
		list := make([]string, len(v))
		for i, s := range v {
			list[i] = web.OptionLabel(ctx, t, c.Field, s)
		}
		return i18n.Listed(ctx, list)
	}
	return scalar(ctx, t, c)
}

func scalar(ctx context.Context, t *record.Type, c mask.Cell) string {
	switch c.Field.Kind.Name() {
	case "enum", "state":
		return web.OptionLabel(ctx, t, c.Field, c.Text)
	case "date":
		return c.Text
	case "money":
		if n, ok := c.Value.(int64); ok {
			return i18n.Money(n, c.Field.Options.Currency)
		}
	case "phone":
		return i18n.Phone(c.Text)
	}
	return c.Text
}
