package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

// visit is what is known of one request. The pointer travels in the context, so that what an inner handler learns can
// be logged by the outermost.
type visit struct {
	reference string
	address   string
	started   time.Time
	pattern   string
	actor     access.Actor
	must      bool   // the password has to be changed before anything else
	enrol     bool   // a second factor has to be set up before anything else
	language  string // of the person
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// Actor returns who is signed in; the zero actor where nobody is.
func Actor(ctx context.Context) access.Actor { return visitOf(ctx).actor }

// Reference returns the id of the request, by which support finds it in the log.
func Reference(ctx context.Context) string { return visitOf(ctx).reference }

// ClientOf returns where the request came from, looking through trusted proxies.
func ClientOf(r *http.Request) identity.Client {
	c := identity.Client{Address: visitOf(r.Context()).address, Agent: r.UserAgent(), Via: "web"}
	if k, err := r.Cookie(deviceCookie); err == nil {
		c.Device = k.Value
	}
	return c
}

// AddressOf returns the address of the visitor: that of the connection, or, where that is a trusted proxy, the last one
// in X-Forwarded-For that is none.
func AddressOf(r *http.Request, proxies []netip.Prefix) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	trusted := func(s string) bool {
		a, err := netip.ParseAddr(strings.TrimSpace(s))
		return err == nil && slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
	}
	list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(list) - 1; i >= 0 && trusted(host); i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(list[i]))
		if err != nil {
			break
		}
		host = a.String()
	}
	return host
}

// identify asks the session who the reader is. Only failures of the instance are errors; nobody is no failure.
func (s *Server) identify(r *http.Request, v *visit) error {
	actor, err := s.sessions.Actor(r.Context(), ClientOf(r))
	if errs.Is(err, errs.Unauthenticated) {
		return nil
	}
	if err != nil {
		return err
	}
	v.actor, v.language = actor, s.sessions.GetString(r.Context(), keyLanguage)
	switch err := s.sessions.Held(r.Context(), actor); errs.KeyOf(err) {
	case "":
		return err
	case "identity.held.password":
		v.must = true
	case "identity.held.factor":
		v.enrol = true
	default:
		return err
	}
	return nil
}

const keyLanguage = "language" // in the session: the person's own, read at sign-in

const languageCookie = "dianke_lang"

// languageOf is the language chosen on this machine, then the person's own, then what the browser asks for.
func languageOf(r *http.Request) i18n.Lang {
	known := func(s string) (i18n.Lang, bool) {
		l := i18n.Lang(s)
		return l, slices.Contains(i18n.Langs(), l)
	}
	if c, err := r.Cookie(languageCookie); err == nil {
		if l, ok := known(c.Value); ok {
			return l
		}
	}
	if l, ok := known(visitOf(r.Context()).language); ok {
		return l
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if l, ok := known(base); ok {
			return l
		}
	}
	return i18n.ZH
}

// Local returns the address if it is a path of this server, or the fallback. It keeps sign-in from sending people
// elsewhere.
func Local(path, fallback string) string {
	if len(path) > 2000 || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return fallback
	}
	return path
}
