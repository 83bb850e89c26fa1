package text

import (
	"strings"
	"unicode/utf8"
)

// segment is the part of a text that holds one regulation.
type segment struct {
	above, title span
	end          int
}

type span struct{ start, end int }

func (s span) of(text string) string { return strings.TrimSpace(text[s.start:s.end]) }

// titleNouns end the names of regulations; the list is of the language, not of any one text.
var titleNouns = [...]string{
	"制度", "规定", "办法", "规则", "条例", "守则", "细则", "章程", "规范", "准则", "规程", "汇编", "手册", "须知", "公约", "指引", "文件",
}

// sampleNouns mark alternative wordings of a regulation, each complete in itself: 范本一, 模板2.
var sampleNouns = [...]string{"范本", "样本", "模板", "范文", "版本"}

const sentenceMarks = "。；;！!？?，,：:“”\""

// segments cuts a text at its titles. The first segment may lack a title.
func segments(text string) []segment {
	c := &cutter{text: text, marks: scan(text, "")}
	c.lines()
	return c.close()
}

type cutter struct {
	text  string
	marks []marker
	next  int // first marker not before the current line
	out   []segment
	prev  string // the last line that is not empty
}

func (c *cutter) lines() {
	for start := 0; start < len(c.text); {
		end := lineEnd(c.text, start)
		if line := strings.TrimSpace(c.text[start:end]); line != "" {
			for c.next < len(c.marks) && c.marks[c.next].start < start {
				c.next++
			}
			c.line(span{start, end}, line)
			c.prev = line
		}
		_, w := utf8.DecodeRuneInString(c.text[end:])
		start = end + w
	}
}

func lineEnd(text string, from int) int {
	if i := strings.IndexFunc(text[from:], isBreak); i >= 0 {
		return from + i
	}
	return len(text)
}

func (c *cutter) line(at span, line string) {
	if size, n := sampleTitle(line); size > 0 && !c.startsWithMarker(at) {
		from := at.start + strings.Index(c.text[at.start:], line)
		if n > 1 || !strings.HasPrefix(line, c.title()) || c.title() == "" {
			c.add(span{from, from + size})
		}
		return
	}
	if c.isTitle(at, line) {
		c.add(at)
	}
}

// title returns the title of the segment being read.
func (c *cutter) title() string {
	if len(c.out) == 0 {
		return ""
	}
	return c.out[len(c.out)-1].title.of(c.text)
}

// isTitle decides on a whole line: a short name that is printed twice, or that starts a numbering anew.
func (c *cutter) isTitle(at span, line string) bool {
	if !shortPlain(line, 60) || line == c.title() || c.startsWithMarker(at) {
		return false
	}
	named := endsInNoun(line)
	following := nextLine(c.text, at.end)
	switch {
	case strings.HasPrefix(following, line):
		return named || hasNoun(line)
	case !named:
		return false
	case len(c.out) == 0 && c.next == 0, c.prev == c.title() && c.prev != "":
		return true
	}
	return c.restarts(at.end) && strings.ContainsAny(lastRune(c.prev), "。！!.；;”")
}

func lastRune(s string) string {
	_, w := utf8.DecodeLastRuneInString(s)
	return s[len(s)-w:]
}

func (c *cutter) startsWithMarker(at span) bool {
	return c.next < len(c.marks) && c.marks[c.next].lineStart && c.marks[c.next].start < at.end
}

// restarts reports whether the numbering that follows begins with one.
func (c *cutter) restarts(from int) bool {
	for _, m := range c.marks[c.next:] {
		switch {
		case m.start < from:
		case m.start > from+2000:
			return false
		case m.fam <= famHan || m.lineStart || strings.ContainsRune("：:。", m.prev):
			return m.value() == 1
		}
	}
	return false
}

func (c *cutter) add(title span) {
	s := segment{above: span{title.start, title.start}, title: title}
	from := 0
	if len(c.out) > 0 {
		last := &c.out[len(c.out)-1]
		last.end, from = title.start, last.title.end
		if strings.TrimSpace(c.text[from:title.start]) == "" {
			s.above = span{last.above.start, title.start}
			c.out = c.out[:len(c.out)-1]
		}
	} else if before := strings.TrimSpace(c.text[:title.start]); before != "" {
		if c.next == 0 && shortLines(before) {
			s.above.start = 0
		} else {
			c.out = append(c.out, segment{end: title.start})
		}
	}
	c.out = append(c.out, s)
}

// shortLines reports whether s is at most three lines of names, such as a company and a department.
func shortLines(s string) bool {
	lines := strings.FieldsFunc(s, isBreak)
	for _, line := range lines {
		if !shortPlain(strings.TrimSpace(line), 40) {
			return false
		}
	}
	return len(lines) <= 3
}

func (c *cutter) close() []segment {
	if len(c.out) == 0 {
		c.out = append(c.out, segment{})
	}
	c.out[len(c.out)-1].end = len(c.text)
	if first := &c.out[0]; first.title.end == 0 {
		first.title = c.firstLine(first.end)
	}
	return c.out
}

// firstLine takes a short first line as the title of a text in which no title was recognised.
func (c *cutter) firstLine(limit int) span {
	start := len(c.text) - len(strings.TrimLeftFunc(c.text, isSpace))
	end := min(lineEnd(c.text, start), limit)
	if start >= end {
		return span{}
	}
	marked := len(c.marks) > 0 && c.marks[0].start < end
	if marked || !shortPlain(c.text[start:end], 40) || strings.TrimSpace(c.text[end:limit]) == "" {
		return span{}
	}
	return span{start, end}
}

// shortPlain reports whether s is one line of at most limit runes that reads like a name, not like a sentence.
func shortPlain(s string, limit int) bool {
	s = strings.TrimSpace(s)
	return s != "" && len(s) <= limit*4 && utf8.RuneCountInString(s) <= limit &&
		!strings.ContainsAny(s, sentenceMarks) && strings.IndexFunc(s, isBreak) < 0
}

// baseTitle drops a bracketed end: 制度(精选5篇) is 制度.
func baseTitle(title string) string {
	if i := strings.LastIndexAny(title, "(（"); i > 0 && i+bracketed(title[i:]) == len(title) {
		return strings.TrimSpace(title[:i])
	}
	return title
}

func endsInNoun(s string) bool {
	s = baseTitle(s)
	for _, noun := range titleNouns {
		if strings.HasSuffix(s, noun) {
			return utf8.RuneCountInString(s) >= 4
		}
	}
	return false
}

func hasNoun(s string) bool {
	for _, noun := range titleNouns {
		if strings.Contains(s, noun) {
			return true
		}
	}
	return false
}

// sampleTitle finds the title of an alternative wording at the start of a line and its ordinal.
func sampleTitle(line string) (size, ordinal int) {
	for _, noun := range sampleNouns {
		i := strings.Index(line, noun)
		if i <= 0 || !endsInNoun(line[:i]) || !shortPlain(line[:i], 40) {
			continue
		}
		i += len(noun)
		n, w := numeralAt(line[i:])
		if w == 0 {
			continue
		}
		i += w
		switch r := runeAt(line[i:]); r {
		case '：', ':':
			return i + utf8.RuneLen(r), n
		case '篇', '个', '份', '则', '套': // a count of texts
			return 0, 0
		}
		return i, n
	}
	return 0, 0
}

func nextLine(text string, from int) string {
	rest := strings.TrimLeftFunc(text[from:], isSpace)
	return rest[:lineEnd(rest, 0)]
}
