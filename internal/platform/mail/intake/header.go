package intake

import (
	"bytes"
	"net/mail"
	"strings"
)

// field is one header line, unfolded, its value as it stood.
type field struct{ name, value string }

// header is the lines in their order.
type header []field

func (h header) get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

func (h header) has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

func (h header) all(name string) []string {
	var out []string
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			out = append(out, f.value)
		}
	}
	return out
}

// line cuts the first line off, whatever ends it: CRLF, LF or a lone CR.
func line(b []byte) (one, rest []byte) {
	i := bytes.IndexAny(b, "\r\n")
	if i < 0 {
		return b, nil
	}
	if b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n' {
		return b[:i], b[i+2:]
	}
	return b[:i], b[i+1:]
}

// split parts the header from the body. Lines that are none are passed over where more header follows, and begin the
// body where none does.
func split(b []byte, k *marker) (header, []byte) {
	var h header
	var folded []byte // what follows the first line of the last field
	unfold := func() header {
		if len(folded) > 0 {
			h[len(h)-1].value += string(folded)
			folded = nil
		}
		return h
	}
	size := 0
	for len(b) > 0 {
		l, rest := line(b)
		if len(bytes.TrimRight(l, " \t")) == 0 {
			if len(h) == 0 && len(l) > 0 {
				b = rest
				continue
			}
			return unfold(), rest
		}
		size += len(l) + 1
		f, ok := fieldOf(l)
		switch {
		case (l[0] == ' ' || l[0] == '\t') && len(h) > 0:
			if size <= maxHeader {
				folded = append(append(folded, ' '), bytes.TrimLeft(l, " \t")...)
			}
		case !ok && moreHeader(rest) && len(h) > 0:
			k.add(MarkDamaged)
		case !ok:
			if len(h) > 0 {
				k.add(MarkDamaged)
			}
			return unfold(), b
		case len(h) < maxFields && size <= maxHeader:
			h = append(unfold(), f)
		default:
			k.add(MarkShortened)
		}
		b = rest
	}
	if size > maxHeader {
		k.add(MarkShortened)
	}
	return unfold(), nil
}

// moreHeader reports whether the next line is one of a header.
func moreHeader(b []byte) bool {
	l, _ := line(b)
	if len(l) == 0 {
		return false
	}
	_, ok := fieldOf(l)
	return ok || l[0] == ' ' || l[0] == '\t'
}

// fieldOf reads "Name: value". A name has no spaces and no control characters and is not the start of an address on the web.
func fieldOf(l []byte) (field, bool) {
	i := bytes.IndexByte(l, ':')
	if i < 1 || i > 100 {
		return field{}, false
	}
	name := bytes.TrimRight(l[:i], " \t")
	if len(name) == 0 || bytes.HasPrefix(l[i:], []byte("://")) {
		return field{}, false
	}
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return field{}, false
		}
	}
	return field{string(name), string(bytes.TrimSpace(l[i+1:]))}, true
}

// params reads "value; name=x; name*0*=y" as leniently as it comes. Names are in lower case.
func params(s string) (value string, out map[string]string) {
	out = map[string]string{}
	value, s = cutParam(s)
	value = strings.ToLower(strings.Trim(first(strings.Fields(value)), `"`))
	for n := 0; s != "" && n < 100; n++ {
		var one string
		one, s = cutParam(s)
		name, v, ok := strings.Cut(one, "=")
		if !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := out[name]; !twice && name != "" {
			out[name] = unquote(strings.TrimSpace(v))
		}
	}
	return value, out
}

// cutParam cuts at the next semicolon outside of quotes. A quote that is never closed is no quote.
func cutParam(s string) (one, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"' && (quoted || strings.IndexByte(s[i+1:], '"') >= 0):
			quoted = !quoted
		case s[i] == ';' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' {
		return strings.TrimSpace(strings.Trim(s, `"'`))
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String()
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// messageIDs lists what stands in angle brackets, or the bare words with an @ where none does.
func messageIDs(s string) []string {
	var out []string
	for rest := s; len(out) < maxRefs; {
		open := strings.IndexByte(rest, '<')
		if open < 0 {
			break
		}
		end := strings.IndexByte(rest[open:], '>')
		if end < 0 {
			break
		}
		if id := cleanID(rest[open+1 : open+end]); id != "" {
			out = append(out, id)
		}
		rest = rest[open+end+1:]
	}
	if len(out) > 0 {
		return out
	}
	for _, w := range strings.Fields(s) {
		if id := cleanID(w); strings.Contains(id, "@") && len(out) < maxRefs {
			out = append(out, id)
		}
	}
	return out
}

// cleanID drops what an id cannot hold and refuses what is too long to be one.
func cleanID(s string) string {
	s = strings.Join(strings.Fields(strings.Trim(s, "<> \t")), "")
	if len(s) > 250 {
		return ""
	}
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == '<' || r == '>' {
			return -1
		}
		return r
	}, s), "")
}

// addresses reads a list of mailboxes: by the rules where it keeps them, else everything that looks like an address with
// the words before it.
func addresses(s string, k *marker) []Address {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	if len(s) > maxHeader/8 {
		s = s[:maxHeader/8]
		k.add(MarkShortened)
	}
	var out []Address
	if list, err := (&mail.AddressParser{}).ParseList(plainWords(s, k)); err == nil {
		for _, a := range list[:min(len(list), maxPeople)] {
			out = append(out, Address{oneLine(a.Name), strings.ToLower(a.Address)})
		}
		return out
	}
	return loose(s, k)
}

// plainWords puts decoded names in quotes, so that commas inside of them do not part the list.
func plainWords(s string, k *marker) string {
	if !strings.Contains(s, "=?") {
		return decodeWords(s, k)
	}
	var b strings.Builder
	for s != "" {
		start, end := wordRun(s)
		if start < 0 {
			break
		}
		b.WriteString(s[:start])
		text := decodeWords(s[start:end], k)
		if inQuotes(b.String()) {
			b.WriteString(strings.NewReplacer(`"`, "'", `\`, "").Replace(text))
		} else {
			b.WriteString(`"` + strings.NewReplacer(`"`, "'", `\`, "").Replace(text) + `"`)
		}
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}

func inQuotes(s string) bool { return strings.Count(s, `"`)%2 == 1 }

// loose finds addresses in what keeps no rule.
func loose(s string, k *marker) []Address {
	s = decodeWords(s, k)
	var out []Address
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		a := Address{Name: oneLine(strings.Trim(part, " \"'"))}
		if open := strings.LastIndexByte(part, '<'); open >= 0 {
			mailbox, _, _ := strings.Cut(part[open+1:], ">")
			a = Address{oneLine(strings.Trim(part[:open], " \"'")), oneLine(mailbox)}
		} else if i := strings.IndexByte(part, '@'); i >= 0 {
			left := strings.LastIndexAny(part[:i], " \t:\"'(") + 1
			right := strings.IndexAny(part[i:], " \t\"')>")
			if right < 0 {
				right = len(part) - i
			}
			a = Address{oneLine(strings.Trim(part[:left], " \"':(")), part[left : i+right]}
		}
		a.Mail = strings.ToLower(strings.Trim(a.Mail, " <>\""))
		if strings.Contains(a.Mail, "@") && len(out) < maxPeople {
			out = append(out, a)
		}
	}
	return out
}
