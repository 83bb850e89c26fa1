package proposal

import (
	"cmp"
	"math"
	"slices"
)

// index finds the known clauses whose text is most like another: cosine of their characters and pairs, weighed by how
// rare these are. Only the text of a clause itself counts here, so that the likeness shown to people is of what they read.
type index struct {
	number map[string]int32
	rare   []float64
	posts  [][]posting // by gram
	clause int
}

type posting struct {
	known int32
	by    float64
}

// neighbour is a known clause with its likeness, 0 to 1.
type neighbour struct {
	known    int
	likeness float64
}

func newIndex(clauses []Clause) *index {
	x := &index{number: map[string]int32{}, clause: len(clauses)}
	var count []int
	for _, c := range clauses {
		for _, g := range sortedGrams(c.Text) {
			n, ok := x.number[g.name]
			if !ok {
				n = int32(len(count))
				x.number[g.name] = n
				count = append(count, 0)
			}
			count[n]++
		}
	}
	for _, n := range count {
		x.rare = append(x.rare, math.Log(1+float64(len(clauses))/float64(n)))
	}
	x.posts = make([][]posting, len(count))
	for i, c := range clauses {
		v := x.vector(c.Text)
		for j, n := range v.at {
			x.posts[n] = append(x.posts[n], posting{int32(i), v.by[j]})
		}
	}
	return x
}

type gram struct {
	name string
	by   float64
}

func sortedGrams(s string) []gram {
	weights := map[string]float64{}
	eachGram(s, func(g string, w float64) { weights[g] = w })
	out := make([]gram, 0, len(weights))
	for g, w := range weights {
		out = append(out, gram{g, w})
	}
	slices.SortFunc(out, func(a, b gram) int { return cmp.Compare(a.name, b.name) })
	return out
}

// vector brings a text to length one; grams nobody knows count in its length, since they are part of what it says.
func (x *index) vector(s string) vector {
	var out vector
	sum, unknown := 0.0, math.Log(1+float64(x.clause))
	for _, g := range sortedGrams(s) {
		n, ok := x.number[g.name]
		if !ok {
			sum += g.by * unknown * g.by * unknown
			continue
		}
		w := g.by * x.rare[n]
		out.at, out.by = append(out.at, n), append(out.by, w)
		sum += w * w
	}
	for i := range out.by {
		out.by[i] /= math.Sqrt(sum)
	}
	return out
}

// near lists all known clauses that share anything with the text, the most like first.
func (x *index) near(s string) []neighbour {
	v := x.vector(s)
	sums := make([]float64, x.clause)
	for i, n := range v.at {
		for _, p := range x.posts[n] {
			sums[p.known] += v.by[i] * p.by
		}
	}
	var out []neighbour
	for i, sum := range sums {
		if sum > 0 {
			out = append(out, neighbour{i, sum})
		}
	}
	slices.SortStableFunc(out, func(a, b neighbour) int { return cmp.Compare(b.likeness, a.likeness) })
	return out
}
