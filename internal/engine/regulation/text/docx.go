package text

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"dianke/internal/platform/errs"
)

// Bounds on a document, so that a small file cannot unfold into a large one.
const (
	maxParts    = 4000     // files in the archive
	maxBody     = 32 << 20 // bytes of its text with all marks
	maxNumbers  = 4 << 20  // bytes of its numbering
	maxUnfolded = MaxBytes // bytes of plain text
)

// Docx makes a plain text of a document in the format of Word 2007 and later (ECMA-376), one line for each paragraph. Numbers
// that Word counts by itself are written out as they are printed. Tables give one line for each cell; text that was deleted
// with changes tracked, notes, headers and footers are left out. It returns a Malformed error for what is no such document,
// and a TooLarge error for one that is larger than [MaxBytes] or unfolds beyond all reason.
func Docx(b []byte) (string, error) {
	if len(b) > MaxBytes {
		return "", tooLarge()
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return "", errs.New(errs.Malformed, "regulation.text.docx").Because(err)
	}
	if len(z.File) > maxParts {
		return "", tooLarge()
	}
	body, err := part(z, "word/document.xml", maxBody)
	if err != nil {
		return "", err
	}
	if body == nil {
		return "", errs.New(errs.Malformed, "regulation.text.docx")
	}
	numbers, err := part(z, "word/numbering.xml", maxNumbers)
	if err != nil {
		return "", err
	}
	styles, err := part(z, "word/styles.xml", maxNumbers)
	if err != nil {
		return "", err
	}
	n, err := readNumbering(numbers, styles)
	if err != nil {
		return "", err
	}
	return paragraphs(body, n)
}

func tooLarge() error {
	return errs.New(errs.TooLarge, "regulation.text.too_large").With("max", MaxBytes>>20)
}

// part reads one file of the archive, nil where there is none.
func part(z *zip.Reader, name string, limit int64) ([]byte, error) {
	for _, f := range z.File {
		if f.Name != name {
			continue
		}
		if f.UncompressedSize64 > uint64(limit) {
			return nil, tooLarge()
		}
		r, err := f.Open()
		if err != nil {
			return nil, errs.New(errs.Malformed, "regulation.text.docx").Because(err)
		}
		defer r.Close()
		raw, err := io.ReadAll(io.LimitReader(r, limit+1)) // the size in the archive is only claimed
		if err != nil {
			return nil, errs.New(errs.Malformed, "regulation.text.docx").Because(err)
		}
		if int64(len(raw)) > limit {
			return nil, tooLarge()
		}
		return raw, nil
	}
	return nil, nil
}

// eachElement visits the elements of an XML text: with end where one ends, and with the characters between.
func eachElement(raw []byte, visit func(e xml.StartElement, end bool, text string) error) error {
	d := xml.NewDecoder(bytes.NewReader(raw))
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errs.New(errs.Malformed, "regulation.text.docx").Because(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			err = visit(t, false, "")
		case xml.EndElement:
			err = visit(xml.StartElement{Name: t.Name}, true, "")
		case xml.CharData:
			err = visit(xml.StartElement{}, false, string(t))
		}
		if err != nil {
			return err
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// paragraphReader gathers the text of one paragraph after the other.
type paragraphReader struct {
	out         strings.Builder
	line        strings.Builder
	numbers     *numbering
	list, level string // of the paragraph's own numbering
	style       string
	inText      bool // within w:t
	skip        int  // depth within what is left out
}

func paragraphs(body []byte, n *numbering) (string, error) {
	p := &paragraphReader{numbers: n}
	if err := eachElement(body, p.see); err != nil {
		return "", err
	}
	return p.out.String(), nil
}

func (p *paragraphReader) see(e xml.StartElement, end bool, text string) error {
	name := e.Name.Local
	switch name {
	case "del", "moveFrom", "pict", "drawing", "object", "instrText", "rubyPr", "rt":
		if end {
			p.skip = max(p.skip-1, 0)
		} else {
			p.skip++
		}
		return nil
	}
	if p.skip > 0 {
		return nil
	}
	switch {
	case name == "" && p.inText:
		p.line.WriteString(text)
	case name == "t":
		p.inText = !end
	case name == "p" && !end:
		p.line.Reset()
		p.list, p.level, p.style = "", "", ""
	case name == "p" && end:
		return p.finish()
	case end:
	case name == "tab":
		p.line.WriteByte(' ')
	case name == "br", name == "cr":
		p.line.WriteByte('\n')
	case name == "numId":
		p.list = attr(e, "val")
	case name == "ilvl":
		p.level = attr(e, "val")
	case name == "pStyle":
		p.style = attr(e, "val")
	}
	return nil
}

func (p *paragraphReader) finish() error {
	list, level := p.list, p.level
	if list == "" {
		own := p.numbers.styles[p.style]
		list = own.list
		if level == "" {
			level = own.level
		}
	}
	if strings.TrimSpace(p.line.String()) != "" {
		depth, err := strconv.Atoi(level)
		if err != nil {
			depth = 0
		}
		p.out.WriteString(p.numbers.next(list, depth))
	}
	p.out.WriteString(p.line.String())
	p.out.WriteByte('\n')
	if p.out.Len() > maxUnfolded {
		return tooLarge()
	}
	return nil
}
