package webtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dianke/internal/platform/i18n"
)

// CheckKeys fails for every message key in the sources of the package under test that the catalogue does not know. Keys
// that are put together at run time are not seen.
func CheckKeys(t *testing.T, c *i18n.Catalog) {
	t.Helper()
	call := regexp.MustCompile(`"((?:web|pages|view|settings|custom|ui|room|audit|reader|library|version|workbench|public)\.[a-z0-9_.]+)"`)
	n := 0
	for _, glob := range []string{"*.go", "*.templ"} {
		files, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range call.FindAllStringSubmatch(string(src), -1) {
				if n++; !c.Has(m[1]) && !strings.HasSuffix(m[1], ".") {
					t.Errorf("%s: no text for %q", file, m[1])
				}
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d keys looked at", n)
	}
}
