package worktime

import "time"

// Add returns the earliest instant at which work has been done since start. Where that falls on closing time, it is
// closing time and not the next opening. Zero or negative work returns start.
func (c *Calendar) Add(start time.Time, work time.Duration) time.Time {
	start = start.In(c.loc)
	if work <= 0 {
		return start
	}
	if c.always {
		return start.Add(work)
	}
	for o := range c.openings(start.Unix()) {
		from, to := c.bounds(o)
		if from.Before(start) {
			from = start
		}
		length := to.Sub(from)
		if work <= length {
			return from.Add(work)
		}
		work -= length
	}
	return start // not reached: a week always opens again
}

// Between returns the working time from a to b, negative where b is earlier.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	if c.always {
		return b.Sub(a)
	}
	var sum time.Duration
	end := b.Unix()
	for o := range c.openings(a.Unix()) {
		if o.from > end {
			break
		}
		if o.from > a.Unix() && o.to < end {
			sum += time.Duration(o.to-o.from) * time.Second
			continue
		}
		sum += c.overlap(o, a, b)
	}
	return sum
}

func (c *Calendar) overlap(o opening, a, b time.Time) time.Duration {
	from, to := c.bounds(o)
	if from.Before(a) {
		from = a
	}
	if to.After(b) {
		to = b
	}
	return max(to.Sub(from), 0)
}

func (c *Calendar) bounds(o opening) (from, to time.Time) {
	return time.Unix(o.from, 0).In(c.loc), time.Unix(o.to, 0).In(c.loc)
}

// Working reports whether t is working time; the closing instant is not.
func (c *Calendar) Working(t time.Time) bool {
	o := c.next(t)
	return o.from <= t.Unix()
}

// NextOpen returns t where it is working time, else the next opening.
func (c *Calendar) NextOpen(t time.Time) time.Time {
	o := c.next(t)
	if o.from <= t.Unix() {
		return t.In(c.loc)
	}
	return time.Unix(o.from, 0).In(c.loc)
}

// NextChange returns the next instant after t at which work begins or ends, and whether it begins. On a calendar without
// free time it returns the zero time.
func (c *Calendar) NextChange(t time.Time) (at time.Time, opens bool) {
	if c.always {
		return time.Time{}, false
	}
	end, limit := int64(0), t.Unix()+maxOpen
	for o := range c.openings(t.Unix()) {
		if end == 0 && o.from > t.Unix() {
			return time.Unix(o.from, 0).In(c.loc), true
		}
		if end != 0 && o.from > end {
			break
		}
		if end = o.to; end > limit {
			return time.Time{}, false
		}
	}
	return time.Unix(end, 0).In(c.loc), false
}

// maxOpen bounds the search for the end of hours that join day to day; beyond ten years nothing closes.
const maxOpen = 10 * 366 * secondsPerDay

// next returns the opening in which t lies, or the first after it.
func (c *Calendar) next(t time.Time) opening {
	for o := range c.openings(t.Unix()) {
		return o
	}
	return opening{}
}

// zone turns wall clock time into Unix seconds. It remembers the stretch in which the offset does not change, because
// time.Date is too slow for spans of years.
type zone struct {
	loc         *time.Location
	known       bool
	offset      int64
	first, last int64 // Unix seconds in which offset holds, with a day to spare on both sides
}

func (z *zone) unix(d Date, offset time.Duration) int64 {
	naive := int64(d)*secondsPerDay + int64(offset/time.Second)
	if z.known && naive >= z.first && naive < z.last {
		return naive - z.offset
	}
	t := d.At(offset, z.loc)
	z.remember(t)
	return t.Unix()
}

func (z *zone) remember(t time.Time) {
	_, seconds := t.Zone()
	start, end := t.ZoneBounds()
	z.known, z.offset = true, int64(seconds)
	z.first, z.last = -1<<62, 1<<62
	if !start.IsZero() {
		z.first = start.Unix() + z.offset + secondsPerDay
	}
	if !end.IsZero() {
		z.last = end.Unix() + z.offset - secondsPerDay
	}
}
