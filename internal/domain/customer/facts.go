package customer

import (
	"context"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/errs"
)

// Facts returns what conditions may ask about customers. An id that is empty or unknown gives the zero of the result.
func Facts() []rule.Fact {
	one := []rule.Kind{rule.ID}
	return []rule.Fact{
		{Name: "has_consent", Args: []rule.Kind{rule.ID, rule.Text, rule.Text}, Result: rule.Bool, Doc: "fact.has_consent", Call: hasConsent},
		{Name: "has_disclosure_consent", Args: []rule.Kind{rule.ID, rule.Text, rule.Text}, Result: rule.Bool, Doc: "fact.has_disclosure_consent", Call: hasDisclosureConsent},
		{Name: "customer_completeness", Args: one, Result: rule.Int, Doc: "fact.customer_completeness", Call: about(func(r *Customer, _ *record.Call) any { return r.Completeness })},
		{Name: "empty_sections", Args: one, Result: rule.Texts, Doc: "fact.empty_sections", Call: about(func(r *Customer, _ *record.Call) any { return r.EmptySections() })},
		{Name: "needs_count", Args: one, Result: rule.Int, Doc: "fact.needs_count", Call: about(func(r *Customer, _ *record.Call) any { return r.NeedsCount })},
		{Name: "transactions_count", Args: one, Result: rule.Int, Doc: "fact.transactions_count", Call: about(func(r *Customer, _ *record.Call) any { return r.TransactionsCount })},
		{Name: "days_since_contact", Args: one, Result: rule.Int, Doc: "fact.days_since_contact", Call: about(daysSinceContact)},
		{Name: "days_since_visit", Args: one, Result: rule.Int, Doc: "fact.days_since_visit", Call: about(daysSinceVisit)},
		{Name: "days_since_verified", Args: one, Result: rule.Int, Doc: "fact.days_since_verified", Call: about(daysSinceVerified)},
		{Name: "days_since_need", Args: one, Result: rule.Int, Doc: "fact.days_since_need", Call: about(daysSinceNeed)},
		{Name: "is_doubtful", Args: one, Result: rule.Bool, Doc: "fact.is_doubtful", Call: about(func(r *Customer, _ *record.Call) any { return r.MailDoubtful || r.PhoneDoubtful })},
		{Name: "turnover_since", Args: []rule.Kind{rule.ID, rule.Int}, Result: rule.Int, Doc: "fact.turnover_since", Call: turnoverSince},
		{Name: "owned_count", Args: one, Result: rule.Int, Doc: "fact.owned_count", Call: ownedCount},
		{Name: "owner_works_here", Args: one, Result: rule.Bool, Doc: "fact.owner_works_here", Call: ownerWorksHere},
		{Name: "contact_interval", Args: one, Result: rule.Int, Doc: "fact.contact_interval", Call: interval(func(p *CareRule) *int64 { return p.ContactDays })},
		{Name: "visit_interval", Args: one, Result: rule.Int, Doc: "fact.visit_interval", Call: interval(func(p *CareRule) *int64 { return p.VisitDays })},
		{Name: "verify_interval", Args: one, Result: rule.Int, Doc: "fact.verify_interval", Call: interval(func(p *CareRule) *int64 { return p.VerifyDays })},
		{Name: "need_interval", Args: one, Result: rule.Int, Doc: "fact.need_interval", Call: interval(func(p *CareRule) *int64 { return p.NeedDays })},
		{Name: "has_care_plan", Args: one, Result: rule.Bool, Doc: "fact.has_care_plan", Call: hasCarePlan},
		{Name: "same_number", Args: one, Result: rule.Int, Doc: "fact.same_number", Call: sameNumber},
		{Name: "works_here", Args: one, Result: rule.Bool, Doc: "fact.works_here", Call: worksHere},
		{Name: "works_in", Args: []rule.Kind{rule.ID, rule.Text}, Result: rule.Bool, Doc: "fact.works_in", Call: worksIn},
		{Name: "leads", Args: []rule.Kind{rule.ID, rule.ID}, Result: rule.Bool, Doc: "fact.leads", Call: leads},
		{Name: "preferences", Args: one, Result: rule.Int, Doc: "fact.preferences", Call: preferences},
		{Name: "account_profile", Args: one, Result: rule.Int, Doc: "fact.account_profile", Call: accountProfile},
		{Name: "open_rights_requests", Args: one, Result: rule.Int, Doc: "fact.open_rights_requests", Call: openRights},
	}
}

// load returns the customer, or nil for none.
func load(ctx context.Context, c *record.Call, args []any) (*Customer, error) {
	id, _ := args[0].(record.ID)
	if id == 0 {
		return nil, nil
	}
	r, err := record.Load[Customer](ctx, c, "customer", id)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	return r, err
}

// about makes a fact of a function of the customer; an unknown customer is an empty one.
func about(fn func(*Customer, *record.Call) any) func(context.Context, *record.Call, []any) (any, error) {
	return func(ctx context.Context, c *record.Call, args []any) (any, error) {
		r, err := load(ctx, c, args)
		if err != nil {
			return nil, err
		}
		if r == nil {
			r = &Customer{CollectedAt: c.Now}
		}
		return fn(r, c), nil
	}
}

func daysSinceContact(r *Customer, c *record.Call) any {
	if r.LastContactAt.IsZero() {
		return daysBetween(r.CollectedAt, c.Now)
	}
	return daysBetween(r.LastContactAt, c.Now)
}

func daysSinceVisit(r *Customer, c *record.Call) any {
	if r.LastVisitAt.IsZero() {
		return daysBetween(r.CollectedAt, c.Now)
	}
	return daysBetween(r.LastVisitAt, c.Now)
}

func daysSinceVerified(r *Customer, c *record.Call) any {
	if r.LastVerified == nil {
		return daysBetween(r.CollectedAt, c.Now)
	}
	return daysBetween(*r.LastVerified, c.Now)
}

func daysSinceNeed(r *Customer, c *record.Call) any {
	if r.LastNeedOn == nil {
		return daysBetween(r.CollectedAt, c.Now)
	}
	return daysBetween(*r.LastNeedOn, c.Now)
}

func hasConsent(ctx context.Context, c *record.Call, args []any) (any, error) {
	return permitted(ctx, c, args, Use{Purpose: args[1].(string), Channel: args[2].(string), At: c.Now})
}

func hasDisclosureConsent(ctx context.Context, c *record.Call, args []any) (any, error) {
	return permitted(ctx, c, args, Use{Purpose: args[1].(string), Recipient: args[2].(string), At: c.Now})
}

func permitted(ctx context.Context, c *record.Call, args []any, u Use) (any, error) {
	id, _ := args[0].(record.ID)
	if id == 0 {
		return false, nil
	}
	found, err := Permitted(ctx, c, id, u)
	return found != nil, err
}

func turnoverSince(ctx context.Context, c *record.Call, args []any) (any, error) {
	id, _ := args[0].(record.ID)
	days, _ := args[1].(int64)
	if id == 0 {
		return int64(0), nil
	}
	return turnoverFrom(ctx, c, id, day(c.Now).AddDate(0, 0, -int(min(max(days, 0), 36500))).AddDate(0, 0, 1))
}

func ownedCount(ctx context.Context, c *record.Call, args []any) (any, error) {
	id, _ := args[0].(record.ID)
	if id == 0 {
		return int64(0), nil
	}
	return heldBy(ctx, c, id)
}

// ownerWorksHere tells whether the customer has an owner whose account is active.
func ownerWorksHere(ctx context.Context, c *record.Call, args []any) (any, error) {
	r, err := load(ctx, c, args)
	if err != nil || r == nil || r.InPool() {
		return false, err
	}
	return worksHere(ctx, c, []any{r.OwnerID})
}

// plan returns the care rule that holds for the customer, or nil.
func plan(ctx context.Context, c *record.Call, args []any) (*CareRule, error) {
	r, err := load(ctx, c, args)
	if err != nil || r == nil {
		return nil, err
	}
	rules, err := record.Find[CareRule](ctx, c, "care_rule", record.Filter{}, page)
	if err != nil {
		return nil, err
	}
	return Plan(rules, r), nil
}

// interval makes a fact of an interval in days; 0 means none is set.
func interval(of func(*CareRule) *int64) func(context.Context, *record.Call, []any) (any, error) {
	return func(ctx context.Context, c *record.Call, args []any) (any, error) {
		p, err := plan(ctx, c, args)
		if err != nil {
			return nil, err
		}
		if p == nil || of(p) == nil {
			return int64(0), nil
		}
		return *of(p), nil
	}
}

func hasCarePlan(ctx context.Context, c *record.Call, args []any) (any, error) {
	p, err := plan(ctx, c, args)
	return p != nil && (p.ContactDays != nil || p.VisitDays != nil), err
}

func openRights(ctx context.Context, c *record.Call, args []any) (any, error) {
	var n int64
	err := each(ctx, c, "rights_request", record.All(record.Filter{Field: "customer_id", Op: field.Eq, Value: args[0]}, record.Where("status", "open")),
		func(*RightsRequest) bool {
			n++
			return true
		})
	return n, err
}

// sameNumber counts the other customers that have a number, address or code of this one: they may be the same.
func sameNumber(ctx context.Context, c *record.Call, args []any) (any, error) {
	r, err := load(ctx, c, args)
	if err != nil || r == nil {
		return int64(0), err
	}
	others := map[record.ID]bool{}
	for _, q := range []struct{ name, value string }{
		{"mobile", r.Mobile}, {"phone", r.Mobile}, {"mobile", r.Phone}, {"phone", r.Phone}, {"mail", r.Mail}, {"credit_code", r.CreditCode},
	} {
		if q.value == "" {
			continue
		}
		list, err := record.Find[Customer](ctx, c, "customer", record.Where(q.name, q.value), page)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			others[x.ID] = true
		}
	}
	delete(others, r.ID)
	return int64(len(others)), nil
}

// preferences counts what is known of a customer's likings.
func preferences(ctx context.Context, c *record.Call, args []any) (any, error) {
	var n int64
	err := each(ctx, c, "preference", record.Filter{Field: "customer_id", Op: field.Eq, Value: args[0]}, func(*Preference) bool {
		n++
		return true
	})
	return n, err
}

// accountProfile is how much of the profile of a key account is known, in per cent: its business, who decides there, what
// it needs, whom it compares us with and how it stands financially.
func accountProfile(ctx context.Context, c *record.Call, args []any) (any, error) {
	r, err := load(ctx, c, args)
	if err != nil || r == nil {
		return int64(0), err
	}
	deciders, err := record.Find[Contact](ctx, c, "contact", record.All(record.Where("customer_id", r.ID), record.Where("decision_role", "decider")), 1)
	if err != nil {
		return nil, err
	}
	known, parts := int64(0), []bool{r.Industry != "", len(deciders) > 0, r.NeedsCount > 0, r.Competitors != "", r.Finances != ""}
	for _, ok := range parts {
		if ok {
			known++
		}
	}
	return known * 100 / int64(len(parts)), nil
}
