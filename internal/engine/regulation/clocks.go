package regulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/worktime"
)

// calendar returns the working calendar of a unit with its key.
func (e *Engine) calendar(ctx context.Context, tx *db.Tx, unit record.ID) (*worktime.Calendar, string, error) {
	key, err := e.Guard.Calendar(ctx, tx, unit)
	if err != nil {
		return nil, "", err
	}
	cal, err := e.Calendars.Get(ctx, tx, key)
	return cal, key, err
}

// moveClocks applies the event to the clocks of the record and of the records it refers to, then starts new ones.
func (e *Engine) moveClocks(ctx context.Context, c *record.Call, r *regime) error {
	for _, id := range clockRecords(c) {
		open, err := evidence.Open(ctx, c.Tx, id)
		if err != nil {
			return err
		}
		for _, k := range open {
			if n := r.byID[k.Binding]; n != nil {
				if err := e.moveClock(ctx, c, n, k); err != nil {
					return err
				}
			}
		}
	}
	for _, n := range r.starts[c.Event()] {
		ok, err := e.concerns(ctx, c, r, n, n.Applies(c.Event()))
		if err != nil {
			return err
		}
		if ok {
			if err := e.startClock(ctx, c, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// clockRecords lists the records whose clocks an event may move: its own, and those it refers to (a reply stops the
// clock of its case).
func clockRecords(c *record.Call) []record.ID {
	out := []record.ID{c.Record.HeadOf().ID}
	for _, f := range c.Type.Fields {
		if f.Kind.Name() != "ref" || f.Custom {
			continue
		}
		if id, ok := f.Get(c.Record).(record.ID); ok && id != 0 && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (e *Engine) moveClock(ctx context.Context, c *record.Call, n *entry, k *evidence.Clock) error {
	event := c.Event()
	if k.Record == c.Record.HeadOf().ID {
		k.Owner = ownerOf(c)
	}
	switch {
	case slices.Contains(n.Cancel, event):
		k.State, k.StoppedAt = evidence.Void, c.Now
		if err := evidence.Update(ctx, c.Tx, k); err != nil {
			return err
		}
		return e.clockOutcome(ctx, c.Tx, k, evidence.Cancelled, c.Now)
	case slices.Contains(n.Stop, event):
		if cond := n.Stops(event); cond != nil {
			if ok, err := cond.Bool(ctx, e.input(c, n)); err != nil || !ok {
				return err
			}
		}
		return e.stopClock(ctx, c, k)
	}
	if k.Record != c.Record.HeadOf().ID {
		return nil
	}
	if err := e.pause(ctx, c, n, k); err != nil {
		return err
	}
	return evidence.Update(ctx, c.Tx, k)
}

func (e *Engine) stopClock(ctx context.Context, c *record.Call, k *evidence.Clock) error {
	k.StoppedAt = c.Now
	wasLate := k.State == evidence.ClockLate
	overdue := k.State == evidence.Running && c.Now.After(k.DueAt)
	k.State = evidence.ClockMet
	if wasLate || overdue {
		k.State = evidence.ClockEnded
	}
	if err := evidence.Update(ctx, c.Tx, k); err != nil {
		return err
	}
	switch {
	case wasLate:
		return nil // its outcome was written when it became late
	case overdue:
		return e.clockOutcome(ctx, c.Tx, k, evidence.Late, c.Now)
	}
	return e.clockOutcome(ctx, c.Tx, k, evidence.Met, c.Now)
}

// pause stops a running clock in the states its binding names, and lets it go on with what was left.
func (e *Engine) pause(ctx context.Context, c *record.Call, n *entry, k *evidence.Clock) error {
	inPause := slices.Contains(n.PauseIn, c.Type.StateOf(c.Record))
	cal, err := e.calendarOf(ctx, c.Tx, k)
	if err != nil {
		return err
	}
	switch {
	case inPause && k.State == evidence.Running:
		k.State, k.PausedAt = evidence.Paused, c.Now
		k.Left, k.WarnLeft = span(cal, c.Now, k.DueAt), span(cal, c.Now, k.WarnAt)
	case !inPause && k.State == evidence.Paused:
		k.State, k.PausedAt = evidence.Running, time.Time{}
		k.DueAt, k.WarnAt = after(cal, c.Now, k.Left), after(cal, c.Now, k.WarnLeft)
	}
	return nil
}

// calendarOf returns the calendar a clock counts on, nil for around the clock.
func (e *Engine) calendarOf(ctx context.Context, tx *db.Tx, k *evidence.Clock) (*worktime.Calendar, error) {
	if !k.Work {
		return nil, nil
	}
	return e.Calendars.Get(ctx, tx, k.Calendar)
}

func span(cal *worktime.Calendar, a, b time.Time) time.Duration {
	if cal == nil {
		return b.Sub(a)
	}
	return cal.Between(a, b)
}

func after(cal *worktime.Calendar, t time.Time, d time.Duration) time.Time {
	if cal == nil || d <= 0 {
		return t.Add(d)
	}
	return cal.Add(t, d)
}

func (e *Engine) startClock(ctx context.Context, c *record.Call, n *entry) error {
	h := c.Record.HeadOf()
	open, err := evidence.Open(ctx, c.Tx, h.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(open, func(k *evidence.Clock) bool { return k.Binding == n.id }) {
		return nil // runs already
	}
	cal, key, err := e.calendar(ctx, c.Tx, h.UnitID)
	if err != nil {
		return err
	}
	k := &evidence.Clock{
		ID: e.Runner.Store.IDs.Next(), Regulation: n.law.regulation, Clause: n.Clause, Version: n.law.version, Binding: n.id,
		Type: c.Type.Name, Record: h.ID, Unit: h.UnitID, Owner: ownerOf(c), Calendar: key, State: evidence.Running, StartedAt: c.Now,
	}
	if err := e.due(ctx, c, n, k, cal); err != nil {
		return err
	}
	if slices.Contains(n.PauseIn, c.Type.StateOf(c.Record)) {
		if err := e.pause(ctx, c, n, k); err != nil {
			return err
		}
	}
	return evidence.Start(ctx, c.Tx, k)
}

// due sets when the clock warns and is due.
func (e *Engine) due(ctx context.Context, c *record.Call, n *entry, k *evidence.Clock, cal *worktime.Calendar) error {
	if p := n.DueAt(c.Event()); p != nil {
		v, err := p.Eval(ctx, e.input(c, n))
		if err != nil {
			return fmt.Errorf("clause %s: %w", n.Clause, err)
		}
		k.DueAt, _ = v.(time.Time)
		k.Work = true
	} else {
		s, err := control.ParseSpan(n.Within)
		if err != nil {
			return err
		}
		k.DueAt, k.Work = dueAfter(cal, c.Now, s), s.Work
	}
	if !k.Work {
		cal = nil
	}
	total := span(cal, c.Now, k.DueAt)
	k.WarnAt = after(cal, c.Now, total*time.Duration(n.WarnAt)/100)
	if k.WarnAt.After(k.DueAt) {
		k.WarnAt = k.DueAt
	}
	return nil
}

// dueAfter returns the end of the span that begins at start.
func dueAfter(cal *worktime.Calendar, start time.Time, s control.Span) time.Time {
	switch {
	case s.Days > 0 && s.Work:
		day := cal.AddWorkdays(worktime.DateOf(start.In(cal.Location())), s.Days)
		spans := cal.Spans(day)
		return day.At(spans[len(spans)-1].To, cal.Location()).UTC()
	case s.Days > 0:
		return start.Add(time.Duration(s.Days) * 24 * time.Hour)
	case s.Work:
		return cal.Add(start, s.Duration).UTC()
	}
	return start.Add(s.Duration)
}

// ownerOf is who answers for a clock: the owner of the record, else who made it.
func ownerOf(c *record.Call) record.ID {
	h := c.Record.HeadOf()
	if h.OwnerID != 0 {
		return h.OwnerID
	}
	return h.CreatedBy
}

func (e *Engine) clockOutcome(ctx context.Context, tx *db.Tx, k *evidence.Clock, result evidence.Result, at time.Time) error {
	return e.outcome(ctx, tx, evidence.Outcome{
		At: at, Regulation: k.Regulation, Clause: k.Clause, Version: k.Version, Control: string(control.Deadline), Result: result,
		Type: k.Type, Record: k.Record, Unit: k.Unit, Person: k.Owner,
		Detail: map[string]any{"clock": k.ID.String(), "due_at": k.DueAt.UTC().Format(time.RFC3339)},
	})
}

// Tick lets time act: clocks warn and become late, versions come into force on their day, unsigned acknowledgements
// become overdue, exceptions and measures expire, a suspicion stays unanswered. It is repeatable without harm and returns
// how many things happened.
func (e *Engine) Tick(ctx context.Context) (int, error) {
	done := 0
	for _, step := range append(e.steps(), e.fold, e.tickDuties, e.tickOverdue, e.tickAttestations) {
		for {
			n := 0
			err := e.Runner.InTx(ctx, e.Guard.SystemScope("regulation.tick", "job", "notice", record.Create), func(c *record.Call) error {
				var err error
				n, err = step(ctx, c)
				return err
			})
			if err != nil {
				return done, fmt.Errorf("regulation tick: %w", err)
			}
			done += n
			if n < tickBatch {
				break
			}
		}
	}
	return done, nil
}

const tickBatch = 200

// fold brings the counts of outcomes up to date.
func (e *Engine) fold(ctx context.Context, c *record.Call) (int, error) {
	n, more, err := evidence.Fold(ctx, c.Tx, c.Now)
	if more {
		return max(n, tickBatch), err
	}
	return 0, err
}

// steps are the parts of the tick in their order; each handles at most tickBatch things and says how many they were.
func (e *Engine) steps() []func(context.Context, *record.Call) (int, error) {
	o := e.breaches()
	return []func(context.Context, *record.Call) (int, error){
		e.tickClocks, e.tickVersions, e.tickSignatures, e.tickRenewals, e.tickExemptions,
		func(ctx context.Context, c *record.Call) (int, error) { return o.Silence(ctx, c, tickBatch) },
		func(ctx context.Context, c *record.Call) (int, error) { return o.Expire(ctx, c, tickBatch) },
	}
}

func (e *Engine) tickClocks(ctx context.Context, c *record.Call) (int, error) {
	due, err := evidence.Due(ctx, c.Tx, c.Now, tickBatch)
	if err != nil {
		return 0, err
	}
	r, err := e.regime(ctx, c.Tx)
	if err != nil {
		return 0, err
	}
	for _, k := range due {
		if err := e.tickClock(ctx, c, r.byID[k.Binding], k); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

func (e *Engine) tickClock(ctx context.Context, c *record.Call, n *entry, k *evidence.Clock) error {
	key, urgency, to := "regulation.clock.warning", "warning", []record.ID{k.Owner}
	if c.Now.Before(k.DueAt) {
		k.WarnedAt = c.Now
	} else {
		key, urgency = "regulation.clock.late", "urgent"
		k.State = evidence.ClockLate
		if err := e.clockOutcome(ctx, c.Tx, k, evidence.Late, k.DueAt); err != nil {
			return err
		}
		if n != nil {
			more, err := holders(ctx, c, slices.DeleteFunc(slices.Clone(n.Escalate), func(p string) bool { return p == "owner" }), k.Unit)
			if err != nil {
				return err
			}
			to = append(to, more...)
		}
	}
	if err := evidence.Update(ctx, c.Tx, k); err != nil {
		return err
	}
	args := map[string]any{"due": k.DueAt.Format(time.RFC3339), "clause": k.Clause}
	if n != nil {
		args["title_zh"], args["title_en"], args["printed"], args["version"] = n.law.title[0], n.law.title[1], n.printed, n.law.no
	}
	return notice.Send(ctx, c, notice.Message{
		Key: key, Args: args, AboutType: k.Type, AboutID: k.Record, Clause: k.Clause, Urgency: urgency,
	}, to...)
}

func (e *Engine) tickVersions(ctx context.Context, c *record.Call) (int, error) {
	today := c.Now.In(e.Zone)
	day := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
	list, err := record.Find[Version](ctx, c, "regulation_version", record.All(record.Where("status", "approved"),
		record.Filter{Field: "effective_on", Op: "le", Value: day}), tickBatch)
	if err != nil {
		return 0, err
	}
	for _, v := range list {
		v.Status, v.InForceAt = "in_force", &c.Now
		if err := c.Work.Save(ctx, c, "regulation_version", "promulgate", v); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// Scan lets what is looked through once a day be looked through: detectors and registers that read a whole type, duties
// that fall due by record, metrics of the period that ended. It is repeatable without harm.
func (e *Engine) Scan(ctx context.Context) error {
	var now *regime
	err := e.Runner.InTx(ctx, e.Guard.SystemScope("regulation.scan", "job", "breach", record.Create), func(c *record.Call) error {
		r, err := e.regime(ctx, c.Tx)
		if err == nil {
			now, err = r, e.askReviews(ctx, c)
		}
		if err == nil {
			err = e.measureAll(ctx, c, r)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, look := range now.looks(e) {
		if !look.entry.law.in(e.Clock.Now()) {
			continue
		}
		err := e.pages(ctx, look.typ, func(c *record.Call, r *regime) error { return look.at(ctx, c, r, look.entry) })
		if err != nil {
			return fmt.Errorf("scan for clause %s: %w", look.entry.Clause, err)
		}
	}
	return nil
}

// look is one control that looks through a whole type.
type look struct {
	entry *entry
	typ   string
	at    func(ctx context.Context, c *record.Call, r *regime, n *entry) error
}

func (r *regime) looks(e *Engine) []look {
	var out []look
	for _, n := range r.scans {
		out = append(out, look{n, n.Scan, func(ctx context.Context, c *record.Call, r *regime, n *entry) error {
			return e.watch(ctx, c, r, n, n.ScanEvent())
		}})
	}
	for _, n := range r.duties {
		if n.EveryBy != "" {
			out = append(out, look{n, n.Of, e.fall})
		}
	}
	for _, list := range r.ledgers {
		for _, n := range list {
			if n.Nightly {
				out = append(out, look{n, n.Of, e.keepRegister})
			}
		}
	}
	return out
}
