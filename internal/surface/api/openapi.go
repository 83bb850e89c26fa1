package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"

	"github.com/danielgtaylor/huma/v2"
)

// documents keeps the document of each language until the types change.
type documents struct {
	mu    sync.Mutex
	types []*record.Type
	made  map[i18n.Lang][]byte
}

// document handles GET /api/openapi.json. Anybody may read it: it holds names and rules, no data.
func (s *server) document(w http.ResponseWriter, c *call) error {
	b, err := s.docs.get(s, i18n.LangOf(c.Context()))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/openapi+json;version=3.1")
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("%w: %w", errWritten, err)
	}
	return nil
}

func (d *documents) get(s *server, lang i18n.Lang) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	types := s.Records.Store.Types.Types()
	if !slices.Equal(types, d.types) {
		d.types, d.made = types, map[i18n.Lang][]byte{}
	}
	if b := d.made[lang]; b != nil {
		return b, nil
	}
	b, err := json.Marshal(Document(types, s.Texts, lang, s.Version))
	if err != nil {
		return nil, fmt.Errorf("write OpenAPI document: %w", err)
	}
	d.made[lang] = b
	return b, nil
}

// Document describes the interface over the types in one language, by OpenAPI 3.1.
func Document(types []*record.Type, texts *i18n.Catalog, lang i18n.Lang, version string) *huma.OpenAPI {
	d := newWriter(texts, lang)
	reg := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	d.doc = &huma.OpenAPI{
		OpenAPI: "3.1.0", JSONSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
		Info:       &huma.Info{Title: d.text("api.doc.title"), Version: version, Description: d.text("api.doc.description")},
		Servers:    []*huma.Server{{URL: "/"}},
		Components: &huma.Components{Schemas: reg, SecuritySchemes: schemes(), Responses: d.failures(), Parameters: d.parameters()},
		Security:   []map[string][]string{{"token": {}}, {"session": {}}},
	}
	d.shared()
	d.account()
	if slices.ContainsFunc(types, func(t *record.Type) bool { return t.Name == "regulation" }) {
		d.office()
	}
	for _, t := range types {
		d.doc.Tags = append(d.doc.Tags, &huma.Tag{Name: t.Plural, Description: d.label(t.Name+"._plural", t.Plural)})
		d.typ(t)
	}
	maps.Copy(reg.Map(), d.schemas)
	return d.doc
}

func schemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", BearerFormat: "dk_…"},
		"session": {Type: "apiKey", In: "cookie", Name: "dianke"},
	}
}

// op is one operation in short.
type op struct {
	method, path, id, summary, tag string
	params                         []*huma.Param
	body, out                      *huma.Schema
	code                           int
	optional                       bool // the body may be left out
	failures                       []int
	headers                        []string
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (d *writer) add(o op) {
	out := &huma.Operation{
		Method: o.method, Path: o.path, OperationID: o.id, Summary: o.summary, Tags: []string{o.tag}, Parameters: o.params,
		Responses: map[string]*huma.Response{},
	}
	if o.method == http.MethodPost || o.method == http.MethodPatch {
		o.failures = append(o.failures, 413, 415, 422)
	}
	if o.body != nil {
		out.RequestBody = &huma.RequestBody{Required: !o.optional, Content: map[string]*huma.MediaType{"application/json": {Schema: o.body}}}
	}
	ok := &huma.Response{Description: d.text("api.doc.ok")}
	if o.out != nil {
		ok.Content = map[string]*huma.MediaType{"application/json": {Schema: o.out}}
	}
	for _, name := range o.headers {
		if ok.Headers == nil {
			ok.Headers = map[string]*huma.Param{}
		}
		ok.Headers[name] = &huma.Param{Schema: textSchema("", false)}
	}
	out.Responses[strconv.Itoa(o.code)] = ok
	for _, code := range append([]int{400, 401, 403, 404, 429, 500}, o.failures...) {
		out.Responses[strconv.Itoa(code)] = &huma.Response{Ref: "#/components/responses/" + failureName(code)}
	}
	d.doc.AddOperation(out)
}

// failures are the statuses a problem comes with, described once for all operations.
func (d *writer) failures() map[string]*huma.Response {
	out := map[string]*huma.Response{}
	for _, code := range []int{400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500} {
		out[failureName(code)] = d.failure(code)
	}
	return out
}

func failureName(code int) string { return "Problem" + strconv.Itoa(code) }

func (d *writer) failure(code int) *huma.Response {
	return &huma.Response{
		Description: http.StatusText(code),
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: ref("Problem")}},
	}
}

// typ describes a type with all its operations.
func (d *writer) typ(t *record.Type) {
	name, base := camel(t.Name), root+t.Plural
	d.schemas[name] = d.recordSchema(t)
	d.schemas[name+"Page"] = object(map[string]*huma.Schema{
		"items": list(ref(name)), "next": textSchema("", true), "total?": {Type: huma.TypeInteger, Maximum: ptr(float64(record.CountCap))},
		"capped?": {Type: huma.TypeBoolean},
	})
	title := d.typeName(t)
	say := func(key string) string { return d.text("api.doc."+key, "type", title) }
	d.add(op{
		method: "GET", path: base, id: t.Plural + ".list", summary: say("list"), tag: t.Plural, params: d.listRefs(), out: ref(name + "Page"),
		code: 200, failures: []int{413, 422}, headers: []string{"Link"},
	})
	d.add(op{
		method: "GET", path: base + "/{id}", id: t.Plural + ".get", summary: say("get"), tag: t.Plural, params: d.idParam("id"), code: 200,
		out: ref(name + "Sheet"), headers: []string{"ETag"},
	})
	d.add(op{
		method: "GET", path: base + "/{id}/history", id: t.Plural + ".history", summary: say("history"), tag: t.Plural, params: d.idParam("id"),
		out: ref("History"), code: 200,
	})
	d.writes(t, name, base, say)
	d.extras(t, base, say)
	for _, act := range t.Actions {
		if _, err := callable(t, act.Name); err == nil {
			d.action(t, act, name, base)
		}
	}
}

func (d *writer) writes(t *record.Type, name, base string, say func(string) string) {
	sheet := *d.schemas[name]
	sheet.Properties = maps.Clone(sheet.Properties)
	sheet.Properties["actions"] = list(textSchema("", false))
	if t.Merges {
		sheet.Properties["merged_into"], sheet.Properties["merges"] = idSchema(true), list(idSchema(false))
	}
	sheet.Properties["comments"], sheet.Properties["files"] = list(ref("Comment")), list(ref("File"))
	sheet.Required = append(slices.Clone(sheet.Required), "actions", "comments", "files")
	d.schemas[name+"Sheet"] = &sheet
	if t.Action(record.Create) != nil {
		d.schemas[name+"Create"] = d.bodySchema(t, true)
		d.add(op{
			method: "POST", path: base, id: t.Plural + ".create", summary: say("create"), tag: t.Plural, params: []*huma.Param{paramRef("IdempotencyKey")},
			body: ref(name + "Create"), out: ref(name), code: 201, failures: []int{409}, headers: []string{"ETag", "Location"},
		})
	}
	if t.Action(record.Update) != nil {
		d.schemas[name+"Update"] = d.bodySchema(t, false)
		d.add(op{
			method: "PATCH", path: base + "/{id}", id: t.Plural + ".update", summary: say("update"), tag: t.Plural,
			params: append(d.idParam("id"), paramRef("IfMatchRequired")), body: ref(name + "Update"), out: ref(name), code: 200,
			failures: []int{409, 412, 428}, headers: []string{"ETag"},
		})
	}
}

func (d *writer) action(t *record.Type, act *record.Action, name, base string) {
	schema := name + camel(act.Name) + "Input"
	d.schemas[schema] = d.inputSchema(t, act)
	label := d.label(t.Name+".action."+act.Name, "action."+act.Name, act.Name)
	needed := slices.ContainsFunc(act.Input, func(f *record.Field) bool { return f.Required })
	d.add(op{
		method: "POST", path: base + "/{id}/actions/" + act.Name, id: t.Plural + ".actions." + act.Name, summary: label, tag: t.Plural,
		params: append(d.idParam("id"), paramRef("IfMatch"), paramRef("IdempotencyKey")), body: ref(schema), optional: !needed, out: ref(name), code: 200,
		failures: []int{409, 412}, headers: []string{"ETag"},
	})
}

// extras are reveal, comments, files and bulk runs.
func (d *writer) extras(t *record.Type, base string, say func(string) string) {
	one := func(method, path, id string, o op) {
		o.method, o.path, o.id, o.tag = method, base+path, t.Plural+"."+id, t.Plural
		o.summary = say(id)
		d.add(o)
	}
	if t.Action(record.Reveal) != nil && (t.HasClass(record.Personal) || t.HasClass(record.Sensitive)) {
		one("POST", "/{id}/reveal", "reveal", op{params: d.idParam("id"), body: ref("Reveal"), out: ref("Revealed"), code: 200})
	}
	if t.Merges {
		one("POST", "/{id}/merge", "merge", op{params: append(d.idParam("id"), paramRef("IdempotencyKey")), body: ref("NewMerge"), out: ref("Merge"), code: 200, failures: []int{409, 412}})
		one("POST", "/{id}/merges/{merge}", "unmerge", op{
			params: append(d.idParam("id"), d.idParam("merge")...), code: 200, failures: []int{409},
			out: object(map[string]*huma.Schema{"survivor": idSchema(false), "restored": list(idSchema(false))}),
		})
	}
	if t.Action(record.Comment) != nil {
		one("POST", "/{id}/comments", "comment", op{params: append(d.idParam("id"), paramRef("IdempotencyKey")), body: ref("NewComment"), out: ref("Comment"), code: 201})
	}
	if t.Action(record.Export) != nil {
		one("POST", "/export", "export", op{params: d.listRefs(), body: ref("Extract"), code: 200, failures: []int{409}})
		d.doc.Paths[base+"/export"].Post.Responses["200"].Content = map[string]*huma.MediaType{
			"text/csv": {}, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {},
		}
	}
	if t.Action(record.Import) != nil {
		one("POST", "/imports", "import", op{out: ref("ImportRun"), code: 201, headers: []string{"Location"}})
		d.doc.Paths[base+"/imports"].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"multipart/form-data": {Schema: object(map[string]*huma.Schema{
				"layout?": {Type: huma.TypeString}, "plan?": {Type: huma.TypeString}, "do?": {Type: huma.TypeString, Enum: []any{"check", "begin"}},
				"file": {Type: huma.TypeString, Format: "binary"},
			})},
		}}
	}
	if t.Name == "import" {
		d.steering(base)
	}
	one("GET", "/{id}/files", "files", op{params: d.idParam("id"), out: ref("Files"), code: 200})
	one("GET", "/{id}/files/{file}", "download", op{params: append(d.idParam("id"), d.idParam("file")...), code: 200})
	d.doc.Paths[base+"/{id}/files/{file}"].Get.Responses["200"].Content = map[string]*huma.MediaType{"application/octet-stream": {}}
	if t.Action(record.Attach) != nil {
		one("POST", "/{id}/files", "upload", op{params: d.idParam("id"), out: ref("File"), code: 201, headers: []string{"Location"}})
		d.doc.Paths[base+"/{id}/files"].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"multipart/form-data": {Schema: object(map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}})},
		}}
	}
	if bulk := bulkActions(t); len(bulk) > 0 {
		d.schemas[camel(t.Name)+"Bulk"] = object(map[string]*huma.Schema{
			"action": {Type: huma.TypeString, Enum: bulk}, "input?": {Type: huma.TypeObject, AdditionalProperties: true},
			"ids": {Type: huma.TypeArray, Items: idSchema(false), MinItems: ptr(1), MaxItems: ptr(500)},
		})
		one("POST", "/bulk", "bulk", op{params: []*huma.Param{paramRef("IdempotencyKey")}, body: ref(camel(t.Name) + "Bulk"), out: ref("BulkResult"), code: 200})
		one("POST", "/bulk/{batch}/undo", "undo", op{params: append(d.idParam("batch"), paramRef("IdempotencyKey")), out: ref("Undone"), code: 200})
	}
}

func bulkActions(t *record.Type) []any {
	var out []any
	for _, act := range t.Actions {
		if _, err := callable(t, act.Name); err == nil && act.Bulk {
			out = append(out, act.Name)
		}
	}
	return out
}

// steering are the operations on an import beside those of every record.
func (d *writer) steering(base string) {
	for _, what := range []string{"check", "begin", "cancel"} {
		d.add(op{
			method: "POST", path: base + "/{id}/" + what, id: "imports." + what, summary: d.text("api.doc.imports." + what), tag: "imports", params: d.idParam("id"),
			out: ref("ImportRun"), code: 202, failures: []int{409},
		})
	}
	d.add(op{
		method: "GET", path: base + "/{id}/progress", id: "imports.progress", summary: d.text("api.doc.imports.progress"), tag: "imports",
		params: d.idParam("id"), out: ref("ImportRun"), code: 200,
	})
	d.add(op{
		method: "PUT", path: base + "/{id}/plan", id: "imports.plan", summary: d.text("api.doc.imports.plan"), tag: "imports", params: d.idParam("id"),
		body: ref("ImportPlan"), out: ref("ImportRun"), code: 200, failures: []int{409, 422},
	})
	d.add(op{method: "GET", path: base + "/{id}/rejects", id: "imports.rejects", summary: d.text("api.doc.imports.rejects"), tag: "imports", params: d.idParam("id"), code: 200})
	d.doc.Paths[base+"/{id}/rejects"].Get.Responses["200"].Content = map[string]*huma.MediaType{"text/csv": {}}
}
