package api_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/api"

	"github.com/danielgtaylor/huma/v2"
	"github.com/pb33f/libopenapi"
)

var update = flag.Bool("update", false, "rewrite golden files")

func (b *bench) document(t *testing.T, lang string) []byte {
	t.Helper()
	a := b.send(t, "", "GET", "/api/openapi.json", "", "Accept-Language", lang).must(t, 200)
	return a.Body.Bytes()
}

func TestDocumentGolden(t *testing.T) {
	b := sqlite(t)
	doc := api.Document([]*record.Type{b.Client, b.Memo}, b.deps.Texts, i18n.EN, "1.0.0")
	got, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "openapi.golden")
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got) {
		t.Error("the document changed; look at it, then run go test with -update")
	}
	if zh := string(b.document(t, "zh-CN")); !strings.Contains(zh, "客户：列表") || strings.Contains(zh, "⟦") || !strings.Contains(zh, "典客接口") {
		t.Error("the Chinese document is not in Chinese")
	}
}

func TestDocumentIsOpenAPI31(t *testing.T) {
	b := sqlite(t)
	raw := b.document(t, "en")
	doc, err := libopenapi.NewDocument(raw)
	if err != nil {
		t.Fatal(err)
	}
	if doc.GetVersion() != "3.1.0" {
		t.Errorf("version %s", doc.GetVersion())
	}
	model, faults := doc.BuildV3Model()
	if len(faults) > 0 || model == nil {
		t.Fatalf("the model does not build: %v", faults)
	}
	paths := 0
	for range model.Model.Paths.PathItems.FromOldest() {
		paths++
	}
	if paths < 40 {
		t.Errorf("%d paths", paths)
	}
	checkStructure(t, raw)
}

// checkStructure holds what the model builder does not look at: references that lead nowhere, operation ids used
// twice, path parameters not declared, words that are no type.
func checkStructure(t *testing.T, raw []byte) {
	t.Helper()
	var doc struct {
		Paths      map[string]map[string]map[string]any
		Components struct{ Schemas map[string]map[string]any }
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(raw), -1) {
		if doc.Components.Schemas[m[1]] == nil {
			t.Errorf("no schema %s", m[1])
		}
	}
	for name := range doc.Components.Schemas {
		if !regexp.MustCompile(`^[a-zA-Z0-9._-]+$`).MatchString(name) {
			t.Errorf("schema name %q", name)
		}
	}
	seen := map[any]bool{}
	for path, item := range doc.Paths {
		for method, op := range item {
			if seen[op["operationId"]] {
				t.Errorf("%s %s: operation id %v twice", method, path, op["operationId"])
			}
			seen[op["operationId"]] = true
			for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
				if !strings.Contains(fmt.Sprint(op["parameters"]), "name:"+m[1]+" ") {
					t.Errorf("%s %s: parameter %s is not declared", method, path, m[1])
				}
			}
			if summary, _ := op["summary"].(string); summary == "" || strings.Contains(summary, "⟦") {
				t.Errorf("%s %s: summary %q", method, path, summary)
			}
		}
	}
}

// TestDocumentTellsTheTruth checks real answers and real inputs against the schemas of the document.
func TestDocumentTellsTheTruth(t *testing.T) {
	b := sqlite(t)
	c := b.client(t, "茅台")
	doc := documentOf(t, b)
	for path, schema := range map[string]string{
		addr(c, ""): "ClientSheet", addr(c, "/history"): "History", "/api/v1/clients?count=true": "ClientPage", "/api/v1/me": "Me", "/api/v1/units": "UnitPage",
		"/api/v1/users": "UserPage", "/api/v1/postings": "PostingPage", addr(c, "/files"): "Files",
	} {
		for _, who := range []string{"anna", "chief"} {
			var v any
			if err := json.Unmarshal(b.send(t, who, "GET", path, "").must(t, 200).Body.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			for _, fault := range faultsOf(doc, schema, huma.ModeReadFromServer, v) {
				t.Errorf("%s for %s: %v", path, who, fault)
			}
		}
	}
	p := b.send(t, "anna", "POST", "/api/v1/clients", `{"name": 1}`).must(t, 422)
	if faults := faultsOf(doc, "Problem", huma.ModeReadFromServer, any(p.json)); len(faults) > 0 {
		t.Errorf("problem: %v", faults)
	}
}

func documentOf(t *testing.T, b *bench) *huma.OpenAPI {
	t.Helper()
	return api.Document(b.Store.Types.Types(), b.deps.Texts, i18n.EN, "1.0.0")
}

func faultsOf(doc *huma.OpenAPI, schema string, mode huma.ValidateMode, v any) []error {
	res := &huma.ValidateResult{}
	for _, s := range doc.Components.Schemas.Map() {
		s.PrecomputeMessages()
	}
	huma.Validate(doc.Components.Schemas, doc.Components.Schemas.Map()[schema], huma.NewPathBuffer([]byte{}, 0), mode, v, res)
	return res.Errors
}

// TestDocumentAgreesOnInput sends bodies that the schema takes and refuses, and expects the interface to do the same.
func TestDocumentAgreesOnInput(t *testing.T) {
	b := sqlite(t)
	doc := documentOf(t, b)
	for body, good := range map[string]bool{
		`{"name": "x", "budget": 5, "size": "large", "tags": ["old"], "due": "2026-03-09", "effort": 60, "wanted": true}`: true,
		`{"name": "x", "size": null, "budget": null, "notes": null}`:                                                      true,
		`{"budget": 5}`:                               false,
		`{"name": "x", "budget": 1.5}`:                false,
		`{"name": "x", "budget": -1}`:                 false,
		`{"name": "x", "rate": 101}`:                  false,
		`{"name": "x", "size": "huge"}`:               false,
		`{"name": "x", "tags": ["quiet"]}`:            false,
		`{"name": "x", "outcome": "y"}`:               false,
		`{"name": "x", "nothing": "y"}`:               false,
		`{"name": "x", "helper": "y"}`:                false,
		`{"name": "` + strings.Repeat("x", 61) + `"}`: false,
	} {
		var v any
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			t.Fatal(err)
		}
		faults := faultsOf(doc, "ClientCreate", huma.ModeWriteToServer, v)
		code := b.send(t, "chief", "POST", "/api/v1/clients", body).Code
		if (len(faults) == 0) != good || (code == 201) != good {
			t.Errorf("%s: schema says %v, interface says %d, want good %v", body, faults, code, good)
		}
	}
}

func TestDocumentFollowsCustomFields(t *testing.T) {
	b := sqlite(t)
	if strings.Contains(string(b.document(t, "en")), "favourite") {
		t.Fatal("too early")
	}
	f := *b.Client.Field("notes")
	f.Name, f.Labels = "favourite_tea", map[string]string{"zh": "爱喝的茶", "en": "Favourite tea"}
	if err := b.Store.Types.Extend("client", []*record.Field{&f}); err != nil {
		t.Fatal(err)
	}
	if doc := string(b.document(t, "zh")); !strings.Contains(doc, "favourite_tea") || !strings.Contains(doc, "爱喝的茶") {
		t.Error("the custom field is missing")
	}
	a := b.send(t, "anna", "POST", "/api/v1/clients", `{"name": "x", "favourite_tea": "龙井"}`).must(t, 201)
	if a.at("fields.favourite_tea") != "龙井" {
		t.Errorf("made %s", a.Body)
	}
}

func TestGeneralActionsATypeDoesNotHave(t *testing.T) {
	b := sqlite(t)
	c := b.client(t, "茅台")
	b.Add(t, &accesstest.Client{Name: "second"})
	doc := documentOf(t, b)
	ops := slices.Collect(func(yield func(string) bool) {
		for path := range doc.Paths {
			if !yield(path) {
				return
			}
		}
	})
	if slices.Contains(ops, "/api/v1/memos/{id}/reveal") || !slices.Contains(ops, "/api/v1/clients/{id}/reveal") {
		t.Errorf("paths %v", ops)
	}
	b.send(t, "chief", "POST", addr(c, "/actions/export"), "").must(t, 404)
}
