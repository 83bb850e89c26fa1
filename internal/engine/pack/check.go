package pack

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Problem is something in the packs that does not fit. Line is 0 where only the file is known.
type Problem struct {
	File    string
	Line    int
	Key     string // message key, such as "pack.check.unknown_post"
	Subject string // the id, key or name at fault
}

// String returns file, line, key and subject for the command line.
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s %s", p.File, p.Line, p.Key, p.Subject)
}

// Check returns everything that does not fit together: ids and keys used twice, texts missing in a language, units,
// posts, roles, categories and clauses that do not exist in the pack or the packs it needs, needs that are missing or
// run in a circle, and empty numbers. It returns nil for sound packs.
func Check(packs []*Pack) []Problem {
	c := &checker{byID: map[string]*Pack{}, seen: map[string]string{}}
	for _, p := range packs {
		c.once("pack", p.ID, p.File)
		c.byID[p.ID] = p
	}
	for _, p := range packs {
		c.pack(p)
	}
	c.circles(packs)
	return c.problems
}

type checker struct {
	byID     map[string]*Pack
	seen     map[string]string // kind and id → file
	problems []Problem
}

func (c *checker) add(file string, line int, key, subject string) {
	c.problems = append(c.problems, Problem{file, line, "pack.check." + key, subject})
}

func (c *checker) once(kind, id, file string) {
	if id == "" {
		c.add(file, 0, "empty_id", kind)
		return
	}
	if _, dup := c.seen[kind+" "+id]; dup {
		c.add(file, 0, "duplicate", kind+" "+id)
	}
	c.seen[kind+" "+id] = file
}

func (c *checker) text(file string, line int, t Text, subject string) {
	if strings.TrimSpace(t.ZH) == "" {
		c.add(file, line, "missing_text", subject+" zh")
	}
	if strings.TrimSpace(t.EN) == "" {
		c.add(file, line, "missing_text", subject+" en")
	}
}

// names are the keys a pack may refer to: its own and those of the packs it needs.
type names struct{ units, posts, categories, clauses map[string]bool }

func (c *checker) names(p *Pack) names {
	n := names{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, q := range c.closure(p) {
		for _, u := range q.Units {
			n.units[u.Key] = true
		}
		for _, post := range q.Posts {
			n.posts[post.Key] = true
		}
		for _, cat := range q.Categories {
			n.categories[cat.Key] = true
		}
		for _, r := range q.Regulations {
			for _, cl := range r.Clauses() {
				n.clauses[cl.ID] = true
			}
		}
	}
	return n
}

// closure returns p and all it needs, directly or not, each once.
func (c *checker) closure(p *Pack) []*Pack {
	out := []*Pack{p}
	for i := 0; i < len(out); i++ {
		for _, id := range out[i].Needs {
			if q := c.byID[id]; q != nil && !slices.Contains(out, q) {
				out = append(out, q)
			}
		}
	}
	return out
}

func (c *checker) pack(p *Pack) {
	n := c.names(p)
	c.text(p.File, 0, p.Title, p.ID)
	for _, id := range p.Needs {
		if c.byID[id] == nil {
			c.add(p.File, 0, "missing_need", id)
		}
	}
	c.organisation(p, n)
	c.casework(p, n)
	for _, r := range p.Regulations {
		c.regulation(r, n)
	}
	for _, b := range p.Bindings {
		if !n.clauses[b.Clause] {
			c.add(b.File, b.Line, "unknown_clause", b.Clause)
		}
	}
}

func (c *checker) organisation(p *Pack, n names) {
	for _, u := range p.Units {
		c.once("unit", u.Key, p.File)
		c.text(p.File, 0, u.Title, u.Key)
		if u.Parent != "" && (!n.units[u.Parent] || u.Parent == u.Key) {
			c.add(p.File, 0, "unknown_unit", u.Parent)
		}
	}
	for _, post := range p.Posts {
		c.once("post", post.Key, p.File)
		c.text(p.File, 0, post.Title, post.Key)
		if !n.units[post.Unit] {
			c.add(p.File, 0, "unknown_unit", post.Unit)
		}
		if len(post.Roles) == 0 {
			c.add(p.File, 0, "no_roles", post.Key)
		}
		for _, role := range post.Roles {
			if !slices.Contains(Roles(), role) {
				c.add(p.File, 0, "unknown_role", role)
			}
		}
	}
	for _, cal := range p.Calendars {
		c.once("calendar", cal.Key, p.File)
		c.text(p.File, 0, cal.Title, cal.Key)
		c.calendar(p.File, cal)
	}
}

func (c *checker) calendar(file string, cal Calendar) {
	hours := regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$`)
	days := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	for day, spans := range cal.Hours {
		for span := range strings.SplitSeq(spans, ",") {
			if !slices.Contains(days, day) || !hours.MatchString(strings.TrimSpace(span)) {
				c.add(file, 0, "bad_hours", cal.Key+" "+day+" "+span)
			}
		}
	}
	if len(cal.Hours) == 0 {
		c.add(file, 0, "bad_hours", cal.Key)
	}
	if cal.Holidays != "" && cal.Holidays != "cn" {
		c.add(file, 0, "unknown_holidays", cal.Holidays)
	}
}

func (c *checker) casework(p *Pack, n names) {
	for _, cat := range p.Categories {
		c.once("category", cat.Key, p.File)
		c.text(p.File, 0, cat.Title, cat.Key)
		if cat.Parent != "" && (!n.categories[cat.Parent] || cat.Parent == cat.Key) {
			c.add(p.File, 0, "unknown_category", cat.Parent)
		}
		if len(cat.Kinds) == 0 {
			c.add(p.File, 0, "no_kinds", cat.Key)
		}
	}
	within := regexp.MustCompile(`^[1-9]\d*[mhd]( work)?$`)
	for _, u := range p.Urgencies {
		c.once("urgency", u.Key, p.File)
		c.text(p.File, 0, u.Title, u.Key)
		if !within.MatchString(u.Respond) || !within.MatchString(u.Resolve) {
			c.add(p.File, 0, "bad_time", u.Key)
		}
	}
}

func (c *checker) regulation(r *Regulation, n names) {
	c.once("regulation", r.ID, r.File)
	c.text(r.File, 0, r.Title, r.ID+" title")
	c.text(r.File, 0, r.Summary, r.ID+" summary")
	c.text(r.File, 0, r.Body, r.ID+" body")
	if r.ReviewEvery < 1 {
		c.add(r.File, 0, "no_review", r.ID)
	}
	if len(r.Cover.Units)+len(r.Cover.Posts) == 0 {
		c.add(r.File, 0, "no_cover", r.ID)
	}
	for _, u := range r.Cover.Units {
		if !n.units[u] {
			c.add(r.File, 0, "unknown_unit", u)
		}
	}
	for _, post := range r.Cover.Posts {
		if !n.posts[post] {
			c.add(r.File, 0, "unknown_post", post)
		}
	}
	r.Walk(func(node *Node, _ []*Node) { c.node(r, node, n) })
}

func (c *checker) node(r *Regulation, node *Node, n names) {
	name := node.ID
	if name == "" {
		name = node.Number
	}
	if strings.TrimSpace(node.Number) == "" {
		c.add(r.File, node.Line, "empty_number", name)
	}
	if !slices.Contains(levels(), node.Level) {
		c.add(r.File, node.Line, "unknown_level", name+" "+node.Level)
	}
	if node.Title != (Text{}) {
		c.text(r.File, node.Line, node.Title, name+" title")
	}
	if node.Note != (Text{}) {
		c.text(r.File, node.Line, node.Note, name+" note")
	}
	if node.ID == "" {
		if len(node.Nodes) == 0 {
			c.add(r.File, node.Line, "empty_heading", name)
		}
		return
	}
	c.once("clause", node.ID, r.File)
	if !strings.HasPrefix(node.ID, r.ID+".") {
		c.add(r.File, node.Line, "foreign_clause", node.ID)
	}
	c.text(r.File, node.Line, node.Text, node.ID)
	if !n.posts[node.Post] {
		c.add(r.File, node.Line, "unknown_post", node.ID+" "+node.Post)
	}
}

// circles reports packs that need themselves through others.
func (c *checker) circles(packs []*Pack) {
	for _, p := range packs {
		for _, id := range p.Needs {
			if q := c.byID[id]; q != nil && slices.Contains(c.closure(q), p) {
				c.add(p.File, 0, "circle", p.ID+" "+id)
			}
		}
	}
}
