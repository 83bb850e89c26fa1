package intake

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"

	"dianke/internal/platform/mail/tnef"
)

// walker goes through the parts of one message.
type walker struct {
	mark *marker
	msg  *Message

	plain, html []string // what is read, in order
	nested      []string // texts of enclosed messages, read where there is nothing else
	shown       int      // bytes of text kept so far
	report      []byte   // body of message/delivery-status
	original    header   // header of the message a report is about
	kinds       []string // media types met
	reportType  string
}

// part looks at one part: a container of others, a text, a message, or a file.
func (w *walker) part(h header, body []byte, level int) {
	w.mark.parts++
	if w.mark.parts > maxParts || level > maxLevels {
		w.mark.add(MarkShortened)
		return
	}
	kind, p := params(h.get("Content-Type"))
	if kind == "" || !strings.Contains(kind, "/") {
		kind = typeless(kind, level)
	}
	w.kinds = append(w.kinds, kind)
	if level == 0 && kind == "multipart/report" {
		w.reportType = strings.ToLower(p["report-type"])
	}
	disposition, dp := params(h.get("Content-Disposition"))
	a := w.attachment(h, kind, p, dp, body)
	a.Inline = disposition == "inline" || disposition == "" && a.Content != ""
	named := param(dp, "filename", w.mark) != "" || param(p, "name", w.mark) != ""
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		w.multipart(kind, p["boundary"], h, body, level)
	case kind == "application/ms-tnef" || strings.EqualFold(a.Name, "winmail.dat"):
		w.tnef(a)
	case kind == "message/delivery-status" || kind == "message/global-delivery-status":
		w.report = append(w.report, unpack(h, body)...)
		w.keepText("text/plain", "", unpack(h, body))
	case kind == "text/rfc822-headers" || kind == "message/global-headers":
		w.original, _ = split(unpack(h, body), &marker{})
	case strings.HasPrefix(kind, "message/"):
		w.message(kind, h, body, a, level)
	case w.reads(kind, disposition, named):
		w.keepText(kind, p["charset"], unpack(h, body))
	case len(body) > 0 || named:
		w.keepFile(a)
	}
}

// reads reports whether a part belongs to what is read: a text that is no attachment and has no name, or the first text
// that is meant to be shown although it has one.
func (w *walker) reads(kind, disposition string, named bool) bool {
	if kind != "text/plain" && kind != "text/html" && kind != "text/enriched" || disposition == "attachment" {
		return false
	}
	return !named || disposition == "inline" && len(w.plain)+len(w.html) == 0
}

// typeless is the type of a part that names none.
func typeless(kind string, level int) string {
	switch {
	case kind == "text" || kind == "plain" || kind == "":
		return "text/plain"
	case kind == "html":
		return "text/html"
	case kind == "multipart":
		return "multipart/mixed"
	case level == 0:
		return "text/plain"
	}
	return "application/octet-stream"
}

func (w *walker) attachment(h header, kind string, p, dp map[string]string, body []byte) *Attachment {
	name := param(dp, "filename", w.mark)
	if name == "" {
		name = param(p, "name", w.mark)
	}
	if name == "" {
		name = decodeWords(h.get("Content-Description"), &marker{})
		if !strings.Contains(name, ".") {
			name = ""
		}
	}
	return &Attachment{
		Name: SafeName(name, kind, len(w.msg.Files)+1), Type: kind, Content: cleanID(h.get("Content-Id")),
		open: func() io.Reader { return decoder(h, body) },
	}
}

func (w *walker) keepFile(a *Attachment) { w.msg.Files = append(w.msg.Files, a) }

// keepText adds to what is read, up to the bound.
func (w *walker) keepText(kind, charset string, body []byte) {
	if free := maxText - w.shown; len(body) > free {
		body = body[:max(0, free)]
		w.mark.add(MarkShortened)
	}
	w.shown += len(body)
	if charset == "" && kind == "text/html" {
		charset = metaCharset(body)
	}
	text := decode(charset, body, w.mark)
	if kind == "text/html" || looksHTML(body) {
		w.html = append(w.html, text)
		return
	}
	w.plain = append(w.plain, text)
}

// text is what a person reads: plain text where there is any, else the text of the HTML, else that of an enclosed message.
func (w *walker) text() string {
	if plain := tidy(strings.Join(w.plain, "\n\n")); plain != "" {
		return plain
	}
	if len(w.html) > 0 {
		w.msg.HTML = true
		if t := tidy(PlainText(strings.Join(w.html, "<br>"))); t != "" {
			return t
		}
	}
	return tidy(strings.Join(w.nested, "\n\n"))
}

// tidy drops empty lines at the ends and more than two in a row.
func tidy(s string) string {
	lines := strings.Split(clean(s), "\n")
	out := lines[:0]
	empty := 0
	for _, l := range lines {
		l = strings.TrimRight(l, " \t")
		if l == "" {
			empty++
		} else {
			empty = 0
		}
		if empty <= 2 {
			out = append(out, l)
		}
	}
	return strings.Trim(strings.Join(out, "\n"), "\n \t")
}

// multipart takes a container apart. One without any boundary is read as a text.
func (w *walker) multipart(kind, boundary string, h header, body []byte, level int) {
	if kind == "multipart/encrypted" {
		w.mark.add(MarkEncrypted)
	}
	inner, whole := pieces(body, boundary)
	if inner == nil {
		if found := likelyBoundary(body); found != "" {
			inner, _ = pieces(body, found)
		}
		whole = false
	}
	if !whole {
		w.mark.add(MarkDamaged)
	}
	if inner == nil {
		w.keepText("text/plain", "", body)
		return
	}
	plain, html := len(w.plain), len(w.html)
	for _, piece := range inner {
		if w.mark.parts > maxParts {
			w.mark.add(MarkShortened)
			break
		}
		ph, pb := split(piece, w.mark)
		if kind == "multipart/digest" && !ph.has("Content-Type") {
			ph = append(ph, field{"Content-Type", "message/rfc822"})
		}
		w.part(ph, pb, level+1)
	}
	if kind == "multipart/alternative" && len(w.plain) > plain && strings.TrimSpace(strings.Join(w.plain[plain:], "")) != "" {
		w.html = w.html[:min(html, len(w.html))] // both say the same
	}
}

// pieces cuts at the lines of the boundary. whole is false where the last line is missing; no line at all gives nil.
func pieces(body []byte, boundary string) (out [][]byte, whole bool) {
	boundary = strings.TrimRight(boundary, " ")
	if boundary == "" {
		return nil, false
	}
	mark, start := []byte("--"+boundary), -1
	for at := 0; at < len(body); {
		i := bytes.Index(body[at:], mark)
		if i < 0 {
			break
		}
		i += at
		l, rest := line(body[i+len(mark):])
		next := len(body) - len(rest)
		end := bytes.HasPrefix(l, []byte("--"))
		if i > 0 && body[i-1] != '\n' && body[i-1] != '\r' || !end && len(bytes.TrimSpace(l)) > 0 {
			at = i + len(mark)
			continue
		}
		if start >= 0 {
			out = append(out, body[start:lineEnd(body, start, i)])
		} else if out == nil {
			out = [][]byte{}
		}
		if end {
			return out, true
		}
		start, at = next, next
		if len(out) > maxParts {
			return out, false
		}
	}
	if start >= 0 && start < len(body) {
		out = append(out, body[start:])
	}
	return out, false
}

// lineEnd is where a part ends: before the line break that belongs to the boundary after it.
func lineEnd(body []byte, from, to int) int {
	if to > from && body[to-1] == '\n' {
		to--
	}
	if to > from && body[to-1] == '\r' {
		to--
	}
	return to
}

// likelyBoundary finds the boundary of a container that names another one or none: the first line that begins with two
// hyphens and stands before something like a header.
func likelyBoundary(body []byte) string {
	for n := 0; len(body) > 0 && n < 500; n++ {
		var l []byte
		l, body = line(body)
		l = bytes.TrimRight(l, " \t")
		if len(l) < 4 || !bytes.HasPrefix(l, []byte("--")) || bytes.IndexByte(l, ' ') >= 0 {
			continue
		}
		next, _ := line(body)
		if f, ok := fieldOf(next); ok && strings.HasPrefix(strings.ToLower(f.name), "content-") {
			return string(l[2:])
		}
	}
	return ""
}

// message keeps an enclosed message as a file; what it says is read where the outer one says nothing.
func (w *walker) message(kind string, h header, body []byte, a *Attachment, level int) {
	if kind == "message/partial" {
		w.mark.add(MarkPartial)
	}
	if kind == "message/disposition-notification" || kind == "message/feedback-report" {
		w.keepText("text/plain", "", unpack(h, body))
		return
	}
	inner := unpack(h, body)
	ih, ib := split(envelope(inner), &marker{})
	if w.original == nil && (kind == "message/rfc822" || kind == "message/global") {
		w.original = ih
	}
	if param(firstParams(h), "filename", &marker{}) == "" && a.Name == SafeName("", kind, len(w.msg.Files)+1) {
		if s := oneLine(decodeWords(ih.get("Subject"), &marker{})); s != "" {
			a.Name = SafeName(clip(s, 60)+".eml", kind, 1)
		}
	}
	w.keepFile(a)
	if w.mark.parts <= maxParts && level < 3 && kind != "message/partial" {
		sub := &walker{mark: &marker{parts: w.mark.parts}, msg: &Message{}}
		sub.part(ih, ib, level+maxLevels-4)
		w.mark.parts = sub.mark.parts
		w.nested = append(w.nested, sub.text())
	}
}

func firstParams(h header) map[string]string {
	_, p := params(h.get("Content-Disposition"))
	return p
}

// tnef opens the wrapper of Outlook; where it cannot be opened it is kept as it is.
func (w *walker) tnef(a *Attachment) {
	raw, err := io.ReadAll(io.LimitReader(a.Open(), 256<<20))
	if err != nil {
		w.mark.add(MarkDamaged)
	}
	content, err := tnef.Read(raw)
	if err != nil {
		w.mark.add(MarkDamaged)
	}
	if err != nil && len(content.Files) == 0 {
		w.keepFile(a)
		return
	}
	for _, f := range content.Files {
		data := f.Data
		kind := f.Type
		if kind == "" {
			kind = "application/octet-stream"
		}
		w.keepFile(&Attachment{
			Name: SafeName(decode("", []byte(f.Name), w.mark), kind, len(w.msg.Files)+1), Type: kind,
			open: func() io.Reader { return bytes.NewReader(data) },
		})
	}
	switch {
	case len(w.plain)+len(w.html) > 0:
	case content.Text != "":
		w.keepText("text/plain", "", []byte(content.Text))
	case len(content.HTML) > 0:
		w.keepText("text/html", "", content.HTML)
	}
}

// unpack decodes a body whole, as far as text is shown.
func unpack(h header, body []byte) []byte {
	out, err := io.ReadAll(io.LimitReader(decoder(h, body), maxText+1))
	if err != nil {
		return out // what came before the damage is what there is
	}
	return out
}

// decoder undoes the transfer encoding; unknown ones are taken as they are.
func decoder(h header, body []byte) io.Reader {
	name, _ := params(h.get("Content-Transfer-Encoding"))
	switch strings.ToLower(strings.Trim(name, `"' `)) {
	case "base64":
		if !likelyBase64(body) {
			return bytes.NewReader(body)
		}
		return lenient{base64.NewDecoder(base64.RawStdEncoding, &alphabet{src: body})}
	case "quoted-printable":
		return lenient{quotedprintable.NewReader(&unbroken{src: body})}
	case "x-uuencode", "uuencode", "x-uue":
		return bytes.NewReader(uudecode(body))
	}
	return bytes.NewReader(body)
}

// likelyBase64 reports whether the beginning of a body is what it is said to be: a text sent under the wrong name has
// spaces and stops in it.
func likelyBase64(body []byte) bool {
	good, bad := 0, 0
	for _, c := range body[:min(len(body), 2000)] {
		switch {
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=':
			good++
		case c != '\r' && c != '\n':
			bad++
		}
	}
	return bad*10 <= good
}

// lenient ends where the encoding breaks instead of failing.
type lenient struct{ r io.Reader }

func (l lenient) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if err != nil && err != io.EOF {
		err = io.EOF
	}
	return n, err
}

// alphabet passes on the characters of base64 alone and stops at the padding. A last character that stands alone holds
// no byte and is dropped.
type alphabet struct {
	src []byte
	n   int
}

func (a *alphabet) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && len(a.src) > 0 {
		c := a.src[0]
		a.src = a.src[1:]
		switch {
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/':
			p[n] = c
			n++
		case c == '=' && a.n+n > 0:
			a.src = nil // padding ends the body
		}
	}
	a.n += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// unbroken repairs what the strict reader of quoted-printable refuses: bytes beyond ASCII, "=" that begins nothing,
// lone CR.
type unbroken struct {
	src  []byte
	held []byte
}

func (u *unbroken) Read(p []byte) (int, error) {
	for len(u.held) == 0 && len(u.src) > 0 {
		var l []byte
		before := len(u.src)
		l, u.src = line(u.src)
		ended := before > len(l)+len(u.src)
		u.held = repairLine(bytes.TrimRight(l, " \t"), ended)
	}
	if len(u.held) == 0 {
		return 0, io.EOF
	}
	n := copy(p, u.held)
	u.held = u.held[n:]
	return n, nil
}

func repairLine(l []byte, ended bool) []byte {
	out := make([]byte, 0, len(l)+8)
	for i := 0; i < len(l); i++ {
		c := l[i]
		hex := i+2 < len(l) && isHex(l[i+1]) && isHex(l[i+2])
		switch {
		case c == '=' && !hex && i != len(l)-1:
			out = append(out, "=3D"...)
		case c >= 0x80 || c < ' ' && c != '\t':
			out = append(out, '=', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		default:
			out = append(out, c)
		}
	}
	if ended {
		out = append(out, '\r', '\n')
	} else if len(out) > 0 && out[len(out)-1] == '=' {
		out = out[:len(out)-1]
	}
	return out
}

// uudecode reads "begin 644 name … end"; lines that are none are passed over.
func uudecode(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		var l []byte
		l, b = line(b)
		if len(l) == 0 || bytes.HasPrefix(l, []byte("begin ")) || l[0] <= ' ' || l[0] > '`' {
			continue
		}
		if bytes.Equal(bytes.TrimSpace(l), []byte("end")) || l[0] == '`' {
			break
		}
		n := int(l[0]-' ') & 63
		var row []byte
		for i := 1; i+3 < len(l); i += 4 {
			v := uint32(l[i]-' ')&63<<18 | uint32(l[i+1]-' ')&63<<12 | uint32(l[i+2]-' ')&63<<6 | uint32(l[i+3]-' ')&63
			row = append(row, byte(v>>16), byte(v>>8), byte(v))
		}
		out = append(out, row[:min(n, len(row))]...)
	}
	return out
}
