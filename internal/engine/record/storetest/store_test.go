package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/record/storetest"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

var ctx = context.Background()

func each(t *testing.T, fn func(t *testing.T, b *storetest.Bench)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, storetest.New(t, d)) })
}

func list(t *testing.T, b *storetest.Bench, scope record.Scope, q record.Query) ([]string, record.Page, error) {
	t.Helper()
	page, err := db.View(ctx, b.DB, func(tx *db.Tx) (record.Page, error) { return b.Store.List(ctx, tx, b.Gadget, scope, q) })
	var names []string
	for _, e := range page.Items {
		names = append(names, e.(*storetest.Gadget).Name)
	}
	return names, page, err
}

func get(b *storetest.Bench, scope record.Scope, id record.ID) (*storetest.Gadget, error) {
	e, err := db.View(ctx, b.DB, func(tx *db.Tx) (record.Entity, error) { return b.Store.Get(ctx, tx, b.Gadget, scope, id) })
	if err != nil {
		return nil, err
	}
	return e.(*storetest.Gadget), nil
}

func TestEveryKindComesBackAsWritten(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		helper := b.Create(t, map[string]any{"name": "helper"})
		made := b.Create(t, map[string]any{
			"name": " 贵州茅台酒 ", "mobile": "138 0013 8000", "id_number": "11010519491231002x", "notes": "line\nline", "size": "large",
			"price": "1,234.50", "weight": 12.0, "good": "on", "due": "2026年3月9日", "seen": "2026-03-02T09:30", "effort": "1d2h",
			"tags": []any{"a", "b", "a"}, "helper": helper.ID.String(), "code": "X1",
		})
		got, err := get(b, b.Scope(b.Gadget, record.Read, storetest.Everything), made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != "贵州茅台酒" || got.Mobile != "+8613800138000" || got.IDNumber != "11010519491231002X" || *got.Price != 123450 ||
			*got.Weight != 12 || !got.Good || got.Due.Format(time.DateOnly) != "2026-03-09" || got.Effort != 26*time.Hour ||
			strings.Join(got.Tags, "") != "ab" || got.Helper != helper.ID || got.Stage != "open" || got.Number != "G-2026-000002" {
			t.Errorf("got %+v", got)
		}
		if want := time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC); !got.Seen.Equal(want) {
			t.Errorf("seen %v, want %v", got.Seen, want)
		}
		var sealed string
		_, err = db.View(ctx, b.DB, func(tx *db.Tx) (int, error) {
			return 0, tx.QueryRow(ctx, "SELECT id_number FROM gadgets WHERE id = ?", made.ID).Scan(&sealed)
		})
		if err != nil || strings.Contains(sealed, "1949") || sealed == "" {
			t.Errorf("stored identity number %q, %v", sealed, err)
		}
	})
}

func TestFaultsAreNamedAllAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		_, err := b.Runner.Do(ctx, b.Scope(b.Gadget, record.Create, storetest.Everything), action.Command{Type: "gadget", Action: record.Create, Input: map[string]any{
			"mobile": "12", "size": "huge", "price": "1.234", "nonsense": 1, "stage": "done", "due": "2026-02-30", "notes": "a\x00b", "weight": []any{},
		}})
		e := errs.As(err)
		if e == nil || e.Kind != errs.Invalid {
			t.Fatalf("err = %v", err)
		}
		got := map[string]string{}
		for _, f := range e.Fields {
			got[f.Field] = f.Key
		}
		want := map[string]string{
			"mobile": "field.want_phone", "size": "field.unknown_option", "price": "field.want_money", "nonsense": "field.unknown",
			"stage": "field.read_only", "due": "field.want_date", "notes": "field.control_character", "weight": "field.want_number",
		}
		for name, key := range want {
			if got[name] != key {
				t.Errorf("%s: %q, want %q", name, got[name], key)
			}
		}
	})
}

func TestSecondWriterIsToldWhatChanged(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		g := b.Create(t, map[string]any{"name": "one"})
		scope := b.Scope(b.Gadget, record.Update, storetest.Everything)
		update := func(version int64, in map[string]any) error {
			_, err := b.Runner.Do(ctx, scope, action.Command{Type: "gadget", Action: record.Update, ID: g.ID, Input: in, IfVersion: version})
			return err
		}
		if err := update(1, map[string]any{"notes": "first"}); err != nil {
			t.Fatal(err)
		}
		if err := update(1, map[string]any{"notes": "second"}); !errs.Is(err, errs.Stale) {
			t.Fatalf("second write: %v, want stale", err)
		}
		changed, err := db.View(ctx, b.DB, func(tx *db.Tx) ([]store.HistoryEntry, error) { return b.Store.ChangedSince(ctx, tx, g.ID, 1) })
		if err != nil || len(changed) != 1 || len(changed[0].Changes) != 1 || changed[0].Changes[0].To != "first" {
			t.Errorf("changed since 1: %+v, %v", changed, err)
		}
		if err := update(2, map[string]any{"notes": "second"}); err != nil {
			t.Errorf("write from the present version: %v", err)
		}
	})
}

func TestActionsKeepStateAndConsequencesTogether(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		g := b.Create(t, map[string]any{"name": "one"})
		do := func(in map[string]any) error {
			_, err := b.Runner.Do(ctx, b.Scope(b.Gadget, "finish", storetest.Everything), action.Command{Type: "gadget", Action: "finish", ID: g.ID, Input: in})
			return err
		}
		if err := do(nil); errs.KeyOf(err) != "field.required" {
			t.Errorf("without outcome: %v", err)
		}
		if err := do(map[string]any{"outcome": "broken"}); errs.KeyOf(err) != "gadget.broken" {
			t.Errorf("rule of the room: %v", err)
		}
		if err := do(map[string]any{"outcome": "fine", "parts": "2"}); err != nil {
			t.Fatal(err)
		}
		if err := do(map[string]any{"outcome": "again"}); errs.KeyOf(err) != "record.wrong_state" {
			t.Errorf("from a wrong state: %v", err)
		}
		n, err := db.View(ctx, b.DB, func(tx *db.Tx) (int, error) {
			n, _, err := b.Store.Count(ctx, tx, b.Part, b.Scope(b.Part, record.Read, storetest.Everything), record.Query{Filter: record.Where("gadget_id", g.ID)})
			return n, err
		})
		if n != 2 || err != nil {
			t.Errorf("%d parts, %v", n, err)
		}
		var events int
		_, err = db.View(ctx, b.DB, func(tx *db.Tx) (int, error) {
			if _, _, err := audit.Verify(ctx, tx); err != nil {
				t.Error(err)
			}
			return 0, tx.QueryRow(ctx, "SELECT COUNT(*) FROM events WHERE name IN ('gadget.finish', 'part.create')").Scan(&events)
		})
		if events != 3 || err != nil {
			t.Errorf("%d events, %v", events, err)
		}
	})
}

func TestPagesLoseAndRepeatNothing(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		for i := range 23 {
			in := map[string]any{"name": fmt.Sprintf("g%02d", i)}
			if i%3 != 0 {
				in["due"] = fmt.Sprintf("2026-03-%02d", 1+i%5)
			}
			if i%2 == 0 {
				in["size"] = "large"
			}
			b.Create(t, in)
		}
		scope := b.Scope(b.Gadget, record.Read, storetest.Everything)
		for _, sort := range []string{"", "name", "due", "size", "created_at"} {
			for _, desc := range []bool{false, true} {
				seen, q := map[string]bool{}, record.Query{Sort: sort, Desc: desc, Limit: 4, Count: true}
				for pages := 0; ; pages++ {
					names, page, err := list(t, b, scope, q)
					if err != nil || page.Total != 23 || pages > 6 {
						t.Fatalf("sort %q desc %v: %v, total %d, page %d", sort, desc, err, page.Total, pages)
					}
					for _, n := range names {
						if seen[n] {
							t.Errorf("sort %q desc %v: %s twice", sort, desc, n)
						}
						seen[n] = true
					}
					if q.After = page.Next; page.Next == "" {
						break
					}
				}
				if len(seen) != 23 {
					t.Errorf("sort %q desc %v: %d of 23", sort, desc, len(seen))
				}
			}
		}
		if _, _, err := list(t, b, scope, record.Query{After: "bm9uc2Vuc2U"}); errs.KeyOf(err) != "list.bad_cursor" {
			t.Errorf("broken cursor: %v", err)
		}
	})
}

func TestScopeLimitsRowsAndFilters(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		mine := b.Create(t, map[string]any{"name": "mine", "mobile": "13800138000", "owner_id": record.ID(9).String()})
		other := b.Create(t, map[string]any{"name": "other", "mobile": "13900139000", "id_number": "11010519491231002X", "owner_id": record.ID(8).String()})
		own := b.Scope(b.Gadget, record.Read, record.Rows{Owner: 9})
		if _, err := get(b, own, other.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("hidden record: %v", err)
		}
		if names, _, err := list(t, b, own, record.Query{}); err != nil || len(names) != 1 || names[0] != "mine" {
			t.Errorf("own list = %v, %v", names, err)
		}
		masked := record.NewScope(record.Scope{Type: "gadget", Action: record.Read, Visible: storetest.Everything, Clear: map[record.Class]record.Rows{record.Personal: {Owner: 9}}})
		phone := func(n string) record.Query {
			f, err := b.Gadget.Condition("mobile", field.Eq, n, record.FilterContext{})
			if err != nil {
				t.Fatal(err)
			}
			return record.Query{Filter: f}
		}
		if names, _, _ := list(t, b, masked, phone("13800138000")); len(names) != 1 {
			t.Errorf("own telephone: %v", names)
		}
		if names, _, _ := list(t, b, masked, phone("13900139000")); len(names) != 0 {
			t.Errorf("filter by a masked telephone leaks %v", names)
		}
		if names, _, _ := list(t, b, masked, record.Query{Text: "0013"}); len(names) != 1 || names[0] != "mine" {
			t.Errorf("fragment of an own telephone finds %v", names)
		}
		if names, _, _ := list(t, b, masked, record.Query{Text: "0013900"}); len(names) != 0 {
			t.Errorf("fragment of a masked telephone leaks %v", names)
		}
		full := b.Scope(b.Gadget, record.Read, storetest.Everything)
		if names, _, err := list(t, b, full, record.Query{Text: "11010519491231002x"}); err != nil || len(names) != 1 || names[0] != "other" {
			t.Errorf("whole identity number finds %v, %v", names, err)
		}
		if names, _, _ := list(t, b, full, record.Query{Text: "11010519491231"}); len(names) != 0 {
			t.Errorf("part of an identity number finds %v", names)
		}
		idFilter, err := b.Gadget.Condition("id_number", field.Eq, "11010519491231002X", record.FilterContext{})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := list(t, b, masked, record.Query{Filter: idFilter}); errs.KeyOf(err) != "filter.masked_field" {
			t.Errorf("filter by a hidden field: %v", err)
		}
		_ = mine
	})
}

func TestRecusedPersonSeesNeitherRecordNorParts(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		g := b.Create(t, map[string]any{"name": "secret"})
		part := b.Scope(b.Part, record.Create, storetest.Everything)
		if _, err := b.Runner.Do(ctx, part, action.Command{Type: "part", Action: record.Create, Input: map[string]any{"gadget_id": g.ID.String(), "label": "x"}}); err != nil {
			t.Fatal(err)
		}
		err := db.Do(ctx, b.DB, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO recusals (id, record_id, type, user_id, at) VALUES (1, ?, 'gadget', 9, ?)", g.ID, b.Clock.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		scope := record.NewScope(record.Scope{Type: "gadget", Action: record.Read, Visible: storetest.Everything, Recuse: 9})
		if _, err := get(b, scope, g.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("recused: %v", err)
		}
		if names, _, err := list(t, b, scope, record.Query{Text: "secret"}); err != nil || len(names) != 0 {
			t.Errorf("recused finds %v, %v", names, err)
		}
		parts := record.NewScope(record.Scope{Type: "part", Action: record.Read, Visible: storetest.Everything, Recuse: 9,
			Parents: []record.ParentScope{{Field: "gadget_id", Of: b.Gadget, Visible: storetest.Everything}}})
		n, err := db.View(ctx, b.DB, func(tx *db.Tx) (int, error) {
			n, _, err := b.Store.Count(ctx, tx, b.Part, parts, record.Query{})
			return n, err
		})
		if n != 0 || err != nil {
			t.Errorf("recused sees %d parts, %v", n, err)
		}
	})
}

func TestSearchFindsChinesePinyinAndNumbers(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		for _, n := range []string{"贵州茅台", "茅台学院服务", "贵州轮胎", "中国平安"} {
			b.Create(t, map[string]any{"name": n, "notes": "客户来电咨询保修"})
		}
		scope := b.Scope(b.Gadget, record.Read, storetest.Everything)
		first := func(text string) string {
			hits, err := db.View(ctx, b.DB, func(tx *db.Tx) ([]store.Hit, error) {
				return b.Store.Search(ctx, tx, []record.Scope{scope}, text, 10)
			})
			if err != nil || len(hits) == 0 {
				return fmt.Sprintf("%d hits, %v", len(hits), err)
			}
			return hits[0].Record.(*storetest.Gadget).Name
		}
		for text, want := range map[string]string{
			"贵州茅台": "贵州茅台", "gzmt": "贵州茅台", "maotai": "贵州茅台", "轮胎": "贵州轮胎", "平": "中国平安", "G-2026-000004": "中国平安",
		} {
			if got := first(text); got != want {
				t.Errorf("search %q: %s, want %s", text, got, want)
			}
		}
		if names, _, err := list(t, b, scope, record.Query{Text: "咨询保修"}); err != nil || len(names) != 4 {
			t.Errorf("words in notes: %v, %v", names, err)
		}
		for _, odd := range []string{`"`, `' OR 1=1 --`, "*", "NEAR(", "t_gadget", "茅' & '台", ""} {
			if _, _, err := list(t, b, scope, record.Query{Text: odd}); err != nil {
				t.Errorf("search %q: %v", odd, err)
			}
		}
	})
}

func TestBulkAndUndo(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		one, two := b.Create(t, map[string]any{"name": "one"}), b.Create(t, map[string]any{"name": "two"})
		batch, out, err := b.Runner.Bulk(ctx, b.Scope(b.Gadget, record.Archive, storetest.Everything),
			action.Command{Type: "gadget", Action: record.Archive}, []record.ID{one.ID, two.ID, 12345})
		if err != nil || out[0].Err != nil || out[1].Err != nil || !errs.Is(out[2].Err, errs.NotFound) {
			t.Fatalf("bulk: %v, %+v", err, out)
		}
		scope := b.Scope(b.Gadget, record.Update, storetest.Everything)
		if names, _, _ := list(t, b, scope, record.Query{}); len(names) != 0 {
			t.Errorf("live after archiving: %v", names)
		}
		restore := b.Scope(b.Gadget, record.Restore, storetest.Everything)
		if _, err := b.Runner.Do(ctx, restore, action.Command{Type: "gadget", Action: record.Restore, ID: two.ID}); err != nil {
			t.Fatal(err)
		}
		done, left, err := b.Runner.Undo(ctx, scope, batch)
		if err != nil || done != 1 || left != 1 {
			t.Errorf("Undo = %d, %d, %v", done, left, err)
		}
		if names, _, err := list(t, b, scope, record.Query{Text: "one"}); err != nil || len(names) != 1 {
			t.Errorf("after undo search finds %v, %v", names, err)
		}
	})
}

func TestScopesOfOthersAreRefused(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		for name, scope := range map[string]record.Scope{"made by hand": {Type: "gadget", Visible: storetest.Everything}, "other type": b.Scope(b.Part, record.Read, storetest.Everything)} {
			if _, _, err := list(t, b, scope, record.Query{}); !errors.Is(err, store.ErrScope) {
				t.Errorf("%s: %v", name, err)
			}
		}
		read := b.Scope(b.Gadget, record.Read, storetest.Everything)
		if _, err := b.Runner.Do(ctx, read, action.Command{Type: "gadget", Action: record.Update, ID: 1}); !errors.Is(err, store.ErrScope) {
			t.Errorf("scope of another action: %v", err)
		}
	})
}

func TestUniqueAmongTheLiving(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		one := b.Create(t, map[string]any{"name": "one", "code": "X"})
		create := func() error {
			_, err := b.Runner.Do(ctx, b.Scope(b.Gadget, record.Create, storetest.Everything), action.Command{Type: "gadget", Action: record.Create, Input: map[string]any{"name": "two", "code": "X"}})
			return err
		}
		if err := create(); errs.KeyOf(err) != "field.not_unique" || errs.As(err).Field != "code" {
			t.Errorf("same code: %v", err)
		}
		if _, err := b.Runner.Do(ctx, b.Scope(b.Gadget, record.Archive, storetest.Everything), action.Command{Type: "gadget", Action: record.Archive, ID: one.ID}); err != nil {
			t.Fatal(err)
		}
		if err := create(); err != nil {
			t.Errorf("code of an archived record: %v", err)
		}
	})
}

func TestCustomFields(t *testing.T) {
	each(t, func(t *testing.T, b *storetest.Bench) {
		kinds := field.Kinds()
		err := b.Store.Types.Extend("gadget", []*record.Field{
			{Name: "stock_code", Kind: kinds["text"], Class: record.Internal, Search: true},
			{Name: "first_deal", Kind: kinds["date"], Class: record.Internal},
			{Name: "seats", Kind: kinds["number"], Class: record.Internal},
		})
		if err != nil {
			t.Fatal(err)
		}
		b.Gadget = b.Store.Types.Type("gadget")
		g := b.Create(t, map[string]any{"name": "贵州茅台", "stock_code": "600519", "first_deal": "2001-08-27", "seats": "12"})
		scope := b.Scope(b.Gadget, record.Read, storetest.Everything)
		got, err := get(b, scope, g.ID)
		if err != nil || got.Custom["stock_code"] != "600519" || got.Custom["seats"] != int64(12) || b.Gadget.Field("first_deal").Kind.Text(got.Custom["first_deal"]) != "2001-08-27" {
			t.Fatalf("custom = %+v, %v", got, err)
		}
		if names, _, err := list(t, b, scope, record.Query{Text: "600519"}); err != nil || len(names) != 1 {
			t.Errorf("search by a custom field: %v, %v", names, err)
		}
		for _, cond := range []string{"seats:gt:10", "first_deal:lt:2002-01-01", "stock_code:eq:600519", "seats:filled"} {
			f, err := b.Gadget.ParseCondition(cond, record.FilterContext{})
			if err != nil {
				t.Fatal(err)
			}
			if names, _, err := list(t, b, scope, record.Query{Filter: f}); err != nil || len(names) != 1 {
				t.Errorf("%s: %v, %v", cond, names, err)
			}
		}
	})
}
