// Package measure asks a running instance what people ask all day, and tells how long it takes.
//
// Every question goes over HTTP as a signed-in person, with permissions, masks and audit; beside it the same rows are
// read or written by bare SQL on the same data, on one connection, without any of that. Times are those of the client
// on the same machine. The package changes the data it measures: it makes and changes records. It is for databases that
// were filled for this.
package measure

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
)

// Question is one thing people ask. Ask sends the i-th request and fails where the answer is not the one expected. Bare
// does the same by SQL alone; nil where there is nothing to compare with.
type Question struct {
	Name string
	Ask  func(ctx context.Context, i int) error
	Bare func(tx *db.Tx, i int) error
	Writ bool // it writes
}

// Answer is what was measured for a question.
type Answer struct {
	Name             string
	P50, P99         time.Duration
	BareP50, BareP99 time.Duration
}

// Ratio is how much longer the product takes than bare SQL, by the median; 0 where there is nothing to compare with.
func (a Answer) Ratio() float64 {
	if a.BareP50 == 0 {
		return 0
	}
	return float64(a.P50) / float64(a.BareP50)
}

// Run asks a question so many times, after a tenth of that to warm up.
func Run(ctx context.Context, c clock.Clock, d *db.DB, q Question, times int) (Answer, error) {
	a := Answer{Name: q.Name}
	var err error
	warm := max(3, times/10)
	a.P50, a.P99, err = timed(c, warm, times, func(i int) error { return q.Ask(ctx, i) })
	if err != nil || q.Bare == nil {
		return a, err
	}
	within := func(i int) error {
		if q.Writ {
			return db.Do(ctx, d, func(tx *db.Tx) error { return q.Bare(tx, i) })
		}
		_, err := db.View(ctx, d, func(tx *db.Tx) (struct{}, error) { return struct{}{}, q.Bare(tx, i) })
		return err
	}
	a.BareP50, a.BareP99, err = timed(c, warm, times, within)
	return a, err
}

func timed(c clock.Clock, warm, times int, do func(i int) error) (p50, p99 time.Duration, err error) {
	took := make([]time.Duration, 0, times)
	for i := range warm + times {
		start := c.Now()
		if err := do(i); err != nil {
			return 0, 0, err
		}
		if i >= warm {
			took = append(took, c.Now().Sub(start))
		}
	}
	slices.SortFunc(took, cmp.Compare)
	return took[len(took)/2], took[len(took)*99/100], nil
}

// Rate lets clients ask the questions in turn for a while and returns requests per second.
func Rate(ctx context.Context, c clock.Clock, list []Question, clients int, d time.Duration) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var done atomic.Int64
	var wg sync.WaitGroup
	failed := make(chan error, clients)
	start := c.Now()
	for k := range clients {
		wg.Go(func() {
			for i := k; ctx.Err() == nil; i++ {
				if err := list[i%len(list)].Ask(ctx, i); err != nil && ctx.Err() == nil {
					failed <- err
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(done.Load()) / c.Now().Sub(start).Seconds(), nil
	}
}

// unexpected is an answer with another status than the one wanted.
func unexpected(req *http.Request, status int, body string) error {
	return fmt.Errorf("%s %s answered %d: %.300s", req.Method, req.URL.Path, status, body)
}
