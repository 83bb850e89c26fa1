package confidential_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dianke/internal/domain/confidential"
	"dianke/internal/engine/access"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

func TestClassedDocumentsAreAbsentForOthers(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for secrecy, colleague := range map[string]bool{"open": true, "internal": true, "confidential": false, "secret": false} {
			id := b.do(t, "li", "document", record.Create, 0, map[string]any{"title": "报价", "kind": "quote", "secrecy": secrecy})
			for login, want := range map[string]bool{"li": true, "wang": colleague, "zhao": false} {
				if got := b.sees(t, login, id); got != want {
					t.Errorf("%s: %s sees it: %v", secrecy, login, got)
				}
			}
		}
		id := b.do(t, "li", "document", record.Create, 0, map[string]any{"title": "名单", "secrecy": "internal"})
		b.do(t, "li", "document", record.Update, id, map[string]any{"secrecy": "secret"})
		if b.sees(t, "wang", id) || !b.sees(t, "li", id) {
			t.Error("what becomes secret stays in sight")
		}
	})
}

func TestAuthorisationOpensADocumentUntilItsDay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		doc := b.do(t, "zhang", "document", record.Create, 0, map[string]any{"title": "利润表", "kind": "finance", "secrecy": "secret"})
		ask := func(day string) record.ID {
			return b.do(t, "li", "authorisation", record.Create, 0, map[string]any{"document_id": doc.String(), "person_id": b.ids["li"].String(), "purpose": "年度分析", "ends_on": day})
		}
		b.fails(t, "li", "authorisation", record.Create, 0, map[string]any{"document_id": doc.String(), "purpose": "年度分析", "ends_on": "2026-03-05"}, errs.Invalid, "")
		b.fails(t, "li", "authorisation", record.Create, 0, map[string]any{"document_id": doc.String(), "recipient": "甲", "purpose": "年度分析", "ends_on": "2026-03-01"}, errs.Invalid, "")
		one, two := ask("2026-03-03"), ask("2026-03-05")
		b.fails(t, "li", "authorisation", "approve", one, map[string]any{"decision": "自批"}, errs.Forbidden, "")
		b.do(t, "zhang", "authorisation", "approve", one, map[string]any{"decision": "同意"})
		b.do(t, "zhang", "authorisation", "approve", two, map[string]any{"decision": "同意"})
		if !b.sees(t, "li", doc) || b.fact(t, "authorised", b.ids["li"], doc) != true {
			t.Error("authorised, but hidden")
		}
		for _, step := range []struct {
			at   time.Time
			n    int
			sees bool
		}{{monday.AddDate(0, 0, 1), 0, true}, {monday.AddDate(0, 0, 2), 1, true}, {monday.AddDate(0, 0, 4), 1, false}, {monday.AddDate(0, 0, 5), 0, false}} {
			b.clock.Set(step.at)
			n, err := confidential.Expire(ctx, b.run, b.records.Guard.SystemScope("test", "job", "authorisation", record.Update))
			if err != nil || n != step.n || b.sees(t, "li", doc) != step.sees {
				t.Errorf("%s: %d ended, sees %v, %v", step.at, n, !step.sees, err)
			}
		}
	})
}

func TestSendingOutsideIsAuthorisedForOneRecipient(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		doc := b.do(t, "li", "document", record.Create, 0, map[string]any{"title": "方案", "secrecy": "secret"})
		id := b.do(t, "li", "authorisation", record.Create, 0, map[string]any{"document_id": doc.String(), "recipient": "远山商贸", "purpose": "投标", "ends_on": "2026-03-05"})
		if b.fact(t, "share_approved", doc, "远山商贸") != false {
			t.Error("approved before it was decided")
		}
		b.do(t, "zhang", "authorisation", "approve", id, map[string]any{"decision": "同意"})
		if b.fact(t, "share_approved", doc, "远山商贸") != true || b.fact(t, "share_approved", doc, "近水商贸") != false || b.fact(t, "share_approved", doc, "") != false {
			t.Error("the approval is for one recipient")
		}
	})
}

func TestPaperIsLentAndComesBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		doc := b.do(t, "li", "document", record.Create, 0, map[string]any{"title": "卷宗", "place": "三号柜"})
		b.fails(t, "wang", "document", "borrow", doc, map[string]any{"due_on": "2026-03-01"}, errs.Invalid, "")
		b.do(t, "wang", "document", "borrow", doc, map[string]any{"due_on": "2026-03-09"})
		b.fails(t, "li", "document", "borrow", doc, map[string]any{"due_on": "2026-03-09"}, errs.Conflict, "")
		b.fails(t, "li", "document", "withdraw", doc, map[string]any{"reason": "作废"}, errs.Conflict, "")
		b.do(t, "wang", "document", "give_back", doc, nil)
		b.do(t, "li", "document", "withdraw", doc, map[string]any{"reason": "作废"})
		b.fails(t, "li", "document", "share", doc, map[string]any{"recipient": "甲", "purpose": "参考"}, errs.Conflict, "")
	})
}

func TestDecisionsAreWeighedAgainstTheTable(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for post, amount := range map[string]string{"clerk": "100", "head": "500"} {
			b.make(t, "", "decision_right", map[string]any{"subject": "free_drinks", "post_id": b.ids["post "+post].String(), "amount": amount})
		}
		decide := func(amount string, more ...any) (record.ID, error) {
			in := map[string]any{"title": "赠酒", "subject": "free_drinks", "amount": amount}
			for i := 0; i+1 < len(more); i += 2 {
				in[more[i].(string)] = more[i+1]
			}
			return b.try(t, "li", "decision", record.Create, 0, in)
		}
		for amount, above := range map[string]string{"100": "false", "100.01": "true"} {
			id, err := decide(amount)
			if err != nil {
				t.Fatal(err)
			}
			sheet, err := b.records.Read(ctx, b.actor(t, "li"), "decision", id)
			if err != nil {
				t.Fatal(err)
			}
			if c, _ := sheet.Cell("above"); c.Text != above {
				t.Errorf("%s yuan is above: %s", amount, c.Text)
			}
			b.fails(t, "li", "decision", "approve", id, map[string]any{"reason": "自批"}, errs.Forbidden, "")
			b.do(t, "zhang", "decision", "approve", id, map[string]any{"reason": "同意"})
		}
		big, err := decide("800")
		if err != nil {
			t.Fatal(err)
		}
		b.fails(t, "zhang", "decision", "approve", big, map[string]any{"reason": "同意"}, errs.Conflict, "decision.above_yours")
		if _, err := decide("300", "emergency", true); !errs.Is(err, errs.Invalid) {
			t.Errorf("emergency without reason: %v", err)
		}
		id, err := decide("300", "emergency", true, "reason", "客人受伤")
		if err != nil {
			t.Fatal(err)
		}
		b.do(t, "li", "decision", "apply", id, nil)
		b.do(t, "zhang", "decision", "review", id, map[string]any{"review": "处置得当"})
		if got := b.fact(t, "right_of", b.ids["li"], "free_drinks"); got != int64(10000) {
			t.Errorf("right of the clerk: %v", got)
		}
	})
}

func TestPowersAreDelegatedForTheirDays(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		in := map[string]any{"powers": "审批", "post_id": b.ids["post head"].String(), "person_id": b.ids["li"].String(), "starts_on": "2026-03-04", "ends_on": "2026-03-05"}
		b.do(t, "zhang", "delegation", record.Create, 0, in)
		in["ends_on"] = "2026-03-03"
		b.fails(t, "zhang", "delegation", record.Create, 0, in, errs.Invalid, "")
		for day, want := range []bool{false, false, true, true, false} {
			b.clock.Set(monday.AddDate(0, 0, day))
			if got := b.fact(t, "acts_for", b.ids["li"], "head"); got != want {
				t.Errorf("day %d: %v", day, got)
			}
		}
		if b.fact(t, "acts_for", b.ids["zhang"], "head") != true || b.fact(t, "acts_for", b.ids["zhang"], "none") != false {
			t.Error("who holds the post acts for it")
		}
	})
}

func TestUndertakingHoldsAYear(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		id := b.do(t, "zhang", "undertaking", record.Create, 0, map[string]any{"title": "保密承诺", "person_id": b.ids["li"].String(), "terms": "保守秘密；不妨碍依法举报。"})
		b.fails(t, "zhang", "undertaking", "sign", id, nil, errs.NotFound, "")
		valid := func() any { return b.fact(t, "undertaking_valid", b.ids["li"]) }
		if valid() != false {
			t.Error("valid before it was signed")
		}
		b.do(t, "li", "undertaking", "sign", id, nil)
		for _, step := range []struct {
			at   time.Time
			want bool
		}{{monday, true}, {time.Date(2027, 3, 1, 2, 0, 0, 0, time.UTC), true}, {time.Date(2027, 3, 2, 2, 0, 0, 0, time.UTC), false}} {
			b.clock.Set(step.at)
			if valid() != step.want {
				t.Errorf("%s: %v", step.at, valid())
			}
		}
		b.do(t, "li", "undertaking", "sign", id, nil)
		if valid() != true {
			t.Error("signing again renews it")
		}
	})
}

func TestStaffFacts(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		check := func(want any, name string, args ...any) {
			t.Helper()
			got := b.fact(t, name, args...)
			if s, ok := want.([]string); ok && slices.Equal(s, got.([]string)) || !ok && got == want {
				return
			}
			t.Errorf("%s%v = %v, want %v", name, args, got, want)
		}
		check(int64(3), "holders", "clerk")
		check(int64(0), "holders", "nobody")
		check(int64(2), "unit_holders", "team", "clerk")
		check(int64(0), "unit_holders", "team", "head")
		check(int64(2), "members", b.ids["team"])
		check([]string{"team"}, "teams_of", b.ids["li"])
		check([]string{}, "teams_of", b.ids["zhao"])
		if _, err := b.system("user", "disable", b.ids["wang"], nil); err != nil {
			t.Fatal(err)
		}
		check(int64(1), "members", b.ids["team"])
	})
}

func TestNamesIdentity(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for text, want := range map[string]bool{
			"": false, "电话13800138000": false, "证号11010519491231002X，请查收": true, "证号110105194912310021": false,
			"卡号6222021234567890": false, "卡号4111111111111111": true, "编号123456789012345678901234": false,
		} {
			if got := b.fact(t, "names_identity", text); got != want {
				t.Errorf("%q: %v", text, got)
			}
		}
	})
}

func TestViewsAreCountedByTheHour(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var list []record.ID
		for i := range 4 {
			list = append(list, b.make(t, "", "customer", map[string]any{"name": fmt.Sprint("客户", i)}))
		}
		read := func(id record.ID) {
			if _, err := b.records.Read(ctx, b.actor(t, "li"), "customer", id); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []record.ID{list[0], list[1], list[1]} {
			read(id)
		}
		b.clock.Advance(50 * time.Minute)
		read(list[2])
		b.clock.Advance(20 * time.Minute)
		read(list[3])
		for name, want := range map[string]int64{"views_in_hour": 2, "views_peak": 3} {
			if got := b.fact(t, name, b.ids["li"], "customer"); got != want {
				t.Errorf("%s = %v, want %d", name, got, want)
			}
		}
		if got := b.fact(t, "views_in_hour", b.ids["wang"], "customer"); got != int64(0) {
			t.Errorf("another person: %v", got)
		}
	})
}

func TestExportNeedsGrantPurposeAndAboveALimitApproval(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for i := range 5 {
			b.make(t, "", "customer", map[string]any{"name": fmt.Sprintf("=客户%d", i), "phone": "13800138000"})
		}
		export := func(login, purpose string, q record.Query) (string, error) {
			var file bytes.Buffer
			err := b.records.Export(ctx, b.actor(t, login), access.Extraction{Type: "customer", Purpose: purpose, Query: q}, &file)
			if err != nil && file.Len() > 0 {
				t.Errorf("%s: a file in spite of %v", login, err)
			}
			return file.String(), err
		}
		if _, err := export("li", "年度回访", record.Query{}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("without the grant: %v", err)
		}
		if got := b.fact(t, "denials_in_day", b.ids["li"]); got != int64(1) {
			t.Errorf("denials: %v", got)
		}
		for _, purpose := range []string{"", "  看 ", "看看看", strings.Repeat("长", 201)} {
			if _, err := export("zhang", purpose, record.Query{}); !errs.Is(err, errs.Invalid) {
				t.Errorf("purpose %q: %v", purpose, err)
			}
		}
		if _, err := export("zhang", "年度回访", record.Query{}); errs.KeyOf(err) != "export.needs_approval" {
			t.Errorf("five rows of three: %v", err)
		}
		if _, err := export("zhang", "年度回访", record.Query{Sort: "nothing"}); errs.KeyOf(err) != "list.unknown_sort" {
			t.Errorf("unknown sort: %v", err)
		}
		file, err := export("zhang", "年度回访", record.Query{Filter: record.Where("name", "=客户1")})
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(file), "\r\n")
		if !strings.HasPrefix(file, "\xef\xbb\xbfzhang · ") || len(lines) != 4 || !strings.HasSuffix(lines[3], "年度回访 · 1") ||
			!strings.Contains(lines[2], ",'=客户1,") || strings.Contains(file, "13800138000") {
			t.Errorf("file:\n%s", file)
		}
		id := b.do(t, "zhang", "export_approval", record.Create, 0, map[string]any{"subject": "customer", "purpose": "年度回访", "rows": 10, "ends_on": "2026-03-03", "person_id": b.ids["zhang"].String()})
		b.fails(t, "zhang", "export_approval", "approve", id, map[string]any{"decision": "自批"}, errs.Conflict, "permit.own")
		if _, err := b.system("export_approval", "approve", id, map[string]any{"decision": "同意"}); err != nil {
			t.Fatal(err)
		}
		if file, err = export("zhang", "年度回访", record.Query{}); err != nil || strings.Count(file, "\r\n") != 8 {
			t.Errorf("approved: %v\n%s", err, file)
		}
		logged, err := db.View(ctx, b.db, func(tx *db.Tx) ([]audit.Entry, error) {
			return audit.List(ctx, tx, audit.Find{Verb: "customer.export"})
		})
		if err != nil || len(logged) != 2 || logged[0].Detail["approval_id"] != id.String() || logged[0].Detail["purpose"] != "年度回访" {
			t.Errorf("audit: %v %v", logged, err)
		}
		b.clock.Advance(48 * time.Hour)
		if _, err := export("zhang", "年度回访", record.Query{}); errs.KeyOf(err) != "export.needs_approval" {
			t.Errorf("after its day: %v", err)
		}
	})
}
