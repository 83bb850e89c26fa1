// Package listen takes mail in over SMTP and LMTP.
//
// It accepts a message for known addresses alone, hands its bytes on while they arrive, and says "250" only after the
// [Keeper] has kept them: what was acknowledged is not lost, what could not be kept is tried again by the sender or told
// to him. There is no sign-in and no encryption; before a public network stands a carrier of the house. The package knows
// nothing of what is in a message.
package listen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"dianke/internal/platform/errs"
)

// Envelope is what the carrier says beside the message.
type Envelope struct {
	From string   // who gets a report; empty for reports themselves
	To   []string // addresses of the house
}

// Keeper keeps messages. Its methods are called by several connections at once.
type Keeper interface {
	// Takes reports whether mail to the address is taken in.
	Takes(ctx context.Context, address string) (bool, error)
	// Keep stores what r holds; nil means that it will not be lost. TooLarge is told as 552, every other error as 452:
	// the sender tries again.
	Keep(ctx context.Context, e Envelope, r io.Reader) error
}

// Options are the settings of a server; zero values stand for the defaults.
type Options struct {
	Domain string // the name it greets with; default localhost
	Most   int64  // bytes of one message; default 50 MiB
	Conns  int    // connections at the same time; default 64
	Log    *slog.Logger
}

const (
	idle         = time.Minute
	most         = 50 << 20
	conns        = 64
	recipients   = 100
	longestLine  = 256 << 10 // of the text; programs that forget to break lines exist
	keepDeadline = 2 * time.Minute
)

// Server listens on one address.
type Server struct {
	smtp     *smtp.Server
	listener net.Listener
	socket   string
	done     chan error
	once     sync.Once
}

// Start listens on smtp://host:port, lmtp://host:port or lmtp:///path and serves until [Server.Stop]. A socket left behind
// by a process that ended is replaced.
func Start(address string, k Keeper, o Options) (*Server, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("address to listen on is not smtp://host:port or lmtp://host:port")
	}
	s := &Server{done: make(chan error, 1)}
	network, at := "tcp", u.Host
	if u.Host == "" {
		network, at, s.socket = "unix", u.Path, u.Path
		if err := removeSocket(at); err != nil {
			return nil, err
		}
	}
	if s.listener, err = net.Listen(network, at); err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	if s.socket != "" {
		if err := os.Chmod(s.socket, 0o660); err != nil {
			return nil, errors.Join(fmt.Errorf("listen for mail: %w", err), s.listener.Close())
		}
	}
	s.smtp = server(k, o, u.Scheme == "lmtp")
	limit := o.Conns
	if limit == 0 {
		limit = conns
	}
	go func() { s.done <- s.smtp.Serve(&limited{Listener: s.listener, free: make(chan struct{}, limit)}) }()
	return s, nil
}

// removeSocket removes a socket nobody answers on, and nothing else.
func removeSocket(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	if info.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("listen for mail: %s exists and is no socket", path)
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		return errors.Join(fmt.Errorf("listen for mail: another process listens on %s", path), c.Close())
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	return nil
}

func server(k Keeper, o Options, lmtp bool) *smtp.Server {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{keeper: k, log: o.Log}, nil
	}))
	s.LMTP, s.Domain, s.MaxMessageBytes, s.MaxRecipients, s.MaxLineLength = lmtp, o.Domain, o.Most, recipients, longestLine
	if s.Domain == "" {
		s.Domain = "localhost"
	}
	if s.MaxMessageBytes == 0 {
		s.MaxMessageBytes = most
	}
	s.ReadTimeout, s.WriteTimeout, s.EnableSMTPUTF8 = idle, idle, true
	s.ErrorLog = quiet{o.Log}
	return s
}

// Addr is where it listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Stop takes no more connections and waits for those that are open until ctx ends.
func (s *Server) Stop(ctx context.Context) error {
	var err error
	s.once.Do(func() {
		_ = s.listener.Close() // it may not be known to the server yet, or be closed by it already
		if err = s.smtp.Shutdown(ctx); err != nil {
			_ = s.smtp.Close() // ends what is still open; it reports that it was shut down
		}
		select {
		case <-s.done:
		case <-ctx.Done():
		}
	})
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop listening for mail: %w", err)
	}
	return nil
}

// session is one connection.
type session struct {
	keeper Keeper
	log    *slog.Logger
	env    Envelope
}

func (s *session) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), keepDeadline)
}

// Mail begins a message.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.env = Envelope{From: from}
	return nil
}

// Rcpt takes an address of the house, and no other: this is no relay.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	ctx, cancel := s.context()
	defer cancel()
	ok, err := s.keeper.Takes(ctx, to)
	switch {
	case err != nil:
		s.log.ErrorContext(ctx, "mail recipient could not be checked", "error", err)
		return temporary()
	case !ok:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	}
	s.env.To = append(s.env.To, to)
	return nil
}

// Data keeps the message.
func (s *session) Data(r io.Reader) error {
	ctx, cancel := s.context()
	defer cancel()
	err := s.keeper.Keep(ctx, s.env, r)
	var wire *smtp.SMTPError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wire):
		return wire
	case errs.Is(err, errs.TooLarge):
		return smtp.ErrDataTooLarge
	}
	s.log.ErrorContext(ctx, "mail could not be kept", "error", err)
	return temporary()
}

// temporary asks the sender to try again later.
func temporary() error {
	return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "Cannot keep mail now, try again later"}
}

// Reset forgets the message.
func (s *session) Reset() { s.env = Envelope{} }

// Logout ends the connection.
func (s *session) Logout() error { return nil }

// quiet logs that a connection broke and not whose it was.
type quiet struct{ log *slog.Logger }

// Printf implements [smtp.Logger].
func (q quiet) Printf(string, ...any) { q.log.Debug("mail connection ended with an error") }

// Println implements [smtp.Logger].
func (q quiet) Println(...any) { q.log.Debug("mail connection ended with an error") }

// limited lets so many connections in at a time; others wait at the door.
type limited struct {
	net.Listener
	free chan struct{}
}

// Accept implements [net.Listener].
func (l *limited) Accept() (net.Conn, error) {
	l.free <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.free
		return nil, err
	}
	return &counted{Conn: c, leave: sync.OnceFunc(func() { <-l.free })}, nil
}

type counted struct {
	net.Conn
	leave func()
}

// Close implements [net.Conn].
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
