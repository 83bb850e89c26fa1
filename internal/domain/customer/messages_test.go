package customer_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"dianke/internal/domain/customer"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
)

const (
	second = time.Second
	day    = 24 * time.Hour
)

// TestEveryNameHasALabel walks types, fields, options, groups, actions and facts of the room.
func TestEveryNameHasALabel(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(customer.Messages())
	if err != nil {
		t.Fatal(err)
	}
	reg, own := record.NewRegistry(), record.NewRegistry()
	org.Register(reg)
	customer.Register(own)
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
	for _, f := range customer.Facts() {
		need(f.Doc)
	}
}

// TestEveryErrorHasASentence reads the keys from the sources of the room.
func TestEveryErrorHasASentence(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(customer.Messages())
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`errs\.(?:Of|New)\([^"]*(?:"[a-z_]+", )?"((?:customer|consent|disclosure|preference|data_request)\.[a-z_]+)"`)
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
	if n < 15 {
		t.Errorf("only %d keys found", n)
	}
}
