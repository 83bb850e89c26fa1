package api_test

import (
	"strings"
	"testing"
)

func TestExport(t *testing.T) {
	b := sqlite(t)
	b.many(t)
	const path = "/api/v1/clients/export"
	for _, bad := range []struct {
		who, path, body string
		code            int
		key             string
	}{
		{"anna", path, `{"purpose":"年度回访"}`, 403, "access.denied"},
		{"chief", path, `{"purpose":"看看"}`, 422, "export.purpose"},
		{"chief", path, `{"purpose":"` + strings.Repeat("长", 201) + `"}`, 422, "field.too_long"},
		{"chief", path, `{}`, 422, "export.purpose"},
		{"chief", path, `{"purpose":5}`, 422, ""},
		{"chief", path, `{"purpose":"年度回访","rows":5}`, 422, ""},
		{"chief", path, `{`, 400, ""},
		{"chief", path + "?sort=nothing", `{"purpose":"年度回访"}`, 422, "list.unknown_sort"},
		{"chief", path + "?f=nothing:eq:1", `{"purpose":"年度回访"}`, 422, "filter.unknown_field"},
		{"chief", "/api/v1/memos/export", `{"purpose":"年度回访"}`, 404, "record.unknown_action"},
		{"chief", "/api/v1/nothing/export", `{"purpose":"年度回访"}`, 404, "record.unknown_type"},
	} {
		a := b.send(t, bad.who, "POST", bad.path, bad.body)
		if a.Code != bad.code && (a.Code < 400 || a.Code >= 500 || bad.key != "") || bad.key != "" && !strings.Contains(a.Body.String(), bad.key) {
			t.Errorf("%s %s: %d %s", bad.path, bad.body, a.Code, a.Body)
		}
	}
	a := b.send(t, "chief", "POST", path+"?f=name:eq:c4", `{"purpose":"年度回访"}`).must(t, 200)
	if got := a.Body.String(); !strings.HasPrefix(a.Header().Get("Content-Type"), "text/csv") || !strings.HasPrefix(got, "\xef\xbb\xbf") ||
		strings.Count(got, "\r\n") != 4 || !strings.Contains(got, "c4") || strings.Count(got, "年度回访") != 2 {
		t.Errorf("%v\n%s", a.Header(), got)
	}
}
