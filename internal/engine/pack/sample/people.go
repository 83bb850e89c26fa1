package sample

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/errs"
)

// hire makes the people of the sample who are not given. They sign in nowhere: they have no password.
func (t *teller) hire(ctx context.Context, c *record.Call) error {
	for _, key := range t.pack.Sample.Posts() {
		if t.people[key] != 0 {
			continue
		}
		post, err := one[org.Post](ctx, c, "post", key)
		if err != nil {
			return err
		}
		unit, err := one[org.Unit](ctx, c, "unit", t.unitOf(key))
		if err != nil {
			return err
		}
		since := t.clock.Now().AddDate(-2, 0, 0)
		user := &org.User{
			Head: record.Head{UnitID: unit.ID}, Name: t.pack.Sample.People[key], Login: key + ".sample", Status: "active", Language: "zh", Since: &since,
		}
		if err := c.Work.Insert(ctx, c, "user", user); err != nil {
			return fmt.Errorf("sample person %s: %w", key, err)
		}
		posting := &org.Posting{Head: record.Head{UnitID: unit.ID}, UserID: user.ID, PostID: post.ID, InUnit: unit.ID, Main: true}
		if err := c.Work.Insert(ctx, c, "posting", posting); err != nil {
			return fmt.Errorf("sample posting %s: %w", key, err)
		}
		t.people[key] = user.ID
		t.ledger.People = append(t.ledger.People, user.ID.String())
	}
	return nil
}

// unitOf is the unit of a post, in the pack or in one it needs.
func (t *teller) unitOf(post string) string {
	list, err := t.Installer.Order(t.pack.ID)
	if err != nil {
		return ""
	}
	for _, p := range list {
		for _, q := range p.Posts {
			if q.Key == post {
				return q.Unit
			}
		}
	}
	return ""
}

func one[T any](ctx context.Context, c *record.Call, typ, key string) (*T, error) {
	list, err := record.Find[T](ctx, c, typ, record.Where("key", key), 1)
	if err == nil && len(list) == 0 {
		err = errs.New(errs.NotFound, "record.not_found").With("type", typ).With("id", key)
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// backdate lets the regulations of the pack, and of those it needs, count as in force from the day the sample begins,
// where they came into force later; their day is kept for the removal.
func (t *teller) backdate(ctx context.Context, c *record.Call) error {
	list, err := t.Installer.Order(t.pack.ID)
	if err != nil {
		return err
	}
	start := t.clock.Now()
	for _, p := range list {
		for _, r := range p.Regulations {
			if err := t.forceFrom(ctx, c, r.ID, start); err != nil {
				return fmt.Errorf("regulation %s: %w", r.ID, err)
			}
		}
	}
	return nil
}

func (t *teller) forceFrom(ctx context.Context, c *record.Call, key string, start time.Time) error {
	reg, err := one[regulation.Regulation](ctx, c, "regulation", key)
	if err != nil || reg.CurrentID == 0 {
		return err
	}
	v, err := record.Load[regulation.Version](ctx, c, "regulation_version", reg.CurrentID)
	if err != nil || v.VersionNo != 1 || v.Status != "in_force" || v.InForceAt == nil || !v.InForceAt.After(start) {
		return err
	}
	t.ledger.Force[v.ID.String()] = v.InForceAt.Format(time.RFC3339Nano)
	v.InForceAt = &start
	return c.Work.Save(ctx, c, "regulation_version", "sample", v)
}

// sign lets the people of the sample sign what they are asked to, so that no door is closed to them.
func (t *teller) sign(ctx context.Context) error {
	for _, user := range t.people {
		var open []record.ID
		err := t.system(ctx, func(c *record.Call) error {
			list, err := record.Find[regulation.Acknowledgement](ctx, c, "acknowledgement",
				record.All(record.Where("owner_id", user), record.Where("status", "outstanding")), 200)
			for _, a := range list {
				open = append(open, a.ID)
			}
			return err
		})
		if err != nil {
			return err
		}
		a, err := t.records.Actor(ctx, user)
		if err != nil {
			return err
		}
		a.Via = "sample"
		for _, id := range open {
			if _, err := t.records.Do(ctx, a, action.Command{Type: "acknowledgement", Action: "sign", ID: id}); err != nil && errs.KindOf(err) == errs.Internal {
				return err
			}
		}
	}
	return nil
}

// input turns the values of a step into what the action takes.
func (t *teller) input(ctx context.Context, typ *record.Type, s *pack.SampleStep) (in map[string]any, why, err error) {
	in = map[string]any{}
	fields := typ.Editable(true)
	if s.Do != "" && s.Do != record.Update {
		a := typ.Action(s.Do)
		if a == nil {
			return nil, fmt.Errorf("no action %s.%s: %w", typ.Name, s.Do, errBuilds), nil
		}
		fields = a.Input
	}
	for _, v := range s.With {
		var f *record.Field
		for _, one := range fields {
			if one.Name == v.Name {
				f = one
			}
		}
		value, ok, err := t.value(ctx, f, v.Value)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			return nil, fmt.Errorf("%s: %w", v.Name, errBuilds), nil
		}
		in[v.Name] = value
	}
	return in, nil, nil
}

// value reads one value; false where it names a record that is not there.
func (t *teller) value(ctx context.Context, f *record.Field, v any) (any, bool, error) {
	switch v := v.(type) {
	case []any:
		out := make([]any, 0, len(v))
		for _, item := range v {
			one, ok, err := t.value(ctx, f, item)
			if err != nil || !ok {
				return nil, ok, err
			}
			out = append(out, one)
		}
		return out, true, nil
	case string:
		return t.text(ctx, f, v)
	}
	return v, true, nil
}

func (t *teller) text(ctx context.Context, f *record.Field, v string) (any, bool, error) {
	if f != nil {
		if moment, ok := pack.SampleMoment(f, v, t.day); ok {
			return moment, true, nil
		}
	}
	switch {
	case strings.HasPrefix(v, "$"):
		r := t.named[v[1:]]
		return r.id.String(), r.id != 0, nil
	case strings.HasPrefix(v, "@"):
		id := t.people[v[1:]]
		return id.String(), id != 0, nil
	case strings.HasPrefix(v, "#"):
		id, err := t.keyed(ctx, f, v[1:])
		return id.String(), id != 0, err
	}
	return v, true, nil
}

// keyed finds the record of the field's type by its key.
func (t *teller) keyed(ctx context.Context, f *record.Field, key string) (record.ID, error) {
	typ := "unit"
	if f != nil && f.Ref != "" {
		typ = f.Ref
	}
	var id record.ID
	err := t.system(ctx, func(c *record.Call) error {
		list, err := c.Work.Find(ctx, c, typ, record.Where("key", key), 1)
		if err == nil && len(list) > 0 {
			id = list[0].HeadOf().ID
		}
		return err
	})
	return id, err
}
