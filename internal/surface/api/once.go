package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"

	"dianke/internal/engine/access/identity/replay"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// end revokes what the path names for the person himself.
func (s *server) end(w http.ResponseWriter, c *call, revoke func(context.Context, record.Actor, record.ID, record.ID) error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := revoke(c.Context(), c.actor, c.actor.UserID, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// once carries out a POST with an Idempotency-Key at most once: the answer of the first is given again within a day.
func (s *server) once(h handler) handler {
	return func(w http.ResponseWriter, c *call) error {
		key := c.Header.Get("Idempotency-Key")
		if key == "" {
			return h(w, c)
		}
		if !goodKey(key) {
			return errs.New(errs.Malformed, "api.idempotency_key")
		}
		body, err := readAll(w, c.Request)
		if err != nil {
			return err
		}
		c.Body, c.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		ticket, known, err := s.Replay.Begin(c.Context(), c.actor.Label(), key, fingerprint(c, body))
		if err != nil {
			return err
		}
		if known != nil {
			return again(w, known)
		}
		return s.first(w, c, h, ticket)
	}
}

// goodKey allows 1 to 255 visible ASCII characters.
func goodKey(key string) bool {
	if len(key) > 255 {
		return false
	}
	for i := range len(key) {
		if key[i] < 0x21 || key[i] > 0x7e {
			return false
		}
	}
	return true
}

// fingerprint is a hash over all that makes this request what it is.
func fingerprint(c *call, body []byte) string {
	h := sha256.New()
	for _, part := range []string{c.Method, c.URL.RequestURI(), c.Header.Get("Content-Type"), c.Header.Get("If-Match"), string(body)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// kept are the headers that belong to an answer.
var kept = []string{"Content-Type", "ETag", "Location"}

func again(w http.ResponseWriter, a *replay.Answer) error {
	for name, v := range a.Header {
		w.Header().Set(name, v)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(a.Status)
	if _, err := io.WriteString(w, a.Body); err != nil {
		return fmt.Errorf("%w: %w", errWritten, err)
	}
	return nil
}

// first carries the request out, keeps the answer and then sends it. The caller going away does not undo what was
// written, so keeping does not depend on him.
func (s *server) first(w http.ResponseWriter, c *call, h handler, ticket replay.Ticket) error {
	held := &holder{header: w.Header(), code: http.StatusOK}
	ctx := context.WithoutCancel(c.Context())
	done := false
	defer func() {
		if done {
			return
		}
		if err := s.Replay.Drop(ctx, ticket); err != nil {
			s.Log.ErrorContext(ctx, "idempotency key not freed", "request", c.id, "err", err)
		}
	}()
	if err := h(held, c); err != nil {
		return err
	}
	a := replay.Answer{Status: held.code, Header: map[string]string{}, Body: held.body.String()}
	for _, name := range kept {
		if v := w.Header().Get(name); v != "" {
			a.Header[name] = v
		}
	}
	done = true
	if err := s.Replay.Keep(ctx, ticket, a); err != nil {
		s.Log.ErrorContext(ctx, "answer not kept", "request", c.id, "err", err)
	}
	w.WriteHeader(a.Status)
	if _, err := w.Write(held.body.Bytes()); err != nil {
		return fmt.Errorf("%w: %w", errWritten, err)
	}
	return nil
}

// holder keeps an answer back until it is known to be whole.
type holder struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (h *holder) Header() http.Header { return h.header }

// WriteHeader implements [http.ResponseWriter].
func (h *holder) WriteHeader(code int) { h.code = code }

// Write implements [http.ResponseWriter].
func (h *holder) Write(p []byte) (int, error) { return h.body.Write(p) }
