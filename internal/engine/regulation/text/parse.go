package text

import (
	"strings"
	"unicode/utf8"
)

// parser builds the trees of one segment. Because units are cut out of the text by offsets, nothing can be lost.
type parser struct {
	text  string
	lines *lineIndex
	marks []marker
	k     int // index of the marker being judged

	docs  []*Document
	doc   *Document
	from  int    // where the front of doc starts
	stack []open // open units, outermost first
	last  [famArticle + 1]int
	sub   int // second number of the last article (第五条之一)
	seen  map[[2]family]bool
	plain bool // only headings so far: it may be a table of contents
}

// open is a unit that may still get children; its content starts at from.
type open struct {
	node *Node
	mark marker
	from int
}

// confirmWindow is how many markers a doubtful first number is given to find its successor in.
const confirmWindow = 64

func parse(text string, seg segment, lines *lineIndex) []*Document {
	title := seg.title.of(text)
	body := text[:seg.end]
	p := &parser{text: body, lines: lines, seen: map[[2]family]bool{}}
	p.marks = scan(body[seg.title.end:], baseTitle(title))
	for i := range p.marks {
		p.marks[i].start += seg.title.end
		p.marks[i].end += seg.title.end
	}
	p.begin(seg.title.end)
	p.doc.Title = title
	p.doc.Above = strings.TrimSpace(text[seg.above.start:seg.above.end])
	p.doc.Line = p.lineOf(seg.title.start)
	for p.k = range p.marks {
		p.judge(&p.marks[p.k])
	}
	p.finish(len(body))
	return p.docs
}

// lineOf returns the line of the first text at or after an offset.
func (p *parser) lineOf(offset int) int {
	rest := p.text[offset:]
	return p.lines.of(offset + len(rest) - len(strings.TrimLeftFunc(rest, isSpace)))
}

func (p *parser) begin(at int) {
	p.doc = &Document{Line: p.lineOf(at)}
	p.docs = append(p.docs, p.doc)
	p.from, p.stack, p.last, p.sub, p.plain = at, nil, [famArticle + 1]int{}, 0, true
}

// finish ends the document at an offset.
func (p *parser) finish(end int) {
	p.popTo(0, end)
	if len(p.doc.Nodes) == 0 {
		p.doc.Front = strings.TrimSpace(p.text[p.from:end])
	}
	p.doc.EndLine = max(p.doc.Line, p.lines.of(len(strings.TrimRightFunc(p.text[:end], isSpace))-1))
	p.doc.Walk(func(n *Node, _ []*Node) bool {
		if n.family != famHeading {
			n.Heading, n.Text = divide(n.Text, n.family, len(n.Children) > 0)
		}
		return true
	})
}

// popTo closes units until depth remain; the content of the innermost one ends at end.
func (p *parser) popTo(depth, end int) {
	if top := len(p.stack) - 1; top >= 0 {
		p.closeText(end)
	}
	p.stack = p.stack[:min(depth, len(p.stack))]
}

// closeText fixes the content of the innermost unit, once: its children follow it.
func (p *parser) closeText(end int) {
	top := &p.stack[len(p.stack)-1]
	if top.from < 0 {
		return
	}
	content := strings.TrimSpace(p.text[top.from:end])
	if top.node.family == famHeading {
		top.node.Heading = content
	} else {
		top.node.Text = content
	}
	if content != "" && !shortPlain(content, 60) {
		p.plain = false
	}
	top.from = -1
}

// push opens a unit under the innermost one left after closing to depth.
func (p *parser) push(depth int, m *marker) {
	if depth == 0 && len(p.doc.Nodes) == 0 {
		p.doc.Front = strings.TrimSpace(p.text[p.from:m.start])
	}
	p.popTo(depth, m.start)
	n := &Node{
		Number: strings.TrimSpace(p.text[m.start:m.end]), Line: p.lineOf(m.start), values: m.values, family: m.fam,
	}
	n.Level = p.level(m)
	if depth == 0 {
		p.doc.Nodes = append(p.doc.Nodes, n)
	} else {
		above := p.stack[depth-1].node
		above.Children = append(above.Children, n)
		p.seen[[2]family{above.family, m.fam}] = true
	}
	if !m.fam.structural() {
		p.plain = false
	}
	p.stack = append(p.stack, open{node: n, mark: *m, from: m.end})
}

func (p *parser) level(m *marker) Level {
	switch m.fam {
	case famPart:
		return LevelPart
	case famChapter:
		return LevelChapter
	case famSection:
		return LevelSection
	case famArticle:
		return LevelArticle
	case famHeading:
		return LevelHeading
	}
	for i := len(p.stack) - 1; i >= 0; i-- {
		switch p.stack[i].node.Level {
		case LevelArticle, LevelParagraph:
			return LevelItem
		case LevelItem, LevelPoint:
			return LevelPoint
		}
	}
	return LevelParagraph
}

// content is the text between the last accepted number and m.
func (p *parser) content(m *marker) string {
	if len(p.stack) == 0 {
		return p.text[min(p.from, m.start):m.start]
	}
	if from := p.stack[len(p.stack)-1].from; from >= 0 && from <= m.start {
		return p.text[from:m.start]
	}
	return ""
}

// place says how much the position of a number speaks for a unit.
type place int

const (
	weak     place = iota // in the middle of a sentence
	heading               // glued to a short text without punctuation
	boundary              // after a sentence, a colon or another number
	line                  // first on its line
)

func (p *parser) place(m *marker) place {
	switch {
	case m.lineStart:
		return line
	case m.prev == 0 || strings.ContainsRune("。；;！!？?：:…", m.prev):
		return boundary
	}
	content := p.content(m)
	if len(content) <= 16 && strings.TrimSpace(content) == "" {
		return boundary
	}
	if strings.ContainsRune("”）)》\"", m.prev) && endsSentence(content) {
		return boundary
	}
	if len(content) <= 160 && shortPlain(content, 40) && !strings.ContainsRune("、和与或及至到第", m.prev) {
		return heading
	}
	return weak
}

// endsSentence reports whether a closing quote or bracket follows the end of a sentence.
func endsSentence(content string) bool {
	content = strings.TrimRight(strings.TrimSpace(content), "”）)》\"")
	r, _ := utf8.DecodeLastRuneInString(content)
	return strings.ContainsRune("。；;！!？?", r)
}

func (p *parser) judge(m *marker) {
	if len(p.stack) > 0 && m.start < p.stack[len(p.stack)-1].mark.end {
		return
	}
	switch {
	case m.text:
		p.openText(m)
	case m.fam.structural():
		p.structural(m)
	case m.fam == famPath:
		p.path(m)
	default:
		p.list(m)
	}
}

// openText starts the next text of a collection; its numbering starts anew.
func (p *parser) openText(m *marker) {
	p.push(0, m)
	p.last = [famArticle + 1]int{}
	p.plain = false
}
