package tabular

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"dianke/internal/platform/errs"
)

// next implements source.
func (s *sheet) next() (line, error) {
	for {
		tok, err := s.d.RawToken()
		if err == io.EOF {
			return line{}, io.EOF
		}
		if err != nil {
			return line{}, damaged(err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			if e.Name.Local == "row" {
				return s.readRow(e)
			}
		case xml.EndElement:
			if e.Name.Local == "sheetData" {
				return line{}, io.EOF
			}
		}
	}
}

func (s *sheet) readRow(e xml.StartElement) (line, error) {
	no := s.row + 1
	if n, err := strconv.Atoi(attr(e, "r")); err == nil && n > s.row && n <= maxRow {
		no = n
	}
	s.row = no
	l := line{no: no}
	if err := s.cells(&l); err != nil {
		return line{}, damaged(err)
	}
	s.merge(&l)
	return l, nil
}

// cells reads up to the end of the row.
func (s *sheet) cells(l *line) error {
	col := -1
	for {
		tok, err := s.d.RawToken()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch e := tok.(type) {
		case xml.EndElement:
			if e.Name.Local == "row" {
				return nil
			}
		case xml.StartElement:
			if e.Name.Local != "c" {
				continue
			}
			col++
			if _, at, _ := parseRef(attr(e, "r")); attr(e, "r") != "" && at >= col {
				col = at
			}
			text, fault, err := s.value(e)
			if err != nil {
				return err
			}
			if fault != nil && l.fault == nil {
				l.fault = fault
			}
			s.put(l, col, text)
		}
	}
}

func (s *sheet) put(l *line, col int, text string) {
	if text == "" {
		return
	}
	if col >= s.b.limit.Columns {
		l.over = true
		return
	}
	for len(l.cells) <= col {
		l.cells = append(l.cells, "")
	}
	l.cells[col] = text
}

// value reads one cell; of a formula the value it had when the file was saved.
func (s *sheet) value(c xml.StartElement) (string, *errs.Error, error) {
	kind := attr(c, "t")
	var v, inline strings.Builder
	var in string
	skip := 0 // within phonetic hints
	for {
		tok, err := s.d.RawToken()
		if err == io.EOF {
			return "", nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", nil, err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			if in = e.Name.Local; in == "rPh" {
				skip++
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "rPh":
				skip--
			case "c":
				text, fault := s.text(kind, attr(c, "s"), v.String(), inline.String())
				return text, fault, nil
			}
			in = ""
		case xml.CharData:
			switch {
			case in == "v" && v.Len() < s.b.limit.Cell:
				v.Write(e)
			case in == "t" && skip == 0 && inline.Len() < s.b.limit.Cell:
				inline.Write(e)
			}
		}
	}
}

func (s *sheet) text(kind, style, v, inline string) (string, *errs.Error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil {
			return "", nil
		}
		text, err := s.b.texts.get(i)
		if err != nil {
			return "", no("tabular.damaged").Because(err)
		}
		return clean(text), nil
	case "inlineStr":
		return clean(inline), nil
	case "str":
		return clean(v), nil
	case "b":
		if strings.TrimSpace(v) == "1" {
			return "true", nil
		}
		return "false", nil
	case "e":
		return "", errs.New(errs.Invalid, "tabular.formula_error").With("value", clean(v))
	case "d":
		return strings.TrimSuffix(strings.Replace(clean(v), "T", " ", 1), " 00:00:00"), nil
	}
	v = strings.TrimSpace(v)
	if v == "" {
		return "", nil
	}
	f := format{}
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(s.b.formats) {
		f = s.b.formats[i]
	}
	return f.show(v, s.b.date4), nil
}

// merge shows the text of ranges over several rows in each of them, and keeps the ranges across columns for headings.
func (s *sheet) merge(l *line) {
	at := l.no - 1
	for len(s.merges) > 0 && s.merges[0].row1 <= at {
		a := s.merges[0]
		s.merges = s.merges[1:]
		if a.row1 < at || a.col1 >= s.b.limit.Columns {
			continue
		}
		a.col2 = min(a.col2, s.b.limit.Columns-1)
		if a.col2 > a.col1 {
			l.spans = append(l.spans, span{a.col1, a.col2})
		}
		if a.row2 > a.row1 && a.col1 < len(l.cells) && l.cells[a.col1] != "" {
			s.open = append(s.open, fill{a, l.cells[a.col1]})
		}
	}
	kept := s.open[:0]
	for _, f := range s.open {
		if f.row2 < at {
			continue
		}
		kept = append(kept, f)
		if f.row1 < at && !blank(l.cells) {
			s.put(l, f.col1, f.text)
		}
		if f.row1 < at && f.col2 > f.col1 {
			l.spans = append(l.spans, span{f.col1, f.col2})
		}
	}
	s.open = kept
}

var errNoText = errors.New("no such text")
