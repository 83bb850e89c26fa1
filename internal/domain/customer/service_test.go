package customer_test

import (
	"slices"
	"testing"
	"time"

	"dianke/internal/domain/customer"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
)

func TestEntryFillsWhatFollows(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.create(t, 0, "care_rule", map[string]any{"title": "全部", "contact_days": 30, "visit_days": 60, "verify_days": 180, "assess_months": 6})
		id := b.company(t, b.li, map[string]any{"intent": "ordinary"})
		c := b.customer(t, id)
		if c.OwnerID != b.li || c.UnitID != b.unit || c.CollectedBy != b.li || !c.CollectedAt.Equal(monday) || c.Stage != "lead" || !c.BasicComplete {
			t.Errorf("customer %+v", c)
		}
		if text(c.NextContact) != "2026-04-01" || text(c.NextVisit) != "2026-05-01" || text(c.NextVerification) != "2026-08-29" || text(c.NextAssessment) != "2026-09-02" {
			t.Errorf("next dates %s %s %s %s", text(c.NextContact), text(c.NextVisit), text(c.NextVerification), text(c.NextAssessment))
		}
		if src := list[customer.SourceEntry](t, b, "source_entry", id); len(src) != 1 || src[0].Channel != "visit" || src[0].EnteredBy != b.li {
			t.Errorf("sources %+v", src)
		}
		if h := list[customer.Classification](t, b, "classification", id); len(h) != 1 || h[0].NewIntent != "ordinary" || h[0].OldIntent != "" {
			t.Errorf("classes %+v", h)
		}
		if b.customer(t, b.company(t, b.li, map[string]any{"name": "无主", "owner_id": ""})).OwnerID != 0 {
			t.Error("an owner left empty on purpose was filled")
		}
	})
}

func TestEntryIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in  map[string]any
		key string
	}{
		"no source":                  {map[string]any{"source": ""}, "field.required"},
		"no legal basis":             {map[string]any{"legal_basis": ""}, "field.required"},
		"a bought list":              {map[string]any{"source": "purchased"}, "field.unknown_option"},
		"other source not described": {map[string]any{"source": "other"}, "customer.describe_source"},
		"credit code of a person":    {map[string]any{"kind": "person", "credit_code": "91330106MA2CEQ7U0T"}, "field.want_creditcode"},
		"identity card of a company": {map[string]any{"id_card": "11010519491231002X"}, "customer.card_of_organisation"},
		"collected tomorrow":         {map[string]any{"collected_at": "2026-03-03T10:00"}, "customer.future"},
		"a bad telephone":            {map[string]any{"phone": "12"}, "field.want_phone"},
		"a counter":                  {map[string]any{"needs_count": 3}, "field.read_only"},
	}
	d := newBench(t, sqlite(t))
	for name, tt := range tests {
		in := map[string]any{"name": "甲", "source": "visit", "legal_basis": "contract"}
		for k, v := range tt.in {
			in[k] = v
		}
		t.Run(name, func(t *testing.T) { d.refused(t, d.li, "customer", record.Create, 0, in, tt.key) })
	}
}

func TestNeedsAndTransactionsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.company(t, b.li, nil)
		need := b.create(t, b.li, "need", map[string]any{"customer_id": id.String(), "content": "春茶 200 斤"})
		pay := map[string]any{"customer_id": id.String(), "kind": "payment", "dated_on": "2026-02-01", "amount": "1000.00"}
		first := b.create(t, b.li, "transaction", pay)
		pay["kind"], pay["amount"], pay["dated_on"] = "refund", "200.50", "2026-02-20"
		b.create(t, b.li, "transaction", pay)
		pay["kind"], pay["amount"] = "order", "5000"
		b.create(t, b.li, "transaction", pay)
		c := b.customer(t, id)
		if c.NeedsCount != 1 || c.TransactionsCount != 3 || c.Turnover != 79950 || text(c.LastTransactionOn) != "2026-02-20" || text(c.LastNeedOn) != "2026-03-02" {
			t.Errorf("counters %d %d %d %s %s", c.NeedsCount, c.TransactionsCount, c.Turnover, text(c.LastTransactionOn), text(c.LastNeedOn))
		}
		b.do(t, b.li, "transaction", record.Update, first, map[string]any{"amount": "900"})
		b.do(t, b.li, "need", record.Archive, need, nil)
		if c := b.customer(t, id); c.NeedsCount != 0 || c.Turnover != 69950 {
			t.Errorf("after a change: needs %d, turnover %d", c.NeedsCount, c.Turnover)
		}
		if got := b.fact(t, "empty_sections", id).([]string); !slices.Equal(got, []string{"needs"}) {
			t.Errorf("empty sections %v", got)
		}
		if got := b.fact(t, "turnover_since", id, int64(15)); got != int64(-20050) {
			t.Errorf("turnover of 15 days %v", got)
		}
	})
}

func TestClassesAreDecidedAndRemembered(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.create(t, 0, "care_rule", map[string]any{"title": "优先", "intent": "priority", "contact_days": 7, "assess_months": 1})
		id := b.company(t, b.li, nil)
		b.refused(t, b.li, "customer", "classify", id, map[string]any{"reason": "r"}, "customer.no_class")
		b.refused(t, b.li, "customer", "classify", id, map[string]any{"intent": "priority"}, "field.required")
		b.refused(t, b.li, "customer", "classify", id, map[string]any{"intent": "priority", "reason": "r", "next_review": "2026-03-02"}, "customer.past")
		b.refused(t, b.li, "customer", record.Update, id, map[string]any{"intent": "priority"}, "field.read_only")
		b.do(t, b.li, "customer", "classify", id, map[string]any{"intent": "priority", "reason": "年框协议"})
		c := b.customer(t, id)
		if c.Intent != "priority" || text(c.NextContact) != "2026-03-09" || text(c.NextAssessment) != "2026-04-02" {
			t.Errorf("%s, next contact %s, next assessment %s", c.Intent, text(c.NextContact), text(c.NextAssessment))
		}
		b.do(t, b.li, "customer", "classify", id, map[string]any{"reason": "复核无变化", "next_review": "2026-12-31"})
		h := list[customer.Classification](t, b, "classification", id)
		if len(h) != 2 || h[0].NewIntent != "priority" || h[1].OldIntent != "priority" || h[1].DecidedBy != b.li || h[1].Reason != "复核无变化" {
			t.Errorf("history %+v", h)
		}
		if c := b.customer(t, id); text(c.NextAssessment) != "2026-12-31" {
			t.Errorf("review named by the person: %s", text(c.NextAssessment))
		}
	})
}

func TestStagesMoveWithReasons(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqlite(t))
	id := b.company(t, b.li, nil)
	b.refused(t, b.li, "customer", "dormant", id, map[string]any{"reason": "x"}, "record.wrong_state")
	b.do(t, b.li, "customer", "activate", id, nil)
	b.refused(t, b.li, "customer", "lose", id, nil, "field.required")
	b.do(t, b.li, "customer", "lose", id, map[string]any{"reason": "转投竞争对手"})
	if c := b.customer(t, id); c.Stage != "lost" || c.StageReason != "转投竞争对手" {
		t.Errorf("%s %s", c.Stage, c.StageReason)
	}
	b.do(t, b.li, "customer", "reactivate", id, map[string]any{"reason": "回流"})
	b.do(t, b.li, "customer", "appoint_key", id, map[string]any{"reason": "战略客户", "resource_plan": "专人 2 名", "plan_hours": 40})
	if c := b.customer(t, id); !c.KeyAccount || text(c.KeySince) != "2026-03-02" || c.ResourcePlan == "" {
		t.Errorf("key account %+v", c)
	}
	b.do(t, b.li, "customer", "dismiss_key", id, map[string]any{"reason": "规模下降"})
	b.refused(t, b.li, "customer", "dismiss_key", id, map[string]any{"reason": "x"}, "customer.no_key")
}

func TestPoolAndTransfer(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.create(t, 0, "pool_rule", map[string]any{"title": "公海", "quota": 1, "reclaim_days": 3})
		id := b.company(t, b.li, nil)
		person := b.create(t, b.li, "contact", map[string]any{"customer_id": id.String(), "name": "陈经理", "mobile": "13800138000"})
		b.refused(t, b.wang, "customer", "claim", id, nil, "customer.owned")
		b.refused(t, b.li, "customer", "transfer", id, map[string]any{"new_owner": b.gone.String(), "reason": "r", "handover": "h"}, "customer.owner_disabled")
		b.refused(t, b.li, "customer", "transfer", id, map[string]any{"new_owner": b.li.String(), "reason": "r", "handover": "h"}, "customer.same_owner")
		b.refused(t, b.li, "customer", "transfer", id, map[string]any{"new_owner": b.wang.String(), "reason": "r"}, "field.required")
		b.do(t, b.li, "customer", "transfer", id, map[string]any{"new_owner": b.wang.String(), "reason": "区域调整", "handover": "每月对账"})
		if c := b.customer(t, id); c.OwnerID != b.wang || c.LastOwner != b.li || c.TransferNote != "每月对账" {
			t.Errorf("after transfer %+v", c)
		}
		if p := list[customer.Contact](t, b, "contact", id); len(p) != 1 || p[0].ID != person || p[0].OwnerID != b.wang {
			t.Errorf("contact does not follow: %+v", p)
		}
		b.do(t, b.wang, "customer", "release", id, map[string]any{"reason": "精力不足"})
		b.refused(t, b.wang, "customer", "release", id, map[string]any{"reason": "again"}, "customer.in_pool")
		b.refused(t, b.wang, "customer", "claim", id, nil, "customer.pool_wait")
		b.refused(t, 0, "customer", "claim", id, nil, "customer.claim_person")
		b.do(t, b.li, "customer", "claim", id, nil)
		second := b.company(t, b.li, map[string]any{"name": "第二家", "owner_id": ""})
		b.refused(t, b.li, "customer", "claim", second, nil, "customer.pool_quota")
		if got := b.fact(t, "owned_count", b.li); got != int64(1) {
			t.Errorf("owned %v", got)
		}
	})
}

func TestDoubtOpensACorrectionAndACorrectionEndsIt(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.company(t, b.li, nil)
		b.refused(t, b.li, "customer", "flag", id, map[string]any{"what": "mail"}, "customer.nothing_to_doubt")
		b.do(t, b.li, "customer", "flag", id, map[string]any{"what": "phone", "note": "空号"})
		tasks := list[job](t, b, "task", id)
		if len(tasks) != 1 || tasks[0].Kind != "correction" || tasks[0].OwnerID != b.li || tasks[0].Note != "空号" {
			t.Fatalf("tasks %+v", tasks)
		}
		if got := b.fact(t, "is_doubtful", id); got != true {
			t.Errorf("doubtful %v", got)
		}
		b.do(t, b.li, "customer", record.Update, id, map[string]any{"phone": "0571-88888888"})
		if b.customer(t, id).PhoneDoubtful {
			t.Error("a new number is still doubtful")
		}
		b.do(t, b.li, "customer", "flag", id, map[string]any{"what": "phone"})
		if got := list[job](t, b, "task", id); len(got) != 1 {
			t.Errorf("%d open corrections", len(got))
		}
		b.do(t, b.li, "customer", "verify", id, map[string]any{"note": "电话核实", "clear_doubts": true})
		if c := b.customer(t, id); c.PhoneDoubtful || text(c.LastVerified) != "2026-03-02" || c.VerifiedBy != b.li {
			t.Errorf("after verification %+v", c)
		}
	})
}

func TestDisclosureNeedsConsentOrABasis(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.company(t, b.li, nil)
		ask := map[string]any{"customer_id": id.String(), "recipient": "顺丰速运", "purpose": "delivery", "shared": []any{"name", "address"}, "legal_basis": "consent"}
		b.refused(t, b.li, "disclosure", record.Create, 0, ask, "disclosure.no_consent.delivery")
		given := map[string]any{"customer_id": id.String(), "purpose": "delivery", "recipient": "顺丰速运", "evidence": "签字授权书"}
		b.refused(t, b.li, "consent", record.Create, 0, given, "consent.not_separate")
		given["separate"] = true
		consent := b.create(t, b.li, "consent", given)
		if got := b.fact(t, "has_disclosure_consent", id, "delivery", "顺丰速运"); got != true {
			t.Errorf("consent not seen: %v", got)
		}
		if got := b.fact(t, "has_consent", id, "delivery", ""); got != false {
			t.Error("consent for a third party permits own use")
		}
		d := b.create(t, b.li, "disclosure", ask)
		b.do(t, b.wang, "disclosure", "approve", d, nil)
		b.clock.Advance(time.Hour)
		b.refused(t, b.li, "consent", "withdraw", consent, map[string]any{"withdrawn_at": "2026-03-03T09:00"}, "customer.future")
		b.refused(t, b.li, "consent", "withdraw", consent, map[string]any{"withdrawn_at": "2026-03-01T09:00"}, "consent.withdrawn_before")
		b.do(t, b.li, "consent", "withdraw", consent, nil)
		b.refused(t, b.li, "disclosure", "carry_out", d, map[string]any{"how_sent": "接口"}, "disclosure.no_consent.delivery")

		ask["legal_basis"] = "legal_duty"
		b.refused(t, b.li, "disclosure", record.Create, 0, ask, "disclosure.no_basis_note")
		ask["basis_note"] = "税务协查函 2026-18"
		byLaw := b.create(t, b.li, "disclosure", ask)
		b.do(t, b.wang, "disclosure", "approve", byLaw, map[string]any{"decision": "同意"})
		b.do(t, b.li, "disclosure", "carry_out", byLaw, map[string]any{"how_sent": "密封件"})
	})
}

func TestConsentTermsCannotChange(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqlite(t))
	id, other := b.company(t, b.li, nil), b.company(t, b.li, map[string]any{"name": "乙"})
	person := b.create(t, b.li, "contact", map[string]any{"customer_id": other.String(), "name": "周工"})
	in := map[string]any{"customer_id": id.String(), "purpose": "marketing", "evidence": "网页勾选", "contact_id": person.String()}
	b.refused(t, b.li, "consent", record.Create, 0, in, "customer.other_contact")
	delete(in, "contact_id")
	in["expires_on"] = "2026-03-01"
	b.refused(t, b.li, "consent", record.Create, 0, in, "consent.expired_before")
	in["expires_on"] = "2026-12-31"
	c := b.create(t, b.li, "consent", in)
	b.refused(t, b.li, "consent", record.Update, c, map[string]any{"purpose": "service"}, "field.read_only")
}

func TestInternalUseStaysWithinConsent(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqlite(t))
	id := b.company(t, b.li, nil)
	ask := map[string]any{"for_unit": b.unit.String(), "purpose": "marketing", "wanted": []any{"contact"}, "customers": []any{id.String()}, "content": "春季推广"}
	req := b.create(t, b.li, "data_request", ask)
	b.refused(t, b.wang, "data_request", "grant", req, map[string]any{"valid_until": "2026-03-01"}, "customer.past")
	b.refused(t, b.wang, "data_request", "grant", req, map[string]any{"valid_until": "2026-03-31"}, "data_request.no_consent.marketing")
	b.create(t, b.li, "consent", map[string]any{"customer_id": id.String(), "purpose": "marketing", "evidence": "网页勾选"})
	b.do(t, b.wang, "data_request", "grant", req, map[string]any{"valid_until": "2026-03-31"})

	pref := b.create(t, b.li, "preference", map[string]any{"customer_id": id.String(), "topic": "茶", "content": "偏好明前", "source": "told"})
	b.do(t, b.li, "preference", "use", pref, map[string]any{"used_for": "报价"})
	b.do(t, b.li, "customer", record.Update, id, map[string]any{"no_profiling": true})
	b.refused(t, b.li, "preference", "use", pref, map[string]any{"used_for": "报价"}, "preference.no_profiling")
}

func TestIncidentIsContainedThenClosed(t *testing.T) {
	t.Parallel()
	b := newBench(t, sqlite(t))
	id := b.create(t, b.li, "data_incident", map[string]any{"subject": "误发名单", "content": "邮件误发给外部", "affected": 12})
	b.refused(t, b.li, "data_incident", "close", id, map[string]any{"notification": "none", "notify_reason": "x"}, "record.wrong_state")
	b.do(t, b.li, "data_incident", "contain", id, map[string]any{"containment": "已请对方删除"})
	b.refused(t, b.li, "data_incident", "close", id, map[string]any{"notification": "persons", "notify_reason": "可能造成危害"}, "field.required")
	b.do(t, b.li, "data_incident", "close", id, map[string]any{"notification": "persons", "notify_reason": "可能造成危害", "notified_at": "2026-03-02T09:00"})
}

func TestSimilarCustomersAreFound(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		tea := b.company(t, b.li, map[string]any{"mobile": "13800138000"})
		shop := b.company(t, b.li, map[string]any{"name": "城南百货", "phone": "0571-81112222", "short_name": "城南"})
		b.create(t, b.li, "contact", map[string]any{"customer_id": shop.String(), "name": "孙采购", "mail": "sun@shop.cn"})
		tests := []struct {
			name string
			cand customer.Customer
			want record.ID
			why  string
		}{
			{"name but for the legal form", customer.Customer{Name: "杭州西湖茶叶股份有限公司"}, tea, "name"},
			{"mobile as typed", customer.Customer{Name: "别的", Mobile: "138-0013-8000"}, tea, "mobile"},
			{"mobile entered as telephone", customer.Customer{Name: "别的", Phone: "13800138000"}, tea, "phone"},
			{"mail of a contact", customer.Customer{Name: "别的", Mail: "sun@shop.cn"}, shop, "mail"},
			{"short name", customer.Customer{Name: "城南"}, shop, "name"},
			{"part of a name", customer.Customer{Name: "西湖"}, 0, ""},
			{"nonsense", customer.Customer{Name: "别的", Mobile: "12", CreditCode: "X"}, 0, ""},
			{"itself", customer.Customer{Head: record.Head{ID: tea}, Mobile: "13800138000"}, 0, ""},
		}
		for _, tt := range tests {
			got, err := db.View(ctx, b.db, func(tx *db.Tx) ([]customer.Match, error) {
				return customer.Similar(ctx, tx, b.st, b.scope(0, "customer", record.Read), &tt.cand)
			})
			switch {
			case err != nil:
				t.Errorf("%s: %v", tt.name, err)
			case tt.want == 0 && len(got) > 0:
				t.Errorf("%s: found %s", tt.name, got[0].Customer.Name)
			case tt.want != 0 && (len(got) != 1 || got[0].Customer.ID != tt.want || got[0].Why != tt.why):
				t.Errorf("%s: %+v, want %s", tt.name, got, tt.why)
			}
		}
	})
}

func TestOneArchiveForAllChannels(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		enter := func(source string) (got *customer.Customer, fresh bool) {
			err := b.run.InTx(ctx, b.scope(0, "customer", record.Create), func(c *record.Call) (err error) {
				r := &customer.Customer{Name: "林女士", Kind: "person", Mobile: "+8613900139000", Source: source, LegalBasis: "consent"}
				got, fresh, err = customer.Enter(ctx, c, r)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return got, fresh
		}
		first, fresh := enter("web_form")
		if !fresh || first.OwnerID != 0 {
			t.Errorf("fresh %v, owner %v", fresh, first.OwnerID)
		}
		second, fresh := enter("phone")
		if fresh || second.ID != first.ID {
			t.Error("a second file was opened for the same telephone")
		}
		src := list[customer.SourceEntry](t, b, "source_entry", first.ID)
		if len(src) != 2 || src[0].Channel != "web_form" || src[1].Channel != "phone" {
			t.Errorf("sources %+v", src)
		}
	})
}
