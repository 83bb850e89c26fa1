package packs_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"dianke/internal/engine/pack"
	"dianke/packs"
)

const missionDir = "../../shared/mission"

// owners names the pack of each regulation.
var owners = map[string]string{
	"r01": "general", "r02": "development", "r03": "relations", "r04": "general", "r05": "key-accounts", "r06": "store", "r07": "reception",
	"r08": "general", "r09": "service", "r10": "service", "r11": "service", "r12": "nightclub", "r13": "bar", "r14": "onsite",
	"r15": "aftersales", "r16": "service", "r17": "experience", "r18": "hotel", "r19": "lawfirm", "r20": "bank", "r21": "general",
	"r22": "nightclub", "r23": "nightclub",
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

// row is what the catalogue demands of a clause.
type row struct {
	ID      string         `yaml:"id"`
	Control []string       `yaml:"control"`
	Module  string         `yaml:"module"`
	Params  map[string]any `yaml:"params"`
	Caution string         `yaml:"caution"`
}

func catalogue(t *testing.T, id string) []row {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(missionDir, "clauses", id+".yaml"))
	if err != nil {
		t.Skip("the catalogue of the mission is not beside this checkout")
	}
	var file struct {
		Clauses []row `yaml:"clauses"`
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file.Clauses
}

// TestEveryCataloguedClauseIsInThePacks: each of the 1,238 ids once, in the pack of its trade, in printed order, with
// both texts, its figures, the controls and the room it calls for, and a note where the law asks for care.
func TestEveryCataloguedClauseIsInThePacks(t *testing.T) {
	t.Parallel()
	found := map[string]map[string][]*pack.Node{}
	seen, total := map[string]string{}, 0
	for _, p := range load(t) {
		for _, r := range p.Regulations {
			if found[r.ID] == nil {
				found[r.ID] = map[string][]*pack.Node{}
			}
			found[r.ID][p.ID] = r.Clauses()
			for _, n := range r.Clauses() {
				if seen[n.ID] != "" {
					t.Errorf("%s stands in %s and in %s", n.ID, seen[n.ID], r.File)
				}
				seen[n.ID] = r.File
			}
		}
	}
	for id, owner := range owners {
		rows := catalogue(t, id)
		clauses := found[id][owner]
		if len(found[id]) != 1 || len(clauses) != len(rows) {
			t.Errorf("%s: %d clauses in pack %s, want %d there and nowhere else", id, len(clauses), owner, len(rows))
			continue
		}
		total += len(rows)
		for i, want := range rows {
			compare(t, clauses[i], want)
		}
	}
	if total != 1238 || len(seen) != total {
		t.Errorf("%d clauses in the packs and %d catalogued, want 1238", len(seen), total)
	}
}

func compare(t *testing.T, got *pack.Node, want row) {
	t.Helper()
	if got.ID != want.ID {
		t.Errorf("%s stands where %s is catalogued", got.ID, want.ID)
		return
	}
	if strings.TrimSpace(got.Text.ZH) == "" || strings.TrimSpace(got.Text.EN) == "" {
		t.Errorf("%s: a text is missing", got.ID)
	}
	for name, v := range want.Params {
		if !reflect.DeepEqual(got.Params[name], v) {
			t.Errorf("%s: figure %s is %v, want %v", got.ID, name, got.Params[name], v)
		}
	}
	if !slices.Equal(got.Controls, want.Control) || got.Room != want.Module {
		t.Errorf("%s: calls for %v in %s, want %v in %s", got.ID, got.Controls, got.Room, want.Control, want.Module)
	}
	if want.Caution != "" && (got.Note.ZH == "" || got.Note.EN == "") {
		t.Errorf("%s: the note on lawful use is missing", got.ID)
	}
}

// TestLoadingAllPacksIsQuick holds that the packs do not slow down every start of the program.
func TestLoadingAllPacksIsQuick(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("times nothing in a short run")
	}
	start := time.Now()
	if load(t); time.Since(start) > 5*time.Second {
		t.Errorf("loading took %v", time.Since(start))
	}
}

// TestPrintedNumbersAreTellingAndSingle: a refusal cites a clause by its printed number, which therefore names it alone.
func TestPrintedNumbersAreTellingAndSingle(t *testing.T) {
	t.Parallel()
	for _, p := range load(t) {
		for _, r := range p.Regulations {
			seen := map[string]string{}
			for _, n := range r.Clauses() {
				if seen[n.Number] != "" {
					t.Errorf("%s and %s are both printed %s", seen[n.Number], n.ID, n.Number)
				}
				seen[n.Number] = n.ID
			}
		}
	}
}

var clockTime = regexp.MustCompile(`\d:\d`)

// TestTextsReadAsRegulations holds the form: full-width punctuation and a full stop in Chinese, a sentence in English.
func TestTextsReadAsRegulations(t *testing.T) {
	t.Parallel()
	for _, p := range load(t) {
		for _, r := range p.Regulations {
			for _, n := range r.Clauses() {
				if !strings.HasSuffix(n.Text.ZH, "。") || strings.ContainsAny(clockTime.ReplaceAllString(n.Text.ZH, ""), ",;:?!()") {
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
