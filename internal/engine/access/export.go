package access

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// DefaultFree is how many rows may be exported without an approved export, unless a clause asks for one sooner.
const DefaultFree = 1000

// Extraction asks for a list as a file.
type Extraction struct {
	Type    string
	Query   record.Query // its limit and cursor do not count
	Purpose string       // at least four characters
	Label   func(f *record.Field) string
	Format  Format // CSV where empty
}

// Format is the kind of file a list becomes.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Media is the media type of the file.
func (f Format) Media() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Export writes what the actor sees of a list for spreadsheets: CSV in UTF-8 with its mark, or a workbook; formulas made harmless, what
// is masked for him masked. The first and the last line say who took it out, when, what for, and the last how many rows
// there are. It needs the grant "export", and above Free rows an approved export (see Clearance). The clauses see it as
// the event "<type>.export"; it is one audit entry. Nothing is written before it is permitted. Rows are read page by
// page, so that memory does not grow with the list; what changes meanwhile is exported as it then is.
func (r *Records) Export(ctx context.Context, a Actor, x Extraction, to io.Writer) error {
	x.Purpose = strings.TrimSpace(x.Purpose)
	if len([]rune(x.Purpose)) < 4 {
		return errs.Of("purpose", "export.purpose").With("min", 4)
	}
	if len([]rune(x.Purpose)) > 200 {
		return errs.Of("purpose", "field.too_long").With("field", "purpose").With("max", 200)
	}
	t := r.Store.Types.Type(x.Type)
	if t == nil {
		return errs.New(errs.NotFound, "record.unknown_type").With("type", x.Type)
	}
	x.Query.Limit, x.Query.After, x.Query.Count = 200, "", false
	if err := r.permitExport(ctx, a, t, x); err != nil {
		return r.denied(ctx, a, t, record.Export, 0, err)
	}
	return r.extract(ctx, a, t, x, to)
}

// permitExport asks grant, clauses and approval, and writes the audit entry.
func (r *Records) permitExport(ctx context.Context, a Actor, t *record.Type, x Extraction) error {
	return db.Do(ctx, r.DB, func(tx *db.Tx) error {
		scope, err := r.Guard.Authorize(ctx, tx, a, t.Name, record.Export)
		if err != nil {
			return err
		}
		count := x.Query
		count.Count, count.Limit = true, 1
		page, err := r.Store.List(ctx, tx, t, scope, count)
		if err != nil {
			return err
		}
		rows := page.Total
		if page.Capped {
			rows++
		}
		c := &record.Call{Tx: tx, Scope: scope, Type: t, Action: t.Action(record.Export), Record: t.New(), Now: r.Store.Clock.Now(), Work: r.Runner}
		approval, err := r.cleared(ctx, c, rows)
		if err != nil {
			return err
		}
		in := &record.Extract{Purpose: x.Purpose, Count: int64(rows)}
		detail := map[string]any{"purpose": x.Purpose, "count": rows}
		if approval != 0 {
			in.ApprovalID = approval.String()
			detail["approval_id"] = in.ApprovalID
		}
		c.Input = in
		return r.Runner.Beside(ctx, c, func() error {
			if free := r.free(); rows > free && approval == 0 {
				return errs.New(errs.Conflict, "export.needs_approval").With("limit", free)
			}
			return r.Store.Log(ctx, tx, scope, t.Name+"."+record.Export, 0, detail)
		})
	})
}

func (r *Records) cleared(ctx context.Context, c *record.Call, rows int) (record.ID, error) {
	if r.Clearance == nil {
		return 0, nil
	}
	return r.Clearance(ctx, c, rows)
}

func (r *Records) free() int {
	if r.Free == 0 {
		return DefaultFree
	}
	return r.Free
}

// table is a file that grows by rows.
type table interface {
	row(cells []string) error
	flush() error // what was written so far goes out
	end() error
}

// extract writes the file.
func (r *Records) extract(ctx context.Context, a Actor, t *record.Type, x Extraction, to io.Writer) error {
	out, err := newTable(x.Format, to)
	if err != nil {
		return err
	}
	fields := exported(t)
	mark := strings.Join([]string{a.Name, a.UserID.String(), r.Store.Clock.Now().In(time.FixedZone("CST", 8*60*60)).Format("2006-01-02 15:04:05"), x.Purpose}, " · ")
	head := []string{"#"}
	for _, f := range fields {
		head = append(head, Harmless(label(x, f)))
	}
	if err := errors.Join(out.row([]string{Harmless(mark)}), out.row(head)); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	rows, line := 0, make([]string, len(head))
	for {
		views, next, err := r.exportPage(ctx, a, t, x.Query)
		if err != nil {
			return err
		}
		for _, v := range views {
			rows++
			line[0] = v.Record.Number
			for i, f := range fields {
				c, _ := v.Cell(f.Name)
				line[i+1] = Harmless(c.Text)
			}
			if err := out.row(line); err != nil {
				return fmt.Errorf("write export: %w", err)
			}
		}
		if err := out.flush(); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
		if next == "" {
			break
		}
		x.Query.After = next
	}
	if err := errors.Join(out.row([]string{Harmless(mark + " · " + strconv.Itoa(rows))}), out.end()); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	return nil
}

func label(x Extraction, f *record.Field) string {
	if x.Label == nil {
		return f.Name
	}
	return x.Label(f)
}

// exported are the columns: what fits a cell.
func exported(t *record.Type) []*record.Field {
	var out []*record.Field
	for _, f := range t.Fields {
		switch f.Kind.Name() {
		case "json", "file", "files":
		default:
			out = append(out, f)
		}
	}
	return out
}

func (r *Records) exportPage(ctx context.Context, a Actor, t *record.Type, q record.Query) ([]mask.View, string, error) {
	var next string
	views, err := db.View(ctx, r.DB, func(tx *db.Tx) ([]mask.View, error) {
		scope, err := r.Guard.Authorize(ctx, tx, a, t.Name, record.Export)
		if err != nil {
			return nil, err
		}
		page, err := r.Store.List(ctx, tx, t, scope, q)
		if err != nil {
			return nil, err
		}
		next = page.Next
		out := make([]mask.View, len(page.Items))
		for i, e := range page.Items {
			out[i] = mask.Of(t, scope, e)
		}
		return out, nil
	})
	return views, next, err
}

// Harmless keeps a spreadsheet from taking a text for a formula; a plain number stays one.
func Harmless(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r|", rune(s[0])) || plainNumber(s[1:]) && s[0] != '=' && s[0] != '@' {
		return s
	}
	return "'" + s
}

func plainNumber(s string) bool {
	whole, part, dot := strings.Cut(s, ".")
	return digits(whole) && (!dot || digits(part))
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
