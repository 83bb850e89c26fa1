package worktime_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/worktime"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func shanghai(t testing.TB) *time.Location { return must(time.LoadLocation("Asia/Shanghai"))(t) }

func china(t testing.TB) *worktime.Holidays { return must(worktime.China())(t) }

func spans(t testing.TB, s string) []worktime.Span { return must(worktime.ParseSpans(s))(t) }

// office is Monday to Friday 09:00–12:00 and 13:00–18:00 with the statutory calendar: 8 hours a day.
func office(t testing.TB) *worktime.Calendar {
	week := worktime.Weekdays(spans(t, "09:00-12:00,13:00-18:00")...)
	return must(worktime.New(shanghai(t), week, china(t)))(t)
}

// club is open every night from half past seven to two, holidays included.
func club(t testing.TB) *worktime.Calendar {
	return must(worktime.New(shanghai(t), worktime.EveryDay(spans(t, "19:30–02:00")...), nil))(t)
}

func at(t testing.TB, s string) time.Time {
	return must(time.ParseInLocation("2006-01-02 15:04", s, shanghai(t)))(t)
}

func date(t testing.TB, s string) worktime.Date { return must(worktime.ParseDate(s))(t) }

func TestAddAndBetween(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cal        func(testing.TB) *worktime.Calendar
		start, end string
		work       time.Duration
	}{
		"within a morning":                {office, "2026-03-02 09:00", "2026-03-02 11:00", 2 * time.Hour},
		"over lunch":                      {office, "2026-03-02 11:00", "2026-03-02 14:00", 2 * time.Hour},
		"ends at closing, not opening":    {office, "2026-03-02 13:00", "2026-03-02 18:00", 5 * time.Hour},
		"over the evening":                {office, "2026-03-02 17:00", "2026-03-03 10:00", 2 * time.Hour},
		"over a weekend":                  {office, "2026-03-06 17:30", "2026-03-09 09:30", time.Hour},
		"starts at night":                 {office, "2026-03-02 03:00", "2026-03-02 10:00", time.Hour},
		"Spring Festival 2026":            {office, "2026-02-14 17:00", "2026-02-24 10:00", 2 * time.Hour}, // Saturday the 14th is worked
		"make-up Saturday in February":    {office, "2026-02-27 17:00", "2026-02-28 10:00", 2 * time.Hour},
		"Spring Festival 2025":            {office, "2025-01-27 17:00", "2025-02-05 10:00", 2 * time.Hour}, // Sunday the 26th is worked
		"make-up Sunday of January 2025":  {office, "2025-01-24 17:00", "2025-01-26 10:00", 2 * time.Hour},
		"National Day 2025":               {office, "2025-09-30 17:00", "2025-10-09 10:00", 2 * time.Hour},
		"make-up Sunday before, 2025":     {office, "2025-09-28 09:00", "2025-09-29 10:00", 9 * time.Hour},
		"make-up Saturday after, 2025":    {office, "2025-10-10 17:00", "2025-10-11 10:00", 2 * time.Hour},
		"National Day 2026":               {office, "2026-09-30 17:00", "2026-10-08 10:00", 2 * time.Hour},
		"make-up Sunday of September":     {office, "2026-09-18 17:00", "2026-09-20 10:00", 2 * time.Hour},
		"night shift across midnight":     {club, "2026-03-02 23:00", "2026-03-03 01:00", 2 * time.Hour},
		"night shift to the next evening": {club, "2026-03-03 01:30", "2026-03-03 20:00", time.Hour},
		"around the clock":                {func(t testing.TB) *worktime.Calendar { return worktime.Always(shanghai(t)) }, "2026-02-16 23:00", "2026-02-17 01:00", 2 * time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, start, end := tt.cal(t), at(t, tt.start), at(t, tt.end)
			if got := c.Add(start, tt.work); !got.Equal(end) {
				t.Errorf("Add = %s, want %s", got, end)
			}
			if got := c.Between(start, end); got != tt.work {
				t.Errorf("Between = %s, want %s", got, tt.work)
			}
			if got := c.Between(end, start); got != -tt.work {
				t.Errorf("Between backwards = %s", got)
			}
		})
	}
}

func TestWorkingAndNext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cal            *worktime.Calendar
		at             string
		working        bool
		nextOpen, next string
		opens          bool
	}{
		{office(t), "2026-03-02 09:00", true, "2026-03-02 09:00", "2026-03-02 12:00", false},
		{office(t), "2026-03-02 12:00", false, "2026-03-02 13:00", "2026-03-02 13:00", true},
		{office(t), "2026-10-01 10:00", false, "2026-10-08 09:00", "2026-10-08 09:00", true},
		{club(t), "2026-03-03 01:59", true, "2026-03-03 01:59", "2026-03-03 02:00", false},
		{club(t), "2026-03-03 02:00", false, "2026-03-03 19:30", "2026-03-03 19:30", true},
	}
	for _, tt := range tests {
		now := at(t, tt.at)
		if got := tt.cal.Working(now); got != tt.working {
			t.Errorf("Working(%s) = %t", tt.at, got)
		}
		if got := tt.cal.NextOpen(now); !got.Equal(at(t, tt.nextOpen)) {
			t.Errorf("NextOpen(%s) = %s", tt.at, got)
		}
		if got, opens := tt.cal.NextChange(now); !got.Equal(at(t, tt.next)) || opens != tt.opens {
			t.Errorf("NextChange(%s) = %s, %t", tt.at, got, opens)
		}
	}
	allDay := must(worktime.New(shanghai(t), worktime.EveryDay(spans(t, "00:00-24:00")...), nil))(t)
	if got, _ := allDay.NextChange(at(t, "2026-03-02 09:00")); !got.IsZero() {
		t.Errorf("NextChange without free time = %s", got)
	}
}

func TestWorkdays(t *testing.T) {
	t.Parallel()
	c := office(t)
	for d, want := range map[string]bool{
		"2026-02-14": true, "2026-02-15": false, "2026-02-24": true, "2026-02-28": true, "2026-10-10": true,
		"2026-10-08": true, "2026-03-07": false, "2007-04-28": true, "2015-09-03": false, "2020-01-31": false,
	} {
		if got := c.IsWorkday(date(t, d)); got != want {
			t.Errorf("IsWorkday(%s) = %t", d, got)
		}
	}
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-02-13", 1, "2026-02-14"}, {"2026-02-14", 1, "2026-02-24"}, {"2026-02-24", -1, "2026-02-14"},
		{"2026-03-07", 0, "2026-03-07"}, {"2025-09-26", 3, "2025-09-30"}, {"2025-09-30", 3, "2025-10-11"},
	} {
		if got := c.AddWorkdays(date(t, tt.from), tt.n); got.String() != tt.want {
			t.Errorf("AddWorkdays(%s, %d) = %s, want %s", tt.from, tt.n, got, tt.want)
		}
	}
	if got := c.Workdays(date(t, "2025-12-31"), date(t, "2026-12-31")); got != 248 {
		t.Errorf("workdays of 2026 = %d, want 248", got)
	}
}

func TestExceptions(t *testing.T) {
	t.Parallel()
	leave := append(worktime.Off(date(t, "2026-03-03"), date(t, "2026-03-04")),
		worktime.On(date(t, "2026-03-07"), spans(t, "09:00-12:00")...))
	c := must(office(t).With(leave...))(t)
	if got := c.Add(at(t, "2026-03-02 17:00"), 2*time.Hour); !got.Equal(at(t, "2026-03-05 10:00")) {
		t.Errorf("Add over leave = %s", got)
	}
	if got := c.Add(at(t, "2026-03-06 17:00"), 2*time.Hour); !got.Equal(at(t, "2026-03-07 10:00")) {
		t.Errorf("Add into an extra Saturday = %s", got)
	}
	if got := office(t).Add(at(t, "2026-03-02 17:00"), 2*time.Hour); !got.Equal(at(t, "2026-03-03 10:00")) {
		t.Errorf("With changed the calendar it came from: %s", got)
	}
	closed := must(worktime.Always(shanghai(t)).With(worktime.Off(date(t, "2026-03-03"), date(t, "2026-03-03"))...))(t)
	if got := closed.Between(at(t, "2026-03-02 00:00"), at(t, "2026-03-05 00:00")); got != 48*time.Hour {
		t.Errorf("round the clock with a closed day = %s", got)
	}
	if _, err := office(t).With(worktime.On(date(t, "2026-03-07"), worktime.Span{From: time.Hour})); errs.KeyOf(err) != "worktime.span" {
		t.Errorf("broken span: %v", err)
	}
}

func TestOverlapCountsOnce(t *testing.T) {
	t.Parallel()
	week := worktime.EveryDay(spans(t, "20:00-04:00,02:00-06:00,03:00-05:00")...)
	c := must(worktime.New(shanghai(t), week, nil))(t)
	if got := c.Between(at(t, "2026-03-02 00:00"), at(t, "2026-03-03 00:00")); got != 10*time.Hour {
		t.Errorf("Between = %s, want 10h", got)
	}
}

func TestNeverOpen(t *testing.T) {
	t.Parallel()
	if _, err := worktime.New(shanghai(t), worktime.Week{}, nil); !errors.Is(err, worktime.ErrNeverOpen) {
		t.Errorf("New = %v", err)
	}
	var sundays worktime.Week
	sundays[time.Sunday] = spans(t, "10:00-11:00")
	c := must(worktime.New(shanghai(t), sundays, china(t)))(t)
	if got := c.NextOpen(at(t, "2026-02-14 12:00")); !got.Equal(at(t, "2026-03-01 10:00")) {
		t.Errorf("NextOpen = %s", got)
	}
	if !c.IsWorkday(date(t, "2026-09-20")) || c.IsWorkday(date(t, "2026-02-28")) {
		t.Error("make-up days of a week without weekdays do not follow the week")
	}
}

func TestSummerTime(t *testing.T) {
	t.Parallel()
	berlin := must(time.LoadLocation("Europe/Berlin"))(t)
	c := must(worktime.New(berlin, worktime.EveryDay(spans(t, "00:00-24:00")...), nil))(t)
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, berlin) }
	if got := c.Between(day(28), day(31)); got != 71*time.Hour {
		t.Errorf("three days with the clock put forward = %s", got)
	}
	night := must(worktime.New(berlin, worktime.EveryDay(spans(t, "22:00-06:00")...), nil))(t)
	if got := night.Between(time.Date(2026, 10, 24, 12, 0, 0, 0, berlin), time.Date(2026, 10, 25, 12, 0, 0, 0, berlin)); got != 9*time.Hour {
		t.Errorf("night with the clock put back = %s", got)
	}
}

func TestParseSpans(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"09:00-12:00": "09:00-12:00", " 9:00 – 18:30 ": "09:00-18:30", "19:30-02:00": "19:30-02:00",
		"00:00-24:00": "00:00-24:00", "08:00-08:00": "08:00-08:00",
	} {
		s, err := worktime.ParseSpan(in)
		if err != nil || s.String() != want {
			t.Errorf("ParseSpan(%q) = %s, %v", in, s, err)
		}
	}
	for _, in := range []string{"", "9-12", "09:00", "25:00-26:00", "09:60-10:00", "24:00-25:00", "a:b-c:d", "09:00-10:0"} {
		if s, err := worktime.ParseSpan(in); errs.KeyOf(err) != "worktime.span" {
			t.Errorf("ParseSpan(%q) = %s, %v", in, s, err)
		}
	}
	data := must(json.Marshal(worktime.Weekdays(spans(t, "09:00-12:00，19:30-02:00")...)))(t)
	var week worktime.Week
	if err := json.Unmarshal(data, &week); err != nil || !slices.Equal(week[1], spans(t, "09:00-12:00,19:30-02:00")) || len(week[0]) != 0 {
		t.Errorf("JSON of a week: %s, %v, %v", data, week, err)
	}
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	h := china(t)
	for year := 2007; year <= 2026; year++ {
		if !h.Known(year) {
			t.Errorf("%d is not known", year)
		}
	}
	if h.Known(2006) || h.Known(2027) || office(t).Known(2027) || !club(t).Known(2027) {
		t.Error("years without a notice are said to be known")
	}
	y := must(worktime.ParseYear([]byte(`{"year":2027,"holidays":[{"name":"元旦","off":["2027-01-01/2027-01-03"],"work":["2026-12-27"]}]}`)))(t)
	more := h.With(y)
	if day, ok := more.On(date(t, "2026-12-27")); !ok || day.Off || day.Name != "元旦" || !more.Known(2027) || h.Known(2027) {
		t.Errorf("imported year: %+v, %t", day, ok)
	}
	for name, file := range map[string]string{
		"no JSON": "x", "no year": `{"holidays":[{"off":["2027-01-01"]}]}`, "no days": `{"year":2027}`,
		"backwards":   `{"year":2027,"holidays":[{"off":["2027-01-03/2027-01-01"]}]}`,
		"far off":     `{"year":2027,"holidays":[{"off":["2017-01-01"]}]}`,
		"too long":    `{"year":2027,"holidays":[{"off":["2027-01-01/2027-03-01"]}]}`,
		"both":        `{"year":2027,"holidays":[{"off":["2027-01-01"],"work":["2027-01-01"]}]}`,
		"no such day": `{"year":2027,"holidays":[{"off":["2027-02-30"]}]}`,
	} {
		if _, err := worktime.ParseYear([]byte(file)); !errs.Is(err, errs.Malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	d := date(t, "1969-12-31")
	if d != -1 || d.Weekday() != time.Wednesday || d.Year() != 1969 || d.String() != "1969-12-31" {
		t.Errorf("the day before the epoch is %d, %s", d, d.Weekday())
	}
	if got := worktime.DateOf(at(t, "2026-03-02 00:30")); got.String() != "2026-03-02" || got.Weekday() != time.Monday {
		t.Errorf("DateOf = %s", got)
	}
	if _, err := worktime.ParseDate("2026-02-30"); errs.KeyOf(err) != "worktime.date" {
		t.Errorf("ParseDate = %v", err)
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	calendars := []*worktime.Calendar{office(t), club(t), worktime.Always(shanghai(t))}
	base := at(t, "2024-11-01 00:00")
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(calendars).Draw(t, "calendar")
		instant := rapid.Custom(func(t *rapid.T) time.Time {
			return base.Add(time.Duration(rapid.Int64Range(0, int64(800*24*time.Hour/time.Microsecond)).Draw(t, "µs")) * time.Microsecond)
		})
		ts := []time.Time{instant.Draw(t, "a"), instant.Draw(t, "b"), instant.Draw(t, "c")}
		slices.SortFunc(ts, time.Time.Compare)
		if sum := c.Between(ts[0], ts[1]) + c.Between(ts[1], ts[2]); sum != c.Between(ts[0], ts[2]) {
			t.Fatalf("sums differ: %s and %s", sum, c.Between(ts[0], ts[2]))
		}
		d := time.Duration(rapid.Int64Range(1, int64(300*time.Hour)).Draw(t, "work"))
		end := c.Add(ts[0], d)
		if got := c.Between(ts[0], end); got != d {
			t.Fatalf("Between(a, Add(a, %s)) = %s", d, got)
		}
		if got := c.Between(ts[0], end.Add(-time.Nanosecond)); got >= d {
			t.Fatalf("Add is not the earliest instant: %s", got)
		}
		if open := c.NextOpen(ts[1]); !c.Working(open) || c.Between(ts[1], open) != 0 {
			t.Fatalf("NextOpen(%s) = %s", ts[1], open)
		}
	})
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(worktime.Messages()); err != nil {
		t.Error(err)
	}
}

func BenchmarkBetweenFiveYears(b *testing.B) {
	c, from, to := office(b), at(b, "2020-01-01 00:00"), at(b, "2025-01-01 00:00")
	for b.Loop() {
		c.Between(from, to)
	}
}

func BenchmarkAddTwoHours(b *testing.B) {
	c, from := office(b), at(b, "2026-02-14 17:00")
	for b.Loop() {
		c.Add(from, 2*time.Hour)
	}
}
