// Package browsertest looks at pages in a real browser: axe, width, the content policy, screenshots.
//
// It needs a chromium on the path and a build of the assets; without them tests skip and say why. Screenshots go to
// e2e/screenshots, which git ignores, so that a change to a page can be looked at. The package is for tests alone.
package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"dianke/internal/surface/web/assets"
)

// Browser is a Chromium with one page. It is not safe for concurrent use.
type Browser struct {
	t    testing.TB
	ctx  context.Context
	axe  string
	dir  string
	site string
}

// Start opens a browser for the site of the address, or skips; where CI is set, what is missing fails the test.
func Start(t *testing.T, site string) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("browser checks are left out of short runs")
	}
	miss := t.Skip
	if os.Getenv("CI") != "" {
		miss = t.Fatal
	}
	path, err := program()
	if err != nil {
		miss("no chromium on this machine")
	}
	if !assets.Built() {
		miss("no asset build: run `npm ci && node build.mjs` in internal/surface/web/assets")
	}
	root := moduleRoot(t)
	axe, err := os.ReadFile(filepath.Join(root, "internal/surface/web/assets/node_modules/axe-core/axe.min.js"))
	if err != nil {
		miss("axe-core is not installed: run `npm ci` in internal/surface/web/assets")
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
	dir := filepath.Join(root, "e2e/screenshots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b := &Browser{t: t, ctx: ctx, axe: string(axe), dir: dir, site: site}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// program finds the browser under the names distributions give it.
func program() (string, error) {
	var err error
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		path, e := exec.LookPath(name)
		if e == nil {
			return path, nil
		}
		err = e
	}
	return "", err
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}

// SignIn signs a person in by the form.
func (b *Browser) SignIn(login, password string) {
	b.t.Helper()
	err := chromedp.Do(b.ctx, chromedp.EmulateViewport(1280, 844), chromedp.Navigate(b.site+"/signin"), chromedp.WaitReady("html.js"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.Eval(fmt.Sprintf(`document.querySelector('[name=login]').value = %q, document.querySelector('[name=password]').value = %q,
		document.getElementById('signin').requestSubmit()`, login, password))
	b.Until(`!location.pathname.startsWith('/signin') && document.readyState === 'complete'`)
}

// Look opens a path at a width, photographs it under the name, and reports what axe has to say and where the page is
// wider than its window.
func (b *Browser) Look(path, name string, width int64) {
	b.t.Helper()
	b.Open(path, width)
	b.Examine(name, width)
}

// Open opens a path at a width.
func (b *Browser) Open(path string, width int64) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 844), chromedp.Navigate(b.site+path), chromedp.WaitReady("html.js")); err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
}

// Visit opens an address that is no page of the program, such as a file.
func (b *Browser) Visit(path string, width int64) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 844), chromedp.Navigate(b.site+path), chromedp.WaitReady("body")); err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
}

// Examine photographs the page as it is and reports what is wrong with it.
func (b *Browser) Examine(name string, width int64) {
	b.t.Helper()
	over, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64]("scrollTo(0, 0), document.documentElement.scrollWidth"))
	if err != nil || over > width {
		b.t.Errorf("%s: %d wide in a window of %d (%v)", name, over, width, err)
	}
	shot, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, name+".png"), shot, 0o644); err != nil {
		b.t.Fatal(err)
	}
	b.report(name)
}

type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		Target  []any  `json:"target"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (b *Browser) report(name string) {
	b.t.Helper()
	yes := true
	res, err := chromedp.Call(b.ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression:   b.axe + `;axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations))`,
		AwaitPromise: &yes, ReturnByValue: &yes,
	})
	if err != nil || res.ExceptionDetails != nil {
		b.t.Fatalf("axe: %v %+v", err, res.ExceptionDetails)
	}
	var found string
	var list []violation
	if err := json.Unmarshal(res.Result.Value, &found); err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range list {
		for _, n := range v.Nodes {
			b.t.Errorf("%s: %s (%s) at %v: %s", name, v.ID, v.Help, n.Target, strings.ReplaceAll(n.Summary, "\n", " "))
		}
	}
}

// Eval runs a script in the page.
func (b *Browser) Eval(script string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void]("void ("+script+")")); err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
}

// patience is how long a page may take to show what is waited for.
const patience = 20 * time.Second

// Until waits until an expression is true in the page, or in the one that follows it; what is on the page is told where
// it does not come.
func (b *Browser) Until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](expression))
		if err == nil {
			return
		}
		if leaving := strings.Contains(err.Error(), "navigated") || strings.Contains(err.Error(), "context"); !leaving || ctx.Err() != nil {
			text := []rune(b.Text())
			b.t.Fatalf("%s: %v\non %s: %s", expression, err, b.Path(), string(text[:min(len(text), 1500)]))
		}
	}
}

// Policy goes around a server and collects what browsers refuse by its content policy.
type Policy struct {
	mu   sync.Mutex
	list []string
}

// Wrap adds an address for reports to the policy of every answer.
func (p *Policy) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refused-by-policy" {
			body, _ := io.ReadAll(io.LimitReader(r.Body, 4096)) // what arrived is all there is to show
			p.mu.Lock()
			defer p.mu.Unlock()
			p.list = append(p.list, string(body))
			return
		}
		next.ServeHTTP(&reporting{ResponseWriter: w}, r)
	})
}

// Refused returns the reports.
func (p *Policy) Refused() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.list
}

type reporting struct {
	http.ResponseWriter
	wrote bool
}

func (w *reporting) WriteHeader(code int) {
	if h := w.Header(); !w.wrote && h.Get("Content-Security-Policy") != "" {
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; report-uri /refused-by-policy")
	}
	w.wrote = true
	w.ResponseWriter.WriteHeader(code)
}

func (w *reporting) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Shown is a page to be looked at.
type Shown struct{ Path, Name string }

// EachLook looks at pages in both languages, both themes and at the widths of a desk and a telephone, each language with
// each theme and each width at least once. The photographs are called <room>-<page>-<language>-<theme>-<width>.
func (b *Browser) EachLook(room string, pages []Shown) {
	b.t.Helper()
	for _, look := range []struct {
		lang, theme string
		width       int64
	}{{"zh", "light", 1280}, {"zh", "dark", 390}, {"en", "dark", 1280}, {"en", "light", 390}} {
		b.Eval(fmt.Sprintf(`document.cookie = 'dianke_lang=%s; path=/', document.cookie = 'dianke_theme=%s; path=/'`, look.lang, look.theme))
		for _, p := range pages {
			b.Look(p.Path, fmt.Sprintf("%s-%s-%s-%s-%d", room, p.Name, look.lang, look.theme, look.width), look.width)
		}
	}
}
