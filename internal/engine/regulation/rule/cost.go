package rule

import (
	"errors"
	"fmt"
	"iter"
	"regexp"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"dianke/internal/platform/errs"
)

const (
	maxCost  = 100_000 // steps of one evaluation
	factCost = 200     // steps one call of a fact counts for: it reads the database
	longText = 1000    // characters a text of a record is taken to have
	longList = 50      // items a list of a record is taken to have, the most a choice of several may hold
	maxGuess = 20 * maxCost
)

// costs tells what facts cost and how long lists and texts of records are, before and while a condition runs.
type costs struct{ facts map[string]bool }

// CallCost implements [cost.ActualCostEstimator].
func (c costs) CallCost(function, _ string, _ []ref.Val, _ ref.Val) *uint64 {
	if !c.facts[function] {
		return nil
	}
	n := uint64(factCost)
	return &n
}

// EstimateCallCost implements [cost.Estimator].
func (c costs) EstimateCallCost(function, _ string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if !c.facts[function] {
		return nil
	}
	return cost.NewCallEstimate(cost.CostEstimate{Min: factCost, Max: factCost}, &cost.SizeEstimate{Max: longList})
}

// EstimateSize implements [cost.Estimator].
func (costs) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if s := n.ComputedSize(); s != nil {
		return s
	}
	switch n.Type().Kind() {
	case types.StringKind, types.BytesKind:
		return &cost.SizeEstimate{Max: longText}
	}
	return &cost.SizeEstimate{Max: longList}
}

// endless returns the place of a condition that would run far beyond the limit of one evaluation; nil where there is
// none. What is dearer than guessed is stopped as it runs.
func (c costs) endless(env *cel.Env, checked *cel.Ast) (*Issue, error) {
	guess, err := env.EstimateCost(checked, c)
	if err != nil {
		return nil, fmt.Errorf("estimate the cost of a condition: %w", err)
	}
	if guess.Max <= maxGuess {
		return nil, nil
	}
	at := &Issue{Line: 1, Column: 1, Message: fmt.Sprintf("may take more than %d steps; go through fewer or shorter lists", maxGuess)}
	for e, l := range visit(checked) {
		if e.Kind() == ast.ComprehensionKind { // the last one is the innermost
			at.Line, at.Column = l.Line(), l.Column()+1
		}
	}
	return at, nil
}

// badPattern returns the place of a constant pattern that matches() cannot read; nil where there is none.
func badPattern(checked *cel.Ast) *Issue {
	for e, l := range visit(checked) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "matches" {
			continue
		}
		args := e.AsCall().Args()
		last := args[len(args)-1]
		if last.Kind() != ast.LiteralKind {
			continue
		}
		if text, ok := last.AsLiteral().Value().(string); ok {
			if _, err := regexp.Compile(text); err != nil {
				return &Issue{Line: l.Line(), Column: l.Column() + 1, Message: "matches() cannot read this pattern, or it is too large"}
			}
		}
	}
	return nil
}

// visit goes through the parts of a condition that have a place in its source, outer ones first.
func visit(checked *cel.Ast) iter.Seq2[ast.Expr, common.Location] {
	return func(yield func(ast.Expr, common.Location) bool) {
		info, on := checked.NativeRep().SourceInfo(), true
		ast.PreOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
			if l := info.GetStartLocation(e.ID()); on && l.Line() > 0 {
				on = yield(e, l)
			}
		}))
	}
}

// failure is what a condition that could not be worked out means to who acts: the fault lies in the clause.
func failure(clause string, err error) error {
	key := "regulation.cannot_judge"
	var cancelled interpreter.EvalCancelledError
	if errors.As(err, &cancelled) {
		if cancelled.Cause != interpreter.CostLimitExceeded {
			return err // who asked has gone
		}
		key = "regulation.too_dear"
	}
	return errs.New(errs.Conflict, key).With("clause", clause).Because(err)
}
