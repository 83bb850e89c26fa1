package casework_test

import (
	"context"
	"strings"
	"testing"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

func form() casework.PublicForm {
	return casework.PublicForm{
		Kind: "complaint", Content: "空调装了三次还漏水\n请派人来", ContactName: "陈女士", ContactPhone: "13800138000", Consent: true,
	}
}

func TestIntakeNumbersTheCaseAndShowsItsWay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		ctx := context.Background()
		officer := b.person(t, "专责", "complaint_officer")
		f := form()
		f.UnitID = b.unit
		k, token, err := casework.Intake(ctx, b.runner, b.system("case", record.Create), f)
		if err != nil {
			t.Fatal(err)
		}
		if k.Number != "CS-2026-000001" || k.State != casework.Received || k.Subject != "空调装了三次还漏水" || k.UnitID != b.unit || k.Channel != "web_form" {
			t.Errorf("case: %+v", k)
		}
		status := func(token string) (*casework.PublicStatus, error) {
			return casework.Status(ctx, b.db, b.store, b.system("case", record.Read), b.system("case_reply", record.Read), token)
		}
		s, err := status(token)
		if err != nil || s.Number != k.Number || s.StateKey != "case.public.state.received" || len(s.Replies) != 0 || s.MayAnswer {
			t.Errorf("status: %+v, %v", s, err)
		}
		b.on(t, officer, k, "accept", nil)
		b.must(t, officer, "case_reply", record.Create, 0, map[string]any{"case_id": k.ID.String(), "subject": "稿", "body": "草稿"})
		b.on(t, officer, k, "reply", map[string]any{"body": "明日上门。", "channel": "mail"})
		if s, err = status(token); err != nil || len(s.Replies) != 1 || s.Replies[0].Body != "明日上门。" || !s.MayAnswer {
			t.Errorf("status after the reply: %+v, %v", s, err)
		}
		number, signature, _ := strings.Cut(token, ".")
		for _, bad := range []string{"", number, "CS-2026-000002." + signature, number + ".x" + signature[1:], strings.Repeat("9", 300)} {
			if _, err := status(bad); !errs.Is(err, errs.NotFound) {
				t.Errorf("token %.20q: %v", bad, err)
			}
		}
	})
}

func TestIntakeRefusesWhatCannotBeWorked(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	tests := map[string]struct {
		change func(*casework.PublicForm)
		field  string
	}{
		"nothing said":     {func(f *casework.PublicForm) { f.Content = " 好 " }, "content"},
		"no consent":       {func(f *casework.PublicForm) { f.Consent = false }, "consent"},
		"no way back":      {func(f *casework.PublicForm) { f.ContactPhone = "" }, "contact_phone"},
		"unknown kind":     {func(f *casework.PublicForm) { f.Kind = "problem" }, "kind"},
		"inner channel":    {func(f *casework.PublicForm) { f.Channel = "authority" }, "channel"},
		"too long":         {func(f *casework.PublicForm) { f.Content = strings.Repeat("长", 8001) }, "content"},
		"long name":        {func(f *casework.PublicForm) { f.ContactName = strings.Repeat("名", 81) }, "contact_name"},
		"not a phone":      {func(f *casework.PublicForm) { f.ContactPhone = "abc" }, "contact_phone"},
		"hidden character": {func(f *casework.PublicForm) { f.Subject, f.Content = "退费", "退费\u202e退费退费" }, "content"},
	}
	for name, tt := range tests {
		f := form()
		tt.change(&f)
		_, _, err := casework.Intake(context.Background(), b.runner, b.system("case", record.Create), f)
		if e := errs.As(err); e == nil || e.Kind != errs.Invalid || e.Field != tt.field {
			t.Errorf("%s: %v, want an error on %s", name, err, tt.field)
		}
	}
}

func TestIntakeFindsThePersonComplainedOf(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	ctx := context.Background()
	only := b.person(t, "赵六", "manager")
	b.person(t, "李雷", "manager")
	b.person(t, "李雷", "manager")
	left := b.person(t, "钱七", "manager")
	b.must(t, record.Actor{}, "user", "disable", left.UserID, nil)
	for name, want := range map[string]record.ID{"赵六": only.UserID, " 赵六 ": only.UserID, "李雷": 0, "钱七": 0, "没有此人": 0} {
		f := form()
		f.ComplainedName, f.UnitID = name, b.unit
		k, _, err := casework.Intake(ctx, b.runner, b.system("case", record.Create), f)
		if err != nil {
			t.Fatal(err)
		}
		if k.ComplainedUserID != want || k.ComplainedName != strings.TrimSpace(name) {
			t.Errorf("%q: person %v, name %q", name, k.ComplainedUserID, k.ComplainedName)
		}
		_, err = b.all.Read(ctx, only, "case", k.ID)
		if hidden := errs.Is(err, errs.NotFound); hidden != (want != 0) {
			t.Errorf("%q: hidden from him %v", name, hidden)
		}
	}
}

func TestAnonymousIntakeKeepsNoContact(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	f := form()
	f.Anonymous, f.CategoryKey = true, "service"
	b.make(t, "case_category", map[string]any{"key": "service", "title": "服务", "offered": true, "route_unit": b.unit.String()})
	k, _, err := casework.Intake(context.Background(), b.runner, b.system("case", record.Create), f)
	if err != nil {
		t.Fatal(err)
	}
	if k.ContactName != "" || k.ContactPhone != "" || k.CategoryID == 0 || k.UnitID != b.unit || !k.ClassifiedAt.IsZero() {
		t.Errorf("anonymous case: %+v", k)
	}
}

func TestFilesOfTheSenderAreOriginals(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		ctx := context.Background()
		officer, accused := b.person(t, "专责", "complaint_officer"), b.person(t, "赵六", "manager")
		f := form()
		f.ComplainedName, f.UnitID = "赵六", b.unit
		f.Files = []casework.PublicFile{
			{Name: "委托合同.pdf", Hash: strings.Repeat("a", 64), Size: 1200, ContentType: "application/pdf"},
			{Name: "通话录音.mp3", Hash: strings.Repeat("b", 64), Size: 90_000, ContentType: "audio/mpeg"},
		}
		k, _, err := casework.Intake(ctx, b.runner, b.system("case", record.Create), f)
		if err != nil {
			t.Fatal(err)
		}
		sheet, err := b.all.Read(ctx, officer, "case", k.ID)
		if err != nil || len(sheet.Files) != 2 {
			t.Fatalf("files of the case: %+v, %v", sheet, err)
		}
		list := fetch[casework.Material](t, b, "case_material", record.Where("case_id", k.ID))
		if len(list) != 2 {
			t.Fatalf("%d materials", len(list))
		}
		for i, m := range list {
			sheet, err := b.all.Read(ctx, officer, "case_material", m.ID)
			if err != nil || m.Form != "original" || m.Title != f.Files[i].Name || len(sheet.Files) != 1 || sheet.Files[0].ID != m.FileID || sheet.Files[0].Hash != f.Files[i].Hash {
				t.Errorf("material %d: %+v, %v", i, m, err)
			}
			if _, err := b.all.Read(ctx, accused, "case_material", m.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("the person complained of reads %s: %v", m.Title, err)
			}
		}
		f.Files = []casework.PublicFile{{Name: strings.Repeat("长", 300), Hash: strings.Repeat("c", 64), Size: 1, ContentType: "text/plain"}}
		if _, _, err := casework.Intake(ctx, b.runner, b.system("case", record.Create), f); err == nil {
			t.Error("a file without a fitting name was taken")
		}
		if all := fetch[casework.Case](t, b, "case", record.Filter{}); len(all) != 1 {
			t.Errorf("%d cases: what failed with its file left one behind", len(all))
		}
	})
}
