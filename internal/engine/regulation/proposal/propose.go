package proposal

import (
	"slices"

	"dianke/internal/engine/regulation/text"
)

// Offer is one proposal for a clause.
type Offer struct {
	Control    string
	Room       string  // whose records can prove the clause
	Point      string  // event or record type the binding takes hold of; empty without one
	Spec       string  // YAML that compiles; empty where it is to be bound by hand
	Confidence float64 // 0 to 1: how often such a proposal was right where regulations were left out; see docs/proposals.md
	Like       *Known  // the nearest known clause of that kind; nil where none is near
	Likeness   float64 // 0 to 1
	Figures    []text.Figure
}

// Offers is how many proposals a clause gets at most.
const Offers = 3

// What the chances of the model are worth, found by leaving regulations out.
const (
	fitSlope, fitShift = 9.0, -2.6 // binding of a clause so like fits = logistic(slope·likeness + shift)
	likeFloor          = 0.2       // below this, a known clause says nothing
	leastChance        = 0.05      // of a kind to be proposed at all
)

// Propose gives for each clause of a regulation up to [Offers] proposals of different kinds, the likeliest first; none for
// a clause without text.
func (m *Model) Propose(title string, clauses []Clause) [][]Offer {
	out := make([][]Offer, len(clauses))
	for i, g := range m.guesses(title, clauses) {
		if clauses[i].Text == "" {
			continue
		}
		figures := text.Figures(clauses[i].Text)
		for rank, j := range best(g.kinds, Offers) {
			if g.kinds[j] >= leastChance || rank == 0 {
				out[i] = append(out[i], m.offer(clauses[i], g, m.kinds[j], g.kinds[j], figures))
			}
		}
	}
	return out
}

func (m *Model) offer(c Clause, g guess, kind string, chance float64, figures []text.Figure) Offer {
	o := Offer{Control: kind, Confidence: chance, Room: m.rooms[best(g.rooms, 1)[0]], Figures: measures(figures)}
	if n, ok := m.nearest(g, kind, false); ok {
		o.Like, o.Likeness = &m.known[n.known], n.likeness
	}
	n, ok := m.nearest(g, kind, true)
	if ok {
		for _, b := range m.known[n.known].Bindings {
			if b.Control != kind {
				continue
			}
			spec, point := fill(b, m.figures[n.known], figures, c.Text)
			if spec == "" || m.check(c.Key, kind, spec) != nil {
				continue
			}
			o.Spec, o.Point, o.Room = spec, point, m.known[n.known].Room
			o.Like, o.Likeness = &m.known[n.known], n.likeness
			o.Confidence *= logistic(fitSlope*n.likeness + fitShift)
			return o
		}
	}
	if spec := plain(kind, c.Text, figures); spec != "" && m.check(c.Key, kind, spec) == nil {
		o.Spec = spec
	}
	return o
}

// nearest is the most like known clause that calls for the kind or, where bound, has a binding of it.
func (m *Model) nearest(g guess, kind string, bound bool) (neighbour, bool) {
	for _, n := range g.near {
		if n.likeness < likeFloor {
			break
		}
		k := m.known[n.known]
		if !bound && slices.Contains(k.Controls, kind) ||
			bound && slices.ContainsFunc(k.Bindings, func(b Binding) bool { return b.Control == kind }) {
			return n, true
		}
	}
	return neighbour{}, false
}

// measures are the figures that say how much or when, without the modal words.
func measures(list []text.Figure) []text.Figure {
	return slices.DeleteFunc(slices.Clone(list), func(f text.Figure) bool { return f.Kind == text.Modality })
}

// Rooms gives for each clause of a regulation the three likeliest rooms, the likeliest first.
func (m *Model) Rooms(title string, clauses []Clause) [][]string {
	out := make([][]string, len(clauses))
	for i, g := range m.guesses(title, clauses) {
		for _, j := range best(g.rooms, Offers) {
			out[i] = append(out[i], m.rooms[j])
		}
	}
	return out
}
