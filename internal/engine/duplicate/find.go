package duplicate

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Finder finds likely duplicates of the types it has a profile of. It is safe for concurrent use. Runner is needed by
// [Finder.Look] alone.
type Finder struct {
	Store    *store.Store
	Runner   *action.Runner
	Profiles []Profile
}

// Match is a record that may be the same.
type Match struct {
	Record  record.Entity
	Score   int      // 0 to 100
	Reasons []string // fields that agree, or same_name, similar_name, same_sound; the strongest first
}

const (
	common   = 25 // records that share a key before it tells nothing
	mostSeen = 200
)

// Profile returns the profile of a type.
func (f *Finder) Profile(typ string) (Profile, bool) {
	i := slices.IndexFunc(f.Profiles, func(p Profile) bool { return p.Type == typ })
	if i < 0 {
		return Profile{}, false
	}
	return f.Profiles[i], true
}

// Like returns the records that may be the candidate, the surest first, at most limit. The scope is one for reading the
// type: masked fields count only where it sees them in clear. The candidate need not be stored; its values must be in
// canonical form. Records of the last minutes are found by equal values, others also by names that are alike.
func (f *Finder) Like(ctx context.Context, tx *db.Tx, scope record.Scope, cand record.Entity, limit int) ([]Match, error) {
	p, ok := f.Profile(scope.Type)
	t := f.Store.Types.Type(scope.Type)
	if !ok || t == nil {
		return nil, nil
	}
	own := p.read(t, cand, func(*record.Field) bool { return true })
	ids, err := f.candidates(ctx, tx, f.hashes(p, own))
	if err != nil {
		return nil, fmt.Errorf("like %s: %w", p.Type, err)
	}
	found, err := f.Store.GetMany(ctx, tx, t, scope, ids)
	if err != nil {
		return nil, err
	}
	if err := f.live(ctx, tx, scope, p, cand, found); err != nil {
		return nil, err
	}
	var out []Match
	for id, e := range found {
		if id == cand.HeadOf().ID || e.HeadOf().Archived() {
			continue
		}
		other := p.read(t, e, func(fd *record.Field) bool { return scope.SeesClear(t, e, fd.Class) })
		if score, why := p.score(own, other); score >= Threshold {
			out = append(out, Match{Record: e, Score: score, Reasons: why})
		}
	}
	slices.SortFunc(out, func(a, b Match) int {
		if a.Score != b.Score {
			return b.Score - a.Score
		}
		return int(min(max(a.Record.HeadOf().ID-b.Record.HeadOf().ID, -1), 1))
	})
	return out[:min(len(out), limit)], nil
}

// live adds records with an equal value, so that one entered a minute ago is found before the look has seen it.
func (f *Finder) live(ctx context.Context, tx *db.Tx, scope record.Scope, p Profile, cand record.Entity, found map[record.ID]record.Entity) error {
	t := f.Store.Types.Type(p.Type)
	ask := func(name string, v any) error {
		page, err := f.Store.List(ctx, tx, t, scope, record.Query{Filter: record.Where(name, v), Limit: common})
		if errs.KeyOf(err) == "filter.masked_field" {
			return nil
		}
		for _, e := range page.Items {
			found[e.HeadOf().ID] = e
		}
		return err
	}
	for _, ev := range p.Same {
		for _, from := range ev.Fields {
			fd := t.Field(from)
			v := fd.Get(cand)
			if fd.IsZero(v) {
				continue
			}
			for _, in := range ev.Fields {
				if err := ask(in, v); err != nil {
					return err
				}
			}
		}
	}
	if name := t.Field(p.Names[0]); name != nil && name.Indexed && !name.IsZero(name.Get(cand)) {
		return ask(name.Name, name.Get(cand))
	}
	return nil
}

// hashes are the keys as the index keeps them.
func (f *Finder) hashes(p Profile, own feature) []int64 {
	keys := p.keys(own)
	out := make([]int64, 0, len(keys))
	for _, k := range keys {
		blind := f.Store.Keys.Blind(k, "duplicates."+p.Type)
		n, err := strconv.ParseUint(blind[:min(16, len(blind))], 16, 64)
		if err == nil {
			out = append(out, int64(n))
		}
	}
	return out
}

// candidates are the records that share a key, at most 200; keys that more than 25 share are passed over.
func (f *Finder) candidates(ctx context.Context, tx *db.Tx, keys []int64) ([]record.ID, error) {
	var out []record.ID
	seen := map[record.ID]bool{}
	take := func(list []record.ID) {
		if len(list) > common {
			return
		}
		for _, id := range list {
			if !seen[id] && len(out) < mostSeen {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	if tx.Dialect() == db.Postgres {
		err := f.lateral(ctx, tx, keys, take)
		return out, err
	}
	for _, k := range keys {
		var list []record.ID
		err := tx.Each(ctx, fmt.Sprintf("SELECT record_id FROM duplicate_keys WHERE key = ? LIMIT %d", common+1), []any{k}, func(r *sql.Rows) error {
			var id record.ID
			err := r.Scan(&id)
			list = append(list, id)
			return err
		})
		if err != nil {
			return nil, err
		}
		take(list)
	}
	return out, nil
}

// lateral asks PostgreSQL for all keys at once.
func (f *Finder) lateral(ctx context.Context, tx *db.Tx, keys []int64, take func([]record.ID)) error {
	if len(keys) == 0 {
		return nil
	}
	args := make([]any, len(keys))
	for i, k := range keys {
		args[i] = k
	}
	values := strings.TrimSuffix(strings.Repeat("(CAST(? AS BIGINT)), ", len(keys)), ", ")
	by := map[int64][]record.ID{}
	err := tx.Each(ctx, fmt.Sprintf(`SELECT k.key, d.record_id FROM (VALUES %s) AS k (key),
		LATERAL (SELECT record_id FROM duplicate_keys WHERE key = k.key LIMIT %d) AS d`, values, common+1), args, func(r *sql.Rows) error {
		var k int64
		var id record.ID
		err := r.Scan(&k, &id)
		by[k] = append(by[k], id)
		return err
	})
	for _, k := range keys {
		take(by[k])
	}
	return err
}
