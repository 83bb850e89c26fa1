package importpages

import (
	"fmt"
	"net/http"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// card sends a record as an address card.
func (p *Pages) card(t *record.Type) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		id, err := web.PathID(r)
		if err != nil {
			return err
		}
		raw, err := p.Desk.Card(ctx, p.server.Records(), web.Actor(ctx), t.Name, id)
		if err != nil {
			return err
		}
		return send(w, "text/vcard; charset=utf-8", fmt.Sprintf(`attachment; filename="%s-%s.vcf"`, t.Name, id), raw)
	}
}

func send(w http.ResponseWriter, kind, disposition string, raw []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(raw) // the reader may have gone
	return nil
}

// calendarView is the person's calendar address.
type calendarView struct {
	Live    bool
	Facts   []webui.DescriptionItem
	Address string // shown once, right after it was made
}

func (p *Pages) calendar(w http.ResponseWriter, r *http.Request) error {
	return p.showCalendar(w, r, "")
}

func (p *Pages) showCalendar(w http.ResponseWriter, r *http.Request, address string) error {
	ctx := r.Context()
	s, err := p.Desk.Subscribed(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	v := calendarView{Live: s.Live, Address: address}
	if s.Live {
		seen := i18n.T(ctx, "importing.calendar.never")
		if !s.Seen.IsZero() {
			seen = i18n.DateTime(ctx, s.Seen)
		}
		v.Facts = []webui.DescriptionItem{
			{Label: i18n.T(ctx, "importing.calendar.made"), Value: i18n.DateTime(ctx, s.Made)}, {Label: i18n.T(ctx, "importing.calendar.seen"), Value: seen},
		}
	}
	view := web.View{Title: i18n.T(ctx, "importing.calendar"), Subtitle: i18n.T(ctx, "importing.calendar.text"), Crumbs: []webui.Link{{Label: i18n.T(ctx, "web.me.title"), Href: "/me"}}}
	return p.server.Page(w, r, view, calendarPage(v))
}

// subscribe makes a new address, or ends the one there is.
func (p *Pages) subscribe(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := web.Form(r); err != nil {
		return err
	}
	if r.PostFormValue("do") == "end" {
		if err := p.Desk.Unsubscribe(ctx, web.Actor(ctx)); err != nil {
			return err
		}
		return p.server.Redirect(w, r, "/me/calendar", web.Toast{Key: "importing.calendar.ended"})
	}
	secret, err := p.Desk.Subscribe(ctx, web.Actor(ctx))
	if err != nil {
		return err
	}
	return p.showCalendar(w, r, p.Base+"/calendar/"+secret+".ics")
}

// feed answers calendars; the address is the key.
func (p *Pages) feed(w http.ResponseWriter, r *http.Request) error {
	secret, ok := strings.CutSuffix(r.PathValue("file"), ".ics")
	if !ok || len(secret) < 20 || len(secret) > 100 {
		return errs.New(errs.NotFound, "transfer.no_feed")
	}
	raw, err := p.Desk.Feed(r.Context(), secret, p.Base, i18n.LangOf(r.Context()))
	if err != nil {
		return err
	}
	return send(w, "text/calendar; charset=utf-8", `inline; filename="dianke.ics"`, raw)
}

// cards are the types whose records can be had as a card.
func (p *Pages) cards() []*record.Type {
	var out []*record.Type
	for _, t := range p.Desk.Store.Types.Types() {
		if transfer.HasCard(t) {
			out = append(out, t)
		}
	}
	return out
}
