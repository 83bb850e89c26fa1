package regulation

import (
	"context"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/rule"
)

// Period is a week, month, quarter or year of the organisation's zone.
type Period struct {
	Key      string    // 2026-W09, 2026-03, 2026-Q1, 2026
	From, To time.Time // To is exclusive
}

// PeriodAt returns the period of that length that holds the instant, in the zone of the instant.
func PeriodAt(per string, t time.Time) Period {
	y, m, d := t.Date()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, t.Location()) }
	switch per {
	case "week":
		monday := day(y, m, d-(int(t.Weekday())+6)%7)
		year, week := monday.ISOWeek()
		return Period{fmt.Sprintf("%d-W%02d", year, week), monday, monday.AddDate(0, 0, 7)}
	case "quarter":
		q := (int(m) - 1) / 3
		from := day(y, time.Month(q*3+1), 1)
		return Period{fmt.Sprintf("%d-Q%d", y, q+1), from, from.AddDate(0, 3, 0)}
	case "year":
		return Period{fmt.Sprint(y), day(y, 1, 1), day(y+1, 1, 1)}
	}
	return Period{t.Format("2006-01"), day(y, m, 1), day(y, m+1, 1)}
}

// measureAll computes every metric of the period that ended last, once.
func (e *Engine) measureAll(ctx context.Context, c *record.Call, r *regime) error {
	for _, n := range r.metrics {
		now := PeriodAt(n.Per, c.Now.In(e.Zone))
		last := PeriodAt(n.Per, now.From.Add(-time.Hour))
		if !n.law.in(last.To.Add(-time.Second)) {
			continue
		}
		done, err := evidence.List(ctx, c.Tx, evidence.Filter{Clause: n.Clause, Control: string(control.Metric), Event: metricEvent(n, last), Limit: 1})
		if err != nil {
			return err
		}
		if len(done) > 0 {
			continue
		}
		if err := e.measure(ctx, c, n, last); err != nil {
			return fmt.Errorf("metric of clause %s: %w", n.Clause, err)
		}
	}
	return nil
}

// metricEvent names a metric and its period; two metrics of one clause are told apart by their binding.
func metricEvent(n *entry, p Period) string { return "metric " + p.Key + " " + n.id.String() }

// measure computes the readings of one metric and writes an outcome for each that says something.
func (e *Engine) measure(ctx context.Context, c *record.Call, n *entry, p Period) error {
	list, err := e.readings(ctx, c, n, p)
	if err != nil {
		return err
	}
	for _, x := range list {
		if x.Count == 0 {
			continue
		}
		o := evidence.Outcome{
			At: p.To.UTC().Add(-time.Second), Regulation: n.law.regulation, Clause: n.Clause, Version: n.law.version, Control: string(control.Metric),
			Result: evidence.Reached, Event: metricEvent(n, p), Unit: x.Unit, Person: x.Person,
			Detail: map[string]any{"value": x.Value, "count": x.Count, "period": p.Key},
		}
		switch {
		case x.Person != 0:
			o.Type, o.Record = "user", x.Person
		case x.Unit != 0:
			o.Type, o.Record = "unit", x.Unit
		}
		for _, limit := range []struct {
			text string
			bad  func(v, l float64) bool
		}{{n.AtLeast, func(v, l float64) bool { return v < l }}, {n.AtMost, func(v, l float64) bool { return v > l }}} {
			if limit.text == "" {
				continue
			}
			l, err := control.Limit(limit.text, n.params)
			if err != nil {
				return err
			}
			o.Detail["target"] = l
			if limit.bad(x.Value, l) {
				o.Result = evidence.Missed
			}
		}
		if err := e.outcome(ctx, c.Tx, o); err != nil {
			return err
		}
	}
	return nil
}

// readings computes the figure of a metric over the period. Rows count where the law covers their unit; a figure of a room
// says itself whom it is about, which may be a department that others' rules depend on.
func (e *Engine) readings(ctx context.Context, c *record.Call, n *entry, p Period) ([]rule.Reading, error) {
	if n.Figure != "" {
		f := e.Compiler.Figure(n.Figure)
		return f.Call(ctx, c, p.From.UTC(), p.To.UTC(), n.Whose)
	}
	field := n.At
	if field == "" {
		field = "created_at"
	}
	sums := map[record.ID]*rule.Reading{}
	var order []record.ID
	t := e.Types.Type(n.Of)
	scope := e.Guard.SystemScope("regulation.metric", "job", n.Of, record.Read)
	q := record.Query{Filter: within(field, p.From, p.To), Sort: "id", Limit: tickBatch}
	for {
		page, err := e.Runner.Store.List(ctx, c.Tx, t, scope, q)
		if err != nil {
			return nil, err
		}
		for _, rec := range page.Items {
			one := *c
			one.Type, one.Action, one.Record, one.Before, one.Scope = t, t.Action(record.Read), rec, rec, scope
			key := whose(n.Whose, rec.HeadOf())
			if sums[key] == nil {
				sums[key], order = newReading(n.Whose, key), append(order, key)
			}
			if err := e.count(ctx, &one, n, sums[key]); err != nil {
				return nil, err
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return e.total(n, sums, order), nil
}

func whose(by string, h *record.Head) record.ID {
	switch by {
	case "unit":
		return h.UnitID
	case "person":
		if h.OwnerID == 0 {
			return h.CreatedBy
		}
		return h.OwnerID
	}
	return 0
}

func newReading(by string, key record.ID) *rule.Reading {
	if by == "person" {
		return &rule.Reading{Person: key}
	}
	return &rule.Reading{Unit: key}
}

// count adds one row to the reading.
func (e *Engine) count(ctx context.Context, c *record.Call, n *entry, x *rule.Reading) error {
	in, err := e.covers(ctx, c.Tx, n.law, c.Record.HeadOf().UnitID)
	if err != nil || !in {
		return err
	}
	ok, err := e.rowIs(ctx, c, n, "if")
	if err != nil || !ok {
		return err
	}
	x.Count++
	if n.Value != "" {
		v, err := e.row(ctx, c, n, "value")
		if err != nil {
			return err
		}
		f, _ := v.(float64)
		x.Value += f
		return nil
	}
	good, err := e.rowIs(ctx, c, n, "good_if")
	if good {
		x.Value++
	}
	return err
}

// total turns sums into means, shares or counts. A bare count says something even where it is none, for the company.
func (e *Engine) total(n *entry, sums map[record.ID]*rule.Reading, order []record.ID) []rule.Reading {
	var out []rule.Reading
	if n.GoodIf == "" && n.Value == "" && n.Whose == "company" && len(order) == 0 {
		return []rule.Reading{{Count: 1}}
	}
	for _, key := range order {
		x := *sums[key]
		switch {
		case n.Value != "" && x.Count > 0:
			x.Value /= float64(x.Count)
		case n.GoodIf != "" && x.Count > 0:
			x.Value = x.Value * 100 / float64(x.Count)
		case n.GoodIf == "" && n.Value == "" && n.Whose == "company":
			x.Count = max(x.Count, 1)
		}
		out = append(out, x)
	}
	return out
}
