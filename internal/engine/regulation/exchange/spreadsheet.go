package exchange

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"dianke/internal/engine/regulation/assess"
)

// Words gives texts in the reader's language; see package i18n.
type Words func(key string, args ...any) string

// columns of the statement: message key and width in characters.
func columns() []struct {
	key   string
	width float64
} {
	return []struct {
		key   string
		width float64
	}{
		{"statement.regulation", 22}, {"statement.version", 8}, {"statement.clause", 14}, {"statement.printed", 14}, {"statement.text", 60},
		{"statement.post", 18}, {"statement.controls", 20}, {"statement.applies", 10}, {"statement.why", 30}, {"statement.status", 14},
		{"statement.good", 10}, {"statement.bad", 10}, {"statement.excepted", 10}, {"statement.breaches", 12},
	}
}

// Statement writes the statement of applicability as a spreadsheet, a row a clause, streamed.
func Statement(w io.Writer, sheets []*assess.Sheet, lang string, say Words) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	name := say("statement.title")
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EEF4"}}})
	if err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	wrap, err := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	s, err := f.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	if err := head(s, bold, say); err != nil {
		return err
	}
	line := 1
	for _, sheet := range sheets {
		for _, r := range sheet.Rows {
			if r.Status == "" {
				continue
			}
			line++
			if err := s.SetRow(fmt.Sprintf("A%d", line), cells(sheet, r, lang, say, wrap)); err != nil {
				return fmt.Errorf("statement: row %d: %w", line, err)
			}
		}
	}
	if err := s.Flush(); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	return nil
}

func head(s *excelize.StreamWriter, style int, say Words) error {
	var row []any
	for i, c := range columns() {
		if err := s.SetColWidth(i+1, i+1, c.width); err != nil {
			return fmt.Errorf("statement: %w", err)
		}
		row = append(row, excelize.Cell{StyleID: style, Value: say(c.key)})
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	return s.SetRow("A1", row)
}

func cells(sheet *assess.Sheet, r assess.Row, lang string, say Words, style int) []any {
	kinds := make([]string, len(r.Bound))
	for i, k := range r.Bound {
		kinds[i] = say("binding.control." + k)
	}
	applies := say("statement.yes")
	if r.Status == assess.Excluded {
		applies = say("statement.no")
	}
	good, bad := r.Tally.Sides()
	row := []any{
		inLang(sheet.Title, lang), sheet.Version, r.Clause, r.Printed, inLang(r.Body, lang), r.Post, strings.Join(kinds, "、"), applies, r.Why,
		say("clause.status." + string(r.Status)), good, bad, r.Excepted, r.Breaches,
	}
	for i, v := range row {
		if text, ok := v.(string); ok {
			v = plain(text)
		}
		row[i] = excelize.Cell{StyleID: style, Value: v}
	}
	return row
}

// plain keeps a spreadsheet from reading a text as a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func inLang(t [2]string, lang string) string {
	if lang == "en" && t[1] != "" {
		return t[1]
	}
	return t[0]
}
