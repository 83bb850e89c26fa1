package transfer

import (
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

// reason is one thing that is wrong with a row, without words of a language.
type reason struct {
	Field string         `json:"field,omitempty"`
	Key   string         `json:"key"`
	Args  map[string]any `json:"args,omitempty"`
}

func reasonsOf(list []*errs.Error) []reason {
	out := make([]reason, len(list))
	for i, e := range list {
		out[i] = reason{e.Field, e.Key, e.Args}
	}
	return out
}

// Reject is a row that was not taken.
type Reject struct {
	Line    int
	Kind    string // wrong or duplicate
	Cells   []string
	Reasons []string // in words
	Against record.ID
}

// words says the reasons in a language.
func (d *Desk) words(lang i18n.Lang, t *record.Type, list []reason) []string {
	out := make([]string, len(list))
	for i, r := range list {
		args := []any{}
		for k, v := range r.Args {
			if k == "field" {
				v = d.Label(lang, t, fmt.Sprint(v))
			}
			args = append(args, k, v)
		}
		if _, ok := r.Args["field"]; !ok && r.Field != "" {
			args = append(args, "field", d.Label(lang, t, r.Field))
		}
		out[i] = d.Texts.Text(lang, r.Key, args...)
		if r.Field != "" {
			out[i] = d.Texts.Text(lang, "transfer.at_field", "field", d.Label(lang, t, r.Field), "text", out[i])
		}
	}
	return out
}

// Label is what a field is called.
func (d *Desk) Label(lang i18n.Lang, t *record.Type, name string) string {
	f := t.Field(name)
	if f != nil && f.Custom {
		if l := f.Labels[string(lang)]; l != "" {
			return l
		}
	}
	for _, key := range []string{t.Name + "." + name, "head." + name} {
		if d.Texts.Has(key) {
			return d.Texts.Text(lang, key)
		}
	}
	return name
}

// Rejects returns the first rows that were not taken.
func (d *Desk) Rejects(ctx context.Context, imp *Import, lang i18n.Lang, limit int) ([]Reject, error) {
	var out []Reject
	err := d.eachReject(ctx, imp, lang, limit, func(r Reject) error {
		out = append(out, r)
		return nil
	})
	return out, err
}

func (d *Desk) eachReject(ctx context.Context, imp *Import, lang i18n.Lang, limit int, fn func(Reject) error) error {
	t, err := d.typ(imp.Target)
	if err != nil {
		return err
	}
	for after := record.ID(0); limit > 0; {
		page := min(limit, 500)
		n := 0
		_, err := db.View(ctx, d.DB, func(tx *db.Tx) (int, error) {
			stmt := "SELECT id, line, kind, cells, reasons, against FROM import_rejects WHERE import_id = ? AND id > ? ORDER BY id LIMIT " + strconv.Itoa(page)
			return 0, tx.Each(ctx, stmt, []any{imp.ID, int64(after)}, func(rows *sql.Rows) error {
				var r Reject
				var cells, reasons string
				if err := rows.Scan(&after, &r.Line, &r.Kind, &cells, &reasons, &r.Against); err != nil {
					return err
				}
				var list []reason
				if err := json.Unmarshal([]byte(cells), &r.Cells); err != nil {
					return err
				}
				if err := json.Unmarshal([]byte(reasons), &list); err != nil {
					return err
				}
				r.Reasons = d.words(lang, t, list)
				n++
				return fn(r)
			})
		})
		if err != nil {
			return fmt.Errorf("rejected rows: %w", err)
		}
		limit -= page
		if n < page {
			break
		}
	}
	return nil
}

// WriteRejects writes the rows that were not taken as a table with the file's own columns and behind them the reasons. It
// can be corrected and sent again: the reasons are passed over then.
func (d *Desk) WriteRejects(ctx context.Context, a access.Actor, id record.ID, lang i18n.Lang, to io.Writer) error {
	s, err := d.Look(ctx, a, id)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	say := func(key string) string { return d.Texts.Text(lang, key) }
	_ = w.Write(append(append([]string{}, s.Table.Columns...), say("transfer.column.line"), say("transfer.column.reason"))) // the writer keeps its first error
	err = d.eachReject(ctx, s.Import, lang, 1<<40, func(r Reject) error {
		row := make([]string, 0, len(r.Cells)+2)
		for _, c := range r.Cells {
			row = append(row, access.Harmless(c))
		}
		text := ""
		for i, x := range r.Reasons {
			if i > 0 {
				text += "；"
			}
			text += x
		}
		return w.Write(append(row, strconv.Itoa(r.Line), text))
	})
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return err
}
