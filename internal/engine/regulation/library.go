package regulation

import (
	"context"
	"database/sql"
	"fmt"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
)

// Standing is how a regulation stands, in figures.
type Standing struct {
	Key     string
	Status  string // of the version in force, or of the newest
	Version int64  // its number
	Open    int    // versions that are drafts, in review or approved
	Bound   int    // clauses with a control
	Kept    int    // of those, kept over the last twelve months, late or not
	Broken  int    // of those, breached
}

// Library returns how all regulations stand, by key, from a few queries however many there are.
func (e *Engine) Library(ctx context.Context) (map[string]*Standing, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) (map[string]*Standing, error) {
		out := map[string]*Standing{}
		bound := map[string]map[string]bool{}
		if err := standings(ctx, tx, out); err != nil {
			return nil, fmt.Errorf("versions of all regulations: %w", err)
		}
		err := tx.Each(ctx, `SELECT DISTINCT r.key, b.clause_key FROM bindings b JOIN regulation_versions v ON v.id = b.version_id
			JOIN regulations r ON r.id = v.regulation_id WHERE b.archived_at IS NULL AND NOT b.off AND r.current_id = v.id`, nil, func(rows *sql.Rows) error {
			var key, clause string
			err := rows.Scan(&key, &clause)
			if bound[key] == nil {
				bound[key] = map[string]bool{}
			}
			bound[key][clause] = true
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("bindings of all regulations: %w", err)
		}
		months := e.lastMonths(12)
		tallies, err := evidence.Totals(ctx, tx, months[0], months[len(months)-1])
		if err != nil {
			return nil, err
		}
		for key, st := range out {
			st.count(bound[key], tallies)
		}
		return out, nil
	})
}

func standings(ctx context.Context, tx *db.Tx, out map[string]*Standing) error {
	return tx.Each(ctx, `SELECT r.key, v.version_no, v.status, COALESCE(r.current_id, 0) = v.id FROM regulation_versions v JOIN regulations r ON r.id = v.regulation_id
		WHERE v.archived_at IS NULL AND r.archived_at IS NULL ORDER BY r.key, v.version_no`, nil, func(rows *sql.Rows) error {
		var key, status string
		var no int64
		var current bool
		if err := rows.Scan(&key, &no, &status, &current); err != nil {
			return err
		}
		st := out[key]
		if st == nil {
			st = &Standing{Key: key}
			out[key] = st
		}
		if status == "draft" || status == "review" || status == "approved" {
			st.Open++
		}
		if current || st.Status != "in_force" {
			st.Status, st.Version = status, no
		}
		return nil
	})
}

func (st *Standing) count(bound map[string]bool, tallies map[string]evidence.Tally) {
	st.Bound = len(bound)
	for clause := range bound {
		switch evidence.StatusOf(true, tallies[clause]) {
		case evidence.Kept, evidence.KeptLate:
			st.Kept++
		case evidence.Breached:
			st.Broken++
		}
	}
}

// Health counts the open clocks on records of a type in the units the actor sees, by the person who answers for them.
// Forbidden where he may not read the type. What he sees only because it is his own is not counted.
func (e *Engine) Health(ctx context.Context, a access.Actor, typ string) (map[record.ID]evidence.Health, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) (map[record.ID]evidence.Health, error) {
		scope, err := e.Guard.Authorize(ctx, tx, a, typ, record.Read)
		if err != nil {
			return nil, err
		}
		return evidence.HealthByOwner(ctx, tx, typ, scope.Visible.Units, scope.Visible.All)
	})
}
