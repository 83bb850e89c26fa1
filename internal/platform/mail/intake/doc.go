// Package intake reads mail as it comes, whatever program wrote it and however it was damaged on the way.
//
// [Read] never fails and never gives up on a message: what cannot be understood is kept as it is and marked. It takes a
// bounded number of header lines, parts and levels, needs no more memory than a small multiple of the message, and does
// not follow any address it finds. The bytes of a message are never changed; attachments are decoded when they are
// opened. The package knows nothing of records, of senders who may write, or of what is done with a message.
package intake

import (
	"bytes"
	"io"
	"net/mail"
	"strings"
	"time"
)

// The marks a reading may leave on a message.
const (
	MarkGuessed   = "charset_guessed" // the named character set is unknown or wrong, the text was read by likelihood
	MarkDamaged   = "damaged"         // structure or encoding is broken; what could be read was read
	MarkShortened = "shortened"       // more header lines, parts, levels or text than are read
	MarkPartial   = "partial"         // a piece of a message sent in several
	MarkEncrypted = "encrypted"       // content is encrypted and not read
	MarkHeadless  = "headless"        // no header at all
)

// The bounds of one reading.
const (
	maxHeader  = 1 << 20 // bytes of all header lines of one part
	maxFields  = 2000    // header lines of one part
	maxParts   = 1000    // parts of a message that are looked at
	maxLevels  = 24      // levels of parts within parts
	maxText    = 1 << 20 // bytes of text that are shown; more is in the original
	maxRefs    = 100     // message ids of a thread
	maxPeople  = 500     // addresses of one header line
	maxSubject = 1000    // characters
)

// Address is a mailbox as written in a message. Mail is in lower case and may be no valid address at all.
type Address struct{ Name, Mail string }

// Attachment is a part that is kept as a file.
type Attachment struct {
	Name    string // safe to show and to save: no path, no control characters, never empty
	Type    string // media type as the sender says, in lower case
	Content string // Content-ID without brackets, of pictures inside the text
	Inline  bool   // belongs into the text
	open    func() io.Reader
}

// Open returns the decoded bytes from the start. Broken encodings give what can be decoded and then end.
func (a *Attachment) Open() io.Reader { return a.open() }

// Message is what was understood. All texts are valid UTF-8 without control characters but line breaks and tabs.
type Message struct {
	MessageID  string   // without brackets; empty where the message has none
	InReplyTo  []string // ids this message says it answers, the nearest first
	References []string // ids of the thread, oldest first
	Subject    string
	From       []Address // the author, or who is left in Sender, Reply-To and Return-Path
	ReplyTo    []Address
	To, Cc     []Address
	Delivered  []string  // addresses the carriers wrote on the way: Delivered-To, X-Original-To, Envelope-To
	Sent       time.Time // zero where the date cannot be read
	Text       string    // what a person reads, of plain text or made of HTML
	HTML       bool      // Text was made of HTML
	Files      []*Attachment
	Nature     Nature
	Marks      []string

	head header
}

// Get returns the first value of a header line, decoded; empty for none.
func (m *Message) Get(name string) string { return decodeWords(m.head.get(name), &marker{}) }

// Marked reports whether the reading left the mark.
func (m *Message) Marked(mark string) bool {
	for _, k := range m.Marks {
		if k == mark {
			return true
		}
	}
	return false
}

// marker collects marks.
type marker struct {
	set   []string
	parts int
}

func (k *marker) add(mark string) {
	for _, m := range k.set {
		if m == mark {
			return
		}
	}
	k.set = append(k.set, mark)
}

// Read understands a message of bytes. It keeps a reference to raw, which must not be changed as long as the message
// or one of its attachments is in use.
func Read(raw []byte) *Message {
	k := &marker{}
	head, body := split(envelope(raw), k)
	m := &Message{head: head}
	if len(head) == 0 {
		k.add(MarkHeadless)
	}
	w := &walker{mark: k, msg: m}
	w.part(head, body, 0)
	m.Text = w.text()
	m.readHead(k)
	m.Nature = natureOf(m, w)
	m.Marks = k.set
	return m
}

// envelope drops what stores of mail put before a message: a byte-order mark, empty lines and the line "From …".
func envelope(raw []byte) []byte {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	raw = bytes.TrimLeft(raw, "\r\n")
	if bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) {
		_, raw = line(raw)
	}
	return raw
}

func (m *Message) readHead(k *marker) {
	m.Subject = clip(oneLine(decodeWords(m.head.get("Subject"), k)), maxSubject)
	m.MessageID = first(messageIDs(m.head.get("Message-Id")))
	m.InReplyTo = messageIDs(m.head.get("In-Reply-To"))
	m.References = messageIDs(strings.Join(m.head.all("References"), " "))
	for _, name := range []string{"From", "Sender", "Reply-To", "Return-Path"} {
		if m.From = m.people(name, k); len(m.From) > 0 {
			break
		}
	}
	m.ReplyTo, m.To, m.Cc = m.people("Reply-To", k), m.people("To", k), m.people("Cc", k)
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To"} {
		for _, v := range m.head.all(name) {
			for _, a := range addresses(v, k) {
				m.Delivered = append(m.Delivered, a.Mail)
			}
		}
	}
	m.Sent = dateOf(m.head.get("Date"))
}

func (m *Message) people(name string, k *marker) []Address {
	return addresses(strings.Join(m.head.all(name), ", "), k)
}

// dateOf reads a date as mail programs write it; years that cannot be are no date.
func dateOf(s string) time.Time {
	t, err := mail.ParseDate(strings.TrimSpace(s))
	if err != nil || t.Year() < 1980 || t.Year() > 2200 {
		return time.Time{}
	}
	return t.UTC()
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
