package workbench

import (
	"context"
	"net/http"
	"strconv"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

const noticesSize = 50 // on one page

// noticesView are the messages to the reader in words.
type noticesView struct {
	Tabs  []webui.TabView
	Table webui.TableView
	Pager webui.PagerView
}

// readView is the button that marks one message as read.
type readView struct{ Action, Version, Return, About string }

// notices answers with the reader's own messages, the newest first: the unread ones, or all.
func (p *Pages) notices(w http.ResponseWriter, r *http.Request) error {
	ctx, all := r.Context(), r.URL.Query().Get("show") == "all"
	own := []record.Filter{record.Where("owner_id", web.Actor(ctx).UserID)}
	if !all {
		own = append(own, record.Where("status", "unread"))
	}
	list, err := p.Records.List(ctx, web.Actor(ctx), "notice", record.Query{Filter: record.All(own...), Sort: "id", Desc: true, After: r.URL.Query().Get("after"), Limit: noticesSize, Count: true})
	if err != nil {
		return err
	}
	v := noticesView{
		Tabs: []webui.TabView{
			{Label: i18n.T(ctx, "notice.status.unread"), Href: "/notices", Active: !all},
			{Label: i18n.T(ctx, "workbench.notices.all"), Href: "/notices?show=all", Active: all},
		},
		Pager: noticesPager(r, list.Next, list.Total),
	}
	if v.Table, err = p.noticeRows(ctx, list.Views, r.URL.RequestURI()); err != nil {
		return err
	}
	return p.server.Page(w, r, web.View{Title: i18n.T(ctx, "notice._plural")}, noticesPage(v))
}

func noticesPager(r *http.Request, next string, total int) webui.PagerView {
	q := r.URL.Query()
	v := webui.PagerView{Total: strconv.Itoa(total)}
	if q.Get("after") != "" {
		q.Del("after")
		v.FirstHref = "/notices?" + q.Encode()
	}
	if next != "" {
		q.Set("after", next)
		v.NextHref = "/notices?" + q.Encode()
	}
	return v
}

// noticeRows says each message in words, with what it is about as far as the reader may see that.
func (p *Pages) noticeRows(ctx context.Context, list []mask.View, here string) (webui.TableView, error) {
	about := map[string][]record.ID{}
	for _, n := range list {
		if typ, id := subject(n); id != 0 && p.Engine.Types.Type(typ) != nil {
			about[typ] = append(about[typ], id)
		}
	}
	titles, err := p.Records.TitlesOf(ctx, web.Actor(ctx), about)
	if err != nil {
		return webui.TableView{}, err
	}
	v := webui.TableView{
		ID: "notices", Caption: i18n.T(ctx, "notice._plural"), Empty: webui.EmptyView{Icon: "bell", Title: i18n.T(ctx, "workbench.notices.none")},
		Columns: []webui.Column{
			{Label: i18n.T(ctx, "notice.key"), Primary: true}, {Label: i18n.T(ctx, "notice.about_id")}, {Label: i18n.T(ctx, "notice.urgency")},
			{Label: i18n.T(ctx, "workbench.notices.at")}, {Label: i18n.T(ctx, "notice.status")},
		},
	}
	for _, n := range list {
		v.Rows = append(v.Rows, p.noticeRow(ctx, n, titles, here))
	}
	return v, nil
}

func (p *Pages) noticeRow(ctx context.Context, n mask.View, titles map[record.ID]access.Titled, here string) webui.RowView {
	typ, id := subject(n)
	said := webui.Cell{Text: words(ctx, n)}
	var matter webui.Cell
	if t, seen := titles[id]; seen && id != 0 {
		matter = webui.Cell{Text: t.Number + " " + t.Title, Href: "/" + p.Engine.Types.Type(typ).Plural + "/" + id.String()}
		said.Href = matter.Href
	}
	urgency := cellText(n, "urgency")
	tone := map[string]webui.Tone{"urgent": webui.Bad, "warning": webui.Warn}[urgency]
	row := webui.RowView{ID: n.Record.ID.String(), Href: said.Href, Label: said.Text, Muted: n.State == "read", Cells: []webui.Cell{
		said, matter, {Badge: &webui.BadgeView{Label: i18n.T(ctx, "notice.urgency."+urgency), Tone: tone}},
		{Text: i18n.Ago(ctx, n.Record.CreatedAt, p.Clock.Now()), Title: i18n.DateTime(ctx, n.Record.CreatedAt)}, {Text: i18n.T(ctx, "notice.status."+n.State)},
	}}
	if n.State == "unread" {
		row.Cells[4] = webui.Cell{Content: readButton(readView{
			Action: "/notices/" + n.Record.ID.String() + "/do/read_it", Version: strconv.FormatInt(n.Record.LockVersion, 10), Return: here, About: said.Text,
		})}
	}
	return row
}

// subject is what a message is about; none where it is about nothing.
func subject(n mask.View) (string, record.ID) {
	id, err := ids.Parse(cellText(n, "about_id"))
	if err != nil {
		return "", 0
	}
	return cellText(n, "about_type"), id
}

// words is the message in the reader's language.
func words(ctx context.Context, n mask.View) string {
	var args []any
	if c, ok := n.Cell("args"); ok {
		given, _ := c.Value.(map[string]any)
		for name, value := range given {
			args = append(args, name, value)
		}
	}
	return i18n.T(ctx, cellText(n, "key"), args...)
}

func cellText(v mask.View, name string) string {
	c, _ := v.Cell(name)
	return c.Text
}
