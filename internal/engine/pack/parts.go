package pack

import (
	"regexp"
	"slices"
	"strings"
)

func (c *checker) organisation(p *Pack, n names) {
	for _, u := range p.Units {
		at := p.at("units", u.Key)
		c.once("unit", u.Key, at)
		c.text(at, u.Title, u.Key)
		if u.Parent != "" && (!n.units[u.Parent] || u.Parent == u.Key) {
			c.add(at, "unknown_unit", u.Parent)
		}
	}
	for _, post := range p.Posts {
		at := p.at("posts", post.Key)
		c.once("post", post.Key, at)
		c.text(at, post.Title, post.Key)
		if !n.units[post.Unit] {
			c.add(at, "unknown_unit", post.Unit)
		}
		if len(post.Roles) == 0 {
			c.add(at, "no_roles", post.Key)
		}
		for _, role := range post.Roles {
			if !slices.Contains(Roles(), role) {
				c.add(at, "unknown_role", role)
			}
		}
	}
	for _, cal := range p.Calendars {
		at := p.at("calendars", cal.Key)
		c.once("calendar", cal.Key, at)
		c.text(at, cal.Title, cal.Key)
		c.calendar(at, cal)
	}
}

func (c *checker) calendar(at Place, cal Calendar) {
	hours := regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$`)
	days := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	for day, spans := range cal.Hours {
		for span := range strings.SplitSeq(spans, ",") {
			if !slices.Contains(days, day) || !hours.MatchString(strings.TrimSpace(span)) {
				c.add(at, "bad_hours", cal.Key+" "+day+" "+span)
			}
		}
	}
	if len(cal.Hours) == 0 {
		c.add(at, "bad_hours", cal.Key)
	}
	if cal.Holidays != "" && cal.Holidays != "cn" {
		c.add(at, "unknown_holidays", cal.Holidays)
	}
}

func (c *checker) casework(p *Pack, n names) {
	for _, cat := range p.Categories {
		at := p.at("categories", cat.Key)
		c.once("category", cat.Key, at)
		c.text(at, cat.Title, cat.Key)
		if cat.Parent != "" && (!n.categories[cat.Parent] || cat.Parent == cat.Key) {
			c.add(at, "unknown_category", cat.Parent)
		}
		if len(cat.Kinds) == 0 {
			c.add(at, "no_kinds", cat.Key)
		}
	}
	within := regexp.MustCompile(`^[1-9]\d*[mhd]( work)?$`)
	for _, u := range p.Urgencies {
		at := p.at("urgencies", u.Key)
		c.once("urgency", u.Key, at)
		c.text(at, u.Title, u.Key)
		if !within.MatchString(u.Respond) || !within.MatchString(u.Resolve) {
			c.add(at, "bad_time", u.Key)
		}
	}
	for _, m := range p.Messages {
		at := p.at("messages", m.Key)
		c.once("message", m.Key, at)
		c.text(at, m.Title, m.Key+" title")
		c.text(at, m.Text, m.Key)
		if !slices.Contains(MessageKinds(), m.Kind) {
			c.add(at, "unknown_message_kind", m.Key+" "+m.Kind)
		}
		if m.Category != "" && !n.categories[m.Category] {
			c.add(at, "unknown_category", m.Category)
		}
	}
}

// measures checks ladders and checklists.
func (c *checker) measures(p *Pack, _ names) {
	for _, l := range p.Ladders {
		at := p.at("ladders", l.Key)
		c.once("ladder", l.Key, at)
		c.text(at, l.Title, l.Key)
		if len(l.Steps) == 0 {
			c.add(at, "no_steps", l.Key)
		}
		for _, s := range l.Steps {
			name := l.Key + " " + s.Key
			c.once("step of", name, at)
			c.text(at, s.Title, name)
			if !slices.Contains(Measures(), s.Kind) {
				c.add(at, "unknown_measure", name+" "+s.Kind)
			}
			if min(s.Points, s.Amount, s.Months) < 0 || s.Kind != "deduction" && s.Amount > 0 {
				c.add(at, "bad_figure", name)
			}
		}
	}
	for _, l := range p.Checklists {
		at := p.at("checklists", l.Key)
		c.once("checklist", l.Key, at)
		c.text(at, l.Title, l.Key)
		if len(l.Items) == 0 {
			c.add(at, "no_items", l.Key)
		}
		for _, it := range l.Items {
			c.once("item of", l.Key+" "+it.Key, at)
			c.text(at, it.Title, l.Key+" "+it.Key)
		}
	}
}

func (c *checker) regulation(r *Regulation, n names) {
	c.once("regulation", r.ID, r.at("id"))
	c.text(r.at("title"), r.Title, r.ID+" title")
	c.text(r.at("summary"), r.Summary, r.ID+" summary")
	c.text(r.at("body"), r.Body, r.ID+" body")
	if r.ReviewEvery < 1 {
		c.add(r.at("review_every"), "no_review", r.ID)
	}
	if len(r.Cover.Units)+len(r.Cover.Posts) == 0 {
		c.add(r.at("cover"), "no_cover", r.ID)
	}
	for _, u := range r.Cover.Units {
		if !n.units[u] {
			c.add(r.at("cover"), "unknown_unit", u)
		}
	}
	for _, post := range r.Cover.Posts {
		if !n.posts[post] {
			c.add(r.at("cover"), "unknown_post", post)
		}
	}
	c.governance(r, n)
	r.Walk(func(node *Node, _ []*Node) { c.node(r, node, n) })
}

func (c *checker) node(r *Regulation, node *Node, n names) {
	at := Place{r.File, node.Line, node.Column}
	name := node.ID
	if name == "" {
		name = node.Number
	}
	if strings.TrimSpace(node.Number) == "" {
		c.add(at, "empty_number", name)
	}
	if !slices.Contains(levels(), node.Level) {
		c.add(at, "unknown_level", name+" "+node.Level)
	}
	if node.Title != (Text{}) {
		c.text(at, node.Title, name+" title")
	}
	if node.Note != (Text{}) {
		c.text(at, node.Note, name+" note")
	}
	if node.ID == "" {
		if len(node.Nodes) == 0 {
			c.add(at, "empty_heading", name)
		}
		return
	}
	c.clause(r, node, n)
}

func (c *checker) clause(r *Regulation, node *Node, n names) {
	at := Place{r.File, node.Line, node.Column}
	c.once("clause", node.ID, at)
	if !strings.HasPrefix(node.ID, r.ID+".") {
		c.add(at, "foreign_clause", node.ID)
	}
	c.text(at, node.Text, node.ID)
	if !n.posts[node.Post] {
		c.add(at, "unknown_post", node.ID+" "+node.Post)
	}
	for _, k := range node.Controls {
		if !slices.Contains(Controls(), k) {
			c.add(at, "unknown_control", node.ID+" "+k)
		}
	}
	if node.Room != "" && !slices.Contains(Rooms(), node.Room) {
		c.add(at, "unknown_room", node.ID+" "+node.Room)
	}
}
