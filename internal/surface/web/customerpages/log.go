package customerpages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webui"

	"github.com/a-h/templ"
)

// The kinds of short forms; each is an address below /log/.
const (
	callLog  = "call"
	visitLog = "visit"
)

// Commands are the short forms for the frame: in the menu "new", in the palette, by their keys.
func Commands() []web.Command {
	return []web.Command{
		{LabelKey: "customerpages.log.call", WordsKey: "customerpages.log.call.words", Href: "/log/" + callLog, Icon: "phone", Keys: "l c", Type: "interaction", Here: true},
		{LabelKey: "customerpages.log.visit", WordsKey: "customerpages.log.visit.words", Href: "/log/" + visitLog, Icon: "map-pin", Keys: "l v", Type: "interaction", Here: true},
	}
}

// Log are the short forms that write an interaction with as little typing as the truth allows: the customer is the one
// in view, the time is now, the owner is who writes.
type Log struct {
	Forms  *recordpages.Pages
	Clock  clock.Clock
	Desks  map[string]string // pages by the type of the records they show, such as desk: case
	server *web.Server
}

// Mount puts the forms into a server.
func (l *Log) Mount(s *web.Server) {
	l.server = s
	s.Handle("GET /log/{kind}", l.form)
	s.Handle("POST /log/{kind}", l.save)
}

// shape is what one kind of form asks for; More lies folded.
type shape struct {
	fields, more []string
	preset       map[string]any
}

func shapeOf(kind string) (shape, bool) {
	switch kind {
	case callLog:
		return shape{
			fields: []string{"direction", "contact_id", "result", "summary"},
			more:   []string{"next_step", "next_at", "need_found", "mood", "at", "duration"},
			preset: map[string]any{"channel": "call"},
		}, true
	case visitLog:
		return shape{
			fields: []string{"contact_id", "summary"},
			more:   []string{"next_step", "next_at", "need_found", "mood", "participants", "at", "result"},
			preset: map[string]any{"channel": "visit", "direction": "out"},
		}, true
	}
	return shape{}, false
}

// stranger are the fields of a caller who is no known customer.
func stranger() []string { return []string{"customer_id", "caller_number", "caller_name"} }

// view is the page a form was called from, as far as it tells whom the contact was with and what about.
type view struct {
	from     string
	customer record.ID
	title    string
	about    map[string]any
}

// viewOf reads the page a form was called from: a customer, a contact, a case, a task, whatever refers to a customer.
// What the reader may not see tells nothing.
func (l *Log) viewOf(ctx context.Context, from string) (view, error) {
	v := view{from: web.Local(from, ""), about: map[string]any{}}
	path, _, _ := strings.Cut(v.from, "?")
	part := strings.Split(strings.Trim(path, "/"), "/")
	rec := l.server.Records()
	t := rec.Store.Types.Type(part[0])
	if len(part) < 2 {
		return v, nil
	}
	if desk, ok := l.Desks[part[0]]; ok {
		t = rec.Store.Types.Type(desk)
	} else if t != nil && t.Plural != part[0] {
		t = nil
	}
	if t == nil {
		return v, nil
	}
	id, err := ids.Parse(part[1])
	if err != nil || id == 0 {
		return v, nil
	}
	if t.Name == "customer" {
		v.customer = id
	} else if f := t.Field("customer_id"); f == nil || f.Ref != "customer" {
		return v, nil
	} else if err := l.refers(ctx, t, id, &v); err != nil {
		return v, err
	}
	return v, l.name(ctx, &v)
}

// refers reads the customer of a record, and what the contact is then about.
func (l *Log) refers(ctx context.Context, t *record.Type, id record.ID, v *view) error {
	sheet, err := l.server.Records().Read(ctx, web.Actor(ctx), t.Name, id)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return nil
	}
	if err != nil {
		return err
	}
	c, _ := sheet.Cell("customer_id")
	v.customer, _ = c.Value.(record.ID)
	switch t.Name {
	case "contact":
		v.about["contact_id"] = id
	case "task":
		v.about["task_id"] = id
	case "interaction":
	default:
		v.about["about_type"], v.about["about_id"] = t.Name, id.String()
	}
	return nil
}

// name finds what the customer is called; one the reader may not see is none.
func (l *Log) name(ctx context.Context, v *view) error {
	if v.customer == 0 {
		return nil
	}
	found, err := l.server.Records().Titles(ctx, web.Actor(ctx), "customer", []record.ID{v.customer})
	if err != nil {
		return err
	}
	at, ok := found[v.customer]
	if !ok {
		v.customer, v.about = 0, map[string]any{}
	}
	v.title = at.Title
	return nil
}

func (l *Log) form(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v, err := l.viewOf(r.Context(), q.Get("from"))
	if err != nil {
		return err
	}
	if q.Has("other") {
		v = view{from: v.from}
	}
	return l.show(w, r, v, nil)
}

// show answers with the form.
func (l *Log) show(w http.ResponseWriter, r *http.Request, v view, fault error) error {
	ctx, kind := r.Context(), r.PathValue("kind")
	s, ok := shapeOf(kind)
	t := l.server.Records().Store.Types.Type("interaction")
	if !ok || t == nil {
		return errs.New(errs.NotFound, "web.no_page")
	}
	contacts, err := l.contacts(ctx, v.customer)
	if err != nil {
		return err
	}
	values := map[string]any{"at": l.Clock.Now()}
	for name, x := range v.about {
		values[name] = x
	}
	ask := recordpages.Ask{Type: t, Fields: l.fields(s, v, contacts), Values: values, Fault: fault}
	controls, err := l.Forms.Controls(r, ask)
	if err != nil {
		return err
	}
	for i := range controls {
		tune(ctx, &controls[i], contacts)
	}
	out := logView{Customer: v.title, Form: l.frame(r, kind, v), First: controls, more: s.more}
	pg := recordpages.Sheet{ID: "log-dialog", Title: i18n.T(ctx, "customerpages.log."+kind), Subtitle: v.title}
	if v.customer != 0 {
		out.CustomerHref = "/customers/" + v.customer.String()
		out.OtherHref = "/log/" + kind + "?other=1&from=" + url.QueryEscape(v.from)
	}
	if fault != nil {
		said := l.server.ErrorView(r, web.WordedFor(ctx, t, fault))
		pg.Status = said.Status
		if out.Refusals = said.Refusals; len(out.Refusals) > 0 {
			out.Form.Error = said.Sentence
		} else {
			out.Form.Errors, out.Form.Error = recordpages.Faults(ctx, t, controls, fault)
		}
	}
	out.split()
	return l.Forms.Answer(w, r, pg, logForm(out))
}

// fields are those the form shows, in order: whom, where that is open, then the shape's own.
func (l *Log) fields(s shape, v view, contacts []webui.Option) []string {
	var out []string
	if v.customer == 0 {
		out = stranger()
		if s.preset["channel"] != "call" {
			out = out[:1]
		}
	}
	for _, name := range slices.Concat(s.fields, s.more) {
		if name != "contact_id" || len(contacts) > 0 {
			out = append(out, name)
		}
	}
	return out
}

// contacts are the people at the customer, to choose from; none for a stranger.
func (l *Log) contacts(ctx context.Context, customer record.ID) ([]webui.Option, error) {
	if customer == 0 {
		return nil, nil
	}
	list, err := l.server.Records().List(ctx, web.Actor(ctx), "contact", record.Query{Filter: record.Where("customer_id", customer), Limit: 50})
	if errs.Is(err, errs.Forbidden) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []webui.Option
	for _, v := range list.Views {
		out = append(out, webui.Option{Value: v.Record.ID.String(), Label: v.Title})
	}
	return out, nil
}

// tune fits the inputs to a thumb: few choices lie open, the words come first.
func tune(ctx context.Context, c *recordpages.Control, contacts []webui.Option) {
	c.View.Wide = true
	switch c.View.Name {
	case "direction", "mood":
		c.Kind = webui.KindRadio
	case "contact_id":
		c.Kind, c.View.Options, c.View.LookupURL, c.View.ValueLabel = webui.KindSelect, contacts, "", ""
	case "customer_id":
		c.View.Hint = i18n.T(ctx, "customerpages.log.customer.hint")
	case "summary":
		c.View.Rows, c.View.Autofocus = 3, true
		c.View.Placeholder = i18n.T(ctx, "customerpages.log.summary")
	case "at":
		c.View.Autocomplete = "off" // a draft must not bring yesterday's time back
	}
}

func (l *Log) frame(r *http.Request, kind string, v view) webui.FormView {
	back := v.from
	if back == "" {
		back = "/"
	}
	f := webui.FormView{
		ID: "log", Action: "/log/" + kind, CancelHref: back, DraftKey: draftKey(kind, v.customer),
		Hidden: []webui.Option{{Value: "from", Label: v.from}},
	}
	if v.customer != 0 {
		f.Hidden = append(f.Hidden, webui.Option{Value: "customer_id", Label: v.customer.String()})
	}
	if r.Method == http.MethodPost {
		f.DraftKey = "" // what was typed is on the page already
	}
	return f
}

func draftKey(kind string, customer record.ID) string {
	return "log-" + kind + "-" + customer.String()
}

// logView is a short form; First are its inputs, of which those named by more lie folded in More.
type logView struct {
	Customer, CustomerHref, OtherHref string
	Form                              webui.FormView
	Refusals                          []webui.RefusalView
	First, More                       []recordpages.Control
	MoreOpen                          bool
	more                              []string
}

// split folds what is seldom asked; the fold is open where something in it is wrong.
func (v *logView) split() {
	all := v.First
	v.First = nil
	for _, c := range all {
		if slices.Contains(v.more, c.View.Name) {
			v.More = append(v.More, c)
			v.MoreOpen = v.MoreOpen || c.View.Error != ""
		} else {
			v.First = append(v.First, c)
		}
	}
}

func (l *Log) save(w http.ResponseWriter, r *http.Request) error {
	if err := web.Form(r); err != nil {
		return err
	}
	ctx, kind := r.Context(), r.PathValue("kind")
	s, ok := shapeOf(kind)
	if !ok {
		return errs.New(errs.NotFound, "web.no_page")
	}
	v, err := l.posted(r)
	if err != nil {
		return err
	}
	if recordpages.Searching(r) {
		return l.show(w, r, v, nil)
	}
	done, err := l.write(r, s, v)
	if err != nil {
		if recordpages.Correctable(err) {
			return l.show(w, r, v, err)
		}
		return err
	}
	toast := web.Toast{Key: "customerpages.logged", Args: map[string]string{"what": i18n.T(ctx, "customerpages.log."+kind)}, ClearDraft: draftKey(kind, v.customer)}
	if done != nil {
		toast.Href, toast.LinkKey = "/interactions/"+done.String(), "customerpages.open"
	}
	back := v.from
	if back == "" {
		back = "/"
	}
	return l.server.Redirect(w, r, back, toast)
}

// posted is the page the form was called from, with the customer that the form named in the end.
func (l *Log) posted(r *http.Request) (view, error) {
	v, err := l.viewOf(r.Context(), r.PostFormValue("from"))
	if err != nil {
		return v, err
	}
	id, err := ids.Parse(strings.TrimSpace(r.PostFormValue("customer_id")))
	if err != nil || id != v.customer {
		v = view{from: v.from, about: map[string]any{}}
	}
	return v, nil
}

// write creates the interaction.
func (l *Log) write(r *http.Request, s shape, v view) (*record.ID, error) {
	ctx := r.Context()
	t := l.server.Records().Store.Types.Type("interaction")
	if t == nil {
		return nil, errs.New(errs.NotFound, "web.no_page")
	}
	input, err := l.Forms.Input(r, t, slices.Concat(stranger(), s.fields, s.more))
	if err != nil {
		return nil, err
	}
	for _, more := range []map[string]any{v.about, s.preset} {
		for name, x := range more {
			if _, typed := input[name]; !typed {
				input[name] = x
			}
		}
	}
	if text, untimed := input["at"].(string); untimed && text == "" {
		delete(input, "at") // the room takes now
	}
	done, err := l.server.Records().Do(ctx, web.Actor(ctx), action.Command{Type: t.Name, Action: record.Create, Input: input})
	if err != nil || done == nil {
		return nil, err
	}
	return &done.Record.ID, nil
}

// logButton leads from a customer's page to a short form; nil where the reader may not log, or the file was put away.
func (s *sight) logButton(kind string) *webui.LinkButtonView {
	if s.err != nil || s.add("interaction") == nil {
		return nil
	}
	c := Commands()[slices.IndexFunc(Commands(), func(c web.Command) bool { return c.Href == "/log/"+kind })]
	return &webui.LinkButtonView{
		Label: s.t(c.LabelKey), Icon: c.Icon, Href: c.Href + "?from=" + url.QueryEscape(s.o.Path()),
		Attrs: templ.Attributes{"data-dialog-load": true, "data-testid": "log-" + kind},
	}
}
