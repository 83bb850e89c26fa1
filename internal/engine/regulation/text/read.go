package text

import (
	"bytes"
	"regexp"
	"strings"
)

// Read makes a plain text of a file: of a document of Word 2007 or later ([Docx]), of Markdown, or of a plain text in any
// encoding [Decode] knows. What kind it is, its content says. The errors are those of [Decode] and [Docx].
func Read(b []byte) (string, error) {
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return Docx(b)
	}
	s, _, err := Decode(b)
	if err != nil {
		return "", err
	}
	if isMarkdown(s) {
		return plainOfMarkdown(s), nil
	}
	return s, nil
}

var (
	headingMark  = regexp.MustCompile(`(?m)^#{1,6}[ \t]+`)
	fence        = regexp.MustCompile("(?m)^(?:```|~~~).*$")
	quoteMark    = regexp.MustCompile(`(?m)^[ \t]*(?:>[ \t]?)+`)
	bulletMark   = regexp.MustCompile(`(?m)^([ \t]*)[-*+][ \t]+`)
	strongMark   = regexp.MustCompile(`(\*\*|__)([^*_\n]+?)(\*\*|__)`)
	emphasisMark = regexp.MustCompile(`\*([^*\s][^*\n]*?)\*`)
	linkMark     = regexp.MustCompile(`!?\[([^\]\n]*)\]\([^)\n]*\)`)
	escapedMark  = regexp.MustCompile("\\\\([\\\\`*_{}\\[\\]()#+\\-.!>|])")
	rule         = regexp.MustCompile(`(?m)^[ \t]*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$`)
)

// isMarkdown asks for a heading of Markdown: plain texts of regulations have none.
func isMarkdown(s string) bool { return headingMark.MatchString(s) }

// plainOfMarkdown takes the marks away and keeps every word and number.
func plainOfMarkdown(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for _, m := range []*regexp.Regexp{fence, rule, headingMark, quoteMark} {
		s = m.ReplaceAllString(s, "")
	}
	s = bulletMark.ReplaceAllString(s, "$1")
	s = linkMark.ReplaceAllString(s, "$1")
	s = strongMark.ReplaceAllString(s, "$2")
	s = emphasisMark.ReplaceAllString(s, "$1")
	return escapedMark.ReplaceAllString(s, "$1")
}
