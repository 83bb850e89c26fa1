package webui_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

func catalog(t *testing.T) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load(webui.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryKeyOfTheTemplatesIsKnown(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	call := regexp.MustCompile(`i18n\.T\(ctx, "([^"]+)"([,)+])`)
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) == 0 {
		t.Fatalf("templates: %v, %v", files, err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(src), -1) {
			if m[2] != "+" && !c.Has(m[1]) {
				t.Errorf("%s: no text for %q", file, m[1])
			}
			if !strings.HasPrefix(m[1], "ui.") {
				t.Errorf("%s: key %q is outside ui.", file, m[1])
			}
		}
	}
}

func TestComputedKeysAreKnown(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	var keys []string
	for _, s := range []webui.ClockState{webui.ClockRunning, webui.ClockWarned, webui.ClockLate, webui.ClockMet, webui.ClockPaused, webui.ClockStopped} {
		keys = append(keys, "ui.clock."+string(s))
	}
	for _, s := range []webui.HeatStatus{webui.HeatUnbound, webui.HeatUnused, webui.HeatKept, webui.HeatLate, webui.HeatBreached, webui.HeatExcepted} {
		keys = append(keys, "ui.heat."+string(s))
	}
	for k := errs.Internal; k <= errs.Unavailable; k++ {
		for _, part := range []string{"title", "text", "help"} {
			keys = append(keys, "ui.error."+k.String()+"."+part)
		}
	}
	for _, k := range keys {
		if !c.Has(k) {
			t.Errorf("no text for %q", k)
		}
	}
}
