package measure

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"dianke/internal/platform/db"
	"dianke/internal/platform/ids"
)

// Deep is behind how many rows the deep page begins, where there are so many.
const Deep = 100_000

// sample is how many records single pages and changes go round.
const sample = 400

// Questions learns what the questions need to know and returns them: lists, searches and pages as the reader sees them,
// then what the writer changes. The two kinds come apart, so that reads can be asked by many at once.
func Questions(ctx context.Context, h, writer *House) (reads, writes []Question, err error) {
	customers, err := h.ids(ctx, "customers", sample)
	if err != nil {
		return nil, nil, err
	}
	cases, err := h.ids(ctx, "cases", sample)
	if err != nil {
		return nil, nil, err
	}
	open, err := writer.ids(ctx, "cases?f=state:eq:received", sample)
	if err != nil {
		return nil, nil, err
	}
	deep, err := h.cursorAfter(ctx, "customers", Deep)
	if err != nil {
		return nil, nil, err
	}
	last, err := h.lastBefore(ctx, deep)
	if err != nil {
		return nil, nil, err
	}
	page := func(path string) func(context.Context, int) error {
		return func(ctx context.Context, _ int) error { return h.Page(ctx, path) }
	}
	words := func(typ string, list ...string) func(context.Context, int) error {
		return func(ctx context.Context, i int) error {
			return h.Page(ctx, "/"+typ+"?q="+url.QueryEscape(list[i%len(list)]))
		}
	}
	each := func(prefix string, list []string) func(context.Context, int) error {
		return func(ctx context.Context, i int) error { return h.Page(ctx, prefix+list[i%len(list)]) }
	}
	const live = "archived_at IS NULL"
	reads = []Question{
		{Name: "first page of customers", Ask: page("/customers"), Bare: rows("SELECT * FROM customers WHERE " + live + " ORDER BY id DESC LIMIT 51")},
		{
			Name: "page after 100,000 rows", Ask: page("/customers?after=" + url.QueryEscape(deep)),
			Bare: rows("SELECT * FROM customers WHERE "+live+" AND id < ? ORDER BY id DESC LIMIT 51", int64(last)),
		},
		{
			Name: "filter and sort", Ask: page("/customers?f=scale:eq:large&sort=name"),
			Bare: rows("SELECT * FROM customers WHERE " + live + " AND scale = 'large' ORDER BY name, id LIMIT 51"),
		},
		{Name: "search by a name of two characters", Ask: words("customers", "青岚", "云舟", "嘉禾", "望舒", "南星")},
		{Name: "search by pinyin", Ask: words("customers", "qinglan", "yunzhou", "jiahe", "hangzhou", "beichen")},
		{Name: "search by part of a telephone number", Ask: words("customers", "3912", "8888", "1390", "0571", "6604")},
		{Name: "search by a word of the case", Ask: words("cases", "漏水", "发票", "延误", "配件", "态度")},
		{Name: "page of a customer", Ask: each("/customers/", customers), Bare: one(customers,
			"SELECT * FROM customers WHERE id = ?", "SELECT * FROM interactions WHERE customer_id = ? ORDER BY id DESC LIMIT 20", "SELECT * FROM cases WHERE customer_id = ? LIMIT 20")},
		{Name: "page of a case", Ask: each("/cases/", cases), Bare: one(cases,
			"SELECT * FROM cases WHERE id = ?", "SELECT * FROM record_history WHERE record_id = ? ORDER BY id DESC LIMIT 50", "SELECT * FROM control_clocks WHERE record_id = ?")},
		{Name: "workbench", Ask: page("/workbench")},
	}
	return reads, writer.changes(customers, open), nil
}

// changes are the questions that write.
func (h *House) changes(customers, open []string) []Question {
	return []Question{
		{Name: "create a customer", Writ: true, Ask: func(ctx context.Context, i int) error {
			return h.call(ctx, http.MethodPost, "customers", map[string]any{
				"kind": "organisation", "name": fmt.Sprintf("测量%d号有限公司", i), "source": "phone", "legal_basis": "contract", "industry": "制造业",
			}, nil, http.StatusCreated)
		}, Bare: func(tx *db.Tx, i int) error {
			_, err := tx.Exec(context.Background(), "INSERT INTO customers (id, number, name, kind, source, legal_basis, industry, unit_id, owner_id, created_at, updated_at, created_by, updated_by) SELECT MAX(id) + 1, 'M-' || CAST(MAX(id) AS TEXT), ?, 'organisation', 'phone', 'contract', '制造业', 0, 0, '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 0, 0 FROM customers",
				fmt.Sprintf("测量%d号有限公司", i))
			return err
		}},
		{Name: "change a customer", Writ: true, Ask: func(ctx context.Context, i int) error {
			return h.call(ctx, http.MethodPatch, "customers/"+customers[i%len(customers)], map[string]any{"remarks": fmt.Sprintf("第%d次核对，资料无变化。", i)}, nil, http.StatusOK)
		}, Bare: func(tx *db.Tx, i int) error {
			id, err := ids.Parse(customers[i%len(customers)])
			if err == nil {
				_, err = tx.Exec(context.Background(), "UPDATE customers SET remarks = ?, lock_version = lock_version + 1 WHERE id = ?", fmt.Sprintf("第%d次核对，资料无变化。", i), int64(id))
			}
			return err
		}},
		{Name: "change a case under guards", Writ: true, Ask: func(ctx context.Context, i int) error {
			return h.call(ctx, http.MethodPost, "cases/"+open[i%len(open)]+"/actions/note_contact", map[string]any{"result": "reached", "no_promise": true}, nil, http.StatusOK)
		}, Bare: func(tx *db.Tx, i int) error {
			id, err := ids.Parse(open[i%len(open)])
			if err == nil {
				_, err = tx.Exec(context.Background(), "UPDATE cases SET lock_version = lock_version + 1 WHERE id = ?", int64(id))
			}
			return err
		}},
	}
}

// lastBefore is the record the cursor points behind.
func (h *House) lastBefore(ctx context.Context, cursor string) (ids.ID, error) {
	p, err := h.list(ctx, "customers", cursor)
	if err != nil {
		return 0, err
	}
	if len(p.Items) == 0 {
		return 0, fmt.Errorf("nothing behind row %d", Deep)
	}
	id, _ := p.Items[0]["id"].(string)
	first, err := ids.Parse(id)
	return first + 1, err
}

// rows reads all columns of a query.
func rows(query string, args ...any) func(*db.Tx, int) error {
	return func(tx *db.Tx, _ int) error { return drain(tx, query, args...) }
}

// one asks queries about the i-th record.
func one(list []string, queries ...string) func(*db.Tx, int) error {
	return func(tx *db.Tx, i int) error {
		id, err := ids.Parse(list[i%len(list)])
		for _, q := range queries {
			if err == nil {
				err = drain(tx, q, int64(id))
			}
		}
		return err
	}
}

func drain(tx *db.Tx, query string, args ...any) error {
	var cells []any
	err := tx.Each(context.Background(), query, args, func(r *sql.Rows) error {
		if cells == nil {
			cols, err := r.Columns()
			if err != nil {
				return err
			}
			for range cols {
				cells = append(cells, new(sql.RawBytes))
			}
		}
		return r.Scan(cells...)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", strings.SplitN(query, " WHERE ", 2)[0], err)
	}
	return nil
}
