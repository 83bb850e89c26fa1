package e2e_test

import (
	"fmt"
	"net/http"
	"testing"

	"dianke/internal/surface/web/browsertest"
	"dianke/internal/world"
)

// TestPagesAreAccessibleAndPhotographed opens the archetype pages in both languages, themes and widths, each of
// them with each other's value at least once; axe finds nothing, and no page is wider than its window.
func TestPagesAreAccessibleAndPhotographed(t *testing.T) {
	h := open(t)
	b := browsertest.Start(t, h.url)
	pages := h.pages(t)
	for _, who := range []string{"department_manager", "administrator", "auditor"} {
		b.SignIn(who, world.Password)
		for _, as := range []struct {
			lang, theme string
			width       int64
		}{{"zh", "light", 1280}, {"zh", "dark", 390}, {"en", "dark", 1280}, {"en", "light", 390}} {
			b.Dress(as.lang, as.theme)
			for name, path := range pages[who] {
				b.Look(path, fmt.Sprintf("%s-%s-%s-%d", name, as.lang, as.theme, as.width), as.width)
			}
		}
		b.Leave()
	}
}

// pages are the archetypes of the house by name, for the person who opens them.
func (h *house) pages(t *testing.T) map[string]map[string]string {
	t.Helper()
	p := h.signIn(t, "department_manager")
	first := func(list string) string {
		status, out := p.api(http.MethodGet, "/"+list, nil)
		items, _ := out["items"].([]any)
		if status != http.StatusOK || len(items) == 0 {
			t.Fatalf("no %s in the sample: %d", list, status)
		}
		id, _ := items[0].(map[string]any)["id"].(string)
		return id
	}
	customer, problem, task := first("customers"), first("cases"), first("tasks")
	return map[string]map[string]string{
		"department_manager": {
			"workbench": "/workbench", "library": "/library", "reader": "/read/r01", "clause": "/read/r01/r01.7.2", "compliance": "/compliance/r01",
			"units-kept": "/compliance/units", "statement": "/compliance/statement", "import": "/library/import", "feedback": "/feedback", "me": "/me", "search": "/search?q=a",
			"customers": "/customers", "customer": "/customers/" + customer, "edit": "/customers/" + customer + "/edit", "new": "/customers/new",
			"cases": "/cases", "kanban": "/cases?view=kanban", "case": "/cases/" + problem, "action": "/cases/" + problem + "/do/close",
			"desk": "/desk", "desk-case": "/desk/" + problem, "register": "/register", "tasks": "/tasks", "task": "/tasks/" + task,
			"month": "/tasks?view=calendar", "notices": "/notices", "exemption": "/exemptions/new?clause_key=r01.7.4",
		},
		"administrator": {
			"packs": "/settings/packs",
			"users": "/users", "units": "/units", "roles": "/roles", "posts": "/posts", "calendars": "/calendars", "fields": "/settings/fields", "grants": "/grants",
			"user-new": "/users/new",
		},
		"auditor": {"audit": "/audit", "map": "/compliance"},
	}
}
