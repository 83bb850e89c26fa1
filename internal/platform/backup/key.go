package backup

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"dianke/internal/platform/errs"

	"filippo.io/age"
)

// Key encrypts and decrypts backups. The nil Key leaves them as they are.
type Key struct {
	recipients []age.Recipient
	identities []age.Identity
}

// minPassphrase is the least number of bytes of a passphrase.
const minPassphrase = 12

// ReadKey reads a key file: age recipients (age1…, enough to make backups), age identities (AGE-SECRET-KEY-1…, which also
// open them), or else one line of a passphrase. Empty lines and those that begin with # do not count.
func ReadKey(path string) (*Key, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key of backups: %w", err)
	}
	k, err := parseKey(data)
	if err != nil {
		return nil, fmt.Errorf("key of backups %s: %w", path, err)
	}
	return k, nil
}

func parseKey(data []byte) (*Key, error) {
	k := &Key{}
	var phrases []string
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "age1"):
			r, err := age.ParseX25519Recipient(line)
			if err != nil {
				return nil, err
			}
			k.recipients = append(k.recipients, r)
		case strings.HasPrefix(line, "AGE-SECRET-KEY-1"):
			id, err := age.ParseX25519Identity(line)
			if err != nil {
				return nil, errors.New("an identity of age is damaged") // the cause may show the key
			}
			k.identities = append(k.identities, id)
			k.recipients = append(k.recipients, id.Recipient())
		default:
			phrases = append(phrases, line)
		}
	}
	switch {
	case len(phrases) == 0 && len(k.recipients) == 0:
		return nil, errors.New("the file is empty")
	case len(phrases) == 0:
		return k, nil
	case len(phrases) > 1 || len(k.recipients) > 0:
		return nil, errors.New("want keys of age, one a line, or one line of a passphrase and nothing else")
	}
	return passphrase(phrases[0])
}

func passphrase(text string) (*Key, error) {
	if len(text) < minPassphrase {
		return nil, fmt.Errorf("a passphrase needs at least %d characters", minPassphrase)
	}
	to, err := age.NewScryptRecipient(text)
	if err != nil {
		return nil, err
	}
	from, err := age.NewScryptIdentity(text)
	if err != nil {
		return nil, err
	}
	from.SetMaxWorkFactor(20)
	return &Key{recipients: []age.Recipient{to}, identities: []age.Identity{from}}, nil
}

// Opens reports whether the key can decrypt and not only encrypt.
func (k *Key) Opens() bool { return k != nil && len(k.identities) > 0 }

func (k *Key) seal(w io.Writer) (io.WriteCloser, error) {
	if k == nil {
		return passOn{w}, nil
	}
	out, err := age.Encrypt(w, k.recipients...)
	if err != nil {
		return nil, fmt.Errorf("encrypt backup: %w", err)
	}
	return out, nil
}

// passOn is a writer whose Close does nothing.
type passOn struct{ io.Writer }

// Close implements [io.Closer].
func (passOn) Close() error { return nil }

const ageMagic = "age-encryption.org/v1"

// open finds by its first bytes whether a backup is encrypted.
func (k *Key) open(r io.Reader) (io.Reader, bool, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	first, err := in.Peek(len(ageMagic))
	if err != nil || string(first) != ageMagic {
		return in, false, nil // too short a file fails where it is read
	}
	if !k.Opens() {
		return nil, true, errs.New(errs.Invalid, "backup.key_needed")
	}
	out, err := age.Decrypt(in, k.identities...)
	if noMatch := (*age.NoIdentityMatchError)(nil); errors.As(err, &noMatch) {
		return nil, true, errs.New(errs.Invalid, "backup.key_wrong").Because(err)
	}
	if err != nil {
		return nil, true, damaged(err)
	}
	return out, true, nil
}

// damaged says that the file is not what was written.
func damaged(err error) error { return errs.New(errs.Malformed, "backup.damaged").Because(err) }
