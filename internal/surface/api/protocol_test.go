package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/surface/api"
)

func TestBodiesThatCannotBeRead(t *testing.T) {
	b := sqlite(t)
	for name, tt := range map[string]struct {
		body, typ string
		code      int
		key       string
	}{
		"form":              {"name=x", "application/x-www-form-urlencoded", 415, "api.content_type"},
		"no type":           {`{"name": "x"}`, "", 415, "api.content_type"},
		"other charset":     {`{"name": "x"}`, "application/json; charset=gbk", 415, "api.content_type"},
		"patch type":        {`{"name": "x"}`, "application/merge-patch+json", 415, "api.content_type"},
		"empty":             {" ", "application/json", 400, "api.syntax"},
		"half":              {`{"name": "x"`, "application/json", 400, "api.syntax"},
		"list":              {`[{"name": "x"}]`, "application/json", 400, "api.want_object"},
		"text":              {`"x"`, "application/json", 400, "api.want_object"},
		"trailing":          {`{"name": "x"} {"name": "y"}`, "application/json", 400, "api.trailing"},
		"trailing brace":    {`{"name": "x"}}`, "application/json", 400, "api.trailing"},
		"twice":             {`{"name": "x", "notes": "", "name": "y"}`, "application/json", 400, "api.twice"},
		"twice by escape":   {`{"name": "x", "n\u0061me": "y"}`, "application/json", 400, "api.twice"},
		"twice below":       {`{"name": "x", "extra": {"a": 1, "a": 2}}`, "application/json", 400, "api.twice"},
		"not UTF-8":         {"{\"name\": \"a\xff\"}", "application/json", 400, "api.encoding"},
		"half a surrogate":  {`{"name": "\ud83d"}`, "application/json", 400, "api.encoding"},
		"comment":           {`{"name": "x" /* y */}`, "application/json", 400, "api.syntax"},
		"NaN":               {`{"staff": NaN}`, "application/json", 400, "api.syntax"},
		"too deep":          {`{"extra": ` + strings.Repeat(`{"a":`, 32) + "1" + strings.Repeat("}", 32) + "}", "application/json", 400, "api.too_deep"},
		"too deep in lists": {`{"extra": {"a": ` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}}", "application/json", 400, "api.too_deep"},
		"too large":         {`{"name": "` + strings.Repeat("x", 1<<20) + `"}`, "application/json", 413, "api.body_too_large"},
		"control character": {"{\"name\": \"a\\u0000\"}", "application/json", 422, "field.control_character"},
		"huge number":       {`{"name": "x", "staff": 1e400}`, "application/json", 422, "field.want_whole_number"},
	} {
		if a := b.send(t, "anna", "POST", "/api/v1/clients", tt.body, "Content-Type", tt.typ); a.Code != tt.code || a.at("key") != tt.key {
			t.Errorf("%s: %d %s, want %d %s", name, a.Code, a.at("key"), tt.code, tt.key)
		}
	}
	b.send(t, "anna", "POST", "/api/v1/clients", `{"name": "replacement � itself", "notes": "\ufffd"}`).must(t, 201)
	b.send(t, "anna", "POST", "/api/v1/clients", `{"name": "\ud83d\ude00"}`, "Content-Type", "application/json; charset=UTF-8").must(t, 201)
}

func TestWhoAsks(t *testing.T) {
	b := sqlite(t)
	b.tokens["reader"] = b.token(t, "anna", "client:read")
	b.tokens["broken"] = identity.Prefix + strings.Repeat("x", 43)
	for name, tt := range map[string]struct {
		who, header string
		code        int
		key         string
	}{
		"nobody":           {"", "", 401, "api.authorization"},
		"other scheme":     {"", "Basic YW5uYTp4", 401, "api.authorization"},
		"no secret":        {"", "Bearer", 401, "api.authorization"},
		"unknown token":    {"broken", "", 401, "identity.token.refused"},
		"reads":            {"reader", "", 200, "<none>"},
		"scheme in a case": {"", "bearer " + b.tokens["anna"], 200, "<none>"},
	} {
		var headers []string
		if tt.header != "" {
			headers = []string{"Authorization", tt.header}
		}
		a := b.send(t, tt.who, "GET", "/api/v1/clients", "", headers...)
		if a.Code != tt.code || a.at("key") != tt.key {
			t.Errorf("%s: %d %s, want %d %s", name, a.Code, a.at("key"), tt.code, tt.key)
		}
		if tt.code == 401 && a.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	b.send(t, "reader", "POST", "/api/v1/clients", `{"name": "x"}`).must(t, 403)
	if me := b.send(t, "reader", "GET", "/api/v1/me", "").must(t, 200); me.at("name") != "anna" || me.at("scopes") != "[client:read]" || me.at("roles") != "[clerk]" {
		t.Errorf("me %s", me.Body)
	}
}

func TestSessionServesToo(t *testing.T) {
	b := sqlite(t)
	s := identity.NewSessions(b.id, false)
	b.deps.Identify = api.BearerOrSession{Tokens: b.id, Sessions: s}
	inner := api.New(b.deps)
	mux := http.NewServeMux()
	must := false
	mux.HandleFunc("/in", func(_ http.ResponseWriter, r *http.Request) {
		if err := s.Open(r.Context(), identity.SignedIn{User: b.people["anna"].UserID, MustChange: must}, identity.Client{}); err != nil {
			t.Error(err)
		}
	})
	mux.Handle("/api/", inner)
	b.handler = s.LoadAndSave(mux)
	get := func(who string) answer {
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, httptest.NewRequest("GET", "/in", nil))
		return b.send(t, who, "GET", "/api/v1/me", "", "Cookie", w.Header().Get("Set-Cookie"))
	}
	if a := get("").must(t, 200); a.at("name") != "anna" || a.at("scopes") != "<none>" {
		t.Errorf("me %s", a.Body)
	}
	b.tokens["broken"] = "dk_broken"
	get("broken").must(t, 401)
	must = true
	if a := get("").must(t, 403); a.at("key") != "api.must_change" {
		t.Errorf("before the password was changed: %s", a.Body)
	}
}

func TestTokensOfOneself(t *testing.T) {
	b := sqlite(t)
	a := b.send(t, "anna", "POST", "/api/v1/me/tokens", `{"name": "x", "scopes": ["client:read"]}`).must(t, 403)
	if a.at("key") != "identity.by_token" {
		t.Errorf("problem %s", a.Body)
	}
	b.deps.Identify = person(b.people["anna"])
	b.handler = api.New(b.deps)
	a = b.send(t, "", "POST", "/api/v1/me/tokens", `{"name": "sync", "scopes": ["client:read"], "expires": "2026-04-01T00:00:00+08:00"}`).must(t, 201)
	if !strings.HasPrefix(a.at("token"), "dk_") || a.at("expires_at") != "2026-03-31T16:00:00Z" {
		t.Errorf("made %s", a.Body)
	}
	for body, want := range map[string]string{
		`{"name": "x", "scopes": ["client:fly"]}`:                      "identity.token.scope",
		`{"name": "x", "scopes": ["client:read"], "expires": "later"}`: "api.want_instant",
		`{"name": "x", "scopes": "client:read"}`:                       "field.want_list",
		`{"name": "x", "scopes": ["client:read"], "admin": true}`:      "field.unknown",
	} {
		if a := b.send(t, "", "POST", "/api/v1/me/tokens", body).must(t, 422); a.at("key") != want {
			t.Errorf("%s: %s, want %s", body, a.at("key"), want)
		}
	}
	list := b.send(t, "", "GET", "/api/v1/me/tokens", "").must(t, 200)
	if list.at("items.0.name") != "sync" || strings.Contains(list.Body.String(), a.at("token")) {
		t.Errorf("list %s", list.Body)
	}
	b.send(t, "", "DELETE", "/api/v1/me/tokens/"+a.at("id"), "").must(t, 204)
	b.send(t, "", "DELETE", "/api/v1/me/tokens/"+a.at("id"), "").must(t, 404)
	b.send(t, "", "GET", "/api/v1/me/sessions", "").must(t, 200)
	b.send(t, "", "DELETE", "/api/v1/me/sessions/0000000000001", "").must(t, 404)
}

// person is an identifier that always sees the same person.
type person record.Actor

func (p person) Identify(*http.Request) (record.Actor, error) { return record.Actor(p), nil }

func TestSameKeyIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		post := func(who, key, body string) answer {
			return b.send(t, who, "POST", "/api/v1/clients", body, "Idempotency-Key", key)
		}
		first := post("anna", "k-1", `{"name": "one"}`).must(t, 201)
		again := post("anna", "k-1", `{"name": "one"}`).must(t, 201)
		if again.Body.String() != first.Body.String() || again.Header().Get("Location") != first.Header().Get("Location") || again.Header().Get("Idempotency-Replayed") != "true" {
			t.Errorf("again: %v %s", again.Header(), again.Body)
		}
		if a := post("anna", "k-1", `{"name": "two"}`).must(t, 422); a.at("key") != "replay.other_request" {
			t.Errorf("other body: %s", a.Body)
		}
		post("ben", "k-1", `{"name": "two"}`).must(t, 201)
		post("anna", "k-2", `{}`).must(t, 422)
		post("anna", "k-2", `{"name": "three"}`).must(t, 201)
		for _, key := range []string{"with blank", "ä", strings.Repeat("k", 256)} {
			if a := post("anna", key, `{"name": "x"}`).must(t, 400); a.at("key") != "api.idempotency_key" {
				t.Errorf("%q: %s", key, a.Body)
			}
		}
		if a := b.send(t, "chief", "GET", "/api/v1/clients?count=true", "").must(t, 200); a.at("total") != "3" {
			t.Errorf("clients %s", a.names())
		}
		b.Clock.Advance(24 * time.Hour)
		post("anna", "k-1", `{"name": "four"}`).must(t, 201)
		var wg sync.WaitGroup
		codes := make(chan int, 6)
		for range 6 {
			wg.Go(func() { codes <- post("anna", "k-9", `{"name": "many"}`).Code })
		}
		wg.Wait()
		close(codes)
		for code := range codes {
			if code != 201 && code != 409 {
				t.Errorf("at once: %d", code)
			}
		}
		if a := b.send(t, "chief", "GET", "/api/v1/clients?count=true&f=name:eq:many", "").must(t, 200); a.at("total") != "1" {
			t.Errorf("%s carried out", a.at("total"))
		}
	})
}

func TestRateIsLimited(t *testing.T) {
	b := sqlite(t)
	b.deps.Rate, b.deps.Burst = 2, 3
	b.handler = api.New(b.deps)
	for range 3 {
		b.send(t, "anna", "GET", "/api/v1/me", "").must(t, 200)
	}
	if a := b.send(t, "anna", "GET", "/api/v1/me", "").must(t, 429); a.Header().Get("Retry-After") != "1" || a.at("detail") != "Too many requests. Try again in 1 second." {
		t.Errorf("problem %v %s", a.Header(), a.Body)
	}
	b.send(t, "ben", "GET", "/api/v1/me", "").must(t, 200)
	b.Clock.Advance(500 * time.Millisecond)
	b.send(t, "anna", "GET", "/api/v1/me", "").must(t, 200)
	b.send(t, "anna", "GET", "/api/v1/me", "").must(t, 429)
	for range 3 {
		b.send(t, "", "GET", "/api/v1/me", "").must(t, 401)
	}
	b.send(t, "", "GET", "/api/v1/me", "").must(t, 429)
}

func TestFiles(t *testing.T) {
	b := sqlite(t)
	c := b.client(t, "茅台")
	up := func(who, field, name, content string) answer {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile(field, name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(part, content)
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		return b.send(t, who, "POST", addr(c, "/files"), body.String(), "Content-Type", form.FormDataContentType())
	}
	a := up("anna", "file", `C:\Users\anna\合同 "final".html`, "<script>alert(1)</script>").must(t, 201)
	if a.at("name") != `合同 "final".html` || a.at("size") != "25" || !strings.HasPrefix(a.at("content_type"), "text/html") {
		t.Errorf("uploaded %s", a.Body)
	}
	got := b.send(t, "ben", "GET", a.Header().Get("Location"), "").must(t, 200)
	h := got.Header()
	if got.Body.String() != "<script>alert(1)</script>" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("download %v %s", h, got.Body)
	}
	if l := b.send(t, "ben", "GET", addr(c, "/files"), "").must(t, 200); l.at("items.0.id") != a.at("id") {
		t.Errorf("list %s", l.Body)
	}
	other := b.client(t, "other")
	b.send(t, "anna", "GET", addr(other, "/files/"+a.at("id")), "").must(t, 404)
	b.send(t, "anna", "GET", addr(c, "/files/nonsense"), "").must(t, 404)
	for name, tt := range map[string]struct {
		got  answer
		code int
	}{
		"no permission": {up("ben", "file", "a.txt", "x"), 403},
		"other field":   {up("anna", "data", "a.txt", "x"), 422},
		"no name":       {up("anna", "file", "", "x"), 422},
		"too large":     {up("anna", "file", "a.bin", strings.Repeat("x", 1<<20+1)), 413},
		"far too large": {up("anna", "file", "a.bin", strings.Repeat("x", 3<<20)), 413},
		"no form":       {b.send(t, "anna", "POST", addr(c, "/files"), "x", "Content-Type", "text/plain"), 415},
		"broken form":   {b.send(t, "anna", "POST", addr(c, "/files"), "--x\r\nContent-Disp", "Content-Type", "multipart/form-data; boundary=x"), 400},
		"empty form":    {b.send(t, "anna", "POST", addr(c, "/files"), "--x--\r\n", "Content-Type", "multipart/form-data; boundary=x"), 422},
	} {
		if tt.got.Code != tt.code {
			t.Errorf("%s: %d, want %d: %s", name, tt.got.Code, tt.code, tt.got.Body)
		}
	}
}

// clause refuses an action as the regulation engine does.
type clause struct{ cause *errs.Error }

func (c clause) Error() string { return c.cause.Error() }
func (c clause) Unwrap() error { return c.cause }
func (clause) Refusal() map[string]any {
	return map[string]any{"clause": "r22.4.1", "regulation": "客户部管理规定", "article": "第十二条", "link": "/regulations/x", "status": 200}
}

// gate refuses, breaks or panics by the notes of the record.
type gate struct{}

func (gate) Before(_ context.Context, c *record.Call) error {
	rec, _ := c.Record.(*accesstest.Client)
	switch {
	case rec == nil:
	case rec.Notes == "refuse":
		return fmt.Errorf("guard: %w", clause{errs.New(errs.Refused, "client.broken")})
	case rec.Notes == "break":
		return errors.New("disk of " + mobile + " on fire")
	case rec.Notes == "panic":
		panic("secret " + mobile)
	case rec.Notes == "away":
		return errs.New(errs.Unavailable, "error.unavailable")
	}
	return nil
}

func (gate) After(context.Context, *record.Call) error { return nil }

func TestRefusalsAndFaults(t *testing.T) {
	b := sqlite(t)
	b.Records.Runner.Gates = append(b.Records.Runner.Gates, gate{})
	post := func(notes string) answer {
		return b.send(t, "anna", "POST", "/api/v1/clients", `{"name": "x", "notes": "`+notes+`"}`, "Idempotency-Key", notes)
	}
	a := post("refuse").must(t, 409)
	for name, want := range map[string]string{
		"type": "urn:dianke:problem:refused", "clause": "r22.4.1", "regulation": "客户部管理规定", "article": "第十二条", "link": "/regulations/x", "status": "409",
	} {
		if a.at(name) != want {
			t.Errorf("%s = %s, want %s", name, a.at(name), want)
		}
	}
	for _, notes := range []string{"break", "panic"} {
		a := post(notes).must(t, 500)
		if strings.Contains(a.Body.String(), "138001") || strings.Contains(a.Body.String(), "fire") || a.at("key") != "error.internal" {
			t.Errorf("%s: %s", notes, a.Body)
		}
		if id := a.Header().Get("X-Request-Id"); !strings.Contains(b.logs.String(), id) || !strings.Contains(a.at("instance"), id) {
			t.Errorf("%s: request %s is not in the log", notes, id)
		}
		post(notes).must(t, 500) // the key was freed, not kept
	}
	if a := post("away").must(t, 503); a.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

// TestOtherSites: what a browser sends from elsewhere is refused in words, and nothing may frame or store an answer.
func TestOtherSites(t *testing.T) {
	b := sqlite(t)
	b.deps.Secure = true
	b.handler = api.New(b.deps)
	for _, header := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
		a := b.send(t, "anna", "POST", "/api/v1/clients", `{"name": "x"}`, header...).must(t, 403)
		if a.at("key") != "api.cross_origin" || a.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%v: %s", header, a.Body)
		}
	}
	a := b.send(t, "anna", "GET", "/api/v1/clients", "", "Sec-Fetch-Site", "cross-site").must(t, 200)
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox", "Referrer-Policy": "no-referrer",
		"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=31536000",
	} {
		if got := a.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
