package app_test

import (
	"context"
	"testing"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/condition"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/errs"
)

// sample is a value that every comparison of the operand can read.
func sample(o condition.Operand, op condition.Op) string {
	if op == condition.Older || op == condition.Within {
		return "3"
	}
	if o.Field != nil && o.Field.Kind.Name() == "duration" {
		return "2h"
	}
	if o.Field != nil && len(o.Field.Options.Enum) > 0 {
		return o.Field.Options.Enum[0]
	}
	return "3"
}

// TestEveryChoiceOfTheEditorCompiles: whatever can be chosen of any type is a condition the engine accepts.
func TestEveryChoiceOfTheEditorCompiles(t *testing.T) {
	t.Parallel()
	c := openCompany(t)
	n := 0
	for _, typ := range c.Types.Types() {
		for _, o := range condition.Operands(typ, c.Engine.Compiler.Facts()) {
			if o.Fact != nil && typ.Name != "case" && typ.Name != "customer" {
				continue // facts read the same for every type
			}
			for _, op := range o.Ops {
				text, err := condition.Write([]condition.Test{{Operand: o, Op: op, Value: sample(o, op)}}, false)
				if err == nil {
					_, err = c.Engine.Compiler.Compile(text, rule.Subject{Type: typ.Name, Action: record.Update}, rule.Bool)
				}
				if err != nil {
					t.Errorf("%s %s %s: %q: %v", typ.Name, o.Key, op, text, err)
				}
				n++
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d choices", n)
	}
}

func TestConditionsAreWrittenAndMistakesNamed(t *testing.T) {
	t.Parallel()
	c := openCompany(t)
	ops := map[string]condition.Operand{}
	for _, o := range condition.Operands(c.Types.Type("case"), c.Engine.Compiler.Facts()) {
		ops[o.Key] = o
	}
	text, err := condition.Write([]condition.Test{
		{Operand: ops["field.kind"], Op: condition.Is, Value: "complaint"}, {Operand: ops["field.content"], Op: condition.Contains, Value: `他说"好"`},
	}, true)
	if want := `record.kind == "complaint" || record.content.contains("他说\"好\"")`; err != nil || text != want {
		t.Errorf("%q, %v, want %q", text, err, want)
	}
	_, err = condition.Write([]condition.Test{{Operand: ops["field.kind"], Op: condition.Above, Value: "1"}, {Operand: ops["field.content"], Op: condition.Is}}, false)
	if e := errs.As(err); !errs.Is(err, errs.Invalid) || len(e.Fields) != 2 || e.Fields[0].Field != "op-0" || e.Fields[1].Field != "value-1" {
		t.Errorf("%v", err)
	}
}

// TestTrialCountsWhatAConditionWouldHaveRefused on records of the past month the reader may see.
func TestTrialCountsWhatAConditionWouldHaveRefused(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := openCompany(t)
	c.add(t, "general")
	clerk := c.hire(t, "k1", "customer_clerk", "customer_department")
	c.in(t, func(ctx context.Context, call *record.Call) error {
		for _, name := range []string{"甲公司", "乙公司", "丙公司"} {
			rec := c.Types.Type("customer").New()
			typ := c.Types.Type("customer")
			typ.Field("name").Set(rec, name)
			for _, f := range []string{"source", "legal_basis"} {
				typ.Field(f).Set(rec, typ.Field(f).Options.Enum[0])
			}
			rec.HeadOf().UnitID = clerk.Unit()
			if err := call.Work.Insert(ctx, call, "customer", rec); err != nil {
				return err
			}
		}
		return nil
	})
	c.sign(t, clerk)
	lab := condition.Lab{Engine: c.Engine}
	since := monday.AddDate(0, -1, 0)
	got, err := lab.Try(ctx, clerk, "customer.create", `record.name.contains("乙")`, since)
	if err != nil || got.Seen != 3 || got.Hit != 1 || len(got.Examples) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = lab.Try(ctx, clerk, "customer.create", `input.name == "x"`, since); err != nil || got.Unclear != 3 {
		t.Errorf("asks for the input: %+v, %v", got, err)
	}
	if got, err = lab.Try(ctx, clerk, "customer.create", "true", c.Clock.Now().Add(time.Hour)); err != nil || got.Seen != 0 {
		t.Errorf("later: %+v, %v", got, err)
	}
	if _, err = lab.Try(ctx, clerk, "customer.fly", "true", since); !errs.Is(err, errs.Invalid) {
		t.Errorf("no such event: %v", err)
	}
	if _, err = lab.Try(ctx, clerk, "customer.create", "record.nam", since); err == nil {
		t.Error("a mistake compiles")
	}
}

// sign puts the person's name under everything that waits for it.
func (c *company) sign(t *testing.T, a access.Actor) {
	t.Helper()
	var open []record.ID
	c.in(t, func(ctx context.Context, call *record.Call) error {
		list, err := record.Find[regulation.Acknowledgement](ctx, call, "acknowledgement", record.All(record.Where("owner_id", a.UserID), record.Where("status", "outstanding")), 50)
		for _, x := range list {
			open = append(open, x.ID)
		}
		return err
	})
	for _, id := range open {
		c.act(t, a, "acknowledgement", "sign", id, nil)
	}
}
