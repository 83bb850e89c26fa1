package confidential

import (
	"context"
	"time"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
)

// mostViews is how many entries of the log one question looks at; who looked at more is over every limit.
const mostViews = 5000

// viewsInHour counts the different records of a type the person opened in the hour up to now.
func viewsInHour(ctx context.Context, c *record.Call, args []any) (any, error) {
	list, err := viewed(ctx, c, args, time.Hour)
	seen := map[record.ID]bool{}
	for _, v := range list {
		seen[v.Record] = true
	}
	return int64(len(seen)), err
}

// viewsPeak is the largest number of different records of a type the person opened within one hour of the last day.
func viewsPeak(ctx context.Context, c *record.Call, args []any) (any, error) {
	list, err := viewed(ctx, c, args, 25*time.Hour)
	most, first, open := 0, 0, map[record.ID]int{}
	for _, v := range list {
		open[v.Record]++
		for ; v.At.Sub(list[first].At) >= time.Hour; first++ {
			if old := list[first].Record; open[old] == 1 {
				delete(open, old)
			} else {
				open[old]--
			}
		}
		most = max(most, len(open))
	}
	return int64(most), err
}

// viewed lists what the person opened of a type since, oldest first.
func viewed(ctx context.Context, c *record.Call, args []any, since time.Duration) ([]audit.Opening, error) {
	person, _ := args[0].(record.ID)
	typ, _ := args[1].(string)
	if person == 0 {
		return nil, nil
	}
	return audit.Openings(ctx, c.Tx, person.String(), typ+"."+record.Read, c.Now.Add(-since), mostViews)
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
