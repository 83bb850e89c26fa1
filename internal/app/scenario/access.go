package scenario

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/field"

	"github.com/rogpeppe/go-internal/testscript"
)

// reveal VAR reason=TEXT [field=NAME]: the actor asks to see masked fields; all of them where none is named.
func reveal(ts *testscript.TestScript, _ bool, args []string) {
	want(ts, len(args) >= 1, "reveal VAR reason=TEXT [field=NAME]")
	w := worldOf(ts)
	r, ok := w.vars[args[0]]
	want(ts, ok, "reveal VAR, with a VAR that was named before")
	in := w.input(ts, args[1:])
	reason, _ := in["reason"].(string)
	var names []string
	if name, _ := in["field"].(string); name != "" {
		names = []string{name}
	}
	w.begin(ts)
	_, w.last = w.app.Records.Reveal(ctx, w.actor, r.typ, r.id, names, reason)
}

// exportCmd is export TYPE purpose=TEXT [FIELD=VALUE …] [-> TEXT…]: the actor takes a list out as a file; what follows
// the arrow must stand in it, and nothing may where the export fails.
func exportCmd(ts *testscript.TestScript, _ bool, args []string) {
	const usage = "export TYPE purpose=TEXT [FIELD=VALUE …] [-> TEXT …]"
	want(ts, len(args) >= 1, usage)
	w := worldOf(ts)
	var expected []string
	if i := slices.Index(args, "->"); i > 0 {
		args, expected = args[:i], args[i+1:]
	}
	t := w.app.Types.Type(args[0])
	want(ts, t != nil, usage)
	x := access.Extraction{Type: args[0]}
	var all []record.Filter
	for name, v := range w.input(ts, args[1:]) {
		text, _ := v.(string)
		if name == "purpose" {
			x.Purpose = text
			continue
		}
		f := t.Field(name)
		want(ts, f != nil, usage)
		value, err := f.Parse(text)
		if err != nil {
			ts.Fatalf("%v", err)
		}
		all = append(all, record.Filter{Field: name, Op: field.Eq, Value: value})
	}
	x.Query.Filter = record.All(all...)
	var file bytes.Buffer
	w.begin(ts)
	w.last = w.app.Records.Export(ctx, w.actor, x, &file)
	if w.last != nil && file.Len() > 0 {
		ts.Fatalf("a file was written although: %v", w.last)
	}
	for _, text := range expected {
		if w.last == nil && !strings.Contains(file.String(), text) {
			ts.Fatalf("%q is not in the file:\n%s", text, file.String())
		}
	}
}

// manyCmd is many N COMMAND …: the command is run N times; {n} in it stands for the number of the run.
func manyCmd(ts *testscript.TestScript, neg bool, args []string) {
	n := 0
	if len(args) >= 2 {
		n, _ = strconv.Atoi(args[0])
	}
	want(ts, n > 0 && n <= 500, "many N COMMAND …")
	run := commands()[args[1]]
	want(ts, run != nil, "many N COMMAND …, with a command of this language")
	for i := range n {
		line := slices.Clone(args[2:])
		for j := range line {
			line[j] = strings.ReplaceAll(line[j], "{n}", strconv.Itoa(i+1))
		}
		run(ts, neg, line)
	}
}
