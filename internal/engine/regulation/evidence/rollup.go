package evidence

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/ids"
)

// rollupTables are the counts of outcomes by clause, month, unit and result, and how far they go. Counting the outcomes
// themselves would grow with the table; no row of the counts is touched by an action, so none is waited for.
func rollupTables() []db.Table {
	return []db.Table{
		{Name: "control_totals", Columns: []db.Column{
			{Name: "id", Key: true}, {Name: "regulation"}, {Name: "clause"}, {Name: "month"}, {Name: "unit_id", Kind: db.Int}, {Name: "result"},
			{Name: "n", Kind: db.Int},
		}, Indexes: []db.Index{
			{Columns: []string{"unit_id", "month", "regulation", "clause", "result", "n"}},
			{Columns: []string{"regulation", "unit_id", "month", "clause", "result", "n"}},
		}},
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

// Fold adds settled outcomes to the counts and returns how many it took. It is repeatable; call it until it returns less
// than it could take, which is what more says.
func Fold(ctx context.Context, tx *db.Tx, now time.Time) (n int, more bool, err error) {
	mark, err := markOf(ctx, tx)
	if err != nil {
		return 0, false, err
	}
	limit := ids.Before(now.Add(-settleTime))
	var last ids.ID
	batch := fmt.Sprintf("SELECT id, regulation, clause, month, COALESCE(unit_id, 0) AS unit, result FROM control_outcomes WHERE id > ? AND id <= ? ORDER BY id LIMIT %d", foldBatch)
	if err := tx.QueryRow(ctx, "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM ("+batch+") b", int64(mark), int64(limit)).Scan(&n, &last); err != nil {
		return 0, false, fmt.Errorf("fold outcomes: %w", err)
	}
	if n == 0 {
		return 0, false, nil
	}
	for _, unit := range []string{"unit", fmt.Sprint(allUnits)} {
		key := "clause || '/' || month || '/' || CAST(" + unit + " AS TEXT) || '/' || result"
		_, err = tx.Exec(ctx, `INSERT INTO control_totals (id, regulation, clause, month, unit_id, result, n)
			SELECT `+key+`, regulation, clause, month, `+unit+`, result, COUNT(*) FROM (`+batch+`) b WHERE true GROUP BY 1, 2, 3, 4, 5, 6
			ON CONFLICT (id) DO UPDATE SET n = control_totals.n + excluded.n`, int64(mark), int64(limit))
		if err != nil {
			return 0, false, fmt.Errorf("fold outcomes: %w", err)
		}
	}
	_, err = tx.Exec(ctx, "INSERT INTO control_marks (id, outcome_id) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET outcome_id = excluded.outcome_id", last)
	if err != nil {
		return 0, false, fmt.Errorf("fold outcomes: %w", err)
	}
	return n, n == foldBatch, nil
}

func markOf(ctx context.Context, tx *db.Tx) (ids.ID, error) {
	var mark ids.ID
	err := tx.QueryRow(ctx, "SELECT outcome_id FROM control_marks WHERE id = 1").Scan(&mark)
	if err != nil && !db.IsNoRows(err) {
		return 0, fmt.Errorf("mark of the counts: %w", err)
	}
	return mark, nil
}

// Scope narrows counts. Units are those whose outcomes count; nil means all.
type Scope struct {
	Regulation, Clause string
	From, To           string // months, inclusive
	Units              []ids.ID
}

// Count is how often a result was seen for a clause in a month.
type Count struct {
	Regulation, Clause, Month string
	Unit                      ids.ID // zero unless asked for by unit
	Result                    Result
	N                         int
}

// Counts returns the counts in a scope, from the totals and from what is not in them yet, by regulation, clause and
// month. With byUnit every unit has its own.
func Counts(ctx context.Context, tx *db.Tx, s Scope, byUnit bool) ([]Count, error) {
	mark, err := markOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	unit := "0"
	if byUnit {
		unit = "unit"
	}
	level := fmt.Sprintf("unit_id <> %d", allUnits)
	if s.Units == nil && !byUnit {
		level = fmt.Sprintf("unit_id = %d", allUnits)
	}
	where, args := s.where()
	stmt := fmt.Sprintf(`SELECT regulation, clause, month, %[1]s, result, SUM(n) FROM (
			SELECT regulation, clause, month, unit_id AS unit, result, n FROM control_totals WHERE %[3]s AND %[2]s
			UNION ALL
			SELECT regulation, clause, month, COALESCE(unit_id, 0) AS unit, result, 1 AS n FROM control_outcomes WHERE id > ? AND %[2]s
		) c GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`, unit, where, level)
	var out []Count
	err = tx.Each(ctx, stmt, append(append(append([]any{}, args...), int64(mark)), args...), func(r *sql.Rows) error {
		var c Count
		if err := r.Scan(&c.Regulation, &c.Clause, &c.Month, &c.Unit, &c.Result, &c.N); err != nil {
			return err
		}
		out = append(out, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count outcomes: %w", err)
	}
	return out, nil
}

func (s Scope) where() (string, []any) {
	cond, args := "month >= ? AND month <= ?", []any{s.From, s.To}
	if s.Regulation != "" {
		cond, args = cond+" AND regulation = ?", append(args, s.Regulation)
	}
	if s.Clause != "" {
		cond, args = cond+" AND clause = ?", append(args, s.Clause)
	}
	if s.Units != nil {
		cond += " AND COALESCE(unit_id, 0) IN (" + strings.TrimSuffix(strings.Repeat("?, ", max(len(s.Units), 1)), ", ") + ")"
		for _, u := range s.Units {
			args = append(args, int64(u))
		}
		if len(s.Units) == 0 {
			args = append(args, -1)
		}
	}
	return cond, args
}
