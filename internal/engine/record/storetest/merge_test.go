package storetest_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/record/storetest"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

func merge(b *storetest.Bench, m action.Merge) (action.Merged, error) {
	m.Type = "gadget"
	return b.Runner.Merge(ctx, b.Scope(b.Gadget, record.Merge, storetest.Everything), m)
}

func unmerge(b *storetest.Bench, id record.ID) error {
	_, err := b.Runner.Unmerge(ctx, b.Scope(b.Gadget, record.Merge, storetest.Everything), id)
	return err
}

func gadget(t testing.TB, b *storetest.Bench, id record.ID) *storetest.Gadget {
	t.Helper()
	e, err := db.View(ctx, b.DB, func(tx *db.Tx) (record.Entity, error) {
		return b.Store.Get(ctx, tx, b.Gadget, b.Scope(b.Gadget, record.Read, storetest.Everything), id)
	})
	if err != nil {
		t.Fatal(err)
	}
	return e.(*storetest.Gadget)
}

func part(t testing.TB, b *storetest.Bench, in map[string]any) record.ID {
	t.Helper()
	res, err := b.Runner.Do(ctx, b.Scope(b.Part, record.Create, storetest.Everything), action.Command{Type: "part", Action: record.Create, Input: in})
	if err != nil {
		t.Fatal(err)
	}
	return res.Record.HeadOf().ID
}

// rows writes down everything that a merge may touch, but for versions and who wrote last.
func rows(t interface{ Fatal(...any) }, b *storetest.Bench) string {
	out, err := db.View(ctx, b.DB, func(tx *db.Tx) (string, error) {
		var lines []string
		for _, typ := range []*record.Type{b.Gadget, b.Part} {
			for _, archived := range []bool{false, true} {
				page, err := b.Store.List(ctx, tx, typ, b.Scope(typ, record.Read, storetest.Everything), record.Query{Sort: "id", Limit: 200, Archived: archived})
				if err != nil {
					return "", err
				}
				for _, e := range page.Items {
					line := fmt.Sprint(typ.Name, archived)
					for _, f := range append(record.HeadFields(), typ.Fields...) {
						if !strings.HasPrefix(f.Name, "updated_") && f.Name != "lock_version" {
							line += "|" + f.Kind.Text(f.Get(e))
						}
					}
					lines = append(lines, line)
				}
			}
		}
		for _, q := range []string{
			"SELECT record_id || ' ' || id || ' ' || body FROM record_comments ORDER BY id", "SELECT record_id || ' ' || id || ' ' || name FROM record_files ORDER BY id",
			"SELECT record_id || ' ' || user_id || ' ' || reason || ' ' || COALESCE(CAST(ended_at AS TEXT), '') FROM recusals ORDER BY record_id, user_id",
			"SELECT id || ' ' || survivor_id FROM merged_records ORDER BY id",
		} {
			list, err := texts(tx, q)
			if err != nil {
				return "", err
			}
			lines = append(lines, list...)
		}
		return strings.Join(lines, "\n"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func found(t testing.TB, b *storetest.Bench, text string) []string {
	t.Helper()
	hits, err := db.View(ctx, b.DB, func(tx *db.Tx) ([]store.Hit, error) {
		return b.Store.Search(ctx, tx, []record.Scope{b.Scope(b.Gadget, record.Read, storetest.Everything)}, text, 10)
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, h := range hits {
		out = append(out, h.Record.HeadOf().Number)
	}
	return out
}

func TestMergeMovesEverythingAndLeadsToTheSurvivor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := storetest.New(t, d)
		one := b.Create(t, map[string]any{"name": "远山商贸", "size": "large", "notes": "甲", "tags": []any{"old"}})
		two := b.Create(t, map[string]any{"name": "近水贸易", "size": "small", "mobile": "13900139000", "id_number": "11010519491231002X", "code": "K7", "notes": "乙", "tags": []any{"new", "old"}})
		three := b.Create(t, map[string]any{"name": "第三", "helper": two.ID.String()})
		p := part(t, b, map[string]any{"gadget_id": two.ID.String(), "label": "x", "also": []any{one.ID.String(), two.ID.String()}, "about_type": "gadget", "about_id": two.ID.String()})
		dry, err := merge(b, action.Merge{Survivor: one.ID, Others: []record.ID{two.ID}, Dry: true})
		if err != nil || dry.ID != 0 || len(dry.Moved) != 4 || gadget(t, b, two.ID).Archived() {
			t.Fatalf("dry run: %+v, %v", dry, err)
		}
		done, err := merge(b, action.Merge{
			Survivor: one.ID, Others: []record.ID{two.ID}, Take: map[string]record.ID{"name": two.ID, "notes": 0, "tags": 0}, Reason: "同一家",
			Versions: map[record.ID]int64{one.ID: 1, two.ID: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		s := gadget(t, b, one.ID)
		if s.Name != "近水贸易" || s.Size != "large" || s.Mobile != "+8613900139000" || s.IDNumber != "11010519491231002X" || s.Code != "K7" || s.Notes != "甲\n\n乙" || !slices.Equal(s.Tags, []string{"old", "new"}) {
			t.Errorf("survivor %+v", s)
		}
		if !gadget(t, b, two.ID).Archived() || gadget(t, b, three.ID).Helper != one.ID {
			t.Error("the other is not archived, or what pointed at it does not point at the survivor")
		}
		e, err := db.View(ctx, b.DB, func(tx *db.Tx) (record.Entity, error) {
			return b.Store.Get(ctx, tx, b.Part, b.Scope(b.Part, record.Read, storetest.Everything), p)
		})
		if err != nil {
			t.Fatal(err)
		}
		moved := e.(*storetest.Part)
		if moved.GadgetID != one.ID || moved.AboutID != one.ID.String() || !slices.Equal(moved.Also, []record.ID{one.ID}) || moved.LockVersion != 4 {
			t.Errorf("part %+v", moved)
		}
		for _, text := range []string{two.Number, "近水", "jsmy"} {
			if got := found(t, b, text); !slices.Equal(got, []string{one.Number}) {
				t.Errorf("search for %s gives %v", text, got)
			}
		}
		if _, err := merge(b, action.Merge{Survivor: three.ID, Others: []record.ID{two.ID}}); errs.KeyOf(err) != "merge.already_into" {
			t.Errorf("merged twice: %v", err)
		}
		if err := unmerge(b, done.ID); err != nil {
			t.Fatal(err)
		}
		if err := unmerge(b, done.ID); errs.KeyOf(err) != "merge.undone" {
			t.Errorf("undone twice: %v", err)
		}
	})
}

func TestUndoOfAMergeSaysWhatChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := storetest.New(t, d)
		one, two, three := b.Create(t, map[string]any{"name": "一", "price": "5"}), b.Create(t, map[string]any{"name": "二", "mobile": "13900139000"}), b.Create(t, map[string]any{"name": "三"})
		p := part(t, b, map[string]any{"gadget_id": two.ID.String(), "label": "x"})
		done, err := merge(b, action.Merge{Survivor: one.ID, Others: []record.ID{two.ID}})
		if err != nil {
			t.Fatal(err)
		}
		set := func(t *testing.T, typ *record.Type, id record.ID, in map[string]any) {
			t.Helper()
			if _, err := b.Runner.Do(ctx, b.Scope(typ, record.Update, storetest.Everything), action.Command{Type: typ.Name, Action: record.Update, ID: id, Input: in}); err != nil {
				t.Fatal(err)
			}
		}
		set(t, b.Gadget, one.ID, map[string]any{"price": "7"}) // not of the merge
		set(t, b.Gadget, one.ID, map[string]any{"mobile": "13900139001"})
		if err := unmerge(b, done.ID); errs.KeyOf(err) != "merge.changed_field" || errs.As(err).Field != "mobile" {
			t.Errorf("a changed field: %v", err)
		}
		set(t, b.Gadget, one.ID, map[string]any{"mobile": "13900139000"})
		set(t, b.Part, p, map[string]any{"gadget_id": three.ID.String()})
		if err := unmerge(b, done.ID); errs.KeyOf(err) != "merge.changed_link" || errs.As(err).Args["number"] != "P-2026-000001" {
			t.Errorf("a record that went elsewhere: %v", err)
		}
		set(t, b.Part, p, map[string]any{"gadget_id": one.ID.String()})
		again, err := merge(b, action.Merge{Survivor: three.ID, Others: []record.ID{one.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if got := found(t, b, two.Number); !slices.Equal(got, []string{three.Number}) {
			t.Errorf("by way of another: %v", got)
		}
		if err := unmerge(b, done.ID); errs.KeyOf(err) != "merge.undo_later" {
			t.Errorf("the first before the second: %v", err)
		}
		for _, id := range []record.ID{again.ID, done.ID} {
			if err := unmerge(b, id); err != nil {
				t.Fatal(err)
			}
		}
		if g := gadget(t, b, one.ID); *g.Price != 700 || g.Mobile != "" {
			t.Errorf("after the undo %+v", g)
		}
	})
}

func TestMergeIsRefused(t *testing.T) {
	t.Parallel()
	b := storetest.New(t, dbtest.SQLite(t))
	one, two := b.Create(t, map[string]any{"name": "一"}), b.Create(t, map[string]any{"name": "二"})
	many := make([]record.ID, action.MaxMerge+1)
	tests := map[string]struct {
		m   action.Merge
		key string
	}{
		"none":          {action.Merge{Survivor: one.ID}, "merge.count"},
		"too many":      {action.Merge{Survivor: one.ID, Others: many}, "merge.count"},
		"itself":        {action.Merge{Survivor: one.ID, Others: []record.ID{one.ID}}, "merge.twice"},
		"absent":        {action.Merge{Survivor: one.ID, Others: []record.ID{4}}, "record.not_found"},
		"stale":         {action.Merge{Survivor: one.ID, Others: []record.ID{two.ID}, Versions: map[record.ID]int64{two.ID: 9}}, "merge.stale"},
		"no field":      {action.Merge{Survivor: one.ID, Others: []record.ID{two.ID}, Take: map[string]record.ID{"x": two.ID}}, "field.unknown"},
		"read only":     {action.Merge{Survivor: one.ID, Others: []record.ID{two.ID}, Take: map[string]record.ID{"outcome": two.ID}}, "field.read_only"},
		"of a stranger": {action.Merge{Survivor: one.ID, Others: []record.ID{two.ID}, Take: map[string]record.ID{"name": 4}}, "merge.no_part"},
		"joined names":  {action.Merge{Survivor: one.ID, Others: []record.ID{two.ID}, Take: map[string]record.ID{"name": 0}}, "merge.no_join"},
	}
	for name, tt := range tests {
		if _, err := merge(b, tt.m); errs.KeyOf(err) != tt.key {
			t.Errorf("%s: %v, want %s", name, err, tt.key)
		}
	}
	if _, err := b.Runner.Merge(ctx, b.Scope(b.Part, record.Merge, storetest.Everything), action.Merge{Type: "part", Survivor: 1, Others: []record.ID{2}}); errs.KeyOf(err) != "record.unknown_action" {
		t.Errorf("a type that does not merge: %v", err)
	}
}

func TestMergeAndUndoGiveTheSameRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := storetest.New(t, d)
		rapid.Check(t, func(r *rapid.T) {
			var all []record.ID
			for i := range rapid.IntRange(2, 5).Draw(r, "gadgets") {
				in := map[string]any{"name": rapid.SampledFrom([]string{"甲", "乙", "丙"}).Draw(r, "name")}
				for field, values := range map[string][]any{
					"mobile": {"", "13900139000"}, "id_number": {"", "11010519491231002X"}, "notes": {"", "话\n长"}, "size": {"", "small"}, "price": {nil, "0", "3.14"},
					"good": {true, false}, "due": {"", "2026-05-01"}, "seen": {"", "2026-03-02T02:03:04.000005Z"}, "effort": {"", "1h30m"}, "tags": {nil, []any{"a", "b"}},
				} {
					in[field] = rapid.SampledFrom(values).Draw(r, field)
				}
				if i > 0 && rapid.Bool().Draw(r, "points") {
					in["helper"] = all[0].String()
				}
				all = append(all, b.Create(t, in).ID)
			}
			for range rapid.IntRange(0, 4).Draw(r, "parts") {
				pick := func() string { return rapid.SampledFrom(all).Draw(r, "of").String() }
				p := map[string]any{"gadget_id": pick(), "label": "x", "also": []any{pick(), pick()}}
				if rapid.Bool().Draw(r, "about") {
					p["about_type"], p["about_id"] = "gadget", pick()
				}
				part(t, b, p)
			}
			beside(t, b, r, all)
			before := rows(r, b)
			n := rapid.IntRange(1, len(all)-1).Draw(r, "others")
			take := map[string]record.ID{}
			for _, f := range []string{"mobile", "id_number", "size", "due", "name"} {
				if rapid.Bool().Draw(r, "choose") {
					take[f] = all[rapid.IntRange(0, n).Draw(r, "from")]
				}
			}
			done, err := merge(b, action.Merge{Survivor: all[0], Others: all[1 : n+1], Take: take})
			if err != nil {
				r.Fatal(err)
			}
			if err := unmerge(b, done.ID); err != nil {
				r.Fatal(err)
			}
			if after := rows(r, b); after != before {
				r.Fatalf("before:\n%s\nafter:\n%s", before, after)
			}
		})
	})
}

// beside writes comments and recusals.
func beside(t testing.TB, b *storetest.Bench, r *rapid.T, all []record.ID) {
	err := db.Do(ctx, b.DB, func(tx *db.Tx) error {
		for i, id := range all {
			if rapid.Bool().Draw(r, "comment") {
				if err := b.Store.AddComment(ctx, tx, b.Gadget, b.Scope(b.Gadget, record.Comment, storetest.Everything), id, "话", nil); err != nil {
					return err
				}
			}
			var ended any
			switch rapid.IntRange(0, 2).Draw(r, "recusal") {
			case 0:
				continue
			case 1:
				ended = storetest.Start
			}
			if _, err := tx.Exec(ctx, "INSERT INTO recusals (id, record_id, type, user_id, reason, at, ended_at) VALUES (?, ?, 'gadget', 5, ?, ?, ?)",
				b.Store.IDs.Next(), id, fmt.Sprint("r", i), storetest.Start, ended); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func texts(tx *db.Tx, query string) ([]string, error) {
	var out []string
	err := tx.Each(ctx, query, nil, func(r *sql.Rows) error {
		var s string
		err := r.Scan(&s)
		out = append(out, s)
		return err
	})
	return out, err
}
