package leaked_test

import (
	"context"
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dianke/internal/engine/access/identity/leaked"

	"pgregory.net/rapid"
)

var ctx = context.Background()

func hash(s string) string { return fmt.Sprintf("%X", sha1.Sum([]byte(s))) }

func file(t interface {
	Helper()
	Fatal(...any)
}, dir, text string) string {
	t.Helper()
	path := filepath.Join(dir, "list.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryHashIsFoundAndNoOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "n")
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")
		counted := rapid.Bool().Draw(t, "counted")
		last := rapid.Bool().Draw(t, "newline at the end")
		var lines []string
		for i := range n {
			line := hash(fmt.Sprint("password", i))
			if counted {
				line += ":" + strings.Repeat("9", i%9+1)
			}
			lines = append(lines, line)
		}
		slices.Sort(lines)
		text := strings.Join(lines, end)
		if last {
			text += end
		}
		l, err := leaked.Open(file(t, dir, text))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		for i := range n + 20 {
			found, err := l.Has(ctx, fmt.Sprint("password", i))
			if err != nil || found != (i < n) {
				t.Fatalf("password%d of %d: %v, %v", i, n, found, err)
			}
		}
	})
}

func TestPlainListAndSeveralLists(t *testing.T) {
	t.Parallel()
	plain := file(t, t.TempDir(), "hello world\r\n密码密码密码\n"+strings.Repeat("x", 100_000)+"\nlast one")
	hashes := file(t, t.TempDir(), strings.ToLower(hash("hashed"))+"\n")
	l, err := leaked.Open(plain, hashes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for password, want := range map[string]bool{"hello world": true, "密码密码密码": true, "last one": true, "hashed": true, "hello": false, "": false, "unheard of": false} {
		if got, err := l.Has(ctx, password); got != want || err != nil {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
}

func TestListsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"out of order": hash("b") + "\n" + hash("a") + "\n" + hash("b") + "\n" + hash("c") + "\n",
		"mixed":        hash("a") + "\nplain\n",
	} {
		if _, err := leaked.Open(file(t, t.TempDir(), text)); err == nil || !strings.Contains(err.Error(), "ascending") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := leaked.Open(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was opened")
	}
	if _, err := leaked.Open(t.TempDir()); err == nil {
		t.Error("a directory was opened")
	}
	l, err := leaked.Open(file(t, t.TempDir(), ""))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := l.Has(ctx, ""); found && err == nil {
		t.Error("an empty list knows the empty password")
	}
	_ = l.Close()
}
