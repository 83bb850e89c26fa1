package casework

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Ledger reads the books of the room: the register of a year, the contents of a volume, the sheet of a reply. It shows
// what the scope passed in reaches and nothing else. It is safe for concurrent use.
type Ledger struct {
	DB    *db.DB
	Store *store.Store
}

// RegisterRow is one line of the register. Withdrawn and merged cases keep their line.
type RegisterRow struct {
	ID         record.ID
	Number     string
	Kind       string
	Channel    string
	Subject    string
	CustomerID record.ID
	HandlerID  record.ID // the handler, or where none is named the owner
	State      string
	Result     string
	MergedInto record.ID
	ReceivedAt time.Time
	RecordedAt time.Time
	ClosedAt   time.Time
	FiledAt    time.Time
}

// RegisterYear is the register of one year in order of numbers.
type RegisterYear struct {
	Year int64
	Rows []RegisterRow
	Gaps []string // numbers below the last one that no record holds; empty in a sound register
}

// Register returns the register of the cases numbered in the year. Scope is for reading case. Gaps are looked for among
// all numbers, also those of cases the scope hides, which therefore are no gaps.
func (l *Ledger) Register(ctx context.Context, scope record.Scope, year int64) (*RegisterYear, error) {
	return db.View(ctx, l.DB, func(tx *db.Tx) (*RegisterYear, error) {
		out := &RegisterYear{Year: year}
		in := record.Filter{Field: "number", Op: field.Starts, Value: prefix(year)}
		err := l.each(ctx, tx, scope, in, func(k *Case) { out.Rows = append(out.Rows, rowOf(k)) })
		if err != nil {
			return nil, fmt.Errorf("register: %w", err)
		}
		var numbers []string
		err = l.each(ctx, tx, scope.Consequence("case", record.Read), in, func(k *Case) { numbers = append(numbers, k.Number) })
		if err != nil {
			return nil, fmt.Errorf("numbers of register: %w", err)
		}
		out.Gaps = Gaps(numbers, year)
		slices.SortFunc(out.Rows, func(a, b RegisterRow) int { return strings.Compare(a.Number, b.Number) })
		return out, nil
	})
}

func prefix(year int64) string { return fmt.Sprintf("CS-%d-", year) }

// Gaps returns the numbers between the first of the year and the greatest in the list that the list lacks, at most 1000.
func Gaps(numbers []string, year int64) []string {
	have, last := map[int]bool{}, 0
	for _, s := range numbers {
		n, err := strconv.Atoi(strings.TrimPrefix(s, prefix(year)))
		if err != nil || n < 1 {
			continue
		}
		have[n], last = true, max(last, n)
	}
	var out []string
	for n := 1; n < last && len(out) < 1000; n++ {
		if !have[n] {
			out = append(out, fmt.Sprintf("%s%06d", prefix(year), n))
		}
	}
	return out
}

func rowOf(k *Case) RegisterRow {
	r := RegisterRow{
		ID: k.ID, Number: k.Number, Kind: k.Kind, Channel: k.Channel, Subject: k.Subject, CustomerID: k.CustomerID, HandlerID: k.HandlerID,
		State: k.State, Result: k.Result, MergedInto: k.MergedInto, ReceivedAt: k.ReceivedAt, RecordedAt: k.CreatedAt,
		ClosedAt: k.ClosedAt, FiledAt: k.FiledAt,
	}
	if r.HandlerID == 0 {
		r.HandlerID = k.OwnerID
	}
	return r
}

// each visits the cases page by page, oldest first.
func (l *Ledger) each(ctx context.Context, tx *db.Tx, scope record.Scope, in record.Filter, visit func(*Case)) error {
	t := l.Store.Types.Type("case")
	q := record.Query{Filter: in, Sort: "id", Limit: 200}
	for {
		page, err := l.Store.List(ctx, tx, t, scope, q)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			visit(e.(*Case))
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}

// Entry is one line of a volume's table of contents.
type Entry struct {
	RegisterRow
	Shelf       string
	FileList    string
	RetainUntil time.Time
}

// Contents is the table of contents of a yearly volume.
type Contents struct {
	Year    int64
	Filed   []Entry
	Missing []string // numbers of cases closed in the year that are not filed
}

// Contents returns the table of contents of the volume. Scope is for reading case.
func (l *Ledger) Contents(ctx context.Context, scope record.Scope, year int64) (*Contents, error) {
	return db.View(ctx, l.DB, func(tx *db.Tx) (*Contents, error) {
		out := &Contents{Year: year}
		in := record.All(record.Where("volume_year", year), record.Filter{Field: "state", Op: field.In, Value: []any{Closed, Filed}})
		err := l.each(ctx, tx, scope, in, func(k *Case) {
			if k.State == Closed {
				out.Missing = append(out.Missing, k.Number)
				return
			}
			out.Filed = append(out.Filed, Entry{RegisterRow: rowOf(k), Shelf: k.Shelf, FileList: k.FileList, RetainUntil: k.RetainUntil})
		})
		if err != nil {
			return nil, fmt.Errorf("contents of volume: %w", err)
		}
		return out, nil
	})
}

// Letterhead is what stands above a printed reply. It comes from the settings of the company.
type Letterhead struct {
	Company, Address, Phone, Mail string
}

// ReplySheet is what the print view of a written reply shows.
type ReplySheet struct {
	Letterhead Letterhead
	CaseNumber string
	Number     string // of the reply itself
	Date       time.Time
	Addressee  string // empty where the scope masks names
	Subject    string
	Body       string
	Signatory  string
	Draft      bool // not sent yet: the print says so
	CaseID     record.ID
	Channel    string

	// What was decided before the letter went out; empty where nothing was.
	Finding    string
	Conclusion string
	Measure    string
	Remedy     []string
	Resolution string   // number of the resolution the decision rests on
	Basis      []string // law, contract or product sheet behind the knowledge the answer rests on
}

// ReplySheet returns the print view of a reply. Replies is the scope for reading case_reply, cases that for reading
// case; a name the scope masks is left out.
func (l *Ledger) ReplySheet(ctx context.Context, replies, cases record.Scope, id record.ID) (*ReplySheet, error) {
	return db.View(ctx, l.DB, func(tx *db.Tx) (*ReplySheet, error) {
		e, err := l.Store.Get(ctx, tx, l.Store.Types.Type("case_reply"), replies, id)
		if err != nil {
			return nil, err
		}
		r := e.(*Reply)
		t := l.Store.Types.Type("case")
		if e, err = l.Store.Get(ctx, tx, t, cases, r.CaseID); err != nil {
			return nil, err
		}
		k := e.(*Case)
		out := &ReplySheet{CaseNumber: k.Number, Number: r.Number, Date: r.SentAt, Subject: r.Subject, Body: r.Body, Draft: r.State != "sent"}
		if out.Draft {
			out.Date = l.Store.Clock.Now()
		}
		out.CaseID, out.Channel = k.ID, r.Channel
		if cases.SeesClear(t, k, record.Personal) {
			out.Addressee = k.ContactName
		}
		if !k.DecidedAt.IsZero() && (out.Draft || !k.DecidedAt.After(r.SentAt)) {
			out.Finding, out.Conclusion, out.Measure, out.Remedy, out.Resolution = k.Finding, k.Conclusion, k.Measure, k.Remedy, k.ResolutionRef
		}
		if out.Basis, err = l.basis(ctx, tx, cases, k.Articles); err != nil {
			return nil, err
		}
		out.Signatory, err = l.userName(ctx, tx, cases, r.SignatoryID)
		return out, err
	})
}

// basis returns what the articles cited rest on, each once.
func (l *Ledger) basis(ctx context.Context, tx *db.Tx, scope record.Scope, articles []record.ID) ([]string, error) {
	found, err := l.Store.GetMany(ctx, tx, l.Store.Types.Type("knowledge_article"), scope.Consequence("knowledge_article", record.Read), articles)
	if err != nil {
		return nil, fmt.Errorf("basis of reply: %w", err)
	}
	var out []string
	for _, id := range articles {
		if a, ok := found[id].(*Article); ok && a.Basis != "" && !slices.Contains(out, a.Basis) {
			out = append(out, a.Basis)
		}
	}
	return out, nil
}

// userName returns the public name of a person who works here; "" for none.
func (l *Ledger) userName(ctx context.Context, tx *db.Tx, scope record.Scope, id record.ID) (string, error) {
	if id == 0 {
		return "", nil
	}
	t := l.Store.Types.Type("user")
	e, err := l.Store.Get(ctx, tx, t, scope.Consequence("user", record.Read), id)
	if errs.Is(err, errs.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return t.TitleOf(e), nil
}
