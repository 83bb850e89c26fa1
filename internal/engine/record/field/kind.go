// Package field holds the kinds a field of a record can have.
//
// A [Kind] knows how a value is read from outside, checked, stored and written as plain text. Inside the program a
// value has one canonical Go type a kind: string, int64, float64, bool, [time.Time], [time.Duration], []string,
// [ids.ID], []ids.ID or map[string]any; nil or the zero value means "absent". Kinds hold no state. The package knows
// neither records nor permissions.
package field

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"

	"golang.org/x/text/unicode/norm"
)

// Options are the rules of one field that its kind looks at.
type Options struct {
	Max      int      // longest text in characters, most items of a list; 0 means the kind's own limit
	Min, Top *float64 // least and greatest number
	Enum     []string // allowed values of enum and multienum
	Currency string   // of money; CNY where empty
	Zone     string   // IANA zone in which a time without offset is read; Asia/Shanghai where empty
}

// Op is an operator of a filter.
type Op string

// The operators. In and NotIn take lists; Empty and Filled take nothing.
const (
	Eq       Op = "eq"
	Ne       Op = "ne"
	Lt       Op = "lt"
	Le       Op = "le"
	Gt       Op = "gt"
	Ge       Op = "ge"
	In       Op = "in"
	NotIn    Op = "not_in"
	Contains Op = "contains"
	Starts   Op = "starts"
	Has      Op = "has" // a list holds the value
	Empty    Op = "empty"
	Filled   Op = "filled"
)

// Kind is one kind of field.
type Kind interface {
	// Name is the word used in tags, in the API description and in message keys.
	Name() string
	// Column is the storage class.
	Column() db.ColumnKind
	// Null reports whether absence is stored as NULL.
	Null() bool
	// Parse turns a JSON value or the text of a form into the canonical value. Blank gives nil. The error carries a
	// key and arguments; the caller adds the field.
	Parse(in any, o *Options) (any, *errs.Error)
	// Encode turns a canonical value into what the database stores.
	Encode(v any) any
	// Decode turns what the database returned into the canonical value.
	Decode(src any) (any, error)
	// Text writes the canonical value as plain text that Parse reads back; "" for absent.
	Text(v any) string
	// Ops lists the operators a filter may use.
	Ops() []Op
}

// Kinds lists every kind by name. A fresh map is returned at each call.
func Kinds() map[string]Kind {
	m := map[string]Kind{}
	for _, k := range []Kind{
		text{name: "text", max: 200}, text{name: "longtext", max: 20_000, lines: true}, text{name: "secret", max: 200},
		number{}, decimal{}, money{}, percent{}, boolean{}, date{}, instant{}, duration{},
		enum{name: "enum"}, enum{name: "state"}, multi{}, ref{name: "ref"}, ref{name: "user"}, ref{name: "unit"}, ref{name: "file"},
		refs{name: "refs"}, refs{name: "files"}, object{}, computed{},
		phone{}, email{}, idcard{}, creditCode{}, address{},
	} {
		m[k.Name()] = k
	}
	return m
}

func bad(key string) *errs.Error { return errs.New(errs.Invalid, key) }

// plain reads a text value: a string of valid UTF-8 in normal form C without control characters, blanks cut at both
// ends. Lines keeps line breaks.
func plain(in any, lines bool) (string, *errs.Error) {
	var s string
	switch v := in.(type) {
	case nil:
		return "", nil
	case string:
		s = v
	case fmt.Stringer:
		s = v.String()
	default:
		return "", bad("field.want_text")
	}
	if !utf8.ValidString(s) {
		return "", bad("field.bad_encoding")
	}
	s = norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n"))
	for _, r := range s {
		if r == '\n' || r == '\t' {
			if lines {
				continue
			}
			return "", bad("field.no_line_breaks")
		}
		if unicode.IsControl(r) || r == '\ufeff' || unicode.Is(unicode.Bidi_Control, r) {
			return "", bad("field.control_character")
		}
	}
	return strings.TrimSpace(s), nil
}

func asString(v any) string {
	s, _ := v.(string)
	return s
}

func decodeString(src any) (any, error) {
	switch v := src.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return nil, fmt.Errorf("stored text: cannot read %T", src)
}
