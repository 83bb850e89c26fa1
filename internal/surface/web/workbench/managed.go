package workbench

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// bar is one line of a simple chart: the figure says the same as its length.
type bar struct {
	Label, Href string
	Value, Max  int
}

// managed is what somebody sees who answers for more than his own work. All figures are of records he may see.
type managed struct {
	Clocks  []webui.StatView
	States  []bar
	People  webui.TableView
	Decide  []webui.StatView
	Signing []bar
}

const mostPeople = 20

// count counts what the reader sees of a type by a field; a type closed to him gives nothing.
func (p *Pages) count(ctx context.Context, typ, by string, f record.Filter) (map[string]int, error) {
	out, err := p.Records.CountBy(ctx, web.Actor(ctx), typ, record.Query{Filter: f}, by)
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return nil, nil
	}
	return out, err
}

// open is every case that is not done with.
func open() record.Filter {
	return record.Filter{Field: "state", Op: field.NotIn, Value: []any{"closed", "filed", "withdrawn", "merged"}}
}

// managed gathers the figures; nil for those who see no work but their own.
func (p *Pages) managed(ctx context.Context) (*managed, error) {
	me := web.Actor(ctx).UserID.String()
	cases, err := p.count(ctx, "case", "owner_id", open())
	if err != nil {
		return nil, err
	}
	tasks, err := p.count(ctx, "task", "owner_id", record.Where("status", "open"))
	if err != nil {
		return nil, err
	}
	if !others(cases, me) && !others(tasks, me) {
		return nil, nil
	}
	m := &managed{}
	health, err := p.Engine.Health(ctx, web.Actor(ctx), "case")
	if err != nil && !errs.Is(err, errs.Forbidden) && !errs.Is(err, errs.Refused) {
		return nil, err
	}
	m.Clocks = clockFigures(ctx, health, cases[""])
	if m.States, err = p.states(ctx); err != nil {
		return nil, err
	}
	if m.People, err = p.people(ctx, cases, tasks, health); err != nil {
		return nil, err
	}
	if m.Decide, err = p.decisions(ctx); err != nil {
		return nil, err
	}
	m.Signing, err = p.signing(ctx)
	return m, err
}

func others(by map[string]int, me string) bool {
	for who, n := range by {
		if who != me && n > 0 {
			return true
		}
	}
	return false
}

func clockFigures(ctx context.Context, health map[record.ID]evidence.Health, unassigned int) []webui.StatView {
	var sum evidence.Health
	for _, h := range health {
		sum.Late, sum.Warned, sum.Fine, sum.Paused = sum.Late+h.Late, sum.Warned+h.Warned, sum.Fine+h.Fine, sum.Paused+h.Paused
	}
	stat := func(key, icon, href string, n int) webui.StatView {
		return webui.StatView{Label: i18n.T(ctx, "workbench.clock."+key), Value: strconv.Itoa(n), Icon: icon, Href: href}
	}
	return []webui.StatView{
		stat("late", "alert-circle", "/cases", sum.Late), stat("warned", "hourglass", "/cases", sum.Warned), stat("fine", "clock", "", sum.Fine),
		stat("paused", "clock-pause", "", sum.Paused), stat("unassigned", "user-question", "/cases?f=owner_id:empty", unassigned),
	}
}

func longest(list []bar) []bar {
	slices.SortFunc(list, func(a, b bar) int { return (b.Value-a.Value)*2 + strings.Compare(a.Label, b.Label) })
	top := 0
	for _, b := range list {
		top = max(top, b.Value)
	}
	for i := range list {
		list[i].Max = top
	}
	return list
}

// states are the open cases by state.
func (p *Pages) states(ctx context.Context) ([]bar, error) {
	by, err := p.count(ctx, "case", "state", open())
	t := p.Engine.Types.Type("case")
	var out []bar
	for state, n := range by {
		out = append(out, bar{Label: web.OptionLabel(ctx, t, t.State(), state), Href: "/cases?f=state:in:" + state, Value: n})
	}
	return longest(out), err
}

// people is who carries how much: open cases, late clocks, open tasks; those with most first.
func (p *Pages) people(ctx context.Context, cases, tasks map[string]int, health map[record.ID]evidence.Health) (webui.TableView, error) {
	v := webui.TableView{ID: "people", Caption: i18n.T(ctx, "workbench.people"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "user"), Primary: true}, {Label: i18n.T(ctx, "workbench.people.cases"), Numeric: true},
		{Label: i18n.T(ctx, "workbench.people.late"), Numeric: true}, {Label: i18n.T(ctx, "workbench.people.tasks"), Numeric: true},
	}, Empty: webui.EmptyView{Icon: "users", Title: i18n.T(ctx, "workbench.nothing")}}
	load := map[string]int{}
	for _, by := range []map[string]int{cases, tasks} {
		for who, n := range by {
			load[who] += n
		}
	}
	var who []string
	var list []record.ID
	for w := range load {
		if id, err := ids.Parse(w); err == nil && id != 0 {
			who, list = append(who, w), append(list, id)
		}
	}
	slices.SortFunc(who, func(a, b string) int { return (load[b]-load[a])*2 + strings.Compare(a, b) })
	titles, err := p.Records.Titles(ctx, web.Actor(ctx), "user", list)
	if err != nil {
		return v, err
	}
	for _, w := range who[:min(len(who), mostPeople)] {
		id, _ := ids.Parse(w) // it was read above
		href := "/cases?f=owner_id:eq:" + w
		v.Rows = append(v.Rows, webui.RowView{ID: "load-" + w, Href: href, Label: titles[id].Title, Cells: []webui.Cell{
			{Text: titles[id].Title, Href: href}, {Text: strconv.Itoa(cases[w])}, {Text: strconv.Itoa(health[id].Late)}, {Text: strconv.Itoa(tasks[w])},
		}})
	}
	return v, nil
}

// decisions are what waits for somebody to decide: suspicions, exemptions, versions. Only what the reader may see counts.
func (p *Pages) decisions(ctx context.Context) ([]webui.StatView, error) {
	var out []webui.StatView
	for _, d := range []struct {
		typ, icon string
		states    []string
	}{
		{"breach", "gavel", []string{"suspected", "heard"}}, {"exemption", "door-exit", []string{"requested"}}, {"regulation_version", "versions", []string{"review", "approved"}},
	} {
		by, err := p.count(ctx, d.typ, "status", record.Filter{})
		if err != nil {
			return nil, err
		}
		n := 0
		for _, s := range d.states {
			n += by[s]
		}
		out = append(out, webui.StatView{
			Label: i18n.T(ctx, "workbench.decide."+d.typ), Value: strconv.Itoa(n), Icon: d.icon,
			Href: "/" + p.Engine.Types.Type(d.typ).Plural + "?f=status:in:" + strings.Join(d.states, ","),
		})
	}
	return out, nil
}

// signing is how many people still have to sign each regulation.
func (p *Pages) signing(ctx context.Context) ([]bar, error) {
	by, err := p.count(ctx, "acknowledgement", "version_id", record.Where("status", "outstanding"))
	if err != nil {
		return nil, err
	}
	var list []record.ID
	for v := range by {
		if id, err := ids.Parse(v); err == nil {
			list = append(list, id)
		}
	}
	titles, err := p.Records.Titles(ctx, web.Actor(ctx), "regulation_version", list)
	var out []bar
	for v, n := range by {
		id, _ := ids.Parse(v) // an id that cannot be read has no title
		out = append(out, bar{Label: titles[id].Title, Href: "/acknowledgements?f=version_id:eq:" + v + "&f=status:in:outstanding", Value: n})
	}
	return longest(out), err
}
