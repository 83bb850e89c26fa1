package mcp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Bridge is a client of the server for a program that speaks over its standard streams.
type Bridge struct {
	URL    string // of the server, such as https://dianke.example.com/mcp
	Token  string
	Client *http.Client
}

// envelope is what the bridge looks at of a message.
type envelope struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Result struct {
		ProtocolVersion string `json:"protocolVersion"`
	} `json:"result"`
}

// Run carries messages, one a line, to the server and its answers back, until the input ends or ctx does. A failure of
// the server becomes an answer with an error, so that the program on the other side can tell its user.
func (b Bridge) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxBody)
	version := ""
	for lines.Scan() && ctx.Err() == nil {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		var q envelope
		_ = json.Unmarshal(line, &q) // the server says what is wrong with a message that cannot be read
		answer, err := b.post(ctx, line, q.Method, version)
		if err != nil && len(q.ID) > 0 {
			answer, err = refusal(q.ID, err)
		}
		if err != nil || len(answer) == 0 {
			continue // a notification has no answer
		}
		var a envelope
		if q.Method == "initialize" && json.Unmarshal(answer, &a) == nil {
			version = a.Result.ProtocolVersion
		}
		if _, err := out.Write(append(answer, '\n')); err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read message: %w", err)
	}
	return nil
}

func (b Bridge) post(ctx context.Context, line []byte, method, version string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.URL, bytes.NewReader(line))
	if err != nil {
		return nil, fmt.Errorf("address of the server: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+b.Token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	if version != "" && method != "initialize" {
		r.Header.Set("MCP-Protocol-Version", version)
	}
	resp, err := b.Client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("server away: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	body = bytes.TrimSpace(body)
	if resp.StatusCode >= http.StatusBadRequest && !bytes.Contains(body, []byte(`"jsonrpc"`)) {
		return nil, &denial{resp.StatusCode, body}
	}
	return bytes.ReplaceAll(body, []byte("\n"), nil), nil // line breaks stand only between the parts of a JSON text
}

// denial is an answer of the server that is no message.
type denial struct {
	status int
	body   []byte
}

// Error is the sentence of the problem, if it is one.
func (d *denial) Error() string {
	var p struct{ Detail string }
	if json.Unmarshal(d.body, &p) == nil && p.Detail != "" {
		return p.Detail
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", d.status, http.StatusText(d.status)))
}

// refusal is an answer that says why there is none.
func refusal(id json.RawMessage, cause error) ([]byte, error) {
	b, err := json.Marshal(object{"jsonrpc": "2.0", "id": id, "error": object{"code": -32000, "message": cause.Error()}})
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	return b, nil
}
