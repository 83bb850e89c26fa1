package proposal_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/proposal"
)

// wholesale is a regulation of another company in other words, with the model learnt from all packs.
func wholesale(t testing.TB, known []proposal.Known, check proposal.Check) ([]proposal.Clause, [][]proposal.Offer) {
	t.Helper()
	raw, err := os.ReadFile("testdata/wholesale.txt")
	if err != nil {
		t.Fatal(err)
	}
	drafts, err := regulation.FromText(raw, "ws")
	if err != nil || len(drafts) != 1 {
		t.Fatalf("%d drafts, %v", len(drafts), err)
	}
	var clauses []proposal.Clause
	chapter := ""
	for _, c := range drafts[0].Clauses {
		if c.Level == "chapter" {
			chapter = c.Heading
		} else if c.Level == "article" {
			clauses = append(clauses, proposal.Clause{Key: c.Printed, Above: chapter, Text: c.Body + c.Heading})
		}
	}
	return clauses, proposal.Learn(known, pack.Controls(), check).Propose(drafts[0].Title, clauses)
}

func TestProposalsForAnotherCompanyMakeSense(t *testing.T) {
	t.Parallel()
	clauses, offers := wholesale(t, fromPacks(t), noCheck)
	if len(clauses) != 40 {
		t.Fatalf("%d articles", len(clauses))
	}
	// what a person who knows the engine would take for these articles, any of them
	want := map[string]string{
		"第一条": "acknowledge", "第二条": "acknowledge register", "第六条": "deadline", "第九条": "guard detector", "第十条": "guard workflow",
		"第十二条": "register workflow deadline", "第十四条": "detector attest", "第十六条": "duty", "第十七条": "guard deadline register workflow",
		"第二十条": "guard register workflow", "第二十一条": "deadline", "第二十二条": "deadline", "第二十三条": "guard workflow", "第二十四条": "guard",
		"第二十五条": "deadline duty", "第三十二条": "duty", "第三十三条": "metric duty", "第三十四条": "metric", "第三十五条": "duty attest", "第三十六条": "detector workflow",
		"第三十八条": "duty workflow", "第三十九条": "workflow acknowledge register", "第四十条": "acknowledge",
	}
	right, first := 0, 0
	for i, c := range clauses {
		kinds := strings.Fields(want[c.Key])
		if len(kinds) == 0 {
			continue
		}
		if slices.ContainsFunc(offers[i], func(o proposal.Offer) bool { return slices.Contains(kinds, o.Control) }) {
			right++
		} else {
			t.Logf("%s %s: %v", c.Key, c.Text, kindsOf(offers[i]))
		}
		if slices.Contains(kinds, offers[i][0].Control) {
			first++
		}
	}
	t.Logf("of %d articles %d have a sensible proposal, %d as the first", len(want), right, first)
	if right < 19 || first < 11 {
		t.Errorf("of %d articles only %d have a sensible proposal, %d as the first", len(want), right, first)
	}
}

func kindsOf(list []proposal.Offer) []string {
	var out []string
	for _, o := range list {
		out = append(out, o.Control)
	}
	return out
}

// answered is a known clause with a binding whose figures can be told apart.
func answered() []proposal.Known {
	k := func(key, text, kind, spec string) proposal.Known {
		return proposal.Known{Key: key, Regulation: "k", Title: [2]string{"已知规定", "Known rules"}, Text: text, Controls: []string{kind}, Room: "case", Bindings: []proposal.Binding{{Control: kind, Spec: spec}}}
	}
	return []proposal.Known{
		k("k.1", "接到客户投诉后应当在两小时内联系客户。", "deadline", "start: case.create\nstop: case.reply\nif: record.kind == \"complaint\"\nwithin: 2h work\nwarn_at: 80%\n"),
		k("k.2", "接到客户投诉后应当尽快联系客户。", "deadline", "start: case.create\nstop: case.reply\nwithin: 4h\n"),
		k("k.3", "同一客户的承诺失信三次的，应当报告。", "detector", "watch: promise.break\nbreach_if: broken_promises(record.customer_id) >= 3\nsay: {zh: 承诺已三次没有兑现。, en: Three promises were broken.}\n"),
		k("k.4", "客户投诉超过二十四小时没有答复的，应当说明原因。", "detector", "watch: case.answer\nbreach_if: work(record.received_at, now) > duration(\"24h\")\n"),
		k("k.5", "部门每月召开一次例会，通报投诉情况。", "duty", "every: FREQ=MONTHLY\nfor: manager\ntask: {zh: 每月例会, en: Monthly meeting}\n"),
		k("k.6", "客户满意度不低于90%。", "metric", "figure: satisfaction\nat_least: 90%\nper: month\n"),
	}
}

func TestFiguresOfTheNewTextAreInItsBinding(t *testing.T) {
	t.Parallel()
	m := proposal.Learn(answered(), pack.Controls(), noCheck)
	tests := map[string]struct {
		kind string
		want map[string]string
	}{
		"接到商户投诉后应当在30分钟内联系商户。":  {"deadline", map[string]string{"within": "30m work"}},
		"接到客户投诉后应当在3日内联系客户。":    {"deadline", map[string]string{"within": "3d"}},
		"接到客户投诉后应当在五个工作日内联系客户。": {"deadline", map[string]string{"within": "5d work"}},
		"接到客户投诉后应当在一周内联系客户。":    {"deadline", map[string]string{"within": "7d"}},
		"同一客户的承诺失信五次的，应当报告。":    {"detector", map[string]string{"breach_if": "broken_promises(record.customer_id) >= 5"}},
		"客户投诉超过两天没有答复的，应当说明原因。": {"detector", map[string]string{"breach_if": `work(record.received_at, now) > duration("48h")`}},
		"部门每周召开一次例会，通报投诉情况。":    {"duty", map[string]string{"every": "FREQ=WEEKLY"}},
		"客户满意度不低于85.5%。":        {"metric", map[string]string{"at_least": "85.5%"}},
	}
	for says, tt := range tests {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			for _, o := range m.Propose("新规定", []proposal.Clause{{Key: "n.1", Text: says}})[0] {
				if o.Control != tt.kind {
					continue
				}
				var got map[string]any
				if err := yaml.Unmarshal([]byte(o.Spec), &got); err != nil {
					t.Fatal(err)
				}
				for key, want := range tt.want {
					if got[key] != want {
						t.Errorf("%s: %v, want %s (from %s)\n%s", key, got[key], want, o.Like.Key, o.Spec)
					}
				}
				return
			}
			t.Error("no proposal of that kind")
		})
	}
}

func TestWhatIsSaidFollowsTheFigures(t *testing.T) {
	t.Parallel()
	m := proposal.Learn(answered(), pack.Controls(), noCheck)
	for _, o := range m.Propose("", []proposal.Clause{{Key: "n", Text: "同一客户的承诺失信两次的，应当报告。"}})[0] {
		if o.Control == "detector" && (!strings.Contains(o.Spec, "承诺已两次没有兑现。") || strings.Contains(o.Spec, "Three")) {
			t.Errorf("says what the new text does not: %s", o.Spec)
		}
	}
}

func TestABindingThatDoesNotCompileIsNotOffered(t *testing.T) {
	t.Parallel()
	m := proposal.Learn(answered(), pack.Controls(), func(string, string, string) error { return os.ErrInvalid })
	for _, o := range m.Propose("", []proposal.Clause{{Key: "n", Text: "接到客户投诉后应当在两小时内联系客户。"}})[0] {
		if o.Spec != "" || o.Point != "" {
			t.Errorf("offers %q", o.Spec)
		}
	}
}

func TestAnyTextGetsOrderedProposals(t *testing.T) {
	t.Parallel()
	m := proposal.Learn(answered(), pack.Controls(), noCheck)
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringOf(rapid.SampledFrom([]rune("客户投诉应当每月三日内元%，。 第条ab1半"))), 1, 5).Draw(t, "texts")
		clauses := make([]proposal.Clause, len(texts))
		for i, s := range texts {
			clauses[i].Text = s
		}
		for i, list := range m.Propose("规定", clauses) {
			if (len(list) == 0) != (texts[i] == "") || len(list) > proposal.Offers {
				t.Fatalf("%d proposals for %q", len(list), texts[i])
			}
			seen := map[string]bool{}
			for _, o := range list {
				if o.Confidence < 0 || o.Confidence > 1 || seen[o.Control] {
					t.Fatalf("%q: %+v", texts[i], o)
				}
				seen[o.Control] = true
			}
		}
	})
}

func TestWhatIsAcceptedFromAThreshold(t *testing.T) {
	t.Parallel()
	p := func(id int64, clause, status, spec string, sure float64) *proposal.Proposal {
		out := &proposal.Proposal{ClauseKey: clause, Status: status, Spec: spec, Confidence: sure}
		out.ID = proposalID(id)
		return out
	}
	list := []*proposal.Proposal{
		p(1, "a", "proposed", "", 95), p(2, "a", "proposed", "x: 1", 85), p(3, "a", "proposed", "x: 1", 84),
		p(4, "b", "proposed", "x: 1", 79), p(5, "c", "proposed", "x: 1", 90), p(6, "c", "edited", "x: 1", 40), p(7, "d", "rejected", "x: 1", 99), p(8, "e", "proposed", "x: 1", 80),
	}
	got := proposal.Above(list, 0.8)
	if len(got) != 2 || got[0] != proposalID(2) || got[1] != proposalID(8) {
		t.Errorf("accepts %v", got)
	}
}

func proposalID(n int64) record.ID { return record.ID(n) }
