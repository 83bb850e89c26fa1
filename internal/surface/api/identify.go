package api

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"strings"

	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// TokenReader reads API tokens; [identity.Service] is one.
type TokenReader interface {
	TokenActor(ctx context.Context, secret string, from identity.Client) (record.Actor, error)
}

// SessionReader reads the session that a middleware put into the context; [identity.Sessions] is one.
type SessionReader interface {
	Actor(ctx context.Context, from identity.Client) (record.Actor, error)
	Held(ctx context.Context, a record.Actor) error
}

// BearerOrSession recognises a person by the header Authorization: Bearer dk_…, or else by the session of the browser.
// A request with the header never falls back to the session. With Sessions the handler has to stand behind their
// LoadAndSave; Sessions nil means tokens alone.
type BearerOrSession struct {
	Tokens   TokenReader
	Sessions SessionReader
	Address  func(*http.Request) string // network address of the caller; nil means that of the connection
	Via      string                     // how the audit log names the way; empty means "api"
}

// Identify implements [Identifier].
func (b BearerOrSession) Identify(r *http.Request) (record.Actor, error) {
	from := identity.Client{Address: addressOf(r), Agent: r.UserAgent(), Via: cmp.Or(b.Via, "api")}
	if b.Address != nil {
		from.Address = b.Address(r)
	}
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, secret, ok := strings.Cut(header, " ")
		if !ok || !strings.EqualFold(scheme, "Bearer") {
			return record.Actor{}, errs.New(errs.Unauthenticated, "api.authorization")
		}
		return b.Tokens.TokenActor(r.Context(), strings.TrimSpace(secret), from)
	}
	if b.Sessions == nil {
		return record.Actor{}, errs.New(errs.Unauthenticated, "api.authorization")
	}
	a, err := b.Sessions.Actor(r.Context(), from)
	if err == nil {
		err = b.Sessions.Held(r.Context(), a)
	}
	if errs.KeyOf(err) == "identity.held.password" {
		err = errs.New(errs.Forbidden, "api.must_change")
	}
	if err != nil {
		return record.Actor{}, err
	}
	return a, nil
}

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
