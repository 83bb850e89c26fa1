package text

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// depthOfLists is how many levels a list of Word has.
const depthOfLists = 9

// listLevel is how one level of a list counts and prints.
type listLevel struct {
	start        int
	format, text string // such as chineseCounting and 第%1条
}

// numbering are the lists of a document and where each has got to.
type numbering struct {
	lists  map[string]*[depthOfLists]listLevel // by number of the list
	counts map[string]*[depthOfLists]int       // by the list it shares its levels with
	shared map[string]string
	styles map[string]struct{ list, level string }
}

// readNumbering reads which lists a document has and which styles use them; either part may be missing.
func readNumbering(numbers, styles []byte) (*numbering, error) {
	n := &numbering{
		lists: map[string]*[depthOfLists]listLevel{}, counts: map[string]*[depthOfLists]int{}, shared: map[string]string{},
		styles: map[string]struct{ list, level string }{},
	}
	abstract := map[string]*[depthOfLists]listLevel{}
	var levels *[depthOfLists]listLevel
	at, list := 0, ""
	err := eachElement(numbers, func(e xml.StartElement, end bool, _ string) error {
		value := attr(e, "val")
		switch name := e.Name.Local; {
		case name == "abstractNum" && !end:
			levels = &[depthOfLists]listLevel{}
			abstract[attr(e, "abstractNumId")] = levels
		case name == "num" && !end:
			list, levels = attr(e, "numId"), nil
		case name == "abstractNumId" && !end:
			n.lists[list], n.shared[list] = abstract[value], value
		case name == "lvl" && !end:
			at = min(max(whole(attr(e, "ilvl")), 0), depthOfLists-1)
			if levels != nil {
				levels[at] = listLevel{start: 1, format: "decimal"}
			}
		case levels == nil || end:
		case name == "start":
			levels[at].start = whole(value)
		case name == "numFmt":
			levels[at].format = value
		case name == "lvlText":
			levels[at].text = value
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	style := ""
	return n, eachElement(styles, func(e xml.StartElement, end bool, _ string) error {
		used := n.styles[style]
		switch name := e.Name.Local; {
		case end:
		case name == "style":
			style = attr(e, "styleId")
		case name == "numId" && style != "":
			used.list = attr(e, "val")
			n.styles[style] = used
		case name == "ilvl" && style != "":
			used.level = attr(e, "val")
			n.styles[style] = used
		}
		return nil
	})
}

func whole(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// next counts one paragraph of a list and returns its number as printed; "" for what is not numbered.
func (n *numbering) next(list string, depth int) string {
	levels := n.lists[list]
	if levels == nil || depth < 0 || depth >= depthOfLists {
		return ""
	}
	key := n.shared[list]
	counts := n.counts[key]
	if counts == nil {
		counts = &[depthOfLists]int{}
		n.counts[key] = counts
	}
	for i := range depth + 1 {
		if counts[i] == 0 {
			counts[i] = levels[i].start - 1
			if i < depth {
				counts[i]++
			}
		}
	}
	counts[depth]++
	clear(counts[depth+1:])
	out := levels[depth].text
	if levels[depth].format == "bullet" || levels[depth].format == "none" {
		return ""
	}
	for i := range depth + 1 {
		out = strings.ReplaceAll(out, "%"+strconv.Itoa(i+1), printed(counts[i], levels[i].format))
	}
	return out
}

// printed writes a number in one of the formats of Word; those that regulations do not use come as digits.
func printed(n int, format string) string {
	switch format {
	case "chineseCounting", "chineseCountingThousand", "chineseLegalSimplified", "ideographDigital", "japaneseCounting", "taiwaneseCountingThousand":
		return chinese(n)
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if n >= 1 && n <= 20 {
			return string(rune('①' + n - 1))
		}
	case "lowerLetter", "upperLetter":
		if n >= 1 && n <= 26 {
			if format == "upperLetter" {
				return string(rune('A' + n - 1))
			}
			return string(rune('a' + n - 1))
		}
	}
	return strconv.Itoa(n)
}

// chinese writes a number below ten thousand in Chinese: 十二, 一百零五.
func chinese(n int) string {
	if n <= 0 || n >= 10000 {
		return strconv.Itoa(n)
	}
	digits, units := []rune("零一二三四五六七八九"), []string{"", "十", "百", "千"}
	out, zero := "", false
	s := strconv.Itoa(n)
	for i, r := range s {
		unit := units[len(s)-1-i]
		if r == '0' {
			zero = true
			continue
		}
		if zero && out != "" {
			out += "零"
		}
		zero = false
		out += string(digits[r-'0']) + unit
	}
	if strings.HasPrefix(out, "一十") {
		return strings.TrimPrefix(out, "一")
	}
	return out
}
