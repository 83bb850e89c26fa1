package text

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// FigureKind classes what a text fixes in figures or modal words.
type FigureKind string

// The kinds of figures with the form of their Value.
const (
	Duration   FigureKind = "duration"   // "30m", "1h", "3d", "2wd" (working days), "1w", "6mo", "1y"
	Recurrence FigureKind = "recurrence" // an RRULE: "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3"
	Money      FigureKind = "money"      // fen: "20000"; a range is "30000-50000"
	Percent    FigureKind = "percent"    // "80"; 六折 is "60"; a range is "5-10"
	Count      FigureKind = "count"      // 三次 is "3"
	TimeOfDay  FigureKind = "time"       // "09:00" on the 24 hour clock
	Modality   FigureKind = "modality"   // "must", "must_not", "should", "may"
)

// Figure is one figure of a text, from byte Start to End.
type Figure struct {
	Kind       FigureKind
	Text       string // as printed
	Value      string // normalised as its kind says
	Start, End int
}

const numeral = `(?:[0-9０-９]{1,7}(?:\.[0-9]{1,2})?|[一二三四五六七八九十百千零〇两]{1,7}|半)`

// figureRule reads one kind of figure; build returns "" for what only looks like one.
type figureRule struct {
	kind    FigureKind
	pattern *regexp.Regexp
	build   func(groups []string) string
}

// figureRules are tried in order; a later rule does not touch what an earlier one took.
var figureRules = sync.OnceValue(func() []figureRule {
	rx := regexp.MustCompile
	return []figureRule{
		{TimeOfDay, rx(`(凌晨|早上|上午|中午|下午|晚上|晚|夜间)?([0-2]?[0-9])[:：]([0-5][0-9])`), clockTime},
		{TimeOfDay, rx(`(凌晨|早上|上午|中午|下午|晚上|晚|夜间)(` + numeral + `)[点时](半|[0-5]?[0-9]分?)?`), clockTime},
		{Recurrence, rx(`每(` + numeral + `)?个?(工作日|日|天|晚|周|星期|月份|月|季度|季|半年|年度|年)`), recurrence},
		{Money, rx(`(?:人民币|￥|¥)?(` + numeral + `)(?:\s?[-—~～至到]{1,4}\s?(` + numeral + `))?\s?(万元|千元|百元|元)`), money},
		{Percent, rx(`百分之(` + numeral + `)()(())`), percent},
		{Percent, rx(`(` + numeral + `)[%％]?(?:\s?[-—~～至到]{1,4}\s?(` + numeral + `))?\s?([%％折])`), percent},
		{Duration, rx(`(` + numeral + `)(个)?(半)?\s?(工作日|分钟|小时|钟头|自然日|日历日|日|天|周|星期|月|年)`), duration},
		{Count, rx(`(` + numeral + `)\s?([次遍人名份])`), count},
		{Modality, rx(`(不得|不准|不许|不可以|不可|不能|不应|严禁|禁止|必须|务必|须|应当|应该|应|可以|有权)`), modality},
	}
})

// Figures finds the figures of a text in printed order: they are what a proposed control can be filled with.
func Figures(text string) []Figure {
	var found []Figure
	taken := make([]bool, len(text))
	for _, rule := range figureRules() {
		for _, m := range rule.pattern.FindAllStringSubmatchIndex(text, -1) {
			if taken[m[0]] || taken[m[1]-1] || ordinalBefore(text[:m[0]]) ||
				rule.kind == Modality && partOfWord(text, m[0], m[1]) {
				continue
			}
			value := rule.build(groups(text, m))
			if value == "" {
				continue
			}
			for i := m[0]; i < m[1]; i++ {
				taken[i] = true
			}
			found = append(found, Figure{rule.kind, text[m[0]:m[1]], value, m[0], m[1]})
		}
	}
	slices.SortFunc(found, func(a, b Figure) int { return a.Start - b.Start })
	return found
}

// ordinalBefore reports whether a number after s is an ordinal (第三次) or the tail of a longer number.
func ordinalBefore(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r == '第' || isDigit(r) || r == '.'
}

// partOfWord reports whether 应 or 须 belongs to another word: 响应, 应用, 须知.
func partOfWord(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	switch text[start:end] {
	case "应":
		return strings.ContainsRune("回响适供相对反效", before) || strings.ContainsRune("用答急酬聘对付", runeAt(text[end:]))
	case "须":
		return runeAt(text[end:]) == '知'
	}
	return false
}

func groups(text string, m []int) []string {
	out := make([]string, len(m)/2)
	for i := range out {
		if m[2*i] >= 0 {
			out[i] = text[m[2*i]:m[2*i+1]]
		}
	}
	return out
}

// hundredths reads a numeral times one hundred, so that 1.5 needs no floating point; -1 for none.
func hundredths(s string) int {
	if s == "半" {
		return 50
	}
	whole, frac, _ := strings.Cut(s, ".")
	n, ok := ParseNumeral(whole)
	if !ok {
		var err error
		if n, err = strconv.Atoi(whole); err != nil {
			return -1
		}
	}
	f, _ := strconv.Atoi((frac + "00")[:2])
	return n*100 + f
}

func decimal(h int) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%02d", h/100, h%100), "0"), ".")
}

func clockTime(g []string) string {
	hour := hundredths(g[2]) / 100
	minute := 0
	if g[3] == "半" {
		minute = 30
	} else if g[3] != "" {
		minute, _ = strconv.Atoi(strings.TrimSuffix(g[3], "分"))
	}
	switch {
	case g[1] == "下午" || strings.HasPrefix(g[1], "晚") || g[1] == "夜间":
		if hour < 12 {
			hour += 12
		}
	case g[1] == "中午" && hour < 3:
		hour += 12
	}
	if hour < 0 || hour > 24 || minute > 59 {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", hour, minute)
}

func recurrence(g []string) string {
	n := 1
	if g[1] != "" {
		n = hundredths(g[1]) / 100
	}
	freq := ""
	switch g[2] {
	case "工作日":
		freq = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
		if n != 1 {
			freq, n = "FREQ=DAILY", max(n, 1)
		}
	case "日", "天", "晚":
		freq = "FREQ=DAILY"
	case "周", "星期":
		freq = "FREQ=WEEKLY"
	case "月", "月份":
		freq = "FREQ=MONTHLY"
	case "季度", "季":
		freq, n = "FREQ=MONTHLY", n*3
	case "半年":
		freq, n = "FREQ=MONTHLY", 6
	default:
		freq = "FREQ=YEARLY"
		if g[1] == "半" {
			freq, n = "FREQ=MONTHLY", 6
		}
	}
	switch {
	case n < 1:
		return ""
	case n > 1:
		return freq + ";INTERVAL=" + strconv.Itoa(n)
	}
	return freq
}

func money(g []string) string {
	factor := map[string]int{"元": 1, "百元": 100, "千元": 1000, "万元": 10000}[g[3]]
	low := hundredths(g[1])
	if low < 0 {
		return ""
	}
	if high := hundredths(g[2]); g[2] != "" && high >= 0 {
		return strconv.Itoa(low*factor) + "-" + strconv.Itoa(high*factor)
	}
	return strconv.Itoa(low * factor)
}

func percent(g []string) string {
	low := hundredths(g[1])
	if low < 0 {
		return ""
	}
	if g[3] == "折" {
		n := low / 100
		if n < 10 {
			return decimal(low * 10)
		}
		return strconv.Itoa(n)
	}
	if high := hundredths(g[2]); g[2] != "" && high >= 0 {
		return decimal(low) + "-" + decimal(high)
	}
	return decimal(low)
}

func duration(g []string) string {
	h := hundredths(g[1])
	if g[3] == "半" {
		h += 50
	}
	unit := map[string]string{
		"分钟": "m", "小时": "h", "钟头": "h", "工作日": "wd", "自然日": "d", "日历日": "d", "日": "d", "天": "d",
		"周": "w", "星期": "w", "月": "mo", "年": "y",
	}[g[4]]
	switch {
	case h <= 0, g[4] == "月" && g[2] == "" && g[1] != "半", g[4] == "年" && h >= 190000:
		return "" // 三月 is a month of the calendar, 2026年 a year
	case h%100 == 0:
		return strconv.Itoa(h/100) + unit
	case unit == "h":
		return strconv.Itoa(h*60/100) + "m"
	case unit == "y":
		return strconv.Itoa(h*12/100) + "mo"
	case unit == "d":
		return strconv.Itoa(h*24/100) + "h"
	}
	return decimal(h) + unit
}

func count(g []string) string {
	h := hundredths(g[1])
	if h <= 0 || g[1] == "半" {
		return ""
	}
	return decimal(h)
}

func modality(g []string) string {
	switch g[1] {
	case "不得", "不准", "不许", "不可以", "不可", "不能", "不应", "严禁", "禁止":
		return "must_not"
	case "必须", "务必", "须":
		return "must"
	case "可以", "有权":
		return "may"
	}
	return "should"
}
