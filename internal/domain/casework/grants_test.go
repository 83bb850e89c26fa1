package casework_test

import (
	"context"
	"testing"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

func TestGrantsNameWhatExists(t *testing.T) {
	t.Parallel()
	reg := registry()
	for role, list := range casework.Grants() {
		for _, g := range list {
			typ := reg.Type(g.Type)
			if typ == nil {
				t.Errorf("%s: no type %s", role, g.Type)
				continue
			}
			if g.Action != "*" && typ.Action(g.Action) == nil {
				t.Errorf("%s: %s has no action %s", role, g.Type, g.Action)
			}
		}
	}
}

// TestOnlyCasesWriteTheirEvidence holds that nobody but the administrator writes contacts, opinions and objections
// past the actions of the case, whose clauses would not be asked.
func TestOnlyCasesWriteTheirEvidence(t *testing.T) {
	t.Parallel()
	for role, list := range casework.Grants() {
		for _, g := range list {
			for _, typ := range []string{"case_contact", "case_opinion", "case_objection"} {
				if g.Type == typ && (g.Action == record.Create || g.Action == "*") {
					t.Errorf("%s may create %s", role, typ)
				}
			}
		}
	}
}

func TestWhoSeesAndDoesWhat(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	officer, auditor, desk := b.person(t, "专责", "complaint_officer"), b.person(t, "审计", "auditor"), b.person(t, "前台", "receptionist")
	k := b.create(t, officer, map[string]any{"kind": "complaint", "contact_name": "陈女士", "contact_phone": "13800138000"})
	sheet, err := b.all.Read(context.Background(), auditor, "case", k.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range sheet.Actions {
		t.Errorf("the auditor may %s", a.Name)
	}
	if _, err := b.all.Read(context.Background(), desk, "case", k.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("the desk reads a case that is not its own: %v", err)
	}
	if _, err := b.do(officer, "case_contact", record.Create, 0, map[string]any{"case_id": k.ID.String()}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("a contact past the case: %v", err)
	}
}
