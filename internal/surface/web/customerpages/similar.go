package customerpages

import (
	"context"

	"dianke/internal/domain/customer"
	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

// Similar warns of customers that may be the one being entered. All is a system scope for reading customers: by it a
// warning also knows of customers beyond the reader's reach, of whom it says no more than that there is one.
type Similar struct {
	Records *access.Records
	All     func() record.Scope
}

// Customer finds customers like the one in the form, for [recordpages.Deps].
func (s Similar) Customer(ctx context.Context, a access.Actor, typed map[string]string) ([]webui.Link, error) {
	return s.find(ctx, a, &customer.Customer{
		Name: typed["name"], CreditCode: typed["credit_code"], IDCard: typed["id_card"], Mobile: typed["mobile"], Phone: typed["phone"], Mail: typed["mail"],
	})
}

// Contact finds contacts of the same name at the customer, and other customers with the same telephone or mail.
func (s Similar) Contact(ctx context.Context, a access.Actor, typed map[string]string) ([]webui.Link, error) {
	at, err := ids.Parse(typed["customer_id"])
	if err != nil {
		at = 0 // not chosen yet
	}
	cand := &customer.Customer{Mobile: typed["mobile"], Mail: typed["mail"]}
	cand.ID = at
	out, err := s.find(ctx, a, cand)
	if err != nil || at == 0 || typed["name"] == "" {
		return out, err
	}
	same := record.All(record.Where("customer_id", at), record.Where("name", typed["name"]))
	list, err := s.Records.List(ctx, a, "contact", record.Query{Filter: same, Limit: 5})
	if errs.Is(err, errs.Forbidden) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for _, v := range list.Views {
		out = append(out, webui.Link{
			Label: i18n.T(ctx, "customerpages.similar.contact", "title", v.Title, "number", v.Record.Number), Href: "/contacts/" + v.Record.ID.String(),
		})
	}
	return out, nil
}

// find names what the reader himself would find by these values, and counts the rest by what agrees.
func (s Similar) find(ctx context.Context, a access.Actor, cand *customer.Customer) ([]webui.Link, error) {
	return db.View(ctx, s.Records.DB, func(tx *db.Tx) ([]webui.Link, error) {
		seen := map[record.ID]bool{}
		var out []webui.Link
		own, err := s.Records.Guard.Authorize(ctx, tx, a, "customer", record.Read)
		switch {
		case errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused):
		case err != nil:
			return nil, err
		default:
			found, err := customer.Similar(ctx, tx, s.Records.Store, own, cand)
			if err != nil {
				return nil, err
			}
			for _, m := range found {
				seen[m.Customer.ID] = true
				out = append(out, webui.Link{Href: "/customers/" + m.Customer.ID.String(), Label: i18n.T(ctx, "customerpages.similar.number",
					"title", m.Customer.Name, "number", m.Customer.Number, "why", s.word(ctx, m.Why))})
			}
		}
		rest, err := customer.Similar(ctx, tx, s.Records.Store, s.All(), cand)
		if err != nil {
			return nil, err
		}
		said := map[string]bool{}
		for _, m := range rest {
			if !seen[m.Customer.ID] && !said[m.Why] {
				said[m.Why] = true
				out = append(out, webui.Link{Label: i18n.T(ctx, "customerpages.similar.beyond", "why", s.word(ctx, m.Why))})
			}
		}
		return out, nil
	})
}

// word is what the field that agrees is called.
func (s Similar) word(ctx context.Context, field string) string {
	t := s.Records.Store.Types.Type("customer")
	return web.FieldLabel(ctx, t, t.Field(field))
}
