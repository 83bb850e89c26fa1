package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

// Refusal is an error of a regulation that names what stands against the action: members "clause", "regulation",
// "article" and "link", which become members of the problem.
type Refusal interface {
	error
	Refusal() map[string]any
}

// statusError is a failure of the protocol itself, for which there is no kind.
type statusError struct {
	code  int
	cause *errs.Error
}

func (e *statusError) Error() string { return e.cause.Error() }
func (e *statusError) Unwrap() error { return e.cause }

func status(code int, key string) error { return &statusError{code, errs.New(errs.Malformed, key)} }

// statusOf returns the HTTP status of an error.
func statusOf(err error) int {
	var own *statusError
	if errors.As(err, &own) {
		return own.code
	}
	switch errs.KindOf(err) {
	case errs.Invalid:
		return http.StatusUnprocessableEntity
	case errs.Malformed:
		return http.StatusBadRequest
	case errs.Unauthenticated:
		return http.StatusUnauthorized
	case errs.Forbidden:
		return http.StatusForbidden
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict, errs.Refused:
		return http.StatusConflict
	case errs.Stale:
		return http.StatusPreconditionFailed
	case errs.TooLarge:
		return http.StatusRequestEntityTooLarge
	case errs.TooMany:
		return http.StatusTooManyRequests
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// about adds to an error what its problem needs: the type whose labels name the fields, and further members.
type about struct {
	error
	typ     *record.Type
	action  *record.Action
	members map[string]any
}

// Unwrap returns the error itself.
func (a *about) Unwrap() error { return a.error }

// on says of which type an error speaks; what is known already stays.
func on(t *record.Type, act *record.Action, err error) error {
	var known *about
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &about{error: err, typ: t, action: act}
}

// fieldFault is one entry of "errors".
type fieldFault struct {
	Field   string `json:"field"`
	Key     string `json:"key"`
	Message string `json:"message"`
}

// fail writes the problem of an error and logs what only the operator may know.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	code := statusOf(err)
	switch {
	case errors.Is(err, errWritten):
		s.Log.WarnContext(r.Context(), "api answer broke off", "request", requestID(r.Context()), "err", err)
		return
	case code == http.StatusInternalServerError && r.Context().Err() == nil:
		s.Log.ErrorContext(r.Context(), "api request failed", "request", requestID(r.Context()), "err", err)
	}
	h := w.Header()
	if code == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="dianke"`)
	}
	if wait := s.retryAfter(r.Context(), err, code); wait > 0 {
		h.Set("Retry-After", strconv.FormatInt(wait, 10))
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if werr := enc.Encode(s.problem(r, err, code)); werr != nil {
		s.Log.WarnContext(r.Context(), "api problem not sent", "request", requestID(r.Context()), "err", werr)
	}
}

// problem is the body by RFC 9457.
func (s *server) problem(r *http.Request, err error, code int) map[string]any {
	ctx, e := r.Context(), errs.As(err)
	if e == nil || e.Kind == errs.Internal {
		e = errs.New(errs.Internal, "error.internal")
	}
	kind := e.Kind.String()
	if own := new(statusError); errors.As(err, &own) {
		kind = "protocol"
	}
	words := &wording{texts: s.Texts, lang: i18n.LangOf(ctx)}
	var a *about
	if errors.As(err, &a) {
		words.typ, words.action = a.typ, a.action
	}
	out := map[string]any{
		"type": "urn:dianke:problem:" + kind, "title": words.texts.Text(words.lang, "api.problem."+kind), "status": code,
		"detail": words.sentence(e), "key": e.Key, "instance": "urn:dianke:request:" + requestID(ctx),
	}
	if list := words.faults(e); len(list) > 0 {
		out["errors"] = list
	}
	if a != nil {
		for name, v := range a.members {
			out[name] = v
		}
	}
	var refused Refusal
	if errors.As(err, &refused) {
		for name, v := range refused.Refusal() {
			if _, taken := out[name]; !taken {
				out[name] = v
			}
		}
	}
	return out
}

// retryAfter is after how many seconds the request may be repeated; 0 for "no word on that".
func (s *server) retryAfter(ctx context.Context, err error, code int) int64 {
	switch code {
	case http.StatusServiceUnavailable:
		return 30
	case http.StatusTooManyRequests:
		if secs, ok := errs.As(err).Args["seconds"].(int64); ok {
			return secs
		}
		now := s.Records.Store.Clock.Now().In(i18n.ZoneOf(ctx))
		midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
		return int64(midnight.Sub(now)/time.Second) + 1 // quotas are by calendar day
	}
	return 0
}

// wording puts errors into words of one language.
type wording struct {
	texts  *i18n.Catalog
	lang   i18n.Lang
	typ    *record.Type
	action *record.Action
}

func (w *wording) sentence(e *errs.Error) string {
	args := make(map[string]any, len(e.Args)+1)
	for name, v := range e.Args {
		args[name] = v
	}
	if _, ok := args["n"]; !ok && len(e.Fields) > 0 {
		args["n"] = len(e.Fields)
	}
	if name, ok := args["field"].(string); ok {
		args["field"] = w.label(name)
	}
	return w.texts.Text(w.lang, e.Key, i18n.Args(args)...)
}

// label names a field for people; a field that has no label keeps its name, since that is what the caller wrote.
func (w *wording) label(name string) string {
	var keys []string
	if w.typ != nil && w.action != nil {
		keys = append(keys, fmt.Sprintf("%s.action.%s.%s", w.typ.Name, w.action.Name, name), fmt.Sprintf("action.%s.%s", w.action.Name, name))
	}
	if w.typ != nil {
		keys = append(keys, w.typ.Name+"."+name)
		if f := w.typ.Field(name); f != nil && f.Labels[string(w.lang)] != "" {
			return f.Labels[string(w.lang)]
		}
	}
	for _, key := range append(keys, "head."+name) {
		if w.texts.Has(key) {
			return w.texts.Text(w.lang, key)
		}
	}
	return clip(name, 40)
}

func (w *wording) faults(e *errs.Error) []fieldFault {
	list := e.Fields
	if len(list) == 0 && e.Field != "" {
		list = []*errs.Error{e}
	}
	out := make([]fieldFault, len(list))
	for i, f := range list {
		out[i] = fieldFault{Field: f.Field, Key: f.Key, Message: w.sentence(f)}
	}
	return out
}
