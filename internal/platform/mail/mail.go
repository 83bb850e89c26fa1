// Package mail sends messages.
//
// A [Sender] takes a whole [Message] and either hands it over or fails; it never retries, that is the work of jobs.
// Line breaks in anything that becomes a header are refused. The package knows no templates, no languages and nobody's
// right to send; it does not log what it sends.
package mail

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/mail"
	"slices"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail/intake"
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

// Address is a mailbox with the name shown beside it, which may be empty.
type Address struct{ Name, Mail string }

// Attachment is a file sent along.
type Attachment struct {
	Name        string
	ContentType string
	Content     []byte
}

// Message is a message to be sent. The sender of a server is set by the [Sender] where From is zero.
type Message struct {
	From        Address
	To          []Address
	ReplyTo     Address
	Subject     string
	Text        string // plain text, always given
	HTML        string // the same in HTML, or empty
	Attachments []Attachment
	MessageID   string   // without angle brackets; set it to let a repeated job send the same message
	InReplyTo   string   // id of the message it answers; empty for none
	References  []string // ids of the thread, oldest first
	Instance    string   // marks the message as ours, so that it is known when it comes round; empty for no mark
	Automatic   bool     // marks the message so that nobody's absence notice answers it
}

// Sender hands a message to a server or a file. Errors are Invalid (mail.address, mail.header) where the message
// itself is at fault, and may be repeated otherwise. Implementations are safe for concurrent use.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// check refuses what could not be sent or would forge headers.
func (m Message) check() error {
	if len(m.To) == 0 {
		return errs.Of("to", "mail.address")
	}
	headers := append([]string{m.Subject, m.MessageID, m.InReplyTo, m.Instance}, m.References...)
	for _, a := range append(slices.Clone(m.To), m.From, m.ReplyTo) {
		headers = append(headers, a.Name, a.Mail)
	}
	for _, a := range m.Attachments {
		headers = append(headers, a.Name, a.ContentType)
	}
	if strings.ContainsAny(strings.Join(headers, ""), "\r\n\x00") {
		return errs.New(errs.Invalid, "mail.header")
	}
	for _, a := range append(slices.Clone(m.To), m.From) {
		if !IsAddress(a.Mail) {
			return errs.Of("to", "mail.address")
		}
	}
	if m.ReplyTo.Mail != "" && !IsAddress(m.ReplyTo.Mail) {
		return errs.Of("reply_to", "mail.address")
	}
	return nil
}

// IsAddress reports whether s is a bare mail address, without a name and with a domain.
func IsAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == "" && !strings.ContainsAny(s, "<> ")
}

// build makes the message in its form on the wire.
func build(m Message, from Address) (*gomail.Msg, error) {
	if m.From.Mail == "" {
		m.From = from
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	out := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithNoDefaultUserAgent())
	out.FromMailAddress(address(m.From))
	for _, to := range m.To {
		out.AddToMailAddress(address(to))
	}
	if m.ReplyTo.Mail != "" {
		out.ReplyToMailAddress(address(m.ReplyTo))
	}
	out.Subject(m.Subject)
	out.SetDate()
	if m.MessageID != "" {
		out.SetMessageIDWithValue(m.MessageID)
	} else {
		out.SetMessageID()
	}
	if m.InReplyTo != "" {
		out.SetGenHeader("In-Reply-To", "<"+m.InReplyTo+">")
	}
	if len(m.References) > 0 {
		out.SetGenHeader("References", "<"+strings.Join(m.References, "> <")+">")
	}
	if m.Instance != "" {
		out.SetGenHeader(intake.InstanceHeader, m.Instance)
	}
	if m.Automatic {
		out.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	return out, fill(out, m)
}

func address(a Address) *mail.Address { return &mail.Address{Name: a.Name, Address: a.Mail} }

func fill(out *gomail.Msg, m Message) error {
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		opt := gomail.WithFileContentType(gomail.ContentType(a.ContentType))
		if err := out.AttachReader(a.Name, bytes.NewReader(a.Content), opt); err != nil {
			return fmt.Errorf("attach file: %w", err)
		}
	}
	return nil
}
