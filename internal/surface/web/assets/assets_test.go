package assets_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dianke/internal/surface/web/assets"
)

func sample() fs.FS {
	return fstest.MapFS{
		"dist/manifest.json":  {Data: []byte(`{"app.css":"app-1.css","app.js":"app-2.js","logo.svg":"logo-3.svg"}`)},
		"dist/app-1.css":      {Data: []byte("plain")},
		"dist/app-1.css.br":   {Data: []byte("brotli")},
		"dist/app-1.css.gz":   {Data: []byte("gzip")},
		"dist/app-2.js":       {Data: []byte("js")},
		"dist/logo-3.svg":     {Data: []byte("<svg/>")},
		"dist/secret-left.js": {Data: []byte("not listed")},
	}
}

func TestHandlerPicksEncoding(t *testing.T) {
	t.Parallel()
	h := assets.HandlerOf(sample())
	tests := map[string]struct{ path, accept, encoding, body, kind string }{
		"brotli first":    {"app-1.css", "gzip, deflate, br", "br", "brotli", "text/css; charset=utf-8"},
		"gzip only":       {"app-1.css", "gzip", "gzip", "gzip", "text/css; charset=utf-8"},
		"brotli declined": {"app-1.css", "br;q=0, gzip;q=0.5", "gzip", "gzip", "text/css; charset=utf-8"},
		"bad weight":      {"app-1.css", "br;q=x", "", "plain", "text/css; charset=utf-8"},
		"nothing":         {"app-1.css", "", "", "plain", "text/css; charset=utf-8"},
		"no variant":      {"app-2.js", "br", "", "js", "text/javascript; charset=utf-8"},
		"svg":             {"logo-3.svg", "br", "", "<svg/>", "image/svg+xml"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, assets.Prefix+tt.path, nil)
			r.Header.Set("Accept-Encoding", tt.accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusOK || w.Body.String() != tt.body {
				t.Fatalf("answer %d %q, want 200 %q", w.Code, w.Body, tt.body)
			}
			if got := w.Header().Get("Content-Encoding"); got != tt.encoding {
				t.Errorf("encoding %q, want %q", got, tt.encoding)
			}
			if got := w.Header().Get("Content-Type"); got != tt.kind {
				t.Errorf("type %q, want %q", got, tt.kind)
			}
			if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
				t.Errorf("cache control %q is not immutable", got)
			}
		})
	}
}

func TestHandlerRefuses(t *testing.T) {
	t.Parallel()
	h := assets.HandlerOf(sample())
	tests := map[string]struct {
		method, path string
		want         int
	}{
		"unlisted file":   {http.MethodGet, "secret-left.js", http.StatusNotFound},
		"manifest itself": {http.MethodGet, "manifest.json", http.StatusNotFound},
		"climbing":        {http.MethodGet, "../assets.go", http.StatusNotFound},
		"folder":          {http.MethodGet, "", http.StatusNotFound},
		"post":            {http.MethodPost, "app-1.css", http.StatusMethodNotAllowed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, "http://x/assets/", nil)
			r.URL.Path = assets.Prefix + tt.path
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.want {
				t.Errorf("%s %s = %d, want %d", tt.method, tt.path, w.Code, tt.want)
			}
		})
	}
}

func TestHeadHasNoBody(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	assets.HandlerOf(sample()).ServeHTTP(w, httptest.NewRequest(http.MethodHead, assets.Prefix+"app-2.js", nil))
	if w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "2" {
		t.Errorf("HEAD = %d, %d bytes, length %q", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
}

func TestWorksBeforeTheFirstBuild(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]fs.FS{
		"placeholder":  fstest.MapFS{"dist/.placeholder": {}},
		"torn listing": fstest.MapFS{"dist/manifest.json": {Data: []byte("{")}},
		"empty":        fstest.MapFS{},
	} {
		w := httptest.NewRecorder()
		assets.HandlerOf(src).ServeHTTP(w, httptest.NewRequest(http.MethodGet, assets.Prefix+"app.css", nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", name, w.Code)
		}
	}
	if got := assets.URL("no-such.css"); got != "/assets/no-such.css" {
		t.Errorf("URL of an unknown asset = %q", got)
	}
}

func TestBuildObeysThePolicy(t *testing.T) {
	t.Parallel()
	if !assets.Built() {
		t.Skip("no asset build: run `npm ci && node build.mjs` in this folder")
	}
	for _, name := range []string{"app.css", "app.js", "icons.svg", "logo.svg", "favicon.svg"} {
		w := httptest.NewRecorder()
		assets.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, assets.URL(name), nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", name, w.Code)
		}
		body := w.Body.String()
		if strings.HasSuffix(name, ".css") && (strings.Contains(body, "data:image") || strings.Contains(body, "//cdn")) {
			t.Errorf("%s holds a picture or host that the content security policy forbids", name)
		}
	}
}

func TestIconListIsSortedAndUnique(t *testing.T) {
	t.Parallel()
	icons := assets.Icons()
	if len(icons) == 0 || !slices.IsSorted(icons) || len(slices.Compact(slices.Clone(icons))) != len(icons) {
		t.Errorf("icons.txt must be sorted without repetition")
	}
}

func TestLockFileNamesNoHost(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) {
		t.Error("package-lock.json must not say where packages were fetched from")
	}
}
