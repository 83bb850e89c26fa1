package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"dianke/internal/platform/errs"
)

const (
	maxBody  = 1 << 20
	maxDepth = 32
)

// readBody reads the object of a request. It takes one JSON object in UTF-8 and nothing else: no other type, no name
// twice, no nesting beyond 32, nothing behind it. Numbers stay as written ([json.Number]).
func readBody(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	typ, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || typ != "application/json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, status(http.StatusUnsupportedMediaType, "api.content_type")
	}
	data, err := readAll(w, r)
	if err != nil {
		return nil, err
	}
	return parseObject(data)
}

// optionalBody is [readBody] for actions that need no input: nothing sent is an empty object.
func optionalBody(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	if r.ContentLength == 0 {
		return map[string]any{}, nil
	}
	return readBody(w, r)
}

func readAll(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, errs.New(errs.TooLarge, "api.body_too_large").With("limit", "1 MiB")
	case err != nil:
		return nil, errs.New(errs.Malformed, "api.body_broken").Because(err)
	}
	return data, nil
}

func parseObject(data []byte) (map[string]any, error) {
	if !utf8.Valid(data) {
		return nil, errs.New(errs.Malformed, "api.encoding")
	}
	p := &parser{dec: json.NewDecoder(bytes.NewReader(data)), replacement: mayHoldReplacement(data)}
	p.dec.UseNumber()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errs.New(errs.Malformed, "api.trailing")
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errs.New(errs.Malformed, "api.want_object")
	}
	return m, nil
}

// mayHoldReplacement reports whether U+FFFD was really sent. Where it was not and yet turns up, the decoder put it in
// the place of half a surrogate pair.
func mayHoldReplacement(data []byte) bool {
	return bytes.ContainsRune(data, utf8.RuneError) || bytes.Contains(bytes.ToLower(data), []byte(`\ufffd`))
}

type parser struct {
	dec         *json.Decoder
	replacement bool
}

func (p *parser) token() (json.Token, error) {
	t, err := p.dec.Token()
	if err != nil {
		return nil, errs.New(errs.Malformed, "api.syntax").With("at", p.dec.InputOffset()).Because(err)
	}
	if s, ok := t.(string); ok && !p.replacement && strings.ContainsRune(s, utf8.RuneError) {
		return nil, errs.New(errs.Malformed, "api.encoding")
	}
	return t, nil
}

func (p *parser) value(depth int) (any, error) {
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	d, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if depth >= maxDepth {
		return nil, errs.New(errs.Malformed, "api.too_deep").With("max", maxDepth)
	}
	if d == '{' {
		return p.object(depth)
	}
	return p.array(depth)
}

func (p *parser) object(depth int) (any, error) {
	out := map[string]any{}
	for p.dec.More() {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		name, ok := t.(string)
		if !ok {
			return nil, errs.New(errs.Malformed, "api.syntax").With("at", p.dec.InputOffset())
		}
		if _, twice := out[name]; twice {
			return nil, errs.New(errs.Malformed, "api.twice").With("name", clip(name, 40))
		}
		if out[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := p.token() // the closing brace
	return out, err
}

func (p *parser) array(depth int) (any, error) {
	out := []any{}
	for p.dec.More() {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := p.token() // the closing bracket
	return out, err
}

// shape names the members a fixed body may have. Unknown ones are refused.
func shape(body map[string]any, known ...string) error {
	var faults []*errs.Error
	for name := range body {
		if !contains(known, name) {
			faults = append(faults, errs.Of(clip(name, 40), "field.unknown").With("field", clip(name, 40)))
		}
	}
	return errs.Collect(sortFaults(faults))
}

func textOf(body map[string]any, name string) (string, error) {
	switch v := body[name].(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	return "", errs.Of(name, "field.want_text")
}

func textsOf(body map[string]any, name string) ([]string, error) {
	if body[name] == nil {
		return nil, nil
	}
	list, ok := body[name].([]any)
	out := make([]string, len(list))
	for i, v := range list {
		s, isText := v.(string)
		ok = ok && isText
		out[i] = s
	}
	if !ok {
		return nil, errs.Of(name, "field.want_list")
	}
	return out, nil
}
