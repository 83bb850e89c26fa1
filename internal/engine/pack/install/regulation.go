package install

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
)

func (in *Installer) regulation(ctx context.Context, c *record.Call, p *pack.Pack, r *pack.Regulation, force bool) error {
	if id, err := in.find(ctx, c, "regulation", r.ID); err != nil || id != 0 {
		return err
	}
	d, err := in.Draft(ctx, c, p, r)
	if err != nil {
		return err
	}
	v, err := in.Engine.Store(ctx, c, d)
	if err != nil {
		return err
	}
	if force { // before anybody is named to approve: the company that takes the pack has decided
		if err := in.Engine.Advance(ctx, c, v); err != nil {
			return err
		}
	}
	return in.govern(ctx, c, v.RegulationID, r.Governance)
}

// govern writes down who decides about a new regulation.
func (in *Installer) govern(ctx context.Context, c *record.Call, id record.ID, g pack.Governance) error {
	r, err := record.Load[regulation.Regulation](ctx, c, "regulation", id)
	if err != nil {
		return err
	}
	r.Accountable, r.Approvers, r.Interpreters, r.FinalBody = g.Accountable, g.Approvers, g.Interpreters, g.FinalBody
	r.Rank = cmp.Or(g.Rank, "company")
	if g.Quorum > 0 {
		n := int64(g.Quorum)
		r.Quorum = &n
	}
	return c.Work.Save(ctx, c, "regulation", record.Update, r)
}

// Draft turns a regulation of a pack into a draft with its clauses and bindings. Units and posts must be there.
func (in *Installer) Draft(ctx context.Context, c *record.Call, p *pack.Pack, r *pack.Regulation) (*regulation.Draft, error) {
	d := &regulation.Draft{
		Key: r.ID, Title: r.Title.ZH, TitleEn: r.Title.EN, Summary: r.Summary.ZH, SummaryEn: r.Summary.EN, Body: r.Body.ZH, BodyEn: r.Body.EN,
		Origin: "pack:" + p.ID, ReviewEvery: r.ReviewEvery, CoverPosts: r.Cover.Posts,
	}
	for _, key := range r.Cover.Units {
		id, err := in.find(ctx, c, "unit", key)
		if err != nil {
			return nil, err
		}
		if id == 0 {
			return nil, errs.New(errs.Conflict, "pack.missing_unit").With("unit", key)
		}
		d.CoverUnits = append(d.CoverUnits, id)
	}
	clauses := map[string]bool{}
	r.Walk(func(n *pack.Node, above []*pack.Node) {
		cl := &regulation.Clause{
			Key: n.ID, Level: n.Level, Printed: n.Number, Heading: n.Title.ZH, HeadingEn: n.Title.EN, Body: n.Text.ZH, BodyEn: n.Text.EN,
			Post: n.Post, Params: n.Params, Note: n.Note.ZH, NoteEn: n.Note.EN, Controls: n.Controls, Room: n.Room,
		}
		if cl.Key == "" {
			cl.Key = fmt.Sprintf("%s#%d", r.ID, len(d.Clauses)+1)
		}
		if len(above) > 0 {
			cl.ParentKey = parentKey(d.Clauses, above[len(above)-1])
		}
		clauses[cl.Key] = true
		d.Clauses = append(d.Clauses, cl)
	})
	for _, b := range p.Bindings {
		if !clauses[b.Clause] {
			continue
		}
		spec, err := yamlText(b.Node)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", b.File, b.Line, err)
		}
		d.Bindings = append(d.Bindings, &regulation.Binding{ClauseKey: b.Clause, Control: b.Control, Spec: spec})
	}
	return d, nil
}

// parentKey finds the key given to the node above; headings have none in the pack and are known by number and title.
func parentKey(list []*regulation.Clause, n *pack.Node) string {
	if n.ID != "" {
		return n.ID
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Printed == n.Number && list[i].Heading == n.Title.ZH {
			return list[i].Key
		}
	}
	return ""
}

// renew puts a regulation that removing the pack retired in force again: its last text, as the company had made it, in a
// new version that is signed anew. In the time between, nothing is judged by it.
func (in *Installer) renew(ctx context.Context, c *record.Call, p *pack.Pack, r *pack.Regulation, force bool) error {
	id, err := in.find(ctx, c, "regulation", r.ID)
	if err != nil {
		return err
	}
	reg, err := record.Load[regulation.Regulation](ctx, c, "regulation", id)
	if err != nil {
		return err
	}
	last, err := record.Load[regulation.Version](ctx, c, "regulation_version", reg.CurrentID)
	if err != nil || last.Status == "in_force" {
		return err // the company has adopted another meanwhile
	}
	d := &regulation.Draft{Key: reg.Key, Title: reg.Title, Origin: "pack:" + p.ID, CoverUnits: last.CoverUnits, CoverPosts: last.CoverPosts, Source: last.SourceText}
	for from := int64(0); ; from += 200 {
		page, err := record.Find[regulation.Clause](ctx, c, "clause", record.All(record.Where("version_id", last.ID),
			record.Filter{Field: "position", Op: "ge", Value: from}, record.Filter{Field: "position", Op: "lt", Value: from + 200}), 200)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		slices.SortFunc(page, func(a, b *regulation.Clause) int { return cmp.Compare(a.Position, b.Position) })
		d.Clauses = append(d.Clauses, page...)
	}
	if d.Bindings, err = bindingsOf(ctx, c, last.ID, d.Clauses); err != nil {
		return err
	}
	v, err := in.Engine.Store(ctx, c, d)
	if err != nil || !force {
		return err
	}
	return in.Engine.Advance(ctx, c, v)
}

// bindingsOf reads the controls of a version by clause, since one version may have more than a page of them.
func bindingsOf(ctx context.Context, c *record.Call, version record.ID, clauses []*regulation.Clause) ([]*regulation.Binding, error) {
	var out []*regulation.Binding
	for _, cl := range clauses {
		page, err := record.Find[regulation.Binding](ctx, c, "binding", record.All(record.Where("version_id", version), record.Where("clause_key", cl.Key)), 50)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
	}
	return out, nil
}
