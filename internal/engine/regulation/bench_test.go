package regulation_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/ids"
)

// BenchmarkAction is the price of an update with so many guards on it, half of which apply. What the clauses add is the
// difference to none.
func BenchmarkAction(b *testing.B) {
	for _, n := range []int{0, 10, 100, 1000} {
		b.Run(fmt.Sprintf("guards=%d", n), func(b *testing.B) {
			h := newBench(b, dbtest.SQLite(b))
			h.force(b, guards(n)...)
			a, err := h.records.Actor(ctx, h.people["clerk"])
			if err != nil {
				b.Fatal(err)
			}
			v, err := h.records.Do(ctx, a, action.Command{Type: "ticket", Action: record.Create, Input: map[string]any{"subject": "漏水"}})
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			for i := range b.N {
				h.clock.Advance(5 * time.Millisecond) // what is in force is looked up once in two seconds
				_, err := h.records.Do(ctx, a, action.Command{Type: "ticket", Action: record.Update, ID: v.Record.ID, Input: map[string]any{"result": fmt.Sprint(i)}})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func guards(n int) []*regulation.Binding {
	var out []*regulation.Binding
	for i := range n {
		cond := "record.urgent"
		if i%2 == 0 {
			cond = "!record.urgent"
		}
		out = append(out, &regulation.Binding{ClauseKey: "x1.12", Control: "guard", Spec: fmt.Sprintf(
			"on: ticket.update\nif: %s\nrefuse_if: record.subject == \"不可能%d\" && size(record.result) > 3\nsay: {zh: 不行, en: No}\n", cond, i)})
	}
	return out
}

// BenchmarkTick is a tick over so many running clocks, none of which is due.
func BenchmarkTick(b *testing.B) {
	h := newBench(b, dbtest.SQLite(b))
	v := h.force(b)
	const running = 100_000
	for from := 0; from < running; from += 1000 {
		err := db.Do(ctx, h.db, func(tx *db.Tx) error {
			for i := from; i < from+1000; i++ {
				due := friday.Add(time.Duration(i+3600) * time.Minute)
				k := &evidence.Clock{
					ID: ids.ID(i + 1), Regulation: "x1", Clause: "x1.12", Version: v.ID, Binding: 1, Type: "ticket", Record: ids.ID(i + 1), State: evidence.Running,
					StartedAt: friday, DueAt: due, WarnAt: due.Add(-time.Hour),
				}
				if err := evidence.Start(ctx, tx, k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for range b.N {
		if _, err := h.engine.Tick(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
