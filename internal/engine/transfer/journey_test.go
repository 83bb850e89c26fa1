package transfer_test

import (
	"os"
	"testing"

	"dianke/internal/domain/customer"
	"dianke/internal/engine/record"
	"dianke/internal/engine/transfer"
	"dianke/internal/platform/db/dbtest"
)

func TestListedCompaniesComeInOnce(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(samples(t, "cn-reference/listed_companies_gbk.csv"))
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, dbtest.SQLite(t))
	plan := func(p *transfer.Plan) {
		lawful(p)
		p.Fixed["source_note"] = "{TS代码}"
	}
	imp := h.receive(t, h.chief, "customer", "listed_companies_gbk.csv", string(raw), plan)
	tried := h.run(t, h.chief, imp.ID, true)
	if tried.Status != transfer.Checked || tried.Lines != 4347 || len(find[customer.Customer](t, h, "customer", record.Filter{})) != 0 {
		t.Fatalf("trial: %s, %d rows, %v, %q", tried.Status, tried.Lines, counts(tried), h.why(t, tried))
	}
	done := h.run(t, h.chief, imp.ID, false)
	t.Logf("%v %q", counts(done), h.why(t, done))
	if done.Status != transfer.Done || counts(done) != counts(tried) || done.Created+done.Duplicates+done.Same != 4347 || done.Rejected != 0 {
		t.Errorf("import %v after a trial of %v: %q", counts(done), counts(tried), h.why(t, done))
	}
	bank := find[customer.Customer](t, h, "customer", record.Where("name", "平安银行"))
	if len(bank) != 1 || bank[0].Industry != "银行" || bank[0].SourceNote != "000001.SZ" || bank[0].OwnerID != h.chief.UserID {
		t.Errorf("%+v", bank)
	}
	again := h.receive(t, h.chief, "customer", "again.csv", string(raw), nil)
	if p, _ := transfer.PlanOf(again); p.Fixed["source_note"] != "{TS代码}" {
		t.Errorf("mapping is not remembered: %+v", p)
	}
	again = h.run(t, h.chief, again.ID, false)
	if again.Created != 0 || again.Changed != 0 || again.Same != done.Created+done.Same || again.Duplicates != done.Duplicates {
		t.Errorf("second run %v: %q", counts(again), h.why(t, again))
	}
	h.verify(t)
}
