package proposal

import (
	"cmp"
	"math"
	"slices"

	"dianke/internal/engine/regulation/text"
)

// Known is a clause whose controls are known.
type Known struct {
	Key        string    // r07.16.2
	Regulation string    // r07; all clauses of a regulation stand together, in printed order
	Title      [2]string // of the regulation, zh and en
	Printed    string    // number as printed
	Above      string    // headings above it
	Text       string    // Chinese
	Controls   []string  // kinds of control it calls for
	Room       string    // whose records can prove it
	Bindings   []Binding // empty where it is not bound
}

// Binding is one control of a known clause: kind and YAML.
type Binding struct{ Control, Spec string }

// Clause is a clause to propose for. The clauses of a regulation are given together, in printed order.
type Clause struct {
	Key   string
	Above string // headings above it and what leads in to it
	Text  string // Chinese
}

// Check compiles a binding; a proposal carries none that it refuses.
type Check func(clause, control, spec string) error

// Model is what was learnt from known clauses. It is never changed and safe for concurrent use.
type Model struct {
	known    []Known
	figures  [][]text.Figure // of each known clause
	kinds    []string
	rooms    []string
	features *vocabulary
	weights  []float64 // by feature and label; the last row is the bias
	index    *index
	bound    []bool
	check    Check
}

// Learn trains a model. Kinds are the names of the controls; a known clause with others only is left out of learning.
func Learn(known []Known, kinds []string, check Check) *Model {
	m := &Model{known: known, kinds: kinds, check: check, rooms: roomsOf(known), bound: make([]bool, len(known))}
	clauses := make([]Clause, len(known))
	for i, k := range known {
		clauses[i] = Clause{Key: k.Key, Above: k.Above, Text: k.Text}
		m.figures = append(m.figures, text.Figures(k.Text))
		m.bound[i] = len(k.Bindings) > 0
	}
	var drafts []sketch
	eachRegulation(known, func(from, to int) {
		drafts = append(drafts, sketches(known[from].Title[0], clauses[from:to])...)
	})
	m.features = newVocabulary(drafts)
	rows := make([]vector, len(drafts))
	for i, d := range drafts {
		rows[i] = m.features.vector(d)
	}
	m.index = newIndex(clauses)
	m.weights = train(rows, m.targets(), m.features.size(), len(m.kinds), len(m.rooms))
	return m
}

func roomsOf(known []Known) []string {
	var out []string
	for _, k := range known {
		if k.Room != "" && !slices.Contains(out, k.Room) {
			out = append(out, k.Room)
		}
	}
	slices.Sort(out)
	return out
}

func eachRegulation(known []Known, visit func(from, to int)) {
	for from := 0; from < len(known); {
		to := from + 1
		for to < len(known) && known[to].Regulation == known[from].Regulation {
			to++
		}
		visit(from, to)
		from = to
	}
}

// targets are the labels of each known clause: its kinds, then its room behind them.
func (m *Model) targets() []labels {
	out := make([]labels, len(m.known))
	for i, k := range m.known {
		for _, name := range k.Controls {
			if j := slices.Index(m.kinds, name); j >= 0 {
				out[i].kinds = append(out[i].kinds, j)
			}
		}
		out[i].room = slices.Index(m.rooms, k.Room)
	}
	return out
}

const (
	nearest   = 15  // known clauses that have a say
	nearSay   = 0.3 // how much of it all they say
	roomReach = 3   // clauses before and behind that share the room
)

// guess is what a clause most likely calls for, with the known clauses near it.
type guess struct {
	kinds, rooms []float64 // chances by label
	near         []neighbour
}

// guesses judges the clauses of one regulation.
func (m *Model) guesses(title string, clauses []Clause) []guess {
	out := make([]guess, len(clauses))
	for i, s := range sketches(title, clauses) {
		g := &out[i]
		g.kinds, g.rooms = scores(m.weights, m.features.vector(s), len(m.kinds), len(m.rooms))
		g.near = m.index.near(clauses[i].Text)
		m.mix(g)
	}
	return shareRooms(out)
}

// mix lets the nearest clauses have their say.
func (m *Model) mix(g *guess) {
	kinds, rooms, total := make([]float64, len(m.kinds)), make([]float64, len(m.rooms)), 0.0
	for _, n := range g.near[:min(nearest, len(g.near))] {
		w, k := n.likeness*n.likeness, m.known[n.known]
		total += w
		for _, name := range k.Controls {
			if j := slices.Index(m.kinds, name); j >= 0 {
				kinds[j] += w
			}
		}
		if j := slices.Index(m.rooms, k.Room); j >= 0 {
			rooms[j] += w
		}
	}
	if total == 0 {
		return
	}
	for j := range kinds {
		g.kinds[j] = (1-nearSay)*g.kinds[j] + nearSay*kinds[j]/total
	}
	for j := range rooms {
		g.rooms[j] = (1-nearSay)*g.rooms[j] + nearSay*rooms[j]/total
	}
}

// shareRooms lets neighbouring clauses agree: what stands together in print is about the same.
func shareRooms(list []guess) []guess {
	shared := make([][]float64, len(list))
	for i := range list {
		sum, weight := slices.Clone(list[i].rooms), 1.0
		for d := 1; d <= roomReach; d++ {
			for _, j := range []int{i - d, i + d} {
				if j < 0 || j >= len(list) {
					continue
				}
				w := 0.4 / float64(d)
				weight += w
				for k := range sum {
					sum[k] += w * list[j].rooms[k]
				}
			}
		}
		for k := range sum {
			sum[k] /= weight
		}
		shared[i] = sum
	}
	for i := range list {
		list[i].rooms = shared[i]
	}
	return list
}

// best lists the labels by chance, the likeliest first.
func best(chances []float64, n int) []int {
	ids := make([]int, len(chances))
	for i := range ids {
		ids[i] = i
	}
	slices.SortStableFunc(ids, func(a, b int) int { return cmp.Compare(chances[b], chances[a]) })
	return ids[:min(n, len(ids))]
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
