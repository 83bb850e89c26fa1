package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail/fetch"
	"dianke/internal/platform/outbound"
)

// server runs an IMAP server in memory with an inbox and a folder "done".
func server(t *testing.T) (*imapmemserver.User, fetch.Mailbox) {
	t.Helper()
	user := imapmemserver.NewUser("desk", "hush")
	for _, name := range []string{"INBOX", "done"} {
		if err := user.Create(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }() // ends with the test
	t.Cleanup(func() { _ = srv.Close() })
	return user, fetch.Mailbox{
		Address: "imap://" + l.Addr().String() + "?tls=none", User: "desk", Password: "hush",
		Policy: outbound.Policy{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	}
}

func add(t *testing.T, u *imapmemserver.User, text string) {
	t.Helper()
	if _, err := u.Append("INBOX", bytes.NewReader([]byte(text)), &imap.AppendOptions{Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, u *imapmemserver.User, folder string) (all, unseen uint32) {
	t.Helper()
	st, err := u.Status(folder, &imap.StatusOptions{NumMessages: true, NumUnseen: true})
	if err != nil {
		t.Fatal(err)
	}
	return *st.NumMessages, *st.NumUnseen
}

func TestFetch(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	user, box := server(t)
	for i := range 3 {
		add(t, user, fmt.Sprintf("Subject: %d\r\n\r\nbody", i))
	}
	var got []string
	fail := 1
	keep := func(_ context.Context, r io.Reader, size int64) error {
		b, err := io.ReadAll(r)
		if err != nil || int64(len(b)) != size {
			t.Errorf("%d bytes of %d, %v", len(b), size, err)
		}
		if len(got) == fail {
			return errors.New("disk full")
		}
		got = append(got, strings.SplitN(string(b), "\r\n", 2)[0])
		return nil
	}
	place, n, err := box.Fetch(ctx, fetch.Place{}, keep)
	if err == nil || n != 1 || place.Last == 0 {
		t.Fatalf("%+v, %d, %v", place, n, err)
	}
	if all, unseen := status(t, user, "INBOX"); all != 3 || unseen != 2 {
		t.Errorf("after the failure: %d, unseen %d", all, unseen)
	}
	fail = -1
	place, n, err = box.Fetch(ctx, place, keep)
	if err != nil || n != 2 || fmt.Sprint(got) != "[Subject: 0 Subject: 1 Subject: 2]" {
		t.Fatalf("%q, %d, %v", got, n, err)
	}
	if again, n, err := box.Fetch(ctx, place, keep); err != nil || n != 0 || again != place {
		t.Errorf("a second time: %+v, %d, %v", again, n, err)
	}
	// Another validity makes the numbers worthless: everything is looked at again, the keeper knows what it has.
	if _, n, err := box.Fetch(ctx, fetch.Place{Validity: place.Validity + 1, Last: 999}, keep); err != nil || n != 3 {
		t.Errorf("new validity: %d, %v", n, err)
	}
}

func TestFetchedMailIsPutAway(t *testing.T) {
	t.Parallel()
	user, box := server(t)
	add(t, user, "Subject: x\r\n\r\n")
	box.MoveTo = "done"
	if _, n, err := box.Fetch(context.Background(), fetch.Place{}, func(context.Context, io.Reader, int64) error { return nil }); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if all, _ := status(t, user, "INBOX"); all != 0 {
		t.Errorf("%d left", all)
	}
	if all, unseen := status(t, user, "done"); all != 1 || unseen != 0 {
		t.Errorf("done: %d, unseen %d", all, unseen)
	}
	add(t, user, "Subject: y\r\n\r\n")
	box.MoveTo = "nowhere"
	if _, _, err := box.Fetch(context.Background(), fetch.Place{}, func(context.Context, io.Reader, int64) error { return nil }); errs.KeyOf(err) != "mail.imap_folder" {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	_, box := server(t)
	never := func(context.Context, io.Reader, int64) error { t.Error("called"); return nil }
	for name, tt := range map[string]struct {
		spoil func(*fetch.Mailbox)
		want  string
	}{
		"password": {func(m *fetch.Mailbox) { m.Password = "wrong" }, "mail.imap_denied"},
		"folder":   {func(m *fetch.Mailbox) { m.Folder = "none" }, "mail.imap_folder"},
		"private":  {func(m *fetch.Mailbox) { m.Policy = outbound.Policy{} }, "outbound.private"},
		"no tls":   {func(m *fetch.Mailbox) { m.Address = strings.TrimSuffix(m.Address, "?tls=none") }, "mail.imap_away"},
		"scheme":   {func(m *fetch.Mailbox) { m.Address = "http://a" }, "mail.imap_address"},
		"gone":     {func(m *fetch.Mailbox) { m.Address = "imaps://127.0.0.1:1" }, "mail.imap_away"},
		"secret":   {func(m *fetch.Mailbox) { m.Address = "imap://u:p@a" }, "mail.imap_address"},
	} {
		b := box
		tt.spoil(&b)
		if _, _, err := b.Fetch(context.Background(), fetch.Place{}, never); errs.KeyOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMaildir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "new", "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"2.b", "1.a", "3.bad", ".hidden"} {
		if err := os.WriteFile(filepath.Join(dir, "new", name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	keep := func(_ context.Context, r io.Reader, _ int64) error {
		b, err := io.ReadAll(r)
		if string(b) == "3.bad" {
			return errors.New("no")
		}
		got = append(got, string(b))
		return err
	}
	if n, err := fetch.Maildir(context.Background(), dir, keep); n != 2 || err == nil || fmt.Sprint(got) != "[1.a 2.b]" {
		t.Errorf("%d, %v, %q", n, err, got)
	}
	if _, err := os.Stat(filepath.Join(dir, "cur", "1.a:2,S")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "new", "3.bad")); err != nil {
		t.Error("what was refused is gone:", err)
	}
	if _, err := fetch.Maildir(context.Background(), filepath.Join(dir, "none"), keep); err == nil {
		t.Error("no maildir, no error")
	}
}
