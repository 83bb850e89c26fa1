package record_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/i18n"
)

func catalog(t *testing.T) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load(record.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEveryErrorHasASentence reads the keys from the sources of record and of access.
func TestEveryErrorHasASentence(t *testing.T) {
	t.Parallel()
	c, keys := catalog(t), map[string]string{}
	used := regexp.MustCompile(`"((?:field|record|filter|list|bulk|error|access|recusal|reveal)\.[a-z_]+)"`)
	for _, root := range []string{".", "../access"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if d.IsDir() && (d.Name() == "identity" || d.Name() == "storetest") {
				return fs.SkipDir
			}
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			src, err := os.ReadFile(path)
			for _, m := range used.FindAllStringSubmatch(string(src), -1) {
				keys[m[1]] = path
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(keys) < 50 {
		t.Fatalf("only %d keys found", len(keys))
	}
	for key, path := range keys {
		if !c.Has(key) {
			t.Errorf("%s: no text for %s", path, key)
		}
	}
}

func TestEveryNameHasALabel(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	var keys []string
	for name, k := range field.Kinds() {
		keys = append(keys, "kind."+name)
		for _, op := range k.Ops() {
			keys = append(keys, "op."+string(op))
		}
	}
	for class := record.Public; class <= record.Sensitive; class++ {
		keys = append(keys, "class."+class.String())
	}
	for _, f := range record.HeadFields() {
		keys = append(keys, "head."+f.Name)
	}
	type thing struct {
		record.Head
		Name string `rec:"text"`
	}
	typ := record.Declare[thing](record.Spec{Name: "thing", Plural: "things", Title: "name"})
	for _, a := range typ.Actions {
		keys = append(keys, "action."+a.Name)
		for _, f := range a.Input {
			keys = append(keys, "action."+a.Name+"."+f.Name)
		}
	}
	for _, key := range keys {
		if !c.Has(key) {
			t.Errorf("no text for %s", key)
		}
	}
}

func TestChineseSentencesUseChineseMarks(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	half := regexp.MustCompile(`\p{Han}[,.;:!?]|[,;!?]\p{Han}`)
	for _, key := range c.Keys() {
		if text := c.Text(i18n.ZH, key); half.MatchString(text) {
			t.Errorf("%s: half-width mark in %q", key, text)
		}
	}
}
