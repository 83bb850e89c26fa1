package install

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
)

// Remove takes packs out in one transaction, those that need others first. Their regulations are retired with the
// signatures still asked for, and what they brought and nobody uses is archived; cases, outcomes and the texts stay.
// Conflict (pack.needed) where an installed pack that stays needs one of them, Conflict (pack.absent) where one is not
// installed.
func (in *Installer) Remove(ctx context.Context, scope record.Scope, ids ...string) error {
	list, err := in.Order(ids...)
	if err != nil {
		return err
	}
	slices.Reverse(list)
	return in.Engine.Runner.InTx(ctx, scope, func(c *record.Call) error {
		if err := in.mayGo(ctx, c, ids); err != nil {
			return err
		}
		for _, p := range list {
			if !slices.Contains(ids, p.ID) {
				continue
			}
			if err := in.remove(ctx, c, p); err != nil {
				return fmt.Errorf("remove pack %s: %w", p.ID, err)
			}
		}
		return nil
	})
}

func (in *Installer) mayGo(ctx context.Context, c *record.Call, ids []string) error {
	states, err := in.states(ctx, c)
	if err != nil {
		return err
	}
	for _, s := range states {
		if !slices.Contains(ids, s.ID) {
			continue
		}
		if !s.Installed {
			return errs.New(errs.Conflict, "pack.absent").With("pack", s.ID)
		}
		stay := slices.DeleteFunc(slices.Clone(s.NeededBy), func(id string) bool { return slices.Contains(ids, id) })
		if len(stay) > 0 {
			return errs.New(errs.Conflict, "pack.needed").With("pack", s.ID).With("by", strings.Join(stay, ", "))
		}
	}
	return nil
}

func (in *Installer) remove(ctx context.Context, c *record.Call, p *pack.Pack) error {
	row, err := in.row(ctx, c, p)
	if err != nil {
		return err
	}
	if row.ID == 0 {
		if err := c.Work.Insert(ctx, c, "pack", row); err != nil {
			return err
		}
	}
	away := map[string]any{}
	if away["regulation"], err = in.retire(ctx, c, p); err != nil {
		return err
	}
	for _, o := range in.owned() {
		gone, err := in.putAway(ctx, c, p, o, row.Lang)
		if err != nil {
			return fmt.Errorf("put away %s: %w", o.Type, err)
		}
		away[o.Type] = append(words(away[o.Type]), gone...)
	}
	in.Engine.Guard.Forget()
	row.Status, row.GoneAt, row.PutAway = removed, &c.Now, away
	return c.Work.Save(ctx, c, "pack", "remove", row)
}

// owned are the rooms' own, then posts, then units.
func (in *Installer) owned() []Owned {
	return append(slices.Clone(in.Owned),
		Owned{Type: "post", Field: "key", Values: func(p *pack.Pack, _ string) []string {
			var out []string
			for _, post := range p.Posts {
				out = append(out, post.Key)
			}
			return out
		}},
		Owned{Type: "unit", Field: "key", Values: func(p *pack.Pack, _ string) []string {
			var out []string
			for _, u := range p.Units {
				out = append(out, u.Key)
			}
			return out
		}})
}

// retire ends the versions in force, takes back those that were to follow, and returns the keys of the regulations that
// were in force. The regulation itself stays, so that what cites it can still be read.
func (in *Installer) retire(ctx context.Context, c *record.Call, p *pack.Pack) ([]string, error) {
	keys := []string{}
	for _, r := range p.Regulations {
		id, err := in.find(ctx, c, "regulation", r.ID)
		if err != nil {
			return nil, err
		}
		if id == 0 {
			continue
		}
		list, err := record.Find[regulation.Version](ctx, c, "regulation_version", record.Where("regulation_id", id), 200)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			verb := ""
			switch v.Status {
			case "in_force":
				verb, v.Status, v.RetiredAt = "retire", "retired", &c.Now
				keys = append(keys, r.ID)
			case "approved":
				verb, v.Status = "send_back", "draft"
			default:
				continue
			}
			if err := c.Work.Save(ctx, c, "regulation_version", verb, v); err != nil {
				return nil, fmt.Errorf("%s %s: %w", verb, r.ID, err)
			}
		}
	}
	return keys, nil
}

// putAway archives what the pack brought of a type and nobody uses, last brought first, and returns the ids.
func (in *Installer) putAway(ctx context.Context, c *record.Call, p *pack.Pack, o Owned, lang string) ([]string, error) {
	var out []string
	values := o.Values(p, lang)
	slices.Reverse(values)
	for _, value := range values {
		list, err := c.Work.Find(ctx, c, o.Type, record.Where(o.Field, value), 20)
		if err != nil {
			return nil, err
		}
		for _, rec := range list {
			if !o.Always {
				used, err := in.used(ctx, c, o.Type, rec.HeadOf().ID)
				if err != nil || used {
					if err != nil {
						return nil, err
					}
					continue
				}
			}
			rec.HeadOf().ArchivedAt = c.Now
			if err := c.Work.Save(ctx, c, o.Type, record.Archive, rec); err != nil {
				return nil, err
			}
			out = append(out, rec.HeadOf().ID.String())
		}
	}
	return out, nil
}

// used reports whether a live record refers to the one given; lists of references, such as the units a regulation
// covers, do not count.
func (in *Installer) used(ctx context.Context, c *record.Call, typ string, id record.ID) (bool, error) {
	for _, t := range in.Engine.Types.Types() {
		for _, name := range refsTo(t, typ) {
			list, err := c.Work.Find(ctx, c, t.Name, record.Where(name, id), 1)
			if err != nil || len(list) > 0 {
				return len(list) > 0, err
			}
		}
	}
	return false, nil
}

// refsTo names the fields of a type that hold one record of another.
func refsTo(t *record.Type, to string) []string {
	var out []string
	for _, f := range t.Fields {
		kind := f.Kind.Name()
		if !f.Custom && (kind == "ref" && f.Ref == to || kind == to) {
			out = append(out, f.Name)
		}
	}
	if to == "unit" {
		out = append(out, "unit_id")
	}
	return out
}
