package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/replay"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"

	"golang.org/x/text/language"
)

// Identifier tells who sends a request: Unauthenticated where nobody can be recognised.
type Identifier interface {
	Identify(r *http.Request) (record.Actor, error)
}

// Deps is what the interface is made of. Rate and Burst zero mean 20 requests a second and 60 at once for one person;
// MaxFile zero means 25 MiB. A Replay without keys of its own seals with those of the record store.
type Deps struct {
	Records  *access.Records
	Identity *identity.Service
	Identify Identifier
	Blobs    *blobs.Store
	Replay   *replay.Book
	Engine   *regulation.Engine // for the import of texts; nil leaves it out
	Book     *assess.Book       // tells how regulations are kept; nil leaves it out
	Archive  *exchange.Archive  // hands out frozen assessments; beside Book
	Propose  *proposal.Desk     // proposes controls for imported texts; nil leaves that out
	// Transfers takes imports in; nil leaves them out.
	Transfers *transfer.Desk
	Texts     *i18n.Catalog
	IDs       *ids.Source
	Log       *slog.Logger
	Version   string // of the program, for the document
	Rate      float64
	Burst     int
	MaxFile   int64
	Secure    bool // the instance is reached by https alone
}

// server answers requests; it is safe for concurrent use.
type server struct {
	Deps
	mux   *http.ServeMux
	limit *limiter
	langs language.Matcher
	docs  documents
	cross *http.CrossOriginProtection
}

// New returns the handler for everything under /api/. It refuses what a browser sends from other sites. It starts nothing.
func New(d Deps) http.Handler {
	if d.Rate == 0 {
		d.Rate = 20
	}
	if d.Burst == 0 {
		d.Burst = 60
	}
	if d.MaxFile == 0 {
		d.MaxFile = 25 << 20
	}
	if d.Replay.Keys == nil {
		book := *d.Replay
		book.Keys = d.Records.Store.Keys
		d.Replay = &book
	}
	s := &server{
		Deps: d, mux: http.NewServeMux(), limit: newLimiter(d.Records.Store.Clock, d.Rate, d.Burst),
		langs: language.NewMatcher([]language.Tag{language.Chinese, language.English}), cross: http.NewCrossOriginProtection(),
	}
	s.routes()
	return s
}

// call is one request with what is known of it.
type call struct {
	*http.Request
	actor record.Actor
	id    string // of the request
}

// handler answers a call or returns why not; [server.ServeHTTP] alone turns an error into a problem.
type handler func(w http.ResponseWriter, c *call) error

const root = "/api/v1/"

func (s *server) routes() {
	s.mux.HandleFunc("GET /api/openapi.json", s.open(s.document))
	routes := map[string]handler{
		"GET audit":                             s.auditLog,
		"GET search":                            s.search,
		"GET me":                                s.me,
		"GET me/tokens":                         s.tokens,
		"POST me/tokens":                        s.createToken,
		"DELETE me/tokens/{id}":                 s.revokeToken,
		"GET me/sessions":                       s.sessions,
		"DELETE me/sessions/{id}":               s.revokeSession,
		"GET {plural}":                          s.list,
		"POST {plural}":                         s.once(s.create),
		"GET {plural}/{id}":                     s.get,
		"PATCH {plural}/{id}":                   s.update,
		"GET {plural}/{id}/history":             s.history,
		"POST {plural}/{id}/reveal":             s.reveal,
		"POST {plural}/{id}/merge":              s.once(s.merge),
		"POST {plural}/{id}/comments":           s.once(s.comment),
		"GET {plural}/{id}/files":               s.files,
		"POST {plural}/{id}/files":              s.upload,
		"GET {plural}/{id}/files/{file}":        s.download,
		"POST {plural}/bulk":                    s.once(s.bulk),
		"POST {plural}/export":                  s.export,
		"POST {plural}/{id}/{division}/{which}": s.once(s.divided),
	}
	if s.Book != nil {
		routes["GET compliance"] = s.compliance
		routes["GET compliance/statement"] = s.statement
		routes["GET assessments/{id}/handouts/{file}"] = s.handout
	}
	if s.Transfers != nil {
		routes["POST {plural}/imports"] = s.newImport
		routes["GET imports/{id}/progress"] = s.importProgress
		routes["GET imports/{id}/rejects"] = s.importRejects
		routes["PUT imports/{id}/plan"] = s.arrangeImport
		for _, what := range []string{"check", "begin", "cancel"} {
			routes["POST imports/{id}/"+what] = s.steerImport(what)
		}
	}
	if s.Engine != nil {
		routes["POST regulations/import"] = s.once(s.importText)
	}
	for pattern, h := range routes {
		method, path, _ := strings.Cut(pattern, " ")
		s.mux.HandleFunc(method+" "+root+path, s.known(h))
	}
}

// divided tells apart two routes that the mux cannot: an action on a record, and taking back a bulk run.
func (s *server) divided(w http.ResponseWriter, c *call) error {
	switch {
	case c.PathValue("division") == "actions":
		return s.action(w, c)
	case c.PathValue("id") == "bulk" && c.PathValue("which") == "undo":
		return s.undo(w, c)
	case c.PathValue("division") == "merges":
		return s.unmerge(w, c)
	}
	return errs.New(errs.NotFound, "api.no_route")
}

// ServeHTTP implements [http.Handler].
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := s.IDs.Next().String()
	s.headers(w.Header(), id)
	r = r.WithContext(context.WithValue(i18n.With(r.Context(), s.Texts, s.lang(r)), requestKey{}, id))
	defer s.recover(w, r)
	if s.cross.Check(r) != nil {
		s.fail(w, r, errs.New(errs.Forbidden, "api.cross_origin"))
		return
	}
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.fail(w, r, s.unrouted(w, r))
		return
	}
	s.mux.ServeHTTP(w, r)
}

// headers sets what protects every answer: it is the caller's alone and no page.
func (s *server) headers(h http.Header, request string) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Request-Id", request)
	h.Add("Vary", "Accept-Language, Authorization, Cookie")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

type requestKey struct{}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// unrouted asks the mux why it has no handler: there is no such address, or not with this method.
func (s *server) unrouted(w http.ResponseWriter, r *http.Request) error {
	h, _ := s.mux.Handler(r)
	probe := httptest.NewRecorder()
	h.ServeHTTP(probe, r)
	if probe.Code != http.StatusMethodNotAllowed {
		return errs.New(errs.NotFound, "api.no_route")
	}
	w.Header().Set("Allow", probe.Header().Get("Allow"))
	return status(http.StatusMethodNotAllowed, "api.method")
}

func (s *server) recover(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v) // the server's own way to drop a connection
	}
	s.Log.ErrorContext(r.Context(), "api handler panicked", "request", requestID(r.Context()), "stack", string(debug.Stack()))
	s.fail(w, r, errs.New(errs.Internal, "error.internal"))
}

// lang is the reader's language: Chinese unless English is preferred.
func (s *server) lang(r *http.Request) i18n.Lang {
	_, i := language.MatchStrings(s.langs, r.Header.Get("Accept-Language"))
	if i == 1 {
		return i18n.EN
	}
	return i18n.ZH
}

// open wraps a handler that anybody may call.
func (s *server) open(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, &call{Request: r, id: requestID(r.Context())}); err != nil {
			s.fail(w, r, err)
		}
	}
}

// known wraps a handler that needs to know who asks, and lets nobody ask too often.
func (s *server) known(h handler) http.HandlerFunc {
	return s.open(func(w http.ResponseWriter, c *call) error {
		actor, err := s.Identify.Identify(c.Request)
		if err != nil {
			if lerr := s.limit.take("address:" + addressOf(c.Request)); lerr != nil {
				return lerr
			}
			return err
		}
		if err := s.limit.take(actor.Label()); err != nil {
			return err
		}
		c.actor = actor
		return h(w, c)
	})
}

// typ returns the record type of the path.
func (s *server) typ(c *call) (*record.Type, error) {
	name := c.PathValue("plural")
	t := s.Records.Store.Types.Type(name)
	if t == nil || t.Plural != name {
		return nil, errs.New(errs.NotFound, "record.unknown_type").With("type", clip(name, 40))
	}
	return t, nil
}

// target returns the type and the id of the path; text that is no id names no record.
func (s *server) target(c *call) (*record.Type, record.ID, error) {
	t, err := s.typ(c)
	if err != nil {
		return nil, 0, err
	}
	id, err := pathID(c, "id")
	return t, id, err
}

func pathID(c *call, name string) (record.ID, error) {
	id, err := ids.Parse(c.PathValue(name))
	if err != nil || id == 0 {
		return 0, errs.New(errs.NotFound, "record.not_found")
	}
	return id, nil
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return errors.Join(errWritten, err)
	}
	return nil
}

// errWritten marks a failure after the answer had begun: it can only be logged.
var errWritten = errors.New("answer had begun")

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
