package scenario

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"github.com/rogpeppe/go-internal/testscript"
)

type command = func(ts *testscript.TestScript, neg bool, args []string)

var ctx = context.Background()

// commands is the language; see docs/scenarios.md.
func commands() map[string]command {
	return map[string]command{
		"as": as, "hire": hireCmd, "do": do, "make": makeCmd, "expect": expect, "at": at, "after": wait, "night": night, "see": see, "find": find,
		"told": told, "sign": sign, "pick": pick, "proved": proved,
		"reveal": reveal, "export": exportCmd, "many": manyCmd,
	}
}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

func want(ts *testscript.TestScript, ok bool, usage string) {
	if !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

// as LOGIN: who acts from here on.
func as(ts *testscript.TestScript, _ bool, args []string) {
	want(ts, len(args) == 1, "as LOGIN")
	w := worldOf(ts)
	user := w.user(ts, args[0])
	a, err := w.app.Records.Actor(ctx, user)
	ts.Check(err)
	a.Via = "scenario"
	w.actor = a
}

func (w *world) user(ts *testscript.TestScript, login string) record.ID {
	var id record.ID
	ts.Check(w.app.InTx(ctx, "scenario", "test", func(c *record.Call) error {
		list, err := record.Find[org.User](ctx, c, "user", record.Where("login", login), 1)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("nobody signs in as %q", login)
		}
		if err == nil {
			id = list[0].ID
		}
		return err
	}))
	return id
}

// hire LOGIN post=POST unit=UNIT [name=NAME]: a further person.
func hireCmd(ts *testscript.TestScript, _ bool, args []string) {
	want(ts, len(args) >= 3, "hire LOGIN post=POST unit=UNIT [name=NAME]")
	w := worldOf(ts)
	in := w.input(ts, args[1:])
	name, _ := in["name"].(string)
	if name == "" {
		name = args[0]
	}
	w.begin(ts)
	ts.Check(w.app.InTx(ctx, "scenario", "test", func(c *record.Call) error {
		return hire(ctx, c, args[0], name, fmt.Sprint(in["post"]), fmt.Sprint(in["unit"]))
	}))
	w.vars[args[0]] = ref{"user", w.user(ts, args[0])}
}

// begin marks where the outcomes of the next step start.
func (w *world) begin(ts *testscript.TestScript) {
	list, err := w.outcomes(evidence.Filter{Limit: 1})
	ts.Check(err)
	w.mark = 0
	if len(list) > 0 {
		w.mark = list[0].ID
	}
}

func (w *world) outcomes(f evidence.Filter) ([]evidence.Outcome, error) {
	return db.View(ctx, w.app.DB, func(tx *db.Tx) ([]evidence.Outcome, error) { return evidence.List(ctx, tx, f) })
}

// input reads name=value; $NAME stands for the id of a record, @LOGIN for that of a person, and in values of time
// fields a local time such as 2026-03-03T10:00 is read in Shanghai.
func (w *world) input(ts *testscript.TestScript, args []string) map[string]any {
	in := map[string]any{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			ts.Fatalf("%q is not name=value", arg)
		}
		in[name] = w.value(ts, value)
	}
	return in
}

func (w *world) value(ts *testscript.TestScript, v string) string {
	if r, ok := w.vars[strings.TrimPrefix(v, "%")]; ok && strings.HasPrefix(v, "%") {
		return r.id.String()
	}
	if login, ok := strings.CutPrefix(v, "@"); ok && !strings.Contains(login, "@") {
		return w.user(ts, login).String()
	}
	return v
}

// do TYPE.create NAME=VALUE … [-> VAR], or do VAR ACTION NAME=VALUE … [-> VAR]: the actor acts.
func do(ts *testscript.TestScript, _ bool, args []string) {
	w := worldOf(ts)
	act := w.parse(ts, args)
	w.begin(ts)
	v, err := w.app.Records.Do(ctx, w.actor, act.cmd)
	w.last = err
	switch {
	case err == nil && v != nil:
		w.lastRec = v.Record.ID
	case err == nil && act.as != "": // what one may write but not read is named all the same
		w.lastRec = w.newest(ts, act.cmd.Type, record.Filter{})
	}
	w.name(ts, act, err)
}

// make is do by the program itself: what a script needs but does not prove.
func makeCmd(ts *testscript.TestScript, _ bool, args []string) {
	w := worldOf(ts)
	act := w.parse(ts, args)
	w.begin(ts)
	res, err := w.app.Runner.Do(ctx, w.app.System("scenario", "test", act.cmd.Type, act.cmd.Action), act.cmd)
	ts.Check(err)
	w.last, w.lastRec = nil, res.Record.HeadOf().ID
	w.name(ts, act, nil)
}

type step struct {
	cmd action.Command
	as  string
}

func (w *world) parse(ts *testscript.TestScript, args []string) step {
	var s step
	if n := len(args); n >= 3 && args[n-2] == "->" {
		s.as, args = args[n-1], args[:n-2]
	}
	want(ts, len(args) >= 1, "do TYPE.create NAME=VALUE … [-> VAR] or do VAR ACTION NAME=VALUE …")
	if typ, act, ok := strings.Cut(args[0], "."); ok {
		s.cmd = action.Command{Type: typ, Action: act, Input: w.input(ts, args[1:])}
		return s
	}
	r, ok := w.vars[args[0]]
	want(ts, ok && len(args) >= 2, "do VAR ACTION …, with a VAR that was named before")
	s.cmd = action.Command{Type: r.typ, Action: args[1], ID: r.id, Input: w.input(ts, args[2:])}
	return s
}

func (w *world) name(ts *testscript.TestScript, s step, err error) {
	if s.as == "" {
		return
	}
	if err != nil {
		ts.Fatalf("%s: %v", s.as, err)
	}
	w.vars[s.as] = ref{s.cmd.Type, w.lastRec}
	ts.Setenv(s.as, w.lastRec.String())
}

// pick TYPE FIELD=VALUE -> VAR: names the newest record with that field, such as one an action made as its consequence.
func pick(ts *testscript.TestScript, _ bool, args []string) {
	want(ts, len(args) == 4 && args[2] == "->", "pick TYPE FIELD=VALUE -> VAR")
	w := worldOf(ts)
	name, value, _ := strings.Cut(args[1], "=")
	f := w.app.Types.Type(args[0]).Field(name)
	want(ts, f != nil, "pick TYPE FIELD=VALUE -> VAR, with a FIELD the type has")
	v, perr := f.Parse(w.value(ts, value))
	if perr != nil {
		ts.Fatalf("%v", perr)
	}
	w.vars[args[3]] = ref{args[0], w.newest(ts, args[0], record.Where(name, v))}
}

// newest returns the record of the type that meets the filter and was made last.
func (w *world) newest(ts *testscript.TestScript, typ string, f record.Filter) record.ID {
	var id record.ID
	ts.Check(w.app.InTx(ctx, "scenario", "test", func(c *record.Call) error {
		list, err := c.Work.Find(ctx, c, typ, f, 200)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("no %s to name", typ)
		}
		if err == nil {
			id = list[len(list)-1].HeadOf().ID
		}
		return err
	}))
	return id
}

// expect ok|refused|denied|absent|conflict|invalid|RESULT [clause=ID] [key=KEY] [field=NAME]: what came of the last
// step. RESULT is an outcome of the engine (late, met, suspected …) that the last step recorded.
func expect(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, len(args) >= 1, "expect WHAT [clause=ID] [key=KEY] [field=NAME]")
	w := worldOf(ts)
	opts := map[string]string{}
	for _, a := range args[1:] {
		k, v, _ := strings.Cut(a, "=")
		opts[k] = v
	}
	err := w.expect(args[0], opts)
	if neg {
		if err == nil {
			ts.Fatalf("expected not %s", strings.Join(args, " "))
		}
		return
	}
	ts.Check(err)
}

func (w *world) expect(what string, opts map[string]string) error {
	kinds := map[string]errs.Kind{
		"refused": errs.Refused, "denied": errs.Forbidden, "absent": errs.NotFound, "conflict": errs.Conflict, "invalid": errs.Invalid,
	}
	clause := opts["clause"]
	kind, isError := kinds[what]
	switch {
	case what == "ok":
		if w.last != nil {
			return fmt.Errorf("expected ok: %w", w.last)
		}
		if clause != "" {
			return w.recorded(clause, func(r evidence.Result) bool { return r.Good() || r == evidence.Excepted }, "ok")
		}
		return nil
	case isError:
		if !errs.Is(w.last, kind) {
			return fmt.Errorf("expected %s: %v", what, w.last)
		}
		if key := opts["key"]; key != "" && !hasKey(w.last, key) {
			return fmt.Errorf("expected key %s: %v", key, w.last)
		}
		if f := opts["field"]; f != "" && !hasField(w.last, f) {
			return fmt.Errorf("expected a fault of %s: %v", f, w.last)
		}
		if clause != "" {
			return w.recorded(clause, func(r evidence.Result) bool { return r == evidence.Refused }, "refused")
		}
		return nil
	}
	return w.recorded(clause, func(r evidence.Result) bool { return string(r) == what }, what)
}

func hasKey(err error, key string) bool {
	e := errs.As(err)
	return e.Key == key || slices.ContainsFunc(e.Fields, func(f *errs.Error) bool { return f.Key == key })
}

func hasField(err error, name string) bool {
	e := errs.As(err)
	return e.Field == name || slices.ContainsFunc(e.Fields, func(f *errs.Error) bool { return f.Field == name })
}

// recorded checks that the last step left an outcome of the clause.
func (w *world) recorded(clause string, ok func(evidence.Result) bool, what string) error {
	list, err := w.outcomes(evidence.Filter{Clause: clause, Limit: 500})
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.ID > w.mark && ok(o.Result) {
			return nil
		}
	}
	return fmt.Errorf("the last step left no outcome %q of clause %s (%d outcomes in all; the step said: %v)", what, clause, len(list), w.last)
}

// at 2026-03-03T10:00: the clock is set, in Shanghai, and what was due happens.
func at(ts *testscript.TestScript, _ bool, args []string) {
	want(ts, len(args) == 1, "at 2026-03-03T10:00")
	w := worldOf(ts)
	t, err := time.ParseInLocation("2006-01-02T15:04", args[0], w.app.Config.Zone)
	ts.Check(err)
	if t.Before(w.clock.Now()) {
		ts.Fatalf("the clock stands at %s already", w.clock.Now().In(w.app.Config.Zone))
	}
	w.move(ts, w.clock, t)
}

// after 4h: the clock goes on, and what becomes due happens.
func wait(ts *testscript.TestScript, _ bool, args []string) {
	want(ts, len(args) == 1, "after 4h")
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	w := worldOf(ts)
	w.move(ts, w.clock, w.clock.Now().Add(d))
}

func (w *world) move(ts *testscript.TestScript, c *clock.Fake, t time.Time) {
	w.begin(ts)
	c.Set(t)
	ts.Check(w.app.Tick(ctx))
	ts.Check(w.app.Drain(ctx))
	if w.actor.IsPerson() {
		a, err := w.app.Records.Actor(ctx, w.actor.UserID)
		ts.Check(err)
		w.actor = a
	}
}

// night: what is looked through once a day is looked through.
func night(ts *testscript.TestScript, _ bool, _ []string) {
	w := worldOf(ts)
	w.begin(ts)
	ts.Check(w.app.Night(ctx))
	ts.Check(w.app.Drain(ctx))
}

// see VAR [FIELD=TEXT …]: the actor opens the record and sees these texts; a mask counts as text.
func see(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, len(args) >= 1, "see VAR [FIELD=TEXT …]")
	w := worldOf(ts)
	r, ok := w.vars[args[0]]
	want(ts, ok, "see VAR, with a VAR that was named before")
	w.begin(ts)
	sheet, err := w.app.Records.Read(ctx, w.actor, r.typ, r.id)
	w.last = err
	if neg {
		if err == nil && len(args) == 1 {
			ts.Fatalf("%s can be seen", args[0])
		}
		return
	}
	ts.Check(err)
	for _, a := range args[1:] {
		name, text, _ := strings.Cut(a, "=")
		got := sheet.State
		if cell, ok := sheet.Cell(name); ok {
			got = cell.Text
		} else if name != "state" {
			ts.Fatalf("%s has no field %s", r.typ, name)
		}
		if got != w.value(ts, text) {
			ts.Fatalf("%s of %s is %q, want %q", name, args[0], got, text)
		}
	}
}

// find TEXT [VAR]: the actor's search finds the record, or with ! does not; without VAR, anything.
func find(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, len(args) == 1 || len(args) == 2, "find TEXT [VAR]")
	w := worldOf(ts)
	hits, err := w.app.Records.Search(ctx, w.actor, args[0], nil, 50)
	ts.Check(err)
	found := len(hits) > 0
	if len(args) == 2 {
		id := w.vars[args[1]].id
		found = false
		for _, h := range hits {
			found = found || h.Record.ID == id
		}
	}
	if found == neg {
		ts.Fatalf("search for %q: found %v", args[0], found)
	}
}

// told LOGIN KEY: the person has a notice of that key.
func told(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, len(args) == 2, "told LOGIN KEY")
	w := worldOf(ts)
	user := w.user(ts, args[0])
	ts.Check(w.app.Drain(ctx))
	var n int
	ts.Check(w.app.InTx(ctx, "scenario", "test", func(c *record.Call) error {
		list, err := c.Work.Find(ctx, c, "notice", record.All(record.Where("owner_id", user), record.Where("key", args[1])), 10)
		n = len(list)
		return err
	}))
	if (n > 0) == neg {
		ts.Fatalf("%s has %d notices %s", args[0], n, args[1])
	}
}

// sign LOGIN REGULATION: the person signs the version in force.
func sign(ts *testscript.TestScript, _ bool, args []string) {
	want(ts, len(args) == 2, "sign LOGIN REGULATION")
	w := worldOf(ts)
	user := w.user(ts, args[0])
	a, err := w.app.Records.Actor(ctx, user)
	ts.Check(err)
	var task record.ID
	ts.Check(w.app.InTx(ctx, "scenario", "test", func(c *record.Call) error {
		regs, err := record.Find[regulation.Regulation](ctx, c, "regulation", record.Where("key", args[1]), 1)
		if err != nil || len(regs) == 0 {
			return fmt.Errorf("no regulation %s: %w", args[1], err)
		}
		list, err := record.Find[regulation.Acknowledgement](ctx, c, "acknowledgement",
			record.All(record.Where("owner_id", user), record.Where("version_id", regs[0].CurrentID), record.Where("status", "outstanding")), 1)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("%s has nothing of %s to sign", args[0], args[1])
		}
		if err == nil {
			task = list[0].ID
		}
		return err
	}))
	w.begin(ts)
	_, w.last = w.app.Records.Do(ctx, a, action.Command{Type: "acknowledgement", Action: "sign", ID: task})
	ts.Check(w.last)
}

// proved is the last line of every script: it fails unless every control of the clause went in each of its directions.
func proved(ts *testscript.TestScript, _ bool, args []string) {
	want(ts, len(args) == 1, "proved CLAUSE")
	w := worldOf(ts)
	if file := strings.TrimSuffix(filepath.Base(ts.Name()), ".txtar"); file != args[0] {
		ts.Fatalf("the script %s proves clause %s", file, args[0])
	}
	controls, err := w.controls(args[0])
	ts.Check(err)
	if len(controls) == 0 {
		ts.Fatalf("clause %s is not bound", args[0])
	}
	list, err := w.outcomes(evidence.Filter{Clause: args[0], Limit: 500})
	ts.Check(err)
	for _, control := range controls {
		for _, any := range evidence.Directions(control) {
			if !slices.ContainsFunc(list, func(o evidence.Outcome) bool {
				return o.Control == control && o.At.After(Start.Add(-time.Second)) && slices.Contains(any, o.Result)
			}) {
				ts.Fatalf("clause %s: its %s never gave %v", args[0], control, any)
			}
		}
	}
}

func (w *world) controls(clause string) ([]string, error) {
	var out []string
	err := w.app.InTx(ctx, "scenario", "test", func(c *record.Call) error {
		list, err := record.Find[regulation.Binding](ctx, c, "binding", record.Where("clause_key", clause), 50)
		for _, b := range list {
			if !slices.Contains(out, b.Control) {
				out = append(out, b.Control)
			}
		}
		return err
	})
	return out, err
}
