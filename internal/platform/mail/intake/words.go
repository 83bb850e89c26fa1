package intake

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one encoded word of RFC 2047: =?charset?encoding?text?=.
type word struct {
	charset string
	bytes   []byte
	end     int // where it ends in the text it was found in
}

// wordAt reads the encoded word at the start of s. Spaces inside, which the rules forbid, are taken as they come.
func wordAt(s string) (word, bool) {
	if !strings.HasPrefix(s, "=?") {
		return word{}, false
	}
	charset, rest, ok := strings.Cut(s[2:], "?")
	if !ok || len(charset) == 0 || len(charset) > 60 || len(rest) < 2 || rest[1] != '?' {
		return word{}, false
	}
	text, _, ok := strings.Cut(rest[2:], "?=")
	if !ok {
		return word{}, false
	}
	w := word{end: 2 + len(charset) + 1 + 2 + len(text) + 2}
	w.charset, _, _ = strings.Cut(strings.ToLower(charset), "*")
	switch rest[0] {
	case 'b', 'B':
		w.bytes = base64Loose(text)
	case 'q', 'Q':
		w.bytes = qWord(text)
	default:
		return word{}, false
	}
	return w, true
}

// base64Loose decodes as much as there is, with or without padding.
func base64Loose(s string) []byte {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '+', r == '/':
			return r
		}
		return -1
	}, s)
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out, err := base64.RawStdEncoding.DecodeString(clean)
	if err != nil {
		return nil
	}
	return out
}

func qWord(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// wordRun finds the next encoded word and those that follow it with nothing but space between; -1 for none.
func wordRun(s string) (start, end int) {
	for from := 0; ; {
		i := strings.Index(s[from:], "=?")
		if i < 0 {
			return -1, -1
		}
		start = from + i
		if w, ok := wordAt(s[start:]); ok {
			end = start + w.end
			break
		}
		from = start + 2
	}
	for {
		gap := len(s[end:]) - len(strings.TrimLeft(s[end:], " \t\r\n"))
		w, ok := wordAt(s[end+gap:])
		if !ok {
			return start, end
		}
		end += gap + w.end
	}
}

// decodeWords reads a header value: encoded words, and bytes beyond ASCII that stand there against the rules. Words of
// one character set that follow each other are decoded together, since programs cut characters of two bytes in half.
func decodeWords(s string, k *marker) string {
	var b strings.Builder
	for s != "" {
		start, end := wordRun(s)
		if start < 0 {
			break
		}
		b.WriteString(bare(s[:start], k))
		var charset string
		var held []byte
		for run := s[start:end]; run != ""; {
			w, ok := wordAt(run)
			if !ok {
				break
			}
			if w.charset != charset && held != nil {
				b.WriteString(decode(charset, held, k))
				held = nil
			}
			charset, held = w.charset, append(held, w.bytes...)
			run = strings.TrimLeft(run[w.end:], " \t\r\n")
		}
		b.WriteString(decode(charset, held, k))
		s = s[end:]
	}
	b.WriteString(bare(s, k))
	return b.String()
}

// bare reads what stands in a header without encoding.
func bare(s string, k *marker) string {
	if ascii(s) && !strings.Contains(s, "\x1b") {
		return s
	}
	if utf8.ValidString(s) && !strings.Contains(s, "\x1b") {
		return s
	}
	return decode("", []byte(s), k)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// param reads a parameter that may be written by RFC 2231 (name*, name*0*, name*1), by RFC 2047 against the rules, or in
// raw bytes.
func param(p map[string]string, name string, k *marker) string {
	if v, ok := p[name+"*"]; ok {
		return extended(v, "", k)
	}
	first, coded := p[name+"*0*"]
	if !coded {
		first = p[name+"*0"]
	}
	if first == "" {
		return decodeWords(p[name], k)
	}
	charset := ""
	var all []byte
	if coded {
		charset, first = charsetOf(first)
		all = percent(first)
	} else {
		all = []byte(first)
	}
	for i := 1; i < 200; i++ {
		key := name + "*" + itoa(i)
		if v, ok := p[key+"*"]; ok {
			all = append(all, percent(v)...)
		} else if v, ok := p[key]; ok {
			all = append(all, v...)
		} else {
			break
		}
	}
	if charset == "" && strings.Contains(string(all), "=?") {
		return decodeWords(string(all), k)
	}
	return decode(charset, all, k)
}

func itoa(n int) string {
	if n >= 10 {
		return itoa(n/10) + string(rune('0'+n%10))
	}
	return string(rune('0' + n))
}

// charsetOf cuts charset'language'text.
func charsetOf(s string) (charset, text string) {
	if parts := strings.SplitN(s, "'", 3); len(parts) == 3 {
		return strings.ToLower(parts[0]), parts[2]
	}
	return "", s
}

func extended(s, charset string, k *marker) string {
	if c, text := charsetOf(s); c != "" {
		charset, s = c, text
	} else {
		s = text
	}
	return decode(charset, percent(s), k)
}

func percent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// oneLine makes a text fit to stand in one line: no control characters, no turning of the writing direction.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return ' '
		}
		if invisible(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))), " ")
}

// invisible are the characters that hide or turn others.
func invisible(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0xfeff || r == 0x061c
}

func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// clean is oneLine for a text of many lines.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u0085", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == 0xa0:
			return ' '
		case unicode.IsControl(r) || invisible(r):
			return -1
		}
		return r
	}, s)
}
