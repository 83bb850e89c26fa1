// Package worktime counts working time on calendars of opening hours.
//
// A [Calendar] joins weekly hours, the statutory holidays and make-up workdays of China and single days that differ
// (leave, closures, extra opening). A span across midnight belongs to the day on which it starts. Spans that overlap
// are counted once. Instants may come in any zone and leave in the zone of the calendar; hours are those on the wall
// clock there. All values are read-only after they are made and safe for concurrent use. The package does not know the
// present time, nor whose calendar it is.
package worktime
