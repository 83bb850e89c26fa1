package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"dianke/internal/surface/cli"
)

// started is a command that serves until it is told to end.
type started struct {
	base string
	said []string
	end  func() int
	// complained is what the command wrote to its error stream; read it after end
	complained *bytes.Buffer
}

// start runs a command over an empty data directory and waits for its address and then for one line that holds until.
func start(t *testing.T, until string, args ...string) started {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	var complaints bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- cli.Main(ctx, cli.Program{
			Args: args, Env: []string{"DIANKE_DATA_DIR=" + t.TempDir(), "DIANKE_LISTEN=127.0.0.1:0"}, In: strings.NewReader(""), Out: w, Err: &complaints,
		})
		w.Close()
	}()
	s := started{end: func() int { cancel(); return <-code }, complained: &complaints}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		s.said = append(s.said, line)
		if _, at, ok := strings.Cut(line, "Dianke listens on "); ok {
			s.base = at
		}
		if s.base != "" && strings.Contains(strings.Join(s.said, "\n"), until) {
			go io.Copy(io.Discard, r)
			return s
		}
	}
	cancel()
	t.Fatalf("%v ended with %d before it listened; said %q, complained %s", args, <-code, s.said, &complaints)
	return s
}

// get fetches a page and returns its status and text.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	client := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	t.Parallel()
	s := start(t, "/setup/", "serve")
	if code, body := get(t, s.base+"/readyz"); code != http.StatusOK {
		t.Errorf("readyz = %d %s", code, body)
	}
	link := regexp.MustCompile(`http://\S+/setup/\S+`).FindString(strings.Join(s.said, "\n"))
	if !strings.HasPrefix(link, s.base) {
		t.Errorf("set-up link %q does not lead to %s", link, s.base)
	}
	if code, body := get(t, link); code != http.StatusOK || !strings.Contains(body, "<form") {
		t.Errorf("set-up page = %d, want a form", code)
	}
	if code, _ := get(t, s.base+"/api/v1/customers"); code != http.StatusUnauthorized {
		t.Errorf("API without a token = %d, want 401", code)
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d after a signal, want 0", code)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	s := start(t, "The password of everybody is", "demo", "--pack", "general", "--days", "3")
	if code, body := get(t, s.base+"/signin"); code != http.StatusOK || !strings.Contains(body, "password") {
		t.Errorf("sign-in page = %d", code)
	}
	if strings.Contains(strings.Join(s.said, "\n"), "/setup/") {
		t.Error("the sample company has people and needs no set-up link")
	}
	if code := s.end(); code != 0 {
		t.Errorf("exit code %d, want 0; it said:\n%s\n%s", code, strings.Join(s.said, "\n"), s.complained)
	}
}
