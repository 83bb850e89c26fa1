package web

import (
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"dianke/internal/platform/errs"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// measure counts requests by route, never by address.
type measure struct {
	duration *prometheus.HistogramVec
}

func newMeasure(reg *prometheus.Registry) (*measure, error) {
	m := &measure{duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "dianke_http_request_seconds", Help: "Time to answer a request.",
		Buckets: []float64{.001, .0025, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"method", "route", "status"})}
	return m, reg.Register(m.duration)
}

func (m *measure) observe(method, route string, status int, d time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		method = "other" // a method is the visitor's word and would make endless series
	}
	m.duration.WithLabelValues(method, route, strconv.Itoa(status)).Observe(d.Seconds())
}

// health mounts what machines ask for.
func (s *Server) health() {
	s.Open("GET /healthz", func(w http.ResponseWriter, _ *http.Request) error { return plain(w, http.StatusOK, "ok\n") })
	s.Open("GET /readyz", func(w http.ResponseWriter, r *http.Request) error {
		if err := s.deps.Ready(r.Context()); err != nil {
			s.deps.Log.ErrorContext(r.Context(), "not ready", "error", err)
			return plain(w, http.StatusServiceUnavailable, "not ready\n")
		}
		return plain(w, http.StatusOK, "ready\n")
	})
	serve := promhttp.HandlerFor(s.deps.Metrics, promhttp.HandlerOpts{})
	s.Open("GET /metrics", func(w http.ResponseWriter, r *http.Request) error {
		if !s.mayMeasure(r) {
			return errs.New(errs.NotFound, "web.no_page")
		}
		serve.ServeHTTP(w, r)
		return nil
	})
}

// mayMeasure lets in this machine, and whoever knows the token.
func (s *Server) mayMeasure(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if ok && s.deps.MetricsToken != "" {
		return subtle.ConstantTimeCompare([]byte(token), []byte(s.deps.MetricsToken)) == 1
	}
	a, err := netip.ParseAddr(visitOf(r.Context()).address)
	// a proxy on this machine that nobody declared looks like loopback and gives itself away by its header
	return err == nil && a.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

func plain(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the reader may have gone; there is nobody to tell
	return nil
}
