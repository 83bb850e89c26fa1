package api

import (
	"dianke/internal/platform/errs"

	"github.com/danielgtaylor/huma/v2"
)

func (d *writer) idParam(name string) []*huma.Param {
	return []*huma.Param{{Name: name, In: "path", Required: true, Schema: idSchema(false)}}
}

func (d *writer) matchParam(required bool) *huma.Param {
	return &huma.Param{
		Name: "If-Match", In: "header", Required: required, Description: d.text("api.doc.if_match"), Schema: textSchema("", false),
	}
}

func (d *writer) onceParam() *huma.Param {
	return &huma.Param{
		Name: "Idempotency-Key", In: "header", Description: d.text("api.doc.idempotency"),
		Schema: &huma.Schema{Type: huma.TypeString, MinLength: ptr(1), MaxLength: ptr(255), Pattern: "^[!-~]+$"},
	}
}

func paramRef(name string) *huma.Param { return &huma.Param{Ref: "#/components/parameters/" + name} }

// parameters are those that many operations share.
func (d *writer) parameters() map[string]*huma.Param {
	out := map[string]*huma.Param{
		"IfMatch": d.matchParam(false), "IfMatchRequired": d.matchParam(true), "IdempotencyKey": d.onceParam(),
	}
	for _, p := range d.listParams() {
		out["List"+camel(p.Name)] = p
	}
	return out
}

func (d *writer) listRefs() []*huma.Param {
	var out []*huma.Param
	for _, p := range d.listParams() {
		out = append(out, paramRef("List"+camel(p.Name)))
	}
	return out
}

func (d *writer) listParams() []*huma.Param {
	flag := &huma.Schema{Type: huma.TypeBoolean, Default: false}
	limit := &huma.Schema{Type: huma.TypeInteger, Minimum: ptr(1.0), Maximum: ptr(200.0), Default: 50}
	out := []*huma.Param{}
	for _, p := range []struct {
		name   string
		schema *huma.Schema
	}{
		{"q", textSchema("", false)}, {"filter", textSchema("", false)}, {"f", list(textSchema("", false))}, {"sort", textSchema("", false)},
		{"desc", flag}, {"limit", limit}, {"cursor", textSchema("", false)}, {"count", flag}, {"archived", flag},
	} {
		param := &huma.Param{Name: p.name, In: "query", Description: d.text("api.doc.param." + p.name), Schema: p.schema}
		if p.name == "f" {
			param.Explode = ptr(true)
		}
		out = append(out, param)
	}
	return out
}

// shared describes what all types have in common.
func (d *writer) shared() {
	text, id, instant := textSchema("", false), idSchema(false), textSchema("date-time", false)
	fault := object(map[string]*huma.Schema{"field": text, "key": text, "message": text})
	change := object(map[string]*huma.Schema{
		"field": text, "from?": {}, "to?": {}, "by?": text, "at?": instant,
		"masked?": {Type: huma.TypeObject, AdditionalProperties: text},
	})
	d.schemas["Problem"] = d.problemSchema(fault)
	d.schemas["FieldFault"], d.schemas["Change"] = fault, change
	d.schemas["History"] = object(map[string]*huma.Schema{"items": list(object(map[string]*huma.Schema{
		"id": id, "at": instant, "by": text, "action": text, "version": {Type: huma.TypeInteger}, "batch": idSchema(true), "changes": list(ref("Change")),
	}))})
	d.schemas["Comment"] = object(map[string]*huma.Schema{"id": id, "at": instant, "author_id": idSchema(true), "body": text, "mentions": list(id)})
	d.schemas["NewComment"] = object(map[string]*huma.Schema{
		"body": {Type: huma.TypeString, MinLength: ptr(1), MaxLength: ptr(10_000)}, "mentions?": list(id),
	})
	d.schemas["File"] = object(map[string]*huma.Schema{
		"id": id, "at": instant, "author_id": idSchema(true), "name": text, "size": {Type: huma.TypeInteger}, "content_type": text,
	})
	d.schemas["Files"] = object(map[string]*huma.Schema{"items": list(ref("File"))})
	d.schemas["Reveal"] = object(map[string]*huma.Schema{"fields?": list(text), "reason": {Type: huma.TypeString, MinLength: ptr(4)}})
	anyMap := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
	d.schemas["NewMerge"] = object(map[string]*huma.Schema{
		"with": list(idSchema(false)), "take?": anyMap, "versions?": anyMap, "reason?": {Type: huma.TypeString, MaxLength: ptr(200)}, "dry_run?": {Type: huma.TypeBoolean},
	})
	d.schemas["Merge"] = object(map[string]*huma.Schema{
		"merge": idSchema(true), "survivor": anyMap, "changed": list(textSchema("", false)), "elsewhere": {Type: huma.TypeInteger},
		"moved": list(object(map[string]*huma.Schema{"type": textSchema("", false), "field": textSchema("", false), "count": {Type: huma.TypeInteger}})),
	})
	d.schemas["Extract"] = object(map[string]*huma.Schema{
		"purpose": {Type: huma.TypeString, MinLength: ptr(4), MaxLength: ptr(200)}, "format?": {Type: huma.TypeString, Enum: []any{"csv", "xlsx"}},
	})
	d.schemas["Revealed"] = object(map[string]*huma.Schema{"fields": {Type: huma.TypeObject, AdditionalProperties: true}})
	d.schemas["BulkResult"] = object(map[string]*huma.Schema{"batch": id, "outcomes": list(object(map[string]*huma.Schema{
		"id": id, "ok": {Type: huma.TypeBoolean}, "key?": text, "detail?": text, "errors?": list(ref("FieldFault")),
	}))})
	whole := &huma.Schema{Type: huma.TypeInteger}
	open := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
	d.schemas["ImportPlan"] = object(map[string]*huma.Schema{"layout?": open, "plan": open})
	d.schemas["ImportRun"] = object(map[string]*huma.Schema{
		"id": id, "number": text, "title": text, "target": text, "status": text, "fault?": text, "columns?": list(text), "layout": open, "plan": open,
		"rows": whole, "created": whole, "changed": whole, "same": whole, "duplicates": whole, "rejected": whole,
		"faults?": list(object(map[string]*huma.Schema{"line": whole, "kind": text, "reasons": list(text)})), "started_at?": instant, "ended_at?": instant,
	})
	d.schemas["Undone"] = object(map[string]*huma.Schema{"done": {Type: huma.TypeInteger}, "left": {Type: huma.TypeInteger}})
}

// problemSchema is RFC 9457 with what this interface adds; a clause that refuses adds clause, regulation, article and link.
func (d *writer) problemSchema(fault *huma.Schema) *huma.Schema {
	text := textSchema("", false)
	kinds := []any{"urn:dianke:problem:protocol"}
	for k := errs.Internal; k <= errs.Unavailable; k++ {
		kinds = append(kinds, "urn:dianke:problem:"+k.String())
	}
	s := object(map[string]*huma.Schema{
		"type": {Type: huma.TypeString, Enum: kinds}, "title": text, "status": {Type: huma.TypeInteger}, "detail": text, "instance": text, "key": text,
		"errors?": list(fault), "changed?": list(ref("Change")), "lock_version?": {Type: huma.TypeInteger},
		"clause?": text, "regulation?": text, "article?": text, "link?": text,
	})
	s.AdditionalProperties = true
	return s
}

// account describes what a person sees of himself, and the search.
func (d *writer) account() {
	text, id, when := textSchema("", false), idSchema(false), textSchema("date-time", true)
	d.doc.Tags = append(d.doc.Tags, &huma.Tag{Name: "me", Description: d.text("api.doc.me")})
	d.schemas["Me"] = object(map[string]*huma.Schema{
		"id": id, "name": text, "posts": list(text), "roles": list(text), "units": list(id),
		"scopes": {Type: huma.TypeArray, Items: text, Nullable: true},
	})
	token := map[string]*huma.Schema{
		"id": id, "name": text, "scopes": list(text), "created_at": when, "expires_at": when, "used_at": when, "used_from?": text, "revoked_at": when,
	}
	d.schemas["Token"] = object(token)
	token["token"] = text
	d.schemas["MadeToken"] = object(token)
	d.schemas["NewToken"] = object(map[string]*huma.Schema{
		"name": {Type: huma.TypeString, MinLength: ptr(1), MaxLength: ptr(80)}, "expires?": when,
		"scopes": {Type: huma.TypeArray, MinItems: ptr(1), MaxItems: ptr(50), Items: &huma.Schema{Type: huma.TypeString, Pattern: `^(\*|[a-z_]+):(\*|[a-z_]+)$`}},
	})
	d.schemas["Session"] = object(map[string]*huma.Schema{
		"id": id, "created_at": when, "seen_at": when, "expires_at": when, "address": text, "agent": text,
	})
	items := func(of *huma.Schema) *huma.Schema { return object(map[string]*huma.Schema{"items": list(of)}) }
	anything := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
	found := []*huma.Param{
		{Name: "q", In: "query", Required: true, Description: d.text("api.doc.param.q"), Schema: text},
		{Name: "types", In: "query", Description: d.text("api.doc.param.types"), Schema: text},
		{Name: "limit", In: "query", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: ptr(1.0), Maximum: ptr(50.0), Default: 20}},
	}
	for _, o := range []op{
		{method: "GET", path: "search", id: "search", params: found, out: items(anything), code: 200, failures: []int{422}},
		{method: "GET", path: "me", id: "me", out: ref("Me"), code: 200},
		{method: "GET", path: "me/tokens", id: "tokens", out: items(ref("Token")), code: 200},
		{method: "POST", path: "me/tokens", id: "create_token", body: ref("NewToken"), out: ref("MadeToken"), code: 201, failures: []int{409}},
		{method: "DELETE", path: "me/tokens/{id}", id: "revoke_token", params: d.idParam("id"), code: 204},
		{method: "GET", path: "me/sessions", id: "sessions", out: items(ref("Session")), code: 200},
		{method: "DELETE", path: "me/sessions/{id}", id: "revoke_session", params: d.idParam("id"), code: 204},
	} {
		o.tag, o.path, o.summary = "me", root+o.path, d.text("api.doc."+o.id)
		d.add(o)
	}
}
