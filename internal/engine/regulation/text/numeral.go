package text

import (
	"unicode/utf8"
)

// ParseNumeral reads a whole string as a number from 1 to 9999 written in Chinese numerals (十二, 二十一, 一百零三, 两,
// 〇) or in ASCII or full-width digits. ok is false for anything else, also for numerals in an impossible order.
func ParseNumeral(s string) (n int, ok bool) {
	n, size := numeralAt(s)
	return n, size > 0 && size == len(s)
}

// numeralAt reads the longest number at the start of s; size 0 means none.
func numeralAt(s string) (n, size int) {
	if n, size = digitsAt(s); size > 0 {
		return n, size
	}
	return hanAt(s)
}

// digitsAt reads a run of at most four digits without a leading zero; a longer run is no number of a unit.
func digitsAt(s string) (n, size int) {
	for count := 0; ; count++ {
		r, w := utf8.DecodeRuneInString(s[size:])
		d, ok := digit(r)
		if !ok {
			break
		}
		if count == 4 || count == 0 && d == 0 {
			return 0, 0
		}
		n, size = n*10+d, size+w
	}
	return n, size
}

func digit(r rune) (int, bool) {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0'), true
	case r >= '０' && r <= '９':
		return int(r - '０'), true
	}
	return 0, false
}

func hanDigit(r rune) (int, bool) {
	switch r {
	case '〇', '零':
		return 0, true
	case '一':
		return 1, true
	case '二', '两':
		return 2, true
	case '三':
		return 3, true
	case '四':
		return 4, true
	case '五':
		return 5, true
	case '六':
		return 6, true
	case '七':
		return 7, true
	case '八':
		return 8, true
	case '九':
		return 9, true
	}
	return 0, false
}

func hanUnit(r rune) (int, bool) {
	switch r {
	case '十':
		return 10, true
	case '百':
		return 100, true
	case '千':
		return 1000, true
	}
	return 0, false
}

func isHanNumeral(r rune) bool {
	_, d := hanDigit(r)
	_, u := hanUnit(r)
	return d || u
}

// hanAt reads a run of Chinese numerals: with units (一百二十), or digit by digit (二〇).
func hanAt(s string) (n, size int) {
	pending, last, zero, positional := -1, 10000, false, true
	for {
		r, w := utf8.DecodeRuneInString(s[size:])
		if d, ok := hanDigit(r); ok {
			switch {
			case pending >= 0 && positional && last == 10000:
				pending = pending*10 + d
			case pending >= 0:
				return 0, 0
			case d == 0:
				zero = true
			default:
				pending = d
			}
			if pending > 9999 {
				return 0, 0
			}
		} else if u, ok := hanUnit(r); ok {
			if u >= last || pending > 9 || pending < 0 && (u != 10 || n > 0) {
				return 0, 0
			}
			n, pending, last, positional = n+max(pending, 1)*u, -1, u, false
		} else {
			break
		}
		size += w
	}
	if pending > 0 {
		n += pending
	}
	if n == 0 || zero && positional {
		return 0, 0
	}
	return n, size
}
