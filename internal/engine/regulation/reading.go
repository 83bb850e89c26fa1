package regulation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Reading is a regulation as it is read: the version in force, or the newest where none is, with what its clauses did.
type Reading struct {
	Regulation *Regulation
	Version    *Version
	Clauses    []*Clause
	Bindings   map[string][]*Binding // by clause
	Months     []string              // oldest first, twelve
	Cells      map[string]map[string]evidence.Tally
}

// Tally sums the outcomes of a clause over the months of the reading.
func (r *Reading) Tally(clause string) evidence.Tally {
	out := evidence.Tally{}
	for _, t := range r.Cells[clause] {
		for result, n := range t {
			out[result] += n
		}
	}
	return out
}

// Status is what the outcomes of the clause over the months say.
func (r *Reading) Status(clause string) evidence.Status {
	return evidence.StatusOf(len(r.Bindings[clause]) > 0, r.Tally(clause))
}

// Clause returns the clause of the key, or nil.
func (r *Reading) Clause(key string) *Clause {
	for _, c := range r.Clauses {
		if c.Key == key {
			return c
		}
	}
	return nil
}

// Read returns the regulation of the key for reading: the version in force, or the newest where none is. Regulations are
// open to everybody who signed in; the caller has checked that. NotFound where there is no such regulation or it has no
// text.
func (e *Engine) Read(ctx context.Context, key string) (*Reading, error) {
	return e.readText(ctx, key, func(r *Regulation, list []*Version) *Version {
		for _, v := range list {
			if v.ID == r.CurrentID {
				return v
			}
		}
		if len(list) == 0 {
			return nil
		}
		return list[0]
	})
}

// ReadVersion is [Engine.Read] for the version of a number, whatever its state.
func (e *Engine) ReadVersion(ctx context.Context, key string, no int64) (*Reading, error) {
	return e.readText(ctx, key, func(_ *Regulation, list []*Version) *Version {
		for _, v := range list {
			if v.VersionNo == no {
				return v
			}
		}
		return nil
	})
}

// Versions returns a regulation with its versions, the newest first.
func (e *Engine) Versions(ctx context.Context, key string) (*Regulation, []*Version, error) {
	var reg *Regulation
	list, err := db.View(ctx, e.DB, func(tx *db.Tx) (list []*Version, err error) {
		reg, list, err = e.versions(ctx, e.reader(tx, "regulation"), key)
		return list, err
	})
	return reg, list, err
}

// reader is the call in which the engine reads for a page. What it reads is open, or checked by the caller.
func (e *Engine) reader(tx *db.Tx, typ string) *record.Call {
	return &record.Call{Tx: tx, Scope: e.Guard.SystemScope("regulation.read", "web", typ, record.Read), Now: e.Clock.Now(), Work: e.Runner}
}

func (e *Engine) versions(ctx context.Context, c *record.Call, key string) (*Regulation, []*Version, error) {
	found, err := record.Find[Regulation](ctx, c, "regulation", record.Where("key", key), 1)
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, errs.New(errs.NotFound, "record.not_found")
	}
	list, err := record.Find[Version](ctx, c, "regulation_version", record.Where("regulation_id", found[0].ID), 200)
	slices.SortFunc(list, func(a, b *Version) int { return cmp.Compare(b.VersionNo, a.VersionNo) })
	return found[0], list, err
}

func (e *Engine) readText(ctx context.Context, key string, pick func(*Regulation, []*Version) *Version) (*Reading, error) {
	out := &Reading{Bindings: map[string][]*Binding{}, Cells: map[string]map[string]evidence.Tally{}, Months: e.lastMonths(12)}
	_, err := db.View(ctx, e.DB, func(tx *db.Tx) (int, error) {
		c := e.reader(tx, "regulation")
		reg, list, err := e.versions(ctx, c, key)
		if err != nil {
			return 0, err
		}
		if out.Regulation, out.Version = reg, pick(reg, list); out.Version == nil {
			return 0, errs.New(errs.NotFound, "record.not_found")
		}
		return 0, e.fillReading(ctx, c, out)
	})
	return out, err
}

func (e *Engine) fillReading(ctx context.Context, c *record.Call, out *Reading) error {
	var err error
	if out.Clauses, err = clausesOf(ctx, c, out.Version.ID); err != nil {
		return err
	}
	bindings, err := bindingsOf(ctx, c, out.Version.ID)
	if err != nil {
		return err
	}
	for _, b := range bindings {
		out.Bindings[b.ClauseKey] = append(out.Bindings[b.ClauseKey], b)
	}
	scope := evidence.Scope{Regulation: out.Regulation.Key, From: out.Months[0], To: out.Months[len(out.Months)-1]}
	sums, err := evidence.Sums(ctx, c.Tx, scope, false)
	for _, s := range sums {
		for clause, t := range s.Clauses {
			if out.Cells[clause] == nil {
				out.Cells[clause] = map[string]evidence.Tally{}
			}
			out.Cells[clause][s.Month] = t
		}
	}
	return err
}

// bindingsOf returns all controls of a version that are not off, oldest first.
func bindingsOf(ctx context.Context, c *record.Call, version record.ID) ([]*Binding, error) {
	var out []*Binding
	for last := record.ID(0); ; last = out[len(out)-1].ID {
		f := record.All(record.Where("version_id", version), record.Where("off", false))
		if last != 0 {
			f.And = append(f.And, record.Filter{Field: "id", Op: "gt", Value: last})
		}
		page, err := record.Find[Binding](ctx, c, "binding", f, 200)
		if out = append(out, page...); err != nil || len(page) < 200 {
			return out, err
		}
	}
}

// lastMonths lists the last n months in the organisation's zone, oldest first.
func (e *Engine) lastMonths(n int) []string {
	now := e.Clock.Now().In(e.Zone)
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, e.Zone)
	out := make([]string, n)
	for i := range out {
		out[i] = first.AddDate(0, i-n+1, 0).Format("2006-01")
	}
	return out
}

// Outcomes lists what a clause did, newest first.
func (e *Engine) Outcomes(ctx context.Context, f evidence.Filter) ([]evidence.Outcome, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) ([]evidence.Outcome, error) { return evidence.List(ctx, tx, f) })
}

// Clocks lists the clocks on a record, the soonest due first. The caller has read the record with its scope.
func (e *Engine) Clocks(ctx context.Context, id record.ID) ([]*evidence.Clock, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) ([]*evidence.Clock, error) { return evidence.OfRecord(ctx, tx, id) })
}

// ClocksOf lists the open clocks a person answers for, the soonest due first, at most 50.
func (e *Engine) ClocksOf(ctx context.Context, person record.ID) ([]*evidence.Clock, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) ([]*evidence.Clock, error) { return evidence.OfOwner(ctx, tx, person, 50) })
}

// TaskOf returns the task of a person to sign the version, or nil where there is none.
func (e *Engine) TaskOf(ctx context.Context, person, version record.ID) (*Acknowledgement, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) (*Acknowledgement, error) {
		c := e.reader(tx, "acknowledgement")
		list, err := record.Find[Acknowledgement](ctx, c, "acknowledgement", record.All(record.Where("version_id", version), record.Where("owner_id", person)), 1)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		return list[0], nil
	})
}

// MayAdd reports by its error whether the actor may add regulations.
func (e *Engine) MayAdd(ctx context.Context, a access.Actor) error {
	_, err := db.View(ctx, e.DB, func(tx *db.Tx) (record.Scope, error) {
		return e.Guard.Authorize(ctx, tx, a, "regulation", record.Create)
	})
	return err
}

// Taken returns the first of the drafts whose key belongs to a regulation of another title, with that title; nil where
// none does.
func (e *Engine) Taken(ctx context.Context, drafts []*Draft) (*Draft, string, error) {
	for _, d := range drafts {
		reg, _, err := e.Versions(ctx, d.Key)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		if reg.Title != d.Title {
			return d, reg.Title, nil
		}
	}
	return nil, "", nil
}

// Stored is told of a draft that has become a version, within the transaction that stores it.
type Stored func(ctx context.Context, c *record.Call, v *Version, d *Draft) error

// StoreAll stores drafts on behalf of an actor who may add regulations, all or none, and tells then of each.
func (e *Engine) StoreAll(ctx context.Context, a access.Actor, drafts []*Draft, then ...Stored) error {
	return db.Do(ctx, e.DB, func(tx *db.Tx) error {
		scope, err := e.Guard.Authorize(ctx, tx, a, "regulation", record.Create)
		if err != nil {
			return err
		}
		c := &record.Call{Tx: tx, Scope: scope, Now: e.Clock.Now(), Work: e.Runner}
		for _, d := range drafts {
			v, err := e.Store(ctx, c, d)
			if err != nil {
				return err
			}
			for _, tell := range then {
				if err := tell(ctx, c, v, d); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// KeyOfTask returns the key of the regulation a task asks to sign.
func (e *Engine) KeyOfTask(ctx context.Context, task record.ID) (string, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) (string, error) {
		var key string
		err := tx.QueryRow(ctx, `SELECT r.key FROM acknowledgements a JOIN regulation_versions v ON v.id = a.version_id
			JOIN regulations r ON r.id = v.regulation_id WHERE a.id = ?`, task).Scan(&key)
		if db.IsNoRows(err) {
			return "", errs.New(errs.NotFound, "record.not_found")
		}
		return key, err
	})
}
