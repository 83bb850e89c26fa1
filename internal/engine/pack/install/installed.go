package install

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Installed is the record of a pack that was put into the company once, whether it is still there or not.
type Installed struct {
	record.Head
	Key     string     `rec:"text,required,unique,once,max=40"`
	Title   string     `rec:"text,required,max=80,name,class=public"`
	Version string     `rec:"text,readonly,max=40"`
	Status  string     `rec:"state,enum=installed|removed,default=installed"`
	Lang    string     `rec:"text,readonly,max=8"` // language of the titles it brought
	AddedAt time.Time  `rec:"time,readonly"`
	GoneAt  *time.Time `rec:"time,readonly"`
	// PutAway holds the ids of what removing archived, by type, and under "regulation" the keys it retired: what adding
	// the pack again brings back.
	PutAway map[string]any `rec:"json,readonly"`
	// SampleAt is when the sample of the pack was loaded; Sample lists what it made, for package sample alone.
	SampleAt *time.Time     `rec:"time,readonly"`
	Sample   map[string]any `rec:"json,readonly"`
}

// Register adds the type to the registry. Only the installer writes it.
func Register(reg *record.Registry) {
	reg.Add(record.Declare[Installed](record.Spec{
		Name: "pack", Plural: "packs", Room: "packs", Prefix: "PK", Icon: "package", Title: "title",
		List:    []string{"title", "key", "version", "status", "added_at", "gone_at", "sample_at"},
		Without: []string{record.Create, record.Update, record.Archive, record.Restore, record.Assign},
	}))
}

const (
	present = "installed"
	removed = "removed"
)

// State is a pack of the program and whether the company has it.
type State struct {
	*pack.Pack
	Installed bool
	Removed   bool      // was there once
	Since     time.Time // when it came or went; zero for companies set up before this was kept
	Sampled   bool      // its sample stands
	NeededBy  []string  // ids of installed packs that need it
}

// Clauses counts the clauses of its regulations.
func (s *State) Clauses() int {
	n := 0
	for _, r := range s.Regulations {
		n += len(r.Clauses())
	}
	return n
}

// List returns all packs of the program by id. It asks for no permission: what the program brings is no secret, and the
// caller decides who sees what of it is in use.
func (in *Installer) List(ctx context.Context) ([]*State, error) {
	e := in.Engine
	return db.View(ctx, e.DB, func(tx *db.Tx) ([]*State, error) {
		return in.states(ctx, &record.Call{
			Tx: tx, Scope: e.Guard.SystemScope("pack.list", "web", "pack", record.Read), Now: e.Clock.Now(), Work: e.Runner,
		})
	})
}

func (in *Installer) states(ctx context.Context, c *record.Call) ([]*State, error) {
	out := make([]*State, 0, len(in.Packs))
	for _, p := range in.Packs {
		row, err := in.row(ctx, c, p)
		if err != nil {
			return nil, err
		}
		s := &State{Pack: p, Installed: row != nil && row.Status == present, Removed: row != nil && row.Status == removed}
		if row != nil {
			s.Sampled = row.SampleAt != nil
			s.Since = row.AddedAt
			if row.GoneAt != nil {
				s.Since = *row.GoneAt
			}
		}
		out = append(out, s)
	}
	for _, s := range out {
		for _, other := range out {
			if other.Installed && slices.Contains(other.Needs, s.ID) {
				s.NeededBy = append(s.NeededBy, other.ID)
			}
		}
	}
	return out, nil
}

// row returns the record of the pack, or nil. A company set up before packs were recorded has none, but regulations of
// the pack; then an unwritten record stands for it.
func (in *Installer) row(ctx context.Context, c *record.Call, p *pack.Pack) (*Installed, error) {
	found, err := record.Find[Installed](ctx, c, "pack", record.Where("key", p.ID), 1)
	if err != nil {
		return nil, fmt.Errorf("record of pack %s: %w", p.ID, err)
	}
	if len(found) > 0 {
		return found[0], nil
	}
	list, err := c.Work.Find(ctx, c, "regulation", record.Where("origin", "pack:"+p.ID), 1)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &Installed{Key: p.ID, Title: p.Title.ZH, Version: p.Version, Status: present, Lang: "zh", AddedAt: list[0].HeadOf().CreatedAt}, nil
}

// enter notes that the pack comes, brings back what removing put away, and returns the keys of the regulations to renew.
func (in *Installer) enter(ctx context.Context, c *record.Call, p *pack.Pack, lang string) ([]string, error) {
	row, err := in.row(ctx, c, p)
	if err != nil {
		return nil, err
	}
	switch {
	case row == nil:
		return nil, c.Work.Insert(ctx, c, "pack", &Installed{
			Key: p.ID, Title: say(p.Title, lang), Version: p.Version, Status: present, Lang: lang, AddedAt: c.Now,
		})
	case row.ID == 0:
		return nil, c.Work.Insert(ctx, c, "pack", row)
	case row.Status == present:
		return nil, nil
	}
	keys := words(row.PutAway["regulation"])
	if err := in.bringBack(ctx, c, row); err != nil {
		return nil, err
	}
	row.Status, row.Version, row.AddedAt, row.GoneAt, row.PutAway = present, p.Version, c.Now, nil, nil
	return keys, c.Work.Save(ctx, c, "pack", "add", row)
}

func (in *Installer) bringBack(ctx context.Context, c *record.Call, row *Installed) error {
	for typ, list := range row.PutAway {
		if typ == "regulation" || in.Engine.Types.Type(typ) == nil {
			continue
		}
		for _, text := range words(list) {
			var id record.ID
			if err := id.UnmarshalText([]byte(text)); err != nil {
				return fmt.Errorf("%s of pack %s: %w", typ, row.Key, err)
			}
			rec, err := c.Work.Load(ctx, c, typ, id)
			if err != nil {
				return err
			}
			if !rec.HeadOf().Archived() {
				continue // somebody has restored it meanwhile
			}
			rec.HeadOf().ArchivedAt = time.Time{}
			if err := c.Work.Save(ctx, c, typ, record.Restore, rec); err != nil {
				return err
			}
		}
	}
	return nil
}

// words reads a list of texts as it comes back from storage.
func words(v any) []string {
	switch l := v.(type) {
	case []string:
		return l
	case []any:
		out := make([]string, 0, len(l))
		for _, s := range l {
			if text, ok := s.(string); ok {
				out = append(out, text)
			}
		}
		return out
	}
	return nil
}

// Add makes the roles and installs the packs with all they need, their regulations in force, in one transaction. The
// scope comes from [Installer.May] or is one of the system's. NotFound where there is no such pack.
func (in *Installer) Add(ctx context.Context, scope record.Scope, lang string, ids ...string) error {
	list, err := in.Order(ids...)
	if err != nil {
		return err
	}
	return in.Engine.Runner.InTx(ctx, scope, func(c *record.Call) error {
		if err := in.EnsureRoles(ctx, c, lang); err != nil {
			return err
		}
		for _, p := range list {
			if err := in.Install(ctx, c, p, lang, true); err != nil {
				return err
			}
		}
		return nil
	})
}

// May returns the scope in which the actor adds and removes packs: those do who manage all roles, since a pack brings
// posts that carry them. Forbidden for others.
func (in *Installer) May(ctx context.Context, a access.Actor) (record.Scope, error) {
	e := in.Engine
	return db.View(ctx, e.DB, func(tx *db.Tx) (record.Scope, error) {
		scope, err := e.Guard.Authorize(ctx, tx, a, "role", record.Update)
		if err == nil && !scope.Visible.All {
			err = errs.New(errs.Forbidden, "access.denied").With("type", "role").With("action", record.Update)
		}
		return scope, err
	})
}
