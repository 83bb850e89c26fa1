package packs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dianke/internal/app/scenario"
)

// TestScenarios proves every clause that has a scenario.
func TestScenarios(t *testing.T) {
	dirs, err := filepath.Glob("*/scenarios")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no scenarios")
	}
	suite := &scenario.Suite{}
	for _, dir := range dirs {
		t.Run(filepath.Dir(dir), func(t *testing.T) { suite.Run(t, filepath.Dir(dir), dir) })
	}
}

// TestScenariosEndWithTheirProof holds that no script can pass without the harness asking for the outcomes of its clause.
func TestScenariosEndWithTheirProof(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*/scenarios/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	last := regexp.MustCompile(`(?m)^proved (\S+)\s*\z`)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := last.FindStringSubmatch(strings.TrimRight(string(b), "\n"))
		if m == nil || m[1] != strings.TrimSuffix(filepath.Base(f), ".txtar") {
			t.Errorf("%s does not end with proved <its clause>", f)
		}
	}
}
