package confidential_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"dianke/internal/domain/confidential"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
)

// TestEveryNameHasALabel walks types, fields, options, groups, actions and facts of the room.
func TestEveryNameHasALabel(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(confidential.Messages())
	if err != nil {
		t.Fatal(err)
	}
	own := record.NewRegistry()
	confidential.Register(own)
	need := func(key string) {
		if !c.Has(key) {
			t.Errorf("no text for %s", key)
		}
	}
	for _, typ := range own.Types() {
		need(typ.Name)
		need(typ.Name + "._plural")
		for _, g := range typ.Groups {
			need(typ.Name + ".group." + g)
		}
		for _, f := range typ.Fields {
			need(typ.Name + "." + f.Name)
			for _, o := range f.Options.Enum {
				need(typ.Name + "." + f.Name + "." + o)
			}
		}
		for _, a := range typ.Actions {
			if a.General {
				continue
			}
			need(typ.Name + ".action." + a.Name)
			for _, f := range a.Input {
				prefix := typ.Name + "." + f.Name
				if k := typ.Name + ".action." + a.Name + "." + f.Name; typ.Field(f.Name) == nil || c.Has(k) {
					prefix = k
					need(prefix)
				}
				for _, o := range f.Options.Enum {
					if typ.Field(f.Name) == nil {
						need(prefix + "." + o)
					}
				}
			}
		}
	}
	for _, f := range confidential.Facts() {
		need(f.Doc)
	}
}

// TestEveryErrorHasASentence reads the keys from the sources of the room.
func TestEveryErrorHasASentence(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(confidential.Messages())
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`errs\.(?:Of|New)\([^"]*(?:"[a-z_]+", )?"((?:document|authorisation|delegation|decision|undertaking|permit)\.[a-z_]+)"`)
	n := 0
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(src), -1) {
			if n++; !c.Has(m[1]) {
				t.Errorf("%s: no text for %s", path, m[1])
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d keys found", n)
	}
}

// TestGrantsNameWhatExists finds grants that open nothing.
func TestGrantsNameWhatExists(t *testing.T) {
	t.Parallel()
	reg := record.NewRegistry()
	confidential.Register(reg)
	for role, list := range confidential.Grants() {
		for _, g := range list {
			typ := reg.Type(g.Type)
			if typ == nil || g.Action != "*" && typ.Action(g.Action) == nil {
				t.Errorf("%s: grant of %s.%s", role, g.Type, g.Action)
			}
		}
	}
}
