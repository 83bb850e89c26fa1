package casework

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Expand puts values in for the placeholders {name} of a prepared text. It returns the text and the names for which
// there was no value; those stay visible in braces, so that nobody sends them unseen. Values are never expanded again.
func Expand(body string, values map[string]string) (text string, missing []string) {
	var b strings.Builder
	for body != "" {
		open := strings.IndexByte(body, '{')
		if open < 0 {
			break
		}
		b.WriteString(body[:open])
		body = body[open:]
		end := strings.IndexByte(body, '}')
		if end < 0 {
			break
		}
		name := body[1:end]
		if !placeholder(name) {
			b.WriteByte('{')
			body = body[1:]
			continue
		}
		if v := values[name]; v != "" {
			b.WriteString(v)
		} else {
			b.WriteString(body[:end+1])
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
		body = body[end+1:]
	}
	b.WriteString(body)
	return b.String(), missing
}

// placeholder reports whether the text between braces is a name: lower-case letters and underscores.
func placeholder(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

// MacroValues lists what a prepared text may refer to. The names of customer and handler come from the caller, because
// what he may see of them is not for this package to say.
func (k *Case) MacroValues(customer, handler string) map[string]string {
	return map[string]string{"customer": customer, "number": k.Number, "handler": handler, "subject": k.Subject}
}
