package backuppages_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/access/identity"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"
)

const password = "a long walk by the river"

// desk is an administrator in front of an instance.
type desk struct {
	t      *testing.T
	app    *app.App
	clock  *clock.Fake
	dir    string
	url    string
	client *http.Client
}

func open(t *testing.T, env ...string) *desk {
	t.Helper()
	ctx := context.Background()
	d := &desk{t: t, dir: t.TempDir(), clock: clock.NewFake(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))}
	cfg, err := config.Load(append(env, "DIANKE_DATA_DIR="+d.dir, "DIANKE_BACKUP_TO="+filepath.Join(d.dir, "safe")))
	if err != nil {
		t.Fatal(err)
	}
	d.app, err = app.Open(ctx, cfg, app.Options{Clock: d.clock, Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.app.Close() })
	link, err := d.app.Identity.IssueSetupLink(ctx)
	if err == nil {
		_, err = d.app.Identity.CompleteSetup(ctx, link, identity.Administrator{Company: "公司", Name: "张三", Login: "zhang", Password: password})
	}
	if err != nil {
		t.Fatal(err)
	}
	h, err := d.app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	d.url = srv.URL
	d.signIn("zhang")
	return d
}

func (d *desk) signIn(login string) {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	d.client = &http.Client{Jar: jar}
	if status, _ := d.do("POST", "/signin", url.Values{"login": {login}, "password": {password}}); status != http.StatusOK {
		d.t.Fatalf("sign in: %d", status)
	}
}

func (d *desk) do(method, path string, form url.Values) (int, string) {
	d.t.Helper()
	req, err := http.NewRequest(method, d.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (d *desk) see(path string, want ...string) string {
	d.t.Helper()
	status, body := d.do("GET", path, nil)
	for _, w := range want {
		if status != http.StatusOK || !strings.Contains(body, w) {
			d.t.Errorf("%s: %d, does not show %q", path, status, w)
		}
	}
	if strings.Contains(body, "⟦") {
		d.t.Errorf("%s: a text is missing", path)
	}
	return body
}

// TestAdministratorBacksUpAndProves goes from nothing to a proven backup, and sees a damaged one fail.
func TestAdministratorBacksUpAndProves(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("correct horse battery staple"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, "DIANKE_BACKUP_KEY_FILE="+key)
	d.see("/settings/backups", "没有自动备份", "还没有备份", "立即备份")
	d.see("/settings/fields", `href="/settings/backups"`)
	if status, body := d.do("POST", "/settings/backups", nil); status != http.StatusOK || !strings.Contains(body, "尚未验证") {
		t.Fatalf("back up: %d", status)
	}
	name := regexp.MustCompile(`dianke-[0-9TZ]+\.tar\.zst\.age`).FindString(d.see("/settings/backups", "行数据", `data-testid="prove"`))
	d.clock.Advance(time.Minute)
	if status, _ := d.do("POST", "/settings/backups/prove", url.Values{"name": {name}}); status != http.StatusOK {
		t.Fatalf("prove: %d", status)
	}
	d.see("/settings/backups", "已验证 2026-03-02 09:01", "审计日志（条数、哈希）", "实例密钥文件", "通过")
	path := filepath.Join(d.dir, "safe", name)
	if err := os.Truncate(path, 4000); err != nil {
		t.Fatal(err)
	}
	d.clock.Advance(time.Minute)
	if status, _ := d.do("POST", "/settings/backups/prove", url.Values{"name": {name}}); status != http.StatusBadRequest {
		t.Errorf("prove what is damaged: %d", status)
	}
	d.see("/settings/backups", "最近一次验证未通过", "备份文件不完整")
	for _, bad := range []string{"", "../secret", "dianke-20200101T000000Z.tar.zst"} {
		if status, _ := d.do("POST", "/settings/backups/prove", url.Values{"name": {bad}}); status != http.StatusNotFound {
			t.Errorf("prove %q: %d", bad, status)
		}
	}
	if status, body := d.do("GET", "/notices", nil); status != http.StatusOK || !strings.Contains(body, "未通过验证") {
		t.Errorf("the administrator was not told: %d", status)
	}
}

func TestOthersSeeNothing(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, r := range [][2]string{{"GET", "/settings/backups"}, {"POST", "/settings/backups"}, {"POST", "/settings/backups/prove"}, {"GET", "/settings/backups/progress"}} {
		if status, _ := d.do(r[0], r[1], nil); status == http.StatusOK {
			t.Errorf("%s %s: %d for a stranger", r[0], r[1], status)
		}
	}
	if _, err := os.Stat(filepath.Join(d.dir, "safe")); err == nil {
		t.Error("a backup was made for a stranger")
	}
}
