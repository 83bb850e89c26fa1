package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// family is a printed style of numbers. The first five are structural: they rank above each other and above lists.
type family uint8

const (
	famPart family = iota + 1
	famChapter
	famSection
	famArticle
	famHan        // 一、
	famHanParen   // （一）
	famDigit      // 1.  1、
	famPath       // 1.2  1.2.1
	famClose      // 1)
	famParen      // (1)
	famCircle     // ①
	famAlpha      // a.
	famAlphaClose // a)
	famAlphaParen // (a)
	famHeading    // no number
)

func (f family) structural() bool { return f <= famArticle }

// marker is a number that may start a unit: text[start:end].
type marker struct {
	start, end int
	fam        family
	delim      rune  // tells 1、 from 1. and 第1条 from 第一条
	values     []int // several for famPath and for 第五条之一
	lineStart  bool
	prev       rune // the nearest rune before it that is not white space; 0 at the start
	text       bool // a numbered text of a collection: 制度1, 制度篇1
}

func (m *marker) value() int { return m.values[len(m.values)-1] }

// maxPath bounds the components of a number such as 1.2.1.
const maxPath = 6

// scanner finds every possible marker of a text in one pass; whether it is one is decided by [parser].
type scanner struct {
	text      string
	base      string // title without its bracketed end; numbered texts of a collection repeat it
	nextText  int
	out       []marker
	lineStart bool
	prev      rune
	freshAt   int // digits may start here although a digit stands before
}

func scan(text, base string) []marker {
	s := &scanner{text: text, base: base, nextText: 1, lineStart: true, freshAt: -1}
	for i := 0; i < len(text); {
		r, w := utf8.DecodeRuneInString(text[i:])
		if isBreak(r) {
			s.lineStart = true
		}
		if unicode.IsSpace(r) {
			i += w
			continue
		}
		size := s.at(i, r)
		if size > 0 {
			s.prev, _ = utf8.DecodeLastRuneInString(text[:i+size])
			i += size
		} else {
			s.prev, i = r, i+w
		}
		s.lineStart = false
	}
	return s.out
}

func isBreak(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' }

// at tries the styles at i, adds the marker found and returns its size.
func (s *scanner) at(i int, r rune) int {
	if s.lineStart {
		if size := s.numberedText(i); size > 0 {
			return size
		}
	}
	rest := s.text[i:]
	var m marker
	switch {
	case r == '第':
		m = scanOrdinal(rest)
	case r == '（' || r == '(':
		m = scanParen(rest, utf8.RuneLen(r))
	case r >= '①' && r <= '⑳':
		m = marker{end: len("①"), fam: famCircle, values: []int{int(r-'①') + 1}}
	case isHanNumeral(r) && s.prev != '第' && !isHanNumeral(s.prev):
		m = scanHan(rest)
	case isDigit(r) && (s.fresh(i) || !s.joinsNumber(i)):
		m = scanDigits(rest)
	case (r|0x20) >= 'a' && (r|0x20) <= 'z' && !isWordRune(s.prev):
		m = scanAlpha(rest)
	}
	if m.end == 0 {
		return 0
	}
	size := m.end
	m.start, m.end, m.lineStart, m.prev = i, i+size, s.lineStart, s.prev
	s.out = append(s.out, m)
	return size
}

// fresh reports whether i follows the ordinal of a numbered text directly, so that a digit before it says nothing.
func (s *scanner) fresh(i int) bool {
	return s.freshAt >= 0 && i-s.freshAt < 8 && strings.TrimSpace(s.text[s.freshAt:i]) == ""
}

func isDigit(r rune) bool { _, ok := digit(r); return ok }

// joinsNumber reports whether a digit at i belongs to something longer: a date, a time, a range, a code.
func (s *scanner) joinsNumber(i int) bool {
	if s.prev == ':' || s.prev == '：' {
		before := strings.TrimRight(s.text[max(0, i-8):i], ":： ")
		last, _ := utf8.DecodeLastRuneInString(before)
		return isDigit(last)
	}
	return isWordRune(s.prev) || strings.ContainsRune("第.．-—~～/+#￥¥$", s.prev) && s.prev != 0
}

func isWordRune(r rune) bool {
	return isDigit(r) || (r|0x20) >= 'a' && (r|0x20) <= 'z' && r < 0x80
}

// numberedText finds the next text of a collection: the title once more (perhaps several times, perhaps with its
// brackets) and then its ordinal.
func (s *scanner) numberedText(i int) int {
	if utf8.RuneCountInString(s.base) < 4 {
		return 0
	}
	from := i
	for strings.HasPrefix(s.text[i:], s.base) {
		after := i + len(s.base)
		if size := s.ordinal(after); size > 0 {
			m := marker{start: i, end: after + size, fam: famPart, delim: '篇', values: []int{s.nextText}, text: true}
			m.lineStart, m.prev = i == from, s.prev
			s.out = append(s.out, m)
			s.nextText++
			s.freshAt = m.end
			return m.end - from
		}
		i = after + bracketed(s.text[after:])
	}
	return 0
}

// ordinal reads the expected ordinal; of glued digits such as 11) it takes the first when a marker 1) remains.
func (s *scanner) ordinal(at int) int {
	size := 0
	if strings.HasPrefix(s.text[at:], "篇") {
		size = len("篇")
	}
	n, w := numeralAt(s.text[at+size:])
	switch {
	case w == 0:
		return 0
	case n == s.nextText && !strings.ContainsRune("、.．)）:：", runeAt(s.text[at+size+w:])):
		return size + w
	case n == s.nextText*10+1 && w == len(itoa(n)):
		if m := scanDigits(s.text[at+size+w-1:]); m.end > 0 && m.value() == 1 {
			return size + w - 1
		}
	}
	return 0
}

// bracketed returns the size of a bracketed remark at the start of s, at most 20 runes, else 0.
func bracketed(s string) int {
	if !strings.HasPrefix(s, "(") && !strings.HasPrefix(s, "（") {
		return 0
	}
	count := 0
	for i, r := range s {
		if r == ')' || r == '）' {
			return i + utf8.RuneLen(r)
		}
		if count++; count > 20 || isBreak(r) {
			break
		}
	}
	return 0
}

func scanOrdinal(s string) marker {
	i := len("第") + spaces(s[len("第"):])
	n, w := numeralAt(s[i:])
	if w == 0 {
		return marker{}
	}
	delim := '一'
	if isDigit(runeAt(s[i:])) {
		delim = '1'
	}
	i += w
	i += spaces(s[i:])
	units := [...]struct {
		word string
		fam  family
	}{{"条", famArticle}, {"章", famChapter}, {"节", famSection}, {"编", famPart}, {"篇", famPart}, {"部分", famPart}}
	for _, u := range units {
		if !strings.HasPrefix(s[i:], u.word) {
			continue
		}
		m := marker{end: i + len(u.word), fam: u.fam, delim: delim, values: []int{n}}
		if rest := s[m.end:]; strings.HasPrefix(rest, "之") {
			if sub, w := numeralAt(rest[len("之"):]); w > 0 {
				m.values, m.end = append(m.values, sub), m.end+len("之")+w
			}
		}
		return m
	}
	return marker{}
}

// spaces returns the size of the blanks at the start of s, at most two, not line breaks.
func spaces(s string) int {
	size := 0
	for count := 0; count < 2; count++ {
		r, w := utf8.DecodeRuneInString(s[size:])
		if w == 0 || !unicode.IsSpace(r) || isBreak(r) {
			break
		}
		size += w
	}
	return size
}

func runeAt(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func scanParen(s string, open int) marker {
	inner := s[open:]
	r := runeAt(inner)
	m := marker{}
	var n, w int
	switch {
	case isHanNumeral(r):
		m.fam = famHanParen
		n, w = hanAt(inner)
	case isDigit(r):
		m.fam = famParen
		n, w = digitsAt(inner)
	case r >= 'a' && r <= 'z':
		m.fam = famAlphaParen
		n, w = int(r-'a')+1, 1
	}
	if w == 0 || n > 999 {
		return marker{}
	}
	if c := runeAt(inner[w:]); c == ')' || c == '）' {
		m.end, m.values = open+w+utf8.RuneLen(c), []int{n}
		return m
	}
	return marker{}
}

func scanHan(s string) marker {
	n, w := hanAt(s)
	if w == 0 {
		return marker{}
	}
	d := runeAt(s[w:])
	if d != '、' && d != '.' && d != '．' {
		return marker{}
	}
	return marker{end: w + utf8.RuneLen(d), fam: famHan, values: []int{n}}
}

func scanDigits(s string) marker {
	n, w := digitsAt(s)
	if w == 0 || n > 999 {
		return marker{}
	}
	values := []int{n}
	for len(values) < maxPath && isDot(runeAt(s[w:])) {
		dot := utf8.RuneLen(runeAt(s[w:]))
		next, nw := digitsAt(s[w+dot:])
		if nw == 0 || next > 999 {
			break
		}
		values, w = append(values, next), w+dot+nw
	}
	d := runeAt(s[w:])
	switch {
	case len(values) > 1:
		if isDot(d) && !isDigit(runeAt(s[w+utf8.RuneLen(d):])) || d == '、' {
			w += utf8.RuneLen(d)
		}
		return marker{end: w, fam: famPath, values: values}
	case isDot(d) && !isDigit(runeAt(s[w+utf8.RuneLen(d):])):
		return marker{end: w + utf8.RuneLen(d), fam: famDigit, delim: '.', values: values}
	case d == '、':
		return marker{end: w + len("、"), fam: famDigit, delim: d, values: values}
	case d == ')' || d == '）':
		return marker{end: w + utf8.RuneLen(d), fam: famClose, values: values}
	}
	return marker{}
}

func isDot(r rune) bool { return r == '.' || r == '．' }

func scanAlpha(s string) marker {
	n := int(s[0]|0x20-'a') + 1
	m := marker{values: []int{n}, delim: 'a'}
	if s[0] < 'a' {
		m.delim = 'A'
	}
	switch d := runeAt(s[1:]); {
	case d == ')' || d == '）':
		m.fam, m.end = famAlphaClose, 1+utf8.RuneLen(d)
	case (d == '.' || d == '、') && !isWordRune(runeAt(s[1+utf8.RuneLen(d):])):
		m.fam, m.end = famAlpha, 1+utf8.RuneLen(d)
	}
	if m.end == 0 {
		return marker{}
	}
	return m
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
