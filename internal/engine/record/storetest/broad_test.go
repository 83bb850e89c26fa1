package storetest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/record/storetest"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
)

// walk reads all pages of a list and returns the codes in their order.
func walk(t *testing.T, b *storetest.Bench, scope record.Scope, q record.Query) (out []string, first record.Page) {
	t.Helper()
	ctx := context.Background()
	for {
		page, err := db.View(ctx, b.DB, func(tx *db.Tx) (record.Page, error) { return b.Store.List(ctx, tx, b.Gadget, scope, q) })
		if err != nil {
			t.Fatal(err)
		}
		if q.After == "" {
			first = page
		}
		for _, e := range page.Items {
			out = append(out, e.(*storetest.Gadget).Code)
		}
		if page.Next == "" {
			return out, first
		}
		q.After = page.Next
	}
}

// TestListsOfManyAndFewAgree: a list that is read along its order, because many rows meet its filter, holds the same
// rows in the same order as one that is read by its filter; so does one with recusals named and one with too many of them.
func TestListsOfManyAndFewAgree(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, ctx := storetest.New(t, d), context.Background()
		var list []*storetest.Gadget
		for i := range 2_400 {
			g := b.Gadget.New().(*storetest.Gadget)
			g.Name, g.Code, g.Size, g.Stage, g.UnitID = fmt.Sprintf("茶壶%d", i*7919%2400), fmt.Sprintf("c%04d", i), "large", "open", record.ID(1+i%3)
			if i%200 == 0 {
				g.Size, g.Stage = "small", "done"
			}
			list = append(list, g)
		}
		if faults, err := place(b, list, false); err != nil || slices.ContainsFunc(faults, func(e error) bool { return e != nil }) {
			t.Fatal(err)
		}
		want := func(keep func(*storetest.Gadget) bool, by func(a, b *storetest.Gadget) int) []string {
			var kept []*storetest.Gadget
			for _, g := range list {
				if keep(g) {
					kept = append(kept, g)
				}
			}
			slices.SortFunc(kept, by)
			out := make([]string, len(kept))
			for i, g := range kept {
				out[i] = g.Code
			}
			return out
		}
		byName := func(a, b *storetest.Gadget) int { return strings.Compare(a.Name, b.Name) }
		newest := func(a, b *storetest.Gadget) int { return strings.Compare(b.Code, a.Code) }
		all := record.Scope{Type: "gadget", Action: record.Read, Visible: storetest.Everything}
		units := all
		units.Visible = record.Rows{Units: []record.ID{1, 2, 3}}
		large := record.Query{Filter: record.Where("size", "large"), Sort: "name", Limit: 200, Count: true}
		notDone := record.Query{Filter: record.Filter{Field: "stage", Op: field.NotIn, Value: []any{"done"}}, Limit: 200}
		for name, c := range map[string]struct {
			scope record.Scope
			q     record.Query
			want  []string
		}{
			"many, sorted":           {all, large, want(func(g *storetest.Gadget) bool { return g.Size == "large" }, byName)},
			"few, sorted":            {all, record.Query{Filter: record.Where("size", "small"), Sort: "name", Limit: 5}, want(func(g *storetest.Gadget) bool { return g.Size == "small" }, byName)},
			"many of some units":     {units, record.Query{Limit: 200}, want(func(*storetest.Gadget) bool { return true }, newest)},
			"none of a state, many":  {units, notDone, want(func(g *storetest.Gadget) bool { return g.Stage != "done" }, newest)},
			"none of the other, few": {units, record.Query{Filter: record.Filter{Field: "stage", Op: field.NotIn, Value: []any{"open"}}}, want(func(g *storetest.Gadget) bool { return g.Stage == "done" }, newest)},
		} {
			got, first := walk(t, b, record.NewScope(c.scope), c.q)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %d rows, want %d; or another order", name, len(got), len(c.want))
			}
			if c.q.Count && first.Total != len(c.want) {
				t.Errorf("%s: total %d, want %d", name, first.Total, len(c.want))
			}
		}
		for _, n := range []int{3, 70} { // fewer and more than are named in a statement
			err := db.Do(ctx, d, func(tx *db.Tx) error {
				for i, g := range list[:n] {
					_, err := tx.Exec(ctx, "INSERT INTO recusals (id, record_id, type, user_id, at) VALUES (?, ?, 'gadget', ?, ?)", n*1000+i, g.ID, n, b.Clock.Now())
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			hidden := all
			hidden.Recuse = record.ID(n)
			if got, _ := walk(t, b, record.NewScope(hidden), record.Query{Limit: 200}); len(got) != len(list)-n || slices.Contains(got, list[0].Code) {
				t.Errorf("recused from %d: sees %d", n, len(got))
			}
		}
	})
}
