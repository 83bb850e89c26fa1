package api_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"dianke/internal/platform/errs"
	"dianke/internal/surface/api"
)

// FuzzReadBody holds that whatever is sent, the reader neither panics nor lets anything through that is not one clean
// object, and that numbers come out as they went in.
func FuzzReadBody(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":1e999,"b":[null,true,"x"]}`, `{"a":{"a":{"a":[]}}}`, `{"a":1,"a":2}`, `{"\ud800":1}`, "{\"a\":\"\xff\"}", `{"a":0.1}x`, ``, `[`, `"\ufffd"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		m, err := api.ReadBody(httptest.NewRecorder(), r)
		if err != nil {
			if kind := errs.KindOf(err); kind != errs.Malformed && kind != errs.TooLarge {
				t.Fatalf("kind %v: %v", kind, err)
			}
			return
		}
		if !json.Valid([]byte(body)) || !utf8.ValidString(body) || m == nil {
			t.Fatalf("let through %q", body)
		}
		out, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := api.ParseObject(out); err != nil || len(again) != len(m) {
			t.Fatalf("%q became %q: %v", body, out, err)
		}
	})
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"a.txt": "a.txt", "../../etc/passwd": "passwd", `C:\x\y.doc`: "y.doc", "": "file", "..": "file", "/": "file", "a\x00b\u202e.txt": "ab.txt",
		"a\xffb": "a_b", strings.Repeat("长", 300) + ".pdf": strings.Repeat("长", 196) + ".pdf",
	} {
		if got := api.FileName(sent); got != want {
			t.Errorf("%q: %q, want %q", sent, got, want)
		}
	}
}
