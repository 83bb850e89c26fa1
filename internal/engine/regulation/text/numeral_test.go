package text_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dianke/internal/engine/regulation/text"
)

func TestParseNumeral(t *testing.T) {
	t.Parallel()
	tests := map[string]int{
		"一": 1, "两": 2, "十": 10, "十二": 12, "二十": 20, "二十一": 21, "一百": 100, "一百零三": 103, "一百一十": 110,
		"九百九十九": 999, "一千零一": 1001, "二〇": 20, "7": 7, "12": 12, "３": 3,
		"": 0, "〇": 0, "0": 0, "07": 0, "十十": 0, "百": 0, "一百十": 0, "十百": 0, "12345": 0, "三条": 0, "x": 0,
	}
	for in, want := range tests {
		if n, ok := text.ParseNumeral(in); ok != (want > 0) || ok && n != want {
			t.Errorf("ParseNumeral(%q) = %d, %v; want %d", in, n, ok, want)
		}
	}
}

// han writes 1 to 999 the way regulations do.
func han(n int) string {
	digits := []rune("零一二三四五六七八九")
	var b strings.Builder
	if n >= 100 {
		b.WriteString(string(digits[n/100]) + "百")
		if n%100 > 0 && n%100 < 10 {
			b.WriteString("零")
		}
	}
	if tens := n / 10 % 10; tens > 0 {
		if tens > 1 || n >= 100 {
			b.WriteRune(digits[tens])
		}
		b.WriteString("十")
	}
	if n%10 > 0 {
		b.WriteRune(digits[n%10])
	}
	return b.String()
}

func TestParseNumeralReadsEveryArticleNumber(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 999; n++ {
		if got, ok := text.ParseNumeral(han(n)); !ok || got != n {
			t.Errorf("ParseNumeral(%q) = %d, %v; want %d", han(n), got, ok, n)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("零〇一二三九两十百千"))).Draw(t, "s")
		if n, ok := text.ParseNumeral(s); ok && (n < 1 || n > 9999) {
			t.Fatalf("ParseNumeral(%q) = %d", s, n)
		}
	})
}
