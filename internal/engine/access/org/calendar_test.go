package org_test

import (
	"context"
	"testing"
	"time"

	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// TestCalendarsThatCannotBeCountedOn are refused as they are entered; stored, they would stop every clock of the house.
func TestCalendarsThatCannotBeCountedOn(t *testing.T) {
	t.Parallel()
	reg := record.NewRegistry()
	org.Register(reg)
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		typ   string
		rec   record.Entity
		field string // at fault
	}{
		"office":           {"calendar", &org.Calendar{Mon: "09:00-12:00,13:00-18:00"}, ""},
		"across midnight":  {"calendar", &org.Calendar{Fri: "19:30-02:00"}, ""},
		"no hours at all":  {"calendar", &org.Calendar{}, "mon"},
		"no hours of ours": {"calendar", &org.Calendar{Mon: "09:00-12:00", Tue: "nine to five"}, "tue"},
		"closed day":       {"calendar_day", &org.CalendarDay{Day: day}, ""},
		"short day":        {"calendar_day", &org.CalendarDay{Day: day, Hours: "09:00-12:00"}, ""},
		"day in words":     {"calendar_day", &org.CalendarDay{Day: day, Hours: "上午"}, "hours"},
	} {
		err := reg.Type(tt.typ).Prepare(context.Background(), &record.Call{Record: tt.rec})
		if e := errs.As(err); (e == nil) != (tt.field == "") || e != nil && e.Field != tt.field {
			t.Errorf("%s: %v, want %q", name, err, tt.field)
		}
	}
}
