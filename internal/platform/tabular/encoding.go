package tabular

import (
	"bufio"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// The names of encodings.
const (
	UTF8    = "utf-8"
	UTF16LE = "utf-16le"
	UTF16BE = "utf-16be"
	GB18030 = "gb18030"
	Big5    = "big5"
	Latin   = "windows-1252"
)

// Encodings lists the names a person may choose from.
func Encodings() []string { return []string{UTF8, GB18030, Big5, UTF16LE, UTF16BE, Latin} }

func decoderOf(name string) (encoding.Encoding, bool) {
	switch name {
	case UTF8:
		return encoding.Nop, true
	case UTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), true
	case UTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), true
	case GB18030:
		return simplifiedchinese.GB18030, true
	case Big5:
		return traditionalchinese.Big5, true
	case Latin:
		return charmap.Windows1252, true
	}
	return nil, false
}

// profile counts what the bytes of a text look like in each encoding. It is fed with the whole file, so that one strange
// name on the last page is not decided by the first.
type profile struct {
	total, nul, nulEven, control int64
	good, bad                    int64 // sequences of UTF-8
	gb, big, pairs, alone        int64 // pairs common in GB 2312, in Big5, all pairs, high bytes before ASCII
	lowTrail                     int64 // pairs whose second byte is ASCII
	need                         int   // continuation bytes still due
	lead                         byte
	paired                       bool
}

func (p *profile) add(b byte) {
	if b == 0 {
		p.nul++
		if p.total%2 == 0 {
			p.nulEven++
		}
	}
	if b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1a {
		p.control++
	}
	p.total++
	p.utf8(b)
	p.double(b)
}

func (p *profile) utf8(b byte) {
	if p.need > 0 {
		if b&0xc0 == 0x80 {
			if p.need--; p.need == 0 {
				p.good++
			}
			return
		}
		p.need = 0
		p.bad++
	}
	switch {
	case b < 0x80:
	case b >= 0xc2 && b < 0xe0:
		p.need = 1
	case b >= 0xe0 && b < 0xf0:
		p.need = 2
	case b >= 0xf0 && b < 0xf5:
		p.need = 3
	default:
		p.bad++
	}
}

// double looks at bytes in pairs, as the Chinese encodings make them.
func (p *profile) double(b byte) {
	if !p.paired {
		if b >= 0x81 && b < 0xff {
			p.lead, p.paired = b, true
		}
		return
	}
	p.paired = false
	p.pairs++
	l := p.lead
	switch {
	case b < 0x40:
		p.alone++
		return
	case b < 0x80:
		p.lowTrail++
	}
	if b >= 0xa1 && (l >= 0xb0 && l <= 0xd7 || l >= 0xa1 && l <= 0xa3) {
		p.gb++
	}
	if l >= 0xa4 && l <= 0xc6 || l >= 0xa1 && l <= 0xa3 {
		p.big++
	}
}

// choose names the encoding that explains the bytes best.
func (p *profile) choose() string {
	if p.total > 3 && p.nul*5 > p.total {
		if p.nulEven*2 > p.nul {
			return UTF16BE
		}
		return UTF16LE
	}
	if p.bad == 0 || p.good > 0 && p.good >= 20*p.bad {
		return UTF8
	}
	if p.pairs == 0 || p.alone*3 > p.pairs {
		return Latin
	}
	full := float64(p.pairs)
	gb, big := float64(p.gb)/full, float64(p.big)/full
	low := float64(p.lowTrail) / full
	switch {
	case low > 0.15 && big >= 0.6 && big > gb:
		return Big5
	case gb >= 0.5:
		return GB18030
	case big >= 0.6:
		return Big5
	case low > 0.5:
		return Latin
	}
	return GB18030
}

// mark reads a byte order mark.
func mark(head []byte) (name string, n int) {
	switch {
	case len(head) >= 3 && string(head[:3]) == "\xef\xbb\xbf":
		return UTF8, 3
	case len(head) >= 2 && string(head[:2]) == "\xff\xfe":
		return UTF16LE, 2
	case len(head) >= 2 && string(head[:2]) == "\xfe\xff":
		return UTF16BE, 2
	}
	return "", 0
}

// text is an open text in UTF-8.
type text struct {
	r        *bufio.Reader
	encoding string
}

// openEncoded reads a file as UTF-8 text, finding out its encoding where none is named.
func openEncoded(f io.ReaderAt, size int64, name string) (text, error) {
	head := make([]byte, 3)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return text{}, err
	}
	found, skip := mark(head[:n])
	var p profile
	if found == "" {
		if p, err = profileOf(f, size); err != nil {
			return text{}, err
		}
		found = p.choose()
	}
	if _, ok := decoderOf(name); ok {
		found = name
	}
	if found == UTF8 || found == GB18030 || found == Big5 || found == Latin {
		if p.total > 0 && (p.control+p.nul)*50 > p.total {
			return text{}, no("tabular.not_table")
		}
	}
	dec, _ := decoderOf(found)
	raw := io.NewSectionReader(f, int64(skip), size-int64(skip))
	return text{bufio.NewReaderSize(dec.NewDecoder().Reader(raw), 64<<10), found}, nil
}

func profileOf(f io.ReaderAt, size int64) (profile, error) {
	var p profile
	buf := make([]byte, 256<<10)
	for at := int64(0); at < size; {
		n, err := f.ReadAt(buf, at)
		for _, b := range buf[:n] {
			p.add(b)
		}
		at += int64(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// valid replaces what is no UTF-8 and counts the places.
func valid(b []byte) (string, int) {
	if utf8.Valid(b) {
		return string(b), 0
	}
	out, bad := make([]rune, 0, len(b)), 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		}
		out = append(out, r)
		b = b[n:]
	}
	return string(out), bad
}
