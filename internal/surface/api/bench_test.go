package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/replay"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/gb"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/api"

	"github.com/alexedwards/argon2id"
)

const (
	mobile   = "+8613800138000"
	idNumber = "11010519491231002X"
)

// bench is the small company behind the interface, with a token for each person.
type bench struct {
	*accesstest.Bench
	id      *identity.Service
	replay  *replay.Book
	deps    api.Deps
	handler http.Handler
	logs    *bytes.Buffer
	people  map[string]record.Actor
	tokens  map[string]string
}

func newBench(t *testing.T, d *db.DB) *bench {
	t.Helper()
	b := &bench{
		Bench:  accesstest.New(t, d, append(identity.Tables(), replay.Tables()...)...),
		people: map[string]record.Actor{}, tokens: map[string]string{}, logs: &bytes.Buffer{},
	}
	hash := argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	b.id = identity.New(b.Records.Runner, b.Guard, identity.Options{Hash: hash})
	b.replay = &replay.Book{DB: d, Clock: b.Clock}
	files, err := blobs.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	b.deps = api.Deps{
		Records: b.Records, Identity: b.id, Identify: api.BearerOrSession{Tokens: b.id}, Blobs: files, Replay: b.replay, Texts: texts(t),
		IDs: b.Store.IDs, Log: slog.New(slog.NewTextHandler(b.logs, nil)), Version: "1.0.0", Rate: 1000, Burst: 1000, MaxFile: 1 << 20,
	}
	b.handler = api.New(b.deps)
	for login, role := range map[string]string{"anna": "clerk", "ben": "clerk", "lea": "leader", "chief": "administrator", "guest": "guest"} {
		b.join(t, login, role)
	}
	return b
}

func (b *bench) join(t *testing.T, login, role string) {
	t.Helper()
	unit := b.North
	if role == "administrator" {
		unit = b.Company
	}
	b.people[login] = b.Hire(t, login, role, unit)
	b.tokens[login] = b.token(t, login, "*:*")
}

func (b *bench) token(t *testing.T, login string, scopes ...string) string {
	t.Helper()
	_, secret, err := b.id.CreateToken(context.Background(), b.people[login], identity.TokenSpec{Name: "test", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func sqlite(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	return newBench(t, dbtest.SQLite(t))
}

// texts are the real ones, with those of the bench's own types.
func texts(t testing.TB) *i18n.Catalog {
	t.Helper()
	own := fstest.MapFS{
		"zh.yaml": {Data: []byte("client: 客户\nclient._plural: 客户\nclient.name: 名称\nclient.mobile: 手机\nclient.action.close: 结案\nclient.action.close.outcome: 结果\nclient.broken: 坏了。请换一个。\n")},
		"en.yaml": {Data: []byte("client: Client\nclient._plural: Clients\nclient.name: Name\nclient.mobile: Mobile\nclient.action.close: Close\nclient.action.close.outcome: Outcome\nclient.broken: Broken. Choose another.\n")},
	}
	sources := []fs.FS{own, record.Messages(), org.Messages(), identity.Messages(), api.Messages(), blobs.Messages(), gb.Messages()}
	c, err := i18n.Load(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	json map[string]any
}

// send sends a request as a person; headers are pairs.
func (b *bench) send(t *testing.T, who, method, path, body string, headers ...string) answer {
	t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, path, r)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept-Language", "en")
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+b.tokens[who])
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return b.serve(t, req)
}

func (b *bench) serve(t *testing.T, req *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, req)
	a := answer{ResponseRecorder: w}
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.json); err != nil {
			t.Fatalf("%s %s: %v in %s", req.Method, req.URL, err, w.Body)
		}
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%s %s: Cache-Control %q", req.Method, req.URL, w.Header().Get("Cache-Control"))
	}
	return a
}

// must fails the test unless the status is as wanted.
func (a answer) must(t *testing.T, code int) answer {
	t.Helper()
	if a.Code != code {
		t.Fatalf("status %d, want %d: %s", a.Code, code, a.Body)
	}
	return a
}

// at returns the value at a path such as "fields.name" or "items.0.id" as text.
func (a answer) at(path string) string {
	var v any = a.json
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(x) {
				return "<none>"
			}
			v = x[i]
		default:
			return "<none>"
		}
	}
	if v == nil {
		return "<none>"
	}
	if f, ok := v.(float64); ok {
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprint(v)
}

// client adds a client of anna's in the north team.
func (b *bench) client(t *testing.T, name string) *accesstest.Client {
	t.Helper()
	return b.Add(t, &accesstest.Client{
		Name: name, Mobile: mobile, IDNumber: idNumber, Head: record.Head{UnitID: b.North, OwnerID: b.people["anna"].UserID},
	})
}

func addr(c *accesstest.Client, rest string) string {
	return "/api/v1/clients/" + c.ID.String() + rest
}
