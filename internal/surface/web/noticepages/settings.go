package noticepages

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// cardView is a page of cards, with what went wrong in a trial above.
type cardView struct {
	FaultTitle, Fault string
	Cards             []card
}

// card is a table or a list of facts, with links and a trial.
type card struct {
	Title, Text, Icon     string
	Table                 *webui.TableView
	Items                 []webui.DescriptionItem
	Links                 []webui.LinkButtonView
	TestAction, TestLabel string
}

// allowed refuses a trial to who may not change the settings.
func (p *Pages) allowed(ctx context.Context, typ string) error {
	rec := p.server.Records()
	return db.Do(ctx, rec.DB, func(tx *db.Tx) error {
		_, err := rec.Guard.Authorize(ctx, tx, web.Actor(ctx), typ, record.Update)
		return err
	})
}

func (p *Pages) may(ctx context.Context, typ, act string) bool {
	rec := p.server.Records()
	ok, err := db.View(ctx, rec.DB, func(tx *db.Tx) (bool, error) { return rec.Can(ctx, tx, web.Actor(ctx), typ, act), nil })
	return err == nil && ok
}

// show answers with a page of settings; a fault of a trial stands above it in words.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, key string, cards []card, fault error) error {
	ctx := r.Context()
	v := cardView{Cards: cards}
	page := web.View{Title: i18n.T(ctx, key+".title"), Subtitle: i18n.T(ctx, key+".text")}
	if fault != nil {
		e := webui.ErrorViewOf(ctx, fault)
		page.Status, v.FaultTitle, v.Fault = e.Status, i18n.T(ctx, "noticesettings.failed"), e.Sentence
	}
	return p.server.Page(w, r, page, tableCard(v))
}

func (p *Pages) channels(w http.ResponseWriter, r *http.Request) error {
	return p.showChannels(w, r, nil)
}

func (p *Pages) showChannels(w http.ResponseWriter, r *http.Request, fault error) error {
	ctx := r.Context()
	list, err := p.server.Records().List(ctx, web.Actor(ctx), "notice_channel", record.Query{Limit: 100})
	if err != nil {
		return err
	}
	t := list.Type
	table := &webui.TableView{ID: "channels", Caption: i18n.T(ctx, "notice_channel._plural"), Columns: []webui.Column{
		{Label: web.FieldLabel(ctx, t, t.Field("title")), Primary: true}, {Label: web.FieldLabel(ctx, t, t.Field("kind"))}, {Label: web.FieldLabel(ctx, t, t.Field("least"))},
		{Label: i18n.T(ctx, "noticesettings.state")}, {Label: i18n.T(ctx, "noticesettings.trial")},
	}, Empty: webui.EmptyView{Icon: "robot", Title: i18n.T(ctx, "noticesettings.none"), Text: i18n.T(ctx, "noticesettings.none.text")}}
	for _, v := range list.Views {
		href := "/notice_channels/" + v.Record.ID.String()
		table.Rows = append(table.Rows, webui.RowView{ID: v.Record.ID.String(), Href: href, Label: v.Title, Cells: []webui.Cell{
			{Text: v.Title, Href: href}, {Text: option(ctx, v, "kind")}, {Text: option(ctx, v, "least")}, {Badge: working(ctx, v)},
			{Content: testButton("/settings/notices/"+v.Record.ID.String()+"/test", i18n.T(ctx, "noticesettings.send_test"), v.Title)},
		}})
	}
	c := card{Title: i18n.T(ctx, "notice_channel._plural"), Icon: "robot", Table: table}
	if p.may(ctx, "notice_channel", record.Create) {
		c.Links = append(c.Links, webui.LinkButtonView{Label: i18n.T(ctx, "noticesettings.add"), Icon: "plus", Href: "/notice_channels/new", Small: true})
	}
	c.Links = append(c.Links, webui.LinkButtonView{Label: i18n.T(ctx, "notice_delivery._plural"), Icon: "send", Href: "/notice_deliveries", Small: true, Weight: webui.Ghost})
	return p.show(w, r, "noticesettings", []card{c}, fault)
}

// working is whether a channel or mailbox works, in a word.
func working(ctx context.Context, v mask.View) *webui.BadgeView {
	if c, _ := v.Cell("active"); c.Value != true {
		return &webui.BadgeView{Label: i18n.T(ctx, "noticesettings.off")}
	}
	if c, _ := v.Cell("fault"); c.Text != "" {
		said := c.Text
		if i18n.Has(ctx, said) {
			said = i18n.T(ctx, said, "code", "", "said", "", "folder", "")
		}
		return &webui.BadgeView{Label: i18n.T(ctx, "noticesettings.broken"), Title: said, Tone: webui.Bad}
	}
	return &webui.BadgeView{Label: i18n.T(ctx, "noticesettings.works"), Tone: webui.Good}
}

func option(ctx context.Context, v mask.View, name string) string {
	c, _ := v.Cell(name)
	return web.OptionLabel(ctx, v.Type, v.Type.Field(name), c.Text)
}

func (p *Pages) testChannel(w http.ResponseWriter, r *http.Request) error {
	return p.trial(w, r, "notice_channel", "/settings/notices", p.Courier.Try, p.showChannels)
}

func (p *Pages) testMailbox(w http.ResponseWriter, r *http.Request) error {
	return p.trial(w, r, "mailbox", "/settings/mail", p.Mailroom.Try, p.showMail)
}

// trial tries one thing and says how it went.
func (p *Pages) trial(w http.ResponseWriter, r *http.Request, typ, back string, try func(context.Context, record.ID) error,
	again func(http.ResponseWriter, *http.Request, error) error,
) error {
	id, err := web.PathID(r)
	if err != nil {
		return err
	}
	if err := p.allowed(r.Context(), typ); err != nil {
		return err
	}
	if err := try(r.Context(), id); errs.Is(err, errs.NotFound) && errs.KeyOf(err) != "mail.imap_folder" {
		return err
	} else if err != nil {
		return again(w, r, err)
	}
	return p.server.Redirect(w, r, back, web.Toast{Key: "noticesettings.worked"})
}

func (p *Pages) testOutgoing(w http.ResponseWriter, r *http.Request) error {
	if err := p.allowed(r.Context(), "mailbox"); err != nil {
		return err
	}
	if err := p.Courier.TryMail(r.Context(), web.Actor(r.Context()).UserID); err != nil {
		return p.showMail(w, r, err)
	}
	return p.server.Redirect(w, r, "/settings/mail", web.Toast{Key: "noticesettings.mail_sent"})
}

func (p *Pages) mail(w http.ResponseWriter, r *http.Request) error { return p.showMail(w, r, nil) }

func (p *Pages) showMail(w http.ResponseWriter, r *http.Request, fault error) error {
	ctx := r.Context()
	list, err := p.server.Records().List(ctx, web.Actor(ctx), "mailbox", record.Query{Limit: 100})
	if err != nil {
		return err
	}
	cards := []card{p.boxes(ctx, list.Type, list.Views)}
	held, err := p.held(ctx)
	if err != nil {
		return err
	}
	if held != nil {
		cards = append(cards, *held)
	}
	return p.show(w, r, "mailsettings", append(cards, p.outgoing(ctx), p.incoming(ctx)), fault)
}

func (p *Pages) boxes(ctx context.Context, t *record.Type, list []mask.View) card {
	table := &webui.TableView{ID: "mailboxes", Caption: i18n.T(ctx, "mailbox._plural"), Columns: []webui.Column{
		{Label: web.FieldLabel(ctx, t, t.Field("title")), Primary: true}, {Label: web.FieldLabel(ctx, t, t.Field("address"))}, {Label: web.FieldLabel(ctx, t, t.Field("source"))},
		{Label: web.FieldLabel(ctx, t, t.Field("fetched_at"))}, {Label: i18n.T(ctx, "noticesettings.state")}, {Label: i18n.T(ctx, "noticesettings.trial")},
	}, Empty: webui.EmptyView{Icon: "mailbox", Title: i18n.T(ctx, "mailsettings.none"), Text: i18n.T(ctx, "mailsettings.none.text")}}
	change := p.may(ctx, "mailbox", record.Update)
	for _, v := range list {
		href := "/mailboxes/" + v.Record.ID.String()
		address, _ := v.Cell("address")
		source, _ := v.Cell("source")
		row := webui.RowView{ID: v.Record.ID.String(), Href: href, Label: v.Title, Cells: []webui.Cell{
			{Text: v.Title, Href: href}, {Text: address.Text}, {Text: option(ctx, v, "source")}, {Text: instant(ctx, v, "fetched_at")}, {Badge: working(ctx, v)}, {},
		}}
		if change && source.Text == "imap" {
			row.Cells[5] = webui.Cell{Content: testButton("/settings/mail/"+v.Record.ID.String()+"/test", i18n.T(ctx, "mailsettings.connect"), v.Title)}
		}
		table.Rows = append(table.Rows, row)
	}
	c := card{Title: i18n.T(ctx, "mailbox._plural"), Icon: "mailbox", Table: table}
	if p.may(ctx, "mailbox", record.Create) {
		c.Links = append(c.Links, webui.LinkButtonView{Label: i18n.T(ctx, "mailsettings.add"), Icon: "plus", Href: "/mailboxes/new", Small: true})
	}
	if p.may(ctx, "mail_rule", record.Read) {
		c.Links = append(c.Links, webui.LinkButtonView{Label: i18n.T(ctx, "mail_rule._plural"), Icon: "filter", Href: "/mail_rules", Small: true, Weight: webui.Ghost})
	}
	return c
}

// held leads to what waits for a person; nil for who may not see it.
func (p *Pages) held(ctx context.Context) (*card, error) {
	list, err := p.server.Records().List(ctx, web.Actor(ctx), "mail_arrival", record.Query{Filter: record.Where("state", "held"), Limit: 1, Count: true})
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := card{Title: i18n.T(ctx, "mailsettings.held"), Icon: "inbox", Text: i18n.T(ctx, "mailsettings.held.text"),
		Items: []webui.DescriptionItem{{Label: i18n.T(ctx, "mail_arrival.state.held"), Value: strconv.Itoa(list.Total)}}}
	c.Links = []webui.LinkButtonView{
		{Label: i18n.T(ctx, "mailsettings.held.open"), Icon: "inbox", Href: "/mail_arrivals?f=state:in:held", Small: true},
		{Label: i18n.T(ctx, "mailsettings.all"), Icon: "list", Href: "/mail_arrivals", Small: true, Weight: webui.Ghost},
	}
	return &c, nil
}

func (p *Pages) outgoing(ctx context.Context) card {
	server := p.Outgoing.Server
	if server == "" {
		server = i18n.T(ctx, "mailsettings.files")
	}
	c := card{Title: i18n.T(ctx, "mailsettings.out"), Icon: "mail-forward", Text: i18n.T(ctx, "mailsettings.out.text"), Items: []webui.DescriptionItem{
		{Label: i18n.T(ctx, "mailsettings.server"), Value: server}, {Label: i18n.T(ctx, "mailsettings.from"), Value: p.Outgoing.From},
	}}
	if p.may(ctx, "mailbox", record.Update) {
		c.TestAction, c.TestLabel = "/settings/mail/test", i18n.T(ctx, "mailsettings.out.test")
	}
	return c
}

func (p *Pages) incoming(ctx context.Context) card {
	none := i18n.T(ctx, "mailsettings.not_set")
	listen, dir := i18n.Listed(ctx, p.Outgoing.Listen), p.Outgoing.Dir
	if listen == "" {
		listen = none
	}
	if dir == "" {
		dir = none
	}
	return card{Title: i18n.T(ctx, "mailsettings.in"), Icon: "server", Text: i18n.T(ctx, "mailsettings.in.text"), Items: []webui.DescriptionItem{
		{Label: i18n.T(ctx, "mailsettings.listen"), Value: listen}, {Label: i18n.T(ctx, "mailsettings.maildir"), Value: dir},
		{Label: i18n.T(ctx, "mailsettings.most"), Value: strconv.FormatInt(p.Outgoing.Most>>20, 10) + " MB"},
	}}
}

func instant(ctx context.Context, v mask.View, name string) string {
	c, _ := v.Cell(name)
	at, _ := c.Value.(time.Time)
	if at.IsZero() {
		return ""
	}
	return i18n.DateTime(ctx, at)
}
