package packs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v3"

	"dianke/internal/engine/pack"
	"dianke/packs"
)

const missionDir = "../../shared/mission"

// here are the regulations whose texts are in the packs.
var here = map[string]string{
	"r01": "general", "r04": "general", "r11": "service", "r15": "aftersales", "r17": "experience", "r19": "lawfirm",
}

func load(t *testing.T) []*pack.Pack {
	t.Helper()
	all, err := pack.Load(packs.FS())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPacksAreSound(t *testing.T) {
	t.Parallel()
	for _, p := range pack.Check(load(t)) {
		t.Error(p)
	}
}

func TestEveryCataloguedClauseIsInThePacks(t *testing.T) {
	t.Parallel()
	all := load(t)
	for id, owner := range here {
		raw, err := os.ReadFile(filepath.Join(missionDir, "clauses", id+".yaml"))
		if err != nil {
			t.Skip("the catalogue of the mission is not beside this checkout")
		}
		var catalogue struct {
			Clauses []struct {
				ID      string         `yaml:"id"`
				Params  map[string]any `yaml:"params"`
				Caution string         `yaml:"caution"`
			} `yaml:"clauses"`
		}
		if err := yaml.Unmarshal(raw, &catalogue); err != nil {
			t.Fatal(err)
		}
		clauses := clausesOf(all, owner, id)
		if len(clauses) != len(catalogue.Clauses) {
			t.Fatalf("%s: %d clauses in pack %s, want %d", id, len(clauses), owner, len(catalogue.Clauses))
		}
		for i, want := range catalogue.Clauses {
			got := clauses[i]
			if got.ID != want.ID {
				t.Fatalf("%s: clause %d is %s, want %s", id, i, got.ID, want.ID)
			}
			if len(got.Params) != len(want.Params) {
				t.Errorf("%s: params %v, want %v", got.ID, got.Params, want.Params)
			}
			if want.Caution != "" && got.Note.ZH == "" {
				t.Errorf("%s: the note on lawful use is missing", got.ID)
			}
		}
	}
}

func clausesOf(all []*pack.Pack, owner, id string) []*pack.Node {
	for _, p := range all {
		for _, r := range p.Regulations {
			if p.ID == owner && r.ID == id {
				return r.Clauses()
			}
		}
	}
	return nil
}

// TestTextsReadAsRegulations holds the form: full-width punctuation and a full stop in Chinese, a sentence in English.
func TestTextsReadAsRegulations(t *testing.T) {
	t.Parallel()
	for _, p := range load(t) {
		for _, r := range p.Regulations {
			for _, n := range r.Clauses() {
				if !strings.HasSuffix(n.Text.ZH, "。") || strings.ContainsAny(n.Text.ZH, ",;:?!") {
					t.Errorf("%s: %q", n.ID, n.Text.ZH)
				}
				if !strings.HasSuffix(n.Text.EN, ".") || strings.IndexFunc(n.Text.EN, isHan) >= 0 {
					t.Errorf("%s: %q", n.ID, n.Text.EN)
				}
			}
		}
	}
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// longestRun bounds what a text of ours may share with the source by chance, such as set phrases.
const longestRun = 16

func TestNoSentenceOfTheSourceIsInThePacks(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join(missionDir, "seed.txt"))
	if err != nil {
		t.Skip("the source of the mission is not beside this checkout")
	}
	runs := map[string]bool{}
	eachRun(string(raw), func(s string) { runs[s] = true })
	for _, p := range load(t) {
		for _, r := range p.Regulations {
			r.Walk(func(n *pack.Node, _ []*pack.Node) {
				for _, s := range []string{n.Title.ZH, n.Text.ZH, n.Note.ZH} {
					eachRun(s, func(run string) {
						if runs[run] {
							t.Errorf("%s shares %q with the source", n.ID, run)
						}
					})
				}
			})
		}
	}
}

// eachRun visits every stretch of longestRun Han characters, other characters left out.
func eachRun(s string, visit func(string)) {
	var han []rune
	for _, r := range s {
		if isHan(r) {
			han = append(han, r)
		}
	}
	for i := 0; i+longestRun <= len(han); i++ {
		visit(string(han[i : i+longestRun]))
	}
}
