package e2e_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dianke/internal/engine/record"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/world"
)

// The texts that become something else where they are not escaped. The short one is for fields of few characters.
const (
	script      = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	shortScript = `"><i id=x>`
)

// alive are the parts of the texts that a browser would act on.
var alive = []string{"<script>alert", "<img src=x", "<i id=x>", `onerror=alert(1)>`}

// view opens or posts a page in a language and holds it against what every page keeps to.
func (s *siege) view(t *testing.T, label, lang, method, path, body string, header ...string) answer {
	t.Helper()
	a := s.ask(all, method, path, body, append(header, "Cookie", s.cookie(all)+"; dianke_lang="+lang)...)
	label = fmt.Sprintf("%s: %s %s", label, method, clipped(path))
	if !s.calm(t, label, a) {
		return a
	}
	for _, word := range alive {
		if at := strings.Index(a.body, word); at >= 0 {
			t.Errorf("%s: not escaped: …%s…", label, a.body[max(0, at-200):min(len(a.body), at+80)])
			break
		}
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.code != http.StatusSeeOther && a.code != http.StatusTemporaryRedirect {
		if a.header.Get("Content-Language") != lang {
			t.Errorf("%s: %d speaks %q, want %s: %.200s", label, a.code, a.header.Get("Content-Language"), lang, a.body)
		}
		if a.code >= 400 && len(a.body) < 200 {
			t.Errorf("%s: %d is no page: %s", label, a.code, a.body)
		}
	}
	return a
}

// form is a record as a form would post it rightly, with a text put into every field for texts.
func (s *siege) form(fields []*record.Field, text func(f *record.Field) string) url.Values {
	out := url.Values{"similar_ok": {"1"}}
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
		switch v := s.fits(f).(type) {
		case nil:
		case []string:
			out[f.Name] = v
		case record.ID:
			out.Set(f.Name, v.String())
		case []record.ID:
			out.Set(f.Name, v[0].String())
		default:
			out.Set(f.Name, strings.TrimSuffix(fmt.Sprint(v), ":00Z"))
		}
		if k := f.Kind.Name(); text != nil && (k == "text" || k == "longtext" || k == "address" || k == "multienum" && len(f.Options.Enum) == 0) {
			out.Set(f.Name, text(f))
		}
	}
	out.Set("_fields", strings.Join(names, ","))
	return out
}

func scriptFor(f *record.Field) string {
	if f.Options.Max > 0 && f.Options.Max < len(script) {
		return shortScript
	}
	return script
}

// typedAgain reports whether a page that refuses a form still shows the text that was typed.
func typedAgain(a answer, typed string) bool {
	return a.code < 400 || strings.Contains(a.body, html.EscapeString(typed)) || strings.Contains(a.body, html.EscapeString(html.EscapeString(typed)))
}

// forms posts a form empty, with far too much, and with script in it.
func (s *siege) forms(t *testing.T, label, path string, fields []*record.Field) {
	s.view(t, label+" empty", "zh", "POST", path, s.form(nil, nil).Encode())
	all := url.Values{"_fields": {s.form(fields, nil).Get("_fields")}}
	s.view(t, label+" blank", "en", "POST", path, all.Encode())
	for _, f := range fields {
		if k := f.Kind.Name(); k != "text" && k != "longtext" || f.Options.Max > 100_000 {
			continue
		}
		long := strings.Repeat("x", 100_000)
		v := s.form(fields, nil)
		v.Set(f.Name, long)
		a := s.view(t, label+" long "+f.Name, "zh", "POST", path, v.Encode())
		if a.code < 400 && a.code != http.StatusOK || !strings.Contains(a.body, long) && a.code == http.StatusUnprocessableEntity {
			t.Errorf("%s: %d for 100,000 characters in %s, kept: %v", label, a.code, f.Name, strings.Contains(a.body, long))
		}
		break
	}
	v := s.form(fields, nil)
	for _, f := range fields {
		v[f.Name] = []string{"\xff\xfe\x00", "\x00"}
	}
	s.view(t, label+" bytes", "en", "POST", path, v.Encode())
	v = s.form(fields, scriptFor)
	a := s.view(t, label+" script", "zh", "POST", path, v.Encode())
	for _, f := range fields {
		if a.code == http.StatusUnprocessableEntity && v.Get(f.Name) == script && !typedAgain(a, script) {
			t.Errorf("%s: what was typed into %s is lost", label, f.Name)
		}
	}
}

// TestBadInputToPages posts every form of every type what does not belong there, and asks every page with addresses that
// nobody would follow.
func TestBadInputToPages(t *testing.T) {
	t.Parallel()
	s := besiege(t, open(t))
	for _, typ := range s.types() {
		one := "/" + typ.Plural + "/" + s.first[typ.Name].String()
		s.forms(t, typ.Name+" new", "/"+typ.Plural, typ.Editable(true))
		s.forms(t, typ.Name+" edit", one, typ.Editable(false))
		for _, act := range typ.Actions {
			if !act.General {
				s.forms(t, typ.Name+" "+act.Name, one+"/do/"+act.Name, act.Input)
			}
		}
		s.view(t, typ.Name, "zh", "POST", one+"/comments", url.Values{"body": {script}}.Encode())
		s.view(t, typ.Name, "en", "POST", one+"/comments", url.Values{"body": {strings.Repeat("x", 100_000)}}.Encode())
		for _, query := range []string{"f=number%3Aeq%3Ax", strings.Repeat("q=x&", 3000), "%zz", "\x00"} {
			s.view(t, typ.Name, "zh", "POST", "/"+typ.Plural+"/views", url.Values{"name": {script[:40]}, "query": {query}, "shared": {"1"}}.Encode())
		}
		s.view(t, typ.Name, "zh", "POST", "/"+typ.Plural+"/views", url.Values{"name": {"a\x00b\xff"}, "query": {"q=a"}}.Encode())
		s.badAddresses(t, typ)
	}
	s.badRoutes(t)
	s.loose(t)
	s.crawl(t)
}

// badAddresses asks for lists and records with what no link of ours holds.
func (s *siege) badAddresses(t *testing.T, typ *record.Type) {
	e := url.QueryEscape
	for i, q := range []string{
		"q=" + e(script), "q=%00", "q=%ff", "q=" + strings.Repeat("x", 5000), "f=" + e(script), "f=no:eq:1", "f=number:no:1", "f=number", "f=" + e(":::"), "f=%00", "f=id:eq:x",
		"f=created_at:gt:" + e(script), strings.Repeat("f=number:eq:x&", 60), "sort=" + e(script), "sort=no_such", "sort=-", "sort=custom", "after=x", "after=%00", "after=" + e(script), strings.Repeat("after=x&", 60),
		"view=" + e(script), "view=kanban", "view=calendar", "view=kanban&by=" + e(script), "view=calendar&by=no_such", "view=calendar&month=" + e(script), "view=calendar&month=9999-99", "view=kanban&f=no:eq:1&q=" + e(script),
		"cols=" + e(script), "cols=" + strings.Repeat("number,", 900), "cols=%00", "columns=1&pick=" + e(script), "scope=" + e(script), "density=" + e(script), "e." + e(script) + "=1", "e.number=" + e(script),
		"nf=" + e(script) + "&no=" + e(script) + "&nv=" + e(script), "nf=number&no=eq&nv=", "%zz=%zz", ";;;", "page=-1", "limit=-1",
	} {
		s.view(t, typ.Name, []string{"zh", "en"}[i%2], "GET", "/"+typ.Plural+"?"+q, "")
	}
	for _, q := range []string{"name=" + e(script), "return=" + e("javascript:alert(1)"), "return=" + e("//evil.example/"), "return=" + e(`/\evil.example`)} {
		if a := s.view(t, typ.Name, "zh", "GET", "/"+typ.Plural+"/new?"+q, ""); strings.Contains(a.body, "javascript:") || strings.Contains(a.body, `"//evil`) {
			t.Errorf("%s: a form leads elsewhere: %s", typ.Name, q)
		}
	}
}

var pattern = regexp.MustCompile(`"(GET|POST) (/[^"]*)"`)

// routes are all patterns that packages of pages mount, read from their source, so that a new page is among them.
func routes(t *testing.T) [][2]string {
	t.Helper()
	var out [][2]string
	err := filepath.WalkDir("../internal/surface/web", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "assets" {
			return errOr(err, fs.SkipDir)
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "test") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
			out = append(out, [2]string{m[1], m[2]})
		}
		return err
	})
	if err != nil || len(out) < 60 {
		t.Fatalf("%d routes, %v", len(out), err)
	}
	return out
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

var hole = regexp.MustCompile(`\{[a-z_]*\.*\}`)

// address fills a pattern as a link of the sample would.
func (s *siege) address(p string) string {
	p = strings.ReplaceAll(p, "{$}", "")
	for name, value := range map[string]string{
		"{plural}": "customers", "{id}": s.first["customer"].String(), "{key}": "r01", "{clause}": "r01.7.2", "{no}": "1", "{type}": "customer", "{year}": "2025",
		"{kind}": "call", "{seq}": "1", "{action}": "archive", "{reply}": s.first["case_reply"].String(),
	} {
		if strings.Contains(p, "/desk/") || strings.Contains(p, "/cases/") {
			p = strings.ReplaceAll(p, "{id}", s.first["case"].String())
		}
		p = strings.ReplaceAll(p, name, value)
	}
	return hole.ReplaceAllString(p, "x")
}

// badRoutes fills the holes of every pattern with what is nothing, posts to all of them from elsewhere and too much.
func (s *siege) badRoutes(t *testing.T) {
	huge := "a=" + strings.Repeat("x", 1<<20)
	for _, r := range routes(t) {
		for i, wrong := range []string{"x", "0000000000000", "zzzzzzzzzzzzz", "%00", "..%2f..", url.PathEscape(script), "9999999999999999999999", "%ff"} {
			if path := hole.ReplaceAllString(strings.ReplaceAll(r[1], "{$}", ""), wrong); path != r[1] {
				s.view(t, "hole", []string{"zh", "en"}[i%2], r[0], path, "")
			}
		}
		if r[0] != "POST" {
			continue
		}
		path := s.address(r[1])
		s.untouched(t, path, func() {
			for _, header := range [][]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "", "Sec-Fetch-Site", "cross-site"}, {"Origin", "", "Sec-Fetch-Site", "same-site"}} {
				if a := s.view(t, "elsewhere", "en", "POST", path, "a=b", header...); a.code != http.StatusForbidden {
					t.Errorf("POST %s from %v: %d", path, header, a.code)
				}
			}
		})
		if a := s.view(t, "huge", "zh", "POST", path, huge); a.code != http.StatusRequestEntityTooLarge {
			t.Errorf("POST %s with too much: %d", path, a.code)
		}
		if path == "/me/signout" {
			continue // it asks for nothing and would end the siege
		}
		for _, typ := range []string{"application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x"} {
			s.view(t, "content", "zh", "POST", path, `{"a": 1}`, "Content-Type", typ)
		}
	}
	for i, path := range []string{"/no-such-page", "/customers/x/y/z", "/.env", "/..%2f..%2fetc%2fpasswd", "/assets/no-such.js", "/assets/..%2f", "/%00", "/%ff", "/" + strings.Repeat("a", 4000), "/customers/new/x", "/" + url.PathEscape(script)} {
		s.view(t, "unknown", []string{"zh", "en"}[i%2], "GET", path, "")
	}
}

var link = regexp.MustCompile(`(?:href|src|hx-get)="(/[^"#]*)`)

// crawl follows the links of all pages from the workbench on, two of each kind, and looks for script that lives.
func (s *siege) crawl(t *testing.T) []string {
	id := regexp.MustCompile(`[0-9a-z]{13}|\d+|after=[^&]*`)
	queue, seen, kinds := []string{"/workbench", "/library", "/desk", "/register", "/audit", "/search?q=alert", "/me", "/settings/fields", "/read/r01", "/me/watermark.svg"}, map[string]bool{}, map[string]int{}
	for _, typ := range s.types() {
		queue = append(queue, "/"+typ.Plural, "/"+typ.Plural+"?sort=-created_at", "/"+typ.Plural+"?view=kanban", "/"+typ.Plural+"?view=calendar", "/"+typ.Plural+"?q=alert")
	}
	seeds := len(queue)
	var shown []string
	for n := 0; len(queue) > 0 && len(seen) < 900; n++ {
		path := queue[0]
		queue = queue[1:]
		at, query, _ := strings.Cut(path, "?")
		names := regexp.MustCompile(`=[^&]*`).ReplaceAllString(query, "=")
		kind := id.ReplaceAllString(at+"?"+names, "#")
		if seen[path] || kinds[kind] >= 2 || strings.HasPrefix(path, "/assets/") {
			continue
		}
		seen[path], kinds[kind] = true, kinds[kind]+1
		a := s.view(t, "crawl", "zh", "GET", path, "")
		if strings.Contains(a.body, "alert(1)") {
			shown = append(shown, path)
		}
		if a.code == http.StatusNotFound && n >= seeds {
			t.Errorf("a link leads to nothing: %s", path)
		}
		for _, m := range link.FindAllStringSubmatch(a.body, -1) {
			queue = append(queue, html.UnescapeString(m[1]))
		}
	}
	if len(shown) < 100 {
		t.Errorf("%d pages, and %d of them show what was typed", len(seen), len(shown))
	}
	return shown
}

// TestScriptNeverRuns opens pages that show script in a real browser: nothing of it runs, and nothing is refused by the
// content policy, since nothing of it is there to be refused.
func TestScriptNeverRuns(t *testing.T) {
	policy := &browsertest.Policy{}
	h := openAs(t, setup{around: policy.Wrap})
	b := browsertest.Start(t, h.url)
	s := besiege(t, h)
	var pages []string
	for _, name := range []string{"customer", "contact", "interaction", "case", "task", "unit", "user", "regulation", "knowledge_article"} {
		typ := h.app.Types.Type(name)
		in := map[string]any{}
		for _, f := range typ.Editable(true) {
			if v := s.fits(f); v != nil {
				in[f.Name] = v
			}
			if k := f.Kind.Name(); (k == "text" || k == "longtext") && f.Name != "key" { // keys stand in addresses and take no such thing
				in[f.Name] = scriptFor(f)
			}
		}
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		a := s.ask(all, "POST", "/api/v1/"+typ.Plural, string(text))
		var made struct {
			ID record.ID `json:"id"`
		}
		if json.Unmarshal([]byte(a.body), &made) != nil || a.code != http.StatusCreated {
			t.Errorf("%s: %d %.200s", name, a.code, a.body)
			continue
		}
		s.ask(all, "POST", "/api/v1/"+typ.Plural+"/"+made.ID.String()+"/comments", `{"body": `+quoted(script)+`}`)
		one := "/" + typ.Plural + "/" + made.ID.String()
		pages = append(pages, one, one+"/edit", "/"+typ.Plural+"?sort=-created_at")
	}
	pages = append(pages, "/cases?view=kanban&q="+url.QueryEscape(script), "/search?q="+url.QueryEscape(script), "/desk", "/workbench", "/library", "/no-such-page/"+url.PathEscape(script))
	b.SignIn(all, world.Password)
	for _, path := range pages {
		b.Open(path, 1280)
		if n := b.Read(`document.querySelectorAll('script:not([src]):not([type="application/json"]), [onerror], img[src$="/x"], #x').length`); n != "0" {
			t.Errorf("%s: %s elements that nobody of ours put there", path, n)
		}
	}
	if list := policy.Refused(); len(list) > 0 {
		t.Errorf("refused by the content policy: %v", list)
	}
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}
