// Package mcp offers the records and actions of the house to programs that speak the Model Context Protocol.
//
// It is a translator and holds no rule: each tool becomes one request to the handler of the JSON interface, made with the
// token of the caller, so that permissions, masks, validation, clauses, audit and the limit of requests are those of the
// interface, and errors come back in the language of the token's owner. Tools follow from the record types: list, read
// and history of each, create and update, and one tool for each action; a caller sees those his permissions and the
// scopes of his token allow. Regulations and their clauses are resources. Requests keep no state between them, so any
// node may answer. The package knows no type by name, but for regulations.
package mcp

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/i18n"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the folder is embedded above; the catalogue reports what is missing
	}
	return sub
}

// Deps is what the server is made of.
type Deps struct {
	API     http.Handler // the JSON interface under /api/, for tokens alone
	Who     func(r *http.Request) (record.Actor, error)
	Records *access.Records
	Engine  *regulation.Engine // for regulations as resources; nil leaves them out
	Texts   *i18n.Catalog
	Log     *slog.Logger
	Version string // of the program
}

// maxBody is how large one message may be.
const maxBody = 4 << 20

// Server answers requests at its one address. It is safe for concurrent use.
type Server struct {
	Deps
	http  http.Handler
	mu    sync.Mutex
	types []*record.Type
	made  map[i18n.Lang]*edition
}

// edition is the server of one language with its tools.
type edition struct {
	server *sdk.Server
	tools  []*tool
}

// New returns the server. It starts nothing.
func New(d Deps) *Server {
	s := &Server{Deps: d, made: map[i18n.Lang]*edition{}}
	s.http = sdk.NewStreamableHTTPHandler(s.pick, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, MaxRequestBodyBytes: maxBody, // without a log: it tells of every request
		DisableLocalhostProtection: true, // every request carries a token, which no page of another site knows
	})
	s.http = http.NewCrossOriginProtection().Handler(s.http)
	return s
}

type callerKey struct{}

// caller is who sends a request, with what the interface needs to know him too.
type caller struct {
	actor   record.Actor
	lang    i18n.Lang
	header  http.Header
	address string
}

func callerOf(ctx context.Context) (*caller, error) {
	c, ok := ctx.Value(callerKey{}).(*caller)
	if !ok {
		return nil, errors.New("request without caller")
	}
	return c, nil
}

// ServeHTTP implements [http.Handler]. Whoever is not known by a token, or asks too often, gets the problem the
// interface answers with.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	c := &caller{header: http.Header{}, address: r.RemoteAddr}
	for _, name := range []string{"Authorization", "User-Agent", "X-Forwarded-For", "Forwarded", "Accept-Language"} {
		if v := r.Header.Values(name); len(v) > 0 {
			c.header[name] = v
		}
	}
	probe, err := s.ask(r.Context(), c, http.MethodGet, "/api/v1/me", nil, nil)
	if err == nil && probe.Code != http.StatusOK {
		pass(w, probe)
		return
	}
	if err == nil {
		c.actor, err = s.Who(r)
	}
	if err == nil {
		c.lang, err = s.language(r.Context(), c.actor)
	}
	if err != nil {
		s.Log.ErrorContext(r.Context(), "mcp caller", "error", err)
		http.Error(w, s.Texts.Text(i18n.ZH, "error.internal"), http.StatusInternalServerError)
		return
	}
	c.header.Set("Accept-Language", string(c.lang))
	s.http.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
}

func pass(w http.ResponseWriter, probe *httptest.ResponseRecorder) {
	for _, name := range []string{"Content-Type", "WWW-Authenticate", "Retry-After"} {
		if v := probe.Header().Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	w.WriteHeader(probe.Code)
	_, _ = w.Write(probe.Body.Bytes()) // the caller may have gone
}

func (s *Server) language(ctx context.Context, a record.Actor) (i18n.Lang, error) {
	lang, err := s.Records.Language(ctx, a.UserID)
	if err == nil && lang == string(i18n.EN) {
		return i18n.EN, nil
	}
	return i18n.ZH, err
}

// ask sends a request to the interface as the caller.
func (s *Server) ask(ctx context.Context, c *caller, method, target string, header http.Header, body io.Reader) (*httptest.ResponseRecorder, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost"+target, body)
	if err != nil {
		return nil, fmt.Errorf("ask interface: %w", err)
	}
	r.RemoteAddr, r.RequestURI = c.address, target
	for _, from := range []http.Header{c.header, header} {
		for name, v := range from {
			r.Header[name] = v
		}
	}
	w := httptest.NewRecorder()
	s.API.ServeHTTP(w, r)
	return w, nil
}

// pick returns the server in the caller's language; nil, which is an error of the request, where it cannot be made.
func (s *Server) pick(r *http.Request) *sdk.Server {
	c, err := callerOf(r.Context())
	if err != nil {
		return nil
	}
	e, err := s.edition(r.Context(), c.lang)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "mcp tools", "error", err)
		return nil
	}
	return e.server
}

// edition makes the server of a language, anew where the types have changed.
func (s *Server) edition(ctx context.Context, lang i18n.Lang) (*edition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	types := s.Records.Store.Types.Types()
	if !slices.Equal(types, s.types) {
		s.types, s.made = types, map[i18n.Lang]*edition{}
	}
	if e := s.made[lang]; e != nil {
		return e, nil
	}
	tools, err := s.makeTools(ctx, lang, types)
	if err != nil {
		return nil, err
	}
	e := &edition{tools: tools, server: sdk.NewServer(
		&sdk.Implementation{Name: "dianke", Title: s.Texts.Text(lang, "mcp.title"), Version: s.Version},
		&sdk.ServerOptions{
			Instructions: s.Texts.Text(lang, "mcp.instructions"),
			Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}, Resources: &sdk.ResourceCapabilities{}},
		})}
	for _, t := range tools {
		e.server.AddTool(t.def, s.run(t))
	}
	s.addResources(e.server, lang)
	e.server.AddReceivingMiddleware(s.lists(e))
	s.made[lang] = e
	return e, nil
}

// lists answers what there is for this caller; all else goes its way.
func (s *Server) lists(e *edition) sdk.Middleware {
	return func(next sdk.MethodHandler) sdk.MethodHandler {
		return func(ctx context.Context, method string, req sdk.Request) (sdk.Result, error) {
			switch p := req.GetParams().(type) {
			case *sdk.ListToolsParams:
				return s.listTools(ctx, e, p)
			case *sdk.ListResourcesParams:
				return s.listResources(ctx, p)
			}
			return next(ctx, method, req)
		}
	}
}
