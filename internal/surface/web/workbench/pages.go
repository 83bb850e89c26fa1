// Package workbench is the first page of the day: what is due, sorted by clock, what waits to be signed, the tasks and
// customers of the person.
package workbench

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Pages is the workbench.
type Pages struct {
	Engine  *regulation.Engine
	Records *access.Records
	Clock   clock.Clock
	server  *web.Server
}

// Mount puts the page into a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET /workbench", p.today)
	s.Handle("GET /notices", p.notices)
}

type todayView struct {
	Clocks, Sign, Duties, Checks, Tasks, Customers, Cases webui.TableView
	Managed                                               *managed
}

// idle reports whether nothing of his own waits for the reader.
func (v todayView) idle() bool {
	return len(v.Clocks.Rows)+len(v.Sign.Rows)+len(v.Duties.Rows)+len(v.Checks.Rows)+len(v.Tasks.Rows)+len(v.Customers.Rows)+len(v.Cases.Rows) == 0
}

func (p *Pages) today(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v todayView
	var err error
	if v.Clocks, err = p.clocks(ctx); err != nil {
		return err
	}
	me := web.Actor(ctx).UserID
	for _, part := range []struct {
		into  *webui.TableView
		typ   string
		query record.Query
	}{
		{&v.Sign, "acknowledgement", record.Query{Filter: record.All(record.Where("owner_id", me), record.Where("status", "outstanding")), Limit: 20}},
		{&v.Duties, "duty", record.Query{Filter: record.All(record.Where("owner_id", me), record.Filter{Field: "status", Op: field.In,
			Value: []any{"open", "overdue"}}), Sort: "due_at", Limit: 20}},
		{&v.Checks, "attestation", record.Query{Filter: record.All(record.Where("owner_id", me), record.Where("status", "open")), Sort: "due_at", Limit: 20}},
		{&v.Tasks, "task", record.Query{Filter: record.All(record.Where("owner_id", me), record.Where("status", "open")), Sort: "due_at", Limit: 20}},
		{&v.Cases, "case", record.Query{Filter: record.All(record.Where("owner_id", me), record.Filter{Field: "state", Op: field.NotIn,
			Value: []any{"closed", "filed", "withdrawn", "merged"}}), Limit: 20}},
		{&v.Customers, "customer", record.Query{Filter: record.All(record.Where("owner_id", me), record.Filter{Field: "next_contact", Op: field.Le,
			Value: p.Clock.Now()}), Sort: "next_contact", Limit: 20}},
	} {
		if *part.into, err = p.list(ctx, part.typ, part.query); err != nil {
			return err
		}
	}
	if v.Managed, err = p.managed(ctx); err != nil {
		return err
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "workbench.title"), Subtitle: i18n.Date(ctx, p.Clock.Now()) + " " + i18n.Weekday(ctx, p.Clock.Now())},
		todayPage(v))
}

// list shows a few records of a type by title and state; a type the person may not read gives an empty list.
func (p *Pages) list(ctx context.Context, typ string, q record.Query) (webui.TableView, error) {
	v := webui.TableView{
		ID: "my-" + typ, Caption: i18n.T(ctx, typ+"._plural"), Empty: webui.EmptyView{Icon: "circle-check", Title: i18n.T(ctx, "workbench.nothing")},
		Columns: []webui.Column{{Label: i18n.T(ctx, typ), Primary: true}, {Label: i18n.T(ctx, "workbench.state")}},
	}
	l, err := p.Records.List(ctx, web.Actor(ctx), typ, q)
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	for _, view := range l.Views {
		href := "/" + l.Type.Plural + "/" + view.Record.ID.String()
		if typ == "acknowledgement" {
			if href, err = p.readerOf(ctx, view.Record.ID); err != nil {
				return v, err
			}
		}
		state := ""
		if f := l.Type.State(); f != nil {
			state = i18n.T(ctx, typ+"."+f.Name+"."+view.State)
		}
		v.Rows = append(v.Rows, webui.RowView{ID: view.Record.ID.String(), Href: href, Label: view.Title, Cells: []webui.Cell{
			{Text: view.Title, Href: href}, {Text: state},
		}})
	}
	return v, nil
}

// readerOf leads to the regulation somebody is asked to sign.
func (p *Pages) readerOf(ctx context.Context, task record.ID) (string, error) {
	key, err := p.Engine.KeyOfTask(ctx, task)
	return "/read/" + key + "#sign", err
}

// clocks shows the open clocks of the person, the soonest due first.
func (p *Pages) clocks(ctx context.Context) (webui.TableView, error) {
	v := webui.TableView{
		ID: "clocks", Caption: i18n.T(ctx, "workbench.clocks"), Empty: webui.EmptyView{Icon: "clock", Title: i18n.T(ctx, "workbench.no_clocks")},
		Columns: []webui.Column{{Label: i18n.T(ctx, "workbench.what"), Primary: true}, {Label: i18n.T(ctx, "workbench.due")}},
	}
	list, err := p.Engine.ClocksOf(ctx, web.Actor(ctx).UserID)
	if err != nil {
		return v, err
	}
	byType := map[string][]record.ID{}
	for _, k := range list {
		byType[k.Type] = append(byType[k.Type], k.Record)
	}
	titles, err := p.Records.TitlesOf(ctx, web.Actor(ctx), byType)
	if err != nil {
		return v, err
	}
	badges, err := ClockViews(ctx, p.Engine, list, p.Clock.Now())
	if err != nil {
		return v, err
	}
	for i, k := range list {
		t, ok := titles[k.Record]
		if !ok {
			continue // left the person's sight
		}
		href := "/" + p.Engine.Types.Type(k.Type).Plural + "/" + k.Record.String()
		v.Rows = append(v.Rows, webui.RowView{ID: k.ID.String(), Href: href, Label: t.Title, Cells: []webui.Cell{
			{Text: t.Number + " " + t.Title, Href: href}, {Clock: &badges[i]},
		}})
	}
	return v, nil
}

// ClockViews shows clocks with the articles that started them, as printed.
func ClockViews(ctx context.Context, e *regulation.Engine, list []*evidence.Clock, now time.Time) ([]webui.ClockView, error) {
	cited, err := e.Cite(ctx, list)
	if err != nil {
		return nil, err
	}
	out := make([]webui.ClockView, len(list))
	for i, k := range list {
		out[i] = ClockView(ctx, k, now)
		if c, known := cited[k.Clause]; known {
			title := c.Title[0]
			if i18n.LangOf(ctx) == i18n.EN && c.Title[1] != "" {
				title = c.Title[1]
			}
			out[i].Label, out[i].Tip = c.Printed, i18n.T(ctx, "workbench.clock_tip", "title", title, "printed", c.Printed, "due", out[i].Due)
		}
	}
	return out, nil
}

// ClockView shows a clock with the key of the clause that started it.
func ClockView(ctx context.Context, k *evidence.Clock, now time.Time) webui.ClockView {
	v := webui.ClockView{
		Label: k.Clause, Due: i18n.DateTime(ctx, k.DueAt), DueISO: k.DueAt.Format(time.RFC3339), Href: fmt.Sprintf("/read/%s/%s", k.Regulation, k.Clause),
		State: map[evidence.ClockState]webui.ClockState{
			evidence.Running: webui.ClockRunning, evidence.Paused: webui.ClockPaused, evidence.ClockLate: webui.ClockLate,
			evidence.ClockMet: webui.ClockMet, evidence.ClockEnded: webui.ClockLate, evidence.Void: webui.ClockStopped,
		}[k.State],
	}
	if k.State == evidence.Running && !k.WarnedAt.IsZero() {
		v.State = webui.ClockWarned
	}
	if k.StoppedAt.IsZero() {
		v.Remaining = i18n.Ago(ctx, k.DueAt, now)
	}
	return v
}
