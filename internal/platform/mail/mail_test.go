package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dianke/internal/platform/clock"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	ours "dianke/internal/platform/mail"
)

func message() ours.Message {
	return ours.Message{
		To: []ours.Address{{Name: "李四", Mail: "li@example.com"}}, Subject: "您的投诉已受理：编号 C-2026-000123，请保存本邮件",
		Text: "您好\n第二行", HTML: "<p>您好</p>", ReplyTo: ours.Address{Mail: "desk@example.com"}, Automatic: true,
		Attachments: []ours.Attachment{{Name: "回执.txt", ContentType: "text/plain", Content: []byte("receipt")}},
	}
}

func TestDirWritesReadableMessages(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mail")
	s := ours.NewDir(dir, ours.Address{Name: "客户部", Mail: "dianke@example.com"}, clock.NewFake(time.Date(2026, 3, 2, 6, 5, 0, 0, time.UTC)))
	for range 2 {
		if err := s.Send(context.Background(), message()); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "20260302T060500.000000-*.eml"))
	if err != nil || len(names) != 2 {
		t.Fatalf("files %v, %v", names, err)
	}
	data, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != message().Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || from[0].Name != "客户部" || from[0].Address != "dianke@example.com" {
		t.Errorf("from %v, %v", from, err)
	}
	if m.Header.Get("Message-Id") == "" || m.Header.Get("Date") == "" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("headers %v", m.Header)
	}
	body, err := io.ReadAll(m.Body)
	if err != nil || !strings.Contains(string(body), "text/html") || strings.Contains(string(body), "回执.txt\"\r\nX") {
		t.Errorf("body %s, %v", body, err)
	}
}

func TestHeaderInjectionIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*ours.Message){
		"subject":    func(m *ours.Message) { m.Subject = "a\r\nBcc: x@example.com" },
		"name":       func(m *ours.Message) { m.To[0].Name = "a\nBcc: x@example.com" },
		"address":    func(m *ours.Message) { m.To[0].Mail = "li@example.com\r\nBcc: x@example.com" },
		"sender":     func(m *ours.Message) { m.From = ours.Address{Name: "\r", Mail: "a@example.com"} },
		"reply":      func(m *ours.Message) { m.ReplyTo.Name = "\n" },
		"attachment": func(m *ours.Message) { m.Attachments[0].Name = "a\r\nb" },
		"type":       func(m *ours.Message) { m.Attachments[0].ContentType = "text/plain\r\nX: y" },
		"id":         func(m *ours.Message) { m.MessageID = "a\r\nb" },
	} {
		m := message()
		spoil(&m)
		if err := new(ours.Fake).Send(context.Background(), m); errs.KeyOf(err) != "mail.header" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"li@example.com": true, "l.i+x@example.com": true, "李@example.com": true, "": false, "li": false, "li@": false,
		"Li <li@example.com>": false, "<li@example.com>": false, "a@example.com, b@example.com": false,
	} {
		if got := ours.IsAddress(s); got != want {
			t.Errorf("IsAddress(%q) = %t", s, got)
		}
		m := message()
		m.To[0].Mail = s
		if err := new(ours.Fake).Send(context.Background(), m); (err == nil) != want {
			t.Errorf("Send to %q: %v", s, err)
		}
	}
	m := message()
	m.To = nil
	if err := new(ours.Fake).Send(context.Background(), m); errs.KeyOf(err) != "mail.address" {
		t.Errorf("nobody: %v", err)
	}
}

func TestFakeRemembersAndFails(t *testing.T) {
	t.Parallel()
	var f ours.Fake
	down := errors.New("server away")
	f.Fail(down)
	if err := f.Send(context.Background(), message()); !errors.Is(err, down) || len(f.Sent()) != 0 {
		t.Errorf("Send = %v, sent %v", err, f.Sent())
	}
	f.Fail(nil)
	if err := f.Send(context.Background(), message()); err != nil || len(f.Sent()) != 1 {
		t.Errorf("Send = %v, sent %v", err, f.Sent())
	}
}

func TestSMTPAddress(t *testing.T) {
	t.Parallel()
	from := ours.Address{Mail: "dianke@example.com"}
	for address, ok := range map[string]bool{
		"smtp://mail.example.com": true, "smtps://u:secret@mail.example.com:465": true, "smtp://localhost:25?tls=none": true,
		"http://mail.example.com": false, "mail.example.com:25": false, "smtp://": false, "smtp://u:secret@host:99999": false, "": false,
	} {
		_, err := ours.NewSMTP(address, from)
		if (err == nil) != ok {
			t.Errorf("NewSMTP(%q) = %v", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	if _, err := ours.NewSMTP("smtp://mail.example.com", ours.Address{}); err == nil {
		t.Error("a sender without address passes")
	}
}

// serve answers one SMTP conversation and returns what it was told.
func serve(t *testing.T) (port int, told <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // it may be closed already
	ch := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			close(ch)
			return
		}
		defer conn.Close()
		_ = l.Close() // the second delivery finds nobody
		ch <- converse(conn)
	}()
	return l.Addr().(*net.TCPAddr).Port, ch
}

func converse(conn net.Conn) string {
	var log strings.Builder
	fmt.Fprint(conn, "220 test\r\n")
	in, data := bufio.NewScanner(conn), false
	for in.Scan() {
		line := in.Text()
		log.WriteString(line + "\n")
		switch {
		case data && line == ".":
			data = false
			fmt.Fprint(conn, "250 accepted\r\n")
		case data:
		case line == "DATA":
			data = true
			fmt.Fprint(conn, "354 go on\r\n")
		case line == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return log.String()
		default:
			fmt.Fprint(conn, "250 fine\r\n")
		}
	}
	return log.String()
}

func TestSMTPDelivers(t *testing.T) {
	t.Parallel()
	port, told := serve(t)
	s, err := ours.NewSMTP(fmt.Sprintf("smtp://127.0.0.1:%d?tls=none", port), ours.Address{Mail: "dianke@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(context.Background(), message()); err != nil {
		t.Fatal(err)
	}
	log := <-told
	for _, want := range []string{"MAIL FROM:<dianke@example.com>", "RCPT TO:<li@example.com>", "=?UTF-8?q?=E6=82=A8", "Reply-To: <desk@example.com>"} {
		if !strings.Contains(log, want) {
			t.Errorf("the server was not told %q:\n%s", want, log)
		}
	}
	if err := s.Send(context.Background(), message()); err == nil {
		t.Error("sending to a server that is gone succeeds")
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(ours.Messages()); err != nil {
		t.Error(err)
	}
}
