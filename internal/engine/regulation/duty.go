package regulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/errs"
)

// Duty is one time at which somebody (OwnerID) has to do what a clause asks of him again and again.
type Duty struct {
	record.Head
	Label        string     `rec:"text,readonly,max=240,name"` // what is to be done, in the language of the installation
	LabelEn      string     `rec:"text,readonly,max=240"`
	ClauseKey    string     `rec:"text,readonly,max=60,index"`
	Regulation   string     `rec:"text,readonly,max=60"`
	VersionID    record.ID  `rec:"ref,ref=regulation_version,readonly"`
	BindingID    record.ID  `rec:"ref,ref=binding,readonly,index"`
	AboutType    string     `rec:"text,readonly,max=40"` // of the record it is about, where it is about one
	AboutID      string     `rec:"text,readonly,max=20,index"`
	OccursAt     time.Time  `rec:"time,readonly"`
	DueAt        time.Time  `rec:"time,readonly,index"`
	GraceEnds    time.Time  `rec:"time,readonly"` // until then it may still be done, late
	Status       string     `rec:"state,enum=open|overdue|done|late|missed|void,default=open"`
	DoneAt       *time.Time `rec:"time,readonly"`
	DoneBy       record.ID  `rec:"user,readonly"`
	EvidenceType string     `rec:"text,readonly,max=40"` // of the record that did it
	EvidenceID   string     `rec:"text,readonly,max=20"`
	Note         string     `rec:"longtext,readonly,max=4000"`
}

// Report is the input of complete: what was done.
type Report struct {
	Note string `rec:"longtext,required,max=4000"`
}

// Waiver is the input of release: why the duty falls away this time.
type Waiver struct {
	Reason string `rec:"longtext,required,max=4000"`
}

func (e *Engine) dutyType() *record.Type {
	return record.Declare[Duty](record.Spec{
		Name: "duty", Plural: "duties", Room: "regulation", Prefix: "DU", Icon: "repeat", Title: "label",
		List:    []string{"label", "owner_id", "due_at", "status", "clause_key"},
		Without: []string{record.Update, record.Create, record.Assign},
		Actions: []*record.Action{
			record.Act("complete", record.ActionSpec{From: []string{"open", "overdue"}, To: "done", Primary: true, Icon: "check"}, e.complete),
			record.Act("release", record.ActionSpec{From: []string{"open", "overdue"}, To: "void", Icon: "x"}, e.release),
		},
		Prepare: lateIfOverdue,
	})
}

// complete records that the person did the duty. Where an event of the daily work does it, only that event counts.
func (e *Engine) complete(ctx context.Context, c *record.Call, d *Duty, in *Report) error {
	if d.OwnerID != c.Actor().UserID {
		return errs.New(errs.Forbidden, "duty.not_yours")
	}
	r, err := e.regime(ctx, c.Tx)
	if err != nil {
		return err
	}
	if n := r.byID[d.BindingID]; n != nil && len(n.DoneBy) > 0 {
		return errs.New(errs.Conflict, "duty.done_by_work")
	}
	d.Note = in.Note
	return e.dutyDone(ctx, c, d)
}

// dutyDone marks the duty and writes its outcome; the caller writes the record.
func (e *Engine) dutyDone(ctx context.Context, c *record.Call, d *Duty) error {
	result := evidence.Done
	if c.Now.After(d.DueAt) {
		result = evidence.Late
	}
	d.DoneAt, d.DoneBy = &c.Now, c.Actor().UserID
	return e.dutyOutcome(ctx, c, d, result)
}

// lateIfOverdue turns "done" into "late" where the due day had passed.
func lateIfOverdue(_ context.Context, c *record.Call) error {
	if d := c.Record.(*Duty); d.Status == "done" && d.DoneAt != nil && d.DoneAt.After(d.DueAt) {
		d.Status = "late"
	}
	return nil
}

func (e *Engine) release(ctx context.Context, c *record.Call, d *Duty, in *Waiver) error {
	if d.OwnerID == c.Actor().UserID {
		return errs.New(errs.Forbidden, "duty.own_release")
	}
	d.Note = in.Reason
	return e.dutyOutcome(ctx, c, d, evidence.Cancelled)
}

// eventOf is the event of a call, or nothing where time acts.
func eventOf(c *record.Call) string {
	if c.Type == nil || c.Action == nil {
		return ""
	}
	return c.Event()
}

func (e *Engine) dutyOutcome(ctx context.Context, c *record.Call, d *Duty, result evidence.Result) error {
	o := evidence.Outcome{
		At: c.Now, Regulation: d.Regulation, Clause: d.ClauseKey, Version: d.VersionID, Control: string(control.Duty), Result: result,
		Event: eventOf(c), Type: "duty", Record: d.ID, Unit: d.UnitID, Person: d.OwnerID,
	}
	if d.AboutID != "" {
		o.Detail = map[string]any{"about_type": d.AboutType, "about_id": d.AboutID}
	}
	return e.outcome(ctx, c.Tx, o)
}

// tickDuties gives recurring duties to those who have them.
func (e *Engine) tickDuties(ctx context.Context, c *record.Call) (int, error) {
	r, err := e.regime(ctx, c.Tx)
	if err != nil {
		return 0, err
	}
	for _, n := range r.duties {
		if n.Every == "" {
			continue
		}
		times, err := e.occurrences(ctx, c.Tx, n, "duties", c.Now)
		if err != nil {
			return 0, err
		}
		for _, o := range times {
			people, err := e.tasked(ctx, c.Tx, n, o.at)
			if err != nil {
				return 0, err
			}
			for _, p := range people {
				if err := e.giveDuty(ctx, c, n, p, o.at, nil); err != nil {
					return 0, err
				}
			}
		}
	}
	return 0, nil
}

// giveDuty makes the duty; about is the record it is about, or nil.
func (e *Engine) giveDuty(ctx context.Context, c *record.Call, n *entry, p tasked, at time.Time, about *record.Call) error {
	due, err := e.dueOn(ctx, c.Tx, p.unit, at, n.Time)
	if err != nil {
		return err
	}
	end, err := e.dueOn(ctx, c.Tx, p.unit, due, n.Grace)
	if err != nil {
		return err
	}
	d := &Duty{
		Head: record.Head{OwnerID: p.user, UnitID: p.unit}, Label: n.Title.ZH, LabelEn: n.Title.EN, ClauseKey: n.Clause,
		Regulation: n.law.regulation, VersionID: n.law.version, BindingID: n.id, OccursAt: at, DueAt: due, GraceEnds: end, Status: "open",
	}
	m := notice.Message{Key: "regulation.duty.given", Args: n.args(due), AboutType: "duty", Clause: n.Clause, Urgency: "info"}
	if about != nil {
		d.AboutType, d.AboutID = about.Type.Name, about.Record.HeadOf().ID.String()
	}
	if err := c.Work.Insert(ctx, c, "duty", d); err != nil {
		return err
	}
	m.AboutID = d.ID
	return notice.Send(ctx, c, m, p.user)
}

// args are what a notice about the entry says: regulation, number as printed, and until when.
func (n *entry) args(due time.Time) map[string]any {
	return map[string]any{
		"due": due.Format(time.RFC3339), "clause": n.Clause, "title_zh": n.law.title[0], "title_en": n.law.title[1], "printed": n.printed,
		"version": n.law.no, "task_zh": n.Title.ZH, "task_en": n.Title.EN,
	}
}

// fall looks whether the duty about a record falls due again.
func (e *Engine) fall(ctx context.Context, c *record.Call, r *regime, n *entry) error {
	if c.Record.HeadOf().Archived() {
		return nil
	}
	ok, err := e.concerns(ctx, c, r, n, n.Row("if"))
	if err != nil || !ok {
		return err
	}
	days, err := e.row(ctx, c, n, "every_by")
	if err != nil {
		return err
	}
	interval, _ := days.(int64)
	base, standing, err := e.lastDone(ctx, c, n)
	if err != nil || standing || interval <= 0 {
		return err
	}
	at := base.AddDate(0, 0, int(interval))
	if at.After(c.Now) {
		return nil
	}
	if late := c.Now.AddDate(0, 0, -1); at.Before(late) {
		at = c.Now // what fell due before the clause acted falls due now
	}
	p, err := e.responsible(ctx, c, n)
	if err != nil || p.user == 0 {
		return err
	}
	return e.giveDuty(ctx, c, n, p, at, c)
}

// lastDone is the instant from which the days of a duty about a record count, and whether one is open already.
func (e *Engine) lastDone(ctx context.Context, c *record.Call, n *entry) (time.Time, bool, error) {
	h := c.Record.HeadOf()
	base := h.CreatedAt
	since, err := e.row(ctx, c, n, "since")
	if err != nil {
		return base, false, err
	}
	if t, ok := since.(time.Time); ok && t.Year() > 1 {
		base = t
	} else if n.law.from.After(base) {
		base = n.law.from
	}
	list, err := record.Find[Duty](ctx, c, "duty", record.All(record.Where("binding_id", n.id), record.Where("about_id", h.ID.String())), 200)
	if err != nil {
		return base, false, err
	}
	for _, d := range list {
		if d.Status == "open" || d.Status == "overdue" {
			return base, true, nil
		}
		for _, t := range []*time.Time{&d.OccursAt, d.DoneAt} {
			if t != nil && t.After(base) {
				base = *t
			}
		}
	}
	return base, false, nil
}

// doDuties lets an event of the daily work do the duties it answers.
func (e *Engine) doDuties(ctx context.Context, c *record.Call, r *regime) error {
	for _, n := range r.does[c.Event()] {
		if cond := n.Done(c.Event()); cond != nil {
			if ok, err := cond.Bool(ctx, e.input(c, n)); err != nil || !ok {
				if err != nil {
					return fmt.Errorf("clause %s: %w", n.Clause, err)
				}
				continue
			}
		}
		open, err := record.Find[Duty](ctx, c, "duty", record.All(record.Where("binding_id", n.id),
			record.Filter{Field: "status", Op: "in", Value: []any{"open", "overdue"}}, e.answered(c, n)), 20)
		if err != nil {
			return err
		}
		for _, d := range open {
			d.EvidenceType, d.EvidenceID, d.Status = c.Type.Name, c.Record.HeadOf().ID.String(), "done"
			if err := e.dutyDone(ctx, c, d); err != nil {
				return err
			}
			if c.Now.After(d.DueAt) {
				d.Status = "late"
			}
			if err := c.Work.Save(ctx, c, "duty", "complete", d); err != nil {
				return err
			}
		}
		if len(open) == 0 && n.EveryBy != "" && n.Row("since") == nil {
			if err := e.doneAhead(ctx, c, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// answered selects the duties an event may do: about a record it concerns, or those of who acts.
func (e *Engine) answered(c *record.Call, n *entry) record.Filter {
	if n.Of == "" {
		return record.Where("owner_id", c.Actor().UserID)
	}
	var ids []any
	for _, id := range clockRecords(c) {
		ids = append(ids, id.String())
	}
	return record.Filter{Field: "about_id", Op: "in", Value: ids}
}

// doneAhead keeps that a duty was done before it fell due, so that its days count from then.
func (e *Engine) doneAhead(ctx context.Context, c *record.Call, n *entry) error {
	about := c.Record.HeadOf().ID
	if c.Type.Name != n.Of {
		f := control.Link(c.Type, n.Of)
		if f == nil {
			return nil
		}
		if about, _ = f.Get(c.Record).(record.ID); about == 0 {
			return nil
		}
	}
	d := &Duty{
		Head: record.Head{OwnerID: c.Actor().UserID, UnitID: c.Record.HeadOf().UnitID}, Label: n.Title.ZH, LabelEn: n.Title.EN,
		ClauseKey: n.Clause, Regulation: n.law.regulation, VersionID: n.law.version, BindingID: n.id, AboutType: n.Of, AboutID: about.String(),
		OccursAt: c.Now, DueAt: c.Now, GraceEnds: c.Now, Status: "done", EvidenceType: c.Type.Name, EvidenceID: c.Record.HeadOf().ID.String(),
		DoneAt: &c.Now, DoneBy: c.Actor().UserID,
	}
	if err := c.Work.Insert(ctx, c, "duty", d); err != nil {
		return err
	}
	return e.dutyOutcome(ctx, c, d, evidence.Done)
}

// tickOverdue lets duties become overdue, and missed when their grace has ended.
func (e *Engine) tickOverdue(ctx context.Context, c *record.Call) (int, error) {
	r, err := e.regime(ctx, c.Tx)
	if err != nil {
		return 0, err
	}
	due, err := record.Find[Duty](ctx, c, "duty", record.All(record.Where("status", "open"),
		record.Filter{Field: "due_at", Op: "lt", Value: c.Now}), tickBatch)
	if err != nil {
		return 0, err
	}
	for _, d := range due {
		d.Status = "overdue"
		if err := c.Work.Save(ctx, c, "duty", "overdue", d); err != nil {
			return 0, err
		}
		if err := e.tellOverdue(ctx, c, r.byID[d.BindingID], "duty", d.ID, d.DueAt, tasked{d.OwnerID, d.UnitID}); err != nil {
			return 0, err
		}
	}
	missed, err := record.Find[Duty](ctx, c, "duty", record.All(record.Where("status", "overdue"),
		record.Filter{Field: "grace_ends", Op: "lt", Value: c.Now}), tickBatch)
	if err != nil {
		return 0, err
	}
	for _, d := range missed {
		d.Status = "missed"
		if err := e.dutyOutcome(ctx, c, d, evidence.Missed); err != nil {
			return 0, err
		}
		if err := c.Work.Save(ctx, c, "duty", "missed", d); err != nil {
			return 0, err
		}
	}
	return max(len(due), len(missed)), nil
}

// tellOverdue tells who has the task, and the posts the binding names, that it is overdue.
func (e *Engine) tellOverdue(ctx context.Context, c *record.Call, n *entry, typ string, id record.ID, due time.Time, p tasked) error {
	if n == nil {
		return nil
	}
	to := []record.ID{p.user}
	more, err := holders(ctx, c, slices.DeleteFunc(slices.Clone(n.Escalate), func(s string) bool { return s == "owner" }), p.unit)
	if err != nil {
		return err
	}
	return notice.Send(ctx, c, notice.Message{
		Key: "regulation.duty.overdue", Args: n.args(due), AboutType: typ, AboutID: id, Clause: n.Clause, Urgency: "urgent",
	}, append(to, more...)...)
}

// voidTasks ends the open duties and attestations of a version that left force.
func (e *Engine) voidTasks(ctx context.Context, c *record.Call, v *Version) error {
	for {
		list, err := record.Find[Duty](ctx, c, "duty", record.All(record.Where("version_id", v.ID),
			record.Filter{Field: "status", Op: "in", Value: []any{"open", "overdue"}}), tickBatch)
		if err != nil {
			return err
		}
		for _, d := range list {
			d.Status = "void"
			if err := c.Work.Save(ctx, c, "duty", "void", d); err != nil {
				return err
			}
		}
		if len(list) < tickBatch {
			return e.voidAttestations(ctx, c, v)
		}
	}
}
