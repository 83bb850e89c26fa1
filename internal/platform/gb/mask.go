package gb

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaskPhone keeps what tells numbers apart at the desk: 138****8000, 0571-****0000. Of foreign numbers the country code
// cannot be told from the rest, so the first three and the last four characters stay. Short numbers are hidden but for
// their last two digits.
func MaskPhone(s string) string {
	number, _, _ := strings.Cut(s, extension)
	national, chinese := strings.CutPrefix(number, "+86")
	switch {
	case mobile.MatchString(national), chinese && isService(national):
		return keep(national, 3, 4)
	case chinese && len(national) >= 9:
		area, local := splitArea(national)
		return "0" + area + "-" + keep(local, 0, 4)
	case len(number) >= 10:
		return keep(number, 3, 4)
	}
	return keep(number, 0, 2)
}

// MaskIDNumber keeps the first three and the last four characters: 110***********1234.
func MaskIDNumber(s string) string {
	if utf8.RuneCountInString(s) < 12 {
		return keep(s, 0, 2)
	}
	return keep(s, 3, 4)
}

// MaskAccount keeps the last four characters of a bank card or account number.
func MaskAccount(s string) string {
	if utf8.RuneCountInString(s) < 8 {
		return keep(s, 0, 1)
	}
	return keep(s, 0, 4)
}

// MaskEmail keeps the first character of the mailbox and the domain: z***@example.com. The number of stars tells
// nothing.
func MaskEmail(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 {
		return MaskText(s)
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size] + "***" + s[at:]
}

// MaskName keeps the family name of a Chinese name (张*, 欧阳**) and the initials of others (J*** S***).
func MaskName(s string) string {
	runes := []rune(strings.TrimSpace(s))
	if len(runes) == 0 {
		return ""
	}
	if !unicode.Is(unicode.Han, runes[0]) {
		words := strings.Fields(s)
		for i, w := range words {
			_, size := utf8.DecodeRuneInString(w)
			words[i] = w[:size] + "***"
		}
		return strings.Join(words, " ")
	}
	n := 1
	if len(runes) > 2 && isCompoundSurname(string(runes[:2])) {
		n = 2
	}
	return string(runes[:n]) + strings.Repeat("*", max(min(len(runes)-n, 4), 1))
}

func isCompoundSurname(s string) bool {
	switch s {
	case "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯", "宇文", "长孙",
		"轩辕", "端木", "百里", "呼延", "南宫", "申屠", "太史", "万俟", "闻人", "赫连", "澹台", "公冶", "宗政", "濮阳",
		"淳于", "单于", "太叔", "钟离", "第五", "独孤", "西门", "东郭", "拓跋", "完颜":
		return true
	}
	return false
}

// MaskAddress keeps province, city and county and hides the rest: 浙江省杭州市西湖区****. An address that does not begin
// with a division keeps its first two characters.
func MaskAddress(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if n := divisionPrefix(s); n > 0 {
		return s[:n] + "****"
	}
	runes := []rune(s)
	return string(runes[:min(2, len(runes)/3)]) + "****"
}

// divisionPrefix returns the length in bytes of the divisions with which s begins.
func divisionPrefix(s string) int {
	t, code, at := Divisions(), "", 0
	for {
		next, size := t.longestChild(code, s[at:])
		if size == 0 {
			return at
		}
		code, at = next, at+size
	}
}

// longestChild finds the division below code whose name s begins with; placeholder units are passed through.
func (t *Tree) longestChild(code, s string) (string, int) {
	found, size := "", 0
	for _, d := range t.children[code] {
		if d.isPlaceholder() {
			if c, n := t.longestChild(d.Code, s); n > size {
				found, size = c, n
			}
		} else if strings.HasPrefix(s, d.Name) && len(d.Name) > size {
			found, size = d.Code, len(d.Name)
		}
	}
	return found, size
}

// MaskText hides all but the first character, for personal text of no known form. The number of stars tells nothing.
func MaskText(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	if size == len(s) {
		return "***"
	}
	return s[:size] + "***"
}

// keep hides all but the first and last characters; a string too short for both is hidden whole.
func keep(s string, first, last int) string {
	runes := []rune(s)
	if len(runes) <= first+last {
		return strings.Repeat("*", len(runes))
	}
	for i := first; i < len(runes)-last; i++ {
		runes[i] = '*'
	}
	return string(runes)
}
