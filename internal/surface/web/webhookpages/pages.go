// Package webhookpages holds the settings of what other programs hear and do: webhooks with the log of what was sent, and
// how to connect a program that speaks the Model Context Protocol.
//
// Webhooks are set up, changed, paused and replayed on the general pages of records; here stands what those cannot show.
// The pages decide nothing: whoever may read a webhook sees its log.
package webhookpages

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/webhook"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the pages.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}

// Pages are the pages; both fields are required.
type Pages struct {
	Desk *webhook.Desk
	Base string // address of the instance as visitors see it, without a slash at the end

	server *web.Server
}

const home = "/settings/webhooks"

// Link is the entry of the navigation.
func Link() web.Page {
	return web.Page{Room: "settings", Href: home, LabelKey: "webhooks.title", Icon: "webhook", Needs: "webhook"}
}

// Mount adds the pages to a server.
func (p *Pages) Mount(s *web.Server) {
	p.server = s
	s.Handle("GET "+home, p.list)
	s.Handle("GET "+home+"/{id}", p.show)
	s.Handle("POST "+home+"/{id}/test", p.test)
	s.Handle("GET "+home+"/{id}/messages/{message}", p.message)
	s.Handle("POST "+home+"/{id}/messages/{message}/again", p.again)
	s.Handle("GET /settings/mcp", p.mcp)
}

func (p *Pages) view(ctx context.Context, at string) web.View {
	v := web.View{Title: i18n.T(ctx, "webhooks.title"), Subtitle: i18n.T(ctx, "webhooks.text")}
	for _, tab := range []struct{ path, key string }{{home, "webhook._plural"}, {"/settings/mcp", "webhooks.mcp"}} {
		v.Tabs = append(v.Tabs, webui.TabView{Label: i18n.T(ctx, tab.key), Href: tab.path, Active: tab.path == at})
	}
	return v
}

type listView struct {
	Table webui.TableView
	New   *webui.LinkButtonView
	More  string
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, me := r.Context(), web.Actor(r.Context())
	l, err := p.server.Records().List(ctx, me, "webhook", record.Query{Sort: "id", Limit: 50, After: r.FormValue("after")})
	if err != nil {
		return err
	}
	v := listView{New: &webui.LinkButtonView{Label: i18n.T(ctx, "webhooks.new"), Icon: "plus", Href: "/webhooks/new", Weight: webui.Primary}}
	v.Table = webui.TableView{ID: "webhooks", Caption: i18n.T(ctx, "webhook._plural"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "webhook.title"), Primary: true}, {Label: i18n.T(ctx, "webhook.state")}, {Label: i18n.T(ctx, "webhook.url")},
		{Label: i18n.T(ctx, "webhook.events")}, {Label: i18n.T(ctx, "webhook.fault")},
	}, Empty: webui.EmptyView{Icon: "webhook", Title: i18n.T(ctx, "webhooks.none"), Text: i18n.T(ctx, "webhooks.none.text"), Action: v.New}}
	for _, h := range l.Views {
		badge := stateBadge(ctx, h)
		v.Table.Rows = append(v.Table.Rows, webui.RowView{ID: h.Record.ID.String(), Href: home + "/" + h.Record.ID.String(), Label: h.Title, Cells: []webui.Cell{
			{Text: h.Title}, {Badge: &badge}, {Text: text(h, "url")}, {Text: text(h, "events")}, {Text: said(ctx, text(h, "fault"))},
		}})
	}
	if l.Next != "" {
		v.More = home + "?after=" + url.QueryEscape(l.Next)
	}
	return p.server.Page(w, r, p.view(ctx, home), listPage(v))
}

func text(v mask.View, name string) string {
	c, _ := v.Cell(name)
	return c.Text
}

// said is the text of a message key that may be empty.
func said(ctx context.Context, key string) string {
	if key == "" {
		return ""
	}
	return i18n.T(ctx, key)
}

func stateBadge(ctx context.Context, v mask.View) webui.BadgeView {
	b := webui.BadgeView{Label: i18n.T(ctx, "webhook.state."+v.State), Tone: webui.Good}
	switch {
	case v.State == webhook.Disabled:
		b.Tone = webui.Bad
	case v.State == webhook.Paused, text(v, "fault") != "":
		b.Tone = webui.Warn
	}
	return b
}

// hook reads the webhook of the path as the reader may.
func (p *Pages) hook(r *http.Request) (*access.Sheet, record.ID, error) {
	id, err := web.PathID(r)
	if err != nil {
		return nil, 0, err
	}
	sheet, err := p.server.Records().Read(r.Context(), web.Actor(r.Context()), "webhook", id)
	return sheet, id, err
}

type showView struct {
	Facts    []webui.DescriptionItem
	Actions  []webui.LinkButtonView
	Test     string // where a trial is posted to; empty for who may not
	Fault    string
	Filters  []webui.LinkButtonView
	Messages webui.TableView
	Older    string
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sheet, id, err := p.hook(r)
	if err != nil {
		return err
	}
	before, err := ids.Parse(r.FormValue("before"))
	if err != nil {
		return errs.New(errs.NotFound, "web.no_page").Because(err)
	}
	state := r.FormValue("state")
	if !slices.Contains([]string{"", webhook.Waiting, webhook.Sent, webhook.Failed}, state) {
		return errs.New(errs.NotFound, "web.no_page")
	}
	const page = 50
	entries, err := p.Desk.Messages(ctx, id, webhook.LogQuery{State: state, Before: before, Limit: page + 1})
	if err != nil {
		return err
	}
	path := home + "/" + id.String()
	v := showView{Facts: facts(ctx, sheet), Fault: said(ctx, text(sheet.View, "fault"))}
	if len(entries) > page {
		entries = entries[:page]
		v.Older = path + "?" + url.Values{"state": {state}, "before": {entries[page-1].ID.String()}}.Encode()
	}
	v.actions(ctx, sheet, path)
	for _, s := range []string{"", webhook.Waiting, webhook.Sent, webhook.Failed} {
		v.Filters = append(v.Filters, webui.LinkButtonView{Label: i18n.T(ctx, "webhooks.state."+orAll(s)), Href: path + "?state=" + s, Small: true, Current: s == state})
	}
	v.Messages = messageTable(ctx, path, entries)
	badge := stateBadge(ctx, sheet.View)
	return p.server.Page(w, r, web.View{
		Title: sheet.Title, Badges: []webui.BadgeView{badge}, Crumbs: []webui.Link{{Label: i18n.T(ctx, "webhooks.title"), Href: home}},
	}, showPage(v))
}

func orAll(s string) string {
	if s == "" {
		return "all"
	}
	return s
}

// facts are what is set, with the secret behind the eye.
func facts(ctx context.Context, s *access.Sheet) []webui.DescriptionItem {
	var out []webui.DescriptionItem
	for _, name := range []string{"url", "events", "per_minute"} {
		out = append(out, webui.DescriptionItem{Label: i18n.T(ctx, "webhook."+name), Value: text(s.View, name), Wide: name == "url"})
	}
	secret := webui.DescriptionItem{Label: i18n.T(ctx, "webhook.secret"), Value: "whsec_******", Masked: true}
	if s.MayAlso[record.Reveal] {
		secret.RevealHref = "/webhooks/" + s.Record.ID.String() + "/reveal?field=secret"
	}
	return append(out, secret)
}

// actions are the forms of the general pages that the reader may use now.
func (v *showView) actions(ctx context.Context, s *access.Sheet, path string) {
	base := "/webhooks/" + s.Record.ID.String()
	for _, a := range s.Actions {
		l := webui.LinkButtonView{Label: i18n.T(ctx, "webhook.action."+a.Name), Icon: a.Icon, Href: base + "/do/" + a.Name}
		switch a.Name {
		case "send_test":
			v.Test = path + "/test"
			continue
		case record.Update:
			l.Label, l.Href = i18n.T(ctx, "action.update"), base+"/edit"
		case "replay", "rotate", "pause", "resume":
		default:
			continue
		}
		v.Actions = append(v.Actions, l)
	}
	v.Actions = append(v.Actions, webui.LinkButtonView{Label: i18n.T(ctx, "webhooks.record"), Icon: "history", Href: base})
}

func messageTable(ctx context.Context, path string, list []webhook.Entry) webui.TableView {
	t := webui.TableView{ID: "messages", Caption: i18n.T(ctx, "webhooks.log"), Columns: []webui.Column{
		{Label: i18n.T(ctx, "webhooks.event"), Primary: true}, {Label: i18n.T(ctx, "webhooks.made_at")}, {Label: i18n.T(ctx, "webhook.state")},
		{Label: i18n.T(ctx, "webhooks.attempts"), Numeric: true}, {Label: i18n.T(ctx, "webhooks.last")}, {Label: i18n.T(ctx, "webhooks.next_at")},
	}, Empty: webui.EmptyView{Icon: "send", Title: i18n.T(ctx, "webhooks.no_messages"), Text: i18n.T(ctx, "webhooks.no_messages.text")}}
	for _, e := range list {
		badge, last := messageBadge(ctx, e.State), ""
		if len(e.Tries) > 0 {
			last = outcome(ctx, e.Tries[0])
		}
		t.Rows = append(t.Rows, webui.RowView{ID: e.ID.String(), Href: path + "/messages/" + e.ID.String(), Label: e.Event, Cells: []webui.Cell{
			{Text: e.Event}, {Text: i18n.DateTime(ctx, e.MadeAt)}, {Badge: &badge}, {Text: strconv.FormatInt(e.Attempts, 10)}, {Text: last},
			{Text: i18n.DateTime(ctx, e.NextAt)},
		}})
	}
	return t
}

func messageBadge(ctx context.Context, state string) webui.BadgeView {
	tone := map[string]webui.Tone{webhook.Sent: webui.Good, webhook.Failed: webui.Bad, webhook.Waiting: webui.Info}[state]
	return webui.BadgeView{Label: i18n.T(ctx, "webhooks.state."+state), Tone: tone}
}

// outcome is an attempt in short: 200 · 35 ms.
func outcome(ctx context.Context, a webhook.Attempt) string {
	what := said(ctx, a.Fault)
	if a.Status != 0 {
		what = strconv.FormatInt(a.Status, 10)
	}
	return what + " · " + strconv.FormatInt(a.Millis, 10) + " ms"
}

// do runs an action of the webhook in the path and returns to a page.
func (p *Pages) do(w http.ResponseWriter, r *http.Request, name string, in map[string]any, back, done string) error {
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	if _, err := p.server.Records().Do(r.Context(), web.Actor(r.Context()), action.Command{Type: "webhook", Action: name, ID: id, Input: in}); err != nil {
		return err
	}
	return p.server.Redirect(w, r, back, web.Toast{Key: done})
}

func (p *Pages) test(w http.ResponseWriter, r *http.Request) error {
	return p.do(w, r, "send_test", nil, home+"/"+r.PathValue("id"), "webhooks.test_sent")
}

func (p *Pages) again(w http.ResponseWriter, r *http.Request) error {
	path := home + "/" + r.PathValue("id") + "/messages/" + r.PathValue("message")
	return p.do(w, r, "replay", map[string]any{"message": r.PathValue("message")}, path, "webhooks.sent_again")
}

type messageView struct {
	Facts []webui.DescriptionItem
	Again string
	Body  string
	Tries []tryView
}

type tryView struct{ At, Outcome, Fault, Answer string }

func (p *Pages) message(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sheet, id, err := p.hook(r)
	if err != nil {
		return err
	}
	of, err := ids.Parse(r.PathValue("message"))
	if err != nil {
		return errs.New(errs.NotFound, "web.no_page").Because(err)
	}
	e, err := p.Desk.Message(ctx, id, of)
	if err != nil {
		return err
	}
	path := home + "/" + id.String()
	v := messageView{Facts: []webui.DescriptionItem{
		{Label: "webhook-id", Value: e.Name()}, {Label: i18n.T(ctx, "webhooks.made_at"), Value: i18n.DateTime(ctx, e.MadeAt)},
		{Label: i18n.T(ctx, "webhooks.attempts"), Value: strconv.FormatInt(e.Attempts, 10)}, {Label: i18n.T(ctx, "webhooks.next_at"), Value: i18n.DateTime(ctx, e.NextAt)},
	}}
	var b bytes.Buffer
	if v.Body = e.Body; json.Indent(&b, []byte(e.Body), "", "  ") == nil {
		v.Body = b.String()
	}
	for _, a := range e.Tries {
		v.Tries = append(v.Tries, tryView{i18n.DateTime(ctx, a.At), outcome(ctx, a), said(ctx, a.Fault), a.Answer})
	}
	if slices.ContainsFunc(sheet.Actions, func(a *record.Action) bool { return a.Name == "replay" }) && sheet.State != webhook.Disabled {
		v.Again = path + "/messages/" + e.ID.String() + "/again"
	}
	return p.server.Page(w, r, web.View{
		Title: e.Event, Badges: []webui.BadgeView{messageBadge(ctx, e.State)},
		Crumbs: []webui.Link{{Label: i18n.T(ctx, "webhooks.title"), Href: home}, {Label: sheet.Title, Href: path}},
	}, messagePage(v))
}

type mcpView struct{ Address, HTTP, Stdio string }

// mcp tells how a program is connected; everybody may, with a token of his own.
func (p *Pages) mcp(w http.ResponseWriter, r *http.Request) error {
	at := p.Base + "/mcp"
	v := mcpView{Address: at}
	v.HTTP = "{\n  \"mcpServers\": {\n    \"dianke\": {\n      \"type\": \"http\",\n      \"url\": \"" + at + "\",\n      \"headers\": {\"Authorization\": \"Bearer dk_…\"}\n    }\n  }\n}"
	v.Stdio = "DIANKE_TOKEN=dk_… dianke mcp --url " + p.Base
	return p.server.Page(w, r, p.view(r.Context(), "/settings/mcp"), mcpPage(v))
}
