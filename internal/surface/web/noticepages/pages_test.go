package noticepages_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/mail"
	"dianke/internal/platform/mail/listen"
	"dianke/internal/surface/web/webtest"
	"dianke/internal/world"
)

// now is Monday 2026-03-02 10:00 in Shanghai.
var now = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

type house struct {
	app  *app.App
	site *webtest.Site
}

func openHouse(t *testing.T) *house {
	t.Helper()
	ctx, fake := context.Background(), clock.NewFake(now)
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir(), "DIANKE_OUTBOUND_ALLOW=127.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(ctx, cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Messages: app.SurfaceMessages(), Scratch: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	b := &world.Builder{Records: a.Records, Guard: a.Guard, Engine: a.Engine, Identity: a.Identity, Installer: a.Installer, Clock: fake, Now: now, Days: 2}
	if _, err := b.Build(ctx); err != nil {
		t.Fatal(err)
	}
	handler, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return &house{app: a, site: &webtest.Site{URL: srv.URL, Catalog: a.Catalog}}
}

func (h *house) signIn(t *testing.T, login string) *webtest.Browser {
	t.Helper()
	b := h.site.Browser(t)
	b.Post("/signin", url.Values{"login": {login}, "password": {world.Password}}).Want(http.StatusSeeOther)
	return b
}

func TestHowOneIsTold(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	b := h.signIn(t, "administrator")
	p := b.Get("/me/notices").Want(http.StatusOK)
	if !p.Has("select[name=topic_deadline]") || p.Has("select[name=topic_account]") {
		t.Errorf("%s", p.Text())
	}
	form := url.Values{"topic_deadline": {"mail"}, "topic_mention": {"digest"}, "digest_hour": {"18"}}
	b.Post("/me/notices", form).Want(http.StatusSeeOther)
	form.Set("topic_deadline", "page")
	b.Post("/me/notices", form).Want(http.StatusSeeOther)
	got := b.Get("/me/notices").Want(http.StatusOK).Form("#choices")
	if got["topic_deadline"][0] != "page" || got["topic_mention"][0] != "digest" || got["digest_hour"][0] != "18" || len(got["quiet"]) != 0 {
		t.Errorf("%v", got)
	}
	b.Post("/me/notices", url.Values{"digest_hour": {"99"}}).Want(http.StatusUnprocessableEntity)
	b.Post("/me/notices", url.Values{"topic_deadline": {"pigeon"}, "digest_hour": {"9"}}).Want(http.StatusUnprocessableEntity)
}

func TestChannelsAreTried(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	answer := `{"errcode":0}`
	robot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
	t.Cleanup(robot.Close)
	b := h.signIn(t, "administrator")
	if p := b.Get("/settings/notices").Want(http.StatusOK); !strings.Contains(p.Text(), "还没有通知渠道") {
		t.Errorf("%s", p.Text())
	}
	b.Post("/notice_channels", url.Values{"title": {"客服群"}, "kind": {"wecom"}, "address": {robot.URL + "/send?key=very-secret"}, "least": {"info"}, "lang": {"zh"}, "active": {"true"}}).Want(http.StatusSeeOther)
	p := b.Get("/settings/notices").Want(http.StatusOK)
	action := p.Attr("#channels form", "action")
	if action == "" || strings.Contains(p.Text(), "very-secret") {
		t.Fatalf("%s", p.Text())
	}
	b.Post(action, nil).Want(http.StatusSeeOther)
	answer = `{"errcode":93000,"errmsg":"invalid webhook url"}`
	if p := b.Post(action, nil); p.Status == http.StatusSeeOther || !strings.Contains(p.Text(), "93000") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := b.Get("/settings/notices").Want(http.StatusOK); !strings.Contains(p.Text(), "有故障") {
		t.Errorf("%s", p.Text())
	}
}

func TestMailSettings(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	b := h.signIn(t, "administrator")
	b.Post("/mailboxes", url.Values{"title": {"客服"}, "address": {"support@dianke.test"}, "kind": {"inquiry"}, "source": {"imap"}, "server": {"imaps://127.0.0.1:1"}, "account": {"a"}, "password": {"very-secret"}, "active": {"true"}}).Want(http.StatusSeeOther)
	if err := h.app.Mailroom.Keep(context.Background(), listen.Envelope{To: []string{"support@dianke.test"}}, strings.NewReader("From: x@y.example\nSubject: sale\nList-Id: <a>\n\nbuy now")); err != nil {
		t.Fatal(err)
	}
	if err := h.app.Post(context.Background()); err != nil {
		t.Fatal(err)
	}
	p := b.Get("/settings/mail").Want(http.StatusOK)
	if !strings.Contains(p.Text(), "support@dianke.test") || strings.Contains(p.Text(), "very-secret") || !strings.Contains(p.Text(), "暂扣1") {
		t.Errorf("%s", p.Text())
	}
	action := p.Attr("#mailboxes form", "action")
	if p := b.Post(action, nil); p.Status == http.StatusSeeOther || !strings.Contains(p.Text(), "连不上邮箱服务器") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := b.Get("/mail_arrivals?f=state:in:held").Want(http.StatusOK); !strings.Contains(p.Text(), "sale") {
		t.Errorf("%s", p.Text())
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	b := h.signIn(t, "administrator")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.site.URL+"/notices/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.Cookies() {
		req.AddCookie(c)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := (&http.Client{Transport: &http.Transport{DisableCompression: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") || resp.Header.Get("Content-Encoding") != "" {
		t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	events := bufio.NewScanner(resp.Body)
	count := func() int {
		t.Helper()
		for events.Scan() {
			var n int
			if _, err := fmt.Sscanf(events.Text(), "data: %d", &n); err == nil {
				return n
			}
		}
		t.Fatal("the stream ended", events.Err())
		return 0
	}
	before := count()
	me := h.app.Types.Type("user")
	err = h.app.InTx(ctx, "test", "test", func(c *record.Call) error {
		list, err := c.Work.Find(ctx, c, me.Name, record.Where("login", "administrator"), 1)
		if err != nil {
			return err
		}
		return notice.Send(ctx, c, notice.Message{Key: "notice.mentioned"}, list[0].HeadOf().ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := count(); got != before+1 {
		t.Errorf("%d, want %d", got, before+1)
	}
	h.app.Live.Close()
	if events.Scan() && events.Scan() && events.Scan() {
		t.Error("the stream goes on after the end")
	}
	h.site.Browser(t).Get("/notices/stream").Want(http.StatusSeeOther)
}
