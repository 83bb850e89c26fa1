package confidential

import (
	"context"
	"database/sql"
	"time"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
)

// mostViews is how many entries of the log one question looks at; who looked at more is over every limit.
const mostViews = 5000

// viewsInHour counts the different records of a type the person opened in the hour up to now.
func viewsInHour(ctx context.Context, c *record.Call, args []any) (any, error) {
	list, err := viewed(ctx, c, args, time.Hour)
	seen := map[record.ID]bool{}
	for _, v := range list {
		seen[v.id] = true
	}
	return int64(len(seen)), err
}

// viewsPeak is the largest number of different records of a type the person opened within one hour of the last day.
func viewsPeak(ctx context.Context, c *record.Call, args []any) (any, error) {
	list, err := viewed(ctx, c, args, 25*time.Hour)
	most, first, open := 0, 0, map[record.ID]int{}
	for _, v := range list {
		open[v.id]++
		for ; v.at.Sub(list[first].at) >= time.Hour; first++ {
			if old := list[first].id; open[old] == 1 {
				delete(open, old)
			} else {
				open[old]--
			}
		}
		most = max(most, len(open))
	}
	return int64(most), err
}

type viewing struct {
	id record.ID
	at time.Time
}

// viewed lists what the person opened of a type since, oldest first. It reads the index on who acted.
func viewed(ctx context.Context, c *record.Call, args []any, since time.Duration) ([]viewing, error) {
	person, _ := args[0].(record.ID)
	typ, _ := args[1].(string)
	if person == 0 {
		return nil, nil
	}
	first, err := audit.FirstAt(ctx, c.Tx, c.Now.Add(-since))
	if err != nil {
		return nil, err
	}
	var out []viewing
	err = c.Tx.Each(ctx, "SELECT record_id, at FROM audit_log WHERE actor = ? AND seq >= ? AND verb = ? ORDER BY seq LIMIT ?",
		[]any{person.String(), first, typ + "." + record.Read, mostViews}, func(r *sql.Rows) error {
			var v viewing
			err := r.Scan(&v.id, db.Time(&v.at))
			out = append(out, v)
			return err
		})
	return out, err
}

// denialsInDay counts how often the permissions said no to the person in the last 24 hours.
func denialsInDay(ctx context.Context, c *record.Call, args []any) (any, error) {
	person, _ := args[0].(record.ID)
	if person == 0 {
		return int64(0), nil
	}
	n, err := audit.Count(ctx, c.Tx, audit.Find{Actor: person.String(), Verb: "access.denied", From: c.Now.Add(-24 * time.Hour)})
	return int64(n), err
}
