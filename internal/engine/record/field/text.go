package field

import (
	"unicode/utf8"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// text is a short or long text; its limit counts characters.
type text struct {
	name  string
	max   int
	lines bool
}

func (k text) Name() string        { return k.name }
func (text) Column() db.ColumnKind { return db.Text }
func (text) Null() bool            { return false }

func (k text) Parse(in any, o *Options) (any, *errs.Error) {
	s, e := plain(in, k.lines)
	if e != nil || s == "" {
		return "", e
	}
	limit := k.max
	if o.Max > 0 {
		limit = o.Max
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return "", bad("field.too_long").With("max", limit).With("n", n)
	}
	return s, nil
}

func (text) Encode(v any) any            { return asString(v) }
func (text) Decode(src any) (any, error) { return decodeString(src) }
func (text) Text(v any) string           { return asString(v) }
func (text) Ops() []Op                   { return []Op{Eq, Ne, Contains, Starts, Empty, Filled} }
