package casepages

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
	"dianke/internal/surface/web/workbench"
)

// The tabs of the queue.
const (
	mine       = "mine"
	unassigned = "unassigned"
	everything = "open"
)

const (
	queueSize = 40  // rows of a page; the last step may bring some more
	batch     = 200 // records looked at in one step
	maxSteps  = 25  // steps for one page; what lies beyond is a page of its own
)

// queueView is the left column.
type queueView struct {
	Tabs []webui.TabView
	Rows []queueRow
	More string // address of what follows; "" at the end
	From string // address of the beginning, on a later page
}

// queueRow is one case that waits.
type queueRow struct {
	ID                    record.ID
	Href                  string
	Number, Subject       string
	Kind, Customer, Owner string
	State                 webui.BadgeView
	Urgency               *webui.BadgeView
	Clock                 *webui.ClockView
	Current               bool
	customer, owner       record.ID
}

// place is where a page of the queue begins: among the cases with clocks, then among the others.
type place struct {
	soonest evidence.Soonest
	rest    bool
	after   string // cursor among the others
}

func (p place) String() string {
	switch {
	case p.rest:
		return "r." + p.after
	case p.soonest.Record == 0:
		return ""
	}
	return "c." + strconv.FormatInt(p.soonest.DueAt.UnixMicro(), 10) + "." + p.soonest.Record.String()
}

// readPlace reads an address; one that was made up is Invalid.
func readPlace(text string) (place, error) {
	bad := errs.New(errs.Invalid, "list.bad_cursor")
	kind, rest, _ := strings.Cut(text, ".")
	switch kind {
	case "":
		return place{}, nil
	case "r":
		return place{rest: true, after: rest}, nil
	case "c":
		micro, id, _ := strings.Cut(rest, ".")
		n, err := strconv.ParseInt(micro, 10, 64)
		rec, rerr := ids.Parse(id)
		if err != nil || rerr != nil || rec == 0 {
			return place{}, bad
		}
		return place{soonest: evidence.Soonest{Record: rec, DueAt: time.UnixMicro(n).UTC()}}, nil
	}
	return place{}, bad
}

// tabOf is the tab an address names; the reader's own cases where it names none.
func tabOf(r *http.Request) string {
	if t := r.FormValue("tab"); t == unassigned || t == everything {
		return t
	}
	return mine
}

// queuePage answers with the queue alone; on a wide window the place of the case says what to do.
func (p *Pages) queuePage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q, err := p.queue(ctx, tabOf(r), r.URL.Query().Get("from"), 0)
	if err != nil {
		return err
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "desk.title"), Wide: true}, deskPage(deskView{Queue: q, First: firstOf(q)}))
}

func firstOf(q queueView) string {
	if len(q.Rows) == 0 {
		return ""
	}
	return q.Rows[0].Href
}

// queue reads one page of a tab.
func (p *Pages) queue(ctx context.Context, tab, from string, current record.ID) (queueView, error) {
	at, err := readPlace(from)
	if err != nil {
		return queueView{}, err
	}
	filter, err := p.queueFilter(ctx, tab)
	if err != nil {
		return queueView{}, err
	}
	views, next, err := p.waiting(ctx, filter, at)
	if err != nil {
		return queueView{}, err
	}
	v := queueView{}
	if from != "" {
		v.From = address("/desk", "tab", tab)
	}
	if next != nil {
		v.More = address("/desk", "tab", tab, "from", next.String())
	}
	if v.Rows, err = p.queueRows(ctx, views, tab, current); err != nil {
		return v, err
	}
	v.Tabs, err = p.queueTabs(ctx, tab)
	return v, err
}

// queueFilter is the condition of a tab.
func (p *Pages) queueFilter(ctx context.Context, tab string) (record.Filter, error) {
	me := web.Actor(ctx)
	open := record.Filter{Field: "state", Op: field.In, Value: anys(casework.OpenStates())}
	switch tab {
	case everything:
		return open, nil
	case unassigned:
		units, err := p.unitsOf(ctx, me)
		if err != nil {
			return open, err
		}
		return record.All(open, record.Filter{Field: "owner_id", Op: field.Empty}, record.Filter{Field: "unit_id", Op: field.In, Value: units}), nil
	}
	var own []record.Filter
	for _, name := range []string{"owner_id", "handler_id", "officer_id", "decider_id", "handover_to", "escalated_to"} {
		own = append(own, record.Where(name, me.UserID))
	}
	return record.All(open, record.Filter{Or: own}), nil
}

// unitsOf are the units a person works in and those above: their unassigned cases are his to take as far as he sees them.
func (p *Pages) unitsOf(ctx context.Context, a access.Actor) ([]any, error) {
	return db.View(ctx, p.Records.DB, func(tx *db.Tx) ([]any, error) {
		list := slices.Clone(a.Units)
		for _, u := range a.Units {
			above, err := p.Records.Guard.Above(ctx, tx, u)
			if err != nil {
				return nil, err
			}
			list = append(list, above...)
		}
		slices.Sort(list)
		out := anys(slices.Compact(list))
		if len(out) == 0 {
			out = []any{record.ID(0)}
		}
		return out, nil
	})
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// waiting collects the cases of a page: those with running clocks by the soonest due, then the others, the oldest first.
// The place returned is where the next page begins; nil at the end.
func (p *Pages) waiting(ctx context.Context, filter record.Filter, at place) ([]mask.View, *place, error) {
	var out []mask.View
	steps := 0
	for ; !at.rest && len(out) < queueSize && steps < maxSteps; steps++ {
		found, err := p.clocked(ctx, filter, &at, queueSize-len(out))
		if err != nil {
			return nil, nil, err
		}
		out = append(out, found...)
	}
	for ; at.rest && len(out) < queueSize && steps < maxSteps; steps++ {
		list, err := p.Records.List(ctx, web.Actor(ctx), "case", record.Query{Filter: filter, Sort: "id", After: at.after, Limit: queueSize})
		if err != nil {
			return nil, nil, err
		}
		found, err := p.unclocked(ctx, list.Views)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, found...)
		if at.after = list.Next; list.Next == "" {
			return out, nil, nil
		}
	}
	return out, &at, nil
}

// clocked takes the next cases in the order of their clocks, at most n, and moves the place behind them.
func (p *Pages) clocked(ctx context.Context, filter record.Filter, at *place, n int) ([]mask.View, error) {
	next, err := p.Engine.BySoonest(ctx, "case", at.soonest, batch)
	if err != nil {
		return nil, err
	}
	if len(next) == 0 {
		at.rest = true
		return nil, nil
	}
	list := make([]any, len(next))
	for i, s := range next {
		list[i] = s.Record
	}
	in := record.Filter{Field: "id", Op: field.In, Value: list}
	found, err := p.Records.List(ctx, web.Actor(ctx), "case", record.Query{Filter: record.All(in, filter), Limit: batch})
	if err != nil {
		return nil, err
	}
	byID := map[record.ID]mask.View{}
	for _, v := range found.Views {
		byID[v.Record.ID] = v
	}
	var out []mask.View
	for _, s := range next {
		if len(out) == n {
			return out, nil
		}
		at.soonest = s
		if v, ok := byID[s.Record]; ok {
			out = append(out, v)
		}
	}
	at.rest = len(next) < batch
	return out, nil
}

// unclocked leaves out the cases that have a running clock and so stood further up.
func (p *Pages) unclocked(ctx context.Context, views []mask.View) ([]mask.View, error) {
	open, err := p.Engine.OpenClocks(ctx, idsOf(views))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(views, func(v mask.View) bool {
		return slices.ContainsFunc(open[v.Record.ID], runs)
	}), nil
}

func runs(k *evidence.Clock) bool {
	return k.State == evidence.Running || k.State == evidence.ClockLate
}

func idsOf(views []mask.View) []record.ID {
	out := make([]record.ID, len(views))
	for i, v := range views {
		out[i] = v.Record.ID
	}
	return out
}

// queueRows are the cases as rows.
func (p *Pages) queueRows(ctx context.Context, views []mask.View, tab string, current record.ID) ([]queueRow, error) {
	open, err := p.Engine.OpenClocks(ctx, idsOf(views))
	if err != nil {
		return nil, err
	}
	n := newNames(p)
	rows := make([]queueRow, len(views))
	for i, v := range views {
		rows[i] = p.queueRow(ctx, v, open[v.Record.ID])
		rows[i].Href, rows[i].Current = address("/desk/"+v.Record.ID.String(), "tab", tabParam(tab)), v.Record.ID == current
		n.need("customer", rows[i].customer)
		n.need("user", rows[i].owner)
	}
	if err := n.find(ctx); err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Customer, rows[i].Owner = n.title("customer", rows[i].customer), n.title("user", rows[i].owner)
	}
	return rows, nil
}

// tabParam keeps the usual tab out of addresses.
func tabParam(tab string) string {
	if tab == mine {
		return ""
	}
	return tab
}

func (p *Pages) queueRow(ctx context.Context, v mask.View, open []*evidence.Clock) queueRow {
	row := queueRow{
		ID: v.Record.ID, Number: v.Record.Number, Subject: v.Title, Kind: option(ctx, v, "kind"), customer: idIn(v, "customer_id"), owner: v.Record.OwnerID,
	}
	if b := web.StateBadge(ctx, v.Type, v.State); b != nil {
		row.State = *b
	}
	row.Urgency = urgency(ctx, v)
	if k := first(open); k != nil {
		c := workbench.ClockView(ctx, k, p.Clock.Now())
		c.Label, c.Href = "", ""
		row.Clock = &c
	}
	return row
}

// first is the clock that is due first, of those that run; else one that stands still.
func first(open []*evidence.Clock) *evidence.Clock {
	if i := slices.IndexFunc(open, runs); i >= 0 {
		return open[i]
	}
	if len(open) > 0 {
		return open[0]
	}
	return nil
}

// urgency is shown where it is more than usual.
func urgency(ctx context.Context, v mask.View) *webui.BadgeView {
	c, _ := v.Cell("urgency")
	switch c.Text {
	case "high":
		return &webui.BadgeView{Label: option(ctx, v, "urgency"), Tone: webui.Warn, Icon: "urgent", Title: web.FieldLabel(ctx, v.Type, c.Field)}
	case "critical":
		return &webui.BadgeView{Label: option(ctx, v, "urgency"), Tone: webui.Bad, Icon: "urgent", Title: web.FieldLabel(ctx, v.Type, c.Field)}
	}
	return nil
}

// queueTabs are the tabs with what is in them.
func (p *Pages) queueTabs(ctx context.Context, at string) ([]webui.TabView, error) {
	var out []webui.TabView
	for _, tab := range []string{mine, unassigned, everything} {
		filter, err := p.queueFilter(ctx, tab)
		if err != nil {
			return nil, err
		}
		n, err := p.count(ctx, filter)
		if err != nil {
			return nil, err
		}
		out = append(out, webui.TabView{
			Label: i18n.T(ctx, "desk.tab."+tab), Href: address("/desk", "tab", tabParam(tab)), Count: i18n.Number(int64(n)), Active: tab == at,
		})
	}
	return out, nil
}

// count is how many cases the reader sees that meet a condition.
func (p *Pages) count(ctx context.Context, filter record.Filter) (int, error) {
	by, err := p.Records.CountBy(ctx, web.Actor(ctx), "case", record.Query{Filter: filter}, "state")
	n := 0
	for _, k := range by {
		n += k
	}
	return n, err
}

// beside are the addresses of the cases before and after this one in the queue.
func beside(q queueView, id record.ID) (prev, next string) {
	i := slices.IndexFunc(q.Rows, func(r queueRow) bool { return r.ID == id })
	switch {
	case len(q.Rows) == 0:
		return "", ""
	case i < 0:
		return "", q.Rows[0].Href
	}
	if i > 0 {
		prev = q.Rows[i-1].Href
	}
	if i+1 < len(q.Rows) {
		next = q.Rows[i+1].Href
	}
	return prev, next
}
