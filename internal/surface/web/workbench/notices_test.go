package workbench_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func TestNoticesAreWordsAndAreMarkedAsRead(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.signIn(t, "department_manager")
	p := b.Get("/notices").Want(http.StatusOK)
	rows := len(p.All("tbody tr"))
	if text := p.TextOf("main"); rows == 0 || strings.Contains(p.Body, "⟦") || strings.Contains(text, "regulation.") || !strings.Contains(text, "依据《") && !strings.Contains(text, "请阅读并签署") {
		t.Fatalf("%d notices: %s", rows, text)
	}
	form := regexp.MustCompile(`/notices/\w+/do/read_it`).FindString(p.Body)
	b.Post(form, url.Values{"return": {"/notices"}}).Want(http.StatusSeeOther)
	if left := b.Get("/notices").Want(http.StatusOK); form == "" || strings.Contains(left.Body, form) {
		t.Error("what was read is still there")
	}
	if all := b.Get("/notices?show=all").Want(http.StatusOK); len(all.All("tbody tr")) < rows || !strings.Contains(all.TextOf("main"), "已读") {
		t.Errorf("all notices: %s", all.TextOf("main"))
	}
}
