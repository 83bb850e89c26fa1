package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

// siege is a house whose doors are tried with everything that does not belong there. Its administrator may do anything
// with any type, so that nothing is refused for want of permission alone.
type siege struct {
	*house
	t       *testing.T
	handler http.Handler

	mu      sync.Mutex
	cookies map[string]string // by login
	first   map[string]record.ID
}

const all = "administrator"

// besiege opens a house. The first record of each type stands for all of them.
func besiege(t *testing.T, h *house) *siege {
	t.Helper()
	handler, err := h.app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	s := &siege{house: h, t: t, handler: handler, cookies: map[string]string{}, first: map[string]record.ID{}}
	err = h.app.InTx(context.Background(), "test", "test", func(c *record.Call) error {
		roles, err := record.Find[org.Role](context.Background(), c, "role", record.Where("key", "administrator"), 1)
		if err != nil || len(roles) == 0 {
			return fmt.Errorf("no administrator: %w", err)
		}
		for _, act := range []string{"*", record.Reveal} {
			g := &org.GrantRow{RoleID: roles[0].ID, Type: "*", Action: act, Reach: "all", Class: "sensitive"}
			if err := c.Work.Insert(context.Background(), c, "grant", g); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.app.Guard.Forget()
	for _, typ := range s.types() {
		s.first[typ.Name] = 1 // an id of nothing
		if ids := s.ids(all, typ, "limit=1"); len(ids) > 0 {
			s.first[typ.Name] = ids[0]
		}
	}
	for _, typ := range s.types() {
		if s.first[typ.Name] == 1 && typ.Action(record.Create) != nil {
			s.first[typ.Name] = s.enter(typ)
		}
	}
	return s
}

// enter makes a record of a type the sample has none of, where no rule of its room is in the way.
func (s *siege) enter(typ *record.Type) record.ID {
	text, err := json.Marshal(s.body(typ.Editable(true)))
	if err != nil {
		s.t.Fatal(err)
	}
	var made struct {
		ID record.ID `json:"id"`
	}
	a := s.ask(all, "POST", "/api/v1/"+typ.Plural, string(text))
	if a.code != http.StatusCreated || json.Unmarshal([]byte(a.body), &made) != nil {
		s.t.Logf("no %s: %d %.200s", typ.Name, a.code, a.body)
		return 1
	}
	return made.ID
}

func (s *siege) types() []*record.Type { return s.app.Types.Types() }

// ids lists what somebody sees of a type over the interface; nothing where he may see none.
func (s *siege) ids(who string, typ *record.Type, query string) []record.ID {
	s.t.Helper()
	a := s.ask(who, "GET", "/api/v1/"+typ.Plural+"?"+query, "")
	if a.code == http.StatusForbidden {
		return nil
	}
	var page struct {
		Items []struct {
			ID record.ID `json:"id"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.code != http.StatusOK {
		s.t.Fatalf("%s lists %s: %d %.300s", who, typ.Plural, a.code, a.body)
	}
	out := make([]record.ID, len(page.Items))
	for i, item := range page.Items {
		out[i] = item.ID
	}
	return out
}

// answer is what came back.
type answer struct {
	code   int
	header http.Header
	body   string
}

// cookie signs somebody in once; "" for nobody.
func (s *siege) cookie(who string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if who == "" || s.cookies[who] != "" {
		return s.cookies[who]
	}
	at, err := url.Parse(s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	var parts []string
	for _, c := range s.signIn(s.t, who).client.Jar.Cookies(at) {
		parts = append(parts, c.Name+"="+c.Value)
	}
	s.cookies[who] = strings.Join(parts, "; ")
	return s.cookies[who]
}

// ask sends one request. A body is JSON for the interface and a form for pages unless a header says otherwise. The clock
// moves a little, so that nobody asks too often.
func (s *siege) ask(who, method, path, body string, header ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest(method, s.url+path, strings.NewReader(body))
	r.Header.Set("Origin", s.url)
	switch {
	case body == "":
	case strings.HasPrefix(path, "/api/"):
		r.Header.Set("Content-Type", "application/json")
	default:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c := s.cookie(who); c != "" {
		r.Header.Set("Cookie", c)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			r.Header.Del(header[i])
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	s.clock.Advance(60 * time.Millisecond)
	if strings.HasSuffix(path, "/stream") { // it would go on for as long as somebody listens
		ctx, stop := context.WithTimeout(r.Context(), 200*time.Millisecond)
		defer stop()
		r = r.WithContext(ctx)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// inner are words that belong into a log and never into an answer.
var inner = []string{
	"goroutine ", "runtime error", "panic:", ".go:", "SQLSTATE", "SQLite", "SQLITE_", "constraint failed", "syntax error at or near", "no such table", "no such column",
	"invalid character '", "cannot unmarshal", "strconv.", "reflect.", "nil pointer", "context canceled", "context deadline", "unexpected EOF", "error parsing regexp",
	"/tmp/", "/home/", "$argon2", "%!", "⟦", "<nil>", "map[", "(0xc0",
}

// calm reports an answer that a fault of the program would give, or that tells how the program is made.
func (s *siege) calm(t *testing.T, label string, a answer) bool {
	t.Helper()
	if a.code >= 500 {
		t.Errorf("%s: %d %.400s", label, a.code, a.body)
		return false
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "image/") {
		return true
	}
	for _, word := range inner {
		if at := strings.Index(a.body, word); at >= 0 {
			t.Errorf("%s: %d tells …%s…", label, a.code, a.body[max(0, at-120):min(len(a.body), at+120)])
			return false
		}
	}
	return true
}

// problem reads a failure of the interface.
type problem struct {
	Title, Detail, Key string
	Status             int
	Errors             []struct{ Field, Key, Message string }
}

// names reports whether the problem points at the field.
func (p problem) names(field string) bool {
	return slices.ContainsFunc(p.Errors, func(e struct{ Field, Key, Message string }) bool { return e.Field == field && e.Message != "" })
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// refused asks the interface for what it must refuse, in both languages by turns, and reads the problem.
func (s *siege) refused(t *testing.T, label, who, method, path, body string, header ...string) (answer, problem) {
	t.Helper()
	lang := "zh"
	if len(label)%2 == 0 {
		lang = "en"
	}
	a := s.ask(who, method, path, body, append([]string{"Accept-Language", lang}, header...)...)
	label = fmt.Sprintf("%s: %s %s", label, method, clipped(path))
	var p problem
	switch {
	case !s.calm(t, label, a):
	case a.code < 400:
		t.Errorf("%s: %d %.200s for %.200s", label, a.code, a.body, body)
	case a.header.Get("Content-Type") != "application/problem+json", json.Unmarshal([]byte(a.body), &p) != nil:
		t.Errorf("%s: no problem: %d %s %.200s", label, a.code, a.header.Get("Content-Type"), a.body)
	case p.Title == "", p.Detail == "", p.Status != a.code:
		t.Errorf("%s: a problem without words: %s", label, a.body)
	case lang == "zh" && (!han(p.Title) || !han(p.Detail)), lang == "en" && (han(p.Title) || han(p.Detail[:1]) || strings.Count(p.Detail, " ") < 2):
		t.Errorf("%s: the problem does not speak %s: %s", label, lang, a.body)
	}
	return a, p
}

func clipped(s string) string {
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}

// stored is how many rows each table of records has and how often they were written.
func (s *siege) stored() map[string][2]int64 {
	s.t.Helper()
	ctx := context.Background()
	out, err := db.View(ctx, s.app.DB, func(tx *db.Tx) (map[string][2]int64, error) {
		out := map[string][2]int64{}
		for _, typ := range s.types() {
			var n [2]int64
			if err := tx.QueryRow(ctx, "SELECT COUNT(*), CAST(COALESCE(SUM(lock_version), 0) AS BIGINT) FROM "+typ.Plural).Scan(&n[0], &n[1]); err != nil {
				return nil, err
			}
			out[typ.Plural] = n
		}
		return out, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// untouched runs what must store nothing.
func (s *siege) untouched(t *testing.T, label string, attack func()) {
	t.Helper()
	before := s.stored()
	attack()
	if after := s.stored(); !maps.Equal(before, after) {
		for table, n := range after {
			if before[table] != n {
				t.Errorf("%s: %s went from %v to %v rows and writes", label, table, before[table], n)
			}
		}
	}
}

// fits is a value the field takes, as JSON writes it; nil leaves it out.
func (s *siege) fits(f *record.Field) any {
	switch f.Kind.Name() {
	case "text":
		if f.Name == "hours" {
			return "09:00-12:00"
		}
		return "试"
	case "longtext":
		return "试一试"
	case "number", "decimal", "percent", "money", "duration":
		if f.Options.Min != nil {
			return max(1, int(*f.Options.Min))
		}
		return 1
	case "bool":
		return true
	case "date":
		if later(f.Name) {
			return "2026-01-05"
		}
		return "2025-09-25"
	case "time":
		if later(f.Name) {
			return "2026-01-05T02:00:00Z"
		}
		return "2025-09-25T02:00:00Z"
	case "enum", "state":
		return f.Options.Enum[0]
	case "multienum":
		if len(f.Options.Enum) == 0 {
			return []string{"one"}
		}
		return f.Options.Enum[:1]
	case "refs":
		if f.Required {
			return []record.ID{s.first[f.Ref]}
		}
	case "ref", "user", "unit":
		if f.Required || f.Parent {
			return s.first[kindOf(f)]
		}
	}
	return nil
}

// later reports whether a time of the name lies ahead, where rooms ask for that.
func later(name string) bool {
	return regexp.MustCompile(`due|expires|next|until|promised`).MatchString(name)
}

// kindOf is the type a reference points at.
func kindOf(f *record.Field) string {
	if k := f.Kind.Name(); k == "user" || k == "unit" {
		return k
	}
	return f.Ref
}

// body is a record as it might be entered rightly.
func (s *siege) body(fields []*record.Field) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		if v := s.fits(f); v != nil {
			out[f.Name] = v
		}
	}
	return out
}

// misfits are values no field of the kind takes, as JSON; the first is of the wrong JSON type, so that the problem has to
// point at the field.
func (s *siege) misfits(f *record.Field) []string {
	const big = `99999999999999999999`
	switch f.Kind.Name() {
	case "text", "longtext", "secret":
		limit := f.Options.Max
		if limit == 0 || limit > 30_000 {
			limit = 30_000
		}
		return []string{`7`, `true`, `["a"]`, `{"a":"b"}`, `1e400`, `"a\u0000b"`, `"a\u202eb"`, `"` + strings.Repeat("长", limit+1) + `"`}[:boundedText(f)]
	case "number", "duration":
		return []string{`"seven"`, `"7"`, `true`, `[1]`, `{}`, `1.5`, `1e400`, big, `-` + big}
	case "decimal", "percent":
		return []string{`"seven"`, `"7"`, `false`, `[1]`, `{}`, `1e400`}
	case "money":
		return []string{`"7"`, `1.5`, `[1]`, `{}`, `1e400`, big}
	case "bool":
		return []string{`"true"`, `1`, `[]`, `{}`}
	case "date", "time":
		return []string{`7`, `"yesterday"`, `"2025-02-30"`, `"2025-13-01T00:00:00Z"`, `"99999-01-01"`, `[]`, `{}`}
	case "enum", "state":
		return []string{`7`, `"no_such_choice"`, `[]`, `{}`, `"\u0000"`}
	case "multienum":
		return []string{`"a"`, `7`, `[1]`, `[["a"]]`, `{}`, `["a\u0000"]`}
	case "ref", "user", "unit", "file":
		wrong := []string{`7`, `"x"`, `[]`, `{}`}
		if f.Kind.Name() == "file" {
			return wrong
		}
		other := s.first["unit"] // an id of another type
		if kindOf(f) == "unit" {
			other = s.first["user"]
		}
		return append(wrong, `"0000000000001"`, `"zzzzzzzzzzzzz"`, `"`+other.String()+`"`)
	case "refs", "files":
		return []string{`"x"`, `7`, `[7]`, `["x"]`, `[["0000000000001"]]`, `{}`}
	case "json":
		return []string{`"x"`, `7`, `[]`, `{"a":1e400}`, `{"a":"\u0000"}`, `{"a\u0000":1}`, `{"a":"` + strings.Repeat("x", 70_000) + `"}`}
	case "phone", "email", "idcard", "creditcode", "address":
		return []string{`7`, `"no such thing\u0000"`, `[]`, `{}`, `"` + strings.Repeat("9", 300) + `"`}
	}
	return nil
}

// boundedText leaves the last misfit out for texts as long as bodies may be.
func boundedText(f *record.Field) int {
	if f.Options.Max > 30_000 {
		return 7
	}
	return 8
}

// broken are bodies that are no JSON object in UTF-8.
var broken = map[string]string{
	"empty": " ", "half": `{"a": "b`, "list": `[{"a": 1}]`, "text": `"x"`, "null": `null`, "two": `{} {}`, "comment": `{/* x */}`, "single quotes": `{'a': 1}`,
	"NaN": `{"a": NaN}`, "twice": `{"a": 1, "a": 2}`, "GBK": "{\"name\": \"\xc3\xa9\xcc\xa8\xc3\xa9\xcc\xa8\xff\"}", "UTF-16": "\xff\xfe{\x00}\x00", "BOM": "\xef\xbb\xbf{}",
	"NUL": "{\"a\": \"\x00\"}", "surrogate": `{"a": "\ud800"}`, "deep lists": `{"a": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`,
	"deep objects": strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), "huge": `{"a": "` + strings.Repeat("x", 1<<20) + `"}`, "XML": `<?xml version="1.0"?><a/>`,
}

// TestBadInputToTheInterface sends every type, action and route of the interface what does not belong there.
func TestBadInputToTheInterface(t *testing.T) {
	t.Parallel()
	s := besiege(t, open(t))
	for _, typ := range s.types() {
		s.untouched(t, typ.Name, func() {
			s.wrongValues(t, typ)
			s.wrongLists(t, typ)
			s.wrongActions(t, typ)
		})
	}
	s.untouched(t, "routes", func() { s.wrongRoutes(t) })
}

// wrongValues gives each field what it does not take, in a record otherwise entered rightly, new and existing.
func (s *siege) wrongValues(t *testing.T, typ *record.Type) {
	fields := typ.Editable(true)
	good := s.body(fields)
	with := func(name, value string) string {
		b := maps.Clone(good)
		b[name] = json.RawMessage(value)
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatalf("%s.%s %s: %v", typ.Name, name, value, err)
		}
		return string(text)
	}
	one := "/api/v1/" + typ.Plural + "/" + s.first[typ.Name].String()
	for _, f := range fields {
		for i, value := range s.misfits(f) {
			label := fmt.Sprintf("%s.%s = %.20s", typ.Name, f.Name, value)
			if typ.Action(record.Create) != nil {
				_, p := s.refused(t, label, all, "POST", "/api/v1/"+typ.Plural, with(f.Name, value))
				if i == 0 && !p.names(f.Name) {
					t.Errorf("%s: the problem does not name the field: %+v", label, p)
				}
			}
			if typ.Action(record.Update) != nil && i != 1 {
				s.refused(t, label+" changed", all, "PATCH", one, `{"`+f.Name+`": `+value+`}`, "If-Match", "*")
			}
		}
	}
	for _, name := range []string{"no_such_field", "id", "number", "lock_version", "created_at", "created_by", "updated_at", "archived_at", "custom", "__proto__", "a b", "名", ""} {
		s.refused(t, typ.Name+" unknown "+name, all, "POST", "/api/v1/"+typ.Plural, with(name, `"x"`))
	}
	if typ.Action(record.Update) == nil || s.first[typ.Name] == 1 {
		return
	}
	editable := typ.Editable(false)
	for _, f := range append(record.HeadFields(), typ.Fields...) {
		if !slices.Contains(editable, f) {
			s.refused(t, typ.Name+" closed "+f.Name, all, "PATCH", one, `{"`+f.Name+`": "x"}`, "If-Match", "*")
		}
	}
	for tag, code := range map[string]int{"": 428, "x": 400, `"x"`: 400, `W/"1"`: 400, `"1", "2"`: 400, `"-1"`: 400, `"99999999999999999999"`: 400, `"9999999"`: 412} {
		if a, _ := s.refused(t, typ.Name+" tag", all, "PATCH", one, `{}`, "If-Match", tag); a.code != code {
			t.Errorf("%s: If-Match %q: %d, want %d %s", typ.Name, tag, a.code, code, a.body)
		}
	}
}

var everyOp = []field.Op{field.Eq, field.Ne, field.Lt, field.Le, field.Gt, field.Ge, field.In, field.NotIn, field.Contains, field.Starts, field.Has, "like", "", "eq;--"}

// wrongLists asks for lists that cannot be.
func (s *siege) wrongLists(t *testing.T, typ *record.Type) {
	list := "/api/v1/" + typ.Plural + "?"
	deep := strings.Repeat(`{"not":`, 30) + `{"field":"number","op":"eq","value":"x"}` + strings.Repeat("}", 30)
	many := `{"or":[` + strings.Repeat(`{"field":"number","op":"eq","value":"x"},`, 99) + `{"field":"number","op":"eq","value":"x"}]}`
	for _, q := range []string{
		"limit=-1", "limit=999999", "limit=0", "limit=x", "limit=1.5", "limit=1&limit=2", "cursor=x", "cursor=%00", "cursor=eyJhIjoxfQ", "cursor=" + strings.Repeat("A", 5000),
		"sort=no_such_field", "sort=id%3Bdrop", "sort=custom", "desc=maybe", "count=1x", "archived=x", "no_such=1", "f=no_such:eq:1", "f=number", "f=number:no:1", "f=%3A%3A%3A",
		"f=number:eq:%00", "f=number:eq:%ff", "f=id:eq:x", "f=created_at:gt:yesteryear", "f=lock_version:eq:1e400", "f=id:in:", "%zz", "q=%zz",
		"filter={", "filter=[]", "filter=%22x%22", "filter=" + url.QueryEscape(deep), "filter=" + url.QueryEscape(many), "filter=" + url.QueryEscape(`{"field":"number","op":"eq","value":{"a":1}}`),
		"filter=" + url.QueryEscape(`{"field":"number","op":"eq","value":"x","more":1}`), "filter=" + url.QueryEscape(`{"and":[],"field":"number","or":[{}]}`+"}"),
		"filter=" + url.QueryEscape(`{"field":"number","op":"in","value":"x"}`), "filter=" + strings.Repeat("x", 17<<10),
	} {
		s.refused(t, typ.Name+" list", all, "GET", list+q, "")
	}
	for _, q := range []string{"q=%00", "q=%ff%fe", "q=" + strings.Repeat("x", 5000), "q=%27%22%28%29%2A", "q=" + url.QueryEscape(`a" OR 1=1 --`), "q=NEAR%28", "f=number:eq:" + strings.Repeat("9", 3000)} {
		s.calm(t, typ.Name+" "+clipped(q), s.ask(all, "GET", list+q, ""))
	}
	fields, whole := typ.Fields, typ.Name == "customer"
	if whole {
		fields = append(record.HeadFields(), fields...)
	}
	for i, f := range fields {
		for j, op := range everyOp {
			if !whole && (i+j)%4 != 0 {
				continue // every operator is tried on some field of each type
			}
			q := "f=" + url.QueryEscape(f.Name+":"+string(op)+":1")
			if f.Compute != nil || !slices.Contains(f.Kind.Ops(), op) {
				s.refused(t, typ.Name+" filter", all, "GET", list+q, "")
			} else {
				s.calm(t, typ.Name+" "+q, s.ask(all, "GET", list+q+"&limit=1", ""))
			}
		}
		if f.Compute != nil || f.Class == record.Sensitive || slices.Contains([]string{"json", "multienum", "refs", "files"}, f.Kind.Name()) {
			s.refused(t, typ.Name+" sort", all, "GET", list+"sort="+f.Name, "")
		}
	}
}

// wrongActions takes each action in each state it is not offered in, with input it does not ask for, and those that do
// not exist.
func (s *siege) wrongActions(t *testing.T, typ *record.Type) {
	one := func(id record.ID, act string) string {
		return "/api/v1/" + typ.Plural + "/" + id.String() + "/actions/" + act
	}
	first := s.first[typ.Name]
	for _, act := range []string{"no_such", "create", "update", "read", "reveal", "comment", "attach", "export", "..%2f..", "%00", "archive%20"} {
		s.refused(t, typ.Name+" no action", all, "POST", one(first, act), `{}`)
	}
	if st := typ.State(); st != nil {
		for _, state := range st.Options.Enum {
			ids := s.ids(all, typ, "limit=1&f="+st.Name+":eq:"+state)
			for _, act := range typ.Actions {
				if len(ids) > 0 && !act.General && !act.Allowed(state) {
					in, err := json.Marshal(s.body(act.Input))
					if err != nil {
						t.Fatal(err)
					}
					if a, _ := s.refused(t, typ.Name+" "+state+" "+act.Name, all, "POST", one(ids[0], act.Name), string(in)); a.code != http.StatusConflict {
						t.Errorf("%s %s in %s: %d %s", typ.Name, act.Name, state, a.code, a.body)
					}
				}
			}
		}
	}
	for _, act := range typ.Actions {
		if act.General && !slices.Contains([]string{record.Archive, record.Restore, record.Assign}, act.Name) {
			continue
		}
		s.refused(t, typ.Name+" "+act.Name+" unknown", all, "POST", one(first, act.Name), `{"no_such_field": 1}`)
		s.refused(t, typ.Name+" "+act.Name+" stale", all, "POST", one(first, act.Name), `{}`, "If-Match", `"9999999"`)
		for _, f := range act.Input {
			for i, value := range s.misfits(f) {
				_, p := s.refused(t, fmt.Sprintf("%s.%s %s = %.20s", typ.Name, act.Name, f.Name, value), all, "POST", one(first, act.Name), `{"`+f.Name+`": `+value+`}`)
				if i == 0 && !p.names(f.Name) {
					t.Errorf("%s.%s: the problem does not name %s: %+v", typ.Name, act.Name, f.Name, p)
				}
			}
		}
	}
}

// wrongRoutes asks every address of the document with broken bodies, wrong methods, wrong types of content and ids that
// are none, and addresses that are not in it.
func (s *siege) wrongRoutes(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(s.ask("", "GET", "/api/openapi.json", "").body), &doc); err != nil || len(doc.Paths) < 100 {
		t.Fatalf("%d paths, %v", len(doc.Paths), err)
	}
	param := regexp.MustCompile(`\{[^}]*\}`)
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		name := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")[0]
		id := "0000000000001"
		if typ := s.app.Types.Type(name); typ != nil {
			id = s.first[typ.Name].String()
		}
		real := param.ReplaceAllString(path, id)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} {
			if _, known := doc.Paths[path][strings.ToLower(method)]; !known {
				if a, _ := s.refused(t, "method", all, method, real, ""); a.code != 405 && a.code != 404 && a.code != 403 {
					t.Errorf("%s %s: %d", method, path, a.code)
				}
				continue
			}
			if method == "POST" || method == "PATCH" {
				s.wrongBodies(t, method, real)
			}
			for _, wrong := range []string{"x", "0000000000000", "zzzzzzzzzzzzz", s.first["unit"].String() + "0", "%00", "..%2f", "null"} {
				if real != path && (name == "customers" || wrong == "x" || wrong == "zzzzzzzzzzzzz") {
					s.refused(t, "id "+wrong, all, method, param.ReplaceAllString(path, wrong), "{}", "If-Match", "*")
				}
			}
		}
	}
	for _, path := range []string{"/api/", "/api/v1", "/api/v1/", "/api/v2/customers", "/api/v1/customer", "/api/v1/no_such", "/api/v1/no_such/x", "/api/v1/customers/x/y/z/w", "/api/v1/CUSTOMERS", "/api/openapi.yaml", "/api/v1/..%2fme", "/api/v1/sqlite_master", "/api/v1/audit_log"} {
		s.refused(t, "path", all, "GET", path, "")
	}
	for _, path := range []string{"/api/v1/search", "/api/v1/search?q=%20", "/api/v1/search?q=x&types=no_such", "/api/v1/search?q=x&limit=51", "/api/v1/search?q=x&limit=-1", "/api/v1/search?q=x&more=1"} {
		s.refused(t, "search", all, "GET", path, "")
	}
}

// wrongBodies tries all broken bodies on the routes of customers, where every kind of route is, and a few on all.
func (s *siege) wrongBodies(t *testing.T, method, path string) {
	whole := strings.HasPrefix(path, "/api/v1/customers") || strings.HasPrefix(path, "/api/v1/me")
	for name, body := range broken {
		if !whole && name != "half" && name != "list" {
			continue
		}
		s.refused(t, "body "+name, all, method, path, body, "If-Match", "*")
	}
	for _, typ := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "multipart/form-data", "multipart/form-data; boundary=x", ";;;"} {
		if !whole && typ != "text/plain" {
			continue
		}
		s.refused(t, "content "+typ, all, method, path, `{"a": 1}`, "Content-Type", typ, "If-Match", "*")
	}
}

// TestOneKeyOneRequest: a key of idempotency stands for one request alone, and of two people who write at once one wins.
func TestOneKeyOneRequest(t *testing.T) {
	t.Parallel()
	s := besiege(t, open(t))
	first := s.ask(all, "POST", "/api/v1/units", `{"name": "甲", "kind": "team"}`, "Idempotency-Key", "k")
	again := s.ask(all, "POST", "/api/v1/units", `{"name": "甲", "kind": "team"}`, "Idempotency-Key", "k")
	if first.code != 201 || again.code != 201 || first.body != again.body {
		t.Fatalf("first %d %s, again %d %s", first.code, first.body, again.code, again.body)
	}
	s.untouched(t, "keys", func() {
		s.refused(t, "other body", all, "POST", "/api/v1/units", `{"name": "乙", "kind": "team"}`, "Idempotency-Key", "k")
		s.refused(t, "other path", all, "POST", "/api/v1/posts", `{"name": "甲", "kind": "team"}`, "Idempotency-Key", "k")
		for _, key := range []string{"a b", strings.Repeat("k", 256), "键", "a\tb"} {
			s.refused(t, "key", all, "POST", "/api/v1/units", `{"name": "丙", "kind": "team"}`, "Idempotency-Key", key)
		}
	})
	path := "/api/v1/units/" + s.first["unit"].String()
	var wg sync.WaitGroup
	codes := make([]int, 8)
	for i := range codes {
		wg.Go(func() {
			codes[i] = s.ask(all, "PATCH", path, fmt.Sprintf(`{"name": "同时%d"}`, i), "If-Match", s.ask(all, "GET", path, "").header.Get("ETag")).code
		})
	}
	wg.Wait()
	won := 0
	for _, code := range codes {
		switch code {
		case 200:
			won++
		case 412:
		default:
			t.Errorf("at once: %d", code)
		}
	}
	if n := s.ask(all, "GET", path, "").header.Get("ETag"); won == 0 || n == "" {
		t.Errorf("%d of %d won, %s", won, len(codes), n)
	}
}

// TestBadInputOnPostgres: what SQLite takes for text another database may not; forms and values meet PostgreSQL too.
func TestBadInputOnPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	t.Parallel()
	ctx := context.Background()
	name, err := db.View(ctx, dbtest.Postgres(t), func(tx *db.Tx) (string, error) {
		var s string
		err := tx.QueryRow(ctx, "SELECT current_database()").Scan(&s)
		return s, err
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err := url.Parse(os.Getenv("DIANKE_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	server.Path = "/" + name
	s := besiege(t, openAs(t, setup{env: []string{"DIANKE_DATABASE=" + server.String()}}))
	for i, typ := range s.types() {
		s.wrongLists(t, typ)
		if i%3 == 0 { // the kinds of field are the same everywhere
			s.wrongValues(t, typ)
			s.forms(t, typ.Name+" new", "/"+typ.Plural, typ.Editable(true))
			s.badAddresses(t, typ)
		}
	}
	s.forms(t, "case new", "/cases", s.app.Types.Type("case").Editable(true))
	s.loose(t)
}

// loose posts what no record type checks: views, sign-in, search, public forms, tokens, with bytes that are no text.
func (s *siege) loose(t *testing.T) {
	for _, text := range []string{"a\x00b", "\xff\xfe", "\xc3\xa9\xcc", strings.Repeat("长", 5000), script} {
		for _, post := range []struct {
			who, path string
			form      url.Values
		}{
			{all, "/customers/views", url.Values{"name": {text}, "query": {"q=a"}}},
			{all, "/customers/views", url.Values{"name": {"a"}, "query": {"q=" + text}}},
			{all, "/settings/fields/customer", url.Values{"name": {text}, "label_zh": {text}, "label_en": {text}, "kind": {text}, "class": {text}, "options": {text}}},
			{all, "/settings/fields/customer", url.Values{"name": {"x_y"}, "label_zh": {text}, "label_en": {text}, "kind": {"enum"}, "class": {"internal"}, "options": {text}}},
			{all, "/customers/bulk", url.Values{"action": {text}, "ids": {text}, "id": {text}}},
			{all, "/customers/check?field=name", url.Values{"name": {text}}},
			{all, "/library/import", url.Values{"key": {text}, "text": {text}}},
			{all, "/library/import", url.Values{"key": {"x"}, "text": {"第一条 " + text}}},
			{all, "/log/call", url.Values{"subject": {text}, "customer_id_q": {text}, "summary": {text}}},
			{all, "/me/tokens", url.Values{"name": {text}, "scopes": {text}, "expires": {text}}},
			{all, "/me/password", url.Values{"old": {text}, "password": {text}, "again": {text}}},
			{all, "/me/language", url.Values{"lang": {text}, "return": {text}}},
			{all, "/read/r01/sign", url.Values{"read": {text}, "version": {text}}},
			{all, "/desk/" + s.first["case"].String() + "/say", url.Values{"body": {text}, "channel": {text}, "do": {text}, "kind": {text}}},
			{"", "/signin", url.Values{"login": {text}, "password": {text}, "next": {text}}},
			{"", "/feedback", url.Values{"kind": {text}, "content": {text}, "contact_name": {text}, "contact_phone": {text}, "consent": {"on"}, "proof": {text}}},
			{"", "/feedback", url.Values{"kind": {"complaint"}, "content": {text}, "contact_name": {text}, "complained_name": {text}, "item": {text}, "contact_phone": {"13800138000"}, "consent": {"on"}}},
			{"", "/password/" + url.PathEscape(text), url.Values{"password": {text}}},
			{"", "/setup/" + url.PathEscape(text), url.Values{"name": {text}, "login": {text}, "password": {text}}},
		} {
			s.calm(t, fmt.Sprintf("%s %.10q", clipped(post.path), text), s.ask(post.who, "POST", post.path, post.form.Encode(), "User-Agent", strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")))
		}
		q := url.QueryEscape(text)
		for _, path := range []string{"/search?q=" + q, "/api/v1/search?q=" + q, "/lookup/customer?q=" + q, "/divisions?q=" + q, "/divisions?code=" + q, "/audit?q=" + q, "/audit?actor=" + q + "&verb=" + q + "&from=" + q, "/desk?queue=" + q + "&q=" + q,
			"/register?year=" + q, "/register?q=" + q, "/library?q=" + q, "/read/r01?version=" + q, "/read/r01/diff?from=" + q + "&to=" + q, "/compliance/r01?period=" + q + "&month=" + q, "/status/" + url.PathEscape(text), "/feedback?kind=" + q, "/signin?next=" + q, "/log/call?customer_id=" + q} {
			s.calm(t, clipped(path), s.ask(all, "GET", path, ""))
		}
	}
}
