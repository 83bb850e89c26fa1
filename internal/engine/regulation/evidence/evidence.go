// Package evidence keeps what clauses did: outcomes and clocks.
//
// An [Outcome] is one row for each time a control of a clause was exercised. They are never changed; status, heat map
// and reports are computed from them. A [Clock] is a running deadline. The package judges nothing.
package evidence

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/ids"
)

// Result is what came of exercising a control.
type Result string

// The results, two or more a control.
const (
	Passed      Result = "passed" // guard
	Refused     Result = "refused"
	Excepted    Result = "excepted"
	Met         Result = "met" // deadline
	Late        Result = "late"
	Cancelled   Result = "cancelled"
	Clean       Result = "clean" // detector
	Suspected   Result = "suspected"
	Confirmed   Result = "confirmed"
	Dismissed   Result = "dismissed"
	Signed      Result = "signed" // acknowledge
	Outstanding Result = "outstanding"
	Done        Result = "done"   // duty; or Late
	Missed      Result = "missed" // duty, metric, attest
	Complete    Result = "complete"
	Incomplete  Result = "incomplete"
	Followed    Result = "followed" // workflow
	Deviated    Result = "deviated"
	Reached     Result = "reached"       // metric
	GoodFound   Result = "attested_good" // attest
	BadFound    Result = "attested_bad"
)

// Good reports whether the result shows the clause kept. Cancelled, excepted and dismissed show neither.
func (r Result) Good() bool {
	switch r {
	case Passed, Met, Clean, Signed, Done, Complete, Followed, Reached, GoodFound:
		return true
	}
	return false
}

// Bad reports whether the result shows the clause not kept or nearly broken. A refusal is the clause at work: the
// action did not happen, so it is not bad.
func (r Result) Bad() bool {
	switch r {
	case Late, Confirmed, Outstanding, Missed, Incomplete, Deviated, BadFound:
		return true
	}
	return false
}

// Directions lists, by control, the results of which each must have been seen for the control to be proven: one of
// every inner list.
func Directions(control string) [][]Result {
	switch control {
	case "guard":
		return [][]Result{{Passed}, {Refused}}
	case "deadline":
		return [][]Result{{Met}, {Late}}
	case "detector":
		return [][]Result{{Clean}, {Suspected}}
	case "duty":
		return [][]Result{{Done}, {Late, Missed}}
	case "register":
		return [][]Result{{Complete}, {Incomplete}}
	case "workflow":
		return [][]Result{{Followed}, {Deviated}}
	case "metric":
		return [][]Result{{Reached}, {Missed}}
	case "attest":
		return [][]Result{{GoodFound}, {BadFound, Missed}}
	}
	return [][]Result{{Signed}, {Outstanding, Refused}}
}

// Outcome is one exercise of a control.
type Outcome struct {
	ID         ids.ID
	At         time.Time
	Regulation string // key
	Clause     string // key
	Version    ids.ID
	Control    string
	Result     Result
	Event      string
	Type       string // of the record it was about
	Record     ids.ID
	Unit       ids.ID
	Person     ids.ID // who acted, answers for the clock, or is suspected
	Detail     map[string]any
}

// Tables returns the tables of outcomes and clocks.
func Tables() []db.Table {
	return append(rollupTables(), []db.Table{
		{Name: "control_outcomes", Columns: []db.Column{
			{Name: "id", Kind: db.Int, Key: true}, {Name: "at", Kind: db.Instant}, {Name: "month"}, {Name: "regulation"}, {Name: "clause"},
			{Name: "version_id", Kind: db.Int, Null: true}, {Name: "control"}, {Name: "result"}, {Name: "event"}, {Name: "type"},
			{Name: "record_id", Kind: db.Int, Null: true}, {Name: "unit_id", Kind: db.Int, Null: true},
			{Name: "person_id", Kind: db.Int, Null: true}, {Name: "detail", Kind: db.JSON, Null: true},
		}, Indexes: []db.Index{
			{Columns: []string{"clause", "id"}}, {Columns: []string{"regulation", "month", "clause", "result"}}, {Columns: []string{"record_id", "id"}},
		}},
		{Name: "control_clocks", Columns: []db.Column{
			{Name: "id", Kind: db.Int, Key: true}, {Name: "regulation"}, {Name: "clause"}, {Name: "version_id", Kind: db.Int, Null: true},
			{Name: "binding_id", Kind: db.Int}, {Name: "type"}, {Name: "record_id", Kind: db.Int}, {Name: "unit_id", Kind: db.Int, Null: true},
			{Name: "owner_id", Kind: db.Int, Null: true}, {Name: "calendar"}, {Name: "work", Kind: db.Bool}, {Name: "state"},
			{Name: "started_at", Kind: db.Instant}, {Name: "due_at", Kind: db.Instant}, {Name: "warn_at", Kind: db.Instant},
			{Name: "warned_at", Kind: db.Instant, Null: true}, {Name: "paused_at", Kind: db.Instant, Null: true},
			{Name: "left_seconds", Kind: db.Int}, {Name: "warn_seconds", Kind: db.Int}, {Name: "stopped_at", Kind: db.Instant, Null: true},
			{Name: "next_at", Kind: db.Instant, Null: true},
		}, Indexes: []db.Index{
			{Columns: []string{"next_at"}, Where: "next_at IS NOT NULL"}, {Columns: []string{"record_id", "id"}}, {Columns: []string{"clause", "id"}},
			{Columns: []string{"owner_id", "due_at"}, Where: "stopped_at IS NULL"},
			{Columns: []string{"unit_id", "due_at"}, Where: "stopped_at IS NULL"},
		}},
	}...)
}

// Add writes an outcome. Month is that of the organisation's zone.
func Add(ctx context.Context, tx *db.Tx, o Outcome, zone *time.Location) error {
	return AddAll(ctx, tx, []Outcome{o}, zone)
}

// batchOf is how many of n outcomes the next statement writes. The sizes are few, so that their statements stay prepared.
func batchOf(n int) int {
	switch {
	case n >= 25:
		return 25
	case n >= 5:
		return 5
	}
	return 1
}

// AddAll writes outcomes, many with one statement.
func AddAll(ctx context.Context, tx *db.Tx, list []Outcome, zone *time.Location) error {
	for len(list) > 0 {
		batch := list[:batchOf(len(list))]
		list = list[len(batch):]
		args := make([]any, 0, len(batch)*14)
		for _, o := range batch {
			detail, err := detailOf(o)
			if err != nil {
				return err
			}
			args = append(args, o.ID, o.At, o.At.In(zone).Format("2006-01"), o.Regulation, o.Clause, o.Version, o.Control, string(o.Result), o.Event, o.Type,
				o.Record, o.Unit, o.Person, detail)
		}
		row := "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		_, err := tx.Exec(ctx, `INSERT INTO control_outcomes (id, at, month, regulation, clause, version_id, control, result, event, type,
			record_id, unit_id, person_id, detail) VALUES `+row+strings.Repeat(", "+row, len(batch)-1), args...)
		if err != nil {
			return fmt.Errorf("outcome of %s: %w", batch[0].Clause, err)
		}
	}
	return nil
}

func detailOf(o Outcome) (any, error) {
	if len(o.Detail) == 0 {
		return nil, nil
	}
	b, err := json.Marshal(o.Detail)
	if err != nil {
		return nil, fmt.Errorf("outcome of %s: %w", o.Clause, err)
	}
	return string(b), nil
}

// Filter selects outcomes.
type Filter struct {
	Regulation, Clause string
	Month              string // "2026-03"
	Result             Result
	Record             ids.ID
	Control            string
	Event              string
	Before             ids.ID // older than this outcome
	Limit              int
}

func (f Filter) where() (string, []any) {
	query, args := " WHERE 1 = 1", []any{}
	add := func(cond string, v any) { query, args = query+" AND "+cond, append(args, v) }
	if f.Regulation != "" {
		add("regulation = ?", f.Regulation)
	}
	if f.Clause != "" {
		add("clause = ?", f.Clause)
	}
	if f.Month != "" {
		add("month = ?", f.Month)
	}
	if f.Result != "" {
		add("result = ?", string(f.Result))
	}
	if f.Record != 0 {
		add("record_id = ?", f.Record)
	}
	if f.Control != "" {
		add("control = ?", f.Control)
	}
	if f.Event != "" {
		add("event = ?", f.Event)
	}
	if f.Before != 0 {
		add("id < ?", f.Before)
	}
	return query, args
}

// List returns outcomes, newest first, at most Limit (100 where not set). Whether the reader may see the records they
// name is the caller's check.
func List(ctx context.Context, tx *db.Tx, f Filter) ([]Outcome, error) {
	where, args := f.where()
	limit := f.Limit
	if limit <= 0 || limit > 500 {
		limit = 100
	}
	var out []Outcome
	err := tx.Each(ctx, `SELECT id, at, regulation, clause, version_id, control, result, event, type, record_id, unit_id, person_id, detail
		FROM control_outcomes`+where+fmt.Sprintf(" ORDER BY id DESC LIMIT %d", limit), args, func(r *sql.Rows) error {
		var o Outcome
		var detail sql.NullString
		if err := r.Scan(&o.ID, db.Time(&o.At), &o.Regulation, &o.Clause, &o.Version, &o.Control, &o.Result, &o.Event, &o.Type,
			&o.Record, &o.Unit, &o.Person, &detail); err != nil {
			return err
		}
		if detail.String != "" {
			if err := json.Unmarshal([]byte(detail.String), &o.Detail); err != nil {
				return err
			}
		}
		out = append(out, o)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list outcomes: %w", err)
	}
	return out, nil
}

// Tally counts results.
type Tally map[Result]int

// Add counts what another tally counted as well.
func (t Tally) Add(other Tally) {
	for r, n := range other {
		t[r] += n
	}
}

// Sides counts the outcomes that show a clause kept and those that show it not kept.
func (t Tally) Sides() (good, bad int) {
	for r, n := range t {
		switch {
		case r.Good():
			good += n
		case r.Bad():
			bad += n
		}
	}
	return good, bad
}

// Status is what the outcomes of a clause say.
type Status string

// The states of a clause in a period.
const (
	NotBound     Status = "not_bound"
	NotExercised Status = "not_exercised"
	Kept         Status = "kept"
	KeptLate     Status = "kept_late" // kept, with lateness in between
	Breached     Status = "breached"
	OnlyExcepted Status = "excepted"
)

// StatusOf judges a tally. Nothing is called kept that was not exercised; whatever was late, missed, incomplete or found
// bad beside what was kept makes it kept with lateness, alone it makes it breached.
func StatusOf(bound bool, t Tally) Status {
	if !bound {
		return NotBound
	}
	good, bad := t.Sides()
	other := t[Refused] + t[Suspected] + t[Dismissed]
	switch {
	case t[Confirmed] > 0, bad > 0 && good == 0:
		return Breached
	case bad > 0:
		return KeptLate
	case good+other > 0:
		return Kept
	case t[Excepted] > 0:
		return OnlyExcepted
	}
	return NotExercised
}
