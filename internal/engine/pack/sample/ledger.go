package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/pack/install"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/errs"
)

// ledger is what a sample made, as it is stored with the record of the pack.
type ledger struct {
	Records []entry           `json:"records"` // in the order they were made
	People  []string          `json:"people"`  // ids of the people who came with the sample
	Force   map[string]string `json:"force"`   // versions put in force from the first day: since when they really are
	First   string            `json:"first"`   // ids after this one are of the loading or later

	ids map[record.ID]bool
}

// entry is one record; Lock is its version when the loading ended.
type entry struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Lock int64  `json:"lock"`
}

func (b *ledger) has(id record.ID) bool {
	if b.ids == nil {
		b.ids = map[record.ID]bool{}
		for _, e := range b.Records {
			b.ids[parse(e.ID)] = true
		}
	}
	return b.ids[id]
}

// known are the ids of everything the sample made, its people among them.
func (b *ledger) known() map[record.ID]bool {
	out := map[record.ID]bool{}
	for _, e := range b.Records {
		out[parse(e.ID)] = true
	}
	for _, id := range b.People {
		out[parse(id)] = true
	}
	return out
}

func parse(text string) record.ID {
	var id record.ID
	_ = id.UnmarshalText([]byte(text)) // written by this package
	return id
}

func (b *ledger) pack() (map[string]any, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(raw, &out)
}

func read(m map[string]any) (*ledger, error) {
	raw, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	b := &ledger{}
	return b, json.Unmarshal(raw, b)
}

// books returns the record of the pack, nil for none, and the ledgers of all samples that stand.
func (l *Loader) books(ctx context.Context, c *record.Call, id string) (*install.Installed, []*ledger, error) {
	list, err := record.Find[install.Installed](ctx, c, "pack", record.Filter{}, 200)
	if err != nil {
		return nil, nil, fmt.Errorf("records of packs: %w", err)
	}
	var own *install.Installed
	var ledgers []*ledger
	for _, row := range list {
		if row.Key == id {
			own = row
		}
		if row.SampleAt == nil {
			continue
		}
		b, err := read(row.Sample)
		if err != nil {
			return nil, nil, fmt.Errorf("sample of pack %s: %w", row.Key, err)
		}
		ledgers = append(ledgers, b)
	}
	return own, ledgers, nil
}

// keep writes down what the loading made: what it named and what followed from it.
func (t *teller) keep(ctx context.Context, scope record.Scope) error {
	err := t.Records.Runner.InTx(ctx, scope, func(c *record.Call) error {
		for _, typ := range t.records.Store.Types.Types() {
			if err := t.gather(ctx, c, typ); err != nil {
				return fmt.Errorf("what the sample made of %s: %w", typ.Name, err)
			}
		}
		row, _, err := t.books(ctx, c, t.pack.ID)
		if err != nil {
			return err
		}
		if row.Sample, err = t.ledger.pack(); err != nil {
			return err
		}
		row.SampleAt = &c.Now
		return c.Work.Save(ctx, c, "pack", "sample", row)
	})
	t.Installer.Engine.Forget()
	return err
}

// gather finds the records of a type that the sample made: those its people made or hold, and those that are about them
// or about one of its records.
func (t *teller) gather(ctx context.Context, c *record.Call, typ *record.Type) error {
	known := map[record.ID]bool{}
	for _, id := range t.people {
		known[id] = true
	}
	for _, r := range t.named {
		known[r.id] = true
	}
	return t.each(ctx, c, typ, t.first, func(rec record.Entity) {
		if about(typ, rec, known) {
			t.ledger.Records = append(t.ledger.Records, entry{typ.Name, rec.HeadOf().ID.String(), rec.HeadOf().LockVersion})
		}
	})
}

// follow adds what the program itself has made since for people and records of the sample, such as reminders.
func (l *Loader) follow(ctx context.Context, c *record.Call, own *ledger, people map[record.ID]bool) error {
	known := own.known()
	for _, typ := range l.Records.Store.Types.Types() {
		err := l.each(ctx, c, typ, parse(own.First), func(rec record.Entity) {
			if h := rec.HeadOf(); !known[h.ID] && people[h.CreatedBy] && people[h.OwnerID] && about(typ, rec, known) {
				own.Records = append(own.Records, entry{typ.Name, h.ID.String(), h.LockVersion})
			}
		})
		if err != nil {
			return fmt.Errorf("what followed from the sample of %s: %w", typ.Name, err)
		}
	}
	own.ids = nil
	return nil
}

// each visits the live records of a type with ids after one, but for those that a sample never owns.
func (l *Loader) each(ctx context.Context, c *record.Call, typ *record.Type, after record.ID, visit func(record.Entity)) error {
	if slices.Contains([]string{"pack", "regulation", "regulation_version", "notice"}, typ.Name) {
		return nil
	}
	for {
		page, err := c.Work.Find(ctx, c, typ.Name, record.Filter{Field: "id", Op: "gt", Value: after}, 200)
		if err != nil {
			return err
		}
		for _, rec := range page {
			visit(rec)
		}
		if len(page) < 200 {
			return nil
		}
		after = page[len(page)-1].HeadOf().ID
	}
}

func about(typ *record.Type, rec record.Entity, known map[record.ID]bool) bool {
	h := rec.HeadOf()
	if known[h.ID] || known[h.CreatedBy] || known[h.OwnerID] {
		return true
	}
	for _, f := range typ.Fields {
		if id, ok := f.Get(rec).(record.ID); ok && !f.Custom && known[id] {
			return true
		}
		if f.Name == "about_id" && f.Kind.Name() == "text" {
			if text, ok := f.Get(rec).(string); ok && text != "" && known[parse(text)] {
				return true
			}
		}
	}
	return false
}

// Remove takes the sample of a pack away, in one transaction: what nobody has touched since and no record of others
// refers to is archived, its clocks are stopped, its people leave, and regulations are in force from their own day
// again. Outcomes and the audit log stay. It returns how many records went and how many stay because they are in use.
// Conflict (pack.sample.absent) where none is loaded.
func (l *Loader) Remove(ctx context.Context, scope record.Scope, id string) (gone, kept int, err error) {
	if _, err := l.Installer.Pack(id); err != nil {
		return 0, 0, err
	}
	err = l.Records.Runner.InTx(ctx, scope, func(c *record.Call) error {
		gone, kept = 0, 0
		row, ledgers, err := l.books(ctx, c, id)
		if err != nil {
			return err
		}
		if row == nil || row.SampleAt == nil {
			return errs.New(errs.Conflict, "pack.sample.absent").With("pack", id)
		}
		own, err := read(row.Sample)
		if err != nil {
			return err
		}
		if gone, kept, err = l.clear(ctx, c, own, ledgers); err != nil {
			return err
		}
		row.Sample, row.SampleAt = nil, nil
		return c.Work.Save(ctx, c, "pack", "sample", row)
	})
	l.Records.Guard.Forget()
	l.Installer.Engine.Forget()
	return gone, kept, err
}

// clear archives last made first, the people at the very end: what refers to a record must be gone before it.
func (l *Loader) clear(ctx context.Context, c *record.Call, own *ledger, ledgers []*ledger) (gone, kept int, err error) {
	people := map[record.ID]bool{0: true}
	for _, b := range ledgers {
		for _, text := range b.People {
			people[parse(text)] = true
		}
	}
	if err := l.follow(ctx, c, own, people); err != nil {
		return 0, 0, err
	}
	var stays = map[record.ID]bool{}
	for _, rank := range []func(typ string) bool{
		func(typ string) bool {
			return typ != "user" && typ != "posting" && typ != "customer" && typ != "contact"
		},
		func(typ string) bool { return typ == "contact" },
		func(typ string) bool { return typ == "customer" },
		func(typ string) bool { return typ == "posting" },
		func(typ string) bool { return typ == "user" },
	} {
		for _, e := range slices.Backward(own.Records) {
			if !rank(e.Type) {
				continue
			}
			went, err := l.putAway(ctx, c, e, people, ledgers)
			if err != nil {
				return gone, kept, fmt.Errorf("%s %s: %w", e.Type, e.ID, err)
			}
			if went {
				gone++
			} else {
				stays[parse(e.ID)] = true
			}
		}
	}
	return gone, len(stays), l.restoreForce(ctx, c, own)
}

// putAway archives one record unless somebody who is not of the sample has changed it or refers to it.
func (l *Loader) putAway(ctx context.Context, c *record.Call, e entry, people map[record.ID]bool, ledgers []*ledger) (bool, error) {
	t := l.Records.Store.Types.Type(e.Type)
	if t == nil {
		return true, nil // the program no longer knows the type
	}
	rec, err := c.Work.Load(ctx, c, e.Type, parse(e.ID))
	if err != nil || rec.HeadOf().Archived() {
		return err == nil, err
	}
	h := rec.HeadOf()
	touched := h.LockVersion != e.Lock && !people[h.UpdatedBy]
	if !touched {
		if touched, err = l.used(ctx, c, t, h.ID, people, ledgers); err != nil {
			return false, err
		}
	}
	if touched {
		return false, nil
	}
	clocks, err := evidence.Open(ctx, c.Tx, h.ID)
	if err != nil {
		return false, err
	}
	for _, k := range clocks {
		k.State, k.StoppedAt = evidence.Void, c.Now
		if err := evidence.Update(ctx, c.Tx, k); err != nil {
			return false, err
		}
	}
	return true, l.archive(ctx, c, t, rec)
}

// archive puts the record away past rooms and clauses: a sent reply or a closed case may not be changed by people, and
// that the sample goes is no act of the company that a clause could judge. History and audit log have it.
func (l *Loader) archive(ctx context.Context, c *record.Call, t *record.Type, rec record.Entity) error {
	away := t.Clone(rec)
	away.HeadOf().ArchivedAt = c.Now
	return l.Records.Store.Put(ctx, c.Tx, store.Write{
		Type: t, Scope: c.Scope.Consequence(t.Name, record.Archive), Action: record.Archive, Before: rec, After: away,
	})
}

// used reports whether somebody else has written a comment on the record, or a live record of others refers to it.
func (l *Loader) used(ctx context.Context, c *record.Call, t *record.Type, id record.ID, people map[record.ID]bool, ledgers []*ledger) (bool, error) {
	comments, err := l.Records.Store.Comments(ctx, c.Tx, id, 100)
	if err != nil {
		return false, err
	}
	for _, m := range comments {
		if !people[m.Author] {
			return true, nil
		}
	}
	for _, other := range l.Records.Store.Types.Types() {
		for _, f := range other.Fields {
			kind := f.Kind.Name()
			if f.Custom || !(kind == "ref" && f.Ref == t.Name || kind == t.Name) {
				continue
			}
			list, err := c.Work.Find(ctx, c, other.Name, record.Where(f.Name, id), 50)
			if err != nil {
				return false, err
			}
			for _, rec := range list {
				if h := rec.HeadOf(); !known(ledgers, h.ID) && !(people[h.CreatedBy] && people[h.OwnerID]) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

func known(ledgers []*ledger, id record.ID) bool {
	return slices.ContainsFunc(ledgers, func(b *ledger) bool { return b.has(id) })
}

// restoreForce gives the regulations their own day back.
func (l *Loader) restoreForce(ctx context.Context, c *record.Call, own *ledger) error {
	for id, text := range own.Force {
		since, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return fmt.Errorf("day of version %s: %w", id, err)
		}
		v, err := record.Load[regulation.Version](ctx, c, "regulation_version", parse(id))
		if err != nil {
			return err
		}
		v.InForceAt = &since
		if err := c.Work.Save(ctx, c, "regulation_version", "sample", v); err != nil {
			return err
		}
	}
	return nil
}
