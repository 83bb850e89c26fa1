package breach_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/regulation/breach"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
	"dianke/internal/platform/vault"
)

var ctx = context.Background()

// monday is 2026-03-02 10:00 in Shanghai.
var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// version stands for the versions of the engine of regulations.
type version struct {
	record.Head
	Label string `rec:"text"`
}

// bench is a department with its people: staff and colleague work in it, chief leads it, hr and hr2 are the personnel
// office, boss and boss2 are directors, auditor reads.
type bench struct {
	office   *breach.Office
	clock    *clock.Fake
	guard    *access.Guard
	records  *access.Records
	unit     record.ID
	people   map[string]record.ID
	outcomes []evidence.Outcome
}

func newBench(t *testing.T, d *db.DB) *bench {
	t.Helper()
	fake, reg := clock.NewFake(monday), record.NewRegistry()
	b := &bench{clock: fake, guard: access.NewGuard(reg, fake), people: map[string]record.ID{}}
	b.office = &breach.Office{
		Zone: time.FixedZone("CST", 8*3600),
		Outcome: func(_ context.Context, _ *db.Tx, o evidence.Outcome) error {
			b.outcomes = append(b.outcomes, o)
			return nil
		},
		Article: func(_ context.Context, _ *record.Call, _ record.ID, clause string) (breach.Article, error) {
			return breach.Article{Title: [2]string{"客户投诉管理制度", "Complaints"}, Version: "V2", Printed: "第十二条"}, nil
		},
	}
	org.Register(reg)
	notice.Register(reg)
	reg.Add(record.Declare[version](record.Spec{Name: "regulation_version", Plural: "regulation_versions", Prefix: "VER", Title: "label"}))
	b.office.Register(reg)
	if err := reg.Check(); err != nil {
		t.Fatal(err)
	}
	keys, err := vault.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	st := &store.Store{Types: reg, Audit: audit.New(fake), Keys: keys, Clock: fake, IDs: ids.NewSource(fake, 1)}
	b.records = &access.Records{DB: d, Store: st, Runner: &action.Runner{DB: d, Store: st, Gates: []record.Gate{recusal.Gate{}}}, Guard: b.guard}
	dbtest.Make(t, d, append(schema.Tables(reg), audit.Tables()...)...)
	b.hire(t)
	return b
}

func (b *bench) system(t testing.TB, fn func(c *record.Call) error) {
	t.Helper()
	if err := b.records.Runner.InTx(ctx, b.guard.SystemScope("test", "job", "unit", record.Create), fn); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) hire(t *testing.T) {
	t.Helper()
	grants := access.Merge(breach.Grants(), notice.Grants())
	b.system(t, func(c *record.Call) error {
		unit := &org.Unit{Name: "客服部", Kind: "company"}
		if err := c.Work.Insert(ctx, c, "unit", unit); err != nil {
			return err
		}
		b.unit = unit.ID
		for _, role := range []string{"employee", "manager", "hr", "director", "auditor"} {
			row := &org.Role{Title: role, Key: role}
			if err := c.Work.Insert(ctx, c, "role", row); err != nil {
				return err
			}
			for _, g := range grants[role] {
				gr := &org.GrantRow{RoleID: row.ID, Type: g.Type, Action: g.Action, Reach: string(g.Reach), Class: g.Class.String()}
				if err := c.Work.Insert(ctx, c, "grant", gr); err != nil {
					return err
				}
			}
			post := &org.Post{Title: role, Key: role, Roles: slices.Compact([]string{"employee", role})}
			if err := c.Work.Insert(ctx, c, "post", post); err != nil {
				return err
			}
			for name, of := range map[string]string{
				"staff": "employee", "colleague": "employee", "chief": "manager", "hr": "hr", "hr2": "hr", "boss": "director", "boss2": "director", "auditor": "auditor",
			} {
				if of != role {
					continue
				}
				user := &org.User{Name: name, Login: name, Status: "active", Language: "zh"}
				if err := c.Work.Insert(ctx, c, "user", user); err != nil {
					return err
				}
				b.people[name] = user.ID
				if err := c.Work.Insert(ctx, c, "posting", &org.Posting{UserID: user.ID, PostID: post.ID, InUnit: unit.ID, Main: true}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	b.guard.Forget()
}

// do runs an action as somebody and returns what the caller compares: the key of the error, or of its first field.
func (b *bench) do(t testing.TB, who, typ, act string, id record.ID, in map[string]any) string {
	t.Helper()
	a, err := b.records.Actor(ctx, b.people[who])
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.records.Do(ctx, a, action.Command{Type: typ, Action: act, ID: id, Input: in})
	return keyOf(err)
}

// keyOf is the message key of an error; where fields are wrong, that of the first.
func keyOf(err error) string {
	e := errs.As(err)
	switch {
	case err == nil:
		return ""
	case e == nil:
		return err.Error()
	case len(e.Fields) > 0:
		return e.Fields[0].Key
	}
	return e.Key
}

func (b *bench) must(t testing.TB, who, typ, act string, id record.ID, in map[string]any) {
	t.Helper()
	if key := b.do(t, who, typ, act, id, in); key != "" {
		t.Fatalf("%s.%s by %s: %s", typ, act, who, key)
	}
}

// ladder publishes the ladder "conduct": a talk, a warning of six months, performance pay of 200 yuan, compensation,
// dismissal.
func (b *bench) ladder(t testing.TB) (*breach.Ladder, map[string]record.ID) {
	t.Helper()
	n := func(v int64) *int64 { return &v }
	l := &breach.Ladder{Key: "conduct", Title: "行为规范处理阶梯"}
	steps := []*breach.Step{
		{Key: "talk", Title: "谈话提醒", Kind: breach.Talk, Months: n(3)}, {Key: "warning", Title: "书面警告", Kind: breach.WrittenWarning, Months: n(6)},
		{Key: "pay", Title: "扣减绩效工资", Kind: breach.Pay, Amount: n(20000)}, {Key: "damage", Title: "赔偿损失", Kind: breach.Damage},
		{Key: "dismissal", Title: "解除劳动合同", Kind: breach.Dismissal},
	}
	b.system(t, func(c *record.Call) error { return breach.Install(ctx, c, l, steps) })
	out := map[string]record.ID{}
	for _, s := range steps {
		out[s.Key] = s.ID
	}
	return l, out
}

// suspect writes a suspicion against staff.
func (b *bench) suspect(t testing.TB, change ...func(*breach.Breach)) record.ID {
	t.Helper()
	x := &breach.Breach{
		Head: record.Head{UnitID: b.unit}, ClauseKey: "x1.12", Regulation: "x1", AboutType: "ticket", AboutID: record.ID(77).String(),
		PersonID: b.people["staff"], Allegation: "未填写结果即关闭", LadderKey: "conduct",
	}
	for _, fn := range change {
		fn(x)
	}
	b.system(t, func(c *record.Call) error { return b.office.Suspect(ctx, c, x) })
	return x.ID
}

// confirmed leads a suspicion to its confirmation.
func (b *bench) confirmed(t testing.TB, change ...func(*breach.Breach)) record.ID {
	t.Helper()
	id := b.suspect(t, change...)
	b.must(t, "chief", "breach", "notify", id, nil)
	b.must(t, "staff", "breach", "hear", id, map[string]any{"statement": "客户要求先关闭"})
	b.must(t, "chief", "breach", "confirm", id, map[string]any{"reason": "属实"})
	return id
}

// proposed leads to a measure that waits for its confirmation.
func (b *bench) proposed(t testing.TB, step record.ID, change ...func(*breach.Breach)) record.ID {
	t.Helper()
	id := b.confirmed(t, change...)
	in := map[string]any{"grounds": "第一次"}
	if step != 0 {
		in["step_id"] = step.String()
	}
	b.must(t, "chief", "breach", "propose", id, in)
	return b.measureOf(t, id).ID
}

func (b *bench) breach(t testing.TB, id record.ID) (out *breach.Breach) {
	t.Helper()
	b.system(t, func(c *record.Call) (err error) {
		out, err = record.Load[breach.Breach](ctx, c, "breach", id)
		return err
	})
	return out
}

func (b *bench) measure(t testing.TB, id record.ID) (out *breach.Measure) {
	t.Helper()
	b.system(t, func(c *record.Call) (err error) {
		out, err = record.Load[breach.Measure](ctx, c, "measure", id)
		return err
	})
	return out
}

// measureOf is the last measure of a breach.
func (b *bench) measureOf(t testing.TB, id record.ID) (out *breach.Measure) {
	t.Helper()
	b.system(t, func(c *record.Call) error {
		list, err := record.Find[breach.Measure](ctx, c, "measure", record.Where("breach_id", id), 10)
		if len(list) > 0 {
			out = list[len(list)-1]
		}
		return err
	})
	if out == nil {
		t.Fatal("no measure")
	}
	return out
}

func (b *bench) tick(t testing.TB) (n int) {
	t.Helper()
	b.system(t, func(c *record.Call) error {
		for _, step := range []func(context.Context, *record.Call, int) (int, error){b.office.Silence, b.office.Expire} {
			done, err := step(ctx, c, 100)
			if err != nil {
				return err
			}
			n += done
		}
		return nil
	})
	return n
}

// told lists the keys of somebody's notices.
func (b *bench) told(t testing.TB, who string) (keys []string) {
	t.Helper()
	b.system(t, func(c *record.Call) error {
		list, err := record.Find[notice.Notice](ctx, c, "notice", record.Where("owner_id", b.people[who]), 100)
		for _, n := range list {
			keys = append(keys, n.Key)
		}
		return err
	})
	return keys
}

func each(t *testing.T, fn func(t *testing.T, b *bench)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, newBench(t, d)) })
}
