package intake_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"dianke/internal/platform/mail/intake"
)

const corpus = "../../../../../shared/data/email"

// sample reads a message of the public collection; the test is passed over where the collection is not beside the sources.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(corpus, filepath.FromSlash(name)))
	if os.IsNotExist(err) {
		t.Skip("the collection of messages is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestEveryMessageOfTheCollectionIsRead(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the collection of messages is not here")
	}
	n, files := 0, 0
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		m := intake.Read(raw)
		for what, s := range map[string]string{"subject": m.Subject, "text": m.Text} {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\x1b\u202e") {
				t.Errorf("%s: %s %q", path, what, s)
			}
		}
		if strings.ContainsAny(m.Subject, "\r\n") {
			t.Errorf("%s: subject of several lines", path)
		}
		if m.Text == "" && m.Subject == "" && len(m.Files) == 0 && len(raw) > 600 {
			t.Errorf("%s: nothing was understood", path)
		}
		for _, f := range m.Files {
			files++
			if f.Name == "" || strings.ContainsAny(f.Name, "/\\\r\n") || !utf8.ValidString(f.Name) {
				t.Errorf("%s: name of file %q", path, f.Name)
			}
			if _, err := io.Copy(io.Discard, f.Open()); err != nil {
				t.Errorf("%s: file %s: %v", path, f.Name, err)
			}
		}
		if os.Getenv("DIANKE_TEST_SHOW") != "" {
			show(t, path, m)
		}
		return nil
	})
	if err != nil || n < 243 {
		t.Errorf("%d messages, %v", n, err)
	}
	t.Logf("%d messages, %d attachments", n, files)
}

func show(t *testing.T, path string, m *intake.Message) {
	names := []string{}
	for _, f := range m.Files {
		b, _ := io.ReadAll(f.Open())
		names = append(names, f.Name+":"+f.Type+":"+string(rune('0'+len(b)%10)))
	}
	text := strings.ReplaceAll(m.Text, "\n", "⏎")
	if r := []rune(text); len(r) > 140 {
		text = string(r[:140])
	}
	t.Logf("%s\n  S %q F %v T %v %s marks %v fails %v orig %q\n  files %v\n  %s", strings.TrimPrefix(path, corpus), m.Subject, m.From, m.To, m.Nature.Kind, m.Marks, m.Nature.Failed, m.Nature.Original, names, text)
}
