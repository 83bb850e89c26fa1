// Package assets serves the script, style sheet, icons and pictures of the web surface.
//
// They are built into dist by `npm ci --ignore-scripts && node build.mjs` in this folder. Git ignores dist but for a
// placeholder: the package compiles and answers without a build, only then every asset is a 404. Each file carries the hash of its content in its name, so
// it may be cached for ever, and lies there compressed by brotli and gzip. The package knows no page.
package assets

import (
	"embed"
	"encoding/json"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Prefix is the path under which [Handler] must be mounted.
const Prefix = "/assets/"

//go:embed all:dist
var dist embed.FS

//go:embed icons.txt
var iconList string

// built is read once; the embedded files cannot change while the program runs.
var built = sync.OnceValue(func() bundle { return load(dist) })

type bundle struct {
	files    fs.FS
	manifest map[string]string
}

func load(src fs.FS) bundle {
	b := bundle{manifest: map[string]string{}}
	sub, err := fs.Sub(src, "dist")
	if err != nil {
		return b
	}
	b.files = sub
	raw, err := fs.ReadFile(sub, "manifest.json")
	if err != nil {
		return b
	}
	if json.Unmarshal(raw, &b.manifest) != nil {
		b.manifest = map[string]string{}
	}
	return b
}

// URL returns the path of an asset by its plain name, such as "app.css". A name that was not built gives a path that
// answers 404, never an error, so that pages work before the first build.
func URL(name string) string {
	if hashed, ok := built().manifest[name]; ok {
		return Prefix + hashed
	}
	return Prefix + name
}

// Built reports whether dist holds a build.
func Built() bool { return len(built().manifest) > 0 }

// Icons returns the names of the icons in the sprite, sorted as in icons.txt.
func Icons() []string {
	var names []string
	for line := range strings.Lines(iconList) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			names = append(names, line)
		}
	}
	return names
}

// Handler serves the assets below [Prefix] with the best encoding the browser accepts. Answers may be cached for a
// year: a changed file has another name. Only files of the manifest are served.
func Handler() http.Handler { return handler(built()) }

func handler(b bundle) http.Handler {
	known := map[string]bool{}
	for _, hashed := range b.manifest {
		known[hashed] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, Prefix)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		if !known[name] {
			http.NotFound(w, r)
			return
		}
		serve(w, r, b.files, name)
	})
}

func serve(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	body, encoding := pick(files, name, r.Header.Get("Accept-Encoding"))
	if body == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader may have gone; there is nobody to tell
}

func pick(files fs.FS, name, accept string) ([]byte, string) {
	for _, variant := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(accept, variant.encoding) {
			continue
		}
		if body, err := fs.ReadFile(files, name+variant.suffix); err == nil {
			return body, variant.encoding
		}
	}
	body, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, ""
	}
	return body, ""
}

// accepts reads one coding of an Accept-Encoding header; a weight of zero means no (RFC 9110, section 12.5.3).
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}

// contentType does not depend on the mime tables of the machine for the kinds we serve.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
