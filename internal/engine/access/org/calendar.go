package org

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/worktime"
)

// Calendar is a working calendar: hours by weekday such as "09:00-12:00,13:00-18:00", in the organisation's zone. A
// span may end on the next day ("19:30-02:00").
type Calendar struct {
	record.Head
	Title    string `rec:"text,required,max=80,name,class=public"`
	Key      string `rec:"text,required,unique,max=40"`
	Mon      string `rec:"text,max=100,group=hours"`
	Tue      string `rec:"text,max=100,group=hours"`
	Wed      string `rec:"text,max=100,group=hours"`
	Thu      string `rec:"text,max=100,group=hours"`
	Fri      string `rec:"text,max=100,group=hours"`
	Sat      string `rec:"text,max=100,group=hours"`
	Sun      string `rec:"text,max=100,group=hours"`
	Holidays string `rec:"enum,enum=cn|none,default=cn"` // cn: statutory holidays and make-up workdays
	Standard bool   `rec:"bool"`                         // holds where a unit names none
}

// CalendarDay is a day on which a calendar differs: closed where Hours is empty.
type CalendarDay struct {
	record.Head
	CalendarID record.ID `rec:"ref,ref=calendar,parent,required"`
	Day        time.Time `rec:"date,required,index"`
	Hours      string    `rec:"text,max=100"`
	Reason     string    `rec:"text,max=100"`
}

func calendarTypes() []*record.Type {
	return []*record.Type{
		record.Declare[Calendar](record.Spec{
			Name: "calendar", Plural: "calendars", Room: "settings", Prefix: "CAL", Icon: "calendar-time", Title: "title", Open: true,
			List: []string{"title", "key", "mon", "sat", "holidays", "standard"}, Groups: []string{"", "hours"}, Prepare: checkHours,
		}),
		record.Declare[CalendarDay](record.Spec{
			Name: "calendar_day", Plural: "calendar_days", Room: "settings", Prefix: "CD", Icon: "calendar-off", Title: "reason", Open: true,
			List: []string{"calendar_id", "day", "hours", "reason"}, Prepare: checkDay,
		}),
	}
}

func (c *Calendar) hours() [7]string {
	return [7]string{c.Sun, c.Mon, c.Tue, c.Wed, c.Thu, c.Fri, c.Sat} // as time.Weekday counts
}

func (c *Calendar) week() (worktime.Week, int, error) {
	var week worktime.Week
	for day, text := range c.hours() {
		spans, err := worktime.ParseSpans(text)
		if err != nil {
			return week, day, err
		}
		week[day] = spans
	}
	return week, 0, nil
}

// checkHours lets no calendar be stored that could not be counted on: all clocks of its units would stand still.
func checkHours(_ context.Context, c *record.Call) error {
	cal := c.Record.(*Calendar)
	week, day, err := cal.week()
	if err != nil {
		return errs.Of([7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[day], "calendar.hours").Because(err)
	}
	if _, err := worktime.New(time.UTC, week, nil); errors.Is(err, worktime.ErrNeverOpen) {
		return errs.Of("mon", worktime.ErrNeverOpen.Key)
	} else if err != nil {
		return errs.Of("mon", "calendar.hours").Because(err)
	}
	return nil
}

func checkDay(_ context.Context, c *record.Call) error {
	d := c.Record.(*CalendarDay)
	spans, err := worktime.ParseSpans(d.Hours)
	if err == nil {
		_, err = worktime.Always(time.UTC).With(worktime.On(worktime.DateOf(d.Day), spans...))
	}
	if err != nil {
		return errs.Of("hours", "calendar.hours").Because(err)
	}
	return nil
}

// Calendars gives working calendars by key. It keeps what it has read until [Calendars.Forget]. It is safe for
// concurrent use.
type Calendars struct {
	zone     *time.Location
	holidays *worktime.Holidays

	mu       sync.Mutex
	byKey    map[string]*worktime.Calendar
	standard *worktime.Calendar
}

// NewCalendars returns calendars in the zone with the given holidays.
func NewCalendars(zone *time.Location, h *worktime.Holidays) *Calendars {
	return &Calendars{zone: zone, holidays: h}
}

// Forget drops what was read, so that a change of a calendar counts at once.
func (cs *Calendars) Forget() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.byKey = nil
}

// Get returns the calendar of the key; for "" or an unknown key the standard one, and where none is marked as standard
// Monday to Friday 09:00–12:00 and 13:00–18:00 with Chinese holidays.
func (cs *Calendars) Get(ctx context.Context, tx *db.Tx, key string) (*worktime.Calendar, error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.byKey == nil {
		if err := cs.read(ctx, tx); err != nil {
			cs.byKey = nil
			return nil, fmt.Errorf("read calendars: %w", err)
		}
	}
	if c := cs.byKey[key]; c != nil {
		return c, nil
	}
	return cs.standard, nil
}

func (cs *Calendars) read(ctx context.Context, tx *db.Tx) error {
	spans, err := worktime.ParseSpans("09:00-12:00,13:00-18:00")
	if err != nil {
		return err
	}
	cs.byKey = map[string]*worktime.Calendar{}
	if cs.standard, err = worktime.New(cs.zone, worktime.Weekdays(spans...), cs.holidays); err != nil {
		return err
	}
	days := map[record.ID][]worktime.Exception{}
	err = tx.Each(ctx, "SELECT calendar_id, day, hours FROM calendar_days WHERE archived_at IS NULL", nil, func(r *sql.Rows) error {
		var id record.ID
		var day time.Time
		var hours string
		if err := r.Scan(&id, db.Time(&day), &hours); err != nil {
			return err
		}
		date := worktime.Day(day.Year(), day.Month(), day.Day())
		spans, err := worktime.ParseSpans(hours)
		if err != nil {
			return err
		}
		if len(spans) == 0 {
			days[id] = append(days[id], worktime.Off(date, date)...)
			return nil
		}
		days[id] = append(days[id], worktime.On(date, spans...))
		return nil
	})
	if err != nil {
		return err
	}
	return tx.Each(ctx, "SELECT id, key, mon, tue, wed, thu, fri, sat, sun, holidays, standard FROM calendars WHERE archived_at IS NULL", nil,
		func(r *sql.Rows) error {
			var c Calendar
			if err := r.Scan(&c.ID, &c.Key, &c.Mon, &c.Tue, &c.Wed, &c.Thu, &c.Fri, &c.Sat, &c.Sun, &c.Holidays, &c.Standard); err != nil {
				return err
			}
			return cs.add(&c, days[c.ID])
		})
}

func (cs *Calendars) add(c *Calendar, days []worktime.Exception) error {
	week, _, err := c.week()
	if err != nil {
		return fmt.Errorf("calendar %s: %w", c.Key, err)
	}
	holidays := cs.holidays
	if c.Holidays == "none" {
		holidays = nil
	}
	cal, err := worktime.New(cs.zone, week, holidays)
	if err == nil && len(days) > 0 {
		cal, err = cal.With(days...)
	}
	if err != nil {
		return fmt.Errorf("calendar %s: %w", c.Key, err)
	}
	cs.byKey[c.Key] = cal
	if c.Standard {
		cs.standard = cal
	}
	return nil
}

// Holders returns the active people who hold a post at the unit or the nearest unit above it that has one; with no
// such unit, all who hold it anywhere.
func Holders(ctx context.Context, tx *db.Tx, post string, unit record.ID, now time.Time) ([]record.ID, error) {
	for range 50 {
		list, err := holdersIn(ctx, tx, post, unit, now)
		if err != nil || len(list) > 0 || unit == 0 {
			return list, err
		}
		if err := tx.QueryRow(ctx, "SELECT parent_id FROM units WHERE id = ?", unit).Scan(&unit); err != nil && !db.IsNoRows(err) {
			return nil, fmt.Errorf("unit above: %w", err)
		} else if db.IsNoRows(err) {
			unit = 0
		}
	}
	return nil, nil
}

func holdersIn(ctx context.Context, tx *db.Tx, post string, unit record.ID, now time.Time) ([]record.ID, error) {
	day := db.Day(now)
	query := `SELECT DISTINCT s.user_id FROM postings s JOIN posts p ON p.id = s.post_id JOIN users u ON u.id = s.user_id
		WHERE p.key = ? AND s.archived_at IS NULL AND u.status = 'active' AND u.archived_at IS NULL
		AND (s.starts_on IS NULL OR s.starts_on <= ?) AND (s.ends_on IS NULL OR s.ends_on >= ?)`
	args := []any{post, day, day}
	if unit != 0 {
		query, args = query+" AND s.in_unit = ?", append(args, unit)
	}
	var out []record.ID
	err := tx.Each(ctx, query+" ORDER BY s.user_id LIMIT 50", args, func(r *sql.Rows) error {
		var id record.ID
		err := r.Scan(&id)
		out = append(out, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("holders of %s: %w", post, err)
	}
	return out, nil
}
