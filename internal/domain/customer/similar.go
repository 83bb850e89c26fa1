package customer

import (
	"context"
	"fmt"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/engine/record/token"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Match is a customer that may be the same as one about to be entered. Why is the field that agrees: credit_code,
// id_card, mobile, phone, mail or name; a number or address may also be that of a contact.
type Match struct {
	Customer *Customer
	Why      string
}

const (
	maxMatches = 10   // shown to a person
	exactCore  = 2000 // ranks below are equal but for the legal form
)

// Similar returns the customers that may be the candidate already, at most ten, the surest first. The candidate's
// fields may be in any written form that their kinds read. The scope is one for reading customers: with a person's own
// scope, masked fields match only where he sees them in clear; a system scope finds all, and its caller must then show no
// more than number and name.
func Similar(ctx context.Context, tx *db.Tx, st *store.Store, scope record.Scope, cand *Customer) ([]Match, error) {
	f := finder{tx: tx, st: st, scope: scope, t: st.Types.Type("customer"), seen: map[record.ID]bool{cand.ID: cand.ID != 0}}
	for _, q := range []struct{ why, value string }{
		{"credit_code", cand.CreditCode}, {"id_card", cand.IDCard}, {"mobile", cand.Mobile}, {"phone", cand.Phone}, {"mail", cand.Mail},
	} {
		if err := f.byValue(ctx, q.why, q.value); err != nil {
			return nil, fmt.Errorf("similar customers: %w", err)
		}
	}
	if err := f.byName(ctx, cand.Name); err != nil {
		return nil, fmt.Errorf("similar customers: %w", err)
	}
	return f.found[:min(len(f.found), maxMatches)], nil
}

type finder struct {
	tx    *db.Tx
	st    *store.Store
	scope record.Scope
	t     *record.Type
	found []Match
	seen  map[record.ID]bool
}

func (f *finder) add(e record.Entity, why string) {
	if r := e.(*Customer); !f.seen[r.ID] {
		f.seen[r.ID] = true
		f.found = append(f.found, Match{Customer: r, Why: why})
	}
}

// byValue looks for an equal value; what cannot be read matches nothing, and a field masked everywhere is passed over.
func (f *finder) byValue(ctx context.Context, name, value string) error {
	fd := f.t.Field(name)
	v, bad := fd.Parse(value)
	if bad != nil || fd.IsZero(v) {
		return nil
	}
	names := []string{name}
	if name == "mobile" || name == "phone" {
		names = []string{"mobile", "phone"}
	}
	for _, n := range names {
		page, err := f.st.List(ctx, f.tx, f.t, f.scope, record.Query{Filter: record.Where(n, v), Limit: maxMatches})
		if errs.KeyOf(err) == "filter.masked_field" {
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			f.add(e, name)
		}
	}
	return f.byContact(ctx, name, v)
}

// byContact looks for a contact with the value, and takes its customer where the scope reaches it.
func (f *finder) byContact(ctx context.Context, name string, v any) error {
	if name != "mobile" && name != "mail" || f.scope.Clear[record.Personal].None() {
		return nil
	}
	t := f.st.Types.Type("contact")
	page, err := f.st.List(ctx, f.tx, t, f.scope.Consequence("contact", record.Read), record.Query{Filter: record.Where(name, v), Limit: maxMatches})
	if err != nil {
		return err
	}
	var list []record.ID
	for _, e := range page.Items {
		list = append(list, e.(*Contact).CustomerID)
	}
	got, err := f.st.GetMany(ctx, f.tx, f.t, f.scope, list)
	if err != nil {
		return err
	}
	for _, id := range list {
		if e := got[id]; e != nil && !e.HeadOf().Archived() && f.scope.SeesClear(f.t, e, record.Personal) {
			f.add(e, name)
		}
	}
	return nil
}

// byName looks for names that are equal but for the legal form.
func (f *finder) byName(ctx context.Context, name string) error {
	name = core(name)
	if name == "" {
		return nil
	}
	hits, err := f.st.Search(ctx, f.tx, []record.Scope{f.scope}, name, page)
	if err != nil {
		return err
	}
	for _, h := range hits {
		if r := h.Record.(*Customer); token.Rank(name, r.Name) < exactCore || r.ShortName != "" && token.Rank(name, r.ShortName) < exactCore {
			f.add(h.Record, "name")
		}
	}
	return nil
}

// core is a company name without its legal form; a name that has nothing else stays.
func core(name string) string {
	name = strings.TrimSpace(name)
	for _, form := range []string{"集团股份有限公司", "股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "股份公司", "集团公司", "集团", "公司"} {
		if short, found := strings.CutSuffix(name, form); found && short != "" {
			return short
		}
	}
	return name
}

// Enter takes a customer in from a form, a mail or another machine-read channel, within a running call that covers it: an
// existing customer with the same credit code, mobile or mail gets one more source entry, else the customer is written.
// It returns the customer that stands now and whether it is new. Fields of an existing customer are not overwritten.
// Telephone, mail and code must be in the form in which they are stored (E.164 for telephones).
func Enter(ctx context.Context, c *record.Call, r *Customer) (*Customer, bool, error) {
	for _, q := range []struct{ name, value string }{{"credit_code", r.CreditCode}, {"mobile", r.Mobile}, {"mail", r.Mail}} {
		if q.value == "" {
			continue
		}
		list, err := record.Find[Customer](ctx, c, "customer", record.Where(q.name, q.value), 1)
		if err != nil {
			return nil, false, fmt.Errorf("enter customer: %w", err)
		}
		if len(list) > 0 {
			err := c.Work.Insert(ctx, c, "source_entry", &SourceEntry{
				CustomerID: list[0].ID, Channel: r.Source, EnteredAt: c.Now, EnteredBy: c.Actor().UserID, Remarks: r.SourceNote,
			})
			return list[0], false, err
		}
	}
	return r, true, c.Work.Insert(ctx, c, "customer", r)
}
