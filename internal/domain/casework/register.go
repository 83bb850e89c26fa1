package casework

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/platform/db"
)

// RegisterPage is a part of the register of a year, in order of numbers.
type RegisterPage struct {
	Year   int64
	Rows   []RegisterRow
	Next   string // cursor of the page after; "" at the end
	Total  int    // lines of the year that the scope reaches
	Capped bool   // there are more than Total
	Gaps   []string
}

// RegisterPage returns at most limit lines of the register that follow the cursor. Scope is for reading case; gaps are
// those of the whole year, whatever the scope hides.
func (l *Ledger) RegisterPage(ctx context.Context, scope record.Scope, year int64, after string, limit int) (*RegisterPage, error) {
	return db.View(ctx, l.DB, func(tx *db.Tx) (*RegisterPage, error) {
		q := record.Query{Filter: ofYear(year), Sort: "number", After: after, Limit: limit, Count: true}
		page, err := l.Store.List(ctx, tx, l.Store.Types.Type("case"), scope, q)
		if err != nil {
			return nil, fmt.Errorf("page of register: %w", err)
		}
		out := &RegisterPage{Year: year, Next: page.Next, Total: page.Total, Capped: page.Capped}
		for _, e := range page.Items {
			out.Rows = append(out.Rows, rowOf(e.(*Case)))
		}
		out.Gaps, err = l.gaps(ctx, tx, scope.Consequence("case", record.Read), year)
		return out, err
	})
}

func ofYear(year int64) record.Filter {
	return record.Filter{Field: "number", Op: field.Starts, Value: prefix(year)}
}

// gaps looks through all numbers only where their count does not fit the last one.
func (l *Ledger) gaps(ctx context.Context, tx *db.Tx, all record.Scope, year int64) ([]string, error) {
	t := l.Store.Types.Type("case")
	last, err := l.Store.List(ctx, tx, t, all, record.Query{Filter: ofYear(year), Sort: "number", Desc: true, Limit: 1, Count: true})
	if err != nil {
		return nil, fmt.Errorf("last number of register: %w", err)
	}
	if len(last.Items) == 0 {
		return nil, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(last.Items[0].HeadOf().Number, prefix(year)))
	if err == nil && !last.Capped && n == last.Total {
		return nil, nil
	}
	var numbers []string
	if err := l.each(ctx, tx, all, ofYear(year), func(k *Case) { numbers = append(numbers, k.Number) }); err != nil {
		return nil, fmt.Errorf("numbers of register: %w", err)
	}
	return Gaps(numbers, year), nil
}

// FirstYear returns the year of the oldest number the scope reaches; none gives zero.
func (l *Ledger) FirstYear(ctx context.Context, scope record.Scope) (int64, error) {
	return db.View(ctx, l.DB, func(tx *db.Tx) (int64, error) {
		first, err := l.Store.List(ctx, tx, l.Store.Types.Type("case"), scope, record.Query{Sort: "number", Limit: 1})
		if err != nil || len(first.Items) == 0 {
			return 0, err
		}
		_, rest, _ := strings.Cut(first.Items[0].HeadOf().Number, "-")
		year, _, _ := strings.Cut(rest, "-")
		n, err := strconv.ParseInt(year, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("year of number: %w", err)
		}
		return n, nil
	})
}
