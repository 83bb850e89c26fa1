package outbound_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/outbound"
)

func loopback() outbound.Policy {
	return outbound.Policy{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

func TestSpecialNetworksAreRefused(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1:248:1893:25c8:1946": true, "114.114.114.114": true, "100.128.0.1": true,
		"127.0.0.1": false, "127.8.8.8": false, "10.1.2.3": false, "172.31.255.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.100.100.200": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "::1": false, "::": false,
		"fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false,
		"64:ff9b::a00:1": false, "2002:7f00:1::": false, "::127.0.0.1": false,
	} {
		a := netip.MustParseAddr(addr)
		if got := (outbound.Policy{}).Allows(a); got != want {
			t.Errorf("%s: %t", addr, got)
		}
	}
	if !loopback().Allows(netip.MustParseAddr("::ffff:127.0.0.1")) || loopback().Allows(netip.MustParseAddr("10.0.0.1")) {
		t.Error("what is allowed is more or less than the network named")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://example.com/hook": "", "http://example.com:8080/": "", " https://example.com ": "",
		"": "outbound.address", "example.com": "outbound.address", "ftp://example.com": "outbound.address", "https://": "outbound.address",
		"https://u:p@example.com": "outbound.address", "file:///etc/passwd": "outbound.address", "https://exa mple.com": "outbound.address",
		"http://127.0.0.1/": "outbound.private", "http://[::1]/": "outbound.private", "http://localhost./": "outbound.private",
		"http://a.LOCALHOST/": "outbound.private", "http://169.254.169.254/latest": "outbound.private",
	} {
		if got := errs.KeyOf((outbound.Policy{}).Check(raw)); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func TestNoConnectionIsMadeToWhatIsRefused(t *testing.T) {
	t.Parallel()
	called := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	t.Cleanup(srv.Close)
	// A name is harmless to look at; where it leads is known only at the connection.
	for _, host := range []string{"127.0.0.1", "localhost", "2130706433", "0x7f.1"} {
		_, err := (outbound.Policy{}).Client().Get(strings.Replace(srv.URL, "127.0.0.1", host, 1))
		if err == nil {
			t.Errorf("%s was reached", host)
		}
	}
	if called {
		t.Error("the server was called")
	}
}

func TestRedirectsAreJudgedToo(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("secret")) }))
	t.Cleanup(inner.Close)
	for name, target := range map[string]string{"private": "http://10.255.255.1/", "same machine by another network": strings.Replace(inner.URL, "127.0.0.1", "[::1]", 1), "scheme": "gopher://example.com/"} {
		front := httptest.NewServer(http.RedirectHandler(target, http.StatusFound))
		t.Cleanup(front.Close)
		if _, err := loopback().Client().Get(front.URL); errs.KeyOf(err) == "" {
			t.Errorf("%s: followed, %v", name, err)
		}
	}
	front := httptest.NewServer(http.RedirectHandler(inner.URL, http.StatusFound))
	t.Cleanup(front.Close)
	resp, err := loopback().Client().Get(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	body, err := outbound.Answer(resp, 3)
	if err != nil || string(body) != "sec" {
		t.Errorf("answer %q, %v", body, err)
	}
}

func TestRedirectsDoNotGoRound(t *testing.T) {
	t.Parallel()
	turns := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turns++
		http.Redirect(w, r, "/again", http.StatusFound)
	}))
	t.Cleanup(srv.Close)
	if _, err := loopback().Client().Get(srv.URL); err == nil || turns > 5 {
		t.Errorf("%d turns, %v", turns, err)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(outbound.Messages()); err != nil {
		t.Error(err)
	}
}
