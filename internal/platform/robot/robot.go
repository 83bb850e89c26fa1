// Package robot posts messages to group robots of WeCom, DingTalk and Feishu, and to webhooks, each by its published
// contract.
//
// A service answers 200 and says in the body whether it took the message; [Robot.Post] reads that. All of them take
// twenty messages a minute from one robot; keeping to it is the caller's work, who sees TooMany where it failed. The
// address of a robot holds its key: errors never repeat it. The package decides nothing about who is told what.
package robot

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/outbound"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the errors of this package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

// The kinds of robots.
const (
	WeCom    = "wecom"
	DingTalk = "dingtalk"
	Feishu   = "feishu"
	Webhook  = "webhook"
)

// PerMinute is how many messages a robot takes a minute: the limit WeCom and DingTalk publish, and well within that of Feishu.
const PerMinute = 20

// Robot is one robot in one group, or one webhook.
type Robot struct {
	Kind   string
	URL    string
	Secret string // for the signature of DingTalk, Feishu and webhooks; may be empty but for webhooks
}

// Message is what is posted. ID is the same when a message is sent again.
type Message struct {
	ID    string
	Text  string
	Link  string // address of the page it is about; may be empty
	Event string // for webhooks: what happened, such as "notice.create"
	At    time.Time
}

// text is the message in one piece, within the given bytes.
func (m Message) text(most int) string {
	s := m.Text
	if m.Link != "" {
		s += "\n" + m.Link
	}
	for len(s) > most {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// The longest texts in bytes: WeCom takes 2048 of a text, DingTalk and Feishu 20 kB of a request.
const (
	wecomText = 2048
	otherText = 6000
	answerMax = 64 << 10
)

// Check refuses what cannot be posted to: Invalid for "url" or "secret".
func (r Robot) Check(p outbound.Policy) error {
	if err := p.Check(r.URL); err != nil {
		return err
	}
	u, err := url.Parse(r.URL)
	if err != nil || r.Kind != Webhook && u.Scheme != "https" && !p.Loopback() {
		return errs.Of("url", "robot.https")
	}
	if r.Kind == Webhook && len(r.Secret) < 16 {
		return errs.Of("secret", "robot.secret")
	}
	return nil
}

// Post sends the message at now. Errors: TooMany (robot.too_many) may pass within a minute, Unavailable (robot.away) may
// pass at all; Forbidden (robot.denied: address, key or signature are not accepted), Invalid (robot.refused: keyword or
// content) will not.
func (r Robot) Post(ctx context.Context, client *http.Client, m Message, now time.Time) error {
	address, header, body, err := r.request(m, now)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errs.Of("url", "outbound.address")
	}
	req.Header = header
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Dianke")
	resp, err := client.Do(req)
	if err != nil {
		return away(err)
	}
	answer, err := outbound.Answer(resp, answerMax)
	if err != nil {
		return away(err)
	}
	return r.judge(resp.StatusCode, answer)
}

// away hides the address, which net/http repeats in its errors.
func away(err error) error {
	if own := (*errs.Error)(nil); errors.As(err, &own) {
		return own
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return errs.New(errs.Unavailable, "robot.away").Because(err)
}

// request builds address, header and body by the contract of the kind.
func (r Robot) request(m Message, now time.Time) (string, http.Header, []byte, error) {
	h := http.Header{}
	switch r.Kind {
	case WeCom:
		body, err := json.Marshal(map[string]any{"msgtype": "text", "text": map[string]any{"content": m.text(wecomText)}})
		return r.URL, h, body, err
	case DingTalk:
		body, err := json.Marshal(map[string]any{"msgtype": "text", "text": map[string]any{"content": m.text(otherText)}, "at": map[string]any{"isAtAll": false}})
		return r.dingtalk(now), h, body, err
	case Feishu:
		content := map[string]any{"msg_type": "text", "content": map[string]any{"text": m.text(otherText)}}
		if r.Secret != "" {
			content["timestamp"], content["sign"] = strconv.FormatInt(now.Unix(), 10), feishuSign(now.Unix(), r.Secret)
		}
		body, err := json.Marshal(content)
		return r.URL, h, body, err
	case Webhook:
		body, err := json.Marshal(map[string]any{"type": m.Event, "timestamp": m.At.UTC().Format(time.RFC3339), "data": map[string]any{"id": m.ID, "text": m.Text, "link": m.Link}})
		stamp := strconv.FormatInt(now.Unix(), 10)
		h.Set("Webhook-Id", m.ID)
		h.Set("Webhook-Timestamp", stamp)
		h.Set("Webhook-Signature", "v1,"+sign(webhookKey(r.Secret), m.ID+"."+stamp+"."+string(body)))
		return r.URL, h, body, err
	}
	return "", nil, nil, fmt.Errorf("no robot of kind %q", r.Kind)
}

// dingtalk adds timestamp and signature to the address: HMAC-SHA256 over "timestamp\nsecret" with the secret as key.
func (r Robot) dingtalk(now time.Time) string {
	if r.Secret == "" {
		return r.URL
	}
	stamp := strconv.FormatInt(now.UnixMilli(), 10)
	sep := "?"
	if strings.Contains(r.URL, "?") {
		sep = "&"
	}
	return r.URL + sep + "timestamp=" + stamp + "&sign=" + url.QueryEscape(sign([]byte(r.Secret), stamp+"\n"+r.Secret))
}

// feishuSign is HMAC-SHA256 over nothing, with "timestamp\nsecret" as key.
func feishuSign(stamp int64, secret string) string {
	return sign([]byte(strconv.FormatInt(stamp, 10)+"\n"+secret), "")
}

// webhookKey reads a secret by the Standard Webhooks specification: "whsec_" and base64; any other text is its own bytes.
func webhookKey(secret string) []byte {
	if rest, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if key, err := base64.StdEncoding.DecodeString(rest); err == nil {
			return key
		}
	}
	return []byte(secret)
}

func sign(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// verdict is what the services answer; each names its code in its own way.
type verdict struct {
	ErrCode *int   `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
	Code    *int   `json:"code"`
	Msg     string `json:"msg"`
	Status  *int   `json:"StatusCode"`
}

// judge reads status and answer.
func (r Robot) judge(status int, answer []byte) error {
	switch {
	case status == http.StatusTooManyRequests:
		return errs.New(errs.TooMany, "robot.too_many")
	case status >= 500:
		return errs.New(errs.Unavailable, "robot.away").With("code", status)
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound || status == http.StatusGone:
		return errs.New(errs.Forbidden, "robot.denied").With("code", status)
	case status >= 300:
		return errs.New(errs.Invalid, "robot.refused").With("code", status).With("said", "")
	case r.Kind == Webhook:
		return nil
	}
	var v verdict
	if err := json.Unmarshal(answer, &v); err != nil {
		return errs.New(errs.Unavailable, "robot.away").With("code", status).Because(err)
	}
	code, said, known := 0, v.ErrMsg+v.Msg, false
	for _, c := range []*int{v.ErrCode, v.Code, v.Status} {
		if c != nil {
			code, known = *c, true
			break
		}
	}
	switch {
	case !known:
		return errs.New(errs.Unavailable, "robot.away").With("code", status)
	case code == 0:
		return nil
	}
	return r.meaning(code, said)
}

// meaning sorts the codes the services publish. What is not listed may pass.
func (r Robot) meaning(code int, said string) error {
	const (
		tooMany = iota + 1
		denied
		refused
	)
	kinds := map[string]map[int]int{
		// developer.work.weixin.qq.com, global error codes
		WeCom: {45009: tooMany, 45033: tooMany, 93000: denied, 93008: denied, 40001: denied, 40008: refused, 40058: refused, 44004: refused, 45002: refused, 93017: refused},
		// open.dingtalk.com, custom robots: 310000 is keyword, signature or network
		DingTalk: {130101: tooMany, 302033: tooMany, 410100: tooMany, 300001: denied, 300005: denied, 310000: denied, 400013: denied, 400101: denied, 40035: refused, 400102: denied, 460101: refused},
		// open.feishu.cn, custom robots
		Feishu: {11232: tooMany, 11233: tooMany, 19001: denied, 19007: denied, 19021: denied, 19022: denied, 19024: refused, 9499: refused, 11246: refused, 230025: refused},
	}
	if len(said) > 200 {
		said = strings.ToValidUTF8(said[:200], "")
	}
	switch kinds[r.Kind][code] {
	case tooMany:
		return errs.New(errs.TooMany, "robot.too_many")
	case denied:
		return errs.New(errs.Forbidden, "robot.denied").With("code", code)
	case refused:
		return errs.New(errs.Invalid, "robot.refused").With("code", code).With("said", said)
	}
	return errs.New(errs.Unavailable, "robot.away").With("code", code)
}

// Final reports whether posting the same message again would fail again.
func Final(err error) bool {
	return errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Invalid)
}
