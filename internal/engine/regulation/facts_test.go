package regulation_test

import (
	"testing"
	"time"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
)

// fact asks a fact of the engine.
func (b *bench) fact(t *testing.T, name string, args ...any) any {
	t.Helper()
	var out any
	b.system(t, func(c *record.Call) (err error) {
		c.Now = b.clock.Now()
		for _, f := range b.engine.Facts() {
			if f.Name == name {
				out, err = f.Call(ctx, c, args)
				return err
			}
		}
		t.Fatalf("no fact %s", name)
		return nil
	})
	return out
}

func TestFactsAboutSignaturesAndBoundClauses(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		v, clerk := b.force(t, bind("guard", guardSpec), bind("acknowledge", "within: 7d\n")), b.people["clerk"]
		want := func(want any, name string, args ...any) {
			t.Helper()
			if got := b.fact(t, name, args...); got != want {
				t.Errorf("%s%v = %v, want %v", name, args, got, want)
			}
		}
		want(int64(2), "controls_bound", v.ID, "x1.12")
		want(int64(0), "controls_bound", v.ID, "x1.13")
		want("x1", "regulation_key", v.ID)
		want("", "regulation_key", record.ID(0))
		want(false, "signature_overdue", clerk, "x1")
		b.clock.Advance(8 * 24 * time.Hour)
		want(true, "signature_overdue", clerk, "x1")
		want(false, "signature_overdue", clerk, "x2")
		task := newestOf(t, b, clerk)
		if err := b.as(t, "clerk", "acknowledgement", "sign", task, nil); err != nil {
			t.Fatal(err)
		}
		want(false, "signature_overdue", clerk, "x1")
		want(true, "has_signed", clerk, "x1")
	})
}

// newestOf is the last task to sign of a person.
func newestOf(t *testing.T, b *bench, who record.ID) (id record.ID) {
	t.Helper()
	b.system(t, func(c *record.Call) error {
		list, err := record.Find[regulation.Acknowledgement](ctx, c, "acknowledgement", record.Where("owner_id", who), 10)
		if len(list) > 0 {
			id = list[len(list)-1].ID
		}
		return err
	})
	return id
}

func TestARegulationBelongsToTheFirstUnitItCovers(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var v *regulation.Version
		b.system(t, func(c *record.Call) (err error) {
			v, err = b.engine.Store(ctx, c, &regulation.Draft{
				Key: "x3", Title: "部门制度", CoverUnits: []record.ID{b.company}, Clauses: []*regulation.Clause{{Key: "x3.1", Body: "须登记。", Level: "article"}},
			})
			return err
		})
		b.system(t, func(c *record.Call) error {
			r, err := record.Load[regulation.Regulation](ctx, c, "regulation", v.RegulationID)
			if err != nil {
				return err
			}
			cl, err := record.Find[regulation.Clause](ctx, c, "clause", record.Where("version_id", v.ID), 5)
			if err == nil && (r.UnitID != b.company || v.UnitID != b.company || len(cl) != 1 || cl[0].UnitID != b.company) {
				t.Errorf("regulation %s, version %s, clauses %+v", r.UnitID, v.UnitID, cl)
			}
			return err
		})
	})
}

// TestHandingARecordOutDoesNotEscapeTheRule: the unit a record is taken from keeps its say about that action.
func TestHandingARecordOutDoesNotEscapeTheRule(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		other := &org.Unit{Name: "市场部", Kind: "department"}
		b.system(t, func(c *record.Call) error {
			if err := c.Work.Insert(ctx, c, "unit", other); err != nil {
				return err
			}
			v, err := b.engine.Store(ctx, c, &regulation.Draft{
				Key: "x1", Title: "部门制度", CoverUnits: []record.ID{b.company},
				Clauses: []*regulation.Clause{{Key: "x1.12", Printed: "第十二条", Body: "移交须写明处理情况。", Level: "article"}},
				Bindings: []*regulation.Binding{{ClauseKey: "x1.12", Control: "guard",
					Spec: "on: ticket.assign\nrefuse_if: record.result == \"\"\nsay: {zh: 请先写明处理情况, en: Say what was done first}\n"}},
			})
			if err != nil {
				return err
			}
			return b.engine.Advance(ctx, c, v)
		})
		id := b.must(t, "clerk", record.Create, 0, map[string]any{"subject": "漏水"})
		away := map[string]any{"unit_id": other.ID.String(), "reason": "归他们管"}
		if _, err := b.do(t, "clerk", record.Assign, id, away); err == nil {
			t.Error("handed out without a word of what was done")
		}
		b.must(t, "clerk", record.Update, id, map[string]any{"result": "已查明"})
		b.must(t, "clerk", record.Assign, id, away)
		b.must(t, "clerk", record.Update, id, map[string]any{"result": ""})
		b.must(t, "clerk", record.Assign, id, map[string]any{"owner_id": b.people["manager"].String(), "reason": "在别处"})
	})
}
