package regulation

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// law is one version that is or was in force.
type law struct {
	version    record.ID
	regulation string
	no         int64     // of the version within its regulation
	title      [2]string // zh, en
	from, to   time.Time // to is zero while in force
	units      []record.ID
	posts      []string
	hash       string
}

func (l *law) in(t time.Time) bool {
	return !l.from.After(t) && (l.to.IsZero() || t.Before(l.to))
}

// entry is one compiled binding with the clause it belongs to.
type entry struct {
	*control.Bound
	id      record.ID
	law     *law
	printed string
	body    [2]string
	params  map[string]any
	plan    *plan
}

// regime is all that is or was in force, compiled.
type regime struct {
	laws    []*law
	guards  map[string][]*entry // by event
	starts  map[string][]*entry
	watches map[string][]*entry
	scans   []*entry
	signs   []*entry
	duties  []*entry
	does    map[string][]*entry // duties by the event that does them
	ledgers map[string][]*entry // registers by type
	ends    map[string][]*entry // workflows by the event at which they are compared
	metrics []*entry
	attests []*entry
	asks    map[string][]*entry // attestations by the event that calls for them
	byID    map[record.ID]*entry
	stamp   string
}

// regime returns what is in force, read anew when the rows it was read from have changed. The check itself is made at
// most once in two seconds; [Engine.Forget] forces it.
func (e *Engine) regime(ctx context.Context, tx *db.Tx) (*regime, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.fresh(); r != nil {
		return r, nil
	}
	stamp, err := stampOf(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("regulations in force: %w", err)
	}
	if e.current == nil || e.current.stamp != stamp {
		r, err := e.read(ctx, tx)
		if err != nil {
			return nil, fmt.Errorf("regulations in force: %w", err)
		}
		r.stamp = stamp
		e.current = r
	}
	e.checkAt = e.Clock.Now().Add(recheck)
	return e.current, nil
}

const recheck = 2 * time.Second

// fresh is what is in force where it was checked a moment ago, or nil. The caller holds the lock.
func (e *Engine) fresh() *regime {
	if now := e.Clock.Now(); e.current != nil && now.Before(e.checkAt) && !now.Before(e.checkAt.Add(-recheck)) {
		return e.current
	}
	return nil
}

// Forget makes the engine look at the regulations again with the next action.
func (e *Engine) Forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.checkAt = time.Time{}
}

func stampOf(ctx context.Context, tx *db.Tx) (string, error) {
	var versions, bindings, v, b int64
	var x, conflicts int64
	const query = `SELECT COALESCE(SUM(lock_version), 0), COUNT(*) FROM `
	if err := tx.QueryRow(ctx, query+"regulation_versions WHERE status IN ('in_force', 'retired')").Scan(&v, &versions); err != nil {
		return "", err
	}
	if err := tx.QueryRow(ctx, query+"bindings").Scan(&b, &bindings); err != nil {
		return "", err
	}
	if err := tx.QueryRow(ctx, query+"rule_conflicts").Scan(&x, &conflicts); err != nil {
		return "", err
	}
	return fmt.Sprint(versions, v, bindings, b, conflicts, x), nil
}

func (e *Engine) read(ctx context.Context, tx *db.Tx) (*regime, error) {
	r := newRegime()
	laws := map[record.ID]*law{}
	err := tx.Each(ctx, `SELECT v.id, v.version_no, r.key, r.title, r.title_en, v.in_force_at, v.retired_at, v.cover_units, v.cover_posts, v.text_hash
		FROM regulation_versions v JOIN regulations r ON r.id = v.regulation_id
		WHERE v.status IN ('in_force', 'retired') AND v.archived_at IS NULL ORDER BY v.id`, nil, func(rows *sql.Rows) error {
		l := &law{}
		var units, posts sql.NullString
		if err := rows.Scan(&l.version, &l.no, &l.regulation, &l.title[0], &l.title[1], db.Time(&l.from), db.Time(&l.to), &units, &posts, &l.hash); err != nil {
			return err
		}
		for text, into := range map[string]any{units.String: &l.units, posts.String: &l.posts} {
			if text == "" {
				continue
			}
			if err := json.Unmarshal([]byte(text), into); err != nil {
				return err
			}
		}
		laws[l.version] = l
		r.laws = append(r.laws, l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, e.readBindings(ctx, tx, r, laws)
}

func (e *Engine) readBindings(ctx context.Context, tx *db.Tx, r *regime, laws map[record.ID]*law) error {
	yields, err := yielding(ctx, tx)
	if err != nil {
		return err
	}
	return tx.Each(ctx, `SELECT b.id, b.version_id, b.clause_key, b.control, b.spec, COALESCE(c.printed, ''), COALESCE(c.body, ''),
		COALESCE(c.body_en, ''), c.params FROM bindings b
		JOIN regulation_versions v ON v.id = b.version_id LEFT JOIN clauses c ON c.version_id = b.version_id AND c.key = b.clause_key
		WHERE v.status IN ('in_force', 'retired') AND b.archived_at IS NULL AND NOT b.off ORDER BY b.id`, nil, func(rows *sql.Rows) error {
		n := entry{plan: &plan{}}
		var version record.ID
		var clause, kind, spec string
		var params sql.NullString
		if err := rows.Scan(&n.id, &version, &clause, &kind, &spec, &n.printed, &n.body[0], &n.body[1], &params); err != nil {
			return err
		}
		parsed, err := control.ParseText(clause, control.Kind(kind), spec)
		if err != nil {
			return fmt.Errorf("binding of %s: %w", clause, err)
		}
		if n.Bound, err = control.Compile(parsed, e.Compiler, e.Types); err != nil {
			return fmt.Errorf("binding of %s: %w", clause, err)
		}
		if params.String != "" {
			if err := json.Unmarshal([]byte(params.String), &n.params); err != nil {
				return err
			}
		}
		if n.law = laws[version]; n.law == nil {
			return nil
		}
		if yields[clause] {
			r.byID[n.id] = &n // its running clocks still know it
			return nil
		}
		r.add(&n)
		return nil
	})
}

func (r *regime) add(n *entry) {
	r.byID[n.id] = n
	switch n.Kind {
	case control.Guard:
		for _, e := range n.On {
			r.guards[e] = append(r.guards[e], n)
		}
	case control.Deadline:
		for _, e := range n.Start {
			r.starts[e] = append(r.starts[e], n)
		}
	case control.Detector:
		if n.Scan != "" {
			r.scans = append(r.scans, n)
		}
		for _, e := range n.On {
			r.watches[e] = append(r.watches[e], n)
		}
	case control.Acknowledge:
		r.signs = append(r.signs, n)
	case control.Metric:
		r.metrics = append(r.metrics, n)
	default:
		r.addTask(n)
	}
}

// addTask files what makes tasks or is compared with records.
func (r *regime) addTask(n *entry) {
	switch n.Kind {
	case control.Duty:
		r.duties = append(r.duties, n)
		for _, e := range n.DoneBy {
			r.does[e] = append(r.does[e], n)
		}
	case control.Register:
		r.ledgers[n.Of] = append(r.ledgers[n.Of], n)
	case control.Workflow:
		for _, e := range n.End {
			r.ends[e] = append(r.ends[e], n)
		}
	case control.Attest:
		r.attests = append(r.attests, n)
		for _, e := range n.On {
			r.asks[e] = append(r.asks[e], n)
		}
	}
}

func newRegime() *regime {
	index := func() map[string][]*entry { return map[string][]*entry{} }
	return &regime{
		guards: index(), starts: index(), watches: index(), does: index(), ledgers: index(), ends: index(), asks: index(),
		byID: map[record.ID]*entry{},
	}
}

// judges reports whether the law judges a record made at the instant: the version in force on that day, or, where the
// regulation had none yet, the one in force now.
func (r *regime) judges(l *law, made, now time.Time) bool {
	if made.IsZero() {
		made = now
	}
	if l.in(made) {
		return true
	}
	if slices.ContainsFunc(r.laws, func(o *law) bool { return o.regulation == l.regulation && o.in(made) }) {
		return false
	}
	return l.in(now)
}

// covers reports whether the law covers a unit: one of its own or one below; a law that names no unit covers all.
func (e *Engine) covers(ctx context.Context, tx *db.Tx, l *law, unit record.ID) (bool, error) {
	if len(l.units) == 0 {
		return true, nil
	}
	chain, err := e.Guard.Above(ctx, tx, unit)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(chain, func(u record.ID) bool { return slices.Contains(l.units, u) }), nil
}

// guardOf returns the guard in force of a clause.
func (e *Engine) guardOf(ctx context.Context, tx *db.Tx, clause string) (*entry, error) {
	r, err := e.regime(ctx, tx)
	if err != nil {
		return nil, err
	}
	now := e.Clock.Now()
	for _, list := range r.guards {
		for _, n := range list {
			if n.Clause == clause && n.law.in(now) {
				return n, nil
			}
		}
	}
	return nil, errs.New(errs.NotFound, "regulation.no_guard").With("clause", clause)
}
