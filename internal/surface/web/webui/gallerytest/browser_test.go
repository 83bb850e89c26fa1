package gallerytest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/assets"
	"dianke/internal/surface/web/webui"
	"dianke/internal/surface/web/webui/gallerytest"
)

const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; report-uri /refused"

// site is the gallery as a server, with what went wrong on its pages.
type site struct {
	URL  string
	mu   sync.Mutex
	list []string
}

func (s *site) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, fmt.Sprintf(format, args...))
}

func (s *site) complaints() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list
}

// gallery serves /<lang>/<theme>/<page> under the policy of the product.
func gallery(t *testing.T) *site {
	t.Helper()
	out := &site{}
	ctx := map[i18n.Lang]context.Context{i18n.ZH: reader(t, i18n.ZH), i18n.EN: reader(t, i18n.EN)}
	mux := http.NewServeMux()
	mux.Handle(assets.Prefix, assets.Handler())
	mux.HandleFunc("GET /watermark.svg", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write(webui.WatermarkSVG("苏晴", "2026-03-02 14:05"))
	})
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		_ = webui.SearchResults(webui.SearchView{Query: r.FormValue("q"), Groups: []webui.SearchGroup{{Label: "客户", Hits: []webui.SearchHit{{Title: "海棠花园酒店", Href: "/found"}}}}}).Render(ctx[i18n.ZH], w)
	})
	mux.HandleFunc("GET /gallery/{lang}/{theme}/{page}", func(w http.ResponseWriter, r *http.Request) {
		lang := i18n.Lang(r.PathValue("lang"))
		w.Header().Set("Content-Security-Policy", policy)
		c, ok := gallerytest.Pages(lang == i18n.EN, webui.Theme(r.PathValue("theme")))[r.PathValue("page")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_ = c.Render(ctx[lang], w)
	})
	mux.HandleFunc("POST /refused", func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 4096))
		out.note("refused by the policy: %s", body)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		out.note("not found: %s %s", r.Method, r.URL)
		http.NotFound(w, r)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	out.URL = s.URL
	return out
}

// browser starts a Chromium, or skips.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("browser checks are left out of short runs")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on this machine")
	}
	if !assets.Built() {
		t.Skip("no asset build: run `npm ci && node build.mjs` in internal/surface/web/assets")
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
	ctx, done := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(done)
	return ctx
}

type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		Target  []any  `json:"target"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func shots(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../../../../e2e/screenshots")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAxeAndScreenshots(t *testing.T) {
	ctx := browser(t)
	s := gallery(t)
	axe, err := os.ReadFile("../../assets/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: run `npm ci` in internal/surface/web/assets")
	}
	dir := shots(t)
	for _, lang := range i18n.Langs() {
		for _, theme := range []webui.Theme{webui.ThemeLight, webui.ThemeDark} {
			for _, width := range []int64{1280, 390} {
				for _, name := range []string{"all", "signin"} {
					label := fmt.Sprintf("gallery-%s-%s-%s-%d", name, lang, theme, width)
					look(t, ctx, fmt.Sprintf("%s/gallery/%s/%s/%s", s.URL, lang, theme, name), width, filepath.Join(dir, label+".png"))
					report(t, label, examine(t, ctx, string(axe)))
				}
			}
		}
	}
	for _, c := range s.complaints() {
		t.Error(c)
	}
}

// look opens a page, photographs all of it and fails where it is wider than its window.
func look(t *testing.T, ctx context.Context, url string, width int64, file string) {
	t.Helper()
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 844), chromedp.Navigate(url), chromedp.WaitReady("html.js")); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	over, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("scrollTo(0, 0), document.documentElement.scrollWidth"))
	if err != nil || over > width {
		t.Errorf("%s: %d wide in a window of %d (%v)", file, over, width, err)
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, shot, 0o644); err != nil {
		t.Fatal(err)
	}
}

// examine returns what axe has to say on the page in view.
func examine(t *testing.T, ctx context.Context, axe string) string {
	t.Helper()
	yes := true
	res, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression:   axe + `;axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations))`,
		AwaitPromise: &yes, ReturnByValue: &yes,
	})
	if err != nil || res.ExceptionDetails != nil {
		t.Fatalf("axe: %v %+v", err, res.ExceptionDetails)
	}
	var found string
	if err := json.Unmarshal(res.Result.Value, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

func report(t *testing.T, label, found string) {
	t.Helper()
	var list []violation
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		t.Fatalf("%s: %v", label, err)
	}
	for _, v := range list {
		for _, n := range v.Nodes {
			t.Errorf("%s: %s (%s) at %v: %s", label, v.ID, v.Help, n.Target, strings.ReplaceAll(n.Summary, "\n", " "))
		}
	}
}

func TestFragmentsArriveUnderThePolicy(t *testing.T) {
	ctx := browser(t)
	s := gallery(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/gallery/zh/light/all"), chromedp.WaitReady("html.js")); err != nil {
		t.Fatal(err)
	}
	read(t, ctx, chromedp.Evaluate[chromedp.Void](`(() => {
		const box = document.createElement('div');
		box.id = 'box';
		box.innerHTML = '<button hx-get="/search?q=1" hx-target="#box">x</button>';
		document.querySelector('main').prepend(box);
		htmx.process(box);
		box.firstChild.click();
	})()`))
	if !read(t, ctx, chromedp.Poll[bool](`document.querySelector('#box .dk-hit') !== null`)) {
		t.Error("the fragment did not arrive")
	}
	for _, c := range s.complaints() {
		t.Error(c)
	}
}

func read[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPaletteDraftAndCountdown(t *testing.T) {
	ctx := browser(t)
	s := gallery(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(s.URL+"/gallery/zh/light/all"), chromedp.WaitReady("html.js")); err != nil {
		t.Fatal(err)
	}
	read(t, ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', ctrlKey: true, bubbles: true}))`))
	read(t, ctx, chromedp.WaitVisible("#dk-palette .dk-hit.dk-at"))
	if hit := read(t, ctx, chromedp.Text("#dk-palette .dk-hit.dk-at .dk-hit-title")); hit != "海棠花园酒店" {
		t.Errorf("palette shows %q", hit)
	}
	read(t, ctx, chromedp.Evaluate[chromedp.Void](`document.getElementById('dk-palette').close()`))
	read(t, ctx, chromedp.SendKeys("#f-note", "想要临窗的房间"))
	read(t, ctx, chromedp.Poll[bool](`localStorage.getItem('dianke.draft.customer-new')?.includes('临窗') === true`))
	if err := chromedp.Do(ctx, chromedp.Reload(), chromedp.WaitVisible(".dk-draft-note")); err != nil {
		t.Fatal(err)
	}
	if kept := read(t, ctx, chromedp.Value("#f-note")); kept != "想要临窗的房间" {
		t.Errorf("draft restored as %q", kept)
	}
	if clock := read(t, ctx, chromedp.Text("time[data-due]")); !strings.Contains(clock, "天") {
		t.Errorf("clock shows %q, want days counted down by the script", clock)
	}
	read(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('form[data-theme-form]').requestSubmit()`))
	if theme := read(t, ctx, chromedp.Evaluate[string](`document.documentElement.dataset.theme`)); theme == "light" {
		t.Errorf("theme is still %q", theme)
	}
	read(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector('tbody .dk-check input').click()`))
	if count := read(t, ctx, chromedp.Text(".dk-bulk-count")); count != "已选 1 项" {
		t.Errorf("bulk bar says %q", count)
	}
	for _, c := range s.complaints() {
		t.Error(c)
	}
}
