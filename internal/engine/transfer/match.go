package transfer

import (
	"context"
	"hash/fnv"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

const inList = 100 // values asked for at once; shorter lists are filled up, so that the statement stays the same

// keyText is what the fields hold, as one text; "" where one is empty.
func keyText(t *record.Type, values map[string]any, names []string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		f := t.Field(n)
		v := values[n]
		if v == nil || f.IsZero(v) {
			return ""
		}
		parts[i] = n + "=" + plainText(f, v)
	}
	return strings.Join(parts, "\x00")
}

// plainText writes a value; a reference that is not yet resolved is its own text.
func plainText(f *record.Field, v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return f.Kind.Text(v)
}

func hashOf(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// finder looks records up by values.
type finder struct {
	st    *store.Store
	tx    *db.Tx
	t     *record.Type
	scope record.Scope // a scope for reading all
}

// by returns the records by the text of the fields, for all of the rows at once.
func (f *finder) by(ctx context.Context, names []string, rows []*entry) (map[string][]record.Entity, error) {
	out := map[string][]record.Entity{}
	lead := f.lead(names)
	fd := f.t.Field(lead)
	var list []any
	seen := map[string]bool{}
	for _, e := range rows {
		if keyText(f.t, e.values, names) == "" {
			continue
		}
		if text := plainText(fd, e.values[lead]); !seen[text] {
			seen[text] = true
			list = append(list, e.values[lead])
		}
	}
	add := func(e record.Entity) {
		values := map[string]any{}
		for _, n := range names {
			values[n] = f.t.Field(n).Get(e)
		}
		if key := keyText(f.t, values, names); key != "" {
			out[key] = append(out[key], e)
		}
	}
	if fd.Class == record.Sensitive {
		for _, v := range list {
			if err := f.each(ctx, record.Where(lead, v), add); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	for part := range slices.Chunk(list, inList) {
		part = slices.Clone(part)
		for len(part) < inList {
			part = append(part, part[0])
		}
		if err := f.each(ctx, record.Filter{Field: lead, Op: field.In, Value: part}, add); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lead is the field that tells most apart.
func (f *finder) lead(names []string) string {
	best, score := names[0], -1
	for _, n := range names {
		fd, v := f.t.Field(n), 0
		switch kind := fd.Kind.Name(); {
		case fd.Unique, n == "number":
			v = 4
		case fd.Indexed && kind != "enum" && kind != "bool" && kind != "ref" && kind != "user":
			v = 3
		case kind == "enum", kind == "bool", kind == "state":
			v = 0
		case fd.Indexed:
			v = 2
		default:
			v = 1
		}
		if v > score {
			best, score = n, v
		}
	}
	return best
}

func (f *finder) each(ctx context.Context, cond record.Filter, add func(record.Entity)) error {
	q := record.Query{Filter: cond, Sort: "id", Limit: 200}
	for range 50 { // a value that ten thousand records share tells none of them
		page, err := f.st.List(ctx, f.tx, f.t, f.scope, q)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			add(e)
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
	return nil
}

// resolver finds the records that rows name. What it has found it keeps, up to a bound.
type resolver struct {
	d     *Desk
	known map[string]map[string]record.ID // type → name → id; many for several of one name
}

const (
	maxKnown = 50_000
	many     = record.ID(-1)
)

func (r *resolver) of(typ string) map[string]record.ID {
	m := r.known[typ]
	if m == nil || len(m) > maxKnown {
		m = map[string]record.ID{}
		r.known[typ] = m
	}
	return m
}

// target is the type a reference points at.
func (r *resolver) target(f *record.Field) *record.Type {
	name := f.Ref
	if k := f.Kind.Name(); k == "user" || k == "unit" {
		name = k
	}
	if f.Name == "created_by" || f.Name == "owner_id" {
		name = "user"
	}
	return r.d.Store.Types.Type(name)
}

// names lists the fields by which a record of the type is called.
func names(t *record.Type) []string {
	out := []string{"number"}
	for _, n := range []string{"login", "key", "mail", "short_name", t.Title} {
		f := t.Field(n)
		if f != nil && f.Compute == nil && !slices.Contains(out, n) && f.Class < record.Sensitive {
			out = append(out, n)
		}
	}
	return out
}

// learn looks up the names that are not known yet.
func (r *resolver) learn(ctx context.Context, tx *db.Tx, scope record.Scope, t *record.Type, wanted []string) error {
	known := r.of(t.Name)
	var list []string
	for _, w := range wanted {
		if known[w] == 0 && !slices.Contains(list, w) { // what was not there may be by now
			list = append(list, w)
		}
	}
	for part := range slices.Chunk(list, 50) {
		var or []record.Filter
		values := make([]any, 50)
		for i := range values {
			values[i] = part[min(i, len(part)-1)]
		}
		for _, n := range names(t) {
			if f := t.Field(n); f.Class < record.Personal || !scope.Clear[f.Class].None() {
				or = append(or, anyOf(f, values))
			}
		}
		for _, w := range part {
			known[w] = 0
		}
		f := &finder{st: r.d.Store, tx: tx, t: t, scope: scope}
		err := f.each(ctx, record.Filter{Or: or}, func(e record.Entity) {
			for _, n := range names(t) {
				text := t.Field(n).Kind.Text(t.Field(n).Get(e))
				if id, ok := known[text]; ok && text != "" && id != e.HeadOf().ID {
					known[text] = e.HeadOf().ID
					if id != 0 {
						known[text] = many
					}
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// anyOf is the condition that a field has one of the values.
func anyOf(f *record.Field, values []any) record.Filter {
	if slices.Contains(f.Kind.Ops(), field.In) {
		return record.Filter{Field: f.Name, Op: field.In, Value: values}
	}
	var or []record.Filter
	for _, v := range slices.Compact(slices.Clone(values)) {
		or = append(or, record.Where(f.Name, v))
	}
	return record.Filter{Or: or}
}

// resolve puts ids in the place of names in all rows.
func (b *batch) resolve(ctx context.Context, rows []*entry) error {
	for _, f := range b.run.refs {
		t := b.run.resolver.target(f)
		if t == nil {
			continue
		}
		var wanted []string
		for _, e := range rows {
			wanted = append(wanted, split(f, e.values[f.Name])...)
		}
		if len(wanted) == 0 {
			continue
		}
		scope, err := b.run.desk.authorize(ctx, b.tx, b.run.actor, t.Name, record.Read)
		if err != nil && !errs.Is(err, errs.Forbidden) {
			return err
		}
		if err == nil {
			if err := b.run.resolver.learn(ctx, b.tx, scope, t, wanted); err != nil {
				return err
			}
		}
		for _, e := range rows {
			if err := b.put(ctx, e, f, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// split takes the names out of a value; a reference to several stands apart by commas and the like.
func split(f *record.Field, v any) []string {
	s, _ := v.(string)
	if s == "" {
		return nil
	}
	if f.Kind.Name() != "refs" {
		return []string{s}
	}
	var out []string
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",，、;；\n", r) }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// put resolves one field of one row.
func (b *batch) put(ctx context.Context, e *entry, f *record.Field, t *record.Type) error {
	list := split(f, e.values[f.Name])
	if len(list) == 0 {
		return nil
	}
	var ids []record.ID
	for _, name := range list {
		id, err := b.named(ctx, e, f, t, name)
		if err != nil {
			return err
		}
		if id != 0 {
			ids = append(ids, id)
		}
	}
	delete(e.values, f.Name)
	switch {
	case len(ids) == 0:
	case f.Kind.Name() == "refs":
		e.values[f.Name] = ids
	default:
		e.values[f.Name] = ids[0]
	}
	return nil
}

func (b *batch) named(ctx context.Context, e *entry, f *record.Field, t *record.Type, name string) (record.ID, error) {
	known := b.run.resolver.of(t.Name)
	id := known[name]
	if id == 0 {
		if v, bad := f.Parse(name); bad == nil && f.Kind.Name() != "refs" {
			if id, ok := v.(record.ID); ok && id != 0 {
				return id, nil // validation finds out whether it exists
			}
		}
	}
	switch {
	case id == many:
		e.fail(errs.Of(f.Name, "transfer.ref_ambiguous").With("value", clip(name)).With("field", f.Name))
		return 0, nil
	case id != 0:
		return id, nil
	}
	switch b.run.plan.Missing[f.Name] {
	case "empty":
		return 0, nil
	case Anyway:
		return b.make(ctx, e, f, t, name)
	}
	e.fail(errs.Of(f.Name, "transfer.ref_unknown").With("value", clip(name)).With("field", f.Name))
	return 0, nil
}
