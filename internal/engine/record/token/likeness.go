package token

import "strings"

// Core returns a name folded, without separators and legal forms, so that two ways of writing one name are equal:
// "贵州茅台酒股份有限公司" and "贵州茅台酒" give the same. A name that has nothing but a legal form keeps it.
func Core(name string) string { return joinCore(pieces(clip(fold(name)))) }

// Sound returns the usual pinyin of a name's core, syllables joined; what is not Han stays as it is.
func Sound(name string) string {
	ps := pieces(clip(fold(name)))
	marked := core(ps)
	var b strings.Builder
	for i, p := range ps {
		if !p.han {
			b.WriteString(p.String())
			continue
		}
		for n, r := range readings(unmarked(p.runes, marked[i])) {
			if n == 0 {
				b.WriteString(strings.Join(r, ""))
			}
		}
	}
	return b.String()
}

// Likeness tells how alike two texts are, from 0 to 1: the mean of their edit distance in proportion to the longer one
// and of the character pairs they share. Equal texts give 1. Texts are compared up to 100 characters.
func Likeness(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	x, y = x[:min(len(x), maxAlike)], y[:min(len(y), maxAlike)]
	if string(x) == string(y) {
		return 1
	}
	longer := max(len(x), len(y))
	if longer == 0 {
		return 1
	}
	return (1 - float64(distance(x, y))/float64(longer) + shared(x, y)) / 2
}

const maxAlike = 100

// distance is the number of characters to insert, delete, replace or swap with their neighbour.
func distance(x, y []rune) int {
	older, old, now := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(old[j]+1, now[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], older[j-2]+1)
			}
		}
		older, old, now = old, now, older
	}
	return old[len(y)]
}

// shared is the part of the character pairs that both have (Jaccard); ends count as characters of their own.
func shared(x, y []rune) float64 {
	px, py := pairs(x), pairs(y)
	both := 0
	for p := range px {
		if py[p] {
			both++
		}
	}
	all := len(px) + len(py) - both
	if all == 0 {
		return 0
	}
	return float64(both) / float64(all)
}

func pairs(x []rune) map[[2]rune]bool {
	out := make(map[[2]rune]bool, len(x)+1)
	last := rune(0)
	for _, r := range x {
		out[[2]rune{last, r}] = true
		last = r
	}
	out[[2]rune{last, 0}] = true
	return out
}

// Near returns keys of which two texts that differ in one character (inserted, deleted, replaced or swapped with its
// neighbour) share at least one, and few other texts do: the text itself and each of its forms with one character left
// out. A text of fewer than three characters gives itself alone, of a long one only the first 24 characters vary.
func Near(s string) []string {
	out, r := []string{s}, []rune(s)
	if len(r) < 3 {
		return out
	}
	for i := range r[:min(len(r), 24)] {
		if i == 0 || r[i] != r[i-1] {
			out = append(out, string(r[:i])+string(r[i+1:]))
		}
	}
	return out
}
