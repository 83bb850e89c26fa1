// Package errs is the one error type that crosses floors.
//
// A rule returns an [Error] with a kind, a message key of the i18n catalogues and, where a field is at fault, its
// name. Callers wrap with fmt.Errorf and %w; surfaces alone turn the kind into a status and the key into a sentence.
// The package knows neither languages nor HTTP.
package errs

import (
	"errors"
	"fmt"
	"strings"
)

// Kind classes an error by what the caller can do about it.
type Kind int

// The kinds. Internal is the zero value, so that an unknown error is never shown in detail.
const (
	Internal        Kind = iota // a fault of the program: fixed sentence, details only in the log
	Invalid                     // the input breaks a rule; Fields says where
	Malformed                   // the input cannot be read at all (syntax, encoding)
	Unauthenticated             // nobody is signed in
	Forbidden                   // signed in, and may not
	NotFound                    // absent or hidden, which is the same to the caller
	Conflict                    // the state of the record does not allow it
	Stale                       // somebody else changed the record meanwhile
	Refused                     // a clause of a regulation in force forbids it
	TooLarge                    // body, file or list above its limit
	TooMany                     // rate or quota exhausted
	Unavailable                 // try again later (disk full, database away)
)

var kindNames = [...]string{
	"internal", "invalid", "malformed", "unauthenticated", "forbidden", "not_found",
	"conflict", "stale", "refused", "too_large", "too_many", "unavailable",
}

// String returns the name used in API problems and logs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", int(k))
}

// Error is a failure with a meaning to the caller.
type Error struct {
	Kind   Kind
	Key    string         // message key, such as "case.close.unanswered"
	Field  string         // column name of the field at fault, or empty
	Args   map[string]any // values for the placeholders of the message; shown to the user, so never secrets
	Fields []*Error       // one for each field at fault, when there are several
	Cause  error          // what went wrong below; for logs only
}

// New returns an error of a kind with its message key.
func New(kind Kind, key string) *Error { return &Error{Kind: kind, Key: key} }

// Of returns an Invalid error on one field.
func Of(field, key string) *Error { return &Error{Kind: Invalid, Key: key, Field: field} }

// With returns a copy that carries one more message argument.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = make(map[string]any, len(e.Args)+1)
	for k, v := range e.Args {
		c.Args[k] = v
	}
	c.Args[name] = value
	return &c
}

// Because returns a copy that carries its cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Error describes the failure for logs: key, field and cause, no message arguments.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	b.WriteString(" ")
	b.WriteString(e.Key)
	if e.Field != "" {
		b.WriteString(" field=" + e.Field)
	}
	for _, f := range e.Fields {
		b.WriteString(" [" + f.Field + " " + f.Key + "]")
	}
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// As returns the first Error in the chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// KindOf returns the kind of the first Error in the chain; Internal for any other error.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}

// KeyOf returns the message key of the first Error in the chain, or "".
func KeyOf(err error) string {
	if e := As(err); e != nil {
		return e.Key
	}
	return ""
}

// Is reports whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Collect joins field errors into one Invalid error, or returns nil where there are none.
func Collect(fields []*Error) error {
	switch len(fields) {
	case 0:
		return nil
	case 1:
		return fields[0]
	}
	return &Error{Kind: Invalid, Key: "error.fields", Fields: fields}
}
