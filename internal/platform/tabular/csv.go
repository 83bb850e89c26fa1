package tabular

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"dianke/internal/platform/errs"
)

const (
	sampleBytes  = 64 << 10
	lostAfter    = 20 // lines after which an open quote was none
	sampleRows   = 200
	separatorSet = ",;\t|"
)

// Separators lists what may part the cells of a line.
func Separators() []string { return []string{",", ";", "\t", "|"} }

func (t *Table) openText(f io.ReaderAt, size int64, o Options) error {
	x, err := openEncoded(f, size, o.Encoding)
	if err != nil {
		return err
	}
	t.Format, t.Encoding = CSV, x.encoding
	sample, err := x.r.Peek(sampleBytes)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	s := &splitter{r: x.r, limit: o.Limits}
	if first, _, ok := bytes.Cut(sample, []byte("\n")); ok && len(first) < 8 && bytes.HasPrefix(first, []byte("sep=")) {
		s.sep = first[4]
		if _, err := x.r.Discard(len(first) + 1); err != nil {
			return err
		}
		s.line = 1
	}
	if len(o.Separator) == 1 && strings.Contains(separatorSet, o.Separator) {
		s.sep = o.Separator[0]
	}
	if s.sep == 0 {
		s.sep = separatorOf(sample, len(sample) < int(size), o.Limits)
	}
	t.Separator = string(s.sep)
	s.damaged = &t.Damaged
	t.src = s
	return nil
}

// separatorOf tries each separator on the beginning of the file and takes the one by which lines are most alike.
func separatorOf(sample []byte, cut bool, limits Limits) byte {
	best, score := byte(','), 0.0
	for _, sep := range []byte(separatorSet) {
		s := &splitter{r: bufio.NewReader(bytes.NewReader(sample)), sep: sep, limit: limits, damaged: new(int)}
		counts, rows := map[int]int{}, 0
		last := 0
		for rows < sampleRows {
			l, err := s.next()
			if err != nil {
				break
			}
			if blank(l.cells) {
				continue
			}
			last = len(l.cells)
			counts[last]++
			rows++
		}
		if cut && rows > 1 && rows < sampleRows { // the sample ends within a line
			counts[last]--
			rows--
		}
		if v := alike(counts, rows); v > score+0.001 {
			best, score = sep, v
		}
	}
	return best
}

// alike is how far lines agree on one number of cells above one.
func alike(counts map[int]int, rows int) float64 {
	score := 0.0
	for n, c := range counts {
		if n > 1 && rows > 0 {
			v := float64(c)/float64(rows) + 0.02*float64(min(n, 10))
			score = max(score, v)
		}
	}
	return score
}

// splitter cuts a text into lines and cells. It forgives: a quote within a bare cell is a character, a quote that is
// closed too early goes on, one that is never closed within lostAfter lines was a character.
type splitter struct {
	r       *bufio.Reader
	sep     byte
	limit   Limits
	line    int
	again   []byte // bytes to be read once more
	damaged *int
	cell    []byte
	raw     []byte
}

func (s *splitter) close() error { return nil }

func (s *splitter) read() (byte, error) {
	if len(s.again) > 0 {
		b := s.again[0]
		s.again = s.again[1:]
		return b, nil
	}
	return s.r.ReadByte()
}

// peek returns the next byte, 0 at the end.
func (s *splitter) peek() byte {
	if len(s.again) > 0 {
		return s.again[0]
	}
	b, err := s.r.Peek(1)
	if err != nil {
		return 0
	}
	return b[0]
}

// next implements source.
func (s *splitter) next() (line, error) {
	b, err := s.read()
	if err != nil {
		return line{}, err
	}
	s.line++
	l := line{no: s.line}
	for {
		end, fault, err := s.one(b)
		if err != nil && err != io.EOF {
			return l, err
		}
		if fault != nil && l.fault == nil {
			l.fault = fault
		}
		s.keep(&l)
		if end || err == io.EOF {
			return l, nil
		}
		if b, err = s.read(); err == io.EOF {
			s.cell = s.cell[:0]
			s.keep(&l)
			return l, nil
		} else if err != nil {
			return l, err
		}
	}
}

func (s *splitter) keep(l *line) {
	if len(l.cells) > s.limit.Columns {
		l.over = true
		return
	}
	text, bad := valid(s.cell)
	*s.damaged += bad
	l.cells = append(l.cells, clean(text))
}

// one reads a cell whose first byte is b. It reports whether the line ends with it.
func (s *splitter) one(b byte) (end bool, fault *errs.Error, err error) {
	s.cell = s.cell[:0]
	for (b == ' ') && s.peek() == '"' {
		if b, err = s.read(); err != nil {
			return true, nil, err
		}
	}
	if b == '"' {
		closed, end, fault, err := s.quoted()
		if closed || err != nil && err != io.EOF {
			return end, fault, err
		}
		s.cell = append(s.cell[:0], '"')
		if b, err = s.read(); err != nil {
			return true, nil, err
		}
	}
	for {
		switch b {
		case s.sep:
			return false, fault, nil
		case '\n':
			return true, fault, nil
		case '\r':
			if s.peek() == '\n' {
				_, err = s.read()
			}
			return true, fault, err
		}
		if len(s.cell) < s.limit.Cell {
			s.cell = append(s.cell, b)
		} else {
			fault = errs.New(errs.TooLarge, "tabular.cell_too_long").With("max", s.limit.Cell>>10)
		}
		if b, err = s.read(); err != nil {
			return true, fault, err
		}
	}
}

// quoted reads behind an opening quote. Where the quote turns out to be none, everything is put back and closed is false.
func (s *splitter) quoted() (closed, end bool, fault *errs.Error, err error) {
	s.raw = s.raw[:0]
	from, lines := s.line, 0
	for {
		b, err := s.read()
		if err == io.EOF {
			if lines > lostAfter {
				break
			}
			return true, true, no("tabular.unclosed_quote"), nil
		}
		if err != nil {
			return false, true, nil, err
		}
		s.raw = append(s.raw, b)
		if b == '"' {
			switch n := s.peek(); {
			case n == '"':
				_, _ = s.read() // it was seen
				s.raw = append(s.raw, '"')
			case n == s.sep, n == '\n', n == '\r', n == 0:
				end, err := s.after()
				return true, end, nil, err
			}
		}
		if b == '\n' || b == '\r' && s.peek() != '\n' {
			lines++
			s.line++
		}
		if len(s.cell) >= s.limit.Cell {
			break
		}
		s.cell = append(s.cell, b)
	}
	s.line = from
	s.again = append(bytes.Clone(s.raw), s.again...)
	return false, false, nil, nil
}

// after reads what ends a closed cell.
func (s *splitter) after() (end bool, err error) {
	b, err := s.read()
	switch {
	case err != nil:
		return true, err
	case b == s.sep:
		return false, nil
	case b == '\r' && s.peek() == '\n':
		_, err = s.read()
	}
	return true, err
}

// clean takes blanks, byte order marks and what cannot be shown from the ends and middle of a cell.
func clean(s string) string {
	if !strings.ContainsFunc(s, odd) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u3000', '\v', '\f':
			return ' '
		}
		if odd(r) {
			return -1
		}
		return r
	}, s))
}

func odd(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' && r != '\r' || r == 0x7f || r == '\ufeff' || r == '\u00a0' || r == '\u3000' || r == '\u200b' ||
		r >= 0x80 && r < 0xa0 || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
