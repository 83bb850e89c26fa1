package text

import (
	"strings"
	"unicode/utf8"
)

// structural judges 编, 章, 节 and 条.
func (p *parser) structural(m *marker) {
	at := p.place(m)
	if cited(p.text, m, at) || !p.structuralPlace(m, at) {
		return
	}
	v, last := m.values[0], p.last[m.fam]
	sub := 0
	if len(m.values) > 1 {
		sub = m.values[1]
	}
	inOrder := v == last+1 && sub == 0 || v == last && sub == p.sub+1 && m.fam == famArticle ||
		v == 1 && sub == 0 || at == line && (v >= last || last == 0)
	if !inOrder {
		return
	}
	if p.startsOver(m, at) {
		return
	}
	depth := p.rankDepth(m)
	if depth >= MaxDepth {
		return
	}
	p.push(depth, m)
	p.last[m.fam] = v
	if m.fam == famArticle {
		p.sub = sub
	}
	if m.fam != famArticle {
		p.last[famSection] = 0
	}
	if m.fam == famSection {
		p.last[famSection] = v
	}
}

// structuralPlace refuses numbers inside sentences: after a heading only the next rank may follow.
func (p *parser) structuralPlace(m *marker, at place) bool {
	switch at {
	case line, boundary:
		return true
	case heading:
		if len(p.stack) == 0 {
			return m.values[0] == 1
		}
		top := p.stack[len(p.stack)-1].mark.fam
		return top < famArticle && top <= m.fam
	}
	return false
}

// startsOver handles a chapter that starts again at one: what came before was a table of contents or, where it had
// texts of its own, another regulation.
func (p *parser) startsOver(m *marker, at place) bool {
	if m.fam != famChapter || m.values[0] != 1 || p.last[famChapter] == 0 || at != line {
		return false
	}
	if len(p.stack) > 0 && p.stack[len(p.stack)-1].mark.fam == famPart {
		return false
	}
	p.closeText(m.start)
	if p.plain {
		p.doc.Nodes = nil
		p.stack, p.last = nil, [famArticle + 1]int{}
		p.push(0, m)
	} else {
		p.finish(m.start)
		p.begin(m.start)
		p.push(0, m)
	}
	p.last[famChapter] = 1
	return true
}

// rankDepth returns how many open units stay open above a structural number.
func (p *parser) rankDepth(m *marker) int {
	depth := 0
	for i, o := range p.stack {
		switch {
		case o.mark.fam.structural() && (o.mark.fam < m.fam || o.mark.text):
			depth = i + 1
		case m.fam == famArticle && o.mark.fam == famHan && i == depth && p.holdsArticles(i):
			depth = i + 1
		}
	}
	return depth
}

// holdsArticles reports whether the list unit at i of the stack is a heading over articles (一、总则 第一条).
func (p *parser) holdsArticles(i int) bool {
	if i+1 < len(p.stack) {
		return p.stack[i+1].mark.fam == famArticle
	}
	return len(p.stack[i].node.Children) == 0 && p.stack[i].from >= 0 &&
		shortPlain(p.text[p.stack[i].from:p.marks[p.k].start], 40)
}

// citing words stand before or after a number that is only mentioned.
var citingBefore = [...]string{
	"违反", "按照", "依照", "依据", "根据", "遵照", "参照", "适用", "符合", "本制度", "本规定", "本办法", "本条例", "本规则", "前述", "上述", "》", "见", "按", "和", "与", "及", "或", "、", "至", "到",
}

var citingAfter = [...]string{"规定", "所称", "所列", "所述", "的规定", "至第", "、第", "和第", "或第", "及第", "与第", "中规定", "之规定"}

// cited reports whether 第七条 is mentioned and does not start a unit.
func cited(text string, m *marker, at place) bool {
	rest := strings.TrimLeft(text[m.end:min(len(text), m.end+24)], " \u3000")
	for _, word := range citingAfter {
		if strings.HasPrefix(rest, word) {
			return true
		}
	}
	if strings.HasPrefix(rest, "第") {
		n := scanOrdinalOf(rest, "款", "项", "目")
		return n > 0
	}
	if at == line {
		return false
	}
	before := text[max(0, m.start-12):m.start]
	for _, word := range citingBefore {
		if strings.HasSuffix(before, word) {
			return true
		}
	}
	return false
}

// scanOrdinalOf reads 第N and one of the units at the start of s and returns N, or 0.
func scanOrdinalOf(s string, units ...string) int {
	s = strings.TrimPrefix(s, "第")
	n, w := numeralAt(s)
	for _, u := range units {
		if w > 0 && strings.HasPrefix(s[w:], u) {
			return n
		}
	}
	return 0
}

// list judges the simple list styles.
func (p *parser) list(m *marker) {
	at := p.place(m)
	if at != line && p.enumerates(m) {
		return
	}
	if depth, ok := p.successor(m, at); ok {
		p.push(depth, m)
		return
	}
	if m.value() != 1 {
		return
	}
	depth, again := p.sameStyle(m)
	switch {
	case !again:
		p.first(m, at)
	case p.underHeading(m, depth):
	case m.prev == '：' || m.prev == ':':
		if len(p.stack) < MaxDepth && p.confirmed(m) {
			p.push(len(p.stack), m)
		}
	case at == line:
		p.push(depth, m)
	}
}

// first opens a list of a style not open yet.
func (p *parser) first(m *marker, at place) {
	if len(p.stack) >= MaxDepth {
		return
	}
	switch at {
	case line, boundary:
		p.push(len(p.stack), m)
	case heading:
		if p.usual(m) || p.confirmed(m) {
			p.push(len(p.stack), m)
		}
	}
}

// usual reports whether the style was already seen below a unit like the innermost one.
func (p *parser) usual(m *marker) bool {
	return len(p.stack) > 0 && p.seen[[2]family{p.stack[len(p.stack)-1].mark.fam, m.fam}]
}

// confirmed looks ahead for the second number of the list that m would start.
func (p *parser) confirmed(m *marker) bool {
	for i := p.k + 1; i < len(p.marks) && i <= p.k+confirmWindow; i++ {
		n := &p.marks[i]
		if n.fam == m.fam && n.delim == m.delim && len(n.values) == len(m.values) {
			return n.value() == 2
		}
		if n.fam <= famArticle && n.lineStart {
			return false
		}
	}
	return false
}

// enumerates reports whether a number is one of several inside a sentence: 第1、2项, 一、二级.
func (p *parser) enumerates(m *marker) bool {
	if strings.ContainsRune("第、和与或及至到-—~～", m.prev) && m.prev != 0 {
		return true
	}
	if !strings.HasSuffix(p.text[m.start:m.end], "、") {
		return false
	}
	r := runeAt(p.text[m.end:])
	return isDigit(r) || isHanNumeral(r) && !strings.ContainsRune("一", r)
}

// successor finds the open unit that m continues and returns how many units stay open above m.
func (p *parser) successor(m *marker, at place) (depth int, ok bool) {
	if at == weak && !p.mayFollowWeakly(m) {
		return 0, false
	}
	for i := len(p.stack) - 1; i >= 0; i-- {
		o := &p.stack[i].mark
		if o.fam == m.fam && m.value() == o.value()+1 {
			return i, true
		}
	}
	if at != line {
		return 0, false
	}
	for i := len(p.stack) - 1; i >= 0; i-- {
		o := &p.stack[i].mark
		if o.fam == m.fam && o.delim == m.delim {
			step := m.value() - o.value()
			return i, (step == 0 && m.value() > 1) || step == 2 || step == 3
		}
	}
	return 0, false
}

// mayFollowWeakly allows a missing full stop before the next number (…准时到岗3、按时交接…).
func (p *parser) mayFollowWeakly(m *marker) bool {
	switch m.fam {
	case famHanParen, famParen, famAlphaParen, famCircle, famAlpha:
		return false
	}
	content := p.content(m)
	return !strings.ContainsRune("，,(（第", m.prev) && (len(content) > 16 || utf8.RuneCountInString(content) >= 4)
}

// sameStyle returns the depth of the innermost open list of m's style.
func (p *parser) sameStyle(m *marker) (depth int, ok bool) {
	for i := len(p.stack) - 1; i >= 0; i-- {
		if o := &p.stack[i].mark; o.fam == m.fam && o.delim == m.delim {
			return i, true
		}
	}
	return 0, false
}

// underHeading opens a heading without a number, and under it m, where a list starts again below a short text that
// has a line of its own, or the start of m's line.
func (p *parser) underHeading(m *marker, depth int) bool {
	whole := p.content(m)
	content := whole[max(0, len(whole)-200):] // a longer line would be no heading
	cut := strings.LastIndexFunc(strings.TrimRightFunc(content, isSpace), isBreak)
	if cut < 0 || depth+2 > MaxDepth {
		return false
	}
	_, w := utf8.DecodeRuneInString(content[cut:])
	title := content[cut+w:]
	if !shortPlain(title, 20) || strings.TrimSpace(whole[:len(whole)-len(content)+cut]) == "" {
		return false
	}
	start := m.start - len(title)
	if depth > 0 && p.stack[depth-1].mark.fam == famHeading {
		depth--
	}
	p.push(depth, &marker{start: start, end: start, fam: famHeading, lineStart: true})
	p.push(depth+1, m)
	return true
}

// path judges numbers such as 1.2.1.
func (p *parser) path(m *marker) {
	at := p.place(m)
	if at != line && (p.enumerates(m) || at == weak || isMeasure(p.text[m.end:])) {
		return
	}
	if depth, ok := p.pathSuccessor(m, at); ok {
		p.push(depth, m)
		return
	}
	if m.value() != 1 {
		return
	}
	depth, parent := p.pathParent(m)
	if depth >= MaxDepth {
		return
	}
	switch {
	case parent && (at != heading || p.usual(m) || p.confirmed(m)):
		p.push(depth, m)
	case !parent && at == line && len(p.stack) < MaxDepth:
		p.push(p.pathRoot(m), m)
	}
}

// pathSuccessor finds the sibling before m: 1.2 after 1.1, or 2.1 after 1.3 where no unit 2 is printed.
func (p *parser) pathSuccessor(m *marker, at place) (depth int, ok bool) {
	n := len(m.values)
	for i := len(p.stack) - 1; i >= 0; i-- {
		o := &p.stack[i].mark
		if o.fam != famPath || len(o.values) != n {
			continue
		}
		step := m.value() - o.value()
		if equal(o.values[:n-1], m.values[:n-1]) {
			return i, step == 1 || at == line && (step == 2 || step == 3)
		}
		next := n >= 2 && m.value() == 1 && equal(o.values[:n-2], m.values[:n-2]) && m.values[n-2] == o.values[n-2]+1
		if _, parent := p.pathParent(m); next && !parent && at >= boundary {
			return i, true
		}
	}
	return 0, false
}

// pathParent finds the open unit whose number is the start of m's.
func (p *parser) pathParent(m *marker) (depth int, ok bool) {
	prefix := m.values[:len(m.values)-1]
	for i := len(p.stack) - 1; i >= 0; i-- {
		if v := p.stack[i].mark.values; equal(v, prefix) && len(v) > 0 {
			return i + 1, true
		}
	}
	return 0, false
}

// pathRoot returns the depth of a path without a parent: beside an open path, else below everything open.
func (p *parser) pathRoot(m *marker) int {
	for i := range p.stack {
		if o := &p.stack[i].mark; o.fam == famPath && len(o.values) >= len(m.values) {
			return i
		}
	}
	return len(p.stack)
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// isMeasure reports whether a unit of measure follows: 1.5倍, 2.1%, 3.1万元.
func isMeasure(s string) bool {
	s = strings.TrimLeft(s[:min(len(s), 16)], " ")
	for _, unit := range [...]string{"倍", "%", "％", "‰", "万", "亿", "元", "℃", "小时", "公斤", "公里", "分钟", "米", "厘米", "平方", "折"} {
		if strings.HasPrefix(s, unit) {
			return true
		}
	}
	return false
}
