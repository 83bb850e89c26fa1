package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// tool is one tool with the permission it needs and the request it becomes.
type tool struct {
	def    *sdk.Tool
	typ    string // empty for what needs no permission on a type
	action string
	build  func(a arguments) request
}

// request is what a tool asks of the interface.
type request struct {
	method, path string
	query        url.Values
	match        string // version the caller started from
	key          string // under which a repetition is recognised
	body         any    // nil for none
}

type object = map[string]any

// arguments are what the caller gave.
type arguments map[string]any

func (a arguments) text(name string) string {
	switch v := a[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (a arguments) object(name string) any {
	if v := a[name]; v != nil {
		return v
	}
	return object{}
}

// record is the path of the record that is meant.
func (a arguments) record(plural string) string {
	return "/api/v1/" + plural + "/" + url.PathEscape(a.text("id"))
}

// maker writes the tools of one language.
type maker struct {
	texts   *i18n.Catalog
	lang    i18n.Lang
	schemas map[string]object // of the interface, by name
	out     []*tool
}

func (m *maker) text(key string, args ...any) string { return m.texts.Text(m.lang, key, args...) }

// label is the text of the first key there is, or the last one as it is.
func (m *maker) label(keys ...string) string {
	for _, key := range keys[:len(keys)-1] {
		if m.texts.Has(key) {
			return m.text(key)
		}
	}
	return keys[len(keys)-1]
}

// makeTools reads what bodies look like from the document of the interface, which follows from the same types.
func (s *Server) makeTools(ctx context.Context, lang i18n.Lang, types []*record.Type) ([]*tool, error) {
	w, err := s.ask(ctx, &caller{header: http.Header{"Accept-Language": {string(lang)}}, address: "127.0.0.1:0"}, http.MethodGet, "/api/openapi.json", nil, nil)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Components struct{ Schemas map[string]object }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		return nil, fmt.Errorf("read document of the interface: %w", err)
	}
	m := &maker{texts: s.Texts, lang: lang, schemas: doc.Components.Schemas}
	m.search()
	for _, t := range types {
		m.typ(t)
	}
	slices.SortStableFunc(m.out, func(a, b *tool) int { return strings.Compare(a.def.Name, b.def.Name) })
	return m.out, nil
}

func (m *maker) add(t *record.Type, name, action, say string, members object, required []string, hints *sdk.ToolAnnotations, build func(arguments) request) {
	closed := false
	hints.OpenWorldHint = &closed
	typ := ""
	if t != nil {
		typ, name = t.Name, t.Name+"-"+name
	}
	schema := object{"type": "object", "properties": members, "additionalProperties": false}
	if len(required) > 0 {
		schema["required"] = required
	}
	m.out = append(m.out, &tool{def: &sdk.Tool{Name: name, Title: say, Description: say, InputSchema: schema, Annotations: hints}, typ: typ, action: action, build: build})
}

func (m *maker) member(key, typ string, more ...object) object {
	out := object{"type": typ, "description": m.text("mcp.arg." + key)}
	for _, o := range more {
		maps.Copy(out, o)
	}
	return out
}

func reading() *sdk.ToolAnnotations { return &sdk.ToolAnnotations{ReadOnlyHint: true} }

func writing(destructive, again bool) *sdk.ToolAnnotations {
	return &sdk.ToolAnnotations{DestructiveHint: &destructive, IdempotentHint: again}
}

func (m *maker) search() {
	members := object{
		"q": m.member("q", "string"), "types": m.member("types", "string"),
		"limit": m.member("limit", "integer", object{"minimum": 1, "maximum": 50}),
	}
	m.add(nil, "search", "", m.text("mcp.tool.search"), members, []string{"q"}, reading(), func(a arguments) request {
		return request{method: http.MethodGet, path: "/api/v1/search", query: a.query("q", "types", "limit")}
	})
}

// query turns arguments into parameters of an address; a filter may be given as an object.
func (a arguments) query(names ...string) url.Values {
	q := url.Values{}
	for _, name := range names {
		switch v := a[name].(type) {
		case nil:
		case []any:
			for _, x := range v {
				q.Add(name, fmt.Sprint(x))
			}
		case map[string]any:
			if b, err := json.Marshal(v); err == nil {
				q.Set(name, string(b))
			}
		default:
			q.Set(name, fmt.Sprint(v))
		}
	}
	return q
}

// typ writes the tools of a type.
func (m *maker) typ(t *record.Type) {
	title := m.label(t.Name, t.Name)
	say := func(key string) string { return m.text("api.doc."+key, "type", title) }
	names := []string{"q", "filter", "f", "sort", "desc", "limit", "cursor", "count", "archived"}
	members := object{
		"q": m.member("q", "string"), "filter": m.member("filter", "object"), "f": m.member("f", "array", object{"items": object{"type": "string"}}),
		"sort": m.member("sort", "string"), "desc": m.member("desc", "boolean"), "cursor": m.member("cursor", "string"), "count": m.member("count", "boolean"),
		"archived": m.member("archived", "boolean"), "limit": m.member("limit", "integer", object{"minimum": 1, "maximum": 100, "default": 20}),
	}
	m.add(t, "list", record.Read, say("list"), members, nil, reading(), func(a arguments) request {
		q := a.query(names...)
		if n, err := strconv.Atoi(q.Get("limit")); q.Get("limit") == "" || err == nil && n > 100 {
			q.Set("limit", map[bool]string{true: "20", false: "100"}[n == 0])
		}
		return request{method: http.MethodGet, path: "/api/v1/" + t.Plural, query: q}
	})
	one := object{"id": m.member("id", "string")}
	m.add(t, "read", record.Read, say("get"), one, []string{"id"}, reading(), func(a arguments) request {
		return request{method: http.MethodGet, path: a.record(t.Plural)}
	})
	m.add(t, "history", record.Read, say("history"), one, []string{"id"}, reading(), func(a arguments) request {
		return request{method: http.MethodGet, path: a.record(t.Plural) + "/history"}
	})
	m.writes(t, say)
	m.beside(t, say)
	for _, act := range t.Actions {
		if !act.General || slices.Contains([]string{record.Archive, record.Restore, record.Assign}, act.Name) {
			m.act(t, act)
		}
	}
}

func (m *maker) writes(t *record.Type, say func(string) string) {
	key := m.member("key", "string", object{"minLength": 1, "maxLength": 255})
	if body := m.schemas[camel(t.Name)+"Create"]; body != nil && t.Action(record.Create) != nil {
		m.add(t, record.Create, record.Create, say("create"), object{"fields": body, "idempotency_key": key}, []string{"fields"}, writing(false, false),
			func(a arguments) request {
				return request{method: http.MethodPost, path: "/api/v1/" + t.Plural, key: a.text("idempotency_key"), body: a.object("fields")}
			})
	}
	if body := m.schemas[camel(t.Name)+"Update"]; body != nil && t.Action(record.Update) != nil {
		members := object{"id": m.member("id", "string"), "lock_version": m.member("lock_version", "integer"), "fields": body}
		m.add(t, record.Update, record.Update, say("update"), members, []string{"id", "lock_version", "fields"}, writing(true, true), func(a arguments) request {
			return request{method: http.MethodPatch, path: a.record(t.Plural), match: a.text("lock_version"), body: a.object("fields")}
		})
	}
}

// beside are comments and reveals.
func (m *maker) beside(t *record.Type, say func(string) string) {
	texts := object{"type": "array", "items": object{"type": "string"}}
	if t.Action(record.Comment) != nil {
		members := object{"id": m.member("id", "string"), "body": m.member("body", "string"), "mentions": m.member("mentions", "array", texts)}
		m.add(t, record.Comment, record.Comment, say("comment"), members, []string{"id", "body"}, writing(false, false), func(a arguments) request {
			body := object{"body": a["body"]}
			if a["mentions"] != nil {
				body["mentions"] = a["mentions"]
			}
			return request{method: http.MethodPost, path: a.record(t.Plural) + "/comments", body: body}
		})
	}
	if t.Action(record.Reveal) != nil && (t.HasClass(record.Personal) || t.HasClass(record.Sensitive)) {
		members := object{"id": m.member("id", "string"), "fields": m.member("fields", "array", texts), "reason": m.member("reason", "string")}
		m.add(t, record.Reveal, record.Reveal, say("reveal"), members, []string{"id", "reason"}, writing(false, false), func(a arguments) request {
			body := object{"reason": a["reason"]}
			if a["fields"] != nil {
				body["fields"] = a["fields"]
			}
			return request{method: http.MethodPost, path: a.record(t.Plural) + "/reveal", body: body}
		})
	}
}

// act is the tool of one action.
func (m *maker) act(t *record.Type, act *record.Action) {
	members := object{
		"id": m.member("id", "string"), "lock_version": m.member("lock_version", "integer"),
		"idempotency_key": m.member("key", "string", object{"minLength": 1, "maxLength": 255}),
	}
	required := []string{"id"}
	if body := m.schemas[camel(t.Name)+camel(act.Name)+"Input"]; body != nil && len(act.Input) > 0 {
		members["input"] = body
		if body["required"] != nil {
			required = append(required, "input")
		}
	}
	say := m.label(t.Name, t.Name) + ": " + m.label(t.Name+".action."+act.Name, "action."+act.Name, act.Name)
	if hint := t.Name + ".action." + act.Name + ".hint"; m.texts.Has(hint) {
		say += " — " + m.text(hint)
	}
	m.add(t, act.Name, act.Name, say, members, required, writing(act.Danger, false), func(a arguments) request {
		return request{
			method: http.MethodPost, path: a.record(t.Plural) + "/actions/" + act.Name, match: a.text("lock_version"), key: a.text("idempotency_key"),
			body: a.object("input"),
		}
	})
}

// camel turns "key_account" into "KeyAccount", as the document names its parts.
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

const pageSize = 200

// listTools returns a page of the tools the caller may use.
func (s *Server) listTools(ctx context.Context, e *edition, p *sdk.ListToolsParams) (*sdk.ListToolsResult, error) {
	c, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	start, err := offset(p.Cursor)
	if err != nil {
		return nil, err
	}
	mine, err := s.mine(ctx, c, e.tools)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListToolsResult{Tools: []*sdk.Tool{}}
	start = min(start, len(mine))
	for _, t := range mine[start:min(start+pageSize, len(mine))] {
		out.Tools = append(out.Tools, t.def)
	}
	if start+pageSize < len(mine) {
		out.NextCursor = strconv.Itoa(start + pageSize)
	}
	return out, nil
}

func offset(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(cursor)
	if err != nil || n < 0 {
		return 0, &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "unknown cursor"}
	}
	return n, nil
}

// mine are the tools the caller's grants and the scopes of his token allow.
func (s *Server) mine(ctx context.Context, c *caller, all []*tool) ([]*tool, error) {
	return db.View(ctx, s.Records.DB, func(tx *db.Tx) ([]*tool, error) {
		known := map[string]bool{}
		may := func(typ, act string) (bool, error) {
			ok, asked := known[typ+"."+act]
			if asked {
				return ok, nil
			}
			_, err := s.Records.Guard.Authorize(ctx, tx, c.actor, typ, act)
			if err != nil && !errs.Is(err, errs.Forbidden) && !errs.Is(err, errs.Refused) {
				return false, err
			}
			known[typ+"."+act] = err == nil
			return err == nil, nil
		}
		var out []*tool
		for _, t := range all {
			ok := true
			var err error
			if t.typ != "" {
				ok, err = may(t.typ, t.action)
			}
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, t)
			}
		}
		return out, nil
	})
}
