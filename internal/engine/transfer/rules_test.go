package transfer_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/domain/customer"
	"dianke/internal/domain/interaction"
	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

func TestWhoMayImport(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	if _, err := h.Receive(ctx, h.clerk, "customer", "a.csv", strings.NewReader("名称\n甲\n"), transfer.Layout{}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("without the permission: %v", err)
	}
	theirs := h.receive(t, h.chief, "customer", "a.csv", "客户名称,行业\n甲公司,零售\n", lawful)
	h.run(t, h.chief, theirs.ID, false)
	if _, err := h.Load(ctx, h.other, theirs.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("somebody else's import: %v", err)
	}
	imp := h.receive(t, h.other, "customer", "b.csv", "客户名称,行业\n甲公司,餐饮\n乙公司,餐饮\n", lawful)
	imp = h.run(t, h.other, imp.ID, false)
	if why := h.why(t, imp); counts(imp) != [5]int64{1, 0, 0, 0, 1} || !strings.Contains(why[0], "不在您的权限范围内") {
		t.Errorf("a record of others: %v %q", counts(imp), why)
	}
	if err := h.Begin(ctx, h.other, imp.ID); !errs.Is(err, errs.Conflict) {
		t.Errorf("a second time: %v", err)
	}
}

func TestRowsFindTheirRecords(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		imp := h.receive(t, h.chief, "customer", "a.csv", "客户名称,手机,行业\n甲公司,13800138000,零售\n乙公司,13900139000,餐饮\n甲公司,13800138000,零售\n甲公司,13800138000,批发\n", lawful)
		imp = h.run(t, h.chief, imp.ID, false)
		if why := h.why(t, imp); counts(imp) != [5]int64{2, 0, 1, 1, 0} || !strings.Contains(why[0], "与文件第 2 行重复") {
			t.Errorf("repeats: %v %q", counts(imp), why)
		}
		imp = h.receive(t, h.chief, "customer", "b.csv", "客户名称,手机,行业\n甲公司,,批发\n丙公司,13900139000,餐饮\n丁公司,,\n", lawful)
		imp = h.run(t, h.chief, imp.ID, false)
		if why := h.why(t, imp); counts(imp) != [5]int64{1, 1, 0, 1, 0} || !strings.Contains(why[0], "可能已有") {
			t.Errorf("changed and duplicate: %v %q", counts(imp), why)
		}
		first := find[customer.Customer](t, h, "customer", record.Where("name", "甲公司"))
		if len(first) != 1 || first[0].Industry != "批发" || first[0].Mobile != "+8613800138000" {
			t.Errorf("a blank cell changed something: %+v", first)
		}
		imp = h.receive(t, h.chief, "customer", "c.csv", "客户名称,手机,行业\n戊公司,13900139000,餐饮\n", func(p *transfer.Plan) {
			lawful(p)
			p.Duplicates = transfer.Update
		})
		imp = h.run(t, h.chief, imp.ID, false)
		if counts(imp) != [5]int64{0, 1, 0, 0, 0} || len(find[customer.Customer](t, h, "customer", record.Where("name", "戊公司"))) != 1 {
			t.Errorf("updated by its telephone: %v %q", counts(imp), h.why(t, imp))
		}
		h.verify(t)
	})
}

func TestReferencesAreResolvedOrMade(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	imp := h.receive(t, h.chief, "customer", "a.csv", "客户名称,负责人\n甲公司,other\n乙公司,员工other\n丙公司,无此人\n", lawful)
	imp = h.run(t, h.chief, imp.ID, false)
	if why := h.why(t, imp); counts(imp) != [5]int64{2, 0, 0, 0, 1} || !strings.Contains(why[0], "没有找到“无此人”") {
		t.Errorf("owners: %v %q", counts(imp), why)
	}
	raw := "姓名,客户名称,手机\n张三,甲公司,13800138000\n李四,戊公司,\n王五,C-2026-000002,\n赵六,戊公司,\n"
	imp = h.receive(t, h.chief, "contact", "c.csv", raw, nil)
	if imp = h.run(t, h.chief, imp.ID, true); counts(imp) != [5]int64{2, 0, 0, 0, 2} {
		t.Errorf("unknown customers: %v %q", counts(imp), h.why(t, imp))
	}
	imp = h.receive(t, h.chief, "contact", "d.csv", raw, func(p *transfer.Plan) { p.Missing = map[string]string{"customer_id": transfer.Anyway} })
	imp = h.run(t, h.chief, imp.ID, false)
	made := find[customer.Customer](t, h, "customer", record.Where("name", "戊公司"))
	if counts(imp) != [5]int64{4, 0, 0, 0, 0} || len(made) != 1 || made[0].Source != "import" {
		t.Errorf("made: %v %q %+v", counts(imp), h.why(t, imp), made)
	}
	if list := find[customer.Contact](t, h, "contact", record.Where("customer_id", made[0].ID)); len(list) != 2 {
		t.Errorf("%d contacts of the new customer", len(list))
	}
}

func TestRecordsOfThePast(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	raw := "编号,投诉日期,投诉人,联系电话,投诉事由,投诉内容,状态,受理人\nTS-1,2019/3/5,张三,13800138000,房间噪音,隔壁装修,已结案,other\nTS-2,2030/1/1,李四,,将来,不可能,已结案,other\n"
	imp := h.receive(t, h.chief, "case", "old.csv", raw, func(p *transfer.Plan) {
		p.Keep = true
		p.Fixed["kind"], p.Fixed["channel"] = "complaint", "phone"
		p.Picks = []transfer.Pick{
			{Column: 0, Name: "编号", Field: "number"}, {Column: 1, Name: "投诉日期", Field: "created_at"}, {Column: 2, Name: "投诉人", Field: "contact_name"},
			{Column: 3, Name: "联系电话", Field: "contact_phone"}, {Column: 4, Name: "投诉事由", Field: "subject"}, {Column: 5, Name: "投诉内容", Field: "content"},
			{Column: 6, Name: "状态", Field: "state"}, {Column: 7, Name: "受理人", Field: "created_by"},
		}
		p.Keys, p.Values = []string{"number"}, map[string]map[string]string{"state": {"已结案": "closed"}}
	})
	imp = h.run(t, h.chief, imp.ID, false)
	if why := h.why(t, imp); counts(imp) != [5]int64{1, 0, 0, 0, 1} || !strings.Contains(why[0], "将来") {
		t.Fatalf("%v %q", counts(imp), why)
	}
	k := find[casework.Case](t, h, "case", record.Filter{})[0]
	if k.Number != "TS-1" || k.State != "closed" || k.CreatedBy != h.other.UserID || k.CreatedAt.Format(time.DateOnly) != "2019-03-04" || k.ContactPhone != "+8613800138000" {
		t.Errorf("%+v", k)
	}
	events, err := db.View(context.Background(), h.DB, func(tx *db.Tx) (int, error) {
		var n int
		return n, tx.QueryRow(context.Background(), "SELECT COUNT(*) FROM events WHERE type = 'case'").Scan(&n)
	})
	if err != nil || events != 0 {
		t.Errorf("%d events of old cases, %v", events, err)
	}
}

func TestAnImportGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	var b strings.Builder
	b.WriteString("客户名称,行业\n")
	for i := range 2300 {
		fmt.Fprintf(&b, "第%d公司,零售\n", i)
	}
	imp := h.receive(t, program, "customer", "big.csv", b.String(), lawful)
	ctx, stop := context.WithCancel(context.Background())
	stops := &stopping{Handle: stop}
	h.Runner.Gates = append(h.Runner.Gates, stops)
	_ = h.Begin(ctx, program, imp.ID) // it is cut off in the middle
	h.Runner.Gates = h.Runner.Gates[:1]
	at, err := h.Progress(context.Background(), imp.ID)
	if err != nil || !at.Live || at.Cursor == 0 || at.Cursor >= 2300 || at.Cursor != at.Created {
		t.Fatalf("after the cut: %+v, %v", at, err)
	}
	h.clock.Advance(time.Minute) // the lease of a killed process runs out
	if err := h.Resume(context.Background()); err != nil {
		t.Fatal(err)
	}
	imp, err = h.Load(context.Background(), program, imp.ID)
	if err != nil || imp.Status != transfer.Done || imp.Created != 2300 {
		t.Errorf("%s %s %v %v", imp.Status, imp.Fault, counts(imp), err)
	}
	if n := all(t, h, "customer", func(*customer.Customer) {}); n != 2300 {
		t.Errorf("%d customers", n)
	}
	if list, err := h.Stale(context.Background()); err != nil || len(list) != 0 {
		t.Errorf("still to be done: %v, %v", list, err)
	}
	h.verify(t)
}

// stopping ends a context after some writes.
type stopping struct {
	Handle func()
	n      int
}

func (s *stopping) Before(context.Context, *record.Call) error { return nil }
func (s *stopping) After(_ context.Context, c *record.Call) error {
	if c.Type.Name == "customer" {
		if s.n++; s.n == 1200 {
			s.Handle()
		}
	}
	return nil
}

func TestARefusedRowDoesNotTakeOthersWithIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.Runner.Gates = append(h.Runner.Gates, refusing{})
	var b strings.Builder
	b.WriteString("客户名称,行业\n")
	for i := range 60 {
		fmt.Fprintf(&b, "第%d公司,%s\n", i, map[bool]string{true: "禁止", false: "零售"}[i%10 == 3])
	}
	imp := h.receive(t, h.chief, "customer", "a.csv", b.String(), lawful)
	imp = h.run(t, h.chief, imp.ID, false)
	if counts(imp) != [5]int64{54, 0, 0, 0, 6} {
		t.Errorf("%v %q", counts(imp), h.why(t, imp))
	}
	if n := all(t, h, "customer", func(*customer.Customer) {}); n != 54 {
		t.Errorf("%d customers", n)
	}
	h.verify(t)
}

// refusing is against an industry once the record is written.
type refusing struct{}

func (refusing) Before(context.Context, *record.Call) error { return nil }
func (refusing) After(_ context.Context, c *record.Call) error {
	if k, ok := c.Record.(*customer.Customer); ok && k.Industry == "禁止" {
		return errs.New(errs.Conflict, "record.archived")
	}
	return nil
}

func TestBadPlansAreExplained(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	imp := h.receive(t, h.chief, "customer", "../../etc/passwd", "客户名称,电话\n甲,0571-87900000\n", lawful)
	if imp.Title != "passwd" {
		t.Errorf("name of the file: %s", imp.Title)
	}
	good := []transfer.Pick{{Column: 0, Name: "客户名称", Field: "name"}}
	for name, c := range map[string]struct {
		plan transfer.Plan
		key  string
	}{
		"nothing":        {transfer.Plan{}, "transfer.nothing_mapped"},
		"unknown field":  {transfer.Plan{Picks: []transfer.Pick{{Column: 0, Field: "nothing"}}}, "transfer.unknown_field"},
		"unknown column": {transfer.Plan{Picks: []transfer.Pick{{Column: 9, Field: "name"}}}, "transfer.unknown_column"},
		"twice":          {transfer.Plan{Picks: []transfer.Pick{{Column: 0, Field: "name"}, {Column: 1, Field: "name"}}}, "transfer.field_twice"},
		"key":            {transfer.Plan{Picks: good, Keys: []string{"mobile"}}, "transfer.key_not_mapped"},
		"required":       {transfer.Plan{Picks: good}, "transfer.required"},
		"by actions":     {transfer.Plan{Picks: []transfer.Pick{{Column: 0, Field: "stage_reason"}}}, "transfer.unknown_field"},
		"number":         {transfer.Plan{Picks: []transfer.Pick{{Column: 0, Field: "number"}}}, "transfer.unknown_field"},
	} {
		if _, err := h.Arrange(ctx, h.chief, imp.ID, transfer.Layout{}, c.plan); errs.KeyOf(err) != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

func TestRejectedRowsCanBeCorrectedAndSentAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	imp := h.receive(t, h.chief, "customer", "a.csv", "客户名称,手机,备注\n甲公司,不是号码,=1+1\n乙公司,13900139000,\n", lawful)
	imp = h.run(t, h.chief, imp.ID, false)
	var out bytes.Buffer
	if err := h.WriteRejects(context.Background(), h.chief, imp.ID, i18n.ZH, &out); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.HasPrefix(s, "\ufeff客户名称,手机,备注,原文件行号,原因\r\n甲公司,不是号码,'=1+1,2,") {
		t.Errorf("file %q", s)
	}
	again := h.receive(t, h.chief, "customer", "a2.csv", strings.Replace(out.String(), "不是号码", "13800138000", 1), lawful)
	again = h.run(t, h.chief, again.ID, false)
	if counts(again) != [5]int64{1, 0, 0, 0, 0} {
		t.Errorf("corrected: %v %q", counts(again), h.why(t, again))
	}
}

func TestCalendarAddresses(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.Dates = []transfer.Dated{{Type: "task", Field: "due_at"}, {Type: "customer", Field: "next_contact"}}
	ctx := context.Background()
	err := h.Runner.InTx(ctx, h.Guard.SystemScope("test", "test", "task", record.Create), func(c *record.Call) error {
		title := "回访：杭州西湖茶叶有限公司；带样品, 合同\\附件，还有很长很长很长很长很长很长的说明"
		return c.Work.Insert(ctx, c, "task", &interaction.Task{Title: title, Kind: "other", DueAt: h.clock.Now().Add(time.Hour), Urgency: "normal", Status: "open", Head: record.Head{OwnerID: h.chief.UserID}})
	})
	if err != nil {
		t.Fatal(err)
	}
	old, err := h.Subscribe(ctx, h.chief)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := h.Subscribe(ctx, h.chief)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := h.Feed(ctx, secret, "https://crm.example", i18n.ZH)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
		if len(l) > 75 {
			t.Errorf("line of %d bytes: %s", len(l), l)
		}
	}
	flat := strings.ReplaceAll(string(raw), "\r\n ", "")
	for _, want := range []string{"BEGIN:VEVENT", "DTSTART:20260302T030000Z", `带样品\, 合同\\附件`, "URL:https://crm.example/tasks/", "END:VCALENDAR\r\n"} {
		if !strings.Contains(flat, want) {
			t.Errorf("calendar lacks %q: %s", want, flat)
		}
	}
	for name, s := range map[string]string{"replaced": old, "invented": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := h.Feed(ctx, s, "", i18n.ZH); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s address: %v", name, err)
		}
	}
	if s, err := h.Subscribed(ctx, h.chief); err != nil || !s.Live || s.Seen.IsZero() {
		t.Errorf("%+v, %v", s, err)
	}
	if err := h.Unsubscribe(ctx, h.chief); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Feed(ctx, secret, "", i18n.ZH); !errs.Is(err, errs.NotFound) {
		t.Errorf("ended address: %v", err)
	}
}
