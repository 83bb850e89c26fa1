package fetch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Maildir hands over what lies in "new" of a maildir, in the order of names, which is that of delivery, at most two hundred
// messages; what was kept moves to "cur" as seen. Folders and hidden files are passed over. A file the function refuses
// stays and is tried again the next time; the others are taken all the same.
func Maildir(ctx context.Context, dir string, keep Keep) (n int, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, "new"))
	if err != nil {
		return 0, fmt.Errorf("read maildir: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "cur"), 0o700); err != nil {
		return 0, fmt.Errorf("read maildir: %w", err)
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	var faults []error
	for _, e := range entries {
		if n+len(faults) >= batch || ctx.Err() != nil {
			break
		}
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := takeFile(ctx, dir, e.Name(), keep); err != nil {
			faults = append(faults, err)
			continue
		}
		n++
	}
	return n, errors.Join(faults...)
}

func takeFile(ctx context.Context, dir, name string, keep Keep) (err error) {
	path := filepath.Join(dir, "new", name)
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open message: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		err = keep(ctx, f, info.Size())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	base, _, _ := strings.Cut(name, ":2,")
	if err := os.Rename(path, filepath.Join(dir, "cur", base+":2,S")); err != nil {
		return fmt.Errorf("put message away: %w", err)
	}
	return nil
}
