package importpages_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/surface/web/webtest"
)

// open sets an instance up and returns it with its address and the administrator's browser.
func open(t *testing.T) (*app.App, string, *webtest.Browser) {
	t.Helper()
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(context.Background(), cfg, app.Options{
		Clock: clock.NewFake(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)), Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	secret, err := a.Identity.IssueSetupLink(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b := (&webtest.Site{URL: srv.URL, Catalog: a.Catalog}).Browser(t)
	form := url.Values(b.Post("/setup/"+secret, url.Values{"step": {"plan"}, "lang": {"zh"}, "company": {"江心洲"}, "trade": {"service"}}).Want(http.StatusOK).Form("#setup"))
	for name, value := range map[string]string{"name": "王芳", "login": "wang.fang", "password": webtest.Password} {
		form.Set(name, value)
	}
	b.Post("/setup/"+secret, form).Want(http.StatusSeeOther)
	b.Post("/signin", url.Values{"login": {"wang.fang"}, "password": {webtest.Password}}).Want(http.StatusSeeOther)
	return a, srv.URL, b
}

const ledger = "客户名称,手机,级别,来源,备注\n杭州西湖茶叶有限公司,13800138000,重点,老客户介绍,每年三月订货\n上海徐汇书店,13900139000,普通,展会,\n,13700137000,普通,展会,没有名称\n南京夫子庙文具店,不是电话,普通,展会,\n"

// try sends the ledger and goes as far as the trial.
func try(t *testing.T, b *webtest.Browser) string {
	t.Helper()
	at := b.Upload("/import", url.Values{"type": {"customer"}}, "file", "客户台账.csv", []byte(ledger)).Want(http.StatusSeeOther).Location()
	p := b.Get(at).Want(http.StatusOK)
	for name, want := range map[string]string{"c0": "name", "c1": "mobile", "c2": "grade", "c3": "source", "c4": "remarks"} {
		if got := p.Attr("[name="+name+"] option[selected]", "value"); got != want {
			t.Errorf("%s becomes %q, want %s", name, got, want)
		}
	}
	form := url.Values(p.Form("#map"))
	if p := b.Post(at+"/map", form).Want(http.StatusUnprocessableEntity); !strings.Contains(p.TextOf("main"), "合法性依据") {
		t.Errorf("without a legal basis: %s", p.TextOf("main"))
	}
	form.Set("fix_legal_basis", "contract")
	for name, cells := range form {
		if strings.HasPrefix(name, "cell_") {
			form.Set("val_"+strings.TrimPrefix(name, "cell_"), map[string]string{"重点": "a", "普通": "b", "老客户介绍": "referral", "展会": "event"}[cells[0]])
		}
	}
	b.Post(at+"/map", form).Want(http.StatusSeeOther)
	return at
}

func TestALedgerComesIn(t *testing.T) {
	t.Parallel()
	_, _, b := open(t)
	if p := b.Get("/customers").Want(http.StatusOK); !strings.Contains(p.Body, "/import?type=customer") {
		t.Error("the list of customers does not lead to the import")
	}
	if p := b.Get("/import?type=customer").Want(http.StatusOK); p.Attr("[name=type] option[selected]", "value") != "customer" || strings.Contains(p.Body, "⟦") {
		t.Error(p.TextOf("main"))
	}
	at := try(t, b)
	p := b.Get(at).Want(http.StatusOK)
	if text := p.TextOf("main"); !strings.Contains(text, "试算完成，共 4 行") || !strings.Contains(text, "名称") || strings.Contains(p.Body, "⟦") {
		t.Errorf("trial: %s", text)
	}
	b.Post(at+"/begin", url.Values{}).Want(http.StatusSeeOther)
	p = b.Get(at).Want(http.StatusOK)
	if text := p.TextOf("main"); !strings.Contains(text, "导入完成") || p.Has("[action$=begin]") {
		t.Errorf("result: %s", text)
	}
	if p := b.Get("/customers").Want(http.StatusOK); !strings.Contains(p.Body, "上海徐汇书店") {
		t.Error("the customer is not in the list")
	}
	file := b.Get(at + "/rejects").Want(http.StatusOK)
	if !strings.HasPrefix(file.Body, "\ufeff客户名称,手机,级别,来源,备注,原文件行号,原因") || !strings.Contains(file.Body, "不是电话") {
		t.Errorf("rejected rows: %s", file.Body)
	}
	better := strings.Replace(strings.Replace(file.Body, "不是电话", "13600136000", 1), ",13700137000", "苏州园林公司,13700137000", 1)
	again := b.Upload("/import", url.Values{"type": {"customer"}}, "file", "改正.csv", []byte(better)).Want(http.StatusSeeOther).Location()
	form := url.Values(b.Get(again).Want(http.StatusOK).Form("#map"))
	if form.Get("c0") != "name" || form.Get("c6") != "" {
		t.Errorf("corrected rows are mapped as %v", form)
	}
	b.Post(at+"/begin", url.Values{}).Want(http.StatusConflict)
}

func TestFilesThatCannotBeReadAreRefusedInWords(t *testing.T) {
	t.Parallel()
	_, _, b := open(t)
	for name, c := range map[string]struct{ raw, want string }{
		"old.xls":  {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "另存为"},
		"none.csv": {"", "没有数据"},
		"head.csv": {"姓名,电话\n", "没有数据行"},
		"page.xls": {"<html></html>", "网页"},
	} {
		p := b.Upload("/import", url.Values{"type": {"customer"}}, "file", "../../"+name, []byte(c.raw)).Want(http.StatusUnprocessableEntity)
		if !strings.Contains(p.TextOf("main"), c.want) || p.Attr("[name=type] option[selected]", "value") != "customer" {
			t.Errorf("%s: %s", name, p.TextOf("main"))
		}
	}
	b.Post("/import", url.Values{"type": {"customer"}}).Want(http.StatusBadRequest)
	b.Upload("/import", url.Values{"type": {"nothing"}}, "file", "a.csv", []byte("a,b\n1,2\n")).Want(http.StatusNotFound)
	b.Get("/imports/0000000000001").Want(http.StatusNotFound)
	b.Get("/imports/nothing").Want(http.StatusNotFound)
}

func TestPagesLookWell(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a browser")
	}
	_, site, b := open(t)
	at := try(t, b)
	br := browsertest.Start(t, site)
	br.SignIn("wang.fang", webtest.Password)
	mapped := b.Upload("/import", url.Values{"type": {"customer"}}, "file", "客户台账.csv", []byte(ledger)).Want(http.StatusSeeOther).Location()
	br.EachLook("import", []browsertest.Shown{{Path: "/import?type=customer", Name: "start"}, {Path: mapped, Name: "map"}, {Path: at, Name: "tried"}})
}
