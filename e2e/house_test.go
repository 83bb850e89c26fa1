package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"
	"dianke/internal/world"
)

// now is the day all journeys happen on: Friday 2025-09-26 10:00 in Shanghai, two days before a make-up Sunday.
var now = time.Date(2025, 9, 26, 2, 0, 0, 0, time.UTC)

// house is the application with a few weeks of the sample company, listening on a port of its own.
type house struct {
	app   *app.App
	clock *clock.Fake
	url   string
}

// setup says what is different about a house: further packs, settings, where it logs, what goes around its server.
type setup struct {
	packs, env []string
	log        slog.Handler
	around     func(http.Handler) http.Handler
}

func open(t *testing.T, packs ...string) *house {
	t.Helper()
	return openAs(t, setup{packs: packs})
}

func openAs(t *testing.T, s setup) *house {
	t.Helper()
	if testing.Short() {
		t.Skip("journeys through the whole house are left out of short runs")
	}
	ctx := context.Background()
	fake := clock.NewFake(now)
	cfg, err := config.Load(append([]string{"DIANKE_DATA_DIR=" + t.TempDir()}, s.env...))
	if err != nil {
		t.Fatal(err)
	}
	if s.log == nil {
		s.log = slog.DiscardHandler
	}
	a, err := app.Open(ctx, cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(s.log)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	b := &world.Builder{
		Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Clock: fake, Now: now, Days: 20, Packs: s.packs,
	}
	if _, err := b.Build(ctx); err != nil {
		t.Fatal(err)
	}
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	if s.around != nil {
		h = s.around(h)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &house{app: a, clock: fake, url: srv.URL}
}

// person is somebody with a session.
type person struct {
	t      *testing.T
	house  *house
	client *http.Client
}

func (h *house) signIn(t *testing.T, login string) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, house: h, client: &http.Client{Jar: jar}}
	status, body := p.post("/signin", url.Values{"login": {login}, "password": {world.Password}})
	if status != http.StatusOK || strings.Contains(body, `name="password"`) {
		t.Fatalf("sign in as %s: %d", login, status)
	}
	return p
}

func (p *person) post(path string, form url.Values) (int, string) {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.house.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", p.house.url)
	return p.send(req)
}

func (p *person) get(path string) (int, string) {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.house.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.send(req)
}

func (p *person) send(req *http.Request) (int, string) {
	p.t.Helper()
	res, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// api calls the interface and returns status and the answer as a map.
func (p *person) api(method, path string, in any, header ...string) (int, map[string]any) {
	p.t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			p.t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, p.house.url+"/api/v1"+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	req.Header.Set("Origin", p.house.url)
	status, text := p.send(req)
	out := map[string]any{}
	if text != "" && json.Unmarshal([]byte(text), &out) != nil {
		p.t.Fatalf("%s %s: %d %.300s", method, path, status, text)
	}
	return status, out
}

// create makes a record over the interface and returns its id.
func (p *person) create(plural string, in map[string]any) string {
	p.t.Helper()
	status, out := p.api(http.MethodPost, "/"+plural, in)
	id, _ := out["id"].(string)
	if status != http.StatusCreated || id == "" {
		p.t.Fatalf("create %s: %d %v", plural, status, out)
	}
	return id
}
