package rule

import (
	"context"
	"time"

	"dianke/internal/engine/record"
)

// Kind is the type of a fact's argument or result.
type Kind int

// The kinds. An ID is a text of 13 characters in conditions, empty for none.
const (
	Bool Kind = iota
	Int
	Float
	Text
	Time
	Duration
	ID
	Texts
)

// Fact is a function a room offers to conditions. It is called inside the transaction of the action that is judged and
// must only read. Arguments and result have the Go types bool, int64, float64, string, [time.Time], [time.Duration],
// [record.ID] and []string.
type Fact struct {
	Name   string // as written in conditions, such as open_measures
	Args   []Kind
	Result Kind
	Doc    string // key of the message that explains it
	Call   func(ctx context.Context, c *record.Call, args []any) (any, error)
}

// Reading is one value of a figure, for a unit or a person where it is counted by them.
type Reading struct {
	Unit, Person record.ID
	Value        float64
	Count        int // rows it was computed from; a reading of none says nothing
}

// Figure is a number a room computes over a period, for clauses that set a target. It is called inside a transaction
// and must only read. Whose is company, unit or person; from is inclusive, to exclusive, both UTC.
type Figure struct {
	Name string
	Doc  string // key of the message that explains it
	Call func(ctx context.Context, c *record.Call, from, to time.Time, whose string) ([]Reading, error)
}
