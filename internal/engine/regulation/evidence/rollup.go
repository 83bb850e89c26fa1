package evidence

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/ids"
)

// rollupTables are the counts of outcomes and how far they go. Counting the outcomes themselves would grow with the
// table, and a row for each clause and result is too many to read for a map; so a row holds all clauses of a regulation
// in a month and unit. No row of the counts is touched by an action, so none is waited for.
func rollupTables() []db.Table {
	return []db.Table{
		{Name: "control_sums", Columns: []db.Column{
			{Name: "id", Key: true}, {Name: "unit_id", Kind: db.Int}, {Name: "month"}, {Name: "regulation"}, {Name: "counts", Kind: db.JSON},
		}, Indexes: []db.Index{{Columns: []string{"unit_id", "month"}}, {Columns: []string{"regulation", "month"}}}},
		{Name: "control_marks", Columns: []db.Column{{Name: "id", Kind: db.Int, Key: true}, {Name: "outcome_id", Kind: db.Int}}},
	}
}

// settleTime is how long an outcome waits before it is counted for good: a transaction that took its number earlier has
// committed by then.
const settleTime = 10 * time.Minute

// allUnits stands for the sum over all units, so that a map of the whole company reads one row where there are twenty.
const allUnits = -1

// foldBatch is how many outcomes one call of Fold counts.
const foldBatch = 20_000

// sumsMark is the row of control_marks that says how far the sums go. Row 1 was that of an earlier form of the counts.
const sumsMark = 2

// Sum is how the clauses of a regulation fared in a month.
type Sum struct {
	Regulation, Month string
	Unit              ids.ID // zero unless asked for by unit
	Clauses           map[string]Tally
}

// key names the row of a sum.
func (s *Sum) key() string { return fmt.Sprintf("%s/%s/%d", s.Regulation, s.Month, int64(s.Unit)) }

func (s *Sum) add(clause string, r Result, n int) {
	if s.Clauses[clause] == nil {
		s.Clauses[clause] = Tally{}
	}
	s.Clauses[clause][r] += n
}

// Fold adds settled outcomes to the sums and returns how many it took. It is repeatable; call it until more is false. Two
// that fold at once wait for each other.
func Fold(ctx context.Context, tx *db.Tx, now time.Time) (n int, more bool, err error) {
	mark, err := lockMark(ctx, tx)
	if err != nil {
		return 0, false, err
	}
	last, sums := mark, map[string]*Sum{}
	err = tx.Each(ctx, fmt.Sprintf(`SELECT id, regulation, clause, month, COALESCE(unit_id, 0), result FROM control_outcomes
		WHERE id > ? AND id <= ? ORDER BY id LIMIT %d`, foldBatch), []any{int64(mark), int64(ids.Before(now.Add(-settleTime)))}, func(r *sql.Rows) error {
		var s Sum
		var clause string
		var result Result
		if err := r.Scan(&last, &s.Regulation, &clause, &s.Month, &s.Unit, &result); err != nil {
			return err
		}
		n++
		for _, unit := range []ids.ID{s.Unit, allUnits} {
			s.Unit = unit
			have := sums[s.key()]
			if have == nil {
				have = &Sum{Regulation: s.Regulation, Month: s.Month, Unit: unit, Clauses: map[string]Tally{}}
				sums[s.key()] = have
			}
			have.add(clause, result, 1)
		}
		return nil
	})
	for key, s := range sums {
		if err == nil {
			err = s.store(ctx, tx, key)
		}
	}
	if err == nil && n > 0 {
		_, err = tx.Exec(ctx, "UPDATE control_marks SET outcome_id = ? WHERE id = ?", int64(last), sumsMark)
	}
	if err != nil {
		return 0, false, fmt.Errorf("fold outcomes: %w", err)
	}
	return n, n == foldBatch, nil
}

// lockMark returns how far the sums go and keeps others from folding until the transaction ends.
func lockMark(ctx context.Context, tx *db.Tx) (ids.ID, error) {
	var mark ids.ID
	_, err := tx.Exec(ctx, "INSERT INTO control_marks (id, outcome_id) VALUES (?, 0) ON CONFLICT (id) DO UPDATE SET outcome_id = control_marks.outcome_id", sumsMark)
	if err == nil {
		err = tx.QueryRow(ctx, "SELECT outcome_id FROM control_marks WHERE id = ?", sumsMark).Scan(&mark)
	}
	if err != nil {
		return 0, fmt.Errorf("mark of the sums: %w", err)
	}
	return mark, nil
}

// store adds the sum to its row.
func (s *Sum) store(ctx context.Context, tx *db.Tx, key string) error {
	var had string
	switch err := tx.QueryRow(ctx, "SELECT counts FROM control_sums WHERE id = ?", key).Scan(&had); {
	case db.IsNoRows(err):
	case err != nil:
		return err
	default:
		if err := s.merge([]byte(had)); err != nil {
			return err
		}
	}
	counts, err := json.Marshal(s.Clauses)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO control_sums (id, unit_id, month, regulation, counts) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET counts = excluded.counts`, key, int64(s.Unit), s.Month, s.Regulation, string(counts))
	return err
}

func (s *Sum) merge(counts []byte) error {
	had := map[string]Tally{}
	if err := json.Unmarshal(counts, &had); err != nil {
		return fmt.Errorf("sum %s: %w", s.key(), err)
	}
	if len(s.Clauses) == 0 {
		s.Clauses = had
		return nil
	}
	for clause, t := range had {
		for r, n := range t {
			s.add(clause, r, n)
		}
	}
	return nil
}

// Scope narrows sums. Units are those whose outcomes count; nil means all.
type Scope struct {
	Regulation string
	From, To   string // months, inclusive
	Units      []ids.ID
}

// Sums returns the sums in a scope, from what was folded and from the outcomes that were not yet, by regulation, month
// and unit. With byUnit every unit has its own.
func Sums(ctx context.Context, tx *db.Tx, s Scope, byUnit bool) ([]*Sum, error) {
	level, args := fmt.Sprintf("unit_id <> %d AND ", allUnits), []any{}
	if s.Units == nil && !byUnit {
		level = fmt.Sprintf("unit_id = %d AND ", allUnits)
	}
	where, scope := s.where()
	args = append(append(append(args, scope...), sumsMark), scope...)
	found := map[string]*Sum{}
	// the limit keeps the planner from looking for fresh outcomes by anything but their id
	err := tx.Each(ctx, `SELECT regulation, month, unit_id, counts, '', '', 0 FROM control_sums WHERE `+level+where+`
		UNION ALL
		SELECT regulation, month, unit_id, NULL, clause, result, COUNT(*) FROM (
			SELECT regulation, month, COALESCE(unit_id, 0) AS unit_id, clause, result FROM control_outcomes
			WHERE id > COALESCE((SELECT outcome_id FROM control_marks WHERE id = ?), 0) ORDER BY id LIMIT 1000000000
		) fresh WHERE `+where+` GROUP BY 1, 2, 3, 5, 6`, args, func(r *sql.Rows) error {
		var row Sum
		var counts sql.RawBytes
		var clause string
		var result Result
		var n int
		if err := r.Scan(&row.Regulation, &row.Month, &row.Unit, &counts, &clause, &result, &n); err != nil {
			return err
		}
		if !byUnit {
			row.Unit = 0
		}
		have := found[row.key()]
		if have == nil {
			have = &Sum{Regulation: row.Regulation, Month: row.Month, Unit: row.Unit, Clauses: map[string]Tally{}}
			found[row.key()] = have
		}
		if counts != nil {
			return have.merge(counts)
		}
		have.add(clause, result, n)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sums of outcomes: %w", err)
	}
	out := make([]*Sum, 0, len(found))
	for _, sum := range found {
		out = append(out, sum)
	}
	slices.SortFunc(out, func(a, b *Sum) int {
		return cmp.Or(cmp.Compare(a.Regulation, b.Regulation), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Unit, b.Unit))
	})
	return out, nil
}

func (s Scope) where() (string, []any) {
	cond, args := "month >= ? AND month <= ?", []any{s.From, s.To}
	if s.Regulation != "" {
		cond, args = cond+" AND regulation = ?", append(args, s.Regulation)
	}
	if s.Units != nil {
		cond += " AND unit_id IN (" + strings.TrimSuffix(strings.Repeat("?, ", max(len(s.Units), 1)), ", ") + ")"
		for _, u := range s.Units {
			args = append(args, int64(u))
		}
		if len(s.Units) == 0 {
			args = append(args, -1)
		}
	}
	return cond, args
}
