package cli

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/app"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/packs"

	"go.yaml.in/yaml/v3"
)

type clausesCmd struct {
	Missing bool   `help:"List the clauses that are not bound, one a line."`
	Pack    string `help:"Only this pack."`
}

// coverage counts clauses of one regulation.
type coverage struct{ catalogued, bound, proven int }

// Run counts over the packs of the program; no database is needed. Proven means that a scenario of the clause exists;
// the tests of the packs run them.
func (c clausesCmd) Run(s *shell) error {
	files := packs.FS()
	list, err := pack.Load(files)
	if err != nil {
		return err
	}
	types, err := app.Registry()
	if err != nil {
		return err
	}
	bound := boundIn(list, types)
	t, sum := newTable("pack", "regulation", "clauses", "bound", "proven", "title"), coverage{}
	for _, p := range list {
		if c.Pack != "" && p.ID != c.Pack {
			continue
		}
		for _, r := range p.Regulations {
			n := count(files, p, r, bound)
			if c.Missing {
				s.missing(r, bound)
			}
			sum = coverage{sum.catalogued + n.catalogued, sum.bound + n.bound, sum.proven + n.proven}
			t.row(p.ID, r.ID, strconv.Itoa(n.catalogued), strconv.Itoa(n.bound), strconv.Itoa(n.proven), r.Title.ZH)
		}
	}
	if c.Missing {
		return nil
	}
	t.row("", "all", strconv.Itoa(sum.catalogued), strconv.Itoa(sum.bound), strconv.Itoa(sum.proven), "")
	if err := t.print(s.Out); err != nil {
		return err
	}
	s.say("")
	return s.byRoom(bound)
}

// boundIn returns the rooms in which each bound clause takes hold, by clause.
func boundIn(list []*pack.Pack, types *record.Registry) map[string][]string {
	out := map[string][]string{}
	for _, p := range list {
		for _, b := range p.Bindings {
			out[b.Clause] = append(out[b.Clause], roomOf(b, types))
		}
	}
	return out
}

// roomOf names the room of the event that a binding waits for; those that wait for none belong to the whole company.
func roomOf(b pack.RawBinding, types *record.Registry) string {
	var at struct{ On, Start, Watch, Of yaml.Node }
	if b.Node == nil || b.Node.Decode(&at) != nil {
		return "company"
	}
	for _, n := range []yaml.Node{at.On, at.Start, at.Watch, at.Of} {
		event := n.Value
		if n.Kind == yaml.SequenceNode && len(n.Content) > 0 {
			event = n.Content[0].Value
		}
		name, _, _ := strings.Cut(event, ".")
		if t := types.Type(name); name != "" && t != nil {
			return t.Room
		}
	}
	return "company"
}

func count(files fs.FS, p *pack.Pack, r *pack.Regulation, bound map[string][]string) coverage {
	var n coverage
	for _, cl := range r.Clauses() {
		n.catalogued++
		if len(bound[cl.ID]) > 0 {
			n.bound++
		}
		if _, err := fs.Stat(files, p.ID+"/scenarios/"+cl.ID+".txtar"); err == nil {
			n.proven++
		}
	}
	return n
}

func (s *shell) missing(r *pack.Regulation, bound map[string][]string) {
	for _, cl := range r.Clauses() {
		if len(bound[cl.ID]) == 0 {
			s.say("%s %s %s", cl.ID, cl.Number, headline(cl))
		}
	}
}

// headline is the title of a clause, or how its text begins.
func headline(n *pack.Node) string {
	if n.Title.ZH != "" {
		return n.Title.ZH
	}
	line, _, _ := strings.Cut(strings.TrimSpace(n.Text.ZH), "\n")
	if r := []rune(line); len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return line
}

func (s *shell) byRoom(bound map[string][]string) error {
	rooms := map[string]int{}
	for _, list := range bound {
		slices.Sort(list)
		for _, room := range slices.Compact(slices.Clone(list)) {
			rooms[room]++
		}
	}
	names := make([]string, 0, len(rooms))
	for name := range rooms {
		names = append(names, name)
	}
	slices.Sort(names)
	t := newTable("room", "bound clauses")
	for _, name := range names {
		t.row(name, fmt.Sprint(rooms[name]))
	}
	return t.print(s.Out)
}
