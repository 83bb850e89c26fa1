package publicpages_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

func TestFilesOfTheFormAreLimited(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	pdf := []byte("%PDF-1.7\n%âãÏÓ\n")
	for name, tt := range map[string]struct {
		file    string
		content []byte
		status  int
		word    string
	}{
		"a contract":         {"委托合同.pdf", pdf, http.StatusSeeOther, ""},
		"a path":             {`C:\Users\陈\合同\票据.PDF`, pdf, http.StatusSeeOther, ""},
		"a program":          {"合同.exe", []byte("MZ"), http.StatusUnprocessableEntity, "不能接收“合同.exe”"},
		"a page":             {"说明.html", []byte("<html><script>alert(1)</script>"), http.StatusUnprocessableEntity, "不能接收"},
		"a page in disguise": {"说明.pdf", []byte("<!DOCTYPE html><script>alert(1)</script>"), http.StatusUnprocessableEntity, "内容与文件类型不符"},
		"nothing in it":      {"空.txt", nil, http.StatusUnprocessableEntity, "空文件"},
		"too large":          {"录像.mp4", append([]byte("\x00\x00\x00\x18ftypmp42"), bytes.Repeat([]byte{0}, 10<<20)...), http.StatusUnprocessableEntity, "超过 10 MB"},
	} {
		b := h.site.Browser(t)
		proof := solve(b.Get("/feedback").Want(http.StatusOK).Attr("[data-proof]", "value"))
		p := b.Upload("/feedback", filled(proof), "files", tt.file, tt.content)
		if p.Status != tt.status {
			t.Errorf("%s: %d", name, p.Status)
			continue
		}
		if tt.word == "" {
			continue
		}
		if got := p.TextOf("#feedback"); !strings.Contains(got, tt.word) {
			t.Errorf("%s: the form says %.600s", name, got)
		}
		if got := p.Form("#feedback")["content"]; len(got) != 1 || got[0] != "送货迟了三天，没有人通知。" {
			t.Errorf("%s: what was typed is gone: %q", name, got)
		}
	}
}

func TestAFormRefusedForAnotherReasonAsksForItsFileAgain(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.site.Browser(t)
	form := filled(solve(b.Get("/feedback").Attr("[data-proof]", "value")))
	form.Del("consent")
	p := b.Upload("/feedback", form, "files", "票据.pdf", []byte("%PDF-1.7")).Want(http.StatusUnprocessableEntity)
	if got := p.TextOf("#feedback"); !strings.Contains(got, "请重新选择附件") {
		t.Errorf("the form says %.600s", got)
	}
}
