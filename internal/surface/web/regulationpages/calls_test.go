package regulationpages_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestAClauseWithoutControlsSaysWhatItCallsFor: nothing is called in force that no control holds, and the reader is told
// what is missing.
func TestAClauseWithoutControlsSaysWhatItCallsFor(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.signIn(t, "department_manager")
	p := b.Get("/read/r21").Want(http.StatusOK)
	if got := p.TextOf("[id='r21.14.1'] [data-testid=calls]"); got != "应有定期义务、检查签认，归属：行为与奖惩" {
		t.Errorf("in the reader: %q", got)
	}
	if !strings.Contains(p.TextOf("[id='r21.14.1']"), "尚未绑定") {
		t.Errorf("status: %s", p.TextOf("[id='r21.14.1']"))
	}
	if p := b.Get("/read/r21/r21.14.1").Want(http.StatusOK); !strings.Contains(p.TextOf("main [data-testid=calls]"), "归属：行为与奖惩") {
		t.Errorf("on its page: %s", p.TextOf("main"))
	}
	if p := b.Get("/read/r01").Want(http.StatusOK); p.Has("[id='r01.3.2'] [data-testid=calls]") {
		t.Error("a clause with controls says what is missing")
	}
}
