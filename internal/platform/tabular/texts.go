package tabular

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
)

const textsInMemory = 16 << 20

// texts are the distinct texts of a workbook: in memory while they are few, then in a file without a name people see.
type texts struct {
	ends []int64
	mem  []byte
	file *os.File
}

func (b *book) readTexts(part string) (*texts, error) {
	t := &texts{}
	if part == "" || b.parts[strings.ToLower(part)] == nil {
		return t, nil
	}
	err := b.elements(part, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		if len(t.ends) >= b.limit.Strings {
			return errBomb
		}
		s, err := richText(d, b.limit.Cell)
		if err != nil {
			return err
		}
		return t.add(s)
	})
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// richText joins the runs of a text up to its end, without phonetic hints.
func richText(d *xml.Decoder, limit int) (string, error) {
	var out strings.Builder
	in, skip := false, 0
	for {
		tok, err := d.RawToken()
		if err == io.EOF {
			return "", io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
		switch e := tok.(type) {
		case xml.StartElement:
			in = e.Name.Local == "t"
			if e.Name.Local == "rPh" {
				skip++
			}
		case xml.EndElement:
			in = false
			switch e.Name.Local {
			case "rPh":
				skip--
			case "si":
				return out.String(), nil
			}
		case xml.CharData:
			if in && skip == 0 && out.Len() < limit {
				out.Write(e)
			}
		}
	}
}

func (t *texts) end() int64 {
	if len(t.ends) == 0 {
		return 0
	}
	return t.ends[len(t.ends)-1]
}

func (t *texts) add(s string) error {
	t.ends = append(t.ends, t.end()+int64(len(s)))
	t.mem = append(t.mem, s...)
	if len(t.mem) < textsInMemory {
		return nil
	}
	if t.file == nil {
		f, err := os.CreateTemp("", "dianke-texts-*")
		if err != nil {
			return err
		}
		t.file = f
	}
	_, err := t.file.Write(t.mem)
	t.mem = t.mem[:0]
	return err
}

func (t *texts) get(i int) (string, error) {
	if i < 0 || i >= len(t.ends) {
		return "", errNoText
	}
	from := int64(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	n := t.ends[i] - from
	base := t.end() - int64(len(t.mem)) // what lies before it is in the file
	if from >= base {
		return string(t.mem[from-base : from-base+n]), nil
	}
	out := make([]byte, n)
	_, err := t.file.ReadAt(out, from)
	return string(out), err
}

// close removes the file; calling it again does nothing.
func (t *texts) close() error {
	if t == nil || t.file == nil {
		return nil
	}
	f := t.file
	t.file = nil
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
