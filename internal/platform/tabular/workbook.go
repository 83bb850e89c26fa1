package tabular

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"dianke/internal/platform/errs"
)

const (
	maxParts  = 10_000
	maxMerges = 200_000
	maxSheets = 500
	maxRow    = 1 << 20 // as spreadsheets have it
)

// book is an open workbook. Nothing of it is written to the disk by a name it holds.
type book struct {
	zip     *zip.Reader
	parts   map[string]*zip.File
	left    int64 // bytes that may still be unpacked
	limit   Limits
	date4   bool // days count from 1904
	texts   *texts
	formats []format
}

var errBomb = errs.New(errs.TooLarge, "tabular.bomb")

// unpacked counts what comes out of the workbook.
type unpacked struct {
	io.ReadCloser
	b *book
}

// Read fails with tabular.bomb once the workbook has given more than its limit.
func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	if u.b.left -= int64(n); u.b.left < 0 {
		return n, errBomb
	}
	return n, err
}

func damaged(err error) error {
	if err == nil || errs.As(err) != nil {
		return err
	}
	return no("tabular.damaged").Because(err)
}

func openBook(f io.ReaderAt, size int64, limit Limits) (*book, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, damaged(err)
	}
	if len(z.File) > maxParts {
		return nil, errBomb
	}
	b := &book{zip: z, parts: map[string]*zip.File{}, left: limit.Unzipped, limit: limit}
	var total uint64
	for _, p := range z.File {
		b.parts[strings.ToLower(strings.TrimPrefix(p.Name, "/"))] = p
		total += p.UncompressedSize64
		if p.UncompressedSize64 > 64<<20 && p.UncompressedSize64/max(p.CompressedSize64, 1) > 500 {
			return nil, errBomb
		}
	}
	if total > uint64(limit.Unzipped) {
		return nil, errBomb
	}
	return b, b.kind()
}

// kind refuses what is packed alike and is another format.
func (b *book) kind() error {
	if r, err := b.open("mimetype"); err == nil {
		word, _ := io.ReadAll(io.LimitReader(r, 100)) // a broken part is no such word
		_ = r.Close()
		if strings.Contains(string(word), "opendocument") {
			return no("tabular.ods")
		}
	}
	switch {
	case b.parts["xl/workbook.bin"] != nil:
		return no("tabular.xlsb")
	case b.parts["index/document.iwa"] != nil:
		return no("tabular.numbers")
	case b.parts["word/document.xml"] != nil, b.parts["ppt/presentation.xml"] != nil:
		return no("tabular.not_table")
	}
	return nil
}

func (b *book) open(name string) (io.ReadCloser, error) {
	p := b.parts[strings.ToLower(strings.TrimPrefix(name, "/"))]
	if p == nil {
		return nil, no("tabular.damaged")
	}
	r, err := p.Open()
	if err != nil {
		return nil, damaged(err)
	}
	return &unpacked{r, b}, nil
}

// elements calls fn for each start element of a part; fn may read on with the decoder.
func (b *book) elements(name string, fn func(d *xml.Decoder, e xml.StartElement) error) (err error) {
	r, err := b.open(name)
	if err != nil {
		return err
	}
	defer func() { err = damaged(errors.Join(err, r.Close())) }()
	d := decoder(r)
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := tok.(xml.StartElement); ok {
			if err := fn(d, e); err != nil {
				return err
			}
		}
	}
}

// decoder reads XML. It knows no entities but the five of XML itself: others are an error, never expanded.
func decoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(label, "utf-8") || strings.EqualFold(label, "utf8") || strings.EqualFold(label, "us-ascii") {
			return in, nil
		}
		return nil, fmt.Errorf("charset %q", label)
	}
	return d
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// relations maps the ids of a part's relations to the parts they point at, and their kinds to the first of each.
func (b *book) relations(of string) (byID, byKind map[string]string) {
	byID, byKind = map[string]string{}, map[string]string{}
	dir, file := path.Split(of)
	_ = b.elements(dir+"_rels/"+file+".rels", func(_ *xml.Decoder, e xml.StartElement) error { // a workbook may do without
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", dir, target)
		}
		target = strings.TrimPrefix(target, "/")
		byID[attr(e, "Id")] = target
		kind := path.Base(attr(e, "Type"))
		if byKind[kind] == "" {
			byKind[kind] = target
		}
		return nil
	})
	return byID, byKind
}

func (t *Table) openWorkbook(f io.ReaderAt, size int64, o Options) error {
	b, err := openBook(f, size, o.Limits)
	if err != nil {
		return err
	}
	_, roots := b.relations("")
	main := roots["officeDocument"]
	if main == "" || b.parts[strings.ToLower(main)] == nil {
		main = "xl/workbook.xml"
	}
	byID, byKind := b.relations(main)
	var files []string
	err = b.elements(main, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			b.date4 = attr(e, "date1904") == "1" || attr(e, "date1904") == "true"
		case "sheet":
			if target := byID[attr(e, "id")]; target != "" && !strings.Contains(target, "chartsheets") && len(files) < maxSheets {
				files = append(files, target)
				t.Sheets = append(t.Sheets, Sheet{Name: attr(e, "name"), Hidden: attr(e, "state") == "hidden" || attr(e, "state") == "veryHidden"})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return no("tabular.empty")
	}
	if b.texts, err = b.readTexts(byKind["sharedStrings"]); err != nil {
		return err
	}
	if b.formats, err = b.readFormats(byKind["styles"]); err != nil {
		return errors.Join(err, b.texts.close())
	}
	t.Format = XLSX
	if err := t.chooseSheet(b, files, o.Sheet); err != nil {
		return errors.Join(err, b.texts.close())
	}
	return nil
}

// chooseSheet opens the sheet of the name, or the first that is shown and has a row, else the first that has one.
func (t *Table) chooseSheet(b *book, files []string, name string) error {
	if name != "" {
		i := slices.IndexFunc(t.Sheets, func(s Sheet) bool { return s.Name == name })
		if i < 0 {
			return errs.Of("sheet", "tabular.no_such_sheet").With("sheet", name)
		}
		t.Sheet = name
		var err error
		t.src, err = b.sheet(files[i])
		return err
	}
	for _, hidden := range []bool{false, true} {
		for i, s := range t.Sheets {
			if s.Hidden != hidden {
				continue
			}
			src, err := b.sheet(files[i])
			if err != nil {
				return err
			}
			l, err := src.next()
			for err == nil && blank(l.cells) {
				l, err = src.next()
			}
			if err == nil {
				if src, err = b.sheetAgain(src, files[i]); err != nil {
					return err
				}
				t.Sheet, t.src = s.Name, src
				return nil
			}
			_ = src.pages.Close() // only looked into
			if err != io.EOF {
				return err
			}
		}
	}
	return no("tabular.empty")
}

func (b *book) sheetAgain(s *sheet, file string) (*sheet, error) {
	if err := s.pages.Close(); err != nil {
		return nil, damaged(err)
	}
	return b.sheet(file)
}

// area is a merged range; both ends are within it, counted from 0.
type area struct{ row1, col1, row2, col2 int }

// sheet gives the rows of one sheet.
type sheet struct {
	b      *book
	pages  io.ReadCloser
	d      *xml.Decoder
	merges []area // those that still may begin, by row
	open   []fill
	row    int // last row given, from 1
}

// fill is a merged range over several rows with the text it shows.
type fill struct {
	area
	text string
}

func (b *book) sheet(file string) (*sheet, error) {
	merges, err := b.merges(file)
	if err != nil {
		return nil, err
	}
	r, err := b.open(file)
	if err != nil {
		return nil, err
	}
	return &sheet{b: b, pages: r, d: decoder(r), merges: merges}, nil
}

func (s *sheet) close() error { return errors.Join(s.pages.Close(), s.b.texts.close()) }

// merges reads the merged ranges, which stand behind the rows.
func (b *book) merges(file string) ([]area, error) {
	r, err := b.open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	var out []area
	err = scanFor(r, "<mergeCell ", func(rest string) {
		if a, ok := parseArea(between(rest, `ref="`, `"`)); ok && len(out) < maxMerges {
			out = append(out, a)
		}
	})
	if err != nil {
		return nil, damaged(err)
	}
	slices.SortFunc(out, func(a, b area) int { return a.row1 - b.row1 })
	return out, nil
}

func between(s, from, to string) string {
	_, rest, _ := strings.Cut(s, from)
	out, _, _ := strings.Cut(rest, to)
	return out
}

// scanFor calls fn with the 60 bytes behind each occurrence of a word.
func scanFor(r io.Reader, word string, fn func(rest string)) error {
	const tail = 100
	buf, have := make([]byte, 128<<10), 0
	for {
		n, err := io.ReadFull(r, buf[have:])
		have += n
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return err
		}
		text, at := string(buf[:have]), 0
		for {
			i := strings.Index(text[at:], word)
			if i < 0 || !last && at+i > have-tail {
				break
			}
			at += i + len(word)
			fn(text[at:min(at+60, len(text))])
		}
		if last {
			return nil
		}
		keep := max(at, have-tail)
		have = copy(buf, buf[keep:have])
	}
}

func parseArea(s string) (area, bool) {
	from, to, ok := strings.Cut(s, ":")
	r1, c1, ok1 := parseRef(from)
	r2, c2, ok2 := parseRef(to)
	return area{r1, c1, r2, c2}, ok && ok1 && ok2 && r2 >= r1 && c2 >= c1
}

// parseRef reads "B12" as row 11, column 1.
func parseRef(s string) (row, col int, ok bool) {
	i := 0
	for i < len(s) && i < 4 && (s[i] >= 'A' && s[i] <= 'Z' || s[i] >= 'a' && s[i] <= 'z') {
		col = col*26 + int(s[i]&^0x20-'A') + 1
		i++
	}
	if i == 0 || i == len(s) || len(s)-i > 7 {
		return 0, col - 1, false
	}
	for _, c := range s[i:] {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
		row = row*10 + int(c-'0')
	}
	return row - 1, col - 1, row > 0
}
