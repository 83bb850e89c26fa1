package text

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"dianke/internal/platform/errs"
)

// MaxBytes is the largest file [Decode] accepts: 8 MiB.
const MaxBytes = 8 << 20

// Decode makes a string of the bytes of a text file and names the encoding found: "UTF-8", "UTF-16LE", "UTF-16BE",
// "GBK" or "GB18030". A byte order mark is dropped. It returns a TooLarge error above [MaxBytes], and a Malformed
// error for bytes that fit no encoding or hold a NUL; broken characters are never replaced.
func Decode(b []byte) (string, string, error) {
	if len(b) > MaxBytes {
		return "", "", errs.New(errs.TooLarge, "regulation.text.too_large").With("max", MaxBytes>>20)
	}
	s, name, ok := decode(b)
	switch {
	case !ok:
		return "", "", errs.New(errs.Malformed, "regulation.text.encoding")
	case strings.ContainsRune(s, 0):
		return "", "", errs.New(errs.Malformed, "regulation.text.nul")
	}
	return s, name, nil
}

func decode(b []byte) (s, name string, ok bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return string(b[3:]), "UTF-8", utf8.Valid(b[3:])
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		s, ok = decode16(b[2:], binary.LittleEndian)
		return s, "UTF-16LE", ok
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		s, ok = decode16(b[2:], binary.BigEndian)
		return s, "UTF-16BE", ok
	case utf8.Valid(b):
		return string(b), "UTF-8", true
	}
	if s, ok = decodeStrict(b, simplifiedchinese.GBK); ok {
		return s, "GBK", true
	}
	s, ok = decodeStrict(b, simplifiedchinese.GB18030)
	return s, "GB18030", ok
}

// decodeStrict refuses what the decoder could only replace, and private characters, which are a sign of noise.
func decodeStrict(b []byte, enc encoding.Encoding) (string, bool) {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return "", false
	}
	noise := bytes.ContainsFunc(out, func(r rune) bool {
		return r >= 0xE000 && r <= 0xF8FF || r >= 0x80 && r < 0xA0
	})
	return string(out), !noise
}

func decode16(b []byte, order binary.ByteOrder) (string, bool) {
	if len(b)%2 != 0 {
		return "", false
	}
	var out strings.Builder
	for i := 0; i < len(b); i += 2 {
		r := rune(order.Uint16(b[i:]))
		if utf16.IsSurrogate(r) {
			if i+4 > len(b) {
				return "", false
			}
			i += 2
			if r = utf16.DecodeRune(r, rune(order.Uint16(b[i:]))); r == utf8.RuneError {
				return "", false
			}
		}
		out.WriteRune(r)
	}
	return out.String(), true
}
