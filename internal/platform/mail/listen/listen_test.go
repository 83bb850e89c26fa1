package listen_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/mail/listen"
)

// store keeps what it is given, or fails as it is told.
type store struct {
	mu   sync.Mutex
	fail error
	kept []string
	env  []listen.Envelope
}

func (s *store) Takes(_ context.Context, a string) (bool, error) {
	if a == "broken@example.com" {
		return false, errors.New("database away")
	}
	return strings.HasPrefix(a, "support"), nil
}

func (s *store) Keep(_ context.Context, e listen.Envelope, r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.kept, s.env = append(s.kept, string(b)), append(s.env, e)
	return nil
}

func start(t *testing.T, address string, s *store, o listen.Options) *listen.Server {
	t.Helper()
	srv, err := listen.Start(address, s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return srv
}

// talk sends lines and returns the first digits of each answer.
type talk struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func call(t *testing.T, a net.Addr) *talk {
	t.Helper()
	c, err := net.Dial(a.Network(), a.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // some tests hang up themselves
	k := &talk{t, c, bufio.NewReader(c)}
	k.want("220")
	return k
}

func (k *talk) want(code string) {
	k.t.Helper()
	if err := k.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		k.t.Fatal(err)
	}
	for {
		line, err := k.in.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, code) {
			k.t.Fatalf("answer %q, %v, want %s", line, err, code)
		}
		if line[3] == ' ' {
			return
		}
	}
}

func (k *talk) say(line, code string) {
	k.t.Helper()
	fmt.Fprintf(k.conn, "%s\r\n", line)
	k.want(code)
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{"smtp": "smtp://127.0.0.1:0", "lmtp": "lmtp://127.0.0.1:0", "socket": "lmtp://" + filepath.Join(t.TempDir(), "s")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &store{}
			k := call(t, start(t, address, s, listen.Options{}).Addr())
			hello := "LHLO me"
			if name == "smtp" {
				hello = "EHLO me"
			}
			k.say(hello, "250")
			k.say("MAIL FROM:<li@example.com>", "250")
			k.say("RCPT TO:<support+x@example.com>", "250")
			k.say("RCPT TO:<other@example.com>", "550")
			k.say("RCPT TO:<broken@example.com>", "452")
			k.say("DATA", "354")
			k.say("Subject: x\r\n\r\nbody\r\n..dot\r\n.", "250")
			k.say("MAIL FROM:<>", "250")
			k.say("RCPT TO:<support@example.com>", "250")
			k.say("RSET", "250")
			k.say("DATA", "502")
			k.say("QUIT", "221")
			if len(s.kept) != 1 || s.kept[0] != "Subject: x\r\n\r\nbody\r\n.dot\r\n" || s.env[0].From != "li@example.com" || fmt.Sprint(s.env[0].To) != "[support+x@example.com]" {
				t.Errorf("%q, %+v", s.kept, s.env)
			}
		})
	}
}

func TestNothingIsAcknowledgedThatWasNotKept(t *testing.T) {
	t.Parallel()
	s := &store{fail: errors.New("no space left on device")}
	srv := start(t, "smtp://127.0.0.1:0", s, listen.Options{Most: 1000})
	k := call(t, srv.Addr())
	begin := func() {
		k.say("MAIL FROM:<a@b.cn>", "250")
		k.say("RCPT TO:<support@example.com>", "250")
		k.say("DATA", "354")
	}
	k.say("EHLO me", "250")
	begin()
	k.say("x\r\n.", "452")
	s.fail = errs.New(errs.TooLarge, "blobs.too_large")
	begin()
	k.say("x\r\n.", "552")
	s.fail = nil
	k.say("MAIL FROM:<a@b.cn> SIZE=5000", "552")
	begin()
	k.say(strings.Repeat("a line of text\r\n", 100)+".", "552")
	if len(s.kept) != 0 {
		t.Errorf("kept %q", s.kept)
	}
	begin()
	k.say("x\r\n.", "250")
}

func TestMailCutOffIsNotKept(t *testing.T) {
	t.Parallel()
	s := &store{}
	srv := start(t, "smtp://127.0.0.1:0", s, listen.Options{})
	k := call(t, srv.Addr())
	k.say("EHLO me", "250")
	k.say("MAIL FROM:<a@b.cn>", "250")
	k.say("RCPT TO:<support@example.com>", "250")
	k.say("DATA", "354")
	fmt.Fprint(k.conn, "Subject: half\r\n\r\nof a mess")
	if err := k.conn.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := srv.Stop(ctx); err != nil || len(s.kept) != 0 {
		t.Errorf("%q, %v", s.kept, err)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	srv := start(t, "smtp://127.0.0.1:0", &store{}, listen.Options{Conns: 1})
	first := call(t, srv.Addr())
	second, err := net.Dial("tcp", srv.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := second.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Fatal("a second connection is greeted")
	}
	first.say("QUIT", "221")
	k := &talk{t, second, bufio.NewReader(second)}
	k.want("220")
	k.say("QUIT", "221")
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if _, err := listen.Start("lmtp://"+filepath.Dir(file), &store{}, listen.Options{}); err == nil {
		t.Error("a directory was taken for a socket")
	}
	path := filepath.Join(t.TempDir(), "s")
	start(t, "lmtp://"+path, &store{}, listen.Options{})
	if _, err := listen.Start("lmtp://"+path, &store{}, listen.Options{}); err == nil {
		t.Error("the socket of another process was taken")
	}
}
