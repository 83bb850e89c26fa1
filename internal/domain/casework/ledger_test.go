package casework_test

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

func TestGaps(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		numbers, want []string
	}{
		"none":          {nil, nil},
		"sound":         {[]string{"CS-2026-000001", "CS-2026-000002"}, nil},
		"hole":          {[]string{"CS-2026-000004", "CS-2026-000001", "CS-2026-000003"}, []string{"CS-2026-000002"}},
		"first missing": {[]string{"CS-2026-000002"}, []string{"CS-2026-000001"}},
		"foreign":       {[]string{"CS-2025-000009", "X", "CS-2026-000001"}, nil},
	}
	for name, tt := range tests {
		if got := casework.Gaps(tt.numbers, 2026); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestRegisterKeepsEveryNumber(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		officer, accused := b.person(t, "专责", "complaint_officer"), b.person(t, "赵六", "manager")
		for range 2 {
			b.create(t, officer, map[string]any{"kind": "complaint"})
		}
		second := b.create(t, officer, map[string]any{"kind": "complaint", "complained_user_id": accused.UserID.String()})
		b.on(t, officer, second, "withdraw", map[string]any{"reason": "客户撤回"})
		fourth := b.create(t, officer, nil)
		if fourth.Number != "CS-2026-000004" {
			t.Errorf("next number is %s", fourth.Number)
		}
		b.clock.Set(time.Date(2027, 1, 5, 2, 0, 0, 0, time.UTC))
		if next := b.create(t, officer, nil); next.Number != "CS-2027-000001" {
			t.Errorf("first number of the next year is %s", next.Number)
		}
		l := &casework.Ledger{DB: b.db, Store: b.store}
		ctx := context.Background()
		reg, err := l.Register(ctx, b.system("case", record.Read), 2026)
		if err != nil {
			t.Fatal(err)
		}
		if len(reg.Rows) != 4 || len(reg.Gaps) != 0 || reg.Rows[2].State != casework.Withdrawn || reg.Rows[3].Number != fourth.Number {
			t.Errorf("register: %+v", reg)
		}
		scope, err := db.View(ctx, b.db, func(tx *db.Tx) (record.Scope, error) {
			return b.guard.Authorize(ctx, tx, accused, "case", record.Read)
		})
		if err != nil {
			t.Fatal(err)
		}
		if reg, err = l.Register(ctx, scope, 2026); err != nil || len(reg.Rows) != 3 || len(reg.Gaps) != 0 {
			t.Errorf("the person complained of sees %d rows, gaps %v: %v", len(reg.Rows), reg.Gaps, err)
		}
		if _, err := l.Register(ctx, record.Scope{}, 2026); err == nil {
			t.Error("the register opens without a scope")
		}
	})
}

func TestContentsOfAVolume(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	ctx := context.Background()
	for range 2 {
		if err := casework.EnsureVolume(ctx, b.runner, b.system("case_volume", record.Create), 2026); err != nil {
			t.Fatal(err)
		}
	}
	var cases []*casework.Case
	for range 3 {
		k := b.create(t, admin, nil)
		b.on(t, admin, k, "answer", map[string]any{"text": "好"})
		cases = append(cases, b.on(t, admin, k, "close", nil))
	}
	b.on(t, admin, cases[0], "file", map[string]any{"shelf": "A-1"})
	b.on(t, admin, cases[2], "file", map[string]any{"shelf": "A-2"})
	l := &casework.Ledger{DB: b.db, Store: b.store}
	got, err := l.Contents(ctx, b.system("case", record.Read), 2026)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Filed) != 2 || got.Filed[1].Shelf != "A-2" || !slices.Equal(got.Missing, []string{"CS-2026-000002"}) {
		t.Errorf("contents: %+v", got)
	}
	if n := b.fact(t, "unfiled_numbers", int64(2026)); !slices.Equal(n.([]string), got.Missing) {
		t.Errorf("unfiled numbers: %v", n)
	}
	if v := fetch[casework.Volume](t, b, "case_volume", record.Where("year", int64(2026))); len(v) != 1 {
		t.Errorf("%d volumes of one year", len(v))
	}
}

func TestReplySheet(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	officer, archivist := b.person(t, "专责", "complaint_officer"), b.person(t, "档案员", "archivist")
	k := b.create(t, officer, map[string]any{"kind": "complaint", "contact_name": "陈女士"})
	b.on(t, officer, k, "accept", nil)
	b.on(t, officer, k, "reply", map[string]any{"body": "已处理。", "channel": "letter"})
	r := fetch[casework.Reply](t, b, "case_reply", record.Where("case_id", k.ID))[0]
	l := &casework.Ledger{DB: b.db, Store: b.store}
	ctx := context.Background()
	for _, tt := range []struct {
		who       record.Actor
		addressee string
	}{{officer, "陈女士"}, {archivist, ""}} {
		var scopes []record.Scope
		for _, typ := range []string{"case_reply", "case"} {
			s, err := db.View(ctx, b.db, func(tx *db.Tx) (record.Scope, error) { return b.guard.Authorize(ctx, tx, tt.who, typ, record.Read) })
			if err != nil {
				t.Fatal(err)
			}
			scopes = append(scopes, s)
		}
		got, err := l.ReplySheet(ctx, scopes[0], scopes[1], r.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := casework.ReplySheet{CaseNumber: k.Number, Number: r.Number, Date: monday, Addressee: tt.addressee, Subject: k.Subject, Body: "已处理。", Signatory: "专责",
			CaseID: k.ID, Channel: "letter"}
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("sheet for %s: %+v, want %+v", tt.who.Name, *got, want)
		}
	}
}
