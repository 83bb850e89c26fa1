package duplicate

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
)

// Summary is what a look did.
type Summary struct {
	Looked int // records
	Found  int // new pairs
	Closed int // pairs of which one is merged or archived by now
}

const (
	lookPage = 200              // records of one transaction
	lateness = 10 * time.Minute // how far clocks of nodes may be apart, and a commit behind its id
)

// Look compares what changed since it last looked, at the first time everything, with all records, and adds new pairs
// to the list. It goes on where it was stopped. Running it more often changes nothing. Scope gives a system scope.
func (f *Finder) Look(ctx context.Context, scope func(typ, action string) record.Scope) (Summary, error) {
	var sum Summary
	for _, p := range f.Profiles {
		for {
			n, found, err := f.lookOnce(ctx, p, scope)
			if err != nil {
				return sum, fmt.Errorf("look for duplicates of %s: %w", p.Type, err)
			}
			sum.Looked, sum.Found = sum.Looked+n, sum.Found+found
			if n == 0 {
				break
			}
			if err := ctx.Err(); err != nil {
				return sum, err
			}
		}
	}
	closed, err := f.sweep(ctx, scope)
	sum.Closed = closed
	return sum, err
}

// mark is how far a look has come: through the whole table by id, then along the history.
type mark struct {
	whole        bool // the table was gone through
	row, history record.ID
}

func readMark(ctx context.Context, tx *db.Tx, typ string) (mark, error) {
	var m mark
	err := tx.QueryRow(ctx, "SELECT whole, row_id, history_id FROM duplicate_marks WHERE name = ?", typ).Scan(&m.whole, &m.row, &m.history)
	if db.IsNoRows(err) {
		err = tx.QueryRow(ctx, "SELECT COALESCE(MAX(id), 1) FROM record_history").Scan(&m.history)
	}
	return m, err
}

func (m mark) write(ctx context.Context, tx *db.Tx, typ string) error {
	_, err := tx.Exec(ctx, `INSERT INTO duplicate_marks (name, whole, row_id, history_id) VALUES (?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET whole = excluded.whole, row_id = excluded.row_id, history_id = excluded.history_id`,
		typ, m.whole, int64(m.row), int64(m.history))
	return err
}

// lookOnce looks at the next records; none are left where it returns 0.
func (f *Finder) lookOnce(ctx context.Context, p Profile, scope func(typ, action string) record.Scope) (looked, found int, err error) {
	err = f.Runner.InTx(ctx, scope("duplicate", record.Create), func(c *record.Call) error {
		m, err := readMark(ctx, c.Tx, p.Type)
		if err != nil {
			return err
		}
		list, next, err := f.next(ctx, c.Tx, p.Type, m)
		if err != nil {
			return err
		}
		if looked = len(list); looked > 0 {
			if found, err = f.compare(ctx, c, p, scope(p.Type, record.Read), list); err != nil {
				return err
			}
		} else if !m.whole {
			next.whole, looked = true, 1 // go on along the history
		}
		return next.write(ctx, c.Tx, p.Type)
	})
	return looked, found, err
}

// next lists the records to look at, and the mark after them.
func (f *Finder) next(ctx context.Context, tx *db.Tx, typ string, m mark) ([]record.ID, mark, error) {
	t := f.Store.Types.Type(typ)
	stmt, args := fmt.Sprintf("SELECT id, id FROM %s WHERE id > ? ORDER BY id LIMIT %d", t.Plural, lookPage), []any{int64(m.row)}
	if m.whole {
		stmt = fmt.Sprintf("SELECT id, CASE WHEN type = ? THEN record_id ELSE 0 END FROM record_history WHERE id > ? ORDER BY id LIMIT %d", 50*lookPage)
		args = []any{typ, int64(m.history)}
	}
	var out []record.ID
	last := record.ID(0)
	seen := map[record.ID]bool{}
	err := tx.Each(ctx, stmt, args, func(r *sql.Rows) error {
		var at, id record.ID
		if err := r.Scan(&at, &id); err != nil || len(out) >= lookPage {
			return err
		}
		if last = at; id != 0 && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
		return nil
	})
	if err != nil {
		return nil, m, err
	}
	switch {
	case !m.whole:
		m.row = max(m.row, last)
	case last != 0:
		m.history = last
	default: // at the end: the next look begins a little earlier, for what was committed late
		m.history = min(m.history, ids.Before(f.Store.Clock.Now().Add(-lateness)))
	}
	return out, m, nil
}

// compare renews the keys of the records and adds the pairs they make.
func (f *Finder) compare(ctx context.Context, c *record.Call, p Profile, scope record.Scope, list []record.ID) (int, error) {
	t := f.Store.Types.Type(p.Type)
	got, err := f.Store.GetMany(ctx, c.Tx, t, scope, list)
	if err != nil {
		return 0, err
	}
	found := 0
	all := func(*record.Field) bool { return true }
	for _, id := range list {
		e := got[id]
		own := feature{}
		var keys []int64
		if e != nil && !e.HeadOf().Archived() {
			own = p.read(t, e, all)
			keys = f.hashes(p, own)
		}
		if err := f.renew(ctx, c.Tx, id, keys); err != nil {
			return found, err
		}
		if len(keys) == 0 {
			continue
		}
		near, err := f.candidates(ctx, c.Tx, keys)
		if err != nil {
			return found, err
		}
		others, err := f.Store.GetMany(ctx, c.Tx, t, scope, near)
		if err != nil {
			return found, err
		}
		for _, o := range near {
			x := others[o]
			if x == nil || o == id || x.HeadOf().Archived() {
				continue
			}
			score, why := p.score(own, p.read(t, x, all))
			if score < Threshold {
				continue
			}
			added, err := f.note(ctx, c, p, e, x, score, why)
			if err != nil {
				return found, err
			}
			if added {
				found++
			}
		}
	}
	return found, nil
}

// renew writes the keys of one record.
func (f *Finder) renew(ctx context.Context, tx *db.Tx, id record.ID, keys []int64) error {
	if _, err := tx.Exec(ctx, "DELETE FROM duplicate_keys WHERE record_id = ?", id); err != nil {
		return err
	}
	if len(keys) == 0 {
		return nil
	}
	args := make([]any, 0, 3*len(keys))
	for _, k := range keys {
		args = append(args, f.Store.IDs.Next(), id, k)
	}
	_, err := tx.Exec(ctx, "INSERT INTO duplicate_keys (id, record_id, key) VALUES "+strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", len(keys)), ", "), args...)
	return err
}

// note adds a pair where it is not known yet, and opens one again whose records were merged or archived and are back.
func (f *Finder) note(ctx context.Context, c *record.Call, p Profile, a, b record.Entity, score int, why []string) (bool, error) {
	if b.HeadOf().ID < a.HeadOf().ID {
		a, b = b, a
	}
	x, y := a.HeadOf(), b.HeadOf()
	key := x.ID.String() + "-" + y.ID.String()
	known, err := record.Find[Pair](ctx, c, "duplicate", record.Where("pair_key", key), 1)
	if err != nil {
		return false, err
	}
	n := int64(score)
	if len(known) == 0 {
		pair := &Pair{
			Head: record.Head{UnitID: y.UnitID, OwnerID: y.OwnerID}, Label: x.Number + " / " + y.Number, Kind: p.Type, FirstID: x.ID.String(), SecondID: y.ID.String(),
			PairKey: key, Score: &n, Reasons: why, Status: Open,
		}
		return true, c.Work.Insert(ctx, c, "duplicate", pair)
	}
	was := known[0]
	if was.Status != Merged && was.Status != Gone {
		return false, nil
	}
	was.Status, was.Score, was.Reasons = Open, &n, why
	return true, c.Work.Save(ctx, c, "duplicate", "found_again", was)
}

// sweep closes open pairs of which one is no longer there.
func (f *Finder) sweep(ctx context.Context, scope func(typ, action string) record.Scope) (int, error) {
	closed, after := 0, ""
	for {
		n, next := 0, ""
		err := f.Runner.InTx(ctx, scope("duplicate", record.Create), func(c *record.Call) error {
			page, err := f.Store.List(ctx, c.Tx, f.Store.Types.Type("duplicate"), scope("duplicate", record.Read),
				record.Query{Filter: record.Where("status", Open), Sort: "id", After: after, Limit: lookPage})
			if err != nil {
				return err
			}
			next = page.Next
			for _, e := range page.Items {
				done, err := f.close(ctx, c, scope, e.(*Pair))
				if err != nil {
					return err
				}
				if done {
					n++
				}
			}
			return nil
		})
		closed += n
		if after = next; err != nil || next == "" {
			return closed, err
		}
	}
}

func (f *Finder) close(ctx context.Context, c *record.Call, scope func(typ, action string) record.Scope, p *Pair) (bool, error) {
	t := f.Store.Types.Type(p.Kind)
	if t == nil {
		return false, nil
	}
	for _, text := range []string{p.FirstID, p.SecondID} {
		id, err := ids.Parse(text)
		if err != nil {
			return false, err
		}
		e, err := f.Store.Get(ctx, c.Tx, t, scope(p.Kind, record.Read), id)
		if errs.Is(err, errs.NotFound) {
			p.Status = Gone
			return true, c.Work.Save(ctx, c, "duplicate", "vanish", p)
		}
		if err != nil {
			return false, err
		}
		if !e.HeadOf().Archived() {
			continue
		}
		m, err := f.Store.MergedInto(ctx, c.Tx, id)
		if err != nil {
			return false, err
		}
		if p.Status = Gone; m != nil {
			p.Status = Merged
		}
		return true, c.Work.Save(ctx, c, "duplicate", "vanish", p)
	}
	return false, nil
}
