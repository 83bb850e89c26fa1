package pack

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is something in the packs that does not fit, and where it stands.
type Problem struct {
	Place
	Key     string // message key, such as "pack.check.unknown_post"
	Subject string // the id, key or name at fault
}

// String returns file, line, column, key and subject for the command line.
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s %s", p.File, p.Line, p.Column, p.Key, p.Subject)
}

// Check returns everything that does not fit together: ids and keys used twice, texts missing in a language, units,
// posts, roles, categories and clauses that do not exist in the pack or the packs it needs, needs that are missing or
// run in a circle, and empty numbers. It returns nil for sound packs.
func Check(packs []*Pack) []Problem {
	c := &checker{byID: map[string]*Pack{}, seen: map[string]bool{}, asked: map[string]FormField{}}
	for _, p := range packs {
		c.once("pack", p.ID, p.at("id", ""))
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
	seen     map[string]bool // kind and id
	asked    map[string]FormField
	problems []Problem
}

func (c *checker) add(at Place, key, subject string) {
	c.problems = append(c.problems, Problem{at, "pack.check." + key, subject})
}

func (c *checker) once(kind, id string, at Place) {
	if id == "" {
		c.add(at, "empty_id", kind)
		return
	}
	if c.seen[kind+" "+id] {
		c.add(at, "duplicate", kind+" "+id)
	}
	c.seen[kind+" "+id] = true
}

func (c *checker) text(at Place, t Text, subject string) {
	if strings.TrimSpace(t.ZH) == "" {
		c.add(at, "missing_text", subject+" zh")
	}
	if strings.TrimSpace(t.EN) == "" {
		c.add(at, "missing_text", subject+" en")
	}
}

// names are the keys a pack may refer to: its own and those of the packs it needs.
type names struct{ units, posts, categories, clauses, ladders map[string]bool }

func (c *checker) names(p *Pack) names {
	n := names{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
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
		for _, l := range q.Ladders {
			n.ladders[l.Key] = true
			for _, step := range l.Steps {
				n.ladders[l.Key+" "+step.Key] = true
			}
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
func (c *checker) closure(p *Pack) []*Pack { return closure(c.byID, p) }

func closure(byID map[string]*Pack, p *Pack) []*Pack {
	out := []*Pack{p}
	for i := 0; i < len(out); i++ {
		for _, id := range out[i].Needs {
			if q := byID[id]; q != nil && !slices.Contains(out, q) {
				out = append(out, q)
			}
		}
	}
	return out
}

func (c *checker) pack(p *Pack) {
	n := c.names(p)
	c.text(p.at("title", ""), p.Title, p.ID)
	for _, id := range p.Needs {
		if c.byID[id] == nil {
			c.add(p.at("needs", ""), "missing_need", id)
		}
	}
	c.organisation(p, n)
	c.casework(p, n)
	c.measures(p, n)
	for _, r := range p.Regulations {
		c.regulation(r, n)
	}
	for _, b := range p.Bindings {
		if !n.clauses[b.Clause] {
			c.add(Place{b.File, b.Line, b.Node.Column}, "unknown_clause", b.Clause)
		}
		c.binding(b, n)
	}
	for _, f := range p.Forms {
		c.form(p, f, n)
	}
	c.sample(p, n)
}

// circles reports packs that need themselves through others.
func (c *checker) circles(packs []*Pack) {
	for _, p := range packs {
		for _, id := range p.Needs {
			if q := c.byID[id]; q != nil && slices.Contains(c.closure(q), p) {
				c.add(p.at("needs", ""), "circle", p.ID+" "+id)
			}
		}
	}
}
