package casepages

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
	"dianke/internal/surface/web/workbench"
)

// deskView is the page: the queue, and one case where one is open.
type deskView struct {
	Queue queueView
	First string // address of the first case
	Case  *caseView
}

// caseView is the open case.
type caseView struct {
	Clocks     []webui.ClockView
	Presence   presenceView
	Facts      []webui.DescriptionItem // what the matter is about
	Details    []webui.DescriptionItem // what was done about it
	Talk       []talkEntry
	Compose    *composeView
	Aside      asideView
	Prev, Next string
	Back       string // the queue
}

// desk is one case being shown.
type desk struct {
	p     *Pages
	ctx   context.Context
	sheet *access.Sheet
	names *names
	tab   string
}

// here is the address of this page.
func (d *desk) here() string {
	return address("/desk/"+d.sheet.Record.ID.String(), "tab", tabParam(d.tab))
}

func (d *desk) record() string { return "/cases/" + d.sheet.Record.ID.String() }

func (d *desk) offers(name string) bool {
	return slices.ContainsFunc(d.sheet.Actions, func(a *record.Action) bool { return a.Name == name })
}

// casePage answers with the desk and one case on it.
func (p *Pages) casePage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	in := typed{Mode: q.Get("mode")}
	doing := casework.Viewing
	if in.Mode != "" {
		doing = casework.Replying
	}
	return p.show(w, r, in, showing{doing: doing, macro: q.Get("macro")})
}

// showing is what else a page of a case shows: the prepared text to put in, the fault of what was sent.
type showing struct {
	doing casework.Mode
	macro string
	fault error
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, in typed, s showing) error {
	ctx := r.Context()
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	sheet, err := p.Records.Read(ctx, web.Actor(ctx), "case", id)
	if err != nil {
		return err
	}
	d := &desk{p: p, ctx: ctx, sheet: sheet, names: newNames(p), tab: tabOf(r)}
	v := deskView{Case: &caseView{}}
	if v.Queue, err = p.queue(ctx, d.tab, "", id); err != nil {
		return err
	}
	if err := d.fill(r, v.Case, in, s); err != nil {
		return err
	}
	v.Case.Prev, v.Case.Next = beside(v.Queue, id)
	v.Case.Back = address("/desk", "tab", tabParam(d.tab))
	page := web.View{
		Title: sheet.Title, Subtitle: d.subtitle(), Badges: d.badges(), Wide: true, Actions: caseActions(d.buttons()),
		Crumbs: []webui.Link{{Label: i18n.T(ctx, "desk.title"), Href: v.Case.Back}},
	}
	if s.fault != nil {
		page.Status = p.server.ErrorView(r, s.fault).Status
	}
	return p.server.Page(w, r, page, deskPage(v))
}

// fill reads what the page shows of the case; titles of people and records are looked up in one go.
func (d *desk) fill(r *http.Request, v *caseView, in typed, s showing) error {
	talk, err := d.readTalk()
	if err != nil {
		return err
	}
	others := d.p.presence.Touch(d.sheet.Record.ID, web.Actor(d.ctx).UserID, s.doing)
	for _, o := range others {
		d.names.need("user", o.User)
	}
	for _, c := range d.sheet.Cells {
		d.names.needCell(c)
	}
	d.names.need("user", d.sheet.Record.OwnerID)
	if err := d.names.find(d.ctx); err != nil {
		return err
	}
	v.Presence = d.p.presenceView(d.ctx, d.sheet.Record.ID, others, d.names)
	v.Facts, v.Details = d.facts()
	v.Talk = talk.entries(d)
	if v.Aside, err = d.aside(); err != nil {
		return err
	}
	v.Clocks = v.Aside.clocks
	v.Compose, err = d.composer(r, in, s)
	return err
}

func (d *desk) subtitle() string {
	parts := []string{d.sheet.Record.Number, option(d.ctx, d.sheet.View, "kind"), option(d.ctx, d.sheet.View, "channel")}
	if at := timeIn(d.sheet.View, "received_at"); !at.IsZero() {
		parts = append(parts, i18n.T(d.ctx, "desk.received", "at", i18n.DateTime(d.ctx, at)))
	}
	owner := d.names.title("user", d.sheet.Record.OwnerID)
	if owner == "" {
		owner = i18n.T(d.ctx, "desk.nobody")
	}
	parts = append(parts, i18n.T(d.ctx, "desk.owner", "name", owner))
	return dotted(parts...)
}

func (d *desk) badges() []webui.BadgeView {
	var out []webui.BadgeView
	if b := web.StateBadge(d.ctx, d.sheet.Type, d.sheet.State); b != nil {
		out = append(out, *b)
	}
	if b := urgency(d.ctx, d.sheet.View); b != nil {
		out = append(out, *b)
	}
	if c, _ := d.sheet.Cell("major"); c.Text == "true" {
		out = append(out, webui.BadgeView{Label: web.FieldLabel(d.ctx, d.sheet.Type, c.Field), Tone: webui.Bad})
	}
	return out
}

// buttonsView are the actions of the case: the next steps as buttons, the rest in a menu.
type buttonsView struct{ Steps, More []buttonView }

// buttonView is one action: a link to its form, or a form that posts at once.
type buttonView struct {
	Label, Icon, Href string
	Post, Primary     bool
	Return, Version   string
	Key               string // on the keyboard
}

const maxButtons = 4 // more are in the menu

// buttons puts the actions in the order people need them in this state.
func (d *desk) buttons() buttonsView {
	var v buttonsView
	shown := map[string]bool{}
	for _, name := range steps(d.standing()) {
		if len(v.Steps) < maxButtons && d.offers(name) {
			b := d.button(d.sheet.Type.Action(name))
			b.Primary = len(v.Steps) == 0
			v.Steps = append(v.Steps, b)
			shown[name] = true
		}
	}
	for _, a := range d.sheet.Actions {
		if a.Name != record.Update && !shown[a.Name] {
			v.More = append(v.More, d.button(a))
		}
	}
	if d.offers(record.Update) {
		v.More = append(v.More, buttonView{Label: web.ActionLabel(d.ctx, d.sheet.Type, record.Update), Icon: "edit", Href: address(d.record()+"/edit", "return", d.here())})
	}
	v.More = append(v.More,
		buttonView{Label: i18n.T(d.ctx, "desk.record"), Icon: "file-text", Href: d.record()},
		buttonView{Label: i18n.T(d.ctx, "desk.print"), Icon: "printer", Href: d.record() + "?print=1"})
	return v
}

func (d *desk) button(a *record.Action) buttonView {
	b := buttonView{
		Label: web.ActionLabel(d.ctx, d.sheet.Type, a.Name), Icon: a.Icon, Post: len(a.Input) == 0 && !a.Danger,
		Href: d.record() + "/do/" + a.Name, Return: d.here(), Version: strconv.FormatInt(d.sheet.Record.LockVersion, 10),
	}
	if !b.Post {
		b.Href = address(b.Href, "return", b.Return)
	}
	return b
}

// clockViews are the clocks that run or stand, named by the article that set them.
func (d *desk) clockViews() ([]webui.ClockView, []ruleView, error) {
	all, err := d.p.Engine.OpenClocks(d.ctx, []record.ID{d.sheet.Record.ID})
	if err != nil {
		return nil, nil, err
	}
	open := all[d.sheet.Record.ID]
	cited, err := d.p.Engine.Cite(d.ctx, open)
	if err != nil {
		return nil, nil, err
	}
	var badges []webui.ClockView
	var rules []ruleView
	for _, k := range open {
		b := workbench.ClockView(d.ctx, k, d.p.Clock.Now())
		c, known := cited[k.Clause]
		if known {
			b.Label = c.Printed
			rules = append(rules, ruleOf(d.ctx, c, i18n.T(d.ctx, "desk.rule.clock"), "clock"))
		}
		badges = append(badges, b)
	}
	return badges, rules, nil
}
