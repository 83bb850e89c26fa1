// Package rule compiles and evaluates the conditions of clauses.
//
// A condition is a CEL expression over the record, what it was before, the input, the actor, the time and the facts
// rooms offer. It is type-checked against the record type of the action it is bound to; an unknown name is refused with
// its position. Evaluation has a cost limit, so that no condition runs without end. The package knows no clause.
package rule
