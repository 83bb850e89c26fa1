// Package text turns the raw text of a regulation into trees of numbered units, without losing a character.
//
// [Decode] makes a string of the bytes of a file, [Split] finds the regulations in it and the units (编, 章, 节, 条
// and numbered lists of any printed style) of each, [References] and [Figures] find what a control can be built
// from. For every text the concatenation of all that the trees print ([Join]) equals the text without its white
// space. Numbers are kept exactly as printed; nothing is corrected, translated or guessed to be missing.
//
// The package knows nothing of storage, HTTP, versions or controls, and no word of any one regulation.
package text

import "strings"

// Level says what kind of unit a node is.
type Level string

// The levels, from the outermost. Numbered lists have no level of their own in print: the first list level is an
// item below an article and a paragraph elsewhere, the next one an item, all deeper ones points.
const (
	LevelPart      Level = "part"      // 编, 篇, 部分, or one text of a collection
	LevelChapter   Level = "chapter"   // 章
	LevelSection   Level = "section"   // 节
	LevelArticle   Level = "article"   // 条
	LevelHeading   Level = "heading"   // a heading without a number, over a list that starts again at one
	LevelParagraph Level = "paragraph" // first list level outside articles
	LevelItem      Level = "item"      // list level inside an article or paragraph
	LevelPoint     Level = "point"     // all deeper list levels
)

// Document is one regulation of a text.
type Document struct {
	Above string  // headings printed above the title, such as the name of a collection
	Title string  // the title line; empty where none was recognised
	Front string  // everything between title and first unit: repeated title, preamble, table of contents
	Nodes []*Node // the outermost units in printed order

	// Line and EndLine are the lines, counted from 1, of the title (or first text) and of the last text.
	Line, EndLine int
}

// Node is one unit. Number, Heading, Text and then Children are in printed order.
type Node struct {
	Level    Level
	Number   string // exactly as printed, with its delimiter: 第一条, 1.2.1, 一、, （一）; empty for LevelHeading
	Heading  string // printed name of the unit, with its colon if it has one
	Text     string
	Children []*Node

	// Key is the path of normalised numbers, unique within the document: "2.3.1". See [Split].
	Key string
	// Line is the line, counted from 1, on which the unit starts.
	Line int

	values []int
	family family
}

// Value returns the number as integers: 第十二条 is [12], 1.2.1 is [1 2 1], 第五条之一 is [5 1]; nil without number.
func (n *Node) Value() []int { return append([]int(nil), n.values...) }

// Walk visits all nodes in printed order with their ancestors, outermost first; visit must not keep the slice.
// Returning false skips the children of the node.
func (d *Document) Walk(visit func(n *Node, ancestors []*Node) bool) {
	walk(d.Nodes, nil, visit)
}

func walk(nodes, above []*Node, visit func(*Node, []*Node) bool) {
	for _, n := range nodes {
		if visit(n, above) {
			walk(n.Children, append(above, n), visit)
		}
	}
}

// Join prints documents again without white space between the pieces. Without white space on both sides it equals
// the text that was split.
func Join(docs []*Document) string {
	var b strings.Builder
	for _, d := range docs {
		b.WriteString(d.Above)
		b.WriteString(d.Title)
		b.WriteString(d.Front)
		d.Walk(func(n *Node, _ []*Node) bool {
			b.WriteString(n.Number)
			b.WriteString(n.Heading)
			b.WriteString(n.Text)
			return true
		})
	}
	return b.String()
}
