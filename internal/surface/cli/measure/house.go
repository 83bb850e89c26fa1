package measure

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// House is a signed-in person at a running instance. It is safe for concurrent use.
type House struct {
	base   string
	client *http.Client
}

// SignIn signs in with a password at the instance of the address.
func SignIn(ctx context.Context, base, login, password string) (*House, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	h := &House{base: base, client: &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	form := url.Values{"login": {login}, "password": {password}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/signin", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", base)
	body, err := h.send(req, http.StatusOK)
	if err == nil && bytes.Contains(body, []byte(`name="password"`)) {
		err = fmt.Errorf("sign in as %s was refused", login)
	}
	return h, err
}

// Page opens a page.
func (h *House) Page(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.base+path, nil)
	if err != nil {
		return err
	}
	_, err = h.send(req, http.StatusOK)
	return err
}

// call asks the JSON interface; in is nil for a question, out may be nil.
func (h *House) call(ctx context.Context, method, path string, in, out any, want int) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, h.base+"/api/v1/"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Origin", h.base)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("If-Match", "*")
	}
	b, err := h.send(req, want)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(b, out)
}

func (h *House) send(req *http.Request, want int) ([]byte, error) {
	resp, err := h.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != want {
		err = unexpected(req, resp.StatusCode, string(body))
	}
	return body, err
}

// page is one page of a list.
type page struct {
	Items []map[string]any `json:"items"`
	Next  string           `json:"next"`
}

// ids are the records of a list, so many of them.
func (h *House) ids(ctx context.Context, list string, n int) ([]string, error) {
	var out []string
	for cursor := ""; len(out) < n; {
		p, err := h.list(ctx, list, cursor)
		if err != nil {
			return nil, err
		}
		for _, item := range p.Items {
			id, _ := item["id"].(string)
			out = append(out, id)
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: nothing to measure with", list)
	}
	return out[:min(n, len(out))], nil
}

func (h *House) list(ctx context.Context, list, cursor string) (page, error) {
	join := "?"
	if strings.Contains(list, "?") {
		join = "&"
	}
	var p page
	err := h.call(ctx, http.MethodGet, list+join+"limit=200&cursor="+url.QueryEscape(cursor), nil, &p, http.StatusOK)
	return p, err
}

// cursorAfter walks through a list and returns the cursor behind so many rows, or the last there is.
func (h *House) cursorAfter(ctx context.Context, list string, rows int) (string, error) {
	cursor := ""
	for n := 0; n < rows; n += 200 {
		p, err := h.list(ctx, list, cursor)
		if err != nil {
			return "", err
		}
		if p.Next == "" {
			break
		}
		cursor = p.Next
	}
	return cursor, nil
}
