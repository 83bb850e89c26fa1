package regulation_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/breach"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
	"dianke/internal/platform/vault"
	"dianke/internal/platform/worktime"
)

type ticket struct {
	record.Head
	Subject string `rec:"text,required,search"`
	State   string `rec:"state,enum=open|waiting|answered|closed,default=open"`
	Result  string `rec:"text"`
	Urgent  bool   `rec:"bool"`
	Caller  string `rec:"phone,class=sensitive"`
}

// banned is a subject that the room of the tests itself does not take.
const banned = "不予受理"

func known(_ context.Context, c *record.Call) error {
	if tk, ok := c.Record.(*ticket); ok && tk.Subject == banned {
		return errs.New(errs.Conflict, "ticket.banned")
	}
	return nil
}

type reply struct {
	record.Head
	TicketID record.ID `rec:"ref,ref=ticket,parent,required"`
	Body     string    `rec:"text,required"`
}

type bench struct {
	db      *db.DB
	clock   *clock.Fake
	engine  *regulation.Engine
	records *access.Records
	company record.ID
	people  map[string]record.ID
}

var ctx = context.Background()

// friday is 2025-09-26 16:00 in Shanghai; Sunday the 28th is a make-up workday before National Day.
var friday = time.Date(2025, 9, 26, 8, 0, 0, 0, time.UTC)

func newBench(t testing.TB, d *db.DB) *bench {
	t.Helper()
	none := func(context.Context, *record.Call, *ticket, *record.None) error { return nil }
	fake := clock.NewFake(friday)
	reg := record.NewRegistry()
	guard := access.NewGuard(reg, fake)
	keys, err := vault.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	st := &store.Store{Types: reg, Audit: audit.New(fake), Keys: keys, Clock: fake, IDs: ids.NewSource(fake, 1)}
	run := &action.Runner{DB: d, Store: st}
	zone := time.FixedZone("CST", 8*3600)
	china, err := worktime.China()
	if err != nil {
		t.Fatal(err)
	}
	e := &regulation.Engine{
		DB: d, Types: reg, Runner: run, Guard: guard, Calendars: org.NewCalendars(zone, china), Clock: fake, Zone: zone,
		Compiler: rule.NewCompiler(reg, nil),
	}
	org.Register(reg)
	notice.Register(reg)
	e.Register(reg)
	reg.Add(
		record.Declare[ticket](record.Spec{Name: "ticket", Plural: "tickets", Prefix: "T", Title: "subject", Prepare: known, Actions: []*record.Action{
			record.Act("ask", record.ActionSpec{From: []string{"open"}, To: "waiting"}, none),
			record.Act("resume", record.ActionSpec{From: []string{"waiting"}, To: "open"}, none),
			record.Act("answer", record.ActionSpec{From: []string{"open"}, To: "answered"}, none),
			record.Act("close", record.ActionSpec{To: "closed"}, none),
		}}),
		record.Declare[reply](record.Spec{Name: "reply", Plural: "replies", Prefix: "R", Title: "body"}),
	)
	if err := reg.Check(); err != nil {
		t.Fatal(err)
	}
	run.Gates = []record.Gate{e}
	guard.Doors = []access.Door{e.Door}
	dbtest.Make(t, d, append(append(schema.Tables(reg), audit.Tables()...), evidence.Tables()...)...)
	b := &bench{db: d, clock: fake, engine: e, records: &access.Records{DB: d, Store: st, Runner: run, Guard: guard}, people: map[string]record.ID{}}
	b.company = b.company0(t)
	return b
}

func (b *bench) system(t testing.TB, fn func(c *record.Call) error) {
	t.Helper()
	err := b.records.Runner.InTx(ctx, b.engine.Guard.SystemScope("test", "job", "unit", record.Create), fn)
	if err != nil {
		t.Fatal(err)
	}
	b.engine.Guard.Forget()
}

// company0 makes a unit, a manager and a clerk who may do everything with tickets.
func (b *bench) company0(t testing.TB) record.ID {
	unit := &org.Unit{Name: "客服部", Kind: "company"}
	b.system(t, func(c *record.Call) error {
		if err := c.Work.Insert(ctx, c, "unit", unit); err != nil {
			return err
		}
		role := &org.Role{Title: "all", Key: "all"}
		if err := c.Work.Insert(ctx, c, "role", role); err != nil {
			return err
		}
		for _, act := range []string{"*", record.Reveal} {
			if err := c.Work.Insert(ctx, c, "grant", &org.GrantRow{RoleID: role.ID, Type: "*", Action: act, Reach: "all", Class: "personal"}); err != nil {
				return err
			}
		}
		for _, name := range []string{"manager", "clerk"} {
			post := &org.Post{Title: name, Key: name, Roles: []string{"all"}}
			if err := c.Work.Insert(ctx, c, "post", post); err != nil {
				return err
			}
			user := &org.User{Name: name, Login: name, Status: "active", Language: "zh"}
			if err := c.Work.Insert(ctx, c, "user", user); err != nil {
				return err
			}
			b.people[name] = user.ID
			if err := c.Work.Insert(ctx, c, "posting", &org.Posting{UserID: user.ID, PostID: post.ID, InUnit: unit.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	return unit.ID
}

func (b *bench) force(t testing.TB, bindings ...*regulation.Binding) *regulation.Version {
	t.Helper()
	var v *regulation.Version
	b.system(t, func(c *record.Call) error {
		d := &regulation.Draft{Key: "x1", Title: "客户投诉管理制度", TitleEn: "Complaints", Clauses: []*regulation.Clause{
			{Key: "x1.12", Printed: "第十二条", Body: "办结须有结果。", Level: "article", Params: map[string]any{"hours": 4}},
		}, Bindings: bindings}
		var err error
		if v, err = b.engine.Store(ctx, c, d); err != nil {
			return err
		}
		return b.engine.Advance(ctx, c, v)
	})
	return v
}

func (b *bench) do(t *testing.T, who, act string, id record.ID, in map[string]any) (record.ID, error) {
	t.Helper()
	a, err := b.records.Actor(ctx, b.people[who])
	if err != nil {
		t.Fatal(err)
	}
	typ := "ticket"
	if act == "reply" {
		typ, act = "reply", record.Create
	}
	v, err := b.records.Do(ctx, a, action.Command{Type: typ, Action: act, ID: id, Input: in})
	if err != nil {
		return 0, err
	}
	return v.Record.ID, nil
}

func (b *bench) must(t *testing.T, who, act string, id record.ID, in map[string]any) record.ID {
	t.Helper()
	id, err := b.do(t, who, act, id, in)
	if err != nil {
		t.Fatalf("%s by %s: %v", act, who, err)
	}
	return id
}

func (b *bench) results(t *testing.T) map[evidence.Result]int {
	t.Helper()
	out := map[evidence.Result]int{}
	list, err := db.View(ctx, b.db, func(tx *db.Tx) ([]evidence.Outcome, error) {
		return evidence.List(ctx, tx, evidence.Filter{Clause: "x1.12"})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list {
		out[o.Result]++
	}
	return out
}

func (b *bench) tick(t *testing.T) {
	t.Helper()
	if _, err := b.engine.Tick(ctx); err != nil {
		t.Fatal(err)
	}
}

func each(t *testing.T, fn func(t *testing.T, b *bench)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, newBench(t, d)) })
}

const guardSpec = `on: ticket.close
refuse_if: record.result == ""
say: {zh: 请先填写处理结果。, en: Fill in the result first.}
except: [manager]
`

func TestGuardRefusesCitesAndKeepsTheOutcome(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: guardSpec})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		_, err := b.do(t, "clerk", "close", id, nil)
		var refusal *regulation.Refusal
		if !errors.As(err, &refusal) || !errs.Is(err, errs.Refused) {
			t.Fatalf("close without result: %v", err)
		}
		cite := refusal.Citations[0]
		if cite.Printed != "第十二条" || cite.Title[0] != "客户投诉管理制度" || cite.Say[1] != "Fill in the result first." || !cite.Exception {
			t.Errorf("citation %+v", cite)
		}
		if got := b.results(t); got[evidence.Refused] != 1 || got[evidence.Passed] != 0 {
			t.Errorf("after the refusal: %v", got)
		}
		b.must(t, "clerk", record.Update, id, map[string]any{"result": "已更换"})
		b.must(t, "clerk", "close", id, nil)
		if got := b.results(t); got[evidence.Refused] != 1 || got[evidence.Passed] != 1 {
			t.Errorf("after closing rightly: %v", got)
		}
	})
}

// TestClauseSpeaksBeforeTheHouseRule: where the room's own rule and a clause are both against an action, the clause is
// cited and its outcome kept; where only the room is, its word stands and no outcome is left.
func TestClauseSpeaksBeforeTheHouseRule(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: "on: ticket.create\nrefuse_if: record.urgent\nsay: {zh: 不收, en: Not taken.}\n"})
		_, err := b.do(t, "clerk", record.Create, 0, map[string]any{"subject": banned, "urgent": true})
		var refusal *regulation.Refusal
		if !errors.As(err, &refusal) || refusal.Citations[0].Clause != "x1.12" {
			t.Errorf("both against it: %v", err)
		}
		if _, err := b.do(t, "clerk", record.Create, 0, map[string]any{"subject": banned}); !errs.Is(err, errs.Conflict) {
			t.Errorf("only the room against it: %v", err)
		}
		if got := b.results(t); got[evidence.Refused] != 1 || len(got) != 1 {
			t.Errorf("outcomes %v", got)
		}
	})
}

// TestWhatIsDoneBesideARecordPassesTheClauses: comments, files and reveals are actions to a clause.
func TestWhatIsDoneBesideARecordPassesTheClauses(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t,
			&regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: "on: ticket.comment\nrefuse_if: input.text.contains('骂')\nsay: {zh: 请文明用语, en: Mind your words.}\n"},
			&regulation.Binding{ClauseKey: "x1.12", Control: "detector", Spec: "watch: ticket.reveal\nbreach_if: input.today > 1 || size(input.reason) < 5\n"},
			&regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: "on: ticket.attach\nrefuse_if: input.size > 1000 || input.name.endsWith('.exe')\nsay: {zh: 不收, en: Not taken.}\n"})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水", "caller": "13800138000"})
		clerk, err := b.records.Actor(ctx, b.people["clerk"])
		if err != nil {
			t.Fatal(err)
		}
		if err := b.records.Comment(ctx, clerk, "ticket", id, "骂人的话", nil); !errs.Is(err, errs.Refused) {
			t.Errorf("comment: %v", err)
		}
		if err := b.records.Comment(ctx, clerk, "ticket", id, "已联系", nil); err != nil {
			t.Error(err)
		}
		if err := b.records.Attach(ctx, clerk, "ticket", id, &store.FileEntry{Name: "a.exe", Hash: "00", Size: 10}); !errs.Is(err, errs.Refused) {
			t.Errorf("file: %v", err)
		}
		for range 2 {
			if _, err := b.records.Reveal(ctx, clerk, "ticket", id, nil, "回拨客户确认地址"); err != nil {
				t.Fatal(err)
			}
		}
		if got := b.results(t); got[evidence.Refused] != 2 || got[evidence.Passed] != 1 || got[evidence.Clean] != 1 || got[evidence.Suspected] != 1 {
			t.Errorf("outcomes %v", got)
		}
		sheet, err := b.records.Read(ctx, clerk, "ticket", id)
		if err != nil || len(sheet.Comments) != 1 || len(sheet.Files) != 0 {
			t.Errorf("after refusals: %d comments, %d files, %v", len(sheet.Comments), len(sheet.Files), err)
		}
	})
}

func TestExemptionLiftsAGuardUntilItExpires(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: guardSpec})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		ask := func(who, act string, x record.ID, in map[string]any) (record.ID, error) {
			a, err := b.records.Actor(ctx, b.people[who])
			if err != nil {
				t.Fatal(err)
			}
			v, err := b.records.Do(ctx, a, action.Command{Type: "exemption", Action: act, ID: x, Input: in})
			if err != nil {
				return 0, err
			}
			return v.Record.ID, nil
		}
		x, err := ask("clerk", record.Create, 0, map[string]any{
			"clause_key": "x1.12", "about_type": "ticket", "about_id": id.String(), "reason": "客户失联", "expires_at": friday.Add(time.Hour).Format(time.RFC3339),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ask("clerk", "approve", x, nil); errs.KeyOf(err) != "exemption.not_yours" {
			t.Errorf("approved by the wrong post: %v", err)
		}
		if _, err := ask("manager", "approve", x, nil); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(2 * time.Hour)
		if _, err := b.do(t, "clerk", "close", id, nil); !errs.Is(err, errs.Refused) {
			t.Errorf("after expiry: %v", err)
		}
		b.clock.Advance(-90 * time.Minute)
		b.must(t, "clerk", "close", id, nil)
		if got := b.results(t); got[evidence.Excepted] != 1 {
			t.Errorf("outcomes %v", got)
		}
	})
}

const deadlineSpec = `start: ticket.create
stop: [ticket.answer, reply.create]
cancel: ticket.archive
within: 4h work
pause_in: [waiting]
warn_at: 80%
escalate: [manager]
`

func (b *bench) notices(t *testing.T, who string) []string {
	t.Helper()
	var keys []string
	b.system(t, func(c *record.Call) error {
		list, err := record.Find[notice.Notice](ctx, c, "notice", record.Where("owner_id", b.people[who]), 50)
		for _, n := range list {
			keys = append(keys, n.Key)
		}
		return err
	})
	return keys
}

func TestDeadlineOverAMakeUpWeekend(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "deadline", Spec: deadlineSpec})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "咨询"})
		clocks := func() *evidence.Clock {
			list, err := db.View(ctx, b.db, func(tx *db.Tx) ([]*evidence.Clock, error) { return evidence.OfRecord(ctx, tx, id) })
			if err != nil || len(list) != 1 {
				t.Fatalf("%d clocks, %v", len(list), err)
			}
			return list[0]
		}
		// Two hours on Friday until 18:00, then two on Sunday the 28th, which is worked.
		if want := time.Date(2025, 9, 28, 3, 0, 0, 0, time.UTC); !clocks().DueAt.Equal(want) {
			t.Fatalf("due %v, want %v", clocks().DueAt, want)
		}
		b.clock.Set(time.Date(2025, 9, 28, 2, 15, 0, 0, time.UTC)) // 81 %
		b.tick(t)
		b.tick(t)
		if got := b.notices(t, "clerk"); len(got) != 2 || got[1] != "regulation.clock.warning" {
			t.Errorf("at 81 %%: %v", got)
		}
		b.clock.Set(time.Date(2025, 9, 28, 3, 0, 1, 0, time.UTC))
		b.tick(t)
		b.tick(t)
		if got := b.notices(t, "manager"); len(got) != 2 || got[1] != "regulation.clock.late" {
			t.Errorf("escalation: %v", got)
		}
		b.must(t, "clerk", "answer", id, nil)
		if k := clocks(); k.State != evidence.ClockEnded || k.StoppedAt.IsZero() {
			t.Errorf("clock %+v", k)
		}
		if got := b.results(t); got[evidence.Late] != 1 || got[evidence.Met] != 0 {
			t.Errorf("outcomes %v", got)
		}
		other := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "第二个"})
		b.must(t, "clerk", "reply", 0, map[string]any{"ticket_id": other.String(), "body": "已答复"})
		if got := b.results(t); got[evidence.Met] != 1 {
			t.Errorf("a reply stops the clock of its ticket: %v", got)
		}
	})
}

func TestClockStandsStillWhileTheCustomerIsAsked(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "deadline", Spec: deadlineSpec})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "咨询"})
		b.clock.Advance(time.Hour) // three hours of work left
		b.must(t, "clerk", "ask", id, nil)
		b.clock.Set(time.Date(2025, 9, 28, 4, 30, 0, 0, time.UTC)) // Sunday 12:30, lunch
		b.tick(t)
		b.must(t, "clerk", "resume", id, nil)
		list, err := db.View(ctx, b.db, func(tx *db.Tx) ([]*evidence.Clock, error) { return evidence.OfRecord(ctx, tx, id) })
		if err != nil {
			t.Fatal(err)
		}
		if want := time.Date(2025, 9, 28, 8, 0, 0, 0, time.UTC); !list[0].DueAt.Equal(want) || list[0].State != evidence.Running {
			t.Errorf("due %v (%s), want %v", list[0].DueAt, list[0].State, want)
		}
		b.must(t, "clerk", record.Archive, id, nil)
		if got := b.results(t); got[evidence.Cancelled] != 1 {
			t.Errorf("outcomes %v", got)
		}
	})
}

func TestDetectorSuspectsAndPeopleDecide(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "detector", Spec: `watch: ticket.close
breach_if: record.urgent && record.result == ""
`})
		fine := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "a"})
		b.must(t, "clerk", "close", fine, nil)
		bad := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "b", "urgent": true})
		b.must(t, "clerk", "close", bad, nil)
		if got := b.results(t); got[evidence.Clean] != 1 || got[evidence.Suspected] != 1 {
			t.Fatalf("outcomes %v", got)
		}
		var found *breach.Breach
		b.system(t, func(c *record.Call) error {
			list, err := record.Find[breach.Breach](ctx, c, "breach", record.Filter{}, 10)
			if len(list) == 1 {
				found = list[0]
			}
			return err
		})
		if found == nil || found.PersonID != b.people["clerk"] || found.AboutID != bad.String() {
			t.Fatalf("breach %+v", found)
		}
		decide := func(who, act string, in map[string]any) error {
			a, err := b.records.Actor(ctx, b.people[who])
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.records.Do(ctx, a, action.Command{Type: "breach", Action: act, ID: found.ID, Input: in})
			return err
		}
		if err := decide("manager", "confirm", map[string]any{"reason": "是"}); errs.KeyOf(err) != "record.wrong_state" {
			t.Errorf("confirmed before hearing: %v", err)
		}
		if err := decide("clerk", "hear", map[string]any{"statement": "客户要求先关闭"}); err != nil {
			t.Fatal(err)
		}
		if err := decide("clerk", "dismiss", map[string]any{"reason": "我没有"}); errs.KeyOf(err) != "breach.own_decision" {
			t.Errorf("own decision: %v", err)
		}
		if err := decide("manager", "confirm", map[string]any{"reason": "属实"}); err != nil {
			t.Fatal(err)
		}
		if got := b.results(t); got[evidence.Confirmed] != 1 {
			t.Errorf("outcomes %v", got)
		}
	})
}

func TestScanLooksThroughAType(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "detector", Spec: `scan: ticket
breach_if: record.state == "open" && now - record.created_at > duration("48h")
who: record.created_by
`})
		old := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "a"})
		b.clock.Advance(49 * time.Hour)
		b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "b"})
		scan := func(times, suspected, clean int) {
			t.Helper()
			for range times {
				if err := b.engine.Scan(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if got := b.results(t); got[evidence.Suspected] != suspected || got[evidence.Clean] != clean {
				t.Errorf("outcomes %v, want %d suspected and %d clean", got, suspected, clean)
			}
		}
		scan(3, 1, 1)
		b.system(t, func(c *record.Call) error { // what was decided about it is not suspected anew the night after
			list, err := record.Find[breach.Breach](ctx, c, "breach", record.Where("status", "suspected"), 5)
			if err != nil || len(list) != 1 {
				t.Fatalf("%d breaches, %v", len(list), err)
			}
			list[0].Status = "dismissed"
			return c.Work.Save(ctx, c, "breach", "dismiss", list[0])
		})
		scan(2, 1, 1)
		b.must(t, "clerk", "answer", old, nil)
		scan(2, 1, 2)
		b.clock.Advance(31 * 24 * time.Hour)
		scan(2, 2, 3) // the younger ticket has grown old, the answered one is clean in another month
	})
}

func TestAcknowledgementOpensTheDoor(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		v := b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "acknowledge", Spec: "posts: [clerk]\nwithin: 7d\nuntil_signed: [ticket]\n"})
		_, err := b.do(t, "clerk", record.Create, 0, map[string]any{"subject": "a"})
		if !errs.Is(err, errs.Refused) {
			t.Fatalf("before signing: %v", err)
		}
		b.must(t, "manager", record.Create, 0, map[string]any{"subject": "a"})
		var ack *regulation.Acknowledgement
		b.system(t, func(c *record.Call) error {
			list, err := record.Find[regulation.Acknowledgement](ctx, c, "acknowledgement", record.Where("owner_id", b.people["clerk"]), 1)
			if len(list) == 1 {
				ack = list[0]
			}
			return err
		})
		if ack == nil || ack.VersionID != v.ID {
			t.Fatalf("acknowledgement %+v", ack)
		}
		b.clock.Advance(8 * 24 * time.Hour)
		b.tick(t)
		if got := b.results(t); got[evidence.Outstanding] != 2 || got[evidence.Refused] != 1 {
			t.Errorf("overdue: %v", got)
		}
		sign := func(who, hash string) error {
			a, err := b.records.Actor(ctx, b.people[who])
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.records.Do(ctx, a, action.Command{Type: "acknowledgement", Action: "sign", ID: ack.ID, Input: map[string]any{"text_hash": hash}})
			return err
		}
		if err := sign("manager", ""); errs.KeyOf(err) != "regulation.sign_own" {
			t.Errorf("signed for another: %v", err)
		}
		if err := sign("clerk", "0000"); !errs.Is(err, errs.Stale) {
			t.Errorf("signed another text: %v", err)
		}
		if err := sign("clerk", ""); err != nil {
			t.Fatal(err)
		}
		b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "a"})
		if got := b.results(t); got[evidence.Signed] != 1 {
			t.Errorf("outcomes %v", got)
		}
	})
}

func TestOldRecordsAreJudgedByTheOldVersion(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.force(t)
		old := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "a"})
		b.clock.Advance(time.Hour)
		b.force(t, &regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: guardSpec})
		b.clock.Advance(time.Hour)
		fresh := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "b"})
		if _, err := b.do(t, "clerk", "close", fresh, nil); !errs.Is(err, errs.Refused) {
			t.Errorf("new record: %v", err)
		}
		b.must(t, "clerk", "close", old, nil)
	})
}

func TestBadBindingsAreRefusedWithTheirPlace(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for spec, want := range map[string]string{
			"on: ticket.close\nrefuse_if: record.colour == 1\nsay: {zh: a, en: b}\n": "2:",
			"on: ticket.fly\nrefuse_if: 'true'\nsay: {zh: a, en: b}\n":               "1:5",
			"on: ticket.close\nrefuse: 'true'\n":                                     "2:1",
			"on: ticket.close\nrefuse_if: 'true'\nsay: {zh: a}\n":                    "1:1",
			"[1, 2]": "1:1",
		} {
			err := b.records.Runner.InTx(ctx, b.engine.Guard.SystemScope("test", "job", "unit", record.Create), func(c *record.Call) error {
				_, err := b.engine.Store(ctx, c, &regulation.Draft{Key: "bad", Title: "坏", Clauses: []*regulation.Clause{{Key: "bad.1", Level: "article"}},
					Bindings: []*regulation.Binding{{ClauseKey: "bad.1", Control: "guard", Spec: spec}}})
				return err
			})
			e := errs.As(err)
			if e == nil || e.Key != "regulation.bad_binding" || len(want) > 0 && !bytes.HasPrefix([]byte(e.Args["detail"].(string)), []byte(want)) {
				t.Errorf("%q: %v", spec, err)
			}
		}
	})
}
