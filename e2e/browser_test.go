package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dianke/internal/surface/web/assets"
	"dianke/internal/world"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser starts a Chromium, or skips; in CI its absence is a failure.
func browser(t *testing.T) context.Context {
	t.Helper()
	miss := t.Skip
	if os.Getenv("CI") != "" {
		miss = t.Fatal
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		miss("no chromium on this machine")
	}
	if !assets.Built() {
		miss("no asset build: run make assets")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("force-color-profile", "srgb"))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, done := context.WithTimeout(ctx, 12*time.Minute)
	t.Cleanup(done)
	return ctx
}

func steps(t *testing.T, ctx context.Context, what string, do ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, do...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func (h *house) enter(t *testing.T, ctx context.Context, login string) {
	t.Helper()
	steps(t, ctx, "sign in as "+login, chromedp.Navigate(h.url+"/signin"), chromedp.SendKeys("#f-login", login),
		chromedp.SendKeys("#f-password", world.Password+"\r"), chromedp.WaitReady("main.dk-main, .dk-frame, #main"))
}

func text(t *testing.T, ctx context.Context) string {
	t.Helper()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// examine fails for whatever axe finds on the page in view.
func examine(t *testing.T, ctx context.Context, label, axe string) {
	t.Helper()
	yes := true
	res, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression:   axe + `;axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations.flatMap((v) => v.nodes.map((n) => v.id + ' at ' + n.target + ': ' + n.failureSummary))))`,
		AwaitPromise: &yes, ReturnByValue: &yes,
	})
	if err != nil || res.ExceptionDetails != nil {
		t.Fatalf("axe: %v %+v", err, res.ExceptionDetails)
	}
	var found string
	var list []string
	if err := json.Unmarshal(res.Result.Value, &found); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		t.Errorf("%s: %s", label, strings.ReplaceAll(v, "\n", " "))
	}
}

// TestPagesAreAccessibleAndPhotographed opens the pages in both languages, themes and widths; axe finds nothing, and no
// page is wider than its window.
func TestPagesAreAccessibleAndPhotographed(t *testing.T) {
	ctx := browser(t)
	axe, err := os.ReadFile("../internal/surface/web/assets/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: run make assets")
	}
	h := open(t)
	if err := os.MkdirAll("screenshots", 0o755); err != nil {
		t.Fatal(err)
	}
	h.enter(t, ctx, "department_manager")
	for _, lang := range []string{"zh", "en"} {
		for _, theme := range []string{"light", "dark"} {
			set := fmt.Sprintf(`Promise.all([['/me/language','lang=%s'],['/me/theme','theme=%s']].map(([u,b]) => fetch(u, {method:'POST', body:b+'&return=/', headers:{'Content-Type':'application/x-www-form-urlencoded'}}))).then(() => 'ok')`, lang, theme)
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[any](set)); err != nil {
				t.Fatal(err)
			}
			for _, width := range []int64{1280, 390} {
				for name, path := range pages() {
					label := fmt.Sprintf("%s-%s-%s-%d", name, lang, theme, width)
					visit(t, ctx, h.url+path, width, label)
					examine(t, ctx, label, string(axe))
				}
			}
		}
	}
}

// pages are the archetypes of the house by name.
func pages() map[string]string {
	return map[string]string{
		"workbench": "/workbench", "library": "/library", "reader": "/read/r01", "clause": "/read/r01/r01.7.2", "compliance": "/compliance/r01",
		"import": "/library/import", "feedback": "/feedback", "me": "/me",
		"customers": "/customers", "cases": "/cases", "kanban": "/cases?view=kanban", "new": "/customers/new",
	}
}

func visit(t *testing.T, ctx context.Context, url string, width int64, label string) {
	t.Helper()
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	}); err != nil {
		t.Fatal(err)
	}
	steps(t, ctx, label, chromedp.EmulateViewport(width, 844), chromedp.Navigate(url), chromedp.WaitReady("html.js"))
	over, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("scrollTo(0, 0), document.documentElement.scrollWidth"))
	if err != nil || over > width {
		t.Errorf("%s: %d wide in a window of %d (%v)", label, over, width, err)
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("screenshots", label+".png"), shot, 0o644); err != nil {
		t.Fatal(err)
	}
}
