package text_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dianke/internal/engine/regulation/text"
)

// strip drops white space and keeps every other byte, also broken ones.
func strip(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, w := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsSpace(r) {
			b.WriteString(s[i : i+w])
		}
		i += w
	}
	return b.String()
}

// outline prints a document the way the tests read it.
func outline(docs []*text.Document) string {
	var b strings.Builder
	for _, d := range docs {
		fmt.Fprintf(&b, "# %s | %s | %s\n", d.Above, d.Title, oneLine(d.Front))
		d.Walk(func(n *text.Node, above []*text.Node) bool {
			fmt.Fprintf(&b, "%s%s %s %q [%s] %s\n", strings.Repeat("  ", len(above)), n.Key, n.Level, n.Number, n.Heading, oneLine(n.Text))
			return true
		})
	}
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), "⏎") }

// keysOf lists the keys of all nodes, documents separated by "|".
func keysOf(docs []*text.Document) string {
	var out []string
	for i, d := range docs {
		if i > 0 {
			out = append(out, "|")
		}
		d.Walk(func(n *text.Node, _ []*text.Node) bool {
			out = append(out, n.Key)
			return true
		})
	}
	return strings.Join(out, " ")
}

func TestSplitAcceptsOnlyWhatMakesSense(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"one line":             {"办公制度\n第一条 甲。第二条 乙。第三条 丙。", "1 2 3"},
		"glued chapters":       {"办公制度\n第一章总则第一条甲方应守约。第二章细则第二条乙方应守约。", "ch1 1 ch2 2"},
		"cited article":        {"办公制度\n第一条 甲。第二条 按第三条处理。第三条规定的情形除外。\n第三条 丙。", "1 2 3"},
		"cited at line start":  {"办公制度\n第一条 甲见\n第二条规定。\n第二条 乙。", "1 2"},
		"cited paragraph":      {"办公制度\n第一条 甲。\n第二条第一款所指人员。\n第二条 乙。", "1 2"},
		"days and decimals":    {"办公制度\n第一条 3日内回复，逾期按1.5倍计。2.5倍封顶。9:00上班。", "1"},
		"half-width time":      {"办公制度\n第一条 时间:9:00。2026.1.1起施行。", "1"},
		"enumeration":          {"办公制度\n第一条 适用于第1、2项和一、二级客户。", "1"},
		"items in an article":  {"办公制度\n第一条 下列情形：（一）甲；（二）乙：1.丙；2.丁。\n第二条 戊。", "1 1.1 1.2 1.2.1 1.2.2 2"},
		"missing full stop":    {"办公制度\n一、要求1、准时到岗2、按时交接3、熟悉产品", "1 1.1 1.2 1.3"},
		"paths":                {"办公制度\n第一条 目的 1.1目的：甲。1.2原则：1.2.1公平：乙；1.2.2保密：丙。", "1 1.1 1.2 1.2.1 1.2.2"},
		"paths without parent": {"办公制度\n1.1 甲\n1.2 乙\n2.1 丙\n2.2 丁", "1 2 1a 2a"},
		"a gap":                {"办公制度\n第一条 甲\n第三条 丙\n第四条 丁", "1 3 4"},
		"a number twice":       {"办公制度\n1、甲\n2、乙\n2、丙\n3、丁", "1 2 2a 3"},
		"inserted article":     {"办公制度\n第五条 甲。\n第五条之一 乙。\n第六条 丙。", "5 5-1 6"},
		"articles per chapter": {"办公制度\n第一章 甲\n第一条 一。\n第二章 乙\n第一条 二。", "1 1.1 2 2.1"},
		"full-width":           {"办公制度\n１．甲\n２．乙\n（１）丙\n（２）丁", "1 2 2.1 2.2"},
		"circles and letters":  {"办公制度\n一、甲：①乙；②丙：a)丁；b)戊。\n二、己", "1 1.1 1.2 1.2.1 1.2.2 2"},
		"table of contents":    {"办公制度\n目录\n第一章 总则\n第二章 附则\n第一章 总则\n第一条 甲。\n第二章 附则\n第二条 乙。", "ch1 1 ch2 2"},
		"chapters start again": {"办公制度\n第一章 总则\n第一条 甲。\n第一章 总则\n第一条 乙。", "ch1 1 | ch1 1"},
		"next title":           {"办公制度\n第一条 甲。\n考勤办法\n第一条 乙。", "1 | 1"},
		"a name is no title":   {"办公制度\n第一条 甲应遵守\n考勤办法\n第二条 乙。", "1 2"},
		"headings over lists":  {"办公制度\n1）甲。\n2）乙。\n仪容要求\n1）丙。\n2）丁。", "1 2 h h.1 h.2"},
		"collection":           {"办公制度(精选2篇)\n办公制度1\n一、甲。\n办公制度2\n一、乙。", "1 1.1 2 2.1"},
		"samples":              {"办公制度\n办公制度范本一：1、甲\n2、乙\n办公制度范本二：1、丙", "1 2 | 1"},
		"no regulation":        {"今天天气很好。", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := keysOf(text.Split(tt.in)); got != tt.want {
				t.Errorf("keys = %q, want %q\n%s", got, tt.want, outline(text.Split(tt.in)))
			}
		})
	}
}

func TestSplitKeepsNumbersAndHeadings(t *testing.T) {
	t.Parallel()
	docs := text.Split("甲公司\n客户接待办法（试行）\n为规范接待，制定本办法。\n第一章 总则\n第 一 条 目的\n方便来访客户。\n第二条 时限：两小时内答复。")
	if len(docs) != 1 {
		t.Fatalf("documents = %d, want 1", len(docs))
	}
	got := outline(docs)
	want := "# 甲公司 | 客户接待办法（试行） | 为规范接待，制定本办法。\n" +
		"ch1 chapter \"第一章\" [总则] \n" +
		"  1 article \"第 一 条\" [目的] 方便来访客户。\n" +
		"  2 article \"第二条\" [时限：] 两小时内答复。\n"
	if got != want {
		t.Errorf("outline =\n%s\nwant\n%s", got, want)
	}
	if docs[0].Line != 2 || docs[0].EndLine != 7 {
		t.Errorf("lines %d-%d, want 2-7", docs[0].Line, docs[0].EndLine)
	}
}

func TestSplitOfNothingIsNothing(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", " \n\u3000\r\n"} {
		if docs := text.Split(s); len(docs) != 0 {
			t.Errorf("Split(%q) = %d documents", s, len(docs))
		}
	}
}

var pieces = []string{
	"第一章", "第二章", "第1章", "第一条", "第二条", "第3条", "第二节", "第一编", "一、", "二、", "十一、", "（一）", "(二)", "1.", "2、", "3．",
	"1.1", "1.2", "1.2.1", "2.1", "1)", "2）", "(1)", "（2）", "①", "②", "a)", "b)", "a.", "客户管理制度", "客户管理制度1", "(精选2篇)", "范本一:",
	"\n", "\r\n", " ", "\u3000", "。", "；", "：", "总则", "员工应当在3日内回复", "按第七条规定", "1.5倍", "9:00", "\xff", "\xe4\xb8", "x",
}

func TestSplitLosesAndInventsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(pieces), rapid.String())).Draw(t, "pieces"), "")
		docs := text.Split(s)
		if got, want := strip(text.Join(docs)), strip(s); got != want {
			t.Fatalf("Join = %q, want %q\n%s", got, want, outline(docs))
		}
		checkTrees(t, docs)
	})
}

type failer interface{ Errorf(string, ...any) }

// checkTrees holds what is true of every tree: bounded depth, unique keys, lines that never go back.
func checkTrees(t failer, docs []*text.Document) {
	for _, d := range docs {
		keys, line := map[string]bool{}, d.Line
		d.Walk(func(n *text.Node, above []*text.Node) bool {
			if len(above) >= text.MaxDepth {
				t.Errorf("depth %d", len(above)+1)
			}
			if n.Key == "" || keys[n.Key] {
				t.Errorf("key %q is empty or used twice", n.Key)
			}
			if n.Line < line {
				t.Errorf("line %d after line %d", n.Line, line)
			}
			keys[n.Key], line = true, n.Line
			return true
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("客户管理制度\n第一章 总则\n第一条 目的。第二条 范围：1. 甲；2. 乙。")
	f.Add("一、（一）1、a) ①")
	f.Add(strings.Join(pieces, ""))
	f.Fuzz(func(t *testing.T, s string) {
		docs := text.Split(s)
		if got, want := strip(text.Join(docs)), strip(s); got != want {
			t.Fatalf("Join = %q, want %q", got, want)
		}
		checkTrees(t, docs)
	})
}

func BenchmarkSplit(b *testing.B) {
	inputs := map[string]string{
		"regulation": strings.Repeat("第一条 员工应当：1. 甲；2. 乙。\n", 1<<20/50),
		"ones":       strings.Repeat("1、", 1<<20/4),
		"nested":     strings.Repeat("一、（一）1. 1.1 1) (1) ① a) ", 1<<20/36),
		"one line":   strings.Repeat("字", 1<<20/3),
		"titles":     strings.Repeat("客户管理制度\n", 1<<20/19),
		"headings":   strings.Repeat("甲乙1) 丙\n", 1<<20/15),
	}
	for name, s := range inputs {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				text.Split(s)
			}
		})
	}
}
