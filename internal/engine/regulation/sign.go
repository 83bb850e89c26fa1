package regulation

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/control"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// signTime is how long people have to sign where no clause says otherwise.
const signTime = 7 * 24 * time.Hour

// askToSign gives everybody the version covers the task to read and sign it.
func (e *Engine) askToSign(ctx context.Context, c *record.Call, v *Version) error {
	people, err := e.covered(ctx, c.Tx, v)
	if err != nil {
		return err
	}
	for _, user := range people {
		if err := e.askOne(ctx, c, v, user); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) askOne(ctx context.Context, c *record.Call, v *Version, user record.ID) error {
	old, err := record.Find[Acknowledgement](ctx, c, "acknowledgement", record.All(record.Where("version_id", v.ID), record.Where("owner_id", user)), 1)
	if err != nil || len(old) > 0 {
		return err
	}
	within, err := signWithin(ctx, c.Tx, v.ID)
	if err != nil {
		return err
	}
	unit, err := unitOf(ctx, c.Tx, user)
	if err != nil {
		return err
	}
	due := c.Now.Add(within)
	err = c.Work.Insert(ctx, c, "acknowledgement", &Acknowledgement{
		Head: record.Head{OwnerID: user, UnitID: unit}, VersionID: v.ID, Label: v.Label, Status: "outstanding", DueAt: &due,
	})
	if err != nil {
		return err
	}
	return notice.Send(ctx, c, notice.Message{
		Key: "regulation.please_sign", Args: map[string]any{"label": v.Label, "due": due.Format(time.RFC3339)},
		AboutType: "regulation_version", AboutID: v.ID, Urgency: "info",
	}, user)
}

// unitOf is the unit of a person's main post: whoever answers for it sees who has not signed.
func unitOf(ctx context.Context, tx *db.Tx, user record.ID) (record.ID, error) {
	var unit record.ID
	err := tx.QueryRow(ctx, "SELECT in_unit FROM postings WHERE user_id = ? AND archived_at IS NULL ORDER BY main DESC, id LIMIT 1", user).Scan(&unit)
	if err != nil && !db.IsNoRows(err) {
		return 0, fmt.Errorf("unit of a person: %w", err)
	}
	return unit, nil
}

// signWithin is the shortest time a clause of the version gives.
func signWithin(ctx context.Context, tx *db.Tx, version record.ID) (time.Duration, error) {
	within := signTime
	err := tx.Each(ctx, "SELECT clause_key, spec FROM bindings WHERE version_id = ? AND control = 'acknowledge' AND NOT off", []any{version}, func(r *sql.Rows) error {
		var clause, src string
		if err := r.Scan(&clause, &src); err != nil {
			return err
		}
		spec, err := control.ParseText(clause, control.Acknowledge, src)
		if err != nil || spec.SignWithin == "" {
			return err
		}
		s, err := control.ParseSpan(spec.SignWithin)
		if err == nil {
			within = min(within, time.Duration(s.Days)*24*time.Hour+s.Duration)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("time to sign: %w", err)
	}
	return within, nil
}

// covered lists the active people in the units or posts the version covers.
func (e *Engine) covered(ctx context.Context, tx *db.Tx, v *Version) ([]record.ID, error) {
	type posted struct {
		user, unit record.ID
		post       string
	}
	var all []posted
	err := tx.Each(ctx, `SELECT s.user_id, s.in_unit, p.key FROM postings s JOIN users u ON u.id = s.user_id JOIN posts p ON p.id = s.post_id
		WHERE u.status = 'active' AND u.archived_at IS NULL AND s.archived_at IS NULL ORDER BY s.user_id`, nil, func(r *sql.Rows) error {
		var p posted
		err := r.Scan(&p.user, &p.unit, &p.post)
		all = append(all, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("people covered: %w", err)
	}
	var out []record.ID
	l := &law{units: v.CoverUnits}
	for _, p := range all {
		in, err := e.covers(ctx, tx, l, p.unit)
		if err != nil {
			return nil, fmt.Errorf("people covered: %w", err)
		}
		if (in || slices.Contains(v.CoverPosts, p.post)) && !slices.Contains(out, p.user) {
			out = append(out, p.user)
		}
	}
	return out, nil
}

// askNewcomer gives somebody who takes a post the versions in force that cover it.
func (e *Engine) askNewcomer(ctx context.Context, c *record.Call, r *regime) error {
	user, _ := c.Type.Field("user_id").Get(c.Record).(record.ID)
	unit, _ := c.Type.Field("in_unit").Get(c.Record).(record.ID)
	for _, l := range r.laws {
		if !l.in(c.Now) {
			continue
		}
		in, err := e.covers(ctx, c.Tx, l, unit)
		if err != nil {
			return err
		}
		if !in {
			continue
		}
		v, err := record.Load[Version](ctx, c, "regulation_version", l.version)
		if err != nil {
			return err
		}
		if err := e.askOne(ctx, c, v, user); err != nil {
			return err
		}
	}
	return nil
}

// Signature is the input of sign: the hash of the text that was on the screen, so that nobody signs what he did not
// see. Empty means the present text.
type Signature struct {
	TextHash  string `rec:"text,max=64"`
	Objection string `rec:"longtext,max=4000"` // signing is knowing, not agreeing: what one says against it is kept
}

// answerObjection keeps what the manager says to an objection.
func answerObjection(_ context.Context, c *record.Call, a *Acknowledgement, in *Reply) error {
	switch {
	case a.Objection == "":
		return errs.New(errs.Conflict, "regulation.no_objection")
	case a.OwnerID == c.Actor().UserID:
		return errs.New(errs.Forbidden, "regulation.own_objection")
	}
	a.ObjectionAnswer, a.AnsweredBy = in.Answer, c.Actor().UserID
	return nil
}

// sign puts a person's name under the version.
func (e *Engine) sign(ctx context.Context, c *record.Call, a *Acknowledgement, in *Signature) error {
	if a.OwnerID != c.Actor().UserID {
		return errs.New(errs.Forbidden, "regulation.sign_own")
	}
	v, err := record.Load[Version](ctx, c, "regulation_version", a.VersionID)
	if err != nil {
		return err
	}
	if in.TextHash != "" && in.TextHash != v.TextHash {
		return errs.New(errs.Stale, "regulation.text_changed")
	}
	a.SignedAt, a.TextHash, a.Objection = &c.Now, v.TextHash, in.Objection
	if err := e.renewal(ctx, c, a); err != nil {
		return err
	}
	return e.signOutcomes(ctx, c, a, evidence.Signed)
}

// signOutcomes writes the outcome for every clause of the version that asks for the signature.
func (e *Engine) signOutcomes(ctx context.Context, c *record.Call, a *Acknowledgement, result evidence.Result) error {
	r, err := e.regime(ctx, c.Tx)
	if err != nil {
		return err
	}
	for _, n := range r.signs {
		if n.law.version != a.VersionID {
			continue
		}
		err := e.outcome(ctx, c.Tx, evidence.Outcome{
			At: c.Now, Regulation: n.law.regulation, Clause: n.Clause, Version: a.VersionID, Control: string(control.Acknowledge), Result: result,
			Type: "acknowledgement", Record: a.ID, Unit: a.UnitID, Person: a.OwnerID,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// renewal sets when the signature has to be given again, where a clause of the version asks for that.
func (e *Engine) renewal(ctx context.Context, c *record.Call, a *Acknowledgement) error {
	r, err := e.regime(ctx, c.Tx)
	if err != nil {
		return err
	}
	a.RenewAt = nil
	for _, n := range r.signs {
		if n.law.version != a.VersionID || n.Renew == "" {
			continue
		}
		s, err := control.ParseSpan(n.Renew)
		if err != nil {
			return err
		}
		at := c.Now.AddDate(0, 0, s.Days).Add(s.Duration)
		if a.RenewAt == nil || at.Before(*a.RenewAt) {
			a.RenewAt = &at
		}
	}
	return nil
}

// tickRenewals asks again for signatures that have to be renewed.
func (e *Engine) tickRenewals(ctx context.Context, c *record.Call) (int, error) {
	list, err := record.Find[Acknowledgement](ctx, c, "acknowledgement", record.All(record.Where("status", "signed"),
		record.Filter{Field: "renew_at", Op: "le", Value: c.Now}), tickBatch)
	if err != nil {
		return 0, err
	}
	for _, a := range list {
		within, err := signWithin(ctx, c.Tx, a.VersionID)
		if err != nil {
			return 0, err
		}
		due := c.Now.Add(within)
		a.Status, a.DueAt, a.OverdueAt, a.RenewAt = "outstanding", &due, nil, nil
		if err := c.Work.Save(ctx, c, "acknowledgement", "renew", a); err != nil {
			return 0, err
		}
		err = notice.Send(ctx, c, notice.Message{
			Key: "regulation.please_sign", Args: map[string]any{"label": a.Label, "due": due.Format(time.RFC3339)},
			AboutType: "regulation_version", AboutID: a.VersionID, Urgency: "info",
		}, a.OwnerID)
		if err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

func (e *Engine) tickSignatures(ctx context.Context, c *record.Call) (int, error) {
	list, err := record.Find[Acknowledgement](ctx, c, "acknowledgement", record.All(record.Where("status", "outstanding"),
		record.Filter{Field: "due_at", Op: "le", Value: c.Now}, record.Filter{Field: "overdue_at", Op: "empty"}), tickBatch)
	if err != nil {
		return 0, err
	}
	for _, a := range list {
		a.OverdueAt = &c.Now
		if err := e.signOutcomes(ctx, c, a, evidence.Outstanding); err != nil {
			return 0, err
		}
		if err := c.Work.Save(ctx, c, "acknowledgement", "overdue", a); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// voidSignatures ends the tasks of a version that left force.
func (e *Engine) voidSignatures(ctx context.Context, c *record.Call, v *Version) error {
	for {
		list, err := record.Find[Acknowledgement](ctx, c, "acknowledgement", record.All(record.Where("version_id", v.ID), record.Where("status", "outstanding")), tickBatch)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, a := range list {
			a.Status = "void"
			if err := c.Work.Save(ctx, c, "acknowledgement", "void", a); err != nil {
				return err
			}
		}
	}
}

// Door implements the door of access: a type that a clause closes to those who have not signed stays closed to them.
func (e *Engine) Door(ctx context.Context, tx *db.Tx, a access.Actor, t *record.Type, action string) error {
	r, err := e.regime(ctx, tx)
	if err != nil {
		return err
	}
	now := e.Clock.Now()
	for _, n := range r.signs {
		if !slices.Contains(n.UntilSigned, t.Name) || !n.law.in(now) {
			continue
		}
		if len(n.Posts) > 0 && !slices.ContainsFunc(n.Posts, a.Holds) {
			continue
		}
		var status string
		err := tx.QueryRow(ctx, "SELECT status FROM acknowledgements WHERE version_id = ? AND owner_id = ?", n.law.version, a.UserID).Scan(&status)
		switch {
		case db.IsNoRows(err), err == nil && status != "outstanding":
			continue
		case err != nil:
			return fmt.Errorf("signature of %s: %w", n.Clause, err)
		}
		cite := n.cite()
		cite.Say = [2]string{"请先阅读并签署本制度，然后再打开这里。", "Read and sign this regulation first, then open this."}
		return e.refusal([]Citation{cite}, []evidence.Outcome{{
			At: now, Regulation: n.law.regulation, Clause: n.Clause, Version: n.law.version, Control: string(control.Acknowledge), Result: evidence.Refused,
			Event: t.Name + "." + action, Type: t.Name, Unit: a.Unit(), Person: a.UserID,
		}})
	}
	return nil
}
