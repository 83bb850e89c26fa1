package transfer_test

import (
	"context"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/domain/customer"
	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

func file(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(samples(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// rowsOf reads a clean CSV file of the samples another way, to compare with.
func rowsOf(t testing.TB, raw string) ([]string, [][]string) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(raw, "\ufeff")))
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// all goes through every record of a type.
func all[T any](t testing.TB, h *house, typ string, fn func(*T)) int {
	t.Helper()
	n, after := 0, ""
	for {
		page, err := db.View(context.Background(), h.DB, func(tx *db.Tx) (record.Page, error) {
			q := record.Query{Limit: 200, Sort: "id", After: after}
			return h.Store.List(context.Background(), tx, h.Store.Types.Type(typ), h.Guard.SystemScope("test", "test", typ, record.Read), q)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			fn(e.(any).(*T))
			n++
		}
		if after = page.Next; after == "" {
			return n
		}
	}
}

func TestListedCompaniesComeInOnce(t *testing.T) {
	t.Parallel()
	raw := file(t, "cn-reference/listed_companies_gbk.csv")
	h := newHouse(t, dbtest.SQLite(t))
	imp := h.receive(t, h.chief, "customer", "listed_companies_gbk.csv", raw, func(p *transfer.Plan) {
		lawful(p)
		p.Fixed["source_note"] = "{TS代码}"
	})
	tried := h.run(t, h.chief, imp.ID, true)
	if tried.Status != transfer.Checked || tried.Lines != 4347 || len(find[customer.Customer](t, h, "customer", record.Filter{})) != 0 {
		t.Fatalf("trial: %s, %d rows, %v, %q", tried.Status, tried.Lines, counts(tried), h.why(t, tried))
	}
	done := h.run(t, h.chief, imp.ID, false)
	if done.Status != transfer.Done || counts(done) != counts(tried) || done.Created != 4347 {
		t.Errorf("import %v after a trial of %v: %q", counts(done), counts(tried), h.why(t, done))
	}
	bank := find[customer.Customer](t, h, "customer", record.Where("name", "平安银行"))
	if len(bank) != 1 || bank[0].Industry != "银行" || bank[0].SourceNote != "000001.SZ" || bank[0].OwnerID != h.chief.UserID {
		t.Errorf("%+v", bank)
	}
	again := h.receive(t, h.chief, "customer", "again.csv", raw, nil)
	if p, _ := transfer.PlanOf(again); p.Fixed["source_note"] != "{TS代码}" {
		t.Errorf("mapping is not remembered: %+v", p)
	}
	again = h.run(t, h.chief, again.ID, false)
	if counts(again) != [5]int64{0, 0, 4347, 0, 0} {
		t.Errorf("second run %v: %q", counts(again), h.why(t, again))
	}
	third := h.receive(t, h.chief, "customer", "third.csv", raw, func(p *transfer.Plan) { p.Keys = nil })
	third = h.run(t, h.chief, third.ID, true)
	if why := h.why(t, third); counts(third) != [5]int64{0, 0, 0, 4347, 0} || !strings.Contains(why[0], "可能已有：C-2026-000001") {
		t.Errorf("without keys: %v, %q", counts(third), why)
	}
	h.verify(t)
}

// complaints imports a file of the past and compares each row with what is then stored.
func complaints(t *testing.T, h *house, raw string, plan func(*transfer.Plan), same func(row map[string]string, k *casework.Case) bool, key func(map[string]string) string) {
	t.Helper()
	head, rows := rowsOf(t, raw)
	imp := h.receive(t, h.chief, "case", "past.csv", raw, plan)
	imp = h.run(t, h.chief, imp.ID, false)
	if imp.Status != transfer.Done || imp.Created != int64(len(rows)) {
		t.Fatalf("%s: %v of %d rows, %q", imp.Status, counts(imp), len(rows), h.why(t, imp))
	}
	want := map[string]map[string]string{}
	for _, r := range rows {
		m := map[string]string{}
		for i, name := range head {
			m[name] = r[i]
		}
		want[key(m)] = m
	}
	bad := 0
	n := all(t, h, "case", func(k *casework.Case) {
		if row := want[k.SourceRef]; row == nil || !same(row, k) {
			if bad++; bad < 5 {
				t.Errorf("%s: %v became %s %q %s", k.SourceRef, row, k.CreatedAt, k.Subject, k.State)
			}
		}
	})
	if n != len(rows) || len(want) != len(rows) {
		t.Errorf("%d cases of %d rows (%d keys)", n, len(rows), len(want))
	}
	if clocks := find[casework.Case](t, h, "case", record.Where("created_by", h.chief.UserID)); len(clocks) == 0 {
		t.Error("cases without an author")
	}
	h.verify(t)
}

func TestComplaintsOfThePastKeepTheirDates(t *testing.T) {
	t.Parallel()
	raw := file(t, "complaints/cfpb_2015_structured.csv")
	zone := time.FixedZone("CST", 8*3600)
	complaints(t, newHouse(t, dbtest.SQLite(t)), raw, func(p *transfer.Plan) {
		if p.Dates != "mdy" {
			t.Errorf("order of dates: %s", p.Dates)
		}
		*p = transfer.Plan{Dates: p.Dates, Keep: true, Keys: []string{"source_ref"}, Fixed: map[string]string{
			"kind": "complaint", "channel": "authority", "subject": "{Product}: {Issue}", "received_at": "{Date received}", "customer_view": "{Sub-product} / {Sub-issue} / {State} {ZIP code}",
		}, Picks: []transfer.Pick{
			{Column: 1, Name: "Complaint ID", Field: "source_ref"}, {Column: 2, Name: "Product", Field: "item"}, {Column: 8, Name: "Date received", Field: "created_at"},
			{Column: 10, Name: "Company response", Field: "state"},
		}, Values: map[string]map[string]string{"state": {
			"In progress": "received", "Closed with explanation": "closed", "Closed with non-monetary relief": "closed", "Closed with monetary relief": "closed",
			"Closed": "closed", "Untimely response": "closed",
		}}}
	}, func(row map[string]string, k *casework.Case) bool {
		day, err := time.ParseInLocation("1/2/2006", row["Date received"], zone)
		state := "closed"
		if row["Company response"] == "In progress" {
			state = "received"
		}
		return err == nil && k.CreatedAt.Equal(day) && k.ReceivedAt.Equal(day) && k.Item == row["Product"] && k.State == state && k.Kind == "complaint"
	}, func(row map[string]string) string { return row["Complaint ID"] })
}

func TestHotelReviewsBecomeCases(t *testing.T) {
	t.Parallel()
	raw := file(t, "cn-feedback/ChnSentiCorp_htl_all.csv")
	head, rows := rowsOf(t, raw)
	h := newHouse(t, dbtest.SQLite(t))
	imp := h.receive(t, h.chief, "case", "ChnSentiCorp_htl_all.csv", raw, func(p *transfer.Plan) {
		*p = transfer.Plan{Keep: true, Duplicates: transfer.Anyway, Fixed: map[string]string{"channel": "online", "subject": "{review}", "created_at": "2019-05-01"},
			Picks:  []transfer.Pick{{Column: 0, Name: "label", Field: "kind"}, {Column: 1, Name: "review", Field: "content"}},
			Values: map[string]map[string]string{"kind": {"1": "praise", "0": "complaint"}},
		}
	})
	imp = h.run(t, h.chief, imp.ID, false)
	empty := 0
	want := map[string]int{}
	for _, r := range rows {
		text := strings.TrimSpace(r[1])
		if text == "" {
			empty++
			continue
		}
		want[map[string]string{"1": "praise", "0": "complaint"}[r[0]]+text]++
	}
	if head[1] != "review" || imp.Created != int64(len(rows)-empty) || imp.Rejected != int64(empty) {
		t.Fatalf("%v of %d rows, %d without a text: %q", counts(imp), len(rows), empty, h.why(t, imp))
	}
	all(t, h, "case", func(k *casework.Case) { want[k.Kind+k.Content]-- })
	off := 0
	for text, n := range want {
		if n != 0 && off < 5 {
			off++
			t.Errorf("%d too many of %.60q", -n, text)
		}
	}
	h.verify(t)
}

func TestAccountsAndBankCustomers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	raw := file(t, "crm-maven/accounts.csv")
	_, rows := rowsOf(t, raw)
	imp := h.receive(t, h.chief, "customer", "accounts.csv", raw, lawful)
	imp = h.run(t, h.chief, imp.ID, false)
	if counts(imp) != [5]int64{int64(len(rows)), 0, 0, 0, 0} {
		t.Errorf("accounts: %v of %d, %q", counts(imp), len(rows), h.why(t, imp))
	}
	acme := find[customer.Customer](t, h, "customer", record.Where("name", "Acme Corporation"))
	if len(acme) != 1 || acme[0].Industry != "technolgy" || acme[0].Address != "United States" {
		t.Errorf("%+v", acme)
	}
	// deals name their account and their product; what the accounts lack is made on wish
	deals := file(t, "crm-maven/sales_pipeline.csv")
	_, rows = rowsOf(t, deals)
	imp = h.receive(t, h.chief, "transaction", "sales_pipeline.csv", deals, func(p *transfer.Plan) {
		*p = transfer.Plan{Keys: []string{"doc_number"}, Dates: "ymd", Missing: map[string]string{"customer_id": "create"},
			Fixed: map[string]string{"kind": "order", "dated_on": "{engage_date}", "remarks": "{sales_agent}: {product}"},
			Picks: []transfer.Pick{{Column: 0, Name: "opportunity_id", Field: "doc_number"}, {Column: 3, Name: "account", Field: "customer_id"}, {Column: 6, Name: "close_date", Field: "dated_on"}, {Column: 7, Name: "close_value", Field: "amount"}},
		}
	})
	imp = h.run(t, h.chief, imp.ID, false)
	orphans := 0
	for _, r := range rows {
		if r[3] == "" || r[6] == "" && r[5] == "" {
			orphans++
		}
	}
	if imp.Created != int64(len(rows)-orphans) || imp.Rejected != int64(orphans) {
		t.Errorf("deals: %v of %d, %d without account: %q", counts(imp), len(rows), orphans, h.why(t, imp)[:min(3, len(h.why(t, imp)))])
	}
}

func TestThirtyThousandBankCustomers(t *testing.T) {
	t.Parallel()
	raw := file(t, "bank/bank_marketing_full.csv")
	_, rows := rowsOf(t, raw)
	h := newHouse(t, dbtest.SQLite(t))
	imp := h.receive(t, h.chief, "customer", "bank_marketing_full.csv", raw, func(p *transfer.Plan) {
		*p = transfer.Plan{Duplicates: transfer.Anyway, Fixed: map[string]string{"legal_basis": "consent", "source": "phone", "kind": "person", "name": "{job} {age} {marital} {balance}"},
			Picks: []transfer.Pick{{Column: 1, Name: "job", Field: "occupation"}, {Column: 3, Name: "education", Field: "remarks"}, {Column: 5, Name: "balance", Field: "remarks"}, {Column: 10, Name: "month", Field: "remarks"}},
		}
	})
	imp = h.run(t, h.chief, imp.ID, false)
	if len(rows) != 30140 || imp.Created != 30140 || imp.Rejected != 0 {
		t.Errorf("%v of %d: %q", counts(imp), len(rows), h.why(t, imp))
	}
	n, _, err := func() (int, bool, error) {
		type two struct {
			n int
			c bool
		}
		out, err := db.View(context.Background(), h.DB, func(tx *db.Tx) (two, error) {
			n, c, err := h.Store.Count(context.Background(), tx, h.Store.Types.Type("customer"), h.Guard.SystemScope("t", "t", "customer", record.Read), record.Query{Filter: record.Where("kind", "person")})
			return two{n, c}, err
		})
		return out.n, out.c, err
	}()
	if err != nil || n != record.CountCap {
		t.Errorf("%d, %v", n, err)
	}
}

func TestMessyTablesAndCardsAreImportedOrRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	for _, set := range []struct {
		dir, typ string
		n        int
	}{{"messy-tables", "customer", 178}, {"vcard", "customer", 53}} {
		files, taken, refused := 0, 0, map[string]int{}
		err := filepath.WalkDir(samples(t, set.dir), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			files++
			f, err := os.Open(p)
			if err != nil {
				return err
			}
			defer f.Close()
			imp, err := h.Receive(ctx, h.chief, set.typ, filepath.Base(p), f, transfer.Layout{})
			if err != nil {
				key := errs.KeyOf(err)
				if !strings.HasPrefix(key, "tabular.") && key != "transfer.no_rows" {
					t.Errorf("%s: %v", p, err)
				}
				refused[key]++
				return nil
			}
			plan, err := transfer.PlanOf(imp)
			if err != nil {
				return err
			}
			s, err := h.Look(ctx, h.chief, imp.ID)
			if err != nil {
				return err
			}
			plan.Keep, plan.Duplicates = false, transfer.Anyway
			plan.Fixed = map[string]string{"legal_basis": "contract", "source": "import", "kind": "organisation"}
			if len(plan.Picks) == 0 {
				plan.Picks = []transfer.Pick{{Column: 0, Name: s.Table.Columns[0], Field: "remarks"}}
			}
			plan.Picks = append(plan.Picks[:0:0], plan.Picks...)
			for i := range plan.Picks {
				if f := s.Type.Field(plan.Picks[i].Field); f.ReadOnly || f.Kind.Name() == "state" {
					plan.Picks[i].Field = "remarks"
				}
			}
			plan.Fixed["name"] = "{" + s.Table.Columns[0] + "}"
			plan.Keys = nil
			if _, err := h.Arrange(ctx, h.chief, imp.ID, transfer.Layout{}, plan); err != nil {
				t.Errorf("%s: %v", p, err)
				return nil
			}
			done := h.run(t, h.chief, imp.ID, false)
			if done.Status != transfer.Done && !strings.HasPrefix(done.Fault, "tabular.") || done.Created+done.Same+done.Rejected+done.Duplicates != done.Lines {
				t.Errorf("%s: %s %s %v of %d", p, done.Status, done.Fault, counts(done), done.Lines)
			}
			taken++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if files != set.n {
			t.Errorf("%s: %d files", set.dir, files)
		}
		t.Logf("%s: %d files, %d imported, refused %v", set.dir, files, taken, refused)
	}
	h.verify(t)
}
