package casework_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

func TestRegisterPageByPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		officer, accused := b.person(t, "专责", "complaint_officer"), b.person(t, "赵六", "manager")
		ctx, l := context.Background(), &casework.Ledger{DB: b.db, Store: b.store}
		all := b.system("case", record.Read)
		if n, err := l.FirstYear(ctx, all); n != 0 || err != nil {
			t.Errorf("first year of nothing: %d, %v", n, err)
		}
		if p, err := l.RegisterPage(ctx, all, 2026, "", 3); err != nil || len(p.Rows) != 0 || p.Next != "" || p.Gaps != nil {
			t.Errorf("register of nothing: %+v, %v", p, err)
		}
		for i := range 7 {
			in := map[string]any{"kind": "complaint"}
			if i == 4 {
				in["complained_user_id"] = accused.UserID.String()
			}
			b.create(t, officer, in)
		}
		b.clock.Set(time.Date(2027, 1, 5, 2, 0, 0, 0, time.UTC))
		b.create(t, officer, nil)
		read := func(scope record.Scope) (numbers []string, pages int) {
			for after := ""; ; {
				p, err := l.RegisterPage(ctx, scope, 2026, after, 3)
				if err != nil {
					t.Fatal(err)
				}
				if len(p.Gaps) != 0 {
					t.Errorf("gaps: %v", p.Gaps)
				}
				for _, r := range p.Rows {
					numbers = append(numbers, r.Number)
				}
				if pages++; p.Next == "" {
					return numbers, pages
				}
				after = p.Next
			}
		}
		numbers, pages := read(all)
		if pages != 3 || len(numbers) != 7 || !slices.IsSorted(numbers) || numbers[6] != "CS-2026-000007" {
			t.Errorf("%d pages: %v", pages, numbers)
		}
		scope, err := db.View(ctx, b.db, func(tx *db.Tx) (record.Scope, error) {
			return b.guard.Authorize(ctx, tx, accused, "case", record.Read)
		})
		if err != nil {
			t.Fatal(err)
		}
		if numbers, _ = read(scope); len(numbers) != 6 || slices.Contains(numbers, "CS-2026-000005") {
			t.Errorf("the person complained of sees %v", numbers)
		}
		some := record.Filter{Field: "id", Op: field.In, Value: []any{b.create(t, officer, nil).ID, record.ID(7)}} // as the queue asks
		list, err := b.all.List(ctx, officer, "case", record.Query{Filter: record.All(some, record.Where("state", casework.Received))})
		if err != nil || len(list.Views) != 1 || list.Views[0].Record.Number != "CS-2027-000002" {
			t.Errorf("cases by id: %v, %v", list, err)
		}
		if n, err := l.FirstYear(ctx, all); n != 2026 || err != nil {
			t.Errorf("first year: %d, %v", n, err)
		}
		if _, err := l.RegisterPage(ctx, all, 2026, "nonsense", 3); !errs.Is(err, errs.Invalid) {
			t.Errorf("a wrong cursor: %v", err)
		}
		if err := db.Do(ctx, b.db, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE cases SET number = ? WHERE number = ?", "CS-2026-000009", "CS-2026-000007")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		p, err := l.RegisterPage(ctx, all, 2026, "", 50)
		if err != nil || fmt.Sprint(p.Gaps) != "[CS-2026-000007 CS-2026-000008]" || p.Total != 7 {
			t.Errorf("gaps: %v of %d, %v", p.Gaps, p.Total, err)
		}
	})
}

func TestReplySheetShowsTheDecisionAndItsGround(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	officer, director := b.person(t, "专责", "complaint_officer"), b.person(t, "主任", "director")
	article := b.make(t, "knowledge_article", map[string]any{"title": "退换", "body": "七日内可退。", "basis": "《消费者权益保护法》第二十五条"})
	k := b.create(t, officer, map[string]any{"kind": "complaint", "no_person": true})
	b.on(t, officer, k, "accept", nil)
	b.on(t, director, k, "decide", map[string]any{"finding": "货物有划痕。", "conclusion": "upheld", "measure": "更换。", "remedy": []any{"replacement"}, "resolution_ref": "决2026-3"})
	b.on(t, officer, k, "answer", map[string]any{"text": "可以更换。", "articles": []any{article.String()}})
	b.on(t, officer, k, "reply", map[string]any{"body": "我们为您更换。"})
	r := fetch[casework.Reply](t, b, "case_reply", record.Where("case_id", k.ID))[0]
	l := &casework.Ledger{DB: b.db, Store: b.store}
	got, err := l.ReplySheet(context.Background(), b.system("case_reply", record.Read), b.system("case", record.Read), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Finding != "货物有划痕。" || got.Conclusion != "upheld" || got.Measure != "更换。" || got.Resolution != "决2026-3" || got.Draft ||
		!slices.Equal(got.Remedy, []string{"replacement"}) || !slices.Equal(got.Basis, []string{"《消费者权益保护法》第二十五条"}) {
		t.Errorf("sheet: %+v", got)
	}
	if _, err := l.ReplySheet(context.Background(), b.system("case_reply", record.Read), b.system("case", record.Read), 7); !errs.Is(err, errs.NotFound) {
		t.Errorf("an unknown reply: %v", err)
	}
}
