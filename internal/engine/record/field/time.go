package field

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

var (
	earliest = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// date is a civil date, held as midnight UTC.
type date struct{}

func (date) Name() string          { return "date" }
func (date) Column() db.ColumnKind { return db.Date }
func (date) Null() bool            { return true }
func (date) Ops() []Op             { return ordered }

func (date) Parse(in any, _ *Options) (any, *errs.Error) {
	switch v := in.(type) {
	case nil:
		return nil, nil
	case time.Time:
		if v.IsZero() {
			return nil, nil
		}
		return time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC), nil
	case string:
		s := strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(strings.TrimSpace(v))
		if s == "" {
			return nil, nil
		}
		t, err := time.Parse("2006-1-2", s)
		if err != nil || t.Before(earliest) || t.After(latest) {
			return nil, bad("field.want_date")
		}
		return t, nil
	}
	return nil, bad("field.want_date")
}

func (date) Encode(v any) any {
	t, ok := v.(time.Time)
	if !ok || t.IsZero() {
		return nil
	}
	return db.Day(t)
}

func (date) Decode(src any) (any, error) { return decodeTime(src) }

func (date) Text(v any) string {
	t, ok := v.(time.Time)
	if !ok || t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func decodeTime(src any) (any, error) {
	var t time.Time
	if err := db.Time(&t).Scan(src); err != nil {
		return nil, err
	}
	if t.IsZero() {
		return nil, nil
	}
	return t, nil
}

// instant is a moment, UTC to the microsecond.
type instant struct{}

func (instant) Name() string          { return "time" }
func (instant) Column() db.ColumnKind { return db.Instant }
func (instant) Null() bool            { return true }
func (instant) Ops() []Op             { return ordered }

func (instant) Parse(in any, o *Options) (any, *errs.Error) {
	switch v := in.(type) {
	case nil:
		return nil, nil
	case time.Time:
		if v.IsZero() {
			return nil, nil
		}
		return v.UTC().Truncate(time.Microsecond), nil
	case string:
		return parseInstant(strings.TrimSpace(v), o)
	}
	return nil, bad("field.want_time")
}

func parseInstant(s string, o *Options) (any, *errs.Error) {
	if s == "" {
		return nil, nil
	}
	zone := o.Zone
	if zone == "" {
		zone = "Asia/Shanghai"
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return nil, bad("field.want_time").Because(err)
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		t, err := time.ParseInLocation(layout, s, loc)
		if err == nil && t.After(earliest) && t.Before(latest) {
			return t.UTC().Truncate(time.Microsecond), nil
		}
	}
	return nil, bad("field.want_time")
}

func (instant) Encode(v any) any {
	t, ok := v.(time.Time)
	if !ok || t.IsZero() {
		return nil
	}
	return t
}

func (instant) Decode(src any) (any, error) { return decodeTime(src) }

func (instant) Text(v any) string {
	t, ok := v.(time.Time)
	if !ok || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// duration is a length of time in whole seconds.
type duration struct{}

func (duration) Name() string          { return "duration" }
func (duration) Column() db.ColumnKind { return db.Int }
func (duration) Null() bool            { return true }
func (duration) Ops() []Op             { return ordered }

func (duration) Parse(in any, o *Options) (any, *errs.Error) {
	var d time.Duration
	switch v := in.(type) {
	case nil:
		return nil, nil
	case time.Duration:
		d = v
	case string:
		s := strings.TrimSpace(v)
		if s == "" {
			return nil, nil
		}
		var err error
		if d, err = ParseDuration(s); err != nil {
			return nil, bad("field.want_duration")
		}
	default:
		s, e := digits(in)
		n, err := strconv.ParseInt(s, 10, 64)
		if e != nil || err != nil {
			return nil, bad("field.want_duration")
		}
		d = time.Duration(n) * time.Second
	}
	if d < 0 || d > 100*365*24*time.Hour {
		return nil, bad("field.want_duration")
	}
	return d.Truncate(time.Second), inRange(d.Seconds(), o)
}

// ParseDuration reads Go's form extended by days ("2d", "1d12h"), or plain seconds.
func ParseDuration(s string) (time.Duration, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 0 || n > 1<<32 {
			return 0, fmt.Errorf("duration %q out of range", s)
		}
		return time.Duration(n) * time.Second, nil
	}
	days, rest, found := strings.Cut(s, "d")
	if !found {
		return time.ParseDuration(s)
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 0 || n > 36500 {
		return 0, fmt.Errorf("duration %q", s)
	}
	total := time.Duration(n) * 24 * time.Hour
	if rest == "" {
		return total, nil
	}
	d, err := time.ParseDuration(rest)
	return total + d, err
}

func (duration) Encode(v any) any {
	d, ok := v.(time.Duration)
	if !ok {
		return nil
	}
	return int64(d / time.Second)
}

func (duration) Decode(src any) (any, error) {
	switch v := src.(type) {
	case nil:
		return nil, nil
	case int64:
		return time.Duration(v) * time.Second, nil
	case float64:
		return time.Duration(v) * time.Second, nil
	}
	return nil, fmt.Errorf("stored duration: cannot read %T", src)
}

func (duration) Text(v any) string {
	d, ok := v.(time.Duration)
	if !ok {
		return ""
	}
	return d.String()
}
