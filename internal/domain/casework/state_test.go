package casework_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dianke/internal/domain/casework"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

// TestEveryActionInEveryState spells out where each action of a case is offered: r received, a accepted,
// i investigating, w awaiting the customer, n answered, f informed, c closed, F filed, W withdrawn, M merged.
func TestEveryActionInEveryState(t *testing.T) {
	t.Parallel()
	states := map[byte]string{
		'r': casework.Received, 'a': casework.Accepted, 'i': casework.Investigating, 'w': casework.Awaiting, 'n': casework.Answered,
		'f': casework.Informed, 'c': casework.Closed, 'F': casework.Filed, 'W': casework.Withdrawn, 'M': casework.Merged,
	}
	want := map[string]string{
		"accept": "r", "classify": "raiwnf", "triage": "raiwnf", "mark_major": "raiwnf", "amend": "raiwnfc", "recuse": "raiwnfc",
		"lift_recusal": "raiwnfc", "take": "raiwnf", "assign_handler": "raiwnf", "assign_officer": "raiwnf", "invite": "raiwnf",
		"hand_over": "raiwnf", "confirm_handover": "raiwnf", "return_handover": "raiwnf", "delegate": "raiwnf", "push": "raiwnf",
		"escalate": "raiwnf", "settle_escalation": "raiwnf", "investigate": "ra", "set_plan": "raiwnf", "note_contact": "raiwnfc",
		"notify_arrangement": "raiw", "promise": "raiwnf", "ask_customer": "rain", "customer_replied": "w", "answer": "rain",
		"correct_answer": "nfc", "resolve": "rainf", "reply": "rainf", "inform_customer": "rain", "agree": "raiwnf", "disagree": "raiwnf",
		"opinion": "ai", "supplement_opinion": "raiwnfc", "tick_checklist": "ai", "confirm_checklist": "ai", "substitute": "ai", "decide": "ai",
		"confirm_receipt": "raiwnfc", "complete_handback": "raiwnfc", "close": "raiwnf", "call_back": "nfc", "satisfaction": "nfcF",
		"object": "nfcF", "reopen": "nfcFW", "withdraw": "raiwnf", "file": "c", "merge_into": "raiwnf", "split": "raiwnf", "link_problem": "raiwnfcF",
	}
	typ := registry().Type("case")
	for _, a := range typ.Actions {
		if a.General {
			continue
		}
		offered, ok := want[a.Name]
		if !ok {
			t.Errorf("action %s is not in the table", a.Name)
		}
		for short, state := range states {
			if got := a.Allowed(state); got != strings.ContainsRune(offered, rune(short)) {
				t.Errorf("%s in %s: offered %v", a.Name, state, got)
			}
		}
		delete(want, a.Name)
	}
	for name := range want {
		t.Errorf("no action %s", name)
	}
	for _, name := range []string{record.Archive, record.Restore} {
		if typ.Action(name) != nil {
			t.Errorf("a case can be put out of the ledger by %s", name)
		}
	}
}

func TestWhereActionsLead(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"accept": "accepted", "investigate": "investigating", "ask_customer": "awaiting_customer", "answer": "answered", "reply": "answered",
		"inform_customer": "informed", "close": "closed", "object": "investigating", "reopen": "investigating", "withdraw": "withdrawn",
		"file": "filed", "merge_into": "merged",
	}
	for _, a := range registry().Type("case").Actions {
		if a.To != want[a.Name] {
			t.Errorf("%s leads to %q, want %q", a.Name, a.To, want[a.Name])
		}
	}
}

func TestRaiseStopsAtTheTop(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"low": "normal", "normal": "high", "high": "critical", "critical": "critical", "": "low"} {
		if got := casework.Raise(in); got != want {
			t.Errorf("Raise(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestYearsAreCountedInChina(t *testing.T) {
	t.Parallel()
	if y := casework.YearOf(time.Date(2026, 12, 31, 16, 30, 0, 0, time.UTC)); y != 2027 {
		t.Errorf("half past midnight on New Year's Day in China is in %d", y)
	}
}

func TestPutAwayCasesDoNotChange(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	k := b.create(t, admin, map[string]any{"kind": "request"})
	b.on(t, admin, k, "withdraw", map[string]any{"reason": "客户自行解决"})
	b.refused(t, "case.frozen", admin, "case", record.Update, k.ID, map[string]any{"subject": "改名"})
	b.refused(t, "case.frozen", admin, "case", record.Assign, k.ID, map[string]any{"owner_id": admin.UserID.String()})
	b.refused(t, "case.frozen", admin, "case_note", record.Create, 0, map[string]any{"case_id": k.ID.String(), "text": "补记"})
	b.refused(t, "record.wrong_state", admin, "case", "answer", k.ID, map[string]any{"text": "好"})
	if got := b.on(t, admin, k, "reopen", map[string]any{"reason": "客户又来电"}); got.State != casework.Investigating || got.ReopenCount != 1 {
		t.Errorf("reopened: %s, %d times", got.State, got.ReopenCount)
	}
}

func TestPausesReturnToWhereTheyBegan(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	for state, steps := range map[string][]string{
		casework.Received: nil, casework.Accepted: {"accept"}, casework.Investigating: {"accept", "investigate"},
	} {
		k := b.create(t, admin, nil)
		for _, s := range steps {
			b.on(t, admin, k, s, nil)
		}
		b.on(t, admin, k, "ask_customer", map[string]any{"question": "请提供发票"})
		got := b.on(t, admin, k, "customer_replied", map[string]any{"text": "已寄出"})
		if got.State != state || got.PausedFrom != "" || !got.PausedAt.IsZero() {
			t.Errorf("after the pause: %s (from %q), want %s", got.State, got.PausedFrom, state)
		}
	}
	if notes := fetch[casework.Note](t, b, "case_note", record.Where("kind", "customer")); len(notes) != 3 {
		t.Errorf("%d notes of customers' answers, want 3", len(notes))
	}
}

func TestWhatTurnsOutToBeAComplaintIsAccepted(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	if k := b.create(t, admin, map[string]any{"kind": "complaint", "answer": "当场致歉"}); k.State != casework.Received || k.FirstAnswerAt.IsZero() {
		t.Errorf("a complaint answered on the spot is %s", k.State)
	}
	k := b.create(t, admin, nil)
	b.on(t, admin, k, "answer", map[string]any{"text": "好"})
	k = b.must(t, admin, "case", record.Update, k.ID, map[string]any{"kind": "complaint"}).(*casework.Case)
	if k.State != casework.Received {
		t.Errorf("an inquiry that became a complaint is %s", k.State)
	}
	b.on(t, admin, k, "withdraw", map[string]any{"reason": "客户撤回"})
	if k = b.on(t, admin, k, "reopen", map[string]any{"reason": "客户坚持"}); k.State != casework.Received {
		t.Errorf("a withdrawn complaint that came back is %s", k.State)
	}
	b.on(t, admin, k, "accept", nil)
	b.on(t, admin, k, "answer", map[string]any{"text": "好"})
}

func TestComplaintsAreAcceptedBeforeTheyAreClosed(t *testing.T) {
	t.Parallel()
	b := newBench(t, dbtest.SQLite(t))
	admin := b.person(t, "管理员", "administrator")
	k := b.create(t, admin, map[string]any{"kind": "complaint"})
	for act, in := range map[string]map[string]any{
		"close": nil, "investigate": nil, "inform_customer": nil, "answer": {"text": "好"}, "reply": {"body": "好"},
	} {
		b.refused(t, "case.complaint_not_accepted", admin, "case", act, k.ID, in)
	}
	r := b.must(t, admin, "case_reply", record.Create, 0, map[string]any{"case_id": k.ID.String(), "subject": "答复", "body": "好"})
	b.refused(t, "case.complaint_not_accepted", admin, "case_reply", "send", r.HeadOf().ID, nil)
	b.on(t, admin, k, "accept", nil)
	if got := b.on(t, admin, k, "close", map[string]any{"result": "rejected"}); got.State != casework.Closed || got.VolumeYear != 2026 || !got.ResolvedAt.Equal(monday) {
		t.Errorf("closed: %+v", got)
	}
	if !slices.Contains(casework.OpenStates(), casework.Awaiting) || casework.Frozen(casework.Closed) {
		t.Error("states are sorted wrongly")
	}
	if _, err := b.do(admin, "case", "close", k.ID, nil); errs.KindOf(err) != errs.Conflict {
		t.Errorf("closed twice: %v", err)
	}
}
