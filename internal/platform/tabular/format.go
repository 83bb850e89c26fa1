package tabular

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"
)

// format is how a number is shown, as far as it changes what the number means.
type format struct {
	day, clock, elapsed, percent bool
	zeros                        int // least digits, for codes with leading zeros
}

// builtin are the formats that have no code in the file (ECMA-376, part 1, 18.8.30), the Chinese ones included.
func builtin(id int) string {
	switch {
	case id == 9:
		return "0%"
	case id == 10:
		return "0.00%"
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return "yyyy-mm-dd"
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return "h:mm:ss"
	case id == 22:
		return "yyyy-mm-dd h:mm"
	case id == 46:
		return "[h]:mm:ss"
	}
	return ""
}

func (b *book) readFormats(part string) ([]format, error) {
	if part == "" || b.parts[strings.ToLower(part)] == nil {
		return nil, nil
	}
	codes := map[int]string{}
	var out []format
	cells := false
	err := b.elements(part, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if id, err := strconv.Atoi(attr(e, "numFmtId")); err == nil && len(codes) < 10_000 {
				codes[id] = attr(e, "formatCode")
			}
		case "cellXfs":
			cells = true
		case "cellStyles", "dxfs":
			cells = false
		case "xf":
			if cells && len(out) < 100_000 {
				id, _ := strconv.Atoi(attr(e, "numFmtId")) // 0 shows numbers as they are
				code, own := codes[id]
				if !own {
					code = builtin(id)
				}
				out = append(out, readFormat(code))
			}
		}
		return nil
	})
	return out, err
}

// readFormat looks at the first section of a code, without its quoted texts, colours and conditions.
func readFormat(code string) format {
	var bare strings.Builder
	f := format{}
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			i = len(code)
		case '"':
			for i++; i < len(code) && code[i] != '"'; i++ {
			}
		case '\\', '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				i = len(code)
				continue
			}
			inner := strings.ToLower(code[i+1 : i+end])
			f.elapsed = f.elapsed || inner != "" && strings.Trim(inner, "hms") == ""
			i += end
		default:
			bare.WriteByte(c)
		}
	}
	s := strings.ToLower(bare.String())
	if strings.HasPrefix(s, "general") || s == "@" {
		return f
	}
	f.percent = strings.Contains(s, "%")
	f.day = strings.ContainsAny(s, "yd") && !strings.Contains(s, "#") || strings.Contains(s, "e/m") || strings.Contains(s, "mmm")
	f.clock = strings.ContainsAny(s, "hs") && !strings.ContainsAny(s, "#")
	if len(s) > 1 && strings.Trim(s, "0") == "" {
		f.zeros = len(s)
	}
	return f
}

// show writes a stored number as people read it: dates and times in ISO form, other numbers in full.
func (f format) show(v string, date4 bool) string {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return clean(v)
	}
	switch {
	case f.elapsed:
		sec := int64(math.Round(n * 86400))
		return strconv.FormatInt(sec/3600, 10) + time.Unix(sec%3600, 0).UTC().Format(":04:05")
	case f.day || f.clock:
		if s, ok := moment(n, f, date4); ok {
			return s
		}
	case f.percent:
		return decimal(n*100) + "%"
	}
	s := decimal(n)
	if f.zeros > len(s) && strings.Trim(s, "0123456789") == "" {
		s = strings.Repeat("0", f.zeros-len(s)) + s
	}
	return s
}

// decimal writes a number without exponent and without what binary fractions add behind the fifteenth digit.
func decimal(n float64) string {
	if n == math.Trunc(n) && math.Abs(n) < 1e18 {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
	if err != nil {
		short = n
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// moment turns a count of days into a date. Before March 1900 spreadsheets count a day that never was.
func moment(n float64, f format, date4 bool) (string, bool) {
	if n < 0 || n > 2_958_466 {
		return "", false
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date4:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n < 60:
		n++
	}
	whole, part := math.Modf(n)
	at := epoch.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round(part*86400)) * time.Second)
	switch {
	case !f.day || whole == 0 && f.clock || date4 && whole == 0 && f.clock:
		return at.Format(time.TimeOnly), true
	case f.clock || at.Hour()+at.Minute()+at.Second() > 0:
		return strings.TrimSuffix(at.Format(time.DateTime), " 00:00:00"), true
	}
	return at.Format(time.DateOnly), true
}
