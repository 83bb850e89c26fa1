package tabular

import (
	"errors"
	"io"
	"strings"
	"unicode"

	"dianke/internal/platform/errs"
)

const peekLines = 40

// findHeader reads the first lines, decides which of them are headings and leaves the rest to be read.
func (t *Table) findHeader(at int) error {
	if t.Columns != nil { // cards name their own
		return nil
	}
	for len(t.peek) < peekLines {
		l, err := t.src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if l.over && (len(t.peek) == 0 || t.peek[len(t.peek)-1].over) {
			return errs.New(errs.TooLarge, "tabular.too_many_columns").With("max", t.limit.Columns)
		}
		t.peek = append(t.peek, l)
	}
	width := 0
	for _, l := range t.peek {
		if !l.over {
			width = max(width, filled(l.cells))
		}
	}
	if width == 0 {
		return no("tabular.empty")
	}
	first, depth := -1, 0
	switch {
	case at > 0:
		for i, l := range t.peek {
			if l.no == at {
				first, depth = i, 1
			}
		}
		if first < 0 {
			return errs.Of("header", "tabular.no_such_line").With("line", at)
		}
	case at == 0:
		first, depth = t.guess()
	}
	if first < 0 {
		t.Columns = unique(make([]string, width))
		return nil
	}
	t.Header = t.peek[first].no
	depth = t.depth(first, depth)
	names := t.names(first, depth)
	for _, l := range t.peek[first+depth:] {
		// cells under no heading still belong to a column where most rows have them
		if n := filled(l.cells); !l.over && n > len(names) && at == 0 && t.usual(first+depth, n) {
			names = append(names, make([]string, n-len(names))...)
		}
	}
	t.Columns, t.peek = unique(names), t.peek[first+depth:]
	return nil
}

// usual reports whether at least half of the lines seen are as wide as that.
func (t *Table) usual(from, width int) bool {
	n, all := 0, 0
	for _, l := range t.peek[from:] {
		if blank(l.cells) {
			continue
		}
		all++
		if filled(l.cells) >= width {
			n++
		}
	}
	return n*2 > all
}

// filled is the number of cells up to the last that holds something.
func filled(cells []string) int {
	for i := len(cells); i > 0; i-- {
		if cells[i-1] != "" {
			return i
		}
	}
	return 0
}

func held(cells []string) int {
	n := 0
	for _, c := range cells {
		if c != "" {
			n++
		}
	}
	return n
}

// guess finds the headings: the first line that is about as full as the fullest and reads like words, not values. Titles
// above it, being one cell, are passed over.
func (t *Table) guess() (first, depth int) {
	most := 0
	for _, l := range t.peek {
		if !l.over {
			most = max(most, held(l.cells))
		}
	}
	for i, l := range t.peek {
		n := held(l.cells)
		if n == 0 || n*2 < most && n < 3 || n == 1 && most > 1 {
			continue
		}
		if !wordy(l.cells) {
			if i == 0 || t.peek[0].no == l.no || n*5 >= most*4 {
				return -1, 0 // values from the start: there are no headings
			}
			continue
		}
		if n*10 >= most*5 || len(l.spans) > 0 {
			return i, 1
		}
	}
	return -1, 0
}

// wordy reports whether most cells read like names of columns.
func wordy(cells []string) bool {
	words, all := 0, 0
	for _, c := range cells {
		if c == "" {
			continue
		}
		all++
		if len([]rune(c)) <= 60 && !valueLike(c) {
			words++
		}
	}
	return words*10 >= all*7 || all == 2 && words >= 1
}

// valueLike tells numbers, dates, addresses of mail and yes and no.
func valueLike(s string) bool {
	digits, letters := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	if digits > 0 && digits >= letters {
		return !yearOnly(s)
	}
	low := strings.ToLower(s)
	return strings.Contains(s, "@") && strings.Contains(s, ".") || low == "true" || low == "false" || low == "null"
}

// yearOnly tells columns that are years.
func yearOnly(s string) bool {
	return len(s) == 4 && (strings.HasPrefix(s, "19") || strings.HasPrefix(s, "20")) && strings.Trim(s, "0123456789") == ""
}

// depth adds the lines below a heading whose cells are merged across columns.
func (t *Table) depth(first, depth int) int {
	for i := first; depth < 4 && i+1 < len(t.peek); i++ {
		parts := false
		for _, s := range t.peek[i].spans {
			if s.last > s.first && held(slice(t.peek[i+1].cells, s.first, s.last+1)) > 1 {
				parts = true
			}
		}
		if !parts || !wordy(t.peek[i+1].cells) {
			break
		}
		depth++
	}
	return depth
}

func slice(cells []string, from, to int) []string {
	from, to = min(from, len(cells)), min(to, len(cells))
	return cells[from:to]
}

// names joins the headings of several lines: "收货 / 电话".
func (t *Table) names(first, depth int) []string {
	var out []string
	for _, l := range t.peek[first : first+depth] {
		cells := append([]string(nil), l.cells[:filled(l.cells)]...)
		if depth > 1 {
			for _, s := range l.spans {
				for i := s.first; i <= s.last && s.first < len(l.cells); i++ {
					for len(cells) <= i {
						cells = append(cells, "")
					}
					cells[i] = l.cells[s.first]
				}
			}
		}
		for len(out) < len(cells) {
			out = append(out, "")
		}
		for i, c := range cells {
			switch {
			case c == "" || c == out[i]:
			case out[i] == "":
				out[i] = c
			default:
				out[i] += " / " + c
			}
		}
	}
	return out
}
