// Package tabular reads tables from files people have: CSV in any usual encoding, XLSX, vCard.
//
// [Open] looks at a file, says what it is and where its table begins, and gives its rows one by one in memory that does
// not grow with the file. A row is never dropped in silence: what does not fit the columns is told with it. Files that are
// no table, are locked, damaged or made to exhaust memory are refused with a reason a person can act on. The package
// knows no record type and stores nothing.
package tabular

import (
	"embed"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"dianke/internal/platform/errs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the refusals.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

// Format is what a file was found to be.
type Format string

// The formats.
const (
	CSV   Format = "csv"
	XLSX  Format = "xlsx"
	VCard Format = "vcard"
)

// Limits bound what a file may cost. The zero value means [DefaultLimits].
type Limits struct {
	Columns  int   // of a table
	Cell     int   // bytes of one cell
	Unzipped int64 // bytes that come out of a workbook altogether
	Strings  int   // distinct texts of a workbook
}

// DefaultLimits are generous for tables of a company and small for a machine.
func DefaultLimits() Limits {
	return Limits{Columns: 2000, Cell: 256 << 10, Unzipped: 2 << 30, Strings: 4_000_000}
}

// Options say how to read a file; the zero value finds everything out.
type Options struct {
	Encoding  string // of a CSV file, as [Table.Encoding] names it
	Separator string // of a CSV file
	Sheet     string // of a workbook; the first one that is shown and holds something where empty
	Header    int    // line of the headings, from 1; 0 finds it, -1 says there is none
	Limits    Limits
}

// Sheet is one sheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
}

// Row is one row below the headings.
type Row struct {
	Line  int         // in the file, from 1; of a vCard the number of the card
	Cells []string    // one a column
	Extra []string    // what stood beyond the last column, blanks left out
	Short bool        // the row ended before the last column
	Fault *errs.Error // the row cannot be read as it stands; nil for none
}

// Table is an open file. It is not safe for concurrent use; close it after use.
type Table struct {
	Format    Format
	Encoding  string // of CSV: utf-8, utf-16le, utf-16be, gb18030, big5, windows-1252
	Separator string // of CSV
	Sheets    []Sheet
	Sheet     string
	Header    int // line of the first heading; 0 for none
	Columns   []string
	Damaged   int // places of a text that no encoding explains, replaced by U+FFFD

	src   source
	peek  []line
	limit Limits
}

// line is a row as its source gives it.
type line struct {
	no    int
	cells []string
	spans []span
	over  bool // had more cells than the limit lets through
	fault *errs.Error
}

// span is a merged cell of a heading: the columns from first to last show one text.
type span struct{ first, last int }

// source gives lines one by one, io.EOF at the end.
type source interface {
	next() (line, error)
	close() error
}

// Open finds out what the file is and reads up to its first row. The file must stay as it is until [Table.Close].
func Open(f io.ReaderAt, size int64, o Options) (*Table, error) {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits()
	}
	head := make([]byte, min(size, 4096))
	if n, err := f.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	} else {
		head = head[:n]
	}
	if err := refuse(f, size, head); err != nil {
		return nil, err
	}
	t := &Table{limit: o.Limits}
	var err error
	switch {
	case strings.HasPrefix(string(head), "PK\x03\x04"):
		err = t.openWorkbook(f, size, o)
	case isCard(head):
		err = t.openCards(f, size, o)
	default:
		err = t.openText(f, size, o)
	}
	if err == nil {
		err = t.findHeader(o.Header)
	}
	if err != nil {
		if t.src != nil {
			_ = t.src.close() // the first error counts
		}
		return nil, err
	}
	return t, nil
}

// Next returns the next row that holds anything, io.EOF at the end. An error other than that ends the file: it is
// damaged from here on.
func (t *Table) Next() (Row, error) {
	for {
		l, err := t.line()
		if err != nil {
			return Row{}, err
		}
		if l.fault == nil && blank(l.cells) {
			continue
		}
		return t.row(l), nil
	}
}

// Skip passes over n rows that hold something.
func (t *Table) Skip(n int64) error {
	for range n {
		if _, err := t.Next(); err != nil {
			return err
		}
	}
	return nil
}

// Close releases the file's temporary parts.
func (t *Table) Close() error { return t.src.close() }

func (t *Table) line() (line, error) {
	if len(t.peek) > 0 {
		l := t.peek[0]
		t.peek = t.peek[1:]
		return l, nil
	}
	return t.src.next()
}

func (t *Table) row(l line) Row {
	n := len(t.Columns)
	r := Row{Line: l.no, Cells: l.cells, Fault: l.fault, Short: len(l.cells) < n}
	if len(l.cells) > n {
		r.Cells = l.cells[:n]
		for _, c := range l.cells[n:] {
			if c != "" {
				r.Extra = append(r.Extra, c)
			}
		}
	}
	for len(r.Cells) < n {
		r.Cells = append(r.Cells, "")
	}
	if l.over && r.Fault == nil {
		r.Fault = errs.New(errs.TooLarge, "tabular.row_too_wide").With("max", t.limit.Columns)
	}
	return r
}

func blank(cells []string) bool {
	for _, c := range cells {
		if c != "" {
			return false
		}
	}
	return true
}

// Letter names a column as spreadsheets do: A, B … Z, AA.
func Letter(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}

// unique names the columns: blanks by their place, repeated names by their turn.
func unique(names []string) []string {
	out, seen := make([]string, len(names)), map[string]int{}
	for i, n := range names {
		n = strings.Join(strings.Fields(n), " ")
		if n == "" {
			n = "#" + Letter(i)
		}
		seen[n]++
		if k := seen[n]; k > 1 {
			n += " (" + strconv.Itoa(k) + ")"
		}
		out[i] = n
	}
	return out
}
