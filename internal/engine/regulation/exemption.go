package regulation

import (
	"context"
	"time"

	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
)

// Exemption lets one record pass a guard once somebody who may has approved it, until it expires.
type Exemption struct {
	record.Head
	ClauseKey string     `rec:"text,required,max=60,index,once"`
	AboutType string     `rec:"text,required,max=40,once"`
	AboutID   string     `rec:"text,required,max=20,index,once"`
	Reason    string     `rec:"longtext,required,max=2000,once"`
	ExpiresAt time.Time  `rec:"time,required,once,index"`
	Status    string     `rec:"state,enum=requested|approved|declined|expired,default=requested"`
	DecidedBy record.ID  `rec:"user,readonly"`
	DecidedAt *time.Time `rec:"time,readonly"`
	Answer    string     `rec:"longtext,readonly,max=2000"` // what the decider said to it
}

// Answer is the input of approve.
type Answer struct {
	Answer string `rec:"longtext,max=2000"`
}

// Denial is the input of decline.
type Denial struct {
	Answer string `rec:"longtext,required,max=2000"`
}

func (e *Engine) exemptionType() *record.Type {
	return record.Declare[Exemption](record.Spec{
		Name: "exemption", Plural: "exemptions", Room: "regulation", Prefix: "EX", Icon: "door-exit", Title: "clause_key",
		List: []string{"clause_key", "about_type", "reason", "status", "expires_at", "decided_by"}, Prepare: e.checkExemption, Settled: e.exemptionSettled,
		Actions: []*record.Action{
			record.Act("approve", record.ActionSpec{From: []string{"requested"}, To: "approved", Primary: true, Icon: "check"},
				func(ctx context.Context, c *record.Call, x *Exemption, in *Answer) error {
					return e.decideExemption(ctx, c, x, in.Answer)
				}),
			record.Act("decline", record.ActionSpec{From: []string{"requested"}, To: "declined", Primary: true, Icon: "x"},
				func(ctx context.Context, c *record.Call, x *Exemption, in *Denial) error {
					return e.decideExemption(ctx, c, x, in.Answer)
				}),
		},
	})
}

// checkExemption takes a request only for a guard that allows exceptions, for a record that is there, and for no longer
// than the guard says.
func (e *Engine) checkExemption(ctx context.Context, c *record.Call) error {
	x := c.Record.(*Exemption)
	if c.Before != nil || x.ClauseKey == "" || x.ExpiresAt.IsZero() {
		return nil // validation names what is missing
	}
	if x.OwnerID == 0 {
		x.OwnerID = c.Actor().UserID
	}
	n, err := e.guardOf(ctx, c.Tx, x.ClauseKey)
	switch {
	case errs.Is(err, errs.NotFound):
		return errs.Of("clause_key", "exemption.no_guard").Because(err)
	case err != nil:
		return err
	case len(n.Except) == 0:
		return errs.Of("clause_key", "exemption.none_possible")
	case !x.ExpiresAt.After(c.Now):
		return errs.Of("expires_at", "exemption.past")
	}
	if n.ExceptFor != "" {
		span, err := control.ParseSpan(n.ExceptFor)
		if err != nil {
			return err
		}
		cal, _, err := e.calendar(ctx, c.Tx, c.Actor().Unit())
		if err != nil {
			return err
		}
		if last := dueAfter(cal, c.Now, span); x.ExpiresAt.After(last) {
			return errs.Of("expires_at", "exemption.too_long").With("max", last.UTC().Format(time.RFC3339)).With("span", n.ExceptFor)
		}
	}
	return e.checkAbout(ctx, c, x)
}

// checkAbout makes sure that the record is there, and puts the request where the record belongs.
func (e *Engine) checkAbout(ctx context.Context, c *record.Call, x *Exemption) error {
	t := e.Types.Type(x.AboutType)
	if t == nil || t.Name != x.AboutType {
		return errs.Of("about_type", "record.unknown_type").With("type", x.AboutType)
	}
	id, err := ids.Parse(x.AboutID)
	if err != nil {
		return errs.Of("about_id", "field.unknown_ref").Because(err)
	}
	about, err := c.Work.Load(ctx, c, t.Name, id)
	if err != nil {
		return errs.Of("about_id", "field.unknown_ref").Because(err)
	}
	x.UnitID = about.HeadOf().UnitID
	return nil
}

// exemptionSettled tells those who may decide about a request, and the one who asked what came of it.
func (e *Engine) exemptionSettled(ctx context.Context, c *record.Call) error {
	x, was := c.Record.(*Exemption), ""
	if c.Before != nil {
		was = c.Before.(*Exemption).Status
	}
	if was == x.Status {
		return nil
	}
	to := []record.ID{x.OwnerID}
	var law record.ID
	n, err := e.guardOf(ctx, c.Tx, x.ClauseKey)
	switch {
	case err == nil:
		law = n.law.version
	case !errs.Is(err, errs.NotFound):
		return err
	}
	if x.Status == "requested" && n != nil {
		if to, err = holders(ctx, c, n.Except, x.UnitID); err != nil {
			return err
		}
	}
	a, err := articleOf(ctx, c, law, x.ClauseKey)
	if err != nil {
		return err
	}
	return notice.Send(ctx, c, notice.Message{
		Key: "exemption.notice." + x.Status, AboutType: "exemption", AboutID: x.ID, Clause: x.ClauseKey, Urgency: "info",
		Args: map[string]any{"title_zh": a.Title[0], "title_en": a.Title[1], "printed": a.Printed, "version": a.Version},
	}, to...)
}

// decideExemption lets only a post that the guard names approve or decline, and nobody his own request.
func (e *Engine) decideExemption(ctx context.Context, c *record.Call, x *Exemption, answer string) error {
	bound, err := e.guardOf(ctx, c.Tx, x.ClauseKey)
	if err != nil {
		return err
	}
	may := false
	for _, post := range bound.Except {
		may = may || c.Actor().Holds(post)
	}
	switch {
	case !may:
		return errs.New(errs.Forbidden, "exemption.not_yours")
	case x.CreatedBy == c.Actor().UserID:
		return errs.New(errs.Forbidden, "exemption.own")
	case !x.ExpiresAt.After(c.Now):
		return errs.New(errs.Conflict, "exemption.past")
	}
	x.DecidedBy, x.DecidedAt, x.Answer = c.Actor().UserID, &c.Now, answer
	return nil
}

// excepted reports whether an approved exception lets the record pass the guard now.
func (e *Engine) excepted(ctx context.Context, c *record.Call, n *entry) (bool, error) {
	id := c.Record.HeadOf().ID
	if len(n.Except) == 0 || id == 0 {
		return false, nil
	}
	list, err := record.Find[Exemption](ctx, c, "exemption", record.All(record.Where("clause_key", n.Clause), record.Where("about_id", id.String()),
		record.Where("status", "approved"), record.Filter{Field: "expires_at", Op: "gt", Value: c.Now}), 1)
	return len(list) > 0, err
}

// citeFor is the citation of a guard that refuses a record; an exception can only be asked for one that is there.
func (n *entry) citeFor(c *record.Call) Citation {
	out := n.cite()
	out.AboutType, out.AboutID = c.Type.Name, c.Record.HeadOf().ID
	out.Exception = out.Exception && out.AboutID != 0
	return out
}

// tickExemptions ends the exceptions whose time is over, decided or not.
func (e *Engine) tickExemptions(ctx context.Context, c *record.Call) (int, error) {
	list, err := record.Find[Exemption](ctx, c, "exemption", record.All(
		record.Filter{Field: "status", Op: "in", Value: []any{"requested", "approved"}},
		record.Filter{Field: "expires_at", Op: "le", Value: c.Now}), tickBatch)
	if err != nil {
		return 0, err
	}
	for _, x := range list {
		x.Status = "expired"
		if err := c.Work.Save(ctx, c, "exemption", "expired", x); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// ExceptionCount says how often exceptions from a clause were asked for, by what came of it. Requested are those that
// wait; Used counts how often a guard let a record pass by one.
type ExceptionCount struct{ Requested, Approved, Declined, Expired, Used int }

// Any reports whether there was any.
func (n ExceptionCount) Any() bool { return n != ExceptionCount{} }

// Exceptions counts the exceptions of a clause over all its versions.
func (e *Engine) Exceptions(ctx context.Context, clause string) (ExceptionCount, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) (ExceptionCount, error) {
		var n ExceptionCount
		err := tx.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN status = 'requested' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN status = 'approved' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN status = 'declined' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN status = 'expired' THEN 1 ELSE 0 END), 0) FROM exemptions WHERE clause_key = ? AND archived_at IS NULL`, clause).
			Scan(&n.Requested, &n.Approved, &n.Declined, &n.Expired)
		if err != nil {
			return n, err
		}
		err = tx.QueryRow(ctx, "SELECT COUNT(*) FROM control_outcomes WHERE clause = ? AND result = 'excepted'", clause).Scan(&n.Used)
		return n, err
	})
}

// ExceptionRule says what an exception from a clause takes: the clause, the posts that decide, the longest time; empty for none.
type ExceptionRule struct {
	Clause  Citation
	Posts   []string
	Longest string
}

// ExceptionRuleOf returns what an exception from the clause takes; NotFound where no guard in force of the clause allows any.
func (e *Engine) ExceptionRuleOf(ctx context.Context, clause string) (ExceptionRule, error) {
	return db.View(ctx, e.DB, func(tx *db.Tx) (ExceptionRule, error) {
		n, err := e.guardOf(ctx, tx, clause)
		if err == nil && len(n.Except) == 0 {
			err = errs.New(errs.NotFound, "exemption.none_possible")
		}
		if err != nil {
			return ExceptionRule{}, err
		}
		return ExceptionRule{Clause: n.cite(), Posts: n.Except, Longest: n.ExceptFor}, nil
	})
}
