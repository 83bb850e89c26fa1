// Package condition helps people who do not program to write the condition of a clause, and tries a condition on what
// really happened.
//
// [Operands] lists what can be asked of a record, [Write] turns chosen comparisons into CEL, [Lab.Try] evaluates a
// condition on the past events of the records somebody may read. The package stores nothing and changes nothing.
package condition

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/errs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Op is a comparison people choose.
type Op string

// The comparisons. Older and Within count days before now, until the instant asked about.
const (
	Is       Op = "is"
	IsNot    Op = "is_not"
	Contains Op = "contains"
	Lacks    Op = "lacks"
	Above    Op = "above"
	Below    Op = "below"
	Empty    Op = "empty"
	Filled   Op = "filled"
	Older    Op = "older"
	Within   Op = "within"
	Yes      Op = "yes"
	No       Op = "no"
	Mine     Op = "mine"
	NotMine  Op = "not_mine"
)

// Needs reports whether the comparison needs a value.
func (o Op) Needs() bool {
	return slices.Contains([]Op{Is, IsNot, Contains, Lacks, Above, Below, Older, Within}, o)
}

// Operand is something that can be asked of a record: one of its fields, or a fact a room offers about it.
type Operand struct {
	Key   string // "field.<name>" or "fact.<name>"
	Field *record.Field
	Fact  *rule.Fact
	Ops   []Op
}

// Operands lists what can be asked of records of the type, fields first, in the order of declaration.
func Operands(t *record.Type, facts []rule.Fact) []Operand {
	var out []Operand
	for _, f := range t.Fields {
		if ops := opsOf(f); len(ops) > 0 {
			out = append(out, Operand{Key: "field." + f.Name, Field: f, Ops: ops})
		}
	}
	for i := range facts {
		f := &facts[i]
		if len(f.Args) != 1 || f.Args[0] != rule.ID {
			continue
		}
		if ops := factOps(f.Result); len(ops) > 0 {
			out = append(out, Operand{Key: "fact." + f.Name, Fact: f, Ops: ops})
		}
	}
	return out
}

func opsOf(f *record.Field) []Op {
	switch f.Kind.Name() {
	case "text", "longtext", "phone", "email", "address", "creditcode":
		return []Op{Empty, Filled, Is, IsNot, Contains, Lacks}
	case "enum", "state":
		return []Op{Is, IsNot, Empty, Filled}
	case "number", "money", "decimal", "percent", "duration":
		return []Op{Above, Below, Is}
	case "bool":
		return []Op{Yes, No}
	case "date", "time":
		return []Op{Empty, Filled, Older, Within}
	case "user":
		return []Op{Empty, Filled, Mine, NotMine}
	case "ref", "unit":
		return []Op{Empty, Filled}
	case "multienum":
		return []Op{Contains, Lacks, Empty, Filled}
	case "refs", "files":
		return []Op{Empty, Filled}
	}
	return nil
}

func factOps(k rule.Kind) []Op {
	switch k {
	case rule.Bool:
		return []Op{Yes, No}
	case rule.Int, rule.Float:
		return []Op{Above, Below, Is}
	case rule.Time:
		return []Op{Older, Within}
	case rule.Texts:
		return []Op{Empty, Filled, Contains, Lacks}
	}
	return nil
}

// Test is one chosen comparison.
type Test struct {
	Operand Operand
	Op      Op
	Value   string // as typed: money in yuan, durations as 30m or 2h, days as a whole number
}

// Write turns the tests into a condition in CEL, joined by "and", or by "or" where any is set. Faults name "op-<n>" or
// "value-<n>".
func Write(tests []Test, any bool) (string, error) {
	var parts []string
	var faults []*errs.Error
	for i, t := range tests {
		text, fault := t.cel(i)
		if fault != nil {
			faults = append(faults, fault)
			continue
		}
		parts = append(parts, text)
	}
	if err := errs.Collect(faults); err != nil {
		return "", err
	}
	join := " && "
	if any {
		join = " || "
	}
	return strings.Join(parts, join), nil
}

func (t Test) cel(i int) (string, *errs.Error) {
	if !slices.Contains(t.Operand.Ops, t.Op) {
		return "", errs.Of(fmt.Sprintf("op-%d", i), "condition.no_op")
	}
	if t.Op.Needs() && strings.TrimSpace(t.Value) == "" {
		return "", errs.Of(fmt.Sprintf("value-%d", i), "condition.no_value")
	}
	left, kind := t.left()
	value, ok := literal(kind, t.Op, strings.TrimSpace(t.Value))
	if !ok {
		return "", errs.Of(fmt.Sprintf("value-%d", i), "condition.bad_value."+kind)
	}
	return expression(left, kind, t.Op, value), nil
}

// left is what stands left of the comparison, and what kind of value it is.
func (t Test) left() (text, kind string) {
	if f := t.Operand.Fact; f != nil {
		kinds := map[rule.Kind]string{rule.Bool: "bool", rule.Int: "number", rule.Float: "decimal", rule.Time: "time", rule.Texts: "list"}
		return f.Name + "(record.id)", kinds[f.Result]
	}
	f := t.Operand.Field
	kinds := map[string]string{
		"enum": "text", "state": "text", "longtext": "text", "phone": "text", "email": "text", "address": "text", "creditcode": "text", "user": "text", "ref": "text",
		"unit": "text", "percent": "decimal", "date": "time", "multienum": "list", "refs": "list", "files": "list",
	}
	kind = kinds[f.Kind.Name()]
	if kind == "" {
		kind = f.Kind.Name()
	}
	return "record." + f.Name, kind
}

// literal writes a typed value as CEL; false where it is none of the kind.
func literal(kind string, op Op, v string) (string, bool) {
	if !op.Needs() {
		return "", true
	}
	if op == Older || op == Within {
		n, err := strconv.Atoi(v)
		return fmt.Sprintf("duration(\"%dh\")", n*24), err == nil && n > 0 && n < 40_000
	}
	switch kind {
	case "number":
		n, err := strconv.ParseInt(v, 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	case "money":
		f, err := strconv.ParseFloat(v, 64)
		return strconv.FormatInt(int64(f*100+0.5), 10), err == nil && f >= 0 && f < 1e12
	case "decimal":
		f, err := strconv.ParseFloat(strings.TrimSuffix(v, "%"), 64)
		text := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0" // CEL compares a double with a double
		}
		return text, err == nil
	case "duration":
		d, err := time.ParseDuration(v)
		return fmt.Sprintf("duration(%q)", d.String()), err == nil
	}
	return strconv.Quote(v), true
}

func expression(left, kind string, op Op, value string) string {
	switch op {
	case Is:
		return left + " == " + value
	case IsNot:
		return left + " != " + value
	case Above:
		return left + " > " + value
	case Below:
		return left + " < " + value
	case Yes:
		return left
	case No:
		return "!" + left
	case Mine:
		return left + " == actor.id"
	case NotMine:
		return left + " != actor.id"
	case Older:
		return present(left, kind) + "now - " + left + " > " + value
	case Within:
		return present(left, kind) + "now - " + left + " <= " + value
	}
	return shape(left, kind, op, value)
}

// present guards the age of an instant that may be absent.
func present(left, kind string) string {
	if kind == "time" && strings.HasPrefix(left, "record.") {
		return "has(" + left + ") && "
	}
	return ""
}

func shape(left, kind string, op Op, value string) string {
	empty, has := left+` == ""`, left+".contains("+value+")"
	switch kind {
	case "time":
		empty = "!has(" + left + ")"
	case "list":
		empty, has = "size("+left+") == 0", value+" in "+left
	}
	switch op {
	case Empty:
		return empty
	case Filled:
		return "!(" + empty + ")"
	case Contains:
		return has
	}
	return "!(" + has + ")"
}
