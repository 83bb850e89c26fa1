package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"dianke/internal/platform/i18n"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// run is the handler of a tool.
func (s *Server) run(t *tool) sdk.ToolHandler {
	return func(ctx context.Context, req *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		c, err := callerOf(ctx)
		if err != nil {
			return nil, err
		}
		args, fault := s.arguments(c, t, req.Params.Arguments)
		if fault != "" {
			return failed(fault, nil), nil
		}
		return s.send(ctx, c, t.build(args))
	}
}

// arguments reads what the caller gave; a fault is said in his language, so that he can mend it.
func (s *Server) arguments(c *caller, t *tool, raw json.RawMessage) (arguments, string) {
	args := arguments{}
	if len(raw) > 0 {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&args); err != nil {
			return nil, s.Texts.Text(c.lang, "mcp.want_object")
		}
	}
	schema, _ := t.def.InputSchema.(object)
	members, _ := schema["properties"].(object)
	for name := range args {
		if members[name] == nil {
			return nil, s.Texts.Text(c.lang, "mcp.unknown_argument", "name", clip(name, 60))
		}
	}
	required, _ := schema["required"].([]string)
	for _, name := range required {
		if args[name] == nil || args[name] == "" {
			return nil, s.Texts.Text(c.lang, "mcp.missing_argument", "name", name)
		}
	}
	return args, ""
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// send asks the interface and turns its answer into that of a tool.
func (s *Server) send(ctx context.Context, c *caller, q request) (*sdk.CallToolResult, error) {
	target, header := q.path, http.Header{}
	if len(q.query) > 0 {
		target += "?" + q.query.Encode()
	}
	if q.match != "" {
		header.Set("If-Match", `"`+q.match+`"`)
	}
	if q.key != "" {
		header.Set("Idempotency-Key", q.key)
	}
	var body bytes.Buffer
	if q.body != nil {
		header.Set("Content-Type", "application/json")
		if err := json.NewEncoder(&body).Encode(q.body); err != nil {
			return nil, fmt.Errorf("encode arguments: %w", err)
		}
	}
	w, err := s.ask(ctx, c, q.method, target, header, &body)
	if err != nil {
		return nil, err
	}
	answer := bytes.TrimSpace(w.Body.Bytes())
	if w.Code >= http.StatusBadRequest {
		return s.problem(c, answer), nil
	}
	if len(answer) == 0 { // done, and the caller may not see what became of it
		answer = []byte(`{"done":true}`)
	}
	return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: string(answer)}}, StructuredContent: json.RawMessage(answer)}, nil
}

func failed(text string, problem json.RawMessage) *sdk.CallToolResult {
	out := &sdk.CallToolResult{IsError: true, Content: []sdk.Content{&sdk.TextContent{Text: text}}}
	if problem != nil {
		out.StructuredContent = problem
	}
	return out
}

// problem puts what the interface says of a failure into sentences: what went wrong, at which fields, by which clause.
func (s *Server) problem(c *caller, raw []byte) *sdk.CallToolResult {
	var p struct {
		Detail, Clause, Article string
		Regulation              struct{ Key, Zh, En string }
		Errors                  []struct{ Field, Message string }
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return failed(s.Texts.Text(c.lang, "error.internal"), nil)
	}
	lines := []string{p.Detail}
	for _, e := range p.Errors {
		if line := e.Field + ": " + e.Message; !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if p.Clause != "" {
		lines = append(lines, s.Texts.Text(c.lang, "mcp.by_clause", "regulation", in(c.lang, p.Regulation.Zh, p.Regulation.En), "article", p.Article, "clause", p.Clause),
			clauseURI(p.Regulation.Key, p.Clause))
	}
	return failed(strings.Join(lines, "\n"), raw)
}

// in picks the text of the language, where it is there.
func in(lang i18n.Lang, zh, en string) string {
	if lang == i18n.EN && en != "" {
		return en
	}
	return zh
}
