package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/assets"

	"github.com/klauspost/compress/gzhttp"
)

// Server serves the pages. It is safe for concurrent use once [New] has returned.
type Server struct {
	deps     Deps
	sessions *identity.Sessions
	mux      *http.ServeMux
	rest     *http.ServeMux
	handler  http.Handler
	measure  *measure
}

// HandlerFunc answers one request or says why not. It must not write before it is sure to succeed.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// New builds the server and mounts its packages of pages. Two packages that claim one route panic: a mistake of the
// program that the first test finds.
func New(d Deps) (*Server, error) {
	d.defaults()
	s := &Server{deps: d, sessions: identity.NewSessions(d.Identity, d.Secure), mux: http.NewServeMux(), rest: http.NewServeMux()}
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.plainFailure(err).ServeHTTP(w, r) }
	var err error
	if s.measure, err = newMeasure(d.Metrics); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	s.mux.Handle(assets.Prefix, assets.Handler())
	s.health()
	s.ownPages()
	for _, mount := range d.Mount {
		mount(s)
	}
	s.rest.Handle("/", s.wrap(func(http.ResponseWriter, *http.Request) error { return errs.New(errs.NotFound, "web.no_page") }, false))
	s.mux.Handle("/", s.rest)
	s.handler, err = s.chain()
	return s, err
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Handle mounts a page for signed-in people under a pattern of [http.ServeMux] with a method.
func (s *Server) Handle(pattern string, h HandlerFunc) { s.mux.Handle(pattern, s.wrap(h, false)) }

// Open mounts a page that needs no session. Where there is one, [Actor] is the person nevertheless.
func (s *Server) Open(pattern string, h HandlerFunc) { s.mux.Handle(pattern, s.wrap(h, true)) }

// Fallback mounts a page for signed-in people behind all pages of [Server.Handle], so that a room may replace it.
func (s *Server) Fallback(pattern string, h HandlerFunc) { s.rest.Handle(pattern, s.wrap(h, false)) }

// Records returns the door to all records.
func (s *Server) Records() *access.Records { return s.deps.Records }

// wrap identifies the reader, runs the handler and turns its error into a page.
func (s *Server) wrap(h HandlerFunc, open bool) http.Handler {
	return s.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r.Context())
		v.pattern = r.Pattern
		if err := s.identify(r, v); err != nil {
			s.fail(w, r.WithContext(s.reader(r)), err)
			return
		}
		r = r.WithContext(s.reader(r))
		if err := s.admit(r, v, open); err != nil {
			s.fail(w, r, err)
			return
		}
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}))
}

// admit lets nobody in without a session, and lets who must change his password do nothing else.
func (s *Server) admit(r *http.Request, v *visit, open bool) error {
	switch {
	case open:
		return nil
	case !v.actor.IsPerson():
		return errs.New(errs.Unauthenticated, "access.sign_in")
	case v.must && !strings.HasPrefix(r.URL.Path, "/me"):
		return errMustChange
	case v.enrol && !mayEnrol(r.URL.Path):
		return errMustEnrol
	}
	return nil
}

// mayEnrol are the pages on which a second factor is set up.
func mayEnrol(path string) bool {
	return strings.HasPrefix(path, "/me/security") || path == "/me/confirm" || strings.HasPrefix(path, "/me/confirm/")
}

// reader is the context in which pages are made: language, zone.
func (s *Server) reader(r *http.Request) context.Context {
	ctx := i18n.With(r.Context(), s.deps.Catalog, languageOf(r))
	return i18n.WithZone(ctx, s.deps.Zone)
}

// chain is the order in which a request passes what is not a page.
func (s *Server) chain() (http.Handler, error) {
	zip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.ContentTypes([]string{"text/html", "image/svg+xml"}))
	if err != nil {
		return nil, fmt.Errorf("compression: %w", err)
	}
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(s.plainFailure(errs.New(errs.Forbidden, "web.cross_origin")))
	var h http.Handler = s.mux
	h = cross.Handler(h)
	h = s.limitBody(h)
	h = zip(h)
	h = s.headers(h)
	h = s.recovers(h)
	return s.logged(h), nil
}

// plainFailure answers an error outside of any page.
func (s *Server) plainFailure(err error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r.WithContext(s.reader(r)), err)
	})
}
