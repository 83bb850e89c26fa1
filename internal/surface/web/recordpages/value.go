package recordpages

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/gb"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
)

// names are the titles of records that a page refers to, found type by type in one go.
type names struct {
	want map[string]map[record.ID]bool
	have map[string]map[record.ID]access.Titled
}

func newNames() *names {
	return &names{want: map[string]map[record.ID]bool{}, have: map[string]map[record.ID]access.Titled{}}
}

// refType is the type a field refers to; "" for other kinds.
func refType(f *record.Field) string {
	switch f.Kind.Name() {
	case "user", "unit":
		return f.Kind.Name()
	case "ref", "refs":
		return f.Ref
	}
	return ""
}

func (n *names) need(typ string, list ...record.ID) {
	if typ == "" {
		return
	}
	if n.want[typ] == nil {
		n.want[typ] = map[record.ID]bool{}
	}
	for _, id := range list {
		if id != 0 {
			n.want[typ][id] = true
		}
	}
}

// needCells notes what the cells of a view refer to, with its owner and unit.
func (n *names) needCells(v mask.View) {
	n.need("user", v.Record.OwnerID, v.Record.CreatedBy, v.Record.UpdatedBy)
	n.need("unit", v.Record.UnitID)
	for _, c := range v.Cells {
		n.needValue(c.Field, c.Value)
	}
}

func (n *names) needValue(f *record.Field, v any) {
	switch x := v.(type) {
	case record.ID:
		n.need(refType(f), x)
	case []record.ID:
		n.need(refType(f), x...)
	}
}

// find reads all titles that were asked for.
func (p *Pages) find(ctx context.Context, n *names) error {
	for typ, set := range n.want {
		list := make([]record.ID, 0, len(set))
		for id := range set {
			list = append(list, id)
		}
		found, err := p.records().Titles(ctx, web.Actor(ctx), typ, list)
		if err != nil {
			return err
		}
		n.have[typ] = found
	}
	return nil
}

// title is what a record is called; a dash for one that is hidden or gone.
func (n *names) title(typ string, id record.ID) string {
	if id == 0 {
		return ""
	}
	if t, ok := n.have[typ][id]; ok {
		return t.Title
	}
	return "—"
}

// shown is a value in words, with a link where it leads somewhere.
type shown struct {
	text, href, title string
	masked            bool
	badge             string // the value of a state
}

// cellText writes a cell of a view for the reader.
func (p *Pages) cellText(ctx context.Context, t *record.Type, c mask.Cell, n *names) shown {
	if c.Masked {
		return shown{text: c.Text, masked: c.Text != ""}
	}
	return p.valueText(ctx, t, c.Field, c.Value, n)
}

// headText writes a field of the head.
func (p *Pages) headText(ctx context.Context, t *record.Type, h *record.Head, name string, n *names) shown {
	f := t.Field(name)
	switch name {
	case "number":
		return shown{text: h.Number}
	case "owner_id":
		return p.valueText(ctx, t, f, h.OwnerID, n)
	case "unit_id":
		return p.valueText(ctx, t, f, h.UnitID, n)
	case "created_at":
		return p.valueText(ctx, t, f, h.CreatedAt, n)
	case "updated_at":
		return p.valueText(ctx, t, f, h.UpdatedAt, n)
	case "created_by":
		return p.valueText(ctx, t, f, h.CreatedBy, n)
	case "updated_by":
		return p.valueText(ctx, t, f, h.UpdatedBy, n)
	case "archived_at":
		return p.valueText(ctx, t, f, h.ArchivedAt, n)
	}
	return shown{}
}

func (p *Pages) valueText(ctx context.Context, t *record.Type, f *record.Field, v any, n *names) shown {
	if f.IsZero(v) {
		return shown{}
	}
	switch x := v.(type) {
	case time.Time:
		return p.timeText(ctx, f, x)
	case time.Duration:
		if x == 0 {
			return shown{}
		}
		return shown{text: i18n.Duration(ctx, x)}
	case bool:
		return shown{text: i18n.T(ctx, "bool."+strconv.FormatBool(x))}
	case record.ID:
		return p.refText(ctx, f, x, n)
	case []record.ID:
		words := make([]string, len(x))
		for i, id := range x {
			words[i] = n.title(refType(f), id)
		}
		return shown{text: i18n.Listed(ctx, words)}
	case []string:
		words := make([]string, len(x))
		for i, s := range x {
			words[i] = web.OptionLabel(ctx, t, f, s)
		}
		return shown{text: i18n.Listed(ctx, words)}
	case map[string]any:
		b, err := json.MarshalIndent(x, "", "  ")
		if err != nil {
			return shown{}
		}
		return shown{text: string(b)}
	}
	return scalarText(ctx, t, f, v)
}

func (p *Pages) timeText(ctx context.Context, f *record.Field, x time.Time) shown {
	if f.Kind.Name() == "date" {
		return shown{text: x.Format(time.DateOnly), title: i18n.Weekday(i18n.WithZone(ctx, time.UTC), x)}
	}
	return shown{text: i18n.DateTime(ctx, x), title: i18n.Ago(ctx, x, p.deps.Clock.Now())}
}

func (p *Pages) refText(_ context.Context, f *record.Field, id record.ID, n *names) shown {
	typ := refType(f)
	out := shown{text: n.title(typ, id)}
	if _, known := n.have[typ][id]; known {
		if t := p.records().Store.Types.Type(typ); t != nil {
			out.href = recordPath(t, id)
		}
	}
	return out
}

func scalarText(ctx context.Context, t *record.Type, f *record.Field, v any) shown {
	plain := f.Kind.Text(v)
	switch f.Kind.Name() {
	case "enum":
		return shown{text: web.OptionLabel(ctx, t, f, plain)}
	case "state":
		return shown{text: web.OptionLabel(ctx, t, f, plain), badge: plain}
	case "money":
		if n, ok := v.(int64); ok {
			return shown{text: i18n.Money(n, f.Options.Currency)}
		}
	case "number":
		if n, ok := v.(int64); ok {
			return shown{text: i18n.Number(n)}
		}
	case "percent":
		return shown{text: plain + " %"}
	case "phone":
		return shown{text: i18n.Phone(plain), href: "tel:" + plain}
	case "email":
		return shown{text: plain, href: "mailto:" + plain}
	case "address":
		code, street := field.SplitAddress(plain)
		return shown{text: strings.TrimSpace(gb.Divisions().FullName(code) + " " + street)}
	}
	return shown{text: plain}
}

// numeric reports whether values of the field are set right in tables.
func numeric(f *record.Field) bool {
	switch f.Kind.Name() {
	case "number", "decimal", "money", "percent", "duration":
		return true
	}
	return false
}

// plainText reads the plain text of a value, such as history keeps it, and writes it for the reader. A text that is a
// mask comes back as it is.
func (p *Pages) plainText(ctx context.Context, t *record.Type, f *record.Field, plain string, n *names) string {
	if plain == "" {
		return ""
	}
	v, err := f.Parse(plain)
	if err != nil {
		return plain
	}
	return p.valueText(ctx, t, f, v, n).text
}
