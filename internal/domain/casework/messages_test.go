package casework_test

import (
	"slices"
	"strings"
	"testing"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
)

// wanted lists the message keys that the declarations of a type call for.
func wanted(t *record.Type) []string {
	keys := []string{t.Name, t.Name + "._plural"}
	for _, g := range t.Groups {
		keys = append(keys, t.Name+".group."+g)
	}
	for _, f := range t.Fields {
		keys = append(keys, t.Name+"."+f.Name)
		for _, v := range f.Options.Enum {
			keys = append(keys, t.Name+"."+f.Name+"."+v)
		}
	}
	for _, a := range t.Actions {
		if a.General {
			continue
		}
		act := t.Name + ".action." + a.Name
		keys = append(keys, act)
		for _, f := range a.Input {
			if same := t.Field(f.Name); same == nil {
				keys = append(keys, act+"."+f.Name)
				for _, v := range f.Options.Enum {
					keys = append(keys, act+"."+f.Name+"."+v)
				}
			}
		}
	}
	return keys
}

func TestEveryDeclarationHasItsTexts(t *testing.T) {
	t.Parallel()
	catalog, err := i18n.Load(casework.Messages())
	if err != nil {
		t.Fatal(err)
	}
	reg := record.NewRegistry()
	casework.Register(reg)
	var missing []string
	for _, typ := range reg.Types() {
		for _, key := range wanted(typ) {
			if !catalog.Has(key) {
				missing = append(missing, key)
			}
		}
	}
	for _, f := range casework.Facts() {
		if !catalog.Has(f.Doc) {
			missing = append(missing, f.Doc)
		}
	}
	for _, state := range append(casework.OpenStates(), casework.Closed, casework.Filed, casework.Withdrawn, casework.Merged) {
		if key := "case.public.state." + state; !catalog.Has(key) {
			missing = append(missing, key)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("%d texts are missing:\n%s", len(missing), strings.Join(missing, "\n"))
	}
}
