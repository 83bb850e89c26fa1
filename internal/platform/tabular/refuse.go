package tabular

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf16"

	"dianke/internal/platform/errs"
)

func no(key string) *errs.Error { return errs.New(errs.Invalid, key) }

// refuse says no to what is plainly no table this package reads, with what to do instead.
func refuse(f io.ReaderAt, size int64, head []byte) error {
	text := strings.ToLower(strings.TrimLeft(string(head), "\ufeff \t\r\n"))
	switch {
	case size == 0 || len(bytes.TrimSpace(head)) == 0 && size <= int64(len(head)):
		return no("tabular.empty")
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return oldWorkbook(f, size)
	case bytes.HasPrefix(head, []byte("\x09\x08")), bytes.HasPrefix(head, []byte("\x09\x04\x06\x00")), bytes.HasPrefix(head, []byte("\x09\x02\x06\x00")):
		return no("tabular.xls")
	case bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return no("tabular.empty")
	case strings.HasPrefix(text, "<"):
		if strings.Contains(text, "urn:schemas-microsoft-com:office:spreadsheet") {
			return no("tabular.xml_workbook")
		}
		return no("tabular.markup")
	}
	for _, magic := range []string{"%PDF", "\x89PNG", "\xff\xd8\xff", "GIF8", "\x1f\x8b", "Rar!", "7z\xbc\xaf", "\x7fELF", "MZ\x90", "SQLite format 3"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return no("tabular.not_table")
		}
	}
	return nil
}

// oldWorkbook tells the locked workbook, which is wrapped in the old format, from the old format itself.
func oldWorkbook(f io.ReaderAt, size int64) error {
	for _, word := range []string{"EncryptedPackage", "EncryptionInfo"} {
		if holds(f, size, wide(word)) {
			return no("tabular.password")
		}
	}
	return no("tabular.xls")
}

func wide(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// holds looks for bytes anywhere in a file of at most 64 MB.
func holds(f io.ReaderAt, size int64, want []byte) bool {
	const step = 1 << 20
	buf := make([]byte, step+len(want))
	for at := int64(0); at < min(size, 64<<20); at += step {
		n, err := f.ReadAt(buf, at)
		if bytes.Contains(buf[:n], want) {
			return true
		}
		if err != nil {
			return false
		}
	}
	return false
}
