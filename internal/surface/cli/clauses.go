package cli

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/pack"
	"dianke/packs"
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
	bound := boundIn(list)
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
			sum = sum.plus(n)
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
	return s.byRoom(files, list, bound)
}

// boundIn tells which clauses have a control.
func boundIn(list []*pack.Pack) map[string]bool {
	out := map[string]bool{}
	for _, p := range list {
		for _, b := range p.Bindings {
			out[b.Clause] = true
		}
	}
	return out
}

func (c coverage) plus(o coverage) coverage {
	return coverage{c.catalogued + o.catalogued, c.bound + o.bound, c.proven + o.proven}
}

// coverageOf counts a clause. Proven means that its scenario is there; the tests of the packs run it.
func coverageOf(files fs.FS, p *pack.Pack, cl *pack.Node, bound map[string]bool) coverage {
	n := coverage{catalogued: 1}
	if bound[cl.ID] {
		n.bound = 1
	}
	if _, err := fs.Stat(files, p.ID+"/scenarios/"+cl.ID+".txtar"); err == nil {
		n.proven = 1
	}
	return n
}

func count(files fs.FS, p *pack.Pack, r *pack.Regulation, bound map[string]bool) coverage {
	var n coverage
	for _, cl := range r.Clauses() {
		n = n.plus(coverageOf(files, p, cl, bound))
	}
	return n
}

func (s *shell) missing(r *pack.Regulation, bound map[string]bool) {
	for _, cl := range r.Clauses() {
		if !bound[cl.ID] {
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

// byRoom counts by the room whose records can prove a clause.
func (s *shell) byRoom(files fs.FS, list []*pack.Pack, bound map[string]bool) error {
	rooms := map[string]coverage{}
	for _, p := range list {
		for _, r := range p.Regulations {
			for _, cl := range r.Clauses() {
				n := rooms[cl.Room]
				rooms[cl.Room] = n.plus(coverageOf(files, p, cl, bound))
			}
		}
	}
	names := make([]string, 0, len(rooms))
	for name := range rooms {
		names = append(names, name)
	}
	slices.Sort(names)
	t := newTable("room", "clauses", "bound", "proven")
	for _, name := range names {
		t.row(name, strconv.Itoa(rooms[name].catalogued), strconv.Itoa(rooms[name].bound), strconv.Itoa(rooms[name].proven))
	}
	return t.print(s.Out)
}
