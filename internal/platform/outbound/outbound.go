// Package outbound makes requests over HTTP to addresses that people of the house have typed in: webhooks, robots.
//
// Whoever may write such an address must not reach through this program what only this program can reach. So an address
// is judged after its name was resolved, at the moment of the connection and again after each redirect; private, local
// and other special networks are refused unless the configuration allows them. Proxies of the environment are passed by.
// The package knows nothing of what is sent.
package outbound

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"dianke/internal/platform/errs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the errors of this package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

// Policy says which addresses may be reached. The zero value allows the public internet alone.
type Policy struct {
	Allowed []netip.Prefix // special networks that may be reached all the same
}

// special are the networks that are not the public internet, by the registries of IANA for special purposes, with the
// ranges that carry an IPv4 address inside an IPv6 one.
func special() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
		"fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// Allows reports whether a connection to the address may be made.
func (p Policy) Allows(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	holds := func(n netip.Prefix) bool { return n.Contains(a) }
	return a.IsValid() && (!slices.ContainsFunc(special(), holds) || slices.ContainsFunc(p.Allowed, holds))
}

// Loopback reports whether this machine itself may be reached, as in a trial.
func (p Policy) Loopback() bool { return p.Allows(netip.AddrFrom4([4]byte{127, 0, 0, 1})) }

// Check refuses what cannot be an address to send to, before anything is sent: Invalid for the field "url"
// (outbound.address, outbound.private). A name is resolved only when a connection is made.
func (p Policy) Check(raw string) error {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return errs.Of("url", "outbound.address")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if a, err := netip.ParseAddr(host); err == nil && !p.Allows(a) {
		return errs.Of("url", "outbound.private")
	}
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if local && !p.Loopback() {
		return errs.Of("url", "outbound.private")
	}
	return nil
}

const (
	dialTimeout  = 5 * time.Second
	wholeTimeout = 15 * time.Second
	maxRedirects = 3
)

// Dialer makes connections of any protocol that keep to the policy, each within the time.
func (p Policy) Dialer(within time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: within, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !p.Allows(at.Addr()) {
			return errs.Of("url", "outbound.private")
		}
		return nil
	}}
}

// Client returns a client that keeps to the policy. A request takes 15 seconds at most; three redirects are followed,
// none from https to http. It may be shared.
func (p Policy) Client() *http.Client {
	dialer := p.Dialer(dialTimeout)
	return &http.Client{
		Timeout: wholeTimeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: wholeTimeout,
			MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects:
				return errors.New("too many redirects")
			case via[0].URL.Scheme == "https" && r.URL.Scheme != "https":
				return errors.New("redirect leaves https")
			}
			return p.Check(r.URL.String())
		},
	}
}

// Answer reads the body of a response, no more than limit bytes of it, and closes it.
func Answer(r *http.Response, limit int64) (body []byte, err error) {
	defer func() { err = errors.Join(err, r.Body.Close()) }()
	if body, err = io.ReadAll(io.LimitReader(r.Body, limit)); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return body, nil
}
