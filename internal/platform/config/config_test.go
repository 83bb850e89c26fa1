package config_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dianke/internal/platform/config"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{"PATH=/bin", "DIANKE_ZONE=", "DIANKE_TEST_POSTGRES=postgres://x"})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(c.DataDir, c.DatabaseFile(), c.SecretFile, c.Listen, c.BaseURL, c.Zone.String(), c.LogLevel.String(), c.LogFormat, c.MailFrom, c.Node, c.IsPostgres())
	want := fmt.Sprint("data", filepath.Join("data", "dianke.db"), filepath.Join("data", "secret"), "127.0.0.1:8420",
		"http://127.0.0.1:8420", "Asia/Shanghai", "INFO", "text", "dianke@localhost", 0, false)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{
		"DIANKE_DATA_DIR=/var/lib/dianke", "DIANKE_DATABASE=postgres://u:hush@db/dianke?sslpassword=hush", "DIANKE_LISTEN=:80",
		"DIANKE_BASE_URL=https://crm.example.com/desk/", "DIANKE_SMTP=smtps://u:hush@mail.example.com", "DIANKE_ZONE=UTC",
		"DIANKE_LOG_LEVEL=debug", "DIANKE_LOG_FORMAT=json", "DIANKE_TRUSTED_PROXIES=10.1.2.3/8, ::1", "DIANKE_NODE=1023",
		"DIANKE_MAIL_LISTEN=smtp://:25, lmtp:///run/dianke/lmtp", "DIANKE_MAIL_MOST=2", "DIANKE_OUTBOUND_ALLOW=10.9.0.0/16",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.BaseURL != "https://crm.example.com/desk" || c.MailFrom != "dianke@crm.example.com" || c.LogLevel != slog.LevelDebug || c.Node != 1023 {
		t.Errorf("%s, from %s", c, c.MailFrom)
	}
	if len(c.TrustedProxies) != 2 || c.TrustedProxies[0] != netip.MustParsePrefix("10.0.0.0/8") || c.TrustedProxies[1] != netip.MustParsePrefix("::1/128") {
		t.Errorf("proxies %v", c.TrustedProxies)
	}
	if len(c.MailListen) != 2 || c.MailMost != 2<<20 || len(c.Outbound) != 1 {
		t.Errorf("mail %v, %d bytes, outbound %v", c.MailListen, c.MailMost, c.Outbound)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "config", c)
	for _, shown := range []string{c.String(), fmt.Sprintf("%v %+v %#v", c, c, c), log.String()} {
		if strings.Contains(shown, "hush") || !strings.Contains(shown, "postgres://db/dianke") {
			t.Errorf("shown: %s", shown)
		}
	}
}

func TestFaultsAreReportedTogether(t *testing.T) {
	t.Parallel()
	_, err := config.Load([]string{
		"DIANKE_DATBASE=x", "DIANKE_DATABASE=mysql://u:hush@db/x", "DIANKE_LISTEN=8420", "DIANKE_BASE_URL=crm.example.com",
		"DIANKE_SMTP=mail.example.com:25", "DIANKE_ZONE=Mars/Olympus", "DIANKE_LOG_LEVEL=loud", "DIANKE_LOG_FORMAT=xml",
		"DIANKE_TRUSTED_PROXIES=proxy", "DIANKE_NODE=1024", "DIANKE_MAIL_FROM=Desk <desk@example.com>",
		"DIANKE_MAIL_LISTEN=pop3://:110", "DIANKE_MAIL_MOST=500", "DIANKE_OUTBOUND_ALLOW=inside",
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"DIANKE_DATBASE is not known; did you mean DIANKE_DATABASE?", "DIANKE_DATABASE: must", "DIANKE_LISTEN: must",
		"DIANKE_BASE_URL: must", "DIANKE_SMTP: must", "DIANKE_ZONE: must", "DIANKE_LOG_LEVEL: ", "DIANKE_LOG_FORMAT: must",
		"DIANKE_TRUSTED_PROXIES: must", "DIANKE_NODE: must", "DIANKE_MAIL_FROM: must",
		"DIANKE_MAIL_LISTEN: must", "DIANKE_MAIL_MOST: must", "DIANKE_OUTBOUND_ALLOW: must",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("the error shows a password: %v", err)
	}
}

func TestSecretIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "secret")
	secrets := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range secrets {
		wg.Go(func() {
			var err error
			if secrets[i], err = config.LoadOrCreateSecret(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range secrets {
		if len(s) != 32 || !bytes.Equal(s, secrets[0]) || bytes.Equal(s, make([]byte, 32)) {
			t.Fatalf("secrets differ or are empty: %x", secrets)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left beside it: %v, %v", entries, err)
	}
}

func TestSecretIsChecked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		content string
		mode    os.FileMode
	}{
		"open to others": {strings.Repeat("ab", 32), 0o644},
		"too short":      {strings.Repeat("ab", 31), 0o600},
		"no hexadecimal": {strings.Repeat("xy", 32), 0o600},
		"empty":          {"", 0o600},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(tt.content), tt.mode); err != nil {
			t.Fatal(err)
		}
		if secret, err := config.LoadOrCreateSecret(path); err == nil {
			t.Errorf("%s: %x", name, secret)
		}
	}
}
