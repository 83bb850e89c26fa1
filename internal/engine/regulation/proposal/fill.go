package proposal

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"dianke/internal/engine/regulation/text"
)

// fill writes the binding of a known clause anew with the figures of another text: lengths of time, intervals, amounts,
// rates and counts, in its parameters, in its conditions and in what it says. What the other text does not fix stays as
// the known clause has it. It returns the YAML and the event or record type it takes hold of.
func fill(b Binding, old, now []text.Figure, says string) (spec, point string) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(b.Spec), &doc); err != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return "", ""
	}
	root := doc.Content[0]
	swap := pairs(old, now)
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		switch key {
		case "within", "every", "at_least", "at_most":
			parameter(key, value, now, says)
		case "if", "refuse_if", "breach_if", "stop_if", "complete_if", "good_if", "done_if":
			value.Value = condition(value.Value, swap)
		case "say", "task":
			sentence(value, swap)
		}
		if point == "" && pointed(key) {
			point = firstWord(value)
		}
	}
	out, err := yaml.Marshal(root)
	if err != nil {
		return "", ""
	}
	return string(out), point
}

func pointed(key string) bool {
	switch key {
	case "on", "start", "watch", "scan", "of", "done_by":
		return true
	}
	return false
}

func firstWord(n *yaml.Node) string {
	if n.Kind == yaml.SequenceNode && len(n.Content) > 0 {
		return n.Content[0].Value
	}
	return n.Value
}

// parameter puts the first fitting figure into a parameter.
func parameter(key string, value *yaml.Node, now []text.Figure, says string) {
	switch key {
	case "within":
		if f, ok := limitIn(now, says); ok {
			if span := spanOf(f.Value, strings.HasSuffix(value.Value, "work") && !strings.HasSuffix(f.Value, "d")); span != "" {
				value.Value = span
			}
		}
	case "every":
		if f, ok := first(now, text.Recurrence); ok {
			value.Value = f.Value
		}
	default:
		f, ok := first(now, text.Percent)
		if !ok {
			return
		}
		if n, err := strconv.ParseFloat(f.Value, 64); err == nil && strings.HasSuffix(value.Value, "%") {
			value.Value = strconv.FormatFloat(n, 'f', -1, 64) + "%"
		}
	}
}

// limitIn is the length of time the text sets as a limit: the one before 内 or 前, else the first.
func limitIn(now []text.Figure, says string) (text.Figure, bool) {
	for _, f := range now {
		rest := strings.TrimPrefix(strings.TrimPrefix(says[f.End:], "之"), "以")
		if f.Kind == text.Duration && (strings.HasPrefix(rest, "内") || strings.HasPrefix(rest, "前")) {
			return f, true
		}
	}
	return first(now, text.Duration)
}

func first(list []text.Figure, kind text.FigureKind) (text.Figure, bool) {
	for _, f := range list {
		if f.Kind == kind {
			return f, true
		}
	}
	return text.Figure{}, false
}

var spanParts = regexp.MustCompile(`^([0-9]+)(m|h|d|wd|w|mo|y)$`)

// spanOf writes the length of a figure as a control reads it. Months count 30 days and years 365, as controls know days
// and hours only.
func spanOf(value string, work bool) string {
	p := spanParts.FindStringSubmatch(value)
	if p == nil {
		return ""
	}
	n, err := strconv.Atoi(p[1])
	if err != nil {
		return ""
	}
	days, ok := map[string]int{"d": 1, "w": 7, "mo": 30, "y": 365}[p[2]]
	switch {
	case p[2] == "wd":
		return strconv.Itoa(n) + "d work"
	case ok:
		return strconv.Itoa(n*days) + "d"
	case work:
		return p[1] + p[2] + " work"
	}
	return p[1] + p[2]
}

// pair is a figure of the known text and the one that takes its place.
type pair struct{ old, now text.Figure }

// pairs matches figures of a kind in the order they are printed.
func pairs(old, now []text.Figure) []pair {
	var out []pair
	taken := map[text.FigureKind]int{}
	for _, o := range old {
		if o.Kind == text.Modality {
			continue
		}
		skip := taken[o.Kind]
		for _, n := range now {
			if n.Kind != o.Kind {
				continue
			}
			if skip == 0 {
				out = append(out, pair{o, n})
				taken[o.Kind]++
				break
			}
			skip--
		}
	}
	return out
}

var (
	wholeNumber = regexp.MustCompile(`\b[0-9]+\b`)
	durationArg = regexp.MustCompile(`duration\("([^"]+)"\)`)
)

// condition replaces the figures of the known text where they stand as numbers or lengths of time.
func condition(src string, swap []pair) string {
	for _, p := range swap {
		switch p.old.Kind {
		case text.Duration:
			src = durationArg.ReplaceAllStringFunc(src, func(s string) string {
				if hours(durationArg.FindStringSubmatch(s)[1]) == hours(p.old.Value) && hours(p.now.Value) != "" {
					return `duration("` + hours(p.now.Value) + `")`
				}
				return s
			})
			src = replaceNumber(src, daysOf(p.old.Value), daysOf(p.now.Value))
		case text.Count, text.Percent, text.Money:
			src = replaceNumber(src, p.old.Value, p.now.Value)
		}
	}
	return src
}

func replaceNumber(src, old, now string) string {
	if old == "" || now == "" || !wholeNumber.MatchString(now) {
		return src
	}
	return wholeNumber.ReplaceAllStringFunc(src, func(s string) string {
		if s == old {
			return now
		}
		return s
	})
}

// daysOf is the number of days of a figure, empty where it is no number of days.
func daysOf(value string) string {
	s, ok := strings.CutSuffix(spanOf(value, false), "d")
	if !ok {
		return ""
	}
	return s
}

// hours writes a length as a condition does: in hours or minutes; days have 24.
func hours(value string) string {
	if d := daysOf(value); d != "" {
		n, err := strconv.Atoi(d)
		if err != nil {
			return ""
		}
		return strconv.Itoa(n*24) + "h"
	}
	if strings.HasSuffix(value, "h") || strings.HasSuffix(value, "m") {
		return value
	}
	return ""
}

// sentence replaces figures in what is said. Where the Chinese changed, the English can no longer be trusted and gives
// way to the Chinese: it is for the editor to translate.
func sentence(n *yaml.Node, swap []pair) {
	if n.Kind != yaml.MappingNode {
		return
	}
	changed, zh := false, ""
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "zh" {
			continue
		}
		zh = n.Content[i+1].Value
		for _, p := range swap {
			if p.old.Text != p.now.Text && strings.Contains(zh, p.old.Text) {
				zh, changed = strings.ReplaceAll(zh, p.old.Text, p.now.Text), true
			}
		}
		n.Content[i+1].Value = zh
	}
	for i := 0; changed && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "en" {
			n.Content[i+1].Value = zh
		}
	}
}
