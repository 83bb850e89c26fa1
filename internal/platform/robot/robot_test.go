package robot_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/outbound"
	"dianke/internal/platform/robot"
)

var now = time.Date(2026, 3, 2, 1, 2, 3, 0, time.UTC)

func local() outbound.Policy {
	return outbound.Policy{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

func mac(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// service checks a request as the service of the kind does and answers as it does.
func service(t *testing.T, kind, secret string) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var body struct {
			MsgType   string `json:"msgtype"`
			MsgType2  string `json:"msg_type"`
			Timestamp any    `json:"timestamp"`
			Sign      string `json:"sign"`
			Text      struct{ Content string }
			Content   struct{ Text string }
			Type      string
			Data      struct{ ID, Text, Link string }
		}
		if err == nil {
			err = json.Unmarshal(raw, &body)
		}
		if err != nil || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			t.Errorf("request %s %s: %v", r.Method, raw, err)
		}
		say := func(s string) { _, _ = io.WriteString(w, s) }
		switch kind {
		case robot.WeCom:
			if r.URL.Query().Get("key") != "k" {
				say(`{"errcode":93000,"errmsg":"invalid webhook url"}`)
			} else if body.MsgType != "text" || body.Text.Content == "" || len(body.Text.Content) > 2048 {
				say(`{"errcode":40008,"errmsg":"invalid message type"}`)
			} else {
				say(`{"errcode":0,"errmsg":"ok"}`)
			}
		case robot.DingTalk:
			stamp := r.URL.Query().Get("timestamp")
			if r.URL.Query().Get("access_token") != "k" || r.URL.Query().Get("sign") != mac(secret, stamp+"\n"+secret) || stamp != strconv.FormatInt(now.UnixMilli(), 10) {
				say(`{"errcode":310000,"errmsg":"sign not match"}`)
			} else if body.MsgType != "text" || body.Text.Content == "" {
				say(`{"errcode":40035,"errmsg":"missing parameter"}`)
			} else {
				say(`{"errcode":0,"errmsg":"ok"}`)
			}
		case robot.Feishu:
			stamp, _ := body.Timestamp.(string)
			if body.Sign != mac(stamp+"\n"+secret, "") || stamp != strconv.FormatInt(now.Unix(), 10) {
				say(`{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`)
			} else if body.MsgType2 != "text" || body.Content.Text == "" {
				say(`{"code":9499,"msg":"Bad Request"}`)
			} else {
				say(`{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`)
			}
		case robot.Webhook:
			key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
			want := "v1," + mac(string(key), r.Header.Get("webhook-id")+"."+r.Header.Get("webhook-timestamp")+"."+string(raw))
			if err != nil || r.Header.Get("webhook-signature") != want || body.Type != "notice.create" || body.Data.ID != "m1" {
				w.WriteHeader(http.StatusUnauthorized)
			}
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

func TestEachContract(t *testing.T) {
	t.Parallel()
	paths := map[string]string{robot.WeCom: "/cgi-bin/webhook/send?key=k", robot.DingTalk: "/robot/send?access_token=k", robot.Feishu: "/open-apis/bot/v2/hook/k", robot.Webhook: "/hook"}
	m := robot.Message{ID: "m1", Text: "事项 CS-2026-000001 将在一小时后到期", Link: "https://crm.example.com/cases/1", Event: "notice.create", At: now}
	for kind, path := range paths {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			secret := "SEC0123456789abcdef+/="
			if kind == robot.Webhook {
				secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("twenty-four bytes of key"))
			}
			srv := service(t, kind, secret)
			r := robot.Robot{Kind: kind, URL: srv.URL + path, Secret: secret}
			if err := r.Check(local()); err != nil {
				t.Fatal(err)
			}
			if err := r.Post(context.Background(), local().Client(), m, now); err != nil {
				t.Fatal(err)
			}
			r.Secret, r.URL = secret+"x", strings.Replace(r.URL, "key=k", "key=other", 1)
			if err := r.Post(context.Background(), local().Client(), m, now); errs.KeyOf(err) != "robot.denied" || !robot.Final(err) {
				t.Errorf("a wrong key: %v", err)
			}
			if err := r.Post(context.Background(), (outbound.Policy{}).Client(), m, now); errs.KeyOf(err) != "outbound.private" {
				t.Errorf("a private address: %v", err)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind, answer string
		status       int
		want         string
		final        bool
	}{
		{robot.WeCom, `{"errcode":45009,"errmsg":"api freq out of limit"}`, 200, "robot.too_many", false},
		{robot.DingTalk, `{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}`, 200, "robot.too_many", false},
		{robot.DingTalk, `{"errcode":310000,"errmsg":"keywords not in content"}`, 200, "robot.denied", true},
		{robot.Feishu, `{"code":11232,"msg":"frequency limited"}`, 200, "robot.too_many", false},
		{robot.Feishu, `{"code":19024,"msg":"Key Words Not Found"}`, 200, "robot.refused", true},
		{robot.Feishu, `{"StatusCode":0}`, 200, "", false},
		{robot.WeCom, `{"errcode":-1,"errmsg":"system busy"}`, 200, "robot.away", false},
		{robot.WeCom, `<html>gateway</html>`, 200, "robot.away", false},
		{robot.WeCom, `{}`, 200, "robot.away", false},
		{robot.WeCom, ``, 502, "robot.away", false},
		{robot.Webhook, ``, 429, "robot.too_many", false},
		{robot.Webhook, ``, 410, "robot.denied", true},
		{robot.Webhook, ``, 400, "robot.refused", true},
		{robot.Webhook, `anything`, 204, "", false},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, tt.answer)
		}))
		err := robot.Robot{Kind: tt.kind, URL: srv.URL + "/hook/secret-key", Secret: "0123456789abcdef"}.Post(context.Background(), local().Client(), robot.Message{ID: "1", Text: "x"}, now)
		srv.Close()
		if errs.KeyOf(err) != tt.want || err != nil && robot.Final(err) != tt.final {
			t.Errorf("%s %d %s: %v", tt.kind, tt.status, tt.answer, err)
		}
	}
	err := robot.Robot{Kind: robot.WeCom, URL: "http://127.0.0.1:1/hook/secret-key"}.Post(context.Background(), local().Client(), robot.Message{Text: "x"}, now)
	if errs.KeyOf(err) != "robot.away" || strings.Contains(err.Error(), "secret-key") {
		t.Errorf("%v", err)
	}
}

func TestLongTextsAreCutAtACharacter(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Text struct{ Content string } }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.Text.Content) > 2048 || !utf8.ValidString(body.Text.Content) || strings.Contains(body.Text.Content, "\ufffd") {
			t.Errorf("%d bytes, %v", len(body.Text.Content), err)
		}
		_, _ = io.WriteString(w, `{"errcode":0}`)
	}))
	t.Cleanup(srv.Close)
	if err := (robot.Robot{Kind: robot.WeCom, URL: srv.URL}).Post(context.Background(), local().Client(), robot.Message{Text: strings.Repeat("长", 3000)}, now); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		r    robot.Robot
		want string
	}{
		"plain http": {robot.Robot{Kind: robot.WeCom, URL: "http://qyapi.weixin.qq.com/x"}, "robot.https"},
		"private":    {robot.Robot{Kind: robot.WeCom, URL: "https://10.0.0.1/x"}, "outbound.private"},
		"no secret":  {robot.Robot{Kind: robot.Webhook, URL: "https://example.com/x"}, "robot.secret"},
		"fine":       {robot.Robot{Kind: robot.Feishu, URL: "https://open.feishu.cn/open-apis/bot/v2/hook/x"}, ""},
	} {
		if got := errs.KeyOf(tt.r.Check(outbound.Policy{})); got != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if _, err := i18n.Load(robot.Messages()); err != nil {
		t.Error(err)
	}
}
