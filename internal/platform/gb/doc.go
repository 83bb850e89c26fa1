// Package gb knows what Chinese standards say of codes people type.
//
// The unified social credit code (GB 32100-2015), the resident identity number (GB 11643-1999), telephone numbers, the
// administrative divisions (GB/T 2260), and the masks under which personal data is shown. Functions take what was
// typed, in full width, lower case and with separators, and return one normal form. A right check digit says that
// nothing was mistyped, not that the code was ever issued. Errors are of kind Invalid with keys under "gb." and never
// carry the value, which may be personal. The package stores nothing and knows nobody's permission.
package gb

import (
	"embed"
	"io/fs"
	"strings"

	"golang.org/x/text/unicode/norm"

	"dianke/internal/platform/errs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the errors of this package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

func invalid(key string) error { return errs.New(errs.Invalid, key) }

// compact folds full-width forms, takes out blanks and dashes, and writes letters in upper case.
func compact(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\u00a0', '-', '–', '—', '‐', '‑', '·', '.', '\u200b', '\ufeff':
			return -1
		}
		return r
	}, norm.NFKC.String(strings.TrimSpace(s))))
}
