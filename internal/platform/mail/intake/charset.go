package intake

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// aliasOf gives the name under which a character set is known. Programs in China say GB 2312 and mean GBK; GB 18030 holds both.
func aliasOf(name string) string {
	name = strings.Trim(strings.ToLower(strings.TrimSpace(name)), `"'`)
	switch name {
	case "gb2312", "gbk", "gb_2312-80", "gb_2312", "cp936", "ms936", "x-gbk", "gb-2312", "csgb2312", "iso-ir-58", "chinese", "euc-cn":
		return "gb18030"
	case "big5-hkscs", "cp950", "x-x-big5", "big5hkscs", "big-5", "csbig5":
		return "big5"
	case "ks_c_5601-1987", "ks_c_5601", "ksc5601", "cp949", "ks_c_5601-1989", "uhc", "x-windows-949":
		return "euc-kr"
	case "cp932", "ms932", "x-sjis", "shift-jis", "sjis", "windows-31j":
		return "shift_jis"
	case "", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "unknown", "default", "default_charset", "8bit", "x-user-defined", "binary", "null", "(null)":
		return ""
	case "utf8", "unicode-1-1-utf-8", "utf_8", "x-utf-8":
		return "utf-8"
	case "utf-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "utf7", "csunicode11utf7":
		return "utf-7"
	}
	return name
}

// decode turns bytes of a named character set into text. Where the name is missing, unknown or plainly wrong, the most
// likely set is taken and marked.
func decode(name string, b []byte, k *marker) string {
	switch alias := aliasOf(name); {
	case len(b) == 0:
		return ""
	case alias == "utf-7":
		return utf7(b)
	case alias == "utf-8" && utf8.Valid(b):
		return string(b)
	case alias == "" && plainASCII(b):
		return string(b)
	case alias != "" && alias != "utf-8":
		if text, ok := known(alias, b); ok {
			return text
		}
	}
	return guess(b, k)
}

func plainASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 || c == 0x1b {
			return false
		}
	}
	return true
}

// known decodes by name; false where the name says nothing or hardly a character fits.
func known(alias string, b []byte) (string, bool) {
	r, err := charset.Reader(alias, bytes.NewReader(b))
	if err != nil {
		return "", false
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return "", false
	}
	bad := bytes.Count(text, []byte("\ufffd"))
	return string(text), bad*20 <= len(b)
}

// guess reads bytes of which nothing is known.
func guess(b []byte, k *marker) string {
	if utf8.Valid(b) && !bytes.Contains(b, []byte("\x1b")) {
		return string(b) // what is valid UTF-8 beyond ASCII is hardly anything else
	}
	k.add(MarkGuessed)
	if bytes.Contains(b, []byte("\x1b$")) || bytes.Contains(b, []byte("\x1b(")) {
		if text, ok := known("iso-2022-jp", b); ok {
			return text
		}
	}
	best, most := encoding.Encoding(charmap.Windows1252), 0
	for _, c := range candidates() {
		if n := c.score(b); n > most {
			best, most = c.enc, n
		}
	}
	if damagedUTF8(b) {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	text, err := best.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return string(text)
}

// damagedUTF8 reports whether nearly all of the bytes beyond ASCII are well-formed UTF-8.
func damagedUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good += n
		}
		i += n
	}
	return good > 0 && good >= 4*bad
}

type candidate struct {
	enc   encoding.Encoding
	score func([]byte) int
}

func candidates() []candidate {
	return []candidate{
		{simplifiedchinese.GB18030, func(b []byte) int {
			return pairs(b, simplifiedchinese.GB18030, 0xb0, 0xd7, 0xa1, 0xfe)
		}},
		{traditionalchinese.Big5, func(b []byte) int { return pairs(b, traditionalchinese.Big5, 0xa4, 0xc6, 0x40, 0xfe) }},
		{japanese.ShiftJIS, func(b []byte) int { return pairs(b, japanese.ShiftJIS, 0x82, 0x83, 0x40, 0xf1) }},
		{korean.EUCKR, func(b []byte) int { return pairs(b, korean.EUCKR, 0xb0, 0xc8, 0xa1, 0xfe) - 1 }},
		{charmap.KOI8R, func(b []byte) int { return letters(b, 0xc0, 0xdf) }},
		{charmap.Windows1251, func(b []byte) int { return letters(b, 0xe0, 0xff) }},
		{unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), func(b []byte) int {
			if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
				return len(b)
			}
			return 0
		}},
	}
}

// pairs counts the bytes in characters of two bytes whose lead and trail are those of common characters; a text that
// does not decode in the set is none of it.
func pairs(b []byte, enc encoding.Encoding, leadFrom, leadTo, trailFrom, trailTo byte) int {
	text, err := enc.NewDecoder().Bytes(b)
	if err != nil || bytes.Count(text, []byte("\ufffd"))*10 > len(b) {
		return 0
	}
	n, high := 0, 0
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		high += 2
		if i+1 < len(b) {
			if b[i] >= leadFrom && b[i] <= leadTo && b[i+1] >= trailFrom && b[i+1] <= trailTo {
				n += 2
			}
			i++
		}
	}
	if n*2 < high {
		return 0 // most of what is not ASCII lies outside of the common characters
	}
	return n
}

// letters counts small letters of a Cyrillic set that stand in words, where they outnumber all other high bytes.
func letters(b []byte, from, to byte) int {
	n, other, run, odd := 0, 0, 0, 0
	for _, c := range append(b[:len(b):len(b)], ' ') {
		if c >= 0x80 {
			run++
			if c >= from && c <= to {
				n++
			} else {
				other++
			}
			continue
		}
		if run%2 == 1 && run > 1 {
			odd++
		}
		run = 0
	}
	if n < 3*other || odd == 0 {
		return 0 // words of Chinese characters have an even number of bytes
	}
	return 2 * n
}

// utf7 reads RFC 2152: runs of base64 in UTF-16 between + and -.
func utf7(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		i := bytes.IndexByte(b, '+')
		if i < 0 {
			break
		}
		out.Write(b[:i])
		b = b[i+1:]
		end := 0
		for end < len(b) && (b[end] >= 'A' && b[end] <= 'Z' || b[end] >= 'a' && b[end] <= 'z' || b[end] >= '0' && b[end] <= '9' || b[end] == '+' || b[end] == '/') {
			end++
		}
		if end == 0 {
			out.WriteByte('+')
		} else if text, err := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Bytes(evenBytes(base64Loose(string(b[:end])))); err == nil {
			out.Write(text)
		}
		b = b[end:]
		if len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	out.Write(b)
	return strings.ToValidUTF8(out.String(), "\ufffd")
}

func evenBytes(b []byte) []byte { return b[:len(b)/2*2] }
