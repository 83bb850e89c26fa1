package gb

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed divisions/divisions.csv
var divisionFile string

// Level is the rank of a division.
type Level int

// The levels of GB/T 2260.
const (
	Province Level = iota + 1
	City
	County
)

// Division is one unit of GB/T 2260.
type Division struct {
	Code string // six digits
	Name string
}

// Level returns the rank the code expresses.
func (d Division) Level() Level {
	switch {
	case strings.HasSuffix(d.Code, "0000"):
		return Province
	case strings.HasSuffix(d.Code, "00"):
		return City
	}
	return County
}

// isPlaceholder tells units that exist in the code only, such as 市辖区.
func (d Division) isPlaceholder() bool {
	return d.Level() == City && (d.Name == "市辖区" || d.Name == "县" || strings.HasSuffix(d.Name, "直辖县级行政区划"))
}

// Tree is the set of administrative divisions. It is read-only.
type Tree struct {
	byCode   map[string]Division
	children map[string][]Division // in the order of codes; "" holds the provinces
}

// Divisions returns the divisions that come with the product; they are parsed once.
func Divisions() *Tree { return divisions() }

var divisions = sync.OnceValue(func() *Tree {
	t := &Tree{byCode: map[string]Division{}, children: map[string][]Division{}}
	for line := range strings.Lines(divisionFile) {
		code, name, _ := strings.Cut(strings.TrimSpace(line), ",")
		d := Division{code, name}
		t.byCode[code] = d
		t.children[parent(d)] = append(t.children[parent(d)], d)
	}
	return t
})

func parent(d Division) string {
	switch d.Level() {
	case Province:
		return ""
	case City:
		return d.Code[:2] + "0000"
	}
	return d.Code[:4] + "00"
}

// Get returns the division with the code.
func (t *Tree) Get(code string) (Division, bool) {
	d, ok := t.byCode[code]
	return d, ok
}

// Children returns the divisions directly below the code in the order of codes; "" stands for the country.
func (t *Tree) Children(code string) []Division { return slices.Clone(t.children[code]) }

// Path returns the division and those above it, the province first; nil for an unknown code.
func (t *Tree) Path(code string) []Division {
	var out []Division
	for d, ok := t.byCode[code]; ok; d, ok = t.byCode[parent(d)] {
		out = append(out, d)
	}
	slices.Reverse(out)
	return out
}

// FullName returns the names from the province down, without placeholder units: 浙江省杭州市西湖区. It is "" for an
// unknown code.
func (t *Tree) FullName(code string) string {
	var b strings.Builder
	for _, d := range t.Path(code) {
		if !d.isPlaceholder() {
			b.WriteString(d.Name)
		}
	}
	return b.String()
}
