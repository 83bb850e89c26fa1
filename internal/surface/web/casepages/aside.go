package casepages

import (
	"context"
	"slices"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// asideView is the right column.
type asideView struct {
	Customer *customerView
	Contact  []webui.DescriptionItem
	Others   []knownCase // other open cases of the customer
	Similar  []knownCase
	SortHint bool // the case has no category yet, by which similar ones would be found
	Articles []webui.Link
	Macros   []macroView
	Rules    []ruleView

	clocks []webui.ClockView
}

// customerView is who the case is about.
type customerView struct {
	Name, Href string
	Badges     []webui.BadgeView
	Items      []webui.DescriptionItem
	OpenCases  int
	CasesHref  string
}

// knownCase is another case in a line or two.
type knownCase struct {
	Number, Subject, Href string
	State                 webui.BadgeView
	Result, Remedy, Cause string
	When                  string
}

// ruleView is a clause that rules the case.
type ruleView struct {
	Regulation, Number, Text, Href, Why, Icon string
}

func ruleOf(ctx context.Context, c regulation.Citation, why, icon string) ruleView {
	at := 0
	if i18n.LangOf(ctx) == i18n.EN {
		at = 1
	}
	pick := func(list [2]string) string {
		if list[at] == "" {
			return list[0]
		}
		return list[at]
	}
	text := pick(c.Say)
	if text == "" {
		text = pick(c.Body)
	}
	return ruleView{Regulation: pick(c.Title), Number: c.Printed, Text: clip(text, 90), Href: "/read/" + c.Regulation + "/" + c.Clause, Why: why, Icon: icon}
}

// clip shortens a text to n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}

const (
	maxRules = 10
	maxKnown = 5
)

func (d *desk) aside() (asideView, error) {
	var v asideView
	var err error
	if v.clocks, v.Rules, err = d.clockViews(); err != nil {
		return v, err
	}
	for _, fill := range []func(*asideView) error{d.customer, d.similar, d.articles, d.guards} {
		if err := fill(&v); err != nil {
			return v, err
		}
	}
	if len(v.Rules) > maxRules {
		v.Rules = v.Rules[:maxRules]
	}
	return v, nil
}

// list reads a few records; a type the reader may not read gives none.
func (d *desk) list(typ string, q record.Query) ([]mask.View, error) {
	l, err := d.p.Records.List(d.ctx, web.Actor(d.ctx), typ, q)
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return l.Views, nil
}

// customer is who the case is about and how he is reached, masked as ever.
func (d *desk) customer(v *asideView) error {
	v.Contact = d.items([]factField{{"contact_name", false}, {"contact_phone", false}, {"contact_mail", false}})
	id := idIn(d.sheet.View, "customer_id")
	if id == 0 {
		return nil
	}
	found, err := d.list("customer", record.Query{Filter: record.Where("id", id), Limit: 1})
	if err != nil || len(found) == 0 {
		return err
	}
	c := found[0]
	w := &customerView{Name: c.Title, Href: "/customers/" + id.String()}
	for _, name := range []string{"intent", "scale", "grade"} {
		if label := option(d.ctx, c, name); label != "" {
			w.Badges = append(w.Badges, webui.BadgeView{Label: label, Icon: "tag"})
		}
	}
	if b := web.StateBadge(d.ctx, c.Type, c.State); b != nil {
		w.Badges = append(w.Badges, *b)
	}
	w.Items, err = d.customerItems(c)
	if err != nil {
		return err
	}
	open := record.All(record.Where("customer_id", id), record.Filter{Field: "state", Op: field.In, Value: anys(casework.OpenStates())})
	if w.OpenCases, err = d.p.count(d.ctx, open); err != nil {
		return err
	}
	w.CasesHref = address("/cases", "f", "customer_id:eq:"+id.String())
	v.Customer = w
	if w.OpenCases < 2 {
		return nil
	}
	others, err := d.list("case", record.Query{Filter: record.All(open, record.Filter{Field: "id", Op: field.Ne, Value: d.sheet.Record.ID}), Limit: maxKnown})
	for _, o := range others {
		v.Others = append(v.Others, d.known(o))
	}
	return err
}

func (d *desk) customerItems(c mask.View) ([]webui.DescriptionItem, error) {
	n := newNames(d.p)
	n.need("user", c.Record.OwnerID)
	if err := n.find(d.ctx); err != nil {
		return nil, err
	}
	var out []webui.DescriptionItem
	for _, name := range []string{"mobile", "phone", "last_contact_at", "next_contact"} {
		cell, ok := c.Cell(name)
		if !ok || cell.Text == "" && name != "last_contact_at" {
			continue
		}
		out = append(out, webui.DescriptionItem{Label: web.FieldLabel(d.ctx, c.Type, cell.Field), Value: words(d.ctx, c.Type, cell, n), Masked: cell.Masked})
	}
	if owner := n.title("user", c.Record.OwnerID); owner != "" {
		out = append(out, webui.DescriptionItem{Label: web.FieldLabel(d.ctx, c.Type, c.Type.Field("owner_id")), Value: owner})
	}
	return out, nil
}

// similar are cases of the same category that came to an end, with what helped.
func (d *desk) similar(v *asideView) error {
	cat := idIn(d.sheet.View, "category_id")
	if v.SortHint = cat == 0; v.SortHint {
		return nil
	}
	found, err := d.list("case", record.Query{Sort: "closed_at", Desc: true, Limit: maxKnown, Filter: record.All(
		record.Where("category_id", cat), record.Filter{Field: "state", Op: field.In, Value: []any{casework.Closed, casework.Filed}},
		record.Filter{Field: "id", Op: field.Ne, Value: d.sheet.Record.ID})})
	for _, o := range found {
		v.Similar = append(v.Similar, d.known(o))
	}
	return err
}

func (d *desk) known(o mask.View) knownCase {
	k := knownCase{
		Number: o.Record.Number, Subject: o.Title, Href: "/desk/" + o.Record.ID.String(), Result: option(d.ctx, o, "result"), Cause: clip(textIn(o, "true_cause"), 60),
	}
	if c, ok := o.Cell("remedy"); ok {
		k.Remedy = words(d.ctx, o.Type, c, d.names)
	}
	if b := web.StateBadge(d.ctx, o.Type, o.State); b != nil {
		k.State = *b
	}
	if at := timeIn(o, "closed_at"); !at.IsZero() {
		k.When = i18n.Date(d.ctx, at)
	}
	return k
}

// articles are the checked knowledge of the category and the prepared texts for an answer.
func (d *desk) articles(v *asideView) error {
	if cat := idIn(d.sheet.View, "category_id"); cat != 0 {
		found, err := d.list("knowledge_article", record.Query{Filter: record.All(record.Where("category_id", cat), record.Where("state", "in_force")), Limit: maxKnown})
		if err != nil {
			return err
		}
		for _, a := range found {
			v.Articles = append(v.Articles, webui.Link{Label: a.Title, Href: "/knowledge_articles/" + a.Record.ID.String()})
		}
	}
	for _, m := range modes() {
		if m.Name == modeNote || !d.offers(m.Action) || len(v.Macros) >= 8 {
			continue
		}
		list, err := d.macros(m)
		if err != nil {
			return err
		}
		for _, o := range list {
			if !slices.ContainsFunc(v.Macros, func(x macroView) bool { return x.ID == o.ID }) && len(v.Macros) < 8 {
				v.Macros = append(v.Macros, o)
			}
		}
	}
	return nil
}

// guards are the clauses that are asked before the steps the case offers now.
func (d *desk) guards(v *asideView) error {
	var names []string
	for _, n := range append([]string{"answer", "reply", "note_contact"}, steps(d.standing())...) {
		if d.offers(n) {
			names = append(names, n)
		}
	}
	if d.offers("close") && !slices.Contains(names, "close") {
		names = append(names, "close")
	}
	rules, err := d.p.Engine.Rules(d.ctx, "case", d.sheet.Record.ID, names)
	if err != nil {
		return err
	}
	for _, r := range rules {
		label := web.ActionLabel(d.ctx, d.sheet.Type, r.Actions[0])
		v.Rules = append(v.Rules, ruleOf(d.ctx, r.Citation, i18n.T(d.ctx, "desk.rule.guard", "action", label), "gavel"))
	}
	return nil
}
