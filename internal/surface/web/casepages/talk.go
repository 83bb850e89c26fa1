package casepages

import (
	"cmp"
	"slices"
	"time"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// The sides of a conversation.
const (
	fromCustomer = "in"
	toCustomer   = "out"
	internalNote = "note"
	happened     = "event"
)

// talkEntry is one thing that was said or happened.
type talkEntry struct {
	ID, Side, Icon           string
	Who, What                string
	When, WhenTitle, WhenISO string
	Body                     string
	Badge                    *webui.BadgeView
	Links                    []webui.LinkButtonView
	at                       time.Time
}

// talk is what was read of the conversation.
type talk struct {
	parts map[string][]mask.View
}

const (
	talkParts = 60  // records of one kind that are read
	talkLimit = 120 // entries that are shown; the record page holds all
)

// readTalk reads the parts of the case that belong to the conversation and notes whose names they need. A part the
// reader may not read is left out.
func (d *desk) readTalk() (*talk, error) {
	t := &talk{parts: map[string][]mask.View{}}
	for _, typ := range []string{"case_note", "case_contact", "case_reply", "case_opinion", "case_objection"} {
		list, err := d.p.Records.List(d.ctx, web.Actor(d.ctx), typ, record.Query{Filter: record.Where("case_id", d.sheet.Record.ID), Limit: talkParts})
		if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t.parts[typ] = list.Views
		for _, v := range list.Views {
			d.names.need("user", v.Record.CreatedBy, idIn(v, "by_user_id"), idIn(v, "sent_by"), idIn(v, "signed_by"))
		}
	}
	var err error
	if t.parts["mail_message"], err = d.readMail(); err != nil {
		return nil, err
	}
	for _, c := range d.sheet.Comments {
		d.names.need("user", c.Author)
	}
	for _, f := range d.sheet.Files {
		d.names.need("user", f.Author)
	}
	for _, h := range d.sheet.History {
		d.names.need("user", personOf(h.Actor))
	}
	return t, nil
}

// personOf reads the label of an actor; none for a part of the program.
func personOf(label string) record.ID {
	id, err := ids.Parse(label)
	if err != nil {
		return 0
	}
	return id
}

// entries are the conversation, the newest first.
func (t *talk) entries(d *desk) []talkEntry {
	var out []talkEntry
	add := func(e talkEntry, id record.ID, at time.Time) {
		if at.IsZero() {
			return
		}
		e.ID, e.at = id.String(), at
		e.When, e.WhenTitle = i18n.DateTime(d.ctx, at), i18n.Ago(d.ctx, at, d.p.Clock.Now())
		e.WhenISO = at.In(i18n.ZoneOf(d.ctx)).Format(time.RFC3339)
		out = append(out, e)
	}
	if words := textIn(d.sheet.View, "content"); words != "" {
		add(talkEntry{Side: fromCustomer, Icon: "message", Who: d.customerName(), What: option(d.ctx, d.sheet.View, "channel"), Body: words}, d.sheet.Record.ID, timeIn(d.sheet.View, "received_at"))
	}
	for _, v := range t.parts["case_note"] {
		add(d.noteEntry(v), v.Record.ID, timeIn(v, "at"))
	}
	for _, v := range t.parts["case_contact"] {
		add(d.contactEntry(v), v.Record.ID, timeIn(v, "at"))
	}
	for _, v := range t.parts["case_reply"] {
		add(d.replyEntry(v), v.Record.ID, sentOrMade(v))
	}
	for _, v := range t.parts["mail_message"] {
		add(d.mailEntry(v), v.Record.ID, timeIn(v, "at"))
	}
	for _, v := range t.parts["case_opinion"] {
		add(talkEntry{Side: internalNote, Icon: "writing-sign", Who: d.names.title("user", idIn(v, "signed_by")), What: option(d.ctx, v, "kind"), Body: textIn(v, "assessment")}, v.Record.ID, timeIn(v, "signed_at"))
	}
	for _, v := range t.parts["case_objection"] {
		add(talkEntry{Side: fromCustomer, Icon: "hand-stop", Who: option(d.ctx, v, "raised_by"), What: web.PluralLabel(d.ctx, v.Type), Body: textIn(v, "reason")}, v.Record.ID, timeIn(v, "raised_at"))
	}
	for _, c := range d.sheet.Comments {
		add(talkEntry{Side: internalNote, Icon: "note", Who: d.names.title("user", c.Author), What: i18n.T(d.ctx, "desk.said.comment"), Body: c.Body}, c.ID, c.At)
	}
	for _, f := range d.sheet.Files {
		link := webui.LinkButtonView{Label: f.Name, Icon: "paperclip", Href: d.record() + "/files/" + f.ID.String(), Small: true}
		who := i18n.T(d.ctx, "desk.system")
		if f.Author != 0 {
			who = d.names.title("user", f.Author)
		}
		add(talkEntry{Side: happened, Icon: "paperclip", Who: who, What: i18n.T(d.ctx, "desk.said.file"), Links: []webui.LinkButtonView{link}}, f.ID, f.At)
	}
	for _, h := range d.sheet.History {
		if e, ok := d.historyEntry(h); ok {
			add(e, h.ID, h.At)
		}
	}
	slices.SortStableFunc(out, func(a, b talkEntry) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.ID, a.ID)) })
	return out[:min(len(out), talkLimit)]
}

func sentOrMade(v mask.View) time.Time {
	if at := timeIn(v, "sent_at"); !at.IsZero() {
		return at
	}
	return v.Record.CreatedAt
}

// customerName is who wrote, as the reader may see him.
func (d *desk) customerName() string {
	if name := textIn(d.sheet.View, "contact_name"); name != "" {
		return name
	}
	if name := d.names.title("customer", idIn(d.sheet.View, "customer_id")); name != "" {
		return name
	}
	return i18n.T(d.ctx, "desk.customer")
}

func (d *desk) noteEntry(v mask.View) talkEntry {
	e := talkEntry{Side: internalNote, Icon: "note", Who: d.names.title("user", v.Record.CreatedBy), What: option(d.ctx, v, "kind"), Body: textIn(v, "text")}
	switch textIn(v, "kind") {
	case "customer":
		e.Side, e.Icon, e.Who = fromCustomer, "message-reply", d.customerName()
	case "amendment":
		e.Side, e.Icon = fromCustomer, "text-plus"
	}
	return e
}

func (d *desk) contactEntry(v mask.View) talkEntry {
	e := talkEntry{
		Side: toCustomer, Icon: "phone", Who: d.names.title("user", idIn(v, "by_user_id")), Body: textIn(v, "summary"),
		What: dotted(cmp.Or(option(d.ctx, v, "purpose"), web.PluralLabel(d.ctx, v.Type)), option(d.ctx, v, "channel")),
	}
	b := webui.BadgeView{Label: option(d.ctx, v, "result"), Tone: webui.Good}
	if textIn(v, "result") != "reached" {
		b.Tone = webui.Warn
	}
	e.Badge = &b
	return e
}

func (d *desk) replyEntry(v mask.View) talkEntry {
	e := talkEntry{
		Side: toCustomer, Icon: "mail-forward", Who: d.names.title("user", cmp.Or(idIn(v, "sent_by"), v.Record.CreatedBy)), Body: textIn(v, "body"),
		What: dotted(web.PluralLabel(d.ctx, v.Type), option(d.ctx, v, "channel")),
	}
	e.Badge = web.StateBadge(d.ctx, v.Type, v.State)
	if delivery := option(d.ctx, v, "delivery"); delivery != "" {
		e.What = dotted(e.What, delivery)
	}
	e.Links = append(e.Links, webui.LinkButtonView{Label: i18n.T(d.ctx, "letter.print"), Icon: "printer", Small: true, Href: d.record() + "/replies/" + v.Record.ID.String() + "/print"})
	if v.State != "sent" && v.State != "discarded" {
		e.Links = append(e.Links, webui.LinkButtonView{Label: i18n.T(d.ctx, "desk.draft.open"), Icon: "edit", Small: true, Href: "/case_replies/" + v.Record.ID.String()})
	}
	return e
}

// historyEntry tells of a step of the case. Steps that left a part of their own are told by that part.
func (d *desk) historyEntry(h store.HistoryEntry) (talkEntry, bool) {
	e := talkEntry{Side: happened, Icon: "point", Who: d.names.title("user", personOf(h.Actor)), What: web.ActionLabel(d.ctx, d.sheet.Type, h.Action)}
	if e.Who == "" {
		e.Who = i18n.T(d.ctx, "desk.system")
	}
	if a := d.sheet.Type.Action(h.Action); a != nil && a.Icon != "" {
		e.Icon = a.Icon
	}
	said := func(name string) {
		for _, c := range h.Changes {
			if c.Field == name && c.To != "" {
				e.Side, e.Body = toCustomer, c.To
			}
		}
	}
	switch h.Action {
	case "note_contact", "notify_arrangement", "inform_customer", "reply", "amend", "push", "opinion", "supplement_opinion", "object":
		return e, false
	case "answer":
		said("answer")
	case "correct_answer":
		said("correction")
	case "ask_customer":
		said("asked_customer")
	}
	return e, true
}
