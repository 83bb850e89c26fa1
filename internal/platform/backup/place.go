package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"dianke/internal/platform/errs"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // places named s3://
	"gocloud.dev/gcerrors"
)

// Place is where backups are kept: a directory, or a bucket. What is not named like a backup there is left alone.
type Place struct {
	bucket *blob.Bucket
	dir    string // empty for a bucket
	name   string
}

// Stored is a backup in its place. The time is that of its name, when it was begun.
type Stored struct {
	Name      string
	Made      time.Time
	Size      int64
	Encrypted bool
}

// OpenPlace opens a directory, made if absent (mode 0700), or a bucket by its address, such as
// s3://bucket?prefix=dianke/&region=eu-central-1; keys of access come from the environment of the process, as its provider
// names them. Close it after use.
func OpenPlace(ctx context.Context, where string) (*Place, error) {
	wrong := func(err error) error {
		return errs.New(errs.Unavailable, "backup.place_wrong").With("place", plain(where)).With("reason", err.Error()).Because(err)
	}
	if strings.Contains(where, "://") {
		b, err := blob.OpenBucket(ctx, where)
		if err != nil {
			return nil, wrong(errors.New("not an address of a bucket that is known, such as s3://name?region=…"))
		}
		return &Place{bucket: b, name: plain(where)}, nil
	}
	abs, err := filepath.Abs(where)
	if err != nil {
		return nil, wrong(err)
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, wrong(err)
	}
	b, err := fileblob.OpenBucket(abs, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite, DirFileMode: 0o700})
	if err != nil {
		return nil, wrong(err)
	}
	return &Place{bucket: b, dir: abs, name: abs}, nil
}

// NewPlace keeps backups in an open bucket, which it takes over.
func NewPlace(b *blob.Bucket, name string) *Place { return &Place{bucket: b, name: name} }

// plain drops what stands behind the question mark, where access may be told.
func plain(where string) string {
	out, _, _ := strings.Cut(where, "?")
	return out
}

// String names the place for people.
func (p *Place) String() string { return p.name }

// Close releases the bucket.
func (p *Place) Close() error { return p.bucket.Close() }

const nameTime = "20060102T150405Z"

var backupName = regexp.MustCompile(`^dianke-(\d{8}T\d{6}Z)\.tar\.zst(\.age)?$`)

// NameOf is the name of a backup begun at the time.
func NameOf(at time.Time, encrypted bool) string {
	name := "dianke-" + at.UTC().Format(nameTime) + ".tar.zst"
	if encrypted {
		name += ".age"
	}
	return name
}

// List returns the backups, newest first.
func (p *Place) List(ctx context.Context) ([]Stored, error) {
	var out []Stored
	for list := p.bucket.List(nil); ; {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("list backups in %s: %w", p, err)
		}
		m := backupName.FindStringSubmatch(o.Key)
		if m == nil {
			continue
		}
		if at, err := time.Parse(nameTime, m[1]); err == nil {
			out = append(out, Stored{Name: o.Key, Made: at, Size: o.Size, Encrypted: m[2] != ""})
		}
	}
	slices.SortFunc(out, func(a, b Stored) int { return b.Made.Compare(a.Made) })
	return out, nil
}

// Write makes a file that is only there once fn has returned without error, and on the disk where it is a directory.
func (p *Place) Write(ctx context.Context, name string, fn func(io.Writer) error) (size int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := p.bucket.NewWriter(ctx, name, &blob.WriterOptions{ContentType: "application/octet-stream", IfNotExist: p.dir != ""})
	if err != nil {
		return 0, fmt.Errorf("write backup into %s: %w", p, err)
	}
	count := &counter{to: w}
	if err := fn(count); err != nil {
		cancel() // closing a cancelled writer drops what was written
		_ = w.Close()
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, fmt.Errorf("write backup into %s: %w", p, err)
	}
	return count.n, p.sync(name)
}

type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.n += int64(n)
	return n, err
}

func (p *Place) sync(name string) error {
	if p.dir == "" {
		return nil
	}
	f, err := os.Open(filepath.Join(p.dir, name))
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return errors.Join(f.Sync(), f.Close(), syncDir(p.dir))
}

// Open reads a backup; NotFound (backup.unknown) where there is none of the name.
func (p *Place) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	unknown := errs.New(errs.NotFound, "backup.unknown").With("name", name)
	if !backupName.MatchString(name) {
		return nil, unknown
	}
	r, err := p.bucket.NewReader(ctx, name, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, unknown
	}
	if err != nil {
		return nil, fmt.Errorf("read backup from %s: %w", p, err)
	}
	return r, nil
}

// Delete removes a backup; nothing happens where there is none of the name.
func (p *Place) Delete(ctx context.Context, name string) error {
	if !backupName.MatchString(name) {
		return nil
	}
	if err := p.bucket.Delete(ctx, name); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("remove backup from %s: %w", p, err)
	}
	return nil
}
