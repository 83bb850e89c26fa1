package pack

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// expand writes the items of a checklist in the place of its key, in the bindings of a pack. A key that is known to
// neither the pack nor those it needs stays, for [Check] to report.
func expand(packs []*Pack, p *Pack) {
	byID := map[string]*Pack{}
	for _, q := range packs {
		byID[q.ID] = q
	}
	lists := map[string]Checklist{}
	for _, q := range closure(byID, p) {
		for _, l := range q.Checklists {
			lists[l.Key] = l
		}
	}
	for _, b := range p.Bindings {
		at := valueOf(b.Node, "checklist")
		if at == nil || at.Kind != yaml.ScalarNode {
			continue
		}
		if l, ok := lists[at.Value]; ok {
			*at = *itemsOf(l, at)
		}
	}
}

// itemsOf is the checklist as a binding writes it, each item at the place of the key.
func itemsOf(l Checklist, at *yaml.Node) *yaml.Node {
	word := func(s string) *yaml.Node {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Line: at.Line, Column: at.Column}
	}
	out := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: at.Line, Column: at.Column}
	for _, it := range l.Items {
		out.Content = append(out.Content, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: at.Line, Column: at.Column, Content: []*yaml.Node{
			word("key"), word(it.Key), word("zh"), word(it.Title.ZH), word("en"), word(it.Title.EN),
		}})
	}
	return out
}

// valueOf is the value of a name in a mapping, or nil.
func valueOf(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// binding checks what a binding names of its pack: checklists, ladders and their steps.
func (c *checker) binding(b RawBinding, n names) {
	if list := valueOf(b.Node, "checklist"); list != nil && list.Kind == yaml.ScalarNode {
		c.add(Place{b.File, list.Line, list.Column}, "unknown_checklist", b.Clause+" "+list.Value)
	}
	ladder, step := valueOf(b.Node, "ladder"), valueOf(b.Node, "measure")
	if ladder == nil {
		return
	}
	if !n.ladders[ladder.Value] {
		c.add(Place{b.File, ladder.Line, ladder.Column}, "unknown_ladder", b.Clause+" "+ladder.Value)
		return
	}
	if step != nil && !n.ladders[ladder.Value+" "+step.Value] {
		c.add(Place{b.File, step.Line, step.Column}, "unknown_step", b.Clause+" "+step.Value)
	}
}

// governance checks who decides about a regulation.
func (c *checker) governance(r *Regulation, n names) {
	g, at := r.Governance, r.at("governance")
	posts := slices.Concat(g.Approvers, g.Interpreters, g.FinalBody)
	if g.Accountable != "" {
		posts = append(posts, g.Accountable)
	}
	for _, post := range posts {
		if !n.posts[post] {
			c.add(at, "unknown_post", r.ID+" "+post)
		}
	}
	if g.Rank != "" && !slices.Contains(Ranks(), g.Rank) {
		c.add(at, "unknown_rank", r.ID+" "+g.Rank)
	}
	if g.Quorum < 0 || g.Quorum > len(g.Approvers) {
		c.add(at, "bad_quorum", r.ID)
	}
}
