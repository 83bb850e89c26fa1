package customerpages

import (
	"slices"

	"dianke/internal/domain/customer"
	"dianke/internal/engine/record"
	"dianke/internal/surface/web/recordpages"
	"dianke/internal/surface/web/webui"
)

// people are how to reach the customer and whom there, main contacts first.
func (s *sight) people() cardView {
	c := cardView{ID: "people", Title: s.t("customerpages.people"), Icon: "address-book", Items: s.items("mobile", "phone", "mail"), Add: s.add("contact")}
	list, more := s.lines("contact", 8, record.Filter{}, "", "post", "decision_role", "mobile", "phone", "mail")
	slices.SortStableFunc(list, func(a, b recordpages.Line) int { return order(!isMain(a), !isMain(b)) })
	for _, l := range list {
		line := lineView{Title: l.Title, Href: l.Href, Detail: join(l.Cells[0].Text, l.Cells[1].Text), Icon: "user", Values: filledCells(l, 2, "mobile", "phone", "mail")}
		if isMain(l) {
			line.Badge = &webui.BadgeView{Label: s.t("contact.main"), Icon: "star"}
		}
		c.Lines = append(c.Lines, line)
	}
	if more {
		c.MoreHref = s.tab("contact")
	}
	if len(c.Items) == 0 {
		c.Empty = s.t("customerpages.people.none")
	}
	return c
}

func isMain(l recordpages.Line) bool {
	c, _ := l.View.Cell("main")
	yes, _ := c.Value.(bool)
	return yes
}

// filledCells are the cells from an index on whose fields hold something.
func filledCells(l recordpages.Line, from int, names ...string) []webui.Cell {
	var out []webui.Cell
	for i, n := range names {
		if c, _ := l.View.Cell(n); c.Text != "" {
			out = append(out, l.Cells[from+i])
		}
	}
	return out
}

// talks are the last interactions.
func (s *sight) talks() cardView {
	c := cardView{ID: "contact", Title: s.t("customerpages.talks"), Icon: "message-2", Items: s.items("last_visit_at", "next_visit", "preferred_channels", "forbidden_channels"), MoreHref: s.tab("interaction"), Empty: s.t("customerpages.talks.none")}
	list, _ := s.lines("interaction", 4, record.Filter{}, "at", "channel", "at", "result", "owner_id")
	for _, l := range list {
		channel, _ := l.View.Cell("channel")
		c.Lines = append(c.Lines, lineView{Title: l.Title, Href: l.Href, Detail: join(l.Cells[1].Text, l.Cells[0].Text, l.Cells[2].Text, l.Cells[3].Text), Icon: channelIcon(channel.Text)})
	}
	if len(list) == 0 {
		c.MoreHref = ""
	}
	return c
}

func channelIcon(channel string) string {
	switch channel {
	case "call":
		return "phone"
	case "visit":
		return "map-pin"
	case "mail", "letter":
		return "mail"
	case "meeting":
		return "users"
	}
	return "message"
}

// class is how the customer is classified and when that is looked at again.
func (s *sight) class() cardView {
	return cardView{
		ID: "class", Title: s.t("customerpages.class"), Icon: "category", Actions: s.actions("classify", s.either("key_account", "dismiss_key", "appoint_key")),
		Items: s.items("kind", "industry", "credit_code", "intent", "scale", "grade", "proposed_scale", "assessed_on", "next_assessment", "key_since", "tags", "remarks"),
	}
}

// owner is who answers for the customer, or that he lies in the pool.
func (s *sight) owner() cardView {
	c := cardView{
		ID: "owner", Title: s.t("customerpages.owner"), Icon: "user-check", Actions: s.actions("transfer", "release"),
		Items: s.items("owner_id", "unit_id", "owner_since", "pooled_at", "pool_reason", "transfer_cause"),
	}
	if s.o.Sheet().Record.OwnerID == 0 {
		c.Content, c.Actions = inPool(s.t("customerpages.pool")), s.actions("claim", "transfer")
	}
	return c
}

// needs are what the customer said to want and has not got.
func (s *sight) needs() cardView {
	c := cardView{ID: "needs", Title: s.t("customerpages.needs"), Icon: "bulb", Add: s.add("need"), Empty: s.t("customerpages.needs.none")}
	list, more := s.lines("need", 4, record.Where("status", "open"), "", "product", "urgency", "noted_on")
	for _, l := range list {
		c.Lines = append(c.Lines, lineView{Title: l.Title, Href: l.Href, Detail: join(l.Cells[2].Text, l.Cells[0].Text, l.Cells[1].Text)})
	}
	if more {
		c.MoreHref = s.tab("need")
	}
	return c
}

// consents are why the data may be used, and what for.
func (s *sight) consents() cardView {
	c := cardView{ID: "consent", Title: s.t("customerpages.consent"), Icon: "shield-check", Items: s.items("legal_basis", "source", "source_note"), Add: s.add("consent"), Empty: s.t("customerpages.consent.none")}
	if off, _ := s.value("no_profiling").(bool); off {
		c.Items = append(c.Items, s.items("no_profiling")...)
	}
	list, more := s.lines("consent", 6, record.Filter{}, "", "purpose", "channels", "expires_on", "status", "recipient")
	for _, l := range list {
		line := lineView{Title: l.Cells[0].Text, Href: l.Href, Badge: l.Cells[3].Badge, Detail: join(l.Cells[4].Text, l.Cells[1].Text)}
		if line.Title == "" {
			line.Title = l.Title
		}
		if until := l.Cells[2].Text; until != "" {
			line.Detail = join(line.Detail, s.t("customerpages.consent.until", "day", until))
		}
		c.Lines = append(c.Lines, line)
	}
	if more {
		c.MoreHref = s.tab("consent")
	}
	return c
}

// gapView is one thing the file lacks, with the way to enter it where the reader may.
type gapView struct{ Label, Href string }

// file is how complete the file is, what it lacks, and when it was last verified.
func (s *sight) file() cardView {
	c := cardView{ID: "file", Title: s.t("customerpages.file"), Icon: "clipboard-check", Actions: s.actions("flag")}
	c.Items = s.items("last_verified", "verified_by", "next_verification")
	for _, doubt := range []string{"mail_doubtful", "phone_doubtful"} {
		if yes, _ := s.value(doubt).(bool); yes {
			c.Items = append(c.Items, s.items(doubt, "doubt_note")...)
			c.Actions = s.actions("flag", "clear_flag")
		}
	}
	needs, _ := numberOf(s.value("needs_count"))
	deals, _ := numberOf(s.value("transactions_count"))
	kind, _ := s.value("kind").(string)
	missing := map[string][]gapView{}
	for _, g := range customer.Gaps(kind, func(name string) bool { _, filled := s.o.Item(name); return filled }, needs, deals) {
		missing[g.Section] = append(missing[g.Section], s.gap(g))
	}
	done, _ := numberOf(s.value("completeness"))
	v := fileView{Percent: done}
	for _, name := range []string{"basic", "needs", "transactions"} {
		v.Sections = append(v.Sections, sectionView{Label: s.t("customerpages.section." + name), Gaps: missing[name]})
	}
	c.Content = fileState(v)
	return c
}

type sectionView struct {
	Label string
	Gaps  []gapView
}

type fileView struct {
	Percent  int64
	Sections []sectionView
}

func (s *sight) gap(g customer.Gap) gapView {
	if g.Field == "" {
		typ := map[string]string{"needs": "need", "transactions": "transaction"}[g.Section]
		out := gapView{Label: s.t("customerpages.gap." + g.Section)}
		if b := s.add(typ); b != nil {
			out.Href = b.Href
		}
		return out
	}
	it, _ := s.o.Item(g.Field)
	out := gapView{Label: it.Label}
	if s.o.Offers(record.Update) {
		out.Href = s.o.Path() + "/edit#f-" + g.Field
	}
	return out
}

// places are where the customer is.
func (s *sight) places() cardView {
	c := cardView{ID: "places", Title: s.t("customerpages.places"), Icon: "map-pin", Items: s.items("address", "delivery_to", "website")}
	if len(c.Items) == 0 {
		return cardView{}
	}
	return c
}
