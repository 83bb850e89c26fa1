package assess

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
)

// Share is how the clauses of one unit or one post were kept.
type Share struct {
	Unit    record.ID // zero for outcomes of no unit
	Post    string    // responsible post; empty for clauses without one
	Clauses map[evidence.Status]int
	Tally   evidence.Tally
	Trend   []int // share of good outcomes by month in per cent; -1 for a month without any
}

// ByUnit tells how clauses were kept by the units whose outcomes the actor may count, the worst first.
func (b *Book) ByUnit(ctx context.Context, a access.Actor, p Period) ([]*Share, error) {
	return b.shares(ctx, a, p, func(unit record.ID, _ string) Share { return Share{Unit: unit} })
}

// ByPost tells how clauses were kept by the posts that answer for them, the worst first.
func (b *Book) ByPost(ctx context.Context, a access.Actor, p Period) ([]*Share, error) {
	return b.shares(ctx, a, p, func(_ record.ID, post string) Share { return Share{Post: post} })
}

// Trend is the share of good outcomes by month in per cent, -1 for a month without any.
func (b *Book) Trend(ctx context.Context, a access.Actor, p Period) ([]int, error) {
	list, err := b.shares(ctx, a, p, func(record.ID, string) Share { return Share{} })
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0].Trend, nil
}

// name is what tells one share from another.
type name struct {
	unit record.ID
	post string
}

// group collects what belongs to one share.
type group struct {
	share   *Share
	clauses map[string]evidence.Tally
	months  map[string]evidence.Tally
}

func (b *Book) shares(ctx context.Context, a access.Actor, p Period, key func(unit record.ID, post string) Share) ([]*Share, error) {
	return db.View(ctx, b.Engine.DB, func(tx *db.Tx) ([]*Share, error) {
		units, err := b.scope(ctx, tx, a, p.Unit)
		if err != nil {
			return nil, err
		}
		sheets, err := texts(ctx, tx, p.Regulations)
		if err != nil {
			return nil, err
		}
		posts := map[string]string{}
		for _, s := range sheets {
			for _, r := range s.Rows {
				posts[r.Clause] = r.Post
			}
		}
		sums, err := evidence.Sums(ctx, tx, evidence.Scope{From: p.From, To: p.To, Units: units}, true)
		if err != nil {
			return nil, err
		}
		groups := groupsOf(sums, posts, key)
		list := make([]*Share, 0, len(groups))
		for _, g := range groups {
			list = append(list, g.done(Months(p.From, p.To)))
		}
		slices.SortFunc(list, func(a, b *Share) int {
			return cmp.Or(cmp.Compare(b.Clauses[evidence.Breached], a.Clauses[evidence.Breached]), cmp.Compare(b.Clauses[evidence.KeptLate], a.Clauses[evidence.KeptLate]),
				cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Post, b.Post))
		})
		return list, nil
	})
}

// groupsOf puts the sums of the clauses in force into their shares. Posts are those of the clauses.
func groupsOf(sums []*evidence.Sum, posts map[string]string, key func(unit record.ID, post string) Share) map[name]*group {
	groups := map[name]*group{}
	for _, s := range sums {
		for clause, t := range s.Clauses {
			post, inForce := posts[clause]
			if !inForce {
				continue
			}
			k := key(s.Unit, post)
			g := groups[name{k.Unit, k.Post}]
			if g == nil {
				g = &group{share: &k, clauses: map[string]evidence.Tally{}, months: map[string]evidence.Tally{}}
				groups[name{k.Unit, k.Post}] = g
			}
			add(g.clauses, clause, t)
			add(g.months, s.Month, t)
		}
	}
	return groups
}

func add(to map[string]evidence.Tally, key string, t evidence.Tally) {
	if to[key] == nil {
		to[key] = evidence.Tally{}
	}
	to[key].Add(t)
}

func (g *group) done(months []string) *Share {
	s := g.share
	s.Clauses, s.Tally = map[evidence.Status]int{}, evidence.Tally{}
	for _, t := range g.clauses {
		s.Clauses[evidence.StatusOf(true, t)]++
		s.Tally.Add(t)
	}
	for _, m := range months {
		share := -1
		if good, bad := g.months[m].Sides(); good+bad > 0 {
			share = good * 100 / (good + bad)
		}
		s.Trend = append(s.Trend, share)
	}
	return s
}

// PostTitles names posts to people, by key. Titles of posts are open to everybody who signed in.
func (b *Book) PostTitles(ctx context.Context) (map[string]string, error) {
	return db.View(ctx, b.Engine.DB, func(tx *db.Tx) (map[string]string, error) {
		out := map[string]string{}
		err := tx.Each(ctx, "SELECT key, title FROM posts", nil, func(r *sql.Rows) error {
			var key, title string
			err := r.Scan(&key, &title)
			out[key] = title
			return err
		})
		return out, err
	})
}
