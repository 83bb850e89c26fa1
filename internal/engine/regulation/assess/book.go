package assess

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Excluded is the status of a clause that was declared not to apply.
const Excluded evidence.Status = "not_applicable"

// Book answers how regulations are kept. Set its fields before first use; it is then safe for concurrent use.
type Book struct {
	Engine  *regulation.Engine
	Records *access.Records
}

// Row is how one clause stands over a period.
type Row struct {
	Regulation string          `json:"regulation"`
	Version    int64           `json:"version"`
	Clause     string          `json:"clause"`
	Parent     string          `json:"parent,omitempty"`
	Level      string          `json:"level"`
	Printed    string          `json:"printed"`
	Heading    [2]string       `json:"heading"` // zh, en
	Body       [2]string       `json:"body"`
	Post       string          `json:"post,omitempty"`
	Room       string          `json:"room,omitempty"`
	Calls      []string        `json:"calls,omitempty"` // kinds of control the clause calls for
	Bound      []string        `json:"bound,omitempty"` // kinds of control that are bound
	Why        string          `json:"why,omitempty"`   // why it does not apply
	Tally      evidence.Tally  `json:"tally,omitempty"` // outcomes by result
	Excepted   int             `json:"excepted,omitempty"`
	Breaches   int             `json:"breaches,omitempty"` // suspicions that wait for a decision
	Status     evidence.Status `json:"status"`
}

// Sheet is how one regulation stands over a period. Clauses are in printed order, headings among them without status.
type Sheet struct {
	Key     string    `json:"key"`
	Title   [2]string `json:"title"`
	Body    [2]string `json:"body"`
	Version int64     `json:"version"`
	Hash    string    `json:"text_hash"`
	InForce time.Time `json:"in_force_at"`
	Rows    []Row     `json:"rows"`
}

// Count returns the clauses of the sheet by status.
func (s *Sheet) Count() map[evidence.Status]int {
	out := map[evidence.Status]int{}
	for _, r := range s.Rows {
		if r.Status != "" {
			out[r.Status]++
		}
	}
	return out
}

// Period narrows what is looked at.
type Period struct {
	From, To    string // months, inclusive
	Regulations []string
	Unit        record.ID // with those below; none means all
}

// scope returns the units whose outcomes the actor may count: nil for all.
func (b *Book) scope(ctx context.Context, tx *db.Tx, a access.Actor, unit record.ID) ([]record.ID, error) {
	s, err := b.Engine.Guard.Authorize(ctx, tx, a, "assessment", record.Read)
	if err != nil {
		return nil, err
	}
	if unit == 0 {
		if s.Visible.All {
			return nil, nil
		}
		return append([]record.ID{}, s.Visible.Units...), nil
	}
	below, err := b.Engine.Guard.Below(ctx, tx, unit)
	if err != nil {
		return nil, err
	}
	if s.Visible.All {
		return below, nil
	}
	return slices.DeleteFunc(below, func(u record.ID) bool { return !slices.Contains(s.Visible.Units, u) }), nil
}

// Statement tells how each clause in force stands over the period, as far as the actor may count: the statement of
// applicability. Forbidden for those who may not read assessments.
func (b *Book) Statement(ctx context.Context, a access.Actor, p Period) ([]*Sheet, error) {
	return db.View(ctx, b.Engine.DB, func(tx *db.Tx) ([]*Sheet, error) {
		units, err := b.scope(ctx, tx, a, p.Unit)
		if err != nil {
			return nil, err
		}
		return b.sheets(ctx, tx, p, units)
	})
}

func (b *Book) sheets(ctx context.Context, tx *db.Tx, p Period, units []record.ID) ([]*Sheet, error) {
	list, err := texts(ctx, tx, p.Regulations)
	if err != nil {
		return nil, err
	}
	f, err := b.figures(ctx, tx, p, units)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		for i := range s.Rows {
			if r := &s.Rows[i]; r.Body[0] != "" {
				f.fill(r)
			}
		}
	}
	return list, nil
}

// Texts reads the regulations in force of the period with their clauses, without figures. Regulations are open to
// everybody who signed in; the caller has checked that.
func (b *Book) Texts(ctx context.Context, tx *db.Tx, p Period) ([]*Sheet, error) {
	return texts(ctx, tx, p.Regulations)
}

// texts reads the regulations in force with their clauses, without figures.
func texts(ctx context.Context, tx *db.Tx, keys []string) ([]*Sheet, error) {
	var out []*Sheet
	byKey := map[string]*Sheet{}
	err := tx.Each(ctx, `SELECT r.key, r.title, r.title_en, r.body, r.body_en, v.version_no, v.text_hash, v.in_force_at, c.key, c.parent_key, c.level, c.printed,
		c.heading, c.heading_en, c.body, c.body_en, c.post, c.room, c.controls FROM regulations r JOIN regulation_versions v ON v.id = r.current_id
		JOIN clauses c ON c.version_id = v.id WHERE r.archived_at IS NULL AND v.status = 'in_force' AND c.archived_at IS NULL ORDER BY r.key, c.position`,
		nil, func(rows *sql.Rows) error {
			var s Sheet
			var r Row
			var calls sql.NullString
			err := rows.Scan(&s.Key, &s.Title[0], &s.Title[1], &s.Body[0], &s.Body[1], &s.Version, &s.Hash, db.Time(&s.InForce), &r.Clause, &r.Parent, &r.Level,
				&r.Printed, &r.Heading[0], &r.Heading[1], &r.Body[0], &r.Body[1], &r.Post, &r.Room, &calls)
			if err != nil || len(keys) > 0 && !slices.Contains(keys, s.Key) {
				return err
			}
			if calls.String != "" {
				if err := json.Unmarshal([]byte(calls.String), &r.Calls); err != nil {
					return err
				}
			}
			have := byKey[s.Key]
			if have == nil {
				have = &s
				byKey[s.Key], out = have, append(out, have)
			}
			r.Regulation, r.Version = s.Key, s.Version
			have.Rows = append(have.Rows, r)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("texts in force: %w", err)
	}
	return out, nil
}

// figures are what fills the rows.
type figures struct {
	tallies  map[string]evidence.Tally
	bound    map[string][]string
	excluded map[string]string
	breaches map[string]int
}

func (b *Book) figures(ctx context.Context, tx *db.Tx, p Period, units []record.ID) (*figures, error) {
	f := &figures{}
	sums, err := evidence.Sums(ctx, tx, evidence.Scope{From: p.From, To: p.To, Units: units}, false)
	if err != nil {
		return nil, err
	}
	f.tallies = evidence.ByClause(sums)
	if f.bound, err = boundKinds(ctx, tx); err != nil {
		return nil, err
	}
	if f.excluded, err = exclusions(ctx, tx, b.Engine.Clock.Now()); err != nil {
		return nil, err
	}
	f.breaches, err = openBreaches(ctx, tx, units)
	return f, err
}

func (f *figures) fill(r *Row) {
	r.Tally, r.Bound, r.Breaches = f.tallies[r.Clause], f.bound[r.Clause], f.breaches[r.Clause]
	r.Excepted = r.Tally[evidence.Excepted]
	r.Status = evidence.StatusOf(len(r.Bound) > 0, r.Tally)
	if why, ok := f.excluded[r.Clause]; ok {
		r.Status, r.Why = Excluded, why
	}
}

func boundKinds(ctx context.Context, tx *db.Tx) (map[string][]string, error) {
	out := map[string][]string{}
	err := tx.Each(ctx, `SELECT DISTINCT b.clause_key, b.control FROM bindings b JOIN regulations r ON r.current_id = b.version_id
		WHERE b.archived_at IS NULL AND NOT b.off ORDER BY 1, 2`, nil, func(r *sql.Rows) error {
		var clause, kind string
		err := r.Scan(&clause, &kind)
		out[clause] = append(out[clause], kind)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("controls in force: %w", err)
	}
	return out, nil
}

func exclusions(ctx context.Context, tx *db.Tx, now time.Time) (map[string]string, error) {
	out := map[string]string{}
	err := tx.Each(ctx, "SELECT clause_key, reason FROM exclusions WHERE status = 'in_effect' AND archived_at IS NULL AND (ends_on IS NULL OR ends_on >= ?)",
		[]any{db.Day(now)}, func(r *sql.Rows) error {
			var clause, why string
			err := r.Scan(&clause, &why)
			out[clause] = why
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("exclusions: %w", err)
	}
	return out, nil
}

func openBreaches(ctx context.Context, tx *db.Tx, units []record.ID) (map[string]int, error) {
	out := map[string]int{}
	err := tx.Each(ctx, `SELECT clause_key, unit_id, COUNT(*) FROM breaches WHERE archived_at IS NULL AND status NOT IN ('confirmed', 'dismissed')
		GROUP BY clause_key, unit_id`, nil, func(r *sql.Rows) error {
		var clause string
		var unit record.ID
		var n int
		if err := r.Scan(&clause, &unit, &n); err != nil {
			return err
		}
		if units == nil || slices.Contains(units, unit) {
			out[clause] += n
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open breaches: %w", err)
	}
	return out, nil
}

// Cell is one regulation in one month: its clauses by status, and its outcomes by result.
type Cell struct {
	Clauses map[evidence.Status]int
	Tally   evidence.Tally
}

// Worst is the status that colours the cell.
func (c *Cell) Worst() evidence.Status {
	if c == nil {
		return evidence.NotExercised
	}
	for _, s := range []evidence.Status{evidence.Breached, evidence.KeptLate, evidence.Kept, evidence.OnlyExcepted} {
		if c.Clauses[s] > 0 {
			return s
		}
	}
	return evidence.NotExercised
}

// Line is one regulation of the heat map.
type Line struct {
	Key         string
	Title       [2]string
	Clauses     int // with a text
	Bound       int
	Excluded    int
	Unexercised int // bound, and nothing seen in the months
	Cells       map[string]*Cell
}

// Heat is the map of regulations and months, the oldest month first.
type Heat struct {
	Months []string
	Lines  []*Line
}

// HeatOf computes the map, as far as the actor may count.
func (b *Book) HeatOf(ctx context.Context, a access.Actor, p Period) (*Heat, error) {
	if !month.MatchString(p.From) || !month.MatchString(p.To) || p.From > p.To {
		return nil, errs.Of("from", "assessment.period")
	}
	return db.View(ctx, b.Engine.DB, func(tx *db.Tx) (*Heat, error) {
		units, err := b.scope(ctx, tx, a, p.Unit)
		if err != nil {
			return nil, err
		}
		h := &Heat{Months: Months(p.From, p.To)}
		byKey, clauses, err := b.lines(ctx, tx, h)
		if err != nil {
			return nil, err
		}
		sums, err := evidence.Sums(ctx, tx, evidence.Scope{From: p.From, To: p.To, Units: units}, false)
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		for _, s := range sums {
			line := byKey[s.Regulation]
			for clause, t := range s.Clauses {
				if line == nil || !clauses[clause] {
					continue // a clause that is no longer in force or does not apply
				}
				seen[clause] = true
				line.add(s.Month, t)
			}
		}
		for clause := range clauses {
			if !seen[clause] {
				if line := byKey[regulationOf(byKey, clause)]; line != nil {
					line.Unexercised++
				}
			}
		}
		return h, nil
	})
}

// regulationOf is the key of the regulation a clause belongs to, by the longest key it begins with.
func regulationOf(lines map[string]*Line, clause string) string {
	best := ""
	for key := range lines {
		if len(key) > len(best) && len(clause) > len(key) && clause[:len(key)] == key && (clause[len(key)] == '.' || clause[len(key)] == '#') {
			best = key
		}
	}
	return best
}

func (l *Line) add(month string, t evidence.Tally) {
	c := l.Cells[month]
	if c == nil {
		c = &Cell{Clauses: map[evidence.Status]int{}, Tally: evidence.Tally{}}
		l.Cells[month] = c
	}
	c.Clauses[evidence.StatusOf(true, t)]++
	c.Tally.Add(t)
}

// lines reads the regulations in force and which of their clauses are bound and apply.
func (b *Book) lines(ctx context.Context, tx *db.Tx, h *Heat) (map[string]*Line, map[string]bool, error) {
	byKey, applying := map[string]*Line{}, map[string]bool{}
	out, err := exclusions(ctx, tx, b.Engine.Clock.Now())
	if err != nil {
		return nil, nil, err
	}
	bound, err := boundKinds(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	err = tx.Each(ctx, `SELECT r.key, r.title, r.title_en, c.key FROM regulations r JOIN clauses c ON c.version_id = r.current_id
		WHERE r.archived_at IS NULL AND c.archived_at IS NULL AND c.body <> '' ORDER BY r.key`, nil, func(r *sql.Rows) error {
		var l Line
		var clause string
		if err := r.Scan(&l.Key, &l.Title[0], &l.Title[1], &clause); err != nil {
			return err
		}
		have := byKey[l.Key]
		if have == nil {
			have, l.Cells = &l, map[string]*Cell{}
			byKey[l.Key], h.Lines = have, append(h.Lines, have)
		}
		have.Clauses++
		switch _, no := out[clause]; {
		case no:
			have.Excluded++
		case len(bound[clause]) > 0:
			have.Bound++
			applying[clause] = true
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("regulations in force: %w", err)
	}
	return byKey, applying, nil
}
