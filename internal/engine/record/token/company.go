package token

import "strings"

// suffixes are legal forms, longest first. Nearly every company has one, so they tell nothing and would make the
// longest lists of the index.
func suffixes() []string {
	return []string{"股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "股份公司", "集团公司", "集团"}
}

// marks tells which characters of a Han run belong to a legal form. 公司 alone counts only at the end of the run.
func marks(run []rune) []bool {
	out := make([]bool, len(run))
	s := string(run)
	for _, suffix := range suffixes() {
		for from := 0; ; {
			i := strings.Index(s[from:], suffix)
			if i < 0 {
				break
			}
			markAt(out, s, from+i, suffix)
			from += i + len(suffix)
		}
	}
	if strings.HasSuffix(s, "公司") {
		out[len(run)-2], out[len(run)-1] = true, true
	}
	return out
}

func markAt(out []bool, s string, at int, suffix string) {
	first := len([]rune(s[:at]))
	for i := range []rune(suffix) {
		out[first+i] = true
	}
}

// core marks the legal forms of a whole name. A name that has nothing else keeps them.
func core(ps []piece) [][]bool {
	out, rest := make([][]bool, len(ps)), false
	for i, p := range ps {
		if !p.han {
			rest = true
			continue
		}
		out[i] = marks(p.runes)
		for _, marked := range out[i] {
			rest = rest || !marked
		}
	}
	if rest {
		return out
	}
	for i, p := range ps {
		out[i] = make([]bool, len(p.runes))
	}
	return out
}

func unmarked(run []rune, marked []bool) []rune {
	out := make([]rune, 0, len(run))
	for i, r := range run {
		if !marked[i] {
			out = append(out, r)
		}
	}
	return out
}

// isStop tells the characters and pairs that lie inside legal forms: in a query they are left out beside others.
func isStop(tok string) bool {
	switch tok {
	case "股份", "份有", "份公", "有限", "限责", "责任", "任公", "限公", "公司", "集团", "团有", "团公",
		"股", "份", "有", "限", "责", "任", "公", "司", "集", "团":
		return true
	}
	return false
}
