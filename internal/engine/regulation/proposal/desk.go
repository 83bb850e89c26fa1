package proposal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/platform/db"
)

// Desk proposes controls for imported drafts and keeps the proposals. Set its fields before first use; it is then safe
// for concurrent use. It learns at its first use, which takes about a second for a thousand known clauses.
type Desk struct {
	Engine *regulation.Engine
	Known  func() []Known

	once  sync.Once
	model *Model
}

// Model returns what the desk has learnt, learning it first where that has not happened.
func (d *Desk) Model() *Model {
	d.once.Do(func() {
		var kinds []string
		for _, k := range control.Kinds() {
			kinds = append(kinds, string(k))
		}
		d.model = Learn(d.Known(), kinds, d.check)
	})
	return d.model
}

// check compiles a binding as the engine would when it is saved.
func (d *Desk) check(clause, kind, spec string) error {
	s, err := control.ParseText(clause, control.Kind(kind), spec)
	if err != nil {
		return err
	}
	_, err = control.Compile(s, d.Engine.Compiler, d.Engine.Types)
	return err
}

// NoAccept is the threshold above which nothing lies.
const NoAccept = 2.0

// Tally is what became of the proposals for a draft.
type Tally struct {
	Clauses  int // clauses with proposals
	Accepted int // bindings taken over at once
}

// Then proposes for drafts as they are stored, in the same transaction: give it to [regulation.Engine.StoreAll]. Where
// the first proposal with a binding of a clause is at least as sure as from, it is accepted at once on behalf of the
// actor; with [NoAccept] none is. Tallies are added up in sum.
func (d *Desk) Then(from float64, sum *Tally) regulation.Stored {
	return func(ctx context.Context, c *record.Call, v *regulation.Version, draft *regulation.Draft) error {
		clauses, at := asked(draft.Clauses)
		for i, offers := range d.Model().Propose(draft.Title, clauses) {
			if len(offers) == 0 {
				continue
			}
			sum.Clauses++
			open := true
			for rank, o := range offers {
				p := kept(o, v.ID, clauses[i].Key, at[i], rank+1)
				if open && o.Spec != "" && o.Confidence >= from {
					open = false
					if err := bind(ctx, c, p); err != nil {
						return err
					}
					p.Status, p.DecidedBy, p.DecidedAt = "accepted", c.Actor().UserID, &c.Now
					sum.Accepted++
				}
				if err := c.Work.Insert(ctx, c, "proposal", p); err != nil {
					return fmt.Errorf("keep proposal for %s: %w", p.ClauseKey, err)
				}
			}
		}
		return nil
	}
}

// asked are the clauses that say something by themselves, with their places; headings and the words that lead in to a
// list stand above them.
func asked(list []*regulation.Clause) ([]Clause, []int) {
	above, parents := map[string]string{}, map[string]bool{}
	for _, c := range list {
		parents[c.ParentKey] = true
	}
	var out []Clause
	var at []int
	for i, c := range list {
		up := above[c.ParentKey]
		body := strings.TrimSpace(c.Body)
		leadsIn := parents[c.Key] && (strings.HasSuffix(body, "：") || strings.HasSuffix(body, ":"))
		own := strings.TrimSpace(up + " " + c.Heading)
		if leadsIn {
			own = strings.TrimSpace(own + " " + body)
		}
		above[c.Key] = own
		if body == "" && !parents[c.Key] && c.Heading != "" {
			body, own = c.Heading, up // a short clause is printed like a heading
		}
		if body == "" || leadsIn || c.Level == "front" {
			continue
		}
		out = append(out, Clause{Key: c.Key, Above: strings.TrimSpace(up + " " + strings.TrimSuffix(c.Heading, "：")), Text: body})
		at = append(at, i)
	}
	return out, at
}

func kept(o Offer, version record.ID, clause string, at, rank int) *Proposal {
	p := &Proposal{
		VersionID: version, ClauseKey: clause, Position: int64(at), Rank: int64(rank), Control: o.Control, Room: o.Room, Point: o.Point, Spec: o.Spec,
		Confidence: percentOf(o.Confidence), Status: "proposed",
	}
	if o.Like != nil {
		p.LikeKey, p.LikeTitle, p.LikeNo, p.Likeness = o.Like.Key, o.Like.Title[0], o.Like.Printed, percentOf(o.Likeness)
	}
	var figures []string
	for _, f := range o.Figures {
		if !slices.Contains(figures, f.Text) && len(figures) < 12 {
			figures = append(figures, f.Text)
		}
	}
	p.Figures = strings.Join(figures, "、")
	return p
}

// percentOf rounds down to whole per cent, so that nothing is shown surer than it is.
func percentOf(x float64) float64 { return float64(int(x*100 + 1e-9)) }

// Of lists the proposals for the clauses of a version from one position up to another, in printed order and by rank.
func (d *Desk) Of(ctx context.Context, a access.Actor, version record.ID, from, to int) ([]*Proposal, error) {
	return db.View(ctx, d.Engine.DB, func(tx *db.Tx) ([]*Proposal, error) {
		scope, err := d.Engine.Guard.Authorize(ctx, tx, a, "proposal", record.Read)
		if err != nil {
			return nil, err
		}
		typ := d.Engine.Types.Type("proposal")
		var out []*Proposal
		for ; from < to; from += pageOf {
			page, err := d.Engine.Runner.Store.List(ctx, tx, typ, scope, record.Query{Filter: record.All(record.Where("version_id", version),
				record.Filter{Field: "position", Op: "ge", Value: int64(from)}, record.Filter{Field: "position", Op: "lt", Value: int64(min(from+pageOf, to))}), Limit: pageOf * Offers})
			if err != nil {
				return nil, err
			}
			for _, e := range page.Items {
				out = append(out, e.(*Proposal))
			}
		}
		slices.SortFunc(out, inOrder)
		return out, nil
	})
}

// Get returns one proposal, NotFound where there is none that the actor may see.
func (d *Desk) Get(ctx context.Context, a access.Actor, id record.ID) (*Proposal, error) {
	return db.View(ctx, d.Engine.DB, func(tx *db.Tx) (*Proposal, error) {
		scope, err := d.Engine.Guard.Authorize(ctx, tx, a, "proposal", record.Read)
		if err != nil {
			return nil, err
		}
		e, err := d.Engine.Runner.Store.Get(ctx, tx, d.Engine.Types.Type("proposal"), scope, id)
		if err != nil {
			return nil, err
		}
		return e.(*Proposal), nil
	})
}

// pageOf is how many clauses are read at once: their proposals fit into one page of a list.
const pageOf = 60

func inOrder(a, b *Proposal) int {
	if a.Position != b.Position {
		return int(a.Position - b.Position)
	}
	return int(a.Rank - b.Rank)
}

// Above picks the proposals that are accepted when all from a confidence (0 to 1) on are: of each clause without a
// decision for a control the first that has a binding, where it is sure enough.
func Above(list []*Proposal, from float64) []record.ID {
	settled := map[string]bool{}
	for _, p := range list {
		if p.Status == "accepted" || p.Status == "edited" {
			settled[p.ClauseKey] = true
		}
	}
	var out []record.ID
	for _, p := range list {
		if p.Status == "proposed" && p.Spec != "" && !settled[p.ClauseKey] && p.Confidence >= from*100 {
			settled[p.ClauseKey] = true
			out = append(out, p.ID)
		}
	}
	return out
}
