package token

import "strings"

const (
	minFragment = 3  // shorter pieces of a number fit too much to be worth an entry
	maxDigits   = 32 // longer than any number people use; the rest is cut
)

// Digits returns the tokens of telephone numbers and the like: every ending of at least three digits, so that a search
// by prefix finds any fragment of that length. The country code of China is taken off and the trunk zero of a landline
// put back; several numbers in one field may stand apart by comma, semicolon, slash or line break.
func Digits(s string) []string {
	out := newSet(0)
	for _, number := range strings.FieldsFunc(fold(s), isListMark) {
		addEndings(out, national(number))
	}
	return out.out
}

func isListMark(r rune) bool { return strings.ContainsRune(",;/|、\n\t", r) }

// national returns the digits of a telephone number as they are dialled within China.
func national(number string) string {
	plus := strings.HasPrefix(strings.TrimSpace(number), "+")
	digits := onlyDigits(number)
	local, abroad := strings.CutPrefix(digits, "0086")
	if !abroad && (plus || len(digits) == 13) {
		if rest, ok := strings.CutPrefix(digits, "86"); ok {
			local, abroad = rest, plus || rest[0] == '1'
		}
	}
	if !abroad || local == "" || isWhole(local) {
		return local
	}
	return "0" + local
}

// isWhole tells national numbers that are dialled as they are: with their zero, mobile, and service numbers.
func isWhole(local string) bool {
	return local[0] == '0' || len(local) == 11 && local[0] == '1' ||
		len(local) == 10 && (strings.HasPrefix(local, "400") || strings.HasPrefix(local, "800"))
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if isDigit(r) {
			return r
		}
		return -1
	}, s)
}

func addEndings(out *set, digits string) {
	if len(digits) > maxDigits {
		digits = digits[:maxDigits]
	}
	out.add(digits)
	for i := 1; len(digits)-i >= minFragment; i++ {
		out.add(digits[i:])
	}
}

// Number returns the tokens of a record number or code such as C-2026-000123 or 600519: the whole without separators,
// its parts, each part of digits by every ending of three and more, and without leading zeros.
func Number(s string) []string {
	ps := pieces(fold(s))
	out := newSet(maxName)
	var whole []rune
	for _, p := range ps {
		whole = append(whole, p.runes...)
	}
	out.add(word(whole))
	for _, p := range ps {
		if p.han {
			addHan(out, p.runes, make([]bool, len(p.runes)))
			continue
		}
		addWord(out, p.runes)
		for _, part := range parts(p.runes) {
			if isDigit(rune(part[0])) {
				addEndings(out, part)
				out.add(strings.TrimLeft(part, "0"))
			}
		}
	}
	return out.out
}
