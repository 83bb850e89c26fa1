package app_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dianke/internal/app"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/record"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

func openOutside(t *testing.T) *company {
	t.Helper()
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir(), "DIANKE_OUTBOUND_ALLOW=127.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	fake := clock.NewFake(monday)
	a, err := app.Open(context.Background(), cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Scratch: true, Messages: app.SurfaceMessages()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return &company{a, fake}
}

// bearer adds a token to requests.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// TestOutsidePrograms: what is done by MCP is told to a webhook by way of the outbox, and clauses can be read.
func TestOutsidePrograms(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := openOutside(t)
	c.add(t, "service")
	boss := c.hire(t, "boss", "administrator", "company")
	var told []string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told = append(told, string(body))
	}))
	t.Cleanup(receiver.Close)
	c.act(t, boss, "webhook", record.Create, 0, map[string]any{"title": "仓库", "url": receiver.URL, "events": "customer.create"})
	handler, err := c.Handler()
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(handler)
	t.Cleanup(site.Close)
	_, token, err := c.Identity.CreateToken(ctx, boss, identity.TokenSpec{Name: "assistant", Scopes: []string{"*:*"}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(ctx, &sdk.StreamableClientTransport{
		Endpoint: site.URL + "/mcp", HTTPClient: &http.Client{Transport: bearer(token)}, DisableStandaloneSSE: true,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r, err := s.CallTool(ctx, &sdk.CallToolParams{Name: "customer-create", Arguments: map[string]any{"fields": map[string]any{
		"kind": "person", "name": "张三", "mobile": "13800138000", "source": "visit", "legal_basis": "contract",
	}}})
	if err != nil || r.IsError {
		t.Fatalf("create by MCP: %v %+v", err, r.Content[0])
	}
	if err := c.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	due, err := c.Webhooks.Due(ctx)
	if err != nil || len(due) != 1 {
		t.Fatalf("due %v, %v", due, err)
	}
	if err := c.Webhooks.Deliver(ctx, due[0]); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || !strings.Contains(told[0], `"type":"customer.create"`) || strings.Contains(told[0], "13800138000") {
		t.Errorf("told %q", told)
	}
	readClauses(t, s)
}

// readClauses goes from the list of regulations over an outline to a clause.
func readClauses(t *testing.T, s *sdk.ClientSession) {
	t.Helper()
	ctx := context.Background()
	list, err := s.ListResources(ctx, nil)
	if err != nil || len(list.Resources) == 0 {
		t.Fatalf("regulations %+v, %v", list, err)
	}
	read := func(uri string) string {
		r, err := s.ReadResource(ctx, &sdk.ReadResourceParams{URI: uri})
		if err != nil || len(r.Contents) != 1 || strings.Contains(r.Contents[0].Text, "⟦") {
			t.Fatalf("%s: %+v, %v", uri, r, err)
		}
		return r.Contents[0].Text
	}
	outline := read(list.Resources[0].URI)
	_, rest, found := strings.Cut(outline, "](")
	clause, _, _ := strings.Cut(rest, ")")
	if !found || read(clause) == "" {
		t.Errorf("outline %s", outline)
	}
	for _, bad := range []string{"dianke://regulations/none", "dianke://regulations/none/clauses/1", clause + "x"} {
		if _, err := s.ReadResource(ctx, &sdk.ReadResourceParams{URI: bad}); err == nil {
			t.Errorf("%s is there", bad)
		}
	}
	tools := 0
	for tool, err := range s.Tools(ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(tool.Title+tool.Description, "⟦") {
			t.Errorf("%s has no text: %s", tool.Name, tool.Title)
		}
		tools++
	}
	if tools < 200 { // more than one page
		t.Errorf("%d tools", tools)
	}
}
