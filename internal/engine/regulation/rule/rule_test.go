package rule_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/rule"
)

type client struct {
	record.Head
	Name  string `rec:"text,required"`
	Grade string `rec:"enum,enum=a|b"`
}

type job struct {
	record.Head
	Title    string     `rec:"text,required"`
	Stage    string     `rec:"state,enum=open|done,default=open"`
	ClientID record.ID  `rec:"ref,ref=client"`
	Due      *time.Time `rec:"time"`
	Price    *int64     `rec:"money"`
	Tags     []string   `rec:"multienum"`
}

type finish struct {
	Result string `rec:"text"`
}

func compiler() *rule.Compiler {
	reg := record.NewRegistry()
	reg.Add(
		record.Declare[client](record.Spec{Name: "client", Plural: "clients", Title: "name"}),
		record.Declare[job](record.Spec{Name: "job", Plural: "jobs", Title: "title", Actions: []*record.Action{
			record.Act("finish", record.ActionSpec{}, func(context.Context, *record.Call, *job, *finish) error { return nil }),
		}}),
	)
	return rule.NewCompiler(reg, []rule.Fact{
		{Name: "open_steps", Args: []rule.Kind{rule.ID}, Result: rule.Int, Call: func(_ context.Context, c *record.Call, args []any) (any, error) {
			if args[0].(record.ID) != c.Record.HeadOf().ID {
				return nil, errors.New("another record")
			}
			return int64(3), nil
		}},
		{Name: "failing", Result: rule.Bool, Call: func(context.Context, *record.Call, []any) (any, error) { return nil, errors.New("disk on fire") }},
		{Name: "has_word", Args: []rule.Kind{rule.Text, rule.Texts}, Result: rule.Bool, Call: func(_ context.Context, _ *record.Call, args []any) (any, error) {
			for _, w := range args[1].([]string) {
				if strings.Contains(args[0].(string), w) {
					return true, nil
				}
			}
			return false, nil
		}},
	})
}

func call(c *rule.Compiler) rule.Input {
	reg := record.NewRegistry()
	due := time.Date(2026, 3, 3, 2, 0, 0, 0, time.UTC)
	typ := record.Declare[job](record.Spec{Name: "job", Plural: "jobs", Title: "title", Actions: []*record.Action{
		record.Act("finish", record.ActionSpec{}, func(context.Context, *record.Call, *job, *finish) error { return nil }),
	}})
	reg.Add(typ)
	return rule.Input{
		Call: &record.Call{
			Type: typ, Action: typ.Action("finish"), Record: &job{Head: record.Head{ID: 77}, Title: "修空调", Stage: "done", ClientID: 5, Due: &due, Tags: []string{"vip"}},
			Before: &job{Title: "修空调", Stage: "open"}, Values: map[string]any{"result": "已修好"},
			Scope: record.Scope{Actor: record.Actor{UserID: 9, Posts: []string{"manager"}}}, Now: due.Add(-time.Hour),
		},
		Params: map[string]any{"words": []string{"保证", "承诺"}, "limit": int64(2), "yuan": float64(200), "rates": []any{float64(3), 0.5}},
		Work:   func(a, b time.Time) (time.Duration, error) { return b.Sub(a) / 2, nil },
		Load: func(_ context.Context, typ string, id record.ID) (record.Entity, error) {
			return &client{Name: "甲公司", Grade: "a"}, nil
		},
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	c := compiler()
	for src, want := range map[string]bool{
		`record.stage == "done" && before.stage == "open"`:      true,
		`has(record.due) && record.due - now == duration("1h")`: true,
		`has(record.price)`:                             false,
		`record.price > 0`:                              false,
		`input.result == ""`:                            false,
		`"manager" in actor.posts && actor.id != ""`:    true,
		`open_steps(record.id) > param.limit`:           true,
		`has_word("我们承诺退费", param.words)`:               true,
		`has_word("我们会调查", ["保证"])`:                     false,
		`work(now, record.due) == duration("30m")`:      true,
		`record.client.grade == "a"`:                    true,
		`record.tags.exists(t, t == "vip")`:             true,
		`record.client_id == ""`:                        false,
		`param.yuan * 100 == 20000`:                     true,
		`param.rates[0] + 1 == 4 && param.rates[1] < 1`: true,
		`size(record.title) == 3`:                       true,
	} {
		p, err := c.Compile(src, rule.Subject{Type: "job", Action: "finish"}, rule.Bool)
		if err != nil {
			t.Errorf("compile %s: %v", src, err)
			continue
		}
		if got, err := p.Bool(context.Background(), call(c)); err != nil || got != want {
			t.Errorf("%s = %v, %v; want %v", src, got, err, want)
		}
	}
}

func TestMistakesHaveAPosition(t *testing.T) {
	t.Parallel()
	c := compiler()
	for src, want := range map[string]string{
		`record.colour == "red"`:                 "undefined field 'colour'",
		"record.stage == \"done\" &&\n  nobody":  "undeclared reference to 'nobody'",
		`record.stage`:                           "gives string, want bool",
		`record.stage == 1`:                      "no matching overload",
		`open_steps(1) > 0`:                      "no matching overload",
		`open_steps(record.id`:                   "Syntax error",
		`input.nothing == ""`:                    "undefined field 'nothing'",
		`@context == @context`:                   "Syntax error",
		`record.stage.matches("((")`:             "cannot read this pattern",
		`record.stage.matches("(a{999}){999}")`:  "cannot read this pattern",
		strings.Repeat("true && ", 600) + "true": "longer than",
	} {
		_, err := c.Compile(src, rule.Subject{Type: "job", Action: "finish"}, rule.Bool)
		var issue *rule.Issue
		if !errors.As(err, &issue) || !strings.Contains(issue.Message, want) || issue.Line < 1 || issue.Column < 1 {
			t.Errorf("%.40s: %v, want an issue with %q", src, err, want)
		}
	}
	var issue *rule.Issue
	_, err := c.Compile("record.stage == \"done\" &&\n  nobody", rule.Subject{Type: "job", Action: "finish"}, rule.Bool)
	if !errors.As(err, &issue) || issue.Line != 2 || issue.Column != 3 {
		t.Errorf("position of nobody: %v", err)
	}
}

func TestNothingRunsWithoutEnd(t *testing.T) {
	t.Parallel()
	c := compiler()
	big := "[" + strings.TrimSuffix(strings.Repeat("1,", 60), ",") + "]"
	src := big + ".all(a, " + big + ".all(b, " + big + ".all(c, a+b+c > 0)))"
	p, err := c.Compile(src, rule.Subject{Type: "job", Action: "finish"}, rule.Bool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Bool(context.Background(), call(c)); err == nil {
		t.Error("216,000 steps were not stopped")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Bool(ctx, call(c)); err == nil {
		t.Error("a cancelled evaluation went on")
	}
}

func TestFaultOfAFactIsNotSwallowed(t *testing.T) {
	t.Parallel()
	c := compiler()
	p, err := c.Compile(`failing() || true`, rule.Subject{Type: "job", Action: "finish"}, rule.Bool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Bool(context.Background(), call(c)); err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("err = %v", err)
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`record.stage == "done"`, `open_steps(record.id) > 0`, `[1].all(x, x > 0)`, "\"", "@", "record.客户"} {
		f.Add(s)
	}
	c := compiler()
	f.Fuzz(func(t *testing.T, src string) {
		p, err := c.Compile(src, rule.Subject{Type: "job", Action: "finish"}, rule.Bool)
		if err == nil {
			_, _ = p.Bool(context.Background(), call(c))
		}
	})
}

func BenchmarkEval(b *testing.B) {
	c := compiler()
	p, err := c.Compile(`record.stage == "done" && open_steps(record.id) > param.limit`, rule.Subject{Type: "job", Action: "finish"}, rule.Bool)
	if err != nil {
		b.Fatal(err)
	}
	in := call(c)
	for b.Loop() {
		if _, err := p.Bool(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
}
