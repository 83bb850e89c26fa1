package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/world"
)

// TestEndlessConditions: rules that would run for ever, unfold without end or break the reader are refused with their
// place, at once, by the interface and by the page on which they are typed.
func TestEndlessConditions(t *testing.T) {
	t.Parallel()
	s := besiege(t, open(t))
	started := s.ask(all, "POST", "/read/r01/versions", "a=b")
	var no string
	for _, v := range s.ids(all, s.app.Types.Type("regulation_version"), "f=status:eq:draft&limit=1&sort=created_at&desc=true") {
		no = v.String()
	}
	if started.code != http.StatusSeeOther || no == "" {
		t.Fatalf("no draft: %d %q", started.code, no)
	}
	long := "[" + strings.TrimSuffix(strings.Repeat("1,", 300), ",") + "]"
	guard := func(condition string) string {
		return "on: case.close\nsay: {zh: 不可, en: No}\nrefuse_if: " + condition + "\n"
	}
	aliases := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for i := 'b'; i <= 'i'; i++ {
		aliases += fmt.Sprintf("%c: &%c [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", i-1), 9), ","))
	}
	for name, spec := range map[string]string{
		"nested lists":     guard(long + ".all(a, " + long + ".all(b, " + long + ".all(c, a + b + c > 0)))"),
		"nested fields":    guard(strings.Repeat("record.tags.all(a, ", 6) + "true" + strings.Repeat(")", 6)),
		"map of maps":      guard(long + ".map(a, " + long + ".map(b, " + long + ".map(c, [a, b, c]))).size() > 0"),
		"regex bomb":       guard(`record.subject.matches("((((a{1000}){1000}){1000}){1000})")`),
		"broken regex":     guard(`record.subject.matches("(((")`),
		"deep brackets":    guard(strings.Repeat("(", 1500) + "true" + strings.Repeat(")", 1500)),
		"long condition":   guard(strings.Repeat("true && ", 2000) + "true"),
		"unknown field":    guard("record.no_such_field == 1"),
		"unknown name":     guard("no_such_name == 1"),
		"no condition":     guard("record.subject"),
		"hidden context":   guard("@context == @context"),
		"laughs":           aliases + guard("true"),
		"laughs in a list": "on: case.close\nsay: {zh: 不可, en: No}\nrefuse_if: 'true'\nexcept: &a [*a, *a]\n",
		"laughs in except": "on: &a case.close\nsay: {zh: *a, en: *a}\nrefuse_if: 'true'\nexcept: [[*a, *a], [*a, *a]]\n",
		"deep YAML":        "on: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"deep blocks":      strings.Repeat("a:\n ", 200),
		"text for a map":   "on: case.close\nsay: 不可\nrefuse_if: 'true'\n",
		"map for a text":   "on: case.close\nsay: {zh: 不可, en: No}\nrefuse_if: {a: b}\n",
		"no YAML":          "\tx: [", "two documents": "a: b\n---\nc: d\n", "tags": "!!python/object/apply:os.system [ls]", "merge": "<<: *x\n", "nothing": "~", "list": "- a\n- b\n",
		"unknown event": "on: case.no_such\nsay: {zh: 不可, en: No}\nrefuse_if: 'true'\n", "control characters": guard("true\x07"), "too long": guard("'" + strings.Repeat("x", 30_000) + "'"),
	} {
		s.untouched(t, name, func() {
			began := time.Now()
			body, err := json.Marshal(map[string]any{"version_id": no, "clause_key": "r01.7.4", "control": "guard", "spec": spec})
			if err != nil {
				t.Fatal(err)
			}
			_, p := s.refused(t, name, all, "POST", "/api/v1/bindings", string(body))
			placed := regexp.MustCompile(`\d+:\d+: `)
			if !placed.MatchString(p.Detail) && p.Key == "regulation.bad_binding" || p.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: no place in %+v", name, p)
			}
			if own := s.ids(all, s.app.Types.Type("binding"), "limit=1"); len(own) > 0 {
				patch, err := json.Marshal(map[string]any{"spec": spec})
				if err != nil {
					t.Fatal(err)
				}
				s.refused(t, name+" changed", all, "PATCH", "/api/v1/bindings/"+own[0].String(), string(patch), "If-Match", "*")
			}
			a := s.view(t, name, "zh", "POST", "/read/r01/r01.7.4/bindings/new", url.Values{"control": {"guard"}, "spec": {spec}}.Encode())
			if a.code != http.StatusUnprocessableEntity && a.code != http.StatusConflict || !strings.Contains(a.body, "r01.7.4") {
				t.Errorf("%s: the page answers %d", name, a.code)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s took %v", name, took)
			}
		})
	}
}

// TestHeadersOnEveryRoute: behind https every answer protects the reader, and cookies go nowhere else.
func TestHeadersOnEveryRoute(t *testing.T) {
	t.Parallel()
	s := besiege(t, openAs(t, setup{env: []string{"DIANKE_BASE_URL=https://dianke.example"}}))
	for _, r := range append(routes(t), [2]string{"GET", "/api/openapi.json"}, [2]string{"GET", "/api/v1/customers"}, [2]string{"GET", "/api/v1/no_such"}, [2]string{"GET", "/no-such"}, [2]string{"GET", "/assets/no-such"}) {
		for _, who := range []string{all, ""} {
			if r[0] != "GET" && who != "" {
				continue
			}
			path := s.address(r[1])
			a := s.ask(who, r[0], path, "")
			h := a.header
			policy := h.Get("Content-Security-Policy")
			for _, wrong := range []struct {
				what string
				is   bool
			}{
				{"policy", policy == "" || strings.Contains(policy, "unsafe-") || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "default-src")},
				{"sniffing", h.Get("X-Content-Type-Options") != "nosniff"},
				{"referrer", h.Get("Referrer-Policy") != "same-origin" && h.Get("Referrer-Policy") != "no-referrer"},
				{"framing", h.Get("X-Frame-Options") != "DENY"},
				{"https", h.Get("Strict-Transport-Security") == ""},
				{"store", !strings.HasPrefix(path, "/assets/") && path != "/me/watermark.svg" && !strings.Contains(h.Get("Cache-Control"), "no-store")},
				{"a script in the page", regexp.MustCompile(`<script>|<style>| style="| on[a-z]+="|javascript:`).MatchString(a.body)},
			} {
				if wrong.is {
					t.Errorf("%s %s as %q: %s: %v", r[0], path, who, wrong.what, h)
				}
			}
			for _, c := range (&http.Response{Header: h}).Cookies() {
				looks := c.Name == "dianke_theme" || c.Name == "dianke_lang" // the script reads how the page looks
				if !c.Secure || c.SameSite == http.SameSiteDefaultMode || c.SameSite == http.SameSiteNoneMode || !c.HttpOnly && !looks {
					t.Errorf("%s %s: the cookie %s is %v", r[0], path, c.Name, c)
				}
			}
		}
	}
	in := s.ask("", "POST", "/signin", url.Values{"login": {all}, "password": {world.Password}}.Encode(), "Origin", "https://dianke.example", "Sec-Fetch-Site", "same-origin")
	cookies := (&http.Response{Header: in.header}).Cookies()
	if len(cookies) == 0 {
		t.Errorf("no cookie: %d %.200s", in.code, in.body)
	}
	for _, c := range cookies {
		if !c.Secure || !c.HttpOnly || c.SameSite == http.SameSiteNoneMode || c.SameSite == http.SameSiteDefaultMode {
			t.Errorf("the cookie %s is %v", c.Name, c)
		}
	}
}

// ledger is a log that several goroutines write.
type ledger struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *ledger) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestLogsHoldNoSecret: what people type and carry does not reach the log, nor an address anybody is sent to.
func TestLogsHoldNoSecret(t *testing.T) {
	t.Parallel()
	log := &ledger{}
	s := besiege(t, openAs(t, setup{log: slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})}))
	const phone, mail, name, words, password = "13912345678", "lidaming@customer.example", "李大明测试", "锅炉爆炸了请速来", "Wrong-Pass-4711"
	var sent []string
	do := func(who, method, path, body string, header ...string) answer {
		a := s.ask(who, method, path, body, header...)
		sent = append(sent, a.header.Get("Location"))
		if a.code >= 500 {
			t.Errorf("%s %s: %d", method, path, a.code)
		}
		return a
	}
	do("", "POST", "/signin", url.Values{"login": {"department_manager"}, "password": {password}}.Encode())
	do("", "POST", "/signin", url.Values{"login": {phone}, "password": {world.Password}}.Encode())
	do("department_manager", "GET", "/workbench", "")
	a := do(all, "POST", "/api/v1/customers", `{"name":"`+name+`","kind":"person","mobile":"`+phone+`","mail":"`+mail+`","source":"phone","legal_basis":"consent"}`)
	var made struct {
		ID record.ID `json:"id"`
	}
	if err := json.Unmarshal([]byte(a.body), &made); err != nil || a.code != http.StatusCreated {
		t.Fatalf("customer: %d %s", a.code, a.body)
	}
	do(all, "POST", "/customers", url.Values{"name": {name}, "mobile": {phone}}.Encode())
	do(all, "GET", "/customers/"+made.ID.String(), "")
	do(all, "GET", "/customers?q="+phone, "")
	do(all, "GET", "/api/v1/search?q="+url.QueryEscape(name), "")
	do(all, "GET", "/search?q="+phone, "")
	do(all, "POST", "/api/v1/customers/"+made.ID.String()+"/reveal", `{"fields":["mobile"],"reason":"`+words+`"}`)
	do("", "POST", "/feedback", url.Values{"kind": {"complaint"}, "content": {words}, "contact_name": {name}, "contact_phone": {phone}, "contact_mail": {mail}, "consent": {"on"}}.Encode())
	do(all, "POST", "/api/v1/cases", `{"kind":"complaint","channel":"phone","subject":"`+words+`","content":"`+words+`","no_person":true,"desired_result":"`+name+`"}`)
	do(all, "POST", "/me/password", url.Values{"old": {password}, "password": {password + "1"}, "again": {password + "1"}}.Encode())
	token := do(all, "POST", "/api/v1/me/tokens", `{"name":"probe","scopes":["customer:read"],"expires":"2025-12-01T00:00:00Z"}`)
	secret := regexp.MustCompile(`dk_[0-9A-Za-z_-]+`).FindString(token.body)
	if secret == "" {
		t.Errorf("no token: %d %s", token.code, token.body)
	}
	do("", "GET", "/api/v1/customers", "", "Authorization", "Bearer "+secret)
	do("", "GET", "/api/v1/customers", "", "Authorization", "Bearer "+secret+"x")
	do("", "GET", "/password/"+secret, "")
	do("", "GET", "/status/"+secret, "")
	do("", "GET", "/setup/"+secret, "")
	text := log.String()
	if !strings.Contains(text, `"msg":"request"`) {
		t.Fatalf("nothing was logged: %.300s", text)
	}
	hidden := []string{phone, "+86" + phone, mail, name, words, password, world.Password, secret}
	for _, c := range s.cookies {
		_, value, _ := strings.Cut(c, "=")
		hidden = append(hidden, value)
	}
	for _, h := range hidden {
		if at := strings.Index(text, h); h != "" && at >= 0 {
			t.Errorf("the log holds %q: …%s…", h, text[max(0, at-200):min(len(text), at+60)])
		}
		if i := slices.IndexFunc(sent, func(to string) bool {
			return h != "" && strings.Contains(to, h) || strings.Contains(to, url.QueryEscape(name))
		}); i >= 0 {
			t.Errorf("somebody is sent to %s", sent[i])
		}
	}
}

// sight is one record as somebody who sees everything sees it.
type sight struct {
	ID     record.ID `json:"id"`
	Number string    `json:"number"`
	Title  string    `json:"title"`
}

// everything lists all records of a type that somebody sees; the sample is small.
func (s *siege) everything(who string, typ *record.Type) map[record.ID]sight {
	s.t.Helper()
	out := map[record.ID]sight{}
	for _, archived := range []string{"false", "true"} {
		for cursor := ""; ; {
			a := s.ask(who, "GET", "/api/v1/"+typ.Plural+"?limit=200&archived="+archived+"&cursor="+url.QueryEscape(cursor), "")
			var page struct {
				Items []sight `json:"items"`
				Next  string  `json:"next"`
			}
			if a.code == http.StatusForbidden || a.code == http.StatusConflict {
				return out
			}
			if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.code != http.StatusOK {
				s.t.Fatalf("%s lists %s: %d %.200s", who, typ.Plural, a.code, a.body)
			}
			for _, item := range page.Items {
				out[item.ID] = item
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
	}
	return out
}

// TestNobodySeesWhatIsNotHis: everybody of the sample company asks for every page and route of records that are not
// within his reach. They are absent to him, and no answer holds their title or number.
func TestNobodySeesWhatIsNotHis(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	t.Parallel()
	s := besiege(t, open(t))
	list, err := s.app.Installer.Order("general")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range list {
		for _, post := range p.Posts {
			if roles := strings.Join(post.Roles, " "); post.Key != all && !seen[roles] {
				seen[roles] = true
				for _, typ := range s.types() {
					s.hidden(t, post.Key, typ)
				}
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %d sets of roles", len(seen))
	}
}

// hidden tries up to two records of the type that somebody does not see.
func (s *siege) hidden(t *testing.T, who string, typ *record.Type) {
	whole, own := s.everything(all, typ), s.everything(who, typ)
	tried := 0
	for id, r := range whole {
		if _, sees := own[id]; sees || tried == 2 {
			continue
		}
		tried++
		one, api := "/"+typ.Plural+"/"+id.String(), "/api/v1/"+typ.Plural+"/"+id.String()
		requests := [][3]string{
			{"GET", api, ""}, {"GET", api + "/history", ""}, {"GET", api + "/files", ""}, {"PATCH", api, `{}`}, {"POST", api + "/comments", `{"body":"x"}`},
			{"POST", api + "/reveal", `{"fields":["` + typ.Title + `"],"reason":"客户要求回电"}`}, {"GET", api + "/files/" + id.String(), ""},
			{"GET", one, ""}, {"GET", one + "/edit", ""}, {"GET", one + "/reveal", ""}, {"POST", one, "a=b"}, {"POST", one + "/comments", "body=x"}, {"POST", one + "/reveal", "field=" + typ.Title + "&reason=客户要求回电"},
			{"GET", one + "/files/" + id.String(), ""}, {"POST", one + "/move?by=status", "to=x"}, {"POST", one + "/merge", "a=b"}, {"GET", one + "?tab=history", ""},
		}
		for _, act := range typ.Actions {
			if !act.General || act.Bulk {
				requests = append(requests, [3]string{"POST", api + "/actions/" + act.Name, `{}`}, [3]string{"GET", one + "/do/" + act.Name, ""})
			}
		}
		if typ.Name == "case" {
			requests = append(requests, [3]string{"GET", "/desk/" + id.String(), ""}, [3]string{"POST", "/desk/" + id.String() + "/say", "body=x"}, [3]string{"GET", "/desk/" + id.String() + "/presence", ""})
		}
		for _, r3 := range requests {
			a := s.ask(who, r3[0], r3[1], r3[2], "If-Match", "*")
			label := fmt.Sprintf("%s asks %s %s", who, r3[0], r3[1])
			if s.calm(t, label, a) && a.code < 400 {
				t.Errorf("%s: %d", label, a.code)
			}
			s.silent(t, label, a, r, own)
		}
		for _, q := range []string{"/search?q=" + url.QueryEscape(r.Title), "/api/v1/search?q=" + url.QueryEscape(r.Title), "/api/v1/" + typ.Plural + "?f=number:eq:" + r.Number, "/" + typ.Plural + "?f=number:eq:" + r.Number, "/lookup/" + typ.Name + "?q=" + url.QueryEscape(r.Title)} {
			if a := s.ask(who, "GET", q, ""); s.calm(t, who+" "+q, a) && strings.Contains(a.body, id.String()) {
				t.Errorf("%s finds %s by %s", who, id, q)
			}
		}
	}
}

// silent reports an answer that holds the number, or a title that none of the records he sees has.
func (s *siege) silent(t *testing.T, label string, a answer, r sight, own map[record.ID]sight) {
	t.Helper()
	if r.Number != "" && strings.Contains(a.body, r.Number) {
		t.Errorf("%s: %d tells the number %s", label, a.code, r.Number)
	}
	if len([]rune(r.Title)) < 5 || regexp.MustCompile(`^[a-z0-9_.:*-]+$`).MatchString(r.Title) {
		return // a word of the page itself
	}
	for _, o := range own {
		if o.Title == r.Title {
			return
		}
	}
	if strings.Contains(a.body, r.Title) {
		t.Errorf("%s: %d tells the title %s", label, a.code, r.Title)
	}
}
