package regulation

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Engine lets clauses act. Set its fields before first use; it is then safe for concurrent use.
type Engine struct {
	DB        *db.DB
	Types     *record.Registry
	Runner    *action.Runner
	Guard     *access.Guard
	Calendars *org.Calendars
	Compiler  *rule.Compiler
	Clock     clock.Clock
	Zone      *time.Location

	mu      sync.Mutex
	current *regime
	checkAt time.Time
}

// Citation names a clause to people.
type Citation struct {
	Regulation string // key
	Title      [2]string
	Version    record.ID
	No         int64 // of the version within its regulation
	Clause     string
	Printed    string
	Body       [2]string
	Say        [2]string
	Exception  bool // somebody may approve an exception
	AboutType  string
	AboutID    record.ID // record that was refused; none where it was not there yet
}

// Refusal is the error of an action that a clause forbids. Its outcome is kept although the action is rolled back.
type Refusal struct {
	Citations []Citation
	err       *errs.Error
	engine    *Engine
	outcomes  []evidence.Outcome
}

func (e *Engine) refusal(cites []Citation, outcomes []evidence.Outcome) *Refusal {
	first := cites[0]
	return &Refusal{Citations: cites, engine: e, outcomes: outcomes, err: errs.New(errs.Refused, "regulation.refused").
		With("say_zh", first.Say[0]).With("say_en", first.Say[1]).With("title_zh", first.Title[0]).With("title_en", first.Title[1]).
		With("printed", first.Printed).With("clause", first.Clause).With("version", first.No)}
}

// Error describes the refusal for logs.
func (r *Refusal) Error() string { return fmt.Sprintf("%v clause=%s", r.err, r.Citations[0].Clause) }

// Unwrap gives the error with its message key.
func (r *Refusal) Unwrap() error { return r.err }

// Refusal names what stands against the action, for the problem the interface answers with: key and printed number of
// the clause, the regulation's titles, the path of the clause in the reader.
func (r *Refusal) Refusal() map[string]any {
	c := r.Citations[0]
	return map[string]any{
		"clause": c.Clause, "article": c.Printed, "version": c.No, "regulation": map[string]string{"key": c.Regulation, "zh": c.Title[0], "en": c.Title[1]},
		"link": "/read/" + c.Regulation + "/" + c.Clause,
	}
}

// Keep writes the outcomes; see [record.Aftermath].
func (r *Refusal) Keep(ctx context.Context) error {
	return db.Do(ctx, r.engine.DB, func(tx *db.Tx) error {
		for _, o := range r.outcomes {
			if err := r.engine.outcome(ctx, tx, o); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *Engine) outcome(ctx context.Context, tx *db.Tx, o evidence.Outcome) error {
	o.ID = e.Runner.Store.IDs.Next()
	return evidence.Add(ctx, tx, o, e.Zone)
}

type memoKey struct{}

// Before implements [record.Gate]: it asks the guards of the event.
func (e *Engine) Before(ctx context.Context, c *record.Call) error {
	r, err := e.regime(ctx, c.Tx)
	if err != nil {
		return err
	}
	var passed []evidence.Outcome
	var refused []evidence.Outcome
	var cites []Citation
	for _, n := range r.guards[c.Event()] {
		ok, err := e.concerns(ctx, c, r, n, n.Applies(c.Event()))
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		result, err := e.ask(ctx, c, n)
		if err != nil {
			return err
		}
		o := e.about(c, n, result)
		if result == evidence.Refused {
			refused, cites = append(refused, o), append(cites, n.citeFor(c))
			continue
		}
		passed = append(passed, o)
	}
	if len(refused) > 0 {
		return e.refusal(cites, refused)
	}
	if len(passed) > 0 {
		if c.Memo == nil {
			c.Memo = map[any]any{}
		}
		c.Memo[memoKey{}] = passed
	}
	return nil
}

// concerns reports whether the binding's law judges this record and its own condition holds.
func (e *Engine) concerns(ctx context.Context, c *record.Call, r *regime, n *entry, cond *rule.Program) (bool, error) {
	h := c.Record.HeadOf()
	if !r.judges(n.law, h.CreatedAt, c.Now) {
		return false, nil
	}
	for _, unit := range unitsOf(c) {
		covered, err := e.covers(ctx, c.Tx, n.law, unit)
		switch {
		case err != nil:
			return false, err
		case covered && cond == nil:
			return true, nil
		case covered:
			return cond.Bool(ctx, e.input(c, n))
		}
	}
	return false, nil
}

// unitsOf are the units whose law an action on a record is under: the unit it belongs to, and, where the action hands it
// to another, the one it comes from, whose rules are not escaped by handing it out.
func unitsOf(c *record.Call) []record.ID {
	h := c.Record.HeadOf()
	unit := h.UnitID
	if c.Type.Name == "unit" && h.ID != 0 {
		unit = h.ID // a part of the company is covered as itself
	}
	if unit == 0 {
		unit = c.Actor().Unit()
	}
	if c.Before != nil && !reflect.ValueOf(c.Before).IsNil() {
		if from := c.Before.HeadOf().UnitID; from != 0 && from != h.UnitID {
			return []record.ID{unit, from}
		}
	}
	return []record.ID{unit}
}

func (e *Engine) ask(ctx context.Context, c *record.Call, n *entry) (evidence.Result, error) {
	cond := n.Refuses(c.Event())
	if cond == nil {
		return evidence.Passed, nil // the permissions are the guard, and they let it pass
	}
	refuse, err := cond.Bool(ctx, e.input(c, n))
	if err != nil {
		return "", fmt.Errorf("clause %s: %w", n.Clause, err)
	}
	if !refuse {
		return evidence.Passed, nil
	}
	excepted, err := e.excepted(ctx, c, n)
	if err != nil {
		return "", err
	}
	if excepted {
		return evidence.Excepted, nil
	}
	return evidence.Refused, nil
}

func (e *Engine) input(c *record.Call, n *entry) rule.Input {
	return rule.Input{
		Clause: n.Clause, Call: c, Params: n.params,
		Work: func(a, b time.Time) (time.Duration, error) {
			cal, _, err := e.calendar(context.Background(), c.Tx, c.Record.HeadOf().UnitID)
			if err != nil {
				return 0, err
			}
			return cal.Between(a, b), nil
		},
		Load: func(ctx context.Context, typ string, id record.ID) (record.Entity, error) {
			return c.Work.Load(ctx, c, typ, id)
		},
	}
}

func (e *Engine) about(c *record.Call, n *entry, result evidence.Result) evidence.Outcome {
	h := c.Record.HeadOf()
	return evidence.Outcome{
		At: c.Now, Regulation: n.law.regulation, Clause: n.Clause, Version: n.law.version, Control: string(n.Kind), Result: result,
		Event: c.Event(), Type: c.Type.Name, Record: h.ID, Unit: h.UnitID, Person: c.Actor().UserID,
	}
}

func (n *entry) cite() Citation {
	return Citation{
		Regulation: n.law.regulation, Title: n.law.title, Version: n.law.version, No: n.law.no, Clause: n.Clause, Printed: n.printed, Body: n.body,
		Say: [2]string{n.Say.In("zh"), n.Say.In("en")}, Exception: len(n.Except) > 0,
	}
}

// After implements [record.Gate]: outcomes of guards are written, clocks start, pause and stop, detectors look.
func (e *Engine) After(ctx context.Context, c *record.Call) error {
	r, err := e.regime(ctx, c.Tx)
	if err != nil {
		return err
	}
	if passed, ok := c.Memo[memoKey{}].([]evidence.Outcome); ok {
		for i := range passed {
			passed[i].ID, passed[i].Record = e.Runner.Store.IDs.Next(), c.Record.HeadOf().ID
		}
		if err := evidence.AddAll(ctx, c.Tx, passed, e.Zone); err != nil {
			return err
		}
	}
	if err := e.moveClocks(ctx, c, r); err != nil {
		return err
	}
	for _, n := range r.watches[c.Event()] {
		if err := e.watch(ctx, c, r, n, c.Event()); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context, *record.Call, *regime) error{e.doDuties, e.askAfter, e.keepRegisters, e.compareTrails} {
		if err := step(ctx, c, r); err != nil {
			return err
		}
	}
	if c.Type.Name == "posting" && c.Before == nil {
		return e.askNewcomer(ctx, c, r)
	}
	return nil
}

// known reports whether a scan has already found this of the record, so that it may run as often as it likes: a
// suspicion stands until the record has been clean again, whatever was decided about it, and clean is written once a
// month.
func (e *Engine) known(ctx context.Context, c *record.Call, o evidence.Outcome) (bool, error) {
	list, err := evidence.List(ctx, c.Tx, evidence.Filter{Clause: o.Clause, Record: o.Record, Event: o.Event, Limit: 1})
	if err != nil || len(list) == 0 {
		return false, err
	}
	last, month := list[0], func(t time.Time) string { return t.In(e.Zone).Format("2006-01") }
	if last.Version != o.Version || last.Result != o.Result {
		return false, nil
	}
	return o.Result == evidence.Suspected || month(last.At) == month(o.At), nil
}

// watch lets one detector look at the record; a suspicion becomes a breach to be decided by a person.
func (e *Engine) watch(ctx context.Context, c *record.Call, r *regime, n *entry, event string) error {
	ok, err := e.concerns(ctx, c, r, n, n.Applies(event))
	if err != nil || !ok {
		return err
	}
	breach, err := n.Breaches(event).Bool(ctx, e.input(c, n))
	if err != nil {
		return fmt.Errorf("clause %s: %w", n.Clause, err)
	}
	o := e.about(c, n, evidence.Clean)
	if p := n.Person(event); p != nil {
		text, err := p.Eval(ctx, e.input(c, n))
		if err != nil {
			return fmt.Errorf("clause %s: %w", n.Clause, err)
		}
		s, _ := text.(string)
		if err := o.Person.UnmarshalText([]byte(s)); err != nil {
			return fmt.Errorf("clause %s: who: %w", n.Clause, err)
		}
	}
	if breach {
		o.Result = evidence.Suspected
	}
	if event == n.ScanEvent() {
		if known, err := e.known(ctx, c, o); err != nil || known {
			return err
		}
	}
	if breach {
		known, err := e.suspect(ctx, c, n, o)
		if err != nil || known {
			return err
		}
	}
	return e.outcome(ctx, c.Tx, o)
}
