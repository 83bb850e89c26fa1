package i18n

import (
	"context"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// Date returns the day of t in the reader's zone as 2026-03-02; "" for the zero time.
func Date(ctx context.Context, t time.Time) string { return format(ctx, t, time.DateOnly) }

// DateTime returns t in the reader's zone to the minute, as 2026-03-02 14:05; "" for the zero time.
func DateTime(ctx context.Context, t time.Time) string { return format(ctx, t, "2006-01-02 15:04") }

// Clock returns the time of day of t in the reader's zone as 14:05; "" for the zero time.
func Clock(ctx context.Context, t time.Time) string { return format(ctx, t, "15:04") }

func format(ctx context.Context, t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(ZoneOf(ctx)).Format(layout)
}

// Weekday returns the short name of the day of the week in the reader's zone: 周一, Mon.
func Weekday(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return T(ctx, "time.weekday."+strconv.Itoa(int(t.In(ZoneOf(ctx)).Weekday())))
}

// Ago returns how far t lies from now in words, in both directions; beyond thirty days it returns the date.
func Ago(ctx context.Context, t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	d, direction := now.Sub(t), "time.ago."
	if d < 0 {
		d, direction = -d, "time.in."
	}
	switch {
	case d < time.Minute:
		return T(ctx, "time.now")
	case d < time.Hour:
		return T(ctx, direction+"minutes", "n", int(d/time.Minute))
	case d < day:
		return T(ctx, direction+"hours", "n", int(d/time.Hour))
	case d < 30*day:
		return T(ctx, direction+"days", "n", int(d/day))
	}
	return Date(ctx, t)
}

// Duration returns d in its two largest units, cut and not rounded: 2 小时 30 分钟. A day is 24 hours, used from three
// days on, so that working time of a few days stays in hours.
func Duration(ctx context.Context, d time.Duration) string {
	if d < 0 {
		return "-" + Duration(ctx, -d)
	}
	switch {
	case d < time.Minute:
		return T(ctx, "time.seconds", "n", int(d/time.Second))
	case d < time.Hour:
		return units(ctx, amount{"minutes", d / time.Minute}, amount{"seconds", d % time.Minute / time.Second})
	case d < 3*day:
		return units(ctx, amount{"hours", d / time.Hour}, amount{"minutes", d % time.Hour / time.Minute})
	}
	return units(ctx, amount{"days", d / day}, amount{"hours", d % day / time.Hour})
}

type amount struct {
	unit string
	n    time.Duration
}

func units(ctx context.Context, big, small amount) string {
	out := T(ctx, "time."+big.unit, "n", int64(big.n))
	if small.n > 0 {
		out += " " + T(ctx, "time."+small.unit, "n", int64(small.n))
	}
	return out
}

// Number returns n with commas between thousands.
func Number(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	return sign + group(digits)
}

func group(digits string) string {
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Money returns an amount given in minor units (fen, cents) of an ISO 4217 currency: ¥1,234.50. The number of decimals
// follows the currency; an unknown one has two and is shown by its code.
func Money(minor int64, currency string) string {
	digits, sign := strconv.FormatInt(minor, 10), ""
	if minor < 0 {
		digits, sign = digits[1:], "-"
	}
	n := decimals(currency)
	for len(digits) <= n {
		digits = "0" + digits
	}
	whole, fraction := digits[:len(digits)-n], digits[len(digits)-n:]
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + symbol(currency) + group(whole) + fraction
}

func decimals(currency string) int {
	switch currency {
	case "JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF", "RWF", "KMF", "GNF", "DJF", "BIF", "VUV":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	}
	return 2
}

func symbol(currency string) string {
	switch currency {
	case "CNY", "":
		return "¥"
	case "USD":
		return "US$"
	case "EUR":
		return "€"
	case "GBP":
		return "£"
	case "HKD":
		return "HK$"
	case "JPY":
		return "JP¥"
	}
	return currency + " "
}

// Phone groups a Chinese number for reading: 138 0013 8000, 0571-8790 0000. It takes E.164 or national digits; a
// masked or foreign number is returned as it is. It does not validate.
func Phone(s string) string {
	national, intl := strings.CutPrefix(s, "+86")
	if national == "" || strings.Trim(national, "0123456789") != "" {
		return s
	}
	if len(national) == 11 && national[0] == '1' {
		return national[:3] + " " + national[3:7] + " " + national[7:]
	}
	if !intl && national[0] != '0' {
		return s
	}
	area := strings.TrimPrefix(national, "0")
	n := 3
	if strings.HasPrefix(area, "10") || strings.HasPrefix(area, "2") {
		n = 2
	}
	local := len(area) - n
	if local != 7 && local != 8 {
		return s
	}
	return "0" + area[:n] + "-" + area[n:len(area)-4] + " " + area[len(area)-4:]
}

// Listed joins words the way the reader's language lists them.
func Listed(ctx context.Context, words []string) string {
	if LangOf(ctx) == ZH {
		return strings.Join(words, "、")
	}
	return strings.Join(words, ", ")
}
