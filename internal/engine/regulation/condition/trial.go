package condition

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
)

// Lab tries conditions on the past. Set its field before first use.
type Lab struct{ Engine *regulation.Engine }

// Trial is what a condition would have done.
type Trial struct {
	Seen     int         // events of the time, on records the actor may read
	Hit      int         // for which the condition held
	Unclear  int         // for which it gives no answer, such as one that asks for the input of the action
	Examples []record.ID // records it held for, the newest first, at most ten
	Capped   bool        // there were more events than are looked at
}

// mostEvents is how many past events a trial looks at.
const mostEvents = 2000

// past is one event that happened.
type past struct {
	record record.ID
	at     time.Time
	actor  string
}

// Try evaluates a condition on the events since an instant, as far as the actor may read the records. Records are taken
// as they stand today; what they were at the time is not restored. Mistakes of the condition come as [rule.Issue].
func (l Lab) Try(ctx context.Context, a access.Actor, event, condition string, since time.Time) (*Trial, error) {
	typ, act, _ := strings.Cut(event, ".")
	t := l.Engine.Types.Type(typ)
	if t == nil || t.Action(act) == nil {
		return nil, errs.Of("event", "condition.no_event")
	}
	prog, err := l.Engine.Compiler.Compile(condition, rule.Subject{Type: typ, Action: act}, rule.Bool)
	if err != nil {
		return nil, err
	}
	return db.View(ctx, l.Engine.DB, func(tx *db.Tx) (*Trial, error) {
		scope, err := l.Engine.Guard.Authorize(ctx, tx, a, typ, record.Read)
		if err != nil {
			return nil, err
		}
		list, capped, err := events(ctx, tx, typ, act, since)
		if err != nil {
			return nil, err
		}
		out := &Trial{Capped: capped}
		for _, p := range list {
			if err := l.one(ctx, tx, scope, t, t.Action(act), p, prog, out); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

func events(ctx context.Context, tx *db.Tx, typ, act string, since time.Time) (out []past, capped bool, err error) {
	err = tx.Each(ctx, fmt.Sprintf("SELECT record_id, at, actor FROM record_history WHERE id > ? AND type = ? AND action = ? ORDER BY id DESC LIMIT %d", mostEvents+1),
		[]any{int64(ids.Before(since)), typ, act}, func(r *sql.Rows) error {
			var p past
			err := r.Scan(&p.record, db.Time(&p.at), &p.actor)
			out = append(out, p)
			return err
		})
	if err != nil {
		return nil, false, fmt.Errorf("past events: %w", err)
	}
	if len(out) > mostEvents {
		return out[:mostEvents], true, nil
	}
	return out, false, nil
}

func (l Lab) one(ctx context.Context, tx *db.Tx, scope record.Scope, t *record.Type, act *record.Action, p past, prog *rule.Program, out *Trial) error {
	rec, err := l.Engine.Runner.Store.Get(ctx, tx, t, scope, p.record)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	out.Seen++
	c := &record.Call{Tx: tx, Scope: scope, Type: t, Action: act, Record: rec, Before: rec, Input: act.NewInput(), Now: p.at, Work: l.Engine.Runner}
	if c.Scope.Actor, err = l.actor(ctx, tx, p.actor); err != nil {
		return err
	}
	held, err := prog.Bool(ctx, rule.Input{
		Call: c, Params: map[string]any{},
		Work: func(from, to time.Time) (time.Duration, error) { return l.work(ctx, tx, rec.HeadOf().UnitID, from, to) },
		Load: func(ctx context.Context, typ string, id record.ID) (record.Entity, error) {
			return c.Work.Load(ctx, c, typ, id)
		},
	})
	switch {
	case err != nil || strings.Contains(prog.Source, "input."):
		out.Unclear++
	case held:
		out.Hit++
		if len(out.Examples) < 10 {
			out.Examples = append(out.Examples, p.record)
		}
	}
	return nil
}

// actor is who acted then, with what he holds today; the program itself where nobody did.
func (l Lab) actor(ctx context.Context, tx *db.Tx, label string) (access.Actor, error) {
	var id record.ID
	if id.UnmarshalText([]byte(label)) != nil {
		return access.Actor{System: strings.TrimPrefix(label, "system:")}, nil
	}
	a, err := l.Engine.Guard.Actor(ctx, tx, id)
	if errs.Is(err, errs.Unauthenticated) {
		return access.Actor{UserID: id}, nil
	}
	return a, err
}

func (l Lab) work(ctx context.Context, tx *db.Tx, unit record.ID, from, to time.Time) (time.Duration, error) {
	key, err := l.Engine.Guard.Calendar(ctx, tx, unit)
	if err != nil {
		return 0, err
	}
	cal, err := l.Engine.Calendars.Get(ctx, tx, key)
	if err != nil {
		return 0, err
	}
	return cal.Between(from, to), nil
}
