package regulation

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Change says what became of a clause between two versions.
type Change string

// The changes. A renumbered clause has the same words under another number.
const (
	Same       Change = "same"
	Changed    Change = "changed"
	Renumbered Change = "renumbered"
	Added      Change = "added"
	Removed    Change = "removed"
)

// Pair is a clause in two versions; one of them is nil where it was added or removed.
type Pair struct {
	Old, New *Clause
	Change   Change
}

// likeness below which two clauses under the same number are two clauses, and under different numbers are not the same.
const (
	likeUnderNumber = 0.25
	likeElsewhere   = 0.5
)

// Compare pairs the clauses of two versions: equal words first, then the same printed number, then likeness. The pairs
// stand in the order of the new version; a removed clause follows the one it stood after.
func Compare(old, new []*Clause) []Pair {
	m := &matching{old: old, new: new, ofNew: map[*Clause]*Clause{}, taken: map[*Clause]bool{}}
	m.exact()
	m.byNumber()
	m.byLikeness()
	return m.pairs()
}

type matching struct {
	old, new []*Clause
	ofNew    map[*Clause]*Clause
	taken    map[*Clause]bool
}

func (m *matching) join(o, n *Clause) { m.ofNew[n], m.taken[o] = o, true }

func words(c *Clause) string { return c.Heading + "\x00" + c.Body }

// exact joins clauses of the same words: under the same key first, then wherever they went.
func (m *matching) exact() {
	byWords := map[string][]*Clause{}
	byKey := map[string]*Clause{}
	for _, o := range m.old {
		byKey[o.Key] = o
		byWords[words(o)] = append(byWords[words(o)], o)
	}
	for _, n := range m.new {
		if o := byKey[n.Key]; o != nil && words(o) == words(n) {
			m.join(o, n)
		}
	}
	for _, n := range m.new {
		if m.ofNew[n] != nil {
			continue
		}
		for _, o := range byWords[words(n)] {
			if !m.taken[o] {
				m.join(o, n)
				break
			}
		}
	}
}

func (m *matching) byNumber() {
	byKey := map[string]*Clause{}
	for _, o := range m.old {
		if !m.taken[o] {
			byKey[o.Key] = o
		}
	}
	for _, n := range m.new {
		o := byKey[n.Key]
		if m.ofNew[n] == nil && o != nil && !m.taken[o] && likeness(shingles(o), shingles(n)) >= likeUnderNumber {
			m.join(o, n)
		}
	}
}

// byLikeness joins what is left, the likest first.
func (m *matching) byLikeness() {
	type candidate struct {
		o, n *Clause
		like float64
	}
	var list []candidate
	pairs := map[*Clause]map[string]bool{}
	for _, o := range m.old {
		if !m.taken[o] {
			pairs[o] = shingles(o)
		}
	}
	for _, n := range m.new {
		if m.ofNew[n] != nil {
			continue
		}
		mine := shingles(n)
		for o, theirs := range pairs {
			if like := likeness(theirs, mine); like >= likeElsewhere {
				list = append(list, candidate{o, n, like})
			}
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.like, a.like), cmp.Compare(a.o.Position, b.o.Position), cmp.Compare(a.n.Position, b.n.Position))
	})
	for _, c := range list {
		if m.ofNew[c.n] == nil && !m.taken[c.o] {
			m.join(c.o, c.n)
		}
	}
}

func (m *matching) pairs() []Pair {
	var out []Pair
	at := 0 // of the old clauses, the first that is not told yet
	gone := func(until int) {
		for ; at < until; at++ {
			if o := m.old[at]; !m.taken[o] {
				out = append(out, Pair{Old: o, Change: Removed})
			}
		}
	}
	place := map[*Clause]int{}
	for i, o := range m.old {
		place[o] = i
	}
	for _, n := range m.new {
		o := m.ofNew[n]
		if o == nil {
			out = append(out, Pair{New: n, Change: Added})
			continue
		}
		if place[o] >= at {
			gone(place[o])
		}
		out = append(out, Pair{Old: o, New: n, Change: changeOf(o, n)})
	}
	gone(len(m.old))
	return out
}

func changeOf(o, n *Clause) Change {
	switch {
	case words(o) != words(n):
		return Changed
	case o.Printed != n.Printed:
		return Renumbered
	}
	return Same
}

// shingles are the pairs of characters of a clause, without blanks and punctuation.
func shingles(c *Clause) map[string]bool {
	var r []rune
	for _, x := range c.Heading + c.Body {
		if unicode.IsLetter(x) || unicode.IsDigit(x) {
			r = append(r, unicode.ToLower(x))
		}
	}
	out := map[string]bool{}
	for i := range r {
		out[string(r[i:min(i+2, len(r))])] = true
	}
	return out
}

// likeness is the share of pairs that both have (Dice), from 0 to 1.
func likeness(a, b map[string]bool) float64 {
	if len(a)+len(b) == 0 {
		return 1
	}
	both := 0
	for k := range a {
		if b[k] {
			both++
		}
	}
	return 2 * float64(both) / float64(len(a)+len(b))
}

// Piece is a run of words of one clause; Marked where the other version does not have them.
type Piece struct {
	Text   string
	Marked bool
}

// longestDiff is how many words two texts may have together before they are no longer compared word by word.
const longestDiff = 6000

// Words compares two texts word by word (a Chinese character is a word) and returns the pieces of each.
func Words(old, new string) (was, is []Piece) {
	a, b := split(old), split(new)
	if len(a)+len(b) > longestDiff {
		return []Piece{{old, true}}, []Piece{{new, true}}
	}
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	keepA, keepB := common(a[head:len(a)-tail], b[head:len(b)-tail])
	return pieces(a, head, tail, keepA), pieces(b, head, tail, keepB)
}

// split cuts a text into words: runs of Latin letters or digits, runs of blanks, and every other character by itself.
func split(s string) []string {
	kind := func(r rune) int {
		switch {
		case r < 0x250 && unicode.IsLetter(r):
			return 1
		case unicode.IsDigit(r):
			return 2
		case unicode.IsSpace(r):
			return 3
		}
		return 0
	}
	var out []string
	last := 0
	for _, r := range s {
		k := kind(r)
		if k != 0 && k == last {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		last = k
	}
	return out
}

// common marks in both lists the words of a longest common subsequence.
func common(a, b []string) (inA, inB []bool) {
	inA, inB = make([]bool, len(a)), make([]bool, len(b))
	best := make([][]int32, len(a)+1)
	for i := range best {
		best[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				best[i][j] = best[i+1][j+1] + 1
			} else {
				best[i][j] = max(best[i+1][j], best[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			inA[i], inB[j] = true, true
			i, j = i+1, j+1
		case best[i+1][j] >= best[i][j+1]:
			i++
		default:
			j++
		}
	}
	return inA, inB
}

func pieces(list []string, head, tail int, keep []bool) []Piece {
	var out []Piece
	var b strings.Builder
	marked := false
	flush := func() {
		if b.Len() > 0 {
			out = append(out, Piece{b.String(), marked})
			b.Reset()
		}
	}
	for i, w := range list {
		m := i >= head && i < len(list)-tail && !keep[i-head]
		if m != marked {
			flush()
			marked = m
		}
		b.WriteString(w)
	}
	flush()
	return out
}
