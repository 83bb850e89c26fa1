package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/platform/config"
	"dianke/internal/platform/db"
)

const (
	kills    = 50
	password = "a long walk by the river"
)

// house makes an instance with one administrator and returns its configuration and a token of his.
func house(t *testing.T, env ...string) (config.Config, string) {
	t.Helper()
	ctx := context.Background()
	cfg, err := config.Load(append(env, "DIANKE_DATA_DIR="+t.TempDir(), "DIANKE_API_RATE=1000"))
	if err != nil {
		t.Fatal(err)
	}
	a := reopen(t, cfg)
	link, err := a.Identity.IssueSetupLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	id, err := a.Identity.CompleteSetup(ctx, link, identity.Administrator{Company: "公司", Name: "张三", Login: "zhang", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	actor, err := db.View(ctx, a.DB, func(tx *db.Tx) (access.Actor, error) { return a.Guard.Actor(ctx, tx, id) })
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := a.Identity.CreateToken(ctx, actor, identity.TokenSpec{Name: "load", Scopes: []string{"customer:create", "customer:read"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return cfg, token
}

func reopen(t *testing.T, cfg config.Config) *app.App {
	t.Helper()
	a, err := app.Open(context.Background(), cfg, app.Options{Messages: app.SurfaceMessages(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// create asks for a customer and returns the id that was acknowledged.
func create(base, token, name string) (id string, status int, body string, err error) {
	req, err := http.NewRequest(http.MethodPost, base+"/api/v1/customers", strings.NewReader(
		fmt.Sprintf(`{"name":%q,"kind":"organisation","source":"phone","legal_basis":"contract"}`, name)))
	if err != nil {
		return "", 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	var made struct{ ID string }
	if err == nil && resp.StatusCode == http.StatusCreated {
		err = json.Unmarshal(data, &made)
	}
	return made.ID, resp.StatusCode, string(data), err
}

// life is one life of the server: it starts, takes writes from several hands, and is killed in the middle of them.
func life(t *testing.T, cfg config.Config, token string, n int) map[string]string {
	t.Helper()
	cmd := exec.Command("dianke", "serve")
	cmd.Env = append(os.Environ(), "DIANKE_DATA_DIR="+cfg.DataDir, "DIANKE_LISTEN=127.0.0.1:0", "DIANKE_API_RATE=1000", "DIANKE_LOG_LEVEL=error")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(out).ReadString('\n')
	base, ok := strings.CutPrefix(strings.TrimSpace(first), "Dianke listens on ")
	if err != nil || !ok {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Fatalf("life %d does not start: %q, %v, %s", n, first, err, complaints.String())
	}
	var mu sync.Mutex
	kept := map[string]string{}
	enough, dead := make(chan bool), make(chan bool)
	var hands sync.WaitGroup
	for hand := range 3 {
		hands.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("客户 %d-%d-%d", n, hand, i)
				id, status, body, err := create(base, token, name)
				if err != nil { // cut off by the kill
					return
				}
				if status != http.StatusCreated {
					t.Errorf("life %d: %d %s", n, status, body)
					return
				}
				mu.Lock()
				kept[id] = name
				if len(kept) == 4+n%5 {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	go func() { hands.Wait(); close(dead) }()
	select {
	case <-enough:
	case <-dead:
	case <-time.After(time.Minute):
		t.Error("no writes were taken")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	hands.Wait()
	_ = cmd.Wait() // it was killed
	return kept
}

// TestKilledUnderLoad kills the server fifty times in the middle of writes: nothing that was acknowledged is lost, it
// starts again each time, and the audit log holds.
func TestKilledUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("fifty starts are left out of short runs")
	}
	t.Parallel()
	cfg, token := house(t)
	kept := map[string]string{}
	for n := range kills {
		for id, name := range life(t, cfg, token, n) {
			kept[id] = name
		}
		if t.Failed() {
			return
		}
	}
	verify := exec.Command("dianke", "audit", "verify")
	verify.Env = append(os.Environ(), "DIANKE_DATA_DIR="+cfg.DataDir)
	if out, err := verify.CombinedOutput(); err != nil {
		t.Errorf("audit verify: %s", out)
	}
	a := reopen(t, cfg)
	defer func() { _ = a.Close() }()
	ctx := context.Background()
	_, err := db.View(ctx, a.DB, func(tx *db.Tx) (int, error) {
		var there, logged int
		if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM customers").Scan(&there); err != nil {
			return 0, err
		}
		if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM audit_log WHERE verb = 'customer.create'").Scan(&logged); err != nil {
			return 0, err
		}
		if len(kept) < 4*kills || there < len(kept) || logged != there {
			t.Errorf("%d acknowledged, %d there, %d in the audit log", len(kept), there, logged)
		}
		for id, name := range kept {
			var key record.ID
			if err := key.UnmarshalText([]byte(id)); err != nil {
				return 0, err
			}
			var got string
			if err := tx.QueryRow(ctx, "SELECT name FROM customers WHERE id = ?", key).Scan(&got); err != nil || got != name {
				t.Errorf("%s %s was acknowledged: %q, %v", id, name, got, err)
			}
		}
		_, _, err := audit.Verify(ctx, tx)
		return 0, err
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d writes acknowledged over %d lives", len(kept), kills)
}

// TestFullDisk: without room, writes are refused in words by page and interface, reads go on, and once there is room the
// same process goes on without being touched.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	cfg, token := house(t)
	a := reopen(t, cfg)
	t.Cleanup(func() { _ = a.Close() })
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	page := func(method, path string, form url.Values) (int, string) {
		req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(data)
	}
	if status, _ := page("POST", "/signin", url.Values{"login": {"zhang"}, "password": {password}}); status != http.StatusOK {
		t.Fatalf("sign in: %d", status)
	}
	if _, status, body, err := create(srv.URL, token, "before"); status != http.StatusCreated || err != nil {
		t.Fatalf("before: %d %s %v", status, body, err)
	}
	room := func(pages int) {
		if _, err := a.DB.Writer().ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	room(1) // SQLite takes the size it has; from now on the file cannot grow, as on a full disk
	refused := 0
	for i := range 400 { // pages that are half empty still take some
		_, status, body, err := create(srv.URL, token, fmt.Sprintf("while full %d", i))
		if err != nil {
			t.Fatal(err)
		}
		if status == http.StatusCreated {
			continue
		}
		if refused++; status != http.StatusServiceUnavailable || !strings.Contains(body, "db.full") || !strings.Contains(body, "磁盘已满") {
			t.Fatalf("a write on the full disk: %d %s", status, body)
		}
		if refused > 5 {
			break
		}
	}
	if refused == 0 {
		t.Fatal("the disk was not full")
	}
	long := strings.Repeat("很长的备注", 700)
	status, body := page("POST", "/customers", url.Values{"name": {"由页面新建"}, "kind": {"organisation"}, "source": {"phone"}, "legal_basis": {"contract"}, "remarks": {long}})
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "磁盘已满") {
		t.Errorf("a form on the full disk: %d %.300s", status, body)
	}
	for _, path := range []string{"/customers", "/workbench", "/search?q=before", "/settings/fields", "/healthz"} {
		if status, body := page("GET", path, nil); status != http.StatusOK {
			t.Errorf("read %s on the full disk: %d %.300s", path, status, body)
		}
	}
	room(1 << 30)
	if _, status, body, err := create(srv.URL, token, "after"); status != http.StatusCreated || err != nil {
		t.Errorf("after there is room: %d %s %v", status, body, err)
	}
	_, err = db.View(ctx, a.DB, func(tx *db.Tx) (int, error) { _, _, err := audit.Verify(ctx, tx); return 0, err })
	if err != nil {
		t.Error(err)
	}
}
