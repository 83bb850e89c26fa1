package token_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dianke/internal/engine/record/token"
)

func TestCoreAndSound(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"贵州茅台酒股份有限公司": {"贵州茅台酒", "guizhoumaotaijiu"}, "ＡＢＣ (上海) 有限公司": {"abc上海", "abcshanghai"}, "有限公司": {"有限公司", "youxiangongsi"}, "": {"", ""},
		"重庆银行": {"重庆银行", "chongqingyinhang"},
	} {
		if got := [2]string{token.Core(name), token.Sound(name)}; got != want {
			t.Errorf("%q gives %q", name, got)
		}
	}
}

func TestLikeness(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b     string
		low, top float64
	}{
		{"贵州茅台", "贵州茅台", 1, 1}, {"", "", 1, 1}, {"贵州茅台酒业集团", "贵州茅台酒集团", 0.75, 0.9}, {"甲", "乙", 0, 0}, {"北京电信", "上海电信", 0.3, 0.5},
		{"远山商贸", "远上商贸", 0.5, 0.65},
	} {
		got := token.Likeness(tt.a, tt.b)
		if got < tt.low || got > tt.top || got != token.Likeness(tt.b, tt.a) {
			t.Errorf("Likeness(%s, %s) = %.3f, want %.2f to %.2f", tt.a, tt.b, got, tt.low, tt.top)
		}
	}
}

func TestOneCharacterApartShareAKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := []rune(rapid.StringOfN(rapid.SampledFrom([]rune("远山商贸近水")), 3, 10, -1).Draw(t, "a"))
		b := slices.Clone(a)
		i := rapid.IntRange(0, len(a)-1).Draw(t, "at")
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			b[i] = '新'
		case 1:
			b = slices.Delete(b, i, i+1)
		case 2:
			b = slices.Insert(b, i, '新')
		case 3:
			j := min(i+1, len(b)-1)
			b[i], b[j] = b[j], b[i]
		}
		keys := token.Near(string(b))
		if len(b) > 2 && !slices.ContainsFunc(token.Near(string(a)), func(k string) bool { return slices.Contains(keys, k) }) {
			t.Fatalf("%s and %s share no key", string(a), string(b))
		}
	})
}
