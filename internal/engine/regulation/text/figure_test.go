package text_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dianke/internal/engine/regulation/text"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"接到投诉后一小时内首次回应":  {"duration=1h"},
		"3日内书面答复":        {"duration=3d"},
		"两个工作日内归档":       {"duration=2wd"},
		"30分钟内不得离岗":      {"duration=30m", "modality=must_not"},
		"一个半小时":          {"duration=90m"},
		"半年内":            {"duration=6mo"},
		"保存3个月":          {"duration=3mo"},
		"2026年三月":        nil,
		"每月一次例会":         {"recurrence=FREQ=MONTHLY", "count=1"},
		"每周五、每季度及每年":     {"recurrence=FREQ=WEEKLY", "recurrence=FREQ=MONTHLY;INTERVAL=3", "recurrence=FREQ=YEARLY"},
		"每两周一次":          {"recurrence=FREQ=WEEKLY;INTERVAL=2", "count=1"},
		"每个工作日":          {"recurrence=FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
		"扣200元":          {"money=20000"},
		"罚款300---500元/次": {"money=30000-50000"},
		"不超过1.5万元":       {"money=1500000"},
		"达到80%":          {"percent=80"},
		"按六折赔偿，另打八五折":    {"percent=60", "percent=85"},
		"百分之二十":          {"percent=20"},
		"5%-10%":         {"percent=5-10"},
		"累计三次":           {"count=3"},
		"响应须知，应用应当":      {"modality=should"},
		"第三次":            nil,
		"9:00至18:30":     {"time=09:00", "time=18:30"},
		"上午8点开门，晚上九点半关门": {"time=08:00", "time=21:30"},
		"必须登记，应当复核，可以申诉，严禁外传":  {"modality=must", "modality=should", "modality=may", "modality=must_not"},
		"连续两个月未联系的，2天内补访，计入考核": {"duration=2mo", "duration=2d"},
	}
	for in, want := range tests {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range text.Figures(in) {
				got = append(got, string(f.Kind)+"="+f.Value)
				if in[f.Start:f.End] != f.Text {
					t.Errorf("offsets give %q, want %q", in[f.Start:f.End], f.Text)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("Figures = %v, want %v", got, want)
			}
		})
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	tests := map[string][]text.Ref{
		"按本制度第七条处理":      {{Article: 7}},
		"依照第十二条第三款第（二）项": {{Article: 12, Paragraph: 3}},
		"见《员工手册》第十二条第二项": {{Title: "员工手册", Article: 12, Item: 2}},
		"本制度第5条和第三款":     {{Article: 5}, {Paragraph: 3}},
		"违反第二章规定":        {{Chapter: 2}},
		"没有引用，第一次，第二天":   nil,
	}
	for in, want := range tests {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			got := text.References(in)
			for i := range got {
				got[i].Start, got[i].End = 0, 0
			}
			if !slices.Equal(got, want) {
				t.Errorf("References = %+v, want %+v", got, want)
			}
		})
	}
}

func TestFiguresStayInsideTheText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("一二三十百半两0123456789.:：元万%折日天周月年个工作每次点时分不得应当第条款《》\xff "))).Draw(t, "s")
		end := 0
		for _, f := range text.Figures(s) {
			if f.Start < end || s[f.Start:f.End] != f.Text || f.Value == "" {
				t.Fatalf("figure %+v overlaps or lies outside %q", f, s)
			}
			end = f.End
		}
		for _, r := range text.References(s) {
			if r.Start < 0 || r.End > len(s) || r.Start >= r.End {
				t.Fatalf("reference %+v lies outside %q", r, s)
			}
		}
	})
}
