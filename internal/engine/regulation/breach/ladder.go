package breach

import (
	"context"
	"slices"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Published is the state of a [Ladder] from which measures may be taken.
const Published = "published"

func ladderType() *record.Type {
	return record.Declare[Ladder](record.Spec{
		Name: "ladder", Plural: "ladders", Room: "regulation", Prefix: "LD", Icon: "list-numbers", Title: "title", Open: true,
		List: []string{"title", "regulation", "status", "published_at"}, Prepare: checkLadder, Actions: []*record.Action{
			record.Act("publish", record.ActionSpec{From: []string{"draft"}, To: Published, Primary: true, Icon: "speakerphone"}, publish),
			record.Act("withdraw", record.ActionSpec{From: []string{Published}, To: "withdrawn", Danger: true, Icon: "archive"},
				func(context.Context, *record.Call, *Ladder, *record.None) error { return nil }),
		},
	})
}

func stepType() *record.Type {
	return record.Declare[Step](record.Spec{
		Name: "ladder_step", Plural: "ladder_steps", Room: "regulation", Prefix: "LS", Icon: "list-numbers", Title: "title", Open: true,
		List: []string{"position", "title", "kind", "points", "amount", "months"}, Prepare: checkStep,
	})
}

// checkLadder refuses changes to a ladder that is no draft any more.
func checkLadder(_ context.Context, c *record.Call) error {
	if c.Action.Name == record.Update && c.Before.(*Ladder).Status != "draft" {
		return errs.New(errs.Conflict, "ladder.not_draft")
	}
	return nil
}

// checkStep keeps the steps of a ladder to its draft, each position and key once, and the kinds to lawful ones.
func checkStep(ctx context.Context, c *record.Call) error {
	s := c.Record.(*Step)
	if s.LadderID == 0 || s.Kind == "" {
		return nil // validation names the missing field
	}
	if err := CheckKind(s.Kind); err != nil {
		return err
	}
	l, err := record.Load[Ladder](ctx, c, "ladder", s.LadderID)
	if err != nil {
		return errs.Of("ladder_id", "field.unknown_ref").Because(err)
	}
	if l.Status != "draft" {
		return errs.New(errs.Conflict, "ladder.not_draft")
	}
	steps, err := stepsOf(ctx, c, l.ID)
	if err != nil {
		return err
	}
	for _, o := range steps {
		switch {
		case o.ID == s.ID:
		case o.Position == s.Position:
			return errs.Of("position", "ladder.position_taken")
		case o.Key == s.Key:
			return errs.Of("key", "ladder.key_taken")
		}
	}
	return nil
}

func publish(ctx context.Context, c *record.Call, l *Ladder, _ *record.None) error {
	steps, err := stepsOf(ctx, c, l.ID)
	if err != nil {
		return err
	}
	if len(steps) == 0 {
		return errs.New(errs.Conflict, "ladder.no_steps")
	}
	l.PublishedAt, l.PublishedBy = &c.Now, c.Actor().UserID
	return nil
}

const maxSteps = 50

// stepsOf returns the steps of a ladder, the lightest first.
func stepsOf(ctx context.Context, c *record.Call, ladder record.ID) ([]*Step, error) {
	list, err := record.Find[Step](ctx, c, "ladder_step", record.Where("ladder_id", ladder), maxSteps)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(s *Step) bool { return s.Archived() })
	slices.SortFunc(list, func(a, b *Step) int { return int(a.Position - b.Position) })
	return list, nil
}

// ladderOf returns the ladder of a key, or none.
func ladderOf(ctx context.Context, c *record.Call, key string) (*Ladder, error) {
	list, err := record.Find[Ladder](ctx, c, "ladder", record.Where("key", key), 1)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Install writes a ladder with its steps and publishes it; one whose key is there already stays as the company has made
// it. The steps take their positions from their order.
func Install(ctx context.Context, c *record.Call, l *Ladder, steps []*Step) error {
	known, err := ladderOf(ctx, c, l.Key)
	if err != nil || known != nil {
		return err
	}
	l.Status = "draft"
	if err := c.Work.Insert(ctx, c, "ladder", l); err != nil {
		return err
	}
	for i, s := range steps {
		s.LadderID, s.Position = l.ID, int64(i)+1
		if err := c.Work.Insert(ctx, c, "ladder_step", s); err != nil {
			return err
		}
	}
	l.PublishedAt = &c.Now
	return c.Work.Save(ctx, c, "ladder", "publish", l)
}
