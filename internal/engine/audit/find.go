package audit

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

// CountCap is where counting stops: a total of CountCap+1 means more than CountCap.
const CountCap = 10_000

// Find selects entries. All conditions that are set must be met.
type Find struct {
	Record ids.ID
	Actor  string
	Verb   string    // exact, or a prefix that ends in "."
	Verbs  []string  // any of these exact verbs; with Verb, both must be met
	From   time.Time // at or after this instant
	Until  time.Time // before this instant
	Before int64     // entries older than this number; 0 for the newest
	After  int64     // entries newer than this number
	Up     bool      // where there are more than Limit, those next to After instead of the newest
	Limit  int       // 100 where not set, at most 500
}

// where is the condition without verbs that are listed.
func (f Find) where() (string, []any) {
	query, args := " WHERE 1 = 1", []any{}
	add := func(cond string, v ...any) { query, args = query+" AND "+cond, append(args, v...) }
	if f.Record != 0 {
		add("record_id = ?", f.Record)
	}
	if f.Actor != "" {
		add("actor = ?", f.Actor)
	}
	switch {
	case f.Verb == "":
	case f.Verb[len(f.Verb)-1] == '.':
		add("verb >= ? AND verb < ?", f.Verb, f.Verb[:len(f.Verb)-1]+"/")
	default:
		add("verb = ?", f.Verb)
	}
	if f.Before > 0 {
		add("seq < ?", f.Before)
	}
	if f.After > 0 {
		add("seq > ?", f.After)
	}
	if !f.From.IsZero() {
		add("at >= ?", f.From)
	}
	if !f.Until.IsZero() {
		add("at < ?", f.Until)
	}
	return query, args
}

// each splits a search for several verbs into one for each, so that every one of them reads an index.
func (f Find) each() []Find {
	if len(f.Verbs) == 0 {
		return []Find{f}
	}
	var out []Find
	for _, v := range f.Verbs {
		if f.Verb != "" && f.Verb != v && !(strings.HasSuffix(f.Verb, ".") && strings.HasPrefix(v, f.Verb)) {
			continue
		}
		one := f
		one.Verb, one.Verbs = v, nil
		out = append(out, one)
	}
	return out
}

// narrow turns the instants into numbers: entries stand in the order in which they were written, so that the first of a
// day is found by halving and the rest of the log is not read.
func (f Find) narrow(ctx context.Context, tx *db.Tx) (Find, error) {
	if !f.From.IsZero() {
		first, err := firstAt(ctx, tx, f.From)
		if err != nil {
			return f, err
		}
		f.After = max(f.After, first-1)
	}
	if !f.Until.IsZero() {
		end, err := firstAt(ctx, tx, f.Until)
		if err != nil {
			return f, err
		}
		if f.Before == 0 || end < f.Before {
			f.Before = end
		}
	}
	return f, nil
}

// firstAt is the number of the first entry at or after the instant; one beyond the last where there is none.
func firstAt(ctx context.Context, tx *db.Tx, at time.Time) (int64, error) {
	var last int64
	if err := tx.QueryRow(ctx, "SELECT COALESCE(MAX(seq), 0) FROM audit_log").Scan(&last); err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	low, high := int64(1), last+1
	for low < high {
		mid := (low + high) / 2
		var t time.Time
		err := tx.QueryRow(ctx, "SELECT at FROM audit_log WHERE seq >= ? ORDER BY seq LIMIT 1", mid).Scan(db.Time(&t))
		if err != nil {
			return 0, fmt.Errorf("audit log: %w", err)
		}
		if t.Before(at) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, nil
}

// List returns entries, newest first.
func List(ctx context.Context, tx *db.Tx, f Find) ([]Entry, error) {
	f, err := f.narrow(ctx, tx)
	if err != nil {
		return nil, err
	}
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 100
	}
	var out []Entry
	parts := f.each()
	for _, one := range parts {
		if out, err = one.read(ctx, tx, out); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Compare(b.Seq, a.Seq) })
	if f.Up {
		return out[max(0, len(out)-f.Limit):], nil
	}
	return out[:min(len(out), f.Limit)], nil
}

func (f Find) read(ctx context.Context, tx *db.Tx, out []Entry) ([]Entry, error) {
	where, args := f.where()
	order := "DESC"
	if f.Up {
		order = "ASC"
	}
	err := tx.Each(ctx, selectEntries+where+fmt.Sprintf(" ORDER BY seq %s LIMIT %d", order, f.Limit), args, func(r *sql.Rows) error {
		e, detail, err := scan(r)
		if err == nil && detail != "" {
			err = json.Unmarshal([]byte(detail), &e.Detail)
		}
		out = append(out, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	return out, nil
}

// Count returns how many entries meet the search, up to [CountCap] and one. Before and After count as well.
func Count(ctx context.Context, tx *db.Tx, f Find) (int, error) {
	f, err := f.narrow(ctx, tx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, one := range f.each() {
		where, args := one.where()
		var k int
		stmt := fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM audit_log%s LIMIT %d) c", where, CountCap+1-n)
		if err := tx.QueryRow(ctx, stmt, args...).Scan(&k); err != nil {
			return 0, fmt.Errorf("count audit log: %w", err)
		}
		if n += k; n > CountCap {
			break
		}
	}
	return n, nil
}

// Get returns the entry of a number; nil where there is none.
func Get(ctx context.Context, tx *db.Tx, seq int64) (*Entry, error) {
	list, err := List(ctx, tx, Find{After: seq - 1, Before: seq + 1, Limit: 1})
	if err != nil || len(list) == 0 || seq < 1 {
		return nil, err
	}
	return &list[0], nil
}

// Verbs lists every verb the log holds, in order, at most 1000. It jumps from verb to verb and never reads the log whole.
func Verbs(ctx context.Context, tx *db.Tx) ([]string, error) {
	var out []string
	for last := ""; len(out) < 1000; {
		var next sql.NullString
		if err := tx.QueryRow(ctx, "SELECT MIN(verb) FROM audit_log WHERE verb > ?", last).Scan(&next); err != nil {
			return nil, fmt.Errorf("verbs of the audit log: %w", err)
		}
		if !next.Valid {
			break
		}
		last = next.String
		out = append(out, last)
	}
	return out, nil
}

// Last returns the number and hash of the newest entry; zero and "" for an empty log.
func Last(ctx context.Context, tx *db.Tx) (seq int64, hash string, err error) {
	err = tx.QueryRow(ctx, "SELECT seq, hash FROM audit_head WHERE id = 1").Scan(&seq, &hash)
	if db.IsNoRows(err) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("audit head: %w", err)
	}
	return seq, hash, nil
}

// Opening is one record that somebody opened.
type Opening struct {
	Record ids.ID
	At     time.Time
}

// Openings lists the records an actor touched under one verb since an instant, oldest first, at most limit. It reads the
// index on who acted.
func Openings(ctx context.Context, tx *db.Tx, actor, verb string, since time.Time, limit int) ([]Opening, error) {
	first, err := firstAt(ctx, tx, since)
	if err != nil {
		return nil, err
	}
	var out []Opening
	err = tx.Each(ctx, "SELECT record_id, at FROM audit_log WHERE actor = ? AND seq >= ? AND verb = ? ORDER BY seq LIMIT ?",
		[]any{actor, first, verb, limit}, func(r *sql.Rows) error {
			var o Opening
			err := r.Scan(&o.Record, db.Time(&o.At))
			out = append(out, o)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	return out, nil
}
