package token

import (
	"slices"
	"strings"
)

// NoMatch is the rank of a text that does not answer the query.
const NoMatch = 1 << 20

// The steps of a rank, a thousand apart; within a step the shorter text comes first.
const (
	stepExact = iota
	stepExactCore
	stepPrefix
	stepSubstring
	stepInitials
	stepFullPinyin
	stepPinyinStart
	stepPinyinEnding
	stepScattered
)

// midWord is added to the rank of a text whose pinyin answers only from the middle of a two-character word: 贵州|茅台
// comes before 永茂泰 for maotai.
const midWord = 400

// Matches reports whether text answers the query: each Han run of the query occurs unbroken in the text, each word or
// number occurs in it or begins the pinyin of one of its endings. An empty query matches nothing.
func Matches(query, text string) bool {
	return newCandidate(text).answers(pieces(clip(fold(query))))
}

// Rank tells how well text answers the query; lower is better. In order: equal, equal but for the legal form, begins
// with it, contains it, pinyin initials, full pinyin, pinyin from the start, pinyin of an ending, all words somewhere.
// Texts that do not match get [NoMatch].
func Rank(query, text string) int {
	ps := pieces(clip(fold(query)))
	c := newCandidate(text)
	if !c.answers(ps) {
		return NoMatch
	}
	q := join(ps)
	extra := len([]rune(c.whole)) - len([]rune(q))
	step := c.step(q, ps)
	if (step == stepInitials || step == stepFullPinyin) && !c.words[q] {
		extra = max(extra, 0) + midWord
	}
	return step*1000 + min(max(extra, 0), 999)
}

// candidate is a text prepared for comparison.
type candidate struct {
	pieces   []piece
	whole    string // all pieces without separators
	full     []string
	initials []string
	words    map[string]bool // those that begin where a Chinese word may begin: after an even number of characters
	spoken   bool            // full, initials and words are made
}

func newCandidate(text string) *candidate {
	ps := pieces(fold(text))
	return &candidate{pieces: ps, whole: join(ps)}
}

func join(ps []piece) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.String())
	}
	return b.String()
}

func joinCore(ps []piece) string {
	var b strings.Builder
	marked := core(ps)
	for i, p := range ps {
		if p.han {
			b.WriteString(string(unmarked(p.runes, marked[i])))
		} else {
			b.WriteString(p.String())
		}
	}
	return b.String()
}

// speak makes the pinyin of every ending of every Han run; most comparisons never need it.
func (c *candidate) speak() {
	if c.spoken {
		return
	}
	c.spoken, c.words = true, map[string]bool{}
	marked := core(c.pieces)
	for i, p := range c.pieces {
		if !p.han {
			continue
		}
		for _, syllables := range readings(unmarked(p.runes, marked[i])) {
			full, initials := endings(syllables)
			for i := 0; i < len(full); i += 2 {
				c.words[full[i]], c.words[initials[i]] = true, true
			}
			c.full = append(c.full, full...)
			c.initials = append(c.initials, initials...)
		}
	}
}

func (c *candidate) answers(query []piece) bool {
	for _, p := range query {
		if p.han && !c.hasRun(p.String()) || !p.han && !c.hasWord(dialled(word(p.runes))) {
			return false
		}
	}
	return len(query) > 0
}

func (c *candidate) hasRun(run string) bool {
	return slices.ContainsFunc(c.pieces, func(p piece) bool { return p.han && strings.Contains(p.String(), run) })
}

func (c *candidate) hasWord(w string) bool {
	if strings.Contains(c.whole, w) {
		return true
	}
	if onlyDigits(w) == w { // a landline typed with its trunk zero against one stored with the country code
		return len(w) > minFragment && strings.Contains(onlyDigits(c.whole), strings.TrimPrefix(w, "0"))
	}
	c.speak()
	begins := func(s string) bool { return strings.HasPrefix(s, w) }
	return slices.ContainsFunc(c.full, begins) || slices.ContainsFunc(c.initials, begins)
}

func (c *candidate) step(q string, query []piece) int {
	switch {
	case q == c.whole:
		return stepExact
	case joinCore(query) == joinCore(c.pieces):
		return stepExactCore
	case strings.HasPrefix(c.whole, q):
		return stepPrefix
	case strings.Contains(c.whole, q):
		return stepSubstring
	}
	return c.pinyinStep(q)
}

func (c *candidate) pinyinStep(q string) int {
	c.speak()
	begins := func(s string) bool { return strings.HasPrefix(s, q) }
	switch {
	case slices.Contains(c.initials, q):
		return stepInitials
	case slices.Contains(c.full, q):
		return stepFullPinyin
	case len(c.full) > 0 && (begins(c.full[0]) || begins(c.initials[0])):
		return stepPinyinStart
	case slices.ContainsFunc(c.full, begins), slices.ContainsFunc(c.initials, begins):
		return stepPinyinEnding
	}
	return stepScattered
}
