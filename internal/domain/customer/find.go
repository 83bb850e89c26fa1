package customer

import (
	"context"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
)

// page is how many records one look-up takes.
const page = 200

// each calls fn with every record that meets the filter, oldest first, until fn says no. The records are read page by
// page within the running transaction.
func each[T any, P interface {
	*T
	record.Entity
}](ctx context.Context, c *record.Call, typ string, f record.Filter, fn func(P) bool) error {
	var last record.ID
	for {
		list, err := record.Find[T](ctx, c, typ, beyond(f, last), page)
		if err != nil {
			return err
		}
		for _, rec := range list {
			p := P(rec)
			if last = p.HeadOf().ID; !fn(p) {
				return nil
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

// beyond is the filter for what follows a record in order of ids; none is before all.
func beyond(f record.Filter, last record.ID) record.Filter {
	if last == 0 {
		return f
	}
	return record.All(f, record.Filter{Field: "id", Op: field.Gt, Value: last})
}

// in is the leaf "field is one of the values".
func in(name string, values ...string) record.Filter {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return record.Filter{Field: name, Op: field.In, Value: list}
}
