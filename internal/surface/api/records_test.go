package api_test

import (
	"net/http"
	"strings"
	"testing"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

func TestEveryKindGoesInAndComesOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		friend := b.client(t, "friend")
		made := b.send(t, "chief", "POST", "/api/v1/clients", `{
			"name": " 贵州茅台 ", "mobile": "138 0013 8000", "id_number": "11010519491231002x", "notes": "line\nline", "size": "large",
			"budget": 123450, "rate": 12.5, "staff": 9007199254740992, "wanted": true, "due": "2026-03-09", "met": "2026-03-02T09:30:00+08:00",
			"effort": 7200, "tags": ["old", "new", "old"], "helper": "`+b.people["ben"].UserID.String()+`", "friends": ["`+friend.ID.String()+`"],
			"extra": {"n": 12345678901234567890, "deep": [1, {"a": null}]}, "code": "X1", "owner_id": "`+b.people["anna"].UserID.String()+`"}`).must(t, 201)
		got := b.send(t, "chief", "GET", made.Header().Get("Location"), "").must(t, 200)
		for path, want := range map[string]string{
			"type": "client", "state": "open", "number": "C-2026-000002", "title": "贵州茅台", "lock_version": "1", "owner_id": b.people["anna"].UserID.String(),
			"fields.name": "贵州茅台", "fields.mobile": mobile, "fields.id_number": idNumber, "fields.size": "large", "fields.budget": "123450",
			"fields.staff": "9007199254740992", "fields.wanted": "true", "fields.due": "2026-03-09", "fields.met": "2026-03-02T01:30:00Z", "fields.effort": "7200",
			"fields.tags": "[old new]", "fields.helper": b.people["ben"].UserID.String(), "fields.friends.0": friend.ID.String(), "fields.initial": "贵",
			"fields.outcome": "<none>", "masked": "map[]", "archived_at": "<none>",
		} {
			if got.at(path) != want {
				t.Errorf("%s = %s, want %s", path, got.at(path), want)
			}
		}
		if !strings.Contains(got.Body.String(), `"rate":12.5`) || !strings.Contains(got.Body.String(), `"friends":["`) {
			t.Errorf("body %s", got.Body)
		}
		if got.Header().Get("ETag") != `"1"` || !strings.Contains(got.at("actions"), "reveal") || strings.Contains(got.at("actions"), "reopen") {
			t.Errorf("ETag %s, actions %s", got.Header().Get("ETag"), got.at("actions"))
		}
		bare := b.send(t, "anna", "POST", "/api/v1/clients", `{"name": "bare"}`).must(t, 201)
		for path, want := range map[string]string{"fields.tags": "[]", "fields.friends": "[]", "fields.budget": "<none>", "fields.size": "<none>", "fields.wanted": "false"} {
			if bare.at(path) != want {
				t.Errorf("bare: %s = %s, want %s", path, bare.at(path), want)
			}
		}
	})
}

func TestWrongInputNamesEveryField(t *testing.T) {
	b := sqlite(t)
	a := b.send(t, "chief", "POST", "/api/v1/clients", `{"name": 5, "budget": 12.5, "rate": "12", "staff": true, "wanted": "yes", "effort": "2h",
		"tags": "old", "friends": [1], "extra": "{}", "due": 20260309}`).must(t, 422)
	for i, want := range []string{
		"budget api.want_minor_units", "due field.want_text", "effort api.want_seconds", "extra field.want_object", "name field.want_text",
		"rate field.want_number", "staff field.want_whole_number", "tags api.want_list", "wanted api.want_bool",
	} {
		at := "errors." + string(rune('0'+i))
		if got := a.at(at+".field") + " " + a.at(at+".key"); got != want {
			t.Errorf("error %d: %s, want %s", i, got, want)
		}
		if msg := a.at(at + ".message"); !strings.HasSuffix(msg, ".") || strings.Contains(msg, "⟦") {
			t.Errorf("message %q", msg)
		}
	}
	a = b.send(t, "chief", "POST", "/api/v1/clients", `{"mobile": "12", "nonsense": 1, "stage": "closed", "initial": "x", "outcome": "x"}`).must(t, 422)
	for _, want := range []string{`"key":"field.want_phone"`, `"key":"field.unknown"`, `"key":"field.read_only"`} {
		if !strings.Contains(a.Body.String(), want) {
			t.Errorf("%s is missing in %s", want, a.Body)
		}
	}
	a = b.send(t, "chief", "POST", "/api/v1/clients", `{"notes": "x"}`, "Accept-Language", "zh-CN,zh;q=0.9").must(t, 422)
	if a.at("errors.0.field") != "name" || a.at("errors.0.message") != "请填写此项。" || a.at("type") != "urn:dianke:problem:invalid" || a.at("title") != "有内容需要修改" {
		t.Errorf("problem %s", a.Body)
	}
	if a.Header().Get("Content-Type") != "application/problem+json" || a.at("instance") != "urn:dianke:request:"+a.Header().Get("X-Request-Id") {
		t.Errorf("headers %v", a.Header())
	}
}

func TestMaskedFieldsStandApart(t *testing.T) {
	b := sqlite(t)
	c := b.client(t, "茅台")
	got := b.send(t, "ben", "GET", addr(c, ""), "").must(t, 200)
	if got.at("fields.mobile") != "<none>" || !strings.Contains(got.at("masked.mobile"), "****") || strings.Contains(got.Body.String(), idNumber) || strings.Contains(got.Body.String(), mobile) {
		t.Errorf("ben sees %s", got.Body)
	}
	if got := b.send(t, "anna", "GET", addr(c, ""), "").must(t, 200); got.at("fields.mobile") != mobile || got.at("masked.id_number") == "<none>" {
		t.Errorf("anna sees %s", got.Body)
	}
	b.send(t, "ben", "POST", addr(c, "/reveal"), `{"fields": ["mobile"], "reason": "回访客户"}`).must(t, 403)
	if a := b.send(t, "lea", "POST", addr(c, "/reveal"), `{"fields": ["id_number"], "reason": "no"}`).must(t, 422); a.at("errors.0.field") != "reason" {
		t.Errorf("problem %s", a.Body)
	}
	if a := b.send(t, "lea", "POST", addr(c, "/reveal"), `{"fields": ["id_number"], "reason": "核对身份证号"}`).must(t, 200); a.at("fields.id_number") != idNumber {
		t.Errorf("revealed %s", a.Body)
	}
	b.Records.Quota = func(record.Actor) int { return 1 }
	if a := b.send(t, "lea", "POST", addr(c, "/reveal"), `{"reason": "核对身份证号"}`).must(t, 429); a.Header().Get("Retry-After") != "50401" {
		t.Errorf("Retry-After %s", a.Header().Get("Retry-After"))
	}
}

func TestUpdateNeedsTheVersionAndTellsWhatChanged(t *testing.T) {
	b := sqlite(t)
	c := b.client(t, "茅台")
	patch := func(who, match, body string) answer {
		if match == "" {
			return b.send(t, who, "PATCH", addr(c, ""), body)
		}
		return b.send(t, who, "PATCH", addr(c, ""), body, "If-Match", match)
	}
	for name, tt := range map[string]struct {
		match string
		code  int
		key   string
	}{
		"none":      {"", 428, "api.if_match_required"},
		"no tag":    {"1", 400, "api.if_match"},
		"weak":      {`W/"1"`, 400, "api.if_match"},
		"words":     {`"one"`, 400, "api.if_match"},
		"two":       {`"1", "2"`, 400, "api.if_match"},
		"negative":  {`"-1"`, 400, "api.if_match"},
		"of future": {`"7"`, 412, "record.stale"},
	} {
		if a := patch("anna", tt.match, `{"notes": "x"}`); a.Code != tt.code || a.at("key") != tt.key {
			t.Errorf("%s: %d %s, want %d %s", name, a.Code, a.at("key"), tt.code, tt.key)
		}
	}
	if a := patch("anna", `"1"`, `{"notes": "first", "budget": 500, "mobile": "13900139000"}`).must(t, 200); a.Header().Get("ETag") != `"2"` {
		t.Errorf("ETag %s", a.Header().Get("ETag"))
	}
	b.send(t, "chief", "PATCH", addr(c, ""), `{"id_number": "110101199003070134"}`, "If-Match", `"2"`)
	a := patch("lea", `"1"`, `{"notes": "second"}`).must(t, 412)
	seen := map[string]string{}
	for i := range 4 {
		at := "changed." + string(rune('0'+i))
		seen[a.at(at+".field")] = a.at(at+".from") + " > " + a.at(at+".to")
		if by := a.at(at + ".by"); by != b.people["anna"].UserID.String() && by != b.people["chief"].UserID.String() && by != "<none>" {
			t.Errorf("by %s", by)
		}
	}
	if seen["notes"] != "<none> > first" || seen["budget"] != "<none> > 500" || seen["mobile"] != mobile+" > +8613900139000" {
		t.Errorf("changed %v in %s", seen, a.Body)
	}
	if a := b.send(t, "guest", "PATCH", addr(c, ""), `{"notes": "x"}`, "If-Match", `"1"`).must(t, 403); a.at("changed") != "<none>" {
		t.Errorf("a stranger learns %s", a.Body)
	}
	patch("anna", "*", `{"notes": "third"}`).must(t, 200)
}

func TestActions(t *testing.T) {
	b := sqlite(t)
	c := b.client(t, "茅台")
	post := func(who, name, body string, headers ...string) answer {
		return b.send(t, who, "POST", addr(c, "/actions/"+name), body, headers...)
	}
	for name, tt := range map[string]struct {
		who, action, body string
		code              int
		key               string
	}{
		"input missing":         {"anna", "close", "", 422, "field.required"},
		"rule of the room":      {"anna", "close", `{"outcome": "broken"}`, 422, "client.broken"},
		"unknown input":         {"anna", "close", `{"outcome": "fine", "x": 1}`, 422, "field.unknown"},
		"input of wrong type":   {"anna", "close", `{"outcome": "fine", "memos": "2"}`, 422, "field.want_whole_number"},
		"input beyond limit":    {"anna", "close", `{"outcome": "fine", "memos": 10}`, 422, "field.too_great"},
		"not from this state":   {"chief", "reopen", "", 409, "record.wrong_state"},
		"not permitted":         {"guest", "close", `{"outcome": "fine"}`, 403, "access.denied"},
		"not within reach":      {"ben", "close", `{"outcome": "fine"}`, 404, "record.not_found"},
		"no such action":        {"chief", "explode", "", 404, "record.unknown_action"},
		"read is none to post":  {"chief", "read", "", 404, "record.unknown_action"},
		"create is none here":   {"chief", "create", `{"name": "x"}`, 404, "record.unknown_action"},
		"update is by PATCH":    {"chief", "update", `{"name": "x"}`, 404, "record.unknown_action"},
		"export is none either": {"chief", "export", "", 404, "record.unknown_action"},
	} {
		if a := post(tt.who, tt.action, tt.body); a.Code != tt.code || a.at("key") != tt.key {
			t.Errorf("%s: %d %s, want %d %s", name, a.Code, a.at("key"), tt.code, tt.key)
		}
	}
	if a := post("anna", "close", "", "Accept-Language", "zh"); a.at("errors.0.field") != "outcome" {
		t.Errorf("problem %s", a.Body)
	}
	post("anna", "close", `{"outcome": "fine"}`, "If-Match", `"9"`).must(t, 412)
	if a := post("anna", "close", `{"outcome": "fine", "memos": 2}`, "If-Match", `"1"`).must(t, 200); a.at("state") != "closed" || a.at("fields.outcome") != "fine" {
		t.Errorf("closed: %s", a.Body)
	}
	if a := b.send(t, "chief", "GET", "/api/v1/memos?count=true", "").must(t, 200); a.at("total") != "2" {
		t.Errorf("memos %s", a.Body)
	}
	post("chief", "assign", `{"owner_id": "`+b.people["ben"].UserID.String()+`"}`).must(t, 200)
	if a := post("chief", "archive", "").must(t, 200); a.at("archived_at") == "<none>" {
		t.Errorf("archived: %s", a.Body)
	}
	post("chief", "archive", "").must(t, 409)
	post("chief", "restore", "").must(t, 200)
}

func TestRecordThatLeavesSightIsNotShown(t *testing.T) {
	b := sqlite(t)
	c := b.client(t, "茅台")
	a := b.send(t, "lea", "POST", addr(c, "/actions/assign"), `{"owner_id": "`+b.people["ben"].UserID.String()+`", "unit_id": "`+b.Service.String()+`"}`)
	if a.must(t, 204); a.Body.Len() != 0 {
		t.Errorf("body %s", a.Body)
	}
}

func TestCommentsAndHistory(t *testing.T) {
	b := sqlite(t)
	c := b.client(t, "茅台")
	ben := b.people["ben"].UserID.String()
	if a := b.send(t, "ben", "POST", addr(c, "/comments"), `{"body": " 请回电 ", "mentions": ["`+ben+`", "`+ben+`"]}`).must(t, 201); a.at("body") != "请回电" || a.at("mentions") != "["+ben+"]" || a.at("author_id") != ben {
		t.Errorf("comment %s", a.Body)
	}
	for body, key := range map[string]string{
		`{"body": ""}`: "field.required", `{"body": 1}`: "field.want_text", `{"text": "x"}`: "field.unknown", `{"body": "x", "mentions": ["y"]}`: "api.want_ids",
	} {
		if a := b.send(t, "ben", "POST", addr(c, "/comments"), body).must(t, 422); a.at("key") != key {
			t.Errorf("%s: %s, want %s", body, a.at("key"), key)
		}
	}
	b.send(t, "anna", "PATCH", addr(c, ""), `{"mobile": "13900139000", "effort": 60}`, "If-Match", "*").must(t, 200)
	h := b.send(t, "ben", "GET", addr(c, "/history"), "").must(t, 200)
	if h.at("items.0.action") != "update" || h.at("items.0.version") != "2" || h.at("items.0.by") != b.people["anna"].UserID.String() {
		t.Errorf("history %s", h.Body)
	}
	if strings.Contains(h.Body.String(), "39001390") || !strings.Contains(h.Body.String(), `"to":60`) {
		t.Errorf("history as a colleague sees it: %s", h.Body)
	}
	if h := b.send(t, "anna", "GET", addr(c, "/history"), "").must(t, 200); !strings.Contains(h.Body.String(), `"to":"+8613900139000"`) {
		t.Errorf("history as the owner sees it: %s", h.Body)
	}
}

func TestHiddenEqualsAbsent(t *testing.T) {
	b := sqlite(t)
	far := b.Add(t, &accesstest.Client{Name: "far", Head: record.Head{UnitID: b.Service}})
	for _, path := range []string{addr(far, ""), "/api/v1/clients/0000000000001", "/api/v1/clients/nonsense", "/api/v1/clients/" + strings.Repeat("z", 13)} {
		for _, rest := range []string{"", "/history", "/files"} {
			if a := b.send(t, "anna", "GET", path+rest, ""); a.Code != 404 || a.at("key") != "record.not_found" {
				t.Errorf("%s%s: %d %s", path, rest, a.Code, a.Body)
			}
		}
	}
	for _, path := range []string{"/api/v1/client", "/api/v1/nothing", "/api/v1/nothing/0000000000001"} {
		if a := b.send(t, "anna", "GET", path, ""); a.Code != 404 || a.at("key") != "record.unknown_type" {
			t.Errorf("%s: %d %s", path, a.Code, a.Body)
		}
	}
	if a := b.send(t, "anna", "GET", "/api/v2/clients", ""); a.Code != 404 || a.at("key") != "api.no_route" {
		t.Errorf("other version: %d %s", a.Code, a.Body)
	}
	if a := b.send(t, "anna", "PUT", addr(far, ""), `{}`); a.Code != 405 || a.at("key") != "api.method" || !strings.Contains(a.Header().Get("Allow"), http.MethodPatch) {
		t.Errorf("PUT: %d %s, Allow %s", a.Code, a.Body, a.Header().Get("Allow"))
	}
	if a := b.send(t, "anna", "POST", addr(far, "/other/thing"), `{}`); a.Code != 404 || a.at("key") != "api.no_route" {
		t.Errorf("other division: %d %s", a.Code, a.Body)
	}
}
