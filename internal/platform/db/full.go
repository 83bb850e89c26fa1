package db

import (
	"embed"
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"dianke/internal/platform/errs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
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

// full gives the error of a disk without space its kind and words: Unavailable (db.full). Other errors stay as they are.
func full(err error) error {
	if err == nil || !isFull(err) || errs.KeyOf(err) == "db.full" {
		return err
	}
	return errs.New(errs.Unavailable, "db.full").Because(err)
}

func isFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqlite3.SQLITE_FULL
	}
	msg := err.Error()
	return strings.Contains(msg, "SQLSTATE 53100") // disk_full
}
