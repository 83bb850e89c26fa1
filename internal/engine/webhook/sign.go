package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

const (
	secretPrefix = "whsec_"
	idPrefix     = "msg_"
	secretBytes  = 32 // the specification asks for 24 to 64
)

// NewSecret returns a new secret as receivers enter it: whsec_ and 32 random bytes in base64.
func NewSecret() string {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // never fails: the program ends where the system has no randomness
	return secretPrefix + base64.StdEncoding.EncodeToString(b)
}

// Signature is the value of the header webhook-signature: for each secret "v1," and the HMAC-SHA256 of id, instant and
// body, with a space between. A secret that is not one of ours signs nothing.
func Signature(id string, at time.Time, body string, secrets ...string) string {
	var out []string
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, secretPrefix))
		if err != nil || len(key) == 0 {
			continue
		}
		h := hmac.New(sha256.New, key)
		h.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "." + body))
		out = append(out, "v1,"+base64.StdEncoding.EncodeToString(h.Sum(nil)))
	}
	return strings.Join(out, " ")
}

// secrets are those that sign at the instant, the newest first.
func (w *Webhook) secrets(now time.Time) []string {
	if w.OldSecret != "" && now.Before(w.OldUntil) {
		return []string{w.Secret, w.OldSecret}
	}
	return []string{w.Secret}
}
