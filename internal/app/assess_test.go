package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/xuri/excelize/v2"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/platform/errs"
)

// hire makes a person who holds the post.
func (c *company) hire(t *testing.T, login, post, unit string) access.Actor {
	t.Helper()
	var id record.ID
	c.in(t, func(ctx context.Context, call *record.Call) error {
		p, err := record.Find[org.Post](ctx, call, "post", record.Where("key", post), 1)
		if err != nil {
			return err
		}
		u, err := record.Find[org.Unit](ctx, call, "unit", record.Where("key", unit), 1)
		if err != nil {
			return err
		}
		user := &org.User{Head: record.Head{UnitID: u[0].ID}, Name: login, Login: login, Status: "active", Language: "zh"}
		if err := call.Work.Insert(ctx, call, "user", user); err != nil {
			return err
		}
		id = user.ID
		return call.Work.Insert(ctx, call, "posting", &org.Posting{UserID: id, PostID: p[0].ID, InUnit: u[0].ID, Main: true})
	})
	a, err := c.Records.Actor(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (c *company) act(t *testing.T, a access.Actor, typ, act string, id record.ID, in map[string]any) record.ID {
	t.Helper()
	v, err := c.Records.Do(context.Background(), a, action.Command{Type: typ, Action: act, ID: id, Input: in})
	if err != nil {
		t.Fatalf("%s.%s: %v", typ, act, err)
	}
	return v.Record.ID
}

// TestAssessmentIsFrozenSignedAndHandedOut: what was frozen stays, its hash holds, and what leaves the house is valid.
func TestAssessmentIsFrozenSignedAndHandedOut(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := openCompany(t)
	c.add(t, "lawfirm")
	auditor, director := c.hire(t, "a1", "auditor", "audit"), c.hire(t, "d1", "company_management", "management")
	clerk := c.hire(t, "k1", "customer_clerk", "customer_department")
	c.clock.Advance(9 * 24 * time.Hour) // nobody signed: the acknowledgements are outstanding
	if err := c.Tick(ctx); err != nil {
		t.Fatal(err)
	}
	heat, err := c.Book.HeatOf(ctx, auditor, assess.Period{From: "2026-01", To: "2026-03"})
	if err != nil {
		t.Fatal(err)
	}
	if len(heat.Months) != 3 || len(heat.Lines) == 0 || heat.Lines[0].Cells["2026-03"].Worst() != evidence.Breached {
		t.Errorf("heat %+v", heat.Lines[0])
	}
	if _, err := c.Book.HeatOf(ctx, clerk, assess.Period{From: "2026-01", To: "2026-03"}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("a clerk sees the heat map: %v", err)
	}
	c.act(t, director, "exclusion", record.Create, 0, map[string]any{"clause_key": "r19.1.0.1", "reason": "本所没有该情形"})
	id := c.act(t, auditor, "assessment", record.Create, 0, map[string]any{"title": "一季度评估", "from_month": "2026-01", "to_month": "2026-03"})
	if _, err := c.Book.Frozen(ctx, auditor, id); !errs.Is(err, errs.Conflict) {
		t.Errorf("read before it was frozen: %v", err)
	}
	c.act(t, auditor, "assessment", "freeze", id, nil)
	before, err := c.Book.Frozen(ctx, auditor, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Records.Do(ctx, auditor, action.Command{Type: "assessment", Action: "sign", ID: id, Input: map[string]any{"opinion": "好"}}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("signed by who froze it: %v", err)
	}
	c.act(t, auditor, "finding", record.Create, 0, map[string]any{"assessment_id": id.String(), "clause_key": "r19.1.0.2", "body": "=未按期签署"})
	c.act(t, director, "assessment", "sign", id, map[string]any{"opinion": "限期整改"})
	c.hire(t, "new", "customer_clerk", "customer_department")
	c.clock.Advance(30 * 24 * time.Hour)
	if err := c.Tick(ctx); err != nil {
		t.Fatal(err)
	}
	after, err := c.Book.Frozen(ctx, auditor, id)
	if err != nil || after.Hash != before.Hash || len(after.Sheets) != len(before.Sheets) || after.Status != "signed" {
		t.Errorf("later: %v", err)
	}
	excluded := false
	for _, s := range after.Sheets {
		for _, r := range s.Rows {
			excluded = excluded || r.Clause == "r19.1.0.1" && r.Status == assess.Excluded && r.Why == "本所没有该情形"
		}
	}
	if !excluded {
		t.Error("the exclusion is not in the statement")
	}
	files := c.archive(t, auditor, id)
	for _, name := range []string{"index.html", "statement.xlsx", "outcomes.csv", "exceptions.csv", "findings.csv", "audit.csv", "regulations/r19.txt", "SHA256SUMS", "assessment.json"} {
		if len(files[name]) == 0 {
			t.Errorf("no %s", name)
		}
	}
	if page := string(files["index.html"]); !strings.Contains(page, "一季度评估") || !strings.Contains(page, "限期整改") || strings.Contains(page, "http://") || strings.Contains(page, "<script") {
		t.Error("the page lacks something or leads outside")
	}
	if !strings.Contains(string(files["findings.csv"]), "'=未按期签署") {
		t.Error("a formula is not neutralised")
	}
	checkOSCAL(t, files["oscal/catalog.json"])
	checkOSCAL(t, files["oscal/assessment-results.json"])
	checkSheet(t, files["statement.xlsx"])
	d, err := exchange.FromOSCAL(files["oscal/catalog.json"], "oscal")
	if err != nil || len(d.Clauses) < 40 {
		t.Errorf("read back: %v", err)
	}
}

func (c *company) archive(t *testing.T, a access.Actor, id record.ID) map[string][]byte {
	t.Helper()
	var b bytes.Buffer
	x := exchange.Archive{Book: c.Book, Records: c.Records, Say: c.Words}
	if err := x.Write(context.Background(), a, id, "zh", &b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// checkOSCAL validates a document against the published schema.
func checkOSCAL(t *testing.T, raw []byte) {
	t.Helper()
	v, err := validation.NewValidator(raw)
	if err == nil {
		err = v.Validate()
	}
	if err != nil {
		result, _ := v.GetValidationResult()
		list, _ := json.Marshal(result.Errors)
		t.Errorf("oscal: %v %.2000s", err, list)
	}
}

func checkSheet(t *testing.T, raw []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil || len(rows) < 40 || rows[0][2] != "代号" {
		t.Errorf("statement: %d rows, %v", len(rows), err)
	}
}

// TestSheetsOfRulesAreReadOrRefused: the columns by name in any order, depth and headings; mistakes name their row.
func TestSheetsOfRulesAreReadOrRefused(t *testing.T) {
	t.Parallel()
	book := func(rows ...[]any) io.Reader {
		f := excelize.NewFile()
		for i, r := range rows {
			if err := f.SetSheetRow("Sheet1", "A"+string(rune('1'+i)), &r); err != nil {
				t.Fatal(err)
			}
		}
		b, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	head := []any{"depth", "ref_id", "assessable", "name", "description"}
	d, err := exchange.FromSheet(book(head, []any{1, "A", "", "访问控制", ""}, []any{2, "A.1", "x", "授权", "须经批准。"}, []any{3, "A.1.1", "x", "", "每年复核。"}, []any{2, "A.2", "", "", ""}), "iso", "ISO")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Clauses) != 4 || d.Clauses[0].Body != "" || d.Clauses[1].ParentKey != "iso.A" || d.Clauses[2].ParentKey != "iso.A.1" || d.Clauses[2].Body != "每年复核。" {
		t.Errorf("%+v", d.Clauses)
	}
	for name, r := range map[string]io.Reader{
		"no column": book([]any{"ref_id", "name"}), "bad depth": book(head, []any{"x", "A", "", "b", ""}), "nothing": book(head),
		"no workbook": strings.NewReader("ref_id,name"),
	} {
		if _, err := exchange.FromSheet(r, "k", "t"); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := exchange.FromOSCAL([]byte(`{"profile":{}}`), "k"); !errs.Is(err, errs.Invalid) {
		t.Errorf("a profile: %v", err)
	}
}
