package mcp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/replay"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/gb"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/api"
	"dianke/internal/surface/mcp"

	"github.com/alexedwards/argon2id"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

var ctx = context.Background()

type bench struct {
	*accesstest.Bench
	id     *identity.Service
	web    *httptest.Server
	people map[string]record.Actor
}

// clauseGate refuses to close clients, as a clause would.
type clauseGate struct{}

func (clauseGate) Before(_ context.Context, c *record.Call) error {
	if c.Action.Name == "close" {
		return refusal{errs.New(errs.Refused, "client.refused")}
	}
	return nil
}

func (clauseGate) After(context.Context, *record.Call) error { return nil }

type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func (refusal) Refusal() map[string]any {
	return map[string]any{
		"clause": "r02.4.1", "article": "第四条", "regulation": map[string]string{"key": "r02", "zh": "客户投诉办法", "en": "Complaints"}, "link": "/read/r02/r02.4.1",
	}
}

func open(t *testing.T, rate float64) *bench {
	t.Helper()
	t.Parallel()
	d := dbtest.SQLite(t)
	b := &bench{Bench: accesstest.New(t, d, append(identity.Tables(), replay.Tables()...)...), people: map[string]record.Actor{}}
	b.Records.Runner.Gates = append(b.Records.Runner.Gates, clauseGate{})
	hash := argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	b.id = identity.New(b.Records.Runner, b.Guard, identity.Options{Hash: hash})
	files, err := blobs.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	texts := texts(t)
	who := api.BearerOrSession{Tokens: b.id}
	log := slog.New(slog.DiscardHandler)
	inner := api.New(api.Deps{
		Records: b.Records, Identity: b.id, Identify: who, Blobs: files, Replay: &replay.Book{DB: d, Clock: b.Clock}, Texts: texts, IDs: b.Store.IDs,
		Log: log, Version: "1", Rate: rate, Burst: int(rate),
	})
	b.web = httptest.NewServer(mcp.New(mcp.Deps{API: inner, Who: who.Identify, Records: b.Records, Texts: texts, Log: log, Version: "1"}))
	t.Cleanup(b.web.Close)
	for login, role := range map[string]string{"anna": "clerk", "chief": "administrator", "guest": "guest"} {
		unit := b.North
		if role == "administrator" {
			unit = b.Company
		}
		b.people[login] = b.Hire(t, login, role, unit)
	}
	return b
}

func texts(t *testing.T) *i18n.Catalog {
	t.Helper()
	own := fstest.MapFS{
		"zh.yaml": {Data: []byte("client: 客户\nclient._plural: 客户\nclient.name: 名称\nclient.action.close: 结案\nclient.action.close.outcome: 结果\nclient.refused: 投诉未答复，不能结案\n")},
		"en.yaml": {Data: []byte("client: Client\nclient._plural: Clients\nclient.name: Name\nclient.action.close: Close\nclient.action.close.outcome: Outcome\nclient.refused: Not answered yet\n")},
	}
	c, err := i18n.Load([]fs.FS{own, record.Messages(), org.Messages(), identity.Messages(), api.Messages(), blobs.Messages(), gb.Messages(), mcp.Messages()}...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bench) token(t *testing.T, login string, scopes ...string) string {
	t.Helper()
	_, secret, err := b.id.CreateToken(ctx, b.people[login], identity.TokenSpec{Name: "desk", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// bearer adds a token to requests.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// connect opens the SDK's own client with a token.
func (b *bench) connect(t *testing.T, token string) *sdk.ClientSession {
	t.Helper()
	c := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	s, err := c.Connect(ctx, &sdk.StreamableClientTransport{Endpoint: b.web.URL, HTTPClient: &http.Client{Transport: bearer(token)}, DisableStandaloneSSE: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func names(t *testing.T, s *sdk.ClientSession) []string {
	t.Helper()
	var out []string
	for tool, err := range s.Tools(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, tool.Name)
	}
	return out
}

// call returns text and structure of an answer.
func call(t *testing.T, s *sdk.ClientSession, name string, args map[string]any) (text string, value map[string]any, failed bool) {
	t.Helper()
	r, err := s.CallTool(ctx, &sdk.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		t.Fatal(err)
	}
	value, _ = r.StructuredContent.(map[string]any)
	return r.Content[0].(*sdk.TextContent).Text, value, r.IsError
}

func TestToolsAreThoseTheCallerMayUse(t *testing.T) {
	b := open(t, 1000)
	chief := names(t, b.connect(t, b.token(t, "chief", "*:*")))
	for _, want := range []string{"search", "client-list", "client-read", "client-history", "client-create", "client-update", "client-close", "client-assign", "client-reveal", "client-comment", "memo-list", "user-list"} {
		if !slices.Contains(chief, want) {
			t.Errorf("the administrator misses %s", want)
		}
	}
	clerk := names(t, b.connect(t, b.token(t, "anna", "*:*")))
	if !slices.Contains(clerk, "client-close") || slices.Contains(clerk, "client-assign") || slices.Contains(clerk, "client-reveal") {
		t.Errorf("the clerk has %v", clerk)
	}
	if got := names(t, b.connect(t, b.token(t, "chief", "client:read"))); !slices.Equal(got, []string{"client-history", "client-list", "client-read", "search"}) {
		t.Errorf("a token for reading has %v", got)
	}
	for tool, err := range b.connect(t, b.token(t, "anna", "*:*")).Tools(ctx, nil) {
		if err != nil || tool.Name != "client-close" {
			continue
		}
		raw, _ := json.Marshal(tool.InputSchema)
		if !strings.Contains(string(raw), `"outcome"`) || !strings.Contains(string(raw), `"maxLength":40`) || !strings.Contains(tool.Title, "结案") {
			t.Errorf("%s %s", tool.Title, raw)
		}
	}
}

func TestRecordsAreMaskedWrittenAndAudited(t *testing.T) {
	b := open(t, 1000)
	s := b.connect(t, b.token(t, "anna", "*:*"))
	text, made, failed := call(t, s, "client-create", map[string]any{"fields": map[string]any{"name": "四海公司", "mobile": "13800138000", "id_number": "11010519491231002X"}})
	if failed || strings.Contains(text, "11010519491231002X") || !strings.Contains(text, "13800138000") {
		t.Fatalf("created %s", text)
	}
	id := made["id"].(string)
	chief := b.connect(t, b.token(t, "chief", "*:*"))
	other := b.Add(t, &accesstest.Client{Name: "别家", Mobile: "13900139000", Head: record.Head{UnitID: b.Service}})
	if text, _, failed := call(t, s, "client-read", map[string]any{"id": other.ID.String()}); !failed || !strings.Contains(text, "没有") {
		t.Errorf("a record of others: %s", text)
	}
	shared := b.Add(t, &accesstest.Client{Name: "同组", Mobile: "13900139000", Head: record.Head{UnitID: b.North}})
	if text, v, failed := call(t, s, "client-read", map[string]any{"id": shared.ID.String()}); failed || strings.Contains(text, "13900139000") || v["masked"].(map[string]any)["mobile"] == "" {
		t.Errorf("masked: %s", text)
	}
	if _, v, _ := call(t, chief, "client-list", map[string]any{"filter": map[string]any{"field": "name", "op": "eq", "value": "四海公司"}, "count": true}); v["total"] != 1.0 {
		t.Errorf("list %v", v)
	}
	if text, v, failed := call(t, s, "client-update", map[string]any{"id": id, "lock_version": 1, "fields": map[string]any{"notes": "常客"}}); failed || v["lock_version"] != 2.0 {
		t.Errorf("update %s", text)
	}
	if text, _, failed := call(t, s, "client-update", map[string]any{"id": id, "lock_version": 1, "fields": map[string]any{"notes": "又一次"}}); !failed {
		t.Errorf("a stale update was taken: %s", text)
	}
	if got := b.Audited(t, "client.read"); len(got) == 0 || got[0].Address == "" {
		t.Errorf("audited %+v", got)
	}
}

func TestErrorsAreSaidInTheLanguageOfTheOwner(t *testing.T) {
	b := open(t, 1000)
	s := b.connect(t, b.token(t, "anna", "*:*"))
	c := b.Add(t, &accesstest.Client{Name: "甲", Head: record.Head{UnitID: b.North, OwnerID: b.people["anna"].UserID}})
	text, v, failed := call(t, s, "client-close", map[string]any{"id": c.ID.String(), "input": map[string]any{"outcome": "了结"}})
	for _, want := range []string{"投诉未答复", "客户投诉办法", "第四条", "dianke://regulations/r02/clauses/r02.4.1"} {
		if !failed || !strings.Contains(text, want) || v["clause"] != "r02.4.1" {
			t.Errorf("refused by a clause: %s", text)
		}
	}
	for name, tt := range map[string]struct {
		tool string
		args map[string]any
		want string
	}{
		"denied":           {"client-assign", map[string]any{"id": c.ID.String()}, "权限"},
		"missing argument": {"client-read", nil, "缺少参数“id”"},
		"unknown argument": {"client-read", map[string]any{"id": c.ID.String(), "colour": 1}, "没有名为“colour”的参数"},
		"required field":   {"client-create", map[string]any{"fields": map[string]any{}}, "name:"},
		"no id":            {"client-read", map[string]any{"id": "../../me"}, "没有"},
		"bad limit":        {"client-list", map[string]any{"limit": -1}, "limit"},
		"bad fields":       {"client-create", map[string]any{"fields": "x"}, "JSON"},
	} {
		if text, _, failed := call(t, s, tt.tool, tt.args); !failed || !strings.Contains(text, tt.want) {
			t.Errorf("%s: %t %s", name, failed, text)
		}
	}
	b.As(t, func(ctx context.Context, call *record.Call) error {
		u, err := record.Load[org.User](ctx, call, "user", b.people["chief"].UserID)
		if err != nil {
			return err
		}
		u.Language = "en"
		return call.Work.Save(ctx, call, "user", "update", u)
	})
	if text, _, _ := call(t, b.connect(t, b.token(t, "chief", "*:*")), "client-read", nil); !strings.Contains(text, "is missing") {
		t.Errorf("in English: %s", text)
	}
}

func TestListsArePaged(t *testing.T) {
	b := open(t, 1000)
	for range 45 {
		b.Add(t, &accesstest.Client{Name: "甲", Head: record.Head{UnitID: b.North}})
	}
	s := b.connect(t, b.token(t, "chief", "*:*"))
	seen, cursor := 0, ""
	for range 5 {
		args := map[string]any{}
		if cursor != "" {
			args["cursor"] = cursor
		}
		_, v, _ := call(t, s, "client-list", args)
		seen += len(v["items"].([]any))
		if cursor, _ = v["next"].(string); cursor == "" {
			break
		}
	}
	if seen != 45 {
		t.Errorf("%d of 45 in pages", seen)
	}
}

func TestWhoIsRefused(t *testing.T) {
	b := open(t, 30)
	post := func(token string) *http.Response {
		r, _ := http.NewRequest(http.MethodPost, b.web.URL, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"ping"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp
	}
	for _, bad := range []string{"", "dk_none"} {
		if r := post(bad); r.StatusCode != 401 || r.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%q: %d", bad, r.StatusCode)
		}
	}
	token, last := b.token(t, "anna", "*:*"), 0
	for range 40 {
		last = post(token).StatusCode
	}
	if last != 429 {
		t.Errorf("40 requests at once: %d", last)
	}
}

func TestBridge(t *testing.T) {
	b := open(t, 1000)
	in := strings.Join([]string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`,
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`, ``,
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"client-list","arguments":{}}}`,
		`not a message`,
	}, "\n")
	run := func(token string) []string {
		var out bytes.Buffer
		if err := (mcp.Bridge{URL: b.web.URL, Token: token, Client: http.DefaultClient}).Run(ctx, strings.NewReader(in), &out); err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(out.String()), "\n")
	}
	got := run(b.token(t, "anna", "*:*"))
	if len(got) < 2 || !strings.Contains(got[0], `"protocolVersion":"2025-06-18"`) || !strings.Contains(got[1], `"items"`) {
		t.Errorf("answers %q", got)
	}
	if got := run("dk_none"); len(got) != 2 || !strings.Contains(got[0], `"error"`) || !strings.Contains(got[0], `"id":1`) {
		t.Errorf("refused %q", got)
	}
}
