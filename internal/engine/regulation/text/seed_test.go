package text_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"dianke/internal/engine/regulation/text"
)

const missionDir = "../../../../../shared/mission"

// catalogue is one regulation of the requirement catalogue, as far as this test needs it.
type catalogue struct {
	Regulation string `yaml:"regulation"`
	Title      string `yaml:"title_zh"`
	Lines      string `yaml:"seed_lines"`
	Clauses    []struct {
		ID    string `yaml:"id"`
		Where string `yaml:"where"`
	} `yaml:"clauses"`
}

func loadCatalogue(t *testing.T) (string, []catalogue) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(missionDir, "seed.txt"))
	if err != nil {
		t.Skip("the catalogue of the mission is not beside this checkout")
	}
	files, err := filepath.Glob(filepath.Join(missionDir, "clauses", "r*.yaml"))
	if err != nil || len(files) == 0 {
		t.Skip("the catalogue of the mission is not beside this checkout")
	}
	slices.Sort(files)
	var all []catalogue
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var c catalogue
		if err := yaml.Unmarshal(b, &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return string(raw), all
}

var (
	bracketEnd = regexp.MustCompile(`\([^)]*\)$`)
	whereToken = regexp.MustCompile(`第?[一二三四五六七八九十]+[章条]|第\d+\)?[条项]|\d+(?:\.\d+)+|篇\d+|制度\d+|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）]|\(\d+\)|[a-z]\)|\d+\)?|[一二三四五六七八九十]+`)
)

// wanted reads the printed numbers that a where field names, outermost first.
func wanted(where string) [][]int {
	where = strings.NewReplacer("(第一句)", "", "(第二句)", "").Replace(where)
	where = regexp.MustCompile(`第[一二三\d]+句|范本[一二三]|首句|末句`).ReplaceAllString(where, "")
	var out [][]int
	for _, tok := range whereToken.FindAllString(where, -1) {
		tok = strings.Trim(tok, "第章条项、（()）篇制度")
		var v []int
		for part := range strings.SplitSeq(tok, ".") {
			if n, ok := text.ParseNumeral(part); ok {
				v = append(v, n)
			} else if len(part) == 1 {
				v = append(v, int(part[0]-'a')+1)
			}
		}
		out = append(out, v)
	}
	return out
}

// holds reports whether some node of d carries the last number under nodes that carry the others in order.
func holds(d *text.Document, path [][]int) bool {
	found := false
	d.Walk(func(n *text.Node, above []*text.Node) bool {
		i := len(path) - 1
		if i >= 0 && slices.Equal(n.Value(), path[i]) {
			i--
			for j := len(above) - 1; j >= 0 && i >= 0; j-- {
				if slices.Equal(above[j].Value(), path[i]) {
					i--
				}
			}
			found = found || i < 0
		}
		return !found
	})
	return found || len(path) == 0
}

func TestSplitFindsTheCataloguedRegulations(t *testing.T) {
	t.Parallel()
	raw, all := loadCatalogue(t)
	docs := text.Split(raw)
	if len(docs) != len(all) {
		for _, d := range docs {
			t.Logf("%d-%d %q (above %q)", d.Line, d.EndLine, d.Title, d.Above)
		}
		t.Fatalf("found %d regulations, want %d", len(docs), len(all))
	}
	found, total := 0, 0
	for i, c := range all {
		d := docs[i]
		if title := bracketEnd.ReplaceAllString(c.Title, ""); !strings.HasPrefix(d.Title, title) {
			t.Errorf("%s: title %q, want %q", c.Regulation, d.Title, c.Title)
		}
		from, to, _ := strings.Cut(c.Lines, "-")
		start, _ := text.ParseNumeral(from)
		end, _ := text.ParseNumeral(to)
		if d.Line != start || d.EndLine != end && i+1 < len(all) || d.EndLine < end {
			t.Errorf("%s: lines %d-%d, want %s", c.Regulation, d.Line, d.EndLine, c.Lines)
		}
		for _, clause := range c.Clauses {
			total++
			if holds(d, wanted(clause.Where)) {
				found++
			} else {
				t.Errorf("%s: no unit for %q %v", clause.ID, clause.Where, wanted(clause.Where))
			}
		}
	}
	t.Logf("%d of %d catalogued places found (%.1f %%)", found, total, 100*float64(found)/float64(total))
	if got, want := strip(text.Join(docs)), strip(raw); got != want {
		t.Error("the trees do not print the text they were made of")
	}
}

func TestSplitFindsUnnumberedHeadings(t *testing.T) {
	t.Parallel()
	raw, all := loadCatalogue(t)
	docs := text.Split(raw)
	for i, c := range all {
		for _, clause := range c.Clauses {
			name, _, ok := strings.Cut(clause.Where, "第")
			if !ok || !strings.Contains(raw, "\n"+name+"1)") {
				continue
			}
			hit := false
			docs[i].Walk(func(n *text.Node, _ []*text.Node) bool {
				hit = hit || n.Level == text.LevelHeading && n.Heading == name && len(n.Children) > 0
				return true
			})
			if !hit {
				t.Errorf("%s: heading %q not found", clause.ID, name)
			}
		}
	}
}
