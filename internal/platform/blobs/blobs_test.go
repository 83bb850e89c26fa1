package blobs_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"dianke/internal/platform/blobs"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

func open(t *testing.T) (*blobs.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := blobs.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, dir
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const helloHash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

func TestPutAndOpen(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, dir := open(t)
	for range 2 {
		ref, err := s.Put(ctx, strings.NewReader("hello"), 5)
		if err != nil || ref != (blobs.Ref{Hash: helloHash, Size: 5, ContentType: "text/plain; charset=utf-8"}) {
			t.Fatalf("Put = %+v, %v", ref, err)
		}
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files: %v", got)
	}
	r, err := s.Open(ctx, helloHash)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil || string(data) != "hello" || r.Close() != nil {
		t.Errorf("read %q, %v", data, err)
	}
	if err := s.Verify(ctx, helloHash); err != nil {
		t.Error(err)
	}
}

func TestContentTypeIsJudgedFromBytes(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	for content, want := range map[string]string{"%PDF-1.7 " + strings.Repeat("x", 2000): "application/pdf", "": "text/plain; charset=utf-8", "\x89PNG\x0d\x0a\x1a\x0a": "image/png"} {
		if ref, err := s.Put(context.Background(), iotest.OneByteReader(strings.NewReader(content)), 1<<20); err != nil || ref.ContentType != want {
			t.Errorf("%.8q: %+v, %v", content, ref, err)
		}
	}
}

func TestNothingIsLeftOfAFailedPut(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, dir := open(t)
	_, err := s.Put(ctx, strings.NewReader("hello"), 4)
	if !errs.Is(err, errs.TooLarge) || errs.As(err).Args["limit"] != "4 B" {
		t.Errorf("above the limit: %v", err)
	}
	broken := errors.New("line cut")
	if _, err := s.Put(ctx, io.MultiReader(strings.NewReader("hel"), iotest.ErrReader(broken)), 10); !errors.Is(err, broken) {
		t.Errorf("broken reader: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Put(cancelled, strings.NewReader("hello"), 10); err == nil {
		t.Error("cancelled put succeeds")
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("files: %v", got)
	}
}

func TestUnknownAndHostileNames(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, _ := open(t)
	for _, hash := range []string{helloHash, "", "../../etc/passwd", strings.ToUpper(helloHash), strings.Repeat("../", 21) + "a"} {
		if _, err := s.Open(ctx, hash); !errs.Is(err, errs.NotFound) {
			t.Errorf("Open(%q) = %v", hash, err)
		}
		if ok, err := s.Exists(ctx, hash); ok || err != nil {
			t.Errorf("Exists(%q) = %t, %v", hash, ok, err)
		}
		if err := s.Delete(ctx, hash); err != nil {
			t.Errorf("Delete(%q) = %v", hash, err)
		}
	}
}

func TestDamageAndDelete(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, dir := open(t)
	if _, err := s.Put(ctx, strings.NewReader("hello"), 10); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files(t, dir)[0], []byte("hellO"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(ctx, helloHash); errs.KeyOf(err) != "blobs.damaged" {
		t.Errorf("Verify = %v", err)
	}
	if err := s.Delete(ctx, helloHash); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(ctx, helloHash); !errs.Is(err, errs.NotFound) {
		t.Errorf("Verify after Delete = %v", err)
	}
}

func TestSameFileFromMany(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := s.Put(context.Background(), strings.NewReader("hello"), 10); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files: %v", got)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(blobs.Messages()); err != nil {
		t.Error(err)
	}
}
