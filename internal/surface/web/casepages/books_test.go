package casepages_test

import (
	"net/http"
	"strings"
	"testing"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
)

func TestTheRegisterOfAYear(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	for i := range 110 {
		in := map[string]any{"kind": "inquiry", "subject": "咨询", "content": "请问"}
		if i == 109 {
			in["subject"] = "最后一件"
		}
		h.do(t, specialist, "case", record.Create, 0, in)
	}
	withdrawn := h.complaint(t, map[string]any{"subject": "撤回的事"})
	h.do(t, officer, "case", "withdraw", withdrawn, map[string]any{"reason": "客户撤回"})
	b := h.signIn(t, officer)
	p := b.Get("/register?year=2026").Want(http.StatusOK)
	if strings.Contains(p.Body, "⟦") {
		t.Errorf("words are missing: %s", p.Text())
	}
	rows := p.All("#register tbody tr")
	if len(rows) != 100 || p.Has("[role=alert]") || !strings.Contains(p.TextOf("main"), "没有缺号") {
		t.Errorf("%d lines: %.300s", len(rows), p.TextOf("main"))
	}
	next := b.Get(p.Attr("[rel=next]", "href")).Want(http.StatusOK)
	if !strings.Contains(next.TextOf("#register"), "最后一件") || !strings.Contains(next.TextOf("#register"), "撤回的事") || next.Has("[rel=next]") {
		t.Errorf("second page: %.300s", next.TextOf("main"))
	}
	if first := next.Texts("#register tbody .dk-primary")[0]; first != "CS-2026-000101" {
		t.Errorf("the second page begins with %s", first)
	}
	paper := b.Get("/register?year=2026&print=1").Want(http.StatusOK)
	if n := len(paper.All("#register tbody tr")); n < 111 || !paper.Has("[data-print]") || !paper.Has(".dk-letterhead") || paper.Has("[rel=next]") {
		t.Errorf("on paper: %d lines", n)
	}
	if p := b.Get("/register?year=2024").Want(http.StatusOK); p.Has("#register tbody tr") {
		t.Errorf("a year without cases: %s", p.TextOf("main"))
	}
	for path, want := range map[string]int{"/register?year=x": 404, "/register?year=99999": 404, "/register?year=2026&after=x": 422, "/register/abc/dossier": 404} {
		b.Get(path).Want(want)
	}
	if err := db.Do(ctx, h.app.DB, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE cases SET number = 'CS-2026-000900' WHERE id = ?", withdrawn)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if p := b.Get("/register?year=2026").Want(http.StatusOK); !p.Has("[role=alert]") || !strings.Contains(p.TextOf("[role=alert]"), "CS-2026-0001") {
		t.Error("missing numbers are not told")
	}
	en := h.signIn(t, officer)
	en.Lang = "en"
	en.Post("/me/language", map[string][]string{"lang": {"en"}, "return": {"/"}})
	if p := en.Get("/register").Want(http.StatusOK); !strings.Contains(p.TextOf("h1"), "Register of 2026") || strings.Contains(p.Body, "⟦") {
		t.Errorf("in English: %s", p.TextOf("main"))
	}
}

func TestTheDossierOfAYear(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	cat := h.set(t, "case_category", map[string]any{"key": "leak", "title": "渗漏"})
	filed := h.filedCase(t, cat)
	reply := h.set(t, "case_reply", map[string]any{"case_id": h.complaint(t, nil).String(), "subject": "别案", "body": "别案"})
	open := h.complaint(t, map[string]any{"subject": "已结未归"})
	h.in(t, func(c *record.Call) error {
		k, err := record.Load[casework.Case](ctx, c, "case", open)
		if err != nil {
			return err
		}
		k.State, k.AcceptedAt, k.ClosedAt, k.VolumeYear = casework.Closed, c.Now, c.Now, 2026
		return c.Work.Save(ctx, c, "case", record.Update, k)
	})
	b := h.signIn(t, officer)
	p := b.Get("/register/2026/dossier").Want(http.StatusOK)
	for part, want := range map[string]string{
		"#contents": "水管接口渗水", "[data-testid=dossier-case]": "现场照片", "[data-testid=missing]": h.load(t, open).Number, "#cover": "2026",
	} {
		if !strings.Contains(p.TextOf(part), want) {
			t.Errorf("%s: no %s in %s", part, want, p.TextOf(part))
		}
	}
	if strings.Contains(p.Body, "⟦") || strings.Contains(p.TextOf("#contents"), "已结未归") {
		t.Errorf("contents: %s", p.TextOf("main"))
	}
	lend := p.Attr(".dk-loan a", "href")
	if !strings.Contains(lend, "/do/hand_out") {
		t.Errorf("the original cannot be lent: %s", lend)
	}
	b.Get(lend).Want(http.StatusOK)
	file := "/cases/" + open.String() + "/do/file"
	if !strings.Contains(p.Body, `href="`+file+`?`) {
		t.Error("no way to file what is missing")
	}
	b.Get(file).Want(http.StatusOK)
	b.Post(file, map[string][]string{"shelf": {"C-1"}, "return": {"/register/2026/dossier"}}).Want(http.StatusSeeOther)
	if p = b.Get("/register/2026/dossier?print=1"); !strings.Contains(p.TextOf("#contents"), "已结未归") || !p.Has("[data-print]") || !strings.Contains(p.Body, "C-1") {
		t.Errorf("after filing: %s", p.TextOf("main"))
	}
	b.Get("/cases/" + filed.String() + "/replies/" + reply.String() + "/print").Want(http.StatusNotFound) // of another case
	h.signIn(t, specialist).Get("/register/2026/dossier").Want(http.StatusForbidden)
	if p := b.Get("/register/2031/dossier").Want(http.StatusOK); !strings.Contains(p.TextOf("#cover"), "尚未立卷") {
		t.Errorf("a volume to come: %s", p.TextOf("#cover"))
	}
	if err := h.app.Night(ctx); err != nil {
		t.Fatal(err)
	}
	if err := h.app.Night(ctx); err != nil {
		t.Errorf("the second night: %v", err)
	}
}

func TestAPrintedReply(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	article := h.set(t, "knowledge_article", map[string]any{"title": "漏水", "body": "关阀。", "basis": "《消费者权益保护法》第四十八条"})
	id := h.complaint(t, nil)
	h.do(t, officer, "case", "accept", id, nil)
	h.in(t, func(c *record.Call) error {
		k, err := record.Load[casework.Case](ctx, c, "case", id)
		if err != nil {
			return err
		}
		k.Finding, k.Conclusion, k.Measure, k.Remedy, k.DecidedAt = "垫圈为旧件。", "upheld", "更换热水器。", []string{"apology", "replacement"}, c.Now
		k.Articles = []record.ID{article}
		return c.Work.Save(ctx, c, "case", "decide", k)
	})
	draft := h.do(t, officer, "case_reply", record.Create, 0, map[string]any{"case_id": id.String(), "subject": "关于漏水的答复", "body": "第一段。\n\n第二段<b>。"})
	b := h.signIn(t, officer)
	path := "/cases/" + id.String() + "/replies/" + draft.String() + "/print"
	p := b.Get(path).Want(http.StatusOK)
	if !strings.Contains(p.TextOf("[data-testid=letter]"), "草稿") {
		t.Error("a draft does not say that it is one")
	}
	h.do(t, officer, "case_reply", "send", draft, map[string]any{"proof": "EMS 1"})
	p = b.Get(path).Want(http.StatusOK)
	letter := p.TextOf("[data-testid=letter]")
	for _, want := range []string{
		"关于漏水的答复", h.load(t, id).Number, "尊敬的陈女士", "第一段。", "第二段<b>。", "垫圈为旧件。", "认定：成立", "更换热水器。", "道歉、更换",
		"《消费者权益保护法》第四十八条", "2026年3月2日", "签署人",
	} {
		if !strings.Contains(letter, want) {
			t.Errorf("the letter lacks %q: %s", want, letter)
		}
	}
	if strings.Contains(letter, "草稿") || strings.Contains(p.Body, "⟦") || !p.Has("[data-print]") || len(p.All(".dk-letter-p")) < 5 {
		t.Errorf("letter: %s", letter)
	}
	if !strings.Contains(b.Get("/desk/"+id.String()).TextOf(".dk-talk"), "打印函件") {
		t.Error("the desk does not lead to the letter")
	}
	b.Get("/cases/" + id.String() + "/replies/x/print").Want(http.StatusNotFound)
}

func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	accused := "department_manager"
	id := h.complaint(t, map[string]any{"subject": "主管态度恶劣", "no_person": false, "complained_user_id": h.people[accused].String()})
	h.do(t, officer, "case", "accept", id, nil)
	reply := h.do(t, officer, "case_reply", record.Create, 0, map[string]any{"case_id": id.String(), "subject": "答复", "body": "内容"})
	sheet := "/cases/" + id.String() + "/replies/" + reply.String() + "/print"
	number := h.load(t, id).Number
	other := h.complaint(t, map[string]any{"subject": "另一件"})
	h.hire(t, "far", "customer_clerk")
	for _, login := range []string{accused, "far"} {
		b := h.signIn(t, login)
		for _, path := range []string{"/desk/" + id.String(), "/desk/" + id.String() + "/presence", sheet} {
			if p := b.Get(path); p.Status != http.StatusNotFound && p.Status != http.StatusForbidden || strings.Contains(p.Body, "恶劣") {
				t.Errorf("%s gets %s: %d", login, path, p.Status)
			}
		}
		for _, path := range []string{"/desk", "/desk?tab=open", "/desk?tab=unassigned", "/register", "/register?print=1"} {
			if p := b.Get(path); strings.Contains(p.Body, number) || strings.Contains(p.Body, "恶劣") || strings.Contains(p.Body, id.String()) {
				t.Errorf("%s sees the case on %s", login, path)
			}
		}
		if p := b.Post("/desk/"+id.String()+"/say", map[string][]string{"mode": {"note"}, "body": {"我没有"}}); p.Status == http.StatusSeeOther {
			t.Errorf("%s writes in the case", login)
		}
	}
	if p := h.signIn(t, accused).Get("/register").Want(http.StatusOK); !strings.Contains(p.TextOf("#register"), "另一件") || p.Has("[role=alert]") {
		t.Error("the register hides more than the case, or calls it missing")
	}
	if p := h.signIn(t, "far").Get("/register").Want(http.StatusOK); strings.Contains(p.Body, "另一件") {
		t.Error("a clerk of another unit sees what is beyond his reach")
	}
	if p := h.signIn(t, officer).Get("/desk?tab=open"); !strings.Contains(p.Body, "恶劣") {
		t.Error("the officer does not see the case")
	}
	auditor := h.signIn(t, "auditor")
	p := auditor.Get("/desk/" + other.String()).Want(http.StatusOK)
	if strings.Contains(p.Body, "13900137000") || strings.Contains(p.Body, "陈女士") || !strings.Contains(p.Text(), "139****7000") {
		t.Errorf("masks do not hold: %s", p.TextOf("[data-testid=aside]"))
	}
	if p.Has("#say") {
		t.Error("who may only read is offered to write")
	}
	masked := h.do(t, officer, "case", "accept", other, nil)
	letter := h.do(t, officer, "case_reply", record.Create, 0, map[string]any{"case_id": masked.String(), "subject": "答复", "body": "内容"})
	if p := auditor.Get("/cases/" + other.String() + "/replies/" + letter.String() + "/print").Want(http.StatusOK); strings.Contains(p.Body, "陈女士") || !strings.Contains(p.TextOf("[data-testid=letter]"), "尊敬的客户") {
		t.Errorf("the letter shows a masked name: %s", p.TextOf("[data-testid=letter]"))
	}
	if p := h.site.Browser(t).Get("/desk"); p.Status != http.StatusSeeOther {
		t.Errorf("nobody: %d", p.Status)
	}
}
