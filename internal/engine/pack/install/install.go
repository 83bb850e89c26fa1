// Package install puts packs into a running company and takes them out again: units, posts, calendars, regulations with
// their bindings.
//
// Installing is repeatable: what is there by its key stays as the company has made it. Removing deletes nothing: the
// regulations of the pack are retired, and what it brought and nobody uses is archived; adding it again brings both
// back. Titles are written in the language of the installation. The package knows no room of the trade; rooms take what
// is theirs (case categories) through [Part] and name it in [Owned].
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

// Owned says which records of a type a pack brought: those whose field has one of the values. Unless Always, they are
// archived only where no live record refers to them.
type Owned struct {
	Type, Field string
	Values      func(p *pack.Pack, lang string) []string
	Always      bool
}

// Installer installs packs. Set its fields before first use.
type Installer struct {
	Engine *regulation.Engine
	Packs  []*pack.Pack
	Roles  access.RoleGrants
	Titles func(lang, key string) string // text of a message key
	Parts  []Part
	Owned  []Owned // besides units and posts
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
		id, err := in.find(ctx, c, "role", key)
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

// Install installs one pack; those it needs must be there. With force, its regulations come into force at once, as a
// company does when it sets up by a pack; otherwise they stay drafts.
func (in *Installer) Install(ctx context.Context, c *record.Call, p *pack.Pack, lang string, force bool) error {
	back, err := in.enter(ctx, c, p, lang)
	if err != nil {
		return fmt.Errorf("install pack %s: %w", p.ID, err)
	}
	steps := append([]Part{in.calendars, in.units, in.posts}, in.Parts...)
	for _, step := range steps {
		if err := step(ctx, c, p, lang); err != nil {
			return fmt.Errorf("install pack %s: %w", p.ID, err)
		}
	}
	in.Engine.Guard.Forget()
	for _, r := range p.Regulations {
		bring := in.regulation
		if slices.Contains(back, r.ID) {
			bring = in.renew
		}
		if err := bring(ctx, c, p, r, force); err != nil {
			return fmt.Errorf("install regulation %s: %w", r.ID, err)
		}
	}
	return nil
}
