package customer_test

import (
	"slices"
	"testing"
	"time"

	"dianke/internal/domain/customer"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t.Add(-8 * time.Hour) // written in Chinese time
}

func ptr[T any](v T) *T { return &v }

func TestConsentCoversUse(t *testing.T) {
	t.Parallel()
	noon := at("2026-03-02 12:00")
	base := customer.Consent{Purpose: "marketing", Channels: []string{"sms"}, GivenAt: at("2026-01-01 09:00")}
	use := customer.Use{Purpose: "marketing", Channel: "sms", At: noon}
	tests := map[string]struct {
		change func(c *customer.Consent, u *customer.Use)
		want   bool
	}{
		"as agreed":                      {func(*customer.Consent, *customer.Use) {}, true},
		"other purpose":                  {func(_ *customer.Consent, u *customer.Use) { u.Purpose = "survey" }, false},
		"other channel":                  {func(_ *customer.Consent, u *customer.Use) { u.Channel = "mail" }, false},
		"any channel agreed":             {func(c *customer.Consent, u *customer.Use) { c.Channels, u.Channel = nil, "mail" }, true},
		"no message":                     {func(_ *customer.Consent, u *customer.Use) { u.Channel = "" }, true},
		"before it was given":            {func(_ *customer.Consent, u *customer.Use) { u.At = at("2025-12-31 23:00") }, false},
		"withdrawn before":               {func(c *customer.Consent, _ *customer.Use) { c.WithdrawnAt = noon.Add(-time.Minute) }, false},
		"withdrawn at that time":         {func(c *customer.Consent, _ *customer.Use) { c.WithdrawnAt = noon }, false},
		"withdrawn afterwards":           {func(c *customer.Consent, _ *customer.Use) { c.WithdrawnAt = noon.Add(time.Minute) }, true},
		"on its last day":                {func(c *customer.Consent, _ *customer.Use) { c.ExpiresOn = ptr(at("2026-03-02 08:00")) }, true},
		"after its last day":             {func(c *customer.Consent, _ *customer.Use) { c.ExpiresOn = ptr(at("2026-03-01 08:00")) }, false},
		"to a third party":               {func(_ *customer.Consent, u *customer.Use) { u.Recipient = "顺丰" }, false},
		"to the third party":             {func(c *customer.Consent, u *customer.Use) { c.Recipient, u.Recipient = "SF 速运", "sf速运" }, true},
		"for a third party, not oneself": {func(c *customer.Consent, _ *customer.Use) { c.Recipient = "顺丰" }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, u := base, use
			tt.change(&c, &u)
			if got := c.Covers(u); got != tt.want {
				t.Errorf("Covers(%+v) = %v", u, got)
			}
		})
	}
}

func TestPlanTakesTheClosestRule(t *testing.T) {
	t.Parallel()
	rules := []*customer.CareRule{
		{Title: "all"}, {Title: "large", Scale: "large"}, {Title: "grade a", Grade: "a"}, {Title: "grade a again", Grade: "a"},
		{Title: "key", KeyOnly: true}, {Title: "unit 7", ForUnit: 7},
	}
	tests := []struct {
		name string
		c    customer.Customer
		want string
	}{
		{"plain", customer.Customer{}, "all"},
		{"large", customer.Customer{Scale: "large"}, "large"},
		{"grade before scale, the oldest of equals", customer.Customer{Scale: "large", Grade: "a"}, "grade a"},
		{"key before grade", customer.Customer{Grade: "a", KeyAccount: true}, "key"},
		{"unit before all", customer.Customer{Head: record.Head{UnitID: 7}, KeyAccount: true}, "unit 7"},
	}
	for _, tt := range tests {
		if got := customer.Plan(rules, &tt.c); got == nil || got.Title != tt.want {
			t.Errorf("%s: %+v, want %s", tt.name, got, tt.want)
		}
	}
	if got := customer.Plan(rules[1:2], &customer.Customer{Scale: "small"}); got != nil {
		t.Errorf("rule for large customers holds for a small one: %+v", got)
	}
}

func TestPoolQuotaAndWaitingTime(t *testing.T) {
	t.Parallel()
	now := at("2026-03-10 09:00")
	rule := &customer.PoolRule{Quota: ptr(int64(2)), ReclaimDays: ptr(int64(7))}
	mine := &customer.Customer{LastOwner: 5, PooledAt: at("2026-03-04 23:00")}
	tests := []struct {
		name string
		rule *customer.PoolRule
		held int64
		cust *customer.Customer
		user record.ID
		want string
	}{
		{"below the quota", rule, 1, &customer.Customer{}, 5, ""},
		{"at the quota", rule, 2, &customer.Customer{}, 5, "customer.pool_quota"},
		{"no rule", nil, 999, mine, 5, ""},
		{"gave it up six days ago", rule, 0, mine, 5, "customer.pool_wait"},
		{"another person", rule, 0, mine, 6, ""},
		{"gave it up seven days ago", rule, 0, &customer.Customer{LastOwner: 5, PooledAt: at("2026-03-03 10:00")}, 5, ""},
	}
	for _, tt := range tests {
		if got := errs.KeyOf(tt.rule.MayClaim(tt.held, tt.cust, tt.user, now)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSilentCustomersReturn(t *testing.T) {
	t.Parallel()
	now := at("2026-04-01 02:00")
	rule := &customer.PoolRule{SilentDays: ptr(int64(30)), KeepKey: true, KeepStages: []string{"dormant"}}
	owned := customer.Customer{Head: record.Head{OwnerID: 5}, Stage: "active", CollectedAt: at("2025-01-01 09:00"), LastContactAt: at("2026-03-01 09:00")}
	tests := map[string]struct {
		change func(c *customer.Customer)
		want   bool
	}{
		"31 days silent":      {func(*customer.Customer) {}, true},
		"30 days silent":      {func(c *customer.Customer) { c.LastContactAt = at("2026-03-02 00:10") }, false},
		"never contacted":     {func(c *customer.Customer) { c.LastContactAt = time.Time{} }, true},
		"owner has it lately": {func(c *customer.Customer) { c.OwnerSince = at("2026-03-20 09:00") }, false},
		"key account":         {func(c *customer.Customer) { c.KeyAccount = true }, false},
		"stage that stays":    {func(c *customer.Customer) { c.Stage = "dormant" }, false},
		"in the pool already": {func(c *customer.Customer) { c.OwnerID = 0 }, false},
		"archived":            {func(c *customer.Customer) { c.ArchivedAt = now }, false},
	}
	for name, tt := range tests {
		c := owned
		tt.change(&c)
		if got := rule.Returns(&c, now); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (&customer.PoolRule{}).Returns(&owned, now) {
		t.Error("a rule without days returns customers")
	}
}

func TestRuleOfTheUnitHoldsFirst(t *testing.T) {
	t.Parallel()
	rules := []*customer.PoolRule{{Title: "company"}, {Title: "seven", ForUnit: 7}}
	for unit, want := range map[record.ID]string{7: "seven", 8: "company", 0: "company"} {
		if got := customer.RuleFor(rules, unit); got.Title != want {
			t.Errorf("unit %d: %s, want %s", unit, got.Title, want)
		}
	}
	if customer.RuleFor(rules[1:], 8) != nil {
		t.Error("a rule of another unit holds")
	}
}

func TestScaleByTurnover(t *testing.T) {
	t.Parallel()
	rule := &customer.ScaleRule{LargeFrom: ptr(int64(100_000_000)), MediumFrom: ptr(int64(10_000_000))}
	for sum, want := range map[int64]string{100_000_000: "large", 99_999_999: "medium", 10_000_000: "medium", 0: "small", -5: "small"} {
		if got := rule.ProposeScale(sum); got != want {
			t.Errorf("%d fen: %s, want %s", sum, got, want)
		}
	}
	var none *customer.ScaleRule
	if got := none.ProposeScale(1); got != "" {
		t.Errorf("without a rule: %q", got)
	}
}

func TestEmptySections(t *testing.T) {
	t.Parallel()
	full := customer.Customer{Name: "甲", Kind: "organisation", Mail: "a@b.cn", Address: "某地", NeedsCount: 1, TransactionsCount: 1}
	tests := map[string]struct {
		change func(c *customer.Customer)
		want   []string
	}{
		"full":                          {func(*customer.Customer) {}, nil},
		"no way to reach it":            {func(c *customer.Customer) { c.Mail = "" }, []string{"basic"}},
		"organisation without identity": {func(c *customer.Customer) { c.Address = "" }, []string{"basic"}},
		"person needs no address":       {func(c *customer.Customer) { c.Kind, c.Address = "person", "" }, nil},
		"no needs":                      {func(c *customer.Customer) { c.NeedsCount = 0 }, []string{"needs"}},
		"nothing":                       {func(c *customer.Customer) { *c = customer.Customer{} }, []string{"basic", "needs", "transactions"}},
	}
	for name, tt := range tests {
		c := full
		tt.change(&c)
		if got := c.EmptySections(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestGaps(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind         string
		filled       []string
		needs, deals int64
		want         []customer.Gap
	}{
		"complete": {customer.Person, []string{"name", "kind", "phone", "mail", "address", "source"}, 1, 1, nil},
		"person":   {customer.Person, []string{"name", "kind", "mobile", "source"}, 0, 2, []customer.Gap{{Section: "basic", Field: "mail"}, {Section: "basic", Field: "address"}, {Section: "needs"}}},
		"organisation": {customer.Organisation, []string{"name", "kind", "mobile", "mail", "address", "source", "industry"}, 1, 0,
			[]customer.Gap{{Section: "basic", Field: "credit_code"}, {Section: "transactions"}}},
	}
	for name, tt := range tests {
		got := customer.Gaps(tt.kind, func(f string) bool { return slices.Contains(tt.filled, f) }, tt.needs, tt.deals)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
