package field

import (
	"net/mail"
	"strings"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/gb"
)

// phone is a telephone number in E.164 form; numbers without country code are read as Chinese.
type phone struct{}

func (phone) Name() string              { return "phone" }
func (phone) Column() db.ColumnKind     { return db.Text }
func (phone) Null() bool                { return false }
func (phone) Encode(v any) any          { return asString(v) }
func (phone) Decode(s any) (any, error) { return decodeString(s) }
func (phone) Text(v any) string         { return asString(v) }
func (phone) Ops() []Op                 { return []Op{Eq, Ne, In, Contains, Empty, Filled} }
func (phone) Parse(in any, _ *Options) (any, *errs.Error) {
	s, e := plain(in, false)
	if e != nil || s == "" {
		return "", e
	}
	n, err := gb.NormalisePhone(s, "CN")
	if err != nil {
		return "", bad("field.want_phone").Because(err)
	}
	return n, nil
}

// email is one mail address (RFC 5322 addr-spec) without a display name, its domain in lower case.
type email struct{ phone }

func (email) Name() string { return "email" }
func (email) Ops() []Op    { return []Op{Eq, Ne, In, Contains, Starts, Empty, Filled} }
func (email) Parse(in any, _ *Options) (any, *errs.Error) {
	s, e := plain(in, false)
	if e != nil || s == "" {
		return "", e
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 {
		return "", bad("field.want_email")
	}
	local, domain, _ := strings.Cut(s, "@")
	return local + "@" + strings.ToLower(domain), nil
}

// idcard is a resident identity number by GB 11643-1999 with a correct check character.
type idcard struct{ phone }

func (idcard) Name() string { return "idcard" }
func (idcard) Ops() []Op    { return []Op{Eq, Empty, Filled} }
func (idcard) Parse(in any, _ *Options) (any, *errs.Error) {
	s, e := plain(in, false)
	if e != nil || s == "" {
		return "", e
	}
	n, err := gb.ParseIDNumber(s)
	if err != nil {
		return "", bad("field.want_idcard").Because(err)
	}
	return n.Number, nil
}

// creditCode is a unified social credit code by GB 32100-2015 with correct check characters.
type creditCode struct{ phone }

func (creditCode) Name() string { return "creditcode" }
func (creditCode) Ops() []Op    { return []Op{Eq, Ne, In, Starts, Empty, Filled} }
func (creditCode) Parse(in any, _ *Options) (any, *errs.Error) {
	s, e := plain(in, false)
	if e != nil || s == "" {
		return "", e
	}
	c, err := gb.ParseCreditCode(s)
	if err != nil {
		return "", bad("field.want_creditcode").Because(err)
	}
	return c.Code, nil
}

// address is a place in words, optionally headed by the six digits of its division (GB/T 2260): "330106 文三路 1 号".
type address struct{ phone }

func (address) Name() string { return "address" }
func (address) Ops() []Op    { return []Op{Eq, Contains, Starts, Empty, Filled} }
func (address) Parse(in any, _ *Options) (any, *errs.Error) {
	s, e := plain(in, false)
	if e != nil || s == "" {
		return "", e
	}
	if n := len([]rune(s)); n > 200 {
		return "", bad("field.too_long").With("max", 200).With("n", n)
	}
	code, street := SplitAddress(s)
	if code == "" {
		return s, nil
	}
	if _, ok := gb.Divisions().Get(code); !ok {
		return "", bad("field.unknown_division").With("value", code)
	}
	return strings.TrimSpace(code + " " + street), nil
}

// SplitAddress takes an address apart into the code of its division, or "", and the words.
func SplitAddress(s string) (code, street string) {
	head, rest, _ := strings.Cut(s, " ")
	if len(head) != 6 || strings.Trim(head, "0123456789") != "" {
		return "", s
	}
	return head, strings.TrimSpace(rest)
}
