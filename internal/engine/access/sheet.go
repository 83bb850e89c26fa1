package access

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

func newTable(f Format, to io.Writer) (table, error) {
	if f == XLSX {
		return newSheet(to)
	}
	if _, err := io.WriteString(to, "\xef\xbb\xbf"); err != nil {
		return nil, fmt.Errorf("write export: %w", err)
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	return &commas{w}, nil
}

// commas is a CSV file.
type commas struct{ w *csv.Writer }

func (c *commas) row(cells []string) error { return c.w.Write(cells) }
func (c *commas) end() error               { return c.flush() }
func (c *commas) flush() error {
	c.w.Flush()
	return c.w.Error()
}

// sheet is a workbook of one sheet whose cells are texts, written row by row; a text is never taken for a formula.
type sheet struct {
	z   *zip.Writer
	w   *bufio.Writer
	err error
}

// parts of a workbook that are always the same (ECMA-376).
func parts() [][2]string {
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	return [][2]string{
		{"[Content_Types].xml", head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
		{"_rels/.rels", head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", head + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
	}
}

func newSheet(to io.Writer) (*sheet, error) {
	z := zip.NewWriter(to)
	for _, p := range parts() {
		w, err := z.Create(p[0])
		if err == nil {
			_, err = io.WriteString(w, p[1])
		}
		if err != nil {
			return nil, fmt.Errorf("write workbook: %w", err)
		}
	}
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	s := &sheet{z: z, w: bufio.NewWriterSize(w, 64<<10)}
	_, err = s.w.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`)
	return s, err
}

// maxCell is how many characters a cell of a spreadsheet holds.
const maxCell = 32_767

func (s *sheet) row(cells []string) error {
	s.text("<row>")
	for _, c := range cells {
		if c == "" {
			s.text("<c/>")
			continue
		}
		if len(c) > maxCell {
			if r := []rune(c); len(r) > maxCell {
				c = string(r[:maxCell])
			}
		}
		s.text(`<c t="inlineStr"><is><t xml:space="preserve">`)
		if s.err == nil {
			s.err = xml.EscapeText(s.w, []byte(strings.ToValidUTF8(c, "\ufffd")))
		}
		s.text("</t></is></c>")
	}
	s.text("</row>")
	return s.err
}

func (s *sheet) text(t string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(t)
	}
}

func (s *sheet) flush() error { return s.err }

func (s *sheet) end() error {
	s.text("</sheetData></worksheet>")
	if s.err == nil {
		s.err = s.w.Flush()
	}
	if s.err == nil {
		s.err = s.z.Close()
	}
	return s.err
}
