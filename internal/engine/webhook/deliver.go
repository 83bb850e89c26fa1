package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/outbound"
)

// waits are the times between attempts; after the last one a message is given up, about three days and three hours
// after it was made.
func waits() []time.Duration {
	return []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
}

const (
	oneRun     = 200             // messages of one webhook in one run
	runTime    = 2 * time.Minute // after which a run ends, so that jobs of others have their turn
	answerKept = 2 << 10         // bytes
	mostWait   = 24 * time.Hour  // that a receiver may ask for
	disableAge = 72 * time.Hour  // of failures without one success
)

// Deliver sends what waits for one webhook, the oldest first, until nothing is due, an attempt fails, or the webhook has
// had its share. Callers see to it that it does not run twice at a time for one webhook.
func (d *Desk) Deliver(ctx context.Context, webhook record.ID) error {
	end := d.now().Add(runTime)
	for range oneRun {
		w, m, err := d.pick(ctx, webhook)
		if err != nil || m == nil {
			return err
		}
		a := d.send(ctx, w, m)
		if ctx.Err() != nil {
			return ctx.Err() // the program stops: the message is tried again, nobody is blamed
		}
		if err := d.keep(ctx, w.ID, *m, a); err != nil {
			return err
		}
		if a.Fault != "" || d.now().After(end) {
			return nil
		}
	}
	return nil
}

// attempt is what came of a sending.
type attempt struct {
	Attempt
	asked time.Duration // to wait, by the receiver
}

// pick returns the webhook and its next message; no message where none is due or it is not time for one.
func (d *Desk) pick(ctx context.Context, webhook record.ID) (w *Webhook, m *Message, err error) {
	err = d.tx(ctx, func(c *record.Call) error {
		w, err = record.Load[Webhook](ctx, c, "webhook", webhook)
		if errs.Is(err, errs.NotFound) || err == nil && w.Archived() {
			return nil
		}
		if err != nil {
			return err
		}
		last, n, err := recent(ctx, c.Tx, webhook, c.Now.Add(-time.Minute))
		if err != nil || n >= w.PerMinute {
			return err
		}
		if m, err = next(ctx, c.Tx, w, c.Now); err != nil || m == nil {
			return err
		}
		if m.Event != TestEvent && last.Fault != "" && c.Now.Before(last.At.Add(pause(w, c.Now))) {
			m = nil // one message is enough to find out that it is still away
		}
		return nil
	})
	return w, m, err
}

// pause is how long a webhook that fails is left alone: a tenth of the time it has failed, half an hour at most.
func pause(w *Webhook, now time.Time) time.Duration {
	if w.FailingSince.IsZero() {
		return 0
	}
	return min(now.Sub(w.FailingSince)/10, 30*time.Minute)
}

// send makes one attempt.
func (d *Desk) send(ctx context.Context, w *Webhook, m *Message) attempt {
	start := d.now()
	a := attempt{Attempt: Attempt{ID: d.Runner.Store.IDs.Next(), Message: m.ID, At: start}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, strings.NewReader(m.Body))
	if err != nil {
		a.Fault = "outbound.address"
		return a
	}
	h := r.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Dianke-Webhooks/1")
	h.Set("webhook-id", m.Name())
	h.Set("webhook-timestamp", strconv.FormatInt(start.Unix(), 10))
	h.Set("webhook-signature", Signature(m.Name(), start, m.Body, w.secrets(start)...))
	resp, err := d.Client.Do(r)
	if err != nil {
		a.Millis, a.Fault = d.now().Sub(start).Milliseconds(), faultOf(err)
		return a
	}
	a.Status, a.asked = int64(resp.StatusCode), retryAfter(resp, start)
	body, err := outbound.Answer(resp, answerKept)
	a.Millis, a.Answer = d.now().Sub(start).Milliseconds(), strings.ReplaceAll(strings.ToValidUTF8(string(body), "\uFFFD"), "\x00", "\uFFFD")
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		a.Fault = "webhook.fault.redirect"
	case resp.StatusCode < 200 || resp.StatusCode >= 300:
		a.Fault = "webhook.fault.status"
	case err != nil: // it was taken; what is missing is only for the log
		a.Answer = ""
	}
	return a
}

// faultOf is the message key of a failed connection.
func faultOf(err error) string {
	if key := errs.KeyOf(err); key != "" {
		return key
	}
	var n net.Error
	var name *net.DNSError
	switch {
	case errors.As(err, &name):
		return "webhook.fault.name"
	case errors.As(err, &n) && n.Timeout():
		return "webhook.fault.timeout"
	}
	return "webhook.fault.connection"
}

// retryAfter is how long the receiver asks to be left alone.
func retryAfter(r *http.Response, now time.Time) time.Duration {
	text := r.Header.Get("Retry-After")
	if text == "" || r.StatusCode < 300 {
		return 0
	}
	wait := time.Duration(0)
	if secs, err := strconv.Atoi(text); err == nil {
		wait = time.Duration(min(max(secs, 0), int(mostWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), mostWait)
}

// keep writes an attempt down: the message is done, waits for the next one or is given up, and the webhook shows how it
// fares.
func (d *Desk) keep(ctx context.Context, webhook record.ID, m Message, a attempt) error {
	if a.Fault != "" {
		d.Log.WarnContext(ctx, "webhook message was not taken", "webhook", webhook, "message", m.ID, "status", a.Status, "fault", a.Fault)
	}
	return d.tx(ctx, func(c *record.Call) error {
		m.Attempts++
		switch list := waits(); {
		case a.Fault == "":
			m.State = Sent
		case m.Attempts > int64(len(list)) || m.Event == TestEvent || a.Status == http.StatusGone:
			m.State = Failed
		default:
			m.NextAt = c.Now.Add(max(jitter(list[m.Attempts-1], m.ID), a.asked))
		}
		if err := settle(ctx, c.Tx, m, a.Attempt); err != nil {
			return err
		}
		w, err := record.Load[Webhook](ctx, c, "webhook", webhook)
		if err != nil {
			return err
		}
		return d.judge(ctx, c, w, m, a)
	})
}

// jitter moves a wait by up to a tenth, so that what failed together does not come again together.
func jitter(wait time.Duration, id record.ID) time.Duration {
	return wait + wait*time.Duration(uint64(id)%21)/200
}

// judge notes on the webhook that it fails or works again, and puts it out of use where it has failed for too long or
// says itself that it is gone. What is unchanged is not written.
func (d *Desk) judge(ctx context.Context, c *record.Call, w *Webhook, m Message, a attempt) error {
	since, state := w.FailingSince, w.State
	switch {
	case a.Fault == "":
		since = time.Time{}
	case m.Event == TestEvent: // a trial of an address tells the person who asked, and is no failure of the webhook
		return nil
	case since.IsZero():
		since = a.At
	}
	gone := a.Status == http.StatusGone
	if w.State == Active && (gone || m.State == Failed && c.Now.Sub(since) >= disableAge) {
		state = Disabled
	}
	if w.Fault == a.Fault && w.FailingSince.Equal(since) && w.State == state {
		return nil
	}
	verb := "judged"
	if state != w.State {
		verb = "disabled"
	}
	w.Fault, w.FailingSince, w.State = a.Fault, since, state
	if err := c.Work.Save(ctx, c, "webhook", verb, w); err != nil {
		return err
	}
	if verb != "disabled" {
		return nil
	}
	key := "webhook.notice.disabled"
	if gone {
		key = "webhook.notice.gone"
	}
	return notice.Send(ctx, c, notice.Message{
		Key: key, Args: map[string]any{"title": w.Title}, AboutType: "webhook", AboutID: w.ID, Urgency: "urgent",
	}, w.OwnerID)
}
