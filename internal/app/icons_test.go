package app_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestEveryIconIsInTheSprite holds the icons that types and actions name against the list the sprite is made from.
func TestEveryIconIsInTheSprite(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../surface/web/assets/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	have := strings.Fields(string(raw))
	m := newMatrix(t)
	for _, typ := range m.app.Types.Types() {
		if typ.Icon != "" && !slices.Contains(have, typ.Icon) {
			t.Errorf("%s: no icon %q", typ.Name, typ.Icon)
		}
		for _, a := range typ.Actions {
			if a.Icon != "" && !slices.Contains(have, a.Icon) {
				t.Errorf("%s.%s: no icon %q", typ.Name, a.Name, a.Icon)
			}
		}
	}
}
