package evidence

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"dianke/internal/platform/db"
	"dianke/internal/platform/ids"
)

// Totals counts the outcomes of all clauses over the months, from and to inclusive ("2026-01"), by clause.
func Totals(ctx context.Context, tx *db.Tx, from, to string) (map[string]Tally, error) {
	list, err := Sums(ctx, tx, Scope{From: from, To: to}, false)
	return ByClause(list), err
}

// ByClause adds sums up by clause.
func ByClause(list []*Sum) map[string]Tally {
	out := map[string]Tally{}
	for _, s := range list {
		for clause, t := range s.Clauses {
			if out[clause] == nil {
				out[clause] = Tally{}
			}
			out[clause].Add(t)
		}
	}
	return out
}

// Health counts running clocks by where they stand.
type Health struct{ Late, Warned, Fine, Paused int }

// Open is the number of clocks that no event has stopped.
func (h Health) Open() int { return h.Late + h.Warned + h.Fine + h.Paused }

// Most is how many clocks are looked at for one count.
const Most = 10_000

// HealthOf counts the open clocks of units, or of all where all is set, by unit. It looks at [Most] clocks at most, the
// soonest due first, so that the late ones are always among them.
func HealthOf(ctx context.Context, tx *db.Tx, typ string, units []ids.ID, all bool) (map[ids.ID]Health, error) {
	return healthBy(ctx, tx, "unit_id", typ, units, all)
}

// HealthByOwner is [HealthOf] by the person who answers for the clock.
func HealthByOwner(ctx context.Context, tx *db.Tx, typ string, units []ids.ID, all bool) (map[ids.ID]Health, error) {
	return healthBy(ctx, tx, "owner_id", typ, units, all)
}

// healthBy counts by a column that is a word of this package.
func healthBy(ctx context.Context, tx *db.Tx, column, typ string, units []ids.ID, all bool) (map[ids.ID]Health, error) {
	out := map[ids.ID]Health{}
	if len(units) == 0 && !all {
		return out, nil
	}
	query, args := "type = ? AND stopped_at IS NULL", []any{typ}
	if !all {
		query += " AND unit_id IN (" + strings.TrimSuffix(strings.Repeat("?, ", len(units)), ", ") + ")"
		for _, u := range units {
			args = append(args, u)
		}
	}
	stmt := fmt.Sprintf(`SELECT %[1]s, state, warned, COUNT(*) FROM (SELECT %[1]s, state, warned_at IS NOT NULL AS warned FROM control_clocks
		WHERE %[2]s ORDER BY due_at LIMIT %[3]d) c GROUP BY %[1]s, state, warned`, column, query, Most)
	err := tx.Each(ctx, stmt, args, func(r *sql.Rows) error {
		var key ids.ID
		var state ClockState
		var warned bool
		var n int
		if err := r.Scan(&key, &state, &warned, &n); err != nil {
			return err
		}
		h := out[key]
		h.add(state, warned, n)
		out[key] = h
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count clocks: %w", err)
	}
	return out, nil
}

func (h *Health) add(state ClockState, warned bool, n int) {
	switch {
	case state == ClockLate:
		h.Late += n
	case state == Paused:
		h.Paused += n
	case warned:
		h.Warned += n
	default:
		h.Fine += n
	}
}
