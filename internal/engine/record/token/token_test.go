package token_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"dianke/internal/engine/record/token"
)

// found tells whether an index holding tokens would return the record for the query.
func found(query string, tokens []string) bool {
	terms := token.Query(query)
	for _, term := range terms {
		ok := slices.ContainsFunc(tokens, func(t string) bool {
			return t == term.Token || term.Prefix && strings.HasPrefix(t, term.Token)
		})
		if !ok {
			return false
		}
	}
	return len(terms) > 0
}

func TestNameIsFoundBy(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"贵州茅台酒股份有限公司":    {"贵州茅台", "茅台", "台", "gzmt", "mtj", "guizhou", "maotaijiu", "茅台酒股份有限公司", "贵州 茅台", "ＧＺＭＴ"},
		"张伟":             {"张", "伟", "张伟", "zw", "zhangwei", "wei", "zhangw"},
		"单雄信":            {"sxx", "dxx", "shanxiongxin"},
		"曾国藩":            {"zgf", "zengguofan", "ceng"},
		"吕布":             {"lvbu", "lubu", "lb"},
		"尉迟恭":            {"yuchigong", "ycg"},
		"重庆银行":           {"chongqing", "cqyh", "yinhang"},
		"中国建设银行长沙分行":     {"jsyh", "changsha", "csfh", "建设银行"},
		"Café Ｍüller 15": {"cafe", "muller", "CAFÉ", "15"},
		"iPhone15 专卖店":   {"iphone", "15", "iphone15", "zmd", "专卖"},
		"腾讯集团深圳分公司":      {"腾讯", "txsz", "深圳分公司", "集团深圳"},
		"有限公司":           {"有限公司", "yxgs", "公司"},
		"A股份有限公司":        {"a", "A股份有限公司"},
		"Мир 株式会社":       {"мир", "株式"},
		"𠮷野家":            {"𠮷野", "野家", "yj"},
		"O'Brien & Co.":  {"o'brien", "brien co"},
	}
	for name, queries := range tests {
		tokens := token.Name(name)
		for _, q := range queries {
			if !found(q, tokens) {
				t.Errorf("%q is not found by %q: terms %v, tokens %v", name, q, token.Query(q), tokens)
			}
			if !token.Matches(q, name) {
				t.Errorf("Matches(%q, %q) = false", q, name)
			}
		}
	}
}

func TestNameLeavesOutLegalForms(t *testing.T) {
	t.Parallel()
	tokens := token.Name("杭州云栖有限责任公司")
	for _, unwanted := range []string{"公司", "有限", "责任", "公", "yxzrgs", "hzyqyxzrgs"} {
		if slices.Contains(tokens, unwanted) {
			t.Errorf("tokens hold %q: %v", unwanted, tokens)
		}
	}
	if !slices.Contains(tokens, "栖有") {
		t.Errorf("the pair across the border is missing: %v", tokens)
	}
	if got := token.Query("云栖有限责任公司"); len(got) != 2 {
		t.Errorf("Query keeps legal form: %v", got)
	}
}

func TestPairsDoNotCross(t *testing.T) {
	t.Parallel()
	tokens := token.Name("张三(李四)A王五")
	for _, unwanted := range []string{"三李", "四王"} {
		if slices.Contains(tokens, unwanted) {
			t.Errorf("tokens hold %q", unwanted)
		}
	}
}

func TestNameIsBounded(t *testing.T) {
	t.Parallel()
	if n := len(token.Name(strings.Repeat("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏", 50))); n > 400 {
		t.Errorf("%d tokens", n)
	}
	if n := len(token.Name("单单曾曾重重长长行行乐乐都都解解查查单曾重长行乐")); n > 400 {
		t.Errorf("%d tokens of polyphones", n)
	}
	for _, tok := range token.Name(strings.Repeat("a", 5000)) {
		if len(tok) > 64 {
			t.Errorf("token of %d bytes", len(tok))
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	got := token.Text("客户投诉 Wi-Fi 慢，客户", 0)
	want := []string{"客", "客户", "户", "户投", "投", "投诉", "诉", "wi", "fi", "慢"}
	if !slices.Equal(got, want) {
		t.Errorf("Text = %v, want %v", got, want)
	}
	if got := token.Text(strings.Repeat("春夏秋冬", 10), 5); len(got) != 5 {
		t.Errorf("limit 5 gave %v", got)
	}
}

func TestDigitsAreFoundBy(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"+8613800138000":              {"138", "138 0013 8000", "8000", "0013", "13800138000", "8613800138000"},
		"008613800138000":             {"13800138000"},
		"８６１３８００１３８０００":               {"13800138000"},
		"+8657187900000":              {"0571-8790 0000", "057187900000", "57187", "8790"},
		"0571-87900000":               {"0571", "87900000"},
		"+861087900000":               {"010-87900000"},
		"+8641187900000":              {"0411 8790"},
		"+864008001234":               {"4008001234", "400-800-1234"},
		"13800138000、13900139000":     {"13800138000", "139 0013 9000"},
		"+44 20 7183 8750":            {"2071838750", "8750"},
		"6222 0212 3456 7890 123":     {"7890123", "6222"},
		"123456789012345678901234567": {"234567"},
	}
	for number, queries := range tests {
		for _, q := range queries {
			if !found(q, token.Digits(number)) {
				t.Errorf("%q is not found by %q: %v", number, q, token.Digits(number))
			}
		}
	}
	if found("4008001234", token.Digits("+8613800138000")) {
		t.Error("a foreign fragment is found")
	}
}

func TestNumberIsFoundBy(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"C-2026-000123": {"c-2026-000123", "C2026000123", "c-2026", "000123", "123", "2026-000123"},
		"600519":        {"600519", "6005", "519"},
		"AB000005":      {"5", "ab000005", "ab"},
		"合同-2026-7":     {"合同", "合同-2026"},
	}
	for number, queries := range tests {
		for _, q := range queries {
			if !found(q, token.Number(number)) {
				t.Errorf("%q is not found by %q: %v", number, q, token.Number(number))
			}
		}
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	tests := map[string][]token.Term{
		"":            nil,
		" -'\"*() ":   nil,
		"茅":           {{"茅", false}},
		"茅台酒":         {{"茅台", false}, {"台酒", false}},
		"茅台茅台":        {{"茅台", false}, {"台茅", false}},
		"ＺＷ 138":      {{"zw", true}, {"138", true}},
		"有限公司":        {{"有限", false}, {"限公", false}, {"公司", false}},
		"a\" OR \"b*": {{"a", true}, {"or", true}, {"b", true}},
	}
	for in, want := range tests {
		if got := token.Query(in); !slices.Equal(got, want) {
			t.Errorf("Query(%q) = %v, want %v", in, got, want)
		}
	}
	if n := len(token.Query(strings.Repeat("天地玄黄宇宙洪荒日月盈昃", 40))); n > 16 {
		t.Errorf("%d terms", n)
	}
}

func TestRankOrders(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"茅台":   {"茅台", "茅台有限公司", "茅台镇", "茅台镇酒业", "贵州茅台", "贵州茅台酒股份有限公司"},
		"mt":   {"MT", "mt电子", "茅台", "贵州茅台", "茅台镇"},
		"maot": {"茅台", "茅台镇"},
		"mao":  {"毛", "茅台", "贵州茅台"},
	}
	for q, texts := range tests {
		last := -1
		for _, text := range texts {
			got := token.Rank(q, text)
			if got < last || got == token.NoMatch {
				t.Errorf("Rank(%q, %q) = %d after %d", q, text, got, last)
			}
			last = got
		}
	}
	for q, text := range map[string]string{"茅台": "茅山台", "mx": "茅台", "": "茅台", "138": "13", "三李": "张三 李四", "李四 王五": "李四"} {
		if got := token.Rank(q, text); got != token.NoMatch || token.Matches(q, text) {
			t.Errorf("Rank(%q, %q) = %d, want no match", q, text, got)
		}
	}
	if !token.Matches("0571 8790", "王五 +8657187900000") {
		t.Error("landline with trunk zero does not match the stored form")
	}
}

func TestEveryFragmentOfANameIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.SampledFrom([]rune("张王李赵重长行乐单公司有限责任股份集团法茅台a1 （)")), 1, 30, -1).Draw(t, "name")
		checkFragments(t, name)
	})
}

type fataler interface{ Fatalf(string, ...any) }

// checkFragments holds the property the index lives by: each Han fragment of one to four characters finds the name,
// unless it consists of parts of a legal form alone.
func checkFragments(t fataler, name string) {
	tokens := token.Name(name)
	for _, run := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) {
		runes := []rune(run)
		for i := range runes {
			for j := i + 1; j <= min(i+4, len(runes)); j++ {
				fragment := string(runes[i:j])
				if strings.Trim(fragment, "股份有限责任公司集团") == "" || len(tokens) == 400 {
					continue
				}
				if !found(fragment, tokens) {
					t.Fatalf("%q is not found by %q: %v, tokens %v", name, fragment, token.Query(fragment), tokens)
				}
			}
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"贵州茅台股份有限公司", "a\"b", "＋８６138", "İstanbul", "é\u0301\xff", "株式会社ガス", "〇々"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all := slices.Concat(token.Name(s), token.Text(s, 0), token.Digits(s), token.Number(s))
		for _, term := range token.Query(s) {
			all = append(all, term.Token)
		}
		for _, tok := range all {
			for _, r := range tok {
				if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r == '〇' || r > 0x7f && unicode.IsLetter(r)) {
					t.Fatalf("token %q of %q holds %q", tok, s, r)
				}
			}
		}
		if allHan(s) {
			checkFragments(t, s)
		}
	})
}

// allHan leaves out compatibility forms, which folding replaces.
func allHan(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < 0x4e00 || r > 0x9fa5 }) < 0
}

func BenchmarkName(b *testing.B) {
	for b.Loop() {
		token.Name("贵州茅台酒股份有限公司")
	}
}

func BenchmarkQuery(b *testing.B) {
	for b.Loop() {
		token.Query("贵州茅台")
	}
}

func BenchmarkRank(b *testing.B) {
	for b.Loop() {
		token.Rank("gzmt", "贵州茅台酒股份有限公司")
	}
}

func BenchmarkText(b *testing.B) {
	text := strings.Repeat("客户来电反映上月账单金额有误，要求尽快核实并回电。", 40)
	for b.Loop() {
		token.Text(text, 2000)
	}
}
