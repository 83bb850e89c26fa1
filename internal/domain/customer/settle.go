package customer

import (
	"context"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// prepareCustomer fills what follows: who collected it and when, completeness, the next dates.
func (r room) prepareCustomer(ctx context.Context, c *record.Call) error {
	cust := c.Record.(*Customer)
	before, _ := c.Before.(*Customer)
	if before == nil {
		begin(c, cust)
	}
	if err := consistent(cust, before); err != nil {
		return err
	}
	doubtless(cust, before)
	cust.complete()
	rules, err := record.Find[CareRule](ctx, c, "care_rule", record.Filter{}, page)
	if err != nil {
		return err
	}
	cust.schedule(before, Plan(rules, cust))
	return nil
}

// begin fills a new customer. One entered by a person is his, unless he left the owner empty on purpose.
func begin(c *record.Call, r *Customer) {
	user := c.Actor().UserID
	if r.CollectedAt.IsZero() {
		r.CollectedAt = c.Now
	}
	if r.CollectedBy == 0 {
		r.CollectedBy = user
	}
	if _, given := c.Values["owner_id"]; r.OwnerID == 0 && !given {
		r.OwnerID = user
	}
	if r.UnitID == 0 {
		r.UnitID = c.Actor().Unit()
	}
	if r.InPool() {
		r.PooledAt = c.Now
	} else {
		r.OwnerSince = c.Now
	}
	if r.Stage == "" {
		r.Stage = Lead
	}
	if r.StageAt.IsZero() {
		r.StageAt = c.Now
	}
	if r.Intent != "" || r.Scale != "" || r.Grade != "" {
		r.ClassifiedBy, r.AssessedOn = user, today(c.Now)
	}
}

// consistent refuses what cannot be true of a customer. A source that is not told by its channel must be described,
// so that its lawfulness can be judged.
func consistent(r, before *Customer) error {
	var faults []*errs.Error
	if r.Kind == Person && r.CreditCode != "" {
		faults = append(faults, errs.Of("credit_code", "customer.code_of_person"))
	}
	if r.Kind == Organisation && r.IDCard != "" {
		faults = append(faults, errs.Of("id_card", "customer.card_of_organisation"))
	}
	if r.Source == "other" && r.SourceNote == "" {
		faults = append(faults, errs.Of("source_note", "customer.describe_source"))
	}
	if before == nil && r.CollectedAt.After(r.StageAt) {
		faults = append(faults, errs.Of("collected_at", "customer.future"))
	}
	return errs.Collect(faults)
}

// doubtless takes the mark of doubt from a value that was replaced.
func doubtless(r, before *Customer) {
	if before == nil {
		return
	}
	if r.Mail != before.Mail {
		r.MailDoubtful = false
	}
	if r.Mobile != before.Mobile || r.Phone != before.Phone {
		r.PhoneDoubtful = false
	}
}

// settleCustomer brings about what a change means to others: the first source, the history of classes, contacts that
// follow the owner, a task to correct what became doubtful.
func (r room) settleCustomer(ctx context.Context, c *record.Call) error {
	cust := c.Record.(*Customer)
	before, _ := c.Before.(*Customer)
	if before == nil {
		if err := firstSource(ctx, c, cust); err != nil {
			return err
		}
		before = &Customer{}
	}
	if err := classHistory(ctx, c, before, cust); err != nil {
		return err
	}
	if c.Before != nil && (cust.OwnerID != before.OwnerID || cust.UnitID != before.UnitID) {
		if err := contactsFollow(ctx, c, cust); err != nil {
			return err
		}
	}
	if cust.MailDoubtful && !before.MailDoubtful || cust.PhoneDoubtful && !before.PhoneDoubtful {
		return r.open(ctx, c, cust, duty{kind: "correction", note: cust.DoubtNote})
	}
	return nil
}

func firstSource(ctx context.Context, c *record.Call, r *Customer) error {
	return c.Work.Insert(ctx, c, "source_entry", &SourceEntry{
		CustomerID: r.ID, Channel: r.Source, EnteredAt: r.CollectedAt, EnteredBy: r.CollectedBy, Remarks: r.SourceNote,
	})
}

// classHistory writes one row for each decision about the classes, also one that confirms them.
func classHistory(ctx context.Context, c *record.Call, before, r *Customer) error {
	same := r.Intent == before.Intent && r.Scale == before.Scale && r.Grade == before.Grade
	if same && c.Action.Name != "classify" {
		return nil
	}
	return c.Work.Insert(ctx, c, "classification", &Classification{
		CustomerID: r.ID, OldIntent: before.Intent, NewIntent: r.Intent, OldScale: before.Scale, NewScale: r.Scale,
		OldGrade: before.Grade, NewGrade: r.Grade, ProposedScale: r.ProposedScale, Reason: r.ClassReason,
		DecidedBy: r.ClassifiedBy, DecidedAt: c.Now,
	})
}

// contactsFollow gives the contacts the owner and unit of their customer.
func contactsFollow(ctx context.Context, c *record.Call, r *Customer) error {
	var list []*Contact
	err := each(ctx, c, "contact", record.Where("customer_id", r.ID), func(p *Contact) bool {
		list = append(list, p)
		return true
	})
	if err != nil {
		return err
	}
	for _, p := range list {
		p.OwnerID, p.UnitID = r.OwnerID, r.UnitID
		if err := c.Work.Save(ctx, c, "contact", "follow", p); err != nil {
			return err
		}
	}
	return nil
}

// prepareContact gives a new contact its owner and takes doubts from what was replaced.
func (r room) prepareContact(ctx context.Context, c *record.Call) error {
	p := c.Record.(*Contact)
	before, _ := c.Before.(*Contact)
	if before != nil {
		p.MailDoubtful = p.MailDoubtful && p.Mail == before.Mail
		p.PhoneDoubtful = p.PhoneDoubtful && p.Mobile == before.Mobile && p.Phone == before.Phone
		return nil
	}
	if p.CustomerID == 0 {
		return nil // validation names the missing field
	}
	cust, err := record.Load[Customer](ctx, c, "customer", p.CustomerID)
	if errs.Is(err, errs.NotFound) {
		return errs.Of("customer_id", "field.unknown_ref").With("field", "customer_id").Because(err)
	}
	if err != nil {
		return err
	}
	p.OwnerID, p.UnitID = cust.OwnerID, cust.UnitID
	return nil
}

// settleContact asks for a correction when mail or telephone became doubtful.
func (r room) settleContact(ctx context.Context, c *record.Call) error {
	p := c.Record.(*Contact)
	before, _ := c.Before.(*Contact)
	if before == nil || !(p.MailDoubtful && !before.MailDoubtful || p.PhoneDoubtful && !before.PhoneDoubtful) {
		return nil
	}
	cust, err := record.Load[Customer](ctx, c, "customer", p.CustomerID)
	if err != nil {
		return err
	}
	return r.open(ctx, c, cust, duty{kind: "correction", note: p.DoubtNote})
}
