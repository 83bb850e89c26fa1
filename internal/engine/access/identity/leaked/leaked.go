// Package leaked looks passwords up in lists of those that were published.
//
// A list is a file of this machine; nothing is asked of anybody else. Two forms are known: SHA-1 hashes in order, one a
// line with or without ":count" (the download of Have I Been Pwned), searched by halves in the file without loading it;
// and plain passwords, one a line, read through. The package knows no accounts and keeps nothing of what it is asked.
package leaked

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the form in which such lists are published; no secret rests on it
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	hashLength   = 40
	longestLine  = 1024
	largestPlain = 256 << 20 // bytes; a longer plain list would make every change of a password slow
)

// Lists are the open lists. They are safe for concurrent use; close them once.
type Lists struct{ list []list }

type list struct {
	file   *os.File
	size   int64
	hashes bool
}

// Open opens the files and looks at their first lines. Errors name the file and what is wrong with it: hashes out of
// order, a plain list that is too large.
func Open(paths ...string) (*Lists, error) {
	l := &Lists{}
	for _, p := range paths {
		one, err := open(p)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("list of breached passwords %s: %w", p, err), l.Close())
		}
		l.list = append(l.list, one)
	}
	return l, nil
}

func open(path string) (list, error) {
	f, err := os.Open(path)
	if err != nil {
		return list{}, err
	}
	l, err := look(f)
	if err != nil {
		return list{}, errors.Join(err, f.Close())
	}
	return l, nil
}

// look tells the form by the first line, and the order by a hundred.
func look(f *os.File) (list, error) {
	info, err := f.Stat()
	if err != nil {
		return list{}, err
	}
	if info.IsDir() {
		return list{}, errors.New("is a directory")
	}
	l := list{file: f, size: info.Size()}
	lines := bufio.NewScanner(io.NewSectionReader(f, 0, l.size))
	lines.Buffer(make([]byte, 4096), longestLine)
	last := ""
	for n := 0; n < 100 && lines.Scan(); n++ {
		h, ok := hashOf(lines.Bytes())
		switch {
		case n == 0:
			l.hashes = ok
		case l.hashes && (!ok || h < last):
			return list{}, fmt.Errorf("line %d is no SHA-1 hash in ascending order", n+1)
		}
		if !l.hashes {
			break
		}
		last = h
	}
	if err := lines.Err(); err != nil {
		return list{}, err
	}
	if !l.hashes && l.size > largestPlain {
		return list{}, fmt.Errorf("plain lists may have %d MB; use sorted SHA-1 hashes instead", largestPlain>>20)
	}
	return l, nil
}

// hashOf reads the hash a line begins with, in capitals.
func hashOf(line []byte) (string, bool) {
	head, _, _ := bytes.Cut(bytes.TrimRight(line, "\r"), []byte{':'})
	if len(head) != hashLength {
		return "", false
	}
	if _, err := hex.DecodeString(string(head)); err != nil {
		return "", false
	}
	return strings.ToUpper(string(head)), true
}

// Has reports whether the password is in one of the lists. An error says that a list could not be read.
func (l *Lists) Has(ctx context.Context, password string) (bool, error) {
	sum := sha1.Sum([]byte(password)) //nolint:gosec // see the import
	want := strings.ToUpper(hex.EncodeToString(sum[:]))
	for _, one := range l.list {
		found, err := one.has(ctx, password, want)
		if found || err != nil {
			return found, err
		}
	}
	return false, nil
}

func (l list) has(ctx context.Context, password, want string) (bool, error) {
	if l.hashes {
		return l.search(want)
	}
	lines := bufio.NewReaderSize(io.NewSectionReader(l.file, 0, l.size), 64<<10)
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 && string(bytes.TrimRight(line, "\r\n")) == password && !errors.Is(err, bufio.ErrBufferFull) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return false, fmt.Errorf("read list of breached passwords: %w", err)
		}
	}
}

// search halves the file: low is always the beginning of a line, and the line looked for begins in [low, high).
func (l list) search(want string) (bool, error) {
	low, high := int64(0), l.size
	for low < high {
		mid := low + (high-low)/2
		at, line, err := l.lineFrom(low, mid)
		if err != nil {
			return false, err
		}
		if at >= high { // no line begins between mid and high
			high = mid
			continue
		}
		h, ok := hashOf(line)
		switch {
		case !ok:
			return false, fmt.Errorf("list of breached passwords: no SHA-1 hash at byte %d", at)
		case h == want:
			return true, nil
		case h < want:
			low = at + int64(len(line)) + 1
		default:
			high = mid
		}
	}
	return false, nil
}

// lineFrom returns the first line that begins at mid or after it, without its end; low is known to begin one.
func (l list) lineFrom(low, mid int64) (int64, []byte, error) {
	from := mid
	if mid > low {
		from-- // a line that begins exactly at mid is found by the end of the one before
	}
	buf := make([]byte, 2*longestLine)
	n, err := l.file.ReadAt(buf, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, nil, fmt.Errorf("read list of breached passwords: %w", err)
	}
	buf = buf[:n]
	skip := 0
	if mid > low {
		end := bytes.IndexByte(buf, '\n')
		if end < 0 {
			return l.size, nil, nil
		}
		skip = end + 1
	}
	line, _, _ := bytes.Cut(buf[skip:], []byte{'\n'})
	if len(line) == 0 {
		return l.size, nil, nil
	}
	return from + int64(skip), line, nil
}

// Close closes the files.
func (l *Lists) Close() error {
	var all []error
	for _, one := range l.list {
		all = append(all, one.file.Close())
	}
	l.list = nil
	return errors.Join(all...)
}
