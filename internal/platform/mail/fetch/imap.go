// Package fetch brings mail from where it waits: a mailbox over IMAP, a maildir on the disk.
//
// Each message is handed to a function that keeps it; only after that it is marked as read and put away, so that a
// failure in between leads to a second look and never to a loss. Where it stopped is told to the caller, who gives it
// back the next time. The package does not read what is in a message.
package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/outbound"
)

// Keep keeps one message for good; what is nil is not fetched again. size is in bytes as the store says, and the reader
// may end earlier.
type Keep func(ctx context.Context, r io.Reader, size int64) error

// Mailbox is where to fetch from and how.
type Mailbox struct {
	Address  string // imaps://host or imap://host (STARTTLS is required; ?tls=none for a server on the same machine)
	User     string
	Password string
	Folder   string // default INBOX
	MoveTo   string // folder for what was fetched; empty leaves it, marked as read
	Policy   outbound.Policy
	TLS      *tls.Config // nil for the trust of the system
}

// Place is how far a mailbox was read. UIDs are worth something only with the same validity (RFC 9051, 2.3.1.1).
type Place struct {
	Validity uint32
	Last     uint32
}

const (
	connectTime = 15 * time.Second
	batch       = 200 // messages of one run, so that a full mailbox does not hold a worker for ever
)

// Check refuses an address that cannot be fetched from: Invalid for the field "address".
func (m Mailbox) Check() error {
	_, _, err := m.target()
	return err
}

func (m Mailbox) target() (u *url.URL, hostport string, err error) {
	u, err = url.Parse(strings.TrimSpace(m.Address))
	if err != nil || u.Scheme != "imap" && u.Scheme != "imaps" || u.Hostname() == "" || u.User != nil || u.Path != "" && u.Path != "/" {
		return nil, "", errs.Of("address", "mail.imap_address")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"imap": "143", "imaps": "993"}[u.Scheme]
	}
	return u, net.JoinHostPort(u.Hostname(), port), nil
}

// Fetch hands over what came since the place, oldest first, at most two hundred messages, and returns the new place, also
// beside an error. Errors are Invalid for the address, Forbidden (mail.imap_denied) where the server refuses the password,
// NotFound (mail.imap_folder) for an unknown folder, Unavailable where the server cannot be reached.
func (m Mailbox) Fetch(ctx context.Context, from Place, keep Keep) (to Place, n int, err error) {
	c, err := m.connect(ctx)
	if err != nil {
		return from, 0, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() }) // the only way to end a command that waits
	defer func() {
		stop()
		_ = c.Logout().Wait() // a server that hangs up first has done the same
		_ = c.Close()
	}()
	folder := m.Folder
	if folder == "" {
		folder = "INBOX"
	}
	at, err := c.Select(folder, nil).Wait()
	if err != nil {
		return from, 0, answer(err, errs.New(errs.NotFound, "mail.imap_folder").With("folder", folder))
	}
	to = from
	if to.Validity != at.UIDValidity {
		to = Place{Validity: at.UIDValidity}
	}
	list, err := after(c, to.Last)
	if err != nil {
		return to, 0, err
	}
	for _, uid := range list[:min(len(list), batch)] {
		if err := m.one(ctx, c, uid, keep); err != nil {
			return to, n, err
		}
		to.Last = uint32(uid)
		n++
	}
	return to, n, nil
}

// after lists what lies behind a number, oldest first. Servers answer "5:*" with the last message even if it is 4.
func after(c *imapclient.Client, last uint32) ([]imap.UID, error) {
	var set imap.UIDSet
	set.AddRange(imap.UID(last+1), 0)
	found, err := c.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{set}, NotFlag: []imap.Flag{imap.FlagDeleted}}, nil).Wait()
	if err != nil {
		return nil, answer(err, nil)
	}
	list := slices.DeleteFunc(found.AllUIDs(), func(u imap.UID) bool { return uint32(u) <= last })
	slices.Sort(list)
	return list, nil
}

// connect signs in.
func (m Mailbox) connect(ctx context.Context) (*imapclient.Client, error) {
	u, hostport, err := m.target()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	conn, err := m.Policy.Dialer(connectTime).DialContext(ctx, "tcp", hostport)
	if err != nil {
		return nil, answer(err, nil)
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(answer(err, nil), conn.Close())
	}
	config := &tls.Config{}
	if m.TLS != nil {
		config = m.TLS.Clone()
	}
	config.ServerName = u.Hostname()
	c, err := greet(ctx, conn, u, config)
	if err != nil {
		return nil, errors.Join(answer(err, nil), conn.Close())
	}
	if err := c.Login(m.User, m.Password).Wait(); err != nil {
		return nil, errors.Join(answer(err, errs.New(errs.Forbidden, "mail.imap_denied")), c.Close())
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return nil, errors.Join(answer(err, nil), c.Close())
	}
	return c, nil
}

func greet(ctx context.Context, conn net.Conn, u *url.URL, config *tls.Config) (*imapclient.Client, error) {
	switch {
	case u.Scheme == "imaps":
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		c := imapclient.New(secure, nil)
		return c, c.WaitGreeting()
	case u.Query().Get("tls") == "none":
		c := imapclient.New(conn, nil)
		return c, c.WaitGreeting()
	}
	return imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: config})
}

// one keeps a message and puts it away.
func (m Mailbox) one(ctx context.Context, c *imapclient.Client, uid imap.UID, keep Keep) error {
	set := imap.UIDSetNum(uid)
	if err := read(ctx, c, set, keep); err != nil {
		return err
	}
	flags := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}
	if err := c.Store(set, flags, nil).Close(); err != nil {
		return answer(err, nil)
	}
	if m.MoveTo == "" {
		return nil
	}
	if _, err := c.Move(set, m.MoveTo).Wait(); err != nil {
		return answer(err, errs.New(errs.NotFound, "mail.imap_folder").With("folder", m.MoveTo))
	}
	return nil
}

// read streams a message. One that was deleted meanwhile is none.
func read(ctx context.Context, c *imapclient.Client, set imap.UIDSet, keep Keep) error {
	cmd := c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
	var kept error
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		for item := msg.Next(); item != nil; item = msg.Next() {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || body.Literal == nil {
				continue
			}
			kept = keep(ctx, body.Literal, body.Literal.Size())
			if _, err := io.Copy(io.Discard, body.Literal); err != nil && kept == nil {
				kept = fmt.Errorf("read message: %w", err)
			}
		}
	}
	if err := cmd.Close(); err != nil && kept == nil {
		return answer(err, nil)
	}
	return kept
}

// answer turns what a server says into an error of the house: said is the meaning of a refusal, everything else is that
// it cannot be reached now.
func answer(err error, said *errs.Error) error {
	if err == nil {
		return nil
	}
	if own := (*errs.Error)(nil); errors.As(err, &own) {
		return err
	}
	var refusal *imap.Error
	if errors.As(err, &refusal) && said != nil && (refusal.Type == imap.StatusResponseTypeNo || refusal.Type == imap.StatusResponseTypeBad) {
		return said.Because(err)
	}
	return errs.New(errs.Unavailable, "mail.imap_away").Because(err)
}
