package rule

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"dianke/internal/engine/record"
)

// object is a record, an input or the actor as conditions see it: fields by name, made when asked for.
type object struct {
	set func(name string) bool
	get func(name string) (any, error)
}

const (
	recordPrefix = "dianke.record."
	inputPrefix  = "dianke.input."
	actorType    = "dianke.actor"
)

// provider adds the record types, action inputs and the actor to the types CEL knows.
type provider struct {
	types.Provider
	adapter types.Adapter
	reg     *record.Registry
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if p.fields(name) != nil {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	fields := p.fields(name)
	if fields == nil {
		return p.Provider.FindStructFieldNames(name)
	}
	out := make([]string, 0, len(fields))
	for f := range fields {
		out = append(out, f)
	}
	return out, true
}

func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	fields := p.fields(name)
	if fields == nil {
		return p.Provider.FindStructFieldType(name, field)
	}
	typ, ok := fields[field]
	if !ok {
		return nil, false
	}
	return &types.FieldType{
		Type: typ,
		IsSet: func(target any) bool {
			o, ok := target.(*object)
			return ok && o != nil && o.set(field)
		},
		GetFrom: func(target any) (any, error) {
			o, ok := target.(*object)
			if !ok || o == nil {
				return nil, fmt.Errorf("no such field: %s", field)
			}
			return o.get(field)
		},
	}, true
}

func (p *provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if p.fields(name) != nil {
		return types.NewErr("a condition cannot make a %s", name)
	}
	return p.Provider.NewValue(name, fields)
}

// fields lists what a type of ours has, or nil for a type that is not ours.
func (p *provider) fields(name string) map[string]*types.Type {
	if name == actorType {
		return map[string]*types.Type{
			"id": cel.StringType, "unit": cel.StringType, "posts": cel.ListType(cel.StringType),
			"roles": cel.ListType(cel.StringType), "since": cel.TimestampType, "system": cel.StringType,
		}
	}
	if typ, ok := strings.CutPrefix(name, recordPrefix); ok {
		t := p.reg.Type(typ)
		if t == nil {
			return nil
		}
		out := fieldTypes(append(record.HeadFields(), t.Fields...))
		for _, f := range t.Fields {
			if near, of := nearby(f); near != "" && out[near] == nil && p.reg.Type(of) != nil {
				out[near] = cel.ObjectType(recordPrefix + of)
			}
		}
		return out
	}
	if path, ok := strings.CutPrefix(name, inputPrefix); ok {
		typ, act, _ := strings.Cut(path, ".")
		t := p.reg.Type(typ)
		if t == nil {
			return nil
		}
		return fieldTypes(inputFields(t, act))
	}
	return nil
}

// nearby names the record one step away: customer for customer_id.
func nearby(f *record.Field) (name, typ string) {
	switch f.Kind.Name() {
	case "ref":
		typ = f.Ref
	case "user", "unit":
		typ = f.Kind.Name()
	default:
		return "", ""
	}
	short, ok := strings.CutSuffix(f.Name, "_id")
	if !ok {
		return "", ""
	}
	return short, typ
}

func inputFields(t *record.Type, act string) []*record.Field {
	if a := t.Action(act); a != nil && (!a.General || len(a.Input) > 0) {
		return a.Input
	}
	return t.Fields
}

func fieldTypes(fields []*record.Field) map[string]*types.Type {
	out := make(map[string]*types.Type, len(fields))
	for _, f := range fields {
		out[f.Name] = celType(f)
	}
	return out
}

func celType(f *record.Field) *types.Type {
	switch f.Kind.Name() {
	case "number", "money":
		return cel.IntType
	case "decimal", "percent":
		return cel.DoubleType
	case "bool":
		return cel.BoolType
	case "date", "time":
		return cel.TimestampType
	case "duration":
		return cel.DurationType
	case "multienum", "refs", "files":
		return cel.ListType(cel.StringType)
	case "json":
		return cel.MapType(cel.StringType, cel.DynType)
	}
	return cel.StringType
}

// celValue turns a canonical value into what CEL computes with. Absent numbers are 0, absent times the year 1: ask
// has() where that matters.
func celValue(f *record.Field, v any) any {
	if v == nil {
		switch f.Kind.Name() {
		case "number", "money":
			return int64(0)
		case "decimal", "percent":
			return 0.0
		case "bool":
			return false
		case "date", "time":
			return time.Time{}
		case "duration":
			return time.Duration(0)
		case "multienum", "refs", "files":
			return []string{}
		case "json":
			return map[string]any{}
		}
		return ""
	}
	switch x := v.(type) {
	case record.ID:
		return x.String()
	case []record.ID:
		out := make([]string, len(x))
		for i, id := range x {
			out[i] = id.String()
		}
		return out
	}
	return v
}
