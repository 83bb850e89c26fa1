package install

import (
	"context"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
)

// find returns the id of the record with the key, archived ones after live ones, or none.
func (in *Installer) find(ctx context.Context, c *record.Call, typ, key string) (record.ID, error) {
	list, err := in.having(ctx, c, typ, record.Where("key", key))
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].HeadOf().ID, nil
}

// having returns records that meet the filter, live ones first.
func (in *Installer) having(ctx context.Context, c *record.Call, typ string, f record.Filter) ([]record.Entity, error) {
	run := in.Engine.Runner
	live, err := c.Work.Find(ctx, c, typ, f, 200)
	if err != nil {
		return nil, err
	}
	away, err := run.Store.List(ctx, c.Tx, in.Engine.Types.Type(typ), c.Scope.Consequence(typ, record.Read),
		record.Query{Filter: f, Sort: "id", Limit: 200, Archived: true})
	return append(live, away.Items...), err
}

func say(t pack.Text, lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.ZH
}

func (in *Installer) calendars(ctx context.Context, c *record.Call, p *pack.Pack, lang string) error {
	for _, cal := range p.Calendars {
		if id, err := in.find(ctx, c, "calendar", cal.Key); err != nil || id != 0 {
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
		if id, err := in.find(ctx, c, "unit", u.Key); err != nil || id != 0 {
			if err != nil {
				return err
			}
			continue
		}
		row := &org.Unit{Key: u.Key, Name: say(u.Title, lang), Kind: "department", ParentID: company}
		switch {
		case u.Parent != "":
			if row.ParentID, err = in.find(ctx, c, "unit", u.Parent); err != nil {
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
		if id, err := in.find(ctx, c, "post", post.Key); err != nil || id != 0 {
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
