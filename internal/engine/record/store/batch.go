package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
)

// Batch gathers what many writes of one transaction put into the database, and writes it with few statements: the rows
// of new records, history, audit entries, search tokens. Rules, validation and the order of entries are those of single
// writes; a read of a type sees its rows that still wait. What a batch writes raises no events, since whoever handles
// events is told of the batch as a whole. It is for one transaction and not safe for concurrent use.
type Batch struct {
	store   *Store
	tx      *db.Tx
	rows    map[string]*waiting
	order   []string
	fresh   map[record.ID]bool // new in this batch
	known   map[record.ID]bool // referred to and there
	history [][]any
	audits  []audit.Entry
	search  []*found
	raw     []*found
	making  sync.WaitGroup
	series  map[string]int64 // last number given
	seen    map[string]map[string][]record.Entity
}

// waiting are rows of one table.
type waiting struct {
	t    *record.Type
	cols []string
	rows [][]any
}

// found is a record with what it is found by. The tokens are made beside the writes, on another processor where there
// is one.
type found struct {
	t      *record.Type
	e      record.Entity
	tokens []string
}

// tokens has the record's tokens made; a copy, since the record may still change.
func (b *Batch) tokens(t *record.Type, e record.Entity) {
	b.raw = append(b.raw, &found{t: t, e: t.Clone(e)})
	if len(b.raw) >= 50 {
		b.makeTokens()
	}
}

func (b *Batch) makeTokens() {
	part := b.raw
	b.raw = nil
	b.search = append(b.search, part...)
	b.making.Go(func() {
		for _, f := range part {
			f.tokens = b.store.tokens(f.t, f.e)
		}
	})
}

type batchKey struct{}

const (
	maxWaiting = 400    // rows of one table
	maxParams  = 30_000 // of one statement; SQLite bears 32,766
	maxSeen    = 4_000  // answers kept of one type
)

// Batch begins to gather within the transaction. End it by [Batch.Flush] before the commit; without that nothing of it is
// written.
func (s *Store) Batch(tx *db.Tx) *Batch {
	b := &Batch{
		store: s, tx: tx, rows: map[string]*waiting{}, fresh: map[record.ID]bool{}, known: map[record.ID]bool{},
		series: map[string]int64{}, seen: map[string]map[string][]record.Entity{},
	}
	tx.Hold(batchKey{}, b)
	return b
}

func batchOf(tx *db.Tx) *Batch {
	b, _ := tx.Held(batchKey{}).(*Batch)
	return b
}

// number counts on from the first number of a series that the database gave; the last is written back at the end.
func (b *Batch) number(_ context.Context, series string, first func() (int64, error)) (int64, error) {
	if b == nil {
		return first()
	}
	n, ok := b.series[series]
	if !ok {
		var err error
		if n, err = first(); err != nil {
			return 0, err
		}
		n--
	}
	b.series[series] = n + 1
	return n + 1, nil
}

func (b *Batch) queue(t *record.Type, id record.ID, cols []string, vals []any) {
	w := b.rows[t.Plural]
	if w == nil {
		w = &waiting{t: t, cols: cols}
		b.rows[t.Plural] = w
		b.order = append(b.order, t.Plural)
	}
	w.rows = append(w.rows, vals)
	b.fresh[id] = true
	delete(b.seen, t.Plural)
}

// full writes the rows of tables of which enough wait.
func (b *Batch) full(ctx context.Context) error {
	for _, name := range b.order {
		if w := b.rows[name]; len(w.rows) >= maxWaiting {
			if err := b.writeRows(ctx, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// changes prepares for the change of a row of the type.
func (b *Batch) changes(ctx context.Context, t *record.Type) error {
	delete(b.seen, t.Plural)
	return b.settle(ctx, t)
}

// settle writes the rows of the type that wait, so that a statement sees them.
func (b *Batch) settle(ctx context.Context, t *record.Type) error {
	if w := b.rows[t.Plural]; w != nil && len(w.rows) > 0 {
		return b.writeRows(ctx, w)
	}
	return nil
}

// settleAll writes all rows that wait.
func (b *Batch) settleAll(ctx context.Context) error {
	if b == nil {
		return nil
	}
	for _, name := range b.order {
		if err := b.settle(ctx, b.rows[name].t); err != nil {
			return err
		}
	}
	return nil
}

func (b *Batch) read(ctx context.Context, t *record.Type, stmt string, args []any) ([]record.Entity, error) {
	for _, name := range b.order { // a condition may look at the table of a parent
		if strings.Contains(stmt, name) {
			if err := b.settle(ctx, b.rows[name].t); err != nil {
				return nil, err
			}
		}
	}
	if w := b.rows[t.Plural]; w != nil { // written in this batch: what was read before may no longer hold
		return b.store.readRows(ctx, b.tx, t, stmt, args)
	}
	key := stmt + fmt.Sprint(args...)
	if list, ok := b.seen[t.Plural][key]; ok {
		return clones(t, list), nil
	}
	list, err := b.store.readRows(ctx, b.tx, t, stmt, args)
	if err != nil {
		return nil, err
	}
	m := b.seen[t.Plural]
	if m == nil || len(m) >= maxSeen {
		m = map[string][]record.Entity{}
		b.seen[t.Plural] = m
	}
	m[key] = clones(t, list)
	return list, nil
}

func clones(t *record.Type, list []record.Entity) []record.Entity {
	out := make([]record.Entity, len(list))
	for i, e := range list {
		out[i] = t.Clone(e)
	}
	return out
}

// writeRows inserts rows that wait. Columns that are empty in all of them are left to their default.
func (b *Batch) writeRows(ctx context.Context, w *waiting) error {
	rows := w.rows
	w.rows = nil
	var use []int
	for i := range w.cols {
		if slices.ContainsFunc(rows, func(r []any) bool { return r[i] != nil && r[i] != "" }) {
			use = append(use, i)
		}
	}
	names := make([]string, len(use))
	for k, i := range use {
		names[k] = w.cols[i]
	}
	head := fmt.Sprintf("INSERT INTO %s (%s) VALUES", w.t.Plural, strings.Join(names, ", "))
	for part := range portions(rows, maxParams/len(use)) {
		args := make([]any, 0, len(part)*len(use))
		for _, r := range part {
			for _, i := range use {
				args = append(args, r[i])
			}
		}
		if _, err := b.tx.Exec(ctx, head+marks(len(part), len(use)), args...); err != nil {
			return b.store.explain(w.t, err)
		}
	}
	return nil
}

// portions cuts a list into pieces of few different lengths, so that the statements made for them can stay prepared.
func portions[T any](list []T, most int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for _, size := range []int{400, 100, 25, 5, 1} {
			for size <= max(most, 1) && len(list) >= size {
				if !yield(list[:size]) {
					return
				}
				list = list[size:]
			}
		}
	}
}

func marks(rows, cols int) string {
	one := " (" + strings.TrimSuffix(strings.Repeat("?, ", cols), ", ") + "),"
	return strings.TrimSuffix(strings.Repeat(one, rows), ",")
}

// Flush writes all that was gathered. The batch is empty afterwards and may go on.
func (b *Batch) Flush(ctx context.Context) error {
	if err := b.settleAll(ctx); err != nil {
		return err
	}
	for name, last := range b.series {
		if _, err := b.tx.Exec(ctx, "UPDATE number_series SET next = ? WHERE name = ?", last+1, name); err != nil {
			return fmt.Errorf("number series %s: %w", name, err)
		}
	}
	clear(b.series)
	if err := b.settleHistory(ctx); err != nil {
		return err
	}
	if err := b.store.Audit.AppendAll(ctx, b.tx, b.audits); err != nil {
		return err
	}
	b.audits = nil
	b.makeTokens()
	b.making.Wait()
	b.search = slices.DeleteFunc(b.search, func(f *found) bool { return len(f.tokens) <= 1 })
	for part := range portions(b.search, 200) {
		if err := b.writeSearch(ctx, part); err != nil {
			return fmt.Errorf("search index: %w", err)
		}
	}
	b.search = nil
	return nil
}

func (b *Batch) settleHistory(ctx context.Context) error {
	if b == nil {
		return nil
	}
	for part := range portions(b.history, 500) {
		if _, err := b.tx.Exec(ctx, insertHistory+marks(len(part), 9), slices.Concat(part...)...); err != nil {
			return fmt.Errorf("history: %w", err)
		}
	}
	b.history = nil
	return nil
}

func (b *Batch) writeSearch(ctx context.Context, part []*found) error {
	args := make([]any, 0, 2*len(part))
	if b.tx.Dialect() == db.SQLite {
		for _, f := range part {
			args = append(args, f.e.HeadOf().ID, strings.Join(f.tokens, " "))
		}
		_, err := b.tx.Exec(ctx, "INSERT INTO search_index (rowid, tokens) VALUES"+marks(len(part), 2), args...)
		return err
	}
	for _, f := range part {
		list, err := json.Marshal(f.tokens)
		if err != nil {
			return err
		}
		args = append(args, f.e.HeadOf().ID, string(list))
	}
	const one = " (?::bigint, array_to_tsvector(ARRAY(SELECT DISTINCT jsonb_array_elements_text(?::jsonb)))),"
	_, err := b.tx.Exec(ctx, "INSERT INTO search_index (id, tokens) VALUES"+strings.TrimSuffix(strings.Repeat(one, len(part)), ","), args...)
	return err
}
