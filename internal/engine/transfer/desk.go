package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/tabular"
)

// Identity is a set of fields by which two records are taken for one: all of them are filled and equal.
type Identity struct {
	Fields []string
	When   map[string]string // and these fields have these values
}

// Desk takes imports in and carries them out. Set its fields before first use; it is then safe for concurrent use.
type Desk struct {
	DB     *db.DB
	Store  *store.Store
	Runner *action.Runner
	Guard  *access.Guard
	Blobs  *blobs.Store
	Clock  clock.Clock
	Texts  *i18n.Catalog
	Zone   *time.Location

	Same     map[string][]Identity        // by type: what is probably there already
	Defaults map[string]map[string]string // by type: what a record needs that is made because a row names it
	Past     func(t *record.Type) bool    // types whose records of the past may bring along what actions write here
	Queue    func(ctx context.Context, id record.ID) error
	MaxFile  int64   // bytes; 1 GiB where zero
	Dates    []Dated // what stands in a person\'s calendar
}

const samples = 200

func zoneOf(z *time.Location) *time.Location {
	if z == nil {
		return i18n.ZoneOf(context.Background())
	}
	return z
}

func (d *Desk) past(t *record.Type) bool { return d.Past != nil && d.Past(t) }

// Authorize returns the scope of an actor, be it a person or a named part of the program.
func (d *Desk) authorize(ctx context.Context, tx *db.Tx, a access.Actor, typ, act string) (record.Scope, error) {
	if a.System != "" && !a.IsPerson() {
		return d.Guard.SystemScope(a.System, a.Via, typ, act), nil
	}
	return d.Guard.Authorize(ctx, tx, a, typ, act)
}

// May reports whether the actor may bring records of the type in.
func (d *Desk) May(ctx context.Context, tx *db.Tx, a access.Actor, t *record.Type) bool {
	if t.Action(record.Import) == nil {
		return false
	}
	for _, act := range []string{record.Import, record.Create} {
		if _, err := d.authorize(ctx, tx, a, t.Name, act); err != nil {
			return false
		}
	}
	return true
}

func (d *Desk) typ(name string) (*record.Type, error) {
	t := d.Store.Types.Type(name)
	if t == nil || t.Action(record.Import) == nil {
		return nil, errs.New(errs.NotFound, "record.unknown_type").With("type", clip(name))
	}
	return t, nil
}

// permit asks for the permissions to import records of the type.
func (d *Desk) permit(ctx context.Context, a access.Actor, t *record.Type) (record.Scope, error) {
	return db.View(ctx, d.DB, func(tx *db.Tx) (record.Scope, error) {
		if _, err := d.authorize(ctx, tx, a, t.Name, record.Create); err != nil {
			return record.Scope{}, err
		}
		return d.authorize(ctx, tx, a, t.Name, record.Import)
	})
}

// Receive stores a file, finds out how it is to be read, proposes how its columns map, as it was done for the last file
// with the same headings if there was one, and returns the import. A file that cannot be read is refused and not kept.
func (d *Desk) Receive(ctx context.Context, a access.Actor, typ, name string, r io.Reader, o Layout) (*Import, error) {
	t, err := d.typ(typ)
	if err != nil {
		return nil, err
	}
	scope, err := d.permit(ctx, a, t)
	if err != nil {
		return nil, err
	}
	limit := d.MaxFile
	if limit == 0 {
		limit = 1 << 30
	}
	f, size, err := spool(r, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = errors.Join(f.Close(), os.Remove(f.Name())) }()
	imp := &Import{Title: fileName(name), Target: t.Name, FileSize: size, Status: Mapping}
	imp.OwnerID = a.UserID
	if err := d.read(ctx, imp, f, size, t, o); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read spooled file: %w", err)
	}
	ref, err := d.Blobs.Put(ctx, f, limit)
	if err != nil {
		return nil, err
	}
	imp.FileHash = ref.Hash
	err = d.Runner.InTx(ctx, scope, func(c *record.Call) error { return c.Work.Insert(ctx, c, "import", imp) })
	return imp, err
}

// fileName is what a person sees of a file's name: no folder, nothing that could be taken for one.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == '\ufeff' || r >= '\u202a' && r <= '\u202e' {
			return -1
		}
		return r
	}, name))
	if r := []rune(name); len(r) > 120 {
		name = string(r[len(r)-120:])
	}
	if name == "" || name == "." || name == ".." || name == "/" {
		return "import"
	}
	return name
}

// spool copies a stream into a file of no name people see.
func spool(r io.Reader, limit int64) (*os.File, int64, error) {
	f, err := os.CreateTemp("", "dianke-import-*")
	if err != nil {
		return nil, 0, fmt.Errorf("spool import: %w", err)
	}
	n, err := io.Copy(f, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = errs.New(errs.TooLarge, "transfer.too_large").With("limit", limit>>20)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, n, nil
}

func options(o Layout) tabular.Options {
	return tabular.Options{Encoding: o.Encoding, Separator: o.Separator, Sheet: o.Sheet, Header: o.Header}
}

// read looks into the file and fills layout, fingerprint and plan.
func (d *Desk) read(ctx context.Context, imp *Import, f io.ReaderAt, size int64, t *record.Type, o Layout) error {
	tab, err := tabular.Open(f, size, options(o))
	if err != nil {
		return err
	}
	defer func() { _ = tab.Close() }()
	rows, err := sample(tab, samples)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errs.New(errs.Invalid, "transfer.no_rows")
	}
	if imp.Layout, err = encode(o); err != nil {
		return err
	}
	imp.Fingerprint = fingerprint(t.Name, tab.Columns)
	plan, known, err := d.remembered(ctx, t, imp.Fingerprint, tab.Columns)
	if err != nil {
		return err
	}
	if !known {
		plan = propose(d.Texts, t, tab.Columns, rows, d.past(t))
	}
	imp.Plan, err = encode(plan)
	return err
}

func sample(tab *tabular.Table, n int) ([][]string, error) {
	var out [][]string
	for len(out) < n {
		r, err := tab.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r.Cells)
	}
	return out, nil
}

// remembered is the plan of the last import of such a file that was carried out.
func (d *Desk) remembered(ctx context.Context, t *record.Type, print string, columns []string) (Plan, bool, error) {
	type found struct {
		plan Plan
		ok   bool
	}
	out, err := db.View(ctx, d.DB, func(tx *db.Tx) (found, error) {
		scope := d.Guard.SystemScope("import.memory", "web", "import", record.Read)
		q := record.Query{Limit: 1, Filter: record.All(record.Where("fingerprint", print), record.Where("target", t.Name),
			record.Filter{Field: "status", Op: field.In, Value: []any{Done, Running, Checked}})}
		page, err := d.Store.List(ctx, tx, d.Store.Types.Type("import"), scope, q)
		if err != nil || len(page.Items) == 0 {
			return found{}, err
		}
		plan, err := PlanOf(page.Items[0].(*Import))
		return found{plan, err == nil && d.fits(t, plan, columns) == nil}, err
	})
	return out.plan, out.ok, err
}

// fits checks that a plan speaks of fields and columns that exist.
func (d *Desk) fits(t *record.Type, p Plan, columns []string) error {
	fields := Fields(t, p.Keep, d.past(t))
	taken := map[string]bool{}
	for _, k := range p.Picks {
		f := fieldOf(fields, k.Field)
		switch {
		case f == nil:
			return errs.Of("picks", "transfer.unknown_field").With("value", clip(k.Field))
		case k.Column < 0 || k.Column >= len(columns):
			return errs.Of("picks", "transfer.unknown_column").With("value", clip(k.Name))
		case taken[k.Field] && f.Kind.Name() != "longtext":
			return errs.Of("picks", "transfer.field_twice").With("field", k.Field)
		}
		taken[k.Field] = true
	}
	for name := range p.Fixed {
		if fieldOf(fields, name) == nil {
			return errs.Of("fixed", "transfer.unknown_field").With("value", clip(name))
		}
	}
	for _, name := range p.Keys {
		if !taken[name] {
			return errs.Of("keys", "transfer.key_not_mapped").With("field", name)
		}
	}
	if len(p.Picks) == 0 {
		return errs.Of("picks", "transfer.nothing_mapped")
	}
	for _, f := range Required(t) {
		if !taken[f.Name] && strings.TrimSpace(p.Fixed[f.Name]) == "" {
			return errs.Of(f.Name, "transfer.required").With("field", f.Name)
		}
	}
	return nil
}

// Sight is an import with what its file shows.
type Sight struct {
	Import  *Import
	Type    *record.Type
	Layout  Layout
	Plan    Plan
	Table   *tabular.Table // closed; tells format, sheets, columns
	Samples [][]string     // the first rows
	Fields  []*record.Field
}

// Load returns an import the actor may see: his own, or any where he may read imports.
func (d *Desk) Load(ctx context.Context, a access.Actor, id record.ID) (*Import, error) {
	return db.View(ctx, d.DB, func(tx *db.Tx) (*Import, error) {
		t := d.Store.Types.Type("import")
		e, err := d.Store.Get(ctx, tx, t, d.Guard.SystemScope("import.load", "web", "import", record.Read), id)
		if err != nil {
			return nil, err
		}
		if a.IsPerson() && e.HeadOf().OwnerID == a.UserID {
			return e.(*Import), nil
		}
		scope, err := d.authorize(ctx, tx, a, "import", record.Read)
		if err != nil || !scope.Visible.Reach(t, e) {
			return nil, store.NotFound(t, id)
		}
		return e.(*Import), nil
	})
}

// Look opens the file of an import for the page on which its columns are mapped.
func (d *Desk) Look(ctx context.Context, a access.Actor, id record.ID) (*Sight, error) {
	imp, err := d.Load(ctx, a, id)
	if err != nil {
		return nil, err
	}
	t, err := d.typ(imp.Target)
	if err != nil {
		return nil, err
	}
	s := &Sight{Import: imp, Type: t}
	if s.Layout, err = LayoutOf(imp); err != nil {
		return nil, err
	}
	if s.Plan, err = PlanOf(imp); err != nil {
		return nil, err
	}
	s.Fields = Fields(t, true, d.past(t))
	err = d.withFile(ctx, imp, func(f *os.File) error {
		if s.Table, err = tabular.Open(f, imp.FileSize, options(s.Layout)); err != nil {
			return err
		}
		s.Samples, err = sample(s.Table, samples)
		return errors.Join(err, s.Table.Close())
	})
	return s, err
}

func (d *Desk) withFile(ctx context.Context, imp *Import, fn func(f *os.File) error) error {
	r, err := d.Blobs.Open(ctx, imp.FileHash)
	if err != nil {
		return err
	}
	f, _, err := spool(r, imp.FileSize)
	if err = errors.Join(err, r.Close()); err != nil {
		return err
	}
	defer func() { _ = errors.Join(f.Close(), os.Remove(f.Name())) }()
	return fn(f)
}

// Arrange changes how the file is read and its rows become records. A changed layout is read anew, and the mapping then
// is that proposed for it.
func (d *Desk) Arrange(ctx context.Context, a access.Actor, id record.ID, layout Layout, plan Plan) (*Import, error) {
	s, err := d.Look(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if layout != s.Layout {
		return d.change(ctx, a, s.Import, "layout", func(i *Import) error {
			return d.withFile(ctx, i, func(f *os.File) error { return d.read(ctx, i, f, i.FileSize, s.Type, layout) })
		})
	}
	if err := d.fits(s.Type, plan, s.Table.Columns); err != nil {
		return nil, err
	}
	return d.change(ctx, a, s.Import, "map", func(i *Import) error {
		i.Status = Mapping
		i.Plan, err = encode(plan)
		return err
	})
}

// change saves an import under the name of an event; the actor is who the audit log names. What runs cannot be changed.
func (d *Desk) change(ctx context.Context, a access.Actor, imp *Import, event string, fn func(*Import) error) (*Import, error) {
	t, err := d.typ(imp.Target)
	if err != nil {
		return nil, err
	}
	scope, err := d.permit(ctx, a, t)
	if err != nil {
		return nil, err
	}
	var out *Import
	before := *imp
	if err := fn(&before); err != nil { // outside of the transaction: it may read the file
		return nil, err
	}
	err = d.Runner.InTx(ctx, scope, func(c *record.Call) error {
		now, err := record.Load[Import](ctx, c, "import", imp.ID)
		if err != nil {
			return err
		}
		if now.Status == Running || now.Status == Checking || now.Status == Done {
			return errs.New(errs.Conflict, "transfer.not_now")
		}
		out = &before
		out.Head = now.Head
		return c.Work.Save(ctx, c, "import", event, out)
	})
	return out, err
}
