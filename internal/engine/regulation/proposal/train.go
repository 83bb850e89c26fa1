package proposal

import "math"

// labels are the right answers for one clause.
type labels struct {
	kinds []int
	room  int // -1 where it has none
}

// The figures of the training, found by leaving regulations out; see docs/proposals.md.
const (
	rounds  = 3
	step    = 0.3
	decay   = 1e-4
	stride  = 7919 // prime: walks through the clauses in a mixed but fixed order
	shiftBy = 131
)

// train fits one logistic regression for each kind, since a clause may call for several, and one over all rooms, since
// it has but one. Steps shrink by the gradients each weight has seen (Duchi, Hazan, Singer: Adaptive Subgradient
// Methods, 2011). The result has the labels of a feature side by side.
func train(rows []vector, right []labels, features, kinds, rooms int) []float64 {
	width := kinds + rooms
	w, seen := make([]float64, (features+1)*width), make([]float64, (features+1)*width)
	off := make([]float64, width)
	for round := range rounds {
		for t := range rows {
			i := (t*stride + round*shiftBy) % len(rows)
			k, r := scores(w, rows[i], kinds, rooms)
			copy(off, k)
			copy(off[kinds:], r)
			for _, j := range right[i].kinds {
				off[j]--
			}
			if right[i].room < 0 {
				clear(off[kinds:])
			} else {
				off[kinds+right[i].room]--
			}
			learn(w, seen, rows[i], off)
		}
	}
	return w
}

// learn takes one step against the error.
func learn(w, seen []float64, row vector, off []float64) {
	width := len(off)
	for i, n := range row.at {
		base := int(n) * width
		for j, d := range off {
			g := d*row.by[i] + decay*w[base+j]
			seen[base+j] += g * g
			w[base+j] -= step * g / math.Sqrt(1e-8+seen[base+j])
		}
	}
	base := len(w) - width
	for j, d := range off {
		seen[base+j] += d * d
		w[base+j] -= step * d / math.Sqrt(1e-8+seen[base+j])
	}
}

// scores are the chances of each kind by itself and of each room among all.
func scores(w []float64, row vector, kinds, rooms int) (k, r []float64) {
	width := kinds + rooms
	out := make([]float64, width)
	copy(out, w[len(w)-width:])
	for i, n := range row.at {
		by := row.by[i]
		for j, x := range w[int(n)*width : (int(n)+1)*width] {
			out[j] += by * x
		}
	}
	for j := range kinds {
		out[j] = logistic(out[j])
	}
	most, sum := math.Inf(-1), 0.0
	for _, x := range out[kinds:] {
		most = math.Max(most, x)
	}
	for j := kinds; j < width; j++ {
		out[j] = math.Exp(out[j] - most)
		sum += out[j]
	}
	for j := kinds; j < width; j++ {
		out[j] /= sum
	}
	return out[:kinds], out[kinds:]
}
