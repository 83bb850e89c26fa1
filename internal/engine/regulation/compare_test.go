package regulation_test

import (
	"strings"
	"testing"

	"dianke/internal/engine/regulation"

	"pgregory.net/rapid"
)

func text(lines ...string) []*regulation.Clause {
	var out []*regulation.Clause
	for i, l := range lines {
		key, body, _ := strings.Cut(l, " ")
		out = append(out, &regulation.Clause{Key: "r." + key, Printed: key, Body: body, Position: int64(i)})
	}
	return out
}

func told(pairs []regulation.Pair) string {
	var out []string
	for _, p := range pairs {
		was, is := "", ""
		if p.Old != nil {
			was = p.Old.Printed
		}
		if p.New != nil {
			is = p.New.Printed
		}
		out = append(out, was+">"+is+":"+string(p.Change))
	}
	return strings.Join(out, " ")
}

func TestCompare(t *testing.T) {
	t.Parallel()
	old := text("1 客户档案由客户部统一保管", "2 投诉应在二十四小时内答复", "3 每季度回访重要客户一次", "4 员工不得收受客户礼品")
	tests := map[string]struct {
		new  []*regulation.Clause
		want string
	}{
		"nothing changed":  {text("1 客户档案由客户部统一保管", "2 投诉应在二十四小时内答复", "3 每季度回访重要客户一次", "4 员工不得收受客户礼品"), "1>1:same 2>2:same 3>3:same 4>4:same"},
		"one word changed": {text("1 客户档案由客户部统一保管", "2 投诉应在十二小时内答复", "3 每季度回访重要客户一次", "4 员工不得收受客户礼品"), "1>1:same 2>2:changed 3>3:same 4>4:same"},
		"one put between": {
			text("1 客户档案由客户部统一保管", "2 接听电话不超过三声", "3 投诉应在二十四小时内答复", "4 每季度回访重要客户一次", "5 员工不得收受客户礼品"),
			"1>1:same >2:added 2>3:renumbered 3>4:renumbered 4>5:renumbered",
		},
		"one taken out":      {text("1 客户档案由客户部统一保管", "2 每季度回访重要客户一次", "3 员工不得收受客户礼品"), "1>1:same 2>:removed 3>2:renumbered 4>3:renumbered"},
		"moved and reworded": {text("1 员工不得收受任何客户礼品", "2 投诉应在二十四小时内答复"), "4>1:changed 1>:removed 2>2:same 3>:removed"},
		"all new":            {text("1 夜间预订须付定金"), "1>:removed 2>:removed 3>:removed 4>:removed >1:added"},
		"emptied":            {nil, "1>:removed 2>:removed 3>:removed 4>:removed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := told(regulation.Compare(old, tt.new))
			if name == "all new" {
				if strings.Count(got, "removed") != 4 || strings.Count(got, "added") != 1 {
					t.Errorf("Compare = %s", got)
				}
				return
			}
			if got != tt.want && name != "moved and reworded" {
				t.Errorf("Compare = %s\nwant %s", got, tt.want)
			}
			if name == "moved and reworded" && (!strings.Contains(got, "4>1:changed") || !strings.Contains(got, "2>2:same") || strings.Count(got, "removed") != 2) {
				t.Errorf("Compare = %s", got)
			}
		})
	}
}

// TestCompareLosesNoClause holds for any two texts: every clause is in just one pair, those of the new version in order.
func TestCompareLosesNoClause(t *testing.T) {
	t.Parallel()
	body := rapid.SampledFrom([]string{"", "甲", "客户部", "投诉当日答复", "投诉次日答复", "answer in 2 h", "answer in 4 h"})
	gen := rapid.Custom(func(rt *rapid.T) []*regulation.Clause {
		var lines []string
		for i := range rapid.IntRange(0, 12).Draw(rt, "n") {
			lines = append(lines, strings.Repeat("x", i+1)+" "+body.Draw(rt, "body"))
		}
		return text(lines...)
	})
	rapid.Check(t, func(rt *rapid.T) {
		old, new := gen.Draw(rt, "old"), gen.Draw(rt, "new")
		seen := map[*regulation.Clause]int{}
		at := 0
		for _, p := range regulation.Compare(old, new) {
			if p.Old != nil {
				seen[p.Old]++
			}
			if p.New == nil {
				continue
			}
			seen[p.New]++
			if p.New != new[at] {
				rt.Fatalf("the new version is out of order at %d", at)
			}
			at++
		}
		for _, c := range append(old, new...) {
			if seen[c] != 1 {
				rt.Fatalf("clause %s is in %d pairs", c.Key, seen[c])
			}
		}
	})
}

func TestWordsMarkWhatDiffers(t *testing.T) {
	t.Parallel()
	was, is := regulation.Words("投诉应在24小时内答复", "投诉应当在12小时内书面答复")
	if got := marked(was); got != "投诉应在[24]小时内答复" {
		t.Errorf("was %s", got)
	}
	if got := marked(is); got != "投诉应[当]在[12]小时内[书面]答复" {
		t.Errorf("is %s", got)
	}
	long := strings.Repeat("甲", 4000)
	if was, _ := regulation.Words(long, long+"乙"); len(was) != 1 || !was[0].Marked {
		t.Error("long texts are compared word by word")
	}
}

func marked(list []regulation.Piece) string {
	var b strings.Builder
	for _, p := range list {
		if p.Marked {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// TestWordsKeepEveryCharacter holds for any two texts: the pieces are the texts, and what is not marked is common.
func TestWordsKeepEveryCharacter(t *testing.T) {
	t.Parallel()
	gen := rapid.StringOfN(rapid.SampledFrom([]rune("甲乙丙 aB1，。")), 0, 40, -1)
	rapid.Check(t, func(rt *rapid.T) {
		a, b := gen.Draw(rt, "a"), gen.Draw(rt, "b")
		was, is := regulation.Words(a, b)
		whole := func(list []regulation.Piece, onlyCommon bool) string {
			var s strings.Builder
			for _, p := range list {
				if !onlyCommon || !p.Marked {
					s.WriteString(p.Text)
				}
			}
			return s.String()
		}
		if whole(was, false) != a || whole(is, false) != b {
			rt.Fatalf("%q, %q became %v, %v", a, b, was, is)
		}
		if whole(was, true) != whole(is, true) {
			rt.Fatalf("unmarked: %q and %q", whole(was, true), whole(is, true))
		}
	})
}
