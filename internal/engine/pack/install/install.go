// Package install puts packs into a running company: units, posts, calendars, regulations with their bindings.
//
// Installing is repeatable: what is there by its key stays as the company has made it; a regulation whose text is new
// gets a new version. Titles are written in the language of the installation. The package knows no room of the trade;
// rooms take what is theirs (case categories) through [Part].
package install

import (
	"context"
	"fmt"
	"slices"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
)

// Part installs what a room takes from a pack, in the same transaction.
type Part func(ctx context.Context, c *record.Call, p *pack.Pack, lang string) error

// Installer installs packs. Set its fields before first use.
type Installer struct {
	Engine *regulation.Engine
	Packs  []*pack.Pack
	Roles  access.RoleGrants
	Titles func(lang, key string) string // text of a message key
	Parts  []Part
}

// Pack returns the pack of the id, or NotFound.
func (in *Installer) Pack(id string) (*pack.Pack, error) {
	i := slices.IndexFunc(in.Packs, func(p *pack.Pack) bool { return p.ID == id })
	if i < 0 {
		return nil, errs.New(errs.NotFound, "pack.unknown").With("pack", id)
	}
	return in.Packs[i], nil
}

// Order returns the packs with all they need, needed ones first.
func (in *Installer) Order(ids ...string) ([]*pack.Pack, error) {
	var out []*pack.Pack
	var add func(id string, depth int) error
	add = func(id string, depth int) error {
		p, err := in.Pack(id)
		if err != nil || depth > 20 || slices.Contains(out, p) {
			return err
		}
		for _, n := range p.Needs {
			if err := add(n, depth+1); err != nil {
				return err
			}
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
		return nil
	}
	for _, id := range ids {
		if err := add(id, 0); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// EnsureRoles makes the roles with their default grants where they are missing.
func (in *Installer) EnsureRoles(ctx context.Context, c *record.Call, lang string) error {
	keys := make([]string, 0, len(in.Roles))
	for k := range in.Roles {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, key := range keys {
		id, err := find(ctx, c, "role", key)
		if err != nil || id != 0 {
			if err != nil {
				return err
			}
			continue
		}
		role := &org.Role{Key: key, Title: in.Titles(lang, "role.key."+key)}
		if err := c.Work.Insert(ctx, c, "role", role); err != nil {
			return err
		}
		for _, g := range in.Roles[key] {
			row := &org.GrantRow{RoleID: role.ID, Type: g.Type, Action: g.Action, Reach: string(g.Reach), Class: g.Class.String()}
			if err := c.Work.Insert(ctx, c, "grant", row); err != nil {
				return fmt.Errorf("grant of %s: %w", key, err)
			}
		}
	}
	return nil
}

// find returns the id of the record with the key, or none.
func find(ctx context.Context, c *record.Call, typ, key string) (record.ID, error) {
	list, err := c.Work.Find(ctx, c, typ, record.Where("key", key), 1)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].HeadOf().ID, nil
}

// Install installs one pack; those it needs must be there. With force, its regulations come into force at once, as a
// company does when it sets up by a pack; otherwise they stay drafts.
func (in *Installer) Install(ctx context.Context, c *record.Call, p *pack.Pack, lang string, force bool) error {
	for _, step := range []func(context.Context, *record.Call, *pack.Pack, string) error{in.calendars, in.units, in.posts} {
		if err := step(ctx, c, p, lang); err != nil {
			return fmt.Errorf("install pack %s: %w", p.ID, err)
		}
	}
	for _, part := range in.Parts {
		if err := part(ctx, c, p, lang); err != nil {
			return fmt.Errorf("install pack %s: %w", p.ID, err)
		}
	}
	in.Engine.Guard.Forget()
	for _, r := range p.Regulations {
		if err := in.regulation(ctx, c, p, r, force); err != nil {
			return fmt.Errorf("install regulation %s: %w", r.ID, err)
		}
	}
	return nil
}

func say(t pack.Text, lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

func (in *Installer) calendars(ctx context.Context, c *record.Call, p *pack.Pack, lang string) error {
	for _, cal := range p.Calendars {
		if id, err := find(ctx, c, "calendar", cal.Key); err != nil || id != 0 {
			if err != nil {
				return err
			}
			continue
		}
		holidays := "none"
		if cal.Holidays == "cn" {
			holidays = "cn"
		}
		row := &org.Calendar{
			Key: cal.Key, Title: say(cal.Title, lang), Holidays: holidays, Standard: cal.Key == "office",
			Mon: cal.Hours["mon"], Tue: cal.Hours["tue"], Wed: cal.Hours["wed"], Thu: cal.Hours["thu"], Fri: cal.Hours["fri"],
			Sat: cal.Hours["sat"], Sun: cal.Hours["sun"],
		}
		if err := c.Work.Insert(ctx, c, "calendar", row); err != nil {
			return err
		}
	}
	in.Engine.Calendars.Forget()
	return nil
}

func (in *Installer) units(ctx context.Context, c *record.Call, p *pack.Pack, lang string) error {
	root, err := c.Work.Find(ctx, c, "unit", record.Where("kind", "company"), 1)
	if err != nil {
		return err
	}
	var company record.ID
	if len(root) > 0 {
		company = root[0].HeadOf().ID
	}
	for _, u := range p.Units {
		if id, err := find(ctx, c, "unit", u.Key); err != nil || id != 0 {
			if err != nil {
				return err
			}
			continue
		}
		row := &org.Unit{Key: u.Key, Name: say(u.Title, lang), Kind: "department", ParentID: company}
		switch {
		case u.Parent != "":
			if row.ParentID, err = find(ctx, c, "unit", u.Parent); err != nil {
				return err
			}
		case company == 0:
			row.Kind = "company"
		case p.ID == "general":
			// the company made at set-up takes the place of the pack's root
			stored, err := record.Load[org.Unit](ctx, c, "unit", company)
			if err != nil {
				return err
			}
			stored.Key = u.Key
			if err := c.Work.Save(ctx, c, "unit", record.Update, stored); err != nil {
				return err
			}
			continue
		}
		if u.Parent == "" && len(p.Calendars) > 0 {
			row.Calendar = p.Calendars[0].Key
		}
		if err := c.Work.Insert(ctx, c, "unit", row); err != nil {
			return err
		}
		if company == 0 {
			company = row.ID
		}
	}
	return nil
}

func (in *Installer) posts(ctx context.Context, c *record.Call, p *pack.Pack, lang string) error {
	for _, post := range p.Posts {
		if id, err := find(ctx, c, "post", post.Key); err != nil || id != 0 {
			if err != nil {
				return err
			}
			continue
		}
		if err := c.Work.Insert(ctx, c, "post", &org.Post{Key: post.Key, Title: say(post.Title, lang), Roles: post.Roles}); err != nil {
			return err
		}
	}
	return nil
}

func (in *Installer) regulation(ctx context.Context, c *record.Call, p *pack.Pack, r *pack.Regulation, force bool) error {
	if id, err := find(ctx, c, "regulation", r.ID); err != nil || id != 0 {
		return err
	}
	d, err := in.Draft(ctx, c, p, r)
	if err != nil {
		return err
	}
	v, err := in.Engine.Store(ctx, c, d)
	if err != nil || !force {
		return err
	}
	return in.Engine.Advance(ctx, c, v)
}

// Draft turns a regulation of a pack into a draft with its clauses and bindings. Units and posts must be there.
func (in *Installer) Draft(ctx context.Context, c *record.Call, p *pack.Pack, r *pack.Regulation) (*regulation.Draft, error) {
	d := &regulation.Draft{
		Key: r.ID, Title: r.Title.ZH, TitleEn: r.Title.EN, Summary: r.Summary.ZH, SummaryEn: r.Summary.EN, Body: r.Body.ZH, BodyEn: r.Body.EN,
		Origin: "pack:" + p.ID, ReviewEvery: r.ReviewEvery, CoverPosts: r.Cover.Posts,
	}
	for _, key := range r.Cover.Units {
		id, err := find(ctx, c, "unit", key)
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
