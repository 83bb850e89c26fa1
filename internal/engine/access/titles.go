package access

import (
	"context"
	"maps"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Titled is what a reference shows of the record it points at.
type Titled struct{ Title, Number, State string }

// Titles returns how records are called, by id, as the actor sees them: masked where their title is, absent where they
// are hidden from him. A type he may not read gives none. It writes no audit entry, since it shows no more than names.
func (r *Records) Titles(ctx context.Context, a Actor, typ string, list []record.ID) (map[record.ID]Titled, error) {
	out := map[record.ID]Titled{}
	t := r.Store.Types.Type(typ)
	if t == nil || len(list) == 0 {
		return out, nil
	}
	return db.View(ctx, r.DB, func(tx *db.Tx) (map[record.ID]Titled, error) {
		scope, err := r.Guard.Authorize(ctx, tx, a, t.Name, record.Read)
		if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		found, err := r.Store.GetMany(ctx, tx, t, scope, list)
		if err != nil {
			return nil, err
		}
		for id, e := range found {
			v := mask.Of(t, scope, e)
			out[id] = Titled{Title: v.Title, Number: v.Record.Number, State: v.State}
		}
		return out, nil
	})
}

// TitlesOf is [Records.Titles] for records of several types at once; a type nobody declared gives none.
func (r *Records) TitlesOf(ctx context.Context, a Actor, of map[string][]record.ID) (map[record.ID]Titled, error) {
	out := map[record.ID]Titled{}
	for typ, list := range of {
		found, err := r.Titles(ctx, a, typ, list)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, found)
	}
	return out, nil
}
