package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/webhook"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/outbound"
)

var ctx = context.Background()

// received is one request as a receiver sees it.
type received struct {
	id, stamp, signature, body string
}

// receiver answers with the statuses it was given, the last one for ever.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int
	header   http.Header
	got      []received
}

func receive(t *testing.T, statuses ...int) *receiver {
	t.Helper()
	r := &receiver{statuses: statuses, header: http.Header{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		body, _ := io.ReadAll(q.Body)
		r.got = append(r.got, received{q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp"), q.Header.Get("webhook-signature"), string(body)})
		for k, v := range r.header {
			w.Header()[k] = v
		}
		w.WriteHeader(r.statuses[0])
		if len(r.statuses) > 1 {
			r.statuses = r.statuses[1:]
		}
		_, _ = w.Write([]byte(strings.Repeat("答", 2000)))
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// bench is a company with a desk of webhooks.
type bench struct {
	*accesstest.Bench
	desk *webhook.Desk
	boss access.Actor
}

func open(t *testing.T, d *db.DB) *bench {
	t.Helper()
	b := &bench{Bench: accesstest.New(t, d, webhook.Tables()...)}
	policy := outbound.Policy{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	b.desk = &webhook.Desk{
		Runner: b.Records.Runner, Guard: b.Guard, Policy: policy, Client: webhook.Client(policy), Log: slog.New(slog.DiscardHandler),
		Scope: func(typ, act string) record.Scope { return b.Guard.SystemScope("webhook", "job", typ, act) },
	}
	b.desk.Register(b.Store.Types)
	notice.Register(b.Store.Types)
	for _, tab := range schema.Tables(b.Store.Types) {
		if tab.Name == "webhooks" || tab.Name == "notices" {
			dbtest.Make(t, d, tab)
		}
	}
	b.boss = b.Hire(t, "boss", "administrator", b.Company)
	return b
}

func each(t *testing.T, fn func(t *testing.T, b *bench)) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, open(t, d)) })
}

func sqlite(t *testing.T) *bench {
	t.Parallel()
	return open(t, dbtest.SQLite(t))
}

func (b *bench) do(t *testing.T, a access.Actor, act string, id record.ID, in map[string]any) record.ID {
	t.Helper()
	v, err := b.Records.Do(ctx, a, action.Command{Type: "webhook", Action: act, ID: id, Input: in})
	if err != nil {
		t.Fatal(err)
	}
	return v.Record.ID
}

func (b *bench) hook(t *testing.T, a access.Actor, url, events string, more ...map[string]any) record.ID {
	t.Helper()
	in := map[string]any{"title": "出口", "url": url, "events": events}
	for _, m := range more {
		for k, v := range m {
			in[k] = v
		}
	}
	return b.do(t, a, record.Create, 0, in)
}

func (b *bench) load(t *testing.T, id record.ID) *webhook.Webhook {
	t.Helper()
	var out *webhook.Webhook
	b.As(t, func(ctx context.Context, c *record.Call) (err error) {
		out, err = record.Load[webhook.Webhook](ctx, c, "webhook", id)
		return err
	})
	return out
}

// happen handles an event on a client as the outbox does.
func (b *bench) happen(t *testing.T, name string, id record.ID) {
	t.Helper()
	b.As(t, func(ctx context.Context, c *record.Call) error {
		typ, _, _ := strings.Cut(name, ".")
		ev := store.Event{ID: b.Store.IDs.Next(), At: c.Now, Name: name, Type: typ, Record: id, Actor: "system:test"}
		for range 2 { // the outbox may handle an event twice
			if err := b.desk.Plan(ctx, c, ev); err != nil {
				return err
			}
		}
		return nil
	})
}

// run sends what is due.
func (b *bench) run(t *testing.T) {
	t.Helper()
	due, err := b.desk.Due(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range due {
		if err := b.desk.Deliver(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bench) log(t *testing.T, id record.ID) []webhook.Entry {
	t.Helper()
	list, err := b.desk.Messages(ctx, id, webhook.LogQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAnEventIsSentOnceWithWhatMayLeaveTheHouse(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r := receive(t, 204)
		id := b.hook(t, b.boss, r.URL, "client.*")
		staff := int64(7)
		c := b.Add(t, &accesstest.Client{Name: "四海公司", Mobile: "13800138000", IDNumber: "11010519491231002X", Notes: "常客", Staff: &staff, Effort: 90 * time.Second, Extra: map[string]any{"mobile": "13800138000"}})
		b.happen(t, "client.create", c.ID)
		b.happen(t, "memo.create", c.ID) // not wanted
		b.run(t)
		b.run(t)
		got := r.all()
		if len(got) != 1 {
			t.Fatalf("%d requests", len(got))
		}
		if want := webhook.Signature(got[0].id, accesstest.Start, got[0].body, b.load(t, id).Secret); got[0].signature != want || !strings.HasPrefix(got[0].id, "msg_") {
			t.Errorf("signature %q of %q, want %q", got[0].signature, got[0].id, want)
		}
		var m struct {
			Type      string
			Timestamp time.Time
			Data      struct {
				ID     record.ID
				Type   string
				State  string
				Actor  string
				Fields map[string]any
			}
		}
		if err := json.Unmarshal([]byte(got[0].body), &m); err != nil {
			t.Fatal(err)
		}
		if m.Type != "client.create" || !m.Timestamp.Equal(accesstest.Start) || m.Data.ID != c.ID || m.Data.Type != "client" || m.Data.State != "open" || m.Data.Actor != "system:test" {
			t.Errorf("message %+v", m)
		}
		if m.Data.Fields["notes"] != "常客" || m.Data.Fields["staff"] != 7.0 || m.Data.Fields["effort"] != 90.0 || m.Data.Fields["due"] != nil {
			t.Errorf("fields %v", m.Data.Fields)
		}
		for _, hidden := range []string{"13800138000", "138****", "11010519491231002X"} {
			if strings.Contains(got[0].body, hidden) {
				t.Errorf("the message holds %s", hidden)
			}
		}
		list := b.log(t, id)
		if len(list) != 1 || list[0].State != webhook.Sent || list[0].Tries[0].Status != 204 {
			t.Errorf("log %+v", list)
		}
	})
}

func TestOnlyWhatTheOwnerMayReadAndOfTheUnit(t *testing.T) {
	b := sqlite(t)
	r := receive(t, 200)
	clerk := b.Hire(t, "clerk", "clerk", b.North)
	narrow := b.hook(t, b.boss, r.URL, "*")
	b.do(t, b.boss, record.Assign, narrow, map[string]any{"owner_id": clerk.UserID.String()})
	unit := b.hook(t, b.boss, r.URL, "*.create", map[string]any{"for_unit": b.Sales.String()})
	here := b.Add(t, &accesstest.Client{Name: "甲", Head: record.Head{UnitID: b.North}})
	there := b.Add(t, &accesstest.Client{Name: "乙", Head: record.Head{UnitID: b.Service}})
	hidden := b.Add(t, &accesstest.Client{Name: "丙", Head: record.Head{UnitID: b.North}})
	b.Recuse(t, hidden.ID, clerk.UserID)
	for _, c := range []*accesstest.Client{here, there, hidden} {
		b.happen(t, "client.create", c.ID)
	}
	if list := b.log(t, narrow); len(list) != 1 || list[0].Record != here.ID {
		t.Errorf("the clerk's webhook has %+v", list)
	}
	if list := b.log(t, unit); len(list) != 2 {
		t.Errorf("the webhook of the department has %+v", list)
	}
	b.happen(t, "webhook.judged", narrow)
	if list := b.log(t, narrow); len(list) != 1 {
		t.Error("a webhook tells of itself")
	}
}

func TestRetriesGrowAndEndAfterThreeDays(t *testing.T) {
	b := sqlite(t)
	r := receive(t, 500)
	id := b.hook(t, b.boss, r.URL, "*")
	c := b.Add(t, &accesstest.Client{Name: "甲"})
	b.happen(t, "client.create", c.ID)
	var last time.Duration
	for n := 1; b.log(t, id)[0].State == webhook.Waiting; n++ {
		m := b.log(t, id)[0]
		if wait := m.NextAt.Sub(b.Clock.Now()); n > 1 && wait <= last*9/10 {
			t.Errorf("attempt %d after %s, the one before after %s", n, wait, last)
		} else {
			last = wait
		}
		b.Clock.Advance(m.NextAt.Sub(b.Clock.Now()) + 31*time.Minute) // the pause of a failing webhook is over as well
		b.run(t)
		if n > 20 {
			t.Fatal("no end")
		}
	}
	e, err := b.desk.Message(ctx, id, b.log(t, id)[0].ID)
	if err != nil || len(e.Tries) != 10 || e.State != webhook.Failed || len(r.all()) != 10 {
		t.Fatalf("%+v, %v", e, err)
	}
	if took := b.Clock.Now().Sub(e.MadeAt); took < 72*time.Hour || took > 96*time.Hour {
		t.Errorf("given up after %s", took)
	}
	if a := e.Tries[0]; a.Status != 500 || a.Fault != "webhook.fault.status" || len(a.Answer) > 2100 || !strings.HasPrefix(a.Answer, "答") {
		t.Errorf("attempt %+v", a)
	}
	ids := map[string]bool{}
	for _, g := range r.all() {
		ids[g.id+g.body] = true
	}
	if len(ids) != 1 {
		t.Error("attempts differ in id or body")
	}
	if w := b.load(t, id); w.State != webhook.Disabled || w.Fault != "webhook.fault.status" || w.FailingSince.IsZero() {
		t.Errorf("webhook %+v", w)
	}
	b.As(t, func(ctx context.Context, c *record.Call) error {
		list, err := record.Find[notice.Notice](ctx, c, "notice", record.Where("owner_id", b.boss.UserID), 10)
		if len(list) != 1 || list[0].Key != "webhook.notice.disabled" || list[0].AboutID != id.String() {
			t.Errorf("notices %+v", list)
		}
		return err
	})
	b.happen(t, "client.update", c.ID)
	if len(b.log(t, id)) != 1 {
		t.Error("a disabled webhook collects messages")
	}
}

func TestAFailingReceiverIsLeftAloneAndRecovers(t *testing.T) {
	b := sqlite(t)
	r := receive(t, 503, 503, 200)
	r.header.Set("Retry-After", "3600")
	id := b.hook(t, b.boss, r.URL, "*")
	c := b.Add(t, &accesstest.Client{Name: "甲"})
	for range 3 {
		b.happen(t, "client.update", c.ID)
	}
	b.run(t)
	if n := len(r.all()); n != 1 {
		t.Fatalf("%d requests to a receiver that is away", n)
	}
	b.Clock.Advance(20 * time.Minute)
	b.run(t) // the second message finds it away still
	b.Clock.Advance(time.Minute)
	b.run(t)
	if n := len(r.all()); n != 2 {
		t.Fatalf("%d requests while it pauses", n)
	}
	b.Clock.Advance(40 * time.Minute)
	b.run(t) // the third and, the hour asked for being over, the first
	if n := len(r.all()); n != 4 {
		t.Fatalf("%d requests after it came back", n)
	}
	if w := b.load(t, id); w.Fault != "" || !w.FailingSince.IsZero() || w.State != webhook.Active {
		t.Errorf("webhook %+v", w)
	}
}

func TestGoneRedirectsAndPrivateAddresses(t *testing.T) {
	b := sqlite(t)
	gone, moved := receive(t, 410), receive(t, 302)
	moved.header.Set("Location", gone.URL)
	g, m := b.hook(t, b.boss, gone.URL, "*"), b.hook(t, b.boss, moved.URL, "*")
	c := b.Add(t, &accesstest.Client{Name: "甲"})
	b.happen(t, "client.update", c.ID)
	b.run(t)
	if w := b.load(t, g); w.State != webhook.Disabled {
		t.Errorf("gone: %+v", w)
	}
	if w := b.load(t, m); w.Fault != "webhook.fault.redirect" || len(gone.all()) != 1 {
		t.Errorf("redirect: %+v, %d", w, len(gone.all()))
	}
	b.desk.Client = webhook.Client(outbound.Policy{}) // as if the name had come to lead inwards
	p := b.hook(t, b.boss, gone.URL, "*")
	b.happen(t, "client.update", c.ID)
	b.run(t)
	if w := b.load(t, p); w.Fault != "outbound.private" {
		t.Errorf("private: %+v", w)
	}
}

func TestRateOfAWebhook(t *testing.T) {
	b := sqlite(t)
	r := receive(t, 200)
	b.hook(t, b.boss, r.URL, "*", map[string]any{"per_minute": "2"})
	c := b.Add(t, &accesstest.Client{Name: "甲"})
	for range 5 {
		b.happen(t, "client.update", c.ID)
	}
	for want := 2; want <= 6; want += 2 {
		b.run(t)
		b.run(t)
		if n := len(r.all()); n != min(want, 5) {
			t.Fatalf("%d requests, want %d", n, min(want, 5))
		}
		b.Clock.Advance(61 * time.Second)
	}
}

func TestRotationTestPauseAndReplay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r := receive(t, 200)
		id := b.hook(t, b.boss, r.URL, "*")
		old := b.load(t, id).Secret
		b.do(t, b.boss, "rotate", id, map[string]any{"hours": "2"})
		now := b.load(t, id).Secret
		b.do(t, b.boss, "pause", id, nil)
		c := b.Add(t, &accesstest.Client{Name: "甲"})
		b.happen(t, "client.update", c.ID)
		b.do(t, b.boss, "send_test", id, nil) // tests go out all the same
		b.run(t)
		got := r.all()
		if len(got) != 1 || !strings.Contains(got[0].body, `"type":"webhook.test"`) {
			t.Fatalf("while paused: %+v", got)
		}
		if want := webhook.Signature(got[0].id, b.Clock.Now(), got[0].body, now, old); got[0].signature != want || strings.Count(want, "v1,") != 2 || now == old {
			t.Errorf("signature %q", got[0].signature)
		}
		b.do(t, b.boss, "resume", id, nil)
		b.Clock.Advance(3 * time.Hour)
		b.run(t)
		b.do(t, b.boss, "replay", id, map[string]any{"message": r.all()[1].id})
		b.run(t)
		b.do(t, b.boss, "replay", id, map[string]any{"start_at": accesstest.Start.Add(-time.Hour).Format(time.RFC3339)})
		b.run(t)
		got = r.all()
		if len(got) != 4 || got[1].id != got[2].id || got[2].id != got[3].id || got[1].body != got[3].body {
			t.Fatalf("replayed %+v", got)
		}
		if strings.Count(got[1].signature, "v1,") != 1 {
			t.Error("the former secret signs beyond its time")
		}
		for name, in := range map[string]map[string]any{
			"webhook.what_again": {}, "webhook.no_message": {"message": "msg_0000000000001"}, "webhook.period": {"start_at": "2026-03-02T00:00:00Z", "end_at": "2026-03-01T00:00:00Z"},
			"webhook.nothing_then": {"start_at": "2020-03-02T00:00:00Z", "end_at": "2020-03-03T00:00:00Z"},
		} {
			if _, err := b.Records.Do(ctx, b.boss, action.Command{Type: "webhook", Action: "replay", ID: id, Input: in}); errs.KeyOf(err) != name {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestWhatIsStoredAndForgotten(t *testing.T) {
	b := sqlite(t)
	r := receive(t, 200)
	id := b.hook(t, b.boss, r.URL, "*")
	secret := b.load(t, id).Secret
	sealed, err := db.View(ctx, b.DB, func(tx *db.Tx) (s string, err error) {
		return s, tx.QueryRow(ctx, "SELECT secret FROM webhooks").Scan(&s)
	})
	if err != nil || sealed == "" || strings.Contains(sealed, secret[6:]) || !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("stored %q of %q, %v", sealed, secret, err)
	}
	shown, err := b.Records.Reveal(ctx, b.boss, "webhook", id, []string{"secret"}, "设置接收方")
	if err != nil || shown["secret"] != secret {
		t.Errorf("reveal %v, %v", shown, err)
	}
	c := b.Add(t, &accesstest.Client{Name: "甲"})
	b.happen(t, "client.update", c.ID)
	b.run(t)
	b.Clock.Advance(webhook.Keep + time.Hour)
	if err := b.desk.Purge(ctx); err != nil || len(b.log(t, id)) != 0 {
		t.Errorf("purge: %v", err)
	}
}

func TestBadInput(t *testing.T) {
	b := sqlite(t)
	for name, in := range map[string]map[string]any{
		"outbound.address":      {"url": "nowhere"},
		"outbound.private":      {"url": "http://10.0.0.1/"},
		"webhook.bad_event":     {"events": "case"},
		"webhook.unknown_event": {"events": "clients.create"},
		"webhook.many_events":   {"events": manyEvents()},
	} {
		if in == nil {
			continue
		}
		all := map[string]any{"title": "出口", "url": "https://example.com/", "events": "*"}
		for k, v := range in {
			all[k] = v
		}
		if _, err := b.Records.Do(ctx, b.boss, action.Command{Type: "webhook", Action: record.Create, Input: all}); errs.KeyOf(err) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	clerk := b.Hire(t, "guest", "guest", b.North)
	if _, err := b.Records.Do(ctx, clerk, action.Command{Type: "webhook", Action: record.Create}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("guest: %v", err)
	}
}

func manyEvents() string {
	var list []string
	for i := range 60 {
		list = append(list, "client.x"+strings.Repeat("y", i))
	}
	return strings.Join(list, "\n")
}

func TestWants(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		patterns, event string
		want            bool
	}{
		{"*", "case.close", true}, {"case.*", "case.close", true}, {"case.*", "case_reply.send", false}, {"case*.send", "case_reply.send", true},
		{"*.create", "customer.create", true}, {"*.create", "customer.created", false}, {"case.close", "case.close", true},
		{"customer.*\n case.close，case.open", "case.open", true}, {"case.close", "case.closed", false},
	} {
		list, err := webhook.Patterns(tt.patterns)
		if err != nil || webhook.Wants(list, tt.event) != tt.want {
			t.Errorf("%q, %s: %v", tt.patterns, tt.event, err)
		}
	}
	for _, bad := range []string{"", "case", "case.", ".close", "a.b.c", "case.[a]", "案件.*", "case.\\"} {
		if _, err := webhook.Patterns(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestMessagesAreWhole(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(webhook.Messages()); err != nil {
		t.Error(err)
	}
}
