package interaction_test

import "testing"

func TestPromisesAboutARecordThatAreNotKept(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		c := b.client(t, nil)
		about := b.create(t, b.li, "task", map[string]any{"title": "移机", "kind": "other", "customer_id": c.String()})
		promise := func(content, typ string) string {
			return b.create(t, b.li, "promise", map[string]any{
				"customer_id": c.String(), "content": content, "due_at": "2026-03-03T12:00", "about_type": typ, "about_id": about.String(),
			}).String()
		}
		promise("免费移机", "task")
		promise("回电", "case")
		want := func(n int64) {
			t.Helper()
			if got := b.fact(t, "promises_unkept_about", "task", about); got != n {
				t.Errorf("%v promises not kept, want %d", got, n)
			}
		}
		want(1)
		for _, act := range []string{"keep", "break", "release"} {
			id := b.create(t, b.li, "promise", map[string]any{
				"customer_id": c.String(), "content": act, "due_at": "2026-03-03T12:00", "about_type": "task", "about_id": about.String(),
			})
			b.do(t, b.li, "promise", act, id, map[string]any{"outcome": "说明"})
		}
		want(2) // the open one and the broken one
	})
}
