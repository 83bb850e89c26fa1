package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/tabular"
)

const (
	batchRows  = 500
	keptDry    = 1000      // faults a trial keeps
	maxSeen    = 1_000_000 // rows of one file told apart by their keys
	maxReasons = 20        // of one row
)

// entry is one row on its way.
type entry struct {
	row    tabular.Row
	values map[string]any
	fixed  map[string]bool // fields filled by a text that holds for all rows
	faults []*errs.Error
	keys   []uint64 // what tells the row from others of the file
	sum    uint64   // of all its cells

	kind    string // of a row that is not taken: wrong or duplicate
	found   record.Entity
	against record.ID
}

func (e *entry) fail(f *errs.Error) {
	if len(e.faults) < maxReasons {
		e.faults = append(e.faults, f)
	}
}

// place is where a key was seen first.
type place struct {
	line int
	sum  uint64
}

// run is one import being carried out, or tried.
type run struct {
	desk     *Desk
	imp      *Import
	t        *record.Type
	plan     Plan
	dry      bool
	worker   string
	actor    access.Actor
	reader   *reader
	resolver *resolver
	fields   []*record.Field
	refs     []*record.Field
	picks    map[string][]Pick
	columns  []string
	fixed    map[string]any // values of fixed texts without a place for a cell
	same     []Identity
	seen     map[uint64]place
	table    *tabular.Table
	ahead    *entry // read, and left for the next batch
	end      bool
	made     []made // records made in the batch at hand because rows name them
}

// made is a record that stands only once its batch does.
type made struct{ typ, name string }

// forget drops what was made in a batch that did not come about.
func (r *run) forget() {
	for _, m := range r.made {
		delete(r.resolver.of(m.typ), m.name)
	}
	r.made = nil
}

func (d *Desk) runImport(ctx context.Context, id record.ID, a access.Actor, worker string) error {
	imp, err := d.Load(ctx, access.Actor{System: "import"}, id)
	if err != nil {
		return err
	}
	at, err := d.Progress(ctx, id)
	if err != nil {
		return err
	}
	return d.withFile(ctx, imp, func(f *os.File) error {
		r, err := d.prepare(ctx, imp, f, at.Dry)
		if err != nil {
			return err
		}
		defer func() { _ = r.table.Close() }()
		r.worker, r.actor = worker, a
		if err := r.catchUp(ctx, at.Cursor); err != nil {
			return err
		}
		return r.loop(ctx, at)
	})
}

// prepare opens the file and makes ready what all rows need.
func (d *Desk) prepare(ctx context.Context, imp *Import, f *os.File, dry bool) (*run, error) {
	t, err := d.typ(imp.Target)
	if err != nil {
		return nil, err
	}
	r := &run{desk: d, imp: imp, t: t, dry: dry, seen: map[uint64]place{}, picks: map[string][]Pick{}, fixed: map[string]any{}}
	layout, err := LayoutOf(imp)
	if err != nil {
		return nil, err
	}
	if r.plan, err = PlanOf(imp); err != nil {
		return nil, err
	}
	if r.table, err = tabular.Open(f, imp.FileSize, options(layout)); err != nil {
		return nil, err
	}
	r.columns = r.table.Columns
	if err := d.fits(t, r.plan, r.columns); err != nil {
		return nil, errors.Join(err, r.table.Close())
	}
	r.reader = newReader(d.Texts, t, r.plan, zoneOf(d.Zone))
	r.resolver = &resolver{d: d, known: map[string]map[string]record.ID{}}
	r.arrange()
	return r, nil
}

func (r *run) arrange() {
	all := Fields(r.t, r.plan.Keep, r.desk.past(r.t))
	for _, k := range r.plan.Picks {
		if r.picks[k.Field] == nil {
			r.fields = append(r.fields, fieldOf(all, k.Field))
		}
		r.picks[k.Field] = append(r.picks[k.Field], k)
	}
	for name, text := range r.plan.Fixed {
		f := fieldOf(all, name)
		if r.picks[name] == nil {
			r.fields = append(r.fields, f)
		}
		if !strings.Contains(text, "{") && text != "" {
			if v, e := r.reader.read(f, text); e == nil {
				r.fixed[name] = v
			}
		}
	}
	slices.SortFunc(r.fields, func(a, b *record.Field) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range r.fields {
		if slices.Contains([]string{"ref", "refs", "user", "unit"}, f.Kind.Name()) {
			r.refs = append(r.refs, f)
		}
	}
	r.same = r.desk.Same[r.t.Name]
	for _, f := range r.t.Fields {
		if f.Unique {
			r.same = append(slices.Clone(r.same), Identity{Fields: []string{f.Name}})
		}
	}
}

// catchUp passes over rows that were done before, and learns their keys.
func (r *run) catchUp(ctx context.Context, n int64) error {
	for i := range n {
		if i%5000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := r.table.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r.note(r.parse(row))
	}
	return nil
}

// fetched are the rows of one batch.
type fetched struct {
	rows []*entry
	last bool
	err  error
}

// fetch reads the next batch while the one before is written.
func (r *run) fetch() <-chan fetched {
	out := make(chan fetched, 1)
	go func() {
		rows, err := r.read()
		out <- fetched{rows, r.end, err}
	}()
	return out
}

// loop takes batch after batch until the file ends, somebody cancels or ctx does.
func (r *run) loop(ctx context.Context, sum Tally) error {
	next := r.fetch()
	defer func() {
		if next != nil {
			<-next // the file is closed only when nobody reads it
		}
	}()
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		got := <-next
		next = nil
		if got.err != nil {
			return got.err
		}
		if !got.last {
			next = r.fetch()
		}
		stop, err := r.take(ctx, got.rows, &sum)
		if err != nil {
			return err
		}
		if stop != "" {
			if stop == Cancelled {
				return r.desk.finish(ctx, r.imp.ID, r.actor, Cancelled, "")
			}
			return nil
		}
		if got.last {
			break
		}
	}
	status := Done
	if r.dry {
		status = Checked
	}
	return r.desk.finish(ctx, r.imp.ID, r.actor, status, "")
}

// read gives the rows of the next batch: up to its size, and not two with one key, so that the later one finds the
// earlier.
func (r *run) read() ([]*entry, error) {
	var out []*entry
	within := map[uint64]bool{}
	for len(out) < batchRows {
		e := r.ahead
		r.ahead = nil
		if e == nil {
			row, err := r.table.Next()
			if errors.Is(err, io.EOF) {
				r.end = true
				break
			}
			if err != nil {
				return nil, err
			}
			e = r.parse(row)
		}
		if slices.ContainsFunc(e.keys, func(k uint64) bool { return within[k] }) {
			r.ahead = e
			break
		}
		for _, k := range e.keys {
			within[k] = true
		}
		out = append(out, e)
	}
	return out, nil
}

// parse turns the cells of a row into values.
func (r *run) parse(row tabular.Row) *entry {
	e := &entry{row: row, values: map[string]any{}, sum: hashOf(row.Cells...)}
	if row.Fault != nil {
		e.fail(row.Fault)
	}
	if len(row.Extra) > 0 {
		e.fail(errs.New(errs.Invalid, "transfer.more_cells").With("value", clip(strings.Join(row.Extra, " | "))))
	}
	for _, f := range r.fields {
		if v, ok := r.value(e, f); ok {
			e.values[f.Name] = v
		}
	}
	e.keys = r.keysOf(e)
	return e
}

// value reads the field of a row: from its columns, or what is fixed where they are blank.
func (r *run) value(e *entry, f *record.Field) (any, bool) {
	text := r.text(e.row, f)
	if text == "" {
		return r.fixedValue(e, f)
	}
	v, bad := r.reader.read(f, text)
	if bad != nil {
		bad.Field = f.Name
		e.fail(bad)
		return nil, false
	}
	if v == nil || f.IsZero(v) {
		return r.fixedValue(e, f)
	}
	return v, true
}

func (r *run) text(row tabular.Row, f *record.Field) string {
	picks := r.picks[f.Name]
	if len(picks) == 1 {
		return row.Cells[picks[0].Column]
	}
	var parts []string
	for _, k := range picks {
		if c := row.Cells[k.Column]; c != "" {
			parts = append(parts, k.Name+"："+c)
		}
	}
	return strings.Join(parts, "\n")
}

// fixedValue fills a text that holds for all rows; {heading} stands for the cell of the row.
func (r *run) fixedValue(e *entry, f *record.Field) (any, bool) {
	text := r.plan.Fixed[f.Name]
	if text == "" {
		return nil, false
	}
	if e.fixed == nil {
		e.fixed = map[string]bool{}
	}
	e.fixed[f.Name] = true
	if v, ok := r.fixed[f.Name]; ok {
		return v, v != nil
	}
	for i, c := range r.columns {
		text = strings.ReplaceAll(text, "{"+c+"}", e.row.Cells[i])
	}
	v, bad := r.reader.read(f, cut(f, text))
	if bad != nil {
		bad.Field = f.Name
		e.fail(bad)
		return nil, false
	}
	return v, v != nil && !f.IsZero(v)
}

// cut shortens a text made of cells to what its field bears.
func cut(f *record.Field, text string) string {
	limit := f.Options.Max
	switch f.Kind.Name() {
	case "text":
		if limit == 0 {
			limit = 200
		}
	case "longtext":
		if limit == 0 {
			limit = 20_000
		}
	default:
		return text
	}
	if chars := []rune(text); len(chars) > limit {
		return string(chars[:limit-1]) + "…"
	}
	return text
}

// keysOf hashes what would make two rows of the file one record.
func (r *run) keysOf(e *entry) []uint64 {
	var out []uint64
	if len(r.plan.Keys) > 0 {
		if k := keyText(r.t, e.values, r.plan.Keys); k != "" {
			out = append(out, hashOf("key", k))
		}
	}
	for _, s := range r.same {
		if k := keyText(r.t, e.values, s.Fields); k != "" && s.holds(r.t, e.values) {
			out = append(out, hashOf("same", k))
		}
	}
	return out
}

// holds reports whether the identity speaks of such a row.
func (s Identity) holds(t *record.Type, values map[string]any) bool {
	for name, want := range s.When {
		f := t.Field(name)
		v := values[name]
		if v == nil {
			v = f.Default
		}
		if plainText(f, v) != want {
			return false
		}
	}
	return true
}

// earlier returns where the file has had a row with a key of this one.
func (r *run) earlier(e *entry) (place, bool) {
	for _, k := range e.keys {
		if p, ok := r.seen[k]; ok {
			return p, true
		}
	}
	return place{}, false
}

// note remembers the keys of a row that was taken.
func (r *run) note(e *entry) {
	if len(r.seen) >= maxSeen {
		return
	}
	for _, k := range e.keys {
		if _, ok := r.seen[k]; !ok {
			r.seen[k] = place{e.row.Line, e.sum}
		}
	}
}

var errDry = errors.New("nothing is to be written")

// fault is an error of one row that came after some of it was written.
type fault struct {
	row int
	err error
}

// Error implements error.
func (f *fault) Error() string { return f.err.Error() }

// Unwrap gives the error itself.
func (f *fault) Unwrap() error { return f.err }

// take brings one batch in. A row that fails after it was written is taken out and the others are tried again; where
// that happens often, rows are taken one by one.
func (r *run) take(ctx context.Context, rows []*entry, sum *Tally) (stop string, err error) {
	broken := map[int]error{}
	for range 4 {
		stop, err := r.try(ctx, rows, broken, sum)
		var f *fault
		switch {
		case errors.As(err, &f) && errs.As(f.err) != nil && !errs.Is(f.err, errs.Internal) && !errs.Is(f.err, errs.Unavailable):
			broken[f.row] = f.err
		case errs.Is(err, errs.Invalid), errs.Is(err, errs.Conflict):
			return r.single(ctx, rows, sum)
		default:
			return stop, err
		}
	}
	return r.single(ctx, rows, sum)
}

// single takes rows each in a transaction of its own.
func (r *run) single(ctx context.Context, rows []*entry, sum *Tally) (stop string, err error) {
	for _, e := range rows {
		one := []*entry{e}
		stop, err := r.try(ctx, one, nil, sum)
		if err != nil && errs.As(err) != nil && !errs.Is(err, errs.Internal) && !errs.Is(err, errs.Forbidden) && !errs.Is(err, errs.Unauthenticated) {
			stop, err = r.try(ctx, one, map[int]error{0: errs.As(err)}, sum)
		}
		if err != nil || stop != "" {
			return stop, err
		}
	}
	return "", nil
}

// try is one transaction: rows, rejected rows and the cursor stand or fall together.
func (r *run) try(ctx context.Context, rows []*entry, broken map[int]error, sum *Tally) (stop string, err error) {
	b := &batch{run: r, broken: broken}
	before := make([]entry, len(rows)) // trying again begins with the rows as they were read
	for i, e := range rows {
		before[i] = *e
		before[i].values = maps.Clone(e.values)
	}
	defer func() {
		if err != nil {
			r.forget()
			for i, e := range rows {
				*e = before[i]
			}
		}
		r.made = nil
	}()
	var next Tally
	err = db.Do(ctx, r.desk.DB, func(tx *db.Tx) error {
		b.tx = tx
		if stop, err = b.lease(ctx); err != nil || stop != "" {
			return err
		}
		if err := b.all(ctx, rows); err != nil {
			return err
		}
		if r.dry {
			return errDry
		}
		next = b.sum(*sum, len(rows))
		return b.keep(ctx, rows, next)
	})
	if errors.Is(err, errDry) {
		next = b.sum(*sum, len(rows))
		err = db.Do(ctx, r.desk.DB, func(tx *db.Tx) error {
			b.tx = tx
			return b.keep(ctx, rows, next)
		})
	}
	if err != nil || stop != "" {
		return stop, err
	}
	*sum = next
	for _, e := range rows {
		if e.kind == "" {
			r.note(e)
		}
	}
	if !r.dry {
		for _, refusal := range b.refusals {
			_ = r.desk.Runner.Aftermath(ctx, refusal) // it returns the refusal, which the row already holds
		}
	}
	return "", nil
}

// sum adds what became of the rows to what was before.
func (b *batch) sum(before Tally, rows int) Tally {
	b.tally.Cursor = int64(rows)
	before.add(b.tally)
	return before
}

// lease makes sure that this process still runs the import and that nobody has cancelled it.
func (b *batch) lease(ctx context.Context) (stop string, err error) {
	var worker string
	var live, halt bool
	err = b.tx.QueryRow(ctx, "SELECT worker, live, halt FROM import_runs WHERE id = ?"+b.tx.ForUpdate(), b.run.imp.ID).Scan(&worker, &live, &halt)
	if err != nil {
		return "", fmt.Errorf("import run: %w", err)
	}
	switch {
	case halt:
		return Cancelled, nil
	case worker != b.run.worker || !live:
		return Running, nil // somebody else has it
	}
	return "", nil
}

// keep writes the rows that were not taken and moves the cursor.
func (b *batch) keep(ctx context.Context, rows []*entry, sum Tally) error {
	id := b.run.imp.ID
	for _, e := range rows {
		if e.kind == "" || b.run.dry && sum.Rejected+sum.Duplicate > keptDry+batchRows {
			continue
		}
		cells, err := json.Marshal(e.row.Cells)
		if err != nil {
			return fmt.Errorf("keep row: %w", err)
		}
		reasons, err := json.Marshal(reasonsOf(e.faults))
		if err != nil {
			return fmt.Errorf("keep row: %w", err)
		}
		_, err = b.tx.Exec(ctx, "INSERT INTO import_rejects (id, import_id, line, kind, cells, reasons, against) VALUES (?, ?, ?, ?, ?, ?, ?)",
			b.run.desk.Store.IDs.Next(), id, e.row.Line, e.kind, string(cells), string(reasons), e.against)
		if err != nil {
			return fmt.Errorf("keep row: %w", err)
		}
	}
	_, err := b.tx.Exec(ctx, "UPDATE import_runs SET cursor = ?, created = ?, changed = ?, same = ?, duplicates = ?, rejected = ?, beat_at = ? WHERE id = ?",
		sum.Cursor, sum.Created, sum.Changed, sum.Same, sum.Duplicate, sum.Rejected, b.run.desk.Clock.Now(), id)
	if err != nil {
		return fmt.Errorf("move cursor: %w", err)
	}
	return nil
}
