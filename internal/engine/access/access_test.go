package access_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/db"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/errs"
)

var ctx = context.Background()

const (
	mobile   = "+8613800138000"
	idNumber = "11010519491231002X"
)

func each(t *testing.T, fn func(t *testing.T, b *accesstest.Bench)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, accesstest.New(t, d)) })
}

func TestReach(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		const me, other record.ID = 901, 902
		for _, c := range []accesstest.Client{
			{Name: "company", Head: record.Head{UnitID: b.Company}}, {Name: "sales", Head: record.Head{UnitID: b.Sales}},
			{Name: "north", Head: record.Head{UnitID: b.North}}, {Name: "south", Head: record.Head{UnitID: b.South}},
			{Name: "service", Head: record.Head{UnitID: b.Service, OwnerID: other}}, {Name: "mine", Head: record.Head{UnitID: b.Service, OwnerID: me}},
		} {
			b.Add(t, &c)
		}
		roles := access.RoleGrants{"nothing": nil, "writer": {{Type: "client", Action: record.Update, Reach: access.All}}}
		for _, r := range []access.Reach{access.Own, access.Team, access.InDep, access.Below, access.All} {
			roles["r_"+string(r)] = []access.Grant{{Type: "client", Action: record.Read, Reach: r, Class: record.Internal}}
		}
		b.Grant(t, roles)
		tests := map[string]struct {
			role string
			unit record.ID
			want string
		}{
			"own":                     {"r_own", b.North, "mine"},
			"team":                    {"r_team", b.North, "mine north"},
			"unit of a team":          {"r_unit", b.North, "mine north sales"},
			"unit of a department":    {"r_unit", b.Sales, "mine sales"},
			"below, from a team":      {"r_below", b.North, "mine north sales south"},
			"below, from the company": {"r_below", b.Company, "company mine north sales service south"},
			"all":                     {"r_all", b.North, "company mine north sales service south"},
			"grant of another action": {"writer", b.North, "access.denied"},
			"no grant":                {"nothing", b.North, "access.denied"},
			"unknown role":            {"r_unknown", b.North, "access.denied"},
		}
		for name, tt := range tests {
			a := access.Actor{UserID: me, Roles: []string{tt.role}, Units: []record.ID{tt.unit}}
			if got := names(b, a, record.Query{}); got != tt.want {
				t.Errorf("%s: %s, want %s", name, got, tt.want)
			}
		}
		if got := names(b, access.Actor{Roles: []string{"r_all"}}, record.Query{}); got != "access.sign_in" {
			t.Errorf("nobody signed in: %s", got)
		}
	})
}

func TestWhoEnteredARecordOwnsItUntilSomebodyDoes(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		own := func(acts ...string) (out []access.Grant) {
			for _, a := range acts {
				out = append(out, access.Grant{Type: "*", Action: a, Reach: access.Own, Class: record.Personal})
			}
			return out
		}
		b.Grant(t, access.RoleGrants{"desk": own(record.Read, record.Create, record.Update)})
		rita, rob := b.Hire(t, "rita", "desk", b.Service), b.Hire(t, "rob", "desk", b.Service)
		v, err := b.Records.Do(ctx, rita, action.Command{Type: "client", Action: record.Create, Input: map[string]any{"name": "甲", "mobile": mobile}})
		if err != nil || v == nil {
			t.Fatalf("the creator does not see what he entered: %v, %v", v, err)
		}
		if c, _ := v.Cell("mobile"); c.Masked {
			t.Error("the creator sees his own entry masked")
		}
		id := v.Record.ID
		if got := names(b, rita, record.Query{}); got != "甲" {
			t.Errorf("creator's list: %s", got)
		}
		if got := names(b, rob, record.Query{}); got != "" {
			t.Errorf("list of somebody else: %s", got)
		}
		if _, err := b.Records.Do(ctx, rita, action.Command{Type: "client", Action: record.Update, ID: id, Input: map[string]any{"notes": "转自前台"}}); err != nil {
			t.Errorf("the creator cannot complete his entry: %v", err)
		}
		if _, err := b.Records.Read(ctx, rob, "client", id); !errs.Is(err, errs.NotFound) {
			t.Errorf("somebody else: %v", err)
		}
		b.As(t, func(ctx context.Context, c *record.Call) error {
			e, err := record.Load[accesstest.Client](ctx, c, "client", id)
			if err != nil {
				return err
			}
			e.OwnerID = rob.UserID
			return c.Work.Save(ctx, c, "client", record.Assign, e)
		})
		if got := names(b, rita, record.Query{}) + "/" + names(b, rob, record.Query{}); got != "/甲" {
			t.Errorf("once somebody owns it: %s", got)
		}
		if _, err := b.Records.Read(ctx, rita, "client", id); !errs.Is(err, errs.NotFound) {
			t.Errorf("the creator of what another owns: %v", err)
		}
		memo, err := b.Records.Do(ctx, rob, action.Command{Type: "memo", Action: record.Create, Input: map[string]any{"client_id": id.String(), "label": "x"}})
		if memo != nil || err != nil {
			t.Errorf("a type that does not say so: %v, %v", memo, err)
		}
	})
}

// names lists the clients the actor sees, sorted, or the key of the error.
func names(b *accesstest.Bench, a access.Actor, q record.Query) string {
	l, err := b.Records.List(ctx, a, "client", q)
	if err != nil {
		return errs.KeyOf(err)
	}
	var out []string
	for _, v := range l.Views {
		c, _ := v.Cell("name")
		out = append(out, c.Text)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestTokensNarrow(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		chief := b.Hire(t, "chief", "administrator", b.Company)
		tests := map[string]struct {
			scopes       []string
			read, update bool
		}{
			"no token":         {nil, true, true},
			"empty token":      {[]string{}, false, false},
			"one action":       {[]string{"client:read"}, true, false},
			"all of the type":  {[]string{"client:*"}, true, true},
			"action anywhere":  {[]string{"*:update"}, false, true},
			"everything":       {[]string{"*:*"}, true, true},
			"another type":     {[]string{"memo:*"}, false, false},
			"looks like it":    {[]string{"clients:read", "client:reads", "client"}, false, false},
			"two, one matches": {[]string{"memo:read", "client:update"}, false, true},
		}
		for name, tt := range tests {
			a := chief
			a.Scopes = tt.scopes
			for act, want := range map[string]bool{record.Read: tt.read, record.Update: tt.update} {
				if got := can(b, a, act); got != want {
					t.Errorf("%s: %s = %v, want %v", name, act, got, want)
				}
			}
		}
		chief.Scopes = []string{"*:*"}
		if chief.Roles = []string{"auditor"}; can(b, chief, record.Update) {
			t.Error("a token gives what its person does not have")
		}
	})
}

func can(b *accesstest.Bench, a access.Actor, act string) bool {
	ok, _ := db.View(ctx, b.DB, func(tx *db.Tx) (bool, error) { return b.Records.Can(ctx, tx, a, "client", act), nil })
	return ok
}

func TestStarDoesNotIncludeRevealAndExport(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		b.Grant(t, access.RoleGrants{"star": {{Type: "*", Action: "*", Reach: access.All, Class: record.Sensitive}}})
		a := access.Actor{UserID: 1, Roles: []string{"star"}}
		for act, want := range map[string]bool{record.Read: true, "close": true, record.Reveal: false, record.Export: false} {
			if can(b, a, act) != want {
				t.Errorf("%s: %v", act, !want)
			}
		}
	})
}

func TestActorIsWhatThePersonHoldsToday(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		anna := b.Hire(t, "anna", "clerk", b.North)
		if len(anna.Roles) != 1 || anna.Roles[0] != "clerk" || anna.Unit() != b.North || anna.Name != "anna" {
			t.Errorf("anna = %+v", anna)
		}
		b.As(t, func(ctx context.Context, c *record.Call) error {
			list, err := record.Find[org.Posting](ctx, c, "posting", record.Where("user_id", anna.UserID), 1)
			if err != nil {
				return err
			}
			last := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
			list[0].EndsOn = &last
			return c.Work.Save(ctx, c, "posting", record.Update, list[0])
		})
		if got := b.Actor(t, anna.UserID); len(got.Posts) != 1 {
			t.Errorf("before the last day: %v", got.Posts)
		}
		b.Clock.Advance(48 * time.Hour)
		if got := b.Actor(t, anna.UserID); len(got.Posts) != 0 || len(got.Units) != 0 {
			t.Errorf("after the last day: %v in %v", got.Posts, got.Units)
		}
		chief := b.Hire(t, "chief", "administrator", b.Company)
		if _, err := b.Records.Do(ctx, chief, action.Command{Type: "user", Action: "disable", ID: anna.UserID}); err != nil {
			t.Fatal(err)
		}
		for name, id := range map[string]record.ID{"disabled": anna.UserID, "unknown": 12345} {
			if _, err := b.Records.Actor(ctx, id); errs.KeyOf(err) != "access.no_account" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestSystemScopeSeesAllInClear(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		c := b.Add(t, &accesstest.Client{Name: "one", Mobile: mobile, IDNumber: idNumber})
		scope := b.Guard.SystemScope("digest", "job", "client", record.Read)
		got, err := db.View(ctx, b.DB, func(tx *db.Tx) (record.Entity, error) { return b.Store.Get(ctx, tx, b.Client, scope, c.ID) })
		if err != nil || got.(*accesstest.Client).IDNumber != idNumber || !scope.SeesClear(b.Client, got, record.Sensitive) {
			t.Errorf("got %+v, %v", got, err)
		}
		if scope.Actor.IsPerson() || scope.Actor.Label() != "system:digest" {
			t.Errorf("actor %+v", scope.Actor)
		}
	})
}

func TestPartsFollowTheirParent(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		anna, dora := b.Hire(t, "anna", "clerk", b.North), b.Hire(t, "dora", "clerk", b.Service)
		c := b.Add(t, &accesstest.Client{Name: "one", Head: record.Head{UnitID: b.North, OwnerID: anna.UserID}})
		b.As(t, func(ctx context.Context, call *record.Call) error {
			return call.Work.Insert(ctx, call, "memo", &accesstest.Memo{ClientID: c.ID, Label: "x", Head: record.Head{UnitID: b.Service}})
		})
		if l, err := b.Records.List(ctx, dora, "memo", record.Query{}); err != nil || len(l.Views) != 0 {
			t.Errorf("memo of a client out of sight: %d, %v", len(l.Views), err)
		}
		chief := b.Hire(t, "chief", "administrator", b.Company)
		b.Recuse(t, c.ID, chief.UserID)
		if l, err := b.Records.List(ctx, chief, "memo", record.Query{}); err != nil || len(l.Views) != 0 {
			t.Errorf("memo of a client one is recused from: %d, %v", len(l.Views), err)
		}
	})
}

func TestReadMasksAndIsAudited(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		anna, ben := b.Hire(t, "anna", "clerk", b.North), b.Hire(t, "ben", "clerk", b.North)
		c := b.Add(t, &accesstest.Client{Name: "贵州茅台", Mobile: mobile, IDNumber: idNumber, Head: record.Head{UnitID: b.North, OwnerID: anna.UserID}})
		read := func(a access.Actor) (string, string) {
			t.Helper()
			s, err := b.Records.Read(ctx, a, "client", c.ID)
			if err != nil {
				t.Fatal(err)
			}
			m, _ := s.Cell("mobile")
			id, _ := s.Cell("id_number")
			for _, h := range s.History {
				for _, ch := range h.Changes {
					if strings.Contains(ch.To, idNumber) || m.Masked && strings.Contains(ch.To, mobile) {
						t.Errorf("history of %s shows %q", a.Name, ch.To)
					}
				}
			}
			return m.Text, id.Text
		}
		if m, id := read(ben); m == mobile || id == idNumber || !strings.Contains(m, "****") {
			t.Errorf("colleague sees %q, %q", m, id)
		}
		if n := len(b.Audited(t, "client.read")); n != 0 {
			t.Errorf("%d entries for a masked read", n)
		}
		if m, id := read(anna); m != mobile || id == idNumber {
			t.Errorf("owner sees %q, %q", m, id)
		}
		if list := b.Audited(t, "client.read"); len(list) != 1 || list[0].Actor != anna.UserID.String() || list[0].Record != c.ID {
			t.Errorf("audit entries %+v", list)
		}
		_, err := b.Records.Do(ctx, ben, action.Command{Type: "client", Action: record.Update, ID: c.ID, Input: map[string]any{"notes": "x"}})
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("update beyond reach: %v", err)
		}
	})
}

func TestMaskedFieldsCannotBeOverwritten(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		anna := b.Hire(t, "anna", "clerk", b.North)
		c := b.Add(t, &accesstest.Client{Name: "one", IDNumber: idNumber, Head: record.Head{UnitID: b.North, OwnerID: anna.UserID}})
		_, err := b.Records.Do(ctx, anna, action.Command{Type: "client", Action: record.Update, ID: c.ID, Input: map[string]any{"id_number": idNumber}})
		if errs.KeyOf(err) != "field.masked" {
			t.Errorf("err = %v", err)
		}
	})
}

func TestRevealNeedsGrantReasonAndQuota(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		anna, lea := b.Hire(t, "anna", "clerk", b.North), b.Hire(t, "lea", "leader", b.North)
		c := b.Add(t, &accesstest.Client{Name: "one", Mobile: mobile, IDNumber: idNumber, Head: record.Head{UnitID: b.North, OwnerID: anna.UserID}})
		far := b.Add(t, &accesstest.Client{Name: "far", Mobile: mobile, Head: record.Head{UnitID: b.South}})
		b.Records.Quota = func(access.Actor) int { return 2 }
		reveal := func(a access.Actor, id record.ID, reason string, fields ...string) (map[string]string, error) {
			return b.Records.Reveal(ctx, a, "client", id, fields, reason)
		}
		for name, tt := range map[string]struct {
			actor  access.Actor
			id     record.ID
			reason string
			field  string
			want   string
		}{
			"no grant":         {anna, c.ID, "核对身份证号", "id_number", "access.denied"},
			"short reason":     {lea, c.ID, " 看看 ", "id_number", "reveal.reason"},
			"beyond reach":     {lea, far.ID, "核对身份证号", "mobile", "record.not_found"},
			"nothing personal": {lea, c.ID, "核对身份证号", "notes", "reveal.nothing"},
		} {
			if _, err := reveal(tt.actor, tt.id, tt.reason, tt.field); errs.KeyOf(err) != tt.want {
				t.Errorf("%s: %v, want %s", name, err, tt.want)
			}
		}
		b.Clock.Set(time.Date(2026, 3, 2, 15, 58, 0, 0, time.UTC)) // 23:58 in Shanghai
		for range 2 {
			got, err := reveal(lea, c.ID, "核对身份证号", "id_number")
			if err != nil || got["id_number"] != idNumber || len(got) != 1 {
				t.Fatalf("reveal = %v, %v", got, err)
			}
		}
		if _, err := reveal(lea, c.ID, "核对身份证号"); errs.KeyOf(err) != "reveal.quota" || !errs.Is(err, errs.TooMany) {
			t.Errorf("beyond the quota: %v", err)
		}
		b.Clock.Advance(3 * time.Minute)
		if got, err := reveal(lea, c.ID, "核对身份证号"); err != nil || len(got) != 2 {
			t.Errorf("after midnight: %v, %v", got, err)
		}
		list := b.Audited(t, "client.reveal")
		if len(list) != 3 || list[2].Detail["reason"] != "核对身份证号" || list[2].Record != c.ID {
			t.Errorf("audit entries %+v", list)
		}
	})
}

func TestAttemptOfARecusedPersonIsLogged(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		chief := b.Hire(t, "chief", "administrator", b.Company)
		c := b.Add(t, &accesstest.Client{Name: "secret", Mobile: mobile, Head: record.Head{UnitID: b.North}})
		b.Recuse(t, c.ID, chief.UserID)
		for name, try := range map[string]func() error{
			"read":    func() error { _, err := b.Records.Read(ctx, chief, "client", c.ID); return err },
			"update":  func() error { return doErr(b, chief, record.Update, c.ID) },
			"comment": func() error { return b.Records.Comment(ctx, chief, "client", c.ID, "x", nil) },
			"reveal":  func() error { _, err := b.Records.Reveal(ctx, chief, "client", c.ID, nil, "想看一下"); return err },
		} {
			before := len(b.Audited(t, "client.attempt_recused"))
			if err := try(); errs.KeyOf(err) != "record.not_found" {
				t.Errorf("%s: %v", name, err)
			}
			if n := len(b.Audited(t, "client.attempt_recused")) - before; n != 1 {
				t.Errorf("%s: %d entries", name, n)
			}
		}
		if _, err := b.Records.Read(ctx, chief, "client", 12345); !errs.Is(err, errs.NotFound) || len(b.Audited(t, "client.attempt_recused")) != 4 {
			t.Errorf("absent record: %v", err)
		}
		found, err := b.Records.Search(ctx, chief, "secret", nil, 10)
		if err != nil || len(found) != 0 || names(b, chief, record.Query{}) != "" {
			t.Errorf("recused finds %d, %v", len(found), err)
		}
		err = doInput(b, b.Hire(t, "boss", "manager", b.Sales), record.Assign, c.ID, map[string]any{"owner_id": chief.UserID.String()})
		if errs.KeyOf(err) != "recusal.in_charge" {
			t.Errorf("recused person put in charge: %v", err)
		}
	})
}

func doErr(b *accesstest.Bench, a access.Actor, act string, id record.ID) error {
	return doInput(b, a, act, id, nil)
}

func doInput(b *accesstest.Bench, a access.Actor, act string, id record.ID, in map[string]any) error {
	_, err := b.Records.Do(ctx, a, action.Command{Type: "client", Action: act, ID: id, Input: in})
	return err
}

func TestListIsOneAuditEntryAndSearchHidesNumbers(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		anna, ben := b.Hire(t, "anna", "clerk", b.North), b.Hire(t, "ben", "clerk", b.North)
		b.Add(t, &accesstest.Client{Name: "hers", Mobile: mobile, Head: record.Head{UnitID: b.North, OwnerID: anna.UserID}})
		b.Add(t, &accesstest.Client{Name: "his", Mobile: "+8613900139000", Head: record.Head{UnitID: b.North, OwnerID: ben.UserID}})
		if got := names(b, anna, record.Query{}); got != "hers his" {
			t.Fatalf("list = %s", got)
		}
		if list := b.Audited(t, "client.list"); len(list) != 1 || list[0].Detail["records"] != 1.0 {
			t.Errorf("audit entries %+v", list)
		}
		auditor := b.Hire(t, "auditor", "auditor", b.Company)
		if names(b, auditor, record.Query{}); len(b.Audited(t, "client.list")) != 1 {
			t.Error("a masked list was written to the audit log")
		}
		for text, want := range map[string]string{"13800138000": "hers", "0013 8000": "hers", "13900139000": "", "9000": ""} {
			found, err := b.Records.Search(ctx, anna, text, []string{"client"}, 10)
			got := ""
			if len(found) > 0 {
				got = found[0].Title
			}
			if err != nil || got != want || len(found) > 1 {
				t.Errorf("anna searches %s: %q of %d, %v", text, got, len(found), err)
			}
		}
		if found, err := b.Records.Search(ctx, auditor, "13800138000", nil, 10); err != nil || len(found) != 0 {
			t.Errorf("auditor finds by telephone: %d, %v", len(found), err)
		}
		f, err := b.Client.Condition("mobile", field.Contains, "13900139000", record.FilterContext{})
		if err != nil {
			t.Fatal(err)
		}
		if got := names(b, anna, record.Query{Filter: f}); got != "" {
			t.Errorf("filter by a masked telephone: %s", got)
		}
		if got := names(b, auditor, record.Query{Sort: "mobile"}); got != "filter.masked_field" {
			t.Errorf("sort by a masked field: %s", got)
		}
	})
}

func TestBulkIsUndoneByItsOwnerOnly(t *testing.T) {
	each(t, func(t *testing.T, b *accesstest.Bench) {
		boss, chief := b.Hire(t, "boss", "manager", b.Sales), b.Hire(t, "chief", "administrator", b.Company)
		one := b.Add(t, &accesstest.Client{Name: "one", Head: record.Head{UnitID: b.North}})
		far := b.Add(t, &accesstest.Client{Name: "far", Head: record.Head{UnitID: b.Service}})
		batch, out, err := b.Records.Bulk(ctx, boss, action.Command{Type: "client", Action: record.Archive}, []record.ID{one.ID, far.ID})
		if err != nil || out[0].Err != nil || !errs.Is(out[1].Err, errs.NotFound) {
			t.Fatalf("bulk: %v, %+v", err, out)
		}
		if _, _, err := b.Records.Undo(ctx, chief, "client", batch); errs.KeyOf(err) != "bulk.not_yours" {
			t.Errorf("undo by another: %v", err)
		}
		if done, left, err := b.Records.Undo(ctx, boss, "client", batch); done != 1 || left != 0 || err != nil {
			t.Errorf("undo: %d, %d, %v", done, left, err)
		}
		if got := names(b, boss, record.Query{}); got != "one" {
			t.Errorf("afterwards: %s", got)
		}
	})
}
