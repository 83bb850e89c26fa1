package access

import (
	"context"
	"slices"
	"time"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// MergeNote is a merge a record took part in.
type MergeNote struct {
	ID       record.ID
	Survivor record.ID
	Others   []record.ID
	At       time.Time
	Actor    string
	Reason   string
	MayUndo  bool
}

// MergePreview is what a person sees before he merges: the records as he sees them, in the order asked for, and what
// points at them.
type MergePreview struct {
	Type            *record.Type
	Views           []mask.View
	Moved           []store.Moved // of all records but the first, of types the person may read
	Elsewhere       int           // records of types he may not read
	Comments, Files int
}

// MergePreview shows records that might be merged. It needs the right to merge all of them: NotFound for any other. What
// it shows of personal data in clear is in the audit log.
func (r *Records) MergePreview(ctx context.Context, a Actor, typ string, list []record.ID) (*MergePreview, error) {
	t := r.Store.Types.Type(typ)
	if t == nil || !t.Merges {
		return nil, errs.New(errs.NotFound, "record.unknown_type").With("type", typ)
	}
	if len(list) < 2 || len(list) > action.MaxMerge+1 {
		return nil, errs.New(errs.Invalid, "merge.count").With("max", action.MaxMerge)
	}
	var clear []record.ID
	out, err := db.View(ctx, r.DB, func(tx *db.Tx) (*MergePreview, error) {
		scope, err := r.Guard.Authorize(ctx, tx, a, t.Name, record.Merge)
		if err != nil {
			return nil, err
		}
		found, err := r.Store.GetMany(ctx, tx, t, scope, list)
		if err != nil {
			return nil, err
		}
		p := &MergePreview{Type: t}
		for _, id := range list {
			e := found[id]
			if e == nil {
				return nil, store.NotFound(t, id)
			}
			p.Views = append(p.Views, mask.Of(t, scope, e))
			if t.LogReads || showsPersonal(t, scope, e) {
				clear = append(clear, id)
			}
		}
		return p, r.moves(ctx, tx, a, p, list[1:])
	})
	if err != nil {
		return nil, r.denied(ctx, a, t, record.Merge, 0, err)
	}
	for _, id := range clear {
		if err := r.log(ctx, a, t, record.Read, id, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// moves counts what points at the records.
func (r *Records) moves(ctx context.Context, tx *db.Tx, a Actor, p *MergePreview, of []record.ID) error {
	all, err := r.Store.CountLinks(ctx, tx, p.Type, of)
	if err != nil {
		return err
	}
	p.Moved, p.Elsewhere = r.readable(ctx, tx, a, all)
	p.Comments, p.Files, err = r.Store.CountBeside(ctx, tx, of)
	return err
}

func (r *Records) readable(ctx context.Context, tx *db.Tx, a Actor, all []store.Moved) (seen []store.Moved, elsewhere int) {
	for _, m := range all {
		if r.Can(ctx, tx, a, m.Type.Name, record.Read) {
			seen = append(seen, m)
		} else {
			elsewhere += m.Count
		}
	}
	return seen, elsewhere
}

// MergeResult is what became of a merge, as the actor sees it.
type MergeResult struct {
	ID        record.ID // none of a dry run
	Survivor  mask.View
	Changed   []string // fields of the survivor
	Moved     []store.Moved
	Elsewhere int
}

// Merge merges records; see [action.Runner.Merge].
func (r *Records) Merge(ctx context.Context, a Actor, m action.Merge) (*MergeResult, error) {
	t := r.Store.Types.Type(m.Type)
	scope, err := r.scope(ctx, a, m.Type, record.Merge)
	if err != nil {
		return nil, r.denied(ctx, a, t, record.Merge, m.Survivor, err)
	}
	done, err := r.Runner.Merge(ctx, scope, m)
	if errs.Is(err, errs.NotFound) {
		return nil, r.denied(ctx, a, t, record.Merge, m.Survivor, err)
	}
	if err != nil {
		return nil, err
	}
	out := &MergeResult{ID: done.ID, Survivor: mask.Of(t, scope, done.Survivor)}
	for _, f := range action.Choosable(t) {
		if f.Kind.Text(f.Get(done.Before)) != f.Kind.Text(f.Get(done.Survivor)) {
			out.Changed = append(out.Changed, f.Name)
		}
	}
	_, err = db.View(ctx, r.DB, func(tx *db.Tx) (struct{}, error) {
		out.Moved, out.Elsewhere = r.readable(ctx, tx, a, done.Moved)
		return struct{}{}, nil
	})
	return out, err
}

// Unmerge takes a merge back; see [action.Runner.Unmerge]. It returns the records that stand for themselves again.
func (r *Records) Unmerge(ctx context.Context, a Actor, typ string, merge record.ID) (survivor record.ID, others []record.ID, err error) {
	scope, err := r.scope(ctx, a, typ, record.Merge)
	if err != nil {
		return 0, nil, r.denied(ctx, a, r.Store.Types.Type(typ), record.Merge, 0, err)
	}
	done, err := r.Runner.Unmerge(ctx, scope, merge)
	if err != nil {
		return 0, nil, err
	}
	for _, e := range done.Others {
		others = append(others, e.HeadOf().ID)
	}
	return done.Survivor.HeadOf().ID, others, nil
}

// merges notes on the sheet what the record took part in.
func (r *Records) merges(ctx context.Context, tx *db.Tx, s *Sheet, t *record.Type, scope record.Scope) error {
	if !t.Merges {
		return nil
	}
	id := s.Record.ID
	into, err := r.Store.MergedInto(ctx, tx, id)
	if err != nil {
		return err
	}
	list, err := r.Store.Merges(ctx, tx, id)
	if err != nil {
		return err
	}
	may := r.Can(ctx, tx, scope.Actor, t.Name, record.Merge)
	note := func(m store.Merge) MergeNote {
		return MergeNote{ID: m.ID, Survivor: m.Survivor, Others: m.Others, At: m.At, Actor: m.Actor, Reason: m.Reason, MayUndo: may}
	}
	if into != nil {
		n := note(*into)
		s.MergedInto = &n
		s.Actions = slices.DeleteFunc(s.Actions, func(a *record.Action) bool { return a.Name == record.Restore })
	}
	for _, m := range list {
		s.Merges = append(s.Merges, note(m))
	}
	return r.earlier(ctx, tx, s, t, scope)
}

// earlier adds the history of what was merged into the record, as far as the reader reaches it.
func (r *Records) earlier(ctx context.Context, tx *db.Tx, s *Sheet, t *record.Type, scope record.Scope) error {
	ids, err := r.Store.Aliases(ctx, tx, s.Record.ID)
	if err != nil || len(ids) == 0 {
		return err
	}
	found, err := r.Store.GetMany(ctx, tx, t, scope, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		e := found[id]
		if e == nil {
			continue
		}
		list, err := r.Store.History(ctx, tx, id, maxTrail)
		if err != nil {
			return err
		}
		maskHistory(t, scope, e, list)
		s.History = append(s.History, list...)
	}
	slices.SortStableFunc(s.History, func(x, y store.HistoryEntry) int { return int(min(max(y.ID-x.ID, -1), 1)) })
	s.History = s.History[:min(len(s.History), maxTrail)]
	return nil
}
