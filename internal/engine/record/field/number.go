package field

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

var ordered = []Op{Eq, Ne, Lt, Le, Gt, Ge, Empty, Filled}

// digits reads the text or JSON number in in; "" for absent.
func digits(in any) (string, *errs.Error) {
	switch v := in.(type) {
	case nil:
		return "", nil
	case string:
		return strings.NewReplacer(",", "", " ", "", "\uff0c", "", "¥", "", "\uffe5", "").Replace(strings.TrimSpace(v)), nil
	case json.Number:
		return v.String(), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case int, int64:
		return fmt.Sprint(v), nil
	}
	return "", bad("field.want_number")
}

func inRange(f float64, o *Options) *errs.Error {
	if o.Min != nil && f < *o.Min {
		return bad("field.too_small").With("min", *o.Min)
	}
	if o.Top != nil && f > *o.Top {
		return bad("field.too_great").With("max", *o.Top)
	}
	return nil
}

// number is a whole number.
type number struct{}

func (number) Name() string          { return "number" }
func (number) Column() db.ColumnKind { return db.Int }
func (number) Null() bool            { return true }
func (number) Ops() []Op             { return ordered }

func (number) Parse(in any, o *Options) (any, *errs.Error) {
	s, e := digits(in)
	if e != nil || s == "" {
		return nil, e
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > 1<<53 || n < -(1<<53) {
		return nil, bad("field.want_whole_number")
	}
	return n, inRange(float64(n), o)
}

func (number) Encode(v any) any { return v }

func (number) Decode(src any) (any, error) {
	switch v := src.(type) {
	case nil:
		return nil, nil
	case int64:
		return v, nil
	case float64:
		return int64(v), nil
	}
	return nil, fmt.Errorf("stored number: cannot read %T", src)
}

func (number) Text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// decimal is a number with a fraction, kept as a double.
type decimal struct{ number }

func (decimal) Name() string          { return "decimal" }
func (decimal) Column() db.ColumnKind { return db.Real }

func (decimal) Parse(in any, o *Options) (any, *errs.Error) {
	s, e := digits(in)
	if e != nil || s == "" {
		return nil, e
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, bad("field.want_number")
	}
	return f, inRange(f, o)
}

func (decimal) Decode(src any) (any, error) {
	switch v := src.(type) {
	case nil:
		return nil, nil
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	}
	return nil, fmt.Errorf("stored decimal: cannot read %T", src)
}

func (decimal) Text(v any) string {
	f, ok := v.(float64)
	if !ok {
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// percent is a decimal in which 80 means 80 %.
type percent struct{ decimal }

func (percent) Name() string { return "percent" }

func (k percent) Parse(in any, o *Options) (any, *errs.Error) {
	if s, ok := in.(string); ok {
		in = strings.TrimRight(strings.TrimSpace(s), "%\uff05")
	}
	return k.decimal.Parse(in, o)
}

// money is an amount in minor units (fen) of the field's currency. As text it has two decimals.
type money struct{ number }

func (money) Name() string { return "money" }

func (money) Parse(in any, o *Options) (any, *errs.Error) {
	if minor, ok := in.(int64); ok { // canonical already
		return minor, inRange(float64(minor)/100, o)
	}
	s, e := digits(in)
	if e != nil || s == "" {
		return nil, e
	}
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > 2 {
		return nil, bad("field.want_money")
	}
	n, err := strconv.ParseInt(whole+(frac + "00")[:2], 10, 64)
	if err != nil || whole == "" || whole == "-" || n > 1<<53 || n < -(1<<53) {
		return nil, bad("field.want_money")
	}
	return n, inRange(float64(n)/100, o)
}

func (money) Text(v any) string {
	n, ok := v.(int64)
	if !ok {
		return ""
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// boolean is yes or no; absent is no.
type boolean struct{}

func (boolean) Name() string          { return "bool" }
func (boolean) Column() db.ColumnKind { return db.Bool }
func (boolean) Null() bool            { return false }
func (boolean) Ops() []Op             { return []Op{Eq, Ne} }

func (boolean) Parse(in any, _ *Options) (any, *errs.Error) {
	switch v := in.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "", "false", "0", "no", "off", "否":
			return false, nil
		case "true", "1", "yes", "on", "是":
			return true, nil
		}
	}
	return false, bad("field.want_bool")
}

func (boolean) Encode(v any) any { b, _ := v.(bool); return b }

func (boolean) Decode(src any) (any, error) {
	switch v := src.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case int64:
		return v != 0, nil
	}
	return nil, fmt.Errorf("stored bool: cannot read %T", src)
}

func (boolean) Text(v any) string {
	if b, _ := v.(bool); b {
		return "true"
	}
	return "false"
}
