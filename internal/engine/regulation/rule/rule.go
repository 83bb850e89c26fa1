package rule

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"dianke/internal/engine/record"
)

const maxSource = 4000 // characters of a condition

// Issue is a mistake in a condition.
type Issue struct {
	Line, Column int // from 1
	Message      string
}

// Error gives position and message.
func (i *Issue) Error() string { return fmt.Sprintf("%d:%d: %s", i.Line, i.Column, i.Message) }

// Compiler compiles conditions over the types of a registry and the facts of the rooms. It is safe for concurrent use.
type Compiler struct {
	reg     *record.Registry
	facts   []Fact
	figures []Figure
	costs   costs

	mu   sync.Mutex
	envs map[Subject]known
}

// known is an environment made before; it holds for the type as it was, since custom fields make a new one.
type known struct {
	of  *record.Type
	env *cel.Env
}

// NewCompiler returns a compiler.
func NewCompiler(reg *record.Registry, facts []Fact, figures ...Figure) *Compiler {
	c := &Compiler{reg: reg, facts: facts, figures: figures, costs: costs{map[string]bool{}}, envs: map[Subject]known{}}
	for _, f := range facts {
		c.costs.facts["@"+f.Name] = true
	}
	return c
}

// Facts lists what the rooms offer.
func (c *Compiler) Facts() []Fact { return c.facts }

// Figures lists the figures the rooms offer.
func (c *Compiler) Figures() []Figure { return c.figures }

// Figure returns the figure of the name, or nil.
func (c *Compiler) Figure(name string) *Figure {
	for i := range c.figures {
		if c.figures[i].Name == name {
			return &c.figures[i]
		}
	}
	return nil
}

// Subject is what a condition speaks of: the record type and the action or event.
type Subject struct{ Type, Action string }

// Program is a compiled condition; it is safe for concurrent use.
type Program struct {
	Source string
	prg    cel.Program
	reg    *record.Registry
}

// Compile checks and compiles a condition that must give the wanted kind. Mistakes come as [Issue].
func (c *Compiler) Compile(src string, on Subject, want Kind) (*Program, error) {
	if len([]rune(src)) > maxSource {
		return nil, &Issue{Line: 1, Column: 1, Message: fmt.Sprintf("the condition is longer than %d characters", maxSource)}
	}
	t := c.reg.Type(on.Type)
	if t == nil {
		return nil, &Issue{Line: 1, Column: 1, Message: fmt.Sprintf("no record type %q", on.Type)}
	}
	env, err := c.env(on)
	if err != nil {
		return nil, fmt.Errorf("condition environment: %w", err)
	}
	checked, issues := env.Compile(src)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		return nil, &Issue{Line: first.Location.Line(), Column: first.Location.Column() + 1, Message: first.Message}
	}
	if got := checked.OutputType(); !got.IsExactType(kindType(want)) {
		return nil, &Issue{Line: 1, Column: 1, Message: fmt.Sprintf("gives %s, want %s", got, kindType(want))}
	}
	if at, err := c.costs.endless(env, checked); err != nil {
		return nil, err
	} else if at != nil {
		return nil, at
	}
	if at := badPattern(checked); at != nil {
		return nil, at
	}
	prg, err := env.Program(checked, cel.CostLimit(maxCost), cel.CostTracking(c.costs), cel.InterruptCheckFrequency(100), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, &Issue{Line: 1, Column: 1, Message: err.Error()}
	}
	return &Program{Source: src, prg: prg, reg: c.reg}, nil
}

func (c *Compiler) env(on Subject) (*cel.Env, error) {
	t := c.reg.Type(on.Type)
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.envs[on]; ok && k.of == t {
		return k.env, nil
	}
	env, err := c.newEnv(on)
	if err == nil {
		c.envs[on] = known{of: t, env: env}
	}
	return env, err
}

func (c *Compiler) newEnv(on Subject) (*cel.Env, error) {
	base, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	rec := cel.ObjectType(recordPrefix + on.Type)
	opts := []cel.EnvOption{
		cel.CustomTypeProvider(&provider{Provider: base, adapter: base, reg: c.reg}), cel.CustomTypeAdapter(base),
		cel.Variable("record", rec), cel.Variable("before", rec),
		cel.Variable("input", cel.ObjectType(inputPrefix+on.Type+"."+on.Action)),
		cel.Variable("actor", cel.ObjectType(actorType)),
		cel.Variable("now", cel.TimestampType),
		cel.Variable("param", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable(contextName, contextType),
		cel.ParserExpressionSizeLimit(maxSource), cel.CrossTypeNumericComparisons(true),
	}
	facts := append([]Fact{workFact()}, c.facts...)
	for _, f := range facts {
		opts = append(opts, declare(f)...)
	}
	return cel.NewEnv(opts...)
}

// contextName is the hidden variable by which facts reach the call they are asked in; source text cannot name it.
const contextName = "@context"

var contextType = cel.OpaqueType("dianke.context")

// declare makes a fact callable: name(args) is rewritten to a function that also takes the hidden context.
func declare(f Fact) []cel.EnvOption {
	inner := "@" + f.Name
	args := []*cel.Type{contextType}
	for _, k := range f.Args {
		args = append(args, kindType(k))
	}
	impl := func(vals ...ref.Val) ref.Val {
		ev, ok := vals[0].(*evaluation)
		if !ok {
			return types.NewErr("%s: no context", f.Name)
		}
		in := make([]any, len(f.Args))
		for i, k := range f.Args {
			v, err := native(vals[i+1], k)
			if err != nil {
				return types.NewErr("%s: %v", f.Name, err)
			}
			in[i] = v
		}
		out, err := f.Call(ev.ctx, ev.in.Call, in)
		if err != nil {
			ev.err = fmt.Errorf("fact %s: %w", f.Name, err)
			return types.NewErr("%v", ev.err)
		}
		if id, ok := out.(record.ID); ok {
			out = id.String()
		}
		return types.DefaultTypeAdapter.NativeToValue(out)
	}
	if f.Name == "work" {
		impl = work
	}
	macro := cel.GlobalMacro(f.Name, len(f.Args), func(eh cel.MacroExprFactory, _ ast.Expr, in []ast.Expr) (ast.Expr, *common.Error) {
		return eh.NewCall(inner, append([]ast.Expr{eh.NewIdent(contextName)}, in...)...), nil
	})
	return []cel.EnvOption{
		cel.Macros(macro),
		cel.Function(inner, cel.Overload(inner+"_call", args, kindType(f.Result), cel.FunctionBinding(impl))),
	}
}

func workFact() Fact { return Fact{Name: "work", Args: []Kind{Time, Time}, Result: Duration} }

// work is the working time between two instants on the calendar of the record's unit.
func work(vals ...ref.Val) ref.Val {
	ev, ok := vals[0].(*evaluation)
	if !ok || ev.in.Work == nil {
		return types.NewErr("work: no calendar")
	}
	a, aok := vals[1].Value().(time.Time)
	b, bok := vals[2].Value().(time.Time)
	if !aok || !bok {
		return types.NewErr("work: want two instants")
	}
	d, err := ev.in.Work(a, b)
	if err != nil {
		return types.NewErr("work: %v", err)
	}
	return types.Duration{Duration: d}
}

func kindType(k Kind) *cel.Type {
	switch k {
	case Bool:
		return cel.BoolType
	case Int:
		return cel.IntType
	case Float:
		return cel.DoubleType
	case Time:
		return cel.TimestampType
	case Duration:
		return cel.DurationType
	case Texts:
		return cel.ListType(cel.StringType)
	}
	return cel.StringType
}

func native(v ref.Val, k Kind) (any, error) {
	switch k {
	case ID:
		s, _ := v.Value().(string)
		var id record.ID
		err := id.UnmarshalText([]byte(s))
		return id, err
	case Texts:
		return v.ConvertToNative(reflect.TypeFor[[]string]())
	}
	return v.Value(), nil
}

// Input is what a condition is evaluated with.
type Input struct {
	Clause string // key of the clause that asks, for the words of a failure
	Call   *record.Call
	Params map[string]any
	Work   func(a, b time.Time) (time.Duration, error)
	Load   func(ctx context.Context, typ string, id record.ID) (record.Entity, error) // refs one step away
}

// evaluation is one run of a program; it travels as the hidden variable.
type evaluation struct {
	ctx context.Context
	in  Input
	p   *Program
	err error

	loaded map[record.ID]record.Entity // one step away
}

// ConvertToNative implements [ref.Val]; there is nothing to convert to.
func (*evaluation) ConvertToNative(reflect.Type) (any, error) { return nil, fmt.Errorf("no value") }

// ConvertToType implements [ref.Val].
func (e *evaluation) ConvertToType(ref.Type) ref.Val { return types.NewErr("no value") }

// Equal implements [ref.Val].
func (e *evaluation) Equal(o ref.Val) ref.Val { return types.Bool(e == o) }

// Type implements [ref.Val].
func (*evaluation) Type() ref.Type { return contextType }

// Value implements [ref.Val].
func (e *evaluation) Value() any { return e }

// figures are the parameters of a clause with whole numbers as int, as they are written; JSON knows only one kind.
func figures(params map[string]any) map[string]any {
	out := make(map[string]any, len(params))
	for k, v := range params {
		out[k] = figure(v)
	}
	return out
}

func figure(v any) any {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = figure(x)
		}
		return out
	case map[string]any:
		return figures(v)
	}
	return v
}

// ResolveName implements the activation of CEL: most conditions look at one or two of the names, so each is made when it
// is asked for.
func (ev *evaluation) ResolveName(name string) (any, bool) {
	c := ev.in.Call
	switch name {
	case "record":
		return ev.p.recordObject(ev, c.Type, c.Record), true
	case "before":
		return ev.p.recordObject(ev, c.Type, c.Before), true
	case "input":
		return inputObject(c), true
	case "actor":
		return actorObject(c.Actor()), true
	case "now":
		return c.Now, true
	case "param":
		return figures(ev.in.Params), true
	case contextName:
		return ev, true
	}
	return nil, false
}

// Parent implements the activation of CEL; there is none.
func (ev *evaluation) Parent() interpreter.Activation { return nil }

// Eval runs the program and returns a bool, int64, float64, string, [time.Time], [time.Duration] or a list. A condition
// that takes too long or cannot be worked out is a Conflict that names the clause.
func (p *Program) Eval(ctx context.Context, in Input) (any, error) {
	ev := &evaluation{ctx: ctx, in: in, p: p}
	out, _, err := p.prg.ContextEval(ctx, ev)
	if ev.err != nil {
		return nil, ev.err
	}
	if err != nil {
		return nil, failure(in.Clause, fmt.Errorf("condition %q: %w", p.Source, err))
	}
	return out.Value(), nil
}

// Bool runs a program that was compiled for [Bool].
func (p *Program) Bool(ctx context.Context, in Input) (bool, error) {
	v, err := p.Eval(ctx, in)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("condition %q gave %T", p.Source, v)
	}
	return b, nil
}

func (p *Program) recordObject(ev *evaluation, t *record.Type, e record.Entity) *object {
	if e == nil || reflect.ValueOf(e).IsNil() {
		return &object{set: func(string) bool { return false }, get: func(name string) (any, error) {
			if f := t.Field(name); f != nil {
				return celValue(f, nil), nil
			}
			return (*object)(nil), nil
		}}
	}
	return &object{
		set: func(name string) bool {
			f := t.Field(name)
			if f == nil {
				near := nearField(t, name)
				return near != nil && !near.IsZero(near.Get(e))
			}
			return !f.IsZero(f.Get(e))
		},
		get: func(name string) (any, error) {
			if f := t.Field(name); f != nil {
				return celValue(f, f.Get(e)), nil
			}
			return p.near(ev, nearField(t, name), e)
		},
	}
}

func nearField(t *record.Type, name string) *record.Field { return t.Field(name + "_id") }

// near loads the record one step away; where there is none its fields are all absent.
func (p *Program) near(ev *evaluation, f *record.Field, e record.Entity) (any, error) {
	if f == nil {
		return nil, fmt.Errorf("no such field")
	}
	_, typ := nearby(f)
	t := p.reg.Type(typ)
	id, _ := f.Get(e).(record.ID)
	if id == 0 || ev.in.Load == nil {
		return p.recordObject(ev, t, nil), nil
	}
	other, known := ev.loaded[id]
	if !known {
		var err error
		if other, err = ev.in.Load(ev.ctx, typ, id); err != nil {
			ev.err = err
			return nil, err
		}
		if ev.loaded == nil {
			ev.loaded = map[record.ID]record.Entity{}
		}
		ev.loaded[id] = other
	}
	return p.recordObject(ev, t, other), nil
}

func inputObject(c *record.Call) *object {
	var fields []*record.Field
	if c.Type != nil && c.Action != nil {
		fields = inputFields(c.Type, c.Action.Name)
	}
	find := func(name string) *record.Field {
		for _, f := range fields {
			if f.Name == name {
				return f
			}
		}
		return nil
	}
	return &object{
		set: func(name string) bool { f := find(name); return f != nil && !f.IsZero(c.Values[name]) },
		get: func(name string) (any, error) {
			f := find(name)
			if f == nil {
				return nil, fmt.Errorf("no such field: %s", name)
			}
			v := c.Values[name]
			if f.IsZero(v) {
				v = nil
			}
			return celValue(f, v), nil
		},
	}
}

func actorObject(a record.Actor) *object {
	get := func(name string) (any, error) {
		switch name {
		case "id":
			return a.UserID.String(), nil
		case "unit":
			return a.Unit().String(), nil
		case "posts":
			return append([]string{}, a.Posts...), nil
		case "roles":
			return append([]string{}, a.Roles...), nil
		case "since":
			return a.Since, nil
		case "system":
			return a.System, nil
		}
		return nil, fmt.Errorf("no such field: %s", name)
	}
	return &object{get: get, set: func(name string) bool { return name != "since" || !a.Since.IsZero() }}
}
