package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	"dianke/internal/platform/errs"
)

// policy lets a page use what this server sends and nothing else.
const policy = "default-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// headers sets what protects every answer. Pages are the reader's alone and are not cached by others.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
		if s.deps.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !strings.HasPrefix(r.URL.Path, "/assets/") {
			h.Set("Cache-Control", "private, no-store")
		}
		next.ServeHTTP(w, r)
	})
}

// limitBody bounds what a request may send.
func (s *Server) limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := s.deps.MaxForm
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
			limit = max(s.deps.MaxUpload, s.deps.Uploads[r.URL.Path])
		}
		if r.ContentLength > limit {
			s.plainFailure(errs.New(errs.TooLarge, "web.too_large").With("max", size(limit))).ServeHTTP(w, r)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		next.ServeHTTP(w, r)
	})
}

func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d kB", n>>10)
}

// Form reads the body of a form, with or without files. Errors: Malformed for another type of content or a broken body, Invalid for
// bytes that are no text, TooLarge.
func Form(r *http.Request) error {
	kind := r.Header.Get("Content-Type")
	var err error
	switch {
	case strings.HasPrefix(kind, "multipart/form-data"):
		err = r.ParseMultipartForm(4 << 20)
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"), kind == "" && r.ContentLength == 0:
		err = r.ParseForm()
	default:
		return errs.New(errs.Malformed, "web.no_form")
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errs.New(errs.TooLarge, "web.too_large").With("max", size(tooLarge.Limit)).Because(err)
	case err != nil:
		return errs.New(errs.Malformed, "web.broken_form").Because(err)
	case !isText(r.Form):
		return errs.New(errs.Invalid, "web.not_text")
	}
	return nil
}

// isText reports whether all that was sent is UTF-8 without NUL: no browser sends anything else, and no database keeps it.
func isText(form url.Values) bool {
	ok := func(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
	for name, values := range form {
		if !ok(name) || slices.ContainsFunc(values, func(s string) bool { return !ok(s) }) {
			return false
		}
	}
	return true
}

// recovers answers a panic with the fixed page and its reference.
func (s *Server) recovers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // the connection is to be dropped; net/http knows how
			}
			s.deps.Log.ErrorContext(r.Context(), "panic in handler", "reference", Reference(r.Context()), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			w.Header().Del("Content-Encoding")
			s.plainFailure(errs.New(errs.Internal, "error.internal")).ServeHTTP(w, r)
		}()
		next.ServeHTTP(w, r)
	})
}

// logged begins the visit and writes one line for each request: no query string, no body, no name.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{reference: strings.ToLower(rand.Text()[:12]), address: AddressOf(r, s.deps.Proxies), started: s.deps.Clock.Now()}
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		w.Header().Set("X-Request-Id", v.reference)
		out := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(out, r)
		pattern := v.pattern
		if pattern == "" {
			pattern = "other"
		}
		took := s.deps.Clock.Now().Sub(v.started)
		s.measure.observe(r.Method, pattern, out.status, took)
		s.deps.Log.LogAttrs(r.Context(), level(out.status), "request",
			slog.String("method", r.Method), slog.String("route", pattern), slog.Int("status", out.status),
			slog.Int64("ms", took.Milliseconds()), slog.String("actor", v.actor.UserID.String()), slog.String("reference", v.reference))
	})
}

func level(status int) slog.Level {
	if status >= 500 {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (w *statusWriter) WriteHeader(code int) {
	if !w.wrote && code >= 200 {
		w.status, w.wrote = code, true
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// Flush sends what was written so far; the layer that compresses asks for it by this method alone.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() } // a broken connection shows at the next write

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
