package webui

import (
	"context"
	"net/http"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

// StatusOf returns the HTTP status of a kind of error. Hidden and absent are both 404; a refusal by a clause is 422:
// the request was understood and allowed, the regulation forbids it.
func StatusOf(kind errs.Kind) int {
	switch kind {
	case errs.Invalid, errs.Refused:
		return http.StatusUnprocessableEntity
	case errs.Malformed:
		return http.StatusBadRequest
	case errs.Unauthenticated:
		return http.StatusUnauthorized
	case errs.Forbidden:
		return http.StatusForbidden
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict, errs.Stale:
		return http.StatusConflict
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

// RefusalView is the article that stands against an action.
type RefusalView struct {
	Regulation, Article string // 《客户部管理规定》, 第十二条
	Text                string // the clause as printed
	Href                string // the clause in the reader
	ExceptionHref       string // "request an exception"; empty where none is allowed
}

// ErrorView is a failure in words: what happened and what to do.
type ErrorView struct {
	Status                int
	Kind                  string // name of the kind, for tests and styles
	Title, Sentence, Help string
	Reference             string // id of the request for support; empty for none
	Fields                []FieldError
	Refusals              []RefusalView
	BackHref              string
}

// FieldError is one field at fault with its sentence.
type FieldError struct{ Field, Sentence string }

// ErrorViewOf translates an error for the reader in ctx. The details of an Internal error stay in the log. The caller
// adds Refusals, Reference and BackHref.
func ErrorViewOf(ctx context.Context, err error) ErrorView {
	kind := errs.KindOf(err)
	base := "ui.error." + kind.String()
	v := ErrorView{
		Status: StatusOf(kind), Kind: kind.String(),
		Title: i18n.T(ctx, base+".title"), Sentence: i18n.T(ctx, base+".text"), Help: i18n.T(ctx, base+".help"),
	}
	e := errs.As(err)
	if e == nil || kind == errs.Internal {
		return v
	}
	v.Sentence = orElse(Sentence(ctx, e), v.Sentence)
	for _, f := range e.Fields {
		v.Fields = append(v.Fields, FieldError{f.Field, orElse(Sentence(ctx, f), i18n.T(ctx, "ui.field.invalid"))})
	}
	return v
}

// Sentence returns the words of one error for the reader, or "" where the catalogue has no such key.
func Sentence(ctx context.Context, e *errs.Error) string {
	if !i18n.Has(ctx, e.Key) {
		return ""
	}
	args := make([]any, 0, 2*len(e.Args))
	for name, value := range e.Args {
		args = append(args, name, value)
	}
	return i18n.T(ctx, e.Key, args...)
}

// FieldErrors returns the sentence for each field at fault, for the Error of a [FieldView]; nil where err names none.
func FieldErrors(ctx context.Context, err error) map[string]string {
	e := errs.As(err)
	if e == nil {
		return nil
	}
	out := map[string]string{}
	for _, f := range append([]*errs.Error{e}, e.Fields...) {
		if f.Field != "" {
			out[f.Field] = orElse(Sentence(ctx, f), i18n.T(ctx, "ui.field.invalid"))
		}
	}
	return out
}
