// Package ids makes the identifiers of records.
//
// An [ID] is a positive 63-bit number: 41 bits of milliseconds since 2020-01-01 UTC, 10 bits of node, 12 bits of
// sequence. It sorts by time of making, fits a BIGINT key and an FTS row id, and is written outside as 13 characters
// of Crockford's base 32 in lower case, so that no JSON reader loses digits. It is not a secret.
package ids

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"dianke/internal/platform/clock"
)

// ID names one record in the whole instance, over all types. Zero means "none".
type ID int64

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// Length is the number of characters of a written ID.
const Length = 13

var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// ErrSyntax is returned for text that is no ID.
var ErrSyntax = errors.New("not an id")

// String returns the 13 characters of the ID; empty for zero.
func (id ID) String() string {
	if id == 0 {
		return ""
	}
	var b [Length]byte
	v := uint64(id)
	for i := Length - 1; i >= 0; i-- {
		b[i] = alphabet[v&31]
		v >>= 5
	}
	return string(b[:])
}

// Time returns the millisecond the ID was made at, in UTC.
func (id ID) Time() time.Time { return epoch.Add(time.Duration(id>>22) * time.Millisecond) }

// Before returns the greatest id that can have been made before the instant; what is made later is greater.
func Before(t time.Time) ID { return ID(t.Sub(epoch)/time.Millisecond)<<22 - 1 }

// Parse reads a written ID. Upper case is accepted; the empty string is the zero ID.
func Parse(s string) (ID, error) {
	if s == "" {
		return 0, nil
	}
	if len(s) != Length {
		return 0, fmt.Errorf("%w: %d characters", ErrSyntax, len(s))
	}
	var v uint64
	for _, c := range strings.ToLower(s) {
		i := strings.IndexRune(alphabet, c)
		if i < 0 {
			return 0, fmt.Errorf("%w: character %q", ErrSyntax, c)
		}
		v = v<<5 | uint64(i)
	}
	if v == 0 || v > 1<<63-1 || s[0] > '7' {
		return 0, ErrSyntax
	}
	return ID(v), nil
}

// MarshalText writes the ID as its 13 characters.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the 13 characters.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := Parse(string(b))
	*id = v
	return err
}

// MarshalJSON writes the ID as a string, or null for none.
func (id ID) MarshalJSON() ([]byte, error) {
	if id == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(id.String())
}

// UnmarshalJSON reads a string or null.
func (id *ID) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*id = 0
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("%w: want a string", ErrSyntax)
	}
	return id.UnmarshalText([]byte(s))
}

// Value stores the ID as a number, none as NULL.
func (id ID) Value() (driver.Value, error) {
	if id == 0 {
		return nil, nil
	}
	return int64(id), nil
}

// Scan reads a number or NULL.
func (id *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = 0
	case int64:
		*id = ID(v)
	default:
		return fmt.Errorf("%w: %T", ErrSyntax, src)
	}
	return nil
}

// Source makes IDs. It is safe for concurrent use; two sources need different nodes.
type Source struct {
	clock clock.Clock
	node  int64

	mu   sync.Mutex
	last int64 // milliseconds<<12 | sequence of the newest ID
}

// NewSource returns a source for a node between 0 and 1023.
func NewSource(c clock.Clock, node int) *Source {
	return &Source{clock: c, node: int64(node & 1023)}
}

// Resume makes the source go on behind an ID made before, by a second, so that a machine whose clock was set back makes
// none twice after a restart. The second leaves room for IDs made just after the one that is known.
func (s *Source) Resume(after ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last, (int64(after)>>22+1000)<<12)
}

// Next returns an ID greater than all before it from this source, even if the clock goes back. When the 4,096 of one
// millisecond are spent it runs ahead of the clock rather than wait.
func (s *Source) Next() ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.clock.Now().Sub(epoch).Milliseconds() << 12
	if next <= s.last {
		next = s.last + 1
	}
	s.last = next
	return ID(next>>12<<22 | s.node<<12 | next&4095)
}
