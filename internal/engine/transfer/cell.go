package transfer

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"

	"golang.org/x/text/unicode/norm"
)

// reader turns the text of a cell into the value of a field, with more patience than a form has.
type reader struct {
	texts  *i18n.Catalog
	t      *record.Type
	plan   Plan
	zone   *time.Location
	labels map[string]map[string]string // enum field → folded word → value
}

func newReader(texts *i18n.Catalog, t *record.Type, plan Plan, zone *time.Location) *reader {
	r := &reader{texts: texts, t: t, plan: plan, zone: zone, labels: map[string]map[string]string{}}
	for _, f := range t.Fields {
		if len(f.Options.Enum) > 0 {
			r.labels[f.Name] = r.words(f)
		}
	}
	return r
}

// words are all ways to write the values of an enum: the values themselves and their labels in each language.
func (r *reader) words(f *record.Field) map[string]string {
	out := map[string]string{}
	for _, v := range f.Options.Enum {
		out[fold(v)] = v
		key := r.t.Name + "." + f.Name + "." + v
		if !r.texts.Has(key) {
			continue
		}
		for _, lang := range i18n.Langs() {
			if w := fold(r.texts.Text(lang, key)); out[w] == "" {
				out[w] = v
			}
		}
	}
	return out
}

// fold makes two ways of writing a word one: width, case, blanks and punctuation do not count.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(s))
}

// absent are the ways tables say that there is nothing, for fields that are no free text.
func absent(s string) bool {
	switch strings.ToLower(s) {
	case "", "-", "--", "/", "\\", "null", "nil", "none", "nan", "n/a", "#n/a", "na", "无", "未知", "不详", "暂无":
		return true
	}
	return false
}

// read returns the canonical value; nil or zero for nothing. References come back as the text that names them.
func (r *reader) read(f *record.Field, cell string) (any, *errs.Error) {
	if m := r.plan.Values[f.Name]; m != nil {
		if v, ok := m[cell]; ok {
			cell = v
		}
	}
	kind := f.Kind.Name()
	if kind != "text" && kind != "longtext" && kind != "address" && absent(cell) {
		return nil, nil
	}
	switch kind {
	case "enum", "state":
		return r.enum(f, cell)
	case "multienum":
		return r.multi(f, cell)
	case "bool":
		return r.yes(f, cell)
	case "date", "time":
		return r.moment(f, cell)
	case "number":
		cell = strings.TrimSuffix(strings.TrimSuffix(cell, ".00"), ".0")
	case "money":
		cell = strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(cell, "RMB"), "$"), "元 ")
	case "text", "phone", "address":
		if strings.ContainsAny(cell, "\n\t\r") {
			cell = strings.Join(strings.Fields(cell), " ")
		}
	case "longtext":
		cell = strings.ReplaceAll(cell, "\r", "\n")
	case "email":
		cell = address(cell)
	case "idcard", "creditcode":
		cell = strings.ToUpper(strings.Join(strings.Fields(cell), ""))
	case "ref", "refs", "user", "unit":
		return cell, nil
	}
	return f.Parse(cell)
}

// address takes the address out of "Name <address>" and "mailto:".
func address(cell string) string {
	cell = strings.TrimPrefix(strings.TrimPrefix(cell, "mailto:"), "MAILTO:")
	if strings.Contains(cell, "<") {
		if a, err := mail.ParseAddress(cell); err == nil {
			return a.Address
		}
	}
	return cell
}

func (r *reader) enum(f *record.Field, cell string) (any, *errs.Error) {
	if v, ok := r.labels[f.Name][fold(cell)]; ok {
		return v, nil
	}
	return nil, errs.Of(f.Name, "transfer.unknown_option").With("value", clip(cell))
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func (r *reader) multi(f *record.Field, cell string) (any, *errs.Error) {
	var out []string
	for _, part := range strings.FieldsFunc(cell, func(c rune) bool { return strings.ContainsRune(",，、;；|/\n", c) }) {
		part = strings.TrimSpace(part)
		if len(f.Options.Enum) > 0 {
			v, e := r.enum(f, part)
			if e != nil {
				return nil, e
			}
			part = v.(string)
		}
		if part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return f.Parse(out)
}

func (r *reader) yes(f *record.Field, cell string) (any, *errs.Error) {
	switch strings.ToLower(cell) {
	case "y", "t", "有", "√", "✓", "对", "1.0", "是的":
		return true, nil
	case "n", "f", "没有", "×", "x", "错", "0.0", "不是":
		return false, nil
	}
	return f.Parse(cell)
}

var slashed = regexp.MustCompile(`^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[ T]+(.*))?$`)

// moment reads dates and times in the orders people write them.
func (r *reader) moment(f *record.Field, cell string) (any, *errs.Error) {
	s := strings.Join(strings.Fields(strings.NewReplacer("年", "-", "月", "-", "日", " ", "：", ":", "时", ":", "分", ":", "秒", "").Replace(norm.NFKC.String(cell))), " ")
	s = strings.TrimSuffix(s, ":")
	if v, e := f.Parse(cell); e == nil {
		return v, nil
	}
	at, ok := r.parts(s)
	if !ok {
		at, ok = r.layouts(s)
	}
	if !ok {
		_, e := f.Parse(cell)
		return nil, e
	}
	if f.Kind.Name() == "date" {
		at = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	}
	return f.Parse(at)
}

// parts reads three numbers and an optional time of the day.
func (r *reader) parts(s string) (time.Time, bool) {
	m := slashed.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	y, mo, d := m[1], m[2], m[3]
	if len(m[1]) != 4 {
		switch {
		case r.plan.Dates == "dmy":
			y, mo, d = m[3], m[2], m[1]
		case len(m[3]) == 4 || r.plan.Dates == "mdy":
			y, mo, d = m[3], m[1], m[2]
		}
		if len(y) == 2 {
			y = "20" + y
		}
	}
	day, err := time.ParseInLocation("2006-1-2", y+"-"+mo+"-"+d, r.zone)
	if err != nil {
		return time.Time{}, false
	}
	if m[4] == "" {
		return day, true
	}
	clock := strings.ToUpper(strings.TrimSuffix(m[4], ":"))
	for _, layout := range []string{"15:4:5", "15:4", "3:4:5 PM", "3:4 PM", "3:4:5PM", "3:4PM", "15:4:5.999999999", "15:4:5.999999999Z07:00", "15:4:5Z07:00", "15"} {
		t, err := time.Parse(layout, clock)
		if err != nil {
			continue
		}
		zone := r.zone
		if strings.HasSuffix(layout, "Z07:00") {
			zone = t.Location()
		}
		return time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone), true
	}
	return time.Time{}, false
}

func (r *reader) layouts(s string) (time.Time, bool) {
	for _, layout := range []string{
		"20060102", "20060102150405", "200601021504", "2 Jan 2006", "Jan 2, 2006", "January 2, 2006", "2 January 2006", "02-Jan-2006", "02-Jan-06", "Jan 2 2006",
		time.RFC1123Z, time.RFC1123, time.RFC850, time.ANSIC, "2006-1",
	} {
		if t, err := time.ParseInLocation(layout, s, r.zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Unknown lists cells of a column that are none of the choices of a field, nor blank, at most limit. What the plan says of
// them does not count, so that it can be changed.
func (d *Desk) Unknown(t *record.Type, f *record.Field, plan Plan, column int, rows [][]string, limit int) []string {
	plan.Values = nil
	r := newReader(d.Texts, t, plan, zoneOf(d.Zone))
	var out []string
	for _, row := range rows {
		if column >= len(row) || absent(row[column]) || slices.Contains(out, row[column]) {
			continue
		}
		if _, e := r.read(f, row[column]); e != nil && len(out) < limit {
			out = append(out, row[column])
		}
	}
	return out
}
