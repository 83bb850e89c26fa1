package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"dianke/internal/app"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/config"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail"
)

// board is a company with somebody who gets notices, and a robot beside it.
type board struct {
	*post
	robot *httptest.Server
	mu    sync.Mutex
	said  []string
	say   string
}

func openBoard(t *testing.T) *board {
	t.Helper()
	b := &board{say: `{"errcode":0,"errmsg":"ok"}`}
	b.robot = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Text struct{ Content string } }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.say == `{"errcode":0,"errmsg":"ok"}` {
			b.said = append(b.said, body.Text.Content)
		}
		_, _ = io.WriteString(w, b.say)
	}))
	t.Cleanup(b.robot.Close)
	cfg, err := config.Load([]string{"DIANKE_DATA_DIR=" + t.TempDir(), "DIANKE_OUTBOUND_ALLOW=127.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	fake := clock.NewFake(monday.Add(time.Hour)) // Monday, 10:00
	a, err := app.Open(context.Background(), cfg, app.Options{Clock: fake, Mail: &mail.Fake{}, Scratch: true, Messages: app.SurfaceMessages()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	b.post = &post{company: &company{a, fake}}
	b.in(t, func(ctx context.Context, c *record.Call) error {
		unit := &org.Unit{Name: "客户服务部", Kind: "department"}
		user := &org.User{Name: "王敏", Login: "wang", Mail: "wang@dianke.test", Status: "active", Language: "zh"}
		if err := errors.Join(c.Work.Insert(ctx, c, "unit", unit), c.Work.Insert(ctx, c, "user", user)); err != nil {
			return err
		}
		role := &org.Role{Title: "员工", Key: "employee"}
		desk := &org.Post{Title: "专员", Key: "clerk", Roles: []string{"employee"}}
		if err := errors.Join(c.Work.Insert(ctx, c, "role", role), c.Work.Insert(ctx, c, "post", desk)); err != nil {
			return err
		}
		b.unit, b.user = unit.ID, user.ID
		return c.Work.Insert(ctx, c, "posting", &org.Posting{UserID: user.ID, PostID: desk.ID, InUnit: unit.ID, Main: true})
	})
	b.Guard.Forget()
	return b
}

func (b *board) notify(t *testing.T, key, urgency string, about record.ID) {
	t.Helper()
	b.in(t, func(ctx context.Context, c *record.Call) error {
		return notice.Send(ctx, c, notice.Message{Key: key, Args: map[string]any{"number": "CS-2026-000001"}, AboutType: "case", AboutID: about, Urgency: urgency}, b.user)
	})
	b.deliver(t)
}

func (b *board) deliver(t *testing.T) {
	t.Helper()
	if err := b.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := b.Courier.Deliver(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (b *board) sent() []mail.Message { return b.Mail.(*mail.Fake).Sent() }

func (b *board) choose(t *testing.T, choices map[string]any, quiet bool) {
	t.Helper()
	b.do(t, "notice_setting", record.Create, 0, map[string]any{"owner_id": b.user.String(), "choices": choices, "quiet": quiet, "digest_hour": 9})
}

func TestUrgentNoticesComeByMailUnlessChosenOtherwise(t *testing.T) {
	t.Parallel()
	b := openBoard(t)
	b.notify(t, "mail.notice.arrived", "info", 0)
	if n := len(b.sent()); n != 0 {
		t.Fatalf("%d mails for what is not urgent", n)
	}
	b.clock.Set(monday.Add(14 * time.Hour)) // 23:00
	b.notify(t, "mail.notice.failed", "urgent", 42)
	out := b.sent()
	if len(out) != 1 || out[0].To[0].Mail != "wang@dianke.test" || out[0].Subject != "事项 CS-2026-000001 的答复邮件发送失败，请核对收件地址" || !out[0].Automatic ||
		!strings.Contains(out[0].Text, "/cases/"+record.ID(42).String()) || !strings.Contains(out[0].Text, "/me/notices") {
		t.Errorf("%+v", out)
	}
	b.choose(t, map[string]any{"letter": "page"}, true)
	b.notify(t, "mail.notice.failed", "urgent", 42)
	if n := len(b.sent()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

func TestQuietHoursFollowTheCalendar(t *testing.T) {
	t.Parallel()
	b := openBoard(t)
	b.choose(t, map[string]any{"letter": "mail"}, true)
	b.clock.Set(monday.Add(4*24*time.Hour + 14*time.Hour)) // Friday, 23:00
	b.notify(t, "mail.notice.arrived", "info", 0)
	b.clock.Set(monday.Add(5 * 24 * time.Hour)) // Saturday, 9:00
	b.deliver(t)
	if n := len(b.sent()); n != 0 {
		t.Fatalf("%d mails on the weekend", n)
	}
	b.clock.Set(monday.Add(7 * 24 * time.Hour)) // Monday, 9:00
	b.deliver(t)
	if n := len(b.sent()); n != 1 {
		t.Errorf("%d mails on Monday", n)
	}
}

func TestDigestHoldsWhatWasNotRead(t *testing.T) {
	t.Parallel()
	b := openBoard(t)
	b.choose(t, map[string]any{"letter": "digest", "mention": "digest"}, true)
	b.notify(t, "mail.notice.arrived", "info", 0)
	b.notify(t, "mail.notice.bounced", "warning", 0)
	b.notify(t, "notice.mentioned", "info", 0)
	first := all[notice.Notice](t, b.post, "notice")[0]
	b.in(t, func(ctx context.Context, c *record.Call) error {
		first.Status = "read"
		return c.Work.Save(ctx, c, "notice", "read_it", first)
	})
	b.clock.Set(monday.Add(24 * time.Hour))
	b.deliver(t)
	b.deliver(t)
	out := b.sent()
	if len(out) != 1 || out[0].Subject != "2 条通知待您查看" || !strings.Contains(out[0].Text, "提到了您") || strings.Contains(out[0].Text, "收到客户来信") {
		t.Errorf("%+v", out)
	}
}

func (b *board) channel(t *testing.T, in map[string]any) record.ID {
	t.Helper()
	full := map[string]any{"title": "客服群", "kind": "wecom", "address": b.robot.URL + "/cgi-bin/webhook/send?key=k", "least": "info"}
	for k, v := range in {
		full[k] = v
	}
	return b.do(t, "notice_channel", record.Create, 0, full).HeadOf().ID
}

func TestChannelsTakeTwentyAMinute(t *testing.T) {
	t.Parallel()
	b := openBoard(t)
	b.channel(t, nil)
	for i := range 25 {
		b.in(t, func(ctx context.Context, c *record.Call) error {
			return notice.Send(ctx, c, notice.Message{Key: "mail.notice.arrived", Args: map[string]any{"number": fmt.Sprint(i)}, AboutType: "case", AboutID: record.ID(100 + i)}, b.user)
		})
	}
	b.deliver(t)
	b.deliver(t)
	if len(b.said) != 20 || b.said[0] != "【典客】事项 0 收到客户来信\n"+b.Config.BaseURL+"/cases/"+record.ID(100).String() {
		t.Fatalf("%d said, first %q", len(b.said), b.said[0])
	}
	b.clock.Advance(61 * time.Second)
	b.deliver(t)
	if len(b.said) != 25 {
		t.Errorf("%d said after a minute", len(b.said))
	}
}

func TestChannelsChooseWhatTheyHear(t *testing.T) {
	t.Parallel()
	b := openBoard(t)
	other := b.do(t, "unit", record.Create, 0, map[string]any{"name": "财务部", "kind": "department"}).HeadOf().ID
	b.channel(t, map[string]any{"least": "urgent"})
	b.channel(t, map[string]any{"topics": []any{"deadline"}})
	b.channel(t, map[string]any{"for_unit": other.String()})
	b.channel(t, map[string]any{"active": false})
	b.notify(t, "mail.notice.arrived", "info", 7)
	b.notify(t, "identity.told.linked", "urgent", 7)
	if len(b.said) != 0 {
		t.Errorf("said %q", b.said)
	}
	b.channel(t, map[string]any{"for_unit": b.unit.String()})
	b.notify(t, "mail.notice.bounced", "info", 8)
	b.notify(t, "mail.notice.bounced", "info", 8) // the same event told another person
	if len(b.said) != 1 {
		t.Errorf("said %q", b.said)
	}
}

func TestChannelFaultsAreShownAndTriedAgain(t *testing.T) {
	t.Parallel()
	b := openBoard(t)
	id := b.channel(t, nil)
	b.say = `{"errcode":45009,"errmsg":"freq"}`
	b.notify(t, "mail.notice.arrived", "info", 9)
	state := func() *notice.Delivery { return all[notice.Delivery](t, b.post, "notice_delivery")[0] }
	if d := state(); d.State != "waiting" || d.Attempts != 0 || d.Fault != "robot.too_many" {
		t.Fatalf("%+v", d)
	}
	b.say = `gone`
	b.clock.Advance(2 * time.Minute)
	b.deliver(t)
	if ch := all[notice.Channel](t, b.post, "notice_channel")[0]; ch.Fault != "robot.away" || state().Attempts != 1 {
		t.Errorf("%+v", ch)
	}
	b.say = `{"errcode":0,"errmsg":"ok"}`
	b.clock.Advance(time.Hour)
	b.deliver(t)
	if ch := all[notice.Channel](t, b.post, "notice_channel")[0]; ch.Fault != "" || state().State != "sent" || len(b.said) != 1 {
		t.Errorf("%+v, %+v", ch, state())
	}
	b.say = `{"errcode":93000,"errmsg":"invalid"}`
	if err := b.Courier.Try(context.Background(), id); errs.KeyOf(err) != "robot.denied" {
		t.Error(err)
	}
	b.say = `{"errcode":0,"errmsg":"ok"}`
	if err := b.Courier.Try(context.Background(), id); err != nil || !strings.Contains(b.said[len(b.said)-1], "测试消息") {
		t.Errorf("%v, %q", err, b.said)
	}
	for _, address := range []string{"http://10.1.2.3/hook", "ftp://example.com", "http://qyapi.weixin.qq.com/x"} {
		_, err := b.Runner.Do(context.Background(), b.System("test", "test", "notice_channel", record.Create), action.Command{
			Type: "notice_channel", Action: record.Create, Input: map[string]any{"title": "x", "kind": "wecom", "address": address},
		})
		if !errs.Is(err, errs.Invalid) && address != "http://qyapi.weixin.qq.com/x" {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestLiveHubWakesAndEnds(t *testing.T) {
	t.Parallel()
	b := openBoard(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last := -1
		b.Live.Follow(r.Context(), b.user, func() bool {
			n, err := b.Unread(r.Context(), b.user)
			if err == nil && n != last {
				last = n
				_, err = fmt.Fprintf(w, "%d\n", n)
			}
			return err == nil && http.NewResponseController(w).Flush() == nil
		})
	}))
	t.Cleanup(srv.Close)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	var readers []*bufio.Reader
	for range 3 {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		readers = append(readers, bufio.NewReader(resp.Body))
	}
	want := func(s string) {
		t.Helper()
		for i, r := range readers {
			if line, err := r.ReadString('\n'); err != nil || strings.TrimSpace(line) != s {
				t.Errorf("connection %d: %q, %v, want %s", i, line, err, s)
			}
		}
	}
	want("0")
	b.notify(t, "mail.notice.arrived", "info", 1)
	want("1")
	b.Live.Close()
	for i, r := range readers {
		if _, err := r.ReadString('\n'); !errors.Is(err, io.EOF) {
			t.Errorf("connection %d goes on: %v", i, err)
		}
	}
}
