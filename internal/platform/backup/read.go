package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"dianke/internal/platform/errs"

	"github.com/klauspost/compress/zstd"
)

// stage is a backup laid out in a directory and checked whole against its manifest.
type stage struct {
	Manifest
	Encrypted bool
	dir       string
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *stage) has(name string) bool {
	return slices.ContainsFunc(s.Entries, func(e Entry) bool { return e.Name == name })
}

// lay unpacks a backup into an empty directory. Names are only those this package writes; everything else is damage.
func (p *Program) lay(ctx context.Context, from io.Reader, key *Key, dir string) (*stage, error) {
	plain, encrypted, err := key.open(from)
	if err != nil {
		return nil, err
	}
	unpacked, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil, damaged(err)
	}
	defer unpacked.Close()
	s := &stage{Encrypted: encrypted, dir: dir}
	seen, err := p.unpack(ctx, tar.NewReader(unpacked), s)
	if err == nil {
		_, err = io.Copy(io.Discard, unpacked) // to the end: the last checksum stands there
	}
	if err != nil {
		return nil, reading(ctx, err)
	}
	if s.Format == 0 || !slices.Equal(seen, s.Entries) || !s.named() {
		return nil, damaged(errors.New("the manifest does not agree with what is there"))
	}
	return s, nil
}

// reading keeps errors of ours and of this machine; all else is the fault of the file.
func reading(ctx context.Context, err error) error {
	var disk *os.PathError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &disk) && !errors.Is(err, os.ErrExist): // a name twice in the file is its fault
		return fmt.Errorf("restore: %w", err)
	case errs.As(err) != nil:
		return err
	}
	return damaged(err)
}

func (p *Program) unpack(ctx context.Context, in *tar.Reader, s *stage) ([]Entry, error) {
	var seen []Entry
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return seen, nil
		}
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch {
		case h.Typeflag != tar.TypeReg || s.Format != 0 || !known(h.Name):
			return nil, fmt.Errorf("entry %q is none of ours", h.Name)
		case len(seen) == 0 && h.Name != headName:
			return nil, errors.New("no head")
		case h.Name == manifestName:
			if err := json.NewDecoder(io.LimitReader(in, maxManifest)).Decode(&s.Manifest); err != nil {
				return nil, err
			}
			continue
		}
		e, err := s.take(h.Name, in)
		if err != nil {
			return nil, err
		}
		if h.Name == headName {
			if err := p.judge(s.path(headName)); err != nil {
				return nil, err
			}
		}
		seen = append(seen, e)
	}
}

var entryNames = regexp.MustCompile(`^(head\.json|manifest\.json|database\.sqlite|secret|tables/[a-z][a-z0-9_]{0,62}\.jsonl|files/[0-9a-f]{64})$`)

func known(name string) bool { return entryNames.MatchString(name) }

var sqlName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// named reports whether tables and columns have names that may stand in a statement.
func (s *stage) named() bool {
	for _, t := range s.Tables {
		if !sqlName.MatchString(t.Name) {
			return false
		}
		for _, c := range t.Columns {
			if !sqlName.MatchString(c.Name) {
				return false
			}
		}
	}
	return true
}

// take writes one entry into the stage. Stored files go where the store keeps them.
func (s *stage) take(name string, from io.Reader) (Entry, error) {
	to := s.path(name)
	if hash, ok := strings.CutPrefix(name, filePrefix); ok {
		to = s.path(filePrefix + hash[:2] + "/" + hash[2:])
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return Entry{}, err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Entry{}, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), from)
	if err := errors.Join(err, f.Close()); err != nil {
		return Entry{}, err
	}
	e := Entry{name, n, hex.EncodeToString(sum.Sum(nil))}
	if hash, ok := strings.CutPrefix(name, filePrefix); ok && hash != e.SHA256 {
		return Entry{}, fmt.Errorf("stored file %s has other bytes", hash)
	}
	return e, nil
}

// judge refuses early what this program cannot restore.
func (p *Program) judge(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var h Head
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&h); err != nil {
		return err
	}
	latest, err := latest(p.Migrations)
	if err != nil {
		return err
	}
	switch {
	case h.Format < 1 || h.Migration < 1 || h.Database != "sqlite" && h.Database != "postgres":
		return errors.New("head makes no sense")
	case h.Format > format || h.Migration > latest:
		return errs.New(errs.Conflict, "backup.newer").With("theirs", h.Migration).With("ours", latest)
	}
	return nil
}
