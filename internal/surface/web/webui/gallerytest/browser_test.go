package gallerytest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/assets"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webui"
	"dianke/internal/surface/web/webui/gallerytest"
)

const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"

// site is the gallery as a server, with what was asked for in vain.
type site struct {
	browsertest.Policy
	URL     string
	mu      sync.Mutex
	missing []string
}

// check fails for everything the pages asked for in vain or that the policy refused.
func (s *site) check(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range append(s.missing, s.Refused()...) {
		t.Error(m)
	}
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
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		out.mu.Lock()
		defer out.mu.Unlock()
		out.missing = append(out.missing, fmt.Sprintf("not found: %s %s", r.Method, r.URL))
		http.NotFound(w, r)
	})
	s := httptest.NewServer(out.Wrap(mux))
	t.Cleanup(s.Close)
	out.URL = s.URL
	return out
}

func TestAxeAndScreenshots(t *testing.T) {
	s := gallery(t)
	b := browsertest.Start(t, s.URL)
	for _, lang := range i18n.Langs() {
		for _, theme := range []webui.Theme{webui.ThemeLight, webui.ThemeDark} {
			for _, width := range []int64{1280, 390} {
				for _, name := range []string{"all", "signin"} {
					b.Look(fmt.Sprintf("/gallery/%s/%s/%s", lang, theme, name), fmt.Sprintf("gallery-%s-%s-%s-%d", name, lang, theme, width), width)
				}
			}
		}
	}
	s.check(t)
}

func TestFragmentsArriveUnderThePolicy(t *testing.T) {
	s := gallery(t)
	b := browsertest.Start(t, s.URL)
	b.Open("/gallery/zh/light/all", 1280)
	b.Eval(`(() => {
		const box = document.createElement('div');
		box.id = 'box';
		box.innerHTML = '<button hx-get="/search?q=1" hx-target="#box">x</button>';
		document.querySelector('main').prepend(box);
		htmx.process(box);
		box.firstChild.click();
	})()`)
	b.Until(`document.querySelector('#box .dk-hit') !== null`)
	s.check(t)
}

func TestPaletteDraftAndCountdown(t *testing.T) {
	s := gallery(t)
	b := browsertest.Start(t, s.URL)
	b.Open("/gallery/zh/light/all", 1280)
	b.Eval(`document.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', ctrlKey: true, bubbles: true}))`)
	b.Until(`document.querySelector('#dk-palette .dk-hit.dk-at .dk-hit-title')?.innerText === '海棠花园酒店'`)
	b.Eval(`document.getElementById('dk-palette').close()`)
	b.Fill("#f-note", "想要临窗的房间")
	b.Until(`localStorage.getItem('dianke.draft.customer-new')?.includes('临窗') === true`)
	b.Open("/gallery/zh/light/all", 1280)
	b.Until(`document.querySelector('.dk-draft-note')?.checkVisibility()`)
	if kept := b.Read(`document.querySelector('#f-note').value`); kept != "想要临窗的房间" {
		t.Errorf("draft restored as %q", kept)
	}
	if clock := b.Read(`document.querySelector('time[data-due]').innerText`); !strings.Contains(clock, "天") {
		t.Errorf("clock shows %q, want days counted down by the script", clock)
	}
	b.Eval(`document.querySelector('form[data-theme-form]').requestSubmit()`)
	if theme := b.Read(`document.documentElement.dataset.theme`); theme == "light" {
		t.Errorf("theme is still %q", theme)
	}
	b.Eval(`document.querySelector('tbody .dk-check input').click()`)
	if count := b.Read(`document.querySelector('.dk-bulk-count').innerText`); count != "已选 1 项" {
		t.Errorf("bulk bar says %q", count)
	}
	s.check(t)
}
