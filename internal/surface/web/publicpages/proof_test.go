package publicpages_test

import (
	"crypto/sha256"
	"fmt"
	"math/bits"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webtest"
)

// solve does what the script does.
func solve(task string) string {
	for n := 0; ; n++ {
		s := fmt.Sprintf("%s:%d", task, n)
		h := sha256.Sum256([]byte(s))
		if bits.LeadingZeros16(uint16(h[0])<<8|uint16(h[1])) == 16 {
			return s
		}
	}
}

func filled(proof string) url.Values {
	return url.Values{
		"kind": {"complaint"}, "content": {"送货迟了三天，没有人通知。"}, "contact_name": {"陈女士"}, "contact_phone": {"13900137001"}, "consent": {"1"}, "proof": {proof},
	}
}

func TestSolutionsAreTakenOnceAndInTime(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.site.Browser(t)
	task := func() string { return b.Get("/feedback").Want(http.StatusOK).Attr("[data-proof]", "value") }
	refused := func(name, proof, word string) {
		t.Helper()
		p := b.Post("/feedback", filled(proof)).Want(http.StatusUnprocessableEntity)
		if !strings.Contains(p.TextOf("[role=alert]"), word) {
			t.Errorf("%s: %s", name, p.TextOf("[role=alert]"))
		}
		if got := p.Form("#feedback")["content"]; len(got) != 1 || got[0] != "送货迟了三天，没有人通知。" {
			t.Errorf("%s: what was typed is gone: %q", name, got)
		}
	}
	good := solve(task())
	b.Post("/feedback", filled(good)).Want(http.StatusSeeOther)
	refused("replayed", good, "已经提交过")
	refused("unsolved", task()+":0", "校验未通过")
	refused("no task of ours", strings.Repeat("a", 24)+".99999999999.0.x:1", "校验未通过")
	other := strings.SplitN(task(), ".", 4)
	other[1] = "99999999999"
	refused("longer by itself", solve(strings.Join(other, ".")), "校验未通过")
	late := solve(task())
	h.clock.Advance(4 * time.Hour)
	refused("expired", late, "打开时间过长")
	b.Post("/feedback", filled(solve(task()))).Want(http.StatusSeeOther)
}

func TestFormsWithoutScriptHaveTheNarrowLimit(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.site.Browser(t)
	plain, last := 0, (*webtest.Page)(nil)
	for range 12 {
		if last = b.Post("/feedback", filled("")); last.Status != http.StatusSeeOther {
			break
		}
		plain++
	}
	if plain < 3 || plain > 10 || last.Status != http.StatusTooManyRequests {
		t.Fatalf("%d forms without a solution, then %d", plain, last.Status)
	}
	if got := last.Form("#feedback")["content"]; len(got) != 1 || got[0] == "" {
		t.Error("what was typed is gone")
	}
	b.Post("/feedback", filled(solve(b.Get("/feedback").Attr("[data-proof]", "value")))).Want(http.StatusSeeOther)
}

func TestTheFormInABrowser(t *testing.T) {
	var policy browsertest.Policy
	h := openHouse(t, policy.Wrap)
	b := browsertest.Start(t, h.site.URL)
	b.Open("/feedback", 390)
	b.Until(`document.querySelector('[data-proof][data-solved]') !== null`)
	b.EachLook("public", []browsertest.Shown{{Path: "/feedback?kind=complaint", Name: "feedback"}})
	for _, r := range policy.Refused() {
		t.Errorf("refused by the policy: %s", r)
	}
}
