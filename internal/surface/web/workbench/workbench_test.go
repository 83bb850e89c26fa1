package workbench_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/world"
)

// figure is the value of the figure with the label.
func figure(t *testing.T, p *webtest.Page, label string) int {
	t.Helper()
	for _, text := range p.Texts(".dk-stat") {
		if rest, ok := strings.CutPrefix(text, label); ok {
			n, err := strconv.Atoi(strings.TrimSpace(rest))
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			return n
		}
	}
	t.Fatalf("no figure %q on %s", label, p.TextOf("main"))
	return 0
}

func TestEverybodyOpensAWorkbenchWithWork(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	webtest.CheckKeys(t, h.site.Catalog)
	for _, login := range []string{"department_manager", "complaint_officer", "account_manager", "customer_service_specialist"} {
		p := h.signIn(t, login).Get("/workbench").Want(http.StatusOK)
		if len(p.All("tbody tr")) == 0 || strings.Contains(p.Body, "⟦") {
			t.Errorf("%s: %s", login, p.TextOf("main"))
		}
	}
	chief := h.signIn(t, "department_manager").Get("/workbench")
	if !chief.Has("#managed") || len(chief.All(".dk-bars tr")) == 0 || len(chief.All("#people tbody tr")) < 2 {
		t.Errorf("the manager: %s", chief.TextOf("main"))
	}
	if figure(t, chief, "待批准的制度版本") != 1 {
		t.Error("the version in review is not counted")
	}
}

// TestFiguresShowNothingHidden compares what a manager of another department sees.
func TestFiguresShowNothingHidden(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	all := h.signIn(t, "department_manager").Get("/workbench").Want(http.StatusOK)
	other := h.signIn(t, "sales_manager").Get("/workbench").Want(http.StatusOK)
	if !other.Has("#managed") {
		return // he sees no work but his own
	}
	sum := func(p *webtest.Page) int {
		n := 0
		for _, cell := range p.Texts(".dk-bars .dk-num") {
			k, _ := strconv.Atoi(cell)
			n += k
		}
		return n
	}
	if sum(other) >= sum(all) {
		t.Errorf("the other manager counts %d, the one who answers for the desk %d", sum(other), sum(all))
	}
	if p := h.signIn(t, "customer_service_specialist").Get("/workbench"); strings.Contains(p.TextOf("main"), "待批准的例外") && !p.Has("#managed") {
		t.Error("figures of managers are shown to others")
	}
}

func TestWorkbenchInABrowser(t *testing.T) {
	var policy browsertest.Policy
	h := openHouse(t, policy.Wrap)
	b := browsertest.Start(t, h.site.URL)
	b.SignIn("department_manager", world.Password)
	b.EachLook("workbench", []browsertest.Shown{{Path: "/workbench", Name: "manager"}})
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}
