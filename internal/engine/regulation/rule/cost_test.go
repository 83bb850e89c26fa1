package rule_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/platform/errs"
)

var sixty = "[" + strings.TrimSuffix(strings.Repeat("1,", 60), ",") + "]"

func TestWhatWouldRunForEverIsNotTaken(t *testing.T) {
	t.Parallel()
	c := compiler()
	for src, at := range map[string][2]int{
		sixty + ".all(a,\n " + sixty + ".all(b,\n  " + sixty + ".all(c,\n   " + sixty + ".all(d, a+b+c+d > 0))))":       {4, 187},
		"record.tags.all(a, record.tags.all(b, record.tags.all(c, record.tags.all(d, a != b && c != d))))":              {1, 74},
		"record.stage != '' &&\n  " + sixty + ".exists(a, " + sixty + ".exists(b, " + sixty + ".exists(c, failing())))": {2, 0},
	} {
		_, err := c.Compile(src, rule.Subject{Type: "job", Action: "finish"}, rule.Bool)
		var issue *rule.Issue
		if !errors.As(err, &issue) || !strings.Contains(issue.Message, "steps") || issue.Line != at[0] || issue.Column < 2 {
			t.Errorf("%.40s: %v, want an issue at %v", src, err, at)
		}
	}
}

func TestFailuresNameTheClause(t *testing.T) {
	t.Parallel()
	calls, loads := 0, 0
	reg := record.NewRegistry()
	reg.Add(
		record.Declare[client](record.Spec{Name: "client", Plural: "clients", Title: "name"}),
		record.Declare[job](record.Spec{Name: "job", Plural: "jobs", Title: "title", Actions: []*record.Action{
			record.Act("finish", record.ActionSpec{}, func(context.Context, *record.Call, *job, *finish) error { return nil }),
		}}),
	)
	c := rule.NewCompiler(reg, []rule.Fact{{Name: "asked", Result: rule.Bool, Call: func(context.Context, *record.Call, []any) (any, error) {
		calls++
		return true, nil
	}}})
	in := call(c)
	in.Clause, in.Load = "r01.1", func(context.Context, string, record.ID) (record.Entity, error) {
		loads++
		return &client{Grade: "a"}, nil
	}
	for src, key := range map[string]string{
		sixty + ".all(a, " + sixty + ".all(b, asked()))":                    "regulation.too_dear",
		sixty + ".all(a, " + sixty + ".all(b, " + sixty + ".all(c, true)))": "regulation.too_dear",
		"1 / (param.limit - param.limit) > 0":                               "regulation.cannot_judge",
		"param.nothing > 0":                                                 "regulation.cannot_judge",
		`param.words > 0`:                                                   "regulation.cannot_judge",
		sixty + `.all(a, record.client.grade == "a")`:                       "",
	} {
		p, err := c.Compile(src, rule.Subject{Type: "job", Action: "finish"}, rule.Bool)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Bool(context.Background(), in)
		if e := errs.As(err); errs.KeyOf(err) != key || e != nil && (e.Kind != errs.Conflict || e.Args["clause"] != "r01.1") {
			t.Errorf("%.60s: %v, want %s", src, err, key)
		}
	}
	if calls > 501 || loads != 1 {
		t.Errorf("a fact was asked %d times, a record loaded %d times", calls, loads)
	}
}
