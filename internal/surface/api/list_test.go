package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/record"
)

func (b *bench) many(t *testing.T) {
	t.Helper()
	for i := range 7 {
		budget := int64(100 * (i + 1))
		size := "small"
		if i%2 == 0 {
			size = "large"
		}
		b.Add(t, &accesstest.Client{
			Name: fmt.Sprintf("c%d", i), Size: size, Budget: &budget, Mobile: fmt.Sprintf("+861380013800%d", i),
			Head: record.Head{UnitID: b.North, OwnerID: b.people["anna"].UserID},
		})
	}
}

// names lists the names on a page in their order.
func (a answer) names() string {
	items, _ := a.json["items"].([]any)
	out := make([]string, len(items))
	for i := range items {
		out[i] = a.at(fmt.Sprintf("items.%d.title", i))
	}
	return strings.Join(out, " ")
}

func TestListsFilterSortAndTurnPages(t *testing.T) {
	b := sqlite(t)
	b.many(t)
	for query, want := range map[string]string{
		"sort=name&limit=3":                               "c0 c1 c2",
		"sort=name&desc=true&limit=2":                     "c6 c5",
		"limit=1":                                         "c6",
		"f=size:eq:large&sort=name":                       "c0 c2 c4 c6",
		"f=size:in:large,small&f=name:eq:c2":              "c2",
		"f=budget:ge:500&sort=name":                       "c4 c5 c6",
		"f=owner_id:eq:me&f=budget:lt:200":                "c0",
		`filter={"field":"budget","op":"gt","value":600}`: "c6",
		`filter={"or":[{"field":"budget","op":"eq","value":100},{"not":{"field":"budget","op":"le","value":600}}]}&sort=name`: "c0 c6",
		"q=c3":          "c3",
		"archived=true": "",
		"f=created_at:eq:today&sort=name&limit=1": "c0",
	} {
		a := b.send(t, "anna", "GET", "/api/v1/clients?"+escape(query), "").must(t, 200)
		if got := a.names(); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	var all []string
	path := "/api/v1/clients?sort=name&limit=3&count=true"
	for range 3 {
		a := b.send(t, "anna", "GET", path, "").must(t, 200)
		if a.at("total") != "7" {
			t.Errorf("total %s", a.at("total"))
		}
		all = append(all, strings.Fields(a.names())...)
		if a.at("next") == "<none>" {
			break
		}
		link := a.Header().Get("Link")
		path = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
	}
	if strings.Join(all, " ") != "c0 c1 c2 c3 c4 c5 c6" {
		t.Errorf("pages gave %v", all)
	}
}

func escape(query string) string {
	parts := strings.Split(query, "&")
	for i, p := range parts {
		name, value, _ := strings.Cut(p, "=")
		parts[i] = name + "=" + url.QueryEscape(value)
	}
	return strings.Join(parts, "&")
}

func TestWrongQueries(t *testing.T) {
	b := sqlite(t)
	for query, want := range map[string]string{
		"limit=0":                          "list.bad_limit",
		"limit=201":                        "list.bad_limit",
		"limit=x":                          "list.bad_limit",
		"cursor=nonsense":                  "list.bad_cursor",
		"sort=nothing":                     "list.unknown_sort",
		"desc=yes":                         "api.want_flag",
		"page=2":                           "api.unknown_param",
		"sort=name&sort=size":              "api.param_twice",
		"f=size":                           "filter.syntax",
		"f=nothing:eq:1":                   "filter.unknown_field",
		"f=size:like:x":                    "filter.unknown_op",
		"f=budget:eq:12.50":                "api.want_minor_units",
		"f=id_number:eq:" + idNumber:       "filter.masked_field",
		"filter={":                         "filter.syntax",
		"filter=[]":                        "filter.syntax",
		`filter={"field":"a","field":"b"}`: "filter.syntax",
		`filter={"field":"budget","op":"eq","value":"12"}`:                                                           "api.want_minor_units",
		"filter=" + strings.Repeat(`{"not":`, 8) + `{"field":"name","op":"eq","value":"x"}` + strings.Repeat("}", 8): "filter.too_deep",
	} {
		if a := b.send(t, "anna", "GET", "/api/v1/clients?"+escape(query), ""); a.Code < 400 || a.Code >= 500 || a.at("key") != want {
			t.Errorf("%s: %d %s, want %s", query, a.Code, a.at("key"), want)
		}
	}
	if a := b.send(t, "anna", "GET", "/api/v1/clients?q=%zz", "").must(t, 400); a.at("key") != "api.query" {
		t.Errorf("broken escape: %s", a.Body)
	}
}

func TestSearch(t *testing.T) {
	b := sqlite(t)
	b.many(t)
	if a := b.send(t, "anna", "GET", "/api/v1/search?q=c4", "").must(t, 200); a.names() != "c4" || a.at("items.0.type") != "client" {
		t.Errorf("found %s", a.Body)
	}
	if a := b.send(t, "anna", "GET", "/api/v1/search?q=13800138003&types=client", "").must(t, 200); a.names() != "c3" {
		t.Errorf("found by telephone %s", a.Body)
	}
	if a := b.send(t, "ben", "GET", "/api/v1/search?q=13800138003", "").must(t, 200); a.names() != "" {
		t.Errorf("found by a masked telephone %s", a.Body)
	}
	for query, want := range map[string]string{"": "field.required", "q=x&limit=51": "list.bad_limit", "q=x&types=clients": "record.unknown_type", "q=x&y=1": "api.unknown_param"} {
		if a := b.send(t, "anna", "GET", "/api/v1/search?"+query, "").must(t, 422); a.at("key") != want {
			t.Errorf("%s: %s, want %s", query, a.at("key"), want)
		}
	}
}

func TestBulk(t *testing.T) {
	b := sqlite(t)
	b.many(t)
	list := b.send(t, "anna", "GET", "/api/v1/clients?sort=name&limit=2", "").must(t, 200)
	far := b.Add(t, &accesstest.Client{Name: "far", Head: record.Head{UnitID: b.Service}})
	one, two := list.at("items.0.id"), list.at("items.1.id")
	body := fmt.Sprintf(`{"action": "close", "ids": [%q, %q, %q, %q], "input": {"outcome": "fine"}}`, one, two, one, far.ID)
	a := b.send(t, "anna", "POST", "/api/v1/clients/bulk", body).must(t, 200)
	if a.at("outcomes.0.ok") != "true" || a.at("outcomes.1.ok") != "true" || a.at("outcomes.2.ok") != "false" || a.at("outcomes.2.key") != "record.not_found" || a.at("outcomes.3.id") != "<none>" {
		t.Errorf("outcomes %s", a.Body)
	}
	undo := "/api/v1/clients/bulk/" + a.at("batch") + "/undo"
	b.send(t, "ben", "POST", undo, "").must(t, 404)
	b.send(t, "anna", "PATCH", "/api/v1/clients/"+two, `{"notes": "changed since"}`, "If-Match", "*").must(t, 200)
	if a := b.send(t, "anna", "POST", undo, "").must(t, 200); a.at("done") != "1" || a.at("left") != "1" {
		t.Errorf("undo %s", a.Body)
	}
	for body, want := range map[string]string{
		`{"action": "close", "ids": []}`:                          "bulk.bad_count",
		`{"action": "reopen", "ids": ["` + one + `"]}`:            "api.not_in_bulk",
		`{"action": "explode", "ids": ["` + one + `"]}`:           "record.unknown_action",
		`{"action": "create", "ids": ["` + one + `"]}`:            "record.unknown_action",
		`{"action": "close", "ids": "` + one + `"}`:               "field.want_list",
		`{"action": "close", "ids": ["x"]}`:                       "api.want_ids",
		`{"action": "close", "ids": ["` + one + `"], "input": 1}`: "field.want_object",
		`{"action": "close", "ids": ["` + one + `"], "x": 1}`:     "field.unknown",
	} {
		if a := b.send(t, "anna", "POST", "/api/v1/clients/bulk", body); a.at("key") != want {
			t.Errorf("%s: %d %s, want %s", body, a.Code, a.at("key"), want)
		}
	}
	for _, batch := range []string{"nonsense", "0000000000001"} {
		if a := b.send(t, "anna", "POST", "/api/v1/clients/bulk/"+batch+"/undo", "").must(t, 404); a.at("key") != "bulk.not_yours" {
			t.Errorf("%s: %s", batch, a.Body)
		}
	}
	if got := b.send(t, "anna", "GET", "/api/v1/clients/"+one, "").at("state"); got != "open" {
		t.Errorf("state after undo: %s", got)
	}
}
