package casepages

import (
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// doubt says why mail to the customer may not arrive: an earlier one came back, or the address was marked. Empty for no
// doubt, or for who may not know.
func (d *desk) doubt() string {
	f := record.All(record.Where("case_id", d.sheet.Record.ID), record.Filter{Field: "state", Op: field.In, Value: []any{"bounced", "failed"}})
	list, err := d.p.Records.List(d.ctx, web.Actor(d.ctx), "mail_message", record.Query{Filter: f, Limit: 1})
	if err == nil && len(list.Views) > 0 {
		return i18n.T(d.ctx, "desk.mail.came_back")
	}
	id := idIn(d.sheet.View, "customer_id")
	if id == 0 {
		return ""
	}
	known, err := d.p.Records.List(d.ctx, web.Actor(d.ctx), "customer", record.Query{Filter: record.All(record.Where("id", id), record.Where("mail_doubtful", true)), Limit: 1})
	if err == nil && len(known.Views) > 0 {
		return i18n.T(d.ctx, "desk.mail.doubtful")
	}
	return ""
}

// readMail reads the mails of the case; none for who may not see them.
func (d *desk) readMail() ([]mask.View, error) {
	if d.p.typeOf("mail_message") == nil {
		return nil, nil
	}
	list, err := d.p.Records.List(d.ctx, web.Actor(d.ctx), "mail_message", record.Query{Filter: record.Where("case_id", d.sheet.Record.ID), Limit: talkParts})
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return list.Views, nil
}

// mailEntry is one mail as a step of the case: what it was, how it fared, and the way to its original. Its words stand
// in the diary.
func (d *desk) mailEntry(v mask.View) talkEntry {
	e := talkEntry{Side: happened, Icon: "mail", Who: d.customerName(), What: dotted(option(d.ctx, v, "direction"), v.Title)}
	if textIn(v, "direction") == "out" {
		e.Who = i18n.T(d.ctx, "desk.system")
	}
	if v.State != "received" {
		e.Badge = web.StateBadge(d.ctx, v.Type, v.State)
	}
	e.Links = []webui.LinkButtonView{{Label: i18n.T(d.ctx, "desk.mail.open"), Icon: "mail", Small: true, Href: "/mail_messages/" + v.Record.ID.String()}}
	return e
}
