package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"dianke/internal/platform/clock"
	"dianke/internal/platform/errs"
)

// timeout bounds one delivery, so that a silent server does not hold a worker.
const timeout = 30 * time.Second

// SMTP sends over a server, one connection for each message.
type SMTP struct {
	host    string
	options []gomail.Option
	from    Address
}

// NewSMTP reads the address of a server: smtp://user:password@host:587 (STARTTLS is required), smtps://host:465 (TLS
// from the start), or smtp://localhost:25?tls=none for a server on the same machine. It opens no connection. from is
// used for messages without a sender. Errors never carry the password.
func NewSMTP(address string, from Address) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("mail server address is not smtp://host:port or smtps://host:port")
	}
	if !IsAddress(from.Mail) {
		return nil, errors.New("sender address is not a mail address")
	}
	s := &SMTP{host: u.Hostname(), from: from, options: []gomail.Option{gomail.WithTimeout(timeout)}}
	switch {
	case u.Scheme == "smtps":
		s.options = append(s.options, gomail.WithSSLPort(false))
	case u.Query().Get("tls") == "none":
		s.options = append(s.options, gomail.WithTLSPortPolicy(gomail.NoTLS))
	default:
		s.options = append(s.options, gomail.WithTLSPortPolicy(gomail.TLSMandatory))
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return nil, errors.New("port of the mail server is not a number")
		}
		s.options = append(s.options, gomail.WithPort(port))
	}
	if password, ok := u.User.Password(); ok {
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	if _, err := gomail.NewClient(s.host, s.options...); err != nil {
		return nil, fmt.Errorf("set up mail server: %w", err)
	}
	return s, nil
}

// Send delivers to the server and returns when it has accepted the message.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := build(m, s.from)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("set up mail server: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("deliver mail: %w", err)
	}
	return nil
}

// Final reports whether sending the same message again would fail again: the message itself is at fault, or the server
// refused it for good.
func Final(err error) bool {
	if errs.Is(err, errs.Invalid) {
		return true
	}
	var refused *gomail.SendError
	return errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500
}

// Dir writes each message as an .eml file, for an installation without a mail server.
type Dir struct {
	dir   string
	from  Address
	clock clock.Clock
}

// NewDir returns a sender into a directory, which is made at the first message with rights for the owner alone.
func NewDir(dir string, from Address, c clock.Clock) *Dir { return &Dir{dir, from, c} }

// Send writes the message; the file appears when it is whole, named by the time.
func (d *Dir) Send(_ context.Context, m Message) error {
	msg, err := build(m, d.from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return fmt.Errorf("make mail directory: %w", err)
	}
	f, err := os.CreateTemp(d.dir, d.clock.Now().Format("20060102T150405.000000")+"-*.part")
	if err != nil {
		return fmt.Errorf("write mail file: %w", err)
	}
	_, err = msg.WriteTo(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write mail file: %w", errors.Join(err, os.Remove(f.Name())))
	}
	if err := os.Rename(f.Name(), strings.TrimSuffix(f.Name(), ".part")+".eml"); err != nil {
		return fmt.Errorf("write mail file: %w", err)
	}
	return nil
}

// Fake remembers messages, for tests.
type Fake struct {
	mu   sync.Mutex
	sent []Message
	fail error
}

// Send checks the message as other senders do and remembers it, or returns the error set by [Fake.Fail].
func (f *Fake) Send(_ context.Context, m Message) error {
	if _, err := build(m, Address{Mail: "dianke@example.com"}); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return f.fail
	}
	f.sent = append(f.sent, m)
	return nil
}

// Fail makes every later Send return err; nil ends it.
func (f *Fake) Fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = err
}

// Sent returns the messages in the order they were sent.
func (f *Fake) Sent() []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sent)
}
