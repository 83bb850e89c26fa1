// Package blobs keeps files by their content.
//
// The name of a file in the store is the SHA-256 of its bytes, never a name somebody typed: equal files are kept once,
// and a file once stored does not change. A file is visible only when it is whole. The package knows neither who may
// read a file nor what it is called; both stand in records.
package blobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"

	"dianke/internal/platform/errs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the errors of this package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		return messages // the name is constant and valid
	}
	return sub
}

// Ref is what a record remembers of a stored file.
type Ref struct {
	Hash        string // SHA-256 in 64 lower-case hexadecimal digits
	Size        int64  // bytes
	ContentType string // judged from the first 512 bytes, whatever the sender said
}

// Store keeps files. It is safe for concurrent use.
type Store struct{ bucket *blob.Bucket }

// OpenDir opens the store in a directory, made with rights for the owner alone. Close it after use.
func OpenDir(dir string) (*Store, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find blob directory: %w", err)
	}
	bucket, err := fileblob.OpenBucket(abs, &fileblob.Options{
		CreateDir: true, DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fmt.Errorf("open blob directory: %w", err)
	}
	return New(bucket), nil
}

// New returns a store over an open bucket, which it takes over.
func New(bucket *blob.Bucket) *Store { return &Store{bucket: bucket} }

// Close releases the bucket.
func (s *Store) Close() error { return s.bucket.Close() }

// Put stores what r holds. More than limit bytes is TooLarge (blobs.too_large) and stores nothing. Storing the same
// bytes again changes nothing and returns the same Ref.
func (s *Store) Put(ctx context.Context, r io.Reader, limit int64) (ref Ref, err error) {
	spool, err := os.CreateTemp("", "dianke-upload-*")
	if err != nil {
		return Ref{}, fmt.Errorf("spool upload: %w", err)
	}
	defer func() { err = errors.Join(err, spool.Close(), os.Remove(spool.Name())) }()
	ref, err = receive(spool, r, limit)
	if err != nil {
		return Ref{}, err
	}
	if known, err := s.Exists(ctx, ref.Hash); err != nil || known {
		return ref, err
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return Ref{}, fmt.Errorf("read spooled upload: %w", err)
	}
	opts := &blob.WriterOptions{ContentType: ref.ContentType}
	if err := s.bucket.Upload(ctx, key(ref.Hash), spool, opts); err != nil {
		return Ref{}, fmt.Errorf("store blob: %w", err)
	}
	return ref, nil
}

func receive(to io.Writer, from io.Reader, limit int64) (Ref, error) {
	hash, head := sha256.New(), &header{}
	n, err := io.Copy(io.MultiWriter(to, hash, head), io.LimitReader(from, limit+1))
	if err != nil {
		return Ref{}, fmt.Errorf("receive upload: %w", err)
	}
	if n > limit {
		return Ref{}, errs.New(errs.TooLarge, "blobs.too_large").With("limit", size(limit))
	}
	return Ref{hex.EncodeToString(hash.Sum(nil)), n, http.DetectContentType(head.Bytes())}, nil
}

// header keeps the first bytes written to it.
type header struct{ bytes.Buffer }

func (h *header) Write(p []byte) (int, error) {
	if free := 512 - h.Len(); free > 0 {
		h.Buffer.Write(p[:min(free, len(p))])
	}
	return len(p), nil
}

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// Open returns the bytes of a stored file from the start; NotFound where there is none. Close the reader.
func (s *Store) Open(ctx context.Context, hash string) (io.ReadCloser, error) {
	if !isHash(hash) {
		return nil, errs.New(errs.NotFound, "blobs.not_found")
	}
	r, err := s.bucket.NewReader(ctx, key(hash), nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, errs.New(errs.NotFound, "blobs.not_found")
	}
	if err != nil {
		return nil, fmt.Errorf("open blob: %w", err)
	}
	return r, nil
}

// Exists reports whether the file is stored.
func (s *Store) Exists(ctx context.Context, hash string) (bool, error) {
	if !isHash(hash) {
		return false, nil
	}
	ok, err := s.bucket.Exists(ctx, key(hash))
	if err != nil {
		return false, fmt.Errorf("look for blob: %w", err)
	}
	return ok, nil
}

// Each calls fn for every stored file, by hash. A file that is stored meanwhile may be left out.
func (s *Store) Each(ctx context.Context, fn func(hash string, size int64) error) error {
	for list := s.bucket.List(nil); ; {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list blobs: %w", err)
		}
		if hash := strings.Replace(o.Key, "/", "", 1); isHash(hash) && key(hash) == o.Key {
			if err := fn(hash, o.Size); err != nil {
				return err
			}
		}
	}
}

// Delete removes a file; nothing happens where there is none. The caller knows that no record refers to it.
func (s *Store) Delete(ctx context.Context, hash string) error {
	if !isHash(hash) {
		return nil
	}
	if err := s.bucket.Delete(ctx, key(hash)); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("delete blob: %w", err)
	}
	return nil
}

// Verify reads a file again and fails with Internal where its bytes no longer have the hash, NotFound where it is gone.
func (s *Store) Verify(ctx context.Context, hash string) (err error) {
	r, err := s.Open(ctx, hash)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return fmt.Errorf("read blob: %w", err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != hash {
		return errs.New(errs.Internal, "blobs.damaged")
	}
	return nil
}

// key spreads files over 256 folders, since directories with very many entries are slow to list and back up.
func key(hash string) string { return hash[:2] + "/" + hash[2:] }

func isHash(s string) bool { return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" }
