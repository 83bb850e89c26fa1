package text

import (
	"regexp"
	"strings"
)

// Ref is a mention of another provision.
type Ref struct {
	// Title is the name inside 《》 of the regulation or law that is cited; empty means the regulation at hand.
	Title string
	// Article, Paragraph, Item and Point are the numbers of 条, 款, 项 and 目; 0 means not named.
	Article, Paragraph, Item, Point int
	// Chapter is the number of 章, 0 where none is named.
	Chapter int
	// Start and End are byte offsets of the mention.
	Start, End int
}

var refPattern = regexp.MustCompile(
	`(?:《([^《》\n]{1,60})》|本(?:制度|规定|办法|规则|规章制度|条例|细则|章程))?[(（]?` +
		`((?:第\s?[一二三四五六七八九十百零〇两0-9０-９]{1,9}\s?[章条款项目]\s?)+)`)

var refPart = regexp.MustCompile(`第\s?([一二三四五六七八九十百零〇两0-9０-９]{1,9})\s?([章条款项目])`)

// References finds the provisions that a text mentions (本制度第七条, 第三款, 《…》第十二条第二项), in printed order. It
// does not know whether they exist.
func References(text string) []Ref {
	var refs []Ref
	for _, m := range refPattern.FindAllStringSubmatchIndex(text, -1) {
		r := Ref{Start: m[0], End: m[0] + len(strings.TrimRightFunc(text[m[0]:m[1]], isSpace))}
		if m[2] >= 0 {
			r.Title = strings.TrimSpace(text[m[2]:m[3]])
		}
		if r.fill(text[m[4]:m[5]]) {
			refs = append(refs, r)
		}
	}
	return refs
}

// fill reads the numbers of a mention and reports whether there was any.
func (r *Ref) fill(s string) bool {
	any := false
	for _, part := range refPart.FindAllStringSubmatch(s, -1) {
		n, ok := ParseNumeral(part[1])
		if !ok {
			continue
		}
		any = true
		switch part[2] {
		case "章":
			r.Chapter = n
		case "条":
			r.Article = n
		case "款":
			r.Paragraph = n
		case "项":
			r.Item = n
		case "目":
			r.Point = n
		}
	}
	return any
}
