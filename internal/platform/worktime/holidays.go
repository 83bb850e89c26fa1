package worktime

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"dianke/internal/platform/errs"
)

//go:embed holidays/*.json
var yearFiles embed.FS

// Holiday is what a notice says of one day.
type Holiday struct {
	Name string
	Off  bool // false: a make-up workday (调休)
}

// Year is the statutory calendar of one year as published by the State Council.
type Year struct {
	Year int
	days map[Date]Holiday
}

// Holidays joins the statutory calendars of several years. It is read-only.
type Holidays struct {
	years map[int]bool
	days  map[Date]Holiday
}

// China returns the statutory holidays and make-up workdays that come with the product. It parses files: call it once.
func China() (*Holidays, error) {
	entries, err := yearFiles.ReadDir("holidays")
	if err != nil {
		return nil, fmt.Errorf("list holidays: %w", err)
	}
	h := &Holidays{}
	for _, e := range entries { // sorted by year, so that the later notice decides on shared days
		data, err := yearFiles.ReadFile("holidays/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read holidays: %w", err)
		}
		y, err := ParseYear(data)
		if err != nil {
			return nil, fmt.Errorf("parse holidays %s: %w", e.Name(), err)
		}
		h = h.With(y)
	}
	return h, nil
}

// maxRange keeps an imported file with a slip in a year from marking whole seasons.
const maxRange = 31

// ParseYear reads a year in the form described in holidays/README.md. Errors are Malformed with key worktime.year.
func ParseYear(data []byte) (*Year, error) {
	var file struct {
		Year     int `json:"year"`
		Holidays []struct {
			Name string   `json:"name"`
			Off  []string `json:"off"`
			Work []string `json:"work"`
		} `json:"holidays"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, errs.New(errs.Malformed, "worktime.year").Because(err)
	}
	if file.Year < 1949 || file.Year > 9999 || len(file.Holidays) == 0 {
		return nil, errs.New(errs.Malformed, "worktime.year")
	}
	y := &Year{Year: file.Year, days: map[Date]Holiday{}}
	for _, h := range file.Holidays {
		if err := y.add(Holiday{h.Name, true}, h.Off); err != nil {
			return nil, err
		}
		if err := y.add(Holiday{h.Name, false}, h.Work); err != nil {
			return nil, err
		}
	}
	return y, nil
}

func (y *Year) add(h Holiday, ranges []string) error {
	for _, r := range ranges {
		first, last, ok := strings.Cut(r, "/")
		if !ok {
			last = first
		}
		a, err := ParseDate(first)
		if err != nil {
			return errs.New(errs.Malformed, "worktime.year").Because(err)
		}
		b, err := ParseDate(last)
		if err != nil {
			return errs.New(errs.Malformed, "worktime.year").Because(err)
		}
		near := a.Year() >= y.Year-1 && b.Year() <= y.Year+1
		if b < a || b-a >= maxRange || !near {
			return errs.New(errs.Malformed, "worktime.year").Because(fmt.Errorf("range %s", r))
		}
		for d := a; d <= b; d++ {
			if known, twice := y.days[d]; twice && known.Off != h.Off {
				return errs.New(errs.Malformed, "worktime.year").Because(fmt.Errorf("%s is both off and worked", d))
			}
			y.days[d] = h
		}
	}
	return nil
}

// With returns h with years added; on shared days the year added last decides.
func (h *Holidays) With(years ...*Year) *Holidays {
	out := &Holidays{years: map[int]bool{}, days: map[Date]Holiday{}}
	if h != nil {
		maps.Copy(out.years, h.years)
		maps.Copy(out.days, h.days)
	}
	for _, y := range years {
		out.years[y.Year] = true
		maps.Copy(out.days, y.days)
	}
	return out
}

// Known reports whether the notice for the year is there. Where it is not, calendars follow the week alone, and what
// they say of that year is provisional.
func (h *Holidays) Known(year int) bool { return h != nil && h.years[year] }

// On returns what the notices say of a day; false for an ordinary day.
func (h *Holidays) On(d Date) (Holiday, bool) {
	if h == nil {
		return Holiday{}, false
	}
	day, ok := h.days[d]
	return day, ok
}
