package customer

import (
	"context"
	"fmt"
	"time"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// PoolRule says how many customers one person may hold by claiming, and when a customer nobody contacts returns to the
// pool (公海). The rule of the customer's unit holds before that of the whole company.
type PoolRule struct {
	record.Head
	Title       string    `rec:"text,required,max=80"`
	ForUnit     record.ID `rec:"unit"`                                    // none: the whole company
	Quota       *int64    `rec:"number,min=1,top=10000"`                  // customers a person; none: no limit
	SilentDays  *int64    `rec:"number,min=1,top=3650"`                   // without contact until return; none: never
	ReclaimDays *int64    `rec:"number,min=1,top=365"`                    // until the last owner may claim again
	KeepKey     bool      `rec:"bool,default=true"`                       // key accounts never return by themselves
	KeepStages  []string  `rec:"multienum,enum=lead|active|dormant|lost"` // stages that never return by themselves
}

// RuleFor returns the rule for a unit: its own, else that of the company, else nil.
func RuleFor(rules []*PoolRule, unit record.ID) *PoolRule {
	var company *PoolRule
	for _, r := range rules {
		switch {
		case r.ForUnit != 0 && r.ForUnit == unit:
			return r
		case r.ForUnit == 0 && company == nil:
			company = r
		}
	}
	return company
}

// MayClaim checks the quota of a person who holds that many customers, and the time the last owner has to wait.
// Errors: TooMany above the quota, Conflict within the waiting time. A nil rule permits.
func (r *PoolRule) MayClaim(held int64, cust *Customer, user record.ID, now time.Time) error {
	if r == nil {
		return nil
	}
	if r.Quota != nil && held >= *r.Quota {
		return errs.New(errs.TooMany, "customer.pool_quota").With("n", held).With("max", *r.Quota)
	}
	if r.ReclaimDays != nil && cust.LastOwner == user && !cust.PooledAt.IsZero() {
		if passed := daysBetween(cust.PooledAt, now); passed < *r.ReclaimDays {
			return errs.New(errs.Conflict, "customer.pool_wait").With("n", *r.ReclaimDays-passed)
		}
	}
	return nil
}

// Returns reports whether the customer falls back to the pool now: owned, not exempt, and silent for longer than the
// rule allows since the last contact, or since the owner got it where that is later.
func (r *PoolRule) Returns(cust *Customer, now time.Time) bool {
	if r == nil || r.SilentDays == nil || cust.InPool() || cust.Archived() || r.KeepKey && cust.KeyAccount || has(r.KeepStages, cust.Stage) {
		return false
	}
	from := cust.LastContactAt
	for _, t := range []time.Time{cust.OwnerSince, cust.CollectedAt} {
		if t.After(from) {
			from = t
		}
	}
	return daysBetween(from, now) > *r.SilentDays
}

// Why is the input of actions that ask for a reason.
type Why struct {
	Reason string `rec:"text,required,max=200"`
}

// Transfer is the input of handing a customer over to another person.
type Transfer struct {
	NewOwner record.ID `rec:"user,required"`
	NewUnit  record.ID `rec:"unit"`
	Reason   string    `rec:"text,required,max=200"`
	Handover string    `rec:"longtext,required,max=4000"` // what the new owner has to know
}

func (r room) poolActions() []*record.Action {
	return []*record.Action{
		record.Act("transfer", record.ActionSpec{Bulk: true, Icon: "user-share"}, transfer),
		record.Act("release", record.ActionSpec{Bulk: true, Icon: "ripple"}, release),
		record.Act("claim", record.ActionSpec{Bulk: true, Icon: "hand-grab"}, claim),
	}
}

func transfer(ctx context.Context, c *record.Call, r *Customer, in *Transfer) error {
	if in.NewOwner == r.OwnerID {
		return errs.Of("new_owner", "customer.same_owner")
	}
	u, err := record.Load[org.User](ctx, c, "user", in.NewOwner)
	if err != nil {
		return fmt.Errorf("load new owner: %w", err)
	}
	if u.Status != "active" || u.Archived() {
		return errs.Of("new_owner", "customer.owner_disabled")
	}
	r.give(in.NewOwner, c.Now)
	if in.NewUnit != 0 {
		r.UnitID = in.NewUnit
	}
	r.TransferCause, r.TransferNote = in.Reason, in.Handover
	return nil
}

func release(_ context.Context, c *record.Call, r *Customer, in *Why) error {
	if r.InPool() {
		return errs.New(errs.Conflict, "customer.in_pool")
	}
	r.drop(in.Reason, c.Now)
	return nil
}

func claim(ctx context.Context, c *record.Call, r *Customer, _ *record.None) error {
	user := c.Actor().UserID
	switch {
	case user == 0:
		return errs.New(errs.Forbidden, "customer.claim_person")
	case !r.InPool():
		return errs.New(errs.Conflict, "customer.owned")
	}
	rules, err := record.Find[PoolRule](ctx, c, "pool_rule", record.Filter{}, page)
	if err != nil {
		return err
	}
	held, err := heldBy(ctx, c, user)
	if err != nil {
		return err
	}
	if err := RuleFor(rules, r.UnitID).MayClaim(held, r, user, c.Now); err != nil {
		return err
	}
	r.give(user, c.Now)
	return nil
}

// heldBy counts the customers a person answers for; lost ones do not count.
func heldBy(ctx context.Context, c *record.Call, user record.ID) (int64, error) {
	var n int64
	err := each(ctx, c, "customer", record.All(record.Where("owner_id", user), in("stage", Lead, Active, Dormant)), func(*Customer) bool {
		n++
		return n < record.CountCap
	})
	return n, err
}

// give puts a person in charge.
func (r *Customer) give(user record.ID, now time.Time) {
	r.LastOwner, r.OwnerID, r.OwnerSince = r.OwnerID, user, now
	r.PooledAt, r.PoolReason = time.Time{}, ""
}

// drop puts the customer into the pool.
func (r *Customer) drop(reason string, now time.Time) {
	r.LastOwner, r.OwnerID, r.OwnerSince = r.OwnerID, 0, time.Time{}
	r.PooledAt, r.PoolReason = now, reason
}

func settings() []*record.Type {
	return []*record.Type{
		record.Declare[PoolRule](record.Spec{
			Name: "pool_rule", Plural: "pool_rules", Room: "customer", Prefix: "PR", Icon: "ripple", Title: "title", Open: true,
			List: []string{"title", "for_unit", "quota", "silent_days", "reclaim_days"},
		}),
		record.Declare[CareRule](record.Spec{
			Name: "care_rule", Plural: "care_rules", Room: "customer", Prefix: "CR", Icon: "calendar-heart", Title: "title", Open: true,
			List: []string{"title", "intent", "scale", "grade", "contact_days", "visit_days", "verify_days", "assess_months"},
		}),
		record.Declare[ScaleRule](record.Spec{
			Name: "scale_rule", Plural: "scale_rules", Room: "customer", Prefix: "SR", Icon: "scale", Title: "title", Open: true,
			List: []string{"title", "for_unit", "large_from", "medium_from"},
		}),
	}
}
