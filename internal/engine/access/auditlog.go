package access

import (
	"context"
	"errors"
	"time"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// AuditLog is the word by which a grant opens the audit log: AuditLog × read lets its holder look through it, AuditLog ×
// verify lets him prove the chain. The log is of the whole company, so only the reach "all" counts, and "*" never covers
// it: whoever watches the others is named.
const AuditLog = "audit_log"

// Verify is the action that walks the chain of the audit log.
const Verify = "verify"

// AuditPage is one page of the audit log, newest first.
type AuditPage struct {
	Entries []audit.Entry
	Older   bool // there are entries after the last one of the page
	Newer   bool // there are entries before the first one
	Total   int  // of the whole search, up to audit.CountCap and one
}

// permits reports whether a grant by name and with reach over everything lets the actor take the action.
func (g *Guard) permits(ctx context.Context, tx *db.Tx, a Actor, name, action string) (bool, error) {
	if !a.IsPerson() || !tokenAllows(a.Scopes, name, action) {
		return false, nil
	}
	o, err := g.organisation(ctx, tx)
	if err != nil {
		return false, err
	}
	for _, role := range a.Roles {
		for _, gr := range o.grants[role] {
			if gr.Type == name && (gr.Action == action || gr.Action == "*") && gr.Reach == All {
				return true, nil
			}
		}
	}
	return false, nil
}

// MayAudit reports whether the actor may take the action (read, verify) on the audit log. A failure to find out is no.
func (r *Records) MayAudit(ctx context.Context, a Actor, action string) bool {
	ok, err := db.View(ctx, r.DB, func(tx *db.Tx) (bool, error) { return r.Guard.permits(ctx, tx, a, AuditLog, action) })
	return ok && err == nil
}

func (r *Records) mustAudit(ctx context.Context, tx *db.Tx, a Actor, action string) error {
	ok, err := r.Guard.permits(ctx, tx, a, AuditLog, action)
	if err == nil && !ok {
		err = errs.New(errs.Forbidden, "access.denied").With("type", AuditLog).With("action", action)
	}
	return err
}

// Audit searches the audit log; Forbidden for those without the grant.
func (r *Records) Audit(ctx context.Context, a Actor, f audit.Find) (*AuditPage, error) {
	return db.View(ctx, r.DB, func(tx *db.Tx) (*AuditPage, error) {
		if err := r.mustAudit(ctx, tx, a, record.Read); err != nil {
			return nil, err
		}
		out := &AuditPage{}
		all := f
		all.Before, all.After, all.Up = 0, 0, false
		var err error
		if out.Total, err = audit.Count(ctx, tx, all); err != nil {
			return nil, err
		}
		if f.Limit <= 0 || f.Limit > 200 {
			f.Limit = 50
		}
		if out.Entries, err = audit.List(ctx, tx, f); err != nil || len(out.Entries) == 0 {
			return out, err
		}
		edge := func(before, after int64) (bool, error) {
			one := all
			one.Before, one.After, one.Limit = before, after, 1
			list, err := audit.List(ctx, tx, one)
			return len(list) > 0, err
		}
		if out.Older, err = edge(out.Entries[len(out.Entries)-1].Seq, 0); err != nil {
			return nil, err
		}
		out.Newer, err = edge(0, out.Entries[0].Seq)
		return out, err
	})
}

// AuditEntry returns one entry of the audit log by its number; NotFound where there is none.
func (r *Records) AuditEntry(ctx context.Context, a Actor, seq int64) (*audit.Entry, error) {
	return db.View(ctx, r.DB, func(tx *db.Tx) (*audit.Entry, error) {
		if err := r.mustAudit(ctx, tx, a, record.Read); err != nil {
			return nil, err
		}
		e, err := audit.Get(ctx, tx, seq)
		if err == nil && e == nil {
			err = errs.New(errs.NotFound, "record.not_found")
		}
		return e, err
	})
}

// AuditVerbs lists the verbs the audit log holds.
func (r *Records) AuditVerbs(ctx context.Context, a Actor) ([]string, error) {
	return db.View(ctx, r.DB, func(tx *db.Tx) ([]string, error) {
		if err := r.mustAudit(ctx, tx, a, record.Read); err != nil {
			return nil, err
		}
		return audit.Verbs(ctx, tx)
	})
}

// ChainState is what is known of the chain of the audit log: the last proof, and how many entries came since.
type ChainState struct {
	Last     int64 // newest entry
	Proved   int64 // entries the last proof walked through; 0 where there was none
	At       time.Time
	By       string // label of the actor
	BrokenAt int64  // where the last proof found the chain broken; 0 where it held
	Reason   string // of the break
}

const verified = AuditLog + "." + Verify

// Chain returns the state of the chain. It is read from the log itself, in which every proof leaves an entry.
func (r *Records) Chain(ctx context.Context, a Actor) (*ChainState, error) {
	return db.View(ctx, r.DB, func(tx *db.Tx) (*ChainState, error) {
		if err := r.mustAudit(ctx, tx, a, record.Read); err != nil {
			return nil, err
		}
		st := &ChainState{}
		var err error
		if st.Last, _, err = audit.Last(ctx, tx); err != nil {
			return nil, err
		}
		list, err := audit.List(ctx, tx, audit.Find{Verb: verified, Limit: 1})
		if err != nil || len(list) == 0 {
			return st, err
		}
		number := func(name string) int64 { n, _ := list[0].Detail[name].(float64); return int64(n) }
		st.Proved, st.BrokenAt, st.At, st.By = number("entries"), number("broken_at"), list[0].At, list[0].Actor
		st.Reason, _ = list[0].Detail["fault"].(string)
		return st, nil
	})
}

// VerifyAudit walks the whole chain and writes what came of it into the log. A broken chain is a result, no error: it
// is in the state that is returned.
func (r *Records) VerifyAudit(ctx context.Context, a Actor) (*ChainState, error) {
	detail, err := db.View(ctx, r.DB, func(tx *db.Tx) (map[string]any, error) {
		if err := r.mustAudit(ctx, tx, a, Verify); err != nil {
			return nil, err
		}
		n, head, err := audit.Verify(ctx, tx)
		var broken *audit.Broken
		if errors.As(err, &broken) {
			return map[string]any{"entries": n, "broken_at": broken.Seq, "fault": broken.Reason}, nil
		}
		return map[string]any{"entries": n, "head": head}, err
	})
	if err != nil {
		return nil, err
	}
	err = db.Do(ctx, r.DB, func(tx *db.Tx) error {
		return r.Store.Log(ctx, tx, record.Scope{Actor: a}, verified, 0, detail)
	})
	if err != nil {
		return nil, err
	}
	return r.Chain(ctx, a)
}
