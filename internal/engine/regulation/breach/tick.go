package breach

import (
	"context"

	"dianke/internal/engine/record"
)

// Silence records of at most limit breaches that the person let the deadline pass, and tells him and who sent the notice.
// It returns how many there were.
func (o *Office) Silence(ctx context.Context, c *record.Call, limit int) (int, error) {
	list, err := record.Find[Breach](ctx, c, "breach", record.All(record.Where("status", Notified),
		record.Filter{Field: "reply_due_at", Op: "le", Value: c.Now}), limit)
	if err != nil {
		return 0, err
	}
	for _, b := range list {
		b.Status = Unanswered
		if err := c.Work.Save(ctx, c, "breach", "unanswered", b); err != nil {
			return 0, err
		}
		if err := o.tell(ctx, c, b, "breach.notice.unanswered", "info", b.NotifiedBy, b.PersonID); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// Expire ends at most limit measures whose time is over and tells the person; an appeal that runs is decided first. It
// returns how many there were.
func (o *Office) Expire(ctx context.Context, c *record.Call, limit int) (int, error) {
	list, err := record.Find[Measure](ctx, c, "measure", record.All(
		record.Filter{Field: "status", Op: "in", Value: []any{InEffect, Upheld, Changed}},
		record.Filter{Field: "expires_at", Op: "le", Value: c.Now}), limit)
	if err != nil {
		return 0, err
	}
	for _, m := range list {
		m.Status = Expired
		if err := c.Work.Save(ctx, c, "measure", "expired", m); err != nil {
			return 0, err
		}
		if err := o.tellOf(ctx, c, m, "measure.notice.expired", "info", m.PersonID); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}
