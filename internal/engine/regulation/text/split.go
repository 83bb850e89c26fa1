package text

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Split finds the regulations of a text and the units of each. Any string will do, also one that is no regulation:
// it then comes back as the front of a single document. An empty text has no documents.
//
// A number starts a unit only where its sequence and its place make sense: it follows its predecessor, or is the
// first of a new and deeper style, and stands at the start of a line, after a sentence or after a heading. Units
// nest at most [MaxDepth] deep; numbers beyond that stay in the text of their parent.
//
// Keys are paths of numbers. Where the articles of a document are numbered through, a path starts at the article,
// as lawyers cite it ("12.1"), and chapters are "ch2"; else it starts at the outermost unit ("2.3.1"). A number that
// occurs twice under one parent gets a letter ("3", "3a").
func Split(text string) []*Document {
	var docs []*Document
	if strings.TrimSpace(text) == "" {
		return docs
	}
	lines := newLineIndex(text)
	for _, seg := range segments(text) {
		for _, d := range parse(text, seg, lines) {
			assignKeys(d)
			docs = append(docs, d)
		}
	}
	return docs
}

// MaxDepth is how deep units nest at most.
const MaxDepth = 12

func isSpace(r rune) bool { return unicode.IsSpace(r) }

// lineIndex finds the line of an offset by bisection.
type lineIndex struct{ starts []int }

func newLineIndex(text string) *lineIndex {
	l := &lineIndex{starts: []int{0}}
	for i, r := range text {
		if r == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

func (l *lineIndex) of(offset int) int {
	return sort.Search(len(l.starts), func(i int) bool { return l.starts[i] > offset })
}

// plainWords are headings that are often glued to the text that follows them.
var plainWords = [...]string{"总则", "附则", "罚则"}

// divide splits what is printed after a number into heading and text. Without white space both together equal it.
func divide(content string, fam family, parent bool) (heading, text string) {
	content = strings.TrimSpace(content)
	if content == "" {
		return "", ""
	}
	limit := 30
	if fam.structural() && fam != famArticle {
		limit = 60
	}
	if end := lineEnd(content, 0); end < len(content) {
		if shortPlain(content[:end], limit) {
			return strings.TrimSpace(content[:end]), strings.TrimSpace(content[end:])
		}
	} else if shortPlain(content, limit) && (parent || fam.structural() && fam != famArticle) {
		return content, ""
	}
	if i := strings.IndexAny(content, sentenceMarks); i > 0 {
		colon := runeAt(content[i:])
		end := i + utf8.RuneLen(colon)
		if (colon == '：' || colon == ':') && isLabel(content[:i]) && !isDigit(runeAt(content[end:])) {
			return content[:end], strings.TrimSpace(content[end:])
		}
	}
	if fam == famChapter {
		for _, word := range plainWords {
			if strings.HasPrefix(content, word) {
				return word, strings.TrimSpace(content[len(word):])
			}
		}
	}
	return "", content
}

// isLabel reports whether s before a colon names a unit (公平公正:) and does not start a sentence (工作时间为:).
func isLabel(s string) bool {
	if utf8.RuneCountInString(s) > 14 || !shortPlain(s, 14) {
		return false
	}
	for _, verb := range [...]string{"是", "为", "有", "下", "括", "于", "定", "到", "即", "如"} {
		if strings.HasSuffix(s, verb) {
			return false
		}
	}
	return true
}
