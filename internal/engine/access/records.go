package access

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/access/recusal"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Records are all records as actors see them: the one door surfaces go through. Everything it returns is masked, and
// what it shows of personal data in clear is in the audit log. It is safe for concurrent use.
type Records struct {
	DB     *db.DB
	Store  *store.Store
	Runner *action.Runner
	Guard  *Guard
	Quota  func(Actor) int // reveals a person has a day; nil means DefaultQuota
	Watch  Witness         // nil for none
	// Clearance finds an approved export of the actor that covers so many rows of the type of the call; 0 for none.
	Clearance func(ctx context.Context, c *record.Call, rows int) (record.ID, error)
	Free      int // rows that may be exported without an approved export; 0 means DefaultFree
}

// Witness is told of reads and of what the permissions refused, so that a clause whose guard they are has its evidence.
type Witness interface {
	// Reads is asked before a record is shown; a refusal by a clause hides it.
	Reads(ctx context.Context, scope record.Scope, t *record.Type, e record.Entity) error
	// Denied is told that the actor may not take the action on the type, or on that record; id is 0 for a new one.
	Denied(ctx context.Context, a Actor, t *record.Type, action string, id record.ID) error
}

// DefaultQuota is how many reveals a person has a calendar day (in the organisation's zone).
const DefaultQuota = 30

// Sheet is a record for its page.
type Sheet struct {
	mask.View
	Actions  []*record.Action // what the actor may do in this state, in the order of declaration
	MayAlso  map[string]bool  // general permissions without a form: comment, attach, reveal, export, merge
	Comments []store.CommentEntry
	Files    []store.FileEntry
	History  []store.HistoryEntry // changes of masked fields are masked as well; with that of records merged into this one

	MergedInto *MergeNote  // the record was merged away
	Merges     []MergeNote // what was merged into it, newest first
}

const maxTrail = 100 // entries of a trail a sheet shows

// Can reports whether the actor has any grant for the action on the type.
func (r *Records) Can(ctx context.Context, tx *db.Tx, a Actor, typ, act string) bool {
	_, err := r.Guard.Authorize(ctx, tx, a, typ, act)
	return err == nil
}

// Actor reads who a person is now.
func (r *Records) Actor(ctx context.Context, user record.ID) (Actor, error) {
	return db.View(ctx, r.DB, func(tx *db.Tx) (Actor, error) { return r.Guard.Actor(ctx, tx, user) })
}

// Read returns a record with its trail. A read that shows personal data in clear, or that a recused person tried, is
// written to the audit log.
func (r *Records) Read(ctx context.Context, a Actor, typ string, id record.ID) (*Sheet, error) {
	t := r.Store.Types.Type(typ)
	if t == nil {
		return nil, errs.New(errs.NotFound, "record.unknown_type").With("type", typ)
	}
	var audited bool
	var scope record.Scope
	var e record.Entity
	sheet, err := db.View(ctx, r.DB, func(tx *db.Tx) (*Sheet, error) {
		var err error
		if scope, err = r.Guard.Authorize(ctx, tx, a, typ, record.Read); err != nil {
			return nil, err
		}
		if e, err = r.Store.Get(ctx, tx, t, scope, id); err != nil {
			return nil, err
		}
		audited = t.LogReads || showsPersonal(t, scope, e)
		return r.sheet(ctx, tx, t, scope, e)
	})
	if err == nil && r.Watch != nil {
		err = r.Watch.Reads(ctx, scope, t, e)
	}
	if err != nil {
		return nil, r.denied(ctx, a, t, record.Read, id, err)
	}
	if audited {
		err = r.log(ctx, a, t, record.Read, id, nil)
	}
	return sheet, err
}

func showsPersonal(t *record.Type, scope record.Scope, e record.Entity) bool {
	return slices.ContainsFunc(t.Fields, func(f *record.Field) bool {
		return f.Class >= record.Personal && !f.IsZero(f.Get(e)) && scope.SeesClear(t, e, f.Class)
	})
}

func (r *Records) sheet(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, e record.Entity) (*Sheet, error) {
	s := &Sheet{View: mask.Of(t, scope, e), MayAlso: map[string]bool{}}
	id := e.HeadOf().ID
	var err error
	if s.Comments, err = r.Store.Comments(ctx, tx, id, 100); err != nil {
		return nil, err
	}
	if s.Files, err = r.Store.Files(ctx, tx, id); err != nil {
		return nil, err
	}
	if s.History, err = r.Store.History(ctx, tx, id, 100); err != nil {
		return nil, err
	}
	maskHistory(t, scope, e, s.History)
	for _, act := range t.Actions {
		may, err := r.may(ctx, tx, scope.Actor, t, act, e)
		if err != nil {
			return nil, err
		}
		switch {
		case !may || act.Name == record.Create || act.Name == record.Read:
		case act.Name == record.Comment, act.Name == record.Attach, act.Name == record.Reveal, act.Name == record.Export, act.Name == record.Import, act.Name == record.Merge:
			s.MayAlso[act.Name] = true
		default:
			s.Actions = append(s.Actions, act)
		}
	}
	return s, r.merges(ctx, tx, s, t, scope)
}

// may reports whether the actor may take the action on this record as it stands.
func (r *Records) may(ctx context.Context, tx *db.Tx, a Actor, t *record.Type, act *record.Action, e record.Entity) (bool, error) {
	if !act.Allowed(t.StateOf(e)) {
		return false, nil
	}
	if e.HeadOf().Archived() != (act.Name == record.Restore) && act.Name != record.Read && act.Name != record.Reveal {
		return false, nil
	}
	scope, err := r.Guard.Authorize(ctx, tx, a, t.Name, act.Name)
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return false, nil
	}
	return err == nil && scope.Visible.Reach(t, e), err
}

func maskHistory(t *record.Type, scope record.Scope, e record.Entity, list []store.HistoryEntry) {
	for i := range list {
		for j := range list[i].Changes {
			c := &list[i].Changes[j]
			if f := t.Field(c.Field); f != nil && !scope.SeesClear(t, e, f.Class) {
				c.From, c.To = mask.Text(f, c.From), mask.Text(f, c.To)
			}
		}
	}
}

// denied lets the witness know where the permissions said no, and the audit log where a recused person asked; it returns
// err, after keeping what a clause has to keep of it.
func (r *Records) denied(ctx context.Context, a Actor, t *record.Type, act string, id record.ID, err error) error {
	if t == nil {
		return err
	}
	hidden := errs.Is(err, errs.NotFound)
	if r.Watch != nil && a.IsPerson() && (hidden || errs.Is(err, errs.Forbidden)) {
		if werr := r.Watch.Denied(ctx, a, t, act, id); werr != nil {
			return werr
		}
	}
	if a.IsPerson() && errs.Is(err, errs.Forbidden) {
		if lerr := r.logDenial(ctx, a, t, act, id); lerr != nil {
			return lerr
		}
	}
	if hidden {
		return r.attempt(ctx, a, t, id, err)
	}
	return r.Runner.Aftermath(ctx, err)
}

// logDenial keeps what somebody tried beyond his permissions.
func (r *Records) logDenial(ctx context.Context, a Actor, t *record.Type, act string, id record.ID) error {
	return db.Do(ctx, r.DB, func(tx *db.Tx) error {
		return r.Store.Log(ctx, tx, record.Scope{Actor: a}, "access.denied", id, map[string]any{"type": t.Name, "action": act})
	})
}

// attempt writes to the audit log that a recused person asked for the record, and returns err.
func (r *Records) attempt(ctx context.Context, a Actor, t *record.Type, id record.ID, err error) error {
	recused, herr := db.View(ctx, r.DB, func(tx *db.Tx) (bool, error) { return recusal.Has(ctx, tx, id, a.UserID) })
	if herr != nil || !recused {
		return err
	}
	if lerr := r.log(ctx, a, t, "attempt_recused", id, nil); lerr != nil {
		return lerr
	}
	return err
}

func (r *Records) log(ctx context.Context, a Actor, t *record.Type, verb string, id record.ID, detail map[string]any) error {
	return db.Do(ctx, r.DB, func(tx *db.Tx) error {
		return r.Store.Log(ctx, tx, record.Scope{Actor: a}, t.Name+"."+verb, id, detail)
	})
}

// Listing is one page of a list.
type Listing struct {
	Type   *record.Type
	Views  []mask.View
	Next   string
	Total  int // -1 where not asked for
	Capped bool
}

// List returns one page of what the actor sees of a type. Personal fields shown in clear are one audit entry a page.
func (r *Records) List(ctx context.Context, a Actor, typ string, q record.Query) (*Listing, error) {
	t := r.Store.Types.Type(typ)
	if t == nil {
		return nil, errs.New(errs.NotFound, "record.unknown_type").With("type", typ)
	}
	clear := 0
	out, err := db.View(ctx, r.DB, func(tx *db.Tx) (*Listing, error) {
		scope, err := r.Guard.Authorize(ctx, tx, a, typ, record.Read)
		if err != nil {
			return nil, err
		}
		page, err := r.Store.List(ctx, tx, t, scope, q)
		if err != nil {
			return nil, err
		}
		l := &Listing{Type: t, Next: page.Next, Total: page.Total, Capped: page.Capped}
		for _, e := range page.Items {
			l.Views = append(l.Views, mask.Of(t, scope, e))
			if showsPersonal(t, scope, e) {
				clear++
			}
		}
		return l, nil
	})
	if err != nil {
		return nil, r.Runner.Aftermath(ctx, err)
	}
	if clear > 0 {
		err = r.log(ctx, a, t, "list", 0, map[string]any{"records": clear})
	}
	return out, err
}

// CountBy counts what the actor sees of a type by a field; see [store.Store.CountBy].
func (r *Records) CountBy(ctx context.Context, a Actor, typ string, q record.Query, by string) (map[string]int, error) {
	return db.View(ctx, r.DB, func(tx *db.Tx) (map[string]int, error) {
		scope, err := r.Guard.Authorize(ctx, tx, a, typ, record.Read)
		if err != nil {
			return nil, err
		}
		return r.Store.CountBy(ctx, tx, r.Store.Types.Type(typ), scope, q, by)
	})
}

// Do runs an action and returns the record as the actor sees it afterwards; nil where it has left his sight.
func (r *Records) Do(ctx context.Context, a Actor, cmd action.Command) (*mask.View, error) {
	t := r.Store.Types.Type(cmd.Type)
	scope, err := r.scope(ctx, a, cmd.Type, cmd.Action)
	if err != nil {
		return nil, r.denied(ctx, a, t, cmd.Action, cmd.ID, err)
	}
	res, err := r.Runner.Do(ctx, scope, cmd)
	if errs.Is(err, errs.NotFound) {
		return nil, r.denied(ctx, a, t, cmd.Action, cmd.ID, err)
	}
	if err != nil {
		return nil, err
	}
	return db.View(ctx, r.DB, func(tx *db.Tx) (*mask.View, error) {
		read, err := r.Guard.Authorize(ctx, tx, a, cmd.Type, record.Read)
		if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) || err == nil && !read.Visible.Reach(res.Type, res.Record) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		v := mask.Of(res.Type, read, res.Record)
		return &v, nil
	})
}

func (r *Records) scope(ctx context.Context, a Actor, typ, act string) (record.Scope, error) {
	return db.View(ctx, r.DB, func(tx *db.Tx) (record.Scope, error) { return r.Guard.Authorize(ctx, tx, a, typ, act) })
}

// Bulk runs an action on a selection; see [action.Runner.Bulk].
func (r *Records) Bulk(ctx context.Context, a Actor, cmd action.Command, list []record.ID) (record.ID, []action.Outcome, error) {
	scope, err := r.scope(ctx, a, cmd.Type, cmd.Action)
	if err != nil {
		return 0, nil, r.denied(ctx, a, r.Store.Types.Type(cmd.Type), cmd.Action, 0, err)
	}
	return r.Runner.Bulk(ctx, scope, cmd, list)
}

// Undo takes a bulk run of the actor back; see [action.Runner.Undo].
func (r *Records) Undo(ctx context.Context, a Actor, typ string, batch record.ID) (done, left int, err error) {
	scope, err := r.scope(ctx, a, typ, record.Update)
	if err != nil {
		return 0, 0, r.denied(ctx, a, r.Store.Types.Type(typ), record.Update, 0, err)
	}
	return r.Runner.Undo(ctx, scope, batch)
}

// Found is one hit of a search.
type Found struct {
	mask.View
	Rank int
}

// Search looks through the given types, or all the actor may read, best first.
func (r *Records) Search(ctx context.Context, a Actor, text string, types []string, limit int) ([]Found, error) {
	return db.View(ctx, r.DB, func(tx *db.Tx) ([]Found, error) {
		scopes := map[string]record.Scope{}
		var list []record.Scope
		for _, t := range r.Store.Types.Types() {
			if len(types) > 0 && !slices.Contains(types, t.Name) {
				continue
			}
			scope, err := r.Guard.Authorize(ctx, tx, a, t.Name, record.Read)
			if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
				continue
			}
			if err != nil {
				return nil, err
			}
			scopes[t.Name] = scope
			list = append(list, scope)
		}
		hits, err := r.Store.Search(ctx, tx, list, text, limit)
		if err != nil {
			return nil, err
		}
		out := make([]Found, len(hits))
		for i, h := range hits {
			out[i] = Found{View: mask.Of(h.Type, scopes[h.Type.Name], h.Record), Rank: h.Rank}
		}
		return out, nil
	})
}

// Comment adds a comment to a record the actor reads.
func (r *Records) Comment(ctx context.Context, a Actor, typ string, id record.ID, body string, mentions []record.ID) error {
	in := &record.Remark{Text: strings.TrimSpace(body)}
	return r.onRecord(ctx, a, typ, record.Comment, id, func(ctx context.Context, c *record.Call) error {
		c.Input = in
		return r.Runner.Beside(ctx, c, func() error { return r.Store.AddComment(ctx, c.Tx, c.Type, c.Scope, id, in.Text, mentions) })
	})
}

// Attach adds a stored file to a record the actor reads.
func (r *Records) Attach(ctx context.Context, a Actor, typ string, id record.ID, f *store.FileEntry) error {
	return r.onRecord(ctx, a, typ, record.Attach, id, func(ctx context.Context, c *record.Call) error {
		c.Input = &record.Attachment{Name: f.Name, Media: f.ContentType, Size: f.Size}
		return r.Runner.Beside(ctx, c, func() error { return r.Store.AddFile(ctx, c.Tx, c.Type, c.Scope, id, f) })
	})
}

// onRecord runs fn on a record within the actor's reach for the action, in one transaction. What fn writes of an
// action beside the record goes through [action.Runner.Beside], so that clauses see it.
func (r *Records) onRecord(ctx context.Context, a Actor, typ, act string, id record.ID,
	fn func(context.Context, *record.Call) error,
) error {
	err := db.Do(ctx, r.DB, func(tx *db.Tx) error {
		scope, err := r.Guard.Authorize(ctx, tx, a, typ, act)
		if err != nil {
			return err
		}
		t := r.Store.Types.Type(typ)
		action := t.Action(act)
		if action == nil {
			return errs.New(errs.NotFound, "record.unknown_action").With("action", act) // a type may go without it
		}
		e, err := r.Store.Get(ctx, tx, t, scope, id)
		if err != nil {
			return err
		}
		return fn(ctx, &record.Call{Tx: tx, Scope: scope, Type: t, Action: action, Record: e})
	})
	if err != nil {
		return r.denied(ctx, a, r.Store.Types.Type(typ), act, id, err)
	}
	if r.Runner.Wake != nil {
		r.Runner.Wake()
	}
	return nil
}

// Reveal returns masked fields of one record in clear. It needs the grant "reveal", a reason of at least four
// characters, and what is left of the day's quota (TooMany otherwise); it is one audit entry, reason included. An empty
// list of names means all masked fields.
func (r *Records) Reveal(ctx context.Context, a Actor, typ string, id record.ID, names []string, reason string) (map[string]string, error) {
	reason = strings.TrimSpace(reason)
	if len([]rune(reason)) < 4 {
		return nil, errs.Of("reason", "reveal.reason").With("min", 4)
	}
	out := map[string]string{}
	err := r.onRecord(ctx, a, typ, record.Reveal, id, func(ctx context.Context, c *record.Call) error {
		for _, f := range c.Type.Fields {
			if f.Class < record.Personal || f.Compute != nil || len(names) > 0 && !slices.Contains(names, f.Name) {
				continue
			}
			out[f.Name] = f.Kind.Text(f.Get(c.Record))
		}
		if len(out) == 0 {
			return errs.Of("fields", "reveal.nothing")
		}
		used, err := r.spend(ctx, c.Tx, a)
		if err != nil {
			return err
		}
		fields := slices.Sorted(maps.Keys(out))
		c.Input = &record.Disclosure{Fields: strings.Join(fields, ","), Reason: reason, Today: int64(used)}
		return r.Runner.Beside(ctx, c, func() error {
			return r.Store.Log(ctx, c.Tx, c.Scope, typ+"."+record.Reveal, id, map[string]any{"fields": fields, "reason": reason})
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// spend takes one of the day's reveals and returns how many that makes.
func (r *Records) spend(ctx context.Context, tx *db.Tx, a Actor) (int, error) {
	quota := DefaultQuota
	if r.Quota != nil {
		quota = r.Quota(a)
	}
	now := r.Store.Clock.Now()
	zone := time.FixedZone("CST", 8*60*60)
	local := now.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone).UTC()
	var used int
	err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM audit_log WHERE actor = ? AND verb LIKE '%.reveal' AND at >= ?", a.Label(), midnight).Scan(&used)
	if err != nil {
		return 0, err
	}
	if used >= quota {
		return 0, errs.New(errs.TooMany, "reveal.quota").With("quota", quota)
	}
	return used + 1, nil
}
