package tabular

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"
	"unicode/utf8"

	"dianke/internal/platform/errs"

	"golang.org/x/text/encoding/htmlindex"
)

// The columns a vCard gives.
const (
	CardName       = "FN"
	CardOrg        = "ORG"
	CardDepartment = "ORG UNIT"
	CardTitle      = "TITLE"
	CardMobile     = "TEL CELL"
	CardPhone      = "TEL"
	CardFax        = "TEL FAX"
	CardMail       = "EMAIL"
	CardMail2      = "EMAIL 2"
	CardAddress    = "ADR"
	CardURL        = "URL"
	CardBirthday   = "BDAY"
	CardNote       = "NOTE"
	CardNick       = "NICKNAME"
	CardTags       = "CATEGORIES"
	CardUID        = "UID"
	CardChat       = "IMPP"
)

// CardColumns lists the columns of a table made of vCards.
func CardColumns() []string {
	return []string{
		CardName, CardOrg, CardDepartment, CardTitle, CardMobile, CardPhone, CardFax, CardMail, CardMail2, CardAddress, CardURL, CardBirthday,
		CardNote, CardNick, CardTags, CardUID, CardChat,
	}
}

const maxCardLines = 20_000 // of one card; pictures are many lines

func isCard(head []byte) bool {
	s := strings.ToUpper(strings.TrimLeft(string(head), "\ufeff \t\r\n"))
	if strings.HasPrefix(s, "BEGIN:VCARD") {
		return true
	}
	wide := strings.ReplaceAll(s, "\x00", "")
	return strings.Contains(wide[:min(len(wide), 40)], "BEGIN:VCARD")
}

func (t *Table) openCards(f io.ReaderAt, size int64, o Options) error {
	// a card may name the charset of each value, so that bytes of no one encoding are none of the file
	name := o.Encoding
	p, err := profileOf(f, size)
	if err != nil {
		return err
	}
	if guess := p.choose(); name == "" && (guess == Latin || p.good > 0 && guess != UTF16LE && guess != UTF16BE) {
		name = UTF8
	}
	x, err := openEncoded(f, size, name)
	if err != nil {
		return err
	}
	t.Format, t.Encoding, t.Columns = VCard, x.encoding, CardColumns()
	t.src = &cards{r: x.r, limit: o.Limits}
	return nil
}

// cards reads one card after the other.
type cards struct {
	r     *bufio.Reader
	limit Limits
	no    int
	next1 []byte // line read ahead
	end   bool
}

func (c *cards) close() error { return nil }

// physical reads one line, cut at the limit of a cell.
func (c *cards) physical() ([]byte, error) {
	var out []byte
	for {
		part, err := c.r.ReadSlice('\n')
		if room := c.limit.Cell*4 - len(out); room > 0 {
			out = append(out, part[:min(len(part), room)]...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err == io.EOF && len(out) > 0 {
			err = nil
		}
		return bytes.TrimRight(out, "\r\n"), err
	}
}

// logical joins folded lines, and those that quoted-printable continues by an equals sign.
func (c *cards) logical() ([]byte, error) {
	l := c.next1
	c.next1 = nil
	if l == nil {
		if c.end {
			return nil, io.EOF
		}
		var err error
		if l, err = c.physical(); err != nil {
			return nil, err
		}
	}
	for {
		more, err := c.physical()
		if err == io.EOF {
			c.end = true
			return l, nil
		}
		if err != nil {
			return nil, err
		}
		switch {
		case len(more) > 0 && (more[0] == ' ' || more[0] == '\t'):
			l = c.join(l, more[1:])
		case quotedContinues(l):
			l = c.join(l[:len(l)-1], more)
		default:
			c.next1 = more
			if c.next1 == nil {
				c.next1 = []byte{}
			}
			return l, nil
		}
	}
}

func (c *cards) join(l, more []byte) []byte {
	if len(l) > c.limit.Cell*4 {
		return l
	}
	return append(l, more...)
}

func quotedContinues(l []byte) bool {
	if !bytes.HasSuffix(l, []byte("=")) {
		return false
	}
	head, _, _ := bytes.Cut(l, []byte(":"))
	return bytes.Contains(bytes.ToUpper(head), []byte("QUOTED-PRINTABLE"))
}

// next implements source: one card is one line.
func (c *cards) next() (line, error) {
	for {
		l, err := c.logical()
		if err != nil {
			return line{}, err
		}
		if strings.EqualFold(strings.TrimSpace(string(l)), "BEGIN:VCARD") {
			break
		}
	}
	c.no++
	card := map[string]string{}
	out := line{no: c.no}
	depth := 1
	for n := 0; ; n++ {
		l, err := c.logical()
		if err == io.EOF {
			out.fault = no("tabular.card_cut")
			break
		}
		if err != nil {
			return line{}, err
		}
		word := strings.ToUpper(strings.TrimSpace(string(l)))
		if word == "BEGIN:VCARD" {
			depth++
		}
		if word == "END:VCARD" {
			if depth--; depth == 0 {
				break
			}
		}
		if depth == 1 && n < maxCardLines {
			if err := property(card, l, c.limit.Cell); err != nil && out.fault == nil {
				out.fault = errs.New(errs.Invalid, "tabular.card_value").With("value", head(string(l))).Because(err)
			}
		}
	}
	if card[CardName] == "" {
		card[CardName] = card["N"]
	}
	if card[CardName] == "" {
		card[CardName] = card[CardOrg]
	}
	for _, name := range CardColumns() {
		out.cells = append(out.cells, clean(card[name]))
	}
	if blank(out.cells) && out.fault == nil {
		out.fault = no("tabular.card_empty")
	}
	return out, nil
}

func head(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// property reads one line of a card: name, parameters, value.
func property(card map[string]string, l []byte, limit int) error {
	name, params, raw, ok := splitProperty(l)
	if !ok || len(raw) > limit {
		return nil // what is longer is a picture
	}
	if b := params["ENCODING"]; strings.EqualFold(b, "b") || strings.EqualFold(b, "base64") || strings.HasPrefix(string(raw), "data:") {
		return nil
	}
	text, err := decodeValue(raw, params)
	if err != nil {
		return err
	}
	kind := strings.ToUpper(params["TYPE"])
	switch name {
	case "FN", "TITLE", "NOTE", "UID", "NICKNAME", "CATEGORIES", "URL":
		add(card, name, unescape(text))
	case "N":
		add(card, "N", personal(fields(text)))
	case "ORG":
		parts := fields(text)
		add(card, CardOrg, parts[0])
		add(card, CardDepartment, strings.Join(nonEmpty(parts[1:]), " "))
	case "TEL":
		number := strings.TrimPrefix(strings.TrimSpace(unescape(text)), "tel:")
		add(card, phoneColumn(kind), number)
	case "EMAIL":
		mail := strings.TrimPrefix(strings.TrimSpace(unescape(text)), "mailto:")
		if card[CardMail] == "" {
			card[CardMail] = mail
		} else {
			add(card, CardMail2, mail)
		}
	case "ADR":
		add(card, CardAddress, place(fields(text)))
	case "BDAY":
		add(card, CardBirthday, birthday(text))
	case "IMPP", "X-WECHAT", "X-QQ":
		add(card, CardChat, unescape(text))
	}
	return nil
}

// add keeps the first value of a property; most cards put the preferred one first.
func add(card map[string]string, name, value string) {
	if card[name] == "" {
		card[name] = value
	}
}

func phoneColumn(kind string) string {
	switch {
	case strings.Contains(kind, "CELL"), strings.Contains(kind, "IPHONE"), strings.Contains(kind, "MOBILE"):
		return CardMobile
	case strings.Contains(kind, "FAX"):
		return CardFax
	}
	return CardPhone
}

// splitProperty takes a line apart: group.NAME;PARAM=value;TYPE:value.
func splitProperty(l []byte) (name string, params map[string]string, value []byte, ok bool) {
	quoted, colon := false, -1
	for i, b := range l {
		if b == '"' {
			quoted = !quoted
		}
		if b == ':' && !quoted {
			colon = i
			break
		}
	}
	if colon < 0 {
		return "", nil, nil, false
	}
	params = map[string]string{}
	parts := strings.Split(string(l[:colon]), ";")
	name = strings.ToUpper(strings.TrimSpace(parts[0]))
	if _, rest, grouped := strings.Cut(name, "."); grouped {
		name = rest
	}
	for _, p := range parts[1:] {
		key, v, named := strings.Cut(p, "=")
		key = strings.ToUpper(strings.TrimSpace(key))
		switch {
		case named:
		case key == "QUOTED-PRINTABLE", key == "BASE64":
			key, v = "ENCODING", key
		default:
			key, v = "TYPE", key
		}
		params[key] = strings.Trim(params[key]+","+strings.Trim(v, `"`), ",")
	}
	return name, params, l[colon+1:], true
}

func decodeValue(raw []byte, params map[string]string) (string, error) {
	if strings.EqualFold(params["ENCODING"], "quoted-printable") {
		plain, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(raw)))
		if err != nil && len(plain) == 0 {
			return "", fmt.Errorf("quoted-printable: %w", err)
		}
		raw = plain
	}
	if set := params["CHARSET"]; set != "" && !strings.EqualFold(set, "utf-8") && !utf8.Valid(raw) {
		if enc, err := htmlindex.Get(set); err == nil {
			if out, err := enc.NewDecoder().Bytes(raw); err == nil {
				raw = out
			}
		}
	}
	if !utf8.Valid(raw) {
		var p profile
		for _, b := range raw {
			p.add(b)
		}
		if dec, ok := decoderOf(p.choose()); ok {
			if out, err := dec.NewDecoder().Bytes(raw); err == nil {
				raw = out
			}
		}
	}
	s, _ := valid(raw)
	return s, nil
}

// fields cuts a structured value at its semicolons.
func fields(s string) []string {
	var out []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			b.WriteByte(s[i])
			i++
			b.WriteByte(s[i])
		case s[i] == ';':
			out = append(out, strings.TrimSpace(unescape(b.String())))
			b.Reset()
		default:
			b.WriteByte(s[i])
		}
	}
	return append(out, strings.TrimSpace(unescape(b.String())))
}

func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\:`, ":").Replace(s)
}

// personal writes a name: Chinese ones family name first without a blank.
func personal(parts []string) string {
	for len(parts) < 5 {
		parts = append(parts, "")
	}
	family, given, middle, prefix, suffix := parts[0], parts[1], parts[2], parts[3], parts[4]
	if han(family) || family == "" && han(given) {
		return family + given + middle
	}
	return strings.Join(nonEmpty([]string{prefix, given, middle, family, suffix}), " ")
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x3400 && r <= 0x9fff })
}

// place writes an address: Chinese ones from the country down to the house without blanks.
func place(p []string) string {
	for len(p) < 7 {
		p = append(p, "")
	}
	if han(strings.Join(p, "")) {
		return p[6] + p[4] + p[3] + p[2] + p[1] + p[0]
	}
	return strings.Join(nonEmpty([]string{p[0], p[1], p[2], p[3], p[4], p[5], p[6]}), ", ")
}

func nonEmpty(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
}

// birthday leaves dates with a year; without one a birthday is no date.
func birthday(s string) string {
	s = strings.TrimSpace(s)
	s, _, _ = strings.Cut(s, "T")
	if len(s) == 8 && strings.Trim(s, "0123456789") == "" {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	if strings.HasPrefix(s, "-") || len(s) < 8 {
		return ""
	}
	return s
}
