package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dianke/internal/surface/cli"
)

// run runs a command to its end over a data directory and returns its exit code and what it wrote.
func run(t *testing.T, dir string, args ...string) (code int, out, complaints string) {
	t.Helper()
	var o, e bytes.Buffer
	code = cli.Main(context.Background(), cli.Program{Args: args, Env: []string{"DIANKE_DATA_DIR=" + dir}, In: strings.NewReader(""), Out: &o, Err: &e})
	return code, o.String(), e.String()
}

// TestImportOfACollection: the regulations of one file are counted and stored as drafts, each under a key of its own.
func TestImportOfACollection(t *testing.T) {
	t.Parallel()
	file, err := filepath.Abs("../../../../shared/mission/seed.txt")
	if err == nil {
		_, err = os.Stat(file)
	}
	if err != nil {
		t.Skip("the source text is not beside the project")
	}
	dir := t.TempDir()
	code, out, complaints := run(t, dir, "regulation", "import", file)
	if code != 0 || !strings.Contains(out, "regulations: 23, clauses: ") || !strings.Contains(out, "(stored as drafts)") {
		t.Fatalf("import = %d, %s%s", code, out, complaints)
	}
	code, out, complaints = run(t, dir, "regulation", "list")
	if n := len(regexp.MustCompile(`(?m)^seed-\d\d +– +import +\S`).FindAllString(out, -1)); code != 0 || n != 23 {
		t.Errorf("list = %d, names %d: %s%s", code, n, out, complaints)
	}
	if code, out, _ = run(t, dir, "regulation", "export", "seed-01"); code != 0 || !strings.Contains(out, "第1条") {
		t.Errorf("export = %d, %.300s", code, out)
	}
}

func TestImportSaysWhatBecameOfTheText(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "watch.txt")
	if err := os.WriteFile(file, []byte("值班规定\n第一条 每晚巡查一次。\n第二条 结果记入值班簿。\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ flag, want string }{
		{"--dry", "regulations: 1, clauses: 2 (read, nothing stored)"}, {"--in-force", "regulations: 1, clauses: 2 (in force)"},
	} {
		if code, out, complaints := run(t, dir, "regulation", "import", file, tt.flag); code != 0 || !strings.Contains(out, tt.want) {
			t.Errorf("import %s = %d, %s%s", tt.flag, code, out, complaints)
		}
	}
	if code, _, complaints := run(t, dir, "regulation", "import", filepath.Join(dir, "absent.txt")); code == 0 || !strings.Contains(complaints, "no such file") {
		t.Errorf("import of nothing = %d, %s", code, complaints)
	}
}
